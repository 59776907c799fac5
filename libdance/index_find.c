/* SPDX-License-Identifier: ISC */
/*
 * Looking for a key: cdb's hash tables, checked on the way.  As index.c, for
 * every process that looks up a name.
 */
#include <errno.h>
#include <string.h>

#include "index.h"

#define TABLES	 256
#define PAIR_LEN 8 /* two numbers of 32 bits */
#define SUM_LEN	 8

#define RECORDS_AT (TABLES * PAIR_LEN)

static uint32_t
cdb_hash(const uint8_t *key, size_t len)
{
	uint32_t hash = 5381;

	while (len-- > 0)
		hash = ((hash << 5) + hash) ^ *key++;
	return hash;
}

/* The hash table that the key's hash belongs to. */
static int
table_find(struct dance_index_walk *walk)
{
	const struct dance_index_header *header = &walk->index->header;
	uint8_t pointers[DANCE_INDEX_BLOCK];
	uint32_t pair = walk->hash % TABLES * PAIR_LEN;
	uint32_t block = pair / DANCE_INDEX_BLOCK;
	int r;

	r = dance_index_copy(walk->index, (uint64_t)block * DANCE_INDEX_BLOCK,
	    pointers, sizeof(pointers));
	if (r != 0)
		return r;
	if (dance_index_block_sum((uint64_t)block * DANCE_INDEX_BLOCK, pointers,
		sizeof(pointers)) != header->pointers[block])
		return EIO;
	walk->table = dance_index_u32(pointers + pair % DANCE_INDEX_BLOCK);
	walk->n_slots =
	    dance_index_u32(pointers + pair % DANCE_INDEX_BLOCK + 4);
	if (walk->n_slots != 0 &&
	    (walk->table < header->tables_at || walk->table > header->sums_at ||
		(walk->table - header->tables_at) % PAIR_LEN != 0 ||
		(header->sums_at - walk->table) / PAIR_LEN < walk->n_slots))
		return EIO;
	return 0;
}

int
dance_index_find(struct dance_index *index, enum dance_index_key letter,
    const char *text, size_t len, struct dance_index_walk *ret)
{
	if (len > DANCE_INDEX_KEY_MAX - 1)
		return ENOENT;
	ret->index = index;
	ret->key[0] = (uint8_t)letter;
	memcpy(ret->key + 1, text, len);
	ret->key_len = (uint32_t)len + 1;
	ret->hash = cdb_hash(ret->key, ret->key_len);
	ret->n_seen = 0;
	ret->block = UINT64_MAX;
	return table_find(ret);
}

/* A slot, in its block, which is checked when it is read. */
static int
slot_find(struct dance_index_walk *walk, uint32_t which, const uint8_t **ret)
{
	const struct dance_index_header *header = &walk->index->header;
	uint64_t at =
	    walk->table - header->tables_at + (uint64_t)which * PAIR_LEN;
	uint64_t block = at / DANCE_INDEX_BLOCK;
	uint64_t start = header->tables_at + block * DANCE_INDEX_BLOCK;
	size_t len = sizeof(walk->slots);
	uint64_t sum;
	int r;

	*ret = walk->slots + at % DANCE_INDEX_BLOCK;
	if (block == walk->block)
		return 0;
	if (header->sums_at - start < len)
		len = (size_t)(header->sums_at - start);
	if ((r = dance_index_copy(walk->index, start, walk->slots, len)) != 0 ||
	    (r = dance_index_copy(walk->index,
		 header->sums_at + block * SUM_LEN, &sum, sizeof(sum))) != 0)
		return r;
	if (sum != dance_index_block_sum(start, walk->slots, len))
		return EIO;
	walk->block = block;
	return 0;
}

/* What stands at an offset: lengths that lead out of the file are none. */
static int
record_read(
    struct dance_index *index, uint64_t at, struct dance_index_record *ret)
{
	uint8_t head[PAIR_LEN];
	uint32_t len;
	int r;

