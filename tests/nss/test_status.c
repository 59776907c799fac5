/* SPDX-License-Identifier: ISC */
/* What is said when nothing can be said: status and errno. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"
#include "register.h"

static struct answer answer;

static int
reset(void **state)
{
	(void)state;
	module_reset();
	return 0;
}

/* Every question that needs the index, with one answer for all. */
static void
all_unavailable(int error)
{
	enum nss_status status;
	long start = 0, size = 0;
	gid_t *groups = NULL;
	int found_error = 0;

	unavailable("pat", error);
	unavailable("al@example.com", error);
	unavailable("nobody-at-all", error);
	/* Whether they are to be listed at all stands in the index too. */
	assert_int_equal(ask_next(&answer), NSS_STATUS_UNAVAIL);
	assert_int_equal(answer.error, error);
	assert_int_equal(ask_next_group(&answer), NSS_STATUS_UNAVAIL);
	assert_int_equal(answer.error, error);
	assert_int_equal(ask_group("pat", &answer), NSS_STATUS_UNAVAIL);
	assert_int_equal(answer.error, error);
	status = module.initgroups_dyn(
	    "al@example.com", 1000, &start, &size, &groups, -1, &found_error);
	assert_int_equal(status, NSS_STATUS_UNAVAIL);
	assert_int_equal(found_error, error);
	assert_null(groups);
}

static void
n4_n5_n27_no_index(void **state)
{
	struct timespec before, after;
	unsigned fds = tree_count_fds();
	int i;

	(void)state;
	tree_unlink(module_root, DANCE_INDEX_FILE);
	all_unavailable(ENODEV);
	/* Before anything is mounted there is not even the folder. */
	tree_unlink(module_root, DANCE_STATEDIR);
	all_unavailable(ENODEV);
	/* Numbers are told by the register alone, which begins as none. */
	assert_int_equal(ask_uid(5000, &answer), NSS_STATUS_NOTFOUND);
	assert_int_equal(ask_gid(5000, &answer), NSS_STATUS_NOTFOUND);
	(void)clock_gettime(CLOCK_MONOTONIC, &before);
	for (i = 0; i < 1000; i++)
		unavailable("pat", ENODEV);
	(void)clock_gettime(CLOCK_MONOTONIC, &after);
	/* A thousand of them; a retry or a wait would show. */
	assert_true(after.tv_sec - before.tv_sec <= 1);
	assert_int_equal(tree_count_fds(), fds);
	tree_mkdir(module_root, DANCE_STATEDIR);
}

static void
n4_n5_n28_n30_index_refused(void **state)
{
	char *path = tree_path(module_root, DANCE_INDEX_FILE);
	struct dance_index index;
	unsigned fds = tree_count_fds();
	struct stat st;

	(void)state;
	assert_int_equal(dance_index_open(path, &index), 0);
	dance_index_close(&index);
	tree_chown(module_root, DANCE_INDEX_FILE, 1);
	all_unavailable(EIO);
	tree_chown(module_root, DANCE_INDEX_FILE, 0);
	tree_chmod(module_root, DANCE_INDEX_FILE, 0664);
	all_unavailable(EIO);
	tree_chmod(module_root, DANCE_INDEX_FILE, 0646);
	all_unavailable(EIO);
	tree_chmod(module_root, DANCE_INDEX_FILE, 0644);
	found("pat", uid_of("pat"), uid_of("pat"), "", "/srv/pat", "/bin/bash");
	/* A later version, whatever else it is. */
	index.header.version = DANCE_INDEX_VERSION + 1;
	compiled_set_header(path, &index.header);
	all_unavailable(EIO);
	index.header.version = UINT32_MAX;
	compiled_set_header(path, &index.header);
	all_unavailable(EIO);
	index.header.version = DANCE_INDEX_VERSION;
	compiled_set_header(path, &index.header);
	found("pat", uid_of("pat"), uid_of("pat"), "", "/srv/pat", "/bin/bash");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	all_unavailable(EIO);
	assert_int_equal(truncate(path, 0), 0);
	all_unavailable(EIO);
	tree_unlink(module_root, DANCE_INDEX_FILE);
	tree_link(module_root, DANCE_INDEX_FILE, "elsewhere");
	all_unavailable(EIO);
	tree_unlink(module_root, DANCE_INDEX_FILE);
	tree_mkdir(module_root, DANCE_INDEX_FILE);
	all_unavailable(EIO);
	tree_unlink(module_root, DANCE_INDEX_FILE);
	assert_int_equal(mkfifo(path, 0644), 0);
	all_unavailable(EIO);
	tree_unlink(module_root, DANCE_INDEX_FILE);
	assert_int_equal(tree_count_fds(), fds);
	free(path);
}

