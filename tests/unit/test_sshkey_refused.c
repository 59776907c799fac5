/* SPDX-License-Identifier: ISC */
/* Keys that are refused, each beside one that is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
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

/* Parses, expects want, and frees what came. */
static void
expect(const struct wirebuf *blob, int want)
{
	struct dance_sshkey *key = NULL;

	assert_int_equal(parse(blob, MIN_RSA, &key), want);
	assert_true((key != NULL) == (want == 0));
	dance_sshkey_free(&key);
	assert_null(key);
}

/* An ECDSA blob of the parts given. */
static void
ecdsa_blob(const char *type, const char *curve, const uint8_t *point,
    size_t len, struct wirebuf *ret)
{
	wirebuf_free(ret);
	wirebuf_text(ret, type);
	wirebuf_text(ret, curve);
	wirebuf_string(ret, point, len);
}

static void
good_point(uint8_t point[65])
{
	struct signer *s = signer_new("ecdsa-sha2-nistp256", 0);
	struct wirebuf blob = { NULL, 0 };

	signer_blob(s, &blob);
	memcpy(point, blob.data + blob.len - 65, 65);
	wirebuf_free(&blob);
	signer_free(&s);
}

static void
req_56_compressed_and_off_curve_points(void **state)
{
	static const char type[] = "ecdsa-sha2-nistp256";
	struct wirebuf blob = { NULL, 0 };
	uint8_t point[66] = { 0 }, zero[65] = { 4 };

	(void)state;
	good_point(point);
	ecdsa_blob(type, "nistp256", point, 65, &blob);
	expect(&blob, 0);
	ecdsa_blob(type, "nistp384", point, 65, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	ecdsa_blob("ecdsa-sha2-nistp384", "nistp256", point, 65, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	ecdsa_blob(type, "nistp256", point, 66, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	ecdsa_blob(type, "nistp256", point, 64, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	ecdsa_blob(type, "nistp256", point, 0, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	ecdsa_blob(type, "nistp256", zero, 65, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	ecdsa_blob(type, "nistp256", zero + 1, 1, &blob); /* infinity */
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	point[64] ^= 1;
	ecdsa_blob(type, "nistp256", point, 65, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	point[64] ^= 1;
	point[0] = (uint8_t)(2 + (point[64] & 1)); /* compressed */
	ecdsa_blob(type, "nistp256", point, 33, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	point[0] += 4; /* hybrid */
	ecdsa_blob(type, "nistp256", point, 65, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&blob);
}

/* An RSA blob of two numbers as they are. */
static void
rsa_blob(const char *e, size_t e_len, const uint8_t *n, size_t n_len,
    struct wirebuf *ret)
{
	wirebuf_free(ret);
	wirebuf_text(ret, "ssh-rsa");
	wirebuf_string(ret, e, e_len);
	wirebuf_string(ret, n, n_len);
}

static void
req_60_rsa_numbers(void **state)
{
	static const struct {
		const char *name;
		const char *e;
		size_t e_len;
		int want;
	} rows[] = {
		{ "65537", "\1\0\1", 3, 0 },
		{ "3", "\3", 1, 0 },
		{ "64 bits", "\0\xff\xff\xff\xff\xff\xff\xff\xff", 9, 0 },
		{ "65 bits", "\1\0\0\0\0\0\0\0\1", 9,
		    DANCE_ERR_BAD_CREDENTIAL },
		{ "1", "\1", 1, DANCE_ERR_BAD_CREDENTIAL },
		{ "2", "\2", 1, DANCE_ERR_BAD_CREDENTIAL },
		{ "even", "\1\0\2", 3, DANCE_ERR_BAD_CREDENTIAL },
		{ "zero", "", 0, DANCE_ERR_BAD_CREDENTIAL },
		{ "padded", "\0\1\0\1", 4, DANCE_ERR_BAD_CREDENTIAL },
		{ "negative", "\x81", 1, DANCE_ERR_BAD_CREDENTIAL },
	};
	struct signer *s = signer_new("ssh-rsa", 2048);
	struct wirebuf good = { NULL, 0 }, blob = { NULL, 0 };
	uint8_t *n;
	size_t i;

	(void)state;
	signer_blob(s, &good);
	n = good.data + good.len - 257;
	for (i = 0; i < N(rows); i++) {
		print_message("  e = %s\n", rows[i].name);
		rsa_blob(rows[i].e, rows[i].e_len, n, 257, &blob);
		expect(&blob, rows[i].want);
	}
	rsa_blob("\1\0\1", 3, n + 1, 256, &blob); /* negative modulus */
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	n[256] ^= 1; /* even modulus */
	rsa_blob("\1\0\1", 3, n, 257, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&good);
	signer_free(&s);
	wirebuf_free(&blob);
}

static void
modulus_blob(unsigned bits, struct wirebuf *ret)
{
	uint8_t n[DANCE_RSA_MAX_BITS / 8 + 1];
	size_t len = (bits + 7) / 8;

	memset(n, 0xff, sizeof(n));
	n[0] = (uint8_t)(0xff >> (8 * len - bits));
	wirebuf_free(ret);
	wirebuf_text(ret, "ssh-rsa");
	wirebuf_string(ret, "\1\0\1", 3);
	wirebuf_mpint(ret, n, len);
}

static void
req_58_rsa_size(void **state)
{
	static const struct {
		unsigned bits;
		unsigned min;
		int want;
	} rows[] = {
		{ 1023, 0, DANCE_ERR_WEAK_KEY },
		{ 1024, 0, 0 },
		{ 1024, 2048, DANCE_ERR_WEAK_KEY },
		{ 2047, 2048, DANCE_ERR_WEAK_KEY },
		{ 2048, 2048, 0 },
		{ 2048, 3072, DANCE_ERR_WEAK_KEY },
		{ 3072, 3072, 0 },
		{ 16384, 2048, 0 },
		{ 16385, 2048, DANCE_ERR_BAD_CREDENTIAL },
		{ 1, 0, DANCE_ERR_WEAK_KEY },
	};
	struct wirebuf blob = { NULL, 0 };
	struct dance_sshkey *key;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		print_message("  %u of %u bits\n", rows[i].bits, rows[i].min);
		modulus_blob(rows[i].bits, &blob);
		assert_int_equal(parse(&blob, rows[i].min, &key), rows[i].want);
		if (rows[i].want != 0)
			continue;
		assert_int_equal(key->bits, rows[i].bits);
		dance_sshkey_free(&key);
	}
	wirebuf_free(&blob);
}

static void
req_58_dsa_is_weak(void **state)
{
	struct wirebuf blob = { NULL, 0 };

	(void)state;
	wirebuf_text(&blob, "ssh-dss");
	wirebuf_string(&blob, "\1\0\1", 3);
	expect(&blob, DANCE_ERR_WEAK_KEY);
	wirebuf_free(&blob);
	wirebuf_text(&blob, "ssh-dss-cert-v01@openssh.com");
	expect(&blob, DANCE_ERR_WEAK_KEY);
	wirebuf_free(&blob);
	wirebuf_text(&blob, "ssh-dsa");
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&blob);
}

static void
ed25519_blob(const char *type, size_t key_len, const char *application,
    size_t application_len, struct wirebuf *ret)
{
	static const uint8_t bytes[300] = { 0xd7, 0x5a };

	wirebuf_free(ret);
	wirebuf_text(ret, type);
	wirebuf_string(ret, bytes, key_len);
	if (application != NULL)
		wirebuf_string(ret, application, application_len);
}

static void
req_59_applications(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		size_t len;
		int want;
	} rows[] = {
		{ "ssh:", "ssh:", 4, 0 },
		{ "with a name", "ssh:alice at work", 17, 0 },
		{ "missing", NULL, 0, DANCE_ERR_BAD_CREDENTIAL },
		{ "empty", "", 0, DANCE_ERR_BAD_CREDENTIAL },
		{ "NUL inside", "ssh:\0x", 6, DANCE_ERR_BAD_CREDENTIAL },
		{ "NUL at the end", "ssh:", 5, DANCE_ERR_BAD_CREDENTIAL },
		{ "line end", "ssh:\n", 5, DANCE_ERR_BAD_CREDENTIAL },
		{ "not ASCII", "ssh:\xc3\xa4", 6, DANCE_ERR_BAD_CREDENTIAL },
		{ "DEL", "ssh:\x7f", 5, DANCE_ERR_BAD_CREDENTIAL },
	};
	struct wirebuf blob = { NULL, 0 };
	char longest[256];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		print_message("  %s\n", rows[i].name);
		ed25519_blob(SK_ED25519, 32, rows[i].text, rows[i].len, &blob);
		expect(&blob, rows[i].want);
	}
	memset(longest, 'a', sizeof(longest));
	ed25519_blob(SK_ED25519, 32, longest, 255, &blob);
	expect(&blob, 0);
	ed25519_blob(SK_ED25519, 32, longest, 256, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&blob);
}

static void
req_59_unknown_and_composite_types(void **state)
{
	static const char *const types[] = { "ssh-mldsa44-ed25519@openssh.com",
		"ssh-ed448", "ecdsa-sha2-nistk256", "ssh-xmss@openssh.com",
		"webauthn-sk-ecdsa-sha2-nistp256@openssh.com", "",
		"SSH-ED25519", "ssh-ed25519-cert-v01@openssh.com" };
	struct wirebuf blob = { NULL, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < N(types); i++) {
		print_message("  '%s'\n", types[i]);
		ed25519_blob(types[i], 32, NULL, 0, &blob);
		expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	}
	ed25519_blob("ssh-ed25519", 32, NULL, 0, &blob);
	expect(&blob, 0);
	ed25519_blob("ssh-ed25519", 31, NULL, 0, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	ed25519_blob("ssh-ed25519", 33, NULL, 0, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	ed25519_blob("ssh-ed25519", 57, NULL, 0, &blob);
	expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&blob);
}

/* Copies, so that a sanitizer sees each octet read behind the end. */
static void
expect_prefix(const struct wirebuf *blob, size_t len, int want)
{
	struct wirebuf cut = { malloc(len + 1), len };

	assert_non_null(cut.data);
	memcpy(cut.data, blob->data, len);
	cut.data = realloc(cut.data, len > 0 ? len : 1);
	assert_non_null(cut.data);
	expect(&cut, want);
	free(cut.data);
}

static void
req_60_truncated_and_trailing(void **state)
{
	static const char *const types[] = { "ssh-rsa", "ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-ed25519",
		SK_ED25519, SK_ECDSA };
	struct wirebuf blob = { NULL, 0 };
	struct signer *s;
	size_t i, len;
	unsigned octet;

	(void)state;
	for (i = 0; i < N(types); i++) {
		print_message("  %s\n", types[i]);
		s = signer_new(types[i], 2048);
		signer_blob(s, &blob);
		expect(&blob, 0);
		for (len = 0; len < blob.len; len++)
			expect_prefix(&blob, len, DANCE_ERR_BAD_CREDENTIAL);
		wirebuf_u8(&blob, 0);
		for (octet = 0; octet < 256; octet++) {
			blob.data[blob.len - 1] = (uint8_t)octet;
			expect(&blob, DANCE_ERR_BAD_CREDENTIAL);
		}
		wirebuf_free(&blob);
		signer_free(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_56_compressed_and_off_curve_points),
		cmocka_unit_test(req_60_rsa_numbers),
		cmocka_unit_test(req_58_rsa_size),
		cmocka_unit_test(req_58_dsa_is_weak),
		cmocka_unit_test(req_59_applications),
		cmocka_unit_test(req_59_unknown_and_composite_types),
		cmocka_unit_test(req_60_truncated_and_trailing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
