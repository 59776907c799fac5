/* SPDX-License-Identifier: ISC */
/*
 * What dancectl enroll shows.  The record stands between lines that start with
 * ";", a comment in zone files and for nsupdate alike, so that each form can be
 * copied with all that is around it.
 */
#include <stdlib.h>

#include "enroll.h"
#include "instant.h"

static void
owner_format(const struct enroll *enroll, char ret[DANCE_NAME_MAX + 32])
{
	snprintf(ret, DANCE_NAME_MAX + 32, "%s. %u",
	    enroll->wish.identity.owner, enroll->ttl);
}

void
enroll_show_record(const struct enroll *enroll)
{
	char owner[DANCE_NAME_MAX + 32];

	if (enroll->ctl->is_json)
		return;
	ctl_put_field(stdout, "identity", enroll->wish.identity.text);
	ctl_put_field(stdout, "credential", enroll->credential_type);
	ctl_put_field(stdout, "", enroll->fingerprint_found);
	if (enroll->key_private != NULL)
		ctl_put_field(stdout, "key", enroll->key_private);
	owner_format(enroll, owner);
	printf(
	    "\n; in the zone's file\n%s IN TLSA %s\n", owner, enroll->record);
	printf("\n; or by nsupdate\nupdate add %s IN TLSA %s\nsend\n\n", owner,
	    enroll->record);
	/* The person needs it now. */
	fflush(stdout);
}

static const char *
login_text(const struct enroll *enroll)
{
	switch (enroll->login) {
	case ENROLL_IN:
		return "sshd lets this key in";
	case ENROLL_IN_OTHER:
		return "sshd does not let this key in, but something else";
	case ENROLL_NOT_IN:
		return "sshd lets nothing in";
	case ENROLL_UNTRIED:
		return "ssh has not used this key to the end";
	default:
		return "ssh has not come as far as that";
	}
}

/* What sshd and the map say, where they don't say the same. */
static void
trial_hint(const struct enroll *enroll)
{
	const char *hint = NULL;

	if (enroll->host == NULL)
		return;
	if (enroll->login == ENROLL_UNTRIED)
		hint = "It was not signed with, or something else was let in "
		       "first: put the key into ssh-agent, and others out.";
	else if (!enroll->has_map && enroll->login == ENROLL_NOT_IN)
		hint = "With another way in, or at its console, dancectl "
		       "explain says there why.";
	else if (enroll->has_map && enroll->map == 0 &&
	    enroll->login == ENROLL_IN_OTHER)
		hint = "The map would let it in, but sshd does not ask: run "
		       "dancectl doctor there.";
	else if (enroll->has_map && enroll->map != 0 &&
	    enroll->login == ENROLL_IN)
		hint = "The key comes in by other means, such as "
		       "authorized_keys.";
	if (hint != NULL)
		ctl_put_field(stdout, "hint", hint);
}

static void
trial_put(const struct enroll *enroll)
{
	char text[DANCE_FAULT_MAX + 32];

	ctl_put_field(
	    stdout, "host", enroll->host != NULL ? enroll->host : "this one");
	if (enroll->host != NULL)
		ctl_put_field(stdout, "login", login_text(enroll));
	if (!enroll->has_map)
		snprintf(
		    text, sizeof(text), "not known: %s", enroll->fault.text);
	else
		snprintf(text, sizeof(text), "%s may %suse account %s",
		    enroll->map == 0 ? enroll->identity
				     : enroll->wish.identity.text,
		    enroll->map == 0 ? "" : "not ",
		    enroll->host != NULL ? enroll->user : enroll->account);
	ctl_put_field(stdout, "map", text);
	if (enroll->has_map)
		ctl_put_verdict(
		    enroll->ctl, stdout, enroll->map, &enroll->fault);
	trial_hint(enroll);
}

