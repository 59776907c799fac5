/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "sshd_line.h"

#define AUTHORITY "cert-authority,principals=\""
#define LETTERS                      \
	"abcdefghijklmnopqrstuvwxyz" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* They are allowed, and written again they are the same. */
static bool
options_fit(const char *text, size_t len)
{
	struct dance_options_fault fault;
	char *again = NULL;
	bool fits;

	if (dance_options_check(text, len, 0, &fault) != 0 ||
	    dance_options_emit(text, len, &again) != 0)
		return false;
	fits = again[0] == ',' && strlen(again + 1) == len &&
	    memcmp(again + 1, text, len) == 0;
	free(again);
	return fits;
}

/* The line up to "TYPE BASE64" at its end, with the blank; NULL if not so. */
static const char *
line_key(const char *line, const char *type, const char *base64)
{
	size_t type_len = strlen(type), len = strlen(line);
	size_t tail = type_len + 1 + strlen(base64);
	const char *key = line + len - tail;

	if (len < tail || (len > tail && key[-1] != ' ') ||
	    memcmp(key, type, type_len) != 0 || key[type_len] != ' ' ||
	    strcmp(key + type_len + 1, base64) != 0)
		return NULL;
	return key;
}

static bool
key_line_fits(const char *line, const char *type, const char *base64)
{
	const char *key = line_key(line, type, base64);

	return key != NULL &&
	    (key == line || options_fit(line, (size_t)(key - line) - 1));
}

/* "TYPE BASE64" to the end of the line, of any key. */
static bool
is_key(const char *text)
{
	size_t type_len = strspn(text, LETTERS "-@."), len;

	if (type_len == 0 || text[type_len] != ' ')
		return false;
	text += type_len + 1;
	len = strspn(text, LETTERS "+/=");
	return len > 0 && text[len] == '\0';
}

static bool
authority_line_fits(const char *line)
{
	const char *next = line + strlen(AUTHORITY), *key;
	size_t len = strspn(next, LETTERS "-_.+@");

	if (len == 0 || next[len] != '"')
		return false;
	next += len + 1;
	/* No word of a key holds a blank, so it begins behind the last two. */
	if ((key = strrchr(line, ' ')) == NULL || key < next)
		return false;
	while (key > next && *--key != ' ')
		;
	if (*key != ' ' || !is_key(key + 1))
		return false;
	return key == next ||
	    (*next == ',' && options_fit(next + 1, (size_t)(key - next) - 1));
}

bool
dance_sshd_line_fits(const char *line, const char *type, const char *base64)
{
	if (strncmp(line, AUTHORITY, strlen(AUTHORITY)) == 0)
		return strstr(type, "-cert-") != NULL &&
		    authority_line_fits(line);
	return key_line_fits(line, type, base64);
}
