/* SPDX-License-Identifier: ISC */
/*
 * Many keys in one agent: which are asked to sign, in which order, and which
 * reason is told if none lets in.  One that will not be let in is never asked,
 * and what is no key at all is in nobody's way.
 */
#include "proof_bench.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define LATE_MS 200

/* Bare keys have the name a.b, certificates those below the others. */
#define MAP                                                                 \
	"a.b alice\n*.none.b alice\n*.insecure.b alice\n*.silent.b alice\n" \
	"*.denied.b alice\n!*.denied.b *\n"

static struct offer_key good, second, other, ca, weak;

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&good, "ssh-ed25519", 0);
	offer_key_init(&second, "ecdsa-sha2-nistp256", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	offer_key_init(&ca, "ssh-ed25519", 0);
	offer_key_init(&weak, "ssh-rsa", 1024);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	bench_clear();
	offer_key_clear(&good);
	offer_key_clear(&second);
	offer_key_clear(&other);
	offer_key_clear(&ca);
	offer_key_clear(&weak);
	return 0;
}

/* What the names say; others must not be asked for. */
static int
setup(void **state)
{
	struct script_name *name;

	(void)state;
	bench_clear();
	name = script_secure("a.b", "3 1 1", &good);
	script_record(name, "3 1 1", &second);
	script_answer("x.none.b", DANCE_DNSSEC_SECURE);
	name = script_secure("x.insecure.b", "2 1 1", &ca);
	name->dnssec = DANCE_DNSSEC_INSECURE;
	name = script_secure("x.silent.b", "2 1 1", &ca);
	name->is_silent = true;
	return 0;
}

static void
hold_cert(const char *principal, uint64_t valid_before)
{
	struct offer_cert cert = { .key = &good,
		.ca = &ca,
		.principals = principal,
		.valid_before = valid_before };

	bench_hold_cert(&cert, FAKE_SIGNS);
}

/* What is no key, or none that counts. */
static const struct {
	char letter;
	const char *octets;
	size_t len;
} junk[] = {
#define JUNK(letter, octets)                       \
	{                                          \
		letter, octets, sizeof(octets) - 1 \
	}
	JUNK('D', "\0\0\0\7ssh-dss\0\0\0\1x"),
	JUNK('U', "\0\0\0\7unknown\0\0\0\1x"),
	JUNK('C', "\0\0\0\x20ssh-ed25519-cert-v01@openssh.com\0\0\0\1x"),
	JUNK('E', ""),
	JUNK('X', "\xff\xff\xff\xff\0\"\n"),
	/* A NUL in the name of the type. */
	JUNK('N', "\0\0\0\x0cssh-ed25519\0"),
};

/* Certificates, by their names. */
static const struct {
	char letter;
	const char *principal;
	uint64_t valid_before;
} certs[] = {
	{ 'c', "x.stranger.b", 0 }, /* not in the map */
	{ 'd', "x.denied.b", 0 }, { 'n', "x.none.b", 0 },
	{ 'i', "x.insecure.b", 0 }, { 'e', "x.stranger.b", 1 }, /* expired */
};

/* One letter for each thing that the agent holds. */
static void
hold(char what)
{
	const struct offer_key *key = &good;
	enum fake_answer answer = FAKE_SIGNS;
	size_t i;

	for (i = 0; i < N(junk); i++)
		if (junk[i].letter == what) {
			bench_hold_octets(junk[i].octets, junk[i].len);
			return;
		}
	for (i = 0; i < N(certs); i++)
		if (certs[i].letter == what) {
			hold_cert(certs[i].principal, certs[i].valid_before);
			return;
		}
	if (what == 's') /* is let in, and signs, as does "g" */
		key = &second;
	if (what == 'r') /* is let in, but does not sign */
		answer = FAKE_REFUSES;
	if (what == 'f') /* is let in, and signs, but something else */
		answer = FAKE_SIGNS_ANOTHER;
	if (what == 'm') /* no record fits */
		key = &other;
	if (what == 'w')
		key = &weak;
	bench_hold(key, answer);
	if (what == 'T') /* a good key with more behind it */
		wirebuf_u8(&bench_keys[bench_n - 1].blob, 0);
}

struct order_row {
	const char *held;
	const char *reason;
	const char *asked;
};

static void
rows_check(const struct order_row *rows, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		bench_drop();
		for (k = 0; rows[i].held[k] != '\0'; k++)
			hold(rows[i].held[k]);
		bench_expect(rows[i].held, MAP, rows[i].reason, rows[i].asked);
	}
}

