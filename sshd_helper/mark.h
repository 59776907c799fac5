/* SPDX-License-Identifier: ISC */
/*
 * One line in the log for the two calls of one login.  For the log only: no
 * decision reads what is kept here.
 */
#ifndef HELPER_MARK_H
#define HELPER_MARK_H

#include <stdbool.h>

#include "worker.h"

/*
 * True if the same sshd asked about the same key a moment ago, with the same
 * verdict; that call is then forgotten.  Otherwise this one is remembered, in
 * a small file in the cache folder.  False too where that can't be used.
 */
bool helper_mark_seen(
    const char *cache, const char *type, const struct dance_result *result);

#endif
