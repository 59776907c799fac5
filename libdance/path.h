/* SPDX-License-Identifier: ISC */
/*
 * Ways to files that only root can have laid: what file.c goes by.
 */
#ifndef DANCE_PATH_H
#define DANCE_PATH_H

#include <stdint.h>

#include "error.h"

struct stat;

/*
 * All that was looked at on the way to something: folders, symbolic links, the
 * thing itself.  If two looks give one sum, and the first of them began when
 * settled was over, nothing of it was changed between them: each change of a
 * folder, a link or a file sets its change time.  Begin with all bits zero.
 */
struct dance_path_seen {
	uint64_t sum;
	int64_t settled; /* when a further change must show */
	int64_t now;	 /* when the look began; nanoseconds since 1970 */
};

/* Begin a look. */
void dance_path_look(struct dance_path_seen *seen);

/* Add an object to what was seen; seen may be NULL. */
void dance_path_see(struct dance_path_seen *seen, const struct stat *st);

/*
 * How long to wait, in nanoseconds, until a further change of what was seen
 * must show in the times; 0 if that held already when the look began.
 */
int64_t dance_path_unsettled(const struct dance_path_seen *seen);

/*
 * Where path below root really is, malloced, with all above it checked, and the
 * folder of each symbolic link on the way; these are added to seen, which may
 * be NULL.  Returns 0, or DANCE_ERR_CONFIG with a fault that names what is
 * wrong.
 */
int dance_path_resolve(const char *root, const char *path,
    struct dance_path_seen *seen, char **ret, struct dance_fault *fault);

/*
 * Does it belong to root, and may nobody else write to it?  Returns 0, or
 * DANCE_ERR_CONFIG with a fault.
 */
int dance_path_check_owner(
    const struct stat *st, const char *path, struct dance_fault *fault);

#endif
