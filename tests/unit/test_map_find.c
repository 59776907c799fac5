/* SPDX-License-Identifier: ISC */
/* What the map says of a login: candidates and refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "map.h"

#define N(a)	   (sizeof(a) / sizeof((a)[0]))
#define CLAIMS_MAX 4

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

/* The matches as text: "IDENTITY:LINE:OPTIONS ", denied ones with a "!". */
static void
matches_print(const struct dance_map_matches *matches, char *ret, size_t size)
{
	const struct dance_map_match *m;
	size_t i, used = 0, n_denied = 0;

	ret[0] = '\0';
	for (i = 0; i < matches->n; i++) {
		m = &matches->list[i];
		assert_string_equal(m->file, "m");
		n_denied += m->is_denied ? 1 : 0;
		used += (size_t)snprintf(ret + used, size - used,
		    "%s%s:%u:%.*s ", m->is_denied ? "!" : "", m->identity.text,
		    m->number, (int)m->options_len, m->options);
	}
	assert_int_equal(n_denied, matches->n_denied);
	if (matches->is_withheld)
		snprintf(ret + used, size - used, "withheld");
}

struct row {
	const char *map;
	const char *account;
	const char *claims[CLAIMS_MAX]; /* none: a bare key */
	const char *want;
};

static void
row_check(const struct row *row, bool is_ordinary)
{
	static struct dance_identity claims[CLAIMS_MAX];
	struct dance_map_query query = { .account = row->account,
		.is_ordinary = is_ordinary };
	struct dance_map_matches matches;
	struct dance_map *map = map_make(row->map);
	struct dance_fault fault;
	char text[1024];
	size_t i;

	for (i = 0; i < CLAIMS_MAX && row->claims[i] != NULL; i++) {
		query.claims = claims;
		if (row->claims[i][0] != '\0')
			claims[query.n_claims++] = identity(row->claims[i]);
	}
	if (dance_map_find(map, &query, &matches, &fault) != 0)
		fail_msg("%s: %s", row->map, fault.text);
	matches_print(&matches, text, sizeof(text));
	if (strcmp(text, row->want) != 0)
		fail_msg("%s: %s", row->map, text);
	for (i = 0; i < matches.n; i++)
		if (query.claims != NULL)
			assert_string_equal(claims[matches.list[i].claim].text,
			    matches.list[i].identity.text);
	dance_map_matches_clear(&matches);
	dance_map_free(&map);
}

