/* SPDX-License-Identifier: ISC */
/*
 * Options of the map: what sshd would refuse at a login must be refused when
 * the map is read.  Each row was tried on OpenSSH 9.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "options.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static int
check(const char *text, unsigned version, struct dance_options_fault *fault)
{
	struct dance_options_fault found = { 4711, NULL };
	int r = dance_options_check(text, strlen(text), version, &found);

	if (r != 0)
		assert_non_null(found.cause);
	else
		assert_null(found.cause);
	if (fault != NULL)
		*fault = found;
	return r;
}

static void
takes(const char *const *rows, size_t n)
{
	struct dance_options_fault fault;
	size_t i;

	for (i = 0; i < n; i++)
		if (check(rows[i], 0, &fault) != 0)
			fail_msg("%s: %s", rows[i], fault.cause);
}

static void
refuses(const char *const *rows, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (check(rows[i], 0, NULL) != DANCE_ERR_FORMAT)
			fail_msg("taken: %s", rows[i]);
}

static void
every_option_of_sshd(void **state)
{
	static const char *const rows[] = { "agent-forwarding",
		"command=\"/bin/true\"", "environment=\"A=b\"",
		"expiry-time=\"20301231\"", "from=\"192.0.2.1\"",
		"no-agent-forwarding", "no-port-forwarding", "no-pty",
		"no-user-rc", "no-X11-forwarding", "permitlisten=\"8080\"",
		"permitopen=\"host:80\"", "port-forwarding", "pty", "restrict",
		"tunnel=\"0\"", "user-rc", "verify-required", "X11-forwarding",
		"provision", "uid=5000", "uid=1", "uid=4294967293",
		"No-PTY,RESTRICT", "COMMAND=\"x\"", "restrict,pty,no-pty",
		"no-pty,no-pty", "environment=\"A=b\",environment=\"A=b\"",
		"permitopen=\"a:1\",permitopen=\"b:2\"",
		"from=\"192.0.2.0/24\",no-port-forwarding",
		"provision,uid=5000,no-pty" };

	(void)state;
	takes(rows, N(rows));
}

static void
options_that_are_not_for_the_map(void **state)
{
	static const char *const rows[] = { "cert-authority", "Cert-Authority",
		"principals=\"a\"", "PRINCIPALS=\"a\"", "no-touch-required",
		"no-pty,cert-authority",
		"restrict,principals=\"root\",no-pty" };
	struct dance_options_fault fault;

	(void)state;
	refuses(rows, N(rows));
	assert_int_not_equal(check("no-pty,no-touch-required", 0, &fault), 0);
	assert_int_equal(fault.column, 7);
	assert_non_null(strstr(fault.cause, "touch"));
}

static void
unknown_and_malformed(void **state)
{
	static const char *const rows[] = { "", ",", "no-pty,", ",no-pty",
		"no-pty,,restrict", "no-pty ", " no-pty", "no-pty restrict",
		"no-pty, restrict", "no-ptyx", "no-pt", "nopty", "permit-pty",
		"no-pty=", "no-pty=\"\"", "no-pty=\"x\"", "no-pty\"x\"",
		"command", "command=", "command=true", "command=\"",
		"command=\"true", "command=true\"", "command='true'",
		"command=\"true\"x", "command=\"true\" ,no-pty",
		"command=\"a\"\"b\"", "command = \"a\"", "command=\"\"",
		"command=\"true\\\"", "command=\"true\\\\\"", "=\"x\"",
		"restrict;no-pty", "zos-key-ring-label=\"x\"", "uid=\"5000\"",
		"provision=\"x\"", "provision=", "uid", "uid=", "uid=0",
		"uid=-1", "uid=05", "uid=4294967294", "uid=1,uid=2",
		"provision,provision", "webauthn-authorizations" };

	(void)state;
	refuses(rows, N(rows));
}

static void
single_options(void **state)
{
	static const char *const rows[] = { "command=\"a\",command=\"a\"",
		"from=\"::1\",no-pty,from=\"::1\"", "tunnel=\"0\",tunnel=\"1\"",
		"command=\"a\",COMMAND=\"b\"" };
	struct dance_options_fault fault;

	(void)state;
	refuses(rows, N(rows));
	assert_int_not_equal(check(rows[1], 0, &fault), 0);
	assert_int_equal(fault.column, 18);
}

static void
quoting(void **state)
{
	static const char *const rows[] = { "command=\"a,b c=d\"",
		"command=\"echo \\\"hi\\\"\"", "command=\"\\\"\"",
		"command=\"a\\b\"", "command=\"a\\\\b\"", "command=\"'\"",
		"command=\"# no comment\",no-pty", "environment=\"A=\\\"\"" };

	(void)state;
	takes(rows, N(rows));
}

static void
only_printable_ascii(void **state)
{
	char text[] = "command=\"a?b\"";
	struct dance_options_fault fault;
	int c, want;

	(void)state;
	for (c = 1; c < 256; c++) {
		text[10] = (char)c;
		if (c == '"')
			continue;
		want = c < ' ' || c > '~' ? DANCE_ERR_FORMAT : 0;
		assert_int_equal(check(text, 0, &fault), want);
		if (want != 0)
			assert_int_equal(fault.column, 10);
	}
	assert_int_equal(
	    dance_options_check("no-pty\0x", 8, 0, &fault), DANCE_ERR_FORMAT);
	assert_int_equal(fault.column, 6);
}

static void
from(void **state)
{
	static const char *const good[] = { "from=\"192.0.2.1\"",
		"from=\"127.0.0.0/8\"", "from=\"127.0.0.1/32\"",
		"from=\"0.0.0.0/0\"", "from=\"::/0\"", "from=\"fe80::/10\"",
		"from=\"2001:db8::1/128\"", "from=\"2001:db8:8000::/33\"",
		"from=\"!10.0.0.1,127.*\"", "from=\"*.example.com,h?st\"",
		"from=\"128.0.0.0/1\"", "from=\"fe80::1%eth0\"" };
	static const char *const bad[] = { "from=\"\"", "from=\"127.0.0.1/8\"",
		"from=\"127.0.0.0/33\"", "from=\"127.0.0.1,10.0.0.1/8\"",
		"from=\"127.0.0.1,,10.0.0.1\"", "from=\"127.0.0.1,\"",
		"from=\",127.0.0.1\"", "from=\"!\"", "from=\"fe80::1/10\"",
		"from=\"fe80::/129\"", "from=\"::1/127\"",
		"from=\"64.0.0.0/1\"", "from=\"2001:db8:8000::/32\"",
		"from=\"127.0.0.0/\"", "from=\"/8\"", "from=\"127.0.0.0/8/8\"",
		"from=\"127/8\"", "from=\"host/8\"", "from=\"127.0.0.0/-8\"",
		"from=\"127.0.0.0/8 \"", "from=\"a b\"", "from=\"a\\\"b\"",
		"from=\"127.0.0.0/255.0.0.0\"", "from=\"!!a\"",
		"from=\"0000:0000:0000:0000:0000:0000:0000:0000:0000:0/8\"" };

	(void)state;
	takes(good, N(good));
	refuses(bad, N(bad));
}

static void
expiry_time(void **state)
{
	static const char *const good[] = { "expiry-time=\"20301231\"",
		"expiry-time=\"20301231Z\"", "expiry-time=\"203012312359\"",
		"expiry-time=\"203012312359Z\"",
		"expiry-time=\"20301231235959\"", "expiry-time=\"99991231\"",
		"expiry-time=\"20300230\"", "expiry-time=\"20300101000000Z\"" };
	static const char *const bad[] = { "expiry-time=\"\"",
		"expiry-time=\"Z\"", "expiry-time=\"2030\"",
		"expiry-time=\"2030-12-31\"", "expiry-time=\"20301340\"",
		"expiry-time=\"20301231246000\"",
		"expiry-time=\"203012312460\"", "expiry-time=\"203012312400\"",
		"expiry-time=\"203012310060\"",
		"expiry-time=\"20301231000061\"", "expiry-time=\"00001231\"",
		"expiry-time=\"19691231\"", "expiry-time=\"20300001\"",
		"expiry-time=\"20300100\"", "expiry-time=\"20301232\"",
		"expiry-time=\"20301231ZZ\"", "expiry-time=\"+12h\"",
		"expiry-time=\"2030123123\"", "expiry-time=\" 20301231\"",
		"expiry-time=\"20/01231\"", "expiry-time=\"20 01231\"",
		"expiry-time=\"20301231 235\"", "expiry-time=\"2030123:\"",
		"expiry-time=\"2030-1-1\"", "expiry-time=\"203012312/59\"",
		"expiry-time=\"2030123123595:\"", "expiry-time=\"20301231z\"",
		"expiry-time=\"Z0301231\"", "expiry-time=\"always\"" };

	(void)state;
	takes(good, N(good));
	refuses(bad, N(bad));
}

static void
ports_tunnels_and_variables(void **state)
{
	static const char *const good[] = { "permitopen=\"[::1]:80\"",
		"permitopen=\"host:*\"", "permitopen=\"host:65535\"",
		"permitopen=\"*:80\"", "permitlisten=\"[::1]:8080\"",
		"permitlisten=\"*\"", "permitlisten=\"*:*\"",
		"permitlisten=\"localhost:1\"", "tunnel=\"any\"",
		"tunnel=\"2147483645\"", "environment=\"1A_=b\"",
		"environment=\"A=\"", "environment=\"aZz_09=b\"" };
	static const char *const bad[] = { "permitopen=\"::1:80\"",
		"permitopen=\"a/b:80\"", "permitopen=\"[::1:80\"",
		"permitopen=\"[::1]x:80\"", "permitopen=\"a:b:80\"",
		"permitopen=\"host\"", "permitopen=\"host:\"",
		"permitopen=\":80\"", "permitopen=\"host:0\"",
		"permitopen=\"host:65536\"", "permitopen=\"a b:80\"",
		"permitopen=\"80\"", "permitopen=\"host:http\"",
		"permitopen=\"]:80\\\"\"", "permitopen=\"[]]:80\"",
		"permitlisten=\"::1:8080\"", "permitlisten=\"a/8080\"",
		"permitlisten=\"\"", "permitlisten=\"0\"",
		"permitlisten=\"host\"", "tunnel=\"\"", "tunnel=\"Any0\"",
		"tunnel=\"-1\"", "tunnel=\"2147483646\"", "tunnel=\"0:1\"",
		"environment=\"\"", "environment=\"A\"", "environment=\"=b\"",
		"environment=\"A-B=b\"", "environment=\"A B=b\"" };

	(void)state;
	takes(good, N(good));
	refuses(bad, N(bad));
}

static void
versions_of_sshd(void **state)
{
	static const struct {
		const char *text;
		unsigned since; /* refused one below, 0: never */
		unsigned before;
	} rows[] = {
		{ "restrict", 702, 701 },
		{ "pty", 702, 701 },
		{ "agent-forwarding", 702, 701 },
		{ "port-forwarding", 702, 701 },
		{ "user-rc", 702, 701 },
		{ "X11-forwarding", 702, 701 },
		{ "expiry-time=\"20301231\"", 707, 706 },
		{ "permitlisten=\"1\"", 708, 707 },
		{ "verify-required", 804, 803 },
		{ "expiry-time=\"20301231Z\"", 901, 900 },
		{ "no-pty,verify-required", 804, 803 },
		{ "no-pty", 609, 0 },
		{ "from=\"::1\",command=\"x\",tunnel=\"0\"", 609, 0 },
		{ "environment=\"A=b\",permitopen=\"a:1\"", 609, 0 },
		{ "provision,uid=5", 609, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(check(rows[i].text, rows[i].since, NULL), 0);
		assert_int_equal(check(rows[i].text, 0, NULL), 0);
		assert_int_equal(check(rows[i].text, 1005, NULL), 0);
		if (rows[i].before != 0 &&
		    check(rows[i].text, rows[i].before, NULL) == 0)
			fail_msg("%s", rows[i].text);
	}
}

