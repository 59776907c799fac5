/* SPDX-License-Identifier: ISC */
/* The walks over the provisioned accounts that have come in (N17). */
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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

#include "index_file.h"
#include "module.h"
#include "register.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct answer answer, named;

static void
comes_in(const char *name, uid_t uid)
{
	struct dance_fault fault = { "" };

	if (dance_register_add(
		module_root, name, uid, DANCE_FOR_EVER, &fault) != 0)
		fail_msg("%s", fault.text);
}

static int
begin(void **state)
{
	(void)state;
	module_reset();
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, module_map);
	comes_in("pat", uid_of("pat"));
	comes_in("fix2", 5000);
	comes_in("cy", uid_of("cy"));
	(void)module.setpwent(0);
	(void)module.setgrent(0);
	return 0;
}

/* What comes next is what getpwnam() and getpwuid() say of it. */
static bool
next_is_right(void)
{
	if (ask_next(&answer) != NSS_STATUS_SUCCESS)
		return false;
	assert_int_equal(
	    ask_name(answer.pwd.pw_name, &named), NSS_STATUS_SUCCESS);
	assert_string_equal(answer.pwd.pw_name, named.pwd.pw_name);
	assert_string_equal(answer.pwd.pw_passwd, named.pwd.pw_passwd);
	assert_string_equal(answer.pwd.pw_gecos, named.pwd.pw_gecos);
	assert_string_equal(answer.pwd.pw_dir, named.pwd.pw_dir);
	assert_string_equal(answer.pwd.pw_shell, named.pwd.pw_shell);
	assert_int_equal(answer.pwd.pw_uid, named.pwd.pw_uid);
	assert_int_equal(answer.pwd.pw_gid, named.pwd.pw_gid);
	assert_int_equal(
	    ask_uid(answer.pwd.pw_uid, &named), NSS_STATUS_SUCCESS);
	assert_string_equal(answer.pwd.pw_name, named.pwd.pw_name);
	return true;
}

static bool
next_group_is_right(void)
{
	if (ask_next_group(&answer) != NSS_STATUS_SUCCESS)
		return false;
	assert_int_equal(
	    ask_group(answer.grp.gr_name, &named), NSS_STATUS_SUCCESS);
	assert_string_equal(answer.grp.gr_name, named.grp.gr_name);
	assert_string_equal(answer.grp.gr_passwd, named.grp.gr_passwd);
	assert_int_equal(answer.grp.gr_gid, named.grp.gr_gid);
	assert_null(answer.grp.gr_mem[0]);
	assert_int_equal(
	    ask_gid(answer.grp.gr_gid, &named), NSS_STATUS_SUCCESS);
	return true;
}

/* From where the walk stands to its end: "pat fix2 ", and how it ends. */
static void
rest_is(const char *want, enum nss_status how)
{
	char names[512] = "";
	size_t used = 0;

	while (next_is_right())
		used += (size_t)snprintf(names + used, sizeof(names) - used,
		    "%s ", answer.pwd.pw_name);
	assert_string_equal(names, want);
	assert_int_equal(answer.status, how);
}

static void
rest_of_groups_is(const char *want, enum nss_status how)
{
	char names[512] = "";
	size_t used = 0;

	while (next_group_is_right())
		used += (size_t)snprintf(names + used, sizeof(names) - used,
		    "%s ", answer.grp.gr_name);
	assert_string_equal(names, want);
	assert_int_equal(answer.status, how);
}

/* A walk from its beginning. */
static void
list_is(const char *want)
{
	assert_int_equal(module.setpwent(0), NSS_STATUS_SUCCESS);
	rest_is(want, NSS_STATUS_NOTFOUND);
	assert_int_equal(module.endpwent(), NSS_STATUS_SUCCESS);
	assert_int_equal(module.setgrent(1), NSS_STATUS_SUCCESS);
	rest_of_groups_is(want, NSS_STATUS_NOTFOUND);
	assert_int_equal(module.endgrent(), NSS_STATUS_SUCCESS);
}

static void
n17_off(void **state)
{
	(void)state;
	list_is("pat fix2 ");
	module_configure("provision-enumerate = no\n");
	compiled_make(module_root, module_map);
	list_is("");
	found("pat", uid_of("pat"), uid_of("pat"), "", "/srv/pat", "/bin/bash");
	/* And that is what it is when nobody says anything. */
	module_configure("");
	compiled_make(module_root, module_map);
	list_is("");
	/* Switched off amid a walk, it ends. */
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, module_map);
	assert_int_equal(ask_next(&answer), NSS_STATUS_SUCCESS);
	module_configure("");
	compiled_make(module_root, module_map);
	rest_is("", NSS_STATUS_NOTFOUND);
}

