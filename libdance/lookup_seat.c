/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lookup_seat.h"

#define NS_PER_S INT64_C(1000000000)

static void
seat_forget(struct seat *seat)
{
	dance_entry_clear(&seat->entry);
	free(seat->data);
	seat->data = NULL;
}

static int
seat_settle(struct seat *seat, const struct dance_keeping *keeping)
{
	seat->is_locked = false;
	return seat->link->settle(seat->link->arg, seat->owner, keeping);
}

/* Keep nothing from now on: what there was is outdated. */
static int
seat_take_away(struct seat *seat)
{
	const struct dance_keeping nothing = { .asked = seat->asked };

	return seat_settle(seat, &nothing);
}

/* What can't be read is as if it were not there. */
static int
seat_read(struct seat *seat, bool wants_lock)
{
	bool is_busy = false;
	int r;

	seat_forget(seat);
	dance_moment_now(&seat->read);
	r = seat->link->fetch(seat->link->arg, seat->owner, wants_lock,
	    &seat->data, &seat->data_len, &is_busy);
	if (r != 0)
		return r;
	seat->is_locked = wants_lock && !is_busy;
	if (seat->data != NULL)
		r = dance_entry_read(
		    (struct dance_bytes){ seat->data, seat->data_len },
		    seat->owner, &seat->entry);
	/* The clock was set back, or somebody writes of times to come. */
	if (seat->entry.born > time(NULL))
		dance_entry_clear(&seat->entry);
	return r == DANCE_ERR_FORMAT ? 0 : r;
}

/* Is still kept what was read? */
static int
seat_compare(const struct seat *seat, bool *ret_is_same)
{
	uint8_t *data = NULL;
	bool is_busy;
	size_t len;
	int r;

	r = seat->link->fetch(
	    seat->link->arg, seat->owner, false, &data, &len, &is_busy);
	if (r != 0)
		return r;
	*ret_is_same = data == NULL ? seat->data == NULL
				    : seat->data != NULL &&
		len == seat->data_len && memcmp(data, seat->data, len) == 0;
	free(data);
	return 0;
}

/*
 * A denial lets nobody in, so it is no matter by which keys it is.  Nothing is
 * kept of weak zones, so that a lower minimum takes effect too.
 */
static bool
entry_is_strong(const struct dance_entry *entry, unsigned min_rsa)
{
	return entry->rrset.is_denied || entry->min_rsa >= min_rsa;
}

int
dance_seat_fetch(
    struct seat *seat, const struct dance_config *config, bool wants_lock)
{
	int r;

	if ((r = seat_read(seat, wants_lock)) != 0 ||
	    !dance_entry_is_fresh(
		&seat->entry, time(NULL), config->cache_max_ttl) ||
	    !entry_is_strong(&seat->entry, config->min_dnssec_rsa))
		return r;
	dance_rrset_clear(seat->rrset);
	*seat->rrset = seat->entry.rrset;
	seat->entry.rrset.rdata = NULL;
	seat->is_settled = true;
	return seat->is_locked ? seat_settle(seat, NULL) : 0;
}

