/* SPDX-License-Identifier: ISC */
/*
 * Names in a folder.  readdir() is the test's own where it has to fail: a list
 * that was cut short would lose lines that refuse.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "file.h"
#include "tree.h"

#define FOLDER "/etc/dance/accounts.d"

static char root[TREE_MAX];
static unsigned fds;
static int readdir_fails_at; /* at this call; 0: never */

struct dirent *
readdir(DIR *dir)
{
	struct dirent *(*real)(DIR *);
	void *symbol = dlsym(RTLD_NEXT, "readdir");

	memcpy(&real, &symbol, sizeof(real));
	if (readdir_fails_at > 0 && --readdir_fails_at == 0) {
		errno = EIO;
		return NULL;
	}
	return real(dir);
}

static int
setup(void **state)
{
	(void)state;
	tree_make(root);
	tree_mkdir(root, FOLDER);
	fds = tree_count_fds();
	readdir_fails_at = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	readdir_fails_at = 0;
	assert_int_equal(tree_count_fds(), fds);
	tree_remove(root);
	return 0;
}

static int
list(char ***names, size_t *n, struct dance_fault *fault)
{
	return dance_file_list(root, FOLDER, ".accounts", names, n, fault);
}

static void
names_in_byte_order(void **state)
{
	static const char *const made[] = { "b.accounts", "a.accounts",
		"B.accounts", "10.accounts", "9.accounts", ".hidden.accounts",
		".accounts", "a.accounts~", "a.accounts.dpkg-old", "README",
		"x.ACCOUNTS", "\xc3\xa4.accounts" };
	static const char *const want[] = { "10.accounts", "9.accounts",
		"B.accounts", "a.accounts", "b.accounts", "\xc3\xa4.accounts" };
	struct dance_fault fault = { "" };
	char **names = NULL, path[64] = FOLDER "/";
	size_t i, n = 0, len = strlen(path);

	(void)state;
	for (i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		memcpy(path + len, made[i], strlen(made[i]) + 1);
		tree_write(root, path, "");
	}
	assert_int_equal(list(&names, &n, &fault), 0);
	assert_int_equal(n, sizeof(want) / sizeof(want[0]));
	for (i = 0; i < n; i++)
		assert_string_equal(names[i], want[i]);
	dance_file_names_free(&names, n);
	assert_null(names);
	dance_file_names_free(&names, 0);
}

static void
no_folder_and_an_empty_one_hold_no_names(void **state)
{
	struct dance_fault fault = { "" };
	char **names = NULL;
	size_t n = 4711;

	(void)state;
	assert_int_equal(list(&names, &n, &fault), 0);
	assert_int_equal(n, 0);
	dance_file_names_free(&names, n);
	tree_unlink(root, FOLDER);
	n = 4711;
	assert_int_equal(list(&names, &n, &fault), 0);
	assert_int_equal(n, 0);
	dance_file_names_free(&names, n);
}

static void
refuses(const char *cause)
{
	struct dance_fault fault = { "" };
	char **names = NULL;
	size_t n = 4711;

	assert_int_equal(list(&names, &n, &fault), DANCE_ERR_CONFIG);
	if (strstr(fault.text, cause) == NULL)
		fail_msg("%s", fault.text);
	assert_null(names);
	assert_int_equal(n, 4711);
}

static void
folders_that_others_can_write_to(void **state)
{
	(void)state;
	tree_write(root, FOLDER "/a.accounts", "");
	tree_chmod(root, FOLDER, 0775);
	refuses("writable by group or others");
	tree_chmod(root, FOLDER, 0755);
	tree_chown(root, FOLDER, 1);
	refuses("owned by uid 1");
	tree_chown(root, FOLDER, 0);
	tree_chmod(root, "/etc/dance", 0777);
	refuses("/etc/dance: writable");
}

static void
what_is_there_but_no_folder(void **state)
{
	(void)state;
	tree_unlink(root, FOLDER);
	tree_write(root, FOLDER, "");
	refuses("Not a directory");
	tree_unlink(root, FOLDER);
	tree_link(root, FOLDER, "nothing");
	refuses("No such file");
}

static void
a_list_cut_short_is_a_fault(void **state)
{
	struct dance_fault fault = { "" };
	char **names = NULL;
	size_t n = 0;
	int i;

	(void)state;
	tree_write(root, FOLDER "/a.accounts", "");
	tree_write(root, FOLDER "/b.accounts", "");
	for (i = 1; i <= 5; i++) {
		readdir_fails_at = i;
		assert_int_equal(dance_file_list_once(root, FOLDER, ".accounts",
				     NULL, &names, &n, &fault),
		    DANCE_ERR_CONFIG);
		assert_non_null(strstr(fault.text, "Input/output error"));
		assert_int_equal(readdir_fails_at, 0);
	}
	/* One that passes is looked at again. */
	readdir_fails_at = 1;
	assert_int_equal(list(&names, &n, &fault), 0);
	assert_int_equal(n, 2);
	dance_file_names_free(&names, n);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(names_in_byte_order),
		TEST(no_folder_and_an_empty_one_hold_no_names),
		TEST(folders_that_others_can_write_to),
		TEST(what_is_there_but_no_folder),
		TEST(a_list_cut_short_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
