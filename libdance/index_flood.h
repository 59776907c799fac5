/* SPDX-License-Identifier: ISC */
/*
 * How often each key of the index comes.  Private to index_writer.c.
 */
#ifndef DANCE_INDEX_FLOOD_H
#define DANCE_INDEX_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

struct dance_index_flood;

/* NULL without memory. */
struct dance_index_flood *dance_index_flood_new(void);

/* Free and set to NULL; takes NULL. */
void dance_index_flood_free(struct dance_index_flood **flood);

/* In the first walk, for each record: key is the checksum of its key. */
void dance_index_flood_count(struct dance_index_flood *flood, uint64_t key);

/*
 * In the second: may one more record have this key?  Returns 0, 1 to leave out
 * a record "A" that a decision needs no more, or DANCE_ERR_CONFIG beyond
 * DANCE_INDEX_SAME_MAX.
 */
int dance_index_flood_admit(
    struct dance_index_flood *flood, uint64_t key, bool is_account);

#endif
