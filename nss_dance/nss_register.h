/* SPDX-License-Identifier: ISC */
/*
 * Opening the index and the register, and what the register knows.  Private to
 * nss_lookup.c.
 */
#ifndef NSS_REGISTER_H
#define NSS_REGISTER_H

#include "nss_lookup.h"

/* 0, ENOENT, a lack of resources as it is, or EIO for everything else. */
int nss_index_open(const char *path, struct dance_index *ret);

/*
 * The account that has a uid: 0, ENOENT if nobody has, or another errno value.
 */
int nss_register_find(uid_t uid, char ret[NSS_ACCOUNT_MAX]);

/*
 * The name that stands at an offset, 0 for the first, or behind it: 0 with *at
 * moved on, ENOENT behind the last, or another errno value; EIO also if the
 * register is gone amid a walk, or another one that has no record there.
 */
int nss_register_next(uint32_t *at, char ret[NSS_ACCOUNT_MAX]);

/*
 * May the name have the uid?  0; EEXIST if the register gives the uid to
 * another, or the name another uid; or another errno value.
 */
int nss_register_check(const char *name, uint32_t uid);

#endif
