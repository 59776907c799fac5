/* SPDX-License-Identifier: ISC */
/*
 * Accounts of the host: their uid, and whether a pattern may reach them.
 */
#ifndef DANCE_ACCOUNT_H
#define DANCE_ACCOUNT_H

#include <stdbool.h>

#include "error.h"

/* The uids of people's accounts: UID_MIN and UID_MAX of login.defs(5). */
struct dance_account_range {
	unsigned long min;
	unsigned long max;
};

/*
 * True for a uid inside the range that is somebody's: never 0, that of nobody
 * (65534), or the one that stands for none.
 */
bool dance_account_range_has(
    const struct dance_account_range *range, unsigned long uid);

/*
 * What root's login.defs(5) says; 1000 to 60000 where it or its line is not
 * there.  Returns 0, or DANCE_ERR_CONFIG with a fault.
 */
int dance_account_range_read(const char *root, struct dance_account_range *ret,
    struct dance_fault *fault);

/*
 * True in *ret_found if the account exists below root, and then its uid.  For
 * the host itself ("") NSS is asked, else root's passwd file.  Returns 0, or
 * DANCE_ERR_CONFIG with a fault where that can't be found out.
 */
int dance_account_uid(const char *root, const char *account, bool *ret_found,
    unsigned long *ret_uid, struct dance_fault *fault);

/*
 * True in *ret if the account exists below root and its uid is inside the
 * range: "*" and "%u" lines reach such accounts alone, and those that they
 * provision, see policy.h.  As dance_account_uid().
 */
int dance_account_is_ordinary(const char *root, const char *account, bool *ret,
    struct dance_fault *fault);

/*
 * True in *ret if root's passwd file itself has the account.  Returns 0, or
 * DANCE_ERR_CONFIG with a fault if it can't be read.
 */
int dance_account_is_local(const char *root, const char *account, bool *ret,
    struct dance_fault *fault);

/*
 * True in *ret if both names are known to the host and have one uid: what sshd
 * makes of a login name must be the account that the map means.  Only for the
 * host itself; below another root nothing can be asked, and it is true.
 * Returns 0, or DANCE_ERR_CONFIG with a fault.
 */
int dance_account_is_same(const char *root, const char *login,
    const char *account, bool *ret, struct dance_fault *fault);

/*
 * True in *ret if the host knows the name, root's passwd file does not, and the
 * file has its uid under another name: whoever logs in by this name becomes
 * that account.  False below another root, where nothing can be asked.  Returns
 * 0, or DANCE_ERR_CONFIG with a fault.
 */
int dance_account_is_alias(
    const char *root, const char *login, bool *ret, struct dance_fault *fault);

#endif
