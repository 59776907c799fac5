/* SPDX-License-Identifier: ISC */
/*
 * What the map says of an account, whoever comes: PAM asks it before it touches
 * anything of the user's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "map.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* k known, a admitted too; "" for neither; of an ordinary one, and not. */
struct row {
	const char *map;
	const char *account;
	const char *ordinary;
	const char *system;
};

static void
word_check(const struct row *row, bool is_ordinary, const char *want)
{
	struct dance_map_word word = { false, false };
	struct dance_map *map = NULL;
	struct dance_fault fault = { "" };
	char text[3] = "";

	assert_int_equal(
	    dance_map_from_text("m", row->map, strlen(row->map), &map), 0);
	if (dance_map_ask(map, row->account, is_ordinary, &word, &fault) != 0)
		fail_msg("%s: %s", row->map, fault.text);
	snprintf(text, sizeof(text), "%s%s", word.is_known ? "k" : "",
	    word.is_admitted ? "a" : "");
	if (strcmp(text, want) != 0)
		fail_msg("%s%s%s: \"%s\"", row->map, row->account,
		    is_ordinary ? "" : " (system)", text);
	dance_map_free(&map);
}

static void
rows_check(const struct row *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		word_check(&rows[i], true, rows[i].ordinary);
		word_check(&rows[i], false, rows[i].system);
	}
}

