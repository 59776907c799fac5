/* SPDX-License-Identifier: ISC */
/*
 * One walk over the credentials that serves all methods.  Private to proof_*.c.
 */
#ifndef DANCE_PROOF_WALK_H
#define DANCE_PROOF_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "proof.h"
#include "verdict.h"

/* One credential; the walk sets what is below the blank line. */
struct dance_proof_item {
	struct dance_offer offer;
	struct dance_bytes blob; /* of an agent's key */

	bool is_settled;
	bool is_unusable; /* not parsed: it says less than any other */
	struct dance_result result;
};

struct dance_proof_walk {
	const struct dance_proof *proof;
	struct dance_proof_item *items;
	size_t n;
	/*
	 * Called for a credential that is let in: 0 if its holder has the key;
	 * else the reason, with a fault.  NULL: nothing is left to prove.
	 */
	int (*prove)(const struct dance_proof_item *item,
	    const struct dance_decision *d, void *arg,
	    struct dance_fault *fault);
	void *arg;
	/* Set by the walk; prove may move it by the time of a person. */
	int64_t deadline_ms;
	/* Set by prove: nothing more can be proved, and this is the result. */
	bool is_over;
};

/*
 * Fills *ret with the result of the first that is let in and proved, and
 * returns its index; else with that of the refusal that got furthest, or, where
 * there is no credential at all, bad-credential and the text none, and returns
 * n.
 */
size_t dance_proof_walk(
    struct dance_proof_walk *walk, const char *none, struct dance_result *ret);

/* Make *ret a refusal, of the policy's account. */
void dance_proof_refuse(
    struct dance_result *ret, const struct dance_policy *policy, int reason);

#endif
