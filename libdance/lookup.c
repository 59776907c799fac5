/* SPDX-License-Identifier: ISC */
/*
 * A name is settled once: by a fresh entry, by an answer, by a proof where
 * nobody answers, or as unknown.  What the DNS has said replaces what was
 * kept, whatever it was; that it said nothing only keeps the next ones from
 * waiting for it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lookup.h"
#include "lookup_seat.h"
#include "offline.h"

/* When to look again at a name that another process asks for: twice as late. */
#define LOOK_AGAIN_MIN_MS 5
#define LOOK_AGAIN_MAX_MS 80

#define PROOF_MS 250 /* for all proofs: most are there with the answers */

/* The names of one lookup. */
struct party {
	struct dance_policy *policy;
	const struct dance_lookup *lookup;
	struct dance_fault *fault;
	struct seat *seats;
	enum dance_asking *asking;
	bool *is_settled; /* for lookup->is_enough() */
	int64_t start_ms;
};

static int
party_resolver(struct party *party)
{
	struct dance_policy *policy = party->policy;

	if (policy->resolver != NULL)
		return 0;
	dance_moment_now(&policy->asked);
	return dance_resolver_new(
	    policy->config, policy->anchors, &policy->resolver, party->fault);
}

/* Is what is settled enough, or all? */
static bool
party_is_over(struct party *party)
{
	const struct dance_lookup *lookup = party->lookup;
	size_t i, n = 0;

	for (i = 0; i < lookup->n; i++) {
		party->is_settled[i] = party->seats[i].is_settled;
		if (party->is_settled[i])
			n++;
	}
	return n == lookup->n ||
	    (n > 0 && lookup->is_enough != NULL &&
		lookup->is_enough(party->is_settled, lookup->arg));
}

/*
 * What is kept may still be proved.  Not what the DNS has called bogus since:
 * then there is no entry any more.
 */
static int
party_prove(struct party *party, struct seat *seat)
{
	const struct dance_policy *policy = party->policy;
	struct dance_rrset rrset;
	int r;

	if (!dance_entry_is_provable(
		&seat->entry, time(NULL), policy->config->offline))
		return 0;
	r = dance_offline_judge(policy->config, policy->anchors, seat->owner,
	    &seat->entry.proof, party->lookup->deadline_ms, &rrset,
	    party->fault);
	if (r == 0 && rrset.dnssec == DANCE_DNSSEC_SECURE && !rrset.is_denied) {
		dance_rrset_clear(seat->rrset);
		*seat->rrset = rrset;
		seat->is_settled = true;
		return 0;
	}
	dance_rrset_clear(&rrset);
	/* Without a socket or memory it is not proved: others may be. */
	return r == DANCE_ERR_INTERNAL ? 0 : r;
}

/*
 * A process that a user has started goes back to what is kept only when it has
 * itself seen that no server answers.
 */
static bool
party_must_see(const struct party *party, const struct seat *seat)
{
	return !party->policy->is_called_by_sshd &&
	    dance_entry_is_provable(
		&seat->entry, time(NULL), party->policy->config->offline);
}

/* Look at all names that are open: those that were asked for a moment ago. */
static int
party_look(struct party *party, bool wants_lock)
{
	const struct dance_config *config = party->policy->config;
	struct seat *seat;
	size_t i;
	int r;

	for (i = 0; i < party->lookup->n; i++) {
		seat = &party->seats[i];
		if (seat->is_settled || seat->is_locked)
			continue;
		r = dance_seat_fetch(seat, config, wants_lock);
		if (r != 0)
			return r;
		if (seat->is_settled ||
		    !dance_entry_is_failing(&seat->entry, time(NULL)) ||
		    party_must_see(party, seat))
			continue;
		if ((r = party_prove(party, seat)) != 0)
			return r;
		/* Who has asked already asks on: it may have come since. */
		if (!seat->is_settled && party->policy->resolver == NULL)
			dance_seat_fail(seat);
	}
	return 0;
}

/* A name that nobody knew of in time: it is proved, or stays unknown. */
static int
party_take_unknown(struct party *party, struct seat *seat, bool is_last)
{
	bool has_failed = seat->rrset->has_failed;
	int r;

	/* In words for the next ones, before it is replaced. */
	(void)snprintf(
	    seat->entry.why, sizeof(seat->entry.why), "%s", seat->rrset->why);
	if (has_failed && (r = party_prove(party, seat)) != 0)
		return r;
	if (!seat->is_settled && !is_last)
		return 0;
	seat->is_settled = true;
	return has_failed && party->policy->is_called_by_sshd
	    ? dance_seat_keep_fault(seat, party->policy->config)
	    : 0;
}

/* Keep what came; proofs have until then. */
static int
party_take(
    struct party *party, struct seat *seat, int64_t proof_ms, bool is_last)
{
	if (seat->rrset->dnssec == DANCE_DNSSEC_UNKNOWN)
		return party_take_unknown(party, seat, is_last);
	seat->is_settled = true;
	return dance_seat_keep(
	    seat, party->policy->config, party->policy->resolver, proof_ms);
}

