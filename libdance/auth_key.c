/* SPDX-License-Identifier: ISC */
#include <ldns/ldns.h>
#include <stdio.h>
#include <string.h>

#include "auth_key.h"
#include "config.h"
#include "error.h"

#define DNSKEY_ZONE_KEY 0x0100 /* RFC 4034, section 2.1.1 */
#define DNSKEY_REVOKE	0x0080 /* RFC 5011, section 7 */
#define DNSKEY_PROTOCOL 3      /* RFC 4034, section 2.1.2 */

#define WEAK_ALGORITHM "its algorithm is too weak"
#define WEAK_SIZE      "the key is smaller than min-dnssec-rsa"
#define WEAK_EXPONENT  "its RSA exponent is even or 1"

struct algorithm {
	uint8_t number;
	bool is_weak;
	unsigned bits; /* 0: as the key has */
	const char *name;
};

/* RFC 9905 took SHA-1 away, RFC 8624 the others. */
static const struct algorithm algorithms[] = {
	{ 1, true, 0, "RSAMD5" },
	{ 3, true, 0, "DSA" },
	{ 5, true, 0, "RSASHA1" },
	{ 6, true, 0, "DSA-NSEC3-SHA1" },
	{ 7, true, 0, "RSASHA1-NSEC3-SHA1" },
	{ 8, false, 0, "RSASHA256" },
	{ 10, false, 0, "RSASHA512" },
	{ 12, true, 0, "ECC-GOST" },
	{ 13, false, 256, "ECDSAP256SHA256" },
	{ 14, false, 384, "ECDSAP384SHA384" },
	{ 15, false, 256, "ED25519" },
	{ 16, false, 456, "ED448" },
};

static const struct algorithm *
algorithm_find(uint8_t number)
{
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].number == number)
			return &algorithms[i];
	return NULL;
}

bool
dance_auth_algorithm_is_weak(uint8_t number)
{
	const struct algorithm *algorithm = algorithm_find(number);

	return algorithm == NULL || algorithm->is_weak;
}

bool
dance_auth_digest_is_weak(uint8_t digest)
{
	return digest != LDNS_SHA256 && digest != LDNS_SHA384;
}

const char *
dance_auth_algorithm_name(uint8_t number)
{
	const struct algorithm *algorithm = algorithm_find(number);

	return algorithm == NULL ? "algorithm" : algorithm->name;
}

bool
dance_auth_algorithm_is_rsa(uint8_t number)
{
	return strncmp(dance_auth_algorithm_name(number), "RSA", 3) == 0;
}

/* Octets without those in front that are zero. */
static const uint8_t *
number_trim(const uint8_t *data, size_t *len)
{
	while (*len > 0 && data[0] == 0) {
		data++;
		(*len)--;
	}
	return data;
}

static unsigned
number_bits(const uint8_t *data, size_t len)
{
	unsigned bits = (unsigned)len * 8;
	uint8_t top;

	if (len == 0)
		return 0;
	for (top = data[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

/*
 * RFC 3110, section 2.  What leads a number with zeros is not counted: a key
 * must not look larger than it is.
 */
static int
rsa_read(const uint8_t *data, size_t len, struct dance_auth_key *key)
{
	const uint8_t *exponent;
	size_t n, n_head = 1;

	if (len < 3)
		return DANCE_ERR_FORMAT;
	n = data[0];
	if (n == 0) {
		n = (size_t)(data[1] << 8 | data[2]);
		n_head = 3;
	}
	if (n == 0 || n >= len - n_head)
		return DANCE_ERR_FORMAT;
	exponent = data + n_head;
	data = exponent + n;
	len -= n_head + n;
	exponent = number_trim(exponent, &n);
	data = number_trim(data, &len);
	key->bits = number_bits(data, len);
	if (key->bits > DANCE_DNSSEC_RSA_MAX)
		return DANCE_ERR_FORMAT;
	if (n == 0 || (exponent[n - 1] & 1) == 0 ||
	    (n == 1 && exponent[0] == 1))
		key->weak = WEAK_EXPONENT;
	return 0;
}

/* The size, and what of the key itself is weak. */
static int
key_measure(const ldns_rr *rr, unsigned min_rsa, struct dance_auth_key *key)
{
	const struct algorithm *algorithm = algorithm_find(key->algorithm);
	const ldns_rdf *data = ldns_rr_dnskey_key(rr);

	if (algorithm != NULL)
		key->bits = algorithm->bits;
	if (dance_auth_algorithm_is_rsa(key->algorithm) &&
	    rsa_read(ldns_rdf_data(data), ldns_rdf_size(data), key) != 0)
		return DANCE_ERR_FORMAT;
	if (dance_auth_algorithm_is_weak(key->algorithm))
		key->weak = WEAK_ALGORITHM;
	else if (dance_auth_algorithm_is_rsa(key->algorithm) &&
	    key->bits < min_rsa)
		key->weak = WEAK_SIZE;
	return 0;
}

int
dance_auth_key_read(
    const ldns_rr *rr, unsigned min_rsa, struct dance_auth_key *ret)
{
	const ldns_rdf *flags = ldns_rr_dnskey_flags(rr);
	const ldns_rdf *protocol = ldns_rr_dnskey_protocol(rr);
	const ldns_rdf *algorithm = ldns_rr_dnskey_algorithm(rr);
	const ldns_rdf *data = ldns_rr_dnskey_key(rr);
	struct dance_auth_key key = *ret;
	uint16_t bits;

	if (flags == NULL || protocol == NULL || algorithm == NULL ||
	    data == NULL || ldns_rdf_size(flags) != 2 ||
	    ldns_rdf_size(protocol) != 1 || ldns_rdf_size(algorithm) != 1)
		return DANCE_ERR_FORMAT;
	bits = ldns_rdf2native_int16(flags);
	if ((bits & DNSKEY_ZONE_KEY) == 0 || (bits & DNSKEY_REVOKE) != 0 ||
	    ldns_rdf2native_int8(protocol) != DNSKEY_PROTOCOL)
		return DANCE_ERR_FORMAT;
	key.algorithm = ldns_rdf2native_int8(algorithm);
	key.tag = ldns_calc_keytag(rr);
	key.bits = 0;
	key.weak = NULL;
	if (key_measure(rr, min_rsa, &key) != 0)
		return DANCE_ERR_FORMAT;
	*ret = key;
	return 0;
}

void
dance_auth_key_format(
    const struct dance_auth_key *key, char ret[DANCE_AUTH_KEY_TEXT_MAX])
{
	const char *name = dance_auth_algorithm_name(key->algorithm);

	if (algorithm_find(key->algorithm) == NULL)
		(void)snprintf(ret, DANCE_AUTH_KEY_TEXT_MAX, "%s %u, key %u",
		    name, key->algorithm, key->tag);
	else if (key->bits == 0)
		(void)snprintf(
		    ret, DANCE_AUTH_KEY_TEXT_MAX, "%s, key %u", name, key->tag);
	else
		(void)snprintf(ret, DANCE_AUTH_KEY_TEXT_MAX,
		    "%s %u bits, key %u", name, key->bits, key->tag);
}
