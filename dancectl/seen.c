/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "seen.h"

#define SIZE_FIRST 1024

/* FNV-1a, 64 bits: the map is root's, nobody picks collisions. */
static uint64_t
hash_add(uint64_t hash, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3ULL;
	return hash;
}

static struct seen_entry *
slot_find(struct seen_entry *slots, size_t size, uint64_t hash)
{
	size_t i = (size_t)hash & (size - 1);

	while (slots[i].hash != 0 && slots[i].hash != hash)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

/* Half of the slots stay free. */
static bool
seen_grow(struct seen *seen)
{
	size_t size = seen->size == 0 ? SIZE_FIRST : seen->size * 2, i;
	struct seen_entry *slots, *old;

	if (seen->n < seen->size / 2)
		return true;
	if ((slots = calloc(size, sizeof(*slots))) == NULL)
		return false;
	for (i = 0; i < seen->size; i++) {
		old = &seen->slots[i];
		if (old->hash != 0)
			*slot_find(slots, size, old->hash) = *old;
	}
	free(seen->slots);
	seen->slots = slots;
	seen->size = size;
	return true;
}

struct seen_entry *
seen_add(struct seen *seen, const char *first, const char *second,
    size_t second_len, bool *ret_is_new)
{
	struct seen_entry *entry;
	uint64_t hash = 0xcbf29ce484222325ULL;

	if (!seen_grow(seen))
		return NULL;
	/* The NUL keeps the parts apart. */
	hash = hash_add(hash, first, strlen(first) + 1);
	hash = hash_add(hash, second, second_len);
	if (hash == 0)
		hash = 1;
	entry = slot_find(seen->slots, seen->size, hash);
	*ret_is_new = entry->hash == 0;
	if (*ret_is_new) {
		entry->hash = hash;
		seen->n++;
	}
	return entry;
}

void
seen_clear(struct seen *seen)
{
	free(seen->slots);
	memset(seen, 0, sizeof(*seen));
}
