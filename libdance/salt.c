/* SPDX-License-Identifier: ISC */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012), here since the NSS module, which
 * is loaded into every process, has no library but libc.
 */
#include <string.h>

#include "error.h"
#include "salt.h"

struct siphash {
	uint64_t v[4];
};

static uint64_t
rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void
siphash_rounds(struct siphash *hash, unsigned n)
{
	uint64_t *v = hash->v;

	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void
siphash_word(struct siphash *hash, uint64_t word)
{
	hash->v[3] ^= word;
	siphash_rounds(hash, 2);
	hash->v[0] ^= word;
}

/* Little-endian on every host. */
static uint64_t
word_load(const uint8_t *p)
{
	uint64_t word = 0;
	unsigned i;

	for (i = 0; i < 8; i++)
		word |= (uint64_t)p[i] << 8 * i;
	return word;
}

uint64_t
dance_salt_hash(const struct dance_salt *salt, const void *data, size_t len)
{
	uint64_t k0 = word_load(salt->octets), k1 = word_load(salt->octets + 8);
	struct siphash hash = { { k0 ^ 0x736f6d6570736575ULL,
	    k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
	    k1 ^ 0x7465646279746573ULL } };
	const uint8_t *rest = salt->octets + DANCE_SALT_MIN, *p = data;
	size_t n_rest = salt->len - DANCE_SALT_MIN, n = n_rest + len, i;
	uint64_t word = 0;

	for (i = 0; i < n; i++) {
		word |= (uint64_t)(i < n_rest ? rest[i] : p[i - n_rest])
		    << 8 * (i % 8);
		if (i % 8 == 7) {
			siphash_word(&hash, word);
			word = 0;
		}
	}
	siphash_word(&hash, word | (uint64_t)n << 56);
	hash.v[2] ^= 0xff;
	siphash_rounds(&hash, 4);
	return hash.v[0] ^ hash.v[1] ^ hash.v[2] ^ hash.v[3];
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
dance_salt_parse(const char *text, struct dance_salt *ret)
{
	struct dance_salt salt;
	size_t i, len = strlen(text);
	int high, low;

	memset(&salt, 0, sizeof(salt));
	if (len % 2 != 0 || len / 2 < DANCE_SALT_MIN ||
	    len / 2 > DANCE_SALT_MAX)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < len / 2; i++) {
		high = digit_value(text[2 * i]);
		low = digit_value(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return DANCE_ERR_FORMAT;
		salt.octets[i] = (uint8_t)(high << 4 | low);
	}
	salt.len = (uint32_t)(len / 2);

	*ret = salt;
	return 0;
}
