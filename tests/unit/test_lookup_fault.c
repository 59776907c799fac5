/* SPDX-License-Identifier: ISC */
/*
 * A lookup where nobody answers: what is noted, what is proved instead.
 */
#include "lookupbench.h"

static void
req_81_a_fault_is_kept_for_a_moment(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_true(entry_of_one());
	assert_int_equal(entry.born, 0);
	assert_in_range(
	    entry.fault_until, time(NULL) + 3, time(NULL) + DANCE_FAULT_S);
	assert_string_equal(entry.why, "silence");
	/* For the next process. */
	dance_resolver_free(&policy.resolver);
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "cache");
	assert_string_equal(rrsets[0].why, "a moment ago: silence");
	assert_int_equal(name->n_queries, 1);
	entry.fault_until = time(NULL);
	entry_put();
	look(1, 50);
	assert_int_equal(name->n_queries, 2);
}

/* Another process has been told of a denial while this one waits. */
static bool
denial_comes(const bool *is_settled, void *arg)
{
	(void)is_settled;
	(void)arg;
	dance_entry_clear(&entry);
	entry.born = time(NULL);
	entry.fresh_until = entry.born + 60;
	entry.rrset.is_denied = true;
	entry.rrset.valid_until = (time_t)entry.fresh_until;
	entry_put();
	return false;
}

/* A fault is kept beside what is there, not beside what was there. */
static void
req_83_a_fault_brings_nothing_back(void **state)
{
	static const char *const owners[] = { TWO, ONE };
	struct dance_lookup lookup = {
		.owners = owners, .n = 2, .is_enough = denial_comes
	};
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	(void)script_secure(TWO, "3 1 1", &key);
	name->is_silent = true;
	script_silence_fails = true;
	entry_make(100, 60);
	lookup.deadline_ms = dance_now_ms() + 60;
	assert_int_equal(
	    dance_policy_lookup(&policy, &lookup, rrsets, &fault), 0);
	answer_from(1, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_true(entry_of_one());
	assert_true(entry.rrset.is_denied);
	/* Whoever asks beside another leaves it to that one. */
	shelf_of(ONE)->busy_until = 1000000;
	entry_make(100, 60);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_true(entry_of_one());
	assert_int_equal(entry.fault_until, 0);
}

/* Another process has kept another answer of the same size. */
static bool
octet_changes(const bool *is_settled, void *arg)
{
	struct shelf *shelf = shelf_of(ONE);

	bool *has_changed = arg;

	(void)is_settled;
	if (!*has_changed)
		shelf->data[shelf->len - 1] ^= 1;
	*has_changed = true;
	return false;
}

static void
req_83_a_fault_leaves_what_has_changed(void **state)
{
	static const char *const owners[] = { TWO, ONE };
	bool has_changed = false;
	struct dance_lookup lookup = { .owners = owners,
		.n = 2,
		.is_enough = octet_changes,
		.arg = &has_changed };
	struct shelf *shelf = shelf_of(ONE);
	uint8_t *before;
	size_t len;

	(void)state;
	(void)script_secure(TWO, "3 1 1", &key);
	script_answer(ONE, DANCE_DNSSEC_SECURE)->is_silent = true;
	script_silence_fails = true;
	entry_make(100, 60);
	len = shelf->len;
	assert_non_null(before = malloc(len));
	memcpy(before, shelf->data, len);
	lookup.deadline_ms = dance_now_ms() + 60;
	assert_int_equal(
	    dance_policy_lookup(&policy, &lookup, rrsets, &fault), 0);
	answer_from(1, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_int_equal(shelf->len, len);
	before[len - 1] ^= 1;
	assert_memory_equal(shelf->data, before, len);
	free(before);
}

/* It says when what it stands beside was read, not when it was asked for. */
static void
a_fault_is_as_old_as_what_was_read(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);
	struct dance_moment before, after;

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	dance_moment_now(&before);
	look(1, 50);
	dance_moment_now(&after);
	assert_true(entry_of_one());
	assert_true(shelf_of(ONE)->asked.real_ns >= before.real_ns);
	assert_true(shelf_of(ONE)->asked.real_ns < policy.asked.real_ns);
	assert_true(policy.asked.real_ns < after.real_ns);
}

/* The fault is for others: in this process the answer may have come since. */
static void
who_has_asked_asks_on(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	name->speaks_at = 2;
	script_silence_fails = true;
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_true(entry_of_one());
	assert_true(entry.fault_until > time(NULL));
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 2);
}

/* What was born in the future is over for good, also if nobody answers. */
static void
a_birth_to_come_voids_the_entry(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	config.offline = 3600;
	entry_make(-2, 60);
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_int_equal(n_replays, 0);
	assert_true(entry_of_one());
	assert_int_equal(entry.born, 0);
	assert_true(entry.fault_until > time(NULL));
}

/* A share of the time that was too short says nothing of the servers. */
static void
a_short_wait_is_no_fault(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	look(1, 30);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_false(entry_of_one());
	look(1, 30);
	assert_int_equal(name->n_queries, 2);
}

