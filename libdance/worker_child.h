/* SPDX-License-Identifier: ISC */
/*
 * What runs in the worker before, between and after its job.
 */
#ifndef DANCE_WORKER_CHILD_H
#define DANCE_WORKER_CHILD_H

#include <sys/types.h>

#include "cache_link.h"
#include "worker.h"

/*
 * Do the job of a worker whose pipes are out (its messages) and in (replies),
 * and end the process.
 */
_Noreturn void dance_worker_child(
    const struct dance_work *work, int out, int in, pid_t parent);

/*
 * From the job: a person is asked now.  The deadline moves by DANCE_PERSON_MS,
 * the first time only.  Returns 0 or DANCE_ERR_INTERNAL.
 */
int dance_worker_ask_person(void);

/*
 * From the job: the cache of the process that has started this one, whose store
 * the work names; NULL if that keeps nothing.
 */
const struct dance_cache_link *dance_worker_cache(
    const struct dance_store *store);

#endif
