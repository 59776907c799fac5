/* SPDX-License-Identifier: ISC */
/*
 * What one call leaves for the next: nothing but who was let in.  And the
 * session, which tells that on.
 */
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

#define INFO	  "publickey ssh-ed25519 AAAA"
#define VARIABLE  "DANCE_IDENTITY"
#define FORGED	  VARIABLE "=root.example.org"
#define OTHER_ONE "bob.example.net"

static const char *
exported(const struct app *app)
{
	return pam_getenv(app->pamh, VARIABLE);
}

static void
set_user(struct app *app, const char *user)
{
	assert_int_equal(pam_set_item(app->pamh, PAM_USER, user), PAM_SUCCESS);
}

static void
p19_the_second_attempt_starts_clean(void **state)
{
	struct app app = { 0 };
	int i;

	(void)state;
	app_start(&app, "test", HARNESS_LOCAL, "");
	for (i = 0; i < 2; i++) {
		script_result(0, 0);
		assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
		script_result(0, 0);
		assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_SUCCESS);
		assert_string_equal(
		    script_record()->request.identity, SCRIPT_IDENTITY);
		/* Whatever the second one fails by, the first is forgotten. */
		script_begin();
		if (i == 0)
			script_result(DANCE_ERR_MISMATCH, 0);
		else
			script_write();
		assert_int_equal(app_call(&app, APP_AUTH, 0),
		    i == 0 ? PAM_AUTH_ERR : PAM_SYSTEM_ERR);
		script_result(0, 0);
		assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_IGNORE);
		assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_IGNORE);
		assert_null(exported(&app));
		assert_int_equal(script_starts(), 0);
	}
	app_end(&app);
}

/* Two handles know nothing of each other. */
static void
p19_two_handles(void **state)
{
	struct app first = { 0 }, second = { 0 };

	(void)state;
	script_result(0, 0);
	app_start(&first, "test", HARNESS_LOCAL, "");
	app_start(&second, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&first, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_equal(app_call(&second, APP_OPEN, 0), PAM_IGNORE);
	assert_int_equal(app_call(&second, APP_ACCOUNT, 0), PAM_IGNORE);
	app_end(&second);
	assert_int_equal(app_call(&first, APP_OPEN, 0), PAM_SUCCESS);
	assert_string_equal(exported(&first), SCRIPT_IDENTITY);
	app_end(&first);
}

/* The console must not hang on a map that is broken. */
static void
p20_account_alone_for_a_local_user(void **state)
{
	struct app app = { 0 };

	(void)state;
	script_result(DANCE_ERR_CONFIG, 0);
	app_start(&app, "sshd", HARNESS_LOCAL, "");
	app_set_info(&app, INFO);
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_IGNORE);
	app_end(&app);
	assert_int_equal(script_starts(), 0);
}

static void
p20_account_alone_for_a_stranger(void **state)
{
	static const char *const users[] = { HARNESS_STRANGER, "rootx", "roo",
		"root:", "Root", "root.example.org", "alice@example.org",
		"nobody-of-this-name", "#", "+", "-", " root", "root\n" };
	const struct dance_pam_request *request;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		script_result(0, 0);
		if (app_once(APP_ACCOUNT, users[i], "") != PAM_SUCCESS)
			fail_msg("\"%s\"", users[i]);
		request = &script_record()->request;
		assert_int_equal(request->action, DANCE_PAM_ACCOUNT);
		assert_string_equal(request->user, users[i]);
		assert_string_equal(request->identity, "");
		assert_int_equal(request->info_len, 0);
		assert_string_equal(request->agent, "");
	}
}

/* Local or not: who came in by us is asked about. */
static void
p20_account_after_auth(void **state)
{
	struct app app = { 0 };

	(void)state;
	script_result(0, 0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	script_result(DANCE_ERR_DENIED_BY_MAP, DANCE_PAM_KNOWS_USER);
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_PERM_DENIED);
	assert_string_equal(script_record()->request.identity, SCRIPT_IDENTITY);
	/* He can't be none of ours. */
	script_result(DANCE_ERR_NOT_MAPPED, DANCE_PAM_NOT_OURS);
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_USER_UNKNOWN);
	app_end(&app);
}

