/* SPDX-License-Identifier: ISC */
/*
 * What the map says of an account, whichever identity comes.  Two walks, as for
 * a login: the first collects what leads to the account, the second applies the
 * "!" lines to that.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "map_index.h"

/* A way in that may be told apart from the others by what it means. */
struct lead {
	struct dance_pattern pattern; /* resolved: no "%u" */
	bool is_refused;
};

struct leads {
	const char *account;
	bool is_ordinary;
	time_t now;
	struct lead *list;
	size_t n;
	size_t size;
	size_t n_refused;
	size_t n_literal; /* lines, as the index counts them */
	bool is_flooded;  /* there are more than were collected */
	struct dance_map_word word;
};

static int
leads_add(struct leads *leads, const struct dance_pattern *pattern)
{
	struct lead *larger;
	size_t i, size;

	for (i = 0; i < leads->n; i++)
		if (strcmp(leads->list[i].pattern.text, pattern->text) == 0)
			return 0;
	if (leads->n == DANCE_INDEX_A_MAX - 1) {
		leads->is_flooded = true;
		return 0;
	}
	if (leads->n == leads->size) {
		size = leads->size == 0 ? 4 : leads->size * 2;
		larger = reallocarray(leads->list, size, sizeof(*larger));
		if (larger == NULL)
			return DANCE_ERR_INTERNAL;
		leads->list = larger;
		leads->size = size;
	}
	leads->list[leads->n++] = (struct lead){ *pattern, false };
	return 0;
}

/* A line that names the account, or may; one that has expired leads nowhere. */
static int
lead_visit(const struct dance_map_line *line, void *arg)
{
	struct leads *leads = arg;
	const struct dance_pattern *pattern = &line->pattern;
	bool is_literal = dance_pattern_is_literal(pattern);
	struct dance_pattern resolved;

	if (line->is_refusal) {
		if (!pattern->has_account &&
		    !(line->accounts_len == 1 && line->accounts[0] == '*') &&
		    dance_map_line_names(line, leads->account))
			leads->word.is_known = true;
		return 0;
	}
	if (!pattern->has_account &&
	    !dance_map_line_names(line, leads->account))
		return 0;
	if (is_literal && ++leads->n_literal >= DANCE_INDEX_A_MAX) {
		/* The index has no more, and does not say if there are. */
		leads->is_flooded = true;
		return 0;
	}
	if ((!is_literal && !leads->is_ordinary) ||
	    dance_pattern_resolve(pattern, leads->account, &resolved) != 0)
		return 0;
	leads->word.is_known = true;
	return dance_options_allow(line->options, line->options_len,
		   DANCE_USE_PROVEN, leads->now)
	    ? leads_add(leads, &resolved)
	    : 0;
}

static int
refusal_visit(const struct dance_map_line *line, void *arg)
{
	struct leads *leads = arg;
	size_t i;

	if (!line->is_refusal ||
	    (!line->pattern.has_account &&
		!dance_map_line_names(line, leads->account)))
		return 0;
	for (i = 0; i < leads->n; i++)
		if (!leads->list[i].is_refused &&
		    dance_pattern_covers(&line->pattern,
			&leads->list[i].pattern, leads->account)) {
			leads->list[i].is_refused = true;
			leads->n_refused++;
		}
	return 0;
}

static int
leads_find(
    const struct dance_map *map, struct leads *leads, struct dance_fault *fault)
{
	struct dance_map_pick pick = { .map = map };
	int r;

	dance_map_pick_account(&pick, leads->account, true);
	r = dance_map_pick_walk(&pick, lead_visit, leads, fault);
	dance_map_pick_clear(&pick);
	return r;
}

static int
leads_refuse(
    const struct dance_map *map, struct leads *leads, struct dance_fault *fault)
{
	struct dance_map_pick pick = { .map = map };
	size_t i;
	int r;

	for (i = 0; i < leads->n; i++)
		dance_map_pick_pattern(&pick, &leads->list[i].pattern);
	r = dance_map_pick_walk(&pick, refusal_visit, leads, fault);
	dance_map_pick_clear(&pick);
	return r;
}

int
dance_map_ask(const struct dance_map *map, const char *account,
    bool is_ordinary, struct dance_map_word *ret, struct dance_fault *fault)
{
	struct leads leads = { .account = account,
		.is_ordinary = is_ordinary,
		.now = time(NULL) };
	int r;

	if ((r = leads_find(map, &leads, fault)) != 0 ||
	    (leads.n > 0 && (r = leads_refuse(map, &leads, fault)) != 0))
		goto out;
	if (leads.is_flooded && leads.n == leads.n_refused) {
		dance_fault_set(fault,
		    "accounts map: account %s: the first %zu identities that "
		    "lead to it are refused, and there are too many to look at "
		    "the others",
		    account, leads.n);
		r = DANCE_ERR_CONFIG;
		goto out;
	}
	leads.word.is_admitted = leads.n > leads.n_refused;
	leads.word.is_denied = leads.n > 0 && leads.n == leads.n_refused;

	*ret = leads.word;
	r = 0;
out:
	free(leads.list);
	return r;
}

struct provision {
	const char *account;
	struct dance_map_provision found;
};

static int
provision_visit(const struct dance_map_line *line, void *arg)
{
	struct provision *provision = arg;
	const struct dance_pattern *pattern = &line->pattern;
	unsigned long uid;

	if (line->is_refusal ||
	    !dance_options_have(line->options, line->options_len, "provision"))
		return 0;
	if (pattern->has_account
		? !dance_pattern_admits(pattern, provision->account)
		: !dance_map_line_names(line, provision->account))
		return 0;
	provision->found.is_there = true;
	if (!pattern->has_account &&
	    dance_options_uid(line->options, line->options_len, &uid))
		provision->found.uid = uid;
	return 0;
}

int
dance_map_provisions(const struct dance_map *map, const char *account,
    struct dance_map_provision *ret, struct dance_fault *fault)
{
	struct provision provision = { .account = account };
	struct dance_map_pick pick = { .map = map };
	int r;

	dance_map_pick_account(&pick, account, true);
	r = dance_map_pick_walk(&pick, provision_visit, &provision, fault);
	dance_map_pick_clear(&pick);
	if (r != 0)
		return r;

	*ret = provision.found;
	return 0;
}
