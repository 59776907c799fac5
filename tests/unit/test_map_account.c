/* SPDX-License-Identifier: ISC */
/* Login names that are identities, many lines, and too many of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "map.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* So that comparing two names takes as long as it can. */
#define PREFIX "a-name-that-is-like-all-others-up-to-its-last-digits-"

static struct dance_map *
map_make(const char *text)
{
	struct dance_map *map = NULL;

	assert_int_equal(dance_map_from_text("m", text, strlen(text), &map), 0);
	return map;
}

static struct dance_identity
identity(const char *text)
{
	struct dance_identity id;

	assert_int_equal(
	    dance_identity_parse(text, strlen(text), DANCE_NAME_PRESENTED, &id),
	    0);
	return id;
}

static void
the_account_of_a_login_name(void **state)
{
	static const struct {
		const char *map;
		const char *identity;
		const char *want; /* NULL: none, or more than one */
	} rows[] = {
		{ "", "a.b", NULL },
		{ "a.b al\n", "a.b", "al" },
		{ "a.b al\n", "c.d", NULL },
		{ "a.b al,bo\n", "a.b", NULL },
		{ "a.b al\na.b bo\n", "a.b", NULL },
		{ "a.b al\na.b al,al\n", "a.b", "al" },
		{ "a.b al\nc.d bo\n", "a.b", "al" },
		{ "*.b al\n", "a.b", "al" },
		{ "*.b al\na.b bo\n", "a.b", NULL },
		{ "*.b al\na.b al\n", "a.b", "al" },
		{ "%u.b %u\n", "al.b", "al" },
		{ "%u.b %u\nal.b al\n", "al.b", "al" },
		{ "%u.b %u\nal.b bo\n", "al.b", NULL },
		{ "%u@b.c %u\n", "a.b@b.c", "a.b" },
		{ "a@b.c al\n", "a@b.c", "al" },
		{ "a@b.c al\n", "b@b.c", NULL },
		{ "a.b root\n", "a.b", "root" },
		{ "!a.b *\n", "a.b", NULL },
		{ "!a.b bo\na.b al\n", "a.b", "al" },
	};
	char account[DANCE_ACCOUNT_MAX];
	struct dance_fault fault;
	struct dance_identity id;
	struct dance_map *map;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		map = map_make(rows[i].map);
		id = identity(rows[i].identity);
		r = dance_map_account(map, &id, account, &fault);
		if (r != (rows[i].want != NULL ? 0 : DANCE_ERR_NOT_MAPPED))
			fail_msg("%s %s", rows[i].map, rows[i].identity);
		if (r == 0)
			assert_string_equal(account, rows[i].want);
		dance_map_free(&map);
	}
}

/* n lines for the account, the first n_denied of them refused at the end. */
static char *
many_lines(size_t n, size_t n_denied, const char *suffix)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (i = 0; i < n; i++)
		fprintf(out, PREFIX "%zu.example.com al\n", i);
	for (i = 0; i < n_denied; i++)
		fprintf(out, "!" PREFIX "%zu.example.com *\n", i);
	fputs(suffix, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
many_check(size_t n, size_t n_denied, int want, const char *claim)
{
	struct dance_map_query query = { .account = "al", .is_ordinary = true };
	struct dance_map_matches matches = { .n = 0 };
	struct dance_identity id;
	struct dance_fault fault = { "" };
	char *text = many_lines(n, n_denied, "");
	struct dance_map *map = map_make(text);

	free(text);
	if (claim != NULL) {
		id = identity(claim);
		query.claims = &id;
		query.n_claims = 1;
	}
	assert_int_equal(dance_map_find(map, &query, &matches, &fault), want);
	if (want == 0)
		assert_int_equal(matches.n, claim != NULL ? 1 : n);
	else
		assert_non_null(strstr(fault.text, "more than 64"));
	dance_map_matches_clear(&matches);
	dance_map_free(&map);
}

static void
req_35_candidates_are_bounded(void **state)
{
	(void)state;
	many_check(64, 0, 0, NULL);
	many_check(65, 0, DANCE_ERR_CONFIG, NULL);
	many_check(65, 1, 0, NULL);
	many_check(200, 136, 0, NULL);
	many_check(200, 135, DANCE_ERR_CONFIG, NULL);
	many_check(65, 65, 0, NULL);
	many_check(65, 0, 0, PREFIX "64.example.com");
	many_check(5000, 0, DANCE_ERR_CONFIG, NULL);
	many_check(5000, 0, 0, PREFIX "4999.example.com");
}

/* Far more than enough time, also for the sanitizers. */
static void
large_maps_are_quick(void **state)
{
	static const char last[] = "x.example.com bo\n";
	struct dance_map_query query = { .account = "bo", .is_ordinary = true };
	struct dance_map_matches matches;
	struct dance_fault fault;
	char *text = many_lines(100000, 1, last);
	struct dance_map *map = map_make(text);
	clock_t start = clock();

	(void)state;
	free(text);
	assert_int_equal(dance_map_find(map, &query, &matches, &fault), 0);
	assert_int_equal(matches.n, 1);
	assert_int_equal(matches.list[0].number, 100002);
	dance_map_matches_clear(&matches);
	/* All of them for one account: too many, and it is said at once. */
	query.account = "al";
	assert_int_equal(
	    dance_map_find(map, &query, &matches, &fault), DANCE_ERR_CONFIG);
	print_message(
	    "%.2f s\n", (double)(clock() - start) / (double)CLOCKS_PER_SEC);
	assert_true(clock() - start < 3 * CLOCKS_PER_SEC);
	dance_map_free(&map);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_account_of_a_login_name),
		cmocka_unit_test(req_35_candidates_are_bounded),
		cmocka_unit_test(large_maps_are_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
