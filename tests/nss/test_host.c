/* SPDX-License-Identifier: ISC */
/* Processes that do to the module what processes do. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"

#define CANCELLED 1000

extern char **environ;

/* Both kinds of names, and one that there is not; without cmocka. */
static bool
answers_right(void)
{
	struct passwd pwd;
	char buffer[512];
	int error;

	return module.getpwnam_r("pat", &pwd, buffer, sizeof(buffer), &error) ==
	    NSS_STATUS_SUCCESS &&
	    strcmp(pwd.pw_dir, "/srv/pat") == 0 &&
	    module.getpwnam_r("al@example.com", &pwd, buffer, sizeof(buffer),
		&error) == NSS_STATUS_SUCCESS &&
	    strcmp(pwd.pw_dir, "/srv/al") == 0 &&
	    module.getpwnam_r("none.example.com", &pwd, buffer, sizeof(buffer),
		&error) == NSS_STATUS_NOTFOUND;
}

static void
child_check(pid_t pid)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
n20_fork(void **state)
{
	pid_t pid;
	int i;

	(void)state;
	assert_true(answers_right());
	for (i = 0; i < 10; i++) {
		if ((pid = fork()) == 0)
			_exit(answers_right() ? 0 : 1);
		assert_true(answers_right());
		child_check(pid);
	}
	/* A child of a child, in a session of its own. */
	if ((pid = fork()) == 0)
		_exit(daemon(1, 0) == 0 && answers_right() ? 0 : 1);
	child_check(pid);
}

static void *
asks_all_the_time(void *arg)
{
	volatile bool *is_over = arg;

	while (!*is_over)
		if (!answers_right())
			return arg;
	return NULL;
}

/* A fork while another thread is amid a lookup: there is no lock to inherit. */
static void
n20_fork_amid_lookups(void **state)
{
	volatile bool is_over = false;
	pthread_t thread;
	void *failed;
	pid_t pid;
	int i;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, asks_all_the_time,
			     (void *)(uintptr_t)&is_over),
	    0);
	for (i = 0; i < 50; i++) {
		if ((pid = fork()) == 0)
			_exit(answers_right() ? 0 : 1);
		child_check(pid);
	}
	is_over = true;
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
}

/* In the memory of its parent. */
static void
n20_vfork(void **state)
{
	pid_t pid;

	(void)state;
	assert_true(answers_right());
	pid = vfork();
	if (pid == 0)
		_exit(answers_right() ? 0 : 1);
	child_check(pid);
	assert_true(answers_right());
}

static void
n20_posix_spawn(void **state)
{
	char self[] = "/proc/self/exe", word[] = "child";
	char *argv[] = { self, word, NULL };
	pid_t pid;

	(void)state;
	assert_true(answers_right());
	assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ), 0);
	child_check(pid);
	assert_true(answers_right());
}

static volatile bool was_wrong;
static volatile pid_t asker; /* the thread that is to be cancelled */

/* Every question there is. */
static void
ask_everything(void)
{
	gid_t room[8], *groups = room;
	long start = 0, size = 8;
	struct passwd pwd;
	struct group grp;
	char buffer[256];
	int error;

	if (!answers_right() ||
	    module.getpwuid_r(5000, &pwd, buffer, sizeof(buffer), &error) !=
		NSS_STATUS_NOTFOUND ||
	    module.getgrnam_r("pat", &grp, buffer, sizeof(buffer), &error) !=
		NSS_STATUS_SUCCESS ||
	    module.getgrgid_r(5000, &grp, buffer, sizeof(buffer), &error) !=
		NSS_STATUS_NOTFOUND ||
	    module.initgroups_dyn("al@example.com", 1, &start, &size, &groups,
		8, &error) != NSS_STATUS_SUCCESS ||
	    module.getpwent_r(&pwd, buffer, sizeof(buffer), &error) !=
		NSS_STATUS_NOTFOUND)
		was_wrong = true;
}

/*
 * A cancellation that comes while the module has put it off waits for the next
 * point where one is seen, which is here: the module has none of its own.
 */
static void *
asks_until_cancelled(void *arg)
{
	while (!was_wrong) {
		ask_everything();
		pthread_testcancel();
	}
	return arg;
}

/*
 * One that is asynchronous comes anywhere, in the module too.  That is more
 * than a host may ask for: POSIX (2.9.5) names three functions that are safe
 * then, and glibc's getpwnam_r() and getpwuid_r() are not among them; they
 * take locks for the database before they call a module.  So this is for our
 * functions alone, called directly.
 */
static void *
asks_asynchronously(void *arg)
{
	(void)pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	asker = gettid();
	while (!was_wrong)
		ask_everything();
	return arg;
}

/*
 * The signal by which glibc cancels, as it arrives when it was sent just before
 * the module put cancelling off; by pthread_cancel() that is one case in some
 * thousand.
 */
