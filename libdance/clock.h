/* SPDX-License-Identifier: ISC */
/*
 * The clock that deadlines are told by.
 */
#ifndef DANCE_CLOCK_H
#define DANCE_CLOCK_H

#include <stdint.h>

#define DANCE_FOR_EVER INT64_MAX

/* CLOCK_MONOTONIC in milliseconds. */
int64_t dance_now_ms(void);

#endif
