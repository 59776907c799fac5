/* SPDX-License-Identifier: ISC */
/*
 * What a lookup asks, what it takes from the cache and what it leaves there.
 */
#include "lookupbench.h"

static void
a_miss_asks_and_keeps_it(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 1);
	/* script_fill() says that it was valid until 4711: not fresh now. */
	assert_true(entry_of_one());
	assert_in_range(entry.fresh_until, 4710, 4711);
	assert_int_equal(entry.rrset.n_records, 1);
	assert_int_equal(entry.proof.n, 1);
	assert_true(shelf_of(ONE)->is_data);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 2);
}

static void
req_80_a_fresh_entry_asks_nobody(void **state)
{
	(void)state;
	entry_make(10, 60);
	/* A name that is not scripted fails the test when it is asked for. */
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "cache");
	assert_int_equal(rrsets[0].n_records, 1);
	assert_int_equal(script_made, 0);
	look(1, 1000);
	assert_int_equal(script_lookups, 0);
}

static void
one_that_is_over_is_asked_for(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	entry_make(61, 60);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 1);
	/* Born in the future: the clock was set back. */
	entry_make(-10, 60);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	/* The bound was lowered since. */
	entry_make(10, 60);
	config.cache_max_ttl = 5;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 3);
}

static void
damage_is_as_nothing(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	entry_make(10, 60);
	shelf_of(ONE)->data[20] ^= 1;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 1);
	assert_true(entry_of_one());
}

static void
each_end_of_a_ttl_counts(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);
	int64_t now = time(NULL);

	(void)state;
	name->valid_until = now + 1000;
	script_proof_valid = script_proof_signed = now + 2000;
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.fresh_until, now + 299, now + 303);
	name->valid_until = now + 100;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.fresh_until, now + 99, now + 100);
	script_proof_valid = now + 50;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.fresh_until, now + 49, now + 50);
	script_proof_signed = now + 20;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.fresh_until, now + 19, now + 20);
	assert_int_equal(entry.signed_until, now + 20);
}

/* Without the TTLs of its keys nothing is kept, nor what was there before. */
static void
without_a_proof_nothing_is_kept(void **state)
{
	(void)state;
	(void)script_secure(ONE, "3 1 1", &key);
	entry_make(100, 60);
	script_proof_error = DANCE_ERR_DNS_FAILURE;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(script_proofs, 1);
	assert_false(entry_of_one());
}

/* But what says the same as before may still be proved by what was kept. */
static void
without_a_proof_the_same_stays(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	script_proof_signed = INT32_MAX;
	name->valid_until = time(NULL) - 1;
	look(1, 1000);
	assert_true(entry_of_one());
	assert_int_equal(entry.proof.n, 1);
	script_proof_error = DANCE_ERR_DNS_FAILURE;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_true(entry_of_one());
	assert_int_equal(entry.proof.n, 1);
	script_record(name, "3 1 2", &key);
	look(1, 1000);
	assert_int_equal(name->n_queries, 3);
	assert_false(entry_of_one());
}

/* One octet is not the same, and no length. */
static void
without_a_proof_another_record_does_not(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);
	static const uint8_t others[] = { 2, 0, 2, 0 };
	uint8_t *rdata = (uint8_t *)(uintptr_t)name->rdata[0].data, before;
	size_t i;

	(void)state;
	script_proof_signed = INT32_MAX;
	name->valid_until = time(NULL) - 1;
	for (i = 0; i < N(others); i++) {
		script_proof_error = 0;
		look(1, 1000);
		assert_true(entry_of_one());
		script_proof_error = DANCE_ERR_DNS_FAILURE;
		look(1, 1000);
		assert_true(entry_of_one());
		before = rdata[i];
		rdata[i] = i == 3 ? before ^ 1 : others[i];
		look(1, 1000);
		answer_from(0, DANCE_DNSSEC_SECURE, "dns");
		assert_false(entry_of_one());
		rdata[i] = before;
	}
}

/* A file has its end with the answer, or with the time for offline. */
static void
a_file_lasts_as_long_as_it_is_of_use(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);
	int64_t now = time(NULL);

	(void)state;
	name->valid_until = script_proof_valid = now + 200;
	look(1, 1000);
	assert_in_range(shelf_of(ONE)->seconds, 190, 200);
	config.offline = 3600;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_in_range(shelf_of(ONE)->seconds, 3590, 3600);
	script_proof_signed = now + 1000;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_in_range(shelf_of(ONE)->seconds, 990, 1000);
}

