/* SPDX-License-Identifier: ISC */
/*
 * What was asked beside the names, and the proof that is made of it: the keys
 * that signed an answer, and those above them.  An answer of a key that did not
 * come, or was not secure, makes no proof.
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "answer_names.h"
#include "auth_chain.h"
#include "resolver_internal.h"

static void
side_keep(struct dance_side *side, const struct ub_result *result)
{
	struct dance_answer answer;
	size_t len;

	if (!result->secure || result->bogus || result->answer_len <= 0 ||
	    result->ttl < 0 || side->packet != NULL)
		return;
	len = (size_t)result->answer_len;
	if (dance_answer_read(result->answer_packet, len, &answer) != 0 ||
	    answer.is_odd || answer.expires == 0 ||
	    (side->packet = malloc(len)) == NULL)
		return;
	memcpy(side->packet, result->answer_packet, len);
	side->packet_len = len;
	side->valid_until =
	    dance_answer_valid_until(&answer, result->ttl, time(NULL));
	side->signed_until = answer.expires;
}

/* It outlives the race, so it must know nothing of it. */
static void
side_done(void *arg, int err, struct ub_result *result)
{
	struct dance_side *side = arg;

	if (side != NULL) {
		side->n_running--;
		if (err == 0 && result != NULL)
			side_keep(side, result);
	}
	ub_resolve_free(result);
}

struct dance_side *
dance_side_find(struct dance_sides *sides, const char *name, int type)
{
	size_t i;

	for (i = 0; i < sides->n; i++)
		if (sides->list[i].type == type &&
		    strcmp(sides->list[i].name, name) == 0)
			return &sides->list[i];
	return NULL;
}

static struct dance_side *
side_add(struct dance_sides *sides, const char *name, int type)
{
	struct dance_side *side;

	if (sides->n == sizeof(sides->list) / sizeof(sides->list[0]) ||
	    strlen(name) >= sizeof(side->name))
		return NULL;
	side = &sides->list[sides->n++];
	memcpy(side->name, name, strlen(name) + 1);
	side->type = type;
	return side;
}

void
dance_side_ask(struct dance_sides *sides, const struct dance_runner *runner,
    const char *name, int type)
{
	struct dance_side *side = dance_side_find(sides, name, type);

	if (side == NULL)
		side = side_add(sides, name, type);
	if (side != NULL)
		side->n_running++;
	if (ub_resolve_async(runner->ctx, name, type, DANCE_DNS_CLASS_IN, side,
		side_done, NULL) != 0 &&
	    side != NULL)
		side->n_running--;
}

void
dance_sides_renew(struct dance_sides *sides, const struct dance_runner *runner)
{
	struct dance_side *side;
	size_t i;

	for (i = 0; i < sides->n; i++) {
		side = &sides->list[i];
		if (side->packet == NULL || side->type == DANCE_DNS_TYPE_TLSA)
			continue;
		free(side->packet);
		side->packet = NULL;
		dance_side_ask(sides, runner, side->name, side->type);
	}
}

void
dance_sides_clear(struct dance_sides *sides)
{
	size_t i;

	for (i = 0; i < sides->n; i++)
		free(sides->list[i].packet);
	memset(sides, 0, sizeof(*sides));
}

/* What a proof is made of. */
struct plan {
	struct dance_answer_names names;
	struct dance_prime list[DANCE_PROOF_MAX];
	size_t n;
};

static int
plan_make(const struct dance_anchors *anchors, const struct dance_rrset *rrset,
    struct plan *plan)
{
	/* One less: the answer itself comes first.  A full list is too long. */
	const size_t max = sizeof(plan->list) / sizeof(plan->list[0]) - 1;
	size_t i;
	int r;

	r = dance_answer_read_names(
	    rrset->packet, rrset->packet_len, &plan->names);
	if (r != 0)
		return DANCE_ERR_DNS_FAILURE;
	for (i = 0; i < plan->names.n_signers; i++)
		plan->n = dance_prime_add_zone(
		    anchors, plan->names.signers[i], plan->list, plan->n, max);
	for (i = 0; i < plan->names.n_aliases && plan->n < max; i++)
		plan->list[plan->n++] =
		    (struct dance_prime){ plan->names.aliases[i],
			    DANCE_DNS_TYPE_TLSA };
	return plan->n > 0 && plan->n < max ? 0 : DANCE_ERR_DNS_FAILURE;
}

/* Those that nobody has answered or is to answer. */
static void
plan_ask(struct dance_resolver *resolver, const struct plan *plan)
{
	const struct dance_runner *runner =
	    &resolver->runners[resolver->winner];
	const struct dance_prime *prime;
	const struct dance_side *side;
	size_t i;

	for (i = 0; !runner->is_dead && i < plan->n; i++) {
		prime = &plan->list[i];
		side =
		    dance_side_find(&resolver->sides, prime->zone, prime->type);
		if (side == NULL ||
		    (side->packet == NULL && side->n_running == 0))
			dance_side_ask(
			    &resolver->sides, runner, prime->zone, prime->type);
	}
}

/* Are all there?  With *ret_is_lost one of them can't come any more. */
static bool
plan_is_whole(
    struct dance_resolver *resolver, const struct plan *plan, bool *ret_is_lost)
{
	const struct dance_side *side;
	bool is_whole = true;
	size_t i;

	*ret_is_lost = false;
	for (i = 0; i < plan->n; i++) {
		side = dance_side_find(
		    &resolver->sides, plan->list[i].zone, plan->list[i].type);
		if (side != NULL && side->packet != NULL)
			continue;
		is_whole = false;
		if (side == NULL || side->n_running == 0)
			*ret_is_lost = true;
	}
	return is_whole;
}

