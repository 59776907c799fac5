/* SPDX-License-Identifier: ISC */
/*
 * Fuzz the accounts map.  The first two lines of the input are an account and
 * the claims, with blanks between them; the rest is the map.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLAIMS_MAX 8
#define NOW	   1700000000

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

struct walk {
	const char *account;
	size_t n_lines;
	size_t n_faults;
};

static int
visit(const struct dance_map_line *line, void *arg)
{
	struct walk *walk = arg;
	char *options = NULL;

	walk->n_lines++;
	require(line->number > 0 && line->accounts_len > 0);
	require(line->is_refusal || line->accounts[0] != '*');
	(void)dance_map_line_names(line, walk->account);
	require(!line->is_refusal || line->options_len == 0);
	require(dance_options_emit(
		    line->options, line->options_len, &options) == 0);
	free(options);
	return 0;
}

static void
complain(const struct dance_fault *fault, void *arg)
{
	struct walk *walk = arg;
	const char *c;

	walk->n_faults++;
	require(strncmp(fault->text, "m:", 2) == 0);
	for (c = fault->text; *c != '\0'; c++)
		require(*c >= ' ' && *c <= '~');
}

/* Is the identity refused by a line?  Found in another way than the map's. */
struct refusal {
	const struct dance_identity *id;
	const char *account;
	bool is_found;
};

static int
refusal_visit(const struct dance_map_line *line, void *arg)
{
	struct refusal *refusal = arg;

	if (line->is_refusal &&
	    (line->pattern.has_account ||
		dance_map_line_names(line, refusal->account)) &&
	    dance_pattern_matches(
		&line->pattern, refusal->id, refusal->account))
		refusal->is_found = true;
	return 0;
}

static void
matches_check(const struct dance_map *map, const struct dance_map_query *query,
    const struct dance_map_matches *matches)
{
	const struct dance_map_match *m;
	struct refusal refusal;
	size_t i, k, n_denied = 0;

	for (i = 0; i < matches->n; i++) {
		m = &matches->list[i];
		refusal =
		    (struct refusal){ &m->identity, query->account, false };
		require(dance_map_walk(
			    map, 0, refusal_visit, NULL, &refusal, NULL) == 0);
		require(refusal.is_found == m->is_denied);
		n_denied += m->is_denied ? 1 : 0;
		for (k = 0; k < i; k++)
			require(strcmp(matches->list[k].identity.text,
				    m->identity.text) != 0);
		if (query->claims == NULL)
			continue;
		require(m->claim < query->n_claims);
		require(strcmp(query->claims[m->claim].text,
			    m->identity.text) == 0);
	}
	require(n_denied == matches->n_denied);
	require(matches->n - n_denied <= DANCE_CANDIDATES_MAX);
}

static void
find_check(const struct dance_map *map, struct dance_map_query *query, int want)
{
	struct dance_map_matches matches;
	struct dance_fault fault;
	char account[DANCE_ACCOUNT_MAX];
	int i, r;

	for (i = 0; i < 6; i++) {
		query->is_ordinary = i % 2 == 0;
		query->use = (enum dance_use)(i / 2);
		r = dance_map_find(map, query, &matches, &fault);
		require(want == 0 || r == want);
		if (r == 0) {
			matches_check(map, query, &matches);
			dance_map_matches_clear(&matches);
		}
	}
	if (query->n_claims > 0) {
		r = dance_map_account(map, query->claims, account, &fault);
		require(want == 0 ? r == 0 || r == DANCE_ERR_NOT_MAPPED
				  : r == want);
		if (r == 0)
			require(strlen(account) > 0);
	}
}

static char *
line_cut(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size == 0 ? NULL : memchr(*data, '\n', *size);
	size_t len = end == NULL ? *size : (size_t)(end - *data);
	char *line = strndup((const char *)*data, len);

	require(line != NULL);
	*data += end == NULL ? len : len + 1;
	*size -= end == NULL ? len : len + 1;
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dance_identity claims[CLAIMS_MAX];
	char *account = line_cut(&data, &size), *rest, *word;
	char *names = line_cut(&data, &size);
	struct dance_map_query query = {
		.account = account, .is_ordinary = true, .now = NOW
	};
	struct walk walk = { account, 0, 0 };
	struct dance_map *map;
	int r;

	rest = names;
	while (
	    query.n_claims < CLAIMS_MAX && (word = strsep(&rest, " ")) != NULL)
		if (dance_identity_parse(word, strlen(word),
			DANCE_NAME_PRESENTED, &claims[query.n_claims]) == 0) {
			query.claims = claims;
			query.n_claims++;
		}
	require(dance_map_from_text("m", (const char *)data, size, &map) == 0);
	r = dance_map_walk(map, 0, visit, complain, &walk, NULL);
	require(r == (walk.n_faults > 0 ? DANCE_ERR_CONFIG : 0));
	find_check(map, &query, r);
	dance_map_free(&map);
	free(account);
	free(names);
	return 0;
}
