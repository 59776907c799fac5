/* SPDX-License-Identifier: ISC */
/*
 * dancectl tlsa: the record that vouches for a public key, ready for a zone
 * file or nsupdate.  What could never let anybody in is not printed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "output.h"
#include "resolver.h"

#define NSUPDATE_TTL 300
#define TTL_MAX	     2147483647UL /* RFC 2181, section 8 */

enum {
	OPTION_NAME = CTL_OPTION_OWN,
	OPTION_USAGE,
	OPTION_SELECTOR,
	OPTION_MATCHING,
	OPTION_TTL,
	OPTION_NSUPDATE,
};

struct call {
	struct ctl *ctl;
	struct ctl_page *page;
	struct ctl_input input;
	struct dance_identity identity; /* owner is "" without --name */
	unsigned usage;
	unsigned selector;
	unsigned matching;
	unsigned ttl;
	bool has_ttl;
	bool is_nsupdate;
};

static void
text_write(const struct call *call, const struct dance_tlsa *record, FILE *out)
{
	const char *owner = call->identity.owner;

	if (call->is_nsupdate)
		fputs("update add ", out);
	if (owner[0] != '\0')
		fprintf(out, "%s. ", owner);
	if (call->has_ttl)
		fprintf(out, "%u ", call->ttl);
	fputs("IN TLSA ", out);
	ctl_put_record(out, record, 0);
	fputs(call->is_nsupdate ? "\nsend\n" : "\n", out);
}

/* record is NULL if there is none, for the reason given. */
static json_t *
json_make(const struct call *call, const struct dance_tlsa *record,
    const struct dance_fault *fault, int verdict)
{
	json_t *object, *part = NULL;
	const char *owner = call->identity.owner;

	object =
	    json_pack("{s:s?, s:o}", "owner", owner[0] == '\0' ? NULL : owner,
		"ttl", call->has_ttl ? json_integer(call->ttl) : json_null());
	if (record != NULL && (part = ctl_json_record(record)) == NULL) {
		json_decref(object);
		return NULL;
	}
	if (part == NULL)
		part = json_pack("{s:i, s:i, s:i, s:n}", "usage", call->usage,
		    "selector", call->selector, "matching", call->matching,
		    "data");
	json_object_update_new(object, part);
	json_object_set_new(object, "reason", ctl_json_reason(verdict));
	ctl_json_detail(object, verdict, fault);
	return object;
}

static void
page_write(const struct call *call, const struct dance_tlsa *record,
    const struct dance_fault *fault, int verdict)
{
	FILE *out;

	if (call->ctl->is_json) {
		ctl_page_json(call->page,
		    json_make(call, record, fault, verdict), verdict);
		return;
	}
	if ((out = ctl_page_open(call->page)) != NULL && record != NULL)
		text_write(call, record, out);
	ctl_page_close(call->page, out, verdict);
}

/* The key that a record of this usage is about. */
static int
key_find(const struct call *call, const struct dance_credential *cred,
    const struct dance_sshkey **ret, struct dance_fault *fault)
{
	if (call->usage == DANCE_USAGE_DANE_EE) {
		*ret = cred->key;
		return 0;
	}
	if (cred->cert == NULL) {
		dance_fault_set(fault,
		    "usage 2 names the CA of a certificate, and this is a bare "
		    "key: it can never match; use --usage 3");
		return DANCE_ERR_FORMAT;
	}
	*ret = cred->cert->ca;
	return 0;
}

/* DANCE_ERR_FORMAT: the call is wrong. */
static void
tlsa_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct call *call = arg;
	struct dance_credential *cred = NULL;
	const struct dance_sshkey *key;
	struct dance_tlsa record = { .usage = (uint8_t)call->usage,
		.selector = (uint8_t)call->selector,
		.matching = (uint8_t)call->matching };
	uint8_t *data = NULL;
	size_t len = 0;
	int r;

	(void)ret_line;
	if ((r = ctl_worker_parse(&call->input, &cred, &ret->fault)) != 0 ||
	    (r = key_find(call, cred, &key, &ret->fault)) != 0)
		goto out;
	r = dance_tlsa_digest(record.matching,
	    (struct dance_bytes){ key->spki, key->spki_len }, &data, &len);
	if (r != 0)
		goto out;
	record.data = (struct dance_bytes){ data, len };

	page_write(call, &record, &ret->fault, 0);
	r = 0;
