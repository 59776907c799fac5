/* SPDX-License-Identifier: ISC */
/*
 * Loaded into a program by tests/fault/run: its allocation number FAULT_ALLOC
 * fails, and the file FAULT_MARK says that it came to that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* glibc's own, which need no dlsym(): that allocates itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static long left = -1;

static bool
alloc_fails(void)
{
	const char *number, *mark;
	int fd;

	if (left == 0)
		return false;
	if (left < 0) {
		number = getenv("FAULT_ALLOC");
		left = number != NULL ? strtol(number, NULL, 10) : 0;
		if (left <= 0)
			return left = 0, false;
	}
	if (--left > 0)
		return false;
	mark = getenv("FAULT_MARK");
	if (mark != NULL &&
	    (fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)) != -1)
		(void)close(fd);
	errno = ENOMEM;
	return true;
}

EXPORT void *
malloc(size_t size)
{
	return alloc_fails() ? NULL : __libc_malloc(size);
}

EXPORT void *
calloc(size_t n, size_t size)
{
	return alloc_fails() ? NULL : __libc_calloc(n, size);
}

EXPORT void *
realloc(void *p, size_t size)
{
	return alloc_fails() ? NULL : __libc_realloc(p, size);
}
