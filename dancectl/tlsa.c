/* SPDX-License-Identifier: ISC */
/*
 * dancectl tlsa: the record that vouches for a public key, ready for a zone
 * file or nsupdate.  What could never let anybody in is not printed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "output.h"
#include "resolver.h"
#include "tlsa_make.h"

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
	struct tlsa_wish wish;
	unsigned ttl;
	bool has_ttl;
	bool is_nsupdate;
};

static void
text_write(const struct call *call, const struct dance_tlsa *record, FILE *out)
{
	const char *owner = call->wish.identity.owner;

	if (call->is_nsupdate)
		fputs("update add ", out);
	if (owner[0] != '\0')
		fprintf(
		    out, "%s%s. ", call->wish.is_wildcard ? "*." : "", owner);
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
	const char *owner = call->wish.identity.owner;
	char name[DANCE_NAME_MAX + 3];

	snprintf(name, sizeof(name), "%s%s", call->wish.is_wildcard ? "*." : "",
	    owner);
	object = json_pack("{s:o, s:o}", "owner", ctl_json_text(name), "ttl",
	    call->has_ttl ? json_integer(call->ttl) : json_null());
	if (record != NULL && (part = ctl_json_record(record)) == NULL) {
		json_decref(object);
		return NULL;
	}
	if (part == NULL)
		part = json_pack("{s:i, s:i, s:i, s:n}", "usage",
		    call->wish.record.usage, "selector",
		    call->wish.record.selector, "matching",
		    call->wish.record.matching, "data");
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

/* DANCE_ERR_FORMAT: the call is wrong. */
static void
tlsa_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct call *call = arg;
	struct dance_tlsa record;

	(void)ret_line;
	ret->verdict = tlsa_make(&call->wish, &record, &ret->fault);
	if (ret->verdict == 0)
		page_write(call, &record, &ret->fault, 0);
}

static void
call_check(const struct call *call)
{
	if (call->is_nsupdate && call->wish.identity.owner[0] == '\0')
		ctl_usage(call->ctl, "--nsupdate: needs --name");
	if (call->is_nsupdate && call->ctl->is_json)
		ctl_usage(call->ctl, "--nsupdate: not with --json");
}

static void
name_read(const struct ctl *ctl, const char *text, struct tlsa_wish *wish)
{
	wish->is_wildcard = text[0] == '*' && text[1] == '.';
	ctl_owner(ctl, wish->is_wildcard ? text + 2 : text, &wish->identity);
	if (wish->is_wildcard && tlsa_is_of_users(wish))
		ctl_usage(ctl, "%s: neither a name nor a user", text);
}

/* False for an option that is about something else. */
static bool
wish_option(const struct ctl *ctl, struct tlsa_wish *wish, int option)
{
	switch (option) {
	case OPTION_NAME:
		name_read(ctl, optarg, wish);
		return true;
	case OPTION_USAGE:
		wish->record.usage =
		    (uint8_t)ctl_number(ctl, "--usage", optarg, 3);
		wish->has_usage = true;
		return true;
	case OPTION_SELECTOR:
		wish->record.selector =
		    (uint8_t)ctl_number(ctl, "--selector", optarg, 1);
		wish->has_selector = true;
		return true;
	case OPTION_MATCHING:
		wish->record.matching =
		    (uint8_t)ctl_number(ctl, "--matching", optarg, 2);
		return true;
	default:
		return false;
	}
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
		if (wish_option(ctl, &call->wish, c))
			continue;
		if (c == OPTION_NSUPDATE)
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

/* What the caller should know beside the record, or instead of it. */
static void
result_explain(const struct call *call, const char *name,
    const struct dance_result *result)
{
	const struct ctl_input *input = &call->wish.input;
	bool is_x509 = ctl_input_is_x509(input);
	size_t n = ctl_input_count_pem(input);

	if (result->verdict == 0) {
		if (n > 1 && !ctl_input_is_der(input))
			ctl_say("%s: %zu certificates: the record is about the "
				"first",
			    name, n);
		if (result->fault.text[0] != '\0')
			ctl_say("%s: %s", name, result->fault.text);
		return;
	}
	if (!is_x509)
		ctl_input_explain(input, name);
	ctl_say("%s: %s: %s", name, dance_reason(result->verdict),
	    result->fault.text[0] != '\0' ? result->fault.text
					  : dance_reason_hint(result->verdict));
}

int
ctl_tlsa(struct ctl *ctl, int argc, char *argv[])
{
	struct call call = { .ctl = ctl,
		.wish.record = { .usage = DANCE_USAGE_DANE_EE,
		    .selector = DANCE_SELECTOR_SPKI,
		    .matching = DANCE_MATCHING_SHA256 } };
	struct dance_result result;
	const char *name;

	call_read(&call, argc, argv);
	name = argv[optind];
	ctl_input_read(name, &call.wish.input);
	ctl_drop_root(ctl);
	call.page = ctl_page_new();
	ctl_work(tlsa_job, &call, dance_now_ms() + CTL_JOB_MS, &result);
	if (result.verdict == DANCE_ERR_FORMAT)
		ctl_usage(ctl, "%s: %s", name, result.fault.text);
	result_explain(&call, name, &result);
	if (!ctl_page_shows(call.page, result.verdict))
		page_write(&call, NULL, &result.fault, result.verdict);
	ctl_page_print(ctl, call.page);
	ctl_page_free(&call.page);
	free(call.wish.input.text);
	return ctl_status(result.verdict);
}