/* In the order in which they came; nobody else's name, and no identity. */
static void
n17_who_is_listed(void **state)
{
	(void)state;
	list_is("pat fix2 ");
	compiled_make(module_root,
	    "%u@corp.example %u provision\nx.example fix2 provision,uid=5000");
	list_is("pat fix2 cy ");
	comes_in("al", uid_of("al"));
	comes_in("bea", uid_of("bea"));
	comes_in("dan", uid_of("dan"));
	/* In passwd; so is the uid of the next one, and the name of a group. */
	list_is("pat fix2 cy bea dan ");
	tree_write(module_root, "/etc/passwd", "x:x:5000:1::/:/b\n");
	tree_write(module_root, "/etc/group", "bea:x:12:\n");
	list_is("pat cy al dan ");
	tree_write(module_root, "/etc/passwd", module_passwd);
	tree_write(module_root, "/etc/group", module_group);
	/* Gone, or with another uid now. */
	compiled_make(module_root,
	    "x.example fix2,dan provision\ny.example cy provision,uid=5001\n"
	    "z.example pat provision\n");
	list_is("pat dan ");
	/* A name that a line is about is an identity's. */
	comes_in("eve@corp.example", uid_of("eve@corp.example"));
	compiled_make(module_root, "a.b eve@corp.example provision\n");
	list_is("eve@corp.example ");
	compiled_make(module_root,
	    "a.b eve@corp.example provision\neve@corp.example bo\n");
	list_is("");
	compiled_make(module_root, "a.b al\n");
	list_is("");
}

static void
n17_begin_and_end(void **state)
{
	(void)state;
	assert_true(next_is_right());
	assert_string_equal(answer.pwd.pw_name, "pat");
	/* The two walks know nothing of each other. */
	assert_true(next_group_is_right());
	assert_string_equal(answer.grp.gr_name, "pat");
	assert_int_equal(module.setgrent(0), NSS_STATUS_SUCCESS);
	rest_is("fix2 ", NSS_STATUS_NOTFOUND);
	/* An end stays one, until somebody comes in. */
	rest_is("", NSS_STATUS_NOTFOUND);
	comes_in("odd2", 5010);
	rest_is("", NSS_STATUS_NOTFOUND);
	rest_of_groups_is("pat fix2 ", NSS_STATUS_NOTFOUND);
	/* Other questions do not move a walk. */
	assert_int_equal(module.endpwent(), NSS_STATUS_SUCCESS);
	rest_is("pat fix2 ", NSS_STATUS_NOTFOUND);
	/* Without a register nobody has come in. */
	tree_unlink(module_root, DANCE_REGISTER_FILE);
	list_is("");
}

/* The register is another file after each login; all have been listed once. */
static void
n17_complete_while_it_grows(void **state)
{
	char name[32];
	unsigned i, n = 0, n_more = 0;

	(void)state;
	compiled_make(module_root, "%u@corp.example %u provision\n");
	tree_unlink(module_root, DANCE_REGISTER_FILE);
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		if (dance_register_add(module_root, name, uid_of(name),
			DANCE_FOR_EVER, NULL) == 0)
			n++;
	}
	for (i = 0; next_is_right(); i++) {
		snprintf(name, sizeof(name), "u%u", i < n ? i : i - n + 100);
		if (n == 20)
			assert_string_equal(answer.pwd.pw_name, name);
		if (i >= 20)
			continue;
		snprintf(name, sizeof(name), "u%u", 100 + n_more);
		if (dance_register_add(module_root, name, uid_of(name),
			DANCE_FOR_EVER, NULL) == 0)
			n_more++;
	}
	assert_int_equal(answer.status, NSS_STATUS_NOTFOUND);
	assert_int_equal(i, n + n_more);
	assert_in_range(i, 30, 40);
}