static void
lines_that_let_in(void **state)
{
	static const struct row rows[] = {
		{ "", "al", "", "" },
		{ "# a.b al\n", "al", "", "" },
		{ "a.b al\n", "al", "ka", "ka" },
		{ "a.b al\n", "bo", "", "" },
		{ "a.b al\n", "a", "", "" },
		{ "a.b al\n", "all", "", "" },
		{ "a.b al\n", "AL", "", "" },
		{ "a.b al\n", "", "", "" },
		{ "a.b al,bo\n", "bo", "ka", "ka" },
		{ "a.b al,bo\n", "al,bo", "", "" },
		{ "a.b al\na.b bo\n", "bo", "ka", "ka" },
		{ "a.b al from=\"::1\"\n", "al", "ka", "ka" },
		{ "a@b.c al\n", "al", "ka", "ka" },
		{ "a.b root\n", "root", "ka", "ka" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

/* A pattern never reaches an account that is not ordinary. */
static void
patterns(void **state)
{
	static const struct row rows[] = {
		{ "*.b al\n", "al", "ka", "" },
		{ "*.b al\n", "bo", "", "" },
		{ "*@b.c al\n", "al", "ka", "" },
		{ "%u.b %u\n", "al", "ka", "" },
		{ "%u@b.c %u\n", "bo", "ka", "" },
		{ "*.%u.b %u\n", "al", "ka", "" },
		/* What can be no label stands for no "%u", wherever it is. */
		{ "%u.b %u\n", "Al", "", "" },
		{ "%u.b %u\n", "a.b", "", "" },
		{ "%u.b %u\n", "_user", "", "" },
		{ "*.%u.b %u\n", "Al", "", "" },
		{ "%u@b.c %u\n", "Al", "", "" },
		{ "%u@b.c %u\n", "a.b", "ka", "" },
		{ "%u@b.c %u\n", "_user", "ka", "" },
		{ "a@%u.c %u\n", "a.b", "", "" },
		{ "%u.b %u\nroot.b root\n", "root", "ka", "ka" },
		{ "*.b al\na.b al\n", "al", "ka", "ka" },
		{ "%u.b %u provision\n", "al", "ka", "" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

static void
lines_that_refuse(void **state)
{
	static const struct row rows[] = {
		/* One that names the account knows it. */
		{ "!a.b al\n", "al", "k", "k" },
		{ "!a.b al\n", "bo", "", "" },
		{ "!a.b bo,al\n", "al", "k", "k" },
		{ "!*.b al\n", "al", "k", "k" },
		{ "!*@b.c al\n", "al", "k", "k" },
		/* One that names all says nothing about it. */
		{ "!a.b *\n", "al", "", "" },
		{ "!a.b *\n", "*", "", "" },
		{ "!*.b *\n", "al", "", "" },
		{ "!%u.b %u\n", "al", "", "" },
		/* Somebody else may still come in. */
		{ "!a.b al\na.b al\n", "al", "ka", "ka" },
		{ "a.b al\n!a.b *\n", "al", "ka", "ka" },
		{ "!a.b al\n*.b al\n", "al", "ka", "k" },
		{ "!a.b *\n%u.b %u\n", "al", "ka", "" },
		{ "!a.b al\na.b bo\n", "al", "k", "k" },
		{ "!a.b al\na.b bo\n", "bo", "ka", "ka" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

static void
a_broken_line_anywhere(void **state)
{
	static const char *const rows[] = { "a.b al\nbroken\n",
		"broken\na.b al\n", "a.b al\n!a.b\n",
		"a.b al\nc.d bo no-such\n" };
	struct dance_map_word word;
	struct dance_map *map;
	struct dance_fault fault;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(
		    dance_map_from_text("m", rows[i], strlen(rows[i]), &map),
		    0);
		for (k = 0; k < 2; k++) {
			word = (struct dance_map_word){ k == 0, k == 1 };
			assert_int_equal(
			    dance_map_ask(map, "al", true, &word, &fault),
			    DANCE_ERR_CONFIG);
			assert_int_equal(strncmp(fault.text, "m:", 2), 0);
			/* Only a success writes. */
			assert_int_equal(word.is_known, k == 0);
			assert_int_equal(word.is_admitted, k == 1);
		}
		dance_map_free(&map);
	}
}

/* Lines whose options can't be kept, and the line behind them. */
static void
candidates_by_use(void **state)
{
	static const struct {
		const char *map;
		bool has_claim;
		enum dance_use use;
		unsigned line; /* 0: none */
		bool is_unkept;
	} rows[] = {
		{ "a.b al from=\"*\"\n", false, DANCE_USE_SSHD, 1, false },
		{ "a.b al from=\"*\"\n", false, DANCE_USE_PROVEN, 1, false },
		{ "a.b al from=\"*\"\n", false, DANCE_USE_LOCAL, 0, true },
		{ "a.b al from=\"*\"\n", true, DANCE_USE_LOCAL, 0, true },
		{ "*.b al from=\"*\"\n", true, DANCE_USE_LOCAL, 0, true },
		{ "*.b al from=\"*\"\n", true, DANCE_USE_PROVEN, 1, false },
		{ "a.b al command=\"x\"\n", false, DANCE_USE_LOCAL, 0, true },
		{ "a.b al expiry-time=\"20200101Z\"\n", false, DANCE_USE_SSHD,
		    1, false },
		{ "a.b al expiry-time=\"20200101Z\"\n", false, DANCE_USE_PROVEN,
		    0, true },
		{ "a.b al expiry-time=\"20300101Z\"\n", false, DANCE_USE_PROVEN,
		    1, false },
		{ "a.b al from=\"*\"\na.b al\n", false, DANCE_USE_LOCAL, 2,
		    true },
		{ "a.b al\na.b al from=\"*\"\n", false, DANCE_USE_LOCAL, 1,
		    false },
		{ "a.b bo from=\"*\"\n", false, DANCE_USE_LOCAL, 0, false },
		{ "c.b al from=\"*\"\n", true, DANCE_USE_LOCAL, 0, false },
		{ "a.b al no-pty\n", false, DANCE_USE_LOCAL, 1, false },
	};
	struct dance_map_query query = {
		.account = "al", .is_ordinary = true, .now = 1700000000
	};
	struct dance_map_matches matches;
	struct dance_fault fault;
	struct dance_identity id;
	struct dance_map *map;
	size_t i;

	(void)state;
	assert_int_equal(
	    dance_identity_parse("a.b", 3, DANCE_NAME_PRESENTED, &id), 0);
	for (i = 0; i < N(rows); i++) {
		query.claims = rows[i].has_claim ? &id : NULL;
		query.n_claims = rows[i].has_claim ? 1 : 0;
		query.use = rows[i].use;
		assert_int_equal(dance_map_from_text("m", rows[i].map,
				     strlen(rows[i].map), &map),
		    0);
		assert_int_equal(
		    dance_map_find(map, &query, &matches, &fault), 0);
		if (matches.is_unkept != rows[i].is_unkept ||
		    matches.n != (rows[i].line != 0 ? 1 : 0) ||
		    (matches.n > 0 && matches.list[0].number != rows[i].line))
			fail_msg("%zu: %s", i, rows[i].map);
		dance_map_matches_clear(&matches);
		dance_map_free(&map);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_let_in),
		cmocka_unit_test(patterns),
		cmocka_unit_test(lines_that_refuse),
		cmocka_unit_test(a_broken_line_anywhere),
		cmocka_unit_test(candidates_by_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
