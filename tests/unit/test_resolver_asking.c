/* SPDX-License-Identifier: ISC */
/*
 * Which names of a lookup are asked for, and when one that stays unknown was
 * given its chance.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "resolver_internal.h"
#include "resolverbench.h"

#define FAILED_MS 750 /* a quarter of the bench's timeout */
#define ALIAS	  "alias.corp.example"
#define QUIET	  "a.quiet.example"
#define BROKEN	  "a.broken.example"

static size_t
count_all(struct fakedns *server)
{
	struct fakedns_query *list = calloc(FAKEDNS_QUERIES_MAX, sizeof(*list));
	size_t n;

	assert_non_null(list);
	n = fakedns_queries(server, list);
	free(list);
	return n;
}

/* A zone of its own server, under no anchor. */
static void
bench_stub(
    struct bench *bench, size_t i, const char *zone, enum fakedns_manner manner)
{
	struct dance_stub *stub = &bench->config->stubs[i];

	bench->servers[i + 1] = fakedns_start(manner, bench->zone);
	bench->config->n_stubs = i + 1;
	(void)snprintf(stub->zone, sizeof(stub->zone), "%s", zone);
	(void)snprintf(stub->address, sizeof(stub->address), "%s",
	    fakedns_address(bench->servers[i + 1]));
}

/* What is asked, into which, and what is_enough() was shown. */
struct asking_case {
	struct dance_lookup lookup;
	struct dance_rrset rrsets[4];
	bool was_shown[4];
	size_t n_shown;
	size_t enough; /* the name that is enough */
};

static bool
case_is_enough(const bool *is_settled, void *arg)
{
	struct asking_case *c = arg;

	c->n_shown++;
	memcpy(c->was_shown, is_settled, c->lookup.n * sizeof(bool));
	return is_settled[c->enough];
}

static struct asking_case *
case_new(const char *const *owners, const enum dance_asking *asking, size_t n)
{
	struct asking_case *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->lookup = (struct dance_lookup){
		.owners = owners, .n = n, .asking = asking, .arg = c
	};
	return c;
}

static int64_t
case_run(struct bench *bench, struct asking_case *c, int64_t timeout)
{
	int64_t start;

	if (bench->resolver == NULL)
		bench_open(bench);
	start = dance_now_ms();
	c->lookup.deadline_ms = start + timeout;
	assert_int_equal(
	    dance_resolver_lookup(bench->resolver, &c->lookup, c->rrsets), 0);
	return dance_now_ms() - start;
}

static void
case_free(struct asking_case *c)
{
	size_t i;

	for (i = 0; i < c->lookup.n; i++)
		dance_rrset_clear(&c->rrsets[i]);
	free(c);
}

/* Names that are settled or omitted: not a word of them leaves the host. */
static void
only_what_is_asked_leaves(void **state)
{
	static const char *const owners[] = { "x.other.corp.example", ALICE,
		"y.third.corp.example" };
	static const enum dance_asking asking[] = { DANCE_ASK_SETTLED,
		DANCE_ASK, DANCE_ASK_OMITTED };
	struct fakedns_query *list = calloc(FAKEDNS_QUERIES_MAX, sizeof(*list));
	struct asking_case *c = case_new(owners, asking, N(owners));
	struct bench *bench = *state;
	struct dance_rrset untouched;
	size_t i, n;

	assert_non_null(list);
	memset(&untouched, 0x5a, sizeof(untouched));
	memcpy(&c->rrsets[0], &untouched, sizeof(untouched));
	memcpy(&c->rrsets[2], &untouched, sizeof(untouched));
	bench_add(bench, FAKEDNS_GOOD);
	(void)case_run(bench, c, DEADLINE);
	assert_int_equal(c->rrsets[1].dnssec, DANCE_DNSSEC_SECURE);
	assert_memory_equal(&c->rrsets[0], &untouched, sizeof(untouched));
	assert_memory_equal(&c->rrsets[2], &untouched, sizeof(untouched));
	memset(&c->rrsets[0], 0, sizeof(untouched));
	memset(&c->rrsets[2], 0, sizeof(untouched));
	dance_resolver_free(&bench->resolver);
	n = fakedns_queries(bench->servers[0], list);
	assert_true(n > 0);
	for (i = 0; i < n; i++)
		assert_true(strstr(list[i].name, "other") == NULL &&
		    strstr(list[i].name, "third") == NULL);
	case_free(c);
	free(list);
}