/* Ask for the names that are marked so, and take what came. */
static int
party_ask(struct party *party, int64_t deadline_ms, bool is_last)
{
	struct dance_lookup lookup = *party->lookup;
	int64_t proof_ms;
	size_t i;
	int r;

	if ((r = party_resolver(party)) != 0)
		return r;
	lookup.asking = party->asking;
	lookup.deadline_ms = deadline_ms;
	if (!party->policy->is_called_by_sshd &&
	    party->policy->config->offline > 0)
		lookup.failure = DANCE_FAILURE_SILENCE;
	r = dance_resolver_lookup(
	    party->policy->resolver, &lookup, party->seats[0].rrset);
	proof_ms = dance_now_ms() + PROOF_MS;
	if (proof_ms > party->lookup->deadline_ms)
		proof_ms = party->lookup->deadline_ms;
	for (i = 0; r == 0 && i < lookup.n; i++) {
		party->seats[i].asked = party->policy->asked;
		if (party->asking[i] == DANCE_ASK)
			r = party_take(
			    party, &party->seats[i], proof_ms, is_last);
	}
	return r;
}

/* How many names are to be asked for now, and whether any could be proved. */
static size_t
party_mark(struct party *party, bool with_busy, bool *ret_is_provable)
{
	struct seat *seat;
	size_t i, n = 0;

	*ret_is_provable = false;
	for (i = 0; i < party->lookup->n; i++) {
		seat = &party->seats[i];
		party->asking[i] = seat->is_settled ? DANCE_ASK_SETTLED
		    : seat->is_locked || with_busy  ? DANCE_ASK
						    : DANCE_ASK_OMITTED;
		if (party->asking[i] != DANCE_ASK)
			continue;
		n++;
		*ret_is_provable |= dance_entry_is_provable(
		    &seat->entry, time(NULL), party->policy->config->offline);
	}
	return n;
}

/*
 * Where something can be proved, the DNS has half of the time; what can't be
 * has the other half too.
 */
static int
party_go(struct party *party, bool with_busy)
{
	int64_t now = dance_now_ms(), deadline = party->lookup->deadline_ms;
	bool is_provable;
	int r;

	if (party_mark(party, with_busy, &is_provable) == 0)
		return 0;
	if (!is_provable)
		return party_ask(party, deadline, true);
	if ((r = party_ask(party, now + (deadline - now) / 2, false)) != 0 ||
	    party_is_over(party) ||
	    party_mark(party, with_busy, &is_provable) == 0)
		return r;
	return party_ask(party, deadline, true);
}

static void
wait_ms(int64_t ms)
{
	const struct timespec pause = { 0, (long)ms * 1000000L };

	(void)nanosleep(&pause, NULL);
}

/* What others ask for, for half of the time; then it is asked for here too. */
static int
party_wait(struct party *party)
{
	int64_t until = party->start_ms +
	    (party->lookup->deadline_ms - party->start_ms) / 2;
	int64_t left, pause = LOOK_AGAIN_MIN_MS;
	bool is_late = false;
	int r = 0;

	while (r == 0 && !is_late && !party_is_over(party)) {
		left = until - dance_now_ms();
		is_late = left <= 0;
		if (!is_late)
			wait_ms(left < pause ? left : pause);
		if (pause < LOOK_AGAIN_MAX_MS)
			pause *= 2;
		if ((r = party_look(party, true)) == 0 && !party_is_over(party))
			r = party_go(party, is_late);
	}
	return r;
}

static int
party_run(struct party *party)
{
	int r;

	if ((r = party_look(party, false)) != 0 || party_is_over(party))
		return r;
	if ((r = party_look(party, true)) != 0 || party_is_over(party))
		return r;
	if ((r = party_go(party, false)) != 0)
		return r;
	return party_wait(party);
}

static int
party_init(struct party *party, struct dance_rrset *rrsets)
{
	const struct dance_lookup *lookup = party->lookup;
	size_t i;

	for (i = 0; i < lookup->n; i++)
		rrsets[i] = (struct dance_rrset){ .source = "dns" };
	party->seats = calloc(lookup->n, sizeof(*party->seats));
	party->asking = calloc(lookup->n, sizeof(*party->asking));
	party->is_settled = calloc(lookup->n, sizeof(*party->is_settled));
	if (party->seats == NULL || party->asking == NULL ||
	    party->is_settled == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < lookup->n; i++) {
		party->seats[i].owner = lookup->owners[i];
		party->seats[i].rrset = &rrsets[i];
		party->seats[i].link = party->policy->cache;
	}
	return 0;
}

static void
party_end(struct party *party)
{
	size_t i;

	for (i = 0; party->seats != NULL && i < party->lookup->n; i++)
		dance_seat_clear(&party->seats[i]);
	free(party->seats);
	free(party->asking);
	free(party->is_settled);
}

int
dance_policy_lookup(struct dance_policy *policy,
    const struct dance_lookup *lookup, struct dance_rrset *rrsets,
    struct dance_fault *fault)
{
	struct party party = { .policy = policy,
		.lookup = lookup,
		.fault = fault,
		.start_ms = dance_now_ms() };
	size_t i;
	int r;

	if (policy->cache == NULL || lookup->n == 0) {
		if ((r = party_resolver(&party)) != 0)
			return r;
		return dance_resolver_lookup(policy->resolver, lookup, rrsets);
	}
	if ((r = party_init(&party, rrsets)) == 0)
		r = party_run(&party);
	party_end(&party);
	for (i = 0; r != 0 && i < lookup->n; i++)
		dance_rrset_clear(&rrsets[i]);
	return r;
}
