/* SPDX-License-Identifier: ISC */
/*
 * Numbers and spans of time from text, with their limits.
 */
#ifndef DANCE_NUMBER_H
#define DANCE_NUMBER_H

/*
 * A decimal number from min to max: digits only, no sign, no blanks.
 * Returns 0 or DANCE_ERR_FORMAT.
 */
int dance_strtou(
    const char *text, unsigned long min, unsigned long max, unsigned long *ret);

/*
 * A span such as "500ms", "3s", "5m", "12h" or "7d", in milliseconds.
 * Returns 0 or DANCE_ERR_FORMAT, also outside of min_ms to max_ms.
 */
int dance_duration(const char *text, unsigned long min_ms, unsigned long max_ms,
    unsigned long *ret_ms);

#endif
