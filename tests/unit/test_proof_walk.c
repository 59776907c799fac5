/* SPDX-License-Identifier: ISC */
/*
 * The walk over credentials: nothing is proved twice, a fault of DNS is tried
 * once more at the end, and each has a share of the time.
 */
#include "proof_walk.h"
#include "scripted_resolver.h"

#define N(a)	  (sizeof(a) / sizeof((a)[0]))
#define ITEMS_MAX 4
#define LATE_MS	  300

/* The names are those of one certificate each. */
#define MAP "*.b alice\n"

static const char *const principals[] = { "a.b", "b.b", "c.b", "d.b" };

static struct offer_key key, ca;
static struct dance_offer offers[ITEMS_MAX];

static int
group_setup(void **state)
{
	struct offer_cert cert = { .key = &key, .ca = &ca };
	size_t i;

	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&ca, "ssh-ed25519", 0);
	for (i = 0; i < ITEMS_MAX; i++) {
		cert.principals = principals[i];
		offers[i] = offer_make(&cert);
	}
	return 0;
}

static int
group_teardown(void **state)
{
	size_t i;

	(void)state;
	script_clear();
	for (i = 0; i < ITEMS_MAX; i++)
		offer_clear(&offers[i]);
	offer_key_clear(&key);
	offer_key_clear(&ca);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	script_clear();
	script_is_timed = true;
	return 0;
}

/* What the proof says of each item; and which were asked for it. */
struct proofs {
	int says[ITEMS_MAX];
	char asked[32];
	const struct dance_proof_item *items;
};

static int
prove(const struct dance_proof_item *item, const struct dance_decision *d,
    void *arg, struct dance_fault *fault)
{
	struct proofs *proofs = arg;
	size_t i = (size_t)(item - proofs->items);

	assert_int_equal(d->verdict, 0);
	assert_non_null(d->accepted);
	proofs->asked[strlen(proofs->asked)] = (char)('a' + i);
	if (proofs->says[i] != 0)
		dance_fault_set(fault, "said %zu", i);
	return proofs->says[i];
}

static size_t
walk_run(size_t n, int ms, struct proofs *proofs, struct dance_result *ret)
{
	static struct dance_proof_item items[ITEMS_MAX];
	struct script_case c = { .map = MAP };
	struct dance_policy policy;
	struct dance_proof proof = { &policy, dance_now_ms() + ms };
	struct dance_proof_walk walk = {
		.proof = &proof, .items = items, .n = n
	};
	size_t i;

	memset(items, 0, sizeof(items));
	for (i = 0; i < n; i++)
		items[i].offer = offers[i];
	if (proofs != NULL) {
		walk.prove = prove;
		walk.arg = proofs;
		proofs->items = items;
	}
	memset(ret, 'x', sizeof(*ret));
	script_policy_make(&c, &policy);
	i = dance_proof_walk(&walk, "there is none", ret);
	script_policy_clear(&policy);
	assert_int_equal(i < n, ret->verdict == 0);
	assert_int_equal(ret->has_record, ret->verdict == 0);
	assert_string_equal(ret->account, "alice");
	return i;
}

/* One letter for each name: y let in, n no record, s silent, l late. */
static void
script_letters(const char *letters)
{
	struct script_name *name;
	size_t i;

	for (i = 0; letters[i] != '\0'; i++) {
		name = script_answer(principals[i], DANCE_DNSSEC_SECURE);
		if (letters[i] != 'n')
			script_record(name, "2 1 1", &ca);
		name->is_silent = letters[i] == 's' || letters[i] == 'l';
		name->speaks_at = letters[i] == 'l' ? 2 : 0;
	}
}

static void
the_first_that_is_let_in_and_proved(void **state)
{
	static const struct {
		const char *names;
		int says[ITEMS_MAX];
		const char *reason;
		size_t which;
		const char *asked;
	} rows[] = {
		{ "", { 0 }, "bad-credential", 0, "" },
		{ "y", { 0 }, "accept", 0, "a" },
		{ "n", { 0 }, "no-tlsa", 1, "" },
		{ "ny", { 0 }, "accept", 1, "b" },
		{ "yyy", { 0 }, "accept", 0, "a" },
		{ "yyy", { -20, 0, 0 }, "accept", 1, "ab" },
		{ "yny", { -20, 0, 0 }, "accept", 2, "ac" },
		{ "yy", { -20, -21 }, "bad-credential", 2, "ab" },
		{ "yy", { -21, -20 }, "weak-key", 2, "ab" },
		{ "ny", { 0, -20 }, "bad-credential", 2, "b" },
		{ "yn", { -20 }, "bad-credential", 2, "a" },
		{ "yy", { -1, 0 }, "accept", 1, "ab" },
		{ "yy", { -20, -1 }, "internal", 2, "ab" },
		{ "ly", { 0, -20 }, "accept", 0, "ba" },
		{ "lyy", { 0, -20, 0 }, "accept", 2, "bc" },
		{ "ylyy", { -20, -20, -20, -20 }, "bad-credential", 4, "acdb" },
	};
	struct dance_result result;
	struct proofs proofs;
	size_t i, which;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		script_clear();
		script_is_timed = true;
		script_letters(rows[i].names);
		memset(&proofs, 0, sizeof(proofs));
		memcpy(proofs.says, rows[i].says, sizeof(proofs.says));
		/* Only for late ones time has to pass. */
		which = walk_run(strlen(rows[i].names),
		    strchr(rows[i].names, 'l') != NULL ? 1000 : 5000, &proofs,
		    &result);
		if (strcmp(dance_reason(result.verdict), rows[i].reason) != 0 ||
		    strcmp(proofs.asked, rows[i].asked) != 0)
			fail_msg("%zu: %s: %s", i, dance_reason(result.verdict),
			    proofs.asked);
		assert_int_equal(which, rows[i].which);
		assert_true(script_made <= 1);
	}
}

