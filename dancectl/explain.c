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

/* With --login, the map has to lead to the account asked for. */
static int
call_verdict(const struct call *call, const char *account, int verdict)
{
	if (call->login == NULL || dance_is_fault(verdict) ||
	    strcmp(account, call->account) == 0)
		return verdict;
	return DANCE_ERR_NOT_MAPPED;
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
		.usages = policy != NULL ? policy->config->usages : 0,
		.decision = decision };
	const char *account = policy != NULL ? policy->account : call->account;

	if (call->login == NULL)
		view.account = account;
	else if (call_verdict(call, account, 0) != 0 &&
	    !dance_is_fault(decision->verdict)) {
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

/* The two words of the only line, or two empty ones, which are no key. */
static void
offer_make(struct ctl_input *input, struct dance_offer *ret)
{
	static const char blanks[] = " \t\r";
	char *text = input->text, *line, *word, *found = NULL;

	ret->type = ret->base64 = "";
	if (input->len > CTL_INPUT_MAX || strlen(text) != input->len)
		return;
	while ((line = strsep(&text, "\n")) != NULL) {
		line += strspn(line, blanks);
		if (*line == '\0' || *line == '#')
			continue;
		if (found != NULL)
			return;
		found = line;
	}
	if (found == NULL || (word = strpbrk(found, blanks)) == NULL)
		return;
	*word++ = '\0';
	word += strspn(word, blanks);
	word[strcspn(word, blanks)] = '\0';
	ret->type = found;
	ret->base64 = word;
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
	verdict = call_verdict(call, result.account, result.verdict);
	if (!ctl_page_shows(call->page, verdict)) {
		if (!dance_is_fault(verdict))
			verdict = DANCE_ERR_INTERNAL;
		report_fault(call, verdict, &result.fault);
	}
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
	struct dance_offer offer = { .fingerprint = NULL };
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
		offer_make(&input, &offer);
		verdict = explain_ask(&call, config, &offer);
	}
	ctl_page_print(ctl, call.page);
	ctl_page_free(&call.page);
	dance_config_free(&config);
	free(input.text);
	return ctl_status(verdict);
}
