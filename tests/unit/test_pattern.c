/* SPDX-License-Identifier: ISC */
/* Patterns: "*" is one whole label, "%u" the account, and nothing stretches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "pattern.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define L63                                                            \
	"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij" \
	"abc"
#define L54  "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd"
#define D246 L63 "." L63 "." L63 "." L54

static struct dance_identity
identity(const char *text)
{
	struct dance_identity id;

	assert_int_equal(dance_identity_parse(
			     text, strlen(text), DANCE_NAME_CONFIGURED, &id),
	    0);
	return id;
}

static struct dance_pattern
pattern(const char *text)
{
	struct dance_pattern p;

	if (dance_pattern_parse(text, strlen(text), &p) != 0)
		fail_msg("refused: %s", text);
	return p;
}

static void
parse_takes(void **state)
{
	static const struct {
		const char *text;
		const char *want;
		bool has_star;
		bool has_account;
	} rows[] = {
		{ "a.example.com", "a.example.com", false, false },
		{ "A.Example.COM.", "a.example.com", false, false },
		{ "*._device.example.com", "*._device.example.com", true,
		    false },
		{ "*.*.example.com", "*.*.example.com", true, false },
		{ "a.*.com", "a.*.com", true, false },
		{ "*.com", "*.com", true, false },
		{ "%u._ssh.corp.example.com", "%u._ssh.corp.example.com", false,
		    true },
		{ "*.%u.example.com", "*.%u.example.com", true, true },
		{ "alice@example.com", "alice@example.com", false, false },
		{ "*@example.com", "*@example.com", true, false },
		{ "%u@Example.com", "%u@example.com", false, true },
		{ "alice@*.example.com", "alice@*.example.com", true, false },
		{ "%u@%u.example.com", "%u@%u.example.com", false, true },
	};
	struct dance_pattern p;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		p = pattern(rows[i].text);
		assert_string_equal(p.text, rows[i].want);
		assert_int_equal(p.has_star, rows[i].has_star);
		assert_int_equal(p.has_account, rows[i].has_account);
		assert_int_equal(dance_pattern_is_literal(&p),
		    !rows[i].has_star && !rows[i].has_account);
	}
}

static void
req_4_parse_refuses(void **state)
{
	static const char *const rows[] = { "", "*", "%u", ".", "com", "*.*",
		"a.*", "a.%u", "*.%u", "a*.example.com", "*a.example.com",
		"**.example.com", "a%u.example.com", "%ux.example.com",
		"%%.example.com", "%h.example.com", "%U.example.com",
		"%.example.com", "u%.example.com", "a..b", ".a.b", "a.b..",
		"*.example.com..", "@example.com", "*@", "*@com", "*@*",
		"Alice@example.com", "a*@example.com", "a.*@example.com",
		"a b@example.com", "a@b@example.com", "*@a@b.c",
		"a,b.example.com", "a\"b.example.com", "a\\b.example.com",
		"m\xc3\xbcn.example", "a.b\n", "!a.b", "a/b.c", "alice@*",
		"alice@%u", "_.*.", "x." L63 "y", L63 "y.x" };
	struct dance_pattern p, before;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memset(&p, 'x', sizeof(p));
		before = p;
		if (dance_pattern_parse(rows[i], strlen(rows[i]), &p) !=
		    DANCE_ERR_FORMAT)
			fail_msg("taken: %s", rows[i]);
		assert_memory_equal(&p, &before, sizeof(p));
	}
	assert_int_equal(
	    dance_pattern_parse("a.b\0c.d", 7, &p), DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_pattern_parse("a\0@b.c", 6, &p), DANCE_ERR_FORMAT);
	assert_int_equal(dance_pattern_parse("a.bc,evil", 4, &p), 0);
	assert_string_equal(p.text, "a.bc");
}

/* What can never be an identity must not stand in a map as if it could. */
static void
a_literal_pattern_is_an_identity(void **state)
{
	static const char *const good[] = { "a." D246, "a@" D246,
		"u@" D246 "x" };
	static const char *const bad[] = { "u@" D246 "xy", "u@a." D246,
		"abcdefg." D246, "*@" D246 "xy" };
	struct dance_pattern p;
	struct dance_identity id;
	size_t i;

	(void)state;
	for (i = 0; i < N(good); i++) {
		p = pattern(good[i]);
		assert_int_equal(dance_pattern_expand(&p, "x", &id), 0);
		assert_string_equal(id.text, good[i]);
	}
	for (i = 0; i < N(bad); i++)
		if (dance_pattern_parse(bad[i], strlen(bad[i]), &p) == 0)
			fail_msg("taken: %s", bad[i]);
}

