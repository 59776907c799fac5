/* SPDX-License-Identifier: ISC */
/*
 * dancectl query: the TLSA RRset of an identity as a login would see it, with
 * its DNSSEC state and the validator's own words where it is bogus.
 */
#include <stdlib.h>

#include "auth_chain.h"
#include "instant.h"
#include "judge.h"
#include "output.h"
#include "sandbox.h"
#include "show.h"

#define GRACE_MS 200 /* as in ask.c */

struct call {
	struct ctl *ctl;
	struct ctl_page *page;
	struct dance_identity identity;
	struct dance_config *config;
	struct dance_anchors *anchors;
	int64_t deadline_ms;
	struct dance_auth_path *path; /* of the answer; NULL: none */
};

static json_t *
records_make(const struct dance_rrset *rrset)
{
	json_t *records = json_array();
	size_t i;

	for (i = 0; i < rrset->n_records; i++)
		json_array_append_new(
		    records, ctl_json_record(&rrset->records[i]));
	return records;
}

/* Why a key is to be replaced, or NULL. */
static const char *
key_warning(const struct dance_auth_key *key)
{
	if (key->weak != NULL)
		return key->weak;
	return dance_auth_algorithm_is_rsa(key->algorithm) &&
		key->bits < DANCE_AUTH_RSA_GOOD
	    ? "RSA below 2048 bits"
	    : NULL;
}

static json_t *
keys_make(const struct call *call)
{
	const struct dance_auth_key *key;
	json_t *keys = json_array();
	size_t i;

	for (i = 0; call->path != NULL && i < call->path->n_keys; i++) {
		key = &call->path->keys[i];
		json_array_append_new(keys,
		    json_pack("{s:s, s:s, s:i, s:i, s:s?}", "zone", key->zone,
			"algorithm", dance_auth_algorithm_name(key->algorithm),
			"bits", (int)key->bits, "tag", (int)key->tag, "warning",
			key_warning(key)));
	}
	return keys;
}

static void
keys_write(const struct call *call, FILE *out)
{
	char text[DANCE_NAME_MAX + 2 * DANCE_AUTH_KEY_TEXT_MAX + 8];
	char key_text[DANCE_AUTH_KEY_TEXT_MAX];
	const struct dance_auth_key *key;
	const char *warning;
	size_t i;

	for (i = 0; call->path != NULL && i < call->path->n_keys; i++) {
		key = &call->path->keys[i];
		warning = key_warning(key);
		dance_auth_key_format(key, key_text);
		(void)snprintf(text, sizeof(text), "%s: %s%s%s", key->zone,
		    key_text, warning != NULL ? ": warning: " : "",
		    warning != NULL ? warning : "");
		ctl_put_field(out, i == 0 ? "zone keys" : "", text);
	}
}

static json_t *
json_make(const struct call *call, const struct dance_rrset *rrset, int verdict,
    const struct dance_fault *fault)
{
	char until[INSTANT_MAX] = "";
	json_t *object;

	if (rrset->valid_until != 0)
		instant_format(rrset->valid_until, until);
	object = json_pack(
	    "{s:o, s:s, s:s?, s:s, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o}",
	    "identity", ctl_json_text(call->identity.text), "owner",
	    call->identity.owner, "source", rrset->source, "dnssec",
	    dance_dnssec_name(rrset->dnssec), "why", ctl_json_text(rrset->why),
	    "alias", ctl_json_text(rrset->canonical), "wildcard",
	    rrset->is_wildcard, "denied", rrset->is_denied, "valid_until",
	    ctl_json_text(until), "records", records_make(rrset), "keys",
	    keys_make(call), "reason", ctl_json_reason(verdict));
	ctl_json_detail(object, verdict, fault);
	return object;
}

