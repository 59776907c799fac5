/* SPDX-License-Identifier: ISC */
/*
 * Writing to the folder of the cache, for cache_store.h: which of two answers
 * is the younger.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache_store_internal.h"
#include "identity.h"

#define NEW_MAX 32

static int
file_write(int fd, struct dance_bytes data)
{
	size_t done = 0;
	ssize_t n;

	while (done < data.len) {
		n = write(fd, data.data + done, data.len - done);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

/* The time of a file is when it is of no use any more. */
static void
file_set_end(int fd, unsigned keep_s)
{
	struct timespec times[2];

	times[0] = times[1] =
	    (struct timespec){ .tv_sec = time(NULL) + (time_t)keep_s };
	(void)futimens(fd, times);
}

/* A name that has let somebody in keeps that mark with each new answer. */
static mode_t
file_mode(const struct dance_store *store, const char *owner,
    const struct dance_keeping *keeping)
{
	mode_t mode = S_IRUSR;
	struct stat st;

	if (keeping->is_data)
		mode |= DANCE_STORE_DATA_BIT;
	if (!keeping->is_denial &&
	    fstatat(store->folder, owner, &st, AT_SYMLINK_NOFOLLOW) == 0)
		mode |= st.st_mode & DANCE_STORE_ACCEPTED_BIT;
	return mode;
}

static int
file_replace(const struct dance_store *store, const char *owner,
    const struct dance_store_head *head, const struct dance_keeping *keeping)
{
	struct dance_store_head sealed = *head;
	const struct dance_bytes start = { (const uint8_t *)&sealed,
		sizeof(sealed) };
	char name[NEW_MAX];
	int fd, r;

	sealed.sum = dance_store_head_sum(&sealed);

	(void)snprintf(name, sizeof(name), DANCE_STORE_NEW "%d", (int)getpid());
	/* One of a process that had our number. */
	(void)unlinkat(store->folder, name, 0);
	fd = openat(store->folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    file_mode(store, owner, keeping));
	if (fd == -1)
		return DANCE_ERR_CONFIG;
	if ((r = file_write(fd, start)) == 0)
		r = file_write(fd, keeping->data);
	if (r == 0)
		r = renameat(store->folder, name, store->folder, owner);
	/* Not before: whoever is killed leaves one that is soon over. */
	if (r == 0)
		file_set_end(fd, keeping->seconds);
	else
		(void)unlinkat(store->folder, name, 0);
	close(fd);
	return r == 0 ? 0 : DANCE_ERR_CONFIG;
}

int
dance_store_remove(const struct dance_store *store, const char *owner)
{
	return unlinkat(store->folder, owner, 0) == 0 || errno == ENOENT
	    ? 0
	    : DANCE_ERR_CONFIG;
}

/* One write: what is to be kept, what is there, and when it is done. */
struct store_write {
	struct dance_store *store;
	const char *owner;
	const struct dance_keeping *keeping;
	struct dance_store_head kept; /* learnt_ns is 0 where there is none */
	struct dance_moment now;
	bool is_guarded;
	bool is_comparable; /* the clock was not set since the question left */
};

static int
write_file(struct store_write *w, const struct dance_store_head *head)
{
	/* A name that has a file takes no room. */
	if (!dance_store_has(w->store, w->owner) &&
	    dance_store_make_room(w->store, w->owner, w->keeping) != 0)
		return DANCE_ERR_CONFIG;
	return file_replace(w->store, w->owner, head, w->keeping);
}

/* Was anything learnt since the question left? */
static bool
write_is_late(const struct store_write *w)
{
	int64_t asked = w->keeping->asked.real_ns, now = w->now.real_ns;

	/* Times to come are those of a clock that was set back since. */
	return (w->kept.learnt_ns >= asked && w->kept.learnt_ns <= now) ||
	    dance_store_was_removed(w->store, w->owner, asked, now, false);
}

/* A fault beside an answer leaves it as old as it is. */
static int
write_note(struct store_write *w)
{
	struct dance_store_head head = w->kept;

	if (!w->is_guarded || !w->is_comparable || write_is_late(w))
		return 0;
	if (head.learnt_ns == 0)
		head = (struct dance_store_head){ .magic = DANCE_STORE_MAGIC,
			.asked_ns = w->keeping->asked.real_ns };
	return write_file(w, &head);
}

