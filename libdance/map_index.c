/* SPDX-License-Identifier: ISC */
/*
 * What is in the index was a whole and faultless map when it was made: a map
 * with one bad line has none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "map_index.h"

static uint64_t
sum_number(uint64_t sum, int64_t number)
{
	return dance_index_sum(sum, &number, sizeof(number));
}

int
dance_map_sources(const struct dance_map *map, const char *root, uint64_t *ret,
    int64_t *ret_changed, struct dance_fault *fault)
{
	uint64_t sum = DANCE_INDEX_SUM_START;
	int64_t changed, last = 0;
	const char *name;
	struct stat st;
	size_t i;
	int r;

	for (i = 0; i < map->n; i++) {
		name = map->files[i].name;
		if ((r = dance_file_stat(root, name, &st, fault)) != 0)
			return r;
		changed = (int64_t)st.st_ctim.tv_sec * 1000000000 +
		    st.st_ctim.tv_nsec;
		if (changed > last)
			last = changed;
		sum = dance_index_sum(sum, name, strlen(name) + 1);
		sum = sum_number(sum, (int64_t)st.st_ino);
		sum = sum_number(sum, (int64_t)st.st_size);
		sum = sum_number(sum, (int64_t)st.st_mtim.tv_sec);
		sum = sum_number(sum, (int64_t)st.st_mtim.tv_nsec);
		sum = sum_number(sum, changed);
	}

	*ret = sum;
	if (ret_changed != NULL)
		*ret_changed = last;
	return 0;
}

int
dance_map_use_index(
    struct dance_map *map, const char *root, struct dance_fault *fault)
{
	struct dance_index *index;
	uint64_t sources;
	char *path;
	int r;

	if ((r = dance_map_sources(map, root, &sources, NULL, fault)) != 0)
		return r;
	if (asprintf(&path, "%s%s", root, DANCE_INDEX_FILE) == -1)
		return DANCE_ERR_INTERNAL;
	if ((index = calloc(1, sizeof(*index))) == NULL) {
		free(path);
		return DANCE_ERR_INTERNAL;
	}
	if (dance_index_open(path, index) == 0) {
		if (index->header.sources == sources &&
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
