/* SPDX-License-Identifier: ISC */
/*
 * The parts of the store, for cache_*.c alone: what stands in front of each
 * file, and what its file of locks remembers.
 */
#ifndef DANCE_CACHE_STORE_INTERNAL_H
#define DANCE_CACHE_STORE_INTERNAL_H

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "cache_store.h"

#define DANCE_STORE_MAGIC "DANCECF1"
#define DANCE_STORE_NEW	  ".new." /* and a number: what is being written */

/* In front of each file, of this host and in its order; CLOCK_REALTIME. */
struct dance_store_head {
	char magic[8];
	int64_t asked_ns;  /* when the question of the answer left */
	int64_t learnt_ns; /* when it was kept; 0: no answer, a fault alone */
	uint64_t is_denial;
	uint64_t sum; /* of the octets before it: dance_index_sum() */
};

/* The checksum that belongs to a head: a disk may have changed it. */
uint64_t dance_store_head_sum(const struct dance_store_head *head);

/* That of a name.  Returns 0, or DANCE_ERR_FORMAT if there is no such file. */
int dance_store_head(const struct dance_store *store, const char *owner,
    struct dance_store_head *ret);

/*
 * What the mode of a file tells without reading it: that the name is one which
 * its zone has, not one that anybody can make up; and that it has let somebody
 * in.
 */
#define DANCE_STORE_DATA_BIT	 S_IWUSR
#define DANCE_STORE_ACCEPTED_BIT S_IXUSR

/* Take away a file.  Returns 0, also if there is none, or DANCE_ERR_CONFIG. */
int dance_store_remove(const struct dance_store *store, const char *owner);

/*
 * Make room for the file of a new name, in the zone that takes most of it, and
 * count it.  Returns 0, DANCE_ERR_CONFIG if there is none, or
 * DANCE_ERR_INTERNAL.
 */
int dance_store_make_room(struct dance_store *store, const char *owner,
    const struct dance_keeping *keeping);
void dance_store_room_free(struct dance_store *store);

/* To be closed with closedir(); NULL if it can't be had. */
DIR *dance_store_walk(const struct dance_store *store);

/*
 * Keep others from writing for this name for the moment that a write takes.
 * False if another one writes for longer than that takes: a process that is
 * stopped meanwhile, by a user who can, must not stop all others.
 */
bool dance_store_guard(struct dance_store *store, const char *owner);
void dance_store_unguard(struct dance_store *store, const char *owner);

/*
 * Remember that what was kept of a name was taken away or denied at a time:
 * before the file goes, so that one who writes it meanwhile sees it.  Returns
 * 0, or DANCE_ERR_CONFIG if that can't be remembered.
 */
int dance_store_mark_removed(
    struct dance_store *store, const char *owner, int64_t now_ns);

/*
 * True if that was so at a time between the two, or if it can't be read in the
 * file of locks; without that file nothing is known.
 * With is_exact of this name alone, else perhaps of one that shares its place.
 */
bool dance_store_was_removed(struct dance_store *store, const char *owner,
    int64_t from_ns, int64_t until_ns, bool is_exact);

#endif
