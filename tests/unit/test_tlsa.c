/* SPDX-License-Identifier: ISC */
/* TLSA records: rdata, text and digests. */
#include <dlfcn.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "tlsa.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void
req_24_rdata_below_four_octets(void **state)
{
	static const uint8_t rdata[] = { 3, 1, 1, 0xab, 0xcd };
	struct dance_tlsa record = { .usage = 9 };
	size_t len;

	(void)state;
	for (len = 0; len < 4; len++) {
		assert_int_equal(
		    dance_tlsa_parse(
			(struct dance_bytes){ rdata, len }, &record),
		    DANCE_ERR_FORMAT);
		assert_int_equal(record.usage, 9);
	}
	assert_int_equal(
	    dance_tlsa_parse((struct dance_bytes){ rdata, 5 }, &record), 0);
	assert_int_equal(record.usage, 3);
	assert_int_equal(record.selector, 1);
	assert_int_equal(record.matching, 1);
	assert_ptr_equal(record.data.data, rdata + 3);
	assert_int_equal(record.data.len, 2);
	assert_false(record.is_usable);
}

static const struct {
	const char *in;
	int want;
	const char *out;
} texts[] = {
	{ "3 1 1 ab", 0, "030101ab" },
	{ "3 1 1 AB CD\tEF", 0, "030101abcdef" },
	{ " 3  1\t1  a bc d ", 0, "030101abcd" },
	{ "255 255 255 00", 0, "ffffff00" },
	{ "0 0 0 00", 0, "00000000" },
	{ "256 1 1 00", DANCE_ERR_FORMAT, NULL },
	{ "3 1000 1 00", DANCE_ERR_FORMAT, NULL },
	{ "3 1 99999999999999999999 00", DANCE_ERR_FORMAT, NULL },
	{ "-1 1 1 00", DANCE_ERR_FORMAT, NULL },
	{ "+3 1 1 00", DANCE_ERR_FORMAT, NULL },
	{ "0x3 1 1 00", DANCE_ERR_FORMAT, NULL },
	{ "3 1 1", DANCE_ERR_FORMAT, NULL },
	{ "3 1 1 ", DANCE_ERR_FORMAT, NULL },
	{ "3 1 1 0", DANCE_ERR_FORMAT, NULL },
	{ "3 1 1 0g", DANCE_ERR_FORMAT, NULL },
	{ "3 1 1 00 ; text", DANCE_ERR_FORMAT, NULL },
	{ "3 1 00", DANCE_ERR_FORMAT, NULL },
	{ "3,1,1 00", DANCE_ERR_FORMAT, NULL },
	{ "TLSA 3 1 1 00", DANCE_ERR_FORMAT, NULL },
	{ "\\# 4 03010100", DANCE_ERR_FORMAT, NULL },
	{ "", DANCE_ERR_FORMAT, NULL },
};

static void
text_form(void **state)
{
	struct dance_bytes rdata;
	size_t i;
	char *hex;

	(void)state;
	for (i = 0; i < N(texts); i++) {
		print_message("  '%s'\n", texts[i].in);
		assert_int_equal(
		    dance_tlsa_from_text(texts[i].in, &rdata), texts[i].want);
		if (texts[i].want != 0)
			continue;
		assert_int_equal(
		    dance_hex_encode(rdata.data, rdata.len, &hex), 0);
		assert_string_equal(hex, texts[i].out);
		free(hex);
		free((void *)(uintptr_t)rdata.data);
	}
}

static void
req_35_text_size_is_bounded(void **state)
{
	size_t digits = 2 * (65535 - 3);
	char *text = malloc(6 + digits + 3);
	struct dance_bytes rdata;

	(void)state;
	assert_non_null(text);
	memcpy(text, "3 1 0 ", 6);
	memset(text + 6, '0', digits + 2);
	text[6 + digits + 2] = '\0';
	assert_int_equal(dance_tlsa_from_text(text, &rdata), DANCE_ERR_FORMAT);
	text[6 + digits] = '\0';
	assert_int_equal(dance_tlsa_from_text(text, &rdata), 0);
	assert_int_equal(rdata.len, 65535);
	free((void *)(uintptr_t)rdata.data);
	free(text);
}