/* The question left before the process stood still for a minute. */
static void
an_answer_is_as_old_as_its_question(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);
	int64_t now = time(NULL);

	(void)state;
	name->valid_until = now + 200;
	script_proof_valid = now + 300;
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.born, now - 1, now + 2);
	assert_int_equal(shelf_of(ONE)->asked.real_ns, policy.asked.real_ns);
	assert_int_equal(shelf_of(ONE)->asked.boot_ns, policy.asked.boot_ns);
	assert_true(policy.asked.real_ns / INT64_C(1000000000) >= now - 1);
	policy.asked.real_ns -= INT64_C(60000000000);
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.born, now - 61, now - 58);
	assert_in_range(entry.fresh_until, now + 135, now + 140);
	assert_int_equal(entry.rrset.valid_until, entry.fresh_until);
	assert_false(shelf_of(ONE)->is_denial);
	assert_int_equal(shelf_of(ONE)->asked.real_ns, policy.asked.real_ns);
	/* The TTLs of its keys count from there too. */
	script_proof_valid = now + 100;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.fresh_until, now + 35, now + 40);
	/* A denial, and what is not secure, say when they were asked for. */
	memset(&shelf_of(ONE)->asked, 0, sizeof(struct dance_moment));
	shelf_put(shelf_of(ONE), NULL, 0);
	name->is_denied = true;
	name->n_rdata = 0;
	look(1, 1000);
	assert_true(shelf_of(ONE)->is_denial);
	assert_int_equal(shelf_of(ONE)->asked.real_ns, policy.asked.real_ns);
	memset(&shelf_of(ONE)->asked, 0, sizeof(struct dance_moment));
	shelf_put(shelf_of(ONE), NULL, 0);
	name->dnssec = DANCE_DNSSEC_BOGUS;
	look(1, 1000);
	assert_int_equal(shelf_of(ONE)->asked.real_ns, policy.asked.real_ns);
}

/* The clock was set back since: it is not born in the future. */
static void
a_clock_that_was_set_back(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);
	int64_t now = time(NULL);

	(void)state;
	name->valid_until = now + 200;
	look(1, 1000);
	policy.asked.real_ns += INT64_C(3600000000000);
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.born, now, now + 5);
	assert_true(entry.fresh_until <= now + 200);
}

static void
req_81_denials_are_kept_for_a_minute(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);
	int64_t now = time(NULL);

	(void)state;
	name->valid_until = now + 1000;
	/* It takes the place of data: the key was revoked. */
	entry_make(100, 60);
	config.offline = 3600;
	look(1, 1000);
	assert_true(rrsets[0].is_denied);
	assert_int_equal(script_proofs, 0);
	assert_true(entry_of_one());
	assert_true(entry.rrset.is_denied);
	assert_in_range(entry.fresh_until, now + 59, now + 63);
	assert_false(shelf_of(ONE)->is_data);
	assert_true(shelf_of(ONE)->seconds <= 60);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "cache");
	assert_true(rrsets[0].is_denied);
	assert_int_equal(name->n_queries, 1);
}

/* Anybody can make up names below a wildcard: like denials, they have half. */
static void
what_a_wildcard_made_does_not_fill_the_folder(void **state)
{
	struct script_name *name = script_secure(ONE, "2 1 1", &key);

	(void)state;
	look(1, 1000);
	assert_true(shelf_of(ONE)->is_data);
	name->is_wildcard = true;
	look(1, 1000);
	assert_true(entry_of_one());
	assert_true(entry.rrset.is_wildcard);
	assert_false(shelf_of(ONE)->is_data);
}

/* What is not secure takes away what was, and is asked for each time. */
static void
req_83_bogus_and_insecure_take_it_away(void **state)
{
	static const enum dance_dnssec states[] = { DANCE_DNSSEC_BOGUS,
		DANCE_DNSSEC_INSECURE };
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_BOGUS);
	size_t i;

	(void)state;
	config.offline = 3600;
	for (i = 0; i < N(states); i++) {
		name->dnssec = states[i];
		entry_make(100, 60);
		look(1, 1000);
		answer_from(0, states[i], "dns");
		assert_false(entry_of_one());
		look(1, 1000);
		answer_from(0, states[i], "dns");
	}
	assert_int_equal(name->n_queries, 4);
	assert_int_equal(n_replays, 0);
}

