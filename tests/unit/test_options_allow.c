/* SPDX-License-Identifier: ISC */
/*
 * Where no sshd keeps what a line's options say, a line that it would bind or
 * has expired is no line.  Times are those of sshd: local, or UTC with a Z.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "error.h"
#include "options.h"
#include "options_value.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define NOW  ((time_t)1700000000) /* 2023-11-14 22:13:20 UTC */

static void
zone_set(const char *zone)
{
	if (setenv("TZ", zone, 1) != 0)
		abort();
	tzset();
}

static int
setup(void **state)
{
	(void)state;
	zone_set("UTC0");
	return 0;
}

static bool
allows(const char *text, enum dance_use use, time_t now)
{
	size_t len = strlen(text);
	char *exact = malloc(len + 1);
	bool is_allowed;

	assert_non_null(exact);
	memcpy(exact, text, len);
	exact[len] = 'x';
	is_allowed = dance_options_allow(exact, len, use, now);
	free(exact);
	return is_allowed;
}

/* One column for each use: s sshd, p a key of sshd's, l PAM alone. */
static void
each_use(void **state)
{
	static const struct {
		const char *text;
		const char *allowed;
	} rows[] = {
		{ "", "spl" },
		{ "restrict", "spl" },
		{ "no-pty,no-port-forwarding", "spl" },
		{ "verify-required", "spl" },
		{ "provision,uid=5", "spl" },
		{ "environment=\"A=b\"", "spl" },
		{ "permitopen=\"a:1\",tunnel=\"0\"", "spl" },
		{ "from=\"192.0.2.1\"", "sp" },
		{ "From=\"*\"", "sp" },
		{ "no-pty,FROM=\"::1\",no-pty", "sp" },
		{ "command=\"/bin/true\"", "sp" },
		{ "COMMAND=\"x\"", "sp" },
		{ "restrict,command=\"x,y=\\\"z\\\"\"", "sp" },
		{ "from=\"::1\",command=\"x\"", "sp" },
		/* In the value of another it is none. */
		{ "environment=\"A=,from=x\"", "spl" },
		{ "environment=\"A=\\\",command=\\\"x\"", "spl" },
		{ "environment=\"A=expiry-time=20200101\"", "spl" },
		{ "expiry-time=\"20231114221321Z\"", "spl" },
		{ "expiry-time=\"20231114221320Z\"", "s" },
		{ "expiry-time=\"20231114221319Z\"", "s" },
		{ "expiry-time=\"202311142214Z\"", "spl" },
		{ "expiry-time=\"202311142213Z\"", "s" },
		{ "expiry-time=\"20231115Z\"", "spl" },
		{ "expiry-time=\"20231114Z\"", "s" },
		{ "Expiry-Time=\"20200101\"", "s" },
		{ "no-pty,expiry-time=\"20200101\",no-pty", "s" },
		{ "from=\"::1\",expiry-time=\"20300101\"", "sp" },
		{ "from=\"::1\",expiry-time=\"20200101\"", "s" },
		/* Each one counts. */
		{ "expiry-time=\"20300101\",expiry-time=\"20200101\"", "s" },
		{ "expiry-time=\"20200101\",expiry-time=\"20300101\"", "s" },
		{ "expiry-time=\"20300101\",expiry-time=\"20310101\"", "spl" },
		/* What can't be read lets nobody in. */
		{ "expiry-time=\"20231314\"", "s" },
		{ "expiry-time=\"x\"", "s" },
		{ "no-such", "s" },
		{ "no-pty,from", "sp" },
		{ "from=\"::1", "s" },
	};
	static const char letters[] = "spl";
	static const enum dance_use uses[] = { DANCE_USE_SSHD, DANCE_USE_PROVEN,
		DANCE_USE_LOCAL };
	bool is_wanted;
	size_t i, k;

	(void)state;
	for (i = 0; i < N(rows); i++)
		for (k = 0; k < N(uses); k++) {
			is_wanted = strchr(rows[i].allowed, letters[k]) != NULL;
			if (allows(rows[i].text, uses[k], NOW) != is_wanted)
				fail_msg("%s: %c", rows[i].text, letters[k]);
		}
}

