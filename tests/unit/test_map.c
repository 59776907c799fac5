/* SPDX-License-Identifier: ISC */
/* The lines of the accounts map, its files, and where a fault is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "map.h"
#include "tree.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* What a walk came by, as text. */
struct seen {
	char text[2048];
	size_t n;
};

static int
visit(const struct dance_map_line *line, void *arg)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->text);

	snprintf(seen->text + used, sizeof(seen->text) - used,
	    "%s:%u %s%s [%.*s] [%.*s]\n", line->file, line->number,
	    line->is_refusal ? "!" : "", line->pattern.text,
	    (int)line->accounts_len, line->accounts, (int)line->options_len,
	    line->options);
	seen->n++;
	return 0;
}

static void
complain(const struct dance_fault *fault, void *arg)
{
	struct seen *seen = arg;
	size_t used = strlen(seen->text);

	snprintf(
	    seen->text + used, sizeof(seen->text) - used, "%s\n", fault->text);
	seen->n++;
}

static struct dance_map *
map_make(const char *text, size_t len)
{
	struct dance_map *map = NULL;

	assert_int_equal(dance_map_from_text("m", text, len, &map), 0);
	return map;
}

static void
lines(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
		{ "", "" },
		{ "\n\n  \n\t\n", "" },
		{ "# a.b c\n   # a.b c\n", "" },
		{ "a.b c", "m:1 a.b [c] []\n" },
		{ "  a.b\t c  \n", "m:1 a.b [c] []\n" },
		{ "\n\nA.B. c,d\n", "m:3 a.b [c,d] []\n" },
		{ "a.b c no-pty\n", "m:1 a.b [c] [no-pty]\n" },
		{ "a.b c from=\"::1\",command=\"x y\" \t\n",
		    "m:1 a.b [c] [from=\"::1\",command=\"x y\"]\n" },
		{ "a@b.c d\n", "m:1 a@b.c [d] []\n" },
		{ "*.b c\n", "m:1 *.b [c] []\n" },
		{ "*@b.c d\n", "m:1 *@b.c [d] []\n" },
		{ "%u.b %u\n", "m:1 %u.b [%u] []\n" },
		{ "%u@b.c %u provision\n", "m:1 %u@b.c [%u] [provision]\n" },
		{ "*.%u.b %u\n", "m:1 *.%u.b [%u] []\n" },
		{ "!a.b *\n", "m:1 !a.b [*] []\n" },
		{ "!a.b c,d\n", "m:1 !a.b [c,d] []\n" },
		{ "!%u.b %u\n", "m:1 !%u.b [%u] []\n" },
		{ "!*@b.c *\n", "m:1 !*@b.c [*] []\n" },
		{ "a.b root\n", "m:1 a.b [root] []\n" },
		{ "a.b a.b@c-d_e+f$\n", "m:1 a.b [a.b@c-d_e+f$] []\n" },
		{ "a.b c\na.b d", "m:1 a.b [c] []\nm:2 a.b [d] []\n" },
	};
	struct dance_map *map;
	struct dance_fault fault;
	struct seen seen;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memset(&seen, 0, sizeof(seen));
		map = map_make(rows[i].text, strlen(rows[i].text));
		if (dance_map_walk(map, 0, visit, NULL, &seen, &fault) != 0)
			fail_msg("%s", fault.text);
		assert_string_equal(seen.text, rows[i].want);
		dance_map_free(&map);
		assert_null(map);
	}
	dance_map_free(&map);
}

