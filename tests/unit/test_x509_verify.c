/* SPDX-License-Identifier: ISC */
/*
 * Signatures of a token: the key decides how it signs, and the two numbers of
 * an elliptic curve are of equal length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_token.h"
#include "x509.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define BAD  DANCE_ERR_BAD_CREDENTIAL

static const struct pki_spec specs[] = {
	{ "ec", NULL, NULL },
	{ "ec2", NULL, NULL },
	{ "ed", NULL, NULL, .key = "ed25519" },
	{ "rsa", NULL, NULL, .key = "rsa2048" },
	{ "dsa", NULL, NULL, .key = "dsa2048" },
};

static const struct dance_bytes message = { (const uint8_t *)"message", 7 };
static const struct dance_bytes other = { (const uint8_t *)"messagf", 7 };
static struct pki *pki;

static int
group_setup(void **state)
{
	(void)state;
	pki = pki_new(specs, N(specs));
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	pki_free(&pki);
	return 0;
}

static int
verify(const char *cert, struct dance_bytes sig, struct dance_bytes signs)
{
	const struct pki_cert *made = pki_find(pki, cert, strlen(cert));
	struct dance_chain *chain = NULL;
	int r;

	assert_int_equal(
	    dance_chain_parse(made->der.data, made->der.len, &chain), 0);
	r = dance_chain_verify(chain, sig, signs);
	dance_chain_free(&chain);
	return r;
}

static void
sign(const char *cert, const char *md, size_t half, struct wirebuf *ret)
{
	wirebuf_free(ret);
	fake_token_sign(
	    pki_find(pki, cert, strlen(cert)), md, message, half, ret);
}

static void
each_key_its_way(void **state)
{
	static const struct {
		const char *signs;
		const char *md;
		const char *verifies;
		int want;
	} rows[] = {
		{ "ec", "SHA256", "ec", 0 },
		{ "ed", NULL, "ed", 0 },
		{ "rsa", "SHA256", "rsa", 0 },
		{ "ec", "SHA1", "ec", BAD },
		{ "ec", "SHA384", "ec", BAD },
		{ "ec", "SHA512", "ec", BAD },
		{ "rsa", "SHA1", "rsa", BAD },
		{ "rsa", "SHA384", "rsa", BAD },
		{ "rsa", "SHA512", "rsa", BAD },
		{ "ec", "SHA256", "ec2", BAD },
		{ "ec2", "SHA256", "ec", BAD },
		{ "ec", "SHA256", "ed", BAD },
		{ "ed", NULL, "ec", BAD },
		{ "ed", NULL, "rsa", BAD },
		{ "rsa", "SHA256", "ed", BAD },
		{ "rsa", "SHA256", "ec", BAD },
	};
	struct wirebuf sig = { NULL, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		sign(rows[i].signs, rows[i].md, 0, &sig);
		if (verify(rows[i].verifies, wirebuf_bytes(&sig), message) !=
		    rows[i].want)
			fail_msg("%s %s %s", rows[i].signs, rows[i].md,
			    rows[i].verifies);
		assert_int_equal(
		    verify(rows[i].verifies, wirebuf_bytes(&sig), other), BAD);
	}
	wirebuf_free(&sig);
}

/* A key of a type that signs nothing here, whatever the signature. */
static void
other_types_of_keys(void **state)
{
	struct wirebuf sig = { NULL, 0 };

	(void)state;
	sign("dsa", "SHA256", 0, &sig);
	assert_int_equal(verify("dsa", wirebuf_bytes(&sig), message), BAD);
	wirebuf_free(&sig);
}

/* Padded numbers are the same numbers; those above any curve's are none. */
static void
lengths_of_an_elliptic_curves(void **state)
{
	static const struct {
		size_t half;
		int want;
	} rows[] = { { 32, 0 }, { 33, 0 }, { 48, 0 }, { 66, 0 }, { 67, BAD },
		{ 200, BAD } };
	struct wirebuf sig = { NULL, 0 };
	size_t i, len;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		sign("ec", "SHA256", rows[i].half, &sig);
		assert_int_equal(sig.len, 2 * rows[i].half);
		if (verify("ec", wirebuf_bytes(&sig), message) != rows[i].want)
			fail_msg("%zu", rows[i].half);
	}
	sign("ec", "SHA256", 32, &sig);
	for (len = 0; len < 64; len++)
		assert_int_equal(
		    verify(
			"ec", (struct dance_bytes){ sig.data, len }, message),
		    BAD);
	wirebuf_u8(&sig, 0);
	assert_int_equal(verify("ec", wirebuf_bytes(&sig), message), BAD);
	wirebuf_u8(&sig, 0);
	assert_int_equal(verify("ec", wirebuf_bytes(&sig), message), BAD);
	wirebuf_free(&sig);
}

static void
signatures_of_nothing(void **state)
{
	static const char *const keys[] = { "ec", "ed", "rsa", "dsa" };
	static const uint8_t zeros[256];
	uint8_t ones[256];
	size_t i, len;

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (i = 0; i < N(keys); i++)
		for (len = 0; len <= sizeof(zeros); len += 32) {
			assert_int_equal(
			    verify(keys[i], (struct dance_bytes){ zeros, len },
				message),
			    BAD);
			assert_int_equal(
			    verify(keys[i], (struct dance_bytes){ ones, len },
				message),
			    BAD);
			assert_int_equal(
			    verify(keys[i], (struct dance_bytes){ NULL, 0 },
				message),
			    BAD);
		}
}

/* DER, as other libraries make it, is not what a token makes. */
static void
der_is_not_taken(void **state)
{
	struct wirebuf sig = { NULL, 0 }, der = { NULL, 0 };

	(void)state;
	sign("ec", "SHA256", 32, &sig);
	wirebuf_raw(&der, "\x30\x44\x02\x20", 4);
	wirebuf_raw(&der, sig.data, 32);
	wirebuf_raw(&der, "\x02\x20", 2);
	wirebuf_raw(&der, sig.data + 32, 32);
	assert_int_equal(verify("ec", wirebuf_bytes(&der), message), BAD);
	assert_int_equal(verify("ec", wirebuf_bytes(&sig), message), 0);
	wirebuf_free(&sig);
	wirebuf_free(&der);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_its_way),
		cmocka_unit_test(other_types_of_keys),
		cmocka_unit_test(lengths_of_an_elliptic_curves),
		cmocka_unit_test(signatures_of_nothing),
		cmocka_unit_test(der_is_not_taken),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
