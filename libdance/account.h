/* SPDX-License-Identifier: ISC */
/*
 * Accounts of the host: their uid, and whether a pattern may reach them.
 */
#ifndef DANCE_ACCOUNT_H
#define DANCE_ACCOUNT_H

#include <stdbool.h>

#include "error.h"

/*
 * True in *ret if the account exists below root and its uid is neither 0 nor
 * below UID_MIN of login.defs (1000 without one): only such accounts are within
 * the reach of "*" and "%u" lines.  For the host itself ("") NSS is asked, else
 * root's passwd file.  Returns 0, or DANCE_ERR_CONFIG with a fault where that
 * can't be found out.
 */
int dance_account_is_ordinary(const char *root, const char *account, bool *ret,
    struct dance_fault *fault);

/*
 * UID_MIN of root's login.defs(5); 1000 if it is not there.  Returns 0, or
 * DANCE_ERR_CONFIG with a fault.
 */
int dance_account_uid_min(
    const char *root, unsigned long *ret, struct dance_fault *fault);

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
