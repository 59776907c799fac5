/* SPDX-License-Identifier: ISC */
/*
 * Who can write the file can let anybody in, so it is kept by _dance alone; but
 * what is read is checked like any other foreign bytes, in the worker.
 */
#include <stdlib.h>
#include <string.h>

#include "cache_entry.h"
#include "index.h"

#define MAGIC	  "DANCERR2"
#define MAGIC_LEN 8
#define SUM_LEN	  8

#define FLAG_DENIED    0x01
#define FLAG_WILDCARD  0x02
#define FLAG_TOO_LARGE 0x04
#define FLAGS_ALL      0x07

static uint64_t
octets_sum(const uint8_t *data, size_t len)
{
	return dance_index_sum(DANCE_INDEX_SUM_START, data, len);
}

static int
put_text(struct dance_wire_out *out, const char *text)
{
	return dance_wire_put_string(out, text, strlen(text));
}

static int
put_times(struct dance_wire_out *out, const struct dance_entry *entry)
{
	const int64_t times[] = { entry->born, entry->fresh_until,
		(int64_t)entry->rrset.valid_until, entry->signed_until,
		entry->fault_until };
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (dance_wire_put_u64(out, (uint64_t)times[i]) != 0)
			return DANCE_ERR_FORMAT;
	return 0;
}

static int
put_record(struct dance_wire_out *out, const struct dance_tlsa *record)
{
	const uint8_t head[] = { record->usage, record->selector,
		record->matching };
	const struct dance_bytes *data = &record->data;

	if (data->len > DANCE_RRSET_BYTES_MAX || out->left < 4 + sizeof(head) ||
	    out->left - 4 - sizeof(head) < data->len ||
	    dance_wire_put_u32(out, (uint32_t)(sizeof(head) + data->len)) != 0)
		return DANCE_ERR_FORMAT;
	memcpy(out->next, head, sizeof(head));
	memcpy(out->next + sizeof(head), data->data, data->len);
	out->next += sizeof(head) + data->len;
	out->left -= sizeof(head) + data->len;
	return 0;
}

static int
put_rrset(struct dance_wire_out *out, const struct dance_rrset *rrset)
{
	unsigned flags = (rrset->is_denied ? FLAG_DENIED : 0U) |
	    (rrset->is_wildcard ? FLAG_WILDCARD : 0U) |
	    (rrset->is_too_large ? FLAG_TOO_LARGE : 0U);
	size_t i;

	if (dance_wire_put_u8(out, (uint8_t)flags) != 0 ||
	    put_text(out, rrset->canonical) != 0 ||
	    dance_wire_put_u32(out, (uint32_t)rrset->n_records) != 0)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < rrset->n_records; i++)
		if (put_record(out, &rrset->records[i]) != 0)
			return DANCE_ERR_FORMAT;
	return 0;
}

static int
put_proof(struct dance_wire_out *out, const struct dance_proof_set *proof)
{
	const struct dance_signed_answer *answer;
	size_t i;

	if (dance_wire_put_u32(out, (uint32_t)proof->n) != 0)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < proof->n; i++) {
		answer = &proof->list[i];
		if (dance_wire_put_string(
			out, answer->name, strlen(answer->name) + 1) != 0 ||
		    dance_wire_put_u32(out, answer->type) != 0 ||
		    dance_wire_put_string(
			out, answer->packet.data, answer->packet.len) != 0)
			return DANCE_ERR_FORMAT;
	}
	return 0;
}

