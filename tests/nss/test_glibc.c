/* SPDX-License-Identifier: ISC */
/*
 * Through the C library: the module that is loaded already has the name that
 * nsswitch would call it by.  Each in a child, since the choice is for good.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"
#include "register.h"

/* glibc exports it for the like of us; no header has it. */
int __nss_configure_lookup(const char *database, const char *line);

static int
reset(void **state)
{
	(void)state;
	module_reset();
	return dance_register_add(
	    module_root, "pat", uid_of("pat"), DANCE_FOR_EVER, NULL);
}

#define REQUIRE(is_true)                 \
	do {                             \
		if (!(is_true))          \
			_exit(__LINE__); \
	} while (0)

static void
in_child(void (*run)(void), const char *passwd, const char *group)
{
	int status;
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == 0) {
		if (__nss_configure_lookup("passwd", passwd) != 0 ||
		    __nss_configure_lookup("group", group) != 0 ||
		    __nss_configure_lookup("initgroups", group) != 0)
			_exit(1);
		run();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("signal %d, line %d (of 256)", status & 127,
		    WEXITSTATUS(status));
}

static void
lookups(void)
{
	gid_t groups[16];
	struct passwd *pwd;
	struct group *grp;
	int n = 16;

	REQUIRE((pwd = getpwnam("al@example.com")) != NULL);
	REQUIRE(strcmp(pwd->pw_name, "al@example.com") == 0);
	REQUIRE(pwd->pw_uid == 1000 && strcmp(pwd->pw_passwd, "*") == 0);
	REQUIRE(strcmp(pwd->pw_dir, "/srv/al") == 0);
	REQUIRE(getgrouplist("al@example.com", 1000, groups, &n) == 3);
	REQUIRE(groups[0] == 1000 && groups[1] == 4 && groups[2] == 27);
	REQUIRE((pwd = getpwnam("pat")) != NULL);
	REQUIRE(pwd->pw_uid == uid_of("pat"));
	REQUIRE((pwd = getpwuid(uid_of("pat"))) != NULL);
	REQUIRE(strcmp(pwd->pw_name, "pat") == 0);
	REQUIRE((grp = getgrnam("pat")) != NULL);
	REQUIRE((grp = getgrgid(uid_of("pat"))) != NULL);
	REQUIRE(strcmp(grp->gr_name, "pat") == 0 && grp->gr_mem[0] == NULL);
	n = 16;
	REQUIRE(getgrouplist("pat", uid_of("pat"), groups, &n) == 1);
	errno = 0;
	REQUIRE(getpwnam("two.example.com") == NULL && errno == 0);
	REQUIRE(getpwnam("Pat") == NULL && errno == 0);
	REQUIRE(getpwuid(4999) == NULL && errno == 0);
	/* Those of the host are the host's. */
	REQUIRE((pwd = getpwnam("root")) != NULL && pwd->pw_uid == 0);
}

static void
n35_lookups(void **state)
{
	(void)state;
	in_child(lookups, "files dance", "files dance");
	in_child(lookups, "dance files", "dance files");
}

static void
long_line(void)
{
	struct passwd *pwd = getpwnam("al@example.com");

	REQUIRE(pwd != NULL && strlen(pwd->pw_gecos) == 20000);
}

/* The buffer grows until it is enough, and no further. */
static void
n6_long_line(void **state)
{
	static char text[20100];
	size_t len = (size_t)snprintf(text, sizeof(text), "al:x:1000:1000:");

	(void)state;
	memset(text + len, 'g', 20000);
	memcpy(text + len + 20000, ":/srv/al:/b\n", 13);
	tree_write(module_root, "/etc/passwd", text);
	in_child(long_line, "files dance", "files dance");
}

static unsigned n_ours; /* accounts and groups that have to be listed */

static void
enumeration(void)
{
	struct passwd *pwd;
	struct group *grp;
	unsigned n = 0, n_found = 0;

	setpwent();
	for (; (pwd = getpwent()) != NULL; n++) {
		n_found += pwd->pw_uid == uid_of("pat") &&
		    strcmp(pwd->pw_name, "pat") == 0;
		n_found += pwd->pw_uid == 5000 && strlen(pwd->pw_name) == 250 &&
		    pwd->pw_gid == 5000;
		REQUIRE(strchr(pwd->pw_name, '@') == NULL);
	}
	REQUIRE(errno == 0);
	endpwent();
	setgrent();
	for (; (grp = getgrent()) != NULL; n++) {
		n_found += grp->gr_gid == uid_of("pat");
		n_found += grp->gr_gid == 5000;
	}
	REQUIRE(errno == 0);
	endgrent();
	REQUIRE(n > n_found && n_found == n_ours);
}