/* Just before it and at it; a zone east and one west of Greenwich. */
static void
local_times(void **state)
{
	static const struct {
		const char *zone;
		const char *value;
		time_t end;
	} rows[] = {
		{ "UTC0", "20231114221320", NOW },
		{ "XXX-3", "20231115011320", NOW },
		{ "XXX-3", "20231114221320Z", NOW },
		{ "XXX+5", "20231114171320", NOW },
		{ "XXX+5", "20231114221320Z", NOW },
		{ "XXX-5:30", "20231115", 1699986600 },
		{ "XXX-5:30", "202311150001", 1699986660 },
		/* Summer time: the first half of the year is an hour off. */
		{ "EST5EDT,M3.2.0,M11.1.0", "20230701120000", 1688227200 },
		{ "EST5EDT,M3.2.0,M11.1.0", "20231201120000", 1701450000 },
		{ "EST5EDT,M3.2.0,M11.1.0", "20230701120000Z", 1688212800 },
		{ "UTC0", "19710101", 31536000 },
		{ "UTC0", "20240229Z", 1709164800 },
		{ "UTC0", "20380120Z", 2147558400 },
		{ "UTC0", "21000101Z", 4102444800 },
		{ "UTC0", "20161231235960Z", 1483228800 },
	};
	char text[64];
	time_t when;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		zone_set(rows[i].zone);
		when = 4711;
		assert_int_equal(dance_value_time(rows[i].value,
				     strlen(rows[i].value), &when),
		    0);
		if (when != rows[i].end)
			fail_msg("%s %s: %lld", rows[i].zone, rows[i].value,
			    (long long)when);
		snprintf(
		    text, sizeof(text), "expiry-time=\"%s\"", rows[i].value);
		assert_true(allows(text, DANCE_USE_LOCAL, when - 1));
		assert_false(allows(text, DANCE_USE_LOCAL, when));
		assert_false(allows(text, DANCE_USE_PROVEN, when + 1));
		assert_true(allows(text, DANCE_USE_SSHD, when + 1));
	}
}

static void
times_that_are_none(void **state)
{
	static const char *const rows[] = { "", "Z", "2023", "20231301",
		"20231132", "20230001", "20230100", "2023010124",
		"202301012400", "202301010060", "20230101000061", "19700101",
		"20230101z", "20230101ZZ", "x0230101", "2023-01-01",
		"20230101000000Z " };
	time_t when = 4711;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		if (dance_value_time(rows[i], strlen(rows[i]), &when) !=
		    DANCE_ERR_FORMAT)
			fail_msg("%s", rows[i]);
	assert_int_equal(when, 4711);
	assert_int_equal(dance_value_time("20230101Z", 9, &when), 0);
}

static void
have(void **state)
{
	static const struct {
		const char *text;
		const char *name;
		bool want;
	} rows[] = {
		{ "", "verify-required", false },
		{ "verify-required", "verify-required", true },
		{ "Verify-Required", "verify-required", true },
		{ "no-pty,verify-required,pty", "verify-required", true },
		{ "no-pty", "verify-required", false },
		{ "environment=\"A=verify-required\"", "verify-required",
		    false },
		{ "environment=\"A=,verify-required,\"", "verify-required",
		    false },
		{ "from=\"a\",command=\"b\"", "from", true },
		{ "from=\"a\",command=\"b\"", "command", true },
		{ "from=\"a\",command=\"b\"", "pty", false },
		{ "no-pty", "pty", false },
		{ "provision,uid=5", "uid", true },
		{ "bad,verify-required", "verify-required", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		if (dance_options_have(rows[i].text, strlen(rows[i].text),
			rows[i].name) != rows[i].want)
			fail_msg("%s: %s", rows[i].text, rows[i].name);
	assert_false(dance_options_have("verify-required", 6, "verify"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(each_use),
		TEST(local_times),
		TEST(times_that_are_none),
		TEST(have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
