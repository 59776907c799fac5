/* SPDX-License-Identifier: ISC */
/*
 * TLSA RRsets with their DNSSEC state, for several names at once, under one
 * deadline.  libunbound stands behind these functions alone, so that a test
 * can put a scripted resolver, and later a cache, in its place.
 */
#ifndef DANCE_RESOLVER_H
#define DANCE_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "anchor.h"
#include "clock.h"
#include "config.h"
#include "error.h"
#include "tlsa.h"

#define DANCE_WHY_MAX 256 /* the validator's explanation, with NUL */

/* RFC 4035, section 4.3, and "no answer" beside it. */
enum dance_dnssec {
	DANCE_DNSSEC_UNKNOWN, /* no answer was had: a fault */
	DANCE_DNSSEC_SECURE,
	DANCE_DNSSEC_INSECURE, /* or under no trust anchor */
	DANCE_DNSSEC_BOGUS,
};

/* What is known of one owner name. */
struct dance_rrset {
	enum dance_dnssec dnssec;
	bool is_denied;	   /* secure NXDOMAIN or NODATA */
	bool is_wildcard;  /* a wildcard made it, or an alias to it */
	bool is_too_large; /* more than the limits of tlsa.h */
	struct dance_tlsa records[DANCE_RRSET_MAX];
	size_t n_records;
	uint8_t *rdata; /* owned; the records borrow from it */
	char canonical[DANCE_NAME_MAX + 2]; /* end of an alias chain, or "" */
	time_t valid_until;	 /* min of TTLs and signatures, absolute */
	char why[DANCE_WHY_MAX]; /* of bogus and unknown; printable */
	const char *source;	 /* "dns"; static text */
};

struct dance_resolver;

/*
 * Make a resolver; everything that needs a file is done here, so that the
 * caller may give up the file system afterwards.  config and anchors must
 * outlive it.
 * Returns 0, DANCE_ERR_CONFIG with a fault, or DANCE_ERR_INTERNAL.
 */
int dance_resolver_new(const struct dance_config *config,
    const struct dance_anchors *anchors, struct dance_resolver **ret,
    struct dance_fault *fault);

/* What is asked. */
struct dance_lookup {
	const char *const *owners;
	size_t n;
	int64_t deadline_ms; /* CLOCK_MONOTONIC */
	/*
	 * Called after each answer: is what is settled enough?  What is not is
	 * then left unknown.  NULL: all names are waited for.
	 */
	bool (*is_enough)(const bool *is_settled, void *arg);
	void *arg;
};

/*
 * Ask for the TLSA RRsets at the owner names, all at once, until the deadline.
 * Fills rrsets[0..n-1]; a name without an answer by then has
 * DANCE_DNSSEC_UNKNOWN.  Records are not yet selected.
 * Returns 0 or DANCE_ERR_INTERNAL.  Free each with dance_rrset_clear().
 */
int dance_resolver_lookup(struct dance_resolver *resolver,
    const struct dance_lookup *lookup, struct dance_rrset *rrsets);

/* Free and set to NULL; takes NULL. */
void dance_resolver_free(struct dance_resolver **resolver);

/* Free what an RRset owns and make it empty. */
void dance_rrset_clear(struct dance_rrset *rrset);

/*
 * Fill an RRset from rdata that need not stay: the records, or is_too_large.
 * Returns 0 or DANCE_ERR_INTERNAL without memory.
 */
int dance_rrset_fill(
    struct dance_rrset *rrset, const struct dance_bytes *rdata, size_t n);

/* "secure", "insecure", "bogus" or "unknown". */
const char *dance_dnssec_name(enum dance_dnssec dnssec);

#endif
