/* SPDX-License-Identifier: ISC */
/*
 * What the helper is told: who calls, who is to come in, which agent, which
 * key; and in what state it is started.
 */
#include <fcntl.h>
#include <pwd.h>
#include <security/pam_modules.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "logbook.h"
#include "pam_harness.h"
#include "probe.h"
#include "script.h"

#define KEY "publickey ssh-ed25519 AAAA"

static bool has_real_uid;
static uid_t real_uid;

/* In place of libc's: who has started the program, as a test has it. */
PROBE_EXPORT uid_t
getuid(void)
{
	return has_real_uid ? real_uid : (uid_t)syscall(SYS_getuid);
}

static void
pretend_uid(uid_t uid)
{
	has_real_uid = true;
	real_uid = uid;
}

static const struct dance_pam_request *
ask(enum app_entry entry, const char *service, const char *ruser,
    const char *options)
{
	struct app app = { 0 };

	script_result(0, 0);
	app_start(&app, service, HARNESS_STRANGER, options);
	if (ruser != NULL)
		assert_int_equal(
		    pam_set_item(app.pamh, PAM_RUSER, ruser), PAM_SUCCESS);
	assert_int_equal(app_call(&app, entry, 0), PAM_SUCCESS);
	app_end(&app);
	return &script_record()->request;
}

/* The caller is the real uid; for root's programs, whom they name. */
static void
p28_who_is_who(void **state)
{
	static const struct {
		const char *service; /* as it calls */
		uid_t uid;
		const char *ruser;
		const char *caller;
	} rows[] = {
		{ "su", 1, "daemon", "daemon" },
		{ "su", 1, NULL, "daemon" },
		/* Root's word is not believed of others. */
		{ "su", 1, "root", "daemon" },
		{ "su", 1, "bin", "daemon" },
		{ "su", 0, "root", "root" },
		{ "sudo", 0, "daemon", "daemon" },
		{ "sudo", 0, "root", "root" },
		{ "sudo", 0, "no-such-user", "" },
		{ "sudo", 0, "", "" },
		{ "sshd", 0, NULL, "" },
		{ "cron", 0, NULL, "" },
		{ "xscreensaver", 1, NULL, "daemon" },
		{ "su", 3999999999U, "root", "" },
	};
	const struct dance_pam_request *request;
	const struct passwd *entry;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pretend_uid(rows[i].uid);
		request = ask(APP_AUTH, rows[i].service, rows[i].ruser, "");
		has_real_uid = false;
		if (strcmp(request->caller, rows[i].caller) != 0)
			fail_msg("row %zu: \"%s\"", i, request->caller);
		entry = getpwnam(rows[i].caller);
		assert_int_equal(request->caller_uid,
		    entry == NULL ? DANCE_PAM_NO_CALLER : entry->pw_uid);
		assert_string_equal(request->user, HARNESS_STRANGER);
		assert_string_equal(request->service, rows[i].service);
	}
}

static void
p28_the_request_is_whole(void **state)
{
	const struct dance_pam_request *request =
	    ask(APP_AUTH, "sudo", NULL, "methods=pkcs11");

	(void)state;
	assert_int_equal(request->version, DANCE_PAM_VERSION);
	assert_int_equal(request->action, DANCE_PAM_AUTH);
	assert_int_equal(request->info_len, 0);
	assert_int_equal(script_record()->info_len, 0);
	assert_string_equal(request->identity, "");
	assert_int_equal(request->methods[0], DANCE_PAM_PKCS11);
	assert_int_equal(request->methods[1], DANCE_PAM_NONE);
}

/* One variable of the process is read, for one method, and is hostile. */
static void
p31_the_agents_path(void **state)
{
	static char longest[108], too_long[109];
	static const struct {
		const char *value, *options, *wanted;
	} rows[] = {
		{ "/run/agent", "methods=agent", "/run/agent" },
		{ "/run/agent", "methods=sshd,agent", "/run/agent" },
		{ "/run/agent", "methods=pkcs11", "" },
		{ "/run/agent", "methods=sshd", "" },
		{ "run/agent", "", "" },
		{ "", "", "" },
		{ longest, "", longest },
		{ too_long, "", "" },
		{ NULL, "", "" },
	};
	size_t i;

	(void)state;
	memset(longest, '/', sizeof(longest) - 1);
	memset(too_long, '/', sizeof(too_long) - 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].value == NULL)
			unsetenv("SSH_AUTH_SOCK");
		else
			setenv("SSH_AUTH_SOCK", rows[i].value, 1);
		if (strcmp(ask(APP_AUTH, "sudo", NULL, rows[i].options)->agent,
			rows[i].wanted) != 0)
			fail_msg("row %zu", i);
		assert_string_equal(
		    ask(APP_ACCOUNT, "sudo", NULL, rows[i].options)->agent, "");
	}
	unsetenv("SSH_AUTH_SOCK");
	assert_true(logbook_has(LOG_NOTICE, "SSH_AUTH_SOCK"));
	assert_int_equal(logbook_controls(), 0);
}

