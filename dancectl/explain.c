/* SPDX-License-Identifier: ISC */
/*
 * dancectl explain: the path of sshd's helper, dance_ask(), walked for a key in
 * a file, with a report of every step.  What is shown is what was decided; this
 * file decides nothing but whether a login name leads to the account asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "explain.h"
#include "output.h"
#include "resolver.h"

enum {
	OPTION_KEY = CTL_OPTION_OWN,
	OPTION_LOGIN,
};

struct call {
	struct ctl *ctl;
	struct ctl_page *page;
	const char *account; /* as typed */
	const char *login;   /* NULL: the account's name */
	const char *key;
};

/*
 * With --login, the map has to lead to the account asked for, whatever DNS
 * says; account is where it leads, unless the verdict is that it can't be
 * known.
 */
static bool
leads_elsewhere(const struct call *call, const char *account, int verdict)
{
	return call->login != NULL && verdict != DANCE_ERR_CONFIG &&
	    verdict != DANCE_ERR_INTERNAL &&
	    strcmp(account, call->account) != 0;
}

static void
page_write(const struct call *call, const struct explain_view *view)
{
	int verdict = view->decision->verdict;
	FILE *out;

	if (call->ctl->is_json) {
		ctl_page_json(call->page, explain_json(view), verdict);
		return;
	}
	if ((out = ctl_page_open(call->page)) == NULL)
		return;
	explain_text(call->ctl, view, out);
	ctl_page_close(call->page, out, verdict);
}

/* In the worker, behind its walls. */
static void
report(const struct dance_policy *policy, const struct dance_decision *decision,
    void *arg)
{
	const struct call *call = arg;
	struct dance_decision elsewhere = { .credential =
						decision->credential };
	struct explain_view view = { .account = call->account,
		.login = call->login != NULL ? call->login : call->account,
		.decision = decision };
	const char *account = policy != NULL ? policy->account : call->account;

	if (call->login == NULL)
		view.account = account;
	else if (leads_elsewhere(call, account, decision->verdict)) {
		elsewhere.verdict = DANCE_ERR_NOT_MAPPED;
		dance_fault_set(&elsewhere.fault,
		    "login name %.64s: belongs to account %.64s, not to %.64s",
		    call->login, account, call->account);
		view.decision = &elsewhere;
	}
	page_write(call, &view);
}

/* What there is to say where no worker said it. */
static void
report_fault(
    const struct call *call, int verdict, const struct dance_fault *fault)
{
	struct dance_decision decision = { .verdict = verdict,
		.fault = *fault };
	struct explain_view view = { .account = call->account,
		.login = call->login != NULL ? call->login : call->account,
		.decision = &decision };

	page_write(call, &view);
}

static int
explain_ask(const struct call *call, const struct dance_config *config,
    const struct dance_offer *offer)
{
	struct dance_question question = {
		.config = config,
		.login = call->login != NULL ? call->login : call->account,
		.offer = *offer,
		.start_ms = dance_now_ms(),
		.report = report,
	};
	struct dance_result result;
	struct call copy = *call; /* the report does not write to it */
	char *line = NULL;
	int verdict;

	question.arg = &copy;
	dance_ask(&question, &result, &line);
	if (result.verdict == 0 && line == NULL)
		result.verdict = DANCE_ERR_INTERNAL;
	free(line);
	verdict = leads_elsewhere(call, result.account, result.verdict)
	    ? DANCE_ERR_NOT_MAPPED
	    : result.verdict;
	if (!ctl_page_shows(call->page, verdict)) {
		if (!dance_is_fault(verdict))
			verdict = DANCE_ERR_INTERNAL;
		report_fault(call, verdict, &result.fault);
	}
	return verdict;
}

/* A text that is no key is asked about too: the answer is bad-credential. */
static int
explain_key(const struct call *call, const struct dance_config *config,
    const struct ctl_input *input)
{
	char *type = NULL, *base64 = NULL;
	struct dance_offer offer = { .type = "", .base64 = "" };
	int verdict;

	if (dance_credential_split(input->text, input->len, &type, &base64) ==
	    0) {
		offer.type = type;
		offer.base64 = base64;
	}
	verdict = explain_ask(call, config, &offer);
	free(type);
	free(base64);
	return verdict;
}

static void
call_read(struct call *call, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, OPTION_KEY },
		{ "login", required_argument, NULL, OPTION_LOGIN },
		CTL_OPTIONS,
	};
	struct ctl *ctl = call->ctl;
	int c;

	while ((c = ctl_getopt(ctl, argc, argv, options)) != -1) {
		if (c == OPTION_KEY)
			call->key = optarg;
		else
			call->login = optarg;
	}
	ctl_operands(ctl, argc, 1);
	call->account = argv[optind];
	if (call->key == NULL)
		ctl_usage(ctl, "--key is missing");
	if (call->account[0] == '\0' ||
	    strlen(call->account) >= DANCE_ACCOUNT_MAX)
		ctl_usage(ctl, "ACCOUNT: empty or too long");
	if (call->login != NULL &&
	    (call->login[0] == '\0' ||
		strlen(call->login) >= DANCE_ACCOUNT_MAX))
		ctl_usage(ctl, "--login: empty or too long");
}

int
ctl_explain(struct ctl *ctl, int argc, char *argv[])
{
	struct call call = { .ctl = ctl };
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };
	struct ctl_input input;
	int verdict;

	call_read(&call, argc, argv);
	ctl_input_read(call.key, &input);
	ctl_drop_root(ctl);
	call.page = ctl_page_new();
	if ((verdict = dance_config_load(ctl->root, &config, &fault)) != 0)
		report_fault(&call, verdict, &fault);
	else {
		ctl_input_explain(&input, call.key);
		verdict = explain_key(&call, config, &input);
	}
	ctl_page_print(ctl, call.page);
	ctl_page_free(&call.page);
	dance_config_free(&config);
	free(input.text);
	return ctl_status(verdict);
}
