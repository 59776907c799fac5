/* SPDX-License-Identifier: ISC */
/*
 * Calls that fail, once, in turn: those of pam_faulty.so, in the process and in
 * the child that becomes the helper.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>

/* The nth call (from 1) of the function is to fail with this errno. */
void fault_arm(const char *function, unsigned nth, int error);

/* Every call from the first on. */
void fault_arm_all(const char *function, int error);

void fault_disarm(void);

/* Has one failed since? */
bool fault_has_hit(void);

/* Where free() was to fail: what it was called with, the caller's to free. */
void *fault_kept(void);

/* Read this in place of /etc/passwd; NULL: no more. */
void fault_set_passwd(const char *path);

#endif
