/* SPDX-License-Identifier: ISC */
/* The register's lock: who waits for it, for how long, and who loses it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiled.h"
#include "index_file.h"
#include "register.h"
#include "register_lock.h"
#include "tree.h"

#define CHILDREN 8
#define SHORT_MS 200
#define LONG_MS	 20000 /* that nothing takes here */
#define LOCK	 DANCE_REGISTER_FILE ".lock"

static char root[TREE_MAX], *path, *lock_path;

static int
setup(void **state)
{
	(void)state;
	compiled_tree(root);
	path = tree_path(root, DANCE_REGISTER_FILE);
	lock_path = tree_path(root, LOCK);
	return dance_register_add(
	    root, "al", 5000, dance_now_ms() + LONG_MS, NULL);
}

static int
teardown(void **state)
{
	(void)state;
	free(path);
	free(lock_path);
	tree_remove(root);
	return 0;
}

static int
add(const char *account, uint32_t uid, int64_t ms, struct dance_fault *fault)
{
	return dance_register_add(
	    root, account, uid, dance_now_ms() + ms, fault);
}

static void
enters(const char *account, uint32_t uid)
{
	struct dance_fault fault = { "" };

	if (add(account, uid, LONG_MS, &fault) != 0)
		fail_msg("%s", fault.text);
}

/* Hold it as another process does; it got it so many seconds ago. */
static int
hold(time_t age)
{
	struct timespec times[2] = { { 0 }, { 0 } };
	int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd != -1);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	times[0].tv_sec = times[1].tv_sec = time(NULL) - age;
	assert_int_equal(futimens(fd, times), 0);
	return fd;
}