/* FIPS 180-2, appendices B.1 and C.1: "abc". */
static void
req_33_sha256_sha512_and_full(void **state)
{
	static const char *const want[] = { "616263",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
		"ad",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d3"
		"9a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca4"
		"9f" };
	struct dance_bytes abc = { (const uint8_t *)"abc", 3 };
	uint8_t matching, *data = NULL;
	size_t len;
	char *hex;

	(void)state;
	for (matching = 0; matching < N(want); matching++) {
		assert_int_equal(
		    dance_tlsa_digest(matching, abc, &data, &len), 0);
		assert_int_equal(dance_hex_encode(data, len, &hex), 0);
		assert_string_equal(hex, want[matching]);
		free(hex);
		free(data);
	}
	data = NULL;
	assert_int_equal(
	    dance_tlsa_digest(3, abc, &data, &len), DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_tlsa_digest(255, abc, &data, &len), DANCE_ERR_FORMAT);
	assert_null(data);
}

/* libcrypto is the test's own where it has to fail. */
static bool is_crypto_broken;

int EVP_Q_digest(OSSL_LIB_CTX *libctx, const char *name, const char *propq,
    const void *data, size_t datalen, unsigned char *md, size_t *mdlen);

__attribute__((visibility("default"))) int
EVP_Q_digest(OSSL_LIB_CTX *libctx, const char *name, const char *propq,
    const void *data, size_t datalen, unsigned char *md, size_t *mdlen)
{
	int (*real)(OSSL_LIB_CTX *, const char *, const char *, const void *,
	    size_t, unsigned char *, size_t *);
	void *symbol = dlsym(RTLD_NEXT, "EVP_Q_digest");

	if (is_crypto_broken)
		return 0;
	memcpy(&real, &symbol, sizeof(real));
	return real(libctx, name, propq, data, datalen, md, mdlen);
}

/* What could not be compared is no answer. */
static void
no_memory_is_no_mismatch(void **state)
{
	struct dance_bytes abc = { (const uint8_t *)"abc", 3 };
	struct dance_tlsa record = { .usage = 3, .selector = 1, .matching = 1 };
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(dance_tlsa_digest(1, abc, &data, &len), 0);
	record.data.data = data;
	record.data.len = len;
	assert_int_equal(dance_tlsa_compare(&record, abc), 0);
	is_crypto_broken = true;
	assert_int_equal(dance_tlsa_compare(&record, abc), DANCE_ERR_INTERNAL);
	is_crypto_broken = false;
	free(data);
}

/* Comparison alone: each matching type, right and wrong by one bit. */
static void
req_31_matches_whole_data_only(void **state)
{
	struct dance_bytes abc = { (const uint8_t *)"abc", 3 };
	struct dance_tlsa record = { .usage = 3, .selector = 1 };
	uint8_t *data;
	size_t len;

	(void)state;
	for (record.matching = 0; record.matching < 3; record.matching++) {
		assert_int_equal(
		    dance_tlsa_digest(record.matching, abc, &data, &len), 0);
		record.data.data = data;
		record.data.len = len;
		assert_int_equal(dance_tlsa_compare(&record, abc), 0);
		record.data.len = len - 1;
		assert_int_equal(
		    dance_tlsa_compare(&record, abc), DANCE_ERR_MISMATCH);
		record.data.len = 0;
		assert_int_equal(
		    dance_tlsa_compare(&record, abc), DANCE_ERR_MISMATCH);
		record.data.len = len;
		data[len - 1] ^= 1;
		assert_int_equal(
		    dance_tlsa_compare(&record, abc), DANCE_ERR_MISMATCH);
		free(data);
	}
	record.data.data = abc.data;
	record.data.len = abc.len;
	assert_int_equal(dance_tlsa_compare(&record, abc),
	    DANCE_ERR_MISMATCH); /* matching 3 */
	record.matching = 0;
	record.data.len = 0;
	abc.len = 0;
	assert_int_equal(dance_tlsa_compare(&record, abc), DANCE_ERR_MISMATCH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_24_rdata_below_four_octets),
		cmocka_unit_test(text_form),
		cmocka_unit_test(req_31_matches_whole_data_only),
		cmocka_unit_test(no_memory_is_no_mismatch),
		cmocka_unit_test(req_33_sha256_sha512_and_full),
		cmocka_unit_test(req_35_text_size_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
