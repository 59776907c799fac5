/* SPDX-License-Identifier: ISC */
/*
 * What is to be signed: the very octets, what they are bound to, and that
 * OpenSSH takes a signature of them for one of its own form and of no other
 * namespace.  Chance and the host's name are the test's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "challenge.h"
#include "keys.h"
#include "pki.h"
#include "signer.h"
#include "tree.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define NOW   ((time_t)1700000000)
#define NONCE "0123456789abcdefghijklmnopqrstuv"
#define HOST  "host.example"
#define ROOM  1967 /* octets for all names */

static const struct dance_challenge_names names = { "sudo", "root", "alice" };

static unsigned random_calls;
static ssize_t random_result;
static int uname_result;

/* In place of the C library's. */
ssize_t
getrandom(void *buffer, size_t len, unsigned flags)
{
	assert_int_equal(len, DANCE_NONCE_LEN);
	assert_int_equal(flags, 0);
	memcpy(buffer, NONCE, len);
	((uint8_t *)buffer)[len - 1] = (uint8_t)random_calls++;
	return random_result;
}

int
uname(struct utsname *name)
{
	memset(name, 0, sizeof(*name));
	memcpy(name->nodename, HOST, strlen(HOST));
	return uname_result;
}

static int
setup(void **state)
{
	(void)state;
	random_calls = 0;
	random_result = DANCE_NONCE_LEN;
	uname_result = 0;
	return 0;
}

static const uint8_t *
nonce(void)
{
	return (const uint8_t *)NONCE;
}

/* The message behind the digest, put together by hand. */
static void
message_make(struct wirebuf *ret)
{
	wirebuf_text(ret, "dance-login pam 1");
	wirebuf_text(ret, NONCE);
	wirebuf_text(ret, "sudo");
	wirebuf_text(ret, "root");
	wirebuf_text(ret, "alice");
	wirebuf_text(ret, HOST);
	wirebuf_u64(ret, (uint64_t)NOW);
}

static void
the_octets_are_those_of_an_sshsig(void **state)
{
	struct wirebuf message = { NULL, 0 }, want = { NULL, 0 };
	struct dance_challenge challenge;
	uint8_t digest[64];

	(void)state;
	message_make(&message);
	assert_int_equal(EVP_Q_digest(NULL, "SHA512", NULL, message.data,
			     message.len, digest, NULL),
	    1);
	wirebuf_raw(&want, "SSHSIG", 6);
	wirebuf_text(&want, "pam@dance-login");
	wirebuf_text(&want, "");
	wirebuf_text(&want, "sha512");
	wirebuf_string(&want, digest, sizeof(digest));
	assert_int_equal(
	    dance_challenge_from(&names, NOW, nonce(), HOST, &challenge), 0);
	assert_int_equal(challenge.len, want.len);
	assert_memory_equal(challenge.octets, want.data, want.len);
	wirebuf_free(&message);
	wirebuf_free(&want);
}

/* The file of a signature (PROTOCOL.sshsig) that was made of the challenge. */
static void
armour_write(const char *dir, const struct signer *s,
    const struct dance_challenge *challenge)
{
	struct wirebuf blob = { NULL, 0 }, sig = { NULL, 0 };
	struct wirebuf all = { NULL, 0 }, text = { NULL, 0 };

	signer_blob(s, &blob);
	signer_sign(s, NULL,
	    (struct dance_bytes){ challenge->octets, challenge->len }, &sig);
	wirebuf_raw(&all, "SSHSIG", 6);
	wirebuf_u32(&all, 1);
	wirebuf_nested(&all, &blob);
	wirebuf_text(&all, DANCE_CHALLENGE_NAMESPACE);
	wirebuf_text(&all, "");
	wirebuf_text(&all, "sha512");
	wirebuf_nested(&all, &sig);
	wirebuf_raw(&text, "-----BEGIN SSH SIGNATURE-----\n", 30);
	pki_base64(&all, &text);
	wirebuf_raw(&text, "\n-----END SSH SIGNATURE-----\n", 29);
	tree_write_bytes(dir, "/sig", text.data, text.len);
	wirebuf_free(&text);
	wirebuf_raw(&text, "who ", 4);
	wirebuf_raw(&text, s->type, strlen(s->type));
	wirebuf_raw(&text, " ", 1);
	pki_base64(&blob, &text);
	wirebuf_raw(&text, "\n", 1);
	tree_write_bytes(dir, "/allowed", text.data, text.len);
	wirebuf_free(&blob);
	wirebuf_free(&sig);
	wirebuf_free(&all);
	wirebuf_free(&text);
}

