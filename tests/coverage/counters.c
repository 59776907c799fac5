/* SPDX-License-Identifier: ISC */
/*
 * Linked into every program and module of COVERAGE=1: a process shares gcov's
 * counters with its children.  So what a worker has run is counted, though it
 * may open no file and ends by _exit() or a signal; the process that was
 * started first writes the counts of all.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of counters.ld: each object has its own. */
__attribute__((visibility("hidden"))) extern char counters_start[],
    counters_end[];

/* gcov would write the counts of parent and child from each of them. */
static void
child_end(int status, void *arg)
{
	const pid_t *first = arg;

	if (getpid() == *first)
		return;
	fflush(NULL);
	_exit(status);
}

__attribute__((constructor(101))) static void
counters_share(void)
{
	static pid_t first;
	size_t len = (size_t)(counters_end - counters_start);

	first = getpid();
	if (len > 0 &&
	    mmap(counters_start, len, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		err(1, "the counters of coverage");
	if (on_exit(child_end, &first) != 0)
		errx(1, "the counters of coverage: no on_exit");
}
