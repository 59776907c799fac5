/* SPDX-License-Identifier: ISC */
/*
 * Apart from the rest of the log, since the PAM module writes lines too, and
 * has to leave the log of its host program alone.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "log_field.h"

static bool
is_plain(const char *value)
{
	for (; *value != '\0'; value++)
		if (*value <= ' ' || *value > '~' ||
		    strchr("\"\\=", *value) != NULL)
			return false;
	return true;
}

/* Append one character, escaped; whole, or not at all: then false. */
static bool
append_escaped(char *line, size_t size, char c)
{
	size_t len = strlen(line);
	char text[5];

	if (c == '"' || c == '\\')
		snprintf(text, sizeof(text), "\\%c", c);
	else if (c >= ' ' && c <= '~')
		snprintf(text, sizeof(text), "%c", c);
	else
		snprintf(text, sizeof(text), "\\x%02x", (unsigned char)c);
	if (len + strlen(text) >= size)
		return false;
	memcpy(line + len, text, strlen(text) + 1);
	return true;
}

void
dance_log_field(char *line, size_t size, const char *key, const char *value)
{
	size_t len = strlen(line);
	bool plain = value[0] != '\0' && is_plain(value);

	/* Room for the closing quote is kept. */
	if (len + strlen(key) + 5 >= size)
		return;
	snprintf(line + len, size - len, "%s%s=%s", len == 0 ? "" : " ", key,
	    plain ? "" : "\"");
	while (*value != '\0' && append_escaped(line, size - 1, *value))
		value++;

	len = strlen(line);
	if (!plain && len + 1 < size) {
		line[len] = '"';
		line[len + 1] = '\0';
	}
}