static void
emit(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
		{ "", "" },
		{ "no-pty", ",no-pty" },
		{ "No-PTY,RESTRICT", ",no-pty,restrict" },
		{ "no-X11-forwarding", ",no-x11-forwarding" },
		{ "command=\"echo \\\"a, b\\\"\",no-pty",
		    ",command=\"echo \\\"a, b\\\"\",no-pty" },
		{ "FROM=\"192.0.2.0/24,!a\"", ",from=\"192.0.2.0/24,!a\"" },
		{ "provision", "" },
		{ "uid=5000", "" },
		{ "provision,uid=5000", "" },
		{ "provision,no-pty,uid=5000", ",no-pty" },
		{ "no-pty,Provision", ",no-pty" },
		{ "command=\"a\\b\"", ",command=\"a\\b\"" },
	};
	char *line;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		line = NULL;
		assert_int_equal(dance_options_emit(
				     rows[i].text, strlen(rows[i].text), &line),
		    0);
		assert_string_equal(line, rows[i].want);
		free(line);
	}
	line = NULL;
	assert_int_equal(
	    dance_options_emit("no-such", 7, &line), DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_options_emit("no-pty\0", 7, &line), DANCE_ERR_FORMAT);
	assert_null(line);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_of_sshd),
		cmocka_unit_test(options_that_are_not_for_the_map),
		cmocka_unit_test(unknown_and_malformed),
		cmocka_unit_test(single_options),
		cmocka_unit_test(quoting),
		cmocka_unit_test(only_printable_ascii),
		cmocka_unit_test(from),
		cmocka_unit_test(expiry_time),
		cmocka_unit_test(ports_tunnels_and_variables),
		cmocka_unit_test(versions_of_sshd),
		cmocka_unit_test(emit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
