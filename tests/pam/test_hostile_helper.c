/* SPDX-License-Identifier: ISC */
/*
 * A helper that does what it likes: without a sound RESULT in time nobody comes
 * in, and it never outlives the call.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "error.h"
#include "host.h"
#include "logbook.h"
#include "pam_harness.h"
#include "script.h"

/* With the script as it is, each kind of call fails by an internal fault. */
static void
fails(const char *what)
{
	struct app app = { 0 };
	int codes[3];

	script_write();
	logbook_clear();
	app_start(&app, "sshd", HARNESS_STRANGER, "ignore_unknown_user");
	app_set_info(&app, "publickey ssh-ed25519 AAAA");
	codes[0] = app_call(&app, APP_AUTH, 0);
	codes[1] = app_call(&app, APP_ACCOUNT, 0);
	codes[2] = app_call(&app, APP_OPEN, 0);
	assert_null(pam_getenv(app.pamh, "DANCE_IDENTITY"));
	app_end(&app);
	if (codes[0] != PAM_SYSTEM_ERR || codes[1] != PAM_SYSTEM_ERR ||
	    codes[2] != PAM_SESSION_ERR)
		fail_msg("%s: %d, %d, %d", what, codes[0], codes[1], codes[2]);
	if (!logbook_has(LOG_ERR, "verdict=internal"))
		fail_msg("%s: nothing was logged", what);
	assert_int_equal(logbook_controls(), 0);
}

static void
p17_an_end_without_a_result(void **state)
{
	static const unsigned rows[][2] = { { FAKE_END, 0 }, { FAKE_EXIT, 0 },
		{ FAKE_EXIT, 1 }, { FAKE_RAISE, SIGKILL },
		{ FAKE_RAISE, SIGSEGV }, { FAKE_CLOSE, 0 } };
	char what[32];
	size_t i;
	int has_started;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (has_started = 0; has_started < 3; has_started++) {
			script_begin();
			if (has_started > 0)
				script_add(FAKE_READ, 0);
			if (has_started > 1)
				script_start(3000);
			script_add((enum fake_op)rows[i][0], rows[i][1]);
			snprintf(
			    what, sizeof(what), "row %zu %d", i, has_started);
			fails(what);
		}
}

static void
p17_a_short_reply(void **state)
{
	static const unsigned lengths[] = { 0, 1, 4, 8, 12, 500,
		sizeof(struct dance_pam_message) - 1 };
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(lengths) / sizeof(lengths[0]); i++) {
		script_begin();
		script_add(FAKE_READ, 0);
		if (i % 2 == 0) {
			script_start(3000);
			(void)script_send(DANCE_PAM_RESULT);
		} else
			script_start(3000);
		script_last()->arg = lengths[i / 2];
		fails("short");
	}
}

static void
p17_another_version(void **state)
{
	static const uint32_t versions[] = { 0, DANCE_PAM_VERSION - 1,
		DANCE_PAM_VERSION + 1, UINT32_MAX };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		script_begin();
		script_start(3000);
		script_last()->message.version = versions[i];
		(void)script_send(DANCE_PAM_RESULT);
		fails("START");
		script_begin();
		script_start(3000);
		script_send(DANCE_PAM_RESULT)->version = versions[i];
		fails("RESULT");
	}
}

/* A text that does not end, or with what is not printable, in every field. */
static void
p17_texts_that_are_none(void **state)
{
	static const unsigned char bad[] = { '\n', '\r', '\t', 0x1b, 0x7f, 0x80,
		0xff, 0x01 };
	struct dance_pam_message *m;
	size_t i, field;

	(void)state;
	for (field = 0; field < 3; field++)
		for (i = 0; i <= sizeof(bad); i++) {
			script_begin();
			script_start(3000);
			m = script_send(DANCE_PAM_RESULT);
			char *const texts[] = { m->identity, m->key, m->text };
			const size_t sizes[] = { sizeof(m->identity),
				sizeof(m->key), sizeof(m->text) };

			memset(texts[field], 'x',
			    i < sizeof(bad) ? 3 : sizes[field]);
			if (i < sizeof(bad))
				texts[field][1] = (char)bad[i];
			fails("text");
		}
}

