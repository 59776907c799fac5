/* SPDX-License-Identifier: ISC */
/*
 * Ways to files that only root can have laid: what file.c goes by.
 */
#ifndef DANCE_PATH_H
#define DANCE_PATH_H

#include "error.h"

struct stat;

/*
 * Where path below root really is, malloced, with all above it checked, and the
 * folder of each symbolic link on the way.  Returns 0, or DANCE_ERR_CONFIG with
 * a fault that names what is wrong.
 */
int dance_path_resolve(
    const char *root, const char *path, char **ret, struct dance_fault *fault);

/*
 * Does it belong to root, and may nobody else write to it?  Returns 0, or
 * DANCE_ERR_CONFIG with a fault.
 */
int dance_path_check_owner(
    const struct stat *st, const char *path, struct dance_fault *fault);

#endif
