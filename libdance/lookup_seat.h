/* SPDX-License-Identifier: ISC */
/*
 * One name of a lookup and its place in the cache, for lookup.c.
 */
#ifndef DANCE_LOOKUP_SEAT_H
#define DANCE_LOOKUP_SEAT_H

#include "cache_entry.h"
#include "cache_link.h"
#include "config.h"

struct seat {
	const char *owner;
	struct dance_rrset *rrset; /* the caller's, to be filled */
	const struct dance_cache_link *link;
	struct dance_entry entry; /* what is kept; born 0 for nothing */
	uint8_t *data; /* as it was read; the entry borrows from it */
	size_t data_len;
	struct dance_moment read;  /* when it was, or before */
	struct dance_moment asked; /* when its question left, or before */
	bool is_locked;		   /* by this process */
	bool is_settled;	   /* the RRset is there */
};

/*
 * Read what is kept.  An entry that is fresh settles the name, unless weaker
 * keys could prove it than the configuration lets today.  With wants_lock
 * is_locked says then whether this process is to ask for it.  Returns 0 or
 * DANCE_ERR_INTERNAL.
 */
int dance_seat_fetch(
    struct seat *seat, const struct dance_config *config, bool wants_lock);

/* Settle it as unknown, by the fault that is kept. */
void dance_seat_fail(struct seat *seat);

/*
 * Keep the answer that has come, or take away what no longer holds.  A secure
 * answer is kept with its proof, which the resolver completes by the deadline
 * (CLOCK_MONOTONIC) or not at all.  Returns 0 or DANCE_ERR_INTERNAL.
 */
int dance_seat_keep(struct seat *seat, const struct dance_config *config,
    struct dance_resolver *resolver, int64_t deadline_ms);

/*
 * Keep beside it that nobody has answered: entry.why says it.  Whoever asks
 * without the lock leaves that to the one who has it.
 */
int dance_seat_keep_fault(struct seat *seat, const struct dance_config *config);

/* Give back what is locked and free what is held. */
void dance_seat_clear(struct seat *seat);

#endif