/* Twice, as programs do, and beside questions by name. */
static void
enumerations(void)
{
	errno = 0;
	enumeration();
	REQUIRE(getpwnam("pat") != NULL);
	errno = 0;
	enumeration();
}

static void
n17_enumeration(void **state)
{
	char name[251], map[600];

	(void)state;
	n_ours = 0;
	in_child(enumerations, "files dance", "files dance");
	memset(name, 'n', 250);
	name[250] = '\0';
	snprintf(map, sizeof(map),
	    "a.b pat provision\na.c %s provision,uid=5000\n", name);
	assert_int_equal(
	    dance_register_add(module_root, name, 5000, DANCE_FOR_EVER, NULL),
	    0);
	compiled_make(module_root, map);
	in_child(enumerations, "files dance", "files dance");
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, map);
	n_ours = 4;
	in_child(enumerations, "files dance", "files dance");
	in_child(enumerations, "dance files", "dance files");
}

static void
groups_by_name(void)
{
	static struct answer answer;
	gid_t groups[16];
	int n = 16;

	(void)module.setgrent(0);
	REQUIRE(ask_next_group(&answer) == NSS_STATUS_SUCCESS);
	REQUIRE(strcmp(answer.grp.gr_name, "pat") == 0);
	REQUIRE(getgrouplist("al@example.com", 1000, groups, &n) == 3);
	n = 16;
	REQUIRE(getgrouplist("pat", uid_of("pat"), groups, &n) == 1);
	n = 16;
	REQUIRE(getgrouplist("root", 0, groups, &n) >= 1);
	n = 16;
	REQUIRE(getgrouplist("nosuch", 9, groups, &n) == 1);
	/* Where a walk through glibc would have begun again, or ended. */
	REQUIRE(ask_next_group(&answer) == NSS_STATUS_SUCCESS);
	REQUIRE(strcmp(answer.grp.gr_name, "fix") == 0);
}

/* Nobody who asks for a user's groups walks over all of them. */
static void
n14_no_walk_for_groups(void **state)
{
	(void)state;
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, module_map);
	assert_int_equal(
	    dance_register_add(module_root, "fix", 5000, DANCE_FOR_EVER, NULL),
	    0);
	in_child(groups_by_name, "files dance", "files dance");
	in_child(groups_by_name, "dance files", "dance files");
}

static void
enumeration_outage(void)
{
	unsigned n = 0;

	errno = 0;
	while (getpwent() != NULL)
		n++;
	REQUIRE(errno == EIO && n > 0);
}

/* Who was cut short is told. */
static void
n4_n17_enumeration_outage(void **state)
{
	(void)state;
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, module_map);
	tree_write(module_root, DANCE_REGISTER_FILE, "damaged");
	in_child(enumeration_outage, "files dance", "files dance");
}

static void
outage(void)
{
	errno = 0;
	REQUIRE(getpwnam("pat") == NULL && errno == EIO);
	errno = 0;
	REQUIRE(getgrnam("pat") == NULL && errno == EIO);
}

static void
outage_hidden(void)
{
	errno = 0;
	REQUIRE(getpwnam("pat") == NULL && errno == 0);
}

/* As the last one an outage shows; before another, that one's word counts. */
static void
n31_outage(void **state)
{
	(void)state;
	tree_write(module_root, DANCE_INDEX_FILE, "damaged");
	in_child(outage, "files dance", "files dance");
	in_child(outage_hidden, "dance files", "dance files");
	in_child(outage, "dance [!SUCCESS=return] files", "files dance");
}

static void
merged(void)
{
	struct group *grp = getgrnam("root");

	REQUIRE(grp != NULL && grp->gr_gid == 0);
	REQUIRE((grp = getgrnam("pat")) != NULL);
	REQUIRE(grp->gr_gid == uid_of("pat"));
}

static void
n32_merge(void **state)
{
	(void)state;
	in_child(merged, "files dance", "files [SUCCESS=merge] dance");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(n35_lookups, reset),
		cmocka_unit_test_setup(n6_long_line, reset),
		cmocka_unit_test_setup(n14_no_walk_for_groups, reset),
		cmocka_unit_test_setup(n17_enumeration, reset),
		cmocka_unit_test_setup(n4_n17_enumeration_outage, reset),
		cmocka_unit_test_setup(n31_outage, reset),
		cmocka_unit_test_setup(n32_merge, reset),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
