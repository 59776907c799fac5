/* SPDX-License-Identifier: ISC */
/* Many threads at once; make check-tsan runs the same under TSan. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"
#include "register.h"

#define THREADS 32
#ifdef __SANITIZE_THREAD__
#define LOOKUPS 1000
#else
#define LOOKUPS 10000
#endif

struct worker {
	pthread_t thread;
	unsigned number;
	unsigned n_wrong;
	uid_t pat;
};

/* cmocka is for one thread; so they count. */
static bool
lookup_is_right(const struct worker *worker, unsigned i)
{
	gid_t room[8], *groups = room;
	long start = 0, size = 8;
	struct passwd pwd;
	struct group grp;
	char buffer[256];
	int error = 0;

	switch ((i + worker->number) % 8) {
	case 0:
		return module.getpwnam_r("al@example.com", &pwd, buffer,
			   sizeof(buffer), &error) == NSS_STATUS_SUCCESS &&
		    pwd.pw_uid == 1000 && strcmp(pwd.pw_dir, "/srv/al") == 0;
	case 1:
		return module.getpwnam_r("pat", &pwd, buffer, sizeof(buffer),
			   &error) == NSS_STATUS_SUCCESS &&
		    pwd.pw_uid == worker->pat;
	case 2:
		return module.getpwuid_r(worker->pat, &pwd, buffer,
			   sizeof(buffer), &error) == NSS_STATUS_SUCCESS &&
		    strcmp(pwd.pw_name, "pat") == 0;
	case 3:
		return module.getgrgid_r(worker->pat, &grp, buffer,
			   sizeof(buffer), &error) == NSS_STATUS_SUCCESS &&
		    grp.gr_mem[0] == NULL;
	case 4:
		return module.initgroups_dyn("al@example.com", 1, &start, &size,
			   &groups, 8, &error) == NSS_STATUS_SUCCESS &&
		    start == 2 && groups[1] == 27;
	case 5:
		return module.getpwnam_r("al@example.com", &pwd, buffer, 10,
			   &error) == NSS_STATUS_TRYAGAIN &&
		    error == ERANGE;
	case 6:
		return module.getgrnam_r("staff", &grp, buffer, sizeof(buffer),
			   &error) == NSS_STATUS_NOTFOUND &&
		    error == ENOENT;
	default:
		return module.getpwnam_r("two.example.com", &pwd, buffer,
			   sizeof(buffer), &error) == NSS_STATUS_NOTFOUND &&
		    error == ENOENT;
	}
}

static void *
work(void *arg)
{
	struct worker *worker = arg;
	unsigned i;

	for (i = 0; i < LOOKUPS; i++)
		if (!lookup_is_right(worker, i))
			worker->n_wrong++;
	return NULL;
}

static void
n19_threads(void **state)
{
	static struct worker workers[THREADS];
	unsigned fds = tree_count_fds(), i;

	(void)state;
	assert_int_equal(
	    dance_register_add(module_root, "pat", uid_of("pat"), NULL), 0);
	for (i = 0; i < THREADS; i++) {
		workers[i].number = i;
		workers[i].pat = uid_of("pat");
		assert_int_equal(
		    pthread_create(&workers[i].thread, NULL, work, &workers[i]),
		    0);
	}
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].n_wrong, 0);
	assert_int_equal(tree_count_fds(), fds);
}

/* Hardly more stack than a thread needs that does nothing. */
static void
n19_small_stack(void **state)
{
	static struct worker worker = { .n_wrong = 0 };
	pthread_attr_t attr;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();
#endif
	worker.pat = uid_of("pat");
	assert_int_equal(pthread_attr_init(&attr), 0);
	assert_int_equal(pthread_attr_setstacksize(&attr, 49152), 0);
	assert_int_equal(
	    pthread_create(&worker.thread, &attr, work, &worker), 0);
	assert_int_equal(pthread_join(worker.thread, NULL), 0);
	assert_int_equal(pthread_attr_destroy(&attr), 0);
	assert_int_equal(worker.n_wrong, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(n19_threads),
		cmocka_unit_test(n19_small_stack),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
