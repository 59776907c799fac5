/* SPDX-License-Identifier: ISC */
/*
 * What is in the index was a whole and faultless map when it was made: a map
 * with one bad line has none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "map_index.h"

static uint64_t
sum_number(uint64_t sum, int64_t number)
{
	return dance_index_sum(sum, &number, sizeof(number));
}

static int64_t
nanoseconds(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

uint64_t
dance_map_sources(const struct dance_map *map)
{
	uint64_t sum = sum_number(DANCE_INDEX_SUM_START, DANCE_MAP_GRAMMAR);
	const struct stat *st;
	const char *name;
	size_t i;

	for (i = 0; i < map->n; i++) {
		name = map->files[i].name;
		st = &map->files[i].st;
		sum = dance_index_sum(sum, name, strlen(name) + 1);
		sum = sum_number(sum, (int64_t)st->st_ino);
		sum = sum_number(sum, (int64_t)st->st_size);
		sum = sum_number(sum, (int64_t)st->st_mtim.tv_sec);
		sum = sum_number(sum, (int64_t)st->st_mtim.tv_nsec);
		sum = sum_number(sum, nanoseconds(&st->st_ctim));
	}
	return sum;
}

/*
 * Is the index worth its risk?  A small text is read as fast.  And times tell
 * nothing of files on a read-only medium: an image can be made with any.
 */
static int
sources_are_fit(const struct dance_map *map, const char *root, bool *ret)
{
	off_t size = 0;
	bool is_readonly = false;
	struct statvfs vfs;
	char *path;
	size_t i;

	for (i = 0; i < map->n; i++)
		size += map->files[i].st.st_size;
	for (i = 0; i < map->n && size >= DANCE_MAP_INDEX_WORTH; i++) {
		if (asprintf(&path, "%s%s", root, map->files[i].name) == -1)
			return DANCE_ERR_INTERNAL;
		is_readonly = is_readonly || statvfs(path, &vfs) != 0 ||
		    (vfs.f_flag & ST_RDONLY) != 0;
		free(path);
	}

	*ret = size >= DANCE_MAP_INDEX_WORTH && !is_readonly;
	return 0;
}

int
dance_map_use_index(struct dance_map *map, const char *root)
{
	struct dance_index *index;
	bool is_fit;
	char *path;
	int r;

	if ((r = sources_are_fit(map, root, &is_fit)) != 0 || !is_fit)
		return r;
	if (asprintf(&path, "%s%s", root, DANCE_INDEX_FILE) == -1)
		return DANCE_ERR_INTERNAL;
	if ((index = calloc(1, sizeof(*index))) == NULL) {
		free(path);
		return DANCE_ERR_INTERNAL;
	}
	if (dance_index_open(path, index) == 0) {
		if (index->header.sources == dance_map_sources(map) &&
		    dance_index_map(index) == 0)
			map->index = index;
		else
			dance_index_close(index);
	}
	map->is_indexed = map->index != NULL;
	if (!map->is_indexed)
		free(index);
	free(path);
	return 0;
}
