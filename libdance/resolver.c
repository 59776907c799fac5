/* SPDX-License-Identifier: ISC */
/*
 * The race: every upstream has a libunbound context of its own, they start one
 * after the other, and for each name the first secure answer wins, data or
 * denial.  Bogus, insecure and failed ones count when nobody is left, so that
 * a broken resolver on the list costs time but no login.  It decides nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver_internal.h"

#define HEAD_START_MS 250 /* what an upstream has before the next, at most */
#define REACH_MS      100 /* without an answer: is it for want of a network? */

/* One name asked of one runner. */
struct query {
	struct race *race;
	struct dance_runner *runner;
	size_t name;
	bool is_running;
	bool has_erred; /* here, not at the server */
	int id;
	/* Secure data whose keys are not weighed yet; owned.  It runs on. */
	struct dance_rrset *held;
	const struct dance_side *awaited; /* that it waits for */
	bool was_renewed; /* once the keys were asked for anew */
};

struct race {
	struct dance_resolver *resolver;
	const char *const *owners;
	struct dance_rrset *rrsets; /* the best so far */
	size_t n;
	struct query *queries; /* n for each runner */
	size_t n_started;
	int64_t head_start; /* of each runner before the next: ms */
	int64_t next_start; /* of the next runner */
	int64_t deadline;
	int64_t start;
	struct dance_prime *prime;
	size_t n_prime;
	const struct dance_lookup *lookup;
	bool *is_settled; /* for lookup->is_enough() */
};

/* weak before bogus before insecure before unknown */
static int
dnssec_rank(enum dance_dnssec dnssec)
{
	switch (dnssec) {
	case DANCE_DNSSEC_SECURE:
		return 4;
	case DANCE_DNSSEC_WEAK:
		return 3;
	case DANCE_DNSSEC_BOGUS:
		return 2;
	case DANCE_DNSSEC_INSECURE:
		return 1;
	default:
		return 0;
	}
}

static void
race_take(struct race *race, size_t name, struct dance_rrset *answer)
{
	struct dance_rrset *best = &race->rrsets[name];

	if (dnssec_rank(answer->dnssec) > dnssec_rank(best->dnssec)) {
		dance_rrset_clear(best);
		*best = *answer;
		answer->rdata = NULL;
		answer->packet = NULL;
	} else if (best->dnssec == DANCE_DNSSEC_UNKNOWN &&
	    answer->dnssec == DANCE_DNSSEC_UNKNOWN)
		dance_why_add(best, "%s", answer->why);
	dance_rrset_clear(answer);
}

static void
query_take(struct query *query, struct dance_rrset *answer)
{
	query->is_running = false;
	if (answer->dnssec == DANCE_DNSSEC_SECURE)
		query->race->resolver->winner =
		    (size_t)(query->runner - query->race->resolver->runners);
	race_take(query->race, query->name, answer);
}

/* No answer that could be believed, though there was one. */
static void
query_fail(struct query *query, struct dance_rrset *answer, const char *why)
{
	dance_rrset_clear(answer);
	answer->source = "dns";
	dance_why_add(answer, "%s: %s", query->runner->name, why);
	query->has_erred = true;
	query_take(query, answer);
}

static void
query_done(void *arg, int err, struct ub_result *result)
{
	struct query *query = arg;
	struct dance_rrset answer;

	query->has_erred = err != 0;
	dance_result_read(err, result, query->runner->name, &answer);
	if (answer.dnssec != DANCE_DNSSEC_SECURE || answer.is_denied)
		query_take(query, &answer);
	else if ((query->held = malloc(sizeof(answer))) == NULL)
		query_fail(query, &answer, "no memory for the answer");
	else
		*query->held = answer;
	ub_resolve_free(result);
}

/* What is held goes, with or without a verdict; the keys are in, or late. */
static void
query_release(struct query *query, int error, const char *why)
{
	struct dance_rrset answer = *query->held;

	free(query->held);
	query->held = NULL;
	if (error == DANCE_ERR_WEAK_DNSSEC)
		dance_result_set_weak(&answer, query->runner->name, why);
	else if (error != 0) {
		query_fail(query, &answer, why);
		return;
	}
	query_take(query, &answer);
}

