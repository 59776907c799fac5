/* SPDX-License-Identifier: ISC */
/*
 * Who has room in the folder of the cache.  Names below a pattern of the map
 * cost an attacker nothing: the owner of one zone can make as many as he likes,
 * and so can a stranger below a wildcard or where all is denied.  So nobody is
 * refused for want of room, but makes it in the zone that takes most of it; and
 * names that have let somebody in are the last to go.  Both are told by the
 * mode of a file, which costs no reading.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache_store_internal.h"
#include "identity.h"

#define STRAY_S	   60		/* a temporary file that somebody has left */
#define KEEP_MAX_S (31 * 86400) /* more than any bound in dance.conf */

/* A file, in the order of the labels of its name, the last one first. */
struct room_file {
	char *name;
	time_t end;
	bool is_made_up; /* anybody can make up such names */
	bool is_accepted;
};

struct dance_room {
	struct room_file *files;
	size_t n;
	size_t n_made_up;
	bool is_sorted;
};

/* The label that has so many behind it; false if there is none. */
static bool
name_label(const char *name, size_t n_behind, struct dance_bytes *ret)
{
	size_t end = strlen(name), start;

	for (;;) {
		for (start = end; start > 0 && name[start - 1] != '.'; start--)
			;
		if (n_behind-- == 0)
			break;
		if (start == 0)
			return false;
		end = start - 1;
	}
	*ret =
	    (struct dance_bytes){ (const uint8_t *)name + start, end - start };
	return true;
}

static int
label_compare(struct dance_bytes a, struct dance_bytes b)
{
	int r = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

	return r != 0 ? r : (a.len > b.len) - (a.len < b.len);
}

static int
name_compare(const char *a, const char *b)
{
	struct dance_bytes one, other;
	bool has_one, has_other;
	size_t i;
	int r = 0;

	for (i = 0; r == 0; i++) {
		has_one = name_label(a, i, &one);
		has_other = name_label(b, i, &other);
		if (!has_one || !has_other)
			return has_one - has_other;
		r = label_compare(one, other);
	}
	return r;
}

static int
file_compare(const void *a, const void *b)
{
	const struct room_file *one = a, *other = b;

	return name_compare(one->name, other->name);
}

/* The same label there, or an end of both names. */
static bool
names_share(const char *a, const char *b, size_t n_behind)
{
	struct dance_bytes one, other;
	bool has_one = name_label(a, n_behind, &one);
	bool has_other = name_label(b, n_behind, &other);

	return has_one == has_other &&
	    (!has_one || label_compare(one, other) == 0);
}

/* Files of one part of the tree of names, and whether a new name is in it. */
struct room_part {
	struct room_file *const *list;
	size_t n;
	size_t n_behind;   /* labels that all of them share */
	const char *owner; /* the new one, or NULL */
};

/* The first of its parts, one label further down. */
static struct room_part
part_first(const struct room_part *part)
{
	struct room_part ret = { part->list, 1, part->n_behind + 1, NULL };
	const char *first = part->list[0]->name;

	while (ret.n < part->n &&
	    names_share(first, part->list[ret.n]->name, part->n_behind))
		ret.n++;
	if (part->owner != NULL &&
	    names_share(first, part->owner, part->n_behind))
		ret.owner = part->owner;
	return ret;
}

/*
 * Is one larger than another?  Of two alike it is the one without the new name,
 * of two single files the one that ends first.
 */
static bool
part_is_larger(const struct room_part *a, const struct room_part *b)
{
	size_t n_a = a->n + (a->owner != NULL), n_b = b->n + (b->owner != NULL);

	if (n_a != n_b)
		return n_a > n_b;
	if ((a->owner == NULL) != (b->owner == NULL))
		return a->owner == NULL;
	return n_a == 1 && a->list[0]->end < b->list[0]->end;
}

/*
 * The file that makes room, NULL for none: down the tree, by the largest part
 * of each.
 */
static struct room_file *
part_choose(struct room_part part)
{
	struct room_part left, next, largest;

	while (part.n > 1) {
		left = part;
		largest = (struct room_part){ .n = 0 };
		while (left.n > 0) {
			next = part_first(&left);
			if (largest.n == 0 || part_is_larger(&next, &largest))
				largest = next;
			left.list += next.n;
			left.n -= next.n;
		}
		part = largest;
	}
	return part.n == 0 ? NULL : part.list[0];
}

static bool
file_is_over(const struct stat *st, bool is_new, time_t now)
{
	if (is_new)
		now -= STRAY_S;
	/* One that is far off is of a clock that was wrong, or a lie. */
	return st->st_mtime < now || st->st_mtime > now + KEEP_MAX_S;
}

