/* SPDX-License-Identifier: ISC */
/*
 * Ways in that need no DNS: the accounts that are root or can become it, and
 * what stands between them and a login.
 */
#ifndef DOCTOR_WAYS_H
#define DOCTOR_WAYS_H

#include "doctor.h"

/* An account, in a text as a line of fields with colons between them. */
enum admin_field {
	ADMIN_NAME,
	ADMIN_UID,
	ADMIN_GID,
	ADMIN_HOME,
	ADMIN_SHELL,
	ADMIN_PASSWORD, /* "hash", or what stands there instead */
	ADMIN_AGE,	/* "ok", "change", or why it is over */
	ADMIN_ROOT,	/* how it becomes root: of the following */
	ADMIN_GROUPS,	/* names, commas between them */
	ADMIN_FIELDS
};

#define ADMIN_IS_ROOT	   "root"
#define ADMIN_BY_SUDO	   "sudo" /* which asks for no password */
#define ADMIN_BY_SUDO_PASS "sudo with a password"
#define ADMIN_BY_GROUP	   "group" /* nobody could be asked */

/* Texts: the lines; and, with the account's name behind it, what is known. */
#define WAYS_ADMINS "admins"
#define WAYS_SHELL  "shell of " /* "" if it can be started, else why not */
#define WAYS_KEYS   "keys of "	/* places of keys, a line each */
#define WAYS_NO_KEY "no keys of "
#define WAYS_SSHD   "sshd of " /* what sshd -T -C has printed */

struct admin {
	char *line;
	char *fields[ADMIN_FIELDS];
};

/* Allocates; false if it is none. */
bool admin_parse(const char *line, size_t len, struct admin *ret);
void admin_free(struct admin *admin);

/* The text about an account; NULL if there is none. */
const char *admin_text(
    const struct doctor *doctor, const char *what, const struct admin *admin);

/* As root: what sudoers lets an account be, one of the above; NULL: not root.
 */
const char *doctor_sudo_ask(
    struct doctor *doctor, const char *name, bool *ret_is_known);

/* A step of root: what there is for one account (arg is its line). */
void doctor_collect_way(struct doctor *doctor, const char *arg);

/* As root: become the account, for good, as sshd does to read its keys. */
bool doctor_keys_become(const struct doctor *doctor, const struct admin *admin);

/* So much of a file of keys is looked at. */
#define DOCTOR_KEYS_MAX (256UL * 1024)

/* Then read the first of a file of keys; NULL and why not, malloced. */
char *doctor_keys_read(const struct doctor *doctor, const struct admin *admin,
    const char *path, bool is_strict, char **ret_why);

/* NULL if it has a key that lets in to a shell, else why not.  Changes it. */
const char *doctor_keys_check(char *text);

/* The value of a keyword in what sshd -T prints; "" without one. */
const char *doctor_effective(const char *text, const char *keyword);

#endif
