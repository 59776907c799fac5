/* SPDX-License-Identifier: ISC */
/* Accounts of a tree: which of them patterns may reach. */
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "account.h"
#include "tree.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define PASSWD                              \
	"root:x:0:0::/root:/bin/sh\n"       \
	"toor:x:0:0::/root:/bin/sh\n"       \
	"daemon:x:1:1::/:/bin/false\n"      \
	"system:x:999:999::/:/bin/sh\n"     \
	"alice:x:1000:1000:A:/:/bin/bash\n" \
	"virt:x:64055:64055::/:/bin/sh\n"   \
	"nobody:x:65534:65534::/:/bin/false\n"

static char root[TREE_MAX];

static int
setup(void **state)
{
	(void)state;
	tree_make(root);
	tree_write(root, "/etc/passwd", PASSWD);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tree_remove(root);
	return 0;
}

static bool
is_ordinary(const char *account)
{
	struct dance_fault fault = { "" };
	bool is = false;

	if (dance_account_is_ordinary(root, account, &is, &fault) != 0)
		fail_msg("%s", fault.text);
	return is;
}

static void
req_69_ordinary_accounts(void **state)
{
	(void)state;
	assert_true(is_ordinary("alice"));
	assert_false(is_ordinary("nobody"));
	assert_false(is_ordinary("virt"));
	assert_false(is_ordinary("root"));
	assert_false(is_ordinary("toor"));
	assert_false(is_ordinary("daemon"));
	assert_false(is_ordinary("system"));
	assert_false(is_ordinary("nothere"));
	assert_false(is_ordinary(""));
	assert_false(is_ordinary("alic"));
	assert_false(is_ordinary("Alice"));
	assert_false(is_ordinary("alice:x"));
	assert_false(is_ordinary("alice\n"));
}

/*
 * What login.defs says of the uids 999, 1000 and 64055; that of nobody is never
 * a person's.  "-": a fault.
 */
static void
req_70_range_of_login_defs(void **state)
{
	static const struct {
		const char *login_defs;
		const char *want;
	} rows[] = {
		{ "", "nyn" },
		{ "UID_MIN 1000\nUID_MAX 60000\n", "nyn" },
		{ "UID_MIN\t\t  500 # five hundred\n", "yyn" },
		{ "  UID_MIN 1001\r\n", "nnn" },
		{ "#UID_MIN 1\n#UID_MAX 65535\n", "nyn" },
		{ "SYS_UID_MIN 1\nUID_MINX 1\nSYS_UID_MAX 5\n", "nyn" },
		{ "UID_MIN 1\nUID_MIN 60000\n", "nnn" },
		{ "UID_MIN 0", "yyn" },
		{ "UID_MIN\n", "nyn" },
		{ "UID_MIN 70000\n", "nnn" },
		{ "UID_MAX 65535\n", "nyy" },
		{ "UID_MAX\t64055 # just so\n", "nyy" },
		{ "UID_MAX 64054\n", "nyn" },
		{ "UID_MAX 1000\n", "nyn" },
		{ "UID_MAX 999\n", "nnn" },
		{ "UID_MAX 5\nUID_MAX 4294967294\n", "nyy" },
		{ "UID_MIN 0\nUID_MAX 0\n", "nnn" },
		{ "UID_MIN many\n", "-" },
		{ "UID_MIN -1\n", "-" },
		{ "UID_MIN \n", "-" },
		{ "UID_MIN 1000 1\nUID_MIN 99999999999\n", "-" },
		{ "UID_MAX many\n", "-" },
		{ "UID_MAX many\nUID_MAX 60000\n", "-" },
		{ "UID_MIN 1000\nUID_MAX 4294967295\n", "-" },
	};
	struct dance_fault fault;
	bool is = false;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		tree_write(root, "/etc/login.defs", rows[i].login_defs);
		if (rows[i].want[0] == '-') {
			assert_int_equal(dance_account_is_ordinary(
					     root, "alice", &is, &fault),
			    DANCE_ERR_CONFIG);
			assert_non_null(strstr(fault.text, "UID_M"));
			continue;
		}
		assert_int_equal(is_ordinary("system"), rows[i].want[0] == 'y');
		assert_int_equal(is_ordinary("alice"), rows[i].want[1] == 'y');
		assert_int_equal(is_ordinary("virt"), rows[i].want[2] == 'y');
		assert_false(is_ordinary("nobody"));
		assert_false(is_ordinary("root"));
		assert_false(is_ordinary("nothere"));
	}
}

