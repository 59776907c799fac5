/* SPDX-License-Identifier: ISC */
/* Moments by two clocks, and whether the time of day was set between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define MS   INT64_C(1000000)
#define S    (1000 * MS)

static void
now_is_now(void **state)
{
	struct dance_moment before, after;
	time_t now = time(NULL);

	(void)state;
	dance_moment_now(&before);
	dance_moment_now(&after);
	assert_in_range(before.real_ns / S, now - 2, now + 60);
	assert_true(before.boot_ns > 0 && after.boot_ns >= before.boot_ns);
	assert_true(dance_moment_is_comparable(&before, &after));
}

static void
a_clock_that_was_set_is_seen(void **state)
{
	static const struct {
		struct dance_moment then;
		struct dance_moment now;
		bool want;
	} rows[] = {
		{ { 500 * S, 50 * S }, { 500 * S, 50 * S }, true },
		{ { 500 * S, 50 * S }, { 510 * S, 60 * S }, true },
		/* Set by a second or more, in each direction. */
		{ { 500 * S, 50 * S }, { 510 * S + 900 * MS, 60 * S }, true },
		{ { 500 * S, 50 * S }, { 510 * S - 900 * MS, 60 * S }, true },
		{ { 500 * S, 50 * S }, { 512 * S, 60 * S }, false },
		{ { 500 * S, 50 * S }, { 508 * S, 60 * S }, false },
		{ { 500 * S, 50 * S }, { 400 * S, 60 * S }, false },
		{ { 500 * S, 50 * S }, { 9000 * S, 60 * S }, false },
		/* Slewed, over a long time. */
		{ { 500 * S, 50 * S }, { 10502 * S, 10050 * S }, true },
		{ { 500 * S, 50 * S }, { 10498 * S, 10050 * S }, true },
		{ { 500 * S, 50 * S }, { 10520 * S, 10050 * S }, false },
		{ { 500 * S, 50 * S }, { 10480 * S, 10050 * S }, false },
		/* From another start of the host, or nonsense. */
		{ { 500 * S, 50 * S }, { 490 * S, 40 * S }, false },
		{ { 0, 0 }, { 500 * S, 50 * S }, false },
		{ { INT64_MIN, 0 }, { 1, 1 }, false },
		{ { 0, INT64_MIN }, { 1, 1 }, false },
		{ { 0, INT64_MAX }, { INT64_MAX, 0 }, false },
		{ { INT64_MIN + 1, 0 }, { 0, INT64_MAX }, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		if (dance_moment_is_comparable(&rows[i].then, &rows[i].now) !=
		    rows[i].want)
			fail_msg("row %zu", i);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(now_is_now),
		cmocka_unit_test(a_clock_that_was_set_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
