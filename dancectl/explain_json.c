/* SPDX-License-Identifier: ISC */
/*
 * The object of dancectl explain --json.  Its keys are an interface; nulls
 * stand where there is nothing.
 */
#include "explain.h"
#include "output.h"
#include "show.h"

static json_t *
record_make(const struct dance_tlsa *record, bool is_usable)
{
	json_t *object = ctl_json_record(record);

	json_object_set_new(object, "usable", json_boolean(is_usable));
	return object;
}

static json_t *
records_make(const struct explain_candidate *c)
{
	json_t *records = json_array();
	size_t i;

	for (i = 0; c->rrset != NULL && i < c->rrset->n_records; i++)
		json_array_append_new(records,
		    record_make(&c->rrset->records[i], c->judged.is_usable[i]));
	return records;
}

static json_t *
candidate_make(const struct explain_candidate *c)
{
	const struct dance_map_match *match = &c->candidate->match;
	const struct dance_rrset *rrset = c->rrset;
	char place[DANCE_FAULT_MAX];

	snprintf(place, sizeof(place), "%s:%u", match->file, match->number);
	return json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:o, s:o, s:o}",
	    "identity", match->identity.text, "owner", match->identity.owner,
	    "source", rrset == NULL ? NULL : rrset->source, "dnssec",
	    rrset == NULL ? NULL : dance_dnssec_name(rrset->dnssec), "records",
	    records_make(c), "reason",
	    c->is_judged ? ctl_json_reason(c->judged.error) : json_null(),
	    "map", ctl_json_text(place), "why",
	    ctl_json_text(rrset == NULL ? NULL : rrset->why));
}

static json_t *
candidates_make(const struct explain_view *view)
{
	const struct dance_decision *d = view->decision;
	json_t *candidates = json_array();
	struct explain_candidate c;
	size_t i;

	for (i = 0; i < d->n_candidates; i++) {
		explain_candidate_fill(view, &d->candidates[i], &c);
		json_array_append_new(candidates, candidate_make(&c));
	}
	return candidates;
}

json_t *
explain_json(const struct explain_view *view)
{
	const struct dance_decision *d = view->decision;
	const struct dance_candidate *accepted = d->accepted;
	json_t *object;

	object = json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:s?, s:o, s:o}",
	    "account", ctl_json_text(view->account), "login",
	    ctl_json_text(view->login), "credential",
	    show_credential_json(d->credential), "candidates",
	    candidates_make(view), "accepted", d->verdict == 0, "reason",
	    ctl_json_reason(d->verdict), "identity",
	    accepted == NULL ? NULL : accepted->match.identity.text, "record",
	    accepted == NULL
		? json_null()
		: record_make(
		      &accepted->rrset->records[accepted->judged.found.record],
		      true),
	    "line", ctl_json_text(d->verdict == 0 ? d->line : NULL));
	ctl_json_detail(object, d->verdict, &d->fault);
	return object;
}
