/* SPDX-License-Identifier: ISC */
/* Signatures: each algorithm with its own keys, and with nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "signer.h"
#include "sshkey.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define SK_ED25519 "sk-ssh-ed25519@openssh.com"
#define SK_ECDSA   "sk-ecdsa-sha2-nistp256@openssh.com"

static const struct dance_bytes message = { (const uint8_t *)"message", 7 };
static const struct dance_bytes other = { (const uint8_t *)"messagf", 7 };

static const struct {
	const char *type;
	const char *alg;
} kinds[] = {
	{ "ssh-rsa", "rsa-sha2-256" },
	{ "ssh-rsa", "rsa-sha2-512" },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521" },
	{ "ssh-ed25519", "ssh-ed25519" },
	{ SK_ECDSA, SK_ECDSA },
	{ SK_ED25519, SK_ED25519 },
};

static struct dance_sshkey *
key_of(const struct signer *s)
{
	struct wirebuf blob = { NULL, 0 };
	struct dance_sshkey *key = NULL;

	signer_blob(s, &blob);
	assert_int_equal(
	    dance_sshkey_parse(blob.data, blob.len, 1024, &key), 0);
	wirebuf_free(&blob);
	return key;
}

static void
expect(const struct dance_sshkey *key, const struct wirebuf *sig, int want)
{
	assert_int_equal(
	    dance_sshkey_verify(key, wirebuf_bytes(sig), message), want);
}

static void
each_algorithm_verifies_its_own(void **state)
{
	struct wirebuf sig = { NULL, 0 };
	struct dance_sshkey *key, *stranger;
	struct signer *s, *s2;
	size_t i;

	(void)state;
	for (i = 0; i < N(kinds); i++) {
		print_message("  %s\n", kinds[i].alg);
		s = signer_new(kinds[i].type, 1024);
		s2 = signer_new(kinds[i].type, 1024);
		key = key_of(s);
		stranger = key_of(s2);
		signer_sign(s, kinds[i].alg, message, &sig);
		expect(key, &sig, 0);
		expect(stranger, &sig, DANCE_ERR_BAD_CREDENTIAL);
		assert_int_equal(
		    dance_sshkey_verify(key, wirebuf_bytes(&sig), other),
		    DANCE_ERR_BAD_CREDENTIAL);
		wirebuf_u8(&sig, 0);
		expect(key, &sig, DANCE_ERR_BAD_CREDENTIAL);
		wirebuf_free(&sig);
		dance_sshkey_free(&key);
		dance_sshkey_free(&stranger);
		signer_free(&s);
		signer_free(&s2);
	}
}

static void
each_flipped_bit_and_each_cut_is_refused(void **state)
{
	struct wirebuf sig = { NULL, 0 };
	struct dance_sshkey *key;
	struct signer *s;
	size_t i, at;

	(void)state;
	for (i = 0; i < N(kinds); i++) {
		print_message("  %s\n", kinds[i].alg);
		s = signer_new(kinds[i].type, 1024);
		key = key_of(s);
		signer_sign(s, kinds[i].alg, message, &sig);
		for (at = 0; at < sig.len * 8; at++) {
			sig.data[at / 8] ^= (uint8_t)(1 << at % 8);
			assert_int_not_equal(dance_sshkey_verify(key,
						 wirebuf_bytes(&sig), message),
			    0);
			sig.data[at / 8] ^= (uint8_t)(1 << at % 8);
		}
		for (at = 0; at < sig.len; at++)
			assert_int_equal(
			    dance_sshkey_verify(key,
				(struct dance_bytes){ sig.data, at }, message),
			    DANCE_ERR_BAD_CREDENTIAL);
		wirebuf_free(&sig);
		dance_sshkey_free(&key);
		signer_free(&s);
	}
}

/* A signature blob with a name of the test's choice and zeros behind it. */
static void
expect_alg(const struct dance_sshkey *key, const char *alg, int want)
{
	static const uint8_t zeros[256] = { 0 };
	struct wirebuf sig = { NULL, 0 };

	wirebuf_text(&sig, alg);
	wirebuf_string(&sig, zeros, sizeof(zeros));
	expect(key, &sig, want);
	wirebuf_free(&sig);
}