static void
time_lower(time_t *time, time_t other)
{
	if (other < *time)
		*time = other;
}

static int
plan_fill(struct dance_resolver *resolver, const struct plan *plan,
    const char *owner, const struct dance_rrset *rrset,
    struct dance_proof_set *ret)
{
	const struct dance_side *side;
	struct dance_answer answer;
	size_t i;

	if (dance_answer_read(rrset->packet, rrset->packet_len, &answer) != 0 ||
	    answer.expires == 0)
		return DANCE_ERR_DNS_FAILURE;
	ret->valid_until = rrset->valid_until;
	ret->signed_until = answer.expires;
	ret->list[0] = (struct dance_signed_answer){ owner, DANCE_DNS_TYPE_TLSA,
		{ rrset->packet, rrset->packet_len } };
	ret->n = 1;
	for (i = 0; i < plan->n; i++) {
		side = dance_side_find(
		    &resolver->sides, plan->list[i].zone, plan->list[i].type);
		if (side == NULL)
			return DANCE_ERR_INTERNAL;
		time_lower(&ret->valid_until, side->valid_until);
		time_lower(&ret->signed_until, side->signed_until);
		ret->list[ret->n++] = (struct dance_signed_answer){ side->name,
			(uint16_t)side->type,
			{ side->packet, side->packet_len } };
	}
	return 0;
}

int
dance_resolver_prove(struct dance_resolver *resolver, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    struct dance_proof_set *ret)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	bool is_lost;
	int r;

	if (plan == NULL)
		return DANCE_ERR_INTERNAL;
	if ((r = plan_make(resolver->anchors, rrset, plan)) != 0)
		goto out;
	plan_ask(resolver, plan);
	while (!plan_is_whole(resolver, plan, &is_lost)) {
		r = DANCE_ERR_DNS_FAILURE;
		if (is_lost || dance_now_ms() >= deadline_ms)
			goto out;
		r = dance_runners_wait(
		    resolver, resolver->n_runners, deadline_ms);
		if (r != 0)
			goto out;
	}
	r = plan_fill(resolver, plan, owner, rrset, ret);
out:
	free(plan);
	return r;
}

static struct dance_bytes
path_find(const void *arg, const char *name, uint16_t type)
{
	const struct dance_sides *sides = arg;
	const struct dance_side *side;
	size_t i;

	for (i = 0; i < sides->n; i++) {
		side = &sides->list[i];
		if (side->type == type && strcmp(side->name, name) == 0 &&
		    side->packet != NULL)
			return (struct dance_bytes){ side->packet,
				side->packet_len };
	}
	return (struct dance_bytes){ NULL, 0 };
}

static int
path_walk(struct dance_resolver *resolver, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    struct dance_auth_path *ret)
{
	const struct dance_auth_question question = {
		.anchors = resolver->anchors,
		.min_rsa = resolver->min_rsa,
		.owner = owner,
		.packet = { rrset->packet, rrset->packet_len },
		.deadline_ms = deadline_ms,
		.find = path_find,
		.arg = &resolver->sides,
	};

	return dance_auth_chain_walk(&question, ret);
}

static bool
side_is_awaited(const struct dance_side *side)
{
	return side != NULL && side->packet == NULL && side->n_running > 0;
}

/*
 * An answer that is missing and still to come, or NULL.  It is asked for where
 * nobody was, but no second time: who has failed would fail again.
 */
static const struct dance_side *
path_await(struct dance_resolver *resolver, const struct dance_runner *runner,
    const struct dance_auth_path *path)
{
	struct dance_sides *sides = &resolver->sides;
	const struct dance_side *side;

	if (path->missing[0] == '\0')
		return NULL;
	side = dance_side_find(sides, path->missing, path->missing_type);
	if (side == NULL && !runner->is_dead) {
		dance_side_ask(
		    sides, runner, path->missing, path->missing_type);
		side =
		    dance_side_find(sides, path->missing, path->missing_type);
	}
	return side_is_awaited(side) ? side : NULL;
}

int
dance_resolver_weigh(struct dance_resolver *resolver,
    const struct dance_runner *runner, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    const struct dance_side **awaited, char ret_why[DANCE_WHY_MAX])
{
	struct dance_auth_path *path;
	int r;

	if (side_is_awaited(*awaited))
		return DANCE_ERR_FORMAT;
	if ((path = malloc(sizeof(*path))) == NULL)
		return DANCE_ERR_INTERNAL;
	r = path_walk(resolver, owner, rrset, deadline_ms, path);
	*awaited = r == DANCE_ERR_DNS_FAILURE
	    ? path_await(resolver, runner, path)
	    : NULL;
	if (*awaited != NULL)
		r = DANCE_ERR_FORMAT;
	if (r != DANCE_ERR_INTERNAL)
		memcpy(ret_why, path->why, DANCE_WHY_MAX);
	free(path);
	return r;
}

int
dance_resolver_path(struct dance_resolver *resolver, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    struct dance_auth_path *ret)
{
	const struct dance_runner *runner =
	    &resolver->runners[resolver->winner];
	int r;

	while ((r = path_walk(resolver, owner, rrset, deadline_ms, ret)) ==
		DANCE_ERR_DNS_FAILURE &&
	    path_await(resolver, runner, ret) != NULL &&
	    dance_now_ms() < deadline_ms)
		if (dance_runners_wait(
			resolver, resolver->n_runners, deadline_ms) != 0)
			return DANCE_ERR_INTERNAL;
	return r;
}