/* ssh-keygen's word, which also hashes the message anew. */
static bool
keygen_takes(const char *dir, const char *namespace, const char *message)
{
	char command[256], *out;
	bool is_good;

	snprintf(command, sizeof(command),
	    "ssh-keygen -Y verify -f allowed -I who -n %s -s sig <%s "
	    "&& echo taken || echo refused\n",
	    namespace, message);
	tree_write(dir, "/verify", command);
	keys_run(dir, "sh verify");
	out = keys_read(dir, "stdout", NULL);
	is_good = strstr(out, "taken\n") != NULL;
	if (is_good == (strstr(out, "refused\n") != NULL))
		fail_msg("%s", out);
	free(out);
	return is_good;
}

static void
ssh_keygen_takes_it_and_nothing_else(void **state)
{
	static const char *const types[] = { "ssh-ed25519",
		"ecdsa-sha2-nistp256", "ssh-rsa" };
	struct wirebuf message = { NULL, 0 };
	struct dance_challenge challenge;
	char dir[KEYS_DIR_MAX];
	struct signer *signer;
	size_t i;

	(void)state;
	message_make(&message);
	assert_int_equal(
	    dance_challenge_from(&names, NOW, nonce(), HOST, &challenge), 0);
	keys_dir_make(dir);
	tree_write_bytes(dir, "/message", message.data, message.len);
	message.data[message.len - 1] ^= 1;
	tree_write_bytes(dir, "/other", message.data, message.len);
	for (i = 0; i < N(types); i++) {
		signer = signer_new(types[i], 2048);
		armour_write(dir, signer, &challenge);
		signer_free(&signer);
		assert_true(
		    keygen_takes(dir, DANCE_CHALLENGE_NAMESPACE, "message"));
		assert_false(
		    keygen_takes(dir, DANCE_CHALLENGE_NAMESPACE, "other"));
		assert_false(keygen_takes(dir, "file", "message"));
		assert_false(keygen_takes(dir, "git", "message"));
	}
	wirebuf_free(&message);
	keys_dir_remove(dir);
}

/* Each row differs from all others, the first from itself not. */
static void
everything_it_is_bound_to_changes_it(void **state)
{
	static const struct {
		struct dance_challenge_names names;
		time_t now;
		const char *nonce;
		const char *host;
	} rows[] = {
		{ { "sudo", "root", "alice" }, NOW, NONCE, HOST },
		{ { "su", "root", "alice" }, NOW, NONCE, HOST },
		{ { "sudo", "bob", "alice" }, NOW, NONCE, HOST },
		{ { "sudo", "root", "bob" }, NOW, NONCE, HOST },
		{ { "sudo", "root", "" }, NOW, NONCE, HOST },
		{ { "", "root", "alice" }, NOW, NONCE, HOST },
		{ { "sudo", "alice", "root" }, NOW, NONCE, HOST },
		/* The same octets, cut elsewhere. */
		{ { "sudor", "oot", "alice" }, NOW, NONCE, HOST },
		{ { "sudo", "roota", "lice" }, NOW, NONCE, HOST },
		{ { "sudo", "root", "alic" }, NOW, NONCE, "ehost.example" },
		{ { "sudo", "root", "alice" }, NOW + 1, NONCE, HOST },
		{ { "sudo", "root", "alice" }, NOW - 1, NONCE, HOST },
		{ { "sudo", "root", "alice" }, NOW + ((time_t)1 << 40), NONCE,
		    HOST },
		{ { "sudo", "root", "alice" }, NOW, NONCE, "host2.example" },
		{ { "sudo", "root", "alice" }, NOW, NONCE, "" },
		{ { "sudo", "root", "alice" }, NOW,
		    "1123456789abcdefghijklmnopqrstuv", HOST },
		{ { "sudo", "root", "alice" }, NOW,
		    "0123456789abcdefghijklmnopqrstuw", HOST },
	};
	static struct dance_challenge made[N(rows)], again;
	size_t i, k;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(
		    dance_challenge_from(&rows[i].names, rows[i].now,
			(const uint8_t *)rows[i].nonce, rows[i].host, &made[i]),
		    0);
		assert_int_equal(made[i].len, made[0].len);
		for (k = 0; k < i; k++)
			if (memcmp(made[i].octets, made[k].octets,
				made[i].len) == 0)
				fail_msg("%zu is %zu", i, k);
	}
	assert_int_equal(
	    dance_challenge_from(&names, NOW, nonce(), HOST, &again), 0);
	assert_memory_equal(again.octets, made[0].octets, again.len);
}

