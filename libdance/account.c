/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "file.h"
#include "number.h"

#define LOGIN_DEFS	"/etc/login.defs"
#define LOGIN_DEFS_MAX	65536
#define UID_MIN_DEFAULT 1000
#define UID_MAX_DEFAULT 60000
#define UID_NOBODY	65534
#define PASSWD		"/etc/passwd"
#define PASSWD_LINE_MAX 65536

bool
dance_account_range_has(
    const struct dance_account_range *range, unsigned long uid)
{
	return uid != 0 && uid != UID_NOBODY && uid != UINT32_MAX &&
	    uid >= range->min && uid <= range->max;
}

/* "KEY NUMBER"; a line with another key, or with none, says nothing. */
static int
range_read_line(
    char *line, const char *key, unsigned long *ret, struct dance_fault *fault)
{
	size_t len = strlen(key);
	char *value;

	line += strspn(line, " \t");
	if (strncmp(line, key, len) != 0 || line[len] == '\0' ||
	    strchr(" \t", line[len]) == NULL)
		return 0;
	value = line + len + strspn(line + len, " \t");
	value[strcspn(value, " \t\r#")] = '\0';
	if (dance_strtou(value, 0, 4294967294UL, ret) == 0)
		return 0;
	dance_fault_set(fault, "%s: %s is not a number", LOGIN_DEFS, key);
	return DANCE_ERR_CONFIG;
}

int
dance_account_range_read(const char *root, struct dance_account_range *ret,
    struct dance_fault *fault)
{
	struct dance_account_range range = { UID_MIN_DEFAULT, UID_MAX_DEFAULT };
	char *text = NULL, *line, *next;
	bool exists;
	size_t len;
	int r;

	if ((r = dance_file_exists(root, LOGIN_DEFS, &exists)) != 0)
		return r;
	if (exists &&
	    (r = dance_file_read(
		 root, LOGIN_DEFS, LOGIN_DEFS_MAX, &text, &len, fault)) != 0)
		return r;
	next = text;
	while (r == 0 && (line = strsep(&next, "\n")) != NULL)
		if ((r = range_read_line(line, "UID_MIN", &range.min, fault)) ==
		    0)
			r = range_read_line(line, "UID_MAX", &range.max, fault);
	free(text);
	if (r == 0)
		*ret = range;
	return r;
}

/* Lines of passwd: the one of a name, or of a uid where the name is NULL. */
static int
passwd_find(FILE *f, const char *name, uid_t *uid, bool *ret_found)
{
	struct passwd room, *entry;
	char *line = malloc(PASSWD_LINE_MAX);
	int error;

	if (line == NULL)
		return ENOMEM;
	*ret_found = false;
	while (
	    (error = fgetpwent_r(f, &room, line, PASSWD_LINE_MAX, &entry)) == 0)
		if (name != NULL ? strcmp(entry->pw_name, name) == 0
				 : entry->pw_uid == *uid) {
			*uid = entry->pw_uid;
			*ret_found = true;
			break;
		}
	free(line);
	/* The end of the file, and not a line that could not be read. */
	return error == ENOENT && !ferror(f) ? 0 : error;
}

static int
account_find_local(const char *root, const char *name, uid_t *uid,
    bool *ret_found, struct dance_fault *fault)
{
	int error = 0;
	char *path;
	FILE *f;

	if (asprintf(&path, "%s%s", root, PASSWD) == -1)
		return DANCE_ERR_INTERNAL;
	if ((f = fopen(path, "re")) == NULL)
		error = errno;
	else {
		error = passwd_find(f, name, uid, ret_found);
		fclose(f);
	}
	if (error != 0)
		dance_fault_set(fault, "%s: %s", path, strerror(error));
	free(path);
	return error == 0 ? 0 : DANCE_ERR_CONFIG;
}

static int
account_find_nss(const char *account, bool *ret_found, uid_t *ret_uid,
    struct dance_fault *fault)
{
	struct passwd *entry;
	uid_t uid;
	bool is_local;
	int r;

	errno = 0;
	entry = getpwnam(account);
	if (entry != NULL)
		*ret_uid = entry->pw_uid;
	else if (errno != 0 && errno != ENOENT && errno != ESRCH) {
		dance_fault_set(fault, "account %.64s: can't be looked up: %s",
		    account, strerror(errno));
		return DANCE_ERR_CONFIG;
	}
	/* To the C library a file that can't be opened is one without it. */
	if (entry == NULL &&
	    (r = account_find_local("", account, &uid, &is_local, fault)) != 0)
		return r;
	*ret_found = entry != NULL;
	return 0;
}

int
dance_account_uid(const char *root, const char *account, bool *ret_found,
    unsigned long *ret_uid, struct dance_fault *fault)
{
	bool found = false;
	uid_t uid = 0;
	int r;

	if (root[0] == '\0')
		r = account_find_nss(account, &found, &uid, fault);
	else
		r = account_find_local(root, account, &uid, &found, fault);
	if (r != 0)
		return r;

	*ret_found = found;
	*ret_uid = uid;
	return 0;
}

int
dance_account_is_ordinary(
    const char *root, const char *account, bool *ret, struct dance_fault *fault)
{
	struct dance_account_range range;
	unsigned long uid = 0;
	bool found;
	int r;

	if ((r = dance_account_uid(root, account, &found, &uid, fault)) != 0 ||
	    (r = dance_account_range_read(root, &range, fault)) != 0)
		return r;

	*ret = found && dance_account_range_has(&range, uid);
	return 0;
}

int
dance_account_is_local(
    const char *root, const char *account, bool *ret, struct dance_fault *fault)
{
	uid_t uid = 0;

	return account_find_local(root, account, &uid, ret, fault);
}

int
dance_account_is_same(const char *root, const char *login, const char *account,
    bool *ret, struct dance_fault *fault)
{
	bool login_found = true, account_found = true;
	uid_t login_uid = 0, account_uid = 0;
	int r = 0;

	if (root[0] == '\0' &&
	    ((r = account_find_nss(login, &login_found, &login_uid, fault)) !=
		    0 ||
		(r = account_find_nss(
		     account, &account_found, &account_uid, fault)) != 0))
		return r;

	*ret = login_found && account_found && login_uid == account_uid;
	return 0;
}

int
dance_account_is_alias(
    const char *root, const char *login, bool *ret, struct dance_fault *fault)
{
	bool is_local = true, found = false;
	uid_t uid = 0;
	int r;

	if (root[0] == '\0' &&
	    (r = account_find_local(root, login, &uid, &is_local, fault)) != 0)
		return r;
	if (!is_local &&
	    (r = account_find_nss(login, &found, &uid, fault)) != 0)
		return r;
	if (found &&
	    (r = account_find_local(root, NULL, &uid, &found, fault)) != 0)
		return r;

	*ret = found;
	return 0;
}
