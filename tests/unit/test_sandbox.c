/* SPDX-License-Identifier: ISC */
/*
 * What can't be done from behind the walls, by a worker that a parser's fault
 * has given to somebody else: no file is read or written, so no cache, no
 * process is touched, none is started, and DNS is the only way out.  Each
 * thing is done before them as well, or the test would prove nothing.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox.h"
#include "tree.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static char dir[TREE_MAX];
static pid_t other; /* a process of this user's, which waits */

/* Each returns -1 with errno, or something else where it has worked. */
static long
read_file(void)
{
	return open("file", O_RDONLY | O_CLOEXEC);
}

static long
write_file(void)
{
	return open("file", O_WRONLY | O_CLOEXEC);
}

static long
create_file(void)
{
	return open("new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long
rename_file(void)
{
	return rename("file", "file");
}

static long
remove_file(void)
{
	return unlink("victim");
}

static long
make_folder(void)
{
	return mkdir("folder", 0700);
}

static long
link_file(void)
{
	return link("file", "hard");
}

static long
truncate_file(void)
{
	return truncate("file", 1);
}

static long
change_mode(void)
{
	return chmod("file", 0600);
}

static long
change_folder(void)
{
	return chdir(".");
}

static long
by_io_uring(void)
{
	char params[256] = { 0 };

	return syscall(SYS_io_uring_setup, 1, params);
}

static long
signal_other(void)
{
	return kill(other, SIGCONT);
}

static long
signal_by_thread(void)
{
	return syscall(SYS_tgkill, other, other, SIGCONT);
}

static long
open_pidfd(void)
{
	return syscall(SYS_pidfd_open, other, 0);
}

static long
own_signals(void)
{
	/* Then the kernel sends them. */
	return fcntl(STDIN_FILENO, F_SETOWN, other);
}

static long
trace_other(void)
{
	long r = ptrace(PTRACE_ATTACH, other, NULL, NULL);

	if (r == 0) {
		waitpid(other, NULL, 0);
		ptrace(PTRACE_DETACH, other, NULL, NULL);
	}
	return r;
}

static long
read_other(void)
{
	char buf[8];
	struct iovec here = { buf, sizeof(buf) }, there = { dir, sizeof(buf) };

	return process_vm_readv(other, &here, 1, &there, 1, 0);
}

static long
limit_other(void)
{
	struct rlimit limit;

	return prlimit(other, RLIMIT_NOFILE, NULL, &limit);
}

static long
start_process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid;
}

static long
start_program(void)
{
	char name[] = "true", *argv[] = { name, NULL }, *none[] = { NULL };

	/* It ends with 0, as if it had returned. */
	return execve("/bin/true", argv, none);
}

static long
local_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long
local_datagrams(void)
{
	int fds[2];

	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds);
}

static long
other_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static long
be_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long
change_user(void)
{
	return setresuid(getuid(), getuid(), getuid());
}

static long
new_namespace(void)
{
	/* Nothing is asked for, which anybody may. */
	return syscall(SYS_unshare, 0);
}

static long
caller_keys(void)
{
	/* KEYCTL_GET_KEYRING_ID of the session's keyring, or none. */
	return syscall(SYS_keyctl, 0, -3, 1);
}

/* And what a worker needs. */
static long
dns_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static void *
thread_run(void *arg)
{
	return arg;
}

static long
start_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, thread_run, NULL) == 0 &&
		pthread_join(thread, NULL) == 0
	    ? 0
	    : -1;
}

enum end {
	ALLOWED,
	FAILS,	/* with ENOSYS */
	KILLED, /* by SIGSYS */
};

static const struct row {
	const char *name;
	long (*run)(void);
	enum end end;
	bool may_lack; /* a kernel or a container may have none of it */
} rows[] = {
	{ "read a file", read_file, FAILS, false },
	{ "write a file", write_file, FAILS, false },
	{ "create a file", create_file, FAILS, false },
	{ "rename a file", rename_file, FAILS, false },
	{ "remove a file", remove_file, FAILS, false },
	{ "make a folder", make_folder, FAILS, false },
	{ "link a file", link_file, FAILS, false },
	{ "truncate a file", truncate_file, FAILS, false },
	{ "change a mode", change_mode, FAILS, false },
	{ "change the folder", change_folder, FAILS, false },
	{ "io_uring", by_io_uring, FAILS, true },
	{ "signal another", signal_other, KILLED, false },
	{ "signal its thread", signal_by_thread, FAILS, false },
	{ "a pidfd", open_pidfd, FAILS, false },
	{ "signals by a descriptor", own_signals, FAILS, false },
	{ "trace another", trace_other, KILLED, true },
	{ "read its memory", read_other, KILLED, true },
	{ "look at its limits", limit_other, FAILS, false },
	{ "start a process", start_process, FAILS, false },
	{ "start a program", start_program, KILLED, false },
	{ "a socket of the host", local_socket, FAILS, false },
	{ "datagrams of the host", local_datagrams, FAILS, false },
	{ "another socket", other_socket, FAILS, false },
	{ "be dumpable", be_dumpable, FAILS, false },
	{ "change the user", change_user, FAILS, false },
	{ "a namespace", new_namespace, KILLED, true },
	{ "keys of the caller", caller_keys, KILLED, true },
	{ "a socket for DNS", dns_socket, ALLOWED, false },
	{ "a thread", start_thread, ALLOWED, false },
};

/* 0, or what failed. */
static int
row_run(const struct row *row, bool has_walls)
{
	struct dance_fault fault = { "" };

	if (has_walls && dance_sandbox_enter(10, false, &fault) != 0)
		return 255;
	return row->run() == -1 ? errno : 0;
}

static int
row_status(const struct row *row, bool has_walls)
{
	int status;
	pid_t pid;

	tree_write(dir, "/file", "text");
	tree_write(dir, "/victim", "text");
	unlink("new");
	unlink("hard");
	rmdir("folder");
	fflush(NULL);
	if ((pid = fork()) == 0) {
		/* The sanitizers' own handlers would tell of it. */
		signal(SIGSYS, SIG_DFL);
		_exit(row_run(row, has_walls));
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
what_the_walls_keep_in(void **state)
{
	const struct row *row;
	int status;

	(void)state;
	for (row = rows; row < rows + N(rows); row++) {
		status = row_status(row, false);
		if (status != 0 && row->may_lack)
			continue;
		if (status != 0)
			fail_msg("%s, before: 0x%x", row->name, status);
		status = row_status(row, true);
		if (row->end == KILLED
			? !WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS
			: !WIFEXITED(status) ||
			    WEXITSTATUS(status) !=
				(row->end == FAILS ? ENOSYS : 0))
			fail_msg("%s, behind: 0x%x", row->name, status);
	}
}

/* For good: no way back, and what is there stays as it is. */
static void
what_the_walls_leave_alone(void **state)
{
	struct stat st;

	(void)state;
	(void)row_status(&rows[2], true);
	assert_int_equal(stat("new", &st), -1);
	(void)row_status(&rows[4], true);
	assert_int_equal(stat("victim", &st), 0);
	assert_int_equal(kill(other, 0), 0);
}

static int
group_setup(void **state)
{
	(void)state;
	tree_make(dir);
	if (chdir(dir) != 0)
		err(1, "%s", dir);
	if ((other = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return other > 0 ? 0 : -1;
}

static int
group_teardown(void **state)
{
	(void)state;
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	if (chdir("/") != 0)
		err(1, "/");
	tree_remove(dir);
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_walls_keep_in),
		cmocka_unit_test(what_the_walls_leave_alone),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
