/* SPDX-License-Identifier: ISC */
/*
 * Loaded into dancectl by test-setup.sh: ends it, or has a call fail, at the
 * n-th step that changes a file.  A step is the time before such a call, or
 * the time behind it.  STEP_KILL=n, STEP_FAIL=n.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool
step_is(const char *variable, int *count)
{
	const char *value = getenv(variable);

	return value != NULL && ++*count == atoi(value);
}

static void
step_kill(void)
{
	static int count;
	const char *mark = getenv("STEP_MARK");

	if (!step_is("STEP_KILL", &count))
		return;
	/* Who has started it may not tell. */
	if (mark != NULL)
		close(open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	kill(getpid(), SIGKILL);
}

static bool
step_fail(void)
{
	static int count;

	if (!step_is("STEP_FAIL", &count))
		return false;
	errno = EIO;
	return true;
}

__attribute__((visibility("default"))) int
rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *) =
	    (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
	int r;

	step_kill();
	r = step_fail() ? -1 : real(from, to);
	step_kill();
	return r;
}

__attribute__((visibility("default"))) int
unlink(const char *path)
{
	int (*real)(const char *) =
	    (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
	int r;

	step_kill();
	r = real(path);
	step_kill();
	return r;
}

__attribute__((visibility("default"))) int
fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	int r;

	step_kill();
	r = step_fail() ? -1 : real(fd);
	step_kill();
	return r;
}
