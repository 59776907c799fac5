/* SPDX-License-Identifier: ISC */
/* Keys: their blobs and their SubjectPublicKeyInfo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pem.h>

#include "error.h"
#include "keys.h"
#include "signer.h"
#include "sshkey.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define MIN_RSA 2048

#define SK_ED25519 "sk-ssh-ed25519@openssh.com"
#define SK_ECDSA   "sk-ecdsa-sha2-nistp256@openssh.com"

static int
parse(const struct wirebuf *blob, unsigned min_rsa, struct dance_sshkey **ret)
{
	return dance_sshkey_parse(blob->data, blob->len, min_rsa, ret);
}

static void
from_base64(const char *text, struct wirebuf *ret)
{
	assert_int_equal(
	    dance_base64_decode(text, strlen(text), &ret->data, &ret->len), 0);
}

static void
assert_digest(const uint8_t *data, size_t len, const char *want)
{
	uint8_t digest[32];
	char *hex;

	assert_int_equal(
	    EVP_Q_digest(NULL, "SHA256", NULL, data, len, digest, NULL), 1);
	assert_int_equal(dance_hex_encode(digest, sizeof(digest), &hex), 0);
	assert_string_equal(hex, want);
	free(hex);
}

/* RFC 6594 5.1 and 5.3, RFC 8032 7.1 test 1. */
static const struct {
	const char *name;
	unsigned bits;
	const char *blob;
	const char *blob_sha256;
	const char *spki_sha256;
} vectors[] = {
	{ "ssh-rsa", 2048,
	    "AAAAB3NzaC1yc2EAAAADAQABAAABAQDCUR4JOhxTinzq7QO3bQXW4jmPCCulFsnh8"
	    "Yi7MKwpMnd96+T7uV7nEwy+6+GWYu98IxFJByIjFXX/a6BXDp3878wezH1DZ2tND/"
	    "tu/eudz6ErpTFYmnVLyEDARYSzVBNQuIK1UDqvvB6KffJcyt78FpwW27euGkqEkam"
	    "7GaurPRAgwXehDB/gMwRtXVRZ+13zYWkAmAY+5OAWVmdXuQVm5kjlvcNzto2H3m3n"
	    "qJtD4J9L1lKPuSVVqwJr4/6hibXJkQEvWpUvdOAUw3frKpNwa932fXFk3ke4rsDjQ"
	    "/W8GyleMtK3Tx8tE4z1wuowXtYe6Ba8q3LAPs/m2S4pUscx",
	    "b049f950d1397b8fee6a61e4d14a9acdc4721e084eff5460bbed80cfaa2ce2cb",
	    "5b1abe4175b64280498af0fd44008e2515812168ef34f622c0f04a078c2ba05"
	    "4" },
	{ "ecdsa-sha2-nistp256", 256,
	    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAD+9COUiX7WY"
	    "gcvIOdI8+djdoFDVUTxNrcog8sSYdbIzeG+bYdsssvcyy/nRfVhXC5QBCk8IThqs7"
	    "D4/lFxX5g=",
	    "821eb6c1c98d9cc827ab7f456304c0f14785b7008d9e8646a8519de80849afc7",
	    "4040819cf5f4df115dad00cb0c4b63a3538c3da91bea18d56635881d9d60ea8"
	    "1" },
	{ "ssh-ed25519", 256,
	    "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B"
	    "1Ea",
	    "6db5e9b8a1bace1cdd9a7c6adb9e9396acc5073465d9fe8e3a0ef6d9c60d6d4f",
	    "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa"
	    "9" },
};

static void
req_55_rfc_vectors(void **state)
{
	struct wirebuf blob = { NULL, 0 };
	struct dance_sshkey *key;
	size_t i;

	(void)state;
	for (i = 0; i < N(vectors); i++) {
		print_message("  %s\n", vectors[i].name);
		from_base64(vectors[i].blob, &blob);
		assert_int_equal(parse(&blob, MIN_RSA, &key), 0);
		assert_string_equal(key->info->name, vectors[i].name);
		assert_int_equal(key->bits, vectors[i].bits);
		assert_null(key->application);
		assert_digest(key->blob, key->blob_len, vectors[i].blob_sha256);
		assert_digest(key->spki, key->spki_len, vectors[i].spki_sha256);
		dance_sshkey_free(&key);
		wirebuf_free(&blob);
	}
}

