/* SPDX-License-Identifier: ISC */
/*
 * What the map says of a login.  Two walks: the first collects the lines that
 * let in, the second applies every "!" line to what was found, wherever it
 * stands.
 */
#include <stdlib.h>
#include <string.h>

#include "map_index.h"

/* Beyond this the "!" lines are not asked: it is too many either way. */
#define FOUND_MAX 1024

struct claim {
	const struct dance_identity *identity;
	size_t index;
};

struct find {
	const struct dance_map_query *query;
	struct claim *claims; /* by name */
	struct dance_map_matches found;
	size_t size;	  /* of found.list */
	size_t n_literal; /* lines for a bare key */
	bool is_flooded;
};

struct find_account {
	const struct dance_identity *id;
	char *account;
	size_t n;
};

static int
claim_order(const void *a, const void *b)
{
	const struct claim *left = a, *right = b;

	return strcmp(left->identity->text, right->identity->text);
}

/* Claims by name, so that a map of a million lines is not slow with them. */
static int
find_sort_claims(struct find *find)
{
	const struct dance_map_query *query = find->query;
	size_t i;

	if (query->claims == NULL || query->n_claims == 0)
		return 0;
	find->claims = calloc(query->n_claims, sizeof(*find->claims));
	if (find->claims == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < query->n_claims; i++)
		find->claims[i] = (struct claim){ &query->claims[i], i };
	qsort(
	    find->claims, query->n_claims, sizeof(*find->claims), claim_order);
	return 0;
}

static int
find_add(struct find *find, const struct dance_map_line *line,
    const struct dance_identity *id, size_t claim)
{
	struct dance_map_matches *found = &find->found;
	struct dance_map_match *larger;
	size_t i, size;

	if (find->is_flooded)
		return 0;
	for (i = 0; i < found->n; i++)
		if (strcmp(found->list[i].identity.text, id->text) == 0)
			return 0;
	if (found->n == FOUND_MAX) {
		find->is_flooded = true;
		return 0;
	}
	if (found->n == find->size) {
		size = find->size == 0 ? 8 : find->size * 2;
		larger = reallocarray(found->list, size, sizeof(*larger));
		if (larger == NULL)
			return DANCE_ERR_INTERNAL;
		found->list = larger;
		find->size = size;
	}
	found->list[found->n++] = (struct dance_map_match){
		.identity = *id,
		.claim = claim,
		.file = line->file,
		.number = line->number,
		.options = line->options,
		.options_len = line->options_len,
	};
	return 0;
}

/* A literal line: the claim of that name, by its place in the order. */
static int
find_literal(struct find *find, const struct dance_map_line *line,
    const struct dance_identity *id)
{
	struct claim key = { id, 0 }, *claim;

	if (find->query->claims == NULL)
		return find_add(find, line, id, 0);
	if (find->query->n_claims == 0)
		return 0;
	claim = bsearch(&key, find->claims, find->query->n_claims,
	    sizeof(*find->claims), claim_order);
	return claim == NULL ? 0 : find_add(find, line, id, claim->index);
}

static int
find_stars(struct find *find, const struct dance_map_line *line)
{
	const struct dance_map_query *query = find->query;
	size_t i;
	int r;

	for (i = 0; i < query->n_claims; i++)
		if (dance_pattern_matches(
			&line->pattern, &query->claims[i], query->account) &&
		    (r = find_add(find, line, &query->claims[i], i)) != 0)
			return r;
	return 0;
}

/* A line in force for the account; "*" lines need a claim. */
static int
find_visit(const struct dance_map_line *line, void *arg)
{
	struct find *find = arg;
	const struct dance_map_query *query = find->query;
	const struct dance_pattern *pattern = &line->pattern;
	struct dance_identity id;
	size_t before = find->found.n;
	int r;

	if (line->is_refusal)
		return 0;
	if (!pattern->has_account &&
	    !dance_map_line_names(line, query->account))
		return 0;
	if (query->claims == NULL && dance_pattern_is_literal(pattern))
		find->n_literal++;
	if (pattern->has_star)
		r = find_stars(find, line);
	else if (dance_pattern_expand(pattern, query->account, &id) == 0)
		r = find_literal(find, line, &id);
	else
		r = 0;
	if (r != 0 || find->found.n == before)
		return r;
	if (!query->is_ordinary && !dance_pattern_is_literal(pattern)) {
		find->found.n = before;
		find->found.is_withheld = true;
	} else if (!dance_options_allow(line->options, line->options_len,
		       query->use, query->now)) {
		find->found.n = before;
		find->found.is_unkept = true;
	}
	return 0;
}

