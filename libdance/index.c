/* SPDX-License-Identifier: ISC */
/*
 * Loaded into every process that looks up a name: no state, no lock, no
 * memory, nothing that stays open.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index.h"

#define TABLES	   256
#define TABLES_LEN (TABLES * 8) /* octets at the start of the file */
#define PAIR_LEN   8		/* two numbers of 32 bits */
#define SUM_LEN	   8

static uint32_t
load_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

/* In the host's own order, as all that is ours. */
static uint64_t
load_sum(const uint8_t *p)
{
	uint64_t sum;

	memcpy(&sum, p, sizeof(sum));
	return sum;
}

uint64_t
dance_index_sum(uint64_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len-- > 0)
		sum = (sum ^ *p++) * 0x100000001b3ULL;
	return sum;
}

/* As much as the file has, size octets at most, from an offset on. */
static int
index_read(struct dance_index *index, uint64_t at, uint8_t *data, size_t size,
    size_t *ret_len)
{
	uint64_t left = index->size - at;
	ssize_t n;

	if (left < size)
		size = (size_t)left;
	do
		n = pread(index->fd, data, size, (off_t)at);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return n == 0 ? EIO : errno;
	*ret_len = (size_t)n;
	return 0;
}

static bool
range_has(uint64_t at, size_t len, uint64_t wanted, size_t wanted_len)
{
	return wanted >= at && wanted - at <= len &&
	    len - (wanted - at) >= wanted_len;
}

/* len octets, all inside the file, by as few reads as can be. */
static int
index_copy(struct dance_index *index, uint64_t at, void *data, size_t len)
{
	size_t n;
	char *next = data;
	int r;

	if (at > index->size || index->size - at < len)
		return EIO;
	if (index->map != NULL) {
		memcpy(data, index->map + at, len);
		return 0;
	}
	if (range_has(0, index->start_len, at, len)) {
		memcpy(data, index->start + at, len);
		return 0;
	}
	for (; len > 0; next += n, at += n, len -= n) {
		n = len < sizeof(index->window) ? len : sizeof(index->window);
		if (!range_has(index->window_at, index->window_len, at, n)) {
			index->window_len = 0;
			r = index_read(index, at, index->window,
			    sizeof(index->window), &index->window_len);
			if (r != 0)
				return r;
			index->window_at = at;
			/* The file has shrunk. */
			if (index->window_len < n)
				return EIO;
		}
		memcpy(next, index->window + (at - index->window_at), n);
	}
	return 0;
}

static int
file_check(int fd, uint64_t *ret_size)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return EPERM;
	/* Offsets in a cdb have 32 bits. */
	if (st.st_size < TABLES_LEN || st.st_size > (off_t)UINT32_MAX)
		return EIO;
	*ret_size = (uint64_t)st.st_size;
	return 0;
}

/* The first record stands behind the pointers to the hash tables. */
static int
header_read(struct dance_index *index)
{
	struct dance_index_header *header = &index->header;
	struct {
		uint8_t pair[PAIR_LEN];
		uint8_t key;
		uint8_t value[sizeof(*header) + SUM_LEN];
	} record;
	uint64_t sum;
	int r;

	r = index_read(
	    index, 0, index->start, sizeof(index->start), &index->start_len);
	if (r != 0 ||
	    (r = index_copy(index, TABLES_LEN, &record, sizeof(record))) != 0)
		return r;
	memcpy(header, record.value, sizeof(*header));
	if (load_u32(record.pair) != 1 || record.key != DANCE_INDEX_HEADER ||
	    memcmp(header->magic, DANCE_INDEX_MAGIC, sizeof(header->magic)) !=
		0)
		return EIO;
	/* A later version may have another header behind these. */
	if (header->version != DANCE_INDEX_VERSION)
		return EPROTO;
	sum = dance_index_sum(
	    DANCE_INDEX_SUM_START, &record.key, 1 + sizeof(*header));
	if (load_u32(record.pair + 4) != sizeof(record.value) ||
	    load_sum(record.value + sizeof(*header)) != sum ||
	    header->file_size != index->size)
		return EIO;
	return 0;
}

