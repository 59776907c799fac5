/* SPDX-License-Identifier: ISC */
/*
 * Proof by an agent: only a signature of the very challenge by the very key
 * that is let in, of an algorithm that counts, is one.
 */
#include <sys/random.h>
#include <sys/utsname.h>

#include "proof_bench.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define NAME	"a.b"
#define MAP	NAME " alice\n"
#define LATE_MS 200

static struct offer_key ed, other, ecdsa[3], rsa;

static uint8_t nonce[DANCE_NONCE_LEN];

/* In place of the C library's: the test knows the nonce; each is another. */
ssize_t
getrandom(void *buffer, size_t len, unsigned flags)
{
	(void)flags;
	assert_int_equal(len, sizeof(nonce));
	nonce[7]++;
	memcpy(buffer, nonce, len);
	return (ssize_t)len;
}

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&ed, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	offer_key_init(&ecdsa[0], "ecdsa-sha2-nistp256", 0);
	offer_key_init(&ecdsa[1], "ecdsa-sha2-nistp384", 0);
	offer_key_init(&ecdsa[2], "ecdsa-sha2-nistp521", 0);
	offer_key_init(&rsa, "ssh-rsa", 2048);
	return 0;
}

static int
group_teardown(void **state)
{
	size_t i;

	(void)state;
	bench_clear();
	offer_key_clear(&ed);
	offer_key_clear(&other);
	for (i = 0; i < N(ecdsa); i++)
		offer_key_clear(&ecdsa[i]);
	offer_key_clear(&rsa);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	bench_clear();
	return 0;
}

static void
the_right_key_lets_in(void **state)
{
	(void)state;
	script_secure(NAME, "3 1 1", &ed);
	bench_hold(&ed, FAKE_SIGNS);
	bench_expect("ed", MAP, "accept", "a");
	assert_string_equal(bench_result.identity, NAME);
	assert_string_equal(bench_result.fingerprint, ed.fingerprint);
	assert_string_equal(bench_result.source, "dns");
	assert_string_equal(bench_result.fault.text, "");
	assert_int_equal(bench_result.usage, 3);
	assert_int_equal(bench_result.selector, 1);
	assert_int_equal(bench_result.matching, 1);
	assert_int_equal(script_queries(), 1);
}

/* For each type: its own signature, and those that are not quite. */
static void
each_type_of_key(void **state)
{
	const struct {
		const struct offer_key *key;
		uint32_t flags;
	} rows[] = { { &ed, 0 }, { &ecdsa[0], 0 }, { &ecdsa[1], 0 },
		{ &ecdsa[2], 0 }, { &rsa, 4 } };
	const char *type;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		bench_clear();
		type = rows[i].key->signer->type;
		script_secure(NAME, "3 1 1", rows[i].key);
		bench_hold(rows[i].key, FAKE_SIGNS);
		bench_expect(type, MAP, "accept", "a");
		assert_int_equal(bench_seen.flags[0], rows[i].flags);
		bench_keys[0].answer = FAKE_SIGNS_ANOTHER;
		bench_expect(type, MAP, "bad-credential", "a");
		assert_string_equal(bench_result.fault.text,
		    "the agent's signature does not verify");
		bench_keys[0].answer = FAKE_REFUSES;
		bench_expect(type, MAP, "bad-credential", "a");
		assert_string_equal(
		    bench_result.fault.text, "the agent refuses to sign");
		bench_keys[0].answer = FAKE_SIGNS;
		bench_keys[0].signer = other.signer;
		bench_expect(type, MAP, "bad-credential", "a");
	}
}

/* The signer has a key of the same type, and signs the right challenge. */
static void
a_signature_of_another_key(void **state)
{
	(void)state;
	script_secure(NAME, "3 1 1", &ed);
	bench_hold(&ed, FAKE_SIGNS)->signer = other.signer;
	bench_expect("other", MAP, "bad-credential", "a");
	bench_keys[0].signer = ed.signer;
	bench_expect("own", MAP, "accept", "a");
}

static void
algorithms_of_rsa(void **state)
{
	static const struct {
		const char *alg;
		const char *reason;
	} rows[] = {
		{ "rsa-sha2-512", "accept" },
		{ "rsa-sha2-256", "accept" },
		{ "ssh-rsa", "weak-key" },
		{ "rsa-sha2-384", "bad-credential" },
		{ "ssh-rsa-cert-v01@openssh.com", "bad-credential" },
	};
	struct fake_key *held;
	size_t i;

	(void)state;
	script_secure(NAME, "3 1 1", &rsa);
	held = bench_hold(&rsa, FAKE_SIGNS);
	for (i = 0; i < N(rows); i++) {
		held->alg = rows[i].alg;
		bench_expect(rows[i].alg, MAP, rows[i].reason, "a");
	}
}

static void
a_signature_of_an_earlier_challenge(void **state)
{
	struct fake_key *held;
	struct fake_seen first;

	(void)state;
	script_secure(NAME, "3 1 1", &ed);
	held = bench_hold(&ed, FAKE_SIGNS);
	bench_expect("first", MAP, "accept", "a");
	first = bench_seen;
	held->answer = FAKE_SENDS;
	wirebuf_raw(&held->sends, first.signature, first.signature_len);
	bench_expect("replayed", MAP, "bad-credential", "a");
	assert_int_equal(bench_seen.message_len, first.message_len);
	assert_memory_not_equal(
	    bench_seen.message, first.message, first.message_len);
}

