/* SPDX-License-Identifier: ISC */
/*
 * The folder of the cache: ours alone or not used, names that are owner names
 * and nothing else, and an end to how much it holds.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"
#include "cache_store_internal.h"
#include "storebench.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define OWNER "laptop._device.example.com"
#define OTHER "phone._device.example.com"

static int
keep(const char *owner, const char *text, unsigned seconds, bool is_data)
{
	struct dance_keeping keeping = keeping_of(text, seconds, is_data);

	return dance_store_write(&store, owner, &keeping);
}

/* Is this, or nothing for NULL, kept of the name? */
static void
kept(const char *owner, const char *want)
{
	uint8_t *data = NULL;
	size_t len = 0;
	int r = dance_store_read(&store, owner, 64, &data, &len);

	assert_int_equal(r, want == NULL ? DANCE_ERR_FORMAT : 0);
	if (want == NULL)
		return;
	assert_int_equal(len, strlen(want));
	assert_memory_equal(data, want, len);
	free(data);
}

static void
what_is_kept_is_read(void **state)
{
	(void)state;
	kept(OWNER, NULL);
	assert_int_equal(keep(OWNER, "one", 60, true), 0);
	kept(OWNER, "one");
	kept(OTHER, NULL);
	assert_int_equal(keep(OWNER, "two", 60, false), 0);
	kept(OWNER, "two");
	assert_int_equal(tree_count_files(root, "/cache"), 1);
	assert_int_equal(keep(OWNER, "", 0, true), 0);
	kept(OWNER, NULL);
	assert_int_equal(keep(OWNER, "", 0, true), 0);
	assert_int_equal(tree_count_files(root, "/cache"), 0);
}

static void
larger_than_asked_for_is_none(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(keep(OWNER, "0123456789", 60, true), 0);
	assert_int_equal(
	    dance_store_read(&store, OWNER, 9, &data, &len), DANCE_ERR_FORMAT);
	assert_int_equal(dance_store_read(&store, OWNER, 10, &data, &len), 0);
	free(data);
}

static void
a_folder_of_others_is_no_cache(void **state)
{
	static const unsigned modes[] = { 0701, 0710, 0720, 0750, 0755, 0777,
		01777 };
	struct dance_store other;
	size_t i;

	(void)state;
	for (i = 0; i < N(modes); i++) {
		tree_chmod(root, "/cache", modes[i]);
		assert_int_equal(dance_store_open(&config, &other, &fault),
		    DANCE_ERR_CONFIG);
		assert_int_equal(other.folder, -1);
		assert_non_null(strstr(fault.text, "/cache"));
		dance_store_close(&other);
	}
	tree_chmod(root, "/cache", 0700);
	assert_int_equal(dance_store_open(&config, &other, &fault), 0);
	dance_store_close(&other);
	tree_chown(root, "/cache", 4711);
	assert_int_equal(
	    dance_store_open(&config, &other, &fault), DANCE_ERR_CONFIG);
	dance_store_close(&other);
	tree_chown(root, "/cache", geteuid());
	config.cache_max_ttl = 0;
	assert_int_equal(dance_store_open(&config, &other, &fault), 0);
	assert_int_equal(other.folder, -1);
	dance_store_close(&other);
}

/* One without a folder takes all calls and keeps nothing. */
static void
no_folder_keeps_nothing(void **state)
{
	struct dance_keeping keeping = keeping_of("x", 1, true);
	struct dance_store none = { .folder = -1, .lock = -1 };
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(
	    dance_store_read(&none, OWNER, 64, &data, &len), DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_store_write(&none, OWNER, &keeping), DANCE_ERR_CONFIG);
	assert_int_equal(dance_store_forget(&none, OWNER), DANCE_ERR_CONFIG);
	assert_true(dance_store_lock(&none, OWNER));
	dance_store_unlock(&none, OWNER);
	dance_store_close(&none);
}