/* The place of a domain's users is no identity, however it is written. */
static void
no_label_is_user(void **state)
{
	static const char *const bad[] = { "_user.example.com",
		"_USER.example.com", "a._user.example.com",
		"_user._device.example.com", "*._user.example.com",
		"%u._user.example.com", "a.example._user", "_user.*.com",
		"alice@_user.example.com", "*@a._User.com" };
	static const char *const good[] = { "_users.example.com",
		"_use.example.com", "user.example.com", "_user@example.com" };
	struct dance_pattern p = pattern("%u.example.com");
	struct dance_identity id;
	size_t i;

	(void)state;
	assert_false(dance_pattern_admits(&p, "_user"));
	assert_int_equal(
	    dance_pattern_expand(&p, "_user", &id), DANCE_ERR_FORMAT);
	assert_true(dance_pattern_admits(&p, "_users"));
	assert_int_equal(dance_pattern_expand(&p, "_users", &id), 0);
	p = pattern("%u@example.com");
	assert_true(dance_pattern_admits(&p, "_user"));
	for (i = 0; i < N(bad); i++)
		if (dance_pattern_parse(bad[i], strlen(bad[i]), &p) == 0)
			fail_msg("taken: %s", bad[i]);
	for (i = 0; i < N(good); i++)
		(void)pattern(good[i]);
}

static const struct {
	const char *pattern;
	const char *identity;
	const char *account;
	bool want;
} matches[] = {
	{ "a.example.com", "a.example.com", "x", true },
	{ "a.example.com", "A.EXAMPLE.com", "x", true },
	{ "A.example.com", "a.example.com", NULL, true },
	{ "a.example.com", "b.example.com", "x", false },
	{ "a.example.com", "a.example.co", "x", false },
	{ "a.example.com", "a.example.comm", "x", false },
	{ "a.example.com", "x.a.example.com", "x", false },
	{ "a.example.com", "example.com", "x", false },
	{ "example.com", "a.example.com", "x", false },
	{ "*.example.com", "a.example.com", "x", true },
	{ "*.example.com", "example.com", "x", false },
	{ "*.example.com", "a.b.example.com", "x", false },
	{ "*.example.com", "_users.example.com", "x", true },
	{ "*.example.com", "a@example.com", "x", false },
	{ "*.*.example.com", "a.b.example.com", "x", true },
	{ "*.*.example.com", "a.example.com", "x", false },
	{ "*.example.com", "a.example.com.evil.org", "x", false },
	{ "*.example.com", "aexample.com", "x", false },
	{ "a.*.com", "a.b.com", "x", true },
	{ "a.*.com", "a.b.c.com", "x", false },
	{ "*._device.example.com", "laptop._device.example.com", "x", true },
	{ "*._device.example.com", "laptop._other.example.com", "x", false },
	{ "%u.example.com", "alice.example.com", "alice", true },
	{ "%u.example.com", "alice.example.com", "bob", false },
	{ "%u.example.com", "alice.example.com", NULL, false },
	{ "%u.example.com", "alice.example.com", "", false },
	{ "%u.example.com", "alice.example.com", "Alice", false },
	{ "%u.example.com", "alice.example.com", "alic", false },
	{ "%u.example.com", "alice.example.com", "alicee", false },
	{ "%u.example.com", "a.b.example.com", "a.b", false },
	{ "%u.example.com", "-a.example.com", "-a", false },
	{ "%u.%u.example.com", "a.a.example.com", "a", true },
	{ "%u.%u.example.com", "a.b.example.com", "a", false },
	{ "*.%u.example.com", "x.a.example.com", "a", true },
	{ "*.%u.example.com", "a.x.example.com", "a", false },
	{ "alice@example.com", "alice@example.com", "x", true },
	{ "alice@example.com", "bob@example.com", "x", false },
	{ "alice@example.com", "alice@sub.example.com", "x", false },
	{ "*@example.com", "a.b@example.com", "x", true },
	{ "*@example.com", "a@b.example.com", "x", false },
	{ "*@example.com", "example.com", "x", false },
	{ "*@*.com", "a@b.com", "x", true },
	{ "%u@example.com", "a.b@example.com", "a.b", true },
	{ "%u@example.com", "a@example.com", "A", false },
	{ "%u@example.com", "a@example.com", "a@example.com", false },
	{ "%u@%u.example.com", "a@a.example.com", "a", true },
	{ "a.b@example.com", "a.c@example.com", "x", false },
	{ "a.b.example.com", "a.b@example.com", "x", false },
};

