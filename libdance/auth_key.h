/* SPDX-License-Identifier: ISC */
/*
 * How strong the keys of signed zones are: which algorithms and digests count
 * (RFC 8624, RFC 9905), and how large an RSA key really is.
 */
#ifndef DANCE_AUTH_KEY_H
#define DANCE_AUTH_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "identity.h"

struct ldns_struct_rr;

#define DANCE_AUTH_RSA_GOOD 2048 /* below it tools warn */

/* Longest text of dance_auth_key_format(), with the NUL. */
#define DANCE_AUTH_KEY_TEXT_MAX 64

/* A zone's key. */
struct dance_auth_key {
	char zone[DANCE_NAME_MAX + 2]; /* no last dot; "." for the root */
	uint16_t tag;
	uint8_t algorithm;
	unsigned bits;	  /* of the modulus or the curve; 0: not known */
	const char *weak; /* why it does not count, static; NULL: it does */
};

/* SHA-1, GOST, MD5 and DSA sign nothing that counts, nor does the unknown. */
bool dance_auth_algorithm_is_weak(uint8_t algorithm);

/* Of a DS record: all but SHA-256 (2) and SHA-384 (4). */
bool dance_auth_digest_is_weak(uint8_t digest);

/* "RSASHA256" and so on; "algorithm" for one without a name here. */
const char *dance_auth_algorithm_name(uint8_t algorithm);

/* True for 5, 7, 8 and 10: their keys have a size that varies. */
bool dance_auth_algorithm_is_rsa(uint8_t algorithm);

/*
 * Read a DNSKEY record; its zone is left alone.  RSA keys below min_rsa bits
 * are weak, as are exponents that make forging easy.  Returns 0, or
 * DANCE_ERR_FORMAT for a record that is not complete or is no key for a zone's
 * signatures (RFC 4034, section 2.1; RFC 5011, section 3).
 */
int dance_auth_key_read(const struct ldns_struct_rr *rr, unsigned min_rsa,
    struct dance_auth_key *ret);

/* "RSASHA256 2048 bits, key 12345". */
void dance_auth_key_format(
    const struct dance_auth_key *key, char ret[DANCE_AUTH_KEY_TEXT_MAX]);

#endif
