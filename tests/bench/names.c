/* SPDX-License-Identifier: ISC */
/*
 * For make bench: how long an NSS module takes for a name, when it has looked
 * at it before.
 *
 *	names MODULE PREFIX NAME...
 *
 * calls _nss_PREFIX_getpwnam_r() of the library again and again for each name
 * and prints the median.
 */
#include <dlfcn.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALLS_MAX 5000
#define TIME_MAX  0.4 /* seconds for one name */

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

/* A module's _nss_*_getpwnam_r(). */
struct lookup {
	enum nss_status (*call)(
	    const char *, struct passwd *, char *, size_t, int *);
};

static void
measure(const struct lookup *look, const char *name)
{
	static double times[CALLS_MAX];
	enum nss_status status = NSS_STATUS_UNAVAIL;
	struct passwd entry;
	double begin = now_us(), start;
	static char buffer[8192];
	size_t n = 0;
	int error = 0;

	(void)look->call(name, &entry, buffer, sizeof(buffer), &error);
	while (n < CALLS_MAX && now_us() - begin < TIME_MAX * 1e6) {
		start = now_us();
		status =
		    look->call(name, &entry, buffer, sizeof(buffer), &error);
		times[n++] = now_us() - start;
	}
	qsort(times, n, sizeof(times[0]), order);
	printf("  %-44s %-9s median %10.2f us   min %10.2f us\n", name,
	    status == NSS_STATUS_SUCCESS	? "found"
		: status == NSS_STATUS_NOTFOUND ? "not found"
						: "no answer",
	    times[n / 2], times[0]);
}

int
main(int argc, char *argv[])
{
	char symbol[64];
	void *module, *found;
	struct lookup look;
	int i;

	if (argc < 4) {
		fprintf(stderr, "usage: names MODULE PREFIX NAME...\n");
		return 2;
	}
	snprintf(symbol, sizeof(symbol), "_nss_%s_getpwnam_r", argv[2]);
	if ((module = dlopen(argv[1], RTLD_NOW)) == NULL ||
	    (found = dlsym(module, symbol)) == NULL) {
		fprintf(stderr, "names: %s\n", dlerror());
		return 1;
	}
	/* The one way that ISO C leaves (dlopen(3)). */
	memcpy(&look.call, &found, sizeof(found));
	for (i = 3; i < argc; i++)
		measure(&look, argv[i]);
	return 0;
}