static void
what_is_told(void **state)
{
	struct proofs proofs = { .says = { -20, 0 } };
	struct dance_result result;

	(void)state;
	walk_run(0, 5000, NULL, &result);
	assert_string_equal(result.fault.text, "there is none");
	assert_string_equal(result.identity, "");
	script_letters("yy");
	walk_run(1, 5000, &proofs, &result);
	assert_string_equal(result.fault.text, "said 0");
	assert_string_equal(result.identity, "a.b");
	walk_run(2, 5000, &proofs, &result);
	assert_string_equal(result.fault.text, "");
	assert_string_equal(result.identity, "b.b");
	assert_string_equal(result.source, "dns");
	/* Without a proof the verdict is all there is. */
	assert_int_equal(walk_run(2, 5000, NULL, &result), 0);
	assert_string_equal(result.identity, "a.b");
}

static void
alone_it_has_all_the_time(void **state)
{
	struct dance_result result;

	(void)state;
	script_letters("y");
	walk_run(1, 4000, NULL, &result);
	assert_true(script_given[0] > 4000 - LATE_MS);
	assert_true(script_given[0] <= 4000);
}

/* The first of n has at most a half of an n-th. */
static void
shares_of_the_time(void **state)
{
	static const int64_t most[] = { 0, 4000, 1000, 667, 500 };
	struct dance_result result;
	size_t n;

	(void)state;
	for (n = 2; n <= ITEMS_MAX; n++) {
		script_clear();
		script_is_timed = true;
		script_letters("nnnn");
		walk_run(n, 4000, NULL, &result);
		assert_true(script_given[0] > most[n] - LATE_MS);
		assert_true(script_given[0] <= most[n]);
		assert_int_equal(script_lookups, n);
	}
}

static void
silence_is_tried_once_more(void **state)
{
	struct dance_result result;
	int64_t start, took;

	(void)state;
	script_letters("sln");
	assert_int_equal(walk_run(3, 1200, NULL, &result), 1);
	assert_int_equal(script_names[0].n_queries, 2);
	assert_int_equal(script_names[1].n_queries, 2);
	assert_int_equal(script_names[2].n_queries, 1);
	/* The second time there is more of it. */
	assert_true(script_given[3] > script_given[0]);
	script_clear();
	script_is_timed = true;
	script_letters("ss");
	start = dance_now_ms();
	walk_run(2, 300, NULL, &result);
	assert_int_equal(result.verdict, DANCE_ERR_DNS_FAILURE);
	assert_int_equal(script_lookups, 4);
	took = dance_now_ms() - start;
	assert_true(took < 300 + LATE_MS);
}

/* With no time left nobody is let in, nor waited for. */
static void
a_deadline_that_is_over(void **state)
{
	struct dance_result result;
	int64_t start = dance_now_ms();

	(void)state;
	script_letters("yy");
	walk_run(2, -1000, NULL, &result);
	assert_int_equal(result.verdict, DANCE_ERR_DNS_FAILURE);
	assert_true(script_given[0] <= 0 && script_given[1] <= 0);
	assert_true(dance_now_ms() - start < LATE_MS);
}

static void
a_refusal(void **state)
{
	static struct dance_policy policy = { .account = "bob" };
	struct dance_result result;

	(void)state;
	memset(&result, 'x', sizeof(result));
	dance_proof_refuse(&result, &policy, DANCE_ERR_BOGUS);
	assert_int_equal(result.verdict, DANCE_ERR_BOGUS);
	assert_string_equal(result.account, "bob");
	assert_string_equal(result.identity, "");
	assert_string_equal(result.fault.text, "");
	assert_int_equal(result.has_record, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(the_first_that_is_let_in_and_proved),
		TEST(what_is_told),
		TEST(alone_it_has_all_the_time),
		TEST(shares_of_the_time),
		TEST(silence_is_tried_once_more),
		TEST(a_deadline_that_is_over),
		TEST(a_refusal),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
