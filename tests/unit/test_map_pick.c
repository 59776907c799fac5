/* SPDX-License-Identifier: ISC */
/*
 * The index and the text give the same answers: random maps, random questions.
 * A failure names the number that makes its map again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiled.h"
#include "map.h"
#include "map_index.h"
#include "tree.h"

#define N(a)	   (sizeof(a) / sizeof((a)[0]))
#define MAPS	   2000
#define QUERIES	   25
#define CLAIMS_MAX 5
#define LINES_MAX  24
#define EXPIRY	   1577836800 /* 2020-01-01 */

static char root[TREE_MAX];
static uint64_t seed;

int clock_gettime(clockid_t id, struct timespec *now);
int fsync(int fd);

/* Nobody waits here until the files' times are old enough, nor for a disk. */
__attribute__((visibility("default"))) int
clock_gettime(clockid_t id, struct timespec *now)
{
	int r = (int)syscall(SYS_clock_gettime, id, now);

	now->tv_sec += 10;
	return r;
}

__attribute__((visibility("default"))) int
fsync(int fd)
{
	(void)fd;
	return 0;
}

/* xorshift64*, from 0 to n - 1 */
static unsigned
any(unsigned n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (unsigned)((seed * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

static bool
one_in(unsigned n)
{
	return any(n) == 0;
}

static const char *
one_of(const char *const *list, size_t n)
{
	return list[any((unsigned)n)];
}

static const char *const labels[] = { "a", "b", "al", "bo", "root", "-x", "_d",
	"a-b", "x1", "us" };
static const char *const uids[] = { "a", "al", "bo", "a.b", "c+d", "-x",
	"root" };
static const char *const accounts[] = { "al", "bo", "root", "a", "a.b", "Al",
	"a-b", "c+d", "cy", "al@b", "-x", "_d" };
static const char *const options[] = { "", "", "", "", "restrict", "no-pty",
	"expiry-time=\"20200101Z\"", "expiry-time=\"20990101Z\"",
	"from=\"::1\"", "command=\"/bin/x y\"", "provision",
	"provision,uid=5000", "expiry-time=\"20200101Z\",from=\"::1\",pty" };

/* A name for a pattern (with "*" and "%u" in it) or for an identity. */
static void
name_print(FILE *out, bool is_pattern, bool *ret_has_account)
{
	unsigned n = 1 + any(3), i;
	bool is_user = one_in(3), is_long = one_in(6);

	*ret_has_account = false;
	for (i = is_user ? 0 : 1; i <= n; i++) {
		/* The same for all, or none would fit another. */
		if (is_long && i == 1)
			fputs("a.a.a.a.a.a.a.", out);
		if (is_pattern && one_in(4))
			fputs("*", out);
		else if (is_pattern && one_in(8)) {
			fputs("%u", out);
			*ret_has_account = true;
		} else
			fputs(i == 0 ? one_of(uids, N(uids))
				     : one_of(labels, N(labels)),
			    out);
		fputs(i == 0 ? "@" : ".", out);
	}
	fputs(one_in(4) ? "B" : one_of(labels, 2), out);
	if (is_pattern && one_in(10))
		fputs(".", out);
}

static void
line_print(FILE *out)
{
	bool is_refusal = one_in(4), has_account;
	unsigned i, n = 1 + (one_in(3) ? any(4) : 0);

	if (one_in(12)) {
		fputs(one_in(2) ? "# a.b al\n" : " \t\n", out);
		return;
	}
	fputs(one_in(10) ? " " : "", out);
	fputs(is_refusal ? "!" : "", out);
	name_print(out, true, &has_account);
	fputs(one_in(10) ? " \t" : " ", out);
	if (has_account)
		fputs("%u", out);
	else if (is_refusal && one_in(2))
		fputs("*", out);
	else
		for (i = 0; i < n; i++)
			fprintf(out, "%s%s", i == 0 ? "" : ",",
			    one_of(accounts, N(accounts) - 2));
	if (!is_refusal)
		fprintf(out, " %s", one_of(options, N(options)));
	fputs(one_in(20) ? " \n" : "\n", out);
}

static void
file_make(const char *name)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	unsigned i, n = any(LINES_MAX);

	assert_non_null(out);
	for (i = 0; i < n; i++)
		line_print(out);
	if (one_in(200))
		fputs("broken\n", out);
	assert_int_equal(fclose(out), 0);
	/* The last line may have no newline. */
	if (size > 0 && one_in(4))
		text[size - 1] = '\0';
	tree_write(root, name, text);
	free(text);
}

static void
map_make(void)
{
	static const char *const names[] = { "a", "b", "B", "10" };
	char name[64];
	size_t i;

	file_make(COMPILED_MAP);
	for (i = 0; i < N(names); i++) {
		snprintf(name, sizeof(name), "%s/%s%s", DANCE_MAP_DIR, names[i],
		    DANCE_MAP_SUFFIX);
		tree_write(root, name, "");
		if (one_in(3))
			file_make(name);
		else
			tree_unlink(root, name);
	}
}

static void
identity_make(struct dance_identity *ret)
{
	char *text = NULL;
	size_t size;
	bool has_account;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	name_print(out, false, &has_account);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(
	    dance_identity_parse(text, size, DANCE_NAME_PRESENTED, ret), 0);
	free(text);
}

/* All that a caller sees, as text. */
static void
find_print(
    FILE *out, const struct dance_map *map, const struct dance_map_query *query)
{
	struct dance_map_matches found;
	const struct dance_map_match *m;
	struct dance_fault fault = { "" };
	size_t i;
	int r = dance_map_find(map, query, &found, &fault);

	fprintf(out, "%d", r);
	if (r != 0)
		return;
	fprintf(out, " %zu %zu %d %d\n", found.n, found.n_denied,
	    found.is_withheld, found.is_unkept);
	for (i = 0; i < found.n; i++) {
		m = &found.list[i];
		fprintf(out, "%s %s %s %zu %s:%u [%.*s]", m->identity.text,
		    m->identity.owner, m->identity.uid, m->claim, m->file,
		    m->number, (int)m->options_len, m->options);
		if (m->is_denied)
			fprintf(out, " ! %s:%u", m->deny_file, m->deny_number);
		fputs("\n", out);
	}
	dance_map_matches_clear(&found);
}

static char *
answer_make(const struct dance_map *map, const struct dance_map_query *query,
    const struct dance_identity *id)
{
	char *text = NULL, account[DANCE_ACCOUNT_MAX];
	struct dance_map_word word = { .is_known = false };
	struct dance_map_provision provision = { .uid = 0 };
	struct dance_fault fault;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int r;

	assert_non_null(out);
	find_print(out, map, query);
	r = dance_map_account(map, id, account, &fault);
	fprintf(out, "account %d %s\n", r, r == 0 ? account : "");
	r = dance_map_ask(
	    map, query->account, query->is_ordinary, &word, &fault);
	fprintf(out, "ask %d %d %d %d\n", r, word.is_known, word.is_admitted,
	    word.is_denied);
	r = dance_map_provisions(map, query->account, &provision, &fault);
	fprintf(out, "provisions %d %d %lu\n", r, provision.is_there,
	    provision.uid);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* One random question to both; true if something was found. */
static bool
query_check(const struct dance_map *by_text, const struct dance_map *by_index)
{
	static struct dance_identity claims[CLAIMS_MAX];
	static const enum dance_use uses[] = { DANCE_USE_SSHD, DANCE_USE_PROVEN,
		DANCE_USE_LOCAL };
	struct dance_map_query query = {
		.account = one_of(accounts, N(accounts)),
		.is_ordinary = !one_in(4),
		.claims = one_in(3) ? NULL : claims,
		.use = uses[any(3)],
		.now = EXPIRY - 1 + (time_t)any(2),
	};
	size_t i, n = any(CLAIMS_MAX + 1);
	char *left, *right;
	bool has_found;

	for (i = 0; i < CLAIMS_MAX; i++)
		identity_make(&claims[i]);
	if (query.claims != NULL)
		query.n_claims = n;
	left = answer_make(by_text, &query, &claims[0]);
	right = answer_make(by_index, &query, &claims[0]);
	if (strcmp(left, right) != 0)
		fail_msg("account %s, claims %zu:\n%s--\n%s", query.account,
		    query.n_claims, left, right);
	has_found = strncmp(left, "0 0 ", 4) != 0;
	free(left);
	free(right);
	return has_found;
}

static void
text_and_index_agree(void **state)
{
	struct dance_map *by_text, *by_index;
	struct dance_index_made made;
	struct dance_fault fault;
	unsigned i, k, n_found = 0, n_broken = 0;
	bool is_broken;

	(void)state;
	for (i = 0; i < MAPS; i++) {
		seed = (i + 1) * 0x9e3779b97f4a7c15ULL;
		map_make();
		is_broken = compiled_try(root, &made, &fault) != 0;
		assert_int_equal(dance_map_load(root, &by_index, &fault), 0);
		assert_int_equal(
		    dance_map_load_text(root, &by_text, &fault), 0);
		assert_false(by_text->is_indexed);
		if (by_index->is_indexed == is_broken)
			fail_msg("map %u: %s", i, fault.text);
		for (k = 0; k < QUERIES; k++)
			n_found += query_check(by_text, by_index) ? 1 : 0;
		n_broken += is_broken ? 1 : 0;
		dance_map_free(&by_text);
		dance_map_free(&by_index);
	}
	/* The questions are not all about nothing. */
	assert_in_range(n_found, MAPS * QUERIES / 20, MAPS * QUERIES);
	assert_in_range(n_broken, 1, MAPS / 10);
	print_message("%u of %u found\n", n_found, MAPS * QUERIES);
}

/* Far more lines than a decision may be about, by claim and by account. */
static void
many_lines(void **state)
{
	struct dance_map *by_text, *by_index;
	struct dance_map_query query = { .account = "al", .is_ordinary = true };
	static struct dance_identity ids[3];
	struct dance_fault fault;
	char *text = NULL, *left, *right;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	unsigned i;

	(void)state;
	assert_non_null(out);
	for (i = 0; i < 20000; i++)
		fprintf(out, "l%u.b al,u%u\n%sl%u.c c%u\n", i, i,
		    i % 7 == 0 ? "!" : "", i % 64, i % 32);
	fputs("*.b al\n%u.b %u\n!*.c *\n", out);
	assert_int_equal(fclose(out), 0);
	compiled_make(root, text);
	free(text);
	assert_int_equal(dance_map_load(root, &by_index, &fault), 0);
	assert_int_equal(dance_map_load_text(root, &by_text, &fault), 0);
	assert_true(by_index->is_indexed);
	for (i = 0; i < 4; i++) {
		query.account = i == 0 ? "al" : i == 1 ? "u19999" : "c31";
		query.claims = i == 3 ? ids : NULL;
		query.n_claims = i == 3 ? N(ids) : 0;
		assert_int_equal(dance_identity_parse("l19999.b", 8,
				     DANCE_NAME_PRESENTED, &ids[0]),
		    0);
		assert_int_equal(dance_identity_parse(
				     "l63.c", 5, DANCE_NAME_PRESENTED, &ids[1]),
		    0);
		ids[2] = ids[0];
		left = answer_make(by_text, &query, &ids[0]);
		right = answer_make(by_index, &query, &ids[0]);
		assert_string_equal(left, right);
		free(left);
		free(right);
	}
	dance_map_free(&by_text);
	dance_map_free(&by_index);
}

/* Lines that say the same count one by one: 1024 of them are looked at. */
static void
the_same_line_again(void **state)
{
	struct dance_map_query query = { .account = "al", .is_ordinary = true };
	struct dance_map *by_text, *by_index;
	static struct dance_identity id;
	struct dance_fault fault;
	char *text, *left, *right;
	unsigned n, i;
	size_t size;
	FILE *out;

	(void)state;
	assert_int_equal(
	    dance_identity_parse("a.b", 3, DANCE_NAME_PRESENTED, &id), 0);
	for (n = 1023; n <= 1026; n++) {
		out = open_memstream(&text, &size);
		assert_non_null(out);
		for (i = 0; i < n; i++)
			fputs("a.b al\n", out);
		assert_int_equal(fclose(out), 0);
		compiled_make(root, text);
		free(text);
		assert_int_equal(dance_map_load(root, &by_index, &fault), 0);
		assert_int_equal(
		    dance_map_load_text(root, &by_text, &fault), 0);
		left = answer_make(by_text, &query, &id);
		right = answer_make(by_index, &query, &id);
		assert_string_equal(left, right);
		/* It begins with what dance_map_find() returns. */
		assert_int_equal(left[0] == '0', n < 1025);
		free(left);
		free(right);
		dance_map_free(&by_text);
		dance_map_free(&by_index);
	}
}

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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		/* Before the others have written to accounts.d. */
		cmocka_unit_test(the_same_line_again),
		cmocka_unit_test(text_and_index_agree),
		cmocka_unit_test(many_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
