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

#include "fd.h"
#include "index.h"

#define TABLES_LEN (DANCE_INDEX_POINTERS * DANCE_INDEX_BLOCK)
#define PAIR_LEN   8 /* two numbers of 32 bits */
#define SUM_LEN	   8

#define FNV_PRIME   0x100000001b3ULL
#define FNV_PRIME_8 0x1efac7090aef4a21ULL /* its eighth power, modulo 2^64 */

uint32_t
dance_index_u32(const uint8_t *p)
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
	const uint8_t *p = data, *end = p + len;
	uint64_t word;

	while (p < end) {
		/* Settings are zeros for the most part: eight steps in one. */
		if (end - p >= (ptrdiff_t)sizeof(word) && *p == 0 &&
		    (memcpy(&word, p, sizeof(word)), word == 0)) {
			sum *= FNV_PRIME_8;
			p += sizeof(word);
		} else
			sum = (sum ^ *p++) * FNV_PRIME;
	}
	return sum;
}

/*
 * Two blocks are summed for each key: eight octets at a time.  With its place,
 * no block can stand for another.
 */
uint64_t
dance_index_block_sum(uint64_t at, const void *data, size_t len)
{
	uint64_t sum = DANCE_INDEX_SUM_START, word = at;
	const uint8_t *p = data, *end = p + len;

	for (;; p += sizeof(word)) {
		sum = (sum ^ word) * FNV_PRIME;
		sum ^= sum >> 32;
		if (p >= end)
			return sum;
		memcpy(&word, p, sizeof(word));
	}
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
	n = dance_fd_read(index->fd, data, size, (off_t)at);
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

int
dance_index_copy(struct dance_index *index, uint64_t at, void *data, size_t len)
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

/* Each block has its checksum, and behind the last of them the file ends. */
static bool
tables_are_inside(const struct dance_index *index)
{
	uint64_t at = index->header.tables_at, end = index->header.sums_at;
	uint64_t n = (end - at + DANCE_INDEX_BLOCK - 1) / DANCE_INDEX_BLOCK;

	return at >= TABLES_LEN && at <= end && (end - at) % PAIR_LEN == 0 &&
	    end <= index->size && index->size - end == n * SUM_LEN;
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
	    (r = dance_index_copy(
		 index, TABLES_LEN, &record, sizeof(record))) != 0)
		return r;
	memcpy(header, record.value, sizeof(*header));
	if (dance_index_u32(record.pair) != 1 ||
	    record.key != DANCE_INDEX_HEADER ||
	    memcmp(header->magic, DANCE_INDEX_MAGIC, sizeof(header->magic)) !=
		0)
		return EIO;
	/*
	 * A later version may have another header behind these.  A register,
	 * which has no settings, is in version 2 what it is now: nothing else
	 * tells who has which uid.
	 */
	if (header->version != DANCE_INDEX_VERSION &&
	    (header->version != DANCE_REGISTER_VERSION ||
		header->settings_at != 0))
		return EPROTO;
	sum = dance_index_sum(
	    DANCE_INDEX_SUM_START, &record.key, 1 + sizeof(*header));
	if (dance_index_u32(record.pair + 4) != sizeof(record.value) ||
	    load_sum(record.value + sizeof(*header)) != sum ||
	    header->file_size != index->size || !tables_are_inside(index))
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
	ret->fd = dance_fd_open(path, O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
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
	dance_fd_close(index->fd);
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
		dance_fd_close(index->fd);
	index->map = NULL;
	index->fd = -1;
}

int
dance_index_read(struct dance_index *index,
    const struct dance_index_value *value, void *data, size_t len)
{
	uint8_t sum[SUM_LEN];
	int r;

	if (value->len != len)
		return EIO;
	if ((r = dance_index_copy(index, value->at, data, len)) != 0 ||
	    (r = dance_index_copy(index, value->at + len, sum, sizeof(sum))) !=
		0)
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
	r = dance_index_copy(index, value->at, &line, sizeof(line));
	if (r != 0)
		return r;
	if (line.accounts_len >= DANCE_INDEX_COLUMN_MAX ||
	    value->len - sizeof(line) !=
		(uint64_t)line.accounts_len + line.line_len)
		return EIO;
	r = dance_index_copy(
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
