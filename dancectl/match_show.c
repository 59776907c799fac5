/* SPDX-License-Identifier: ISC */
/*
 * What dancectl match prints.
 */
#include <openssl/x509_vfy.h>

#include "match.h"
#include "show.h"

/* OpenSSL was asked, and this is what it said. */
static bool
openssl_said(const struct match_finding *f)
{
	return f->is_judged &&
	    (f->judged.found.depth >= 0 ||
		f->judged.found.openssl_error != X509_V_OK);
}

static json_t *
integer_if(bool is_set, json_int_t n)
{
	return is_set ? json_integer(n) : json_null();
}

static json_t *
json_make(const struct match_finding *f)
{
	const struct dance_dane_result *found = &f->judged.found;
	bool is_accepted = f->verdict == 0;
	json_t *object;

	object = json_pack("{s:b, s:o, s:o, s:o, s:o}", "accepted", is_accepted,
	    "reason", ctl_json_reason(f->verdict), "record",
	    integer_if(is_accepted, (json_int_t)found->record), "depth",
	    integer_if(is_accepted && found->depth >= 0, found->depth),
	    "openssl_error", integer_if(openssl_said(f), found->openssl_error));
	ctl_json_detail(object, f->verdict, &f->fault);
	return object;
}

/* Beside a refusal: which of many causes it was. */
static void
openssl_write(const struct match_finding *f, FILE *out)
{
	int error = f->judged.found.openssl_error;
	char text[DANCE_FAULT_MAX];

	if (!openssl_said(f) || error == X509_V_OK)
		return;
	snprintf(
	    text, sizeof(text), "%d: %s", error, dance_dane_error_text(error));
	ctl_put_field(out, "openssl", text);
}

void
match_show(const struct match_call *call, const struct match_finding *f)
{
	FILE *out;

	if (call->ctl->is_json) {
		ctl_page_json(call->page, json_make(f), f->verdict);
		return;
	}
	if ((out = ctl_page_open(call->page)) == NULL)
		return;
	ctl_put_field(out, "identity", call->identity.text);
	if (f->cred != NULL)
		show_credential(out, f->cred);
	show_records(out, &f->rrset, f->is_judged ? f->judged.is_usable : NULL,
	    f->verdict == 0 ? f->judged.found.record : SHOW_NO_RECORD);
	openssl_write(f, out);
	ctl_put_verdict(call->ctl, out, f->verdict, &f->fault);
	ctl_page_close(call->page, out, f->verdict);
}
