/* SPDX-License-Identifier: ISC */
/*
 * The two forms of what dancectl explain shows.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "dancectl.h"
#include "verdict.h"

struct explain_view {
	const char *login;
	const char *account;
	const struct dance_decision *decision;
};

/* One candidate, judged for the show where the decision had no need to. */
struct explain_candidate {
	const struct dance_candidate *candidate;
	const struct dance_rrset *rrset; /* NULL: DNS was not asked */
	bool is_judged;
	struct dance_judgement judged;
};

void explain_candidate_fill(const struct explain_view *view,
    const struct dance_candidate *candidate, struct explain_candidate *ret);

/* NULL without memory. */
json_t *explain_json(const struct explain_view *view);

void explain_text(
    const struct ctl *ctl, const struct explain_view *view, FILE *out);

#endif