static void
names_are_owner_names(void **state)
{
	static const char *const bad[] = { "", ".", "..", "../x.y", "offers",
		".lock", ".new.1", "a", "a/b.c", "/a.b", "A.example", "a.b.",
		"a..b", "alice@example.com", "a b.c", "a.b\n", "*.b.c" };
	char path[80];
	size_t i;

	(void)state;
	for (i = 0; i < N(bad); i++) {
		assert_false(dance_store_name_is_valid(bad[i]));
		assert_int_equal(keep(bad[i], "x", 60, true), DANCE_ERR_CONFIG);
		kept(bad[i], NULL);
	}
	assert_true(dance_store_name_is_valid("_user.example.com"));
	assert_int_equal(tree_count_files(root, "/cache"), 0);
	snprintf(path, sizeof(path), "%s/x.y", root);
	assert_int_equal(access(path, F_OK), -1);
}

/* What somebody else may have put there. */
static void
files_that_are_not_ours_are_none(void **state)
{
	char path[128];

	(void)state;
	assert_int_equal(keep(OTHER, "x", 60, true), 0);
	tree_link(root, "/cache/" OWNER, OTHER);
	kept(OWNER, NULL);
	tree_unlink(root, "/cache/" OWNER);
	tree_write(root, "/cache/" OWNER, "DANCERR1 of an earlier version");
	tree_chmod(root, "/cache/" OWNER, 0600);
	kept(OWNER, NULL);
	assert_int_equal(keep(OWNER, "x", 60, true), 0);
	tree_chmod(root, "/cache/" OWNER, 0604);
	kept(OWNER, NULL);
	tree_chmod(root, "/cache/" OWNER, 0600);
	kept(OWNER, "x");
	tree_chown(root, "/cache/" OWNER, 4711);
	kept(OWNER, NULL);
	tree_unlink(root, "/cache/" OWNER);
	snprintf(path, sizeof(path), "%s/cache/%s", root, OWNER);
	assert_int_equal(mkfifo(path, 0600), 0);
	kept(OWNER, NULL);
	/* It is replaced, not written into. */
	assert_int_equal(keep(OWNER, "y", 60, true), 0);
	kept(OWNER, "y");
	tree_link(root, "/cache/.new.1", "/etc/passwd");
	assert_int_equal(keep(OWNER, "z", 60, true), 0);
	kept(OWNER, "z");
	tree_unlink(root, "/cache/" OWNER);
	tree_mkdir(root, "/cache/" OWNER);
	kept(OWNER, NULL);
	assert_int_equal(keep(OWNER, "z", 60, true), DANCE_ERR_CONFIG);
	assert_int_equal(tree_count_files(root, "/cache"), 2);
}

