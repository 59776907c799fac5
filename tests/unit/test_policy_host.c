/* SPDX-License-Identifier: ISC */
/*
 * What the host itself says of a login name: NSS is a table of the test's, and
 * /etc and /var are a tree of its own, in its own namespace of mounts.
 */
#include <err.h>
#include <pwd.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "index.h"
#include "policy.h"
#include "register.h"
#include "tree.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define NAME "laptop._device.example.com"

static char root[TREE_MAX];

struct passwd *getpwnam(const char *name);

static const struct {
	const char *name;
	uid_t uid;
} known[] = {
	{ "root", 0 },
	{ "alice", 1000 },
	{ "virt", 64055 },
	{ "high", 2050000000 },
	{ NAME, 1000 },
	{ "stale.example.com", 1000 },
	{ "other.example.com", 1001 },
	/* These have no line in passwd. */
	{ "zoe", 2050000001 },
	{ "Zoe", 2050000002 },
	{ "fixed", 70000 },
	{ "early", 999 },
	{ "old", 90000 },
	{ "directory", 70001 },
	{ "nobody", 65534 },
	{ "none", UINT32_MAX },
};

/* Of those who log in. */
__attribute__((visibility("default"))) struct passwd *
getpwnam(const char *name)
{
	static struct passwd entry;
	size_t i;

	for (i = 0; i < N(known); i++)
		if (strcmp(known[i].name, name) == 0) {
			entry.pw_uid = known[i].uid;
			return &entry;
		}
	return NULL;
}

static void
mount_over(const char *folder)
{
	char *path = tree_path(root, folder);

	if (mount(path, folder, NULL, MS_BIND, NULL) != 0)
		err(1, "mount %s", folder);
	free(path);
}

static int
setup(void **state)
{
	struct dance_fault fault = { "" };

	(void)state;
	tree_make(root);
	tree_mkdir(root, "/etc/dance");
	tree_mkdir(root, DANCE_STATEDIR);
	tree_write(root, "/etc/passwd",
	    "root:x:0:0::/root:/bin/sh\n"
	    "alice:x:1000:1000::/:/bin/sh\n"
	    "virt:x:64055:64055::/:/bin/sh\n"
	    "high:x:2050000000:100::/:/bin/sh\n");
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		err(1, "unshare");
	mount_over("/etc");
	mount_over("/var");
	if (dance_register_add(
		"", "old", 90000, dance_now_ms() + 10000, &fault) != 0)
		errx(1, "register: %s", fault.text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)umount2("/etc", MNT_DETACH);
	(void)umount2("/var", MNT_DETACH);
	tree_remove(root);
	return 0;
}

/* "" for the fault; else as test_policy.c. */
static void
login_check(const char *map, const char *login, const char *want)
{
	static const char conf[] = "login-names = yes\nresolver = 127.0.0.1\n"
				   "provision-uids = 2001000000-2147000000\n";
	struct dance_config *config = NULL;
	struct dance_policy *policy = NULL;
	struct dance_fault fault = { "" };
	char text[512] = "";
	int r;

	tree_write(root, DANCE_MAP_FILE, map);
	if (dance_config_parse(
		conf, strlen(conf), "conf", "", &config, &fault) != 0)
		fail_msg("%s", fault.text);
	r = dance_policy_load_accounts(config, login, &policy, &fault);
	if (r == 0)
		snprintf(text, sizeof(text), "%s%s%s", policy->account,
		    policy->is_ordinary ? "" : "!",
		    policy->is_identity ? "@" : "");
	else
		assert_int_equal(r, DANCE_ERR_CONFIG);
	if (strcmp(text, want) != 0)
		fail_msg("%s%s: \"%s\" %s", map, login, text, fault.text);
	dance_policy_free(&policy);
	dance_config_free(&config);
}

static void
names_of_identities(void **state)
{
	(void)state;
	login_check(NAME " alice\n", NAME, "alice@");
	login_check(NAME " virt\n", NAME, "");
	/* NSS has another account behind it than the map, or one by itself. */
	login_check("other.example.com alice\n", "other.example.com",
	    "other.example.com");
	login_check("", "stale.example.com", "");
	login_check("!stale.example.com *\n", "stale.example.com", "");
	login_check("a.b alice\n", "alice", "alice");
	login_check("a.b alice\n", "nothere", "nothere!");
}

/* How far patterns reach, and that it is no further for provision. */
static void
reach(void **state)
{
	static const struct {
		const char *map;
		const char *login;
		const char *want;
	} rows[] = {
		{ "%u@d.e %u\n", "alice", "alice" },
		{ "%u@d.e %u\n", "root", "root!" },
		{ "%u@d.e %u\n", "virt", "virt!" },
		{ "%u@d.e %u provision\n", "virt", "virt!" },
		{ "%u@d.e %u\n", "high", "high!" },
		{ "%u@d.e %u provision\n", "high", "high!" },
		{ "%u@d.e %u provision\n", "zoe", "zoe" },
		{ "%u@d.e %u\n", "zoe", "zoe!" },
		{ "%u@d.e %u provision\n", "Zoe", "Zoe!" },
		{ "*@d.e zoe provision\n", "zoe", "zoe" },
		{ "*@d.e bob provision\n", "zoe", "zoe!" },
		{ "!zoe@d.e *\n%u@d.e %u provision\n", "zoe", "zoe" },
		{ "*@d.e fixed provision,uid=70000\n", "fixed", "fixed" },
		{ "*@d.e fixed provision,uid=70001\n", "fixed", "fixed!" },
		{ "%u@d.e %u provision\n", "fixed", "fixed!" },
		{ "%u@d.e %u provision\n", "directory", "directory!" },
		{ "*@d.e early provision,uid=999\n", "early", "early!" },
		/* Registered under another range. */
		{ "%u@d.e %u provision\n", "old", "old" },
		{ "%u@d.e %u\n", "old", "old!" },
		{ "%u@d.e %u provision\n", "nobody", "nobody!" },
		{ "*@d.e nobody provision,uid=65534\n", "nobody", "nobody!" },
		{ "%u@d.e %u provision\n", "none", "none!" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		login_check(rows[i].map, rows[i].login, rows[i].want);
	tree_write(root, "/etc/login.defs", "UID_MAX 4294967294\n");
	login_check("%u@d.e %u\n", "high", "high");
	login_check("%u@d.e %u\n", "directory", "directory");
	login_check("%u@d.e %u\n", "nobody", "nobody!");
	tree_write(root, "/etc/login.defs", "UID_MAX many\n");
	login_check("%u@d.e %u\n", "alice", "");
	tree_unlink(root, "/etc/login.defs");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_identities),
		cmocka_unit_test(reach),
	};

	if (geteuid() != 0)
		errx(1, "run as root: it makes a namespace of its own");
	return cmocka_run_group_tests(tests, setup, teardown);
}