int
dance_entry_write(const struct dance_entry *entry, const char *owner,
    uint8_t **ret, size_t *ret_len)
{
	struct dance_wire_out out;
	uint8_t *data;
	size_t len;

	if ((data = malloc(DANCE_ENTRY_MAX)) == NULL)
		return DANCE_ERR_INTERNAL;
	memcpy(data, MAGIC, MAGIC_LEN);
	out = (struct dance_wire_out){ data + MAGIC_LEN,
		DANCE_ENTRY_MAX - MAGIC_LEN };
	if (put_text(&out, owner) != 0 || put_times(&out, entry) != 0 ||
	    dance_wire_put_u32(&out, entry->min_rsa) != 0 ||
	    put_text(&out, entry->why) != 0 ||
	    put_rrset(&out, &entry->rrset) != 0 ||
	    put_proof(&out, &entry->proof) != 0)
		goto fail;
	len = DANCE_ENTRY_MAX - out.left;
	if (dance_wire_put_u64(&out, octets_sum(data, len)) != 0)
		goto fail;

	*ret = data;
	*ret_len = len + SUM_LEN;
	return 0;
fail:
	free(data);
	return DANCE_ERR_FORMAT;
}

/* Printable ASCII, with room for a NUL. */
static int
take_text(struct dance_wire *w, char *ret, size_t size)
{
	struct dance_bytes text;
	size_t i;

	if (dance_wire_string(w, &text) != 0 || text.len >= size)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < text.len; i++)
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return DANCE_ERR_FORMAT;
	memcpy(ret, text.data, text.len);
	ret[text.len] = '\0';
	return 0;
}

static int
take_time(struct dance_wire *w, int64_t *ret)
{
	uint64_t value;

	if (dance_wire_u64(w, &value) != 0 || value > INT64_MAX / 2)
		return DANCE_ERR_FORMAT;
	*ret = (int64_t)value;
	return 0;
}

static int
take_times(struct dance_wire *w, struct dance_entry *ret)
{
	int64_t valid_until;

	if (take_time(w, &ret->born) != 0 ||
	    take_time(w, &ret->fresh_until) != 0 ||
	    take_time(w, &valid_until) != 0 ||
	    take_time(w, &ret->signed_until) != 0 ||
	    take_time(w, &ret->fault_until) != 0)
		return DANCE_ERR_FORMAT;
	ret->rrset.valid_until = (time_t)valid_until;
	return 0;
}

static int
take_records(struct dance_wire *w, struct dance_rrset *ret)
{
	struct dance_bytes rdata[DANCE_RRSET_MAX];
	uint32_t i, n;
	int r;

	if (dance_wire_u32(w, &n) != 0 || n > DANCE_RRSET_MAX)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < n; i++)
		if (dance_wire_string(w, &rdata[i]) != 0)
			return DANCE_ERR_FORMAT;
	/* A denial has none, and what is too large is not kept. */
	if (n > 0 && (ret->is_denied || ret->is_too_large))
		return DANCE_ERR_FORMAT;
	if (ret->is_too_large)
		return 0;
	if ((r = dance_rrset_fill(ret, rdata, n)) != 0)
		return r;
	return ret->is_too_large || ret->n_records != n ? DANCE_ERR_FORMAT : 0;
}

static int
take_rrset(struct dance_wire *w, struct dance_rrset *ret)
{
	uint8_t flags;

	if (dance_wire_u8(w, &flags) != 0 || (flags & ~FLAGS_ALL) != 0 ||
	    take_text(w, ret->canonical, sizeof(ret->canonical)) != 0)
		return DANCE_ERR_FORMAT;
	ret->is_denied = (flags & FLAG_DENIED) != 0;
	ret->is_wildcard = (flags & FLAG_WILDCARD) != 0;
	ret->is_too_large = (flags & FLAG_TOO_LARGE) != 0;
	ret->dnssec = DANCE_DNSSEC_SECURE;
	ret->source = "cache";
	return take_records(w, ret);
}

static int
take_answer(struct dance_wire *w, struct dance_signed_answer *ret)
{
	struct dance_bytes name;
	uint32_t type;

	if (dance_wire_string(w, &name) != 0 || name.len < 2 ||
	    memchr(name.data, '\0', name.len) != name.data + name.len - 1 ||
	    dance_wire_u32(w, &type) != 0 || type > UINT16_MAX ||
	    dance_wire_string(w, &ret->packet) != 0)
		return DANCE_ERR_FORMAT;
	ret->name = (const char *)name.data;
	ret->type = (uint16_t)type;
	return 0;
}

