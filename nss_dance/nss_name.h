/* SPDX-License-Identifier: ISC */
/*
 * What a name can be at all, before any file is opened.  Each takes a text and
 * its length.
 */
#ifndef NSS_NAME_H
#define NSS_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* An identity in the one form in which it is found: lower case, no dot. */
bool nss_name_is_identity(const char *name, size_t len);

/*
 * The name of an account that may have no line in passwd.  Not one of digits,
 * which chown(1) and others would take for a number, nor "..", which would be
 * another's home.
 */
bool nss_name_is_account(const char *name, size_t len);

/*
 * Of "%u": a label or a uid that begins with a letter, and is not kept for the
 * users and groups of the system.  The name ends in NUL.
 */
bool nss_name_is_self(const char *name, size_t len);

#endif
