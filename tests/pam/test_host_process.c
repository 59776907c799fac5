/* SPDX-License-Identifier: ISC */
/*
 * Programs that load the module may be of any kind: with threads, and with
 * ideas of their own about children and signals.  They stay as they are; around
 * every call the harness compares.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../unit/tree.h"
#include "error.h"
#include "host.h"
#include "logbook.h"
#include "pam_harness.h"
#include "script.h"

static void
handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	assert_int_equal(sigaction(number, &action, NULL), 0);
}

/* What the allocator keeps in reserve counts as used. */
#define GROWTH_MAX 4096

/* Loaded, used and unloaded; in the end nothing has grown. */
static void
p03_a_hundred_times(void **state)
{
	struct app app = { 0 };
	size_t used = 0;
	unsigned i, fds = tree_count_fds();
	void *handle;

	(void)state;
	harness_service("plain",
	    "auth required " HARNESS_MODULE "\n"
	    "account required " HARNESS_MODULE "\n"
	    "session required " HARNESS_MODULE "\n");
	script_result(0, 0);
	for (i = 0; i < 100; i++) {
		handle = dlopen(HARNESS_MODULE, RTLD_NOW | RTLD_LOCAL);
		assert_non_null(handle);
		app_begin(&app, "plain", HARNESS_LOCAL);
		(void)app_call(&app, APP_AUTH, 0);
		assert_int_equal(app.result, PAM_SUCCESS);
		(void)app_call(&app, APP_ACCOUNT, 0);
		assert_int_equal(app.result, PAM_SUCCESS);
		(void)app_call(&app, APP_OPEN, 0);
		assert_int_equal(app.result, PAM_SUCCESS);
		app_end(&app);
		assert_int_equal(dlclose(handle), 0);
		if (i == 20)
			used = mallinfo2().uordblks;
	}
	assert_null(dlopen(HARNESS_MODULE, RTLD_NOW | RTLD_NOLOAD));
	assert_true(mallinfo2().uordblks <= used + GROWTH_MAX);
	assert_int_equal(tree_count_fds(), fds);
	assert_int_equal(script_starts(), 200);
}

/* Success stays success, and what is none stays none. */
static void
both_ways(void)
{
	struct app app = { 0 };
	int i;

	app_start(&app, "test", HARNESS_LOCAL, "");
	for (i = 0; i < 10; i++) {
		script_result(0, 0);
		if (i % 2 == 0) {
			script_add(FAKE_EXIT, 1);
			script_write();
		}
		assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
		script_result(DANCE_ERR_MISMATCH, 0);
		assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_AUTH_ERR);
		script_begin();
		script_add(FAKE_READ, 0);
		script_start(1000);
		script_add(FAKE_EXIT, 0);
		script_write();
		assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SYSTEM_ERR);
	}
	app_end(&app);
}

static void
reap_all(int number)
{
	int saved = errno;

	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = saved;
}

static void
p24_a_handler_that_reaps_all(void **state)
{
	(void)state;
	handle(SIGCHLD, reap_all, 0);
	both_ways();
	handle(SIGCHLD, reap_all, SA_RESTART | SA_NOCLDSTOP | SA_NODEFER);
	both_ways();
	handle(SIGCHLD, SIG_DFL, 0);
}

static void
p24_children_are_ignored(void **state)
{
	(void)state;
	handle(SIGCHLD, SIG_IGN, 0);
	both_ways();
	handle(SIGCHLD, SIG_DFL, SA_NOCLDWAIT);
	both_ways();
	handle(SIGCHLD, SIG_DFL, 0);
}

static volatile bool is_reaping;

static void *
reap_in_thread(void *arg)
{
	(void)arg;
	while (is_reaping)
		if (waitpid(-1, NULL, 0) == -1)
			usleep(200);
	return NULL;
}

static void
p24_a_thread_that_reaps_all(void **state)
{
	pthread_t thread;

	(void)state;
	is_reaping = true;
	assert_int_equal(
	    pthread_create(&thread, NULL, reap_in_thread, NULL), 0);
	both_ways();
	is_reaping = false;
	pthread_join(thread, NULL);
}

/* Two threads at once: the second must not take the first's for the host's. */
static void *
auth_in_thread(void *arg)
{
	struct app *app = arg;

	app->result = app_call_bare(app, APP_AUTH, 0);
	return NULL;
}

static void
p24_two_threads(void **state)
{
	struct app apps[2] = { { 0 }, { 0 } };
	struct sigaction now;
	pthread_t threads[2];
	int i;

	(void)state;
	handle(SIGCHLD, reap_all, SA_RESTART);
	script_begin();
	script_start(3000);
	script_add(FAKE_SLEEP, 300);
	(void)script_send(DANCE_PAM_RESULT);
	script_write();
	for (i = 0; i < 2; i++)
		app_start(&apps[i], "test", HARNESS_LOCAL, "");
	for (i = 0; i < 2; i++) {
		assert_int_equal(
		    pthread_create(&threads[i], NULL, auth_in_thread, &apps[i]),
		    0);
		usleep(150000);
	}
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	sigaction(SIGCHLD, NULL, &now);
	handle(SIGCHLD, SIG_DFL, 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(apps[i].result, PAM_SUCCESS);
		app_end(&apps[i]);
	}
	assert_ptr_equal(now.sa_handler, reap_all);
}

static volatile unsigned n_alarms;

static void
count_alarm(int number)
{
	(void)number;
	n_alarms++;
}

/* A signal each few milliseconds, which interrupts every call. */
static void
p24_interrupted_calls(void **state)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } };
	struct itimerval never = { { 0, 0 }, { 0, 0 } };

	(void)state;
	script_begin();
	script_add(FAKE_SLEEP, 100);
	script_add(FAKE_READ, 0);
	script_start(3000);
	script_add(FAKE_SLEEP, 100);
	(void)script_send(DANCE_PAM_RESULT);
	script_last()->op = FAKE_SEND;
	script_write();
	handle(SIGALRM, count_alarm, 0);
	setitimer(ITIMER_REAL, &often, NULL);
	assert_int_equal(app_once(APP_AUTH, HARNESS_LOCAL, ""), PAM_SUCCESS);
	setitimer(ITIMER_REAL, &never, NULL);
	handle(SIGALRM, SIG_DFL, 0);
	assert_true(n_alarms > 20);
}

/* An unusual one, and different from what a helper could be thought to want. */
static void
p22_everything_as_before(void **state)
{
	mode_t mask = umask(0135);
	sigset_t some, before;
	struct app app = { 0 };

	(void)state;
	sigemptyset(&some);
	sigaddset(&some, SIGCHLD);
	sigaddset(&some, SIGTERM);
	sigprocmask(SIG_BLOCK, &some, &before);
	handle(SIGPIPE, SIG_IGN, 0);
	handle(SIGTERM, count_alarm, SA_NODEFER);
	both_ways();
	script_result(0, 0);
	app_start(&app, "test", HARNESS_STRANGER, "");
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_SUCCESS);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SUCCESS);
	app_end(&app);
	handle(SIGPIPE, SIG_DFL, 0);
	handle(SIGTERM, SIG_DFL, 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	umask(mask);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p03_a_hundred_times),
		HARNESS_TEST(p24_a_handler_that_reaps_all),
		HARNESS_TEST(p24_children_are_ignored),
		HARNESS_TEST(p24_a_thread_that_reaps_all),
		HARNESS_TEST(p24_two_threads),
		HARNESS_TEST(p24_interrupted_calls),
		HARNESS_TEST(p22_everything_as_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
