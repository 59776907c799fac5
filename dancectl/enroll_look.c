/* SPDX-License-Identifier: ISC */
/*
 * One look at DNS, with the rules of a login: is the answer secure, and does
 * it vouch for the key?  In a worker.
 */
#include <stdio.h>
#include <stdlib.h>

#include "claims.h"
#include "enroll.h"
#include "judge.h"
#include "sandbox.h"

#define USAGES                                  \
	(DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) | \
	    DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE))

/* As dancectl query, and behind the walls from then on. */
static int
rrset_get(const struct enroll *enroll, struct dance_config **ret_config,
    struct dance_rrset *ret, struct dance_fault *fault)
{
	const char *owner = enroll->wish.identity.owner;
	struct dance_lookup lookup = { .owners = &owner, .n = 1 };
	struct dance_anchors *anchors = NULL;
	struct dance_resolver *resolver = NULL;
	struct dance_config *config;
	int r;

	if ((r = ctl_worker_drop_root(fault)) != 0 ||
	    (r = dance_config_load(enroll->ctl->root, &config, fault)) != 0)
		return r;
	*ret_config = config;
	lookup.deadline_ms = dance_now_ms() + config->timeout_ms;
	if ((r = dance_anchors_load(config, &anchors, fault)) != 0 ||
	    (r = dance_sandbox_enter(
		 config->timeout_ms / 1000 + 2, false, fault)) != 0 ||
	    (r = dance_resolver_new(config, anchors, &resolver, fault)) != 0 ||
	    (r = dance_resolver_lookup(resolver, &lookup, ret)) != 0)
		return r;
	return dance_rrset_state(ret);
}

/* What the reason alone does not say. */
static void
fault_fill(
    const struct dance_rrset *rrset, int verdict, struct dance_fault *fault)
{
	long long left = (long long)(rrset->valid_until - time(NULL));

	if (fault->text[0] != '\0')
		return;
	if (rrset->why[0] != '\0')
		dance_fault_set(fault, "%s", rrset->why);
	else if (verdict == DANCE_ERR_NO_TLSA)
		dance_fault_set(fault,
		    "resolvers may remember for %lld s that there is none",
		    left > 0 ? left : 0);
	else if (verdict == DANCE_ERR_MISMATCH)
		dance_fault_set(fault,
		    "of the %zu records that are there none is about this "
		    "key; resolvers may remember them for %lld s",
		    rrset->n_records, left > 0 ? left : 0);
}

static int
key_judge(const struct enroll *enroll, const struct dance_config *config,
    const struct dance_rrset *rrset, struct dance_judgement *ret)
{
	const struct ctl_input *input = &enroll->wish.input;
	const struct dance_identity *identity = &enroll->wish.identity;
	struct dance_credential *cred = NULL;
	struct dance_dane_rules rules;
	struct dance_bytes spelled;
	int r;

	dance_dane_rules_init(
	    &rules, config->usages & USAGES, config->min_rsa, time(NULL));
	if ((r = dance_credential_parse_file(
		 input->text, input->len, config->min_rsa, &cred)) != 0)
		return r;
	if (cred->cert != NULL &&
	    (r = dance_sshcert_check(cred->cert, rules.now)) != 0)
		return r;
	if (!dance_credential_names(cred, identity, &spelled))
		return DANCE_ERR_NAME_MISMATCH;
	return dance_rrset_judge(rrset, identity, cred, &rules, ret);
	/* The credential goes with the process. */
}

void
enroll_look(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct enroll *enroll = arg;
	struct dance_judgement judged = { .error = DANCE_ERR_INTERNAL };
	struct dance_config *config = NULL;
	const struct dance_tlsa *record;
	struct dance_rrset *rrset;
	int r;

	if ((rrset = calloc(1, sizeof(*rrset))) == NULL)
		return;
	if ((r = rrset_get(enroll, &config, rrset, &ret->fault)) == 0)
		r = key_judge(enroll, config, rrset, &judged);
	if (r != 0)
		fault_fill(rrset, r, &ret->fault);
	else {
		record = &rrset->records[judged.found.record];
		if (asprintf(ret_line, "%u %u %u %lld", record->usage,
			record->selector, record->matching,
			(long long)rrset->valid_until) == -1)
			return;
	}
	ret->verdict = r;
	/* The process ends here. */
}
