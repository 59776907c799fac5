/* SPDX-License-Identifier: ISC */
/*
 * The RRsets of owner names for a decision: from the cache, from the DNS, and
 * where that is out of reach from what the cache can still prove.  A fresh
 * entry costs no query; of several processes that miss one name one asks, and
 * the others wait for it, but not for long.
 */
#ifndef DANCE_LOOKUP_H
#define DANCE_LOOKUP_H

#include "policy.h"
#include "resolver.h"

/*
 * As dance_resolver_lookup(), by the policy's cache and its resolver, which is
 * made when it is first needed.  Every name is to be asked for
 * (lookup->asking is NULL).  Returns 0, DANCE_ERR_CONFIG with a fault, or
 * DANCE_ERR_INTERNAL; rrsets are to be cleared only after 0.
 */
int dance_policy_lookup(struct dance_policy *policy,
    const struct dance_lookup *lookup, struct dance_rrset *rrsets,
    struct dance_fault *fault);

#endif
