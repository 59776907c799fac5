/* SPDX-License-Identifier: ISC */
/*
 * The salt of a site, by which the names of provisioned accounts become uids:
 * without it nobody can say which name gets a wanted uid.  Everybody on the
 * host can read it, since NSS works in every process.
 */
#ifndef DANCE_SALT_H
#define DANCE_SALT_H

#include <stddef.h>
#include <stdint.h>

#define DANCE_SALT_MIN 16 /* octets: the key of the hash */
#define DANCE_SALT_MAX 32

struct dance_salt {
	uint32_t len; /* 0: none */
	uint8_t octets[DANCE_SALT_MAX];
};

/*
 * Read hexadecimal digits, two for each octet.  Returns 0, or DANCE_ERR_FORMAT
 * for other text, an odd number of digits, or too few or too many of them.
 */
int dance_salt_parse(const char *text, struct dance_salt *ret);

/*
 * SipHash-2-4 of len octets: the first 16 octets of the salt are the key, and
 * what is left of it stands in front of the data.  The salt is not empty.
 */
uint64_t dance_salt_hash(
    const struct dance_salt *salt, const void *data, size_t len);

#endif
