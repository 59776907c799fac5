/* SPDX-License-Identifier: ISC */
/*
 * The line in the log.  The C library's syslog() is replaced: what would be
 * written is looked at here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "log.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static char logged[4096];
static int logged_priority;
static unsigned n_logged;

static void
log_keep(int priority, const char *format, va_list ap)
{
	assert_string_equal(format, "%s");
	logged_priority = priority;
	n_logged++;
	snprintf(logged, sizeof(logged), "%s", va_arg(ap, const char *));
}

/* With and without _FORTIFY_SOURCE. */
void __syslog_chk(int priority, int flag, const char *format, ...);

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, format);
	log_keep(priority, format, ap);
	va_end(ap);
}

#undef syslog
void
syslog(int priority, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_keep(priority, format, ap);
	va_end(ap);
}

static const struct {
	const char *value;
	const char *want;
} fields[] = {
	{ "plain", "k=plain" },
	{ "a.b@c-d_e:/+$,;", "k=a.b@c-d_e:/+$,;" },
	{ "", "k=\"\"" },
	{ "a b", "k=\"a b\"" },
	{ "a=b", "k=\"a=b\"" },
	{ "a\nverdict=accept", "k=\"a\\x0averdict=accept\"" },
	{ "a\r\n", "k=\"a\\x0d\\x0a\"" },
	{ "\" verdict=accept", "k=\"\\\" verdict=accept\"" },
	{ "\"", "k=\"\\\"\"" },
	{ "\\", "k=\"\\\\\"" },
	{ "\\\"", "k=\"\\\\\\\"\"" },
	{ "\\x0a", "k=\"\\\\x0a\"" },
	{ "\x01\x1f\x7f", "k=\"\\x01\\x1f\\x7f\"" },
	{ "\x1b[2J", "k=\"\\x1b[2J\"" },
	{ "m\xc3\xbcller", "k=\"m\\xc3\\xbcller\"" },
	{ "\xff", "k=\"\\xff\"" },
	{ "%s%n", "k=%s%n" },
	{ "\t", "k=\"\\x09\"" },
};

static void
req_89_values_are_escaped(void **state)
{
	char line[128];
	size_t i;

	(void)state;
	for (i = 0; i < N(fields); i++) {
		line[0] = '\0';
		dance_log_field(line, sizeof(line), "k", fields[i].value);
		assert_string_equal(line, fields[i].want);
		dance_log_field(line, sizeof(line), "x", "y");
		assert_string_equal(line + strlen(line) - 4, " x=y");
	}
}

/* Is the line a row of key=value with closed quotes and nothing else? */
static bool
line_is_sound(const char *line)
{
	while (*line != '\0') {
		line += strspn(line, "abcdefghijklmnopqrstuvwxyz");
		if (*line++ != '=')
			return false;
		if (*line != '"')
			line += strcspn(line, " \"\\=");
		else {
			for (line++; *line != '"'; line++) {
				if (*line < ' ' || *line > '~')
					return false;
				if (*line == '\\' && *++line == 'x')
					line += 2;
			}
			line++;
		}
		if (*line == ' ' && line[1] != '\0')
			line++;
		else if (*line != '\0')
			return false;
	}
	return true;
}

static void
req_89_cut_lines_stay_sound(void **state)
{
	static const char *const values[] = { "plainplainplainplainplain",
		"\"\"\"\"\"\"\"\"\"\"\"\"", "\n\n\n\n\n\n\n\n\n", "a b c d e f",
		"\\\\\\\\\\\\\\\\", "ab\ncd\nef\ngh" };
	char line[64];
	size_t i, size;

	(void)state;
	for (i = 0; i < N(values); i++)
		for (size = 1; size <= sizeof(line); size++) {
			memset(line, 'x', sizeof(line));
			line[0] = '\0';
			dance_log_field(line, size, "key", values[i]);
			assert_true(strlen(line) < size);
			if (size < sizeof(line))
				assert_int_equal(line[size], 'x');
			dance_log_field(line, size, "k", values[i]);
			assert_true(strlen(line) < size);
			if (!line_is_sound(line))
				fail_msg("%zu: %s", size, line);
		}
}

/* What is cut is the end: no character may be left out of the middle. */
static void
a_cut_value_is_a_beginning_of_the_value(void **state)
{
	char line[32];
	size_t size;

	(void)state;
	for (size = 8; size <= sizeof(line); size++) {
		line[0] = '\0';
		dance_log_field(line, size, "k", "abc\ndef\nghijkl");
		if (strlen(line) > 2 && line[2] == '"')
			line[strlen(line) - 1] = '\0';
		assert_memory_equal(
		    line, "k=\"abc\\x0adef\\x0aghijkl", strlen(line));
	}
}