static void
req_7_70_matches(void **state)
{
	struct dance_pattern p;
	struct dance_identity id;
	size_t i;

	(void)state;
	for (i = 0; i < N(matches); i++) {
		p = pattern(matches[i].pattern);
		id = identity(matches[i].identity);
		if (dance_pattern_matches(&p, &id, matches[i].account) !=
		    matches[i].want)
			fail_msg(
			    "%s %s", matches[i].pattern, matches[i].identity);
	}
}

/* Could anybody with that pattern come as this account? */
static void
req_70_admits(void **state)
{
	static const struct {
		const char *pattern;
		const char *account;
		bool want;
	} rows[] = {
		{ "a.example.com", "Al", true },
		{ "*.example.com", "Al", true },
		{ "%u.example.com", "al", true },
		{ "%u.example.com", "Al", false },
		{ "%u.example.com", "a.b", false },
		{ "%u.example.com", "-a", false },
		{ "%u.example.com", "", false },
		{ "%u.example.com", L63, true },
		{ "%u.example.com", L63 "x", false },
		{ "a.%u.example.com", "al", true },
		{ "a.%u.example.com", "Al", false },
		{ "*.*.%u.com", "a.b", false },
		{ "%u@example.com", "a.b", true },
		{ "%u@example.com", "Al", false },
		{ "%u@example.com", L63 "x", true },
		{ "%u@example.com", L63 "xy", false },
		/* A uid, but no label. */
		{ "a@%u.example.com", "a.b", false },
		{ "a@%u.example.com", "al", true },
		{ "%u@a.%u.com", "a.b", false },
		{ "%u@a.%u.com", "al", true },
		{ "a@b.*.%u.com", "Al", false },
	};
	struct dance_pattern p;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		p = pattern(rows[i].pattern);
		if (dance_pattern_admits(&p, rows[i].account) != rows[i].want)
			fail_msg("%s %s", rows[i].pattern, rows[i].account);
	}
}