static void
text_write(const struct call *call, const struct dance_rrset *rrset,
    int verdict, const struct dance_fault *fault, FILE *out)
{
	size_t i;

	if (call->identity.text[0] != '\0')
		ctl_put_field(out, "identity", call->identity.text);
	ctl_put_field(out, "owner", call->identity.owner);
	ctl_put_field(out, "dnssec", dance_dnssec_name(rrset->dnssec));
	if (rrset->why[0] != '\0')
		ctl_put_field(out, "why", rrset->why);
	show_notes(out, rrset);
	keys_write(call, out);
	for (i = 0; i < rrset->n_records; i++) {
		fprintf(out, "%s. IN TLSA ", call->identity.owner);
		ctl_put_record(out, &rrset->records[i], 0);
		fputc('\n', out);
	}
	if (verdict != 0)
		ctl_put_verdict(call->ctl, out, verdict, fault);
}

static void
page_write(const struct call *call, const struct dance_rrset *rrset,
    int verdict, const struct dance_fault *fault)
{
	FILE *out;

	if (call->ctl->is_json) {
		ctl_page_json(call->page,
		    json_make(call, rrset, verdict, fault), verdict);
		return;
	}
	if ((out = ctl_page_open(call->page)) == NULL)
		return;
	text_write(call, rrset, verdict, fault, out);
	ctl_page_close(call->page, out, verdict);
}

/* Without memory, or where it can't be had any more, there is just less. */
static void
path_find(struct call *call, struct dance_resolver *resolver,
    const struct dance_rrset *rrset)
{
	if (rrset->packet == NULL ||
	    (call->path = malloc(sizeof(*call->path))) == NULL)
		return;
	(void)dance_resolver_path(resolver, call->identity.owner, rrset,
	    call->deadline_ms, call->path);
}

static void
query_job(void *arg, struct dance_result *ret, char **ret_line)
{
	struct call *call = arg;
	const char *owner = call->identity.owner;
	struct dance_lookup lookup = {
		.owners = &owner, .n = 1, .deadline_ms = call->deadline_ms
	};
	struct dance_resolver *resolver = NULL;
	struct dance_rrset *rrset;
	int r;

	(void)ret_line;
	if ((rrset = calloc(1, sizeof(*rrset))) == NULL)
		return;
	if ((r = dance_sandbox_enter(call->config->timeout_ms / 1000 + 2, false,
		 &ret->fault)) == 0 &&
	    (r = dance_resolver_new(
		 call->config, call->anchors, &resolver, &ret->fault)) == 0 &&
	    (r = dance_resolver_lookup(resolver, &lookup, rrset)) == 0)
		r = dance_rrset_state(rrset);
	if (resolver != NULL)
		path_find(call, resolver, rrset);
	ret->verdict = r;
	page_write(call, rrset, r, &ret->fault);
	/* The process ends here. */
}

/* Where no worker said it: an answer of which nothing is known. */
static void
report_fault(
    const struct call *call, int verdict, const struct dance_fault *fault)
{
	struct dance_rrset *none;

	if ((none = calloc(1, sizeof(*none))) == NULL)
		ctl_fail("out of memory");
	page_write(call, none, verdict, fault);
	free(none);
}

static int
query_run(struct call *call)
{
	struct dance_result result;

	call->deadline_ms = dance_now_ms() + call->config->timeout_ms;
	ctl_work(query_job, call, call->deadline_ms + GRACE_MS, &result);
	if (!ctl_page_shows(call->page, result.verdict))
		report_fault(call, result.verdict, &result.fault);
	return result.verdict;
}

int
ctl_query(struct ctl *ctl, int argc, char *argv[])
{
	static const struct option options[] = { CTL_OPTIONS };
	struct call call = { .ctl = ctl };
	struct dance_fault fault = { "" };
	int r;

	(void)ctl_getopt(ctl, argc, argv, options);
	ctl_operands(ctl, argc, 1);
	ctl_owner(ctl, argv[optind], &call.identity);
	ctl_drop_root(ctl);
	call.page = ctl_page_new();
	if ((r = dance_config_load(ctl->root, &call.config, &fault)) == 0)
		r = dance_anchors_load(call.config, &call.anchors, &fault);
	if (r == 0)
		r = query_run(&call);
	else
		report_fault(&call, r, &fault);
	ctl_page_print(ctl, call.page);
	ctl_page_free(&call.page);
	dance_anchors_free(&call.anchors);
	dance_config_free(&call.config);
	return ctl_status(r);
}