/* Too small a buffer loses no entry. */
static void
n6_n8_n17_small_buffers(void **state)
{
	struct passwd pwd;
	struct group grp;
	char buffer[128];
	unsigned i, k, n_small = 0;
	size_t len;
	int error;

	(void)state;
	for (i = 0; i < 2; i++) {
		for (len = 0;; len++) {
			memset(buffer, 0x33, sizeof(buffer));
			error = 0;
			if (module.getpwent_r(&pwd, buffer, len, &error) ==
			    NSS_STATUS_SUCCESS)
				break;
			assert_int_equal(error, ERANGE);
			for (k = 0; k < sizeof(buffer); k++)
				assert_int_equal(buffer[k], 0x33);
			n_small++;
		}
		assert_string_equal(pwd.pw_name, i == 0 ? "pat" : "fix2");
		for (len = 0; module.getgrent_r(&grp, buffer, len, &error) !=
		     NSS_STATUS_SUCCESS;
		     len++)
			assert_int_equal(error, ERANGE);
		assert_string_equal(grp.gr_name, i == 0 ? "pat" : "fix2");
	}
	assert_true(n_small > 40);
	rest_is("", NSS_STATUS_NOTFOUND);
	rest_of_groups_is("", NSS_STATUS_NOTFOUND);
}

