/* SPDX-License-Identifier: ISC */
/*
 * One writer of the register at a time.  The writer is root's, but runs where
 * a user has started it: so it may be stopped for good, by a cgroup of that
 * user's, at any moment.  A lock that is older than any writer can live is
 * taken away from its holder, whose temporary file goes with it; without that
 * file the holder can no longer replace the register.
 */
#ifndef DANCE_REGISTER_LOCK_H
#define DANCE_REGISTER_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* Seconds; a writer ends with its decision, of DANCE_TIMEOUT_MAX_MS at most. */
#define DANCE_REGISTER_LOCK_MAX_S 60

struct dance_register_lock {
	char *path; /* owned */
	int fd;
};

/*
 * Lock the register at path, until the deadline (CLOCK_MONOTONIC), and remove
 * the temporary files of writers that are gone.  Returns 0; DANCE_ERR_CONFIG
 * with a fault that names the lock; or DANCE_ERR_INTERNAL.  Give it back with
 * dance_register_unlock(), after 0 only.
 */
int dance_register_lock(const char *path, int64_t deadline_ms,
    struct dance_register_lock *ret, struct dance_fault *fault);

/*
 * Has nobody taken the lock away?  To be asked when the temporary file is
 * there and before it takes the place of the register: if it is true then, the
 * next holder finds that file, and removes it, or finds the new register.
 */
bool dance_register_lock_holds(const struct dance_register_lock *lock);

void dance_register_unlock(struct dance_register_lock *lock);

#endif