static void
a_held_lock_keeps_out_new_accounts_alone(void **state)
{
	struct dance_fault fault = { "" };
	struct stat before, after, lock_before, lock_after;
	char *folder = tree_path(root, DANCE_STATEDIR);
	int fd = hold(0);
	int64_t start = dance_now_ms();

	(void)state;
	assert_int_equal(stat(folder, &before), 0);
	assert_int_equal(stat(lock_path, &lock_before), 0);
	/* A deadline that has passed is none for those who are in. */
	assert_int_equal(add("al", 5000, -1, &fault), 0);
	assert_int_equal(add("bo", 5000, -1, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "its uid 5000 is that of al"));
	assert_int_equal(add("bo", 5001, SHORT_MS, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, lock_path));
	assert_non_null(strstr(fault.text, "lslocks"));
	assert_true(dance_now_ms() - start >= SHORT_MS);
	assert_int_equal(stat(folder, &after), 0);
	assert_int_equal(stat(lock_path, &lock_after), 0);
	assert_memory_equal(
	    &before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
	assert_memory_equal(&lock_before.st_mtim, &lock_after.st_mtim,
	    sizeof(lock_before.st_mtim));
	close(fd);
	enters("bo", 5001);
	free(folder);
}

/* No writer lives so long: it was stopped. */
static void
a_stopped_holder_loses_the_lock(void **state)
{
	struct dance_fault fault = { "" };
	int fd = hold(DANCE_REGISTER_LOCK_MAX_S - 20);

	(void)state;
	assert_int_equal(add("cy", 5002, SHORT_MS, &fault), DANCE_ERR_CONFIG);
	close(fd);
	fd = hold(DANCE_REGISTER_LOCK_MAX_S + 1);
	enters("cy", 5002);
	close(fd);
	/* One whose clock was ahead is as old. */
	fd = hold(-2 * DANCE_REGISTER_LOCK_MAX_S);
	enters("dy", 5003);
	close(fd);
}

static void
lock_age(void)
{
	struct timespec times[2] = { { 0 }, { 0 } };

	times[0].tv_sec = times[1].tv_sec =
	    time(NULL) - DANCE_REGISTER_LOCK_MAX_S - 1;
	assert_int_equal(utimensat(AT_FDCWD, lock_path, times, 0), 0);
}

/* What a holder has begun before it was stopped does not undo what came. */
static void
a_stopped_holder_replaces_nothing(void **state)
{
	struct dance_index_file early, late;
	struct dance_register_lock lock;
	struct dance_fault fault = { "" };
	struct stat before, after;

	(void)state;
	assert_int_equal(
	    dance_register_lock(path, dance_now_ms(), &lock, &fault), 0);
	assert_true(dance_register_lock_holds(&lock));
	assert_int_equal(dance_index_file_open(path, &early, &fault), 0);
	lock_age();
	enters("ed", 5004);
	assert_int_equal(stat(path, &before), 0);
	/* Stopped before it looked whether the lock was its own, or behind. */
	assert_false(dance_register_lock_holds(&lock));
	assert_int_equal(
	    dance_index_file_keep(&early, &fault), DANCE_ERR_CONFIG);
	dance_index_file_close(&early);
	assert_int_equal(dance_index_file_open(path, &late, &fault), 0);
	assert_false(dance_register_lock_holds(&lock));
	dance_index_file_close(&late);
	dance_register_unlock(&lock);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	enters("fy", 5005);
}

/* Many that find one at once: all come in. */
static void
of_many_all_get_past_a_stopped_holder(void **state)
{
	int fd = hold(DANCE_REGISTER_LOCK_MAX_S + 1), status;
	unsigned i, n = 0;
	char name[16];

	(void)state;
	for (i = 0; i < CHILDREN; i++) {
		snprintf(name, sizeof(name), "many%u", i);
		if (fork() == 0)
			_exit(add(name, 7000 + i, LONG_MS, NULL) == 0 ? 0 : 1);
	}
	for (i = 0; i < CHILDREN; i++) {
		assert_true(wait(&status) > 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			n++;
	}
	close(fd);
	assert_int_equal(n, CHILDREN);
	/* None is lost: each is known without the lock. */
	for (i = 0; i < CHILDREN; i++) {
		snprintf(name, sizeof(name), "many%u", i);
		assert_int_equal(
		    add(name, 7100 + i, -1, NULL), DANCE_ERR_CONFIG);
		assert_int_equal(add(name, 7000 + i, -1, NULL), 0);
	}
}

/* A file beside the others, by its name. */
static int
leave(const char *name)
{
	int fd;
	char *file;

	assert_true(asprintf(&file, "%s%s/%s", root, DANCE_STATEDIR, name) > 0);
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	free(file);
	assert_true(fd != -1);
	return fd;
}

static bool
is_left(const char *name)
{
	char *file;
	bool ret;

	assert_true(asprintf(&file, "%s%s/%s", root, DANCE_STATEDIR, name) > 0);
	ret = access(file, F_OK) == 0;
	free(file);
	return ret;
}

static void
files_of_the_dead_are_swept(void **state)
{
	(void)state;
	close(leave("register.db.new.abcdef"));
	close(leave("register.db.new.abcdefg"));
	close(leave("register.db.new"));
	close(leave("accounts.db.new.abcdef"));
	enters("al", 5000);
	assert_true(is_left("register.db.new.abcdef"));
	enters("gy", 5006);
	assert_false(is_left("register.db.new.abcdef"));
	assert_true(is_left("register.db.new.abcdefg"));
	assert_true(is_left("register.db.new"));
	assert_true(is_left("accounts.db.new.abcdef"));
}

/* The index has no lock: there the living keep theirs. */
static void
files_of_the_living_are_not(void **state)
{
	char *index = tree_path(root, DANCE_INDEX_FILE);
	struct dance_index_file file;
	struct dance_fault fault = { "" };

	(void)state;
	assert_int_equal(dance_index_file_open(index, &file, &fault), 0);
	close(leave("accounts.db.new.ghijkl"));
	dance_index_file_sweep(index, false);
	assert_false(is_left("accounts.db.new.ghijkl"));
	assert_int_equal(access(file.temporary, F_OK), 0);
	dance_index_file_close(&file);
	free(index);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_held_lock_keeps_out_new_accounts_alone),
		cmocka_unit_test(a_stopped_holder_loses_the_lock),
		cmocka_unit_test(a_stopped_holder_replaces_nothing),
		cmocka_unit_test(of_many_all_get_past_a_stopped_holder),
		cmocka_unit_test(files_of_the_dead_are_swept),
		cmocka_unit_test(files_of_the_living_are_not),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
