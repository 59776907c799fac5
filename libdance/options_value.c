/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

#include "error.h"
#include "number.h"
#include "options_value.h"

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* A number from 0 to max that takes the whole value. */
static int
number_read(
    const char *value, size_t len, unsigned long max, unsigned long *ret)
{
	char text[12];

	if (len == 0 || len >= sizeof(text))
		return DANCE_ERR_FORMAT;
	memcpy(text, value, len);
	text[len] = '\0';
	return dance_strtou(text, 0, max, ret);
}

static bool
is_number(const char *value, size_t len, unsigned long max)
{
	unsigned long n;

	return number_read(value, len, max, &n) == 0;
}

static bool
is_port(const char *value, size_t len)
{
	return (len == 1 && value[0] == '*') ||
	    (is_number(value, len, 65535) && value[0] != '0');
}

bool
dance_value_is_any(const char *value, size_t len)
{
	(void)value;
	return len > 0;
}

bool
dance_value_is_environment(const char *value, size_t len)
{
	size_t n = 0;

	while (n < len && (is_alnum(value[n]) || value[n] == '_'))
		n++;
	return n > 0 && n < len && value[n] == '=';
}

/* Two digits of a date, from min to max. */
static bool
is_part(const char *text, unsigned min, unsigned max)
{
	unsigned n = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');

	return n >= min && n <= max;
}

/* What strptime() takes, from 1971 on: sshd refuses a time before 1970. */
bool
dance_value_is_time(const char *value, size_t len)
{
	size_t i;

	if (len > 0 && value[len - 1] == 'Z')
		len--;
	for (i = 0; i < len; i++)
		if (value[i] < '0' || value[i] > '9')
			return false;
	if (len != 8 && len != 12 && len != 14)
		return false;
	if (strncmp(value, "1971", 4) < 0 || !is_part(value + 4, 1, 12) ||
	    !is_part(value + 6, 1, 31))
		return false;
	if (len >= 12 &&
	    (!is_part(value + 8, 0, 23) || !is_part(value + 10, 0, 59)))
		return false;
	return len < 14 || is_part(value + 12, 0, 60);
}

/* Two digits, or 0 where the text ends. */
static int
time_part(const char *text, size_t len, size_t at)
{
	return at + 2 > len ? 0 : (text[at] - '0') * 10 + (text[at + 1] - '0');
}

int
dance_value_time(const char *value, size_t len, time_t *ret)
{
	struct tm tm = { .tm_isdst = -1 };
	bool is_utc = len > 0 && value[len - 1] == 'Z';
	time_t when;

	if (!dance_value_is_time(value, len))
		return DANCE_ERR_FORMAT;
	if (is_utc)
		len--;
	tm.tm_year =
	    time_part(value, len, 0) * 100 + time_part(value, len, 2) - 1900;
	tm.tm_mon = time_part(value, len, 4) - 1;
	tm.tm_mday = time_part(value, len, 6);
	tm.tm_hour = time_part(value, len, 8);
	tm.tm_min = time_part(value, len, 10);
	tm.tm_sec = time_part(value, len, 12);
	when = is_utc ? timegm(&tm) : mktime(&tm);
	if (when == (time_t)-1)
		return DANCE_ERR_FORMAT;

	*ret = when;
	return 0;
}

/* Are all bits of the address but the first ones 0?  sshd insists. */
static bool
is_host_part_zero(const unsigned char *binary, size_t size, unsigned long bits)
{
	size_t i = bits / 8;

	if (i < size && (binary[i] & (0xff >> bits % 8)) != 0)
		return false;
	while (++i < size)
		if (binary[i] != 0)
			return false;
	return true;
}

/* ADDRESS/BITS, as sshd's addr_match_list() takes it. */
static bool
is_network(const char *value, size_t len, const char *slash)
{
	size_t host_len = (size_t)(slash - value), size;
	unsigned char binary[16];
	char host[INET6_ADDRSTRLEN];
	unsigned long bits;

	if (host_len >= sizeof(host))
		return false;
	memcpy(host, value, host_len);
	host[host_len] = '\0';
	if (inet_pton(AF_INET, host, binary) == 1)
		size = 4;
	else if (inet_pton(AF_INET6, host, binary) == 1)
		size = 16;
	else
		return false;
	return number_read(slash + 1, len - host_len - 1, 8 * size, &bits) ==
	    0 &&
	    is_host_part_zero(binary, size, bits);
}

static bool
is_from_item(const char *item, size_t len)
{
	const char *slash;
	size_t i;

	if (len > 0 && item[0] == '!') {
		item++;
		len--;
	}
	if (len == 0)
		return false;
	if ((slash = memchr(item, '/', len)) != NULL)
		return is_network(item, len, slash);
	for (i = 0; i < len; i++)
		if (!is_alnum(item[i]) && strchr("-_.:*?%", item[i]) == NULL)
			return false;
	return true;
}

bool
dance_value_is_from(const char *value, size_t len)
{
	const char *comma;
	size_t item;

	for (;;) {
		comma = len == 0 ? NULL : memchr(value, ',', len);
		item = comma == NULL ? len : (size_t)(comma - value);
		if (!is_from_item(value, item))
			return false;
		if (comma == NULL)
			return true;
		value += item + 1;
		len -= item + 1;
	}
}

/* A host of sshd's hpdelim(): an IPv6 address stands in brackets. */
static bool
is_host(const char *host, size_t len)
{
	size_t i;

	if (len == 0 || len >= NI_MAXHOST || memchr(host, ' ', len) != NULL)
		return false;
	if (host[0] == '[')
		return memchr(host, ']', len) == host + len - 1;
	for (i = 0; i < len; i++)
		if (host[i] == ':' || host[i] == '/')
			return false;
	return true;
}

bool
dance_value_is_open(const char *value, size_t len)
{
	const char *colon = len == 0 ? NULL : memrchr(value, ':', len);
	size_t host_len;

	if (colon == NULL)
		return false;
	host_len = (size_t)(colon - value);
	return is_host(value, host_len) &&
	    is_port(colon + 1, len - host_len - 1);
}

bool
dance_value_is_listen(const char *value, size_t len)
{
	return is_port(value, len) || dance_value_is_open(value, len);
}

bool
dance_value_is_tunnel(const char *value, size_t len)
{
	return (len == 3 && memcmp(value, "any", 3) == 0) ||
	    is_number(value, len, 0x7ffffffd);
}

bool
dance_value_is_uid(const char *value, size_t len)
{
	return is_number(value, len, 4294967293UL) && value[0] != '0';
}