static void
req_83_offline_where_nobody_answers(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	entry_make(100, 60);
	/* It is off by default. */
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_int_equal(n_replays, 0);
	assert_true(entry_of_one());
	assert_int_equal(entry.rrset.n_records, 1);
	/* On, at once where the fault is known, or after half of the time. */
	config.offline = 3600;
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "offline");
	assert_int_equal(n_replays, 1);
	entry_make(100, 60);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "offline");
	assert_in_range(script_given[script_lookups - 1], 1, 31);
	/* The answer and its proof are still there, with the fault. */
	assert_true(entry_of_one());
	assert_int_equal(entry.rrset.n_records, 1);
	assert_int_equal(entry.proof.n, 1);
	assert_true(entry.fault_until > time(NULL));
	assert_true(shelf_of(ONE)->is_data);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "offline");
	assert_int_equal(n_replays, 3);
	/* The age has a bound. */
	config.offline = 90;
	dance_resolver_free(&policy.resolver);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "cache");
	assert_int_equal(n_replays, 3);
}

/*
 * A user may have shaped this process so that it finds no server: that is told
 * to no other process.
 */
static void
a_process_of_a_user_notes_nothing(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	policy.is_called_by_sshd = false;
	name->is_silent = true;
	script_silence_fails = true;
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_false(entry_of_one());
	assert_int_equal(script_failure, DANCE_FAILURE_ANSWERED);
	entry_make(100, 60);
	config.offline = 3600;
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "offline");
	assert_int_equal(script_failure, DANCE_FAILURE_SILENCE);
	assert_true(entry_of_one());
	assert_int_equal(entry.fault_until, 0);
	/* What it has learnt it keeps. */
	dance_resolver_free(&policy.resolver);
	name->is_silent = false;
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_true(entry_of_one());
	assert_true(entry.born >= time(NULL) - 60);
}

/* It takes the word of sshd's helper for a failure, but not for offline. */
static void
a_process_of_a_user_sees_for_itself(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	config.offline = 3600;
	entry_make(100, 60);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "offline");
	assert_true(entry_of_one());
	assert_true(entry.fault_until > time(NULL));
	dance_resolver_free(&policy.resolver);
	policy.is_called_by_sshd = false;
	name->is_silent = false;
	n_replays = 0;
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(n_replays, 0);
	/* Where nothing can be proved there is nothing to see. */
	policy.is_called_by_sshd = true;
	config.offline = 0;
	name->is_silent = true;
	entry_make(100, 60);
	look(1, 60);
	dance_resolver_free(&policy.resolver);
	policy.is_called_by_sshd = false;
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "cache");
}

/* A proof that proves nothing any more gives the rest of the time back. */
static void
a_proof_that_fails_is_no_answer(void **state)
{
	static const enum dance_dnssec states[] = { DANCE_DNSSEC_BOGUS,
		DANCE_DNSSEC_INSECURE, DANCE_DNSSEC_UNKNOWN,
		DANCE_DNSSEC_SECURE };
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);
	size_t i;

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	config.offline = 3600;
	for (i = 0; i < N(states); i++) {
		replay_dnssec = states[i];
		replay_is_denied = states[i] == DANCE_DNSSEC_SECURE;
		entry_make(100, 60);
		look(1, 60);
		assert_int_equal(rrsets[0].dnssec, DANCE_DNSSEC_UNKNOWN);
		assert_false(rrsets[0].is_denied);
	}
	assert_int_equal(script_lookups, 2 * N(states));
}

/* Nor is one that can't be tried: the DNS has the rest of the time. */
static void
a_proof_that_cannot_be_tried_is_no_answer(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	name->is_silent = true;
	name->speaks_at = 2;
	script_silence_fails = true;
	config.offline = 3600;
	replay_error = DANCE_ERR_INTERNAL;
	entry_make(100, 60);
	look(1, 100);
	assert_int_equal(n_replays, 1);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
}

static void
an_answer_beats_a_proof(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	config.offline = 3600;
	entry_make(100, 60);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(n_replays, 0);
	/* Late, but within the time. */
	name->is_silent = true;
	name->speaks_at = name->n_queries + 2;
	replay_dnssec = DANCE_DNSSEC_UNKNOWN;
	entry_make(100, 60);
	look(1, 100);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(req_81_a_fault_is_kept_for_a_moment),
		TEST(req_83_a_fault_brings_nothing_back),
		TEST(req_83_a_fault_leaves_what_has_changed),
		TEST(a_fault_is_as_old_as_what_was_read),
		TEST(who_has_asked_asks_on),
		TEST(a_birth_to_come_voids_the_entry),
		TEST(a_short_wait_is_no_fault),
		TEST(req_83_offline_where_nobody_answers),
		TEST(a_process_of_a_user_notes_nothing),
		TEST(a_process_of_a_user_sees_for_itself),
		TEST(a_proof_that_fails_is_no_answer),
		TEST(a_proof_that_cannot_be_tried_is_no_answer),
		TEST(an_answer_beats_a_proof),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