/* The same names without "asking": all of them are asked for. */
static void
without_asking_all_leave(void **state)
{
	static const char *const owners[] = { NODATA, ALICE, ALIAS };
	struct asking_case *c = case_new(owners, NULL, N(owners));
	struct bench *bench = *state;
	size_t i;

	bench_add(bench, FAKEDNS_GOOD);
	(void)case_run(bench, c, DEADLINE);
	for (i = 0; i < N(owners); i++)
		assert_int_equal(c->rrsets[i].dnssec, DANCE_DNSSEC_SECURE);
	assert_int_equal(
	    fakedns_count(bench->servers[0], NODATA ".", TYPE_TLSA), 1);
	assert_int_equal(
	    fakedns_count(bench->servers[0], ALIAS ".", TYPE_TLSA), 1);
	case_free(c);
}

static void
nothing_to_ask_is_done_at_once(void **state)
{
	static const char *const owners[] = { NODATA, ALICE };
	static const enum dance_asking asking[] = { DANCE_ASK_SETTLED,
		DANCE_ASK_OMITTED };
	struct asking_case *c = case_new(owners, asking, N(owners));
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_SILENT);
	assert_true(case_run(bench, c, DEADLINE) < SLACK);
	assert_int_equal(count_all(bench->servers[0]), 0);
	case_free(c);
}

/* What was settled before counts, what is omitted does not. */
static void
enough_is_told_what_was_settled(void **state)
{
	static const char *const owners[] = { NODATA, ALICE, ALIAS, QUIET };
	static const enum dance_asking asking[] = { DANCE_ASK_SETTLED,
		DANCE_ASK, DANCE_ASK_OMITTED, DANCE_ASK };
	struct asking_case *c = case_new(owners, asking, N(owners));
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	bench_stub(bench, 0, "quiet.example", FAKEDNS_SILENT);
	c->lookup.is_enough = case_is_enough;
	c->enough = 1;
	assert_true(case_run(bench, c, DEADLINE) < DEADLINE);
	assert_true(c->n_shown > 0);
	assert_true(c->was_shown[0] && c->was_shown[1]);
	assert_false(c->was_shown[2] || c->was_shown[3]);
	assert_int_equal(c->rrsets[1].dnssec, DANCE_DNSSEC_SECURE);
	assert_int_equal(c->rrsets[3].dnssec, DANCE_DNSSEC_UNKNOWN);
	case_free(c);
}

/*
 * What was settled before is not enough: else nobody would have called.  So it
 * is looked at once something new is there, and not waited beyond that.
 */
static void
an_omitted_name_is_never_enough(void **state)
{
	static const char *const owners[] = { ALICE, ALIAS };
	static const enum dance_asking asking[] = { DANCE_ASK,
		DANCE_ASK_OMITTED };
	struct asking_case *c = case_new(owners, asking, N(owners));
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	c->lookup.is_enough = case_is_enough;
	c->enough = 1;
	assert_true(case_run(bench, c, DEADLINE) < DEADLINE);
	assert_int_equal(c->rrsets[0].dnssec, DANCE_DNSSEC_SECURE);
	assert_false(c->was_shown[1]);
	case_free(c);
}

/* One resolver for one lookup after the other, as the cache asks. */
static void
the_rest_is_asked_later(void **state)
{
	static const char *const owners[] = { ALICE, ALIAS };
	enum dance_asking asking[] = { DANCE_ASK, DANCE_ASK_OMITTED };
	struct asking_case *c = case_new(owners, asking, N(owners));
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	(void)case_run(bench, c, DEADLINE);
	assert_int_equal(c->rrsets[1].dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_null(c->rrsets[1].source);
	asking[0] = DANCE_ASK_SETTLED;
	asking[1] = DANCE_ASK;
	(void)case_run(bench, c, DEADLINE);
	assert_int_equal(c->rrsets[0].dnssec, DANCE_DNSSEC_SECURE);
	assert_int_equal(c->rrsets[0].n_records, 1);
	assert_int_equal(c->rrsets[1].dnssec, DANCE_DNSSEC_SECURE);
	assert_string_equal(c->rrsets[1].canonical, ALICE);
	assert_int_equal(
	    fakedns_count(bench->servers[0], ALIAS ".", TYPE_TLSA), 1);
	case_free(c);
}

struct failed_row {
	enum fakedns_manner manners[2];
	size_t n;
	int64_t timeout;
	enum dance_dnssec dnssec;
	bool has_failed;
};

static void
failed_with(void **state, const struct failed_row *row)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;
	size_t i;

	for (i = 0; i < row->n; i++)
		bench_add(bench, row->manners[i]);
	(void)bench_ask(bench, ALICE, row->timeout, &rrset);
	assert_int_equal(rrset.dnssec, row->dnssec);
	assert_int_equal(rrset.has_failed, row->has_failed);
	dance_rrset_clear(&rrset);
}