static int
find_deny(const struct dance_map_line *line, void *arg)
{
	struct find *find = arg;
	struct dance_map_match *match;
	size_t i;

	if (!line->is_refusal)
		return 0;
	if (!line->pattern.has_account &&
	    !dance_map_line_names(line, find->query->account))
		return 0;
	for (i = 0; i < find->found.n; i++) {
		match = &find->found.list[i];
		if (!match->is_denied &&
		    dance_pattern_matches(&line->pattern, &match->identity,
			find->query->account)) {
			match->is_denied = true;
			match->deny_file = line->file;
			match->deny_number = line->number;
			find->found.n_denied++;
		}
	}
	return 0;
}

/* A bare key is looked for by its account, all else by what it claims. */
static int
find_lines(
    const struct dance_map *map, struct find *find, struct dance_fault *fault)
{
	const struct dance_map_query *query = find->query;
	struct dance_map_pick pick = { .map = map };
	size_t i;
	int r;

	if (query->claims == NULL)
		dance_map_pick_account(&pick, query->account, false);
	for (i = 0; i < query->n_claims; i++)
		dance_map_pick_identity(&pick, &query->claims[i]);
	r = dance_map_pick_walk(&pick, find_visit, find, fault);
	/* The index knows then that there are more, not which. */
	if (find->n_literal >= DANCE_INDEX_A_MAX)
		find->is_flooded = true;
	dance_map_pick_clear(&pick);
	return r;
}

static int
find_refusals(
    const struct dance_map *map, struct find *find, struct dance_fault *fault)
{
	struct dance_map_pick pick = { .map = map };
	size_t i;
	int r;

	for (i = 0; i < find->found.n; i++)
		dance_map_pick_identity(&pick, &find->found.list[i].identity);
	r = dance_map_pick_walk(&pick, find_deny, find, fault);
	dance_map_pick_clear(&pick);
	return r;
}

int
dance_map_find(const struct dance_map *map, const struct dance_map_query *query,
    struct dance_map_matches *ret, struct dance_fault *fault)
{
	struct find find = { .query = query };
	int r;

	if ((r = find_sort_claims(&find)) != 0 ||
	    (r = find_lines(map, &find, fault)) != 0 ||
	    (r = find_refusals(map, &find, fault)) != 0)
		goto out;
	if (find.is_flooded ||
	    find.found.n - find.found.n_denied > DANCE_CANDIDATES_MAX) {
		dance_fault_set(fault,
		    "accounts map: more than %d identities may use account "
		    "%s: use certificates, or one name with many keys",
		    DANCE_CANDIDATES_MAX, query->account);
		r = DANCE_ERR_CONFIG;
		goto out;
	}

	*ret = find.found;
	find.found.list = NULL;
	r = 0;
out:
	free(find.claims);
	free(find.found.list);
	return r;
}

void
dance_map_matches_clear(struct dance_map_matches *matches)
{
	free(matches->list);
	memset(matches, 0, sizeof(*matches));
}

static void
account_add(struct find_account *find, const char *name, size_t len)
{
	if (find->n > 0 && strlen(find->account) == len &&
	    memcmp(find->account, name, len) == 0)
		return;
	if (find->n++ == 0) {
		memcpy(find->account, name, len);
		find->account[len] = '\0';
	}
}

static int
account_visit(const struct dance_map_line *line, void *arg)
{
	struct find_account *find = arg;
	const char *name = line->accounts, *end = name + line->accounts_len;
	char account[DANCE_ACCOUNT_MAX];
	size_t len;

	if (line->is_refusal)
		return 0;
	if (line->pattern.has_account) {
		if (dance_pattern_account(&line->pattern, find->id, account,
			sizeof(account)) == 0)
			account_add(find, account, strlen(account));
		return 0;
	}
	if (!dance_pattern_matches(&line->pattern, find->id, NULL))
		return 0;
	for (; name < end; name += len + 1) {
		for (len = 0; name + len < end && name[len] != ','; len++)
			;
		account_add(find, name, len);
	}
	return 0;
}

int
dance_map_account(const struct dance_map *map, const struct dance_identity *id,
    char *account, struct dance_fault *fault)
{
	char found[DANCE_ACCOUNT_MAX];
	struct find_account find = { .id = id, .account = found };
	struct dance_map_pick pick = { .map = map };
	int r;

	dance_map_pick_identity(&pick, id);
	r = dance_map_pick_walk(&pick, account_visit, &find, fault);
	dance_map_pick_clear(&pick);
	if (r != 0)
		return r;
	if (find.n != 1)
		return DANCE_ERR_NOT_MAPPED;

	memcpy(account, found, strlen(found) + 1);
	return 0;
}