	if ((r = dance_index_copy(index, at, head, sizeof(head))) != 0)
		return r;
	ret->key_len = dance_index_u32(head);
	if (ret->key_len < 1 || ret->key_len > sizeof(ret->key))
		return EIO;
	at += sizeof(head);
	if ((r = dance_index_copy(index, at, ret->key, ret->key_len)) != 0)
		return r;
	at += ret->key_len;
	len = dance_index_u32(head + 4);
	if (len < SUM_LEN || at > index->size || index->size - at < len)
		return EIO;
	ret->value.at = at;
	ret->value.len = len - SUM_LEN;
	ret->next = at + len;
	return 0;
}

/* What the checksum of its value begins with. */
static void
record_sum(struct dance_index_record *record)
{
	record->value.sum = dance_index_sum(
	    DANCE_INDEX_SUM_START, record->key, record->key_len);
}

static bool
record_has(const struct dance_index_record *record, const uint8_t *key,
    uint32_t key_len)
{
	return record->key_len == key_len &&
	    memcmp(record->key, key, key_len) == 0;
}

int
dance_index_next(struct dance_index_walk *walk, struct dance_index_value *ret)
{
	struct dance_index_record record;
	uint32_t start, at;
	const uint8_t *slot;
	int r;

	start = walk->n_slots == 0 ? 0 : (walk->hash >> 8) % walk->n_slots;
	while (walk->n_seen < walk->n_slots) {
		/* No key has so many; a damaged table must not be a loop. */
		if (walk->n_seen > 16 * DANCE_INDEX_SAME_MAX)
			return EIO;
		r = slot_find(walk,
		    (uint32_t)(((uint64_t)start + walk->n_seen++) %
			walk->n_slots),
		    &slot);
		if (r != 0)
			return r;
		if ((at = dance_index_u32(slot + 4)) == 0)
			break;
		if (dance_index_u32(slot) != walk->hash)
			continue;
		if ((r = record_read(walk->index, at, &record)) != 0)
			return r;
		if (record_has(&record, walk->key, walk->key_len)) {
			record_sum(&record);
			*ret = record.value;
			return 0;
		}
		/* Damage in a key must not make it another one. */
		if (cdb_hash(record.key, record.key_len) != walk->hash)
			return EIO;
	}
	walk->n_seen = walk->n_slots;
	return ENOENT;
}

int
dance_index_get(struct dance_index *index, enum dance_index_key letter,
    const char *text, void *ret, size_t size, size_t *ret_len)
{
	struct dance_index_value value;
	struct dance_index_walk walk;
	int r;

	r = dance_index_find(index, letter, text, strlen(text), &walk);
	if (r == 0)
		r = dance_index_next(&walk, &value);
	if (r != 0)
		return r;
	if (value.len > size)
		return EIO;
	*ret_len = value.len;
	return dance_index_read(index, &value, ret, value.len);
}

int
dance_index_follow(
    struct dance_index *index, uint32_t offset, struct dance_index_value *ret)
{
	struct dance_index_record record;
	int r;

	if ((r = record_read(index, offset, &record)) != 0)
		return r;
	if (record.key[0] != DANCE_INDEX_LINES)
		return EIO;
	record_sum(&record);
	*ret = record.value;
	return 0;
}

/* Piece by piece, since a value may have any length. */
static int
value_check(struct dance_index *index, const struct dance_index_value *value)
{
	uint8_t piece[DANCE_INDEX_BLOCK];
	uint64_t sum = value->sum, stored, at = value->at;
	uint32_t left = value->len, n;
	int r;

	for (; left > 0; left -= n, at += n) {
		n = left < sizeof(piece) ? left : (uint32_t)sizeof(piece);
		if ((r = dance_index_copy(index, at, piece, n)) != 0)
			return r;
		sum = dance_index_sum(sum, piece, n);
	}
	if ((r = dance_index_copy(index, at, &stored, sizeof(stored))) != 0)
		return r;
	return sum == stored ? 0 : EIO;
}

int
dance_index_step(
    struct dance_index *index, uint64_t at, struct dance_index_record *ret)
{
	uint64_t end = index->header.tables_at;
	int r;

	if (at == 0)
		at = RECORDS_AT;
	if (at == end)
		return ENOENT;
	if (at > end || (r = record_read(index, at, ret)) != 0)
		return at > end ? EIO : r;
	if (ret->next > end)
		return EIO;
	record_sum(ret);
	return value_check(index, &ret->value);
}
