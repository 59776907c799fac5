/* SPDX-License-Identifier: ISC */
/*
 * Two walks over the map.  The first counts how often each key will come, in a
 * table of a fixed size; the second writes the records.  So a million lines
 * need little more memory than their text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "account.h"
#include "index_file.h"
#include "index_make.h"
#include "index_writer.h"
#include "map_index.h"

#define PAUSE_NS 60000000LL   /* a little more than a tick of file times */
#define WAIT_NS	 2200000000LL /* the same for coarse ones */
#define TRIES	 20

static int64_t
time_now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_REALTIME, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void
pause_for(int64_t ns)
{
	struct timespec time = { .tv_sec = ns / 1000000000,
		.tv_nsec = ns % 1000000000 };

	(void)nanosleep(&time, NULL);
}

/*
 * A change within one tick of the clock would not show in the times.  Of files
 * whose time is still to come only that they stay as they are can be known.
 */
static int
sources_settle(const struct dance_map *map, const char *root, uint64_t *ret,
    struct dance_fault *fault)
{
	uint64_t before = 0;
	int64_t settled, wait;
	int r, i;

	for (i = 0; i < TRIES; i++, before = *ret) {
		r = dance_map_sources(map, root, ret, &settled, fault);
		if (r != 0)
			return r;
		wait = settled - time_now();
		if (wait < 0 || (wait > WAIT_NS && i > 0 && *ret == before))
			return 0;
		pause_for(wait > WAIT_NS || wait < PAUSE_NS ? PAUSE_NS : wait);
	}
	dance_fault_set(fault, "the map changes all the time");
	return DANCE_ERR_CONFIG;
}

/* Is the map still the one that was read? */
static int
sources_check(const struct dance_map *map, const char *root, uint64_t sources,
    struct dance_fault *fault)
{
	uint64_t now;
	int r = dance_map_sources(map, root, &now, NULL, fault);

	if (r != 0 || now == sources)
		return r;
	dance_fault_set(fault, "the map was changed meanwhile");
	return DANCE_ERR_CONFIG;
}

static int
index_write(const struct dance_config *config, const struct dance_map *map,
    uint64_t sources, int fd, struct dance_index_made *ret,
    struct dance_fault *fault)
{
	struct dance_index_header header = { .sources = sources,
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
	uint64_t sources;
	char *path;
	int r;

	if (asprintf(&path, "%s%s", config->root, DANCE_INDEX_FILE) == -1)
		return DANCE_ERR_INTERNAL;
	dance_index_file_sweep(path, false);
	if ((r = dance_map_names(config->root, &map, fault)) == 0 &&
	    (r = sources_settle(map, config->root, &sources, fault)) == 0 &&
	    (r = dance_map_read(map, config->root, fault)) == 0 &&
	    (r = dance_index_file_open(path, &file, fault)) == 0 &&
	    (r = index_write(config, map, sources, file.fd, &made, fault)) ==
		0 &&
	    (r = sources_check(map, config->root, sources, fault)) == 0)
		r = dance_index_file_keep(&file, fault);
	if (r == 0)
		*ret = made;
	dance_index_file_close(&file);
	free(path);
	dance_map_free(&map);
	return r;
}