static void
text_end(const struct enroll *enroll)
{
	char text[DANCE_FAULT_MAX], until[INSTANT_MAX];

	if (enroll->has_no_wait)
		return;
	if (enroll->dns != 0) {
		ctl_put_verdict(
		    enroll->ctl, stdout, enroll->dns, &enroll->dns_fault);
		return;
	}
	instant_format(enroll->valid_until, until);
	snprintf(text, sizeof(text),
	    "secure: record %u %u %u vouches for this key; valid until %s",
	    enroll->matched[0], enroll->matched[1], enroll->matched[2], until);
	ctl_put_field(stdout, "dns", text);
	if (enroll->host != NULL || enroll->account != NULL)
		trial_put(enroll);
	else
		ctl_put_verdict(enroll->ctl, stdout, 0, &enroll->dns_fault);
}

static json_t *
record_json(const struct enroll *enroll)
{
	char owner[DANCE_NAME_MAX + 32];
	unsigned u, s, m;
	int at = 0;

	owner_format(enroll, owner);
	if (sscanf(enroll->record, "%1u %1u %1u %n", &u, &s, &m, &at) != 3)
		return json_null();
	return json_pack("{s:i, s:i, s:i, s:s, s:i, s:o, s:o}", "usage", u,
	    "selector", s, "matching", m, "data", enroll->record + at, "ttl",
	    enroll->ttl, "zone",
	    json_sprintf("%s IN TLSA %s", owner, enroll->record), "nsupdate",
	    json_sprintf(
		"update add %s IN TLSA %s\nsend\n", owner, enroll->record));
}

static json_t *
dns_json(const struct enroll *enroll)
{
	char until[INSTANT_MAX] = "";

	if (enroll->has_no_wait)
		return json_null();
	if (enroll->valid_until != 0)
		instant_format(enroll->valid_until, until);
	return json_pack("{s:o, s:o, s:i, s:i, s:o}", "reason",
	    ctl_json_reason(enroll->dns), "why",
	    ctl_json_text(enroll->dns_fault.text), "asked", enroll->n_asked,
	    "waited", enroll->waited_s, "valid_until", ctl_json_text(until));
}

static json_t *
host_json(const struct enroll *enroll)
{
	static const char *const logins[] = {
		[ENROLL_NOT_THERE] = "unknown",
		[ENROLL_UNTRIED] = "unknown",
		[ENROLL_NOT_IN] = "none",
		[ENROLL_IN] = "key",
		[ENROLL_IN_OTHER] = "other",
	};

	if ((enroll->host == NULL && enroll->account == NULL) ||
	    enroll->has_no_wait || enroll->dns != 0)
		return json_null();
	return json_pack("{s:o, s:o, s:s?, s:o, s:o, s:o, s:o}", "host",
	    ctl_json_text(enroll->host), "account",
	    ctl_json_text(
		enroll->host != NULL ? enroll->user : enroll->account),
	    "login", enroll->host == NULL ? NULL : logins[enroll->login],
	    "accepted",
	    enroll->has_map ? json_boolean(enroll->map == 0) : json_null(),
	    "reason",
	    enroll->has_map ? ctl_json_reason(enroll->map) : json_null(), "why",
	    ctl_json_text(enroll->fault.text), "identity",
	    ctl_json_text(enroll->identity));
}

static void
json_end(const struct enroll *enroll, int status)
{
	json_t *object;

	object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b}",
	    "identity", enroll->wish.identity.text, "owner",
	    enroll->wish.identity.owner, "credential", enroll->credential_type,
	    "fingerprint", enroll->fingerprint_found, "key",
	    ctl_json_text(enroll->key_private), "record", record_json(enroll),
	    "dns", dns_json(enroll), "host", host_json(enroll), "ok",
	    status == CTL_YES);
	ctl_page_json(enroll->page, object, status);
	ctl_page_print(enroll->ctl, enroll->page);
}

void
enroll_show_end(const struct enroll *enroll, int status)
{
	if (enroll->ctl->is_json)
		json_end(enroll, status);
	else
		text_end(enroll);
}
