/* SPDX-License-Identifier: ISC */
/*
 * Programs of the host that are asked for what they know, or told to do
 * something.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct program {
	const char *const *argv;	/* [0]: an absolute path */
	const char *user;		/* NULL: who we are */
	const char *const *environment; /* NULL: none */
	size_t max;			/* octets of each output */
	int ms;
};

struct program_answer {
	int status;   /* 128 and the signal that has killed it; -1: see below */
	bool is_late; /* it was killed when its time was over */
	bool is_long; /* it was killed when it had said more than max */
	char *out;    /* malloced, at most max octets, and a NUL */
	char *err;
};

/*
 * Run a program that only root can have put there, as user, who may be another
 * where we are root: in / and in a process group of its own, without input and
 * without descriptors but its own three, all signals as they are at first.
 * Nothing of its process group is left afterwards.  Returns 0, and *ret, to be
 * freed; or DANCE_ERR_CONFIG if it can't be started, with a fault.
 */
int program_run(const struct program *program, struct program_answer *ret,
    struct dance_fault *fault);
void program_answer_free(struct program_answer *answer);

/* The first line that it has said of its failure; cuts err behind it. */
const char *program_answer_line(struct program_answer *answer);

#endif