static void
p17_numbers_out_of_range(void **state)
{
	static const uint32_t timeouts[] = { DANCE_PAM_TIMEOUT_MAX + 1,
		INT32_MAX, UINT32_MAX };
	static const uint32_t priorities[] = { LOG_DEBUG + 1, LOG_AUTH,
		UINT32_MAX };
	static const uint32_t kinds[] = { 0, DANCE_PAM_RESULT + 1, UINT32_MAX };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		script_begin();
		script_start(timeouts[i]);
		(void)script_send(DANCE_PAM_RESULT);
		fails("timeout");
		script_begin();
		script_start(3000);
		script_send(DANCE_PAM_RESULT)->priority = priorities[i];
		fails("priority");
		script_begin();
		script_start(3000);
		script_send(DANCE_PAM_LOG)->kind = kinds[i];
		(void)script_send(DANCE_PAM_RESULT);
		fails("kind");
	}
}

/* Before START nothing else; and some things once only. */
static void
p17_messages_out_of_turn(void **state)
{
	static const enum dance_pam_kind kinds[] = { DANCE_PAM_RESULT,
		DANCE_PAM_LOG, DANCE_PAM_TOUCH, DANCE_PAM_PINPAD,
		DANCE_PAM_PIN };
	static const enum dance_pam_kind twice[] = { DANCE_PAM_START,
		DANCE_PAM_PIN, DANCE_PAM_TOUCH, DANCE_PAM_PINPAD };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		script_begin();
		(void)script_send(kinds[i]);
		script_start(3000);
		(void)script_send(DANCE_PAM_RESULT);
		fails("before START");
		script_begin();
		script_add(FAKE_READ, 0);
		(void)script_send(kinds[i]);
		(void)script_send(DANCE_PAM_RESULT);
		fails("without START");
	}
	for (i = 0; i < sizeof(twice) / sizeof(twice[0]); i++) {
		script_begin();
		if (twice[i] != DANCE_PAM_START)
			script_start(3000);
		(void)script_send(twice[i]);
		(void)script_send(twice[i]);
		(void)script_send(DANCE_PAM_RESULT);
		fails("twice");
	}
}

/* The first RESULT is the last message. */
static void
p18_what_follows_a_result_is_not_read(void **state)
{
	(void)state;
	script_begin();
	script_start(1000);
	script_send(DANCE_PAM_RESULT)->verdict = DANCE_ERR_MISMATCH;
	(void)script_send(DANCE_PAM_RESULT);
	script_write();
	assert_int_equal(app_once(APP_AUTH, HARNESS_LOCAL, ""), PAM_AUTH_ERR);
}

/* Its end counts neither way, and it is not waited for. */
static void
p25_only_the_result_counts(void **state)
{
	static const unsigned ends[][2] = { { FAKE_EXIT, 1 },
		{ FAKE_RAISE, SIGSEGV }, { FAKE_RAISE, SIGKILL },
		{ FAKE_HANG, 0 } };
	static const int verdicts[] = { 0, DANCE_ERR_MISMATCH };
	int64_t start;
	size_t i;

	(void)state;
	for (i = 0; i < 8; i++) {
		script_begin();
		script_add(FAKE_READ, 0);
		script_add(FAKE_IGNORE, SIGTERM);
		script_start(5000);
		script_send(DANCE_PAM_RESULT)->verdict = verdicts[i % 2];
		script_add((enum fake_op)ends[i / 2][0], ends[i / 2][1]);
		script_write();
		start = host_now_ms();
		assert_int_equal(app_once(APP_AUTH, HARNESS_LOCAL, ""),
		    i % 2 == 0 ? PAM_SUCCESS : PAM_AUTH_ERR);
		assert_true(host_now_ms() - start < 3000);
		assert_int_equal(kill((pid_t)script_record()->pid, 0), -1);
	}
}

/* START's timeout and a second, whatever it does meanwhile. */
static void
p26_hangs_after_start(void **state)
{
	static const enum fake_op ops[] = { FAKE_HANG, FAKE_DRIP, FAKE_RAISE };
	static const unsigned args[] = { 0, 50, SIGSTOP };
	int64_t start;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		script_begin();
		script_add(FAKE_IGNORE, SIGTERM);
		script_start(100);
		(void)script_send(DANCE_PAM_LOG);
		script_last()->op = ops[i];
		script_last()->arg = args[i];
		script_write();
		start = host_now_ms();
		assert_int_equal(
		    app_once(APP_AUTH, HARNESS_LOCAL, ""), PAM_SYSTEM_ERR);
		assert_in_range(host_now_ms() - start, 1050, 4000);
	}
}