/* One place takes len octets, whichever it is; ret: does not fit. */
static int
long_name(unsigned which, size_t len)
{
	struct dance_challenge_names n = { "", "", "" };
	struct dance_challenge challenge = { .len = 4711 };
	char *text = malloc(len + 1);
	int r;

	assert_non_null(text);
	memset(text, 'x', len);
	text[len] = '\0';
	if (which == 0)
		n.service = text;
	if (which == 1)
		n.user = text;
	if (which == 2)
		n.caller = text;
	r = dance_challenge_from(
	    &n, NOW, nonce(), which == 3 ? text : "", &challenge);
	assert_int_equal(challenge.len == 4711, r != 0);
	free(text);
	return r;
}

static void
names_that_are_too_long(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(long_name(i, ROOM), 0);
		assert_int_equal(long_name(i, ROOM + 1), DANCE_ERR_INTERNAL);
		assert_int_equal(long_name(i, 1000000), DANCE_ERR_INTERNAL);
	}
}

static void
chance_and_the_host_make_it(void **state)
{
	struct dance_challenge first, second, want;
	uint8_t expected[DANCE_NONCE_LEN];

	(void)state;
	memcpy(expected, NONCE, sizeof(expected));
	expected[sizeof(expected) - 1] = 0;
	assert_int_equal(dance_challenge_make(&names, NOW, &first), 0);
	assert_int_equal(dance_challenge_make(&names, NOW, &second), 0);
	assert_int_equal(random_calls, 2);
	assert_memory_not_equal(first.octets, second.octets, first.len);
	assert_int_equal(
	    dance_challenge_from(&names, NOW, expected, HOST, &want), 0);
	assert_int_equal(first.len, want.len);
	assert_memory_equal(first.octets, want.octets, want.len);
}

static void
without_chance_or_a_host_there_is_none(void **state)
{
	struct dance_challenge challenge = { .len = 4711 };

	(void)state;
	random_result = -1;
	assert_int_equal(
	    dance_challenge_make(&names, NOW, &challenge), DANCE_ERR_INTERNAL);
	random_result = DANCE_NONCE_LEN - 1;
	assert_int_equal(
	    dance_challenge_make(&names, NOW, &challenge), DANCE_ERR_INTERNAL);
	random_result = DANCE_NONCE_LEN;
	uname_result = -1;
	assert_int_equal(
	    dance_challenge_make(&names, NOW, &challenge), DANCE_ERR_INTERNAL);
	assert_int_equal(challenge.len, 4711);
	uname_result = 0;
	assert_int_equal(dance_challenge_make(&names, NOW, &challenge), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(the_octets_are_those_of_an_sshsig),
		TEST(ssh_keygen_takes_it_and_nothing_else),
		TEST(everything_it_is_bound_to_changes_it),
		TEST(names_that_are_too_long),
		TEST(chance_and_the_host_make_it),
		TEST(without_chance_or_a_host_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
