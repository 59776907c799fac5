/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pwd.h>
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
#define PASSWD		"/etc/passwd"
#define PASSWD_LINE_MAX 65536

int
dance_account_uid_min(
    const char *root, unsigned long *ret, struct dance_fault *fault)
{
	unsigned long uid_min = UID_MIN_DEFAULT;
	char *text = NULL, *line, *next, *value;
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
	while ((line = strsep(&next, "\n")) != NULL) {
		line += strspn(line, " \t");
		if (strncmp(line, "UID_MIN", 7) != 0 || line[7] == '\0' ||
		    strchr(" \t", line[7]) == NULL)
			continue;
		value = line + 7 + strspn(line + 7, " \t");
		value[strcspn(value, " \t\r#")] = '\0';
		if (dance_strtou(value, 0, 4294967294UL, &uid_min) != 0) {
			dance_fault_set(
			    fault, "%s: UID_MIN is not a number", LOGIN_DEFS);
			r = DANCE_ERR_CONFIG;
		}
	}
	free(text);
	if (r == 0)
		*ret = uid_min;
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

	errno = 0;
	entry = getpwnam(account);
	if (entry != NULL)
		*ret_uid = entry->pw_uid;
	else if (errno != 0 && errno != ENOENT && errno != ESRCH) {
		dance_fault_set(fault, "account %.64s: can't be looked up: %s",
		    account, strerror(errno));
		return DANCE_ERR_CONFIG;
	}
	*ret_found = entry != NULL;
	return 0;
}

int
dance_account_is_ordinary(
    const char *root, const char *account, bool *ret, struct dance_fault *fault)
{
	unsigned long uid_min;
	bool found;
	uid_t uid = 0;
	int r;

	if (root[0] == '\0')
		r = account_find_nss(account, &found, &uid, fault);
	else
		r = account_find_local(root, account, &uid, &found, fault);
	if (r != 0 || (r = dance_account_uid_min(root, &uid_min, fault)) != 0)
		return r;

	*ret = found && uid != 0 && uid >= uid_min;
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
