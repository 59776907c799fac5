/* SPDX-License-Identifier: ISC */
/* Numbers and spans of time, and everything that strtoul() would let pass. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "error.h"
#include "number.h"

#define N(a)   (sizeof(a) / sizeof((a)[0]))
#define FORMAT DANCE_ERR_FORMAT
#define DAY    86400000UL

static void
numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned long min;
		unsigned long max;
		int want;
		unsigned long value;
	} rows[] = {
		{ "0", 0, 9, 0, 0 },
		{ "9", 0, 9, 0, 9 },
		{ "10", 0, 9, FORMAT, 0 },
		{ "2048", 2048, 16384, 0, 2048 },
		{ "2047", 2048, 16384, FORMAT, 0 },
		{ "16384", 2048, 16384, 0, 16384 },
		{ "16385", 2048, 16384, FORMAT, 0 },
		{ "007", 0, 9, 0, 7 },
		{ "", 0, 9, FORMAT, 0 },
		{ " 1", 0, 9, FORMAT, 0 },
		{ "1 ", 0, 9, FORMAT, 0 },
		{ "\t1", 0, 9, FORMAT, 0 },
		{ "+1", 0, 9, FORMAT, 0 },
		{ "-1", 0, ULONG_MAX, FORMAT, 0 },
		{ "0x1", 0, 9, FORMAT, 0 },
		{ "1.0", 0, 9, FORMAT, 0 },
		{ "1e3", 0, 9999, FORMAT, 0 },
		{ "\xd9\xa1", 0, 9, FORMAT, 0 },
		{ "18446744073709551615", 0, ULONG_MAX, 0, ULONG_MAX },
		{ "18446744073709551616", 0, ULONG_MAX, FORMAT, 0 },
		{ "99999999999999999999999999", 0, ULONG_MAX, FORMAT, 0 },
	};
	unsigned long value;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		value = 4711;
		assert_int_equal(dance_strtou(rows[i].text, rows[i].min,
				     rows[i].max, &value),
		    rows[i].want);
		assert_int_equal(
		    value, rows[i].want == 0 ? rows[i].value : 4711);
	}
}

static void
durations(void **state)
{
	static const struct {
		const char *text;
		int want;
		unsigned long ms;
	} rows[] = {
		{ "500ms", 0, 500 },
		{ "3s", 0, 3000 },
		{ "5m", 0, 300000 },
		{ "12h", 0, 43200000 },
		{ "7d", 0, 7 * DAY },
		{ "8d", FORMAT, 0 },
		{ "604800000ms", 0, 7 * DAY },
		{ "604800001ms", FORMAT, 0 },
		{ "0s", FORMAT, 0 },
		{ "3", FORMAT, 0 },
		{ "s", FORMAT, 0 },
		{ "", FORMAT, 0 },
		{ "3 s", FORMAT, 0 },
		{ "3S", FORMAT, 0 },
		{ "3sec", FORMAT, 0 },
		{ "3s ", FORMAT, 0 },
		{ "-3s", FORMAT, 0 },
		{ "1.5s", FORMAT, 0 },
		{ "1h30m", FORMAT, 0 },
		{ "1w", FORMAT, 0 },
		/* times a day more than fits: (2^64 + 1000) ms */
		{ "213503982335d", FORMAT, 0 },
		{ "18446744073709553s", FORMAT, 0 },
		{ "18446744073709551616ms", FORMAT, 0 },
	};
	unsigned long ms;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		ms = 4711;
		assert_int_equal(dance_duration(rows[i].text, 1, 7 * DAY, &ms),
		    rows[i].want);
		assert_int_equal(ms, rows[i].want == 0 ? rows[i].ms : 4711);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
