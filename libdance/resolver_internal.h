/* SPDX-License-Identifier: ISC */
/*
 * The parts of the resolver, for resolver.c and its tests alone: making a
 * libunbound context, planning what is asked beside the names, and reading
 * results.
 */
#ifndef DANCE_RESOLVER_INTERNAL_H
#define DANCE_RESOLVER_INTERNAL_H

#include <unbound.h>

#include "resolver.h"

#define DANCE_DNS_CLASS_IN    1
#define DANCE_DNS_TYPE_DS     43
#define DANCE_DNS_TYPE_DNSKEY 48
#define DANCE_DNS_TYPE_TLSA   52
#define DANCE_PRIME_MAX	      256 /* questions beside the names */

/* A question that fills a context's cache; zone borrows or is ".". */
struct dance_prime {
	const char *zone;
	int type;
};

/*
 * A context that asks one upstream, finalized: its options, stubs and anchors
 * were understood, and no file is opened after this.  Free with
 * ub_ctx_delete().  Returns 0, DANCE_ERR_CONFIG with a fault, or
 * DANCE_ERR_INTERNAL.
 */
int dance_context_new(const struct dance_config *config,
    const struct dance_anchors *anchors, const struct dance_upstream *upstream,
    struct ub_ctx **ret, struct dance_fault *fault);

/* The upstream as faults name it: its address, or "recursion". */
const char *dance_upstream_name(const struct dance_upstream *upstream);

/*
 * What validation of the owners will need: DNSKEY of the anchor's zone, DS and
 * DNSKEY of every name between it and the owner.  Only the closest anchor
 * above an owner counts, since libunbound starts at that one.  Nothing that is
 * not an ancestor of an owner, nothing twice.  Fills list[0..max-1], borrowing
 * from owners, and returns how many.
 */
size_t dance_prime_plan(const struct dance_anchors *anchors,
    const char *const *owners, size_t n, struct dance_prime *list, size_t max);

/*
 * Judge a result of libunbound: err as its callback gets it, result may be
 * NULL.  Fills an empty rrset; name is who was asked.
 */
void dance_result_read(int err, const struct ub_result *result,
    const char *name, struct dance_rrset *ret);

/* printf behind what why says, with "; " between; printable ASCII only. */
void dance_why_add(struct dance_rrset *rrset, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
