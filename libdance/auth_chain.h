/* SPDX-License-Identifier: ISC */
/*
 * The auth chain of a TLSA RRset, walked link by link (RFC 4035, section 5):
 * is there a path of signatures from a trust anchor that counts on strong keys
 * and digests alone?
 *
 * libunbound calls an answer secure when any path holds, and does not say
 * which.  So the walk verifies each signature that it counts on by itself: what
 * only a weak key or digest vouches for is then not proven, whatever else
 * stands beside it.  It is a condition more, never one less: nothing is
 * accepted that libunbound has not called secure.
 *
 * It holds for all that is in a positive answer: records, aliases of each kind,
 * and where a wildcard made one of them the denial of a closer name too.  A
 * whole denial is not walked, since nobody comes in by it.
 *
 * Bounds (CVE-2023-50387: many keys times many signatures): the numbers below,
 * and the deadline, which is looked at before each signature.
 */
#ifndef DANCE_AUTH_CHAIN_H
#define DANCE_AUTH_CHAIN_H

#include <stdint.h>

#include "auth_key.h"
#include "resolver.h"

#define DANCE_AUTH_ZONES_MAX	  24 /* of all paths of one answer */
#define DANCE_AUTH_ZONE_KEYS_MAX  32 /* of one DNSKEY RRset */
#define DANCE_AUTH_DS_MAX	  32 /* of one DS RRset, or of anchors */
#define DANCE_AUTH_SIGNATURES_MAX 16 /* of one RRset */
#define DANCE_AUTH_SECTION_MAX	  96 /* signatures of an answer's section */
#define DANCE_AUTH_VERIFIED_MAX	  96 /* signatures verified in one walk */
#define DANCE_AUTH_ALIASES_MAX	  16 /* of one answer */
#define DANCE_AUTH_DENIALS_MAX	  16 /* NSEC and NSEC3 RRsets of one answer */
#define DANCE_AUTH_KEYS_MAX	  64 /* that are told of */

/* What is to be walked; all borrowed. */
struct dance_auth_question {
	const struct dance_anchors *anchors;
	unsigned min_rsa;	   /* bits */
	const char *owner;	   /* of the TLSA RRset */
	struct dance_bytes packet; /* the answer with it */
	int64_t deadline_ms;	   /* CLOCK_MONOTONIC */
	/*
	 * The answer at a zone's name, of type DS or DNSKEY; without data if
	 * there is none.
	 */
	struct dance_bytes (*find)(
	    const void *arg, const char *name, uint16_t type);
	const void *arg;
};

/* What a walk has seen. */
struct dance_auth_path {
	/* Keys of the zones on the path, weak ones too; from below upwards. */
	struct dance_auth_key keys[DANCE_AUTH_KEYS_MAX];
	size_t n_keys;
	/* An answer that could not be found; "": none. */
	char missing[DANCE_NAME_MAX + 2];
	uint16_t missing_type;
	char why[DANCE_WHY_MAX]; /* of a refusal or fault; printable */
};

/*
 * Walk.  Fills *ret.  Returns 0 where strong signatures alone lead from an
 * anchor to all of the answer; DANCE_ERR_WEAK_DNSSEC where at some place only
 * something weak vouches; DANCE_ERR_DNS_FAILURE where that can't be told: an
 * answer is missing (ret->missing), signatures and keys do not belong together,
 * a bound or the deadline is reached; DANCE_ERR_INTERNAL without memory.
 */
int dance_auth_chain_walk(
    const struct dance_auth_question *question, struct dance_auth_path *ret);

/* To find what is wanted in a proof, a struct dance_proof_set. */
struct dance_bytes dance_auth_proof_find(
    const void *arg, const char *name, uint16_t type);

#endif
