/* SPDX-License-Identifier: ISC */
/*
 * From the helper's verdict to the code of PAM: every verdict, all flags, for
 * the three kinds of call, against a table of this test's own.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "error.h"
#include "logbook.h"
#include "pam_harness.h"
#include "script.h"

#define FLAGS_MAX 8
#define IGNORES	  "ignore_unknown_user"
#define INFO	  "publickey ssh-ed25519 AAAA"

/* Section 3 of the rules; what is not in it is an internal fault. */
static const struct row {
	int verdict, auth, account, session;
} rows[] = {
	{ DANCE_OK, PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS },
	{ DANCE_ERR_NOT_MAPPED, PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_IGNORE },
	{ DANCE_ERR_DENIED_BY_MAP, PAM_AUTH_ERR, PAM_PERM_DENIED,
	    PAM_SESSION_ERR },
	{ DANCE_ERR_NO_TLSA, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_INSECURE, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_BOGUS, PAM_AUTHINFO_UNAVAIL, PAM_SYSTEM_ERR,
	    PAM_SESSION_ERR },
	{ DANCE_ERR_NO_USABLE_TLSA, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_MISMATCH, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_NAME_MISMATCH, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_EXPIRED, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_UNTRUSTED, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_BAD_CREDENTIAL, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_WEAK_KEY, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_WEAK_DNSSEC, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_DNS_FAILURE, PAM_AUTHINFO_UNAVAIL, PAM_SYSTEM_ERR,
	    PAM_SESSION_ERR },
	{ DANCE_ERR_CONFIG, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR, PAM_SESSION_ERR },
	{ DANCE_ERR_INTERNAL, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR, PAM_SESSION_ERR },
};

static const struct row *
row_find(int verdict)
{
	static const struct row none = { 0, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR,
		PAM_SESSION_ERR };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].verdict == verdict)
			return &rows[i];
	return &none;
}

/* What auth and account have in common. */
static int
wanted(int verdict, unsigned flags, int code, const char *options)
{
	if (verdict == DANCE_ERR_CONFIG && (flags & DANCE_PAM_NO_ANCHOR) != 0)
		return PAM_AUTHINFO_UNAVAIL;
	if (verdict == DANCE_ERR_NOT_MAPPED &&
	    (flags & DANCE_PAM_KNOWS_USER) == 0)
		return strcmp(options, IGNORES) == 0 ? PAM_IGNORE
						     : PAM_USER_UNKNOWN;
	return code;
}

static void
compare(const char *what, int verdict, unsigned flags, int got, int want)
{
	if (got != want)
		fail_msg("%s, verdict %d, flags 0x%x: %d, not %d", what,
		    verdict, flags, got, want);
	if (got == PAM_SUCCESS && verdict != 0)
		fail_msg("%s: success for verdict %d", what, verdict);
}

static void
auth_table(const char *options)
{
	struct app app = { 0 };
	unsigned flags;
	int verdict;

	app_start(&app, "test", HARNESS_LOCAL, options);
	for (verdict = -40; verdict <= 10; verdict++)
		for (flags = 0; flags < FLAGS_MAX; flags++) {
			script_result(verdict, flags);
			compare("auth", verdict, flags,
			    app_call(&app, APP_AUTH, 0),
			    wanted(verdict, flags, row_find(verdict)->auth,
				options));
		}
	app_end(&app);
}

static void
p18_auth_succeeds_for_verdict_0_alone(void **state)
{
	(void)state;
	auth_table("");
}

static void
p18_the_table_with_ignore_unknown_user(void **state)
{
	(void)state;
	auth_table(IGNORES);
}

static void
p18_an_acceptance_has_an_identity(void **state)
{
	static const enum app_entry entries[] = { APP_AUTH, APP_OPEN };
	static const int codes[] = { PAM_SYSTEM_ERR, PAM_SESSION_ERR };
	struct app app = { 0 };
	unsigned flags, i;

	(void)state;
	app_start(&app, "sshd", HARNESS_LOCAL, "");
	app_set_info(&app, INFO);
	for (i = 0; i < 2; i++)
		for (flags = 0; flags < FLAGS_MAX; flags++) {
			script_begin();
			script_start(1000);
			script_send(DANCE_PAM_RESULT)->flags = flags;
			script_last()->message.identity[0] = '\0';
			script_write();
			assert_int_equal(
			    app_call(&app, entries[i], 0), codes[i]);
			assert_null(pam_getenv(app.pamh, "DANCE_IDENTITY"));
		}
	app_end(&app);
}

static void
account_table(const char *options)
{
	const unsigned with_others = DANCE_PAM_NOT_OURS;
	struct app app = { 0 };
	unsigned flags;
	int verdict;

	app_start(&app, "test", HARNESS_STRANGER, options);
	for (verdict = -40; verdict <= 10; verdict++)
		for (flags = 0; flags < FLAGS_MAX; flags++) {
			if ((flags & with_others) != 0)
				continue;
			script_result(verdict, flags);
			compare("account", verdict, flags,
			    app_call(&app, APP_ACCOUNT, 0),
			    wanted(verdict, flags, row_find(verdict)->account,
				options));
		}
	app_end(&app);
}