static void
req_65_66_67_bare_keys(void **state)
{
	static const struct row rows[] = {
		{ "", "al", { NULL }, "" },
		{ "a.b al\n", "al", { NULL }, "a.b:1: " },
		{ "a.b al\n", "bo", { NULL }, "" },
		{ "a.b al\n", "a", { NULL }, "" },
		{ "a.b al\n", "all", { NULL }, "" },
		{ "a.b al\n", "AL", { NULL }, "" },
		{ "a.b al\n", "", { NULL }, "" },
		{ "a.b al\n", "*", { NULL }, "" },
		{ "a.b al,bo\n", "al,bo", { NULL }, "" },
		{ "a.b al,bo,cy\n", "bo", { NULL }, "a.b:1: " },
		{ "a.b al\nc.d al\n", "al", { NULL }, "a.b:1: c.d:2: " },
		{ "c.d al\na.b al\n", "al", { NULL }, "c.d:1: a.b:2: " },
		{ "a@b.c al\n", "al", { NULL }, "a@b.c:1: " },
		{ "%u.b %u\n", "al", { NULL }, "al.b:1: " },
		{ "%u@b.c %u\n", "al", { NULL }, "al@b.c:1: " },
		{ "%u.b %u\n", "A", { NULL }, "" },
		{ "%u.b %u\n", "a.b", { NULL }, "" },
		{ "%u.b %u\n", "%u", { NULL }, "" },
		{ "%u.b %u\n", "", { NULL }, "" },
		/* "*" lines need a claim. */
		{ "*.b al\n", "al", { NULL }, "" },
		{ "*@b.c al\n", "al", { NULL }, "" },
		{ "*.%u.b %u\n", "al", { NULL }, "" },
		/* The options of the first line that fits count. */
		{ "a.b bo restrict\na.b al no-pty\na.b al pty\n", "al",
		    { NULL }, "a.b:2:no-pty " },
		{ "al.b al pty\n%u.b %u no-pty\n", "al", { NULL },
		    "al.b:1:pty " },
		{ "%u.b %u no-pty\nal.b al pty\n", "al", { NULL },
		    "al.b:1:no-pty " },
		{ "A.B al\na.b. al\n", "al", { NULL }, "a.b:1: " },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		row_check(&rows[i], true);
}

static void
req_63_claims(void **state)
{
	static const struct row rows[] = {
		{ "a.b al\nc.d al\n", "al", { "c.d" }, "c.d:2: " },
		{ "a.b al\nc.d al\n", "al", { "c.d", "a.b" },
		    "a.b:1: c.d:2: " },
		{ "a.b al\n", "al", { "e.f" }, "" },
		{ "a.b al\n", "al", { "" }, "" },
		{ "*.b al\n", "al", { "" }, "" },
		{ "%u.b %u\n", "al", { "" }, "" },
		{ "a.b al\n", "bo", { "a.b" }, "" },
		{ "a.b al\n", "al", { "A.B" }, "a.b:1: " },
		{ "a.b al\n", "al", { "a.b", "A.b" }, "a.b:1: " },
		{ "*.b al\n", "al", { "x.b", "y.b", "x.c" }, "x.b:1: y.b:1: " },
		{ "*.b al\n", "al", { "y.b", "x.b" }, "y.b:1: x.b:1: " },
		{ "*.b al\n", "al", { "b.c", "x.y.b" }, "" },
		{ "*.b al pty\nx.b al no-pty\n", "al", { "x.b" },
		    "x.b:1:pty " },
		{ "x.b al no-pty\n*.b al pty\n", "al", { "y.b", "x.b" },
		    "x.b:1:no-pty y.b:2:pty " },
		{ "*@b.c al\n", "al", { "x@b.c", "x.b.c" }, "x@b.c:1: " },
		{ "%u.b %u\n", "al", { "al.b", "bo.b" }, "al.b:1: " },
		{ "%u.b %u\n", "al", { "bo.b" }, "" },
		{ "*.%u.b %u\n", "al", { "x.al.b", "x.bo.b" }, "x.al.b:1: " },
		{ "a.b al\na.b al\n*.b al\n", "al", { "a.b" }, "a.b:1: " },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		row_check(&rows[i], true);
}

static void
lines_that_refuse(void **state)
{
	static const struct row rows[] = {
		{ "a.b al\n!a.b *\n", "al", { NULL }, "!a.b:1: " },
		{ "!a.b *\na.b al\n", "al", { NULL }, "!a.b:2: " },
		{ "!a.b al\na.b al\n", "al", { NULL }, "!a.b:2: " },
		{ "!a.b bo\na.b al\n", "al", { NULL }, "a.b:2: " },
		{ "!a.b bo,al\na.b al\n", "al", { NULL }, "!a.b:2: " },
		{ "a.b al\nc.d al\n!a.b *\n", "al", { NULL },
		    "!a.b:1: c.d:2: " },
		{ "a.b al\na.b al\n!a.b *\n!a.b al\n", "al", { NULL },
		    "!a.b:1: " },
		{ "!*.b *\na.b al\nc.d al\n", "al", { NULL },
		    "!a.b:2: c.d:3: " },
		{ "!*.b *\nx.a.b al\n", "al", { NULL }, "x.a.b:2: " },
		{ "!%u.b %u\nal.b al\nbo.b al\n", "al", { NULL },
		    "!al.b:2: bo.b:3: " },
		{ "!*@b.c *\na@b.c al\n", "al", { NULL }, "!a@b.c:2: " },
		{ "!a@b.c *\n*@b.c al\n", "al", { "a@b.c", "d@b.c" },
		    "!a@b.c:2: d@b.c:2: " },
		{ "!LOST.b *\n*.b al\n", "al", { "lost.b", "x.b" },
		    "!lost.b:2: x.b:2: " },
		{ "!a.b *\n", "al", { NULL }, "" },
		{ "!a.b al\n", "al", { "a.b" }, "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		row_check(&rows[i], true);
}

static void
req_69_70_accounts_that_are_not_ordinary(void **state)
{
	static const struct row rows[] = {
		{ "a.b root\n", "root", { NULL }, "a.b:1: " },
		{ "a.b root\n", "root", { "a.b" }, "a.b:1: " },
		{ "%u.b %u\n", "root", { NULL }, "withheld" },
		{ "%u@b.c %u\n", "root", { "root@b.c" }, "withheld" },
		{ "*.b root\n", "root", { "a.b" }, "withheld" },
		{ "*.b root\n", "root", { NULL }, "" },
		{ "*.b root\n", "root", { "a.c" }, "" },
		{ "*.b root\n", "al", { "a.b" }, "" },
		{ "%u.b %u\nroot.b root\n", "root", { NULL },
		    "root.b:2: withheld" },
		{ "root.b root pty\n%u.b %u\n", "root", { NULL },
		    "root.b:1:pty " },
		{ "*.b root\nc.b root\n", "root", { "a.b", "c.b" },
		    "c.b:2: withheld" },
		{ "!%u.b %u\nroot.b root\n", "root", { NULL }, "!root.b:2: " },
		{ "!*.b root\nroot.b root\n", "root", { NULL }, "!root.b:2: " },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		row_check(&rows[i], false);
}

static void
a_broken_line_anywhere_refuses_all(void **state)
{
	static const char *const rows[] = { "a.b al\nbroken\n",
		"broken\na.b al\n", "a.b al\n\n#\nc.d bo nopty\n",
		"a.b al\n!broken *\n" };
	struct dance_map_query query = { .account = "al", .is_ordinary = true };
	struct dance_map_matches matches = { .n = 4711 };
	struct dance_identity id = identity("a.b");
	struct dance_fault fault;
	struct dance_map *map;
	char account[DANCE_ACCOUNT_MAX] = "before";
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		map = map_make(rows[i]);
		assert_int_equal(dance_map_find(map, &query, &matches, &fault),
		    DANCE_ERR_CONFIG);
		assert_int_equal(matches.n, 4711);
		assert_int_equal(dance_map_account(map, &id, account, &fault),
		    DANCE_ERR_CONFIG);
		assert_string_equal(account, "before");
		assert_int_equal(strncmp(fault.text, "m:", 2), 0);
		dance_map_free(&map);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_65_66_67_bare_keys),
		cmocka_unit_test(req_63_claims),
		cmocka_unit_test(lines_that_refuse),
		cmocka_unit_test(req_69_70_accounts_that_are_not_ordinary),
		cmocka_unit_test(a_broken_line_anywhere_refuses_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
