/* SPDX-License-Identifier: ISC */
/*
 * The place where untrusted bytes are parsed: a process without privileges,
 * files or children, that can talk DNS and nothing else.
 */
#ifndef DANCE_SANDBOX_H
#define DANCE_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

/*
 * Shut this process in, for good: no new privileges, no core dump, bounded
 * memory and processor time (seconds), and system calls for memory, threads,
 * time, open descriptors and internet sockets alone.  Every descriptor behind
 * the worker's own (and its peer's, if it has one) is closed.  Returns 0, or
 * DANCE_ERR_INTERNAL with a fault; the caller must then not go on.
 */
int dance_sandbox_enter(
    unsigned cpu_seconds, bool has_peer, struct dance_fault *fault);

/*
 * Give up root for good: become that user, who is not root, without further
 * groups.  Returns 0, or DANCE_ERR_CONFIG with a fault; the caller must then
 * not go on.
 */
int dance_sandbox_become(uid_t uid, gid_t gid, struct dance_fault *fault);

/*
 * Give up root for good: become the user "_dance", or "nobody" where a host
 * has none.  Does nothing for a process that is not root's.  Returns 0, or
 * DANCE_ERR_CONFIG with a fault; the caller must then not go on.
 */
int dance_sandbox_drop_root(struct dance_fault *fault);

#endif
