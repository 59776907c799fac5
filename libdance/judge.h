/* SPDX-License-Identifier: ISC */
/*
 * One RRset against one credential (RFC 6698, RFC 7671).
 */
#ifndef DANCE_JUDGE_H
#define DANCE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "credential.h"
#include "dane.h"
#include "identity.h"
#include "resolver.h"

/*
 * What the state of an answer alone says, whatever the records: 0 for secure
 * data, or the reason why there is nothing to look at.
 */
int dance_rrset_state(const struct dance_rrset *rrset);

/*
 * Why this RRset ended in that reason for the identity, in static text or the
 * RRset's own; "" if there is no more to say than the reason does.
 */
const char *dance_rrset_explain(const struct dance_rrset *rrset,
    const struct dance_identity *id, int error);

/* How an RRset and a credential fit. */
struct dance_judgement {
	int error;			 /* 0: vouched for, or the reason */
	bool is_usable[DANCE_RRSET_MAX]; /* of the RRset's records */
	struct dance_dane_result found;	 /* the record, if vouched for */
};

/*
 * Does a secure RRset at id's owner name vouch for the credential?  The
 * certificate's own rules (dance_sshcert_check()) and its principals are not
 * looked at here.  Fills *ret, whose error is 0 or the reason, and returns it.
 */
int dance_rrset_judge(const struct dance_rrset *rrset,
    const struct dance_identity *id, const struct dance_credential *cred,
    const struct dance_dane_rules *rules, struct dance_judgement *ret);

#endif