static int
room_add(struct dance_room *room, const char *name, const struct stat *st)
{
	struct room_file file = { .name = strdup(name),
		.end = st->st_mtime,
		.is_made_up = (st->st_mode & DANCE_STORE_DATA_BIT) == 0,
		.is_accepted = (st->st_mode & DANCE_STORE_ACCEPTED_BIT) != 0 };
	size_t at = room->n;

	if (file.name == NULL)
		return DANCE_ERR_INTERNAL;
	while (room->is_sorted && at > 0 &&
	    name_compare(room->files[at - 1].name, name) > 0)
		at--;
	memmove(&room->files[at + 1], &room->files[at],
	    (room->n - at) * sizeof(file));
	room->files[at] = file;
	room->n++;
	room->n_made_up += file.is_made_up ? 1 : 0;
	return 0;
}

/* Take away what is of no use; what is left has its place in the list. */
static int
room_read(struct dance_room *room, const struct dance_store *store)
{
	const struct dirent *entry;
	time_t now = time(NULL);
	bool is_new, is_name;
	struct stat st;
	int r = 0;
	DIR *dir;

	if ((dir = dance_store_walk(store)) == NULL)
		return DANCE_ERR_CONFIG;
	while (r == 0 && room->n < DANCE_STORE_NAMES_MAX &&
	    (entry = readdir(dir)) != NULL) {
		is_new = strncmp(entry->d_name, DANCE_STORE_NEW,
			     strlen(DANCE_STORE_NEW)) == 0;
		is_name = dance_store_name_is_valid(entry->d_name);
		if ((!is_new && !is_name) ||
		    fstatat(store->folder, entry->d_name, &st,
			AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (file_is_over(&st, is_new, now))
			(void)unlinkat(store->folder, entry->d_name, 0);
		else if (is_name)
			r = room_add(room, entry->d_name, &st);
	}
	closedir(dir);
	return r;
}

void
dance_store_room_free(struct dance_store *store)
{
	size_t i;

	if (store->room == NULL)
		return;
	for (i = 0; i < store->room->n; i++)
		free(store->room->files[i].name);
	free(store->room->files);
	free(store->room);
	store->room = NULL;
}

/* It is read once: many names may come at once. */
static int
room_open(struct dance_store *store)
{
	struct dance_room *room;
	int r = DANCE_ERR_INTERNAL;

	if (store->room != NULL)
		return 0;
	if ((room = calloc(1, sizeof(*room))) == NULL)
		return DANCE_ERR_INTERNAL;
	store->room = room;
	room->files = calloc(DANCE_STORE_NAMES_MAX + 1, sizeof(*room->files));
	if (room->files != NULL)
		r = room_read(room, store);
	if (r != 0)
		dance_store_room_free(store);
	return r;
}

/* Those that may go for a new one.  Returns how many. */
static size_t
room_pool(const struct dance_room *room, bool wants_made_up, bool with_accepted,
    struct room_file **ret)
{
	size_t i, n = 0;

	for (i = 0; i < room->n; i++)
		if ((!wants_made_up || room->files[i].is_made_up) &&
		    (with_accepted || !room->files[i].is_accepted))
			ret[n++] = &room->files[i];
	return n;
}

static int
room_clear_one(struct dance_store *store, const char *owner, bool wants_made_up)
{
	struct dance_room *room = store->room;
	struct room_part part = { .owner = owner };
	struct room_file **pool = calloc(room->n, sizeof(*pool)), *file;
	int r = DANCE_ERR_CONFIG;

	if (pool == NULL)
		return DANCE_ERR_INTERNAL;
	if (!room->is_sorted)
		qsort(room->files, room->n, sizeof(*room->files), file_compare);
	room->is_sorted = true;
	part.list = pool;
	part.n = room_pool(room, wants_made_up, false, pool);
	if (part.n == 0)
		part.n = room_pool(room, wants_made_up, true, pool);
	file = part_choose(part);
	if (file == NULL || dance_store_remove(store, file->name) != 0)
		goto out;
	room->n_made_up -= file->is_made_up ? 1 : 0;
	free(file->name);
	room->n--;
	memmove(file, file + 1,
	    (size_t)(&room->files[room->n] - file) * sizeof(*file));
	r = 0;
out:
	free(pool);
	return r;
}

int
dance_store_make_room(struct dance_store *store, const char *owner,
    const struct dance_keeping *keeping)
{
	struct stat st = { .st_mode =
			       keeping->is_data ? DANCE_STORE_DATA_BIT : 0,
		.st_mtime = time(NULL) + (time_t)keeping->seconds };
	struct dance_room *room;
	int r;

	if ((r = room_open(store)) != 0)
		return r;
	room = store->room;
	if (!keeping->is_data && room->n_made_up >= DANCE_STORE_NAMES_MAX / 2)
		r = room_clear_one(store, owner, true);
	else if (room->n >= DANCE_STORE_NAMES_MAX)
		r = room_clear_one(store, owner, false);
	return r != 0 ? r : room_add(room, owner, &st);
}
