/* SPDX-License-Identifier: ISC */
/* See module.h. */
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"

#define ERRNO_BEFORE 4711

struct module module;
char module_root[TREE_MAX];

const char module_map[] = "laptop._device.example.com al\n"
			  "_ssh.al.example.com al restrict\n"
			  "al@example.com al\n"
			  "bo.example.com bo\n"
			  "two.example.com al,bo\n"
			  "both.example.com al\n"
			  "both.example.com bo\n"
			  "same.example.com al\n"
			  "same.example.com al no-pty\n"
			  "root.example.com root\n"
			  "daemon.example.com daemon\n"
			  "nobody.example.com nobody\n"
			  "ghost.example.com ghost\n"
			  "no.example.com al\n"
			  "!no.example.com *\n"
			  "!only.example.com *\n"
			  "*.stars.example al\n"
			  "*.low.example daemon\n"
			  "%u.self.example %u\n"
			  "pat@corp.example pat provision\n"
			  "fix@corp.example fix,fix2 provision,uid=5000\n"
			  "odd@corp.example odd provision,uid=7777\n"
			  "grp@corp.example grp provision,uid=3000\n"
			  "al@corp.example al,adm provision\n";
const char module_passwd[] = "root:x:0:0:root:/r:/bin/bash\n"
			     "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
			     "al:x:1000:1000:Al,,,:/srv/al:/bin/bash\n"
			     "bo:x:1001:100::/srv/bo:\n"
			     "odd-uid:x:7777:7777::/srv/odd:/bin/sh\n"
			     "nobody:x:65534:65534::/nonexistent:/bin/false\n";
const char module_group[] = "root:x:0:\nadm:x:4:bo,al\nsudo:x:27:al\n"
			    "al:x:1000:\nusers:x:100:bo\n"
			    "staff:x:50:all,a,l,bal\ntaken:x:3000:\n";

char *
module_path(const char *name)
{
	char self[512], *slash, *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		err(1, "/proc/self/exe");
	self[n] = '\0';
	if ((slash = strrchr(self, '/')) == NULL)
		errx(1, "%s: no folder", self);
	*slash = '\0';
	if (asprintf(&path, "%s/%s", self, name) == -1)
		err(1, "asprintf");
	return path;
}

/* A function of the module; ISO C knows no cast to it. */
static void
function_find(void *handle, const char *name, void *ret)
{
	void *function = dlsym(handle, name);

	if (function == NULL)
		errx(1, "%s", dlerror());
	memcpy(ret, &function, sizeof(function));
}

void
module_load(void)
{
	char *path = module_path("module/libnss_dance.so.2");
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL)
		errx(1, "%s", dlerror());
	free(path);
	function_find(handle, "_nss_dance_getpwnam_r", &module.getpwnam_r);
	function_find(handle, "_nss_dance_getpwuid_r", &module.getpwuid_r);
	function_find(handle, "_nss_dance_getgrnam_r", &module.getgrnam_r);
	function_find(handle, "_nss_dance_getgrgid_r", &module.getgrgid_r);
	function_find(
	    handle, "_nss_dance_initgroups_dyn", &module.initgroups_dyn);
	function_find(handle, "_nss_dance_setpwent", &module.setpwent);
	function_find(handle, "_nss_dance_getpwent_r", &module.getpwent_r);
	function_find(handle, "_nss_dance_endpwent", &module.endpwent);
	function_find(handle, "_nss_dance_setgrent", &module.setgrent);
	function_find(handle, "_nss_dance_getgrent_r", &module.getgrent_r);
	function_find(handle, "_nss_dance_endgrent", &module.endgrent);
}

void
module_configure(const char *more)
{
	char conf[256];

	snprintf(conf, sizeof(conf),
	    "login-names = yes\nprovision-uids = %d-%d\n"
	    "provision-salt = " MODULE_SALT "\nprovision-home = /srv/%%u\n%s",
	    MODULE_FIRST, MODULE_LAST, more);
	tree_write(module_root, COMPILED_CONF, conf);
}

void
module_reset(void)
{
	char *path = tree_path(module_root, DANCE_REGISTER_FILE);

	tree_write(module_root, "/etc/passwd", module_passwd);
	tree_write(module_root, "/etc/group", module_group);
	module_configure("");
	compiled_make(module_root, module_map);
	(void)unlink(path);
	free(path);
}

int
module_setup(void **state)
{
	(void)state;
	module_load();
	compiled_tree(module_root);
	if (chdir(module_root) != 0)
		err(1, "%s", module_root);
	module_reset();
	return 0;
}

int
module_teardown(void **state)
{
	(void)state;
	if (chdir("/") != 0)
		warn("chdir");
	tree_remove(module_root);
	return 0;
}

/* What the structures hold before a call. */
struct before {
	struct passwd pwd;
	struct group grp;
};

