/* SPDX-License-Identifier: ISC */
/*
 * The lines of nsswitch.conf that are ours, and the module they name.
 */
#ifndef SETUP_NSS_H
#define SETUP_NSS_H

#include "setup.h"

#define NSS_SWITCH    "/etc/nsswitch.conf"
#define NSS_SERVICE   "dance"
#define NSS_DATABASES 3

/* RFC 6761: no name below .invalid is anybody's. */
#define NSS_NOBODY "dance-setup.invalid"

/* The service in each line of passwd, group, initgroups; and out of it. */
char *nss_switch_edit(const char *text, void *arg);
char *nss_switch_undo(const char *text);

/* True if one of the lines has it. */
bool nss_switch_has(const char *text);

/* Can it be put in?  Returns an exit code. */
int nss_switch_check(struct setup *setup, const char *text);

/* What stands behind the colon; malloced, NULL for no such line. */
struct nss_lines {
	char *services[NSS_DATABASES];
};

extern const char *const nss_databases[NSS_DATABASES];

struct nss_lines nss_lines_read(const char *text);
void nss_lines_free(struct nss_lines *lines);

/* What the module has to answer from. */
enum nss_index {
	NSS_INDEX_MISSING,
	NSS_INDEX_OLD, /* it may be damaged, or another version's */
	NSS_INDEX_NEW,
};

/*
 * With these lines, whatever nsswitch.conf says now, programs must load the
 * module, and it must know of a name that nobody has that nobody has it.
 * Asked in a process of its own that has no rights, so that what a module does
 * there is done to nobody.  Returns an exit code.
 */
int setup_nss_try(
    struct setup *setup, const struct nss_lines *lines, enum nss_index index);

#endif