static void
req_58_sha1_signatures_are_weak(void **state)
{
	struct signer *rsa = signer_new("ssh-rsa", 2048);
	struct signer *ed25519 = signer_new("ssh-ed25519", 0);
	struct dance_sshkey *key = key_of(rsa), *key2 = key_of(ed25519);

	(void)state;
	expect_alg(key, "ssh-rsa", DANCE_ERR_WEAK_KEY);
	expect_alg(key, "rsa-sha2-256", DANCE_ERR_BAD_CREDENTIAL);
	expect_alg(key, "rsa-sha1", DANCE_ERR_BAD_CREDENTIAL);
	expect_alg(key2, "ssh-rsa", DANCE_ERR_BAD_CREDENTIAL);
	dance_sshkey_free(&key);
	dance_sshkey_free(&key2);
	signer_free(&rsa);
	signer_free(&ed25519);
}

/* RFC 8332: the algorithm is the signature's, not the key's. */
static void
req_57_one_rsa_key_for_both_digests(void **state)
{
	struct signer *s = signer_new("ssh-rsa", 2048);
	struct dance_sshkey *key = key_of(s), *again = key_of(s);
	struct wirebuf sig = { NULL, 0 };

	(void)state;
	signer_sign(s, "rsa-sha2-256", message, &sig);
	expect(key, &sig, 0);
	wirebuf_free(&sig);
	signer_sign(s, "rsa-sha2-512", message, &sig);
	expect(again, &sig, 0);
	wirebuf_free(&sig);
	assert_string_equal(key->info->name, "ssh-rsa");
	assert_int_equal(key->spki_len, again->spki_len);
	assert_memory_equal(key->spki, again->spki, key->spki_len);
	expect_alg(key, "rsa-sha2-1024", DANCE_ERR_BAD_CREDENTIAL);
	dance_sshkey_free(&key);
	dance_sshkey_free(&again);
	signer_free(&s);
}

/* The same mathematics under another name is another algorithm. */
static void
algorithm_belongs_to_the_key(void **state)
{
	struct wirebuf sig = { NULL, 0 }, renamed = { NULL, 0 };
	struct dance_sshkey *key;
	struct signer *s;
	size_t i, j, skip;

	(void)state;
	for (i = 0; i < N(kinds); i++) {
		s = signer_new(kinds[i].type, 2048);
		key = key_of(s);
		signer_sign(s, kinds[i].alg, message, &sig);
		skip = 4 + strlen(kinds[i].alg);
		for (j = 0; j < N(kinds); j++) {
			wirebuf_text(&renamed, kinds[j].alg);
			wirebuf_raw(&renamed, sig.data + skip, sig.len - skip);
			expect(key, &renamed,
			    i == j ? 0 : DANCE_ERR_BAD_CREDENTIAL);
			wirebuf_free(&renamed);
		}
		wirebuf_free(&sig);
		dance_sshkey_free(&key);
		signer_free(&s);
	}
}

static void
req_59_touch_is_never_waived(void **state)
{
	static const struct {
		uint8_t flags;
		int want;
	} rows[] = { { 0x01, 0 }, { 0x05, 0 }, { 0x81, 0 },
		{ 0x00, DANCE_ERR_BAD_CREDENTIAL },
		{ 0x04, DANCE_ERR_BAD_CREDENTIAL },
		{ 0xfe, DANCE_ERR_BAD_CREDENTIAL } };
	struct wirebuf sig = { NULL, 0 };
	struct dance_sshkey *key;
	struct signer *s;
	size_t i, j;

	(void)state;
	for (i = 6; i < N(kinds); i++) {
		s = signer_new(kinds[i].type, 0);
		key = key_of(s);
		for (j = 0; j < N(rows); j++) {
			s->flags = rows[j].flags;
			signer_sign(s, NULL, message, &sig);
			expect(key, &sig, rows[j].want);
			wirebuf_free(&sig);
		}
		s->flags = 1;
		s->application = "ssh:other"; /* another key on the token */
		signer_sign(s, NULL, message, &sig);
		expect(key, &sig, DANCE_ERR_BAD_CREDENTIAL);
		wirebuf_free(&sig);
		dance_sshkey_free(&key);
		signer_free(&s);
	}
}

