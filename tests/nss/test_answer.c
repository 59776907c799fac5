/* SPDX-License-Identifier: ISC */
/* What is answered, and to whom nothing is said. */
#include <errno.h>
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

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct answer answer;

/* Each test begins with the same tree. */
static int
reset(void **state)
{
	module_reset();
	(void)state;
	return 0;
}

static void
identities(void **state)
{
	static const char *const none[] = { "two.example.com",
		"both.example.com", "root.example.com", "ghost.example.com",
		"only.example.com", "x.low.example", "root.self.example",
		"daemon.self.example", "ghost.self.example", "al.bo.example",
		"stars.example", "x.y.stars.example" };
	size_t i;

	(void)state;
#define AL "Al,,,", "/srv/al", "/bin/bash"
	found("laptop._device.example.com", 1000, 1000, AL);
	found("_ssh.al.example.com", 1000, 1000, AL);
	found("al@example.com", 1000, 1000, AL);
	found("same.example.com", 1000, 1000, AL);
	found("x.stars.example", 1000, 1000, AL);
	found("al.self.example", 1000, 1000, AL);
	/* It names; that a line refuses is for the verdict to say. */
	found("no.example.com", 1000, 1000, AL);
#undef AL
	/* An empty shell is none that anybody should start. */
	found("bo.example.com", 1001, 100, "", "/srv/bo", "/bin/sh");
	/* Below UID_MIN by a literal line alone. */
	found("daemon.example.com", 1, 1, "", "/usr/sbin", "/usr/sbin/nologin");
	for (i = 0; i < N(none); i++)
		not_found(none[i]);
	tree_write(module_root, COMPILED_CONF, "login-names = no\n");
	compiled_make(module_root, module_map);
	not_found("al@example.com");
	not_found("laptop._device.example.com");
}

static void
n10_names(void **state)
{
	static const char *const none[] = { "", " ", ".", "..", "a", "-pat",
		"+pat", "Pat", "PAT", "pat ", " pat", "pat\n", "pat.", "pa",
		"patt", "p\xc3\xa4t", "pat:x", "pat/x", "1000", "0", "*", "%u",
		"Laptop._device.example.com", "laptop._device.example.com.",
		".laptop._device.example.com", "laptop..example.com",
		"*.stars.example", "%u.self.example", "AL@example.com",
		"al@EXAMPLE.com", "al@@example.com", "@example.com", "al@" };
	static const char *const no_file[] = { "", " ", ".", "..", "-pat",
		"+pat", "Pat", "pat ", "p\xc3\xa4t", "pat:x", "pat\n", "pat/x",
		"1000", "*", "%u", "Laptop._device.example.com" };
	static char large[1 << 20];
	size_t i, len;

	(void)state;
	for (i = 0; i < N(none); i++)
		not_found(none[i]);
	memset(large, 'a', sizeof(large) - 1);
	for (len = sizeof(large) - 1; len > 0;
	     len = len > 600 ? 600 : len - 1) {
		large[len] = '\0';
		not_found(large);
		assert_int_equal(
		    ask_group(large, &answer), NSS_STATUS_NOTFOUND);
	}
	/* What can be no name of ours is answered without any file. */
	tree_unlink(module_root, DANCE_INDEX_FILE);
	for (i = 0; i < N(no_file); i++)
		not_found(no_file[i]);
	large[0] = 'a';
	memset(large, 'a', 1000);
	not_found(large);
	unavailable("laptop._device.example.com", ENODEV);
}

/* Of octets that names have, and others, and of lengths around the limits. */
static void
n10_odd_names(void **state)
{
	static const char octets[] =
	    "abz019._-@+%*,:/!# \t\n\r\\\"'$`AZ\x01\x7f\x80\xc3\xa4\xff";
	static char name[1200];
	uint64_t seed = 0x9e3779b97f4a7c15ULL;
	unsigned fds = tree_count_fds();
	enum nss_status status;
	size_t i, k, len, few;

	(void)state;
	for (i = 0; i < 20000; i++) {
		len = i % 50 == 0 ? 240 + i / 50 : i % 70;
		for (k = 0; k < len; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			few = i % 2 == 0 ? 11 : sizeof(octets) - 1;
			name[k] = octets[(size_t)(seed >> 33) % few];
		}
		name[len] = '\0';
		not_found(name);
		assert_int_equal(ask_group(name, &answer), NSS_STATUS_NOTFOUND);
		assert_string_equal(groups_of(name, 1, &status), "");
		assert_int_equal(status, NSS_STATUS_NOTFOUND);
	}
	assert_int_equal(tree_count_fds(), fds);
}