static int
take_proof(struct dance_wire *w, struct dance_proof_set *ret)
{
	uint32_t i, n;

	if (dance_wire_u32(w, &n) != 0 || n > DANCE_PROOF_MAX)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < n; i++)
		if (take_answer(w, &ret->list[i]) != 0)
			return DANCE_ERR_FORMAT;
	ret->n = n;
	return 0;
}

/* What stands between the magic and the checksum. */
static int
take_entry(struct dance_wire *w, const char *owner, struct dance_entry *ret)
{
	struct dance_bytes name;
	int r;

	if (dance_wire_string(w, &name) != 0 ||
	    !dance_bytes_equal(name, owner) || take_times(w, ret) != 0 ||
	    dance_wire_u32(w, &ret->min_rsa) != 0 ||
	    take_text(w, ret->why, sizeof(ret->why)) != 0)
		return DANCE_ERR_FORMAT;
	if ((r = take_rrset(w, &ret->rrset)) != 0)
		return r;
	/* A fault alone says nothing of the name. */
	if (ret->born == 0)
		ret->rrset.dnssec = DANCE_DNSSEC_UNKNOWN;
	return take_proof(w, &ret->proof) != 0 || w->left != 0
	    ? DANCE_ERR_FORMAT
	    : 0;
}

int
dance_entry_read(
    struct dance_bytes data, const char *owner, struct dance_entry *ret)
{
	struct dance_wire w, tail;
	uint64_t sum;
	size_t len;
	int r;

	if (data.len < MAGIC_LEN + SUM_LEN || data.len > DANCE_ENTRY_MAX ||
	    memcmp(data.data, MAGIC, MAGIC_LEN) != 0)
		return DANCE_ERR_FORMAT;
	len = data.len - SUM_LEN;
	tail = (struct dance_wire){ data.data + len, SUM_LEN };
	if (dance_wire_u64(&tail, &sum) != 0 ||
	    sum != octets_sum(data.data, len))
		return DANCE_ERR_FORMAT;
	memset(ret, 0, sizeof(*ret));
	w = (struct dance_wire){ data.data + MAGIC_LEN, len - MAGIC_LEN };
	if ((r = take_entry(&w, owner, ret)) != 0)
		dance_entry_clear(ret);
	return r;
}

void
dance_entry_clear(struct dance_entry *entry)
{
	dance_rrset_clear(&entry->rrset);
	memset(entry, 0, sizeof(*entry));
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
dance_entry_fresh_end(const struct dance_entry *entry, unsigned max_ttl)
{
	int64_t cap = entry->rrset.is_denied && max_ttl > DANCE_DENIAL_MAX_S
	    ? DANCE_DENIAL_MAX_S
	    : (int64_t)max_ttl;

	if (entry->born == 0)
		return 0;
	return earlier(entry->born + cap,
	    earlier(entry->fresh_until, (int64_t)entry->rrset.valid_until));
}

bool
dance_entry_is_fresh(
    const struct dance_entry *entry, int64_t now, unsigned max_ttl)
{
	return now >= entry->born &&
	    now < dance_entry_fresh_end(entry, max_ttl);
}

bool
dance_entry_is_failing(const struct dance_entry *entry, int64_t now)
{
	return now < entry->fault_until &&
	    entry->fault_until - now <= DANCE_FAULT_S;
}

int64_t
dance_entry_provable_end(const struct dance_entry *entry, unsigned bound)
{
	if (entry->born == 0 || entry->rrset.is_denied || entry->proof.n == 0 ||
	    bound == 0)
		return 0;
	return earlier(entry->born + (int64_t)bound, entry->signed_until);
}

bool
dance_entry_is_provable(
    const struct dance_entry *entry, int64_t now, unsigned bound)
{
	return now >= entry->born &&
	    now < dance_entry_provable_end(entry, bound);
}
