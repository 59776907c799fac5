/* SPDX-License-Identifier: ISC */
/*
 * One file holds the locks of all names, each at a place of its own: so the
 * folder does not fill with files of locks, and a process that ends has none.
 * What is in that file is when names were last taken away or denied.  It is a
 * table of fixed size, so that nobody fills it by making up names; a name that
 * shares the place of another is at worst asked for once more.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cache_store_internal.h"
#include "index.h"

#define MARKS	    4096	       /* places of the table */
#define GUARD_START (INT64_C(1) << 62) /* behind the locks of names */
#define GUARD_TRIES 100
#define GUARD_NS    1000000 /* between them */

/* One place of the table. */
struct mark {
	uint64_t sum; /* of the name */
	int64_t removed_ns;
};

static uint64_t
owner_sum(const char *owner)
{
	return dance_index_sum(DANCE_INDEX_SUM_START, owner, strlen(owner));
}

/* Two names at one place wait for each other in vain, and no more. */
static struct flock
lock_place(const char *owner, short type)
{
	return (struct flock){ .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)(owner_sum(owner) >> 2),
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

/* On a file system that is read-only it can still be read. */
static bool
lock_open(struct dance_store *store)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

	if (store->lock == -1)
		store->lock = openat(store->folder, DANCE_STORE_LOCK,
		    O_RDWR | O_CREAT | flags, 0600);
	if (store->lock == -1 && errno == EROFS)
		store->lock =
		    openat(store->folder, DANCE_STORE_LOCK, O_RDONLY | flags);
	return store->lock != -1;
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
	if (!lock_open(store))
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

static off_t
mark_place(const char *owner)
{
	return (off_t)(owner_sum(owner) % MARKS);
}

static struct flock
guard_place(const char *owner, short type)
{
	return (struct flock){ .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = (off_t)GUARD_START + mark_place(owner),
		.l_len = 1 };
}

bool
dance_store_guard(struct dance_store *store, const char *owner)
{
	static const struct timespec pause = { 0, GUARD_NS };
	struct flock place = guard_place(owner, F_WRLCK);
	int i;

	if (!lock_open(store))
		return false;
	for (i = 0; i < GUARD_TRIES; i++) {
		if (fcntl(store->lock, F_OFD_SETLK, &place) == 0)
			return true;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

void
dance_store_unguard(struct dance_store *store, const char *owner)
{
	struct flock place = guard_place(owner, F_UNLCK);

	if (store->lock != -1)
		(void)fcntl(store->lock, F_OFD_SETLK, &place);
}

int
dance_store_mark_removed(
    struct dance_store *store, const char *owner, int64_t now_ns)
{
	const struct mark mark = { owner_sum(owner), now_ns };
	ssize_t n;

	if (!lock_open(store))
		return DANCE_ERR_CONFIG;
	n = pwrite(store->lock, &mark, sizeof(mark),
	    mark_place(owner) * (off_t)sizeof(mark));
	return n == (ssize_t)sizeof(mark) ? 0 : DANCE_ERR_CONFIG;
}

bool
dance_store_was_removed(struct dance_store *store, const char *owner,
    int64_t from_ns, int64_t until_ns, bool is_exact)
{
	struct mark mark = { 0, 0 };
	ssize_t n;

	/* Then there is no guard either, and no data is written. */
	if (!lock_open(store))
		return false;
	n = pread(store->lock, &mark, sizeof(mark),
	    mark_place(owner) * (off_t)sizeof(mark));
	/* A table that ends before has nothing there. */
	if (n == 0 || (n == (ssize_t)sizeof(mark) && mark.removed_ns == 0))
		return false;
	if (n != (ssize_t)sizeof(mark))
		return true;
	if (is_exact && mark.sum != owner_sum(owner))
		return false;
	return mark.removed_ns >= from_ns && mark.removed_ns <= until_ns;
}
