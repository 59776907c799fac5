/* SPDX-License-Identifier: ISC */
/*
 * Packets of which the signers, aliases and the question are read: names come
 * out in one form only, none twice, and with an end.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "answer_names.h"
#include "error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static void
name_check(const char name[DANCE_NAME_MAX + 1])
{
	const char *end = memchr(name, '\0', DANCE_NAME_MAX + 1), *p;

	require(end != NULL && end > name);
	require(end[-1] != '.' || end == name + 1);
	for (p = name; p < end; p++) {
		require(
		    *p > ' ' && *p < 0x7f && strchr("\\\"();@$", *p) == NULL);
		require(tolower((unsigned char)*p) == *p);
	}
}

static void
list_check(char list[][DANCE_NAME_MAX + 1], size_t n)
{
	size_t i, j;

	require(n <= DANCE_ANSWER_NAMES_MAX);
	for (i = 0; i < n; i++) {
		name_check(list[i]);
		for (j = 0; j < i; j++)
			require(strcmp(list[i], list[j]) != 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dance_answer_names *names = malloc(sizeof(*names));
	char name[DANCE_NAME_MAX + 1];
	uint16_t type = 0;
	int r;

	require(names != NULL);
	memset(names, 0xff, sizeof(*names));
	memset(name, 0xff, sizeof(name));
	r = dance_answer_read_names(data, size, names);
	require(r == 0 || r == DANCE_ERR_FORMAT);
	if (r == 0) {
		list_check(names->signers, names->n_signers);
		list_check(names->aliases, names->n_aliases);
	}
	free(names);
	r = dance_answer_read_question(data, size, name, &type);
	require(r == 0 || r == DANCE_ERR_FORMAT);
	if (r == 0)
		name_check(name);
	return 0;
}
