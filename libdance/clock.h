/* SPDX-License-Identifier: ISC */
/*
 * The clock that deadlines are told by, and moments that are kept in files.
 */
#ifndef DANCE_CLOCK_H
#define DANCE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define DANCE_FOR_EVER INT64_MAX

/* CLOCK_MONOTONIC in milliseconds. */
int64_t dance_now_ms(void);

/*
 * A moment, in nanoseconds: the time of day, which files know but somebody may
 * set, and the time since the start of the host, sleep included.
 */
struct dance_moment {
	int64_t real_ns;
	int64_t boot_ns;
};

void dance_moment_now(struct dance_moment *ret);

/*
 * True if the time of day has gone on since then as time has.  If it was set
 * meanwhile, times of that day can't be compared with those of today.
 */
bool dance_moment_is_comparable(
    const struct dance_moment *then, const struct dance_moment *now);

#endif
