/* SPDX-License-Identifier: ISC */
/*
 * chain-command: another tool that may answer where we have nothing to say.
 */
#ifndef HELPER_CHAIN_H
#define HELPER_CHAIN_H

#include "ask.h"

/*
 * Become the configured command, with the question's words for its tokens and
 * the environment that sshd gave, which this program itself does not read.
 * Returns only if it can't be started: then status, and a line in the log.
 */
int helper_chain(const struct dance_question *question,
    char *const *environment, int status);

#endif
