/* SPDX-License-Identifier: ISC */
/* The shapes of patterns, and the uids that names give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiled.h"
#include "tree.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define A7	"a.a.a.a.a.a.a."
#define A8	A7 "a."
#define LABEL60 "a23456789012345678901234567890123456789012345678901234567890"

static char root[TREE_MAX];

static int
setup(void **state)
{
	(void)state;
	compiled_tree(root);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tree_remove(root);
	return 0;
}

static void
shape_of(const char *pattern, struct dance_index_shape *ret)
{
	static struct dance_index_shape shapes[DANCE_INDEX_SHAPES_MAX];
	static struct dance_index index;
	char *path = tree_path(root, DANCE_INDEX_FILE), line[512];
	size_t n;

	snprintf(line, sizeof(line), "%s %s\n", pattern,
	    strstr(pattern, "%u") != NULL ? "%u" : "al");
	compiled_make(root, line);
	assert_int_equal(dance_index_open(path, &index), 0);
	assert_int_equal(dance_index_shapes(&index, shapes, &n), 0);
	assert_int_equal(n, 1);
	*ret = shapes[0];
	dance_index_close(&index);
	free(path);
}

static void
what_a_shape_fits(void **state)
{
	static const struct {
		const char *of; /* the pattern that has the shape */
		const char *identity;
		const char *pattern; /* NULL: does not fit */
		const char *account;
	} rows[] = {
		{ "*.b", "a.b", "*.b", "" },
		{ NULL, "x.y", "*.y", "" },
		{ NULL, "a.b.c", NULL, "" },
		{ NULL, "a", NULL, "" },
		{ NULL, "", NULL, "" },
		{ NULL, "a@b", NULL, "" },
		{ NULL, ".", "*.", "" },
		{ A8 "*.b", A8 "x.b", A8 "*.b", "" },
		{ NULL, A8 "x.y", A8 "*.y", "" },
		{ NULL, "x.b", NULL, "" },
		{ A7 "*.a.b", A8 "x.b", A7 "*.x.b", "" },
		{ A8 "%u.b", A8 "al.b", A8 "%u.b", "al" },
		{ "%u." A7 A8 "a.%u.b", "al." A7 A8 "a.al.b",
		    "%u." A7 A8 "a.%u.b", "al" },
		{ NULL, "al." A7 A8 "a.bo.b", NULL, "" },
		{ "a@" A8 "*.b", "x@" A8 "y.b", "x@" A8 "*.b", "" },
		{ "a.*.c", "x.y.z", "x.*.z", "" },
		{ "%u.b", "al.b", "%u.b", "al" },
		{ NULL, LABEL60 ".b", "%u.b", LABEL60 },
		{ "%u.*.%u.b", "al.x.al.b", "%u.*.%u.b", "al" },
		{ NULL, "al.x.all.b", NULL, "" },
		{ NULL, "all.x.al.b", NULL, "" },
		{ NULL, "al.x.bo.b", NULL, "" },
		{ "*@b.c", "al@x.y", "*@x.y", "" },
		{ NULL, "a.l@x.y", "*@x.y", "" },
		{ NULL, "al.x.y", NULL, "" },
		{ NULL, "al@x", NULL, "" },
		{ NULL, "al@x.y.z", NULL, "" },
		{ "%u@b.c", "a.l@x.y", "%u@x.y", "a.l" },
		{ "a@%u.c", "x@al.y", "x@%u.y", "al" },
		{ "%u@*.%u.c", "al@x.al.y", "%u@*.%u.y", "al" },
		{ NULL, "al@x.bo.y", NULL, "" },
	};
	char pattern[DANCE_IDENTITY_MAX + 1], account[DANCE_IDENTITY_MAX + 1];
	struct dance_index_shape shape = { .n_pieces = 0 };
	bool fits;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		if (rows[i].of != NULL)
			shape_of(rows[i].of, &shape);
		fits = dance_index_shape_fit(
		    &shape, rows[i].identity, pattern, account);
		if (fits != (rows[i].pattern != NULL))
			fail_msg("row %zu: %s", i, rows[i].identity);
		if (!fits)
			continue;
		assert_string_equal(pattern, rows[i].pattern);
		assert_string_equal(account, rows[i].account);
	}
}

/* No text is longer than its buffer, and no shape makes it read too far. */
static void
shapes_at_the_limits(void **state)
{
	char identity[DANCE_IDENTITY_MAX + 2];
	char pattern[DANCE_IDENTITY_MAX + 1], account[DANCE_IDENTITY_MAX + 1];
	struct dance_index_shape shape;
	size_t len, i;
	unsigned n;

	(void)state;
	for (n = 0; n <= UINT8_MAX; n++) {
		memset(&shape, 0, sizeof(shape));
		memset(shape.accounts, n % 2 == 0 ? 0xff : 0, 16);
		memset(shape.stars, n % 3 == 0 ? 0xaa : 0, 16);
		shape.n_pieces = (uint8_t)n;
		for (len = 0; len <= DANCE_IDENTITY_MAX + 1; len++) {
			for (i = 0; i < len; i++)
				identity[i] = i % 2 == 0 ? 'a' : '.';
			identity[len] = '\0';
			if (!dance_index_shape_fit(
				&shape, identity, pattern, account))
				continue;
			assert_true(n <= 128 && len <= DANCE_IDENTITY_MAX);
			assert_true(strlen(pattern) <= DANCE_IDENTITY_MAX);
		}
	}
}

/*
 * These numbers own files on disks: they never change.  They were computed by
 * another program.
 */
static void
uids_stay_what_they_are(void **state)
{
	static const struct {
		const char *name;
		uint32_t first;
		uint32_t last;
		uint32_t want;
	} rows[] = {
		{ "alice", 2001000000, 2147000000, 2107599779 },
		{ "bob", 2001000000, 2147000000, 2034074893 },
		{ "carol.jones", 2001000000, 2147000000, 2091901967 },
		{ "alice@corp.example.com", 2001000000, 2147000000,
		    2144612666 },
		{ "alice", 5000, 5999, 5236 },
		{ "alice", 5000, 5000, 5000 },
		{ "a", 1, 4294967295, 744585141 },
		{ "", 1, 4294967295, 2859026568 },
	};
	static const struct dance_salt none = { 0, "" };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_int_equal(dance_index_uid(&none, rows[i].name,
				     rows[i].first, rows[i].last),
		    rows[i].want);
}

static void
uids_are_in_the_range_and_spread(void **state)
{
	static const struct dance_salt salt = { 16, "a site's salt it" };
	static uint16_t seen[1000];
	char name[32];
	uint32_t uid, most = 0;
	unsigned i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		uid = dance_index_uid(&salt, name, 2000, 2999);
		assert_in_range(uid, 2000, 2999);
		if (++seen[uid - 2000] > most)
			most = seen[uid - 2000];
		assert_int_equal(dance_index_uid(&salt, name, 77, 77), 77);
		assert_in_range(dance_index_uid(&salt, name, UINT32_MAX - 9,
				    UINT32_MAX - 2),
		    UINT32_MAX - 9, UINT32_MAX - 2);
		assert_in_range(
		    dance_index_uid(&salt, name, 1, UINT32_MAX), 1, UINT32_MAX);
	}
	/* 100 each on average; six times its square root above is never. */
	assert_in_range(most, 100, 160);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_shape_fits),
		cmocka_unit_test(shapes_at_the_limits),
		cmocka_unit_test(uids_stay_what_they_are),
		cmocka_unit_test(uids_are_in_the_range_and_spread),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