static void
cancel_late(pthread_t thread)
{
	struct timespec pause = { .tv_nsec = 100000 };

	while (asker == 0)
		(void)sched_yield();
	(void)syscall(SYS_tgkill, getpid(), asker, SIGRTMIN - 2);
	/* Where this is no such signal. */
	(void)nanosleep(&pause, NULL);
	(void)pthread_cancel(thread);
}

static void
cancel_now(pthread_t thread)
{
	assert_int_equal(pthread_cancel(thread), 0);
}

/* No descriptor is left, and nothing that keeps others from asking. */
static void
cancel_often(void *(*ask)(void *), void (*cancel)(pthread_t))
{
	unsigned fds = tree_count_fds();
	struct timespec pause = { .tv_nsec = 0 };
	pthread_t thread;
	void *end;
	int i;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip(); /* what they do at the end of a thread can't be cancelled */
#endif
	for (i = 0; i < CANCELLED; i++) {
		asker = 0;
		assert_int_equal(pthread_create(&thread, NULL, ask, NULL), 0);
		pause.tv_nsec = i % 20 * 10000;
		(void)nanosleep(&pause, NULL);
		cancel(thread);
		assert_int_equal(pthread_join(thread, &end), 0);
		assert_ptr_equal(end, PTHREAD_CANCELED);
	}
	assert_false(was_wrong);
	assert_int_equal(tree_count_fds(), fds);
	ask_everything();
	assert_false(was_wrong);
}

static void
n21_cancel(void **state)
{
	(void)state;
	cancel_often(asks_until_cancelled, cancel_now);
}

static void
n21_cancel_asynchronously(void **state)
{
	(void)state;
	cancel_often(asks_asynchronously, cancel_now);
	cancel_often(asks_asynchronously, cancel_late);
}

/* State and type of cancelling are the host's, before and behind the call. */
static void
n21_cancel_state(void **state)
{
	static const int states[] = { PTHREAD_CANCEL_DISABLE,
		PTHREAD_CANCEL_ENABLE };
	static const int types[] = { PTHREAD_CANCEL_ASYNCHRONOUS,
		PTHREAD_CANCEL_DEFERRED };
	int before;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		(void)pthread_setcancelstate(states[i / 2], NULL);
		(void)pthread_setcanceltype(types[i % 2], NULL);
		ask_everything();
		(void)pthread_setcancelstate(states[i / 2], &before);
		assert_int_equal(before, states[i / 2]);
		(void)pthread_setcanceltype(types[i % 2], &before);
		assert_int_equal(before, types[i % 2]);
	}
	assert_false(was_wrong);
}

/* An application that closes all that it does not know, 0 to 2 as well. */
static void
n22_all_closed(void **state)
{
	pid_t pid;
	int fd;

	(void)state;
	fflush(NULL);
	if ((pid = fork()) == 0) {
		if (!answers_right() || close_range(0, ~0U, 0) != 0 ||
		    !answers_right())
			_exit(1);
		/* Nothing has stayed open, at any place. */
		for (fd = 0; fd < 64; fd++)
			if (fcntl(fd, F_GETFD) != -1)
				_exit(2);
		_exit(answers_right() ? 0 : 3);
	}
	child_check(pid);
}

static volatile sig_atomic_t n_signals;

static void
signal_count(int number)
{
	(void)number;
	n_signals++;
}

/* A timer that interrupts all the time, without SA_RESTART. */
static void
n23_signals(void **state)
{
	struct sigaction action = { .sa_handler = signal_count }, before;
	struct itimerval timer = { { 0, 100 }, { 0, 100 } }, off = { 0 };
	int i;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
	for (i = 0; i < 100000 && n_signals < 200; i++)
		if (!answers_right())
			break;
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_true(n_signals >= 200);
	assert_true(answers_right());
}

/* errno is what it was: that is for every question, in module.c. */
static void
n23_errno(void **state)
{
	static struct answer answer;

	(void)state;
	assert_int_equal(ask_name("pat", &answer), NSS_STATUS_SUCCESS);
	assert_int_equal(
	    ask_name("none.example.com", &answer), NSS_STATUS_NOTFOUND);
	assert_int_equal(ask_uid(1, &answer), NSS_STATUS_NOTFOUND);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(n20_fork),
		cmocka_unit_test(n20_fork_amid_lookups),
		cmocka_unit_test(n20_vfork),
		cmocka_unit_test(n20_posix_spawn),
		cmocka_unit_test(n21_cancel),
		cmocka_unit_test(n21_cancel_asynchronously),
		cmocka_unit_test(n21_cancel_state),
		cmocka_unit_test(n22_all_closed),
		cmocka_unit_test(n23_signals),
		cmocka_unit_test(n23_errno),
	};

	/* Spawned by itself, where the tree is. */
	if (argc == 2 && strcmp(argv[1], "child") == 0) {
		module_load();
		return answers_right() ? 0 : 1;
	}
	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
