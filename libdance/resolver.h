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

/* RFC 4035, section 4.3, with "no answer" and "by weak keys" beside it. */
enum dance_dnssec {
	DANCE_DNSSEC_UNKNOWN, /* no answer was had: a fault */
	DANCE_DNSSEC_SECURE,
	DANCE_DNSSEC_INSECURE, /* or under no trust anchor */
	DANCE_DNSSEC_BOGUS,
	DANCE_DNSSEC_WEAK, /* secure by keys or digests that don't count */
};

/* An answer packet as it came, with its signatures. */
struct dance_signed_answer {
	const char *name; /* lower case, no last dot; "." for the root */
	uint16_t type;
	struct dance_bytes packet;
};

#define DANCE_PROOF_MAX 64 /* signed answers */

/* What shows that an RRset is secure: itself, and all keys up to an anchor. */
struct dance_proof_set {
	struct dance_signed_answer list[DANCE_PROOF_MAX]; /* all borrowed */
	size_t n;
	time_t valid_until;  /* first end of a TTL among the keys */
	time_t signed_until; /* first end of a signature, of the RRset's too */
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
	char why[DANCE_WHY_MAX]; /* of bogus, weak, unknown; printable */
	const char *source;	 /* "dns", "cache", "offline"; static text */
	/*
	 * Of unknown: all servers had answers of no use, or there was none for
	 * a good part of the timeout, over all lookups of the resolver, while
	 * this process could send to them.  See enum dance_failure.
	 */
	bool has_failed;
	uint8_t *packet; /* owned: the answer, of data that was secure */
	size_t packet_len;
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

/* What is to be done with a name of a lookup. */
enum dance_asking {
	DANCE_ASK,
	DANCE_ASK_SETTLED, /* no: its RRset is there */
	DANCE_ASK_OMITTED, /* no: it stays unknown for now */
};

/* What shows that the servers of a name have failed, and not this process. */
enum dance_failure {
	DANCE_FAILURE_ANSWERED, /* they have answered something, or silence */
	DANCE_FAILURE_SILENCE,	/* the time has passed, whatever they said */
};

/* What is asked. */
struct dance_lookup {
	const char *const *owners;
	size_t n;
	const enum dance_asking *asking; /* NULL: all are asked for */
	int64_t deadline_ms;		 /* CLOCK_MONOTONIC */
	enum dance_failure failure;
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
 * DANCE_DNSSEC_UNKNOWN.  RRsets of names that are not asked for are left as
 * they are.  Records are not yet selected.
 * Returns 0 or DANCE_ERR_INTERNAL.  Free each with dance_rrset_clear().
 */
int dance_resolver_lookup(struct dance_resolver *resolver,
    const struct dance_lookup *lookup, struct dance_rrset *rrsets);

/*
 * What proves a secure RRset that this resolver has just found at the owner
 * name.  Most of it has been asked for with the name itself; what is not there
 * yet is waited for until the deadline.  *ret borrows from the resolver and the
 * RRset.  Returns 0; DANCE_ERR_DNS_FAILURE if something is missing then or is
 * more than fits; DANCE_ERR_INTERNAL.
 */
int dance_resolver_prove(struct dance_resolver *resolver, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    struct dance_proof_set *ret);

struct dance_auth_path;

/*
 * The keys of the zones on the path to data, secure or weak, that this
 * resolver has just found at the owner name (auth_chain.h); all that were had
 * by the deadline.  Returns as dance_auth_chain_walk().
 */
int dance_resolver_path(struct dance_resolver *resolver, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    struct dance_auth_path *ret);

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

/* "secure", "insecure", "bogus", "weak" or "unknown". */
const char *dance_dnssec_name(enum dance_dnssec dnssec);

#endif
