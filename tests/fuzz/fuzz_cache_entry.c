/* SPDX-License-Identifier: ISC */
/*
 * Entries of the cache.  The input is read as it is, and once more with the
 * checksum that it should have: what can be read is written again to the same
 * octets.
 */
#include <stdlib.h>
#include <string.h>

#include "cache_entry.h"
#include "index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OWNER	"laptop._device.corp.example"
#define SUM_LEN 8

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static void
text_check(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);

	require(end != NULL);
	for (; text < end; text++)
		require(*text >= 0x20 && *text < 0x7f);
}

static void
rrset_check(const struct dance_rrset *rrset, bool is_born)
{
	require(rrset->dnssec ==
	    (is_born ? DANCE_DNSSEC_SECURE : DANCE_DNSSEC_UNKNOWN));
	require(rrset->n_records <= DANCE_RRSET_MAX);
	require(rrset->n_records == 0 ||
	    (!rrset->is_denied && !rrset->is_too_large));
	require(rrset->packet == NULL && !rrset->has_failed);
	require(strcmp(rrset->source, "cache") == 0);
	text_check(rrset->canonical, sizeof(rrset->canonical));
}

static void
entry_check(const struct dance_entry *entry, struct dance_bytes data)
{
	size_t i, j;

	rrset_check(&entry->rrset, entry->born != 0);
	text_check(entry->why, sizeof(entry->why));
	require(entry->proof.n <= DANCE_PROOF_MAX);
	for (i = 0; i < entry->proof.n; i++) {
		const struct dance_signed_answer *answer =
		    &entry->proof.list[i];

		require(strlen(answer->name) > 0);
		require(answer->packet.len < data.len);
		/* Each octet of it may be read. */
		for (j = 0; j < answer->packet.len; j++)
			require(answer->packet.data + j < data.data + data.len);
	}
	require(entry->born > 0 || !dance_entry_is_fresh(entry, 1, 60));
	require(!dance_entry_is_fresh(entry, entry->born - 1, 86400));
	require(!dance_entry_is_provable(entry, entry->born - 1, 86400));
	require(!dance_entry_is_provable(entry, entry->signed_until, 86400));
	require(!dance_entry_is_provable(entry, entry->born, 0));
}

static void
as_entry(struct dance_bytes data)
{
	struct dance_entry *entry = malloc(sizeof(*entry));
	uint8_t *again;
	size_t len;
	int r;

	require(entry != NULL);
	r = dance_entry_read(data, OWNER, entry);
	require(r == 0 || r == DANCE_ERR_FORMAT);
	if (r == 0) {
		entry_check(entry, data);
		require(dance_entry_write(entry, OWNER, &again, &len) == 0);
		require(len == data.len && memcmp(again, data.data, len) == 0);
		free(again);
		dance_entry_clear(entry);
		require(entry->rrset.rdata == NULL);
		require(dance_entry_read(data, OWNER "x", entry) ==
		    DANCE_ERR_FORMAT);
	}
	free(entry);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;
	uint64_t sum;
	size_t i;

	as_entry((struct dance_bytes){ data, size });
	if (size < SUM_LEN)
		return 0;
	copy = malloc(size);
	require(copy != NULL);
	memcpy(copy, data, size);
	sum = dance_index_sum(DANCE_INDEX_SUM_START, data, size - SUM_LEN);
	for (i = 0; i < SUM_LEN; i++)
		copy[size - 1 - i] = (uint8_t)(sum >> (8 * i));
	as_entry((struct dance_bytes){ copy, size });
	free(copy);
	return 0;
}
