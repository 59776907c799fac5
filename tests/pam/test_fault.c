/* SPDX-License-Identifier: ISC */
/*
 * Every call that the module makes fails, once, in turn, in the program and in
 * the child that becomes the helper.  Nobody comes in by that who would not
 * have, nothing is ignored, and the program is as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../pam_dance/pam_state.h"
#include "error.h"
#include "fault.h"
#include "host.h"
#include "logbook.h"
#include "pam_harness.h"
#include "script.h"

#define INFO "publickey ssh-ed25519 AAAA"

enum {
	NEVER = 1,   /* all calls of it matter: a failure is a denial */
	HARMLESS = 2 /* none does: the result is the same */
};

struct row {
	const char *function;
	int error;
	int kind;
	bool is_for_root;
};

/* Of auth.  What libpam returns stands for its errno. */
static const struct row auth_rows[] = {
	{ "socketpair", EMFILE, NEVER, false },
	{ "fcntl", EMFILE, NEVER, false },
	{ "fork", EAGAIN, NEVER, false },
	{ "fork", ENOMEM, NEVER, false },
	{ "dup2", EBUSY, NEVER, false },
	{ "open", ENOENT, NEVER, false },
	{ "chdir", EACCES, NEVER, false },
	{ "execve", ENOENT, NEVER, false },
	{ "setresuid", EAGAIN, NEVER, true },
	{ "setresgid", EPERM, NEVER, true },
	{ "poll", ENOMEM, NEVER, false },
	{ "poll", EINTR, HARMLESS, false },
	{ "send", EPIPE, NEVER, false },
	{ "send", EINTR, HARMLESS, false },
	{ "send", EAGAIN, HARMLESS, false },
	{ "recv", ECONNRESET, NEVER, false },
	{ "recv", EINTR, HARMLESS, false },
	{ "recv", EAGAIN, HARMLESS, false },
	{ "malloc", ENOMEM, NEVER, false },
	{ "pam_set_data", PAM_BUF_ERR, NEVER, false },
	{ "pam_set_data", PAM_SYSTEM_ERR, NEVER, false },
	{ "pam_get_user", PAM_SYSTEM_ERR, NEVER, false },
	{ "pam_get_user", PAM_BUF_ERR, NEVER, false },
	/* Without what is behind it the attempt is as good. */
	{ "close", EIO, HARMLESS, false },
	{ "close_range", ENOSYS, HARMLESS, false },
	{ "pidfd_open", ENOSYS, HARMLESS, false },
	{ "pidfd_send_signal", ESRCH, HARMLESS, false },
	{ "waitpid", EINTR, HARMLESS, false },
	{ "pam_get_data", PAM_NO_MODULE_DATA, HARMLESS, false },
	{ "pam_get_data", PAM_SYSTEM_ERR, HARMLESS, false },
};

/* Of account for a stranger. */
static const struct row account_rows[] = {
	{ "fopen", EMFILE, NEVER, false },
	{ "fgetpwent_r", EIO, NEVER, false },
	{ "malloc", ENOMEM, NEVER, false },
	{ "socketpair", EMFILE, NEVER, false },
	{ "fork", EAGAIN, NEVER, false },
	{ "execve", EACCES, NEVER, false },
	{ "send", EPIPE, NEVER, false },
	{ "recv", EIO, NEVER, false },
};

/* Of session for a key of sshd's. */
static const struct row session_rows[] = {
	{ "socketpair", EMFILE, NEVER, false },
	{ "fork", EAGAIN, NEVER, false },
	{ "send", EPIPE, NEVER, false },
	{ "recv", EIO, NEVER, false },
	{ "malloc", ENOMEM, NEVER, false },
	{ "pam_set_data", PAM_BUF_ERR, NEVER, false },
	{ "pam_putenv", PAM_BUF_ERR, NEVER, false },
};

/* With a helper that ends by itself once it has said what it has to. */
static void
script_of(int verdict)
{
	script_result(verdict, 0);
	script_add(FAKE_EXIT, 0);
	script_write();
}

/* Returns false once the function is not called so often. */
static bool
fails_once(const struct row *row, enum app_entry entry, unsigned nth)
{
	struct app app = { .module = HARNESS_FAULTY };
	const char *user =
	    entry == APP_ACCOUNT ? HARNESS_STRANGER : HARNESS_LOCAL;
	bool has_hit;
	int code;

	script_of(0);
	app_start(&app, "sshd", user, "methods=agent,sshd debug");
	app_set_info(&app, INFO);
	/* What was kept of the first is given up by the second. */
	if (entry == APP_AUTH && nth % 2 == 0)
		assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	fault_arm(row->function, nth, row->error);
	code = app_call(&app, entry, 0);
	has_hit = fault_has_hit();
	fault_disarm();
	if (has_hit &&
	    ((code == PAM_SUCCESS) != (row->kind == HARMLESS) ||
		code == PAM_IGNORE || code == PAM_USER_UNKNOWN))
		fail_msg("call %u of %s() fails: %d", nth, row->function, code);
	/* The next attempt is not harmed. */
	assert_int_equal(app_call(&app, entry, 0), PAM_SUCCESS);
	app_end(&app);
	return has_hit;
}

