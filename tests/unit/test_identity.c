/* SPDX-License-Identifier: ISC */
/* Identities: what may reach DNS, a log, and a line for sshd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "identity.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define L63                                                            \
	"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij" \
	"abc"
#define L61	"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghija"
#define L55	"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcde"
#define L54	"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd"
#define UID64	L63 "d"
#define NAME253 L63 "." L63 "." L63 "." L61
#define NAME254 L63 "." L63 "." L63 "." L61 "x"
#define NAME247 L63 "." L63 "." L63 "." L55
#define NAME248 L63 "." L63 "." L63 "." L55 "x"

struct good {
	const char *text;
	const char *want;
	const char *owner;
	const char *uid;
};

static void
goods_check(const struct good *rows, size_t n, enum dance_name_origin origin)
{
	struct dance_identity id;
	size_t i;

	for (i = 0; i < n; i++) {
		memset(&id, 'x', sizeof(id));
		if (dance_identity_parse(
			rows[i].text, strlen(rows[i].text), origin, &id) != 0)
			fail_msg("refused: %s", rows[i].text);
		assert_string_equal(id.text, rows[i].want);
		assert_string_equal(id.owner, rows[i].owner);
		assert_string_equal(id.uid, rows[i].uid);
		assert_int_equal(
		    dance_identity_is_user(&id), rows[i].uid[0] != '\0');
	}
}

static void
refused_check(const char *text, size_t len, enum dance_name_origin origin)
{
	struct dance_identity id, before;

	memset(&id, 'x', sizeof(id));
	before = id;
	if (dance_identity_parse(text, len, origin, &id) != DANCE_ERR_FORMAT)
		fail_msg("taken: %s", text);
	assert_memory_equal(&id, &before, sizeof(id));
}

static void
req_1_2_the_three_forms_verbatim(void **state)
{
	static const struct good rows[] = {
		{ "_ssh.alice.example.com", "_ssh.alice.example.com",
		    "_ssh.alice.example.com", "" },
		{ "laptop._device.example.com", "laptop._device.example.com",
		    "laptop._device.example.com", "" },
		{ "a.b.c._device.example.com", "a.b.c._device.example.com",
		    "a.b.c._device.example.com", "" },
		{ "device73.example.com", "device73.example.com",
		    "device73.example.com", "" },
		{ "example.com", "example.com", "example.com", "" },
		{ "1.2", "1.2", "1.2", "" },
		{ "-a-.-b-", "-a-.-b-", "-a-.-b-", "" },
	};

	(void)state;
	goods_check(rows, N(rows), DANCE_NAME_PRESENTED);
	goods_check(rows, N(rows), DANCE_NAME_CONFIGURED);
}

static void
req_3_one_trailing_dot_in_configuration_only(void **state)
{
	static const struct good rows[] = {
		{ "Host.Example.COM.", "host.example.com", "host.example.com",
		    "" },
		{ "alice@example.com.", "alice@example.com",
		    "_user.example.com", "alice" },
	};
	static const char *const never[] = { "a.example..", ".", "..",
		"example.", ".example.com", "com." };
	size_t i;

	(void)state;
	goods_check(rows, N(rows), DANCE_NAME_CONFIGURED);
	for (i = 0; i < N(rows); i++)
		refused_check(
		    rows[i].text, strlen(rows[i].text), DANCE_NAME_PRESENTED);
	for (i = 0; i < N(never); i++) {
		refused_check(
		    never[i], strlen(never[i]), DANCE_NAME_CONFIGURED);
		refused_check(never[i], strlen(never[i]), DANCE_NAME_PRESENTED);
	}
}

static void
owner_names_of_records(void **state)
{
	static const struct {
		const char *text;
		const char *want; /* NULL: refused */
		enum dance_name_origin origin;
	} rows[] = {
		{ "a.example.com", "a.example.com", DANCE_NAME_PRESENTED },
		{ "_user.example.com", "_user.example.com",
		    DANCE_NAME_PRESENTED },
		{ "_User.Example.COM.", "_user.example.com",
		    DANCE_NAME_CONFIGURED },
		{ "_user.example.com.", NULL, DANCE_NAME_PRESENTED },
		{ "_user." NAME247, "_user." NAME247, DANCE_NAME_PRESENTED },
		{ "_user.x" NAME247, NULL, DANCE_NAME_PRESENTED },
		{ "_user.com", NULL, DANCE_NAME_PRESENTED },
		{ "_user.", NULL, DANCE_NAME_CONFIGURED },
		{ "_user", NULL, DANCE_NAME_CONFIGURED },
		{ "", NULL, DANCE_NAME_CONFIGURED },
		{ "_user._user.example.com", NULL, DANCE_NAME_PRESENTED },
		{ "a._user.example.com", NULL, DANCE_NAME_PRESENTED },
		{ "alice@example.com", NULL, DANCE_NAME_PRESENTED },
		{ "a b.example.com", NULL, DANCE_NAME_PRESENTED },
	};
	char name[DANCE_NAME_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memset(name, 'x', sizeof(name));
		if (dance_owner_parse(rows[i].text, strlen(rows[i].text),
			rows[i].origin, name) != 0) {
			if (rows[i].want != NULL || name[0] != 'x')
				fail_msg("refused: %s", rows[i].text);
			continue;
		}
		assert_non_null(rows[i].want);
		assert_string_equal(name, rows[i].want);
	}
}

