/* SPDX-License-Identifier: ISC */
/*
 * dancectl match: would these records vouch for this credential, if they were
 * secure?  The rules and their order are those of a login, without map and DNS.
 */
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "instant.h"
#include "judge.h"
#include "output.h"
#include "show.h"

#define USAGES_DEFAULT                          \
	(DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) | \
	    DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE))

enum {
	OPTION_NAME = CTL_OPTION_OWN,
	OPTION_TLSA,
	OPTION_KEY,
	OPTION_USAGES,
	OPTION_AT,
};

struct call {
	struct ctl *ctl;
	struct ctl_page *page;
	struct ctl_input input;
	struct dance_identity identity;
	const char *key;
	const char **records; /* as typed, borrowed */
	size_t n_records;
	struct dance_dane_rules rules;
};

/* What was found; credential may be NULL. */
struct finding {
	struct dance_credential *cred;
	struct dance_rrset rrset;
	bool is_judged; /* the next is set */
	struct dance_judgement judged;
	int verdict;
	struct dance_fault fault;
};

static json_t *
json_make(const struct finding *f)
{
	json_t *object;

	object = json_pack("{s:b, s:o, s:o, s:n, s:n}", "accepted",
	    f->verdict == 0, "reason", ctl_json_reason(f->verdict), "record",
	    f->verdict == 0 ? json_integer((json_int_t)f->judged.found.record)
			    : json_null(),
	    "depth", "openssl_error");
	ctl_json_detail(object, f->verdict, &f->fault);
	return object;
}

static void
page_write(const struct call *call, const struct finding *f)
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
	ctl_put_verdict(call->ctl, out, f->verdict, &f->fault);
	ctl_page_close(call->page, out, f->verdict);
}

/* An RRset of the records that were typed in. */
static int
rrset_make(const struct call *call, struct finding *f)
{
	struct dance_bytes *rdata;
	size_t i;
	int r = 0;

	if ((rdata = calloc(call->n_records, sizeof(*rdata))) == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; r == 0 && i < call->n_records; i++)
		r = dance_tlsa_from_text(call->records[i], &rdata[i]);
	if (r == DANCE_ERR_FORMAT)
		dance_fault_set(&f->fault,
		    "--tlsa '%.100s': not a record \"U S M HEX\" such as "
		    "\"3 1 1 0f3a...\"",
		    call->records[i - 1]);
	if (r == 0)
		r = dance_rrset_fill(&f->rrset, rdata, call->n_records);
	f->rrset.dnssec = DANCE_DNSSEC_SECURE;
	/* The rdata goes with the process. */
	return r;
}

/* DANCE_ERR_FORMAT: the call is wrong. */
static int
finding_make(const struct call *call, struct finding *f)
{
	struct dance_bytes spelled;
	int r;

	if ((r = ctl_worker_parse(&call->input, &f->cred, &f->fault)) != 0 &&
	    dance_is_fault(r))
		return r;
	/* What was typed in wrong shows whatever the file is. */
	if (rrset_make(call, f) != 0)
		return DANCE_ERR_FORMAT;
	if (r != 0)
		return r;
	if (f->cred->cert != NULL &&
	    (r = dance_sshcert_check(f->cred->cert, call->rules.now)) != 0)
		return r;
	if (!dance_credential_names(f->cred, &call->identity, &spelled))
		return DANCE_ERR_NAME_MISMATCH;
	f->is_judged = true;
	return dance_rrset_judge(
	    &f->rrset, &call->identity, f->cred, &call->rules, &f->judged);
}

static void
match_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct call *call = arg;
	struct finding *f;

	(void)ret_line;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return;
	f->verdict = finding_make(call, f);
	ret->verdict = f->verdict;
	ret->fault = f->fault;
	if (f->verdict != DANCE_ERR_FORMAT)
		page_write(call, f);
	/* The process ends here. */
}

/* "2,3" */
static unsigned
usages_read(const struct ctl *ctl, const char *text)
{
	unsigned usages = 0;
	const char *next;

	for (next = text; *next >= '0' && *next <= '3'; next++) {
		usages |= DANCE_USAGE_BIT((unsigned)(*next - '0'));
		if (next[1] == '\0')
			return usages;
		if (*++next != ',')
			break;
	}
	ctl_usage(
	    ctl, "--usages %s: not numbers from 0 to 3 with commas", text);
}

static void
call_option(struct call *call, int option)
{
	struct ctl *ctl = call->ctl;

	switch (option) {
	case OPTION_NAME:
		ctl_identity(ctl, optarg, &call->identity);
		break;
	case OPTION_TLSA:
		call->records[call->n_records++] = optarg;
		break;
	case OPTION_KEY:
		call->key = optarg;
		break;
	case OPTION_USAGES:
		call->rules.usages = usages_read(ctl, optarg);
		break;
	default:
		if (instant_parse(optarg, &call->rules.now) != 0)
			ctl_usage(ctl,
			    "--at %s: neither seconds since 1970 nor "
			    "YYYYMMDD[HHMM[SS]]Z",
			    optarg);
	}
}

static void
call_read(struct call *call, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, OPTION_NAME },
		{ "tlsa", required_argument, NULL, OPTION_TLSA },
		{ "key", required_argument, NULL, OPTION_KEY },
		{ "usages", required_argument, NULL, OPTION_USAGES },
		{ "at", required_argument, NULL, OPTION_AT },
		CTL_OPTIONS,
	};
	int c;

	/* There are no more records than arguments. */
	call->records = calloc((size_t)argc, sizeof(*call->records));
	if (call->records == NULL)
		ctl_fail("out of memory");
	while ((c = ctl_getopt(call->ctl, argc, argv, options)) != -1)
		call_option(call, c);
	ctl_operands(call->ctl, argc, 0);
	if (call->identity.text[0] == '\0')
		ctl_usage(call->ctl, "--name is missing");
	if (call->n_records == 0)
		ctl_usage(call->ctl, "--tlsa is missing");
	if (call->key == NULL)
		ctl_usage(call->ctl, "--key is missing");
}

int
ctl_match(struct ctl *ctl, int argc, char *argv[])
{
	struct call call = { .ctl = ctl };
	struct dance_result result;
	struct finding *none;

	dance_dane_rules_init(
	    &call.rules, USAGES_DEFAULT, CTL_MIN_RSA, time(NULL));
	call_read(&call, argc, argv);
	ctl_input_read(call.key, &call.input);
	ctl_drop_root(ctl);
	call.page = ctl_page_new();
	ctl_work(match_job, &call, dance_now_ms() + CTL_JOB_MS, &result);
	if (result.verdict == DANCE_ERR_FORMAT)
		ctl_usage(ctl, "%s", result.fault.text);
	if (result.verdict == DANCE_ERR_BAD_CREDENTIAL)
		ctl_input_explain(&call.input, call.key);
	if (!ctl_page_shows(call.page, result.verdict)) {
		if ((none = calloc(1, sizeof(*none))) == NULL)
			ctl_fail("out of memory");
		none->verdict = result.verdict;
		none->fault = result.fault;
		page_write(&call, none);
		free(none);
	}
	ctl_page_print(ctl, call.page);
	ctl_page_free(&call.page);
	free(call.records);
	free(call.input.text);
	return ctl_status(result.verdict);
}