out:
	ret->verdict = r;
}

static void
call_check(const struct call *call)
{
	if (call->selector == DANCE_SELECTOR_CERT)
		ctl_usage(call->ctl,
		    "--selector 0 is about X.509 certificates: it can never "
		    "match an SSH key");
	if (call->usage < DANCE_USAGE_DANE_TA)
		ctl_usage(call->ctl,
		    "--usage %u is about X.509 certificates of public CAs: it "
		    "can never match an SSH key",
		    call->usage);
	if (call->is_nsupdate && call->identity.owner[0] == '\0')
		ctl_usage(call->ctl, "--nsupdate: needs --name");
	if (call->is_nsupdate && call->ctl->is_json)
		ctl_usage(call->ctl, "--nsupdate: not with --json");
	if (dance_identity_is_user(&call->identity) &&
	    call->usage != DANCE_USAGE_DANE_TA)
		ctl_usage(call->ctl,
		    "%s is a user identity, which only a CA can vouch for: "
		    "give a certificate and --usage 2",
		    call->identity.text);
}

static void
call_read(struct call *call, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, OPTION_NAME },
		{ "usage", required_argument, NULL, OPTION_USAGE },
		{ "selector", required_argument, NULL, OPTION_SELECTOR },
		{ "matching", required_argument, NULL, OPTION_MATCHING },
		{ "ttl", required_argument, NULL, OPTION_TTL },
		{ "nsupdate", no_argument, NULL, OPTION_NSUPDATE },
		CTL_OPTIONS,
	};
	struct ctl *ctl = call->ctl;
	int c;

	while ((c = ctl_getopt(ctl, argc, argv, options)) != -1) {
		if (c == OPTION_NAME)
			ctl_identity(ctl, optarg, &call->identity);
		else if (c == OPTION_USAGE)
			call->usage = ctl_number(ctl, "--usage", optarg, 3);
		else if (c == OPTION_SELECTOR)
			call->selector =
			    ctl_number(ctl, "--selector", optarg, 1);
		else if (c == OPTION_MATCHING)
			call->matching =
			    ctl_number(ctl, "--matching", optarg, 2);
		else if (c == OPTION_NSUPDATE)
			call->is_nsupdate = true;
		else {
			call->ttl = ctl_number(ctl, "--ttl", optarg, TTL_MAX);
			call->has_ttl = true;
		}
	}
	if (call->is_nsupdate && !call->has_ttl) {
		call->ttl = NSUPDATE_TTL;
		call->has_ttl = true;
	}
	ctl_operands(ctl, argc, 1);
	call_check(call);
}

int
ctl_tlsa(struct ctl *ctl, int argc, char *argv[])
{
	struct call call = { .ctl = ctl,
		.usage = DANCE_USAGE_DANE_EE,
		.selector = DANCE_SELECTOR_SPKI,
		.matching = DANCE_MATCHING_SHA256 };
	struct dance_result result;
	const char *name;

	call_read(&call, argc, argv);
	name = argv[optind];
	ctl_input_read(name, &call.input);
	ctl_drop_root(ctl);
	if (ctl_input_is_x509(&call.input))
		ctl_fail("%s: X.509 certificates are not supported by this "
			 "version",
		    name);
	call.page = ctl_page_new();
	ctl_work(tlsa_job, &call, dance_now_ms() + CTL_JOB_MS, &result);
	if (result.verdict == DANCE_ERR_FORMAT)
		ctl_usage(ctl, "%s: %s", name, result.fault.text);
	if (result.verdict != 0) {
		ctl_input_explain(&call.input, name);
		ctl_say("%s: %s: %s", name, dance_reason(result.verdict),
		    result.fault.text[0] != '\0'
			? result.fault.text
			: dance_reason_hint(result.verdict));
	}
	if (!ctl_page_shows(call.page, result.verdict))
		page_write(&call, NULL, &result.fault, result.verdict);
	ctl_page_print(ctl, call.page);
	ctl_page_free(&call.page);
	free(call.input.text);
	return ctl_status(result.verdict);
}
