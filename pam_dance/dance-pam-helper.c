/* SPDX-License-Identifier: ISC */
/*
 * What pam_dance.so does not do in the program that has loaded it: read files,
 * talk to agents, tokens and DNS, decide.  One request comes on standard input,
 * and one result goes back; see protocol.h.
 *
 * This program is not setuid and trusts its standard input: who runs it by
 * hand learns no more than he could find out himself.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "helper_token.h"
#include "resolver.h"

int
helper_conclude(struct helper *helper, int verdict)
{
	helper->result.verdict = verdict;
	if (helper->result.account[0] == '\0' && helper->policy != NULL)
		memcpy(helper->result.account, helper->policy->account,
		    sizeof(helper->result.account));
	return verdict;
}

/* A name that nobody has may be a password that was typed too early. */
static void
user_hide(struct helper *helper)
{
	if (helper->is_known || helper->is_not_ours ||
	    getpwnam(helper->request.user) != NULL)
		return;
	snprintf(
	    helper->result.account, sizeof(helper->result.account), "unknown");
	snprintf(helper->request.user, sizeof(helper->request.user), "unknown");
}

int
helper_load_accounts(struct helper *helper)
{
	struct dance_fault *fault = &helper->result.fault;
	struct dance_policy *policy;
	struct dance_map_word word;
	int r;

	r = dance_policy_load_accounts(
	    helper->config, helper->request.user, &helper->policy, fault);
	if (r != 0)
		return helper_conclude(helper, r);
	policy = helper->policy;
	if ((r = dance_map_ask(policy->map, policy->account,
		 policy->is_ordinary, &word, fault)) != 0)
		return helper_conclude(helper, r);
	/* The map has given the login name an account. */
	helper->is_known = word.is_known || policy->is_identity;
	if (helper->is_known)
		return 0;
	dance_fault_set(fault, "no line of the map is about the account");
	return helper_conclude(helper, DANCE_ERR_NOT_MAPPED);
}

static void
helper_run(struct helper *helper)
{
	int r = dance_config_load("", &helper->config, &helper->result.fault);

	if (helper_send_start(helper) != 0)
		return;
	if (r != 0) {
		(void)helper_conclude(helper, r);
		return;
	}
	helper_set_timer(helper, helper->config->timeout_ms);
	switch (helper->request.action) {
	case DANCE_PAM_AUTH:
		helper_auth(helper);
		break;
	case DANCE_PAM_ACCOUNT:
		helper_account(helper);
		break;
	case DANCE_PAM_SESSION:
		helper_session(helper);
		break;
	default:
		break;
	}
}

int
main(void)
{
	struct helper helper;
	int r;

	helper_shut_off();
	memset(&helper, 0, sizeof(helper));
	helper.start_ms = dance_now_ms();
	helper.parent = getppid();
	helper.agent = -1;
	helper.store.folder = helper.store.lock = -1;
	helper.result.verdict = DANCE_ERR_INTERNAL;
	helper_set_timer(&helper, DANCE_TIMEOUT_MAX_MS);
	r = helper_read_request(
	    &helper, helper.start_ms + DANCE_TIMEOUT_MAX_MS);
	if (r != 0) {
		static const char hint[] = "dance-pam-helper: "
					   "pam_dance.so runs this program\n";

		(void)!write(STDERR_FILENO, hint, sizeof(hint) - 1);
		return HELPER_FAILED;
	}
	helper_run(&helper);
	/* Of a method whose turn did not come. */
	token_free(&helper.token);
	if (helper.result.verdict != 0)
		user_hide(&helper);
	r = helper_send_result(&helper);
	/* What is left is freed with the process. */
	_exit(r == 0 ? HELPER_ANSWERED : HELPER_FAILED);
}