/* A key is one for the service sshd alone, exactly, and only if it is one. */
static void
p29_the_key_of_sshd(void **state)
{
	static const struct {
		const char *service, *value, *options, *wanted;
	} rows[] = {
		{ "sshd", KEY, "methods=sshd", KEY },
		{ "sshd", KEY, "methods=agent,sshd", KEY },
		{ "sshd", KEY, "methods=agent", "" },
		{ "sshd", "", "methods=sshd", "" },
		{ "sshd", NULL, "methods=sshd", "" },
		{ "sshd2", KEY, "methods=sshd", "" },
		{ "ssh", KEY, "methods=sshd", "" },
		{ "sudo", KEY, "methods=sshd", "" },
		{ "login", KEY, "methods=sshd", "" },
	};
	static const enum app_entry entries[] = { APP_AUTH, APP_ACCOUNT };
	struct app app = { 0 };
	size_t i, n = sizeof(rows) / sizeof(rows[0]);
	const char *wanted;

	(void)state;
	/* The process's own variable is not what counts. */
	setenv("SSH_AUTH_INFO_0", KEY, 1);
	for (i = 0; i < 2 * n; i++) {
		wanted = i < n ? rows[i % n].wanted : "";
		script_result(0, 0);
		app_start(&app, rows[i % n].service, HARNESS_STRANGER,
		    rows[i % n].options);
		if (rows[i % n].value != NULL)
			app_set_info(&app, rows[i % n].value);
		assert_int_equal(
		    app_call(&app, entries[i / n], 0), PAM_SUCCESS);
		if (strcmp(script_record()->info, wanted) != 0)
			fail_msg("row %zu: \"%s\"", i, script_record()->info);
		assert_int_equal(script_record()->info_len, strlen(wanted));
		app_end(&app);
	}
	unsetenv("SSH_AUTH_INFO_0");
}

/* Without a key a local user's session has nothing to say, nor to ask. */
static void
p29_a_session_without_a_key(void **state)
{
	static const struct {
		const char *service, *value;
	} rows[] = { { "sshd", "" }, { "sshd", NULL }, { "sshd2", KEY },
		{ "sudo", KEY } };
	struct app app = { 0 };
	size_t i;

	(void)state;
	script_result(0, 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		app_start(&app, rows[i].service, HARNESS_LOCAL, "");
		if (rows[i].value != NULL)
			app_set_info(&app, rows[i].value);
		assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_IGNORE);
		app_end(&app);
	}
	assert_int_equal(script_starts(), 0);
}

/* A host with everything that could be passed on by mistake. */
static void
p25_how_the_helper_is_started(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old[2];
	const struct fake_record *record;
	sigset_t some, none;
	int secret = open("/dev/null", O_RDWR), i;

	(void)state;
	setenv("LD_LIBRARY_PATH", "/nowhere", 1);
	setenv("SSH_AUTH_SOCK", "/run/agent", 1);
	sigaction(SIGPIPE, &ignore, &old[0]);
	sigaction(SIGTERM, &ignore, &old[1]);
	sigemptyset(&some);
	sigaddset(&some, SIGUSR1);
	sigaddset(&some, SIGALRM);
	sigprocmask(SIG_BLOCK, &some, &none);
	(void)ask(APP_AUTH, "sudo", NULL, "debug");
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &old[0], NULL);
	sigaction(SIGTERM, &old[1], NULL);
	unsetenv("LD_LIBRARY_PATH");
	unsetenv("SSH_AUTH_SOCK");
	close(secret);
	record = script_record();
	assert_int_equal(record->argc, 1);
	assert_string_equal(record->argv0, "dance-pam-helper");
	assert_int_equal(record->envc, 0);
	assert_string_equal(record->exe, HARNESS_HELPER);
	assert_string_equal(record->cwd, "/");
	assert_string_equal(record->fds, "0:socket 1:/dev/null 2:/dev/null");
	assert_int_equal(record->blocked, 0);
	/* 32 and 33 are the C library's own, which it lets nobody change. */
	assert_int_equal(record->ignored & ~(UINT64_C(3) << 31), 0);
	assert_int_equal(record->caught, 0);
	assert_int_equal(record->pending, 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(record->uids[i], geteuid());
		assert_int_equal(record->gids[i], getegid());
	}
}

/* As in su: the real user could send signals to a helper that keeps his id. */
static int
ask_setuid(void *arg)
{
	const struct fake_record *record;
	struct app *app = arg;
	int i;

	if (setresgid(12345, 0, 0) != 0 || setresuid(12345, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 1) != 0)
		return 1;
	if (app_call_bare(app, APP_AUTH, 0) != PAM_SUCCESS)
		return 2;
	record = script_record();
	for (i = 0; i < 3; i++)
		if (record->uids[i] != 0 || record->gids[i] != 0)
			return 3;
	return getuid() == 12345 && geteuid() == 0 && getegid() == 0 ? 0 : 4;
}

static void
p22_under_a_setuid_program(void **state)
{
	struct app app = { 0 };

	(void)state;
	if (geteuid() != 0)
		skip();
	script_result(0, 0);
	app_start(&app, "su", HARNESS_LOCAL, "");
	assert_int_equal(host_in_child(ask_setuid, &app), 0);
	app_end(&app);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p28_who_is_who),
		HARNESS_TEST(p28_the_request_is_whole),
		HARNESS_TEST(p31_the_agents_path),
		HARNESS_TEST(p29_the_key_of_sshd),
		HARNESS_TEST(p29_a_session_without_a_key),
		HARNESS_TEST(p25_how_the_helper_is_started),
		HARNESS_TEST(p22_under_a_setuid_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