static void
req_59_webauthn_is_refused(void **state)
{
	struct signer *s = signer_new(SK_ECDSA, 0);
	struct dance_sshkey *key = key_of(s);

	(void)state;
	expect_alg(key, "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
	    DANCE_ERR_BAD_CREDENTIAL);
	dance_sshkey_free(&key);
	signer_free(&s);
}

/*
 * A signature that starts with a zero octet comes about once in 256; with it
 * stripped, as some agents do, it is still the signature.
 */
static void
rsa_signatures_may_be_short_but_not_long(void **state)
{
	struct signer *s = signer_new("ssh-rsa", 1024);
	struct dance_sshkey *key = key_of(s);
	struct wirebuf sig = { NULL, 0 }, edited = { NULL, 0 };
	struct dance_bytes text;
	const uint8_t *raw = NULL;
	char number[16];
	int i, n;

	(void)state;
	for (i = 0; i < 100000; i++) {
		n = snprintf(number, sizeof(number), "%d", i);
		text.data = (const uint8_t *)number;
		text.len = (size_t)n;
		wirebuf_free(&sig);
		signer_sign(s, "rsa-sha2-256", text, &sig);
		raw = sig.data + 4 + 12 + 4;
		if (raw[0] == 0)
			break;
	}
	assert_int_equal(raw[0], 0);
	wirebuf_text(&edited, "rsa-sha2-256");
	wirebuf_string(&edited, raw + 1, 127);
	assert_int_equal(
	    dance_sshkey_verify(key, wirebuf_bytes(&edited), text), 0);
	wirebuf_free(&edited);
	wirebuf_text(&edited, "rsa-sha2-256");
	wirebuf_u32(&edited, 129);
	wirebuf_u8(&edited, 0);
	wirebuf_raw(&edited, raw, 128);
	assert_int_equal(dance_sshkey_verify(key, wirebuf_bytes(&edited), text),
	    DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&edited);
	wirebuf_text(&edited, "rsa-sha2-256");
	wirebuf_text(&edited, "");
	expect(key, &edited, DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&edited);
	wirebuf_free(&sig);
	dance_sshkey_free(&key);
	signer_free(&s);
}

static void
ecdsa_numbers_are_bounded(void **state)
{
	static const struct {
		const char *name;
		size_t r_len;
		size_t s_len;
		bool is_trailing;
	} rows[] = { { "zero r", 0, 32, false }, { "zero s", 32, 0, false },
		{ "long r", 67, 32, false }, { "long s", 32, 200, false },
		{ "third number", 32, 32, true } };
	static const uint8_t ones[200] = { 1, 1, 1 };
	struct signer *s = signer_new("ecdsa-sha2-nistp256", 0);
	struct dance_sshkey *key = key_of(s);
	struct wirebuf sig = { NULL, 0 }, inner = { NULL, 0 };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		print_message("  %s\n", rows[i].name);
		wirebuf_string(&inner, ones, rows[i].r_len);
		wirebuf_string(&inner, ones, rows[i].s_len);
		if (rows[i].is_trailing)
			wirebuf_string(&inner, ones, 1);
		wirebuf_text(&sig, "ecdsa-sha2-nistp256");
		wirebuf_nested(&sig, &inner);
		expect(key, &sig, DANCE_ERR_BAD_CREDENTIAL);
		wirebuf_free(&sig);
		wirebuf_free(&inner);
	}
	dance_sshkey_free(&key);
	signer_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_algorithm_verifies_its_own),
		cmocka_unit_test(each_flipped_bit_and_each_cut_is_refused),
		cmocka_unit_test(req_57_one_rsa_key_for_both_digests),
		cmocka_unit_test(req_58_sha1_signatures_are_weak),
		cmocka_unit_test(algorithm_belongs_to_the_key),
		cmocka_unit_test(req_59_touch_is_never_waived),
		cmocka_unit_test(req_59_webauthn_is_refused),
		cmocka_unit_test(rsa_signatures_may_be_short_but_not_long),
		cmocka_unit_test(ecdsa_numbers_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
