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
 * The uid of a name: the one that the register has for it, whatever has changed
 * since; else fixed, or without one hashed (0 for none).  0; ENOENT for no uid;
 * EEXIST if the register gives the uid to another, or has another than the one
 * that is fixed; or another errno value.
 */
int nss_register_uid(
    const char *name, uint32_t fixed, uint32_t hashed, uint32_t *ret);

#endif
