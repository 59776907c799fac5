/* SPDX-License-Identifier: ISC */
/*
 * Which keys OpenSSL is given to decode: none of a curve that the sender made
 * up, in a chain or in a record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "error.h"
#include "tlsa.h"
#include "x509.h"
#include "x509_key.h"

static EVP_PKEY *
key_make(const char *type, const char *curve, bool is_explicit)
{
	EVP_PKEY *key;

	if (curve != NULL)
		key = EVP_PKEY_Q_keygen(NULL, NULL, type, curve);
	else if (strcmp(type, "RSA") == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, type, (size_t)2048);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, type);
	assert_non_null(key);
	if (is_explicit)
		assert_int_equal(EVP_PKEY_set_utf8_string_param(key,
				     OSSL_PKEY_PARAM_EC_ENCODING, "explicit"),
		    1);
	return key;
}

/* A self-signed certificate of the least that one needs; version 1 or 3. */
static uint8_t *
cert_make(EVP_PKEY *key, bool is_v3, size_t *ret_len)
{
	X509 *cert = X509_new();
	uint8_t *der = NULL;
	const char *type = EVP_PKEY_get0_type_name(key);
	bool hashes_itself = strncmp(type, "ED", 2) == 0;
	int len;

	assert_non_null(cert);
	if (is_v3)
		X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	assert_true(
	    X509_sign(cert, key, hashes_itself ? NULL : EVP_sha256()) > 0);
	len = i2d_X509(cert, &der);
	assert_true(len > 0);
	X509_free(cert);
	*ret_len = (size_t)len;
	return der;
}

static const struct row {
	const char *type;
	const char *curve;
	bool is_explicit;
	bool is_known;
} rows[] = {
	{ "RSA", NULL, false, true },
	{ "ED25519", NULL, false, true },
	{ "ED448", NULL, false, true },
	{ "EC", "P-256", false, true },
	{ "EC", "P-384", false, true },
	{ "EC", "P-521", false, true },
	{ "EC", "P-256", true, false },
	{ "EC", "P-521", true, false },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void
a_curve_needs_a_name(void **state)
{
	struct dance_chain *chain;
	struct dance_bytes der;
	uint8_t *cert, *spki;
	EVP_PKEY *key;
	size_t i, len;
	int v, n;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		key =
		    key_make(rows[i].type, rows[i].curve, rows[i].is_explicit);
		spki = NULL;
		n = i2d_PUBKEY(key, &spki);
		assert_true(n > 0);
		der = (struct dance_bytes){ spki, (size_t)n };
		assert_int_equal(dance_spki_is_known(der), rows[i].is_known);
		for (v = 0; v < 2; v++) {
			cert = cert_make(key, v == 1, &len);
			der = (struct dance_bytes){ cert, len };
			assert_int_equal(
			    dance_cert_key_is_known(der), rows[i].is_known);
			chain = NULL;
			assert_int_equal(dance_chain_parse(cert, len, &chain),
			    rows[i].is_known ? 0 : DANCE_ERR_BAD_CREDENTIAL);
			dance_chain_free(&chain);
			OPENSSL_free(cert);
		}
		OPENSSL_free(spki);
		EVP_PKEY_free(key);
	}
}

/* In a record, Full(0) is decoded too: such a one is unusable, others not. */
static void
req_26_a_record_with_a_made_up_curve_is_unusable(void **state)
{
	static const unsigned all[2] = { ~0U, ~0U };
	struct dance_tlsa record = { .usage = 3 };
	uint8_t *der[2];
	size_t i, k, len;
	EVP_PKEY *key;
	int n;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		key =
		    key_make(rows[i].type, rows[i].curve, rows[i].is_explicit);
		der[1] = NULL;
		n = i2d_PUBKEY(key, &der[1]);
		der[0] = cert_make(key, true, &len);
		for (k = 0; k < 2; k++) {
			record.selector = (uint8_t)k;
			record.data = (struct dance_bytes){ der[k],
				k == 0 ? len : (size_t)n };
			assert_int_equal(dance_tlsa_select(&record, 1, all),
			    rows[i].is_known);
			OPENSSL_free(der[k]);
		}
		EVP_PKEY_free(key);
	}
}

/* Cut anywhere, or with any octet another: no crash, and never read beyond. */
static void
heads_are_bounded(void **state)
{
	EVP_PKEY *key = key_make("EC", "P-256", false);
	size_t len, cut;
	uint8_t *cert = cert_make(key, true, &len), *copy;

	(void)state;
	for (cut = 0; cut < len; cut++) {
		copy = malloc(cut == 0 ? 1 : cut);
		assert_non_null(copy);
		memcpy(copy, cert, cut);
		assert_false(
		    dance_cert_key_is_known((struct dance_bytes){ copy, cut }));
		free(copy);
		cert[cut] ^= 0x80;
		(void)dance_cert_key_is_known(
		    (struct dance_bytes){ cert, len });
		cert[cut] ^= 0x80;
	}
	OPENSSL_free(cert);
	EVP_PKEY_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_curve_needs_a_name),
		cmocka_unit_test(
		    req_26_a_record_with_a_made_up_curve_is_unusable),
		cmocka_unit_test(heads_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
