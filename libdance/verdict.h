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

#include "credential.h"
#include "error.h"
#include "identity.h"
#include "judge.h"
#include "map.h"
#include "policy.h"
#include "resolver.h"

/*
 * What the client offers, as text: see dance_credential_parse(); or an X.509
 * chain that stands alone, where chain is not NULL.
 */
struct dance_offer {
	const char *type;
	const char *base64;
	const char *fingerprint; /* NULL if nobody stated one */
	const uint8_t *chain;	 /* DER, leaf first */
	size_t chain_len;
	enum dance_use use; /* which lines of the map can be kept */
};

/* One identity that the map allows, and what DNS says of it. */
struct dance_candidate {
	struct dance_map_match match;
	char spelled[DANCE_IDENTITY_MAX + 1]; /* as the credential has it */
	const struct dance_rrset *rrset;      /* NULL: was not asked for */
	/* judged is final; not behind the accepted, nor without an answer */
	bool is_judged;
	struct dance_judgement judged;
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
	struct dance_dane_rules rules;		/* that they were judged by */
	char *line;		  /* for sshd, no newline; if accepted, and
				     not a chain that stands alone */
	struct dance_fault fault; /* why, in words; may be "" */
};

/*
 * Decide.  The policy's resolver is made here if it has none yet, and serves
 * its next decision too.  now is for certificates, deadline_ms
 * (CLOCK_MONOTONIC) for DNS.  Always fills *ret, which starts as a refusal: the
 * verdict is 0 only where the last line of the function says so.  Free with
 * dance_decision_clear().
 */
void dance_decide(struct dance_policy *policy, const struct dance_offer *offer,
    time_t now, int64_t deadline_ms, struct dance_decision *ret);

void dance_decision_clear(struct dance_decision *decision);

#endif
