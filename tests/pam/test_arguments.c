/* SPDX-License-Identifier: ISC */
/*
 * The module's line in the stack, its six entries, and what it says where.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "error.h"
#include "logbook.h"
#include "pam_harness.h"
#include "script.h"

static void
p04_all_six_entries(void **state)
{
	static const int codes[APP_ENTRIES] = { PAM_SUCCESS, PAM_SUCCESS,
		PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS, PAM_IGNORE };
	struct app app = { 0 };
	int entry;

	(void)state;
	script_result(0, 0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	for (entry = APP_AUTH; entry < APP_ENTRIES; entry++)
		if (app_call(&app, (enum app_entry)entry, 0) != codes[entry])
			fail_msg("entry %d", entry);
	app_end(&app);
}

/* Before, after and without success: a login that was good is not broken. */
static void
p04_setcred_never_fails(void **state)
{
	static const int flags[] = { 0, (int)PAM_DELETE_CRED,
		(int)PAM_REINITIALIZE_CRED, (int)PAM_REFRESH_CRED,
		(int)PAM_SILENT };
	struct app app = { 0 };
	size_t i;

	(void)state;
	app_start(&app, "test", HARNESS_LOCAL, "");
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		assert_int_equal(
		    app_call(&app, APP_CRED, flags[i]), PAM_SUCCESS);
	assert_int_equal(script_starts(), 0);
	app_end(&app);
}

static void
p36_passwords_are_not_ours(void **state)
{
	/* libpam adds PAM_PRELIM_CHECK, and would PAM_UPDATE_AUTHTOK. */
	static const int flags[] = { 0, (int)PAM_CHANGE_EXPIRED_AUTHTOK };
	static const char *const users[] = { HARNESS_LOCAL, HARNESS_STRANGER };
	struct app app = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		app_start(&app, "test", users[i / 2], "");
		assert_int_equal(
		    app_call(&app, APP_PASSWORD, flags[i % 2]), PAM_IGNORE);
		app_end(&app);
	}
	assert_int_equal(script_starts(), 0);
}

/* In each of the six, wherever the word stands. */
static void
p06_unknown_arguments_deny(void **state)
{
	static const char *const lines[] = { "nonsense", "debug nonsense",
		"nonsense debug", "methods=", "methods=agent,",
		"methods=,agent", "methods=agent,agent", "methods=password",
		"methods=agent,pkcs11,sshd,agent", "methods=Agent", "Debug",
		"debug=1", "ignore_unknown_user=yes", "methods", "quiet2",
		"methods=agent,pkcs", "nullok", "[methods=agent pkcs11]" };
	struct app app = { 0 };
	size_t i;
	int entry;

	(void)state;
	script_result(0, 0);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		app_start(&app, "test", HARNESS_STRANGER, lines[i]);
		for (entry = APP_AUTH; entry < APP_ENTRIES; entry++) {
			logbook_clear();
			if (app_call(&app, (enum app_entry)entry, 0) !=
			    PAM_SERVICE_ERR)
				fail_msg("\"%s\", entry %d", lines[i], entry);
			assert_true(logbook_has(LOG_ERR, "unknown option"));
		}
		app_end(&app);
	}
	assert_int_equal(script_starts(), 0);
}

static void
p06_good_arguments(void **state)
{
	static const struct {
		const char *line;
		uint8_t methods[DANCE_PAM_METHODS + 1];
	} rows[] = {
		{ "", { DANCE_PAM_AGENT } },
		{ "methods=agent", { DANCE_PAM_AGENT } },
		{ "methods=sshd", { DANCE_PAM_SSHD } },
		{ "methods=pkcs11,agent",
		    { DANCE_PAM_PKCS11, DANCE_PAM_AGENT } },
		{ "debug quiet methods=sshd,pkcs11,agent ignore_unknown_user",
		    { DANCE_PAM_SSHD, DANCE_PAM_PKCS11, DANCE_PAM_AGENT } },
		/* The last one counts, from its start. */
		{ "methods=sshd,pkcs11,agent methods=pkcs11",
		    { DANCE_PAM_PKCS11 } },
	};
	size_t i;

	(void)state;
	script_result(0, 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
		    app_once(APP_AUTH, HARNESS_LOCAL, rows[i].line),
		    PAM_SUCCESS);
		assert_memory_equal(script_record()->request.methods,
		    rows[i].methods, sizeof(rows[i].methods));
	}
}

/* The first word is no program's name. */
static void
p07_the_first_argument_counts(void **state)
{
	(void)state;
	assert_int_equal(
	    app_once(APP_AUTH, HARNESS_LOCAL, "nonsense"), PAM_SERVICE_ERR);
	script_result(0, 0);
	assert_int_equal(
	    app_once(APP_AUTH, HARNESS_LOCAL, "methods=sshd"), PAM_SUCCESS);
	assert_int_equal(script_record()->request.methods[0], DANCE_PAM_SSHD);
}

/* A LOG of each priority, and a RESULT with a line. */
static void
script_with_lines(int verdict, unsigned flags, unsigned priority)
{
	static const char text[] = "line of the result";
	struct dance_pam_message *m;
	unsigned i;

	script_begin();
	script_add(FAKE_READ, 0);
	script_start(1000);
	for (i = LOG_EMERG; i <= LOG_DEBUG; i++) {
		m = script_send(DANCE_PAM_LOG);
		m->priority = i;
		memcpy(m->text, "line of a log", 14);
	}
	m = script_send(DANCE_PAM_RESULT);
	m->verdict = verdict;
	m->flags = flags;
	m->priority = priority;
	memcpy(m->text, text, sizeof(text));
	script_write();
}

