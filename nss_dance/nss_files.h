/* SPDX-License-Identifier: ISC */
/*
 * A reader of /etc/passwd and /etc/group of our own: the C library's would ask
 * all the other modules, or keep a buffer of its own.  No memory, no state; a
 * line may be of any length.
 */
#ifndef NSS_FILES_H
#define NSS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NSS_LINE_MAX 512 /* octets; longer lines are read again */

/* Where an entry of passwd stands. */
struct nss_entry {
	bool is_found;
	uid_t uid;
	gid_t gid;
	off_t at; /* of the whole line, without its newline */
	size_t len;
	char line[NSS_LINE_MAX]; /* the line, if it is not longer */
};

/* What a walk over passwd looks for, and finds. */
struct nss_passwd {
	const char *account; /* whose entry is wanted, or NULL */
	const char *name;    /* is it taken? */
	uid_t uid;	     /* is it taken by another than account? */
	bool has_uid;	     /* the last is asked */
	struct nss_entry entry;
	bool is_name_taken;
	bool is_uid_taken;
};

/* Walk over /etc/passwd.  Returns 0 or an errno value. */
int nss_passwd_walk(struct nss_passwd *walk);

/* The same over /etc/group: is a name, or a gid, taken? */
struct nss_group {
	const char *name;
	gid_t gid;
	bool has_gid; /* that is asked */
	bool is_name_taken;
	bool is_gid_taken;
};

int nss_group_walk(struct nss_group *walk);

/*
 * Call add for each gid that /etc/group gives the account.  add returns 0, or
 * an errno value that ends the walk.
 */
int nss_groups_of(
    const char *account, int (*add)(gid_t gid, void *arg), void *arg);

/* Copy the line of an entry, len octets; no NUL is added.  0 or an errno. */
int nss_entry_read(const struct nss_entry *entry, char *line);

#endif
