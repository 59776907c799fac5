/* SPDX-License-Identifier: ISC */
/*
 * Where something stood first: a table for maps of a million lines.
 */
#ifndef SEEN_H
#define SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen_entry {
	uint64_t hash;
	const char *file; /* borrowed */
	unsigned number;
	bool has_star;
};

struct seen {
	struct seen_entry *slots; /* hash 0 is a free one */
	size_t size;		  /* a power of two */
	size_t n;
};

/*
 * The entry of a text in two parts, made if it is new: then everything but the
 * hash is still to be set.  Different texts count as the same with a chance of
 * 2^-64 for each pair, which is good enough for a warning.  It stays where it
 * is until the next call.  NULL without memory.
 */
struct seen_entry *seen_add(struct seen *seen, const char *first,
    const char *second, size_t second_len, bool *ret_is_new);

void seen_clear(struct seen *seen);

#endif