static void
req_4_names_outside_the_grammar(void **state)
{
	static const char *const rows[] = { "", "localhost", "a", "@", "a b.c",
		"a\tb.c", "a.b ", " a.b", "a.b\n", "a.b\nx", "a\r.b", "a..b",
		".a.b", "a.b..", "a\\046b.c", "a\\.b.c", "a%u.b", "%u.a.b",
		"a/b.c", "../a.b", "a,b.c", "a.b,c.d", "a\"b.c", "a'b.c",
		"a;b.c", "a:b.c", "a=b.c", "a#b.c", "!a.b", "a!.b", "a$b.c",
		"a&b.c", "a(b.c", "a+b.c", "a~b.c", "a\x7f.b", "a\x01.b",
		"[::1].b", NAME254, L63 "x.b", "b." L63 "x", "a.b/", "a|b.c",
		"a`b.c", "a{b}.c", "a<b.c", "a?b.c", "a^b.c",
		/* The place of a domain's users. */
		"_user.example.com", "_USER.example.com", "a._user.b.c",
		"a.b._user", "alice@_user.example.com", "alice@a._User.com" };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		refused_check(rows[i], strlen(rows[i]), DANCE_NAME_PRESENTED);
		refused_check(rows[i], strlen(rows[i]), DANCE_NAME_CONFIGURED);
	}
}

static void
req_4_every_other_octet_is_refused_everywhere(void **state)
{
	char label[] = "ab.cd", user[] = "ab@cd.ef", domain[] = "a@bc.de";
	struct dance_identity id;
	bool is_label, is_uid;
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		is_label = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '_';
		is_uid = (is_label && !(c >= 'A' && c <= 'Z')) || c == '.' ||
		    c == '+';
		label[1] = user[1] = domain[3] = (char)c;
		if (c == '.' || c == '@')
			continue;
		assert_int_equal(dance_identity_parse(
				     label, 5, DANCE_NAME_PRESENTED, &id) == 0,
		    is_label);
		assert_int_equal(dance_identity_parse(
				     domain, 7, DANCE_NAME_PRESENTED, &id) == 0,
		    is_label);
		assert_int_equal(dance_identity_parse(
				     user, 8, DANCE_NAME_PRESENTED, &id) == 0,
		    is_uid);
	}
}

static void
req_4_nul_inside_is_no_end(void **state)
{
	(void)state;
	refused_check("a.example\0.com", 14, DANCE_NAME_PRESENTED);
	refused_check("a.example.com\0", 14, DANCE_NAME_PRESENTED);
	refused_check("\0a.example.com", 14, DANCE_NAME_PRESENTED);
	refused_check("al\0ice@example.com", 18, DANCE_NAME_PRESENTED);
	refused_check("alice\0@example.com", 18, DANCE_NAME_PRESENTED);
	refused_check("alice@exa\0mple.com", 18, DANCE_NAME_PRESENTED);
}

static void
req_4_lengths_are_exact(void **state)
{
	static const struct good rows[] = {
		{ NAME253, NAME253, NAME253, "" },
		{ L63 ".b", L63 ".b", L63 ".b", "" },
		{ UID64 "@a.b", UID64 "@a.b", "_user.a.b", UID64 },
		{ "u@" NAME247, "u@" NAME247, "_user." NAME247, "u" },
		{ UID64 "@" NAME247, UID64 "@" NAME247, "_user." NAME247,
		    UID64 },
	};
	static const char *const bad[] = { NAME254, UID64 "x@a.b", "u@" NAME248,
		"u@" NAME253, UID64 "@" NAME254 };
	char huge[2048];
	size_t i;

	(void)state;
	goods_check(rows, N(rows), DANCE_NAME_PRESENTED);
	for (i = 0; i < N(bad); i++)
		refused_check(bad[i], strlen(bad[i]), DANCE_NAME_PRESENTED);
	for (i = 0; i < sizeof(huge); i++)
		huge[i] = "a."[i % 2];
	refused_check(huge, sizeof(huge), DANCE_NAME_PRESENTED);
}

/* The text ends where len says: no octet behind it counts. */
static void
nothing_behind_the_length_is_read(void **state)
{
	struct dance_identity id;

	(void)state;
	assert_int_equal(dance_identity_parse("a.example.com,evil", 13,
			     DANCE_NAME_PRESENTED, &id),
	    0);
	assert_string_equal(id.text, "a.example.com");
	assert_int_equal(dance_identity_parse("u@a.example.com\"", 15,
			     DANCE_NAME_PRESENTED, &id),
	    0);
	assert_string_equal(id.text, "u@a.example.com");
	assert_string_equal(id.owner, "_user.a.example.com");
	refused_check("a.b", 0, DANCE_NAME_PRESENTED);
	refused_check("a.b", 0, DANCE_NAME_CONFIGURED);
}