/* Another process asks: its answer is waited for, and nobody else asks. */
static void
req_80_one_asks_for_all(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	shelf_of(ONE)->busy_until = 5;
	look(1, 2000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	/* The lock came to us, since the other one left nothing. */
	assert_int_equal(shelf_of(ONE)->busy_until, 0);
	assert_int_equal(name->n_queries, 1);
	/* One that never ends is not waited for beyond half of the time. */
	shelf_of(ONE)->busy_until = 1000000;
	look(1, 200);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 2);
	assert_in_range(script_given[script_lookups - 1], 20, 110);
	/* Nor is it looked for all the time. */
	n_fetches = 0;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 200);
	assert_in_range(n_fetches, 3, 40);
}

/* A name that nobody else asks for is asked for at once. */
static void
nobody_is_waited_for(void **state)
{
	(void)state;
	(void)script_secure(ONE, "3 1 1", &key);
	look(1, 60000);
	assert_in_range(script_given[0], 40000, 60000);
}

static const bool *enough_seen;

static bool
one_is_enough(const bool *is_settled, void *arg)
{
	const bool *wants_two = arg;

	enough_seen = is_settled;
	return is_settled[*wants_two ? 1 : 0];
}

/* A name that is not needed is not asked for. */
static void
enough_is_enough(void **state)
{
	static const char *const owners[] = { ONE, TWO };
	bool wants_two = false;
	struct dance_lookup lookup = { .owners = owners,
		.n = 2,
		.deadline_ms = dance_now_ms() + 1000,
		.is_enough = one_is_enough,
		.arg = &wants_two };
	struct script_name *two = script_secure(TWO, "3 1 1", &key);

	(void)state;
	entry_make(10, 60);
	assert_int_equal(
	    dance_policy_lookup(&policy, &lookup, rrsets, &fault), 0);
	answer_from(0, DANCE_DNSSEC_SECURE, "cache");
	assert_int_equal(rrsets[1].dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_int_equal(script_lookups, 0);
	/* The other way round only the other one is asked for. */
	wants_two = true;
	dance_rrset_clear(&rrsets[0]);
	assert_int_equal(
	    dance_policy_lookup(&policy, &lookup, rrsets, &fault), 0);
	answer_from(0, DANCE_DNSSEC_SECURE, "cache");
	answer_from(1, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(two->n_queries, 1);
}

static void
no_cache_is_no_difference(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	policy.cache = NULL;
	look(1, 1000);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 2);
	assert_int_equal(n_fetches, 0);
	assert_int_equal(script_proofs, 0);
}

static void
faults_of_the_host(void **state)
{
	static const char *const owners[] = { ONE };
	struct dance_lookup lookup = {
		.owners = owners, .n = 1, .deadline_ms = dance_now_ms() + 1000
	};

	(void)state;
	script_new_error = DANCE_ERR_CONFIG;
	assert_int_equal(dance_policy_lookup(&policy, &lookup, rrsets, &fault),
	    DANCE_ERR_CONFIG);
	script_new_error = 0;
	(void)script_secure(ONE, "3 1 1", &key);
	script_lookup_error = DANCE_ERR_INTERNAL;
	assert_int_equal(dance_policy_lookup(&policy, &lookup, rrsets, &fault),
	    DANCE_ERR_INTERNAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_miss_asks_and_keeps_it),
		TEST(req_80_a_fresh_entry_asks_nobody),
		TEST(one_that_is_over_is_asked_for),
		TEST(damage_is_as_nothing),
		TEST(each_end_of_a_ttl_counts),
		TEST(without_a_proof_nothing_is_kept),
		TEST(without_a_proof_the_same_stays),
		TEST(without_a_proof_another_record_does_not),
		TEST(a_file_lasts_as_long_as_it_is_of_use),
		TEST(an_answer_is_as_old_as_its_question),
		TEST(a_clock_that_was_set_back),
		TEST(req_81_denials_are_kept_for_a_minute),
		TEST(what_a_wildcard_made_does_not_fill_the_folder),
		TEST(req_83_bogus_and_insecure_take_it_away),
		TEST(req_80_one_asks_for_all),
		TEST(nobody_is_waited_for),
		TEST(enough_is_enough),
		TEST(no_cache_is_no_difference),
		TEST(faults_of_the_host),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