static void
req_70_expand(void **state)
{
	static const struct {
		const char *pattern;
		const char *account;
		const char *want; /* NULL: none */
	} rows[] = {
		{ "a.example.com", "x", "a.example.com" },
		{ "%u.example.com", "alice", "alice.example.com" },
		{ "%u.%u.example.com", "al", "al.al.example.com" },
		{ "%u@example.com", "a.b+c", "a.b+c@example.com" },
		{ "%u@%u.example.com", "ab", "ab@ab.example.com" },
		{ "%u@%u.example.com", "a.b", NULL },
		{ "*.example.com", "x", NULL },
		{ "*.%u.example.com", "x", NULL },
		{ "%u.example.com", "", NULL },
		{ "%u.example.com", "Alice", NULL },
		{ "%u.example.com", "a.b", NULL },
		{ "%u.example.com", "-rf", NULL },
		{ "%u.example.com", "a b", NULL },
		{ "%u.example.com", "a/b", NULL },
		{ "%u.example.com", "%u", NULL },
		{ "%u.example.com", "*", NULL },
		{ "%u.example.com", "a$", NULL },
		{ "%u.example.com", "m\xc3\xbcller", NULL },
		{ "%u.example.com", "a\nb", NULL },
		{ "%u.example.com", L63, L63 ".example.com" },
		{ "%u.example.com", L63 "x", NULL },
		{ "%u@example.com", L63 "x", L63 "x@example.com" },
		{ "%u@example.com", L63 "xy", NULL },
		{ "%u." D246, "abcdef", "abcdef." D246 },
		{ "%u." D246, "abcdefg", NULL },
		{ "%u.%u.%u.%u.a.b", L63, NULL },
		{ "%u@%u.%u.%u.a.b", L63, L63 "@" L63 "." L63 "." L63 ".a.b" },
		{ "%u@%u.%u.%u.%u.a.b", L63, NULL },
	};
	struct dance_identity id, before;
	struct dance_pattern p;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		p = pattern(rows[i].pattern);
		memset(&id, 'x', sizeof(id));
		before = id;
		r = dance_pattern_expand(&p, rows[i].account, &id);
		if ((r == 0) != (rows[i].want != NULL))
			fail_msg("%s %s", rows[i].pattern, rows[i].account);
		if (r == 0)
			assert_string_equal(id.text, rows[i].want);
		else
			assert_memory_equal(&id, &before, sizeof(id));
	}
}

static void
req_70_account_of_an_identity(void **state)
{
	static const struct {
		const char *pattern;
		const char *identity;
		const char *want; /* NULL: none */
	} rows[] = {
		{ "%u.example.com", "alice.example.com", "alice" },
		{ "%u.example.com", "ALICE.example.com", "alice" },
		{ "%u.example.com", "a.b.example.com", NULL },
		{ "%u.example.com", "alice.example.org", NULL },
		{ "%u.example.com", "example.com", NULL },
		{ "%u.example.com", "alice@example.com", NULL },
		{ "%u.example.com", "-a.example.com", NULL },
		{ "%u.%u.example.com", "a.a.example.com", "a" },
		{ "%u.%u.example.com", "a.b.example.com", NULL },
		{ "*.%u.example.com", "x.a.example.com", "a" },
		{ "%u@example.com", "a.b@example.com", "a.b" },
		{ "x@%u.example.com", "x@a.example.com", "a" },
		{ "x@%u.example.com", "y@a.example.com", NULL },
		{ "%u@%u.example.com", "a@b.example.com", NULL },
		{ "a.example.com", "a.example.com", NULL },
	};
	struct dance_identity id;
	struct dance_pattern p;
	char account[256], small[5];
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		p = pattern(rows[i].pattern);
		id = identity(rows[i].identity);
		r = dance_pattern_account(&p, &id, account, sizeof(account));
		if ((r == 0) != (rows[i].want != NULL))
			fail_msg("%s %s", rows[i].pattern, rows[i].identity);
		if (r == 0)
			assert_string_equal(account, rows[i].want);
	}
	p = pattern("%u.example.com");
	id = identity("alice.example.com");
	assert_int_equal(dance_pattern_account(&p, &id, small, sizeof(small)),
	    DANCE_ERR_FORMAT);
	id = identity("alic.example.com");
	assert_int_equal(
	    dance_pattern_account(&p, &id, small, sizeof(small)), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_takes),
		cmocka_unit_test(req_4_parse_refuses),
		cmocka_unit_test(a_literal_pattern_is_an_identity),
		cmocka_unit_test(no_label_is_user),
		cmocka_unit_test(req_7_70_matches),
		cmocka_unit_test(req_70_admits),
		cmocka_unit_test(req_70_expand),
		cmocka_unit_test(req_70_account_of_an_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
