/* SPDX-License-Identifier: ISC */
/*
 * For make bench: how long a name takes when it has been looked at before;
 * medians.
 *
 *	names module MODULE PREFIX NAME...
 *
 * calls _nss_PREFIX_getpwnam_r() of the library again and again for each name.
 *
 *	names floor FILE
 *
 * opens, stats, reads once and closes: what a module that keeps nothing between
 * calls can't be faster than.
 *
 *	names chain NAME...
 *
 * asks the C library, with "passwd: files" and with "passwd: files dance", each
 * in processes of its own, in turn; and the difference.
 */
#include <dlfcn.h>
#include <err.h>
#include <fcntl.h>
#include <nss.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS_MAX 5000
#define TIME_MAX  0.4 /* seconds for one name */
#define ROUNDS	  5   /* processes for each chain */
#define READ_LEN  3008

/* glibc exports it for the like of us; no header has it. */
int __nss_configure_lookup(const char *database, const char *line);

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
order(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

struct figures {
	double median;
	double min;
	const char *outcome;
};

/* One thing that can be done again and again; what it does, or its outcome. */
struct call {
	const char *(*run)(struct call *call);
	const char *name;
	enum nss_status (*lookup)(
	    const char *, struct passwd *, char *, size_t, int *);
};

static char buffer[8192];

static struct figures
measure(struct call *call)
{
	static double times[CALLS_MAX];
	struct figures figures = { .outcome = call->run(call) };
	double begin = now_us(), start;
	size_t n = 0;

	while (n < CALLS_MAX && now_us() - begin < TIME_MAX * 1e6) {
		start = now_us();
		figures.outcome = call->run(call);
		times[n++] = now_us() - start;
	}
	qsort(times, n, sizeof(times[0]), order);
	figures.median = times[n / 2];
	figures.min = times[0];
	return figures;
}

static void
figures_print(const char *what, const struct figures *figures)
{
	printf("  %-44s %-9s median %10.2f us   min %10.2f us\n", what,
	    figures->outcome, figures->median, figures->min);
}

static const char *
ask_module(struct call *call)
{
	struct passwd entry;
	int error = 0;

	switch (
	    call->lookup(call->name, &entry, buffer, sizeof(buffer), &error)) {
	case NSS_STATUS_SUCCESS:
		return "found";
	case NSS_STATUS_NOTFOUND:
		return "not found";
	default:
		return "no answer";
	}
}

static const char *
ask_library(struct call *call)
{
	struct passwd entry, *found;
	int r = getpwnam_r(call->name, &entry, buffer, sizeof(buffer), &found);

	return r != 0 ? "no answer" : found != NULL ? "found" : "not found";
}

static const char *
read_once(struct call *call)
{
	int fd = open(call->name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool is_read = fd != -1 && fstat(fd, &st) == 0 &&
	    pread(fd, buffer, READ_LEN, 0) > 0;

	close(fd);
	return is_read ? "read" : "not read";
}

static void
names_of_module(char *argv[])
{
	struct call call = { .run = ask_module };
	struct figures figures;
	char symbol[64];
	void *module, *found;

	snprintf(symbol, sizeof(symbol), "_nss_%s_getpwnam_r", argv[1]);
	if ((module = dlopen(argv[0], RTLD_NOW)) == NULL ||
	    (found = dlsym(module, symbol)) == NULL)
		errx(1, "%s", dlerror());
	/* The one way that ISO C leaves (dlopen(3)). */
	memcpy(&call.lookup, &found, sizeof(found));
	for (argv += 2; *argv != NULL; argv++) {
		call.name = *argv;
		figures = measure(&call);
		figures_print(*argv, &figures);
	}
}

/* In a process of its own, since the choice of sources is for good. */
static struct figures
chain_measure(const char *sources, const char *name)
{
	struct call call = { .run = ask_library, .name = name };
	struct figures figures;
	int fds[2], status;
	pid_t pid;

	if (pipe(fds) != 0 || (pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		if (__nss_configure_lookup("passwd", sources) != 0)
			err(1, "passwd: %s", sources);
		figures = measure(&call);
		_exit(write(fds[1], &figures, sizeof(figures)) !=
		    (ssize_t)sizeof(figures));
	}
	if (read(fds[0], &figures, sizeof(figures)) !=
		(ssize_t)sizeof(figures) ||
	    waitpid(pid, &status, 0) != pid || status != 0)
		errx(1, "passwd: %s: no figures", sources);
	close(fds[0]);
	close(fds[1]);
	return figures;
}

static void
name_of_chain(const char *name)
{
	static const char *const sources[] = { "files", "files dance" };
	struct figures all[2];
	double medians[2][ROUNDS];
	char what[300];
	int round, i;

	for (round = 0; round < ROUNDS; round++)
		for (i = 0; i < 2; i++) {
			struct figures one = chain_measure(sources[i], name);

			medians[i][round] = one.median;
			if (round > 0 && all[i].min < one.min)
				one.min = all[i].min;
			all[i] = one;
		}
	for (i = 0; i < 2; i++) {
		qsort(medians[i], ROUNDS, sizeof(medians[i][0]), order);
		all[i].median = medians[i][ROUNDS / 2];
		snprintf(
		    what, sizeof(what), "%s, passwd: %s", name, sources[i]);
		figures_print(what, &all[i]);
	}
	all[0].outcome = "";
	all[0].median = all[1].median - all[0].median;
	all[0].min = all[1].min - all[0].min;
	figures_print("  that is more by", &all[0]);
}

int
main(int argc, char *argv[])
{
	struct call call = { .run = read_once };
	struct figures figures;

	if (argc > 4 && strcmp(argv[1], "module") == 0)
		names_of_module(argv + 2);
	else if (argc == 3 && strcmp(argv[1], "floor") == 0) {
		call.name = argv[2];
		figures = measure(&call);
		figures_print("open, fstat, one read, close", &figures);
	} else if (argc > 2 && strcmp(argv[1], "chain") == 0)
		for (argv += 2; *argv != NULL; argv++)
			name_of_chain(*argv);
	else {
		fprintf(stderr,
		    "usage: names module MODULE PREFIX NAME...\n"
		    "       names floor FILE\n"
		    "       names chain NAME...\n");
		return 2;
	}
	return 0;
}
