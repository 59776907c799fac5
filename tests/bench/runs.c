/* SPDX-License-Identifier: ISC */
/*
 * For make bench: start two commands in turn, N times each, and print the
 * median time from start to end of both, their ratio pair by pair, and the
 * largest memory of each.
 *
 *	runs N COMMAND-A [ARG...] -- COMMAND-B [ARG...]
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 10000

extern char **environ;

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
run(char *const *argv, long *memory_kb)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double begin;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	begin = now_ms();
	if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0 ||
	    wait4(pid, &status, 0, &usage) != pid || status != 0) {
		fprintf(stderr, "runs: %s failed\n", argv[0]);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	if (usage.ru_maxrss > *memory_kb)
		*memory_kb = usage.ru_maxrss;
	return now_ms() - begin;
}

static int
order(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void
print(const char *what, double *values, size_t n, const char *unit)
{
	qsort(values, n, sizeof(*values), order);
	printf("  %-22s median %8.2f %s   p95 %8.2f   min %8.2f\n", what,
	    values[n / 2], unit, values[n * 95 / 100], values[0]);
}

int
main(int argc, char *argv[])
{
	static double a[RUNS_MAX], b[RUNS_MAX], ratio[RUNS_MAX];
	long memory_a = 0, memory_b = 0;
	size_t i, n;
	int split;

	for (split = 2; split < argc && strcmp(argv[split], "--") != 0;)
		split++;
	n = argc < 5 ? 0 : (size_t)strtoul(argv[1], NULL, 10);
	if (n == 0 || n > RUNS_MAX || split + 1 >= argc) {
		fprintf(stderr, "usage: runs N COMMAND-A -- COMMAND-B\n");
		return 2;
	}
	argv[split] = NULL;
	for (i = 0; i < n; i++) {
		a[i] = run(argv + 2, &memory_a);
		b[i] = run(argv + split + 1, &memory_b);
		ratio[i] = a[i] / b[i];
	}
	print("first", a, n, "ms");
	print("second", b, n, "ms");
	print("first / second", ratio, n, "  ");
	printf("  memory: first %ld kB, second %ld kB\n", memory_a, memory_b);
	return 0;
}
