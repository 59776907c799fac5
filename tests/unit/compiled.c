/* SPDX-License-Identifier: ISC */
/* See compiled.h. */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiled.h"
#include "map_index.h"
#include "tree.h"

/* Comments, so that the map is large enough for decisions by index. */
static void
tree_pad(const char *root)
{
	char *text = malloc(DANCE_MAP_INDEX_WORTH + 1);
	size_t i;

	if (text == NULL)
		err(1, "malloc");
	memset(text, '#', DANCE_MAP_INDEX_WORTH);
	for (i = 4095; i < DANCE_MAP_INDEX_WORTH; i += 4096)
		text[i] = '\n';
	text[DANCE_MAP_INDEX_WORTH] = '\0';
	tree_mkdir(root, DANCE_MAP_DIR);
	tree_write(root, COMPILED_PAD, text);
	free(text);
}

void
compiled_tree(char *root)
{
	if (geteuid() != 0)
		errx(1, "run as root: an index must be root's");
	tree_make(root);
	tree_mkdir(root, DANCE_STATEDIR);
	tree_write(root, "/etc/passwd", "al:x:1000:1000::/srv/al:/bin/sh\n");
	tree_pad(root);
}

int
compiled_try(
    const char *root, struct dance_index_made *ret, struct dance_fault *fault)
{
	struct dance_config *config;
	int r;

	if ((r = dance_config_load(root, &config, fault)) != 0)
		return r;
	r = dance_index_make(config, ret, fault);
	dance_config_free(&config);
	return r;
}

void
compiled_make(const char *root, const char *map)
{
	struct dance_index_made made;
	struct dance_fault fault = { "" };

	tree_write(root, COMPILED_MAP, map);
	if (compiled_try(root, &made, &fault) != 0)
		errx(1, "not compiled: %s", fault.text);
}

void
compiled_set_header(const char *path, const struct dance_index_header *header)
{
	uint8_t key = DANCE_INDEX_HEADER;
	uint8_t value[sizeof(*header) + sizeof(uint64_t)];
	uint64_t sum = dance_index_sum(DANCE_INDEX_SUM_START, &key, 1);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	sum = dance_index_sum(sum, header, sizeof(*header));
	memcpy(value, header, sizeof(*header));
	memcpy(value + sizeof(*header), &sum, sizeof(sum));
	if (fd == -1 ||
	    pwrite(fd, value, sizeof(value), DANCE_INDEX_HEADER_AT) !=
		(ssize_t)sizeof(value))
		err(1, "%s", path);
	close(fd);
}

bool
compiled_is_used(const char *root)
{
	struct dance_map *map;
	struct dance_fault fault = { "" };
	bool is_used;

	if (dance_map_load(root, &map, &fault) != 0)
		errx(1, "%s", fault.text);
	is_used = map->is_indexed;
	dance_map_free(&map);
	return is_used;
}