static void
req_5_non_ascii_refused_a_labels_kept(void **state)
{
	static const struct good rows[] = {
		{ "xn--mnchen-3ya.example", "xn--mnchen-3ya.example",
		    "xn--mnchen-3ya.example", "" },
		{ "XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example",
		    "xn--mnchen-3ya.example", "" },
	};
	static const char *const bad[] = { "m\xc3\xbcnchen.example",
		"m\xfcnchen.example",
		"example\xe3\x80\x82"
		"com",
		"\xd0\xb0lice@example.com", "alice@ex\xd0\xb0mple.com",
		"a.example\xc2\xad",
		"\xef\xbb\xbf"
		"a.b" };
	size_t i;

	(void)state;
	goods_check(rows, N(rows), DANCE_NAME_PRESENTED);
	for (i = 0; i < N(bad); i++)
		refused_check(bad[i], strlen(bad[i]), DANCE_NAME_CONFIGURED);
}

static void
req_6_case_does_not_count(void **state)
{
	static const struct good rows[] = {
		{ "LAPTOP._Device.Example.COM", "laptop._device.example.com",
		    "laptop._device.example.com", "" },
		{ "alice@EXAMPLE.com", "alice@example.com", "_user.example.com",
		    "alice" },
		/* ASCII alone: what stands beside the letters stays */
		{ "AZ09-_.az", "az09-_.az", "az09-_.az", "" },
	};

	(void)state;
	goods_check(rows, N(rows), DANCE_NAME_PRESENTED);
}

static void
req_7_a_star_in_a_presented_name(void **state)
{
	static const char *const rows[] = { "*.example.com", "a.*.com", "*",
		"*@example.com", "a*.example.com", "alice@*.com", "*.*" };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		refused_check(rows[i], strlen(rows[i]), DANCE_NAME_PRESENTED);
		refused_check(rows[i], strlen(rows[i]), DANCE_NAME_CONFIGURED);
	}
}

static void
req_8_10_user_form_at_user_label(void **state)
{
	static const struct good rows[] = {
		{ "alice@example.com", "alice@example.com", "_user.example.com",
		    "alice" },
		{ "a.b+c_d-e@x.y.example", "a.b+c_d-e@x.y.example",
		    "_user.x.y.example", "a.b+c_d-e" },
		{ ".@a.b", ".@a.b", "_user.a.b", "." },
	};
	static const char *const bad[] = { "@example.com", "alice@",
		"alice@com", "Alice@example.com", "alice@bob@example.com",
		"alice@@example.com", "alice@.example.com", "alice @a.b",
		"a,b@example.com", "\"alice\"@example.com", "a/b@c.d",
		"alice@example..com", "a%b@c.d", "a=b@c.d" };
	size_t i;

	(void)state;
	goods_check(rows, N(rows), DANCE_NAME_PRESENTED);
	for (i = 0; i < N(bad); i++)
		refused_check(bad[i], strlen(bad[i]), DANCE_NAME_PRESENTED);
}

static void
labels_and_uids(void **state)
{
	(void)state;
	assert_int_equal(dance_label_len("abc.def", 7), 3);
	assert_int_equal(dance_label_len("abc", 3), 3);
	assert_int_equal(dance_label_len("abc", 2), 2);
	assert_int_equal(dance_label_len("", 0), 0);
	assert_int_equal(dance_label_len(".a", 2), 0);
	assert_int_equal(dance_label_len("a b", 3), 0);
	assert_int_equal(dance_label_len("a\0b", 3), 0);
	assert_int_equal(dance_label_len(L63, 63), 63);
	assert_int_equal(dance_label_len(L63 "x", 64), 0);
	assert_int_equal(dance_label_len(L63 ".x", 65), 63);
	assert_true(dance_uid_is_valid("a", 1));
	assert_true(dance_uid_is_valid(UID64, 64));
	assert_false(dance_uid_is_valid(UID64 "x", 65));
	assert_false(dance_uid_is_valid("", 0));
	assert_false(dance_uid_is_valid("a\0", 2));
	assert_false(dance_uid_is_valid("A", 1));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_1_2_the_three_forms_verbatim),
		cmocka_unit_test(req_3_one_trailing_dot_in_configuration_only),
		cmocka_unit_test(owner_names_of_records),
		cmocka_unit_test(req_4_names_outside_the_grammar),
		cmocka_unit_test(req_4_every_other_octet_is_refused_everywhere),
		cmocka_unit_test(req_4_nul_inside_is_no_end),
		cmocka_unit_test(req_4_lengths_are_exact),
		cmocka_unit_test(nothing_behind_the_length_is_read),
		cmocka_unit_test(req_5_non_ascii_refused_a_labels_kept),
		cmocka_unit_test(req_6_case_does_not_count),
		cmocka_unit_test(req_7_a_star_in_a_presented_name),
		cmocka_unit_test(req_8_10_user_form_at_user_label),
		cmocka_unit_test(labels_and_uids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
