/* SPDX-License-Identifier: ISC */
/*
 * How a decision reaches the cache: in the worker by messages to the process
 * that has started it (worker_cache.h), in tests by what they like.  Octets go
 * through as they are.
 */
#ifndef DANCE_CACHE_LINK_H
#define DANCE_CACHE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "wire.h"

/* What is kept, and for how long.  If it can't be, nothing is kept any more. */
struct dance_keeping {
	struct dance_bytes data; /* of no octets: nothing, from now on */
	unsigned seconds;
	bool is_data;	/* of a name that the zone has, not one made up */
	bool is_denial; /* the octets say that there is nothing */
	bool is_note; /* a fault beside what is kept: that stays in any case */
	/*
	 * When the question left, or before; for a note when that was read
	 * beside which it is put.  What was learnt later stays.
	 */
	struct dance_moment asked;
};

struct dance_cache_link {
	/*
	 * What is kept of an owner name: *ret is malloced, NULL for nothing.
	 * With wants_lock this process becomes the one that asks for the name,
	 * or *ret_is_busy says that another one is.  Returns 0 or
	 * DANCE_ERR_INTERNAL.
	 */
	int (*fetch)(void *arg, const char *owner, bool wants_lock,
	    uint8_t **ret, size_t *ret_len, bool *ret_is_busy);
	/* Keep it, or NULL for leaving all as it is; and end the lock. */
	int (*settle)(
	    void *arg, const char *owner, const struct dance_keeping *keeping);
	void *arg;
};

#endif
