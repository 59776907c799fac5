/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "cache_store.h"
#include "sandbox.h"
#include "worker_child.h"

/* After the decision's own deadline, for a worker that does not keep it. */
#define GRACE_MS 200

void
dance_result_fill(struct dance_result *result,
    const struct dance_policy *policy, const struct dance_decision *d)
{
	const struct dance_candidate *c;
	const struct dance_tlsa *record;

	result->verdict = d->verdict;
	result->fault = d->fault;
	if (policy != NULL)
		memcpy(
		    result->account, policy->account, sizeof(result->account));
	if (d->credential != NULL)
		memcpy(result->fingerprint, d->credential->fingerprint,
		    sizeof(result->fingerprint));
	c = d->accepted != NULL ? d->accepted : d->furthest;
	if (c != NULL)
		memcpy(result->identity, c->match.identity.text,
		    sizeof(result->identity));
	if (c != NULL && c->rrset != NULL && c->rrset->source != NULL)
		snprintf(result->source, sizeof(result->source), "%s",
		    c->rrset->source);
	if (d->accepted == NULL)
		return;
	record = &c->rrset->records[c->judged.found.record];
	result->has_record = true;
	result->usage = record->usage;
	result->selector = record->selector;
	result->matching = record->matching;
}

/* What the child is given. */
struct asked {
	const struct dance_question *question;
	struct dance_store store;
};

/* The child: trusted files first, then the walls, then foreign bytes. */
static void
ask_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct asked *asked = arg;
	const struct dance_question *question = asked->question;
	const struct dance_config *config = question->config;
	struct dance_policy *policy = NULL;
	struct dance_decision decision;
	int r;

	memset(&decision, 0, sizeof(decision));
	r = dance_policy_load(
	    config, question->login, &policy, &decision.fault);
	if (r == 0) {
		policy->is_called_by_sshd = question->is_called_by_sshd;
		policy->cache = dance_worker_cache(&asked->store);
		r = dance_sandbox_enter(
		    config->timeout_ms / 1000 + 2, false, &decision.fault);
	}
	if (r == 0)
		dance_decide(policy, &question->offer, time(NULL),
		    question->start_ms + config->timeout_ms, &decision);
	else
		decision.verdict = r;
	dance_result_fill(ret, policy, &decision);
	if (decision.verdict == 0)
		*ret_line = decision.line;
	if (question->report != NULL)
		question->report(policy, &decision, question->arg);
	/* The process ends here; nothing is freed that could hang. */
}

void
dance_ask(const struct dance_question *question, struct dance_result *ret,
    char **ret_line)
{
	struct asked asked = { .question = question };
	struct dance_work work = { .job = ask_job,
		.arg = &asked,
		.deadline_ms = question->start_ms +
		    question->config->timeout_ms + GRACE_MS,
		.store = &asked.store,
		.takes_notes = question->is_called_by_sshd };

	/* Without it the DNS is asked each time; dancectl doctor says why. */
	(void)dance_store_open(question->config, &asked.store, NULL);
	dance_worker_run(&work, ret, ret_line);
	dance_store_close(&asked.store);
}