/* The application has another user now: what was proved is not his. */
static void
p20_account_of_another_user(void **state)
{
	struct app app = { 0 };

	(void)state;
	script_result(0, 0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	set_user(&app, HARNESS_STRANGER);
	script_result(0, 0);
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_SUCCESS);
	assert_string_equal(script_record()->request.identity, "");
	set_user(&app, "daemon");
	script_result(0, 0);
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_IGNORE);
	assert_int_equal(script_starts(), 0);
	/* Nor is the session of it. */
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_IGNORE);
	assert_null(exported(&app));
	app_end(&app);
}

static void
p20_any_order(void **state)
{
	static const enum app_entry order[] = { APP_CLOSE, APP_OPEN,
		APP_ACCOUNT, APP_CRED, APP_AUTH, APP_OPEN, APP_ACCOUNT };
	static const int codes[] = { PAM_SUCCESS, PAM_IGNORE, PAM_IGNORE,
		PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS };
	struct app app = { 0 };
	size_t i;

	(void)state;
	script_result(0, 0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (app_call(&app, order[i], 0) != codes[i])
			fail_msg("step %zu: %d", i, app.result);
	app_end(&app);
}

static void
session_of_auth_is_exported(void **state)
{
	struct app app = { 0 };

	(void)state;
	script_result(0, 0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_null(exported(&app));
	assert_int_equal(pam_putenv(app.pamh, FORGED), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	assert_string_equal(exported(&app), SCRIPT_IDENTITY);
	assert_int_equal(script_starts(), 1);
	assert_true(logbook_has(
	    LOG_INFO, "session account=root identity=" SCRIPT_IDENTITY));
	assert_true(logbook_mentions("key=" SCRIPT_KEY));
	app_end(&app);
}

/* As sudo: one has proved, the other's session is opened. */
static void
session_of_another_names_both(void **state)
{
	struct app app = { 0 };

	(void)state;
	script_result(0, 0);
	app_start(&app, "sudo", HARNESS_STRANGER, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	set_user(&app, HARNESS_LOCAL);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	assert_true(logbook_has(
	    LOG_INFO, "account=" HARNESS_STRANGER " as=" HARNESS_LOCAL));
	app_end(&app);
}

/* Another's word must not pass for ours, whatever else goes wrong. */
static void
session_removes_what_is_forged(void **state)
{
	static const struct {
		const char *user, *options;
		int code;
	} rows[] = {
		{ HARNESS_LOCAL, "", PAM_IGNORE },
		{ HARNESS_LOCAL, "nonsense", PAM_SERVICE_ERR },
		{ "", "", PAM_SESSION_ERR },
		{ NULL, "", PAM_SESSION_ERR },
	};
	struct app app = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		app_start(&app, "test", rows[i].user, rows[i].options);
		assert_int_equal(pam_putenv(app.pamh, FORGED), PAM_SUCCESS);
		assert_int_equal(app_call(&app, APP_OPEN, 0), rows[i].code);
		assert_null(exported(&app));
		app_end(&app);
	}
	assert_int_equal(script_starts(), 0);
}

/*
 * Who is not in passwd may be a provisioned account, whom the helper enters in
 * the register: so it is asked, with a key or without.
 */
static void
session_of_a_stranger(void **state)
{
	static const struct {
		int verdict, code;
	} rows[] = {
		{ DANCE_ERR_NOT_MAPPED, PAM_IGNORE },
		{ DANCE_ERR_CONFIG, PAM_SESSION_ERR },
		{ DANCE_ERR_INTERNAL, PAM_SESSION_ERR },
	};
	struct app app = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script_result(rows[i].verdict, 0);
		app_start(&app, "test", HARNESS_STRANGER, "");
		assert_int_equal(app_call(&app, APP_OPEN, 0), rows[i].code);
		assert_null(exported(&app));
		app_end(&app);
		assert_int_equal(script_starts(), 1);
	}
}

/* After sshd: the key is verified again, or nothing is exported. */
static void
session_verifies_the_key_of_sshd(void **state)
{
	static const struct {
		int verdict, code;
	} rows[] = {
		{ 0, PAM_SUCCESS },
		{ DANCE_ERR_NOT_MAPPED, PAM_IGNORE },
		{ DANCE_ERR_MISMATCH, PAM_IGNORE },
		{ DANCE_ERR_DENIED_BY_MAP, PAM_SESSION_ERR },
		{ DANCE_ERR_BOGUS, PAM_SESSION_ERR },
		{ DANCE_ERR_INTERNAL, PAM_SESSION_ERR },
	};
	const struct dance_pam_request *request;
	struct app app = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script_result(rows[i].verdict, 0);
		app_start(&app, "sshd", HARNESS_LOCAL, "");
		app_set_info(&app, INFO);
		assert_int_equal(pam_putenv(app.pamh, FORGED), PAM_SUCCESS);
		assert_int_equal(app_call(&app, APP_OPEN, 0), rows[i].code);
		request = &script_record()->request;
		assert_int_equal(request->action, DANCE_PAM_SESSION);
		assert_string_equal(script_record()->info, INFO);
		if (rows[i].verdict == 0)
			assert_string_equal(exported(&app), SCRIPT_IDENTITY);
		else
			assert_null(exported(&app));
		app_end(&app);
	}
}

static void
script_of_another(void)
{
	script_begin();
	script_start(1000);
	memcpy(script_send(DANCE_PAM_RESULT)->identity, OTHER_ONE,
	    sizeof(OTHER_ONE));
	script_write();
}

/*
 * A second line of the same session says the same, whatever stands between
 * them, and asks nobody; the next session is a new one.
 */
static void
session_is_looked_at_once(void **state)
{
	struct app app = { 0 };

	(void)state;
	script_result(0, 0);
	app_start(&app, "sshd", HARNESS_LOCAL, "");
	app_set_info(&app, INFO);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	script_of_another();
	assert_int_equal(pam_putenv(app.pamh, FORGED), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	assert_string_equal(exported(&app), SCRIPT_IDENTITY);
	assert_int_equal(script_starts(), 0);
	/* What is proved in a session is not what account asks for. */
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_IGNORE);
	assert_int_equal(app_call(&app, APP_CLOSE, 0), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	assert_string_equal(exported(&app), OTHER_ONE);
	app_end(&app);
}

/* Nor is the session of one that of the next who comes in. */
static void
p19_a_session_after_another_auth(void **state)
{
	struct app app = { 0 };

	(void)state;
	script_result(0, 0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	assert_string_equal(exported(&app), SCRIPT_IDENTITY);
	script_of_another();
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	assert_string_equal(exported(&app), OTHER_ONE);
	script_result(DANCE_ERR_MISMATCH, DANCE_PAM_KNOWS_USER);
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_AUTH_ERR);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_IGNORE);
	assert_null(exported(&app));
	app_end(&app);
}

/* No key, and no character that a name should not have. */
static void
p32_what_stands_in_the_log(void **state)
{
	struct app app = { 0 };

	(void)state;
	script_result(0, 0);
	app_start(&app, "sshd", "eve\n\x1b[2J", "debug methods=sshd");
	app_set_info(&app, INFO);
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_SUCCESS);
	assert_int_equal(logbook_count(-1), 0);
	assert_int_equal(
	    pam_set_item(app.pamh, PAM_USER, "root\x7f\""), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	assert_int_equal(logbook_count(-1), 1);
	assert_true(logbook_has(LOG_INFO,
	    "session account=\"eve\\x0a\\x1b[2J\" as=\"root\\x7f\\\"\" "
	    "identity=" SCRIPT_IDENTITY " key=" SCRIPT_KEY));
	assert_int_equal(logbook_controls(), 0);
	assert_false(logbook_mentions("AAAA"));
	app_end(&app);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p19_the_second_attempt_starts_clean),
		HARNESS_TEST(p19_two_handles),
		HARNESS_TEST(p20_account_alone_for_a_local_user),
		HARNESS_TEST(p20_account_alone_for_a_stranger),
		HARNESS_TEST(p20_account_after_auth),
		HARNESS_TEST(p20_account_of_another_user),
		HARNESS_TEST(p20_any_order),
		HARNESS_TEST(session_of_auth_is_exported),
		HARNESS_TEST(session_of_another_names_both),
		HARNESS_TEST(session_removes_what_is_forged),
		HARNESS_TEST(session_of_a_stranger),
		HARNESS_TEST(session_verifies_the_key_of_sshd),
		HARNESS_TEST(session_is_looked_at_once),
		HARNESS_TEST(p19_a_session_after_another_auth),
		HARNESS_TEST(p32_what_stands_in_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