/* ssh-keygen's own conversion to PKCS8 is the independent second opinion. */
static void
compare_with_pkcs8(const char *dir, const char *name, const char *args)
{
	struct wirebuf blob = { NULL, 0 };
	struct dance_sshkey *key;
	char command[256], *pem, *pem_name, *header;
	unsigned char *der;
	long der_len;
	BIO *bio;

	assert_true(
	    snprintf(command, sizeof(command),
		"ssh-keygen -q -N '' -C test -f %s %s", name, args) > 0);
	keys_run(dir, command);
	assert_true(snprintf(command, sizeof(command), "%s.pub", name) > 0);
	keys_blob(dir, command, &blob);
	assert_int_equal(parse(&blob, MIN_RSA, &key), 0);

	assert_true(snprintf(command, sizeof(command),
			"ssh-keygen -e -m PKCS8 -f %s.pub", name) > 0);
	keys_run(dir, command);
	pem = keys_read(dir, "stdout", NULL);
	bio = BIO_new_mem_buf(pem, -1);
	assert_int_equal(
	    PEM_read_bio(bio, &pem_name, &header, &der, &der_len), 1);
	assert_int_equal(key->spki_len, der_len);
	assert_memory_equal(key->spki, der, key->spki_len);
	OPENSSL_free(pem_name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(bio);
	free(pem);
	dance_sshkey_free(&key);
	wirebuf_free(&blob);
}

static void
req_55_spki_as_ssh_keygen_converts_it(void **state)
{
	char dir[KEYS_DIR_MAX];

	(void)state;
	keys_dir_make(dir);
	compare_with_pkcs8(dir, "rsa2048", "-t rsa -b 2048");
	compare_with_pkcs8(dir, "rsa3072", "-t rsa -b 3072");
	compare_with_pkcs8(dir, "p256", "-t ecdsa -b 256");
	compare_with_pkcs8(dir, "p384", "-t ecdsa -b 384");
	compare_with_pkcs8(dir, "p521", "-t ecdsa -b 521");
	keys_dir_remove(dir); /* 9.2 can't convert Ed25519 */
}

static void
info_knows_plain_and_certificate_names(void **state)
{
	static const struct {
		const char *name;
		const char *plain; /* NULL: unknown */
		bool is_cert;
	} rows[] = {
		{ "ssh-rsa", "ssh-rsa", false },
		{ "ssh-ed25519", "ssh-ed25519", false },
		{ "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", true },
		{ "ecdsa-sha2-nistp521-cert-v01@openssh.com",
		    "ecdsa-sha2-nistp521", true },
		{ "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", SK_ECDSA,
		    true },
		{ "sk-ssh-ed25519-cert-v01@openssh.com", SK_ED25519, true },
		{ "ssh-dss", NULL, false },
		{ "rsa-sha2-256", NULL, false },
		{ "ssh-ed25519-cert-v01", NULL, false },
		{ "ssh-ed25519 ", NULL, false },
		{ "", NULL, false },
	};
	const struct dance_key_info *info;
	struct dance_bytes name;
	bool is_cert;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		print_message("  '%s'\n", rows[i].name);
		name.data = (const uint8_t *)rows[i].name;
		name.len = strlen(rows[i].name);
		info = dance_key_info_find(name, &is_cert);
		if (rows[i].plain == NULL) {
			assert_null(info);
			continue;
		}
		assert_non_null(info);
		assert_string_equal(info->name, rows[i].plain);
		assert_int_equal(is_cert, rows[i].is_cert);
	}
}

/* The SPKI is the inner key's; the blob keeps type and application apart. */
static void
req_59_sk_has_the_spki_of_the_inner_key(void **state)
{
	static const char *const types[][2] = {
		{ SK_ED25519, "ssh-ed25519" },
		{ SK_ECDSA, "ecdsa-sha2-nistp256" },
	};
	struct wirebuf blob = { NULL, 0 };
	struct dance_sshkey *sk, *other, *plain;
	struct signer *s;
	size_t i;

	(void)state;
	for (i = 0; i < N(types); i++) {
		s = signer_new(types[i][0], 0);
		signer_blob(s, &blob);
		assert_int_equal(parse(&blob, MIN_RSA, &sk), 0);
		assert_string_equal(sk->application, "ssh:");
		wirebuf_free(&blob);
		s->application = "ssh:other";
		signer_blob(s, &blob);
		assert_int_equal(parse(&blob, MIN_RSA, &other), 0);
		wirebuf_free(&blob);
		s->type = types[i][1];
		signer_blob(s, &blob);
		assert_int_equal(parse(&blob, MIN_RSA, &plain), 0);
		wirebuf_free(&blob);
		assert_int_equal(sk->spki_len, plain->spki_len);
		assert_memory_equal(sk->spki, plain->spki, sk->spki_len);
		assert_memory_equal(sk->spki, other->spki, sk->spki_len);
		assert_int_not_equal(sk->blob_len, plain->blob_len);
		assert_int_not_equal(sk->blob_len, other->blob_len);
		dance_sshkey_free(&sk);
		dance_sshkey_free(&other);
		dance_sshkey_free(&plain);
		signer_free(&s);
	}
}

/* The fields alone, with a cursor that goes on behind them. */
static void
read_stops_behind_the_fields(void **state)
{
	struct wirebuf b = { NULL, 0 };
	struct dance_bytes name = { (const uint8_t *)"ssh-ed25519", 11 };
	const struct dance_key_info *info;
	struct dance_sshkey *key = NULL;
	struct dance_wire w;
	bool is_cert;

	(void)state;
	info = dance_key_info_find(name, &is_cert);
	from_base64(vectors[2].blob, &b);
	wirebuf_text(&b, "rest");
	w.next = b.data + 15;
	w.left = b.len - 15;
	assert_int_equal(dance_sshkey_read(&w, info, MIN_RSA, &key), 0);
	assert_int_equal(w.left, 8);
	assert_digest(key->blob, key->blob_len, vectors[2].blob_sha256);
	dance_sshkey_free(&key);
	assert_int_equal(dance_sshkey_read(&w, info, MIN_RSA, &key),
	    DANCE_ERR_BAD_CREDENTIAL);
	assert_int_equal(w.left, 8);
	assert_null(key);
	dance_sshkey_free(&key);
	dance_sshkey_free(NULL);
	wirebuf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_55_rfc_vectors),
		cmocka_unit_test(req_55_spki_as_ssh_keygen_converts_it),
		cmocka_unit_test(info_knows_plain_and_certificate_names),
		cmocka_unit_test(req_59_sk_has_the_spki_of_the_inner_key),
		cmocka_unit_test(read_stops_behind_the_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
