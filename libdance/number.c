/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "number.h"

/* strtoul() takes blanks, signs and nothing at all; this does not. */
static int
number_read(const char *text, char **ret_end, unsigned long *ret)
{
	unsigned long n;

	if (text[0] < '0' || text[0] > '9')
		return DANCE_ERR_FORMAT;
	errno = 0;
	n = strtoul(text, ret_end, 10);
	if (errno != 0)
		return DANCE_ERR_FORMAT;

	*ret = n;
	return 0;
}

int
dance_strtou(
    const char *text, unsigned long min, unsigned long max, unsigned long *ret)
{
	unsigned long n;
	char *end;

	if (number_read(text, &end, &n) != 0 || *end != '\0' || n < min ||
	    n > max)
		return DANCE_ERR_FORMAT;

	*ret = n;
	return 0;
}

int
dance_duration(const char *text, unsigned long min_ms, unsigned long max_ms,
    unsigned long *ret_ms)
{
	static const struct {
		const char *name;
		unsigned long ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 } };
	unsigned long n;
	char *end;
	size_t i;

	if (number_read(text, &end, &n) != 0)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].name) == 0)
			break;
	if (i == sizeof(units) / sizeof(units[0]) ||
	    __builtin_mul_overflow(n, units[i].ms, &n) || n < min_ms ||
	    n > max_ms)
		return DANCE_ERR_FORMAT;

	*ret_ms = n;
	return 0;
}
