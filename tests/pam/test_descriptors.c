/* SPDX-License-Identifier: ISC */
/*
 * Programs that have no descriptor left, not even the first three, or more of
 * them than select() can take.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "pam_harness.h"
#include "script.h"

/* Which of 0, 1 and 2 are closed, as bits. */
static int
auth_without_fds(void *arg)
{
	const unsigned *bits = arg;
	struct app app = { 0 };
	unsigned i;
	int code;

	app_start(&app, "test", HARNESS_LOCAL, "");
	for (i = 0; i < 3; i++)
		if ((*bits & 1U << i) != 0)
			close((int)i);
	code = app_call_bare(&app, APP_AUTH, 0);
	/* What was closed is so again, what was open too. */
	for (i = 0; i < 3; i++)
		if ((fcntl((int)i, F_GETFD) == -1) != ((*bits & 1U << i) != 0))
			return 100;
	return code;
}

static void
p23_without_standard_descriptors(void **state)
{
	unsigned bits;
	int i, fds[3];

	(void)state;
	/* The tests may have been started without. */
	for (i = 0; i < 3; i++)
		fds[i] = fcntl(i, F_GETFD);
	for (bits = 0; bits < 8; bits++) {
		script_result(0, 0);
		if (host_in_child(auth_without_fds, &bits) != PAM_SUCCESS)
			fail_msg("without 0x%x", bits);
		assert_string_equal(
		    script_record()->fds, "0:socket 1:/dev/null 2:/dev/null");
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(fds[i], fcntl(i, F_GETFD));
}

/* Beyond what select() could take; none of them is for the helper. */
static int
auth_with_2000_fds(void *arg)
{
	struct rlimit limit;
	struct app app = { 0 };
	int i, code;

	(void)arg;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 100;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 101;
	app_start(&app, "test", HARNESS_LOCAL, "");
	for (i = 0; i < 2000; i++)
		if (dup(STDIN_FILENO) == -1)
			return errno == EMFILE ? 77 : 102;
	code = app_call_bare(&app, APP_AUTH, 0);
	if (code == PAM_SUCCESS && fcntl(2003, F_GETFD) != -1 &&
	    fcntl(2100, F_GETFD) != -1)
		return 103;
	return code;
}

static void
p23_with_2000_descriptors(void **state)
{
	int code;

	(void)state;
	script_result(0, 0);
	code = host_in_child(auth_with_2000_fds, NULL);
	if (code == 77)
		skip();
	assert_int_equal(code, PAM_SUCCESS);
	assert_string_equal(
	    script_record()->fds, "0:socket 1:/dev/null 2:/dev/null");
}

static unsigned n_open, n_inherited;

/* While a helper runs: another thread might start a program now. */
static void
look_at_flags(void)
{
	int fd, flags;

	n_open = n_inherited = 0;
	for (fd = 0; fd < 1024; fd++) {
		if ((flags = fcntl(fd, F_GETFD)) == -1)
			continue;
		n_open++;
		if ((flags & FD_CLOEXEC) == 0)
			n_inherited++;
	}
}

static void
p23_all_close_on_exec(void **state)
{
	struct app app = { .talk = { .text = "1", .look = look_at_flags } };
	unsigned before, inherited;

	(void)state;
	script_begin();
	script_start(1000);
	(void)script_send(DANCE_PAM_PIN);
	script_add(FAKE_ANSWER, 0);
	(void)script_send(DANCE_PAM_RESULT);
	script_write();
	look_at_flags();
	before = n_open;
	inherited = n_inherited;
	app_start(&app, "test", HARNESS_LOCAL, "");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	app_end(&app);
	assert_true(n_open > before);
	assert_int_equal(n_inherited, inherited);
}

/* With room for so many more: the module needs three at a time. */
static int
auth_with_few_fds(void *arg)
{
	struct rlimit limit = { 64, 64 };
	const int *left = arg;
	struct app app = { 0 };
	int code, fd, i;

	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 100;
	app_start(&app, "test", HARNESS_LOCAL, "");
	code = app_call_bare(&app, APP_AUTH, 0);
	if (code != PAM_SUCCESS)
		return 101;
	while ((fd = dup(STDIN_FILENO)) != -1)
		;
	for (i = 0; i < *left; i++)
		close(63 - i);
	/* libpam fails too, for reasons of its own. */
	(void)app_call_bare(&app, APP_AUTH, 0);
	code = app_code();
	for (i = 0; i < *left; i++)
		if (dup(STDIN_FILENO) == -1)
			return 102;
	return dup(STDIN_FILENO) == -1 ? code : 103;
}

static void
p17_few_descriptors_left(void **state)
{
	static const int codes[] = { PAM_BUF_ERR, PAM_BUF_ERR, PAM_BUF_ERR,
		PAM_SUCCESS };
	int left;

	(void)state;
	script_result(0, 0);
	for (left = 0; left < 4; left++)
		assert_int_equal(
		    host_in_child(auth_with_few_fds, &left), codes[left]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p23_without_standard_descriptors),
		HARNESS_TEST(p23_with_2000_descriptors),
		HARNESS_TEST(p23_all_close_on_exec),
		HARNESS_TEST(p17_few_descriptors_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
