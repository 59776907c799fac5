/* SPDX-License-Identifier: ISC */
/*
 * The decision of dancectl match.  What is decided, and in what order, is the
 * engine's; only where the credential and the records come from is not.
 */
#include <stdlib.h>

#include "chain.h"
#include "claims.h"
#include "match.h"
#include "sandbox.h"

/* The first foreign bytes: from here on behind walls. */
static int
credential_read(const struct match_call *call, struct match_finding *f)
{
	struct dance_chain *chain = NULL;
	int r;

	if (!call->is_chain)
		return ctl_worker_parse(&call->input, &f->cred, &f->fault);
	if ((r = dance_sandbox_enter(CTL_JOB_MS / 1000, false, &f->fault)) != 0)
		return r;
	if ((r = chain_read(&call->input, &chain)) != 0)
		return r;
	return dance_credential_from_chain(&chain, &f->cred);
}

/* An RRset of the records that were typed in. */
static int
rrset_make(const struct match_call *call, struct match_finding *f)
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

static int
rules_make(const struct match_call *call, struct dance_dane_rules *ret,
    struct dance_fault *fault)
{
	*ret = call->rules;
	if (call->roots_file == NULL)
		return 0;
	return dance_roots_parse(call->roots.text, call->roots.len,
	    call->roots_file, &ret->roots, fault);
}

int
match_find(const struct match_call *call, struct match_finding *ret)
{
	struct dance_dane_rules rules;
	struct dance_bytes spelled;
	int r;

	if ((r = credential_read(call, ret)) != 0 && dance_is_fault(r))
		return r;
	/* What was typed in wrong shows whatever the file is. */
	if (rrset_make(call, ret) != 0)
		return DANCE_ERR_FORMAT;
	if (r != 0)
		return r;
	if ((r = rules_make(call, &rules, &ret->fault)) != 0)
		return r;
	if (ret->cred->cert != NULL &&
	    (r = dance_sshcert_check(ret->cred->cert, rules.now)) != 0)
		return r;
	if (!dance_credential_names(ret->cred, &call->identity, &spelled))
		return DANCE_ERR_NAME_MISMATCH;
	ret->is_judged = true;
	return dance_rrset_judge(
	    &ret->rrset, &call->identity, ret->cred, &rules, &ret->judged);
}
