/* SPDX-License-Identifier: ISC */
/*
 * The file is written anew for each account that comes in for the first time,
 * under a lock, so that of two at once the second sees the first.  For an
 * account that is there already the file is only read: nobody who holds the
 * lock, and no disk that can't be written to, keeps it out.
 */
#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index.h"
#include "index_file.h"
#include "register.h"
#include "register_lock.h"

/* One entry of the account that is to come in. */
struct entry {
	const char *account;
	uint32_t uid;
	char number[16]; /* the uid in digits */
};

static int
fail(struct dance_fault *fault, const char *path, const char *cause)
{
	dance_fault_set(fault, "%s: %s", path, cause);
	return DANCE_ERR_CONFIG;
}

/* 0 with *ret_known; DANCE_ERR_CONFIG with a fault for another's uid. */
static __attribute__((noinline)) int
entry_check(struct dance_index *reg, const struct entry *entry, bool *ret_known,
    const char *path, struct dance_fault *fault)
{
	char owner[DANCE_IDENTITY_MAX + 1];
	size_t len;
	uint32_t uid;
	int r;

	*ret_known = false;
	r = dance_index_get(reg, DANCE_INDEX_UID, entry->number, owner,
	    sizeof(owner) - 1, &len);
	if (r != 0 && r != ENOENT)
		return fail(fault, path, strerror(r));
	if (r == 0) {
		owner[len] = '\0';
		if (strcmp(owner, entry->account) != 0) {
			dance_fault_set(fault,
			    "account %.64s: its uid %u is that of %.64s, who "
			    "came in first: give one of them a uid= in the map",
			    entry->account, entry->uid, owner);
			return DANCE_ERR_CONFIG;
		}
	}
	r = dance_index_get(
	    reg, DANCE_INDEX_NAME, entry->account, &uid, sizeof(uid), &len);
	if (r == ENOENT)
		return 0;
	if (r != 0 || len != sizeof(uid))
		return fail(fault, path, strerror(r == 0 ? EIO : r));
	if (uid != entry->uid) {
		dance_fault_set(fault,
		    "account %.64s: its uid was %u and would be %u now",
		    entry->account, uid, entry->uid);
		return DANCE_ERR_CONFIG;
	}
	*ret_known = true;
	return 0;
}

static int
record_put(struct cdb_make *cdb, uint8_t letter, const char *text,
    const void *value, size_t len)
{
	uint8_t key[DANCE_INDEX_KEY_MAX], record[DANCE_INDEX_KEY_MAX + 8];
	size_t key_len = strlen(text) + 1;
	uint64_t sum;

	if (key_len > sizeof(key) || len + sizeof(sum) > sizeof(record))
		return -1;
	key[0] = letter;
	memcpy(key + 1, text, key_len - 1);
	sum = dance_index_sum(DANCE_INDEX_SUM_START, key, key_len);
	sum = dance_index_sum(sum, value, len);
	memcpy(record, value, len);
	memcpy(record + len, &sum, sizeof(sum));
	return cdb_make_add(
	    cdb, key, (unsigned)key_len, record, (unsigned)(len + sizeof(sum)));
}

/* As it is, unless it is the header or damaged. */
static int
record_copy(struct cdb_make *cdb, struct cdb *old)
{
	const uint8_t *key = cdb_getkey(old), *data = cdb_getdata(old);
	unsigned key_len = cdb_keylen(old), len = cdb_datalen(old);
	uint64_t sum;

	if (key == NULL || data == NULL || key_len == 0 || len < sizeof(sum)) {
		errno = EIO;
		return -1;
	}
	if (key[0] == DANCE_INDEX_HEADER)
		return 0;
	sum = dance_index_sum(DANCE_INDEX_SUM_START, key, key_len);
	sum = dance_index_sum(sum, data, len - sizeof(sum));
	if (memcmp(data + len - sizeof(sum), &sum, sizeof(sum)) != 0) {
		errno = EIO;
		return -1;
	}
	return cdb_make_add(cdb, key, key_len, data, len);
}

/* All of the old one's records: who is left out here loses the uid. */
static int
records_copy(struct cdb_make *cdb, const struct dance_index *reg)
{
	struct cdb old;
	unsigned at;
	int n, r = 0;

	if (cdb_init(&old, reg->fd) != 0)
		return -1;
	cdb_seqinit(&at, &old);
	while (r == 0 && (n = cdb_seqnext(&at, &old)) > 0)
		r = record_copy(cdb, &old);
	/* A pointer that is damaged may end the walk too early. */
	if (r == 0 && (n < 0 || at != reg->header.tables_at)) {
		errno = EIO;
		r = -1;
	}
	cdb_free(&old);
	return r;
}

