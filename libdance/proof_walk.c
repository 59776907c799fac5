/* SPDX-License-Identifier: ISC */
/*
 * A name whose servers are silent must not use up the time of the credentials
 * behind it: so each has a share, and those that it was too short for are
 * looked at once more at the end.
 */
#include <string.h>
#include <time.h>

#include "ask.h"
#include "proof_walk.h"
#include "resolver.h"

#define PASSES 2

static int
item_settle(const struct dance_proof_walk *walk, struct dance_proof_item *item,
    int64_t deadline_ms)
{
	struct dance_policy *policy = walk->proof->policy;
	struct dance_result *result = &item->result;
	struct dance_decision d;
	int r;

	memset(result, 0, sizeof(*result));
	dance_decide(policy, &item->offer, time(NULL), deadline_ms, &d);
	dance_result_fill(result, policy, &d);
	r = d.verdict;
	if (r == 0 && walk->prove != NULL)
		r = walk->prove(item, &d, walk->arg, &result->fault);
	if (r != 0)
		result->has_record = 0;
	result->verdict = r;
	item->is_settled = r != DANCE_ERR_DNS_FAILURE;
	dance_decision_clear(&d);
	return r;
}

/* When the next of n that are open has to be through. */
static int64_t
walk_share(const struct dance_proof_walk *walk, size_t n, unsigned pass)
{
	int64_t now = dance_now_ms();
	int64_t left = walk->proof->deadline_ms - now;

	/* Alone it may have all; else something is kept for the last pass. */
	if (n > 1 && pass + 1 < PASSES)
		n *= 2;
	return left <= 0 ? now : now + left / (int64_t)n;
}

/* The first that is let in and proved, or NULL. */
static const struct dance_proof_item *
walk_run(struct dance_proof_walk *walk)
{
	struct dance_proof_item *item;
	size_t i, n_open = 0;
	unsigned pass;

	for (pass = 0; pass < PASSES; pass++) {
		n_open = pass == 0 ? walk->n : n_open;
		for (i = 0; i < walk->n; i++) {
			item = &walk->items[i];
			if (item->is_settled)
				continue;
			if (item_settle(walk, item,
				walk_share(walk, n_open--, pass)) == 0)
				return item;
		}
		for (i = 0, n_open = 0; i < walk->n; i++)
			n_open += walk->items[i].is_settled ? 0 : 1;
	}
	return NULL;
}

/* The refusal that got furthest; of equals the first. */
static const struct dance_proof_item *
walk_furthest(const struct dance_proof_walk *walk)
{
	const struct dance_proof_item *item, *furthest = NULL;
	size_t i;

	for (i = 0; i < walk->n; i++) {
		item = &walk->items[i];
		if (furthest == NULL ||
		    dance_reason_rank(item->result.verdict) >
			dance_reason_rank(furthest->result.verdict))
			furthest = item;
	}
	return furthest;
}

void
dance_proof_refuse(
    struct dance_result *ret, const struct dance_policy *policy, int reason)
{
	memset(ret, 0, sizeof(*ret));
	ret->verdict = reason;
	memcpy(ret->account, policy->account, sizeof(ret->account));
}

size_t
dance_proof_walk(
    struct dance_proof_walk *walk, const char *none, struct dance_result *ret)
{
	const struct dance_proof_item *item = walk_run(walk);

	if (item != NULL) {
		*ret = item->result;
		return (size_t)(item - walk->items);
	}
	if ((item = walk_furthest(walk)) != NULL)
		*ret = item->result;
	else {
		dance_proof_refuse(
		    ret, walk->proof->policy, DANCE_ERR_BAD_CREDENTIAL);
		dance_fault_set(&ret->fault, "%s", none);
	}
	return walk->n;
}
