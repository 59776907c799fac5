/* SPDX-License-Identifier: ISC */
/*
 * What libunbound does not tell of an answer that it validated, read from the
 * answer packet: whether a wildcard made it, for how long it may be used, and
 * when its signatures end.
 */
#ifndef DANCE_ANSWER_H
#define DANCE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct dance_answer {
	bool is_wildcard; /* an RRSIG counts fewer labels than its owner */
	bool is_odd;	  /* an RRSIG that no honest signer makes */
	time_t expires;	  /* first end of a signature; 0 without any */
	uint32_t ttl;	  /* seconds that were signed; 0 without a signature */
};

/*
 * Read the answer section of a packet, and the signatures of the authority
 * section.  is_odd: labels above the owner's or below the signer's, or an
 * owner that is not below the signer (RFC 4034, section 3.1; the validator of
 * old releases did not look), or TLSA records without any signature.
 * is_wildcard: also for records that stand at a "*" itself.
 * ttl: the least of all TTLs, those of the signatures and their original TTLs
 * included (RFC 4035, section 5.3.3), and of the minimum of an SOA record (RFC
 * 2308, section 5).  A TTL itself is not signed, so that an attacker on the
 * path can announce any.
 * Returns 0, or DANCE_ERR_FORMAT for a packet that does not parse.
 */
int dance_answer_read(
    const uint8_t *packet, size_t len, struct dance_answer *ret);

/*
 * When an answer that came at a time is no longer valid: by the TTL that
 * libunbound states (below 0: none), by the signed TTLs and by the first end
 * of a signature.
 */
time_t dance_answer_valid_until(
    const struct dance_answer *answer, int ttl, time_t came);

#endif
