/* SPDX-License-Identifier: ISC */
/*
 * One file holds the locks of all names, each at a place of its own: so the
 * folder does not fill with files of locks, and a process that ends has none.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cache_store.h"
#include "index.h"

/* Two names at one place wait for each other in vain, and no more. */
static struct flock
lock_place(const char *owner, short type)
{
	uint64_t sum =
	    dance_index_sum(DANCE_INDEX_SUM_START, owner, strlen(owner));

	return (struct flock){ .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)(sum >> 2),
		.l_len = 1 };
}

/* Of what is locked here; n_locked if it is not. */
static size_t
locked_find(const struct dance_store *store, const struct flock *place)
{
	size_t i = 0;

	while (i < store->n_locked && store->locked[i] != place->l_start)
		i++;
	return i;
}

bool
dance_store_lock(struct dance_store *store, const char *owner)
{
	struct flock place = lock_place(owner, F_WRLCK);
	size_t which = locked_find(store, &place);

	if (store->folder == -1)
		return true;
	if (which == DANCE_STORE_LOCKS_MAX)
		return false;
	if (store->lock == -1)
		store->lock = openat(store->folder, DANCE_STORE_LOCK,
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		    0600);
	if (store->lock == -1)
		return true;
	if (fcntl(store->lock, F_OFD_SETLK, &place) != 0)
		return errno != EAGAIN && errno != EACCES;
	store->locked[which] = place.l_start;
	if (which == store->n_locked)
		store->n_locked++;
	return true;
}

void
dance_store_unlock(struct dance_store *store, const char *owner)
{
	struct flock place = lock_place(owner, F_UNLCK);
	size_t which = locked_find(store, &place);

	if (which == store->n_locked)
		return;
	(void)fcntl(store->lock, F_OFD_SETLK, &place);
	store->locked[which] = store->locked[--store->n_locked];
}

void
dance_store_unlock_all(struct dance_store *store)
{
	if (store->lock != -1)
		close(store->lock);
	store->lock = -1;
	store->n_locked = 0;
}