/* Nothing but the challenge, and that is about the names that were given. */
static void
what_is_signed(void **state)
{
	struct dance_challenge want;
	struct utsname host;
	time_t now, start = time(NULL);

	(void)state;
	assert_int_equal(uname(&host), 0);
	script_secure(NAME, "3 1 1", &ed);
	bench_hold(&ed, FAKE_SIGNS);
	bench_expect("ed", MAP, "accept", "a");
	for (now = start; now <= time(NULL); now++) {
		assert_int_equal(dance_challenge_from(&bench_names, now, nonce,
				     host.nodename, &want),
		    0);
		if (want.len == bench_seen.message_len &&
		    memcmp(want.octets, bench_seen.message, want.len) == 0)
			return;
	}
	fail_msg("another message was signed");
}

static void
malformed_signatures(void **state)
{
	struct wirebuf good = { NULL, 0 };
	struct fake_key *held;
	size_t len;

	(void)state;
	script_secure(NAME, "3 1 1", &ed);
	held = bench_hold(&ed, FAKE_SENDS);
	wirebuf_text(&good, "ssh-ed25519");
	wirebuf_string(&good, nonce, sizeof(nonce));
	for (len = 0; len <= good.len; len += 5) {
		wirebuf_free(&held->sends);
		wirebuf_raw(&held->sends, good.data, len);
		bench_expect("cut", MAP, "bad-credential", "a");
	}
	wirebuf_free(&good);
}

/* An answer behind which nothing more can be asked. */
static void
agents_that_break_off(void **state)
{
	static const struct {
		enum fake_answer answer;
		const char *sends;
		size_t len;
		const char *why;
	} rows[] = {
		{ FAKE_HANGS_UP, "", 0, "the agent hung up" },
		{ FAKE_IS_SILENT, "", 0, "the agent did not answer in time" },
		{ FAKE_SENDS_RAW, "\0\0\0\0", 4,
		    "the agent's answer is empty" },
		{ FAKE_SENDS_RAW, "\0\4\0\1", 4,
		    "the agent's answer is too long" },
		{ FAKE_SENDS_RAW, "\0\0\0\1\6", 5,
		    "the agent's answer is malformed" },
	};
	struct fake_key *held;
	int64_t start;
	size_t i;

	(void)state;
	script_secure(NAME, "3 1 1", &ed);
	held = bench_hold(&ed, FAKE_SIGNS);
	bench_ms = 300;
	for (i = 0; i < N(rows); i++) {
		held->answer = rows[i].answer;
		wirebuf_free(&held->sends);
		wirebuf_raw(&held->sends, rows[i].sends, rows[i].len);
		start = dance_now_ms();
		bench_expect(rows[i].why, MAP, "bad-credential", "a");
		assert_true(dance_now_ms() - start < bench_ms + LATE_MS);
		assert_string_equal(bench_result.fault.text, rows[i].why);
	}
}

/* The list does not come, or is none: a refusal with its reason. */
static void
agents_without_a_list(void **state)
{
	static const struct {
		const char *sends;
		size_t len;
		const char *why;
	} rows[] = {
		{ "", 0, "the agent hung up" },
		{ "\0\0\0\1\5", 5, "the agent's answer is malformed" },
		{ "\0\0\0\5\14\0\0\0\0", 9, "the agent holds no key" },
	};
	struct script_case c = { .map = MAP };
	struct dance_policy policy;
	struct dance_proof proof = { &policy, 0 };
	struct dance_result result;
	struct fake_peer peer = { .piece = 0 };
	struct fake_agent agent;
	size_t i;

	(void)state;
	script_policy_make(&c, &policy);
	for (i = 0; i < N(rows); i++) {
		memset(&result, 0, sizeof(result));
		peer.data = (const uint8_t *)rows[i].sends;
		peer.len = rows[i].len;
		proof.deadline_ms = dance_now_ms() + BENCH_MS;
		fake_peer_start(&agent, &peer);
		dance_proof_by_agent(&proof, agent.fd, &bench_names, &result);
		fake_agent_stop(&agent, NULL);
		assert_int_equal(result.verdict, DANCE_ERR_BAD_CREDENTIAL);
		assert_string_equal(result.fault.text, rows[i].why);
		assert_string_equal(result.account, "alice");
	}
	assert_int_equal(script_made, 0);
	script_policy_clear(&policy);
}

static void
names_that_no_challenge_can_hold(void **state)
{
	static char text[3000];
	struct dance_challenge_names names = { text, "alice", "" };
	struct script_case c = { .map = MAP };
	struct dance_policy policy;
	struct dance_proof proof = { &policy, dance_now_ms() + BENCH_MS };
	struct dance_result result = { .verdict = 0 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	script_policy_make(&c, &policy);
	dance_proof_by_agent(&proof, -1, &names, &result);
	assert_int_equal(result.verdict, DANCE_ERR_INTERNAL);
	script_policy_clear(&policy);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(the_right_key_lets_in),
		TEST(each_type_of_key),
		TEST(a_signature_of_another_key),
		TEST(algorithms_of_rsa),
		TEST(a_signature_of_an_earlier_challenge),
		TEST(what_is_signed),
		TEST(malformed_signatures),
		TEST(agents_that_break_off),
		TEST(agents_without_a_list),
		TEST(names_that_no_challenge_can_hold),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
