/* SPDX-License-Identifier: ISC */
/*
 * Points in time as people write and read them, in UTC.
 */
#ifndef INSTANT_H
#define INSTANT_H

#include <time.h>

#define INSTANT_MAX 32

/*
 * Seconds since 1970, or YYYYMMDD[HHMM[SS]]Z.  Returns 0 or DANCE_ERR_FORMAT,
 * also for dates that there are not.
 */
int instant_parse(const char *text, time_t *ret);

/* "2026-01-31T12:00:00Z", or "" for what has no such form. */
void instant_format(time_t when, char ret[INSTANT_MAX]);

#endif
