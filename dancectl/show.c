/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "instant.h"
#include "output.h"
#include "show.h"

/* More of them don't help a person; --json has all. */
#define PRINCIPALS_SHOWN 16

/* Keeps the line of a record within 80 columns. */
#define RECORD_HEX 40

static void
show_principals(FILE *out, const struct dance_sshcert *cert)
{
	char text[DANCE_IDENTITY_MAX + 1];
	const struct dance_bytes *name;
	size_t i;

	for (i = 0; i < cert->n_principals && i < PRINCIPALS_SHOWN; i++) {
		name = &cert->principals[i];
		snprintf(text, sizeof(text), "%.*s", (int)name->len,
		    (const char *)name->data);
		ctl_put_field(out, i == 0 ? "principals" : "", text);
	}
	if (i < cert->n_principals) {
		snprintf(text, sizeof(text), "... and %zu more: see --json",
		    cert->n_principals - i);
		ctl_put_field(out, "", text);
	}
}

void
show_credential(FILE *out, const struct dance_credential *cred)
{
	ctl_put_field(out, "credential", cred->type);
	if (cred->fingerprint[0] != '\0')
		ctl_put_field(out, "", cred->fingerprint);
	if (cred->cert != NULL)
		show_principals(out, cred->cert);
	if (cred->chain != NULL)
		show_chain(out, cred->chain);
}

void
show_notes(FILE *out, const struct dance_rrset *rrset)
{
	char until[INSTANT_MAX];

	if (rrset->canonical[0] != '\0')
		ctl_put_field(out, "alias of", rrset->canonical);
	if (rrset->is_wildcard)
		ctl_put_field(out, "note",
		    "made by a wildcard: records with usage 3 don't count");
	if (rrset->is_too_large)
		ctl_put_field(
		    out, "note", "more than 64 records or 64 kB: none counts");
	if (rrset->is_denied)
		ctl_put_field(out, "note", "there is no TLSA record");
	instant_format(rrset->valid_until, until);
	if (rrset->valid_until != 0)
		ctl_put_field(out, "valid until", until);
}

void
show_records(FILE *out, const struct dance_rrset *rrset, const bool *is_usable,
    size_t match)
{
	char name[32];
	size_t i;

	for (i = 0; i < rrset->n_records; i++) {
		snprintf(name, sizeof(name), "record %zu", i);
		fprintf(out, "%-*s", CTL_NAME_WIDTH, name);
		ctl_put_record(out, &rrset->records[i], RECORD_HEX);
		if (i == match)
			fputs("  matches", out);
		else if (is_usable != NULL)
			fputs(is_usable[i] ? "  usable" : "  unusable", out);
		fputc('\n', out);
	}
}
