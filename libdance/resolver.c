/* SPDX-License-Identifier: ISC */
/*
 * The race: every upstream has a libunbound context of its own, they start one
 * after the other, and for each name the first secure answer wins, data or
 * denial.  Bogus, insecure and failed ones count when nobody is left, so that
 * a broken resolver on the list costs time but no login.  Called by the
 * verdict; it decides nothing.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "resolver_internal.h"

#define HEAD_START_MS 250 /* what an upstream has before the next */

struct runner {
	struct ub_ctx *ctx;
	const char *name; /* of the upstream */
	bool is_dead;	  /* libunbound failed; not asked again */
};

struct dance_resolver {
	const struct dance_anchors *anchors;
	struct runner runners[DANCE_UPSTREAMS_MAX];
	size_t n_runners;
};

/* One name asked of one runner. */
struct query {
	struct race *race;
	struct runner *runner;
	size_t name;
	bool is_running;
	int id;
};

struct race {
	struct dance_resolver *resolver;
	const char *const *owners;
	struct dance_rrset *rrsets; /* the best so far */
	size_t n;
	struct query *queries; /* n for each runner */
	size_t n_started;
	int64_t next_start; /* of the next runner */
	int64_t deadline;
	struct dance_prime *prime;
	size_t n_prime;
	const struct dance_lookup *lookup;
	bool *is_settled; /* for lookup->is_enough() */
};

/* bogus before insecure before unknown */
static int
dnssec_rank(enum dance_dnssec dnssec)
{
	switch (dnssec) {
	case DANCE_DNSSEC_SECURE:
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
	} else if (best->dnssec == DANCE_DNSSEC_UNKNOWN &&
	    answer->dnssec == DANCE_DNSSEC_UNKNOWN)
		dance_why_add(best, "%s", answer->why);
	dance_rrset_clear(answer);
}

static void
query_done(void *arg, int err, struct ub_result *result)
{
	struct query *query = arg;
	struct dance_rrset answer;

	query->is_running = false;
	dance_result_read(err, result, query->runner->name, &answer);
	race_take(query->race, query->name, &answer);
	ub_resolve_free(result);
}

