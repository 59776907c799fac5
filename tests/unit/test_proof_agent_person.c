/* SPDX-License-Identifier: ISC */
/*
 * FIDO keys in an agent, in a worker behind its walls: the touch is never
 * waived, a person is asked once, and only for a key that is let in already.
 */
#include "proof_bench.h"

#define N(a)	 (sizeof(a) / sizeof((a)[0]))
#define NAME	 "a.b"
#define MAP	 NAME " alice\n"
#define TOUCHED	 0x01
#define VERIFIED 0x04

static struct offer_key sk, sk_ecdsa, plain, ca;

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&sk, "sk-ssh-ed25519@openssh.com", 0);
	offer_key_init(&sk_ecdsa, "sk-ecdsa-sha2-nistp256@openssh.com", 0);
	offer_key_init(&plain, "ssh-ed25519", 0);
	offer_key_init(&ca, "ssh-ed25519", 0);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	bench_clear();
	offer_key_clear(&sk);
	offer_key_clear(&sk_ecdsa);
	offer_key_clear(&plain);
	offer_key_clear(&ca);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	bench_clear();
	sk.signer->flags = sk_ecdsa.signer->flags = TOUCHED;
	return 0;
}

static void
expect(const char *what, const char *map, const char *reason, const char *order,
    unsigned persons)
{
	bench_prove(map, true);
	if (strcmp(dance_reason(bench_result.verdict), reason) != 0)
		fail_msg("%s: %s: %s", what, dance_reason(bench_result.verdict),
		    bench_result.fault.text);
	if (strcmp(bench_seen.order, order) != 0)
		fail_msg("%s: asked: %s", what, bench_seen.order);
	if (bench_persons != persons)
		fail_msg("%s: persons: %u", what, bench_persons);
}

/* The walls leave room for all of it. */
static void
a_key_without_a_person(void **state)
{
	(void)state;
	script_secure(NAME, "3 1 1", &plain);
	bench_hold(&plain, FAKE_SIGNS);
	expect("plain", MAP, "accept", "a", 0);
	bench_has_person = false;
	expect("plain, nobody there", MAP, "accept", "a", 0);
}

static void
the_touch_is_never_waived(void **state)
{
	struct offer_key *const keys[] = { &sk, &sk_ecdsa };
	static const struct {
		uint8_t flags;
		const char *reason;
	} rows[] = {
		{ TOUCHED, "accept" },
		{ TOUCHED | VERIFIED, "accept" },
		{ 0xff, "accept" },
		{ 0, "bad-credential" },
		{ VERIFIED, "bad-credential" },
		{ 0xfe, "bad-credential" },
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < N(keys); i++) {
		bench_clear();
		script_secure(NAME, "3 1 1", keys[i]);
		bench_hold(keys[i], FAKE_SIGNS);
		for (k = 0; k < N(rows); k++) {
			keys[i]->signer->flags = rows[k].flags;
			expect(
			    keys[i]->signer->type, MAP, rows[k].reason, "a", 1);
		}
	}
}

/* The flags that were signed count, not those that stand behind it. */
static void
flags_that_were_not_signed(void **state)
{
	struct wirebuf *sends;
	struct fake_key *held;

	(void)state;
	script_secure(NAME, "3 1 1", &sk);
	sk.signer->flags = 0;
	held = bench_hold(&sk, FAKE_SIGNS);
	expect("untouched", MAP, "bad-credential", "a", 1);
	held->answer = FAKE_SENDS;
	sends = &held->sends;
	wirebuf_raw(sends, bench_seen.signature, bench_seen.signature_len);
	sends->data[sends->len - 5] = TOUCHED;
	expect("touched afterwards", MAP, "bad-credential", "a", 1);
}

static void
a_person_is_asked_once(void **state)
{
	struct script_name *name = script_secure(NAME, "3 1 1", &sk);

	(void)state;
	script_record(name, "3 1 1", &sk_ecdsa);
	script_record(name, "3 1 1", &plain);
	bench_hold(&sk, FAKE_REFUSES);
	bench_hold(&sk_ecdsa, FAKE_SIGNS);
	expect("refused, touched", MAP, "accept", "ab", 1);
	bench_keys[1].answer = FAKE_REFUSES;
	expect("refused twice", MAP, "bad-credential", "ab", 1);
	bench_hold(&plain, FAKE_SIGNS);
	expect("and a plain one", MAP, "accept", "abc", 1);
	/* It may have come to the agent before it was stopped. */
	bench_has_person = false;
	bench_prove(MAP, true);
	assert_int_equal(bench_result.verdict, DANCE_ERR_INTERNAL);
	assert_int_equal(bench_persons, 0);
}

