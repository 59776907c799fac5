/* SPDX-License-Identifier: ISC */
/* Several upstreams, of which some fail: who is asked when, and who wins. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "resolverbench.h"

static int64_t
query_first(struct fakedns *server, const char *name)
{
	struct fakedns_query *list = calloc(FAKEDNS_QUERIES_MAX, sizeof(*list));
	int64_t at = -1;
	size_t i, n;

	assert_non_null(list);
	n = fakedns_queries(server, list);
	for (i = 0; i < n && at == -1; i++)
		if (strcmp(list[i].name, name) == 0)
			at = list[i].at;
	free(list);
	return at;
}

static void
race_passes_a_silent_server(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;
	int64_t took, first, second;

	bench_add(bench, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_GOOD);
	bench_add(bench, FAKEDNS_GOOD);
	took = bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_in_range(took, 240, 250 + SLACK);
	dance_rrset_clear(&rrset);
	first = query_first(bench->servers[0], ALICE ".");
	second = query_first(bench->servers[1], ALICE ".");
	assert_true(first != -1 && second - first >= 200);
}

static void
race_leaves_the_second_alone(void **state)
{
	struct fakedns_query *list = calloc(FAKEDNS_QUERIES_MAX, sizeof(*list));
	struct bench *bench = *state;
	struct dance_rrset rrset;

	assert_non_null(list);
	bench_add(bench, FAKEDNS_GOOD);
	bench_add(bench, FAKEDNS_GOOD);
	(void)bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	dance_rrset_clear(&rrset);
	assert_int_equal(fakedns_queries(bench->servers[1], list), 0);
	free(list);
}

static void
race_passes_a_slow_server(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;
	int64_t took;

	bench_add(bench, FAKEDNS_SLOW);
	bench_add(bench, FAKEDNS_GOOD);
	took = bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_true(took >= 240);
	dance_rrset_clear(&rrset);
}

static void
race_bogus_does_not_win(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;

	bench_add(bench, FAKEDNS_ALTERED);
	bench_add(bench, FAKEDNS_GOOD);
	(void)bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_int_equal(rrset.n_records, 1);
	assert_string_equal(rrset.why, "");
	dance_rrset_clear(&rrset);
}

static void
race_bogus_before_unknown(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;
	int64_t took;

	bench_add(bench, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_ALTERED);
	bench_add(bench, FAKEDNS_SILENT);
	took = bench_ask(bench, ALICE, 1000, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_BOGUS);
	assert_null(strstr(rrset.why, "deadline"));
	assert_true(took < 1000 + SLACK);
	dance_rrset_clear(&rrset);
}

static void
race_without_a_winner_names_all(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;
	size_t i;

	bench_add(bench, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_SILENT);
	(void)bench_ask(bench, ALICE, 600, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	for (i = 0; i < 2; i++)
		assert_non_null(
		    strstr(rrset.why, bench->config->upstreams[i].address));
	dance_rrset_clear(&rrset);
}

/* A packet that is lost makes no upstream fail. */
static void
race_survives_a_lost_packet(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;

	bench_add(bench, FAKEDNS_LOSSY);
	bench_add(bench, FAKEDNS_LOSSY);
	(void)bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_string_equal(rrset.why, "");
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	dance_rrset_clear(&rrset);
}

/* In a short race too the last one is asked in time. */
static void
race_short_has_time_for_all(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;

	bench_add(bench, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_GOOD);
	(void)bench_ask(bench, ALICE, 450, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	dance_rrset_clear(&rrset);
}

/* Has the name failed, if it is waited for so long? */
static bool
has_failed(struct bench *bench, const char *name, int64_t ms)
{
	struct dance_rrset rrset;
	bool ret;

	(void)bench_ask(bench, name, ms, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	ret = rrset.has_failed;
	dance_rrset_clear(&rrset);
	return ret;
}

static void
req_83_silence_fails_when_it_is_long(void **state)
{
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_SILENT);
	assert_false(has_failed(bench, ALICE, 200));
	assert_true(has_failed(bench, ALICE, 1000));
}

static void
req_83_refusals_are_a_failure(void **state)
{
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_REFUSED);
	bench_add(bench, FAKEDNS_REFUSED);
	assert_true(has_failed(bench, ALICE, DEADLINE));
}

/* Stop this process from the one time to the other. */
static pid_t
stop_between(unsigned from_ms, unsigned to_ms)
{
	pid_t child, parent = getpid();

	assert_true((child = fork()) != -1);
	if (child == 0) {
		usleep(from_ms * 1000);
		kill(parent, SIGSTOP);
		usleep((to_ms - from_ms) * 1000);
		kill(parent, SIGCONT);
		_exit(0);
	}
	return child;
}

/* A user can freeze what he has started: that does not take the DNS away. */
static void
req_83_time_asleep_is_no_silence(void **state)
{
	struct bench *bench = *state;
	pid_t child;

	bench_add(bench, FAKEDNS_SLOW);
	bench_open(bench);
	child = stop_between(100, 1200);
	assert_false(has_failed(bench, ALICE, 1000));
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* What libunbound can't do is not what the servers do not say. */
static void
an_error_of_this_host_is_no_failure(void **state)
{
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	assert_false(has_failed(bench, "no..name", 300));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(race_passes_a_silent_server),
		TEST(race_leaves_the_second_alone),
		TEST(race_passes_a_slow_server),
		TEST(race_bogus_does_not_win),
		TEST(race_bogus_before_unknown),
		TEST(race_without_a_winner_names_all),
		TEST(race_survives_a_lost_packet),
		TEST(race_short_has_time_for_all),
		TEST(req_83_silence_fails_when_it_is_long),
		TEST(req_83_refusals_are_a_failure),
		TEST(req_83_time_asleep_is_no_silence),
		TEST(an_error_of_this_host_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