#define FAILED_TEST(name, ...)                                    \
	static void name(void **state)                            \
	{                                                         \
		static const struct failed_row row = __VA_ARGS__; \
                                                                  \
		failed_with(state, &row);                         \
	}

FAILED_TEST(servfail_has_failed,
    { { FAKEDNS_SERVFAIL }, 1, DEADLINE, DANCE_DNSSEC_UNKNOWN, true })
FAILED_TEST(long_silence_has_failed,
    { { FAKEDNS_SILENT }, 1, FAILED_MS + 200, DANCE_DNSSEC_UNKNOWN, true })
FAILED_TEST(short_silence_has_not_failed,
    { { FAKEDNS_SILENT }, 1, FAILED_MS / 2, DANCE_DNSSEC_UNKNOWN, false })
FAILED_TEST(no_time_has_not_failed,
    { { FAKEDNS_SERVFAIL }, 1, 0, DANCE_DNSSEC_UNKNOWN, false })
FAILED_TEST(data_has_not_failed,
    { { FAKEDNS_GOOD }, 1, DEADLINE, DANCE_DNSSEC_SECURE, false })
FAILED_TEST(a_good_one_behind_a_dead_one,
    { { FAKEDNS_SILENT, FAKEDNS_GOOD }, 2, DEADLINE, DANCE_DNSSEC_SECURE,
	false })
FAILED_TEST(a_good_one_behind_a_broken_one,
    { { FAKEDNS_SERVFAIL, FAKEDNS_GOOD }, 2, DEADLINE, DANCE_DNSSEC_SECURE,
	false })
FAILED_TEST(all_broken_have_failed,
    { { FAKEDNS_SERVFAIL, FAKEDNS_SERVFAIL }, 2, DEADLINE, DANCE_DNSSEC_UNKNOWN,
	true })
/* libunbound gives the silent one up after 0.75 s at the earliest. */
FAILED_TEST(a_short_silence_behind_a_broken_one,
    { { FAKEDNS_SERVFAIL, FAKEDNS_SILENT }, 2, FAILED_MS / 2,
	DANCE_DNSSEC_UNKNOWN, false })
FAILED_TEST(a_long_silence_behind_a_broken_one,
    { { FAKEDNS_SERVFAIL, FAKEDNS_SILENT }, 2, FAILED_MS + 200,
	DANCE_DNSSEC_UNKNOWN, true })
/* Somebody answered: what is kept must not take the place of that. */
FAILED_TEST(bogus_has_not_failed,
    { { FAKEDNS_ALTERED }, 1, DEADLINE, DANCE_DNSSEC_BOGUS, false })
FAILED_TEST(bogus_has_not_failed_beside_silence,
    { { FAKEDNS_ALTERED, FAKEDNS_SILENT }, 2, FAILED_MS + 200,
	DANCE_DNSSEC_BOGUS, false })