/* Nobody is to touch a key in vain. */
static void
nobody_is_asked_for_a_key_that_is_not_let_in(void **state)
{
	(void)state;
	script_secure(NAME, "3 1 1", &plain);
	bench_hold(&sk, FAKE_SIGNS);
	expect("mismatch", MAP, "mismatch", "", 0);
	expect("not mapped", "a.b bob\n", "not-mapped", "", 0);
	bench_hold(&plain, FAKE_SIGNS);
	expect("and a plain one", MAP, "accept", "b", 0);
}

static void
verify_required(void **state)
{
	static const char map[] = NAME " alice verify-required\n";
	static const char spelled[] = NAME " alice no-pty,Verify-Required\n";
	static const struct {
		uint8_t flags;
		const char *map;
		const char *reason;
	} rows[] = {
		{ TOUCHED, MAP, "accept" },
		{ TOUCHED, map, "bad-credential" },
		{ TOUCHED, spelled, "bad-credential" },
		{ TOUCHED | VERIFIED, map, "accept" },
		{ TOUCHED | VERIFIED, spelled, "accept" },
		{ TOUCHED | 0xf8, map, "bad-credential" },
		{ VERIFIED, map, "bad-credential" },
		/* In the value of another option it is none. */
		{ TOUCHED, NAME " alice environment=\"A=verify-required\"\n",
		    "accept" },
	};
	struct offer_key *const keys[] = { &sk, &sk_ecdsa };
	size_t i, k;

	(void)state;
	for (k = 0; k < N(keys); k++) {
		bench_clear();
		script_secure(NAME, "3 1 1", keys[k]);
		bench_hold(keys[k], FAKE_SIGNS);
		for (i = 0; i < N(rows); i++) {
			keys[k]->signer->flags = rows[i].flags;
			expect(
			    rows[i].map, rows[i].map, rows[i].reason, "a", 1);
			if (i == 1)
				assert_non_null(strstr(bench_result.fault.text,
				    "verify-required: "));
		}
	}
	/* sshd asks it of FIDO keys alone. */
	bench_clear();
	script_secure(NAME, "3 1 1", &plain);
	bench_hold(&plain, FAKE_SIGNS);
	expect("plain", map, "accept", "a", 0);
}

/* The line that has let the key in says it, not another one. */
static void
verify_required_is_the_lines(void **state)
{
	static const char map[] = "a.b alice\nc.d alice verify-required\n";

	(void)state;
	script_secure("a.b", "3 1 1", &plain);
	script_secure("c.d", "3 1 1", &sk);
	bench_hold(&sk, FAKE_SIGNS);
	expect("its own", map, "bad-credential", "a", 1);
	bench_clear();
	script_secure("a.b", "3 1 1", &sk);
	script_secure("c.d", "3 1 1", &plain);
	bench_hold(&sk, FAKE_SIGNS);
	expect("another's", map, "accept", "a", 1);
}

static void
certificates_of_fido_keys(void **state)
{
	struct offer_cert cert = { .key = &sk, .ca = &ca, .principals = NAME };

	(void)state;
	script_secure(NAME, "2 1 1", &ca);
	bench_hold_cert(&cert, FAKE_SIGNS);
	expect("touched", MAP, "accept", "a", 1);
	sk.signer->flags = 0;
	expect("untouched", MAP, "bad-credential", "a", 1);
	sk.signer->flags = TOUCHED;
	expect("unverified", NAME " alice verify-required\n", "bad-credential",
	    "a", 1);
	sk.signer->flags = TOUCHED | VERIFIED;
	expect("verified", NAME " alice verify-required\n", "accept", "a", 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(a_key_without_a_person),
		TEST(the_touch_is_never_waived),
		TEST(flags_that_were_not_signed),
		TEST(a_person_is_asked_once),
		TEST(nobody_is_asked_for_a_key_that_is_not_let_in),
		TEST(verify_required),
		TEST(verify_required_is_the_lines),
		TEST(certificates_of_fido_keys),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
