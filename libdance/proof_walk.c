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
item_settle(struct dance_proof_walk *walk, struct dance_proof_item *item,
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
	item->is_unusable = d.credential == NULL;
	dance_decision_clear(&d);
	return r;
}

/*
 * When the next of n that are open has to be through.  Who is alone may have
 * all; else something is kept for the last pass.
 */
static int64_t
walk_share(const struct dance_proof_walk *walk, size_t n, bool keeps)
{
	int64_t now = dance_now_ms();
	int64_t left = walk->deadline_ms - now;

	return left <= 0 ? now : now + left / (int64_t)(keeps ? 2 * n : n);
}

static size_t
walk_count(const struct dance_proof_walk *walk)
{
	size_t i, n = 0;

	for (i = 0; i < walk->n; i++)
		n += walk->items[i].is_settled ? 0 : 1;
	return n;
}

/* The one that has settled it, let in or not; NULL if none has. */
static const struct dance_proof_item *
walk_run(struct dance_proof_walk *walk)
{
	struct dance_proof_item *item;
	size_t i, n_open;
	unsigned pass;
	bool keeps;

	for (pass = 0; pass < PASSES; pass++) {
		n_open = walk_count(walk);
		keeps = pass + 1 < PASSES && n_open > 1;
		for (i = 0; i < walk->n; i++) {
			item = &walk->items[i];
			if (item->is_settled)
				continue;
			if (item_settle(walk, item,
				walk_share(walk, n_open--, keeps)) == 0 ||
			    walk->is_over)
				return item;
		}
	}
	return NULL;
}

static unsigned
item_rank(const struct dance_proof_item *item)
{
	if (item->is_unusable && !dance_is_fault(item->result.verdict))
		return 0;
	return dance_reason_rank(item->result.verdict) + 1;
}

/* The refusal that got furthest; of equals the first. */
static const struct dance_proof_item *
walk_furthest(const struct dance_proof_walk *walk)
{
	const struct dance_proof_item *item, *furthest = NULL;
	size_t i;

	for (i = 0; i < walk->n; i++) {
		item = &walk->items[i];
		if (furthest == NULL || item_rank(item) > item_rank(furthest))
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
	const struct dance_proof_item *item;

	walk->deadline_ms = walk->proof->deadline_ms;
	if ((item = walk_run(walk)) == NULL)
		item = walk_furthest(walk);
	if (item == NULL) {
		dance_proof_refuse(
		    ret, walk->proof->policy, DANCE_ERR_BAD_CREDENTIAL);
		dance_fault_set(&ret->fault, "%s", none);
		return walk->n;
	}
	*ret = item->result;
	return ret->verdict == 0 ? (size_t)(item - walk->items) : walk->n;
}
