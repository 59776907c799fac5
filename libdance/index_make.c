/* SPDX-License-Identifier: ISC */
/*
 * Two walks over the map.  The first counts how often each key will come, in a
 * table of a fixed size; the second writes the records.  So a million lines
 * need little more memory than their text.  The map is read when a further
 * change of it must show in the times of its files, by which the index knows
 * them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "index_file.h"
#include "index_make.h"
#include "index_writer.h"
#include "map_index.h"

/* Is the map still the one that was read? */
static int
sources_check(
    const struct dance_map *map, const char *root, struct dance_fault *fault)
{
	struct dance_map *now = NULL;
	int r = dance_map_look(root, NULL, &now, fault);

	if (r == DANCE_ERR_INTERNAL)
		return r;
	if (r == 0 && dance_map_sources(now) != dance_map_sources(map))
		r = DANCE_ERR_CONFIG;
	if (r != 0)
		dance_fault_set(fault, "the map was changed meanwhile");
	dance_map_free(&now);
	return r;
}

static int
index_write(const struct dance_config *config, const struct dance_map *map,
    int fd, struct dance_index_made *ret, struct dance_fault *fault)
{
	struct dance_index_header header = { .sources = dance_map_sources(map),
		.provision_first = (uint32_t)config->provision_first,
		.provision_last = (uint32_t)config->provision_last };
	struct dance_account_range range;
	int r;

	r = dance_account_range_read(config->root, &range, fault);
	if (r != 0)
		return r;
	header.uid_min = (uint32_t)range.min;
	header.uid_max = (uint32_t)range.max;
	if (config->has_login_names)
		header.flags |= DANCE_INDEX_HAS_LOGIN_NAMES;
	if (config->provision_enumerate)
		header.flags |= DANCE_INDEX_ENUMERATES;
	r = dance_index_write(map, config, &header, fd, fault);
	if (r != 0)
		return r;
	ret->n_lines = header.n_lines;
	ret->size = header.file_size;
	return 0;
}

int
dance_index_make(const struct dance_config *config,
    struct dance_index_made *ret, struct dance_fault *fault)
{
	struct dance_index_file file = { .fd = -1 };
	struct dance_index_made made;
	struct dance_map *map = NULL;
	char *path;
	int r;

	if (asprintf(&path, "%s%s", config->root, DANCE_INDEX_FILE) == -1)
		return DANCE_ERR_INTERNAL;
	dance_index_file_sweep(path, false);
	if ((r = dance_map_load_text(config->root, &map, fault)) == 0 &&
	    (r = dance_index_file_open(path, &file, fault)) == 0 &&
	    (r = index_write(config, map, file.fd, &made, fault)) == 0 &&
	    (r = sources_check(map, config->root, fault)) == 0)
		r = dance_index_file_keep(&file, fault);
	if (r == 0)
		*ret = made;
	dance_index_file_close(&file);
	free(path);
	dance_map_free(&map);
	return r;
}
