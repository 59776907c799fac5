/* SPDX-License-Identifier: ISC */
/*
 * The line for a decision of PAM: how the proof was made and who asks stand in
 * it, and nothing that others chose can look like another field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "log.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	struct dance_result result;
	struct dance_log_about about;
	const char *want;
} formats[] = {
	{ { .verdict = 0,
	      .account = "root",
	      .identity = "a.b",
	      .fingerprint = "SHA256:x",
	      .has_record = 1,
	      .usage = 2,
	      .selector = 1,
	      .matching = 1,
	      .source = "dns" },
	    { "root", "", "agent", "alice", 7 },
	    "verdict=accept account=root caller=alice identity=a.b "
	    "key=SHA256:x method=agent record=\"2 1 1\" source=dns "
	    "ms=7" },
	/* Who asks for himself is told once. */
	{ { .verdict = 0, .account = "alice", .identity = "a.b" },
	    { "alice", "", "pkcs11", "alice", 7 },
	    "verdict=accept account=alice identity=a.b method=pkcs11 "
	    "ms=7" },
	{ { .verdict = DANCE_ERR_MISMATCH,
	      .account = "alice",
	      .identity = "a.b",
	      .fingerprint = "SHA256:x" },
	    { "alice", "", "sshd", NULL, 7 },
	    "verdict=mismatch account=alice claim=a.b key=SHA256:x "
	    "method=sshd ms=7" },
	/* No key: nothing is said of one, but where sshd asks. */
	{ { .verdict = DANCE_ERR_BAD_CREDENTIAL, .account = "alice" },
	    { "alice", "", "agent", "bob", 7 },
	    "verdict=bad-credential account=alice caller=bob "
	    "method=agent ms=7" },
	{ { .verdict = DANCE_ERR_BAD_CREDENTIAL, .account = "alice" },
	    { "alice", "SHA256:o", "agent", "bob", 7 },
	    "verdict=bad-credential account=alice caller=bob "
	    "key=SHA256:o method=agent ms=7" },
	{ { .verdict = DANCE_ERR_BAD_CREDENTIAL, .account = "alice" },
	    { "alice", "", NULL, NULL, 7 },
	    "verdict=bad-credential account=alice key=\"\" ms=7" },
	{ { .verdict = DANCE_ERR_NOT_MAPPED, .account = "alice" },
	    { "alice", "", "", NULL, 7 },
	    "verdict=not-mapped account=alice ms=7" },
	/* Without an account the login name stands for it. */
	{ { .verdict = DANCE_ERR_CONFIG, .fault = { "why not" } },
	    { "l.b", "", "agent", "bob", -1 },
	    "verdict=config account=l.b caller=bob method=agent ms=-1 "
	    "why=\"why not\"" },
	{ { .verdict = 0, .account = "alice" },
	    { "l.b", "", "agent", "alice", 0 },
	    "verdict=accept account=alice login=l.b method=agent "
	    "ms=0" },
	/* What others chose. */
	{ { .verdict = DANCE_ERR_NOT_MAPPED, .account = "alice" },
	    { "alice", "", "agent", "bob verdict=accept", 7 },
	    "verdict=not-mapped account=alice "
	    "caller=\"bob verdict=accept\" method=agent ms=7" },
	{ { .verdict = DANCE_ERR_NOT_MAPPED, .account = "alice" },
	    { "alice", "", "agent", "x\"\nverdict=accept", 7 },
	    "verdict=not-mapped account=alice "
	    "caller=\"x\\\"\\x0averdict=accept\" method=agent ms=7" },
	{ { .verdict = DANCE_ERR_NOT_MAPPED, .account = "alice" },
	    { "alice", "", "age\nnt", "", 7 },
	    "verdict=not-mapped account=alice caller=\"\" "
	    "method=\"age\\x0ant\" ms=7" },
	{ { .verdict = DANCE_ERR_NOT_MAPPED, .account = "a\x1b[0m" },
	    { "a=b", "SHA256:\\", "agent", NULL, 7 },
	    "verdict=not-mapped account=\"a\\x1b[0m\" login=\"a=b\" "
	    "key=\"SHA256:\\\\\" method=agent ms=7" },
};

static void
lines(void **state)
{
	char line[DANCE_LOG_LINE_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < N(formats); i++) {
		memset(line, 'x', sizeof(line));
		dance_log_format(
		    &formats[i].result, &formats[i].about, line, sizeof(line));
		assert_string_equal(line, formats[i].want);
	}
}

/* However long, a caller leaves room for the reason; and no size is passed. */
static void
long_callers(void **state)
{
	static const struct dance_result result = { .verdict =
							DANCE_ERR_NOT_MAPPED,
		.account = "alice",
		.fault = { "the reason" } };
	static char caller[5000];
	struct dance_log_about about = { .login = caller,
		.offered = caller,
		.method = "agent",
		.caller = caller };
	char line[DANCE_LOG_LINE_MAX + 1];
	size_t size;

	(void)state;
	memset(caller, '\n', sizeof(caller) - 1);
	line[DANCE_LOG_LINE_MAX] = 'x';
	dance_log_format(&result, &about, line, DANCE_LOG_LINE_MAX);
	assert_non_null(strstr(line, " method=agent "));
	assert_non_null(strstr(line, " why=\"the reason\""));
	assert_int_equal(line[DANCE_LOG_LINE_MAX], 'x');
	for (size = 1; size < 200; size++) {
		memset(line, 'x', sizeof(line));
		dance_log_format(&result, &about, line, size);
		assert_true(strlen(line) < size);
		assert_int_equal(line[size], 'x');
	}
}

static void
priorities(void **state)
{
	static const struct {
		int verdict;
		int priority;
		enum dance_log_level from;
	} rows[] = {
		{ 0, LOG_INFO, DANCE_LOG_INFO },
		{ DANCE_ERR_MISMATCH, LOG_NOTICE, DANCE_LOG_NOTICE },
		{ DANCE_ERR_BAD_CREDENTIAL, LOG_NOTICE, DANCE_LOG_NOTICE },
		{ DANCE_ERR_NOT_MAPPED, LOG_NOTICE, DANCE_LOG_NOTICE },
		{ DANCE_ERR_BOGUS, LOG_NOTICE, DANCE_LOG_NOTICE },
		{ DANCE_ERR_DNS_FAILURE, LOG_ERR, DANCE_LOG_ERROR },
		{ DANCE_ERR_CONFIG, LOG_ERR, DANCE_LOG_ERROR },
		{ DANCE_ERR_INTERNAL, LOG_ERR, DANCE_LOG_ERROR },
		{ 4711, LOG_ERR, DANCE_LOG_ERROR },
	};
	static const enum dance_log_level levels[] = { DANCE_LOG_ERROR,
		DANCE_LOG_NOTICE, DANCE_LOG_INFO, DANCE_LOG_DEBUG };
	struct dance_result result = { .verdict = 0 };
	size_t i, k;

	(void)state;
	for (i = 0; i < N(rows); i++)
		for (k = 0; k < N(levels); k++) {
			result.verdict = rows[i].verdict;
			assert_int_equal(dance_log_priority(&result, levels[k]),
			    levels[k] >= rows[i].from ? rows[i].priority : -1);
		}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(long_callers),
		cmocka_unit_test(priorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
