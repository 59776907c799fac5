/* SPDX-License-Identifier: ISC */
/* Descriptors by the kernel's own calls. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fd.h"
#include "tree.h"

#define FAR 5000000000LL /* beyond 32 bits */

static char root[TREE_MAX], *path;

static int
setup(void **state)
{
	(void)state;
	tree_make(root);
	tree_write(root, "/f", "0123456789");
	path = tree_path(root, "/f");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(path);
	tree_remove(root);
	return 0;
}

static void
opens_for_reading_alone(void **state)
{
	unsigned fds = tree_count_fds();
	int fd = dance_fd_open(path, 0);

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	dance_fd_close(fd);
	assert_int_equal(tree_count_fds(), fds);
	tree_link(root, "/l", "f");
	free(path);
	path = tree_path(root, "/l");
	fd = dance_fd_open(path, 0);
	assert_true(fd != -1);
	dance_fd_close(fd);
	assert_int_equal(dance_fd_open(path, O_NOFOLLOW), -1);
	assert_int_equal(errno, ELOOP);
	tree_unlink(root, "/l");
	assert_int_equal(dance_fd_open(path, 0), -1);
	assert_int_equal(errno, ENOENT);
	free(path);
	path = tree_path(root, "/f");
}

/* Not even where those are free: in a child, which tells by its status. */
static void
standard_ones_are_left_alone(void **state)
{
	int status, fd;
	pid_t pid;

	(void)state;
	fflush(NULL);
	if ((pid = fork()) == 0) {
		if (close_range(0, ~0U, 0) != 0)
			_exit(1);
		fd = dance_fd_open(path, 0);
		if (fd != 3 || fcntl(fd, F_GETFD) != FD_CLOEXEC)
			_exit(2);
		for (fd = 0; fd < 3; fd++)
			if (fcntl(fd, F_GETFD) != -1)
				_exit(3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
reads_from_anywhere(void **state)
{
	int fd = dance_fd_open(path, 0), out;
	char data[16];

	(void)state;
	/* At an offset, the file's own place stays where it is. */
	assert_int_equal(dance_fd_read(fd, data, 4, 3), 4);
	assert_memory_equal(data, "3456", 4);
	assert_int_equal(dance_fd_read(fd, data, 4, -1), 4);
	assert_memory_equal(data, "0123", 4);
	assert_int_equal(dance_fd_read(fd, data, 16, -1), 6);
	assert_memory_equal(data, "456789", 6);
	assert_int_equal(dance_fd_read(fd, data, 16, -1), 0);
	assert_int_equal(dance_fd_read(fd, data, 16, 0), 10);
	assert_int_equal(dance_fd_read(fd, data, 16, 10), 0);
	assert_int_equal(dance_fd_read(fd, data, 16, FAR), 0);
	out = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(out, "far", 3, FAR), 3);
	assert_int_equal(dance_fd_read(fd, data, 16, FAR), 3);
	assert_memory_equal(data, "far", 3);
	close(out);
	dance_fd_close(fd);
	assert_int_equal(dance_fd_read(-1, data, 16, 0), -1);
	assert_int_equal(errno, EBADF);
}

static int pipe_in;

/* Only the third signal brings something to read. */
static void
signal_count(int number)
{
	static volatile sig_atomic_t n;

	(void)number;
	if (++n == 3 && write(pipe_in, "x", 1) != 1)
		_exit(1);
}

static void
reads_on_after_a_signal(void **state)
{
	struct sigaction action = { .sa_handler = signal_count }, before;
	struct itimerval timer = { { 0, 2000 }, { 0, 2000 } }, off = { 0 };
	int fds[2];
	char data;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pipe_in = fds[1];
	assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
	assert_int_equal(dance_fd_read(fds[0], &data, 1, -1), 1);
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_for_reading_alone),
		cmocka_unit_test(standard_ones_are_left_alone),
		cmocka_unit_test(reads_from_anywhere),
		cmocka_unit_test(reads_on_after_a_signal),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
