/* SPDX-License-Identifier: ISC */
/*
 * An answer of yesterday, judged today: libunbound validates what the cache
 * has kept, from the trust anchor down, as if it came from the DNS.  Nothing
 * leaves the host.
 */
#ifndef DANCE_OFFLINE_H
#define DANCE_OFFLINE_H

#include "resolver.h"

/*
 * Validate a proof for the TLSA RRset at an owner name, until the deadline
 * (CLOCK_MONOTONIC).  Fills *ret, whose source is "offline" then.  Returns 0,
 * whatever the answer; DANCE_ERR_CONFIG with a fault; or DANCE_ERR_INTERNAL.
 */
int dance_offline_judge(const struct dance_config *config,
    const struct dance_anchors *anchors, const char *owner,
    const struct dance_proof_set *proof, int64_t deadline_ms,
    struct dance_rrset *ret, struct dance_fault *fault);

#endif
