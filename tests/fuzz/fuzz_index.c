/* SPDX-License-Identifier: ISC */
/*
 * Fuzz the reader of the index with any octets in the place of the file.  The
 * first octet of the input says what is made right before it is read: nothing
 * (0), the header (1), or all checksums that can be found (2).  As root, since
 * nobody else's file is read.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "map_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEYS_MAX 64   /* that are looked up again */
#define RECORDS	 2048 /* where they begin */
#define HEADER_END \
	(DANCE_INDEX_HEADER_AT + sizeof(struct dance_index_header) + 8)

static const char letters[] = "HXCLASUPnu";

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static uint32_t
number_at(const uint8_t *data)
{
	uint32_t number;

	memcpy(&number, data, sizeof(number));
	return number;
}

static void
sum_set(uint8_t *at, uint64_t sum)
{
	memcpy(at, &sum, sizeof(sum));
}

/* Of the pointers and the hash tables, where the file has room for them. */
static void
blocks_fix(struct dance_index_header *header, uint8_t *data, size_t size)
{
	uint64_t at = header->tables_at, end = header->sums_at, next = end;
	size_t i, len;

	/* Slots are whole, or the file is not read. */
	if (at > end || (end - at) % 8 != 0)
		return;
	for (i = 0; i < DANCE_INDEX_POINTERS; i++)
		header->pointers[i] =
		    dance_index_block_sum(i * DANCE_INDEX_BLOCK,
			data + i * DANCE_INDEX_BLOCK, DANCE_INDEX_BLOCK);
	for (; at < end && next <= size && size - next >= sizeof(uint64_t);
	     at += len, next += sizeof(uint64_t)) {
		len = end - at < DANCE_INDEX_BLOCK ? (size_t)(end - at)
						   : DANCE_INDEX_BLOCK;
		sum_set(data + next, dance_index_block_sum(at, data + at, len));
	}
}

static void
header_fix(uint8_t *data, size_t size)
{
	struct dance_index_header header;
	uint8_t *at = data + DANCE_INDEX_HEADER_AT;
	const uint32_t lengths[] = { 1, sizeof(header) + 8 };

	if (size < HEADER_END)
		return;
	memcpy(data + RECORDS, lengths, sizeof(lengths));
	data[DANCE_INDEX_HEADER_AT - 1] = DANCE_INDEX_HEADER;
	memcpy(&header, at, sizeof(header));
	memcpy(header.magic, DANCE_INDEX_MAGIC, sizeof(header.magic));
	header.version = DANCE_INDEX_VERSION;
	header.file_size = size;
	blocks_fix(&header, data, size);
	memcpy(at, &header, sizeof(header));
	sum_set(at + sizeof(header),
	    dance_index_sum(dance_index_sum(DANCE_INDEX_SUM_START, "H", 1), at,
		sizeof(header)));
}

/* Key and value of one record; an L has a checksum more. */
static void
record_fix(const uint8_t *key, uint32_t key_len, uint8_t *value, uint32_t len)
{
	uint64_t start = dance_index_sum(DANCE_INDEX_SUM_START, key, key_len);
	struct dance_index_line line;
	uint64_t sum;

	if (len < 8)
		return;
	len -= 8;
	if (key_len > 0 && key[0] == DANCE_INDEX_LINES && len >= sizeof(line)) {
		memcpy(&line, value, sizeof(line));
		line.sum = 0;
		sum = dance_index_sum(start, &line, sizeof(line));
		if (line.accounts_len <= len - sizeof(line))
			sum = dance_index_sum(
			    sum, value + sizeof(line), line.accounts_len);
		line.sum = sum;
		memcpy(value, &line, sizeof(line));
	}
	sum_set(value + len, dance_index_sum(start, value, len));
}

/* One after the other, as far as their lengths lead. */
static size_t
record_next(
    const uint8_t *data, size_t size, size_t at, uint32_t *key, uint32_t *value)
{
	if (size - at < 8)
		return 0;
	*key = number_at(data + at);
	*value = number_at(data + at + 4);
	if (*key > size - at - 8 || *value > size - at - 8 - *key)
		return 0;
	return at + 8 + *key + *value;
}

static void
records_fix(uint8_t *data, size_t size)
{
	uint32_t key, value;
	size_t at, next;

	for (at = RECORDS; at < size &&
	     (next = record_next(data, size, at, &key, &value)) != 0;
	     at = next)
		record_fix(data + at + 8, key, data + at + 8 + key, value);
}

static void
value_read(struct dance_index *index, const struct dance_index_value *value)
{
	char accounts[DANCE_INDEX_COLUMN_MAX], small[64];
	struct dance_index_line line;
	struct dance_index_value followed;
	const char *text;
	uint32_t offset, i, n = 0;

	if (value->len <= sizeof(small))
		(void)dance_index_read(index, value, small, value->len);
	if (dance_index_read(index, value, &offset, sizeof(offset)) == 0)
		(void)dance_index_follow(index, offset, &followed);
	if (dance_index_read_line(index, value, &line, accounts) != 0)
		return;
	require(strlen(accounts) <= line.accounts_len);
	text = dance_index_text(index, value, &line);
	require(text == NULL || index->map != NULL);
	for (i = 0; text != NULL && i < line.line_len; i++)
		n += text[i] == 'x' ? 1 : 0;
	require(n <= line.line_len);
}