/* The header's place comes first; it is filled in when the size is known. */
static int
records_write(struct cdb_make *cdb, int fd, const struct dance_index *old,
    const struct entry *entry, uint32_t *ret_end)
{
	uint8_t place[sizeof(struct dance_index_header) + 8] = { 0 };
	int r = 0;

	if (cdb_make_start(cdb, fd) != 0)
		return -1;
	if (cdb_make_add(cdb, "H", 1, place, sizeof(place)) != 0 ||
	    (old->fd != -1 && records_copy(cdb, old) != 0) ||
	    record_put(cdb, DANCE_INDEX_NAME, entry->account, &entry->uid,
		sizeof(entry->uid)) != 0 ||
	    record_put(cdb, DANCE_INDEX_UID, entry->number, entry->account,
		strlen(entry->account)) != 0)
		r = -1;
	*ret_end = (uint32_t)cdb->cdb_dpos;
	/* Nothing else frees what it holds. */
	return cdb_make_finish(cdb) != 0 ? -1 : r;
}

static int
register_write(int fd, const struct dance_index *old, const struct entry *entry)
{
	struct dance_index_header header = { .flags = 0 };
	struct cdb_make *cdb = calloc(1, sizeof(*cdb));
	int r = -1;

	if (cdb != NULL &&
	    records_write(cdb, fd, old, entry, &header.tables_at) == 0)
		r = dance_index_seal(fd, &header);
	free(cdb);
	return r;
}

static __attribute__((noinline)) int
register_replace(const char *path, const struct dance_register_lock *lock,
    const struct dance_index *old, const struct entry *entry,
    struct dance_fault *fault)
{
	struct dance_index_file file;
	int r;

	if ((r = dance_index_file_open(path, &file, fault)) != 0)
		return r;
	errno = 0;
	if (!dance_register_lock_holds(lock))
		r = fail(fault, lock->path, "another process has taken it");
	else if (register_write(file.fd, old, entry) != 0)
		r = fail(fault, path,
		    errno == 0 ? "can't be written" : strerror(errno));
	else
		r = dance_index_file_keep(&file, fault);
	dance_index_file_close(&file);
	return r;
}

/*
 * Look for the account, and enter it if this process has the lock; else
 * *ret_known says whether it is there.
 */
static __attribute__((noinline)) int
register_enter(const char *path, const struct dance_register_lock *lock,
    const struct entry *entry, bool *ret_known, struct dance_fault *fault)
{
	struct dance_index old = { .fd = -1 };
	int r;

	*ret_known = false;
	r = dance_index_open(path, &old);
	if (r != 0 && r != ENOENT)
		return fail(fault, path,
		    r == EPERM	      ? "not root's alone"
			: r == EPROTO ? "of another version"
				      : strerror(r));
	r = r == ENOENT ? 0 : entry_check(&old, entry, ret_known, path, fault);
	if (r == 0 && !*ret_known && lock != NULL)
		r = register_replace(path, lock, &old, entry, fault);
	dance_index_close(&old);
	return r;
}

/* Anew where the lock was lost meanwhile, since then another has written. */
static int
register_write_locked(const char *path, const struct entry *entry,
    int64_t deadline_ms, struct dance_fault *fault)
{
	struct dance_register_lock lock;
	bool is_known, is_lost;
	int r;

	do {
		r = dance_register_lock(path, deadline_ms, &lock, fault);
		if (r != 0)
			return r;
		r = register_enter(path, &lock, entry, &is_known, fault);
		is_lost = r != 0 && !dance_register_lock_holds(&lock);
		dance_register_unlock(&lock);
	} while (is_lost && dance_now_ms() < deadline_ms);
	return r;
}

int
dance_register_add(const char *root, const char *account, uint32_t uid,
    int64_t deadline_ms, struct dance_fault *fault)
{
	struct entry entry = { .account = account, .uid = uid };
	bool is_known;
	char *path;
	int r;

	if (asprintf(&path, "%s%s", root, DANCE_REGISTER_FILE) == -1)
		return DANCE_ERR_INTERNAL;
	snprintf(entry.number, sizeof(entry.number), "%u", uid);
	r = register_enter(path, NULL, &entry, &is_known, fault);
	if (r == 0 && !is_known)
		r = register_write_locked(path, &entry, deadline_ms, fault);
	free(path);
	return r;
}
