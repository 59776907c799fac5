/* SPDX-License-Identifier: ISC */
/*
 * The verdict: may this credential use this account?  One function decides for
 * sshd, PAM and dancectl alike.  What it needs of the host is loaded first,
 * from files that only root can have written; the decision itself opens no
 * file, so that the caller can give up the file system before hostile bytes
 * are parsed.
 */
#ifndef DANCE_VERDICT_H
#define DANCE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "anchor.h"
#include "config.h"
#include "credential.h"
#include "error.h"
#include "identity.h"
#include "map.h"
#include "resolver.h"

/* What the host says, before anything foreign is looked at. */
struct dance_policy {
	const struct dance_config *config; /* borrowed */
	struct dance_map *map;
	struct dance_anchors *anchors;
	char login[DANCE_ACCOUNT_MAX];
	char account[DANCE_ACCOUNT_MAX]; /* the login's, by the map */
	bool is_ordinary;		 /* patterns may reach the account */
	bool is_identity;		 /* the login name is an identity */
	struct dance_identity identity;	 /* then: which */
};

/*
 * Load the map and the trust anchors and find the account behind the login
 * name.  Returns 0, DANCE_ERR_CONFIG with a fault, or DANCE_ERR_INTERNAL.
 * Free with dance_policy_free().
 */
int dance_policy_load(const struct dance_config *config, const char *login,
    struct dance_policy **ret, struct dance_fault *fault);

/* Free and set to NULL; takes NULL. */
void dance_policy_free(struct dance_policy **policy);

/* What the client offers, as text: see dance_credential_parse(). */
struct dance_offer {
	const char *type;
	const char *base64;
	const char *fingerprint; /* NULL if nobody stated one */
};

/* One identity that the map allows, and what DNS says of it. */
struct dance_candidate {
	struct dance_map_match match;
	char spelled[DANCE_IDENTITY_MAX + 1]; /* as the credential has it */
	const struct dance_rrset *rrset;      /* NULL: was not asked for */
	bool is_usable[DANCE_RRSET_MAX];      /* of the RRset's records */
	int error;			      /* 0: vouched for, by ... */
	size_t record;			      /* ... this record */
};

struct dance_decision {
	int verdict;			     /* 0 to accept, or the reason */
	struct dance_credential *credential; /* NULL if malformed */
	struct dance_candidate *candidates;  /* map order */
	size_t n_candidates;
	struct dance_rrset *rrsets;
	size_t n_rrsets;
	const struct dance_candidate *accepted; /* NULL if refused */
	const struct dance_candidate *furthest; /* the reason is its, or NULL */
	char *line;		  /* for sshd, no newline; if accepted */
	struct dance_fault fault; /* why, in words; may be "" */
};

/*
 * Decide.  now is for certificates, deadline_ms (CLOCK_MONOTONIC) for DNS.
 * Always fills *ret, which starts as a refusal: the verdict is 0 only where
 * the last line of the function says so.  Free with dance_decision_clear().
 */
void dance_decide(const struct dance_policy *policy,
    const struct dance_offer *offer, time_t now, int64_t deadline_ms,
    struct dance_decision *ret);

void dance_decision_clear(struct dance_decision *decision);

/*
 * Does the credential itself leave room for id?  A bare key names nobody, so
 * it does; a certificate must have id among its principals, and *ret_spelled,
 * borrowed, is how it stands there.
 */
bool dance_credential_names(const struct dance_credential *cred,
    const struct dance_identity *id, struct dance_bytes *ret_spelled);

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
