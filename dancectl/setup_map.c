/* SPDX-License-Identifier: ISC */
/*
 * What the map's lines that provision accounts need: a session line of PAM
 * that is required, and a salt in dance.conf.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "config.h"
#include "file.h"
#include "map.h"
#include "setup_map.h"

#define KEY	 "provision-salt"
#define SALT_LEN 16

static int
provision_visit(const struct dance_map_line *line, void *arg)
{
	struct setup_map *found = arg;

	if (line->is_refusal ||
	    !dance_options_have(line->options, line->options_len, "provision"))
		return 0;
	found->provisions = true;
	if (!dance_pattern_is_literal(&line->pattern) &&
	    (line->pattern.has_account ||
		!dance_options_have(line->options, line->options_len, "uid")))
		found->needs_salt = true;
	return 0;
}

int
setup_map_read(struct setup *setup, struct setup_map *ret)
{
	struct setup_map found = { .provisions = false };
	struct dance_fault fault = { "" };
	struct dance_config *config = NULL;
	struct dance_map *map = NULL;
	bool exists;
	int r;

	if (dance_file_exists(setup->ctl->root, DANCE_MAP_FILE, &exists) != 0)
		ctl_fail("out of memory");
	r = dance_config_load(setup->ctl->root, &config, &fault);
	if (r == 0 && exists &&
	    (r = dance_map_load_text(setup->ctl->root, &map, &fault)) == 0)
		r = dance_map_walk(
		    map, 0, provision_visit, NULL, &found, &fault);
	if (r == 0)
		found.has_salt = config->provision_salt.len != 0;
	dance_map_free(&map);
	dance_config_free(&config);
	if (r != 0)
		return setup_fail(setup, "%s",
		    fault.text[0] == '\0' ? "out of memory" : fault.text);

	*ret = found;
	return CTL_YES;
}

/* A line "provision-salt = none" goes: a key may stand once only. */
static bool
line_is_salt(const char *line)
{
	line += strspn(line, " \t");
	if (strncmp(line, KEY, strlen(KEY)) != 0)
		return false;
	line += strlen(KEY);
	line += strspn(line, " \t");
	return *line == '=';
}

/* The text with a salt of its own, malloced. */
static char *
salt_edit(const char *old)
{
	uint8_t salt[SALT_LEN];
	size_t i, len, size = 0;
	char *text = NULL;
	FILE *out;

	if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		ctl_fail("no random numbers are to be had");
	if ((out = open_memstream(&text, &size)) == NULL)
		ctl_fail("out of memory");
	fputs("# The same on all hosts of the site: see dance.conf(5).\n" KEY
	      " = ",
	    out);
	for (i = 0; i < sizeof(salt); i++)
		fprintf(out, "%02x", salt[i]);
	fputc('\n', out);
	for (; *old != '\0'; old += len) {
		len = strcspn(old, "\n");
		len += old[len] == '\n' ? 1 : 0;
		if (!line_is_salt(old))
			fwrite(old, 1, len, out);
	}
	if (fclose(out) != 0)
		ctl_fail("out of memory");
	return text;
}

/* What will be read must be what was meant. */
static int
salt_prove(struct setup *setup, const char *text)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };
	bool has_it;

	if (dance_config_parse(text, strlen(text), DANCE_CONFIG_FILE,
		setup->ctl->root, &config, &fault) != 0)
		return setup_fail(setup, "%s", fault.text);
	has_it = config->provision_salt.len == SALT_LEN;
	dance_config_free(&config);
	return has_it ? CTL_YES
		      : setup_refuse(setup,
			    DANCE_CONFIG_FILE
			    ": " KEY " can't be put there: write it yourself, "
			    "32 hexadecimal digits by chance");
}

int
setup_salt_plan(struct setup *setup)
{
	struct setup_map found;
	char *old = NULL, *new;
	int r;

	if ((r = setup_map_read(setup, &found)) != CTL_YES ||
	    !found.needs_salt || found.has_salt)
		return r;
	if ((r = setup_read(setup, DANCE_CONFIG_FILE, &old)) != CTL_YES)
		return r;
	new = salt_edit(old == NULL ? "" : old);
	if ((r = salt_prove(setup, new)) != CTL_YES) {
		free(old);
		free(new);
		return r;
	}
	(void)setup_change(setup, DANCE_CONFIG_FILE, old, new);
	setup_warn(setup,
	    "a line with * or %%u provisions, and %s has no " KEY
	    ": it is made now; if another host of the site has one, write "
	    "that line there instead before anybody comes in, and copy it to "
	    "all the others",
	    DANCE_CONFIG_FILE);
	return CTL_YES;
}
