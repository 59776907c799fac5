/* SPDX-License-Identifier: ISC */
/*
 * The line for sshd, seen from the process that prints it.
 */
#ifndef DANCE_SSHD_LINE_H
#define DANCE_SSHD_LINE_H

#include <stdbool.h>

/*
 * Is this whole line one that lets in the offered key alone (type and base64
 * as sshd gave them), or of a certificate one authority under one principal?
 * Before them stand options as dance_options_emit() writes them, and nothing
 * else: sshd takes the first key of a line, and the rest for a comment.
 */
bool dance_sshd_line_fits(
    const char *line, const char *type, const char *base64);

#endif