/* What later writers of the same version may add, an old module passes over. */
static void
n28_later_additions(void **state)
{
	char *path = tree_path(module_root, DANCE_INDEX_FILE);
	struct dance_index index;

	(void)state;
	assert_int_equal(dance_index_open(path, &index), 0);
	dance_index_close(&index);
	index.header.flags |= 0xffffff00;
	compiled_set_header(path, &index.header);
	found("pat", uid_of("pat"), uid_of("pat"), "", "/srv/pat", "/bin/bash");
	assert_int_equal(
	    ask_name("al@example.com", &answer), NSS_STATUS_SUCCESS);
	not_found("two.example.com");
	free(path);
}

static void
n4_n5_register_refused(void **state)
{
	(void)state;
	assert_int_equal(dance_register_add(module_root, "pat", uid_of("pat"),
			     DANCE_FOR_EVER, NULL),
	    0);
	assert_int_equal(ask_uid(uid_of("pat"), &answer), NSS_STATUS_SUCCESS);
	tree_chmod(module_root, DANCE_REGISTER_FILE, 0666);
	unavailable("pat", EIO);
	assert_int_equal(ask_uid(uid_of("pat"), &answer), NSS_STATUS_UNAVAIL);
	assert_int_equal(ask_gid(5000, &answer), NSS_STATUS_UNAVAIL);
	/* It has nothing to say on an identity. */
	assert_int_equal(
	    ask_name("al@example.com", &answer), NSS_STATUS_SUCCESS);
	tree_write(module_root, DANCE_REGISTER_FILE, "short");
	unavailable("pat", EIO);
}

static void
n4_n5_no_passwd_or_group(void **state)
{
	enum nss_status status;

	(void)state;
	tree_unlink(module_root, "/etc/passwd");
	unavailable("pat", ENODEV);
	unavailable("al@example.com", ENODEV);
	not_found("nobody-at-all");
	tree_write(module_root, "/etc/passwd", module_passwd);
	tree_unlink(module_root, "/etc/group");
	/* Whether the name or the number is a group's can't be told. */
	unavailable("pat", ENODEV);
	unavailable("al@example.com", ENODEV);
	(void)groups_of("al@example.com", 1000, &status);
	assert_int_equal(status, NSS_STATUS_UNAVAIL);
	tree_mkdir(module_root, "/etc/group");
	unavailable("pat", EISDIR);
	(void)groups_of("al@example.com", 1000, &status);
	assert_int_equal(status, NSS_STATUS_UNAVAIL);
	tree_unlink(module_root, "/etc/group");
}

/* Without descriptors: at each place where one is opened. */
static void
n22_no_descriptors(void **state)
{
	struct rlimit limit, none;
	unsigned fds = tree_count_fds();

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	/* tree_count_fds() has counted ".", ".." and its own. */
	for (none.rlim_cur = 0; none.rlim_cur < fds; none.rlim_cur++) {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
		if (ask_name("al@example.com", &answer) != NSS_STATUS_SUCCESS) {
			assert_int_equal(answer.status, NSS_STATUS_UNAVAIL);
			assert_int_equal(answer.error, EMFILE);
		}
		if (ask_name("pat", &answer) != NSS_STATUS_SUCCESS) {
			assert_int_equal(answer.status, NSS_STATUS_UNAVAIL);
			assert_int_equal(answer.error, EMFILE);
		}
	}
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	all_unavailable(EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(tree_count_fds(), fds);
	found("pat", uid_of("pat"), uid_of("pat"), "", "/srv/pat", "/bin/bash");
}

/* Group questions on local names come first, and cost next to nothing. */
static void
n32_groups_that_are_local(void **state)
{
	static const char *const names[] = { "root", "adm", "sudo", "al",
		"users", "staff", "taken", "al@example.com", "none" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(
		    ask_group(names[i], &answer), NSS_STATUS_NOTFOUND);
	for (i = 0; i < 200; i++)
		assert_int_equal(
		    ask_gid((gid_t)i, &answer), NSS_STATUS_NOTFOUND);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(n4_n5_n27_no_index, reset),
		cmocka_unit_test_setup(n4_n5_n28_n30_index_refused, reset),
		cmocka_unit_test_setup(n28_later_additions, reset),
		cmocka_unit_test_setup(n4_n5_register_refused, reset),
		cmocka_unit_test_setup(n4_n5_no_passwd_or_group, reset),
		cmocka_unit_test_setup(n22_no_descriptors, reset),
		cmocka_unit_test_setup(n32_groups_that_are_local, reset),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
