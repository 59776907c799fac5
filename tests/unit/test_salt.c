/* SPDX-License-Identifier: ISC */
/* The salt's text, and SipHash-2-4 by the vectors of its authors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "salt.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define D16  "000102030405060708090a0b0c0d0e0f"

/* Key 00 01 ... 0f, input 00 01 ... of len octets; vectors.h of SipHash. */
static void
published_vectors(void **state)
{
	static const struct {
		size_t len;
		uint64_t want;
	} rows[] = {
		{ 0, 0x726fdb47dd0e0e31ULL },
		{ 1, 0x74f839c593dc67fdULL },
		{ 2, 0x0d6c8009d9a94f5aULL },
		{ 3, 0x85676696d7fb7e2dULL },
		{ 7, 0xab0200f58b01d137ULL },
		{ 8, 0x93f5f5799a932462ULL },
		{ 15, 0xa129ca6149be45e5ULL },
		{ 16, 0x3f2acc7f57c29bdbULL },
		{ 63, 0x958a324ceb064572ULL },
	};
	struct dance_salt salt;
	uint8_t input[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(input); i++)
		input[i] = (uint8_t)i;
	assert_int_equal(dance_salt_parse(D16, &salt), 0);
	for (i = 0; i < N(rows); i++)
		assert_true(
		    dance_salt_hash(&salt, input, rows[i].len) == rows[i].want);
}

/* What is more than the key stands in front of the data. */
static void
a_longer_salt(void **state)
{
	static const char text[] = "alice.smith";
	uint8_t input[DANCE_SALT_MAX + sizeof(text)];
	struct dance_salt salt, key;
	size_t extra;

	(void)state;
	memset(&key, 0, sizeof(key));
	key.len = 16;
	memcpy(key.octets, "0123456789abcdef", 16);
	memcpy(input, "ghijklmnopqrstuv", 16);
	for (extra = 0; extra <= 16; extra++) {
		salt = key;
		salt.len = (uint32_t)(16 + extra);
		memcpy(salt.octets + 16, "ghijklmnopqrstuv", 16);
		memcpy(input + extra, text, strlen(text));
		assert_true(dance_salt_hash(&salt, text, strlen(text)) ==
		    dance_salt_hash(&key, input, extra + strlen(text)));
		input[extra] = (uint8_t)('g' + extra);
	}
}

static void
texts(void **state)
{
	static const struct {
		const char *text;
		uint32_t len; /* 0: refused */
	} rows[] = {
		{ D16, 16 },
		{ "000102030405060708090A0B0C0D0E0F", 16 },
		{ D16 "ff", 17 },
		{ D16 D16, 32 },
		{ "", 0 },
		{ "00", 0 },
		{ "000102030405060708090a0b0c0d0e", 0 },
		{ D16 "f", 0 },
		{ D16 D16 "00", 0 },
		{ "000102030405060708090a0b0c0d0e0g", 0 },
		{ "g00102030405060708090a0b0c0d0e0f", 0 },
		{ "00 102030405060708090a0b0c0d0e0f", 0 },
		{ "0x0102030405060708090a0b0c0d0e0f", 0 },
		{ "/0:1@2`300000000000000000000000G", 0 },
		{ "-10102030405060708090a0b0c0d0e0f", 0 },
	};
	struct dance_salt salt;
	size_t i, k;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memset(&salt, 0x5a, sizeof(salt));
		assert_int_equal(dance_salt_parse(rows[i].text, &salt),
		    rows[i].len != 0 ? 0 : DANCE_ERR_FORMAT);
		assert_int_equal(
		    salt.len, rows[i].len != 0 ? rows[i].len : 0x5a5a5a5a);
		for (k = salt.len; k < DANCE_SALT_MAX; k++)
			assert_int_equal(salt.octets[k], 0);
	}
	assert_int_equal(dance_salt_parse(D16, &salt), 0);
	for (k = 0; k < 16; k++)
		assert_int_equal(salt.octets[k], k);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(a_longer_salt),
		cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
