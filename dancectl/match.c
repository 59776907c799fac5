/* SPDX-License-Identifier: ISC */
/*
 * dancectl match: would these records vouch for this credential, if they were
 * secure?  The rules and their order are those of a login, without map and DNS.
 */
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "instant.h"
#include "match.h"

#define USAGES_DEFAULT                          \
	(DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) | \
	    DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE))

#define AUTH_LEVEL_MAX 5
#define ROOTS_MAX      (8UL * 1024 * 1024) /* octets, a whole bundle */

enum {
	OPTION_NAME = CTL_OPTION_OWN,
	OPTION_TLSA,
	OPTION_KEY,
	OPTION_CHAIN,
	OPTION_ROOTS,
	OPTION_USAGES,
	OPTION_PURPOSE,
	OPTION_IGNORE_EE_NAMES,
	OPTION_CHECK_EE_NAMES,
	OPTION_AUTH_LEVEL,
	OPTION_AT,
};

static void
match_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct match_call *call = arg;
	struct match_finding *f;

	(void)ret_line;
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return;
	f->verdict = match_find(call, f);
	ret->verdict = f->verdict;
	ret->fault = f->fault;
	if (f->verdict != DANCE_ERR_FORMAT)
		match_show(call, f);
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

static enum dance_purpose
purpose_read(const struct ctl *ctl, const char *text)
{
	static const char *const names[] = {
		[DANCE_PURPOSE_CLIENT] = "client",
		[DANCE_PURPOSE_SERVER] = "server",
		[DANCE_PURPOSE_ANY] = "any",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i]) == 0)
			return (enum dance_purpose)i;
	ctl_usage(ctl, "--purpose %s: not client, server or any", text);
}

/* The rules are those of a login, but for what is said here. */
static void
rules_option(const struct ctl *ctl, struct dance_dane_rules *rules, int option)
{
	switch (option) {
	case OPTION_USAGES:
		rules->usages = usages_read(ctl, optarg);
		break;
	case OPTION_PURPOSE:
		rules->purpose = purpose_read(ctl, optarg);
		break;
	case OPTION_IGNORE_EE_NAMES:
		rules->checks_ee_names = false;
		break;
	case OPTION_CHECK_EE_NAMES:
		rules->checks_ee_names = true;
		break;
	case OPTION_AUTH_LEVEL:
		rules->auth_level = (int)ctl_number(
		    ctl, "--auth-level", optarg, AUTH_LEVEL_MAX);
		break;
	default:
		if (instant_parse(optarg, &rules->now) != 0)
			ctl_usage(ctl,
			    "--at %s: neither seconds since 1970 nor "
			    "YYYYMMDD[HHMM[SS]]Z",
			    optarg);
	}
}

static void
call_option(struct match_call *call, int option)
{
	switch (option) {
	case OPTION_NAME:
		ctl_identity(call->ctl, optarg, &call->identity);
		break;
	case OPTION_TLSA:
		call->records[call->n_records++] = optarg;
		break;
	case OPTION_KEY:
	case OPTION_CHAIN:
		if (call->file != NULL)
			ctl_usage(call->ctl, "one --key or --chain, not more");
		call->file = optarg;
		call->is_chain = option == OPTION_CHAIN;
		break;
	case OPTION_ROOTS:
		call->roots_file = optarg;
		break;
	default:
		rules_option(call->ctl, &call->rules, option);
	}
}

static void
call_read(struct match_call *call, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, OPTION_NAME },
		{ "tlsa", required_argument, NULL, OPTION_TLSA },
		{ "key", required_argument, NULL, OPTION_KEY },
		{ "chain", required_argument, NULL, OPTION_CHAIN },
		{ "roots", required_argument, NULL, OPTION_ROOTS },
		{ "usages", required_argument, NULL, OPTION_USAGES },
		{ "purpose", required_argument, NULL, OPTION_PURPOSE },
		{ "ignore-ee-names", no_argument, NULL,
		    OPTION_IGNORE_EE_NAMES },
		{ "check-ee-names", no_argument, NULL, OPTION_CHECK_EE_NAMES },
		{ "auth-level", required_argument, NULL, OPTION_AUTH_LEVEL },
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
	if (call->file == NULL)
		ctl_usage(call->ctl, "--key is missing, or --chain");
}

/* What there is to say where no worker said it. */
static void
report_fault(const struct match_call *call, const struct dance_result *result)
{
	struct match_finding *none = calloc(1, sizeof(*none));

	if (none == NULL)
		ctl_fail("out of memory");
	none->verdict = result->verdict;
	none->fault = result->fault;
	match_show(call, none);
	free(none);
}

static void
input_explain(const struct match_call *call)
{
	if (!call->is_chain)
		ctl_input_explain(&call->input, call->file);
	else if (!ctl_input_is_x509(&call->input))
		ctl_say("%s: no X.509 certificate in it", call->file);
}

int
ctl_match(struct ctl *ctl, int argc, char *argv[])
{
	struct match_call call = { .ctl = ctl };
	struct dance_result result;

	dance_dane_rules_init(
	    &call.rules, USAGES_DEFAULT, CTL_MIN_RSA, time(NULL));
	call_read(&call, argc, argv);
	ctl_input_read(call.file, &call.input);
	if (call.roots_file != NULL)
		ctl_input_read_max(call.roots_file, ROOTS_MAX, &call.roots);
	ctl_drop_root(ctl);
	call.page = ctl_page_new();
	ctl_work(match_job, &call, dance_now_ms() + CTL_JOB_MS, &result);
	if (result.verdict == DANCE_ERR_FORMAT)
		ctl_usage(ctl, "%s", result.fault.text);
	if (result.verdict == DANCE_ERR_BAD_CREDENTIAL)
		input_explain(&call);
	if (!ctl_page_shows(call.page, result.verdict))
		report_fault(&call, &result);
	ctl_page_print(ctl, call.page);
	ctl_page_free(&call.page);
	free(call.records);
	free(call.input.text);
	free(call.roots.text);
	return ctl_status(result.verdict);
}
