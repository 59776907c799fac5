/* SPDX-License-Identifier: ISC */
/*
 * A table of a fixed size says which keys may come often; only those are then
 * counted one by one.
 */
#include <stdlib.h>

#include "error.h"
#include "index.h"
#include "index_flood.h"

#define COUNTERS   (1U << 22) /* 8 MB of counters for the first walk */
#define FLOODS_MAX 1024	      /* keys that come too often, or nearly so */

/* A key that comes often; those with a full counter are counted exactly. */
struct often {
	uint64_t key;
	uint32_t n;
};

struct dance_index_flood {
	uint16_t *counters;
	struct often often[FLOODS_MAX];
	size_t n;
};

struct dance_index_flood *
dance_index_flood_new(void)
{
	struct dance_index_flood *flood = calloc(1, sizeof(*flood));

	if (flood == NULL)
		return NULL;
	flood->counters = calloc(COUNTERS, sizeof(*flood->counters));
	if (flood->counters == NULL)
		dance_index_flood_free(&flood);
	return flood;
}

void
dance_index_flood_free(struct dance_index_flood **flood)
{
	if (*flood != NULL)
		free((*flood)->counters);
	free(*flood);
	*flood = NULL;
}

static uint16_t *
flood_counter(struct dance_index_flood *flood, uint64_t key)
{
	return &flood->counters[(key ^ key >> 32) & (COUNTERS - 1)];
}

static struct often *
flood_find(struct dance_index_flood *flood, uint64_t key)
{
	size_t i;

	for (i = 0; i < flood->n; i++)
		if (flood->often[i].key == key)
			return &flood->often[i];
	if (flood->n == FLOODS_MAX)
		return NULL;
	flood->often[flood->n].key = key;
	return &flood->often[flood->n++];
}

void
dance_index_flood_count(struct dance_index_flood *flood, uint64_t key)
{
	uint16_t *counter = flood_counter(flood, key);

	if (*counter < UINT16_MAX)
		(*counter)++;
}

int
dance_index_flood_admit(
    struct dance_index_flood *flood, uint64_t key, bool is_account)
{
	struct often *often;

	if (*flood_counter(flood, key) < DANCE_INDEX_A_MAX)
		return 0;
	often = flood_find(flood, key);
	if (often != NULL && is_account && often->n >= DANCE_INDEX_A_MAX)
		return 1;
	if (often != NULL && ++often->n <= DANCE_INDEX_SAME_MAX)
		return 0;
	return DANCE_ERR_CONFIG;
}