static bool
other_process_locks(const char *owner)
{
	struct dance_store other;
	pid_t child = fork();
	int status;

	assert_true(child != -1);
	if (child == 0) {
		if (dance_store_open(&config, &other, &fault) != 0)
			_exit(2);
		_exit(dance_store_lock(&other, owner) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 1;
}

static void
one_process_asks_for_a_name(void **state)
{
	(void)state;
	assert_true(dance_store_lock(&store, OWNER));
	assert_true(dance_store_lock(&store, OWNER));
	assert_false(other_process_locks(OWNER));
	assert_true(other_process_locks(OTHER));
	dance_store_unlock(&store, OTHER);
	assert_false(other_process_locks(OWNER));
	dance_store_unlock(&store, OWNER);
	assert_true(other_process_locks(OWNER));
	assert_true(dance_store_lock(&store, OWNER));
	dance_store_unlock_all(&store);
	assert_true(other_process_locks(OWNER));
}

static void
name_write(size_t i, char ret[32])
{
	snprintf(ret, 32, "n%zu.example", i);
}

/* Each of these writes is one of another process. */
static int
keep_alone(const char *owner, unsigned seconds, bool is_data)
{
	dance_store_room_free(&store);
	return keep(owner, "x", seconds, is_data);
}

static void
the_folder_ends_somewhere(void **state)
{
	char name[32];
	size_t i;

	(void)state;
	/* Denials have half of it, and then no more; data has the rest. */
	for (i = 0; i < DANCE_STORE_NAMES_MAX / 2; i++) {
		name_write(i, name);
		assert_int_equal(keep(name, "x", 1000, false), 0);
	}
	assert_int_equal(keep_alone(OWNER, 1000, false), 0);
	assert_int_equal(
	    tree_count_files(root, "/cache"), DANCE_STORE_NAMES_MAX / 2);
	assert_int_equal(keep_alone(OTHER, 1000, true), 0);
	/* What is there may always be replaced. */
	assert_int_equal(keep_alone(OWNER, 1000, false), 0);
	for (; i < DANCE_STORE_NAMES_MAX + 10; i++) {
		name_write(i, name);
		assert_int_equal(keep(name, "x", 1000, true), 0);
	}
	assert_int_equal(keep_alone("late.example.com", 1000, true), 0);
	assert_int_equal(
	    tree_count_files(root, "/cache"), DANCE_STORE_NAMES_MAX);
	kept("late.example.com", "x");
	kept(OWNER, "x");
	kept(OTHER, "x");
}

static void
what_is_over_makes_room(void **state)
{
	static const struct timespec past[2] = { { 1000, 0 }, { 1000, 0 } };
	char name[32], path[128];
	size_t i;

	(void)state;
	for (i = 0; i < DANCE_STORE_NAMES_MAX; i++) {
		name_write(i, name);
		assert_int_equal(keep(name, "x", 1000, true), 0);
	}
	snprintf(path, sizeof(path), "%s/cache/n7.example", root);
	assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
	/* A stray of a process that was killed goes too; others' files stay. */
	tree_write(root, "/cache/.new.77", "half");
	snprintf(path, sizeof(path), "%s/cache/.new.77", root);
	assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
	tree_write(root, "/cache/offers", "marks");
	snprintf(path, sizeof(path), "%s/cache/offers", root);
	assert_int_equal(utimensat(AT_FDCWD, path, past, 0), 0);
	assert_int_equal(keep_alone(OWNER, 60, true), 0);
	kept(OWNER, "x");
	kept("n7.example", NULL);
	kept("n8.example", "x");
	assert_int_equal(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/cache/.new.77", root);
	assert_int_equal(access(path, F_OK), -1);
}

/* Nor does a worker that is taken over, or a clock that was wrong. */
static void
nothing_is_kept_for_ever(void **state)
{
	(void)state;
	assert_int_equal(keep(OTHER, "x", 30 * 86400, true), 0);
	assert_int_equal(keep("long.example.com", "x", UINT32_MAX, true), 0);
	assert_int_equal(keep_alone(OWNER, 60, true), 0);
	kept("long.example.com", NULL);
	kept(OTHER, "x");
}

static void
names_are_listed(void **state)
{
	char **names;
	size_t n;

	(void)state;
	assert_int_equal(keep(OWNER, "x", 60, true), 0);
	assert_int_equal(keep(OTHER, "x", 60, true), 0);
	tree_write(root, "/cache/offers", "marks");
	assert_true(dance_store_lock(&store, OWNER));
	assert_int_equal(dance_store_list(&store, &names, &n), 0);
	assert_int_equal(n, 2);
	assert_true(
	    strcmp(names[0], OWNER) == 0 || strcmp(names[1], OWNER) == 0);
	dance_file_names_free(&names, n);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(what_is_kept_is_read),
		TEST(larger_than_asked_for_is_none),
		TEST(a_folder_of_others_is_no_cache),
		TEST(no_folder_keeps_nothing),
		TEST(names_are_owner_names),
		TEST(files_that_are_not_ours_are_none),
		TEST(one_process_asks_for_a_name),
		TEST(the_folder_ends_somewhere),
		TEST(what_is_over_makes_room),
		TEST(nothing_is_kept_for_ever),
		TEST(names_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