/* It can't fill the log, and the program does not wait for the end of it. */
static void
p26_lines_without_end(void **state)
{
	int64_t start = host_now_ms();

	(void)state;
	script_begin();
	script_start(5000);
	script_send(DANCE_PAM_LOG)->priority = LOG_INFO;
	memcpy(script_last()->message.text, "a line", 7);
	script_last()->op = FAKE_FLOOD;
	script_write();
	assert_int_equal(app_once(APP_AUTH, HARNESS_LOCAL, ""), PAM_SYSTEM_ERR);
	assert_in_range(logbook_count(LOG_INFO), 1, 20);
	assert_true(host_now_ms() - start < 3000);
}

/* In a folder of its own, since several run at once. */
static int
run_hang(void *arg)
{
	const unsigned *kind = arg;
	struct app app = { 0 };
	static char info[250001];
	char name[] = "hang0";
	int64_t start, took;
	int code;

	name[4] = (char)('0' + *kind);
	if (mkdir(name, 0755) != 0)
		return 1;
	app_begin(&app, "sshd", HARNESS_LOCAL);
	if (chdir(name) != 0)
		return 2;
	memset(info, 'x', sizeof(info) - 1);
	info[sizeof(info) - 1] = '\0';
	script_begin();
	if (*kind == 0)
		script_add(FAKE_READ, 0);
	else if (*kind == 1)
		app_set_info(&app, info); /* more than the socket holds */
	else {
		script_start(3000);
		script_last()->op = FAKE_DRIP;
		script_last()->arg = 20;
	}
	script_add(FAKE_HANG, 0);
	script_write();
	start = host_now_ms();
	code = app_call_bare(&app, APP_AUTH, 0);
	took = host_now_ms() - start;
	if (pam_end(app.pamh, code) != PAM_SUCCESS || code != PAM_SYSTEM_ERR)
		return 3;
	return took < 10500 || took > 14000 ? 4 : 0;
}

/* Nothing said, nothing read, an octet now and then: the last resort. */
static void
p26_hangs_before_start(void **state)
{
	static unsigned kinds[] = { 0, 1, 2 };
	struct app app = { 0 };
	pid_t pids[3];
	size_t i;

	(void)state;
	/* The service's file is written once, before they read it. */
	app_start(&app, "sshd", HARNESS_LOCAL, "methods=sshd");
	app_end(&app);
	for (i = 0; i < 3; i++)
		pids[i] = host_start_child(run_hang, &kinds[i]);
	for (i = 0; i < 3; i++)
		assert_int_equal(host_wait_child(pids[i]), 0);
}

/* All of it, to a helper that reads it slowly or not to its end. */
static void
p24_a_helper_that_does_not_read(void **state)
{
	size_t len = DANCE_PAM_INFO_MAX, i;
	char *info = malloc(len + 2);
	struct app app = { 0 };
	uint32_t sum = 0;

	(void)state;
	assert_non_null(info);
	for (i = 0; i < len; i++)
		sum += (unsigned char)(info[i] = (char)('!' + i % 90));
	info[len] = '\0';
	script_result(0, 0);
	app_start(&app, "sshd", HARNESS_LOCAL, "methods=sshd");
	app_set_info(&app, info);
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_equal(script_record()->info_len, len);
	assert_int_equal(script_record()->info_sum, sum);
	/* No SIGPIPE: it would end this program. */
	script_begin();
	script_add(FAKE_EXIT, 0);
	script_write();
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SYSTEM_ERR);
	/* One octet more than there may be. */
	info[len] = 'x';
	info[len + 1] = '\0';
	app_set_info(&app, info);
	script_result(0, 0);
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_AUTH_ERR);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SESSION_ERR);
	assert_int_equal(script_starts(), 0);
	app_end(&app);
	free(info);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p17_an_end_without_a_result),
		HARNESS_TEST(p17_a_short_reply),
		HARNESS_TEST(p17_another_version),
		HARNESS_TEST(p17_texts_that_are_none),
		HARNESS_TEST(p17_numbers_out_of_range),
		HARNESS_TEST(p17_messages_out_of_turn),
		HARNESS_TEST(p18_what_follows_a_result_is_not_read),
		HARNESS_TEST(p25_only_the_result_counts),
		HARNESS_TEST(p26_hangs_after_start),
		HARNESS_TEST(p26_lines_without_end),
		HARNESS_TEST(p26_hangs_before_start),
		HARNESS_TEST(p24_a_helper_that_does_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
