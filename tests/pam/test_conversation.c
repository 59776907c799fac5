/* SPDX-License-Identifier: ISC */
/*
 * The user's name and PIN, as applications may give them, or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "error.h"
#include "host.h"
#include "logbook.h"
#include "pam_harness.h"
#include "script.h"

#define PIN "a-Secret.1234"

/* Lets in who has a PIN, whatever it is; others not. */
static void
script_with_pin(void)
{
	struct dance_pam_message *m;

	script_begin();
	script_add(FAKE_READ, 0);
	script_start(0);
	m = script_send(DANCE_PAM_PIN);
	memcpy(m->text, "PIN: ", 6);
	script_add(FAKE_ANSWER, 0);
	(void)script_send(DANCE_PAM_RESULT);
	script_last()->op = FAKE_SEND_IF_PIN;
	m = script_send(DANCE_PAM_RESULT);
	m->verdict = DANCE_ERR_BAD_CREDENTIAL;
	script_write();
}

static void
p10_a_pin_reaches_the_helper(void **state)
{
	struct app app = { .talk = { .text = PIN } };
	const struct dance_pam_answer *answer;

	(void)state;
	script_with_pin();
	app_start(&app, "test", HARNESS_LOCAL, "debug");
	assert_int_equal(
	    app_call(&app, APP_AUTH, (int)PAM_SILENT), PAM_SUCCESS);
	assert_int_equal(app.talk.prompts, 1);
	assert_int_equal(app.talk.notes, 0);
	assert_string_equal(app.talk.last, "PIN: ");
	answer = &script_record()->answer;
	assert_int_equal(answer->version, DANCE_PAM_VERSION);
	assert_int_equal(answer->has_pin, 1);
	assert_string_equal(answer->pin, PIN);
	app_end(&app);
	/* P32 */
	assert_false(logbook_mentions(PIN));
}

static void
p10_hostile_conversations(void **state)
{
	static char longest[513], too_long[514], huge[100000];
	static const struct {
		enum conversation_kind kind;
		const char *text;
		int code;
		unsigned has_pin;
	} rows[] = {
		{ CONVERSATION_FAIL, NULL, PAM_AUTH_ERR, 0 },
		{ CONVERSATION_NONE, NULL, PAM_AUTH_ERR, 0 },
		{ CONVERSATION_NULL, NULL, PAM_AUTH_ERR, 0 },
		{ CONVERSATION_TEXT, "", PAM_AUTH_ERR, 0 },
		{ CONVERSATION_TEXT, too_long, PAM_AUTH_ERR, 0 },
		{ CONVERSATION_TEXT, huge, PAM_AUTH_ERR, 0 },
		{ CONVERSATION_TEXT, longest, PAM_SUCCESS, 1 },
		{ CONVERSATION_TEXT, "\x01\xff\n", PAM_SUCCESS, 1 },
	};
	struct app app;
	size_t i;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	memset(too_long, 'x', sizeof(too_long) - 1);
	memset(huge, 'x', sizeof(huge) - 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&app, 0, sizeof(app));
		app.talk.kind = rows[i].kind;
		app.talk.text = rows[i].text;
		script_with_pin();
		app_start(&app, "test", HARNESS_LOCAL, "");
		if (app_call(&app, APP_AUTH, 0) != rows[i].code)
			fail_msg("row %zu: %d", i, app.result);
		assert_int_equal(
		    script_record()->answer.has_pin, rows[i].has_pin);
		if (rows[i].has_pin == 0)
			assert_string_equal(script_record()->answer.pin, "");
		app_end(&app);
	}
}

static void
p10_no_conversation_at_all(void **state)
{
	struct pam_conv none = { NULL, NULL };
	struct app app = { 0 };

	(void)state;
	script_with_pin();
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(pam_set_item(app.pamh, PAM_CONV, &none), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_AUTH_ERR);
	app_end(&app);
}

/* Nor anyone to ask for the name: libpam 1.5 crashes where it is asked to. */
static int
name_without_conversation(void *arg)
{
	struct app *app = arg;

	return app_call_bare(app, APP_AUTH, 0);
}

static void
p10_no_conversation_for_the_name(void **state)
{
	struct pam_conv none = { NULL, NULL };
	struct app app = { 0 };
	int code;

	(void)state;
	script_result(0, 0);
	app_start(&app, "test", NULL, "");
	assert_int_equal(pam_set_item(app.pamh, PAM_CONV, &none), PAM_SUCCESS);
	code = host_in_child(name_without_conversation, &app);
	app_end(&app);
	assert_int_equal(code, PAM_AUTH_ERR);
	assert_int_equal(script_starts(), 0);
}

/* The application comes again, and the talk begins anew. */
static void
p10_an_application_that_comes_again(void **state)
{
	struct app app = { .talk = { .kind = CONVERSATION_AGAIN } };

	(void)state;
	script_with_pin();
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_INCOMPLETE);
	assert_int_equal(app.result, PAM_INCOMPLETE);
	assert_int_equal(script_record()->has_answer, 0);
	app.talk.kind = CONVERSATION_TEXT;
	app.talk.text = PIN;
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_equal(script_starts(), 2);
	assert_string_equal(script_record()->answer.pin, PIN);
	app_end(&app);
}

/* A conversation that fails for a note is no reason to fail. */
static void
p10_a_note_that_nobody_takes(void **state)
{
	struct app app = { .talk = { .kind = CONVERSATION_FAIL } };

	(void)state;
	script_begin();
	script_start(1000);
	(void)script_send(DANCE_PAM_TOUCH);
	(void)script_send(DANCE_PAM_RESULT);
	script_write();
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_equal(app.talk.notes, 1);
	app_end(&app);
}

