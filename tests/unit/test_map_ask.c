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

/*
 * k known, a admitted too, d denied; "" for none; of an ordinary one, and not.
 */
struct row {
	const char *map;
	const char *account;
	const char *ordinary;
	const char *system;
};

static void
word_check(const struct row *row, bool is_ordinary, const char *want)
{
	struct dance_map_word word = { .is_known = false };
	struct dance_map *map = NULL;
	struct dance_fault fault = { "" };
	char text[4] = "";

	assert_int_equal(
	    dance_map_from_text("m", row->map, strlen(row->map), &map), 0);
	if (dance_map_ask(map, row->account, is_ordinary, &word, &fault) != 0)
		fail_msg("%s: %s", row->map, fault.text);
	snprintf(text, sizeof(text), "%s%s%s", word.is_known ? "k" : "",
	    word.is_admitted ? "a" : "", word.is_denied ? "d" : "");
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
		/* Names that no "%u" can stand for. */
		{ "%u.b %u\n", "Al", "", "" },
		{ "%u.b %u\n", "a.b", "", "" },
		{ "%u.b %u\n", "-al", "", "" },
		{ "%u@b.c %u\n", "al$", "", "" },
		{ "%u@b.c %u\n", "a.l", "ka", "" },
		{ "*.%u.b %u\n", "Al", "", "" },
		{ "*.%u.b %u\n", "a.b", "", "" },
		{ "*@%u.b %u\n", "a.b", "", "" },
		{ "*@%u.b %u\n", "al", "ka", "" },
		{ "%u@%u.b %u\n", "a.l", "", "" },
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
		{ "!c.b al\na.b al\n", "al", "ka", "ka" },
		{ "!a.b al\n*.b al\n", "al", "ka", "k" },
		{ "!a.b *\n%u.b %u\n", "al", "ka", "" },
		{ "!a.b al\na.b bo\n", "al", "k", "k" },
		{ "!a.b al\na.b bo\n", "bo", "ka", "ka" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

/* Where all that leads to an account is refused, nobody may come in there. */
static void
nothing_but_refused(void **state)
{
	static const struct row rows[] = {
		{ "a.b al\n!a.b *\n", "al", "kd", "kd" },
		{ "!a.b al\na.b al\n", "al", "kd", "kd" },
		{ "a.b al\n!a.b bo\n", "al", "ka", "ka" },
		{ "a.b al\n!a.b bo\n", "bo", "k", "k" },
		{ "a.b al,bo\n!a.b bo\n", "al", "ka", "ka" },
		{ "a.b al,bo\n!a.b bo\n", "bo", "kd", "kd" },
		{ "a.b al\n!a.b cy,al\n", "al", "kd", "kd" },
		{ "A.B al\n!a.b. *\n", "al", "kd", "kd" },
		{ "a.b al\n!*.b *\n", "al", "kd", "kd" },
		{ "a.b al\n!*.c.b *\n", "al", "ka", "ka" },
		{ "c.a.b al\n!*.b *\n", "al", "ka", "ka" },
		{ "a@b.c al\n!a@b.c *\n", "al", "kd", "kd" },
		{ "a@b.c al\n!*@b.c *\n", "al", "kd", "kd" },
		{ "a@b.c al\n!*.b.c *\n", "al", "ka", "ka" },
		{ "a.b.c al\n!*@b.c *\n", "al", "ka", "ka" },
		/* Each of several. */
		{ "a.b al\nc.b al\n!a.b *\n", "al", "ka", "ka" },
		{ "a.b al\nc.b al\n!a.b *\n!c.b al\n", "al", "kd", "kd" },
		{ "a.b al\nc.b al\n!*.b *\n", "al", "kd", "kd" },
		{ "a.b al\na.b al no-pty\n!a.b *\n", "al", "kd", "kd" },
		/* "%u" is this account's. */
		{ "%u@b.c %u provision\n!al@b.c *\n", "al", "kd", "" },
		{ "%u@b.c %u provision\n!al@b.c *\n", "bo", "ka", "" },
		{ "%u@b.c %u\n!al@b.c bo\n", "al", "ka", "" },
		{ "%u@b.c %u\n!%u@b.c %u\n", "al", "kd", "" },
		{ "al@b.c al\n!%u@b.c %u\n", "al", "kd", "kd" },
		{ "al@b.c bo\n!%u@b.c %u\n", "bo", "ka", "ka" },
		{ "%u@b.c %u\n%u@d.e %u\n!al@b.c *\n", "al", "ka", "" },
		{ "%u@b.c %u\n%u@d.e %u\n!al@b.c *\n!al@d.e *\n", "al", "kd",
		    "" },
		{ "%u@b.c %u\nx.y al\n!al@b.c *\n", "al", "ka", "ka" },
		{ "%u.b %u\n!*.b *\n", "al", "kd", "" },
		{ "%u.%u.b %u\n!al.*.b *\n", "al", "kd", "" },
		{ "%u.%u.b %u\n!bo.*.b *\n", "al", "ka", "" },
		/* What "*" means can't be listed: one line must refuse it. */
		{ "*.b al\n!a.b *\n", "al", "ka", "" },
		{ "*.b al\n!*.b *\n", "al", "kd", "" },
		{ "*.b al\n!*.b bo\n", "al", "ka", "" },
		{ "*.b al\n!%u.b %u\n", "al", "ka", "" },
		{ "*.c.b al\n!*.*.b *\n", "al", "kd", "" },
		{ "*.*.b al\n!*.c.b *\n", "al", "ka", "" },
		{ "*.*.b al\n!c.*.b *\n!*.c.b *\n", "al", "ka", "" },
		{ "*.%u.b %u\n!*.al.b *\n", "al", "kd", "" },
		{ "*.%u.b %u\n!*.bo.b *\n", "al", "ka", "" },
		{ "*.%u.b %u\n!*.%u.b %u\n", "al", "kd", "" },
		{ "*@b.c al\n!*@b.c al\n", "al", "kd", "k" },
		{ "*@b.c al\n!*.b.c al\n", "al", "ka", "k" },
		{ "*.b al\na.b al\n!*.b *\n", "al", "kd", "kd" },
		{ "*.b al\na.c al\n!*.b *\n", "al", "ka", "ka" },
		/* A pattern does not lead to an account of the system. */
		{ "a.b al\n*.b al\n!a.b *\n", "al", "ka", "kd" },
		/* Nor does a line that has expired. */
		{ "a.b al expiry-time=\"20200101Z\"\n", "al", "k", "k" },
		{ "a.b al expiry-time=\"99990101Z\"\n", "al", "ka", "ka" },
		{ "a.b al expiry-time=\"20200101Z\"\nc.b al\n!c.b *\n", "al",
		    "kd", "kd" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

/* More literal lines than the index has for one account. */
static void
too_many_to_look_at(void **state)
{
	static const struct {
		unsigned n;
		const char *rest;
		int want; /* 1 admitted, 0 denied */
	} rows[] = {
		{ 1024, "!*.b *\n", 0 },
		{ 1024, "!*.b *\na.c al\n", DANCE_ERR_CONFIG },
		{ 1025, "!*.b *\n", DANCE_ERR_CONFIG },
		{ 3000, "!*.b *\n", DANCE_ERR_CONFIG },
		{ 3000, "!n7.b *\n", 1 },
		{ 3000, "!*.b *\n*.c al\n", DANCE_ERR_CONFIG },
		{ 1023, "*.c al\n!*.b *\n", 1 },
	};
	struct dance_map_word word;
	struct dance_fault fault;
	struct dance_map *map;
	char *text;
	size_t i, size;
	unsigned k;
	FILE *out;
	int r;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		out = open_memstream(&text, &size);
		assert_non_null(out);
		for (k = 0; k < rows[i].n; k++)
			fprintf(out, "n%u.b al\n", k);
		fputs(rows[i].rest, out);
		assert_int_equal(fclose(out), 0);
		assert_int_equal(dance_map_from_text("m", text, size, &map), 0);
		r = dance_map_ask(map, "al", true, &word, &fault);
		if (r == 0)
			r = word.is_admitted ? 1 : 0;
		if (r != rows[i].want)
			fail_msg("%zu: %d", i, r);
		dance_map_free(&map);
		free(text);
	}
}

/* p: provisioned, and the uid that a line gives. */
static void
provisioned_accounts(void **state)
{
	static const struct {
		const char *map;
		const char *account;
		const char *want;
	} rows[] = {
		{ "", "al", "" },
		{ "a.b al\n", "al", "" },
		{ "a.b al provision\n", "al", "p0" },
		{ "a.b al provision\n", "bo", "" },
		{ "a.b al,bo no-pty,provision\n", "bo", "p0" },
		{ "a.b al provision,uid=70000\n", "al", "p70000" },
		{ "a.b al uid=70000\n", "al", "" },
		{ "*.b al provision,uid=70000\n", "al", "p70000" },
		{ "%u.b %u provision\n", "al", "p0" },
		{ "%u.b %u provision\n", "Al", "" },
		{ "%u.b %u provision,uid=7\n", "al", "p0" },
		{ "!a.b al\n", "al", "" },
		{ "!al.b *\n%u.b %u\n", "al", "" },
	};
	struct dance_map_provision found;
	struct dance_fault fault;
	struct dance_map *map;
	char text[16];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(dance_map_from_text("m", rows[i].map,
				     strlen(rows[i].map), &map),
		    0);
		assert_int_equal(
		    dance_map_provisions(map, rows[i].account, &found, &fault),
		    0);
		text[0] = '\0';
		if (found.is_there)
			snprintf(text, sizeof(text), "p%lu", found.uid);
		if (strcmp(text, rows[i].want) != 0)
			fail_msg("%s: \"%s\"", rows[i].map, text);
		dance_map_free(&map);
	}
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
			word = (struct dance_map_word){ k == 0, k == 1, false };
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
		cmocka_unit_test(nothing_but_refused),
		cmocka_unit_test(too_many_to_look_at),
		cmocka_unit_test(provisioned_accounts),
		cmocka_unit_test(a_broken_line_anywhere),
		cmocka_unit_test(candidates_by_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