static void
log_it(const struct dance_result *result, enum dance_log_level level)
{
	n_logged = 0;
	logged[0] = '\0';
	dance_log_result(result, "alice", "SHA256:offered", 17, level);
}

static void
req_89_accepted_logins(void **state)
{
	struct dance_result result = { .verdict = 0,
		.account = "alice",
		.identity = "a.example.com",
		.fingerprint = "SHA256:abc",
		.has_record = true,
		.usage = 3,
		.selector = 1,
		.matching = 2,
		.source = "dns" };

	(void)state;
	log_it(&result, DANCE_LOG_INFO);
	assert_int_equal(n_logged, 1);
	assert_int_equal(logged_priority, LOG_INFO);
	assert_string_equal(logged,
	    "verdict=accept account=alice identity=a.example.com "
	    "key=SHA256:abc record=\"3 1 2\" source=dns ms=17");
	memcpy(result.account, "deploy", 7);
	log_it(&result, DANCE_LOG_DEBUG);
	assert_non_null(strstr(logged, " account=deploy login=alice "));
	log_it(&result, DANCE_LOG_NOTICE);
	assert_int_equal(n_logged, 0);
	log_it(&result, DANCE_LOG_ERROR);
	assert_int_equal(n_logged, 0);
}

static void
req_89_names_not_authenticated_are_claims(void **state)
{
	struct dance_result result = { .verdict = DANCE_ERR_MISMATCH,
		.account = "alice",
		.identity = "a.example.com",
		.fingerprint = "SHA256:abc",
		.fault = { "why \"so\"\n" } };

	(void)state;
	log_it(&result, DANCE_LOG_NOTICE);
	assert_int_equal(logged_priority, LOG_NOTICE);
	assert_string_equal(logged,
	    "verdict=mismatch account=alice claim=a.example.com "
	    "key=SHA256:abc ms=17 why=\"why \\\"so\\\"\\x0a\"");
	log_it(&result, DANCE_LOG_ERROR);
	assert_int_equal(n_logged, 0);
}

static void
req_16_faults_are_errors(void **state)
{
	static const int faults[] = { DANCE_ERR_CONFIG, DANCE_ERR_INTERNAL,
		DANCE_ERR_DNS_FAILURE, 4711 };
	struct dance_result result = { .verdict = 0 };
	size_t i;

	(void)state;
	for (i = 0; i < N(faults); i++) {
		result.verdict = faults[i];
		log_it(&result, DANCE_LOG_ERROR);
		assert_int_equal(n_logged, 1);
		assert_int_equal(logged_priority, LOG_ERR);
		assert_int_equal(strncmp(logged, "verdict=", 8), 0);
		assert_int_equal(strncmp(logged + 8, dance_reason(faults[i]),
				     strlen(dance_reason(faults[i]))),
		    0);
	}
}

/* A login name of any length must not push out why it was refused. */
static void
hostile_login_names(void **state)
{
	struct dance_result result = { .verdict = DANCE_ERR_CONFIG,
		.fault = { "login name: too long" } };
	char *login = malloc(100001);

	(void)state;
	assert_non_null(login);
	memset(login, '\n', 100000);
	login[100000] = '\0';
	n_logged = 0;
	dance_log_result(&result, login, "SHA256:x", 1, DANCE_LOG_INFO);
	assert_int_equal(n_logged, 1);
	assert_true(strlen(logged) < DANCE_LOG_LINE_MAX);
	assert_true(line_is_sound(logged));
	assert_non_null(strstr(logged, " why=\"login name: too long\""));
	dance_log_result(
	    &result, "a key=SHA256:evil", login, 1, DANCE_LOG_INFO);
	assert_true(line_is_sound(logged));
	assert_non_null(strstr(logged, " account=\"a key=SHA256:evil\" "));
	free(login);
}

static void
faults_of_the_host(void **state)
{
	struct dance_fault fault = { "file:3: what\never" };

	(void)state;
	dance_log_fault("configuration", &fault);
	assert_int_equal(logged_priority, LOG_ERR);
	assert_string_equal(logged,
	    "verdict=config what=configuration "
	    "why=\"file:3: what\\x0aever\"");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_89_values_are_escaped),
		cmocka_unit_test(req_89_cut_lines_stay_sound),
		cmocka_unit_test(a_cut_value_is_a_beginning_of_the_value),
		cmocka_unit_test(req_89_accepted_logins),
		cmocka_unit_test(req_89_names_not_authenticated_are_claims),
		cmocka_unit_test(req_16_faults_are_errors),
		cmocka_unit_test(hostile_login_names),
		cmocka_unit_test(faults_of_the_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