/* The child goes on from where its parent was; each for itself. */
static void
n17_n20_fork(void **state)
{
	unsigned fds = tree_count_fds();
	int status;
	pid_t pid;

	(void)state;
	assert_true(next_is_right());
	/* No descriptor is kept for it. */
	assert_int_equal(tree_count_fds(), fds);
	fflush(NULL);
	if ((pid = fork()) == 0) {
		/* And none is missed. */
		if (close_range(0, ~0U, 0) != 0 ||
		    ask_next(&answer) != NSS_STATUS_SUCCESS ||
		    strcmp(answer.pwd.pw_name, "fix2") != 0 ||
		    ask_next(&answer) != NSS_STATUS_NOTFOUND)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rest_is("fix2 ", NSS_STATUS_NOTFOUND);
}

static void *
walks_all_the_time(void *arg)
{
	volatile bool *is_over = arg;
	enum nss_status status;
	struct passwd pwd;
	char buffer[128];
	int error;

	while (!*is_over) {
		status =
		    module.getpwent_r(&pwd, buffer, sizeof(buffer), &error);
		if (status == NSS_STATUS_NOTFOUND)
			(void)module.setpwent(0);
		else if (status != NSS_STATUS_SUCCESS)
			return arg;
	}
	return NULL;
}

/* Another thread is amid a walk: what the child inherits does not stop it. */
static void
n17_n20_fork_amid_walks(void **state)
{
	volatile bool is_over = false;
	pthread_t thread;
	void *failed;
	int i, status;
	pid_t pid;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, walks_all_the_time,
			     (void *)(uintptr_t)&is_over),
	    0);
	fflush(NULL);
	for (i = 0; i < 50; i++) {
		if ((pid = fork()) == 0) {
			(void)alarm(20);
			(void)module.setpwent(0);
			_exit(ask_next(&answer) == NSS_STATUS_SUCCESS &&
				    ask_next(&answer) == NSS_STATUS_SUCCESS &&
				    ask_next(&answer) == NSS_STATUS_NOTFOUND
				? 0
				: 1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	is_over = true;
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
}

static void
n4_n17_outages(void **state)
{
	(void)state;
	tree_chmod(module_root, DANCE_REGISTER_FILE, 0666);
	rest_is("", NSS_STATUS_UNAVAIL);
	rest_of_groups_is("", NSS_STATUS_UNAVAIL);
	tree_chmod(module_root, DANCE_REGISTER_FILE, 0644);
	assert_true(next_is_right());
	tree_unlink(module_root, "/etc/group");
	assert_int_equal(ask_next(&answer), NSS_STATUS_UNAVAIL);
	assert_int_equal(answer.error, ENODEV);
	tree_write(module_root, "/etc/group", module_group);
	rest_is("fix2 ", NSS_STATUS_NOTFOUND);
	/* Amid a walk the register is taken away. */
	(void)module.setpwent(0);
	assert_true(next_is_right());
	tree_unlink(module_root, DANCE_REGISTER_FILE);
	rest_is("", NSS_STATUS_UNAVAIL);
	assert_int_equal(answer.error, EIO);
	(void)module.setpwent(0);
	rest_is("", NSS_STATUS_NOTFOUND);
	tree_unlink(module_root, DANCE_INDEX_FILE);
	assert_int_equal(ask_next(&answer), NSS_STATUS_UNAVAIL);
	assert_int_equal(answer.error, ENODEV);
}

/* Another one in its place: where no record begins, the walk ends. */
static void
n17_another_register(void **state)
{
	(void)state;
	assert_true(next_is_right());
	tree_unlink(module_root, DANCE_REGISTER_FILE);
	comes_in("a-name-that-is-longer", 5011);
	comes_in("fix2", 5000);
	rest_is("", NSS_STATUS_UNAVAIL);
	assert_int_equal(answer.error, EIO);
	/* Shorter than where the walk stands. */
	tree_unlink(module_root, DANCE_REGISTER_FILE);
	begin(NULL);
	rest_is("pat fix2 ", NSS_STATUS_NOTFOUND);
	tree_unlink(module_root, DANCE_REGISTER_FILE);
	comes_in("fix2", 5000);
	rest_is("", NSS_STATUS_UNAVAIL);
	list_is("fix2 ");
}

static void
record_put(struct cdb_make *cdb, const char *key, const void *data, size_t len)
{
	uint8_t value[1200];
	uint64_t sum = dance_index_sum(DANCE_INDEX_SUM_START, key, strlen(key));

	sum = dance_index_sum(sum, data, len);
	memcpy(value, data, len);
	memcpy(value + len, &sum, sizeof(sum));
	assert_int_equal(cdb_make_add(cdb, key, (unsigned)strlen(key), value,
			     (unsigned)(len + sizeof(sum))),
	    0);
}

/* Letters that a later version may have in it, with values of any length. */
static void
n17_n28_later_records(void **state)
{
	static struct dance_index_header header;
	static struct cdb_make cdb;
	static const uint8_t later[1100] = { 1, 0, 2 };
	char *path = tree_path(module_root, DANCE_REGISTER_FILE), number[16];
	uint32_t pat = uid_of("pat"), fix = 5000;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	(void)state;
	snprintf(number, sizeof(number), "u%u", pat);
	assert_int_equal(cdb_make_start(&cdb, fd), 0);
	record_put(&cdb, "H", &header, sizeof(header));
	record_put(&cdb, "z", later, sizeof(later));
	record_put(&cdb, "npat", &pat, sizeof(pat));
	record_put(&cdb, number, "pat", 3);
	record_put(&cdb, "zpat", later, 0);
	record_put(&cdb, "nfix", &fix, sizeof(fix));
	record_put(&cdb, "u5000", "fix", 3);
	record_put(&cdb, "y", later, 700);
	header.tables_at = (uint32_t)cdb.cdb_dpos;
	assert_int_equal(cdb_make_finish(&cdb), 0);
	assert_int_equal(dance_index_seal(fd, &header), 0);
	close(fd);
	free(path);
	list_is("pat fix ");
}

/*
 * Whatever is damaged: the walk ends soon, has given right entries in their
 * order, and says that it is whole only if it is.
 */
static void
damaged_walk(void)
{
	static const char *const names[] = { "pat", "fix2" };
	unsigned n = 0;

	(void)module.setpwent(0);
	for (; ask_next(&answer) == NSS_STATUS_SUCCESS; n++) {
		assert_true(n < N(names));
		assert_string_equal(answer.pwd.pw_name, names[n]);
		assert_int_equal(
		    answer.pwd.pw_uid, n == 0 ? uid_of("pat") : 5000);
	}
	if (n < N(names))
		assert_int_equal(answer.status, NSS_STATUS_UNAVAIL);
}

static void
n17_n29_damaged_register(void **state)
{
	char *path = tree_path(module_root, DANCE_REGISTER_FILE);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	uint8_t octet, other;
	struct stat st;
	unsigned k;
	off_t at;

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(fstat(fd, &st), 0);
	for (at = 0; at < st.st_size; at++) {
		assert_int_equal(pread(fd, &octet, 1, at), 1);
		for (k = 0; k < 3; k++) {
			other = octet ^ (k == 0 ? 0x01 : k == 1 ? 0x80 : 0xff);
			assert_int_equal(pwrite(fd, &other, 1, at), 1);
			damaged_walk();
		}
		assert_int_equal(pwrite(fd, &octet, 1, at), 1);
	}
	list_is("pat fix2 ");
	for (at = st.st_size; at-- > 0;) {
		assert_int_equal(ftruncate(fd, at), 0);
		damaged_walk();
	}
	close(fd);
	free(path);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(n17_off, begin),
		cmocka_unit_test_setup(n17_who_is_listed, begin),
		cmocka_unit_test_setup(n17_begin_and_end, begin),
		cmocka_unit_test_setup(n17_complete_while_it_grows, begin),
		cmocka_unit_test_setup(n6_n8_n17_small_buffers, begin),
		cmocka_unit_test_setup(n17_n20_fork, begin),
		cmocka_unit_test_setup(n17_n20_fork_amid_walks, begin),
		cmocka_unit_test_setup(n4_n17_outages, begin),
		cmocka_unit_test_setup(n17_another_register, begin),
		cmocka_unit_test_setup(n17_n28_later_records, begin),
		cmocka_unit_test_setup(n17_n29_damaged_register, begin),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