/* FILE:LINE:COLUMN, and a part of the cause. */
static const struct {
	const char *text;
	const char *where;
	const char *cause;
} broken[] = {
	{ "ab c", "m:1:1: ", "not an identity" },
	{ "\n  a..b c", "m:2:3: ", "not an identity" },
	{ "!", "m:1:2: ", "not an identity" },
	{ "! a.b *", "m:1:2: ", "not an identity" },
	{ "!!a.b *", "m:1:2: ", "not an identity" },
	{ "a,b.c d", "m:1:1: ", "not an identity" },
	{ "a.b", "m:1:4: ", "missing" },
	{ "a.b   ", "m:1:4: ", "missing" },
	{ "!a.b", "m:1:5: ", "missing" },
	{ "a.b ,c", "m:1:5: ", "missing" },
	{ "a.b c,", "m:1:7: ", "missing" },
	{ "a.b c,,d", "m:1:7: ", "missing" },
	{ "a.b c,-d", "m:1:7: ", "begins with" },
	{ "a.b c,d/e", "m:1:7: ", "a character" },
	{ "a.b c\r\n", "m:1:5: ", "a character" },
	{ "a.b m\xc3\xbcller", "m:1:5: ", "a character" },
	{ "a.b c:d", "m:1:5: ", "a character" },
	{ "a.b c#d", "m:1:5: ", "a character" },
	{ "a.b \"c\"", "m:1:5: ", "a character" },
	{ "a.b *", "m:1:5: ", "only a line with" },
	{ "*.b *", "m:1:5: ", "only a line with" },
	{ "a.b *,c", "m:1:5: ", "a character" },
	{ "!a.b *,c", "m:1:6: ", "a character" },
	{ "!a.b c,*", "m:1:8: ", "a character" },
	{ "%u.b c", "m:1:6: ", "both columns" },
	{ "a.b %u", "m:1:5: ", "both columns" },
	{ "*.b %u", "m:1:5: ", "both columns" },
	{ "%u.b %u,c", "m:1:6: ", "both columns" },
	{ "a.b c,%u", "m:1:7: ", "a character" },
	{ "!%u.b *", "m:1:7: ", "both columns" },
	{ "!a.b %u", "m:1:6: ", "both columns" },
	{ "%u.b", "m:1:5: ", "both columns" },
	{ "!a.b * no-pty", "m:1:8: ", "takes no options" },
	{ "!a.b c # why", "m:1:8: ", "takes no options" },
	{ "a.b c nopty", "m:1:7: ", "unknown option" },
	{ "a.b c # comment", "m:1:7: ", "unknown option" },
	{ "a.b c d", "m:1:7: ", "unknown option" },
	{ "a.b  c  no-pty,zzz", "m:1:16: ", "unknown option" },
	{ "a.b c cert-authority", "m:1:7: ", "cert-authority is set" },
	{ "a.b c command=\"\xc3\xbc\"", "m:1:16: ", "printable" },
	{ "a.b c no-pty, restrict", "m:1:14: ", "unknown option" },
	{ "a.*\tc", "m:1:1: ", "not an identity" },
	{ "#ok\na.b c\nx\n", "m:3:1: ", "not an identity" },
};

static void
faults_have_file_line_and_column(void **state)
{
	struct dance_fault fault;
	struct dance_map *map;
	size_t i;

	(void)state;
	for (i = 0; i < N(broken); i++) {
		fault.text[0] = '\0';
		map = map_make(broken[i].text, strlen(broken[i].text));
		assert_int_equal(
		    dance_map_walk(map, 0, NULL, NULL, NULL, &fault),
		    DANCE_ERR_CONFIG);
		if (strncmp(fault.text, broken[i].where,
			strlen(broken[i].where)) != 0 ||
		    strstr(fault.text, broken[i].cause) == NULL)
			fail_msg("%s: %s", broken[i].text, fault.text);
		assert_int_equal(dance_map_walk(map, 0, NULL, NULL, NULL, NULL),
		    DANCE_ERR_CONFIG);
		dance_map_free(&map);
	}
}

static void
nul_is_no_end_of_the_map(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{ "a\0.b c\n", 7 },
		{ "a.b\0 c\n", 7 },
		{ "a.b c\0\n", 7 },
		{ "a.b c\0,d\n", 9 },
		{ "a.b c no-pty\0\n", 14 },
		{ "\0\na.b c\n", 8 },
		{ " \0", 2 },
	};
	struct dance_map *map;
	struct dance_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		map = map_make(rows[i].text, rows[i].len);
		assert_int_equal(
		    dance_map_walk(map, 0, NULL, NULL, NULL, &fault),
		    DANCE_ERR_CONFIG);
		dance_map_free(&map);
	}
}

static void
all_faults_are_told_and_the_first_is_kept(void **state)
{
	static const char text[] = "a.b c\nx\n!y *\na.b d\nz z\n";
	struct dance_fault fault;
	struct seen seen = { "", 0 };
	struct dance_map *map = map_make(text, strlen(text));

	(void)state;
	assert_int_equal(dance_map_walk(map, 0, NULL, complain, &seen, &fault),
	    DANCE_ERR_CONFIG);
	assert_int_equal(seen.n, 3);
	assert_non_null(strstr(seen.text, "m:2:1: "));
	assert_non_null(strstr(seen.text, "m:3:2: "));
	assert_non_null(strstr(seen.text, "m:5:1: "));
	assert_int_equal(strncmp(fault.text, "m:2:1: ", 7), 0);
	dance_map_free(&map);
}

static int
stop(const struct dance_map_line *line, void *arg)
{
	(void)arg;
	return line->number == 2 ? DANCE_ERR_INTERNAL : 0;
}

static void
a_visitor_ends_the_walk(void **state)
{
	static const char text[] = "a.b c\na.b d\nbroken\n";
	struct dance_map *map = map_make(text, strlen(text));

	(void)state;
	assert_int_equal(
	    dance_map_walk(map, 0, stop, NULL, NULL, NULL), DANCE_ERR_INTERNAL);
	dance_map_free(&map);
}

