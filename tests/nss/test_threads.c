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

#define THREADS	 32
#define WALKERS	 16
#define ACCOUNTS 200 /* that they walk over */
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

/* Others walk too, or begin again: one entry, or the end. */
static bool
step_is_right(bool begins)
{
	enum nss_status status;
	struct passwd pwd;
	char buffer[256];
	int error = 0;

	if (begins)
		(void)module.setpwent(0);
	status = module.getpwent_r(&pwd, buffer, sizeof(buffer), &error);
	return status == NSS_STATUS_SUCCESS
	    ? strcmp(pwd.pw_name, "pat") == 0
	    : status == NSS_STATUS_NOTFOUND && error == 0;
}

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

	switch ((i + worker->number) % 9) {
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
		return step_is_right(i % 7 == 0);
	case 7:
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
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, module_map);
	assert_int_equal(dance_register_add(module_root, "pat", uid_of("pat"),
			     DANCE_FOR_EVER, NULL),
	    0);
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

static unsigned n_listed[ACCOUNTS], n_groups_listed[ACCOUNTS];

/* Which of the accounts that came in a name is. */
static unsigned *
listed_find(unsigned listed[ACCOUNTS], const char *name)
{
	char known[16];
	unsigned i;

	for (i = 0; i < ACCOUNTS; i++) {
		snprintf(known, sizeof(known), "w%u", i);
		if (strcmp(known, name) == 0)
			return &listed[i];
	}
	return NULL;
}

/* To the end of both walks, with a buffer that is too small now and then. */
static void *
walk(void *arg)
{
	struct worker *worker = arg;
	bool is_over = false, is_over_too = false;
	enum nss_status status;
	struct passwd pwd;
	struct group grp;
	char buffer[256];
	unsigned i, *at;
	int error;

	for (i = worker->number; !is_over || !is_over_too; i++) {
		status = module.getpwent_r(
		    &pwd, buffer, i % 5 == 0 ? 9 : sizeof(buffer), &error);
		is_over = status == NSS_STATUS_NOTFOUND;
		if (status == NSS_STATUS_SUCCESS) {
			if ((at = listed_find(n_listed, pwd.pw_name)) == NULL)
				worker->n_wrong++;
			else
				__atomic_add_fetch(at, 1, __ATOMIC_SEQ_CST);
		} else if (!is_over && error != ERANGE)
			worker->n_wrong++;
		status =
		    module.getgrent_r(&grp, buffer, sizeof(buffer), &error);
		is_over_too = status == NSS_STATUS_NOTFOUND;
		if (status == NSS_STATUS_SUCCESS) {
			at = listed_find(n_groups_listed, grp.gr_name);
			if (at == NULL)
				worker->n_wrong++;
			else
				__atomic_add_fetch(at, 1, __ATOMIC_SEQ_CST);
		} else if (!is_over_too)
			worker->n_wrong++;
	}
	return NULL;
}

/* glibc calls one at a time; others need not, and none is lost or doubled. */
static void
n17_n19_walks(void **state)
{
	static struct worker walkers[WALKERS];
	unsigned fds = tree_count_fds(), i;
	static char map[ACCOUNTS * 32];
	char name[16];
	size_t used = 0;

	(void)state;
	for (i = 0; i < ACCOUNTS; i++)
		used += (size_t)snprintf(map + used, sizeof(map) - used,
		    "w%u.x w%u provision,uid=%u\n", i, i, 6000 + i);
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, map);
	for (i = 0; i < ACCOUNTS; i++) {
		snprintf(name, sizeof(name), "w%u", i);
		assert_int_equal(dance_register_add(module_root, name, 6000 + i,
				     DANCE_FOR_EVER, NULL),
		    0);
	}
	(void)module.setpwent(0);
	(void)module.setgrent(0);
	for (i = 0; i < WALKERS; i++) {
		walkers[i].number = i;
		assert_int_equal(
		    pthread_create(&walkers[i].thread, NULL, walk, &walkers[i]),
		    0);
	}
	for (i = 0; i < WALKERS; i++)
		assert_int_equal(pthread_join(walkers[i].thread, NULL), 0);
	for (i = 0; i < WALKERS; i++)
		assert_int_equal(walkers[i].n_wrong, 0);
	for (i = 0; i < ACCOUNTS; i++) {
		assert_int_equal(n_listed[i], 1);
		assert_int_equal(n_groups_listed[i], 1);
	}
	assert_int_equal(tree_count_fds(), fds);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(n19_threads),
		cmocka_unit_test(n19_small_stack),
		cmocka_unit_test(n17_n19_walks),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
