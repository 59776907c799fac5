/* SPDX-License-Identifier: ISC */
/*
 * The line in the system log for a decision: key=value, foreign text escaped.
 */
#ifndef DANCE_LOG_H
#define DANCE_LOG_H

#include <stddef.h>

#include "config.h"
#include "worker.h"

#define DANCE_LOG_LINE_MAX 1800 /* below the 2048 of RFC 3164 relays */

/* Open the log of the facility AUTHPRIV; ident is static text. */
void dance_log_open(const char *ident);

/*
 * Append " key=value" (no blank in front at the start of the line).  A value
 * with other than plain characters stands in quotes, with \" \\ and \xHH.
 * Cut to size; the line always ends in NUL.
 */
void dance_log_field(
    char *line, size_t size, const char *key, const char *value);

/*
 * Log a result at its level: fault, refusal or acceptance.  offered is what
 * sshd says of the key; it stands in for a key that could not be parsed.
 */
void dance_log_result(const struct dance_result *result, const char *login,
    const char *offered, long ms, enum dance_log_level level);

/* Log what happened, "what happened: object: cause", as an error. */
void dance_log_fault(const char *what, const struct dance_fault *fault);

#endif
