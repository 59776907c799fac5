/* SPDX-License-Identifier: ISC */
/*
 * Fuzz the options of the map.  The first octet chooses the version of sshd.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

/*
 * As sshd reads the front of a line: up to a blank outside of quotes.  All of
 * it must be read, or the rest would be taken for the key.
 */
static void
line_check(const char *text)
{
	bool is_quoted = false;

	for (; *text != '\0'; text++) {
		require(*text >= ' ' && *text <= '~');
		if (*text == '\\' && text[1] == '"')
			text++;
		else if (*text == '"')
			is_quoted = !is_quoted;
		else
			require(is_quoted || *text != ' ');
	}
	require(!is_quoted);
}

static void
emit_check(const char *text, size_t len, unsigned version)
{
	struct dance_options_fault fault;
	char *line = NULL, *again = NULL;

	require(dance_options_emit(text, len, &line) == 0);
	line_check(line);
	if (line[0] != '\0') {
		require(line[0] == ',');
		require(dance_options_check(
			    line + 1, strlen(line + 1), version, &fault) == 0);
		require(dance_options_emit(
			    line + 1, strlen(line + 1), &again) == 0);
		require(strcmp(line, again) == 0);
	}
	free(line);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned versions[] = { 0, 609, 706, 803, 900, 902 };
	struct dance_options_fault fault;
	const char *text;
	char *line = NULL;
	unsigned version;

	if (size == 0)
		return 0;
	version = versions[data[0] % 6];
	text = (const char *)data + 1;
	size--;
	if (dance_options_check(text, size, version, &fault) == 0) {
		require(dance_options_check(text, size, 0, &fault) == 0);
		emit_check(text, size, version);
	} else {
		require(fault.cause != NULL && fault.column <= size);
		/* Without a check before it, it must do no harm. */
		if (dance_options_emit(text, size, &line) == 0)
			free(line);
	}
	return 0;
}