static void
sweep(const struct row *rows, size_t n, enum app_entry entry)
{
	unsigned nth;
	size_t i;

	for (i = 0; i < n; i++) {
		if (rows[i].is_for_root && geteuid() != 0)
			continue;
		for (nth = 1; fails_once(&rows[i], entry, nth); nth++)
			if (nth > 200)
				fail_msg("%s() has no end", rows[i].function);
		/* Or the sweep would prove nothing. */
		if (nth == 1)
			fail_msg("%s() is not called", rows[i].function);
	}
}

static void
p17_each_call_of_auth_fails_once(void **state)
{
	(void)state;
	sweep(auth_rows, sizeof(auth_rows) / sizeof(auth_rows[0]), APP_AUTH);
}

static void
p17_each_call_of_account_fails_once(void **state)
{
	(void)state;
	sweep(account_rows, sizeof(account_rows) / sizeof(account_rows[0]),
	    APP_ACCOUNT);
}

static void
p17_each_call_of_session_fails_once(void **state)
{
	(void)state;
	sweep(session_rows, sizeof(session_rows) / sizeof(session_rows[0]),
	    APP_OPEN);
}

/* The same calls, while the helper refuses. */
static void
p17_no_failure_makes_a_success(void **state)
{
	static const int verdicts[] = { DANCE_ERR_MISMATCH,
		DANCE_ERR_DNS_FAILURE, DANCE_ERR_INTERNAL };
	size_t i, n = sizeof(auth_rows) / sizeof(auth_rows[0]);
	struct app app = { .module = HARNESS_FAULTY };
	unsigned nth;
	bool has_hit;
	int code;

	(void)state;
	app_start(&app, "sshd", HARNESS_LOCAL, "methods=sshd");
	app_set_info(&app, INFO);
	for (i = 0; i < n; i++)
		for (nth = 1, has_hit = true; has_hit; nth++) {
			script_of(verdicts[nth % 3]);
			fault_arm(
			    auth_rows[i].function, nth, auth_rows[i].error);
			code = app_call(&app, APP_AUTH, 0);
			has_hit = fault_has_hit();
			fault_disarm();
			if (code == PAM_SUCCESS || code == PAM_IGNORE)
				fail_msg(
				    "%s(): %d", auth_rows[i].function, code);
		}
	app_end(&app);
}

/* It fails every time: never an endless loop, and never success. */
static void
p17_calls_that_always_fail(void **state)
{
	size_t i, n = sizeof(auth_rows) / sizeof(auth_rows[0]);
	struct app app = { .module = HARNESS_FAULTY };
	int code;

	(void)state;
	app_start(&app, "sshd", HARNESS_LOCAL, "methods=sshd");
	for (i = 0; i < n; i++) {
		if (auth_rows[i].kind == HARMLESS ||
		    (auth_rows[i].is_for_root && geteuid() != 0))
			continue;
		script_of(0);
		fault_arm_all(auth_rows[i].function, auth_rows[i].error);
		code = app_call(&app, APP_AUTH, 0);
		fault_disarm();
		if (code == PAM_SUCCESS || code == PAM_IGNORE)
			fail_msg("%s(): %d", auth_rows[i].function, code);
	}
	app_end(&app);
}

/* Who was let in, when the handle ends, and when another takes his place. */
static void
p21_what_is_kept_is_wiped(void **state)
{
	static const char zeros[sizeof(struct pam_state)];
	struct app app;
	void *data;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		memset(&app, 0, sizeof(app));
		app.module = HARNESS_FAULTY;
		script_of(0);
		app_start(&app, "test", HARNESS_LOCAL, "");
		assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
		fault_arm("free", 1, 0);
		if (i == 0)
			app_end(&app);
		else
			(void)app_call(&app, APP_AUTH, 0);
		assert_true(fault_has_hit());
		fault_disarm();
		data = fault_kept();
		assert_memory_equal(data, zeros, sizeof(zeros));
		free(data);
		if (i == 1)
			app_end(&app);
	}
}

/* What fails by a lack of something is said at its level, once. */
static void
p08_a_lack_is_critical(void **state)
{
	static const struct row rows[] = {
		{ "socketpair", EMFILE, NEVER, false },
		{ "fork", EAGAIN, NEVER, false },
		{ "malloc", ENOMEM, NEVER, false },
		{ "pam_set_data", PAM_BUF_ERR, NEVER, false },
	};
	struct app app = { .module = HARNESS_FAULTY };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script_of(0);
		logbook_clear();
		app_start(&app, "test", HARNESS_LOCAL, "");
		fault_arm_all(rows[i].function, rows[i].error);
		assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_BUF_ERR);
		assert_true(fault_has_hit());
		fault_disarm();
		assert_int_equal(logbook_count(LOG_CRIT), 1);
		app_end(&app);
	}
}

