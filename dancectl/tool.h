/* SPDX-License-Identifier: ISC */
/*
 * OpenSSH's own tools, at work for the person who has called dancectl: they
 * have his rights, his environment and his terminal, where they may ask for a
 * passphrase or a touch.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stddef.h>

#include "dancectl.h"

#define TOOL_ARGS_MAX 64

struct tool_call {
	const char *const *args; /* the tool's name first, then NULL last */
	int folder;		 /* where it runs; -1: where we are */
	const struct ctl_input *input; /* its standard input; NULL: ours */
	/*
	 * Octets of its standard output that may come, at most CTL_INPUT_MAX;
	 * 0: they are for the person, and go to standard error.
	 */
	size_t max;
	int ms;		 /* that it may take; 0: as many as the person needs */
	size_t file_max; /* octets of a file that it writes; 0: any number */
};

/*
 * Run it to its end; Ctrl-C ends the tool alone.  *ret gets its output where
 * some was wanted; its text is malloced.  Returns 0 and the exit status (128
 * and the signal if one has ended it), or DANCE_ERR_CONFIG with a fault where
 * it could not be run, said too much or took too long.
 */
int tool_run(const struct tool_call *call, struct ctl_input *ret,
    int *ret_status, struct dance_fault *fault);

/*
 * The public key of a private one; ssh-keygen may ask for its passphrase.
 * ret->text is malloced.  Returns 0, or DANCE_ERR_CONFIG with a fault.
 */
int tool_get_public(
    const char *key, struct ctl_input *ret, struct dance_fault *fault);

/*
 * May ssh-keygen load the library?  As root only one that root alone can have
 * put there, and where it is p11-kit, such ones as that is told to load.
 * Returns 0, or DANCE_ERR_CONFIG with a fault; DANCE_ERR_INTERNAL.
 */
int tool_check_library(const char *path, struct dance_fault *fault);

#endif
