/* SPDX-License-Identifier: ISC */
/*
 * TLSA records (RFC 6698, RFC 7671): which of an RRset are usable, digest
 * agility, and the comparison with keys.
 */
#ifndef DANCE_TLSA_H
#define DANCE_TLSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define DANCE_RRSET_MAX	      64    /* records; more are refused whole */
#define DANCE_RRSET_BYTES_MAX 65536 /* octets of rdata in all */

/* RFC 7218 names the numbers of RFC 6698, section 2.1. */
#define DANCE_USAGE_PKIX_TA   0
#define DANCE_USAGE_PKIX_EE   1
#define DANCE_USAGE_DANE_TA   2
#define DANCE_USAGE_DANE_EE   3
#define DANCE_SELECTOR_CERT   0
#define DANCE_SELECTOR_SPKI   1
#define DANCE_MATCHING_FULL   0
#define DANCE_MATCHING_SHA256 1
#define DANCE_MATCHING_SHA512 2

#define DANCE_USAGE_BIT(u) (1U << (u))

/* data borrows from the rdata that was parsed. */
struct dance_tlsa {
	uint8_t usage;
	uint8_t selector;
	uint8_t matching;
	struct dance_bytes data;
	bool is_usable; /* set by dance_tlsa_select() */
};

/*
 * Split the rdata of one record.  Values that no program uses are kept, since
 * they make the record unusable, not malformed.  Returns 0, or
 * DANCE_ERR_FORMAT below four octets (RFC 6698, section 2.1).
 */
int dance_tlsa_parse(struct dance_bytes rdata, struct dance_tlsa *ret);

/*
 * "U S M HEX", as in a zone file.  *ret_rdata is malloced, the caller frees
 * it; returns 0, DANCE_ERR_FORMAT, or DANCE_ERR_INTERNAL without memory.
 */
int dance_tlsa_from_text(const char *text, struct dance_bytes *ret_rdata);

/*
 * Mark the records that count: known values, the digest's length (RFC 7671,
 * section 9), complete DER for Full(0), usage and selector among those that
 * the credential can meet at all (allowed: DANCE_USAGE_BIT values for each
 * selector); then, for each usage and selector, only the strongest digest and
 * Full(0).  Returns the number of usable records.
 */
size_t dance_tlsa_select(
    struct dance_tlsa *records, size_t n, const unsigned allowed[2]);

/*
 * Does the association data fit the subject (the DER of a certificate or SPKI,
 * whichever the selector says)?  Returns 0, DANCE_ERR_MISMATCH, or
 * DANCE_ERR_INTERNAL if that can't be found out.
 */
int dance_tlsa_compare(
    const struct dance_tlsa *record, struct dance_bytes subject);

/*
 * The association data for a subject.  *ret is malloced.  Returns 0,
 * DANCE_ERR_FORMAT for an unknown matching type, or DANCE_ERR_INTERNAL.
 */
int dance_tlsa_digest(uint8_t matching, struct dance_bytes subject,
    uint8_t **ret, size_t *ret_len);

#endif
