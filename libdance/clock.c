/* SPDX-License-Identifier: ISC */
#include <time.h>

#include "clock.h"

#define NS_PER_S INT64_C(1000000000)

/* A clock that is slewed runs off by 1/2000 at most (adjtime(3)). */
#define SLEW_NS	  NS_PER_S
#define SLEW_PART 1000

static int64_t
clock_ns(clockid_t id)
{
	struct timespec now = { 0 };

	(void)clock_gettime(id, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t
dance_now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
dance_moment_now(struct dance_moment *ret)
{
	ret->real_ns = clock_ns(CLOCK_REALTIME);
	ret->boot_ns = clock_ns(CLOCK_BOOTTIME);
}

bool
dance_moment_is_comparable(
    const struct dance_moment *then, const struct dance_moment *now)
{
	int64_t real, passed, off;

	if (__builtin_sub_overflow(now->real_ns, then->real_ns, &real) ||
	    __builtin_sub_overflow(now->boot_ns, then->boot_ns, &passed) ||
	    __builtin_sub_overflow(real, passed, &off) || passed < 0)
		return false;
	return off <= SLEW_NS + passed / SLEW_PART &&
	    off >= -SLEW_NS - passed / SLEW_PART;
}