/* Weigh what is held, as far as its keys have come. */
static void
query_weigh(struct query *query)
{
	struct race *race = query->race;
	char why[DANCE_WHY_MAX] = "no memory to look at its keys";
	int r;

	r = dance_resolver_weigh(race->resolver, query->runner,
	    race->owners[query->name], query->held, race->deadline,
	    &query->awaited, why);
	if (r == DANCE_ERR_DNS_FAILURE && !query->was_renewed &&
	    race->n_started > 1) {
		query->was_renewed = true;
		dance_sides_renew(&race->resolver->sides, query->runner);
		return;
	}
	if (r != DANCE_ERR_FORMAT)
		query_release(query, r, why);
}

static void
query_start(struct query *query)
{
	struct race *race = query->race;
	int err;

	err = ub_resolve_async(query->runner->ctx, race->owners[query->name],
	    DANCE_DNS_TYPE_TLSA, DANCE_DNS_CLASS_IN, query, query_done,
	    &query->id);
	query->is_running = err == 0;
	if (err != 0)
		query_done(query, err, NULL);
}

static bool
race_name_is_asked(const struct race *race, size_t name)
{
	return race->lookup->asking == NULL ||
	    race->lookup->asking[name] == DANCE_ASK;
}

/* Asks for all names that are not settled yet, and what goes with them. */
static void
race_start_next(struct race *race)
{
	struct dance_resolver *resolver = race->resolver;
	struct dance_runner *runner = &resolver->runners[race->n_started];
	struct query *queries = &race->queries[race->n_started * race->n];
	size_t i;

	race->n_started++;
	race->next_start = dance_now_ms() + race->head_start;
	if (runner->is_dead)
		return;
	for (i = 0; i < race->n; i++) {
		queries[i] =
		    (struct query){ .race = race, .runner = runner, .name = i };
		if (race_name_is_asked(race, i) &&
		    race->rrsets[i].dnssec != DANCE_DNSSEC_SECURE)
			query_start(&queries[i]);
	}
	for (i = 0; i < race->n_prime; i++)
		dance_side_ask(&resolver->sides, runner, race->prime[i].zone,
		    race->prime[i].type);
}

static bool
race_name_is_running(const struct race *race, size_t name)
{
	size_t i;

	for (i = 0; i < race->n_started; i++)
		if (race->queries[i * race->n + name].is_running)
			return true;
	return false;
}

/* Secure, or with nobody left who could say something better. */
static bool
race_name_is_settled(const struct race *race, size_t name, bool *ret_is_stuck)
{
	bool is_last = race->n_started == race->resolver->n_runners;

	if (race->rrsets[name].dnssec == DANCE_DNSSEC_SECURE)
		return true;
	if (race_name_is_running(race, name))
		return false;
	*ret_is_stuck = true;
	return is_last;
}

/* Is what is settled enough for the caller, whatever is open? */
static bool
race_is_enough(const struct race *race)
{
	const struct dance_lookup *lookup = race->lookup;
	size_t i, n_settled = 0;

	for (i = 0; i < race->n; i++)
		if (race->is_settled[i])
			n_settled++;
	return n_settled > 0 && lookup->is_enough != NULL &&
	    lookup->is_enough(race->is_settled, lookup->arg);
}

/* is_stuck: a name is open that no runner on the course can answer. */
static bool
race_is_over(const struct race *race, bool *ret_is_stuck)
{
	const struct dance_lookup *lookup = race->lookup;
	size_t i, n_open = 0;

	*ret_is_stuck = false;
	for (i = 0; i < race->n; i++) {
		if (!race_name_is_asked(race, i)) {
			race->is_settled[i] =
			    lookup->asking[i] == DANCE_ASK_SETTLED;
			continue;
		}
		race->is_settled[i] =
		    race_name_is_settled(race, i, ret_is_stuck);
		if (!race->is_settled[i])
			n_open++;
	}
	return n_open == 0 || race_is_enough(race);
}

/* What was asked of a runner that is dead has no answer. */
static void
race_bury(struct race *race)
{
	struct query *query;
	size_t i;

	for (i = 0; i < race->n_started * race->n; i++) {
		query = &race->queries[i];
		if (!query->is_running || !query->runner->is_dead)
			continue;
		if (query->held != NULL)
			query_release(
			    query, DANCE_ERR_DNS_FAILURE, ub_strerror(UB_PIPE));
		else
			query_done(query, UB_PIPE, NULL);
	}
}

/* Not in libunbound's callbacks: it may ask for more. */
static void
race_weigh(struct race *race)
{
	size_t i;

	for (i = 0; i < race->n_started * race->n; i++)
		if (race->queries[i].held != NULL)
			query_weigh(&race->queries[i]);
}

