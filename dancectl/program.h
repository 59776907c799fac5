/* SPDX-License-Identifier: ISC */
/*
 * Programs of the host that are asked for what they know.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stddef.h>

/*
 * Run argv[0], an absolute path that only root can have put there, with no
 * input, a minimal environment and ms milliseconds.  *ret_text gets the first
 * max octets of what it prints on both outputs; malloced, NULL if it was not
 * started.  Returns its exit status, or -1 if it was not started, was killed
 * or took too long.
 */
int program_run(char *const argv[], size_t max, int ms, char **ret_text);

#endif