static void
long_lines_and_names(void **state)
{
	static char text[DANCE_MAP_LINE_MAX + 64];
	struct dance_fault fault;
	struct dance_map *map;
	size_t len;

	(void)state;
	for (len = DANCE_MAP_LINE_MAX; len <= DANCE_MAP_LINE_MAX + 1; len++) {
		memset(text, 'x', len);
		memcpy(text, "a.b c command=\"", 15);
		memcpy(text + len - 1, "\"\n", 2);
		map = map_make(text, len + 1);
		assert_int_equal(
		    dance_map_walk(map, 0, NULL, NULL, NULL, &fault),
		    len > DANCE_MAP_LINE_MAX ? DANCE_ERR_CONFIG : 0);
		dance_map_free(&map);
		text[0] = '#';
		map = map_make(text, len + 1);
		assert_int_equal(
		    dance_map_walk(map, 0, NULL, NULL, NULL, &fault), 0);
		dance_map_free(&map);
	}
	for (len = DANCE_ACCOUNT_MAX - 1; len <= DANCE_ACCOUNT_MAX; len++) {
		memset(text, 'x', 4 + len);
		memcpy(text, "a.b ", 4);
		map = map_make(text, 4 + len);
		assert_int_equal(
		    dance_map_walk(map, 0, NULL, NULL, NULL, &fault),
		    len == DANCE_ACCOUNT_MAX ? DANCE_ERR_CONFIG : 0);
		dance_map_free(&map);
	}
}

static void
options_by_version_of_sshd(void **state)
{
	static const char text[] = "a.b c verify-required\n";
	struct dance_map *map = map_make(text, strlen(text));
	struct dance_fault fault;

	(void)state;
	assert_int_equal(dance_map_walk(map, 0, NULL, NULL, NULL, &fault), 0);
	assert_int_equal(dance_map_walk(map, 804, NULL, NULL, NULL, &fault), 0);
	assert_int_equal(dance_map_walk(map, 803, NULL, NULL, NULL, &fault),
	    DANCE_ERR_CONFIG);
	assert_int_equal(strncmp(fault.text, "m:1:7: ", 7), 0);
	dance_map_free(&map);
}

/* The files, in their order. */
static void
loads(const char *root, int want, const char *text)
{
	struct dance_map *map = NULL;
	struct dance_fault fault = { "" };
	struct seen seen = { "", 0 };
	int r = dance_map_load(root, &map, &fault);

	if (r != want)
		fail_msg("%s", fault.text);
	if (r == 0) {
		assert_int_equal(
		    dance_map_walk(map, 0, visit, NULL, &seen, &fault), 0);
		assert_string_equal(seen.text, text);
	} else if (strstr(fault.text, text) == NULL)
		fail_msg("%s", fault.text);
	assert_int_equal(map != NULL, r == 0);
	dance_map_free(&map);
}

static void
req_64_files_of_the_map(void **state)
{
	char root[TREE_MAX];

	(void)state;
	tree_make(root);
	loads(root, DANCE_ERR_CONFIG, "/etc/dance/accounts: No such file");
	tree_write(root, DANCE_MAP_DIR "/9.accounts", "i.b nine\n");
	loads(root, DANCE_ERR_CONFIG, "/etc/dance/accounts: No such file");
	tree_write(root, DANCE_MAP_FILE, "");
	loads(root, 0, DANCE_MAP_DIR "/9.accounts:1 i.b [nine] []\n");
	tree_write(root, DANCE_MAP_FILE, "a.b first\n");
	tree_write(root, DANCE_MAP_DIR "/10.accounts", "\nt.b ten");
	tree_write(root, DANCE_MAP_DIR "/b.conf", "broken");
	tree_write(root, DANCE_MAP_DIR "/.c.accounts", "broken");
	loads(root, 0,
	    DANCE_MAP_FILE ":1 a.b [first] []\n" DANCE_MAP_DIR
			   "/10.accounts:2 t.b [ten] []\n" DANCE_MAP_DIR
			   "/9.accounts:1 i.b [nine] []\n");
	tree_chmod(root, DANCE_MAP_DIR "/9.accounts", 0666);
	loads(root, DANCE_ERR_CONFIG, "9.accounts: writable");
	tree_chmod(root, DANCE_MAP_DIR "/9.accounts", 0644);
	tree_chmod(root, DANCE_MAP_DIR, 0775);
	loads(root, DANCE_ERR_CONFIG, "accounts.d: writable");
	tree_chmod(root, DANCE_MAP_DIR, 0755);
	tree_mkdir(root, DANCE_MAP_DIR "/x.accounts");
	loads(root, DANCE_ERR_CONFIG, "x.accounts: not a regular file");
	tree_unlink(root, DANCE_MAP_DIR "/x.accounts");
	tree_link(root, DANCE_MAP_DIR "/y.accounts", "nothing");
	loads(root, DANCE_ERR_CONFIG, "y.accounts: No such file");
	tree_remove(root);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(faults_have_file_line_and_column),
		cmocka_unit_test(nul_is_no_end_of_the_map),
		cmocka_unit_test(all_faults_are_told_and_the_first_is_kept),
		cmocka_unit_test(a_visitor_ends_the_walk),
		cmocka_unit_test(long_lines_and_names),
		cmocka_unit_test(options_by_version_of_sshd),
		cmocka_unit_test(req_64_files_of_the_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
