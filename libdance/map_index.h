/* SPDX-License-Identifier: ISC */
/*
 * The map's two forms, and the choice of the lines that a question is about.
 * In the form of text all lines are; from the index they are picked, so that a
 * question costs the same for any number of lines.  Private to map*.c.
 */
#ifndef DANCE_MAP_INDEX_H
#define DANCE_MAP_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "index.h"
#include "map.h"
#include "path.h"

#define DANCE_MAP_PICK_MAX    65536 /* lines that one question may be about */
#define DANCE_MAP_INDEX_WORTH 65536 /* octets of text; less is read itself */

/*
 * The rules of accounts(5), for the fingerprint: raise it with each change by
 * which a line means something else, or is faulty, or no longer is.
 */
#define DANCE_MAP_GRAMMAR 1

struct dance_map_file {
	char *name;
	char *text; /* NULL where the map is indexed */
	size_t len;
	struct stat st; /* when it was looked at */
};

struct dance_map {
	struct dance_map_file *files;
	size_t n;
	bool is_indexed;
	struct dance_index *index; /* mapped, if so; owned */
};

/*
 * Look at the map without reading it: which files there are, and what they are
 * like.  A file that is badly owned is a fault here as where it is read.  What
 * was looked at is added to seen, which may be NULL.
 */
int dance_map_look(const char *root, struct dance_path_seen *seen,
    struct dance_map **ret, struct dance_fault *fault);

/*
 * The text of a map that was looked at, as it is now.  Only the whole of it
 * counts, see dance_file_set_read().
 */
int dance_map_read(
    struct dance_map *map, const char *root, struct dance_fault *fault);

/*
 * A fingerprint of the files as they were looked at: names, inodes, sizes,
 * times; and of the rules by which this version reads them.
 */
uint64_t dance_map_sources(const struct dance_map *map);

/*
 * Use the index below root if it is one of these very files, and they are large
 * and not on a read-only file system; else leave the map as it is.  Returns 0
 * or DANCE_ERR_INTERNAL.
 */
int dance_map_use_index(struct dance_map *map, const char *root);

/* One line, whose place and text are set: parse and visit it. */
int dance_map_walk_line(const struct dance_map *map,
    struct dance_map_line *line, dance_map_visit *visit, void *arg,
    struct dance_fault *fault);

/* The lines that are picked.  All bits zero: none. */
struct dance_map_pick {
	const struct dance_map *map;
	struct dance_map_picked *list;
	size_t n;
	size_t size;
	int error; /* the first one of the functions below */
};

/* Every line whose first column may mean the identity. */
void dance_map_pick_identity(
    struct dance_map_pick *pick, const struct dance_identity *id);

/*
 * Every line whose first column may cover what the pattern means, which has no
 * "%u".
 */
void dance_map_pick_pattern(
    struct dance_map_pick *pick, const struct dance_pattern *pattern);

/*
 * The lines that let a literal identity use the account, those with "%u" that
 * let somebody in, and, if has_rest, all others that name it.
 */
void dance_map_pick_account(
    struct dance_map_pick *pick, const char *account, bool has_rest);

/*
 * Visit what is picked, each line once and in map order; all lines of a map
 * that is not indexed.  Returns as dance_map_walk().
 */
int dance_map_pick_walk(struct dance_map_pick *pick, dance_map_visit *visit,
    void *arg, struct dance_fault *fault);

void dance_map_pick_clear(struct dance_map_pick *pick);

#endif