static int
race_wait(struct race *race, int64_t until)
{
	int r = dance_runners_wait(race->resolver, race->n_started, until);

	if (r == 0) {
		race_bury(race);
		race_weigh(race);
	}
	return r;
}

static void
race_reach(struct race *race)
{
	struct dance_resolver *resolver = race->resolver;

	if (resolver->reach.n > 0)
		return;
	dance_reach_open(&resolver->reach, resolver->config);
	resolver->reach_ms = resolver->awake_ms;
}

static int
race_run(struct race *race)
{
	bool has_next, is_stuck;
	int64_t now, until;
	int r;

	while (!race_is_over(race, &is_stuck)) {
		if ((now = dance_now_ms()) >= race->deadline)
			break;
		if (now - race->start >= REACH_MS)
			race_reach(race);
		has_next = race->n_started < race->resolver->n_runners;
		if (has_next && (is_stuck || now >= race->next_start)) {
			race_start_next(race);
			continue;
		}
		until = race->deadline;
		if (has_next && race->next_start < until)
			until = race->next_start;
		if ((r = race_wait(race, until)) != 0)
			return r;
	}
	return 0;
}

/*
 * Of a name that is unknown: were all servers asked, by a process that could
 * send to them?  What goes wrong on this host says nothing of them.
 * *ret_is_answered: each of them has answered something.
 */
static bool
race_name_is_reached(
    const struct race *race, size_t name, bool *ret_is_answered)
{
	const struct dance_resolver *resolver = race->resolver;
	enum dance_reach_state state;
	const struct query *query;
	size_t i;
	int error;

	*ret_is_answered = true;
	if (resolver->was_asleep || race->n_started < resolver->n_runners)
		return false;
	for (i = 0; i < race->n_started; i++) {
		query = &race->queries[i * race->n + name];
		if (query->has_erred || resolver->runners[i].is_dead)
			return false;
		state = dance_reach_state(
		    &resolver->reach, i, race->owners[name], &error);
		if (state == DANCE_REACH_FAILED)
			return false;
		if (state != DANCE_REACH_ANSWERED)
			*ret_is_answered = false;
	}
	return true;
}

/* And have they said nothing of use, or nothing at all for long? */
static bool
race_name_has_failed(const struct race *race, size_t name)
{
	bool is_answered;

	if (!race_name_is_reached(race, name, &is_answered))
		return false;
	if (is_answered && race->lookup->failure != DANCE_FAILURE_SILENCE &&
	    !race_name_is_running(race, name))
		return true;
	return dance_silence_is_long(race->resolver, race->owners[name]);
}

/* Will it soon be known of an unknown name whether its servers have failed? */
static bool
race_is_doubtful(const struct race *race)
{
	bool is_answered;
	size_t i;

	for (i = 0; i < race->n; i++)
		if (race_name_is_asked(race, i) &&
		    race->rrsets[i].dnssec == DANCE_DNSSEC_UNKNOWN &&
		    race_name_is_reached(race, i, &is_answered) &&
		    !race_name_has_failed(race, i))
			return true;
	return false;
}

static bool
race_has_unknown(const struct race *race)
{
	size_t i;

	for (i = 0; i < race->n; i++)
		if (race_name_is_asked(race, i) &&
		    race->rrsets[i].dnssec == DANCE_DNSSEC_UNKNOWN)
			return true;
	return false;
}

/*
 * Names whose servers have said nothing of use, at once perhaps: that is their
 * word only if this process can reach them at all.
 */
static int
race_confirm(struct race *race)
{
	bool is_stuck;
	int r;

	if (dance_now_ms() >= race->deadline || !race_has_unknown(race) ||
	    (race_is_over(race, &is_stuck) && race_is_enough(race)))
		return 0;
	race_reach(race);
	dance_reach_look(&race->resolver->reach);
	while (dance_now_ms() < race->deadline && race_is_doubtful(race)) {
		if ((r = race_wait(race, race->deadline)) != 0)
			return r;
		dance_reach_look(&race->resolver->reach);
	}
	return 0;
}

/* Why an unknown name could not even be asked for. */
static void
race_tell_reach(struct race *race, size_t name)
{
	const struct dance_resolver *resolver = race->resolver;
	size_t i;
	int error;

	for (i = 0; i < race->n_started && resolver->reach.n > 0; i++)
		if (dance_reach_state(&resolver->reach, i, race->owners[name],
			&error) == DANCE_REACH_FAILED &&
		    error != 0)
			dance_why_add(&race->rrsets[name],
			    "%s: nothing can be sent from here: %s",
			    resolver->runners[i].name, strerror(error));
}