static void
key_look_up(struct dance_index *index, enum dance_index_key letter,
    const char *text, size_t len)
{
	struct dance_index_value value;
	struct dance_index_walk walk;
	unsigned n = 0;
	int r = dance_index_find(index, letter, text, len, &walk);

	while (r == 0 && (r = dance_index_next(&walk, &value)) == 0 && n++ < 64)
		value_read(index, &value);
	require(r == 0 || r == ENOENT || r == EIO);
}

/* All records in a row: it ends, and stays inside the file. */
static void
records_walk(struct dance_index *index)
{
	struct dance_index_record record;
	uint64_t at = 0;
	int r;

	while ((r = dance_index_step(index, at, &record)) == 0) {
		require(record.next > at && record.next <= index->size);
		require(record.key_len >= 1 &&
		    record.key_len <= sizeof(record.key));
		value_read(index, &record.value);
		at = record.next;
	}
	require(r == ENOENT || r == EIO);
	/* From offsets that somebody has kept. */
	for (at = 1; at < index->size; at += 1 + at / 16) {
		r = dance_index_step(index, at, &record);
		require(r == EIO || r == ENOENT || record.next > at);
	}
}

static void
index_look_up(struct dance_index *index, const uint8_t *data, size_t size)
{
	struct dance_index_shape shapes[DANCE_INDEX_SHAPES_MAX];
	struct dance_index_settings settings;
	char pattern[DANCE_IDENTITY_MAX + 1], account[DANCE_IDENTITY_MAX + 1];
	size_t at, next, i, n = 0, n_keys = 0;
	uint32_t key, value;

	if (dance_index_shapes(index, shapes, &n) != 0)
		n = 0;
	for (i = 0; i < n; i++)
		(void)dance_index_shape_fit(
		    &shapes[i], "a.b.example", pattern, account);
	if (dance_index_settings(index, &settings) == 0)
		require(strlen(settings.home) < sizeof(settings.home) &&
		    strlen(settings.shell) < sizeof(settings.shell));
	records_walk(index);
	for (i = 0; letters[i] != '\0'; i++) {
		key_look_up(index, (enum dance_index_key)letters[i], "", 0);
		key_look_up(index, (enum dance_index_key)letters[i], "a.b", 3);
	}
	for (at = RECORDS; at < size && n_keys++ < KEYS_MAX &&
	     (next = record_next(data, size, at, &key, &value)) != 0;
	     at = next)
		if (key > 0)
			key_look_up(index, (enum dance_index_key)data[at + 8],
			    (const char *)data + at + 9, key - 1);
}

/* The same as a map that a decision asks. */
static void
map_look_up(struct dance_index *index)
{
	static const char *const accounts[] = { "al", "bo", "root", "" };
	char name[] = "m", account[DANCE_ACCOUNT_MAX];
	struct dance_map_file files[] = { { .name = name }, { .name = name } };
	struct dance_map map = { files, 2, true, index };
	struct dance_map_query query = { .is_ordinary = true, .n_claims = 1 };
	struct dance_map_matches found;
	struct dance_map_word word;
	struct dance_fault fault;
	struct dance_identity id;
	size_t i;
	int r;

	require(dance_identity_parse("a.b", 3, DANCE_NAME_PRESENTED, &id) == 0);
	for (i = 0; i < 2 * sizeof(accounts) / sizeof(accounts[0]); i++) {
		query.account = accounts[i / 2];
		query.claims = i % 2 == 0 ? NULL : &id;
		query.n_claims = i % 2;
		if (dance_map_find(&map, &query, &found, &fault) == 0) {
			require(
			    found.n - found.n_denied <= DANCE_CANDIDATES_MAX);
			dance_map_matches_clear(&found);
		}
		(void)dance_map_ask(&map, query.account, true, &word, &fault);
	}
	r = dance_map_account(&map, &id, account, &fault);
	require(r != 0 || account[0] != '\0');
}

static void
file_look_up(const char *path, const uint8_t *data, size_t size)
{
	struct dance_index *index = calloc(1, sizeof(*index));

	require(index != NULL);
	if (dance_index_open(path, index) == 0) {
		index_look_up(index, data, size);
		require(dance_index_map(index) == 0);
		index_look_up(index, data, size);
		map_look_up(index);
		dance_index_close(index);
	}
	free(index);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/dance-fuzz-XXXXXX";
	uint8_t *copy, mode;
	int fd;

	if (geteuid() != 0)
		errx(1, "run as root: an index must be root's");
	if (size == 0)
		return 0;
	mode = *data++ % 3;
	size--;
	copy = malloc(size > 0 ? size : 1);
	require(copy != NULL);
	memcpy(copy, data, size);
	if (mode == 2)
		records_fix(copy, size);
	if (mode > 0)
		header_fix(copy, size);
	fd = mkstemp(path);
	require(fd != -1 && write(fd, copy, size) == (ssize_t)size);
	file_look_up(path, copy, size);
	require(unlink(path) == 0);
	close(fd);
	free(copy);
	return 0;
}