static void
n11_names_and_numbers_that_are_taken(void **state)
{
	static const uid_t uids[] = { 0, 1, 1000, 65534, (uid_t)-1, (uid_t)-2,
		5001, 7777, 3000 };
	size_t i;

	(void)state;
	found("fix", 5000, 5000, "", "/srv/fix", "/bin/bash");
	found("fix2", 5000, 5000, "", "/srv/fix2", "/bin/bash");
	/* In passwd, in group, by its uid, by its gid. */
	not_found("al");
	not_found("adm");
	not_found("root");
	not_found("odd");
	not_found("grp");
	for (i = 0; i < N(uids); i++) {
		assert_int_equal(
		    ask_uid(uids[i], &answer), NSS_STATUS_NOTFOUND);
		assert_int_equal(
		    ask_gid(uids[i], &answer), NSS_STATUS_NOTFOUND);
	}
	/* Accounts that are nobody's own, whatever passwd calls them. */
	not_found("nobody.example.com");
	tree_write(module_root, "/etc/passwd",
	    "al:x:4294967295:1000::/srv/al:/bin/sh\n"
	    "bo:x:1001:4294967295::/srv/bo:/bin/sh\n"
	    "ghost:x:0:0::/srv/ghost:/bin/sh\n");
	not_found("al@example.com");
	not_found("bo.example.com");
	not_found("ghost.example.com");
	/* A group of that name, although nobody of that name is in passwd. */
	tree_write(module_root, "/etc/passwd", module_passwd);
	tree_write(module_root, "/etc/group", "al@example.com:x:12:\n");
	not_found("al@example.com");
	/* glibc takes a group without a last colon, and so it is one. */
	tree_write(module_root, "/etc/group", "cut:x:5000\nfix3:x:5005");
	not_found("fix");
}

static void
n12_n13_n16_provisioned(void **state)
{
	uid_t pat = uid_of("pat");

	(void)state;
	found("pat", pat, pat, "", "/srv/pat", "/bin/bash");
	assert_in_range(pat, MODULE_FIRST, MODULE_LAST);
	/* Its group is its own, and has no other members. */
	assert_int_equal(ask_group("pat", &answer), NSS_STATUS_SUCCESS);
	assert_int_equal(answer.grp.gr_gid, pat);
	assert_string_equal(answer.grp.gr_name, "pat");
	assert_string_equal(answer.grp.gr_passwd, "*");
	assert_null(answer.grp.gr_mem[0]);
	/* Back from the number once it has come in. */
	assert_int_equal(ask_uid(pat, &answer), NSS_STATUS_NOTFOUND);
	assert_int_equal(ask_gid(pat, &answer), NSS_STATUS_NOTFOUND);
	assert_int_equal(
	    dance_register_add(module_root, "pat", pat, DANCE_FOR_EVER, NULL),
	    0);
	assert_int_equal(ask_uid(pat, &answer), NSS_STATUS_SUCCESS);
	assert_string_equal(answer.pwd.pw_name, "pat");
	assert_int_equal(answer.pwd.pw_gid, pat);
	assert_int_equal(ask_gid(pat, &answer), NSS_STATUS_SUCCESS);
	assert_string_equal(answer.grp.gr_name, "pat");
	/* Whose uid the register gives to another is nobody. */
	assert_int_equal(
	    dance_register_add(module_root, "zed", 5000, DANCE_FOR_EVER, NULL),
	    0);
	not_found("fix");
	assert_int_equal(ask_uid(5000, &answer), NSS_STATUS_NOTFOUND);
	found("pat", pat, pat, "", "/srv/pat", "/bin/bash");
	/* Who has left the map has no entry more. */
	compiled_make(module_root, "a.b al\n");
	assert_int_equal(ask_uid(pat, &answer), NSS_STATUS_NOTFOUND);
	assert_int_equal(ask_gid(pat, &answer), NSS_STATUS_NOTFOUND);
	not_found("pat");
	/* Who would have another uid now is not the same account. */
	compiled_make(module_root, "a.b pat provision,uid=4999\n");
	not_found("pat");
	assert_int_equal(ask_uid(pat, &answer), NSS_STATUS_NOTFOUND);
	assert_int_equal(ask_uid(4999, &answer), NSS_STATUS_NOTFOUND);
}

static void
n12_everybody(void **state)
{
	char name[32];
	uid_t uid;
	unsigned i, n = 0;

	(void)state;
	compiled_make(module_root, "%u@corp.example %u provision\n");
	for (i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "u%u", i);
		uid = uid_of(name);
		if (dance_register_add(
			module_root, name, uid, DANCE_FOR_EVER, NULL) != 0) {
			not_found(name);
			continue;
		}
		n++;
		assert_int_equal(ask_name(name, &answer), NSS_STATUS_SUCCESS);
		assert_int_equal(answer.pwd.pw_uid, uid);
		assert_int_equal(ask_uid(uid, &answer), NSS_STATUS_SUCCESS);
		assert_string_equal(answer.pwd.pw_name, name);
		assert_int_equal(ask_group(name, &answer), NSS_STATUS_SUCCESS);
		assert_int_equal(answer.grp.gr_gid, uid);
		assert_int_equal(ask_gid(uid, &answer), NSS_STATUS_SUCCESS);
		assert_string_equal(answer.grp.gr_name, name);
	}
	assert_in_range(n, 40, 60);
	not_found("1");
	not_found("root");
	not_found("al");
	not_found("u@corp.example");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(identities, reset),
		cmocka_unit_test_setup(n10_names, reset),
		cmocka_unit_test_setup(n10_odd_names, reset),
		cmocka_unit_test_setup(
		    n11_names_and_numbers_that_are_taken, reset),
		cmocka_unit_test_setup(n12_n13_n16_provisioned, reset),
		cmocka_unit_test_setup(n12_everybody, reset),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