/*
 * What was taken away or denied must not come back, so this is done without
 * the guard too, and where two questions were under way at once it counts.
 */
static int
write_removal(struct store_write *w)
{
	const struct dance_keeping *keeping = w->keeping;
	const struct dance_store_head head = { .magic = DANCE_STORE_MAGIC,
		.asked_ns = keeping->asked.real_ns,
		.learnt_ns = w->now.real_ns,
		.is_denial = 1 };
	int r;

	if (w->is_comparable && w->kept.learnt_ns != 0 &&
	    w->kept.asked_ns > keeping->asked.real_ns &&
	    w->kept.asked_ns <= w->now.real_ns)
		return 0;
	r = dance_store_mark_removed(w->store, w->owner, w->now.real_ns);
	if (keeping->data.len > 0 && r == 0 && write_file(w, &head) == 0)
		return 0;
	if (dance_store_remove(w->store, w->owner) != 0 ||
	    keeping->data.len > 0)
		r = DANCE_ERR_CONFIG;
	return r;
}

static int
write_data(struct store_write *w)
{
	const struct dance_store_head head = { .magic = DANCE_STORE_MAGIC,
		.asked_ns = w->keeping->asked.real_ns,
		.learnt_ns = w->now.real_ns };
	int r = DANCE_ERR_CONFIG;

	if (w->is_comparable && write_is_late(w))
		return 0;
	if (w->is_guarded && w->is_comparable) {
		r = write_file(w, &head);
		dance_moment_now(&w->now);
		/* A removal without the guard may have come between. */
		if (r == 0 &&
		    !dance_store_was_removed(w->store, w->owner, head.asked_ns,
			w->now.real_ns, false))
			return 0;
	} else
		/* The one who has the guard may be about to write an older. */
		(void)dance_store_mark_removed(
		    w->store, w->owner, w->now.real_ns);
	if (dance_store_remove(w->store, w->owner) != 0)
		return DANCE_ERR_CONFIG;
	return r;
}

static int
write_run(struct store_write *w)
{
	const struct dance_keeping *keeping = w->keeping;

	w->is_guarded = dance_store_guard(w->store, w->owner);
	/* Not before: somebody else may have written meanwhile. */
	if (dance_store_head(w->store, w->owner, &w->kept) != 0)
		w->kept = (struct dance_store_head){ .learnt_ns = 0 };
	dance_moment_now(&w->now);
	w->is_comparable = dance_moment_is_comparable(&keeping->asked, &w->now);
	if (keeping->is_note)
		return write_note(w);
	return keeping->data.len == 0 || keeping->is_denial ? write_removal(w)
							    : write_data(w);
}

int
dance_store_write(struct dance_store *store, const char *owner,
    const struct dance_keeping *keeping)
{
	struct store_write w = {
		.store = store, .owner = owner, .keeping = keeping
	};
	int r;

	if (store->folder == -1 || !dance_store_name_is_valid(owner))
		return DANCE_ERR_CONFIG;
	r = write_run(&w);
	if (w.is_guarded)
		dance_store_unguard(store, owner);
	return r;
}

int
dance_store_forget(struct dance_store *store, const char *owner)
{
	struct dance_keeping nothing = { .seconds = 0 };

	dance_moment_now(&nothing.asked);
	return dance_store_write(store, owner, &nothing);
}

void
dance_store_accept(struct dance_store *store, const char *identity)
{
	struct dance_identity id;
	struct stat st;
	int fd;

	if (store->folder == -1 ||
	    dance_identity_parse(
		identity, strlen(identity), DANCE_NAME_PRESENTED, &id) != 0)
		return;
	fd = openat(store->folder, id.owner,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & DANCE_STORE_ACCEPTED_BIT) == 0)
		(void)fchmod(
		    fd, (st.st_mode & 0700) | DANCE_STORE_ACCEPTED_BIT);
	close(fd);
	/* What was read of the folder does not know it. */
	dance_store_room_free(store);
}
