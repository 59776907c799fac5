/* SPDX-License-Identifier: ISC */
/*
 * From what was found to glibc's structures, in the caller's buffer: all that
 * is needed is added up first, and nothing is written if it does not fit.
 */
#ifndef NSS_PACK_H
#define NSS_PACK_H

#include <grp.h>
#include <pwd.h>
#include <stddef.h>

#include "nss_lookup.h"

/*
 * Returns 0, ERANGE for a buffer that is too small, ENOENT for an entry that
 * can't be shown (a home that is no absolute path, control characters), or
 * another errno value.
 */
int nss_pack_passwd(const struct nss_found *found, struct passwd *pwd,
    char *buffer, size_t len);

int nss_pack_group(
    const struct nss_found *found, struct group *grp, char *buffer, size_t len);

/*
 * Would the entry of a provisioned account fit there?  0, or what the functions
 * above would return.
 */
int nss_passwd_fits(
    const struct nss_found *found, const char *buffer, size_t len);
int nss_group_fits(
    const struct nss_found *found, const char *buffer, size_t len);

#endif
