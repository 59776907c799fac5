/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "error.h"
#include "instant.h"
#include "number.h"

#define SECONDS_MAX 253402300799UL /* the last one of the year 9999 */

/* n digits from text on, from min to max. */
static int
digits_read(
    const char **text, size_t n, unsigned long min, unsigned long max, int *ret)
{
	unsigned long value;
	char digits[5] = "";

	if (strnlen(*text, n) < n)
		return DANCE_ERR_FORMAT;
	memcpy(digits, *text, n);
	if (dance_strtou(digits, min, max, &value) != 0)
		return DANCE_ERR_FORMAT;
	*text += n;
	*ret = (int)value;
	return 0;
}

static int
date_read(const char *text, struct tm *tm)
{
	int year, month;

	if (digits_read(&text, 4, 1970, 9999, &year) != 0 ||
	    digits_read(&text, 2, 1, 12, &month) != 0 ||
	    digits_read(&text, 2, 1, 31, &tm->tm_mday) != 0)
		return DANCE_ERR_FORMAT;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	if (*text != 'Z' &&
	    (digits_read(&text, 2, 0, 23, &tm->tm_hour) != 0 ||
		digits_read(&text, 2, 0, 59, &tm->tm_min) != 0))
		return DANCE_ERR_FORMAT;
	if (*text != 'Z' && digits_read(&text, 2, 0, 59, &tm->tm_sec) != 0)
		return DANCE_ERR_FORMAT;
	return strcmp(text, "Z") == 0 ? 0 : DANCE_ERR_FORMAT;
}

int
instant_parse(const char *text, time_t *ret)
{
	struct tm tm = { .tm_mday = 0 };
	unsigned long seconds;
	int mday;
	time_t when;

	if (dance_strtou(text, 0, SECONDS_MAX, &seconds) == 0) {
		*ret = (time_t)seconds;
		return 0;
	}
	if (date_read(text, &tm) != 0)
		return DANCE_ERR_FORMAT;
	/* timegm() would make a 1 March of 29 February. */
	mday = tm.tm_mday;
	when = timegm(&tm);
	if (when == (time_t)-1 || tm.tm_mday != mday)
		return DANCE_ERR_FORMAT;

	*ret = when;
	return 0;
}

void
instant_format(time_t when, char ret[INSTANT_MAX])
{
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(ret, INSTANT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		ret[0] = '\0';
}
