/* SPDX-License-Identifier: ISC */
#include <time.h>

#include "clock.h"

int64_t
dance_now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