static void
what_cannot_be_found_out_is_a_fault(void **state)
{
	struct dance_fault fault;
	bool is = true;

	(void)state;
	tree_write(root, "/etc/login.defs", "UID_MIN 1\n");
	tree_chmod(root, "/etc/login.defs", 0666);
	assert_int_equal(dance_account_is_ordinary(root, "alice", &is, &fault),
	    DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "login.defs: writable"));
	tree_unlink(root, "/etc/login.defs");
	tree_unlink(root, "/etc/passwd");
	assert_int_equal(dance_account_is_ordinary(root, "alice", &is, &fault),
	    DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "/etc/passwd: No such file"));
	assert_int_equal(dance_account_is_local(root, "alice", &is, &fault),
	    DANCE_ERR_CONFIG);
}

static void
local_accounts(void **state)
{
	struct dance_fault fault;
	bool is;

	(void)state;
	tree_write(root, "/etc/passwd",
	    "broken line\n\n# comment\n:x:5:5:::\n"
	    "a.b:x:1000:1000:::\nalice:x:1001:1001::/:/bin/sh");
	assert_int_equal(dance_account_is_local(root, "a.b", &is, &fault), 0);
	assert_true(is);
	assert_int_equal(dance_account_is_local(root, "alice", &is, &fault), 0);
	assert_true(is);
	assert_int_equal(dance_account_is_local(root, "a.c", &is, &fault), 0);
	assert_false(is);
}

static void
accounts_of_the_host(void **state)
{
	struct dance_fault fault = { "" };
	bool is = true;

	(void)state;
	assert_int_equal(dance_account_is_ordinary("", "root", &is, &fault), 0);
	assert_false(is);
	is = true;
	assert_int_equal(
	    dance_account_is_ordinary("", "no-such-account", &is, &fault), 0);
	assert_false(is);
	assert_int_equal(
	    dance_account_is_ordinary("", "nobody", &is, &fault), 0);
	assert_false(is);
	assert_int_equal(dance_account_is_local("", "root", &is, &fault), 0);
	assert_true(is);
}

/* The host's passwd can't be opened; the C library then knows nobody. */
static bool is_passwd_shut;

__attribute__((visibility("default"))) FILE *
fopen(const char *path, const char *mode)
{
	FILE *(*real)(const char *, const char *);
	void *symbol = dlsym(RTLD_NEXT, "fopen");

	if (is_passwd_shut && strcmp(path, "/etc/passwd") == 0) {
		errno = EMFILE;
		return NULL;
	}
	memcpy(&real, &symbol, sizeof(real));
	return real(path, mode);
}

static void
a_passwd_that_cannot_be_read(void **state)
{
	struct dance_fault fault = { "" };
	bool is = true;

	(void)state;
	is_passwd_shut = true;
	assert_int_equal(
	    dance_account_is_ordinary("", "no-such-account", &is, &fault),
	    DANCE_ERR_CONFIG);
	is_passwd_shut = false;
	assert_non_null(strstr(fault.text, "/etc/passwd: "));
	assert_int_equal(
	    dance_account_is_ordinary("", "no-such-account", &is, &fault), 0);
	assert_false(is);
}

/* What sshd makes of a login name must be the account of the map. */
static void
two_names_of_one_uid(void **state)
{
	static const struct {
		const char *login;
		const char *account;
		bool want;
	} rows[] = {
		{ "root", "root", true },
		{ "nobody", "nobody", true },
		{ "root", "nobody", false },
		{ "nobody", "root", false },
		{ "no-such-account", "root", false },
		{ "root", "no-such-account", false },
		{ "no-such-account", "no-such-account", false },
	};
	struct dance_fault fault;
	bool is;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		is = !rows[i].want;
		assert_int_equal(dance_account_is_same("", rows[i].login,
				     rows[i].account, &is, &fault),
		    0);
		assert_int_equal(is, rows[i].want);
		assert_int_equal(dance_account_is_same(root, rows[i].login,
				     rows[i].account, &is, &fault),
		    0);
		assert_true(is);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(req_69_ordinary_accounts),
		TEST(req_70_range_of_login_defs),
		TEST(what_cannot_be_found_out_is_a_fault),
		TEST(local_accounts),
		TEST(accounts_of_the_host),
		TEST(a_passwd_that_cannot_be_read),
		TEST(two_names_of_one_uid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
