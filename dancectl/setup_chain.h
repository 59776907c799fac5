/* SPDX-License-Identifier: ISC */
/*
 * Commands that may become chain-command though they ran as another user.
 */
#ifndef SETUP_CHAIN_H
#define SETUP_CHAIN_H

#include "setup.h"

/*
 * Is it one that is known to find as "_dance" what it finds as root, here and
 * now?  *ret is false for a command that is not known.  Returns an exit code:
 * not CTL_YES for one that is known and would find less.
 */
int setup_chain_known(struct setup *setup, const char *command, bool *ret);

#endif
