/* SPDX-License-Identifier: ISC */
/*
 * One RRset against one credential (RFC 6698, RFC 7671).
 */
#ifndef DANCE_JUDGE_H
#define DANCE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "credential.h"
#include "identity.h"
#include "resolver.h"

/*
 * What the state of an answer alone says, whatever the records: 0 for secure
 * data, or the reason why there is nothing to look at.
 */
int dance_rrset_state(const struct dance_rrset *rrset);

/*
 * Does a secure RRset at id's owner name vouch for the credential?  usages:
 * DANCE_USAGE_BIT values.  Fills is_usable[] for the RRset's records.  Returns
 * 0 with the record's index, or the reason.  The certificate's own rules
 * (dance_sshcert_check()) and its principals are not looked at here.
 */
int dance_rrset_judge(const struct dance_rrset *rrset,
    const struct dance_identity *id, const struct dance_credential *cred,
    unsigned usages, bool is_usable[DANCE_RRSET_MAX], size_t *ret_record);

#endif