/* It outlives the race, so it must know nothing of it. */
static void
prime_done(void *arg, int err, struct ub_result *result)
{
	(void)arg;
	(void)err;
	ub_resolve_free(result);
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

/* Asks for all names that are not settled yet, and what goes with them. */
static void
race_start_next(struct race *race)
{
	struct runner *runner = &race->resolver->runners[race->n_started];
	struct query *queries = &race->queries[race->n_started * race->n];
	size_t i;

	race->n_started++;
	race->next_start = dance_now_ms() + HEAD_START_MS;
	if (runner->is_dead)
		return;
	for (i = 0; i < race->n; i++) {
		queries[i] = (struct query){ race, runner, i, false, 0 };
		if (race->rrsets[i].dnssec != DANCE_DNSSEC_SECURE)
			query_start(&queries[i]);
	}
	for (i = 0; i < race->n_prime; i++)
		(void)ub_resolve_async(runner->ctx, race->prime[i].zone,
		    race->prime[i].type, DANCE_DNS_CLASS_IN, NULL, prime_done,
		    NULL);
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

/* is_stuck: a name is open that no runner on the course can answer. */
static bool
race_is_over(const struct race *race, bool *ret_is_stuck)
{
	const struct dance_lookup *lookup = race->lookup;
	size_t i, n_settled = 0;

	*ret_is_stuck = false;
	for (i = 0; i < race->n; i++) {
		race->is_settled[i] =
		    race_name_is_settled(race, i, ret_is_stuck);
		if (race->is_settled[i])
			n_settled++;
	}
	if (n_settled == race->n)
		return true;
	return n_settled > 0 && lookup->is_enough != NULL &&
	    lookup->is_enough(race->is_settled, lookup->arg);
}

static void
runner_fail(struct race *race, size_t runner)
{
	struct query *queries = &race->queries[runner * race->n];
	size_t i;

	race->resolver->runners[runner].is_dead = true;
	for (i = 0; i < race->n; i++)
		if (queries[i].is_running)
			query_done(&queries[i], UB_PIPE, NULL);
}

static int
race_wait(struct race *race, int64_t until)
{
	struct pollfd fds[DANCE_UPSTREAMS_MAX];
	int64_t left = until - dance_now_ms();
	struct runner *runner;
	size_t i;

	for (i = 0; i < race->n_started; i++) {
		runner = &race->resolver->runners[i];
		fds[i].fd = runner->is_dead ? -1 : ub_fd(runner->ctx);
		fds[i].events = POLLIN;
		fds[i].revents = 0;
	}
	if (left < 0)
		left = 0;
	if (poll(fds, (nfds_t)race->n_started,
		left < INT_MAX ? (int)left : INT_MAX) == -1)
		return errno == EINTR ? 0 : DANCE_ERR_INTERNAL;
	for (i = 0; i < race->n_started; i++) {
		runner = &race->resolver->runners[i];
		if (fds[i].revents != 0 && ub_process(runner->ctx) != 0)
			runner_fail(race, i);
	}
	return 0;
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

/* What still runs is forgotten; the contexts may finish it in silence. */
static void
race_end(struct race *race)
{
	struct dance_rrset *rrset;
	struct query *query;
	size_t i;

	for (i = 0; i < race->n_started * race->n; i++) {
		query = &race->queries[i];
		if (!query->is_running)
			continue;
		(void)ub_cancel(query->runner->ctx, query->id);
		rrset = &race->rrsets[query->name];
		if (rrset->dnssec == DANCE_DNSSEC_UNKNOWN)
			dance_why_add(rrset, "%s: %s", query->runner->name,
			    dance_now_ms() < race->deadline
				? "was not waited for"
				: "no answer within the deadline");
	}
	for (i = 0; i < race->n; i++) {
		rrset = &race->rrsets[i];
		if (rrset->dnssec == DANCE_DNSSEC_UNKNOWN &&
		    rrset->why[0] == '\0')
			dance_why_add(rrset, "no time was left to ask");
	}
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
		.lookup = lookup };
	int r = DANCE_ERR_INTERNAL;

	for (i = 0; i < n; i++)
		rrsets[i] = (struct dance_rrset){ .source = "dns" };
	if (n == 0)
		return 0;
	race.is_settled = calloc(n, sizeof(*race.is_settled));
	race.queries = calloc(resolver->n_runners, n * sizeof(*race.queries));
	race.prime = calloc(DANCE_PRIME_MAX, sizeof(*race.prime));
	if (race.queries == NULL || race.prime == NULL ||
	    race.is_settled == NULL)
		goto out;
	race.n_prime = dance_prime_plan(
	    resolver->anchors, lookup->owners, n, race.prime, DANCE_PRIME_MAX);
	r = race_run(&race);
	race_end(&race);
out:
	for (i = 0; r != 0 && i < n; i++)
		dance_rrset_clear(&rrsets[i]);
	free(race.queries);
	free(race.prime);
	free(race.is_settled);
	return r;
}

int
dance_resolver_new(const struct dance_config *config,
    const struct dance_anchors *anchors, struct dance_resolver **ret,
    struct dance_fault *fault)
{
	struct dance_resolver *resolver;
	size_t i;
	int r = DANCE_ERR_INTERNAL;

	if (anchors == NULL || anchors->n == 0 || config->n_upstreams == 0 ||
	    config->n_upstreams > DANCE_UPSTREAMS_MAX) {
		dance_fault_set(fault, "%s",
		    anchors == NULL || anchors->n == 0
			? "trust-anchor: there is none"
			: "resolver: there is no server to ask");
		return DANCE_ERR_CONFIG;
	}
	if ((resolver = calloc(1, sizeof(*resolver))) == NULL)
		return DANCE_ERR_INTERNAL;
	resolver->anchors = anchors;
	for (i = 0; i < config->n_upstreams; i++) {
		struct runner *runner = &resolver->runners[i];

		runner->name = dance_upstream_name(&config->upstreams[i]);
		r = dance_context_new(config, anchors, &config->upstreams[i],
		    &runner->ctx, fault);
		if (r != 0)
			goto out;
		resolver->n_runners++;
	}

	*ret = resolver;
	resolver = NULL;
	r = 0;
out:
	dance_resolver_free(&resolver);
	return r;
}

void
dance_resolver_free(struct dance_resolver **resolver)
{
	size_t i;

	if (*resolver == NULL)
		return;
	for (i = 0; i < (*resolver)->n_runners; i++)
		ub_ctx_delete((*resolver)->runners[i].ctx);
	free(*resolver);
	*resolver = NULL;
}
