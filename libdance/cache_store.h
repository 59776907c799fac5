/* SPDX-License-Identifier: ISC */
/*
 * The folder of the cache: one file for each owner name, of octets that are not
 * looked at here.  It must belong to the user of this process and be closed to
 * all others, or there is no cache.  Files are replaced by rename alone.
 */
#ifndef DANCE_CACHE_STORE_H
#define DANCE_CACHE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache_link.h"
#include "config.h"
#include "error.h"
#include "map.h"
#include "wire.h"

#define DANCE_STORE_NAMES_MAX 4096 /* files; made up: half of them */
#define DANCE_STORE_LOCKS_MAX DANCE_CANDIDATES_MAX /* names at a time */

/* What is listed: one more than there may be shows that these are not all. */
#define DANCE_STORE_LIST_MAX (DANCE_STORE_NAMES_MAX + 1)

/*
 * Beside them: what sshd's helper remembers of its lines in the log; locks,
 * with the times at which names were taken away.
 */
#define DANCE_STORE_MARKS "offers"
#define DANCE_STORE_LOCK  ".lock"

struct dance_room;

struct dance_store {
	int folder; /* -1: there is none */
	int lock;   /* -1 until something is locked */
	int64_t locked[DANCE_STORE_LOCKS_MAX]; /* places in its file */
	size_t n_locked;
	struct dance_room *room; /* NULL until there is a new name */
};

/*
 * Open a folder if its owner is the user of this process and nobody else has
 * any right to it.  Returns 0 and a descriptor, or DANCE_ERR_CONFIG with a
 * fault.
 */
int dance_store_folder(const char *path, int *ret, struct dance_fault *fault);

/*
 * The store of a configuration, below its root.  Returns 0, also where there
 * is to be no cache, or DANCE_ERR_CONFIG with a fault; in both cases with a
 * store that is empty and keeps nothing.  DANCE_ERR_INTERNAL without memory.
 */
int dance_store_open(const struct dance_config *config, struct dance_store *ret,
    struct dance_fault *fault);

/*
 * The same for one that is to be looked at, not used: there it is whatever
 * cache-max-ttl says.
 */
int dance_store_open_unused(const struct dance_config *config,
    struct dance_store *ret, struct dance_fault *fault);

/* Takes one that is closed, too. */
void dance_store_close(struct dance_store *store);

/* True for a name that a file can have: an owner name in lower case. */
bool dance_store_name_is_valid(const char *owner);

/* True if there is a file of this name, whatever it is. */
bool dance_store_has(const struct dance_store *store, const char *owner);

/*
 * The octets kept for an owner name, max at most.  *ret is malloced.  Returns
 * 0; DANCE_ERR_FORMAT if there are none, or in a file that is not ours alone or
 * too large; DANCE_ERR_INTERNAL without memory.
 */
int dance_store_read(struct dance_store *store, const char *owner, size_t max,
    uint8_t **ret, size_t *ret_len);

/*
 * Keep octets for so many seconds at least, if nobody replaces them; with no
 * octets, take away what there is.  What was learnt after the question of the
 * answer left stays, whoever has locked the name; a denial and a removal are
 * remembered, so that no older answer takes their place.  If it can't be kept
 * otherwise, what it was to replace is taken away all the same, but for a
 * note.
 * is_data is false for names that anybody can make up, denials and what a
 * wildcard made, which must not fill the folder.  Where it is full, a new name
 * takes the place of one in the zone that has most.
 * Returns 0, also where younger knowledge stays, or DANCE_ERR_CONFIG if it
 * can't be kept.
 */
int dance_store_write(struct dance_store *store, const char *owner,
    const struct dance_keeping *keeping);

/*
 * Take away what is kept of a name, and whatever was asked for until now.
 * Returns 0, or DANCE_ERR_CONFIG if it can't be taken away.
 */
int dance_store_forget(struct dance_store *store, const char *owner);

/*
 * Note that an identity was let in: the file of its owner name is then the last
 * to make room for others, for as long as it has records.
 */
void dance_store_accept(struct dance_store *store, const char *identity);

/*
 * Be the one process that asks for a name.  False if another one is, or if
 * DANCE_STORE_LOCKS_MAX names are held already.  Names are held until one of
 * the functions that follow, or the end of the process.  Where locks can't be
 * had at all, everybody has them.
 */
bool dance_store_lock(struct dance_store *store, const char *owner);
void dance_store_unlock(struct dance_store *store, const char *owner);
void dance_store_unlock_all(struct dance_store *store);

/*
 * The names that are kept, in no order, at most DANCE_STORE_LIST_MAX, malloced
 * in a malloced array.  Returns 0, DANCE_ERR_CONFIG or DANCE_ERR_INTERNAL.
 * Free with dance_file_names_free().
 */
int dance_store_list(
    const struct dance_store *store, char ***ret, size_t *ret_n);

/* The same for files that somebody else has put there: names of any octets. */
int dance_store_list_foreign(
    const struct dance_store *store, char ***ret, size_t *ret_n);

#endif
