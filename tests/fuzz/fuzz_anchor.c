/* SPDX-License-Identifier: ISC */
/*
 * Trust anchor files.  What libunbound gets of them must be one plain line
 * each, which means the same again when it is read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "anchor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
text_read(const void *text, size_t len, struct dance_anchors **ret,
    struct dance_fault *fault)
{
	char *copy = malloc(len + 1);
	int r;

	*ret = calloc(1, sizeof(**ret));
	if (copy == NULL || *ret == NULL)
		abort();
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	r = dance_anchors_add_text(*ret, copy, len, "f", fault);
	free(copy);
	return r;
}

static void
record_check(const struct dance_anchor *anchor)
{
	struct dance_anchors *again;
	struct dance_fault fault;
	const char *record = anchor->record;

	if (strpbrk(record, "\n;()\\\"") != NULL ||
	    strpbrk(anchor->zone, " \t\\") != NULL)
		abort();
	if (text_read(record, strlen(record), &again, &fault) != 0 ||
	    again->n != 1 || strcmp(again->list[0].zone, anchor->zone) != 0 ||
	    strcmp(again->list[0].record, record) != 0)
		abort();
	dance_anchors_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dance_anchors *anchors;
	struct dance_fault fault = { "" };
	size_t i;
	int r;

	if (size > DANCE_ANCHOR_FILE_MAX)
		return 0;
	r = text_read(data, size, &anchors, &fault);
	if (r != 0 && (r != DANCE_ERR_CONFIG || fault.text[0] == '\0'))
		abort();
	if (r == 0 &&
	    (anchors->n == 0 || anchors->n > DANCE_ANCHOR_RECORDS_MAX))
		abort();
	for (i = 0; r == 0 && i < anchors->n; i++)
		record_check(&anchors->list[i]);
	dance_anchors_free(&anchors);
	if (anchors != NULL)
		abort();
	return 0;
}