static void
p18_account_succeeds_for_verdict_0_alone(void **state)
{
	(void)state;
	account_table("");
	account_table(IGNORES);
}

static void
p18_session_succeeds_for_verdict_0_alone(void **state)
{
	struct app app = { 0 };
	unsigned flags;
	int verdict;

	(void)state;
	for (verdict = -40; verdict <= 10; verdict++)
		for (flags = 0; flags < FLAGS_MAX; flags++) {
			script_result(verdict, flags);
			app_start(&app, "sshd", HARNESS_LOCAL, "");
			app_set_info(&app, INFO);
			compare("session", verdict, flags,
			    app_call(&app, APP_OPEN, 0),
			    row_find(verdict)->session);
			assert_int_equal(
			    pam_getenv(app.pamh, "DANCE_IDENTITY") != NULL,
			    verdict == 0);
			app_end(&app);
		}
}

/* Verdicts that no table has: what comes back is one of PAM's codes. */
static void
p05_every_code_is_one_of_pams(void **state)
{
	static const int verdicts[] = { INT_MIN, INT_MIN + 1, -1000, -256, -32,
		-31, 1, 31, 32, 256, 1000, INT_MAX };
	static const int codes[] = { PAM_SYSTEM_ERR, PAM_SYSTEM_ERR,
		PAM_SESSION_ERR };
	static const enum app_entry entries[] = { APP_AUTH, APP_ACCOUNT,
		APP_OPEN };
	struct app app = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 3 * sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		script_result(verdicts[i / 3], DANCE_PAM_KNOWS_USER);
		app_start(&app, "sshd", HARNESS_STRANGER, "");
		assert_int_equal(
		    app_call(&app, entries[i % 3], 0), codes[i % 3]);
		app_end(&app);
	}
}

/*
 * Over ssh a text is not seen before a prompt, or not at all: so whatever the
 * answer, nothing is said to the user, and all of it to the log.
 */
static void
p30_what_must_be_read_stands_in_the_log(void **state)
{
	static const enum app_entry entries[] = { APP_AUTH, APP_ACCOUNT,
		APP_OPEN };
	struct app app = { 0 };
	struct dance_pam_message *m;
	size_t i, j, n = sizeof(rows) / sizeof(rows[0]);

	(void)state;
	for (i = 0; i < n; i++)
		for (j = 0; j < 3; j++) {
			script_begin();
			script_start(1000);
			m = script_send(DANCE_PAM_RESULT);
			m->verdict = rows[i].verdict;
			m->flags = DANCE_PAM_KNOWS_USER;
			m->priority = LOG_NOTICE;
			memcpy(m->text, "what happened", 14);
			script_write();
			logbook_clear();
			app_start(&app, "sshd", HARNESS_STRANGER, "debug");
			(void)app_call(&app, entries[j], 0);
			assert_int_equal(app.talk.notes, 0);
			assert_int_equal(app.talk.prompts, 0);
			assert_true(logbook_mentions("what happened"));
			app_end(&app);
		}
}

/* With the helper's word that the login is none of ours. */
static void
p20_not_ours_is_ignored(void **state)
{
	(void)state;
	script_result(DANCE_ERR_NOT_MAPPED, DANCE_PAM_NOT_OURS);
	assert_int_equal(
	    app_once(APP_ACCOUNT, HARNESS_STRANGER, ""), PAM_IGNORE);
	assert_int_equal(script_starts(), 1);
}

/* A RESULT that contradicts itself is internal trouble: design 10. */
static void
p20_a_fault_is_never_ignored(void **state)
{
	static const int verdicts[] = { DANCE_OK, DANCE_ERR_INTERNAL,
		DANCE_ERR_CONFIG, DANCE_ERR_DNS_FAILURE, DANCE_ERR_BOGUS,
		DANCE_ERR_DENIED_BY_MAP, 7 };
	size_t i;
	int code;

	(void)state;
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		script_result(verdicts[i], DANCE_PAM_NOT_OURS);
		code = app_once(APP_ACCOUNT, HARNESS_STRANGER, "");
		if (code == PAM_IGNORE)
			fail_msg("verdict %d is ignored", verdicts[i]);
	}
}

static void
p14_unknown_user(void **state)
{
	(void)state;
	script_result(DANCE_ERR_NOT_MAPPED, 0);
	assert_int_equal(
	    app_once(APP_AUTH, HARNESS_LOCAL, ""), PAM_USER_UNKNOWN);
	assert_int_equal(
	    app_once(APP_ACCOUNT, HARNESS_STRANGER, ""), PAM_USER_UNKNOWN);
	assert_int_equal(
	    app_once(APP_AUTH, HARNESS_LOCAL, IGNORES), PAM_IGNORE);
	assert_int_equal(
	    app_once(APP_ACCOUNT, HARNESS_STRANGER, IGNORES), PAM_IGNORE);
	/* A user whom the map knows is none of these. */
	script_result(DANCE_ERR_NOT_MAPPED, DANCE_PAM_KNOWS_USER);
	assert_int_equal(
	    app_once(APP_AUTH, HARNESS_LOCAL, IGNORES), PAM_AUTH_ERR);
	assert_int_equal(
	    app_once(APP_ACCOUNT, HARNESS_STRANGER, IGNORES), PAM_PERM_DENIED);
}

