/* SPDX-License-Identifier: ISC */
/*
 * Fuzz TLSA records.  The input is two octets of allowed usages, then records
 * with a length octet each; where that is 255, the rest is one record.  The
 * whole input is also a record in text form.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "tlsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORDS_MAX 80

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

/* RFC 7671, section 9: no two digests of one usage and selector are left. */
static void
usable_check(
    const struct dance_tlsa *records, size_t n, const unsigned *allowed)
{
	const struct dance_tlsa *a, *b;

	for (a = records; a < records + n; a++) {
		if (!a->is_usable)
			continue;
		require(a->usage < 4 && a->selector < 2 && a->matching < 3);
		require(
		    (allowed[a->selector] & DANCE_USAGE_BIT(a->usage)) != 0);
		require(a->matching == 0 || a->data.len == a->matching * 32U);
		for (b = records; b < records + n; b++)
			require(!b->is_usable || b->usage != a->usage ||
			    b->selector != a->selector || a->matching == 0 ||
			    b->matching == 0 || a->matching == b->matching);
	}
}

/* A record made of the subject fits it, and the subject alone. */
static void
match_check(struct dance_bytes subject)
{
	struct dance_tlsa record = { .usage = 3, .selector = 1 };
	uint8_t *data;
	size_t len;

	for (record.matching = 0; record.matching < 3; record.matching++) {
		require(dance_tlsa_digest(
			    record.matching, subject, &data, &len) == 0);
		record.data.data = data;
		record.data.len = len;
		require(
		    (dance_tlsa_compare(&record, subject) == 0) == (len > 0));
		if (len > 0) {
			data[0] ^= 1;
			require(dance_tlsa_compare(&record, subject) ==
			    DANCE_ERR_MISMATCH);
		}
		free(data);
	}
}

static void
as_rrset(const uint8_t *data, size_t size)
{
	struct dance_wire w = { data, size };
	struct dance_tlsa records[RECORDS_MAX];
	struct dance_bytes rdata;
	uint8_t usages[2], len;
	unsigned allowed[2];
	size_t i, n = 0, n_usable;

	if (dance_wire_u8(&w, &usages[0]) != 0 ||
	    dance_wire_u8(&w, &usages[1]) != 0)
		return;
	allowed[0] = usages[0] & 15;
	allowed[1] = usages[1] & 15;
	while (n < RECORDS_MAX && dance_wire_u8(&w, &len) == 0) {
		rdata.data = w.next;
		rdata.len = len < w.left && len != 255 ? len : w.left;
		w.next += rdata.len;
		w.left -= rdata.len;
		if (dance_tlsa_parse(rdata, &records[n]) == 0)
			match_check(records[n++].data);
		else
			require(rdata.len < 4);
	}
	n_usable = dance_tlsa_select(records, n, allowed);
	require(n <= DANCE_RRSET_MAX || n_usable == 0);
	usable_check(records, n, allowed);
	for (i = 0; i < n; i++)
		n_usable -= records[i].is_usable ? 1 : 0;
	require(n_usable == 0);
}

/* What is read, printed and read again is the same. */
static void
as_text(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *hex, *again;
	struct dance_bytes rdata, second;

	require(text != NULL);
	if (dance_tlsa_from_text(text, &rdata) == 0) {
		require(rdata.len > 3 && rdata.len <= 65535);
		require(
		    dance_hex_encode(rdata.data + 3, rdata.len - 3, &hex) == 0);
		require(asprintf(&again, "%u %u %u %s", rdata.data[0],
			    rdata.data[1], rdata.data[2], hex) > 0);
		require(dance_tlsa_from_text(again, &second) == 0);
		require(second.len == rdata.len &&
		    memcmp(second.data, rdata.data, rdata.len) == 0);
		free((void *)(uintptr_t)second.data);
		free((void *)(uintptr_t)rdata.data);
		free(again);
		free(hex);
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_rrset(data, size);
	as_text(data, size);
	return 0;
}
