/* SPDX-License-Identifier: ISC */
/*
 * The methods, in the order of the module's line.  The first that lets the user
 * in ends it; else the one that got furthest gives the reason.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "proof.h"
#include "resolver.h"
#include "sandbox.h"
#include "verdict.h"
#include "worker_child.h"

/* After the decision's own deadline, for a worker that does not keep it. */
#define GRACE_MS 200

/* The module waits for a person as long as the worker does. */
_Static_assert(DANCE_PAM_TOUCH_MS == DANCE_PERSON_MS, "one time");

int64_t
helper_deadline(const struct helper *helper)
{
	return helper->start_ms + helper->config->timeout_ms;
}

/* A FIDO key waits for its user: the worker has let it in already. */
static void
work_ask_person(void *arg)
{
	struct helper *helper = arg;

	helper->asked_ms = dance_now_ms();
	helper_set_timer(helper, helper->config->timeout_ms + DANCE_PERSON_MS);
	(void)helper_send_notice(
	    DANCE_PAM_TOUCH, "Touch your security key to go on.");
}

void
helper_work(
    struct helper *helper, dance_job *job, void *arg, int peer, char **ret_line)
{
	struct dance_work work = { .job = job,
		.arg = arg,
		.deadline_ms = helper_deadline(helper) + GRACE_MS,
		.has_peer = peer != -1,
		.peer = peer,
		.person = peer == -1 ? NULL : work_ask_person,
		.person_arg = helper,
		.store = &helper->store };
	char *line = NULL;

	helper->asked_ms = 0;
	dance_worker_run(&work, &helper->result, &line);
	/* A person's time is not that of the next method. */
	if (helper->asked_ms != 0) {
		helper->start_ms += dance_now_ms() - helper->asked_ms;
		helper_set_timer(helper, helper->config->timeout_ms);
	}
	/* A worker that has crashed has not said whom it was about. */
	if (helper->result.account[0] == '\0')
		memcpy(helper->result.account, helper->policy->account,
		    sizeof(helper->result.account));
	if (ret_line != NULL)
		*ret_line = line;
	else
		free(line);
}

bool
helper_enter_worker(
    const struct helper *helper, bool has_peer, struct dance_result *ret)
{
	helper->policy->cache = dance_worker_cache(&helper->store);
	ret->verdict = dance_sandbox_enter(
	    helper->config->timeout_ms / 1000 + 2, has_peer, &ret->fault);
	return ret->verdict == 0;
}

static void
job_agent(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct helper *helper = arg;
	struct dance_proof proof = { helper->policy, helper_deadline(helper) };
	struct dance_challenge_names names = {
		.service = helper->request.service,
		.user = helper->request.user,
		.caller = helper->request.caller,
	};

	(void)ret_line;
	if (helper_enter_worker(helper, true, ret))
		dance_proof_by_agent(&proof, DANCE_WORKER_PEER_FD, &names, ret);
}

static void
job_sshd(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct helper *helper = arg;
	struct dance_proof proof = { helper->policy, helper_deadline(helper) };

	(void)ret_line;
	if (helper_enter_worker(helper, false, ret))
		dance_proof_by_sshd(&proof,
		    helper->request.action == DANCE_PAM_AUTH ? DANCE_USE_FACTOR
							     : DANCE_USE_PROVEN,
		    helper->info, helper->request.info_len, ret);
}

static void
auth_agent(struct helper *helper)
{
	if (helper->agent == -1) {
		helper->result.fault = helper->no_agent;
		(void)helper_conclude(helper, DANCE_ERR_BAD_CREDENTIAL);
		return;
	}
	helper_work(helper, job_agent, helper, helper->agent, NULL);
}

static void
auth_sshd(struct helper *helper)
{
	if (helper->request.info_len == 0) {
		dance_fault_set(&helper->result.fault,
		    strcmp(helper->request.service, "sshd") == 0
			? "sshd has verified no key"
			: "the method sshd is for the service sshd alone");
		(void)helper_conclude(helper, DANCE_ERR_BAD_CREDENTIAL);
		return;
	}
	helper_work(helper, job_sshd, helper, -1, NULL);
}

static const struct {
	uint8_t method;
	const char *name;
	void (*run)(struct helper *helper);
} methods[] = {
	{ DANCE_PAM_AGENT, "agent", auth_agent },
	{ DANCE_PAM_PKCS11, "pkcs11", helper_auth_pkcs11 },
	{ DANCE_PAM_SSHD, "sshd", auth_sshd },
};

void
helper_run_method(struct helper *helper, uint8_t method)
{
	size_t i;

	memset(&helper->result, 0, sizeof(helper->result));
	helper->result.verdict = DANCE_ERR_INTERNAL;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].method == method) {
			helper->method = methods[i].name;
			methods[i].run(helper);
		}
}

/*
 * A fault ends the walk: the next method would meet it too, and nobody is to
 * be asked for a PIN in vain.
 */
static void
auth_methods(struct helper *helper)
{
	struct dance_result furthest;
	const char *method = NULL;
	size_t i;

	for (i = 0; helper->request.methods[i] != DANCE_PAM_NONE; i++) {
		helper_run_method(helper, helper->request.methods[i]);
		if (helper->result.verdict == 0 ||
		    dance_is_fault(helper->result.verdict))
			return;
		(void)helper_send_debug(helper);
		if (method == NULL ||
		    dance_reason_rank(helper->result.verdict) >
			dance_reason_rank(furthest.verdict)) {
			furthest = helper->result;
			method = helper->method;
		}
	}
	if (method == NULL)
		return;
	helper->result = furthest;
	helper->method = method;
}

static bool
auth_has(const struct helper *helper, enum dance_pam_method method)
{
	return memchr(helper->request.methods, (int)method,
		   sizeof(helper->request.methods)) != NULL;
}

int
helper_load_trust(struct helper *helper)
{
	int r = dance_policy_load_trust(helper->policy, &helper->result.fault);

	if (r == 0) {
		/* Another user than _dance has none; he asks each time. */
		(void)dance_store_open(helper->config, &helper->store, NULL);
		return 0;
	}
	/* Another fault is one of the host's bundle of roots. */
	helper->is_unanchored = helper->policy->anchors == NULL;
	return helper_conclude(helper, r);
}

/*
 * The map before all else: a stranger's agent or token is not touched, and the
 * process for a token does nothing yet but become the user it is to be.  Root
 * is kept only for as long as it takes to become the owner of an agent.
 */
void
helper_auth(struct helper *helper)
{
	bool has_agent = auth_has(helper, DANCE_PAM_AGENT);
	bool keeps_root = has_agent && helper->request.agent[0] != '\0';

	if (auth_has(helper, DANCE_PAM_PKCS11))
		helper_start_token(helper);
	if (!keeps_root && helper_confine(helper) != 0)
		return;
	if (helper_load_accounts(helper) != 0)
		return;
	if (has_agent)
		helper_connect_agent(helper);
	if (keeps_root && helper_confine(helper) != 0)
		return;
	if (helper_load_trust(helper) == 0)
		auth_methods(helper);
}
