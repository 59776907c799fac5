/* SPDX-License-Identifier: ISC */
/*
 * dancectl explain for people: the steps in the order in which they are taken,
 * readable at 80 columns.
 */
#include <string.h>

#include "explain.h"
#include "judge.h"
#include "output.h"
#include "show.h"

void
explain_candidate_fill(const struct explain_view *view,
    const struct dance_candidate *candidate, struct explain_candidate *ret)
{
	const struct dance_decision *d = view->decision;

	memset(ret, 0, sizeof(*ret));
	ret->candidate = candidate;
	ret->rrset = d->n_rrsets == 0 ? NULL : candidate->rrset;
	ret->judged = candidate->judged;
	/* Those behind the one that was accepted were not looked at. */
	ret->is_judged = candidate->is_judged || ret->rrset != NULL;
	if (!candidate->is_judged && ret->rrset != NULL)
		(void)dance_rrset_judge(ret->rrset, &candidate->match.identity,
		    d->credential, &d->rules, &ret->judged);
}

/* From where, if that is not the DNS itself. */
static void
source_text(const struct dance_rrset *rrset, FILE *out)
{
	if (rrset->source == NULL)
		return;
	if (strcmp(rrset->source, "cache") == 0)
		ctl_put_field(out, "source",
		    "cache: kept from an earlier login, see dancectl cache");
	else if (strcmp(rrset->source, "offline") == 0)
		ctl_put_field(out, "source",
		    "offline: nobody answers; what was kept has been "
		    "validated anew");
}

static void
rrset_text(const struct explain_candidate *c, FILE *out)
{
	const struct dance_rrset *rrset = c->rrset;

	if (rrset == NULL) {
		ctl_put_field(out, "dnssec", "was not asked");
		return;
	}
	source_text(rrset, out);
	ctl_put_field(out, "dnssec", dance_dnssec_name(rrset->dnssec));
	if (rrset->why[0] != '\0')
		ctl_put_field(out, "why", rrset->why);
	show_notes(out, rrset);
	show_records(out, rrset, c->judged.is_usable,
	    c->is_judged && c->judged.error == 0 ? c->judged.found.record
						 : SHOW_NO_RECORD);
}

static void
candidate_text(const struct explain_candidate *c, FILE *out)
{
	const struct dance_map_match *match = &c->candidate->match;
	char place[DANCE_FAULT_MAX];

	fputc('\n', out);
	ctl_put_field(out, "candidate", match->identity.text);
	snprintf(place, sizeof(place), "%s:%u", match->file, match->number);
	ctl_put_field(out, "map", place);
	if (!match->is_denied) {
		ctl_put_field(out, "owner", match->identity.owner);
		rrset_text(c, out);
	}
	if (c->is_judged)
		ctl_put_field(out, "result",
		    c->judged.error == 0 ? "vouched for"
					 : dance_reason(c->judged.error));
}

static void
line_text(const struct ctl *ctl, const char *line, FILE *out)
{
	size_t len = strlen(line), room = ctl->columns - CTL_NAME_WIDTH - 3;
	bool is_cut = ctl->is_terminal && len > room + 3;

	fprintf(out, "%-*s", CTL_NAME_WIDTH, "line");
	ctl_put_plain(out, line, is_cut ? room : len);
	fputs(is_cut ? "...\n" : "\n", out);
}

void
explain_text(const struct ctl *ctl, const struct explain_view *view, FILE *out)
{
	const struct dance_decision *d = view->decision;
	struct explain_candidate c;
	size_t i;

	ctl_put_field(out, "login", view->login);
	ctl_put_field(out, "account", view->account);
	if (d->credential != NULL)
		show_credential(out, d->credential);
	for (i = 0; i < d->n_candidates; i++) {
		explain_candidate_fill(view, &d->candidates[i], &c);
		candidate_text(&c, out);
	}
	fputc('\n', out);
	ctl_put_verdict(ctl, out, d->verdict, &d->fault);
	if (d->verdict == 0 && d->line != NULL)
		line_text(ctl, d->line, out);
}