static void
p07_debug_is_for_debug_alone(void **state)
{
	int priority;

	(void)state;
	script_with_lines(0, 0, LOG_DEBUG);
	assert_int_equal(app_once(APP_AUTH, HARNESS_LOCAL, ""), PAM_SUCCESS);
	for (priority = LOG_EMERG; priority < LOG_DEBUG; priority++)
		assert_int_equal(logbook_count(priority), 1);
	assert_int_equal(logbook_count(LOG_DEBUG), 0);
	logbook_clear();
	assert_int_equal(
	    app_once(APP_AUTH, HARNESS_LOCAL, "debug"), PAM_SUCCESS);
	for (priority = LOG_EMERG; priority < LOG_DEBUG; priority++)
		assert_int_equal(logbook_count(priority), 1);
	assert_int_equal(logbook_count(LOG_DEBUG), 2);
}

/* Strangers come by often: their line may be made one for debugging. */
static void
p08_quiet_is_for_strangers(void **state)
{
	static const char *const rows[] = { "quiet", "ignore_unknown_user" };
	const int verdict = DANCE_ERR_NOT_MAPPED;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		logbook_clear();
		script_with_lines(verdict, 0, LOG_NOTICE);
		(void)app_once(APP_AUTH, HARNESS_LOCAL, rows[i]);
		assert_false(logbook_mentions("of the result"));
		script_with_lines(verdict, DANCE_PAM_KNOWS_USER, LOG_NOTICE);
		(void)app_once(APP_AUTH, HARNESS_LOCAL, rows[i]);
		assert_true(logbook_has(LOG_NOTICE, "of the result"));
	}
	logbook_clear();
	script_with_lines(verdict, 0, LOG_NOTICE);
	(void)app_once(APP_AUTH, HARNESS_LOCAL, "");
	assert_true(logbook_has(LOG_NOTICE, "of the result"));
}

/* Whatever happens, and whoever reads them. */
static void
p08_nothing_on_the_outputs(void **state)
{
	int ends[2], out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
	int codes[4], fds[2] = { STDOUT_FILENO, STDERR_FILENO }, i;
	char octet;

	(void)state;
	fflush(NULL);
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	for (i = 0; i < 2; i++)
		dup2(ends[1], fds[i]);
	script_with_lines(0, 0, LOG_ERR);
	codes[0] = app_once(APP_AUTH, HARNESS_LOCAL, "debug");
	codes[1] = app_once(APP_AUTH, HARNESS_LOCAL, "nonsense");
	script_begin();
	script_write();
	codes[2] = app_once(APP_AUTH, HARNESS_LOCAL, "debug");
	codes[3] = app_once(APP_AUTH, "", "debug");
	fflush(NULL);
	dup2(out, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	close(out);
	close(error);
	close(ends[1]);
	i = (int)read(ends[0], &octet, 1);
	close(ends[0]);
	assert_int_equal(i, 0);
	assert_int_equal(codes[0], PAM_SUCCESS);
	assert_int_equal(codes[1], PAM_SERVICE_ERR);
	assert_int_equal(codes[2], PAM_SYSTEM_ERR);
	assert_int_equal(codes[3], PAM_AUTH_ERR);
}

static void
script_with_notes(enum dance_pam_kind kind, const char *text, size_t len)
{
	struct dance_pam_message *m;

	script_begin();
	script_start(1000);
	m = script_send(kind);
	memcpy(m->text, text, len);
	script_send(DANCE_PAM_RESULT);
	script_write();
}

static void
p09_a_silent_call_shows_nothing(void **state)
{
	static const struct {
		const char *options;
		int flags;
		unsigned notes;
	} rows[] = { { "", 0, 1 }, { "quiet", 0, 0 },
		{ "", (int)PAM_SILENT, 0 }, { "debug", (int)PAM_SILENT, 0 } };
	static const enum dance_pam_kind kinds[] = { DANCE_PAM_TOUCH,
		DANCE_PAM_PINPAD };
	struct app app = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		memset(&app, 0, sizeof(app));
		script_with_notes(kinds[i % 2], "Touch it.", 10);
		app_start(&app, "test", HARNESS_LOCAL, rows[i / 2].options);
		assert_int_equal(
		    app_call(&app, APP_AUTH, rows[i / 2].flags), PAM_SUCCESS);
		assert_int_equal(app.talk.notes, rows[i / 2].notes);
		assert_int_equal(app.talk.prompts, 0);
		if (app.talk.notes > 0)
			assert_string_equal(app.talk.last, "Touch it.");
		app_end(&app);
	}
}

/* Longer ones than an application has to take. */
static void
p11_messages_are_short(void **state)
{
	struct app app = { 0 };
	char text[DANCE_PAM_TEXT_MAX];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	script_with_notes(DANCE_PAM_TOUCH, text, sizeof(text));
	app_start(&app, "test", HARNESS_LOCAL, "");
	(void)app_call(&app, APP_AUTH, 0);
	app_end(&app);
	assert_in_range(app.talk.longest, 0, PAM_MAX_MSG_SIZE - 1);
	assert_int_equal(app.talk.controls, 0);
	assert_in_range(app.talk.most, 0, 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p04_all_six_entries),
		HARNESS_TEST(p04_setcred_never_fails),
		HARNESS_TEST(p36_passwords_are_not_ours),
		HARNESS_TEST(p06_unknown_arguments_deny),
		HARNESS_TEST(p06_good_arguments),
		HARNESS_TEST(p07_the_first_argument_counts),
		HARNESS_TEST(p07_debug_is_for_debug_alone),
		HARNESS_TEST(p08_quiet_is_for_strangers),
		HARNESS_TEST(p08_nothing_on_the_outputs),
		HARNESS_TEST(p09_a_silent_call_shows_nothing),
		HARNESS_TEST(p11_messages_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