/* The rules that hold for any answer. */
static void
answer_check(const struct answer *answer, const struct before *before, int none)
{
	assert_int_equal(errno, ERRNO_BEFORE);
	switch (answer->status) {
	case NSS_STATUS_SUCCESS:
		return;
	case NSS_STATUS_NOTFOUND:
		assert_int_equal(answer->error, none);
		break;
	case NSS_STATUS_TRYAGAIN:
		assert_true(answer->error == ERANGE || answer->error == EAGAIN);
		break;
	case NSS_STATUS_UNAVAIL:
		assert_int_not_equal(answer->error, 0);
		assert_int_not_equal(answer->error, ENOENT);
		assert_int_not_equal(answer->error, ERANGE);
		break;
	case NSS_STATUS_RETURN:
	default:
		fail_msg("status %d", answer->status);
	}
	assert_memory_equal(&answer->pwd, &before->pwd, sizeof(before->pwd));
	assert_memory_equal(&answer->grp, &before->grp, sizeof(before->grp));
}

/* none is what errno is set to when nothing is found. */
#define ASK(none, call)                                        \
	do {                                                   \
		struct before before;                          \
		memset(&before.pwd, 0x5a, sizeof(before.pwd)); \
		memset(&before.grp, 0x5a, sizeof(before.grp)); \
		ret->pwd = before.pwd;                         \
		ret->grp = before.grp;                         \
		ret->error = 0;                                \
		errno = ERRNO_BEFORE;                          \
		ret->status = (call);                          \
		answer_check(ret, &before, none);              \
	} while (0)

enum nss_status
ask_name(const char *name, struct answer *ret)
{
	ASK(ENOENT,
	    module.getpwnam_r(name, &ret->pwd, ret->buffer, sizeof(ret->buffer),
		&ret->error));
	return ret->status;
}

enum nss_status
ask_uid(uid_t uid, struct answer *ret)
{
	ASK(ENOENT,
	    module.getpwuid_r(
		uid, &ret->pwd, ret->buffer, sizeof(ret->buffer), &ret->error));
	return ret->status;
}

enum nss_status
ask_group(const char *name, struct answer *ret)
{
	ASK(ENOENT,
	    module.getgrnam_r(name, &ret->grp, ret->buffer, sizeof(ret->buffer),
		&ret->error));
	return ret->status;
}

enum nss_status
ask_gid(gid_t gid, struct answer *ret)
{
	ASK(ENOENT,
	    module.getgrgid_r(
		gid, &ret->grp, ret->buffer, sizeof(ret->buffer), &ret->error));
	return ret->status;
}

enum nss_status
ask_next(struct answer *ret)
{
	ASK(0,
	    module.getpwent_r(
		&ret->pwd, ret->buffer, sizeof(ret->buffer), &ret->error));
	return ret->status;
}

enum nss_status
ask_next_group(struct answer *ret)
{
	ASK(0,
	    module.getgrent_r(
		&ret->grp, ret->buffer, sizeof(ret->buffer), &ret->error));
	return ret->status;
}

void
not_found(const char *name)
{
	static __thread struct answer answer;

	if (ask_name(name, &answer) != NSS_STATUS_NOTFOUND)
		fail_msg("%s: status %d", name, answer.status);
}

void
unavailable(const char *name, int error)
{
	static __thread struct answer answer;

	if (ask_name(name, &answer) != NSS_STATUS_UNAVAIL ||
	    answer.error != error)
		fail_msg("%s: status %d, %s", name, answer.status,
		    strerror(answer.error));
}

void
found(const char *name, uid_t uid, gid_t gid, const char *gecos,
    const char *home, const char *shell)
{
	static __thread struct answer answer;

	if (ask_name(name, &answer) != NSS_STATUS_SUCCESS)
		fail_msg("%s: status %d, %s", name, answer.status,
		    strerror(answer.error));
	assert_string_equal(answer.pwd.pw_name, name);
	assert_string_equal(answer.pwd.pw_passwd, "*");
	assert_int_equal(answer.pwd.pw_uid, uid);
	assert_int_equal(answer.pwd.pw_gid, gid);
	assert_string_equal(answer.pwd.pw_gecos, gecos);
	assert_string_equal(answer.pwd.pw_dir, home);
	assert_string_equal(answer.pwd.pw_shell, shell);
}

const char *
groups_of(const char *user, gid_t skip, enum nss_status *ret)
{
	static __thread char text[1024];
	long start = 0, size = 1, i;
	gid_t *groups = malloc(sizeof(*groups));
	size_t used = 0;
	int error = 0;

	assert_non_null(groups);
	errno = ERRNO_BEFORE;
	*ret = module.initgroups_dyn(
	    user, skip, &start, &size, &groups, -1, &error);
	assert_int_equal(errno, ERRNO_BEFORE);
	assert_true(*ret == NSS_STATUS_SUCCESS || error != 0);
	assert_true(start <= size);
	text[0] = '\0';
	for (i = 0; i < start; i++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "%u ", groups[i]);
	free(groups);
	return text;
}

uid_t
uid_of(const char *account)
{
	struct dance_salt salt;

	assert_int_equal(dance_salt_parse(MODULE_SALT, &salt), 0);
	return dance_index_uid(&salt, account, MODULE_FIRST, MODULE_LAST);
}