/* START's second would be over. */
static void
p26_the_user_may_take_his_time(void **state)
{
	struct app app = { .talk = { .text = PIN, .delay_ms = 1300 } };

	(void)state;
	script_with_pin();
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	app_end(&app);
}

/* And after that the time runs again. */
static void
p26_a_hang_after_the_pin(void **state)
{
	struct app app = { .talk = { .text = PIN, .delay_ms = 300 } };
	int64_t start;

	(void)state;
	script_begin();
	script_start(0);
	(void)script_send(DANCE_PAM_PIN);
	script_add(FAKE_HANG, 0);
	script_write();
	app_start(&app, "test", HARNESS_LOCAL, "");
	start = host_now_ms();
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SYSTEM_ERR);
	assert_in_range(host_now_ms() - start, 1250, 4000);
	app_end(&app);
}

static void
p12_names_that_are_none(void **state)
{
	static char longest[256], too_long[257];
	static const struct {
		enum conversation_kind kind;
		const char *text;
		int code;
	} rows[] = {
		{ CONVERSATION_FAIL, NULL, PAM_AUTH_ERR },
		{ CONVERSATION_NONE, NULL, PAM_AUTH_ERR },
		{ CONVERSATION_NULL, NULL, PAM_AUTH_ERR },
		{ CONVERSATION_TEXT, "", PAM_AUTH_ERR },
		{ CONVERSATION_TEXT, too_long, PAM_AUTH_ERR },
		{ CONVERSATION_AGAIN, NULL, PAM_INCOMPLETE },
		{ CONVERSATION_TEXT, "alice", PAM_SUCCESS },
		{ CONVERSATION_TEXT, longest, PAM_SUCCESS },
	};
	struct app app;
	size_t i;

	(void)state;
	memset(longest, 'x', 255);
	memset(too_long, 'x', 256);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&app, 0, sizeof(app));
		app.talk.kind = rows[i].kind;
		app.talk.text = rows[i].text;
		script_result(0, 0);
		app_start(&app, "test", NULL, "");
		if (app_call(&app, APP_AUTH, 0) != rows[i].code)
			fail_msg("row %zu: %d", i, app.result);
		assert_int_equal(script_starts(), rows[i].code == PAM_SUCCESS);
		if (rows[i].code == PAM_SUCCESS)
			assert_string_equal(
			    script_record()->request.user, rows[i].text);
		app_end(&app);
	}
}

/* The application comes again, with a name. */
static void
p12_a_name_at_the_second_time(void **state)
{
	struct app app = { .talk = { .kind = CONVERSATION_AGAIN } };

	(void)state;
	script_result(0, 0);
	app_start(&app, "test", NULL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_INCOMPLETE);
	app.talk.kind = CONVERSATION_TEXT;
	app.talk.text = "alice";
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_string_equal(script_record()->request.user, "alice");
	app_end(&app);
}

/* Given by the application; the other kinds of call ask nobody. */
static void
p12_empty_and_missing_names(void **state)
{
	static const char *const users[] = { "", NULL };
	static const enum app_entry entries[] = { APP_ACCOUNT, APP_OPEN };
	static const int codes[] = { PAM_PERM_DENIED, PAM_SESSION_ERR };
	struct app app = { .talk = { .text = HARNESS_LOCAL } };
	size_t i;

	(void)state;
	script_result(0, 0);
	for (i = 0; i < 4; i++) {
		app_start(&app, "test", users[i / 2], "");
		assert_int_equal(
		    app_call(&app, entries[i % 2], 0), codes[i % 2]);
		app_end(&app);
	}
	assert_int_equal(app.talk.prompts, 0);
	assert_int_equal(app_once(APP_AUTH, "", ""), PAM_AUTH_ERR);
	assert_int_equal(script_starts(), 0);
	assert_true(logbook_has(LOG_NOTICE, "the user's name is missing"));
}

static void
p13_the_user_stays_who_he_is(void **state)
{
	static const enum app_entry entries[] = { APP_AUTH, APP_CRED,
		APP_ACCOUNT, APP_OPEN, APP_CLOSE, APP_PASSWORD };
	static const int verdicts[] = { 0, DANCE_ERR_MISMATCH };
	struct app app = { 0 };
	const void *user;
	size_t i;

	(void)state;
	app_start(&app, "test", HARNESS_STRANGER, "");
	for (i = 0; i < 12; i++) {
		script_result(verdicts[i / 6], 0);
		(void)app_call(&app, entries[i % 6], 0);
		assert_int_equal(
		    pam_get_item(app.pamh, PAM_USER, &user), PAM_SUCCESS);
		assert_string_equal(user, HARNESS_STRANGER);
	}
	app_end(&app);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p10_a_pin_reaches_the_helper),
		HARNESS_TEST(p10_hostile_conversations),
		HARNESS_TEST(p10_no_conversation_at_all),
		HARNESS_TEST(p10_no_conversation_for_the_name),
		HARNESS_TEST(p10_an_application_that_comes_again),
		HARNESS_TEST(p10_a_note_that_nobody_takes),
		HARNESS_TEST(p26_the_user_may_take_his_time),
		HARNESS_TEST(p26_a_hang_after_the_pin),
		HARNESS_TEST(p12_names_that_are_none),
		HARNESS_TEST(p12_a_name_at_the_second_time),
		HARNESS_TEST(p12_empty_and_missing_names),
		HARNESS_TEST(p13_the_user_stays_who_he_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