/* It changes nothing. */
static void
p26_a_delay_that_can_not_be_asked_for(void **state)
{
	struct app app = { .module = HARNESS_FAULTY };

	(void)state;
	app_start(&app, "sshd", HARNESS_LOCAL, "");
	script_of(DANCE_ERR_MISMATCH);
	fault_arm("pam_fail_delay", 1, PAM_SYSTEM_ERR);
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_AUTH_ERR);
	assert_true(fault_has_hit());
	fault_disarm();
	app_end(&app);
}

/* A forged name stays if it can't be taken away: then there is no session. */
static void
session_that_keeps_a_forged_name(void **state)
{
	struct app app = { .module = HARNESS_FAULTY };
	int code;

	(void)state;
	script_of(0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(
	    pam_putenv(app.pamh, "DANCE_IDENTITY=root.example.org"),
	    PAM_SUCCESS);
	fault_arm("pam_putenv", 1, PAM_BUF_ERR);
	code = app_call(&app, APP_OPEN, 0);
	assert_true(fault_has_hit());
	fault_disarm();
	app_end(&app);
	assert_int_equal(code, PAM_SESSION_ERR);
}

/*
 * A kernel or a filter without pidfd_send_signal(): a helper that stays must
 * not keep the program.  fake_helper would end after a minute.
 */
static void
p26_a_helper_that_can_not_be_signalled_so(void **state)
{
	struct app app = { .module = HARNESS_FAULTY };
	int64_t start;
	int code;

	(void)state;
	script_begin();
	script_start(1000);
	(void)script_send(DANCE_PAM_RESULT);
	script_add(FAKE_SLEEP, 4000);
	script_write();
	app_start(&app, "test", HARNESS_LOCAL, "");
	fault_arm_all("pidfd_send_signal", ENOSYS);
	start = host_now_ms();
	code = app_call(&app, APP_AUTH, 0);
	assert_true(fault_has_hit());
	fault_disarm();
	app_end(&app);
	assert_int_equal(code, PAM_SUCCESS);
	assert_true(host_now_ms() - start < 3500);
}

/* An old kernel: still nothing of the program's reaches the helper. */
static void
p25_without_close_range(void **state)
{
	struct app app = { .module = HARNESS_FAULTY };
	int secret = dup(STDIN_FILENO), code;

	(void)state;
	script_of(0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	fault_arm_all("close_range", ENOSYS);
	code = app_call(&app, APP_AUTH, 0);
	assert_true(fault_has_hit());
	fault_disarm();
	app_end(&app);
	close(secret);
	assert_int_equal(code, PAM_SUCCESS);
	assert_string_equal(
	    script_record()->fds, "0:socket 1:/dev/null 2:/dev/null");
}

/* A line of the passwd file that is longer than any buffer to begin with. */
static void
p27_a_hundred_kilobytes_of_gecos(void **state)
{
	static char gecos[100001], text[400000];
	struct app app = { .module = HARNESS_FAULTY };
	unsigned nth;
	int code;

	(void)state;
	memset(gecos, 'g', sizeof(gecos) - 1);
	snprintf(text, sizeof(text),
	    "long:x:1:1:%s:/:/bin/sh\n"
	    "# a line that is none\n\nbroken\n"
	    "longer:x:2:2:%s%s:/:/bin/sh\nlast:x:3:3::/:/bin/sh",
	    gecos, gecos, gecos);
	harness_service("passwd", text);
	script_of(0);
	fault_set_passwd("passwd");
	static const char *const there[] = { "long", "longer", "last" };
	for (nth = 0; nth < 3; nth++) {
		app_start(&app, "test", there[nth], "");
		assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_IGNORE);
		app_end(&app);
	}
	assert_int_equal(script_starts(), 0);
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_SUCCESS);
	assert_int_equal(script_starts(), 1);
	/* And if it can't grow, or not go back, nothing is found out. */
	for (nth = 1; nth < 20; nth++) {
		fault_arm(
		    nth % 2 == 0 ? "realloc" : "fseek", 1 + nth / 2, ENOMEM);
		code = app_call(&app, APP_ACCOUNT, 0);
		assert_int_equal(
		    code, fault_has_hit() ? PAM_SYSTEM_ERR : PAM_SUCCESS);
		assert_true(nth > 1 || fault_has_hit());
		fault_disarm();
	}
	fault_set_passwd("/nonexistent");
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_SYSTEM_ERR);
	fault_set_passwd(NULL);
	app_end(&app);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p17_each_call_of_auth_fails_once),
		HARNESS_TEST(p17_each_call_of_account_fails_once),
		HARNESS_TEST(p17_each_call_of_session_fails_once),
		HARNESS_TEST(p17_no_failure_makes_a_success),
		HARNESS_TEST(p17_calls_that_always_fail),
		HARNESS_TEST(p21_what_is_kept_is_wiped),
		HARNESS_TEST(p08_a_lack_is_critical),
		HARNESS_TEST(p26_a_delay_that_can_not_be_asked_for),
		HARNESS_TEST(session_that_keeps_a_forged_name),
		HARNESS_TEST(p26_a_helper_that_can_not_be_signalled_so),
		HARNESS_TEST(p25_without_close_range),
		HARNESS_TEST(p27_a_hundred_kilobytes_of_gecos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