/* Nobody waited for the silent one, since another was enough. */
static void
what_was_not_waited_for_has_not_failed(void **state)
{
	static const char *const owners[] = { ALICE, QUIET };
	struct asking_case *c = case_new(owners, NULL, N(owners));
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	bench_stub(bench, 0, "quiet.example", FAKEDNS_SILENT);
	c->lookup.is_enough = case_is_enough;
	assert_true(case_run(bench, c, DEADLINE) < FAILED_MS);
	assert_int_equal(c->rrsets[1].dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_false(c->rrsets[1].has_failed);
	assert_non_null(strstr(c->rrsets[1].why, "was not waited for"));
	c->lookup.is_enough = NULL;
	dance_rrset_clear(&c->rrsets[0]);
	(void)case_run(bench, c, FAILED_MS + 200);
	assert_int_equal(c->rrsets[1].dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_true(c->rrsets[1].has_failed);
	case_free(c);
}

/* Not enough at first sight; until the second all have come. */
static bool
case_is_enough_later(const bool *is_settled, void *arg)
{
	const struct timespec pause = { 0, 100 * 1000000L };
	struct asking_case *c = arg;

	if (c->n_shown++ == 0) {
		(void)nanosleep(&pause, NULL);
		return false;
	}
	return is_settled[c->enough];
}

/* The patience is with a name, however often it is asked for. */
static void
short_silences_add_up(void **state)
{
	static const char *const owners[] = { ALICE };
	struct asking_case *c = case_new(owners, NULL, N(owners));
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_SILENT);
	(void)case_run(bench, c, FAILED_MS / 2 + 100);
	assert_false(c->rrsets[0].has_failed);
	(void)case_run(bench, c, FAILED_MS / 2 + 100);
	assert_true(c->rrsets[0].has_failed);
	case_free(c);
}

/* An answer ends a silence: the next one is counted from its own beginning. */
static void
an_answer_ends_a_silence(void **state)
{
	static const char *const owners[] = { ALICE };
	struct asking_case *c = case_new(owners, NULL, N(owners));
	struct bench *bench = *state;
	struct dance_resolver *resolver;

	bench_add(bench, FAKEDNS_LOSSY);
	(void)case_run(bench, c, FAILED_MS / 5);
	assert_int_equal(c->rrsets[0].dnssec, DANCE_DNSSEC_UNKNOWN);
	resolver = bench->resolver;
	resolver->patience_ms = 1;
	assert_true(dance_silence_is_long(resolver, ALICE));
	(void)case_run(bench, c, DEADLINE);
	assert_int_equal(c->rrsets[0].dnssec, DANCE_DNSSEC_SECURE);
	assert_false(dance_silence_is_long(resolver, ALICE));
	case_free(c);
}

/*
 * One upstream has failed at a name, and the next was never asked: the name
 * that is known already comes first, then the other two at once.
 */
static void
with_upstreams_left_a_name_has_not_failed(void **state)
{
	static const char *const owners[] = { ALIAS, ALICE, NODATA };
	struct asking_case *c = case_new(owners, NULL, N(owners));
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(
	    bench->servers[0], NODATA ".", TYPE_TLSA, FAKEDNS_SERVFAIL);
	bench_add(bench, FAKEDNS_GOOD);
	(void)bench_ask(bench, ALIAS, DEADLINE, &c->rrsets[0]);
	dance_rrset_clear(&c->rrsets[0]);
	c->lookup.is_enough = case_is_enough_later;
	c->enough = 1;
	(void)case_run(bench, c, DEADLINE);
	assert_int_equal(c->rrsets[1].dnssec, DANCE_DNSSEC_SECURE);
	if (count_all(bench->servers[1]) == 0)
		assert_false(c->rrsets[2].has_failed);
	case_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_is_asked_leaves),
		TEST(without_asking_all_leave),
		TEST(nothing_to_ask_is_done_at_once),
		TEST(enough_is_told_what_was_settled),
		TEST(an_omitted_name_is_never_enough),
		TEST(the_rest_is_asked_later),
		TEST(servfail_has_failed),
		TEST(long_silence_has_failed),
		TEST(short_silence_has_not_failed),
		TEST(no_time_has_not_failed),
		TEST(data_has_not_failed),
		TEST(a_good_one_behind_a_dead_one),
		TEST(a_good_one_behind_a_broken_one),
		TEST(all_broken_have_failed),
		TEST(a_short_silence_behind_a_broken_one),
		TEST(a_long_silence_behind_a_broken_one),
		TEST(bogus_has_not_failed),
		TEST(bogus_has_not_failed_beside_silence),
		TEST(what_was_not_waited_for_has_not_failed),
		TEST(short_silences_add_up),
		TEST(an_answer_ends_a_silence),
		TEST(with_upstreams_left_a_name_has_not_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
