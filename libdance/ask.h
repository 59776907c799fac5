/* SPDX-License-Identifier: ISC */
/*
 * Asking for a verdict from outside: load what the host says, shut the worker
 * in, decide there.  The path of sshd's helper, which dancectl explain walks
 * too.
 */
#ifndef DANCE_ASK_H
#define DANCE_ASK_H

#include <stdint.h>

#include "config.h"
#include "verdict.h"
#include "worker.h"

struct dance_question {
	const struct dance_config *config;
	const char *login;
	struct dance_offer offer;
	int64_t start_ms; /* CLOCK_MONOTONIC: the timeout counts from it */
	bool is_called_by_sshd; /* as of a policy */
	/*
	 * Called in the worker, behind its walls, with what was decided, to
	 * show it; policy is NULL if it could not be loaded.  May be NULL.
	 */
	void (*report)(const struct dance_policy *policy,
	    const struct dance_decision *decision, void *arg);
	void *arg;
};

/*
 * What is told of a decision: the texts of *result, and the record.  policy may
 * be NULL.
 */
void dance_result_fill(struct dance_result *result,
    const struct dance_policy *policy, const struct dance_decision *decision);

/*
 * Fills *ret and, for an accepted login only, *ret_line: see
 * dance_worker_run().  Takes no longer than the timeout and a moment.
 */
void dance_ask(const struct dance_question *question, struct dance_result *ret,
    char **ret_line);

#endif