void
dance_seat_fail(struct seat *seat)
{
	struct dance_rrset *rrset = seat->rrset;

	dance_rrset_clear(rrset);
	rrset->source = "cache";
	rrset->has_failed = true;
	(void)snprintf(rrset->why, sizeof(rrset->why), "a moment ago: %.200s",
	    seat->entry.why);
	seat->is_settled = true;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When it is of no use any more: after until, and not to be proved either. */
static int64_t
entry_end(const struct dance_entry *entry, int64_t until,
    const struct dance_config *config)
{
	int64_t provable = earlier(
	    entry->born + (int64_t)config->offline, entry->signed_until);

	return provable > until ? provable : until;
}

/* The RRset is borrowed for the time of writing. */
static int
seat_write(struct seat *seat, const struct dance_entry *entry, int64_t until,
    bool is_note)
{
	struct dance_keeping keeping = { .is_data = entry->born != 0 &&
		    !entry->rrset.is_denied && !entry->rrset.is_wildcard,
		.is_denial = entry->rrset.is_denied,
		.is_note = is_note,
		.asked = is_note ? seat->read : seat->asked };
	int64_t seconds = until - time(NULL);
	uint8_t *data;
	int r;

	r = dance_entry_write(entry, seat->owner, &data, &keeping.data.len);
	if (r == DANCE_ERR_FORMAT)
		/* Too large for an entry. */
		return is_note ? seat_settle(seat, NULL) : seat_take_away(seat);
	if (r != 0)
		return r;
	keeping.data.data = data;
	keeping.seconds = seconds > 0 ? (unsigned)seconds : 0;
	r = seat_settle(seat, &keeping);
	free(data);
	return r;
}

/*
 * An answer is as old as its question: this process may have stood still since,
 * for as long as somebody liked who can freeze it.
 */
static int64_t
seat_birth(const struct seat *seat, int64_t now)
{
	return earlier(seat->asked.real_ns / NS_PER_S, now);
}

static int
seat_write_answer(struct seat *seat, const struct dance_config *config,
    const struct dance_proof_set *proof)
{
	struct dance_entry *entry = calloc(1, sizeof(*entry));
	int64_t now = time(NULL), age, until;
	int r;

	if (entry == NULL)
		return DANCE_ERR_INTERNAL;
	entry->born = seat_birth(seat, now);
	age = now - entry->born;
	entry->min_rsa = config->min_dnssec_rsa;
	entry->rrset = *seat->rrset;
	entry->rrset.valid_until -= (time_t)age;
	until = entry->born + (int64_t)config->cache_max_ttl;
	until = earlier(until, (int64_t)entry->rrset.valid_until);
	if (proof == NULL)
		until = earlier(until, entry->born + DANCE_DENIAL_MAX_S);
	else {
		entry->proof = *proof;
		entry->signed_until = proof->signed_until;
		until = earlier(until, (int64_t)proof->valid_until - age);
		until = earlier(until, entry->signed_until);
	}
	entry->fresh_until = until;
	r = seat_write(seat, entry, entry_end(entry, until, config), false);
	free(entry);
	return r;
}

/* Is what is kept, though not fresh, what the DNS still says? */
static bool
seat_is_confirmed(const struct seat *seat)
{
	const struct dance_rrset *old = &seat->entry.rrset,
				 *rrset = seat->rrset;
	const struct dance_tlsa *a, *b;
	size_t i;

	if (seat->entry.born == 0 || old->is_denied ||
	    old->is_wildcard != rrset->is_wildcard ||
	    old->is_too_large != rrset->is_too_large ||
	    old->n_records != rrset->n_records)
		return false;
	for (i = 0; i < old->n_records; i++) {
		a = &old->records[i];
		b = &rrset->records[i];
		if (a->usage != b->usage || a->selector != b->selector ||
		    a->matching != b->matching || a->data.len != b->data.len ||
		    memcmp(a->data.data, b->data.data, a->data.len) != 0)
			return false;
	}
	return true;
}

int
dance_seat_keep(struct seat *seat, const struct dance_config *config,
    struct dance_resolver *resolver, int64_t deadline_ms)
{
	struct dance_proof_set *proof;
	int r;

	if (seat->rrset->dnssec != DANCE_DNSSEC_SECURE)
		return seat_take_away(seat);
	if (seat->rrset->is_denied)
		return seat_write_answer(seat, config, NULL);
	if ((proof = calloc(1, sizeof(*proof))) == NULL)
		return DANCE_ERR_INTERNAL;
	r = dance_resolver_prove(
	    resolver, seat->owner, seat->rrset, deadline_ms, proof);
	/* Not all TTLs are known: it is not kept, nor is what it replaces. */
	if (r == DANCE_ERR_DNS_FAILURE)
		r = seat_is_confirmed(seat) ? seat_settle(seat, NULL)
					    : seat_take_away(seat);
	else if (r == 0)
		r = seat_write_answer(seat, config, proof);
	free(proof);
	return r;
}

/*
 * What another process has learnt meanwhile, a denial perhaps, must not be
 * replaced by what it has replaced.
 */
int
dance_seat_keep_fault(struct seat *seat, const struct dance_config *config)
{
	struct dance_entry *entry = &seat->entry;
	bool is_same;
	int64_t until;
	int r;

	if (!seat->is_locked)
		return 0;
	if ((r = seat_compare(seat, &is_same)) != 0)
		return r;
	if (!is_same)
		return seat_settle(seat, NULL);
	until = entry->fault_until = time(NULL) + DANCE_FAULT_S;
	return seat_write(seat, entry, entry_end(entry, until, config), true);
}

void
dance_seat_clear(struct seat *seat)
{
	if (seat->is_locked)
		(void)seat_settle(seat, NULL);
	seat_forget(seat);
}