static void
the_first_that_is_let_in_and_signs(void **state)
{
	static const struct order_row rows[] = {
		{ "g", "accept", "a" },
		{ "gs", "accept", "a" },
		{ "sg", "accept", "a" },
		{ "mg", "accept", "b" },
		{ "mmmmg", "accept", "e" },
		{ "gm", "accept", "a" },
		{ "rs", "accept", "ab" },
		{ "fs", "accept", "ab" },
		{ "rms", "accept", "ac" },
		{ "cdnieg", "accept", "f" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

static void
what_is_no_key_is_in_nobodys_way(void **state)
{
	static const struct order_row rows[] = {
		{ "Ug", "accept", "b" },
		{ "Eg", "accept", "b" },
		{ "Xg", "accept", "b" },
		{ "Ng", "accept", "b" },
		{ "Tg", "accept", "b" },
		{ "Cg", "accept", "b" },
		{ "Dg", "accept", "b" },
		{ "wg", "accept", "b" },
		{ "UEXNTCDwgUEXNTCDw", "accept", "i" },
		{ "UEXNTCDwrUEXNTCDws", "accept", "ir" },
		{ "U", "bad-credential", "" },
		{ "E", "bad-credential", "" },
		{ "X", "bad-credential", "" },
		{ "N", "bad-credential", "" },
		{ "T", "bad-credential", "" },
		{ "C", "bad-credential", "" },
		{ "D", "weak-key", "" },
		{ "w", "weak-key", "" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

static void
the_reason_of_the_furthest(void **state)
{
	static const struct order_row rows[] = {
		{ "m", "mismatch", "" },
		{ "c", "not-mapped", "" },
		{ "d", "denied-by-map", "" },
		{ "n", "no-tlsa", "" },
		{ "i", "insecure", "" },
		{ "e", "expired", "" },
		{ "cd", "denied-by-map", "" },
		{ "dc", "denied-by-map", "" },
		{ "cdn", "no-tlsa", "" },
		{ "ndc", "no-tlsa", "" },
		{ "cdni", "insecure", "" },
		{ "inm", "mismatch", "" },
		{ "min", "mismatch", "" },
		{ "crn", "bad-credential", "b" },
		{ "cfn", "bad-credential", "b" },
		{ "ce", "expired", "" },
		/* Of equals the first. */
		{ "em", "expired", "" },
		{ "me", "mismatch", "" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

static void
the_furthest_is_named(void **state)
{
	(void)state;
	hold('c');
	hold('n');
	hold('d');
	bench_expect("cnd", MAP, "no-tlsa", "");
	assert_string_equal(bench_result.identity, "x.none.b");
	assert_string_equal(bench_result.fingerprint, good.fingerprint);
	assert_non_null(strstr(bench_result.fault.text, "x.none.b"));
	/* Beside it, what is no credential says nothing. */
	bench_drop();
	hold('r');
	hold('m');
	bench_expect("rm", MAP, "bad-credential", "a");
	assert_string_equal(bench_result.identity, "a.b");
	assert_string_equal(
	    bench_result.fault.text, "the agent refuses to sign");
}

/* Who is not in the map makes no query, and is not asked. */
static void
the_map_comes_first(void **state)
{
	(void)state;
	hold('c');
	hold('d');
	hold('U');
	hold('e');
	bench_prove(MAP, false);
	assert_string_equal(bench_seen.order, "");
	assert_int_equal(script_lookups, 0);
	assert_int_equal(script_made, 0);
	bench_drop();
	hold('g');
	bench_expect("bare key", "a.c bob\n", "not-mapped", "");
	bench_expect("a star", "*.b alice\n", "not-mapped", "");
	assert_int_equal(script_lookups, 0);
	bench_expect("literal", "a.b alice\n", "accept", "a");
}

static void
one_resolver_serves_all(void **state)
{
	(void)state;
	hold('m');
	hold('n');
	hold('r');
	hold('s');
	bench_expect("mnrs", MAP, "accept", "cd");
	assert_int_equal(script_lookups, 4);
	assert_int_equal(script_made, 1);
	assert_int_equal(script_alive, 0);
}

/* Silent servers of one name have their share of the time, no more. */
static void
the_time_is_shared(void **state)
{
	int64_t start = dance_now_ms(), took;

	(void)state;
	bench_ms = 1000;
	hold_cert("x.silent.b", 0);
	hold('g');
	bench_expect("silent, good", MAP, "accept", "b");
	took = dance_now_ms() - start;
	assert_true(took >= 200 && took < 900);
	assert_true(script_given[0] > 100 && script_given[0] <= 500);
	assert_true(script_given[1] > 250);
}

static void
silence_alone_is_a_fault(void **state)
{
	int64_t start = dance_now_ms(), took;

	(void)state;
	bench_ms = 200;
	hold_cert("x.silent.b", 0);
	hold('c');
	bench_expect("silent", MAP, "dns-failure", "");
	took = dance_now_ms() - start;
	assert_true(took >= 150 && took < 200 + LATE_MS);
	assert_string_equal(bench_result.identity, "x.silent.b");
}

static void
a_broken_map_lets_nobody_in(void **state)
{
	(void)state;
	hold('g');
	bench_expect("broken", MAP "broken\n", "config", "");
	bench_expect("whole", MAP, "accept", "a");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(the_first_that_is_let_in_and_signs),
		TEST(what_is_no_key_is_in_nobodys_way),
		TEST(the_reason_of_the_furthest),
		TEST(the_furthest_is_named),
		TEST(the_map_comes_first),
		TEST(one_resolver_serves_all),
		TEST(the_time_is_shared),
		TEST(silence_alone_is_a_fault),
		TEST(a_broken_map_lets_nobody_in),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
