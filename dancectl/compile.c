/* SPDX-License-Identifier: ISC */
/*
 * dancectl compile: the index of the accounts map, for those who would
 * otherwise have to read all of it at each login, and for the NSS module.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "dancectl.h"
#include "index.h"
#include "index_make.h"

static void
made_print(const struct ctl *ctl, const struct dance_index_made *made)
{
	json_t *object;

	if (!ctl->is_json) {
		printf("%s%s: %zu line%s, %llu octets\n", ctl->root,
		    DANCE_INDEX_FILE, made->n_lines,
		    made->n_lines == 1 ? "" : "s",
		    (unsigned long long)made->size);
		return;
	}
	object = json_pack("{s:s, s:I, s:I}", "file", DANCE_INDEX_FILE, "lines",
	    (json_int_t)made->n_lines, "size", (json_int_t)made->size);
	if (object == NULL ||
	    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)
		ctl_fail("the answer can't be shown: out of memory");
	putchar('\n');
	json_decref(object);
}

int
ctl_compile(struct ctl *ctl, int argc, char *argv[])
{
	static const struct option options[] = { CTL_OPTIONS };
	struct dance_fault fault = { "" };
	struct dance_config *config;
	struct dance_index_made made;
	int r;

	while (ctl_getopt(ctl, argc, argv, options) != -1)
		;
	ctl_operands(ctl, argc, 0);
	/* Root is kept: what is read is root's own, and so is the index. */
	if ((r = dance_config_load(ctl->root, &config, &fault)) != 0)
		ctl_fail("%s", fault.text);
	r = dance_index_make(config, &made, &fault);
	dance_config_free(&config);
	if (r != 0)
		ctl_fail(
		    "%s", fault.text[0] == '\0' ? "out of memory" : fault.text);
	made_print(ctl, &made);
	return CTL_YES;
}