static void
p15_what_could_not_be_found_out(void **state)
{
	static const struct {
		int verdict;
		unsigned flags;
	} faults[] = {
		{ DANCE_ERR_BOGUS, DANCE_PAM_KNOWS_USER },
		{ DANCE_ERR_DNS_FAILURE, DANCE_PAM_KNOWS_USER },
		{ DANCE_ERR_BOGUS, 0 },
		{ DANCE_ERR_DNS_FAILURE, 0 },
		{ DANCE_ERR_CONFIG, DANCE_PAM_NO_ANCHOR },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		script_result(faults[i].verdict, faults[i].flags);
		assert_int_equal(app_once(APP_AUTH, HARNESS_LOCAL, ""),
		    PAM_AUTHINFO_UNAVAIL);
		assert_int_equal(app_once(APP_AUTH, HARNESS_LOCAL, IGNORES),
		    PAM_AUTHINFO_UNAVAIL);
	}
	/* A map that can't be read must not look like a stranger. */
	script_result(DANCE_ERR_CONFIG, 0);
	assert_int_equal(
	    app_once(APP_AUTH, HARNESS_LOCAL, IGNORES), PAM_SYSTEM_ERR);
	assert_int_equal(
	    app_once(APP_ACCOUNT, HARNESS_STRANGER, IGNORES), PAM_SYSTEM_ERR);
}

static void
result_with_text(int verdict, unsigned priority, const char *text)
{
	struct dance_pam_message *m;

	script_begin();
	script_start(1000);
	m = script_send(DANCE_PAM_RESULT);
	m->verdict = verdict;
	m->flags = DANCE_PAM_KNOWS_USER;
	m->priority = priority;
	memcpy(m->text, text, strlen(text) + 1);
	script_write();
}

/* The code is the same, the line is not. */
static void
p16_refusals_and_their_lines(void **state)
{
	static const int verdicts[] = { DANCE_ERR_INSECURE, DANCE_ERR_NO_TLSA,
		DANCE_ERR_NO_USABLE_TLSA, DANCE_ERR_MISMATCH,
		DANCE_ERR_NAME_MISMATCH, DANCE_ERR_EXPIRED, DANCE_ERR_UNTRUSTED,
		DANCE_ERR_BAD_CREDENTIAL, DANCE_ERR_WEAK_KEY,
		DANCE_ERR_WEAK_DNSSEC };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		logbook_clear();
		result_with_text(
		    verdicts[i], LOG_NOTICE, dance_reason(verdicts[i]));
		assert_int_equal(
		    app_once(APP_AUTH, HARNESS_LOCAL, ""), PAM_AUTH_ERR);
		assert_true(logbook_has(LOG_NOTICE, dance_reason(verdicts[i])));
		assert_int_equal(logbook_count(-1), 1);
	}
}

/* Each failure asks for a delay; libpam waits at the end. */
static void
p26_a_refusal_asks_for_a_delay(void **state)
{
	struct app app = { 0 };
	int64_t took;

	(void)state;
	script_result(DANCE_ERR_MISMATCH, DANCE_PAM_KNOWS_USER);
	app_start(&app, "test", HARNESS_LOCAL, "");
	took = app_call(&app, APP_AUTH, 0);
	assert_int_equal(took, PAM_AUTH_ERR);
	assert_int_equal(app_delays(), 1);
	assert_in_range(app_delay_us(), 500000, 2000000);
	app_end(&app);
	script_result(DANCE_OK, 0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_equal(app_delays(), 0);
	app_end(&app);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p18_auth_succeeds_for_verdict_0_alone),
		HARNESS_TEST(p18_the_table_with_ignore_unknown_user),
		HARNESS_TEST(p18_an_acceptance_has_an_identity),
		HARNESS_TEST(p18_account_succeeds_for_verdict_0_alone),
		HARNESS_TEST(p18_session_succeeds_for_verdict_0_alone),
		HARNESS_TEST(p05_every_code_is_one_of_pams),
		HARNESS_TEST(p30_what_must_be_read_stands_in_the_log),
		HARNESS_TEST(p20_not_ours_is_ignored),
		HARNESS_TEST(p20_a_fault_is_never_ignored),
		HARNESS_TEST(p14_unknown_user),
		HARNESS_TEST(p15_what_could_not_be_found_out),
		HARNESS_TEST(p16_refusals_and_their_lines),
		HARNESS_TEST(p26_a_refusal_asks_for_a_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
