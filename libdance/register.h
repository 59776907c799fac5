/* SPDX-License-Identifier: ISC */
/*
 * The register of provisioned accounts that have come in on this host:
 * /var/lib/dance/register.db, in the form of index.h with the keys
 *
 *	n ACCOUNT	its uid
 *	u UID		its name
 *
 * It gives the reverse lookups, and keeps a uid with the one who had it first.
 * Written by the session's side as root, by rename.  A record keeps its offset
 * in all later registers: those who walk over them rely on it.
 */
#ifndef DANCE_REGISTER_H
#define DANCE_REGISTER_H

#include <stdint.h>

#include "clock.h"
#include "error.h"

/*
 * Enter an account below root.  Returns 0, also if it is there already: then
 * nothing is written or locked.  DANCE_ERR_CONFIG with a fault if the uid is
 * another's or the name has another uid, if the register can't be read or
 * written, or if another writer holds its lock until the deadline
 * (CLOCK_MONOTONIC); DANCE_ERR_INTERNAL.
 */
int dance_register_add(const char *root, const char *account, uint32_t uid,
    int64_t deadline_ms, struct dance_fault *fault);

#endif
