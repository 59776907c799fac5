/* SPDX-License-Identifier: ISC */
/*
 * The module as glibc loads it, and a small host around it: a tree in which the
 * test program stands, since the copy of the module that is tested here names
 * its files relative to it.
 */
#ifndef MODULE_H
#define MODULE_H

#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/types.h>

#include "../unit/compiled.h"
#include "../unit/tree.h"

#define MODULE_BUFFER 4096
#define MODULE_SALT   "000102030405060708090a0b0c0d0e0f"
#define MODULE_FIRST  20000 /* provision-uids */
#define MODULE_LAST   20999

struct module {
	enum nss_status (*getpwnam_r)(const char *name, struct passwd *pwd,
	    char *buffer, size_t len, int *errnop);
	enum nss_status (*getpwuid_r)(uid_t uid, struct passwd *pwd,
	    char *buffer, size_t len, int *errnop);
	enum nss_status (*getgrnam_r)(const char *name, struct group *grp,
	    char *buffer, size_t len, int *errnop);
	enum nss_status (*getgrgid_r)(gid_t gid, struct group *grp,
	    char *buffer, size_t len, int *errnop);
	enum nss_status (*initgroups_dyn)(const char *user, gid_t group,
	    long *start, long *size, gid_t **groupsp, long limit, int *errnop);
	enum nss_status (*setpwent)(int stayopen);
	enum nss_status (*getpwent_r)(
	    struct passwd *pwd, char *buffer, size_t len, int *errnop);
	enum nss_status (*endpwent)(void);
	enum nss_status (*setgrent)(int stayopen);
	enum nss_status (*getgrent_r)(
	    struct group *grp, char *buffer, size_t len, int *errnop);
	enum nss_status (*endgrent)(void);
};

extern struct module module;
extern char module_root[TREE_MAX];

/* Load the functions above. */
void module_load(void);

/* For cmocka's group: load it, make the tree, stand in it; and the reverse. */
int module_setup(void **state);
int module_teardown(void **state);

/* The tree as it was in the beginning. */
void module_reset(void);

/* Its dance.conf, with these lines more; without a compile. */
void module_configure(const char *more);

/* The path of a file beside this program, malloced. */
char *module_path(const char *name);

/* The map that the tree begins with, and its passwd and group. */
extern const char module_map[], module_passwd[], module_group[];

/*
 * One question.  Whatever the answer is, the call has kept the rules: a status
 * that glibc knows, an errno value that fits it (N4, N5; at the end of a walk,
 * as it was), errno and, without an answer, the structure as they were (N8,
 * N23).
 */
struct answer {
	enum nss_status status;
	int error; /* *errnop, 0 with an answer */
	struct passwd pwd;
	struct group grp;
	char buffer[MODULE_BUFFER];
};

enum nss_status ask_name(const char *name, struct answer *ret);
enum nss_status ask_uid(uid_t uid, struct answer *ret);
enum nss_status ask_group(const char *name, struct answer *ret);
enum nss_status ask_gid(gid_t gid, struct answer *ret);
enum nss_status ask_next(struct answer *ret);
enum nss_status ask_next_group(struct answer *ret);

/* The same, with what is wanted; a test fails here. */
void not_found(const char *name);
void unavailable(const char *name, int error);
void found(const char *name, uid_t uid, gid_t gid, const char *gecos,
    const char *home, const char *shell);

/* The groups of a user as text, "4 27 "; the status in *ret. */
const char *groups_of(const char *user, gid_t skip, enum nss_status *ret);

/* The uid of a provisioned account without uid=. */
uid_t uid_of(const char *account);

#endif