int
dance_index_open(const char *path, struct dance_index *ret)
{
	int r;

	ret->map = NULL;
	ret->start_len = 0;
	ret->window_at = 0;
	ret->window_len = 0;
	ret->fd = open(
	    path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (ret->fd == -1)
		return errno;
	if ((r = file_check(ret->fd, &ret->size)) != 0 ||
	    (r = header_read(ret)) != 0)
		dance_index_close(ret);
	return r;
}

int
dance_index_map(struct dance_index *index)
{
	void *map = mmap(
	    NULL, (size_t)index->size, PROT_READ, MAP_SHARED, index->fd, 0);

	if (map == MAP_FAILED)
		return errno;
	index->map = map;
	(void)close(index->fd);
	index->fd = -1;
	return 0;
}

void
dance_index_close(struct dance_index *index)
{
	if (index->map != NULL)
		(void)munmap(
		    (void *)(uintptr_t)index->map, (size_t)index->size);
	if (index->fd != -1)
		(void)close(index->fd);
	index->map = NULL;
	index->fd = -1;
}

static uint32_t
cdb_hash(const uint8_t *key, size_t len)
{
	uint32_t hash = 5381;

	while (len-- > 0)
		hash = ((hash << 5) + hash) ^ *key++;
	return hash;
}

int
dance_index_find(struct dance_index *index, enum dance_index_key letter,
    const char *text, size_t len, struct dance_index_walk *ret)
{
	uint8_t pair[PAIR_LEN];
	int r;

	if (len > DANCE_INDEX_KEY_MAX - 1)
		return ENOENT;
	ret->index = index;
	ret->key[0] = (uint8_t)letter;
	memcpy(ret->key + 1, text, len);
	ret->key_len = (uint32_t)len + 1;
	ret->hash = cdb_hash(ret->key, ret->key_len);
	ret->n_seen = 0;
	r = index_copy(
	    index, ret->hash % TABLES * PAIR_LEN, pair, sizeof(pair));
	if (r != 0)
		return r;
	ret->table = load_u32(pair);
	ret->n_slots = load_u32(pair + 4);
	if (ret->n_slots > index->size / PAIR_LEN ||
	    ret->table + (uint64_t)ret->n_slots * PAIR_LEN > index->size)
		return EIO;
	return 0;
}

/* The record at an offset, if it has the key: 0, ENOENT or EIO. */
static int
record_find(struct dance_index *index, uint64_t at, const uint8_t *key,
    uint32_t key_len, struct dance_index_value *ret)
{
	uint8_t head[PAIR_LEN], found[DANCE_INDEX_KEY_MAX];
	uint32_t len;
	int r;

	if ((r = index_copy(index, at, head, sizeof(head))) != 0)
		return r;
	if (load_u32(head) != key_len)
		return ENOENT;
	at += sizeof(head);
	if ((r = index_copy(index, at, found, key_len)) != 0)
		return r;
	if (memcmp(found, key, key_len) != 0)
		return ENOENT;
	at += key_len;
	len = load_u32(head + 4);
	if (len < SUM_LEN || at > index->size || index->size - at < len)
		return EIO;
	*ret = (struct dance_index_value){ at, len - SUM_LEN,
		dance_index_sum(DANCE_INDEX_SUM_START, key, key_len) };
	return 0;
}

int
dance_index_next(struct dance_index_walk *walk, struct dance_index_value *ret)
{
	uint32_t start, which, at;
	uint8_t slot[PAIR_LEN];
	int r;

	start = walk->n_slots == 0 ? 0 : (walk->hash >> 8) % walk->n_slots;
	while (walk->n_seen < walk->n_slots) {
		/* No key has so many; a damaged table must not be a loop. */
		if (walk->n_seen > 16 * DANCE_INDEX_SAME_MAX)
			return EIO;
		which = (start + walk->n_seen++) % walk->n_slots;
		r = index_copy(walk->index,
		    walk->table + (uint64_t)which * PAIR_LEN, slot,
		    sizeof(slot));
		if (r != 0)
			return r;
		if ((at = load_u32(slot + 4)) == 0)
			break;
		if (load_u32(slot) != walk->hash)
			continue;
		r = record_find(walk->index, at, walk->key, walk->key_len, ret);
		if (r != ENOENT)
			return r;
	}
	walk->n_seen = walk->n_slots;
	return ENOENT;
}

int
dance_index_read(struct dance_index *index,
    const struct dance_index_value *value, void *data, size_t len)
{
	uint8_t sum[SUM_LEN];
	int r;

	if (value->len != len)
		return EIO;
	if ((r = index_copy(index, value->at, data, len)) != 0 ||
	    (r = index_copy(index, value->at + len, sum, sizeof(sum))) != 0)
		return r;
	return load_sum(sum) == dance_index_sum(value->sum, data, len) ? 0
								       : EIO;
}

int
dance_index_read_line(struct dance_index *index,
    const struct dance_index_value *value, struct dance_index_line *ret,
    char accounts[DANCE_INDEX_COLUMN_MAX])
{
	struct dance_index_line line;
	uint64_t sum;
	int r;

	if (value->len < sizeof(line))
		return EIO;
	r = index_copy(index, value->at, &line, sizeof(line));
	if (r != 0)
		return r;
	if (line.accounts_len >= DANCE_INDEX_COLUMN_MAX ||
	    value->len - sizeof(line) !=
		(uint64_t)line.accounts_len + line.line_len)
		return EIO;
	r = index_copy(
	    index, value->at + sizeof(line), accounts, line.accounts_len);
	if (r != 0)
		return r;
	accounts[line.accounts_len] = '\0';
	*ret = line;
	line.sum = 0;
	sum = dance_index_sum(value->sum, &line, sizeof(line));
	sum = dance_index_sum(sum, accounts, line.accounts_len);
	return sum == ret->sum ? 0 : EIO;
}

const char *
dance_index_text(struct dance_index *index,
    const struct dance_index_value *value, const struct dance_index_line *line)
{
	size_t before = sizeof(*line) + line->accounts_len;
	const uint8_t *data;

	if (index->map == NULL || value->len < before ||
	    value->len - before != line->line_len || value->at > index->size ||
	    index->size - value->at < (uint64_t)value->len + SUM_LEN)
		return NULL;
	data = index->map + value->at;
	if (load_sum(data + value->len) !=
	    dance_index_sum(value->sum, data, value->len))
		return NULL;
	return (const char *)data + before;
}

int
dance_index_follow(
    struct dance_index *index, uint32_t offset, struct dance_index_value *ret)
{
	uint8_t head[PAIR_LEN], key[DANCE_INDEX_KEY_MAX];
	uint32_t key_len;
	int r;

	if ((r = index_copy(index, offset, head, sizeof(head))) != 0)
		return r;
	key_len = load_u32(head);
	if (key_len < 1 || key_len > sizeof(key))
		return EIO;
	r = index_copy(index, (uint64_t)offset + sizeof(head), key, key_len);
	if (r != 0)
		return r;
	if (key[0] != DANCE_INDEX_LINES)
		return EIO;
	r = record_find(index, offset, key, key_len, ret);
	return r == ENOENT ? EIO : r;
}
