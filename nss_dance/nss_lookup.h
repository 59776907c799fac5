/* SPDX-License-Identifier: ISC */
/*
 * What a name or a number means, by the index, the register, /etc/passwd and
 * /etc/group alone.  It names; it decides nothing.
 */
#ifndef NSS_LOOKUP_H
#define NSS_LOOKUP_H

#include <sys/types.h>

#include "index.h"
#include "nss_files.h"

#define NSS_ACCOUNT_MAX 256 /* octets with NUL */

/* Who is meant. */
struct nss_found {
	char name[DANCE_IDENTITY_MAX + 1]; /* as asked for */
	char account[NSS_ACCOUNT_MAX];	   /* of an identity; else "" */
	struct nss_entry entry;		   /* the account's, in passwd */
	uid_t uid;			   /* of a provisioned account */
	bool is_of_all; /* that one, and only "%u" makes it exist */
	struct dance_index_settings settings;
};

/*
 * An identity that is used as login name, or a provisioned account.  Returns 0,
 * ENOENT or EEXIST if there is none, or another errno value if that can't be
 * told.
 */
int nss_find_name(const char *name, struct nss_found *ret);

/*
 * A provisioned account alone, by name or by uid (that of its group too).  By
 * name, EEXIST is for one that the map names, but whose name or uid is taken
 * by another: there is no such entry, and nobody may come in by it.
 */
int nss_find_provisioned(const char *name, struct nss_found *ret);
int nss_find_uid(uid_t uid, struct nss_found *ret);

/*
 * The group of a provisioned account.  What "%u" makes exist has none before
 * its first login: programs ask for groups such as "docker" to see if they are
 * there.
 */
int nss_find_group(const char *name, struct nss_found *ret);

/*
 * The next provisioned account that has come in, for those who list them: what
 * nss_find_provisioned() finds of its name.  *at is where to look in the
 * register, 0 for the first one; on success, where to look next, which is
 * always further on.  Who is found no more is passed over.  Returns 0, ENOENT
 * behind the last or if nobody is to be listed, or another errno value.
 */
int nss_find_next(uint32_t *at, struct nss_found *ret);

/* The local account behind an identity: 0, ENOENT, or an errno value. */
int nss_find_account(const char *name, struct nss_found *ret);

#endif
