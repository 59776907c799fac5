/* SPDX-License-Identifier: ISC */
/*
 * The options of a line of the accounts map: those of sshd's authorized_keys
 * (sshd(8)), checked against an allow-list before a line with them can reach
 * sshd, and our own, which never do.
 */
#ifndef DANCE_OPTIONS_H
#define DANCE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Who lets the login in, and so has to keep what the options say. */
enum dance_use {
	DANCE_USE_SSHD,	  /* sshd, which is told the options */
	DANCE_USE_PROVEN, /* PAM's session, of a key that sshd has let in */
	DANCE_USE_FACTOR, /* PAM's auth, of such a key: by what, is not known */
	DANCE_USE_LOCAL,  /* PAM alone: there is no sshd */
};

/* What is wrong with options, and where. */
struct dance_options_fault {
	size_t column;	   /* octets from the start */
	const char *cause; /* static text */
};

/*
 * Check len octets: "option,option=\"value\",...", printable ASCII.
 * sshd_version is major * 100 + minor of the sshd that must understand them, 0
 * for any.  Returns 0, or DANCE_ERR_FORMAT with *ret_fault.
 */
int dance_options_check(const char *text, size_t len, unsigned sshd_version,
    struct dance_options_fault *ret_fault);

/*
 * Write checked options anew for sshd, ours left out, each with a comma in
 * front.  *ret is malloced, "" if none is left.  Returns 0,
 * DANCE_ERR_FORMAT, or DANCE_ERR_INTERNAL without memory.
 */
int dance_options_emit(const char *text, size_t len, char **ret);

/*
 * Do checked options leave room for such a use at this time?  Where sshd is not
 * told of them, a line that has expired is no line; where it decides, without
 * sshd or about a key that authorized_keys may have let in, neither is one that
 * is bound to addresses or to one command, which nobody would keep.
 */
bool dance_options_allow(
    const char *text, size_t len, enum dance_use use, time_t now);

/* True if checked options have this one, by its name. */
bool dance_options_have(const char *text, size_t len, const char *name);

/*
 * The same, and the value: borrowed, without its quotes, NULL if it has none.
 */
bool dance_options_get(const char *text, size_t len, const char *name,
    const char **ret, size_t *ret_len);

/* True if checked options have uid=N, and the number: from 1 to 2^32 - 3. */
bool dance_options_uid(const char *text, size_t len, unsigned long *ret);

#endif