static void
race_end_name(struct race *race, size_t name)
{
	struct dance_rrset *rrset = &race->rrsets[name];

	if (rrset->dnssec == DANCE_DNSSEC_UNKNOWN) {
		rrset->has_failed = race_name_has_failed(race, name);
		race_tell_reach(race, name);
	} else
		dance_silence_end(race->resolver, race->owners[name]);
}

/* What came without its keys: there was no silence, and there is no answer. */
static void
race_release(struct race *race)
{
	size_t i;

	for (i = 0; i < race->n_started * race->n; i++)
		if (race->queries[i].held != NULL)
			query_release(&race->queries[i], DANCE_ERR_DNS_FAILURE,
			    "the keys that prove the answer did not come in "
			    "time");
}

/* What still runs is forgotten; the contexts may finish it in silence. */
static void
race_end(struct race *race)
{
	int64_t now = dance_now_ms();
	struct dance_rrset *rrset;
	struct query *query;
	size_t i;

	race_release(race);
	dance_reach_look(&race->resolver->reach);
	for (i = 0; i < race->n; i++)
		if (race_name_is_asked(race, i))
			race_end_name(race, i);
	for (i = 0; i < race->n_started * race->n; i++) {
		query = &race->queries[i];
		if (!query->is_running)
			continue;
		(void)ub_cancel(query->runner->ctx, query->id);
		rrset = &race->rrsets[query->name];
		if (rrset->dnssec == DANCE_DNSSEC_UNKNOWN)
			dance_why_add(rrset, "%s: %s", query->runner->name,
			    now < race->deadline
				? "was not waited for"
				: "no answer within the deadline");
	}
	for (i = 0; i < race->n; i++) {
		rrset = &race->rrsets[i];
		if (race_name_is_asked(race, i) &&
		    rrset->dnssec == DANCE_DNSSEC_UNKNOWN &&
		    rrset->why[0] == '\0')
			dance_why_add(rrset, "no time was left to ask");
	}
}

/* Keys for the names that are asked for, and for no others. */
static int
race_plan(struct race *race)
{
	const char **owners = calloc(race->n, sizeof(*owners));
	size_t i, n = 0;

	race->prime = calloc(DANCE_PRIME_MAX, sizeof(*race->prime));
	if (owners == NULL || race->prime == NULL) {
		free(owners);
		return DANCE_ERR_INTERNAL;
	}
	for (i = 0; i < race->n; i++)
		if (race_name_is_asked(race, i))
			owners[n++] = race->owners[i];
	race->n_prime = dance_prime_plan(
	    race->resolver->anchors, owners, n, race->prime, DANCE_PRIME_MAX);
	free(owners);
	return 0;
}

/* In a short race all of them start by half of it. */
static void
race_pace(struct race *race)
{
	int64_t left = race->deadline - dance_now_ms();

	race->head_start = left / (2 * (int64_t)race->resolver->n_runners);
	if (race->head_start > HEAD_START_MS)
		race->head_start = HEAD_START_MS;
}

int
dance_resolver_lookup(struct dance_resolver *resolver,
    const struct dance_lookup *lookup, struct dance_rrset *rrsets)
{
	size_t i, n = lookup->n;
	struct race race = { .resolver = resolver,
		.owners = lookup->owners,
		.rrsets = rrsets,
		.n = n,
		.deadline = lookup->deadline_ms,
		.start = dance_now_ms(),
		.lookup = lookup };
	int r = DANCE_ERR_INTERNAL;

	for (i = 0; i < n; i++)
		if (race_name_is_asked(&race, i))
			rrsets[i] = (struct dance_rrset){ .source = "dns" };
	if (n == 0)
		return 0;
	race.is_settled = calloc(n, sizeof(*race.is_settled));
	race.queries = calloc(resolver->n_runners, n * sizeof(*race.queries));
	if (race.queries == NULL || race.is_settled == NULL ||
	    (r = race_plan(&race)) != 0)
		goto out;
	for (i = 0; i < n; i++)
		if (race_name_is_asked(&race, i))
			dance_silence_begin(resolver, race.owners[i]);
	resolver->was_asleep = false;
	race_pace(&race);
	r = race_run(&race);
	if (r == 0)
		r = race_confirm(&race);
	race_end(&race);
out:
	for (i = 0; r != 0 && i < n; i++)
		if (race_name_is_asked(&race, i))
			dance_rrset_clear(&rrsets[i]);
	free(race.queries);
	free(race.prime);
	free(race.is_settled);
	return r;
}
