/* SPDX-License-Identifier: ISC */
/*
 * The line in the system log for a decision: key=value, foreign text escaped.
 */
#ifndef DANCE_LOG_H
#define DANCE_LOG_H

#include <stddef.h>

#include "config.h"
#include "log_field.h"
#include "worker.h"

#define DANCE_LOG_LINE_MAX 1800 /* below the 2048 of RFC 3164 relays */

/* Open the log of the facility AUTHPRIV; ident is static text. */
void dance_log_open(const char *ident);

/* What is told of a decision beside its result. */
struct dance_log_about {
	const char *login;
	const char *offered; /* fingerprint, if the result has none; or "" */
	const char *method;  /* of PAM; NULL: sshd asks, which has a key */
	const char *caller;  /* of PAM; NULL: not told */
	long ms;
};

/*
 * The priority for syslog(3) of a result, or -1 if it is not to be logged at
 * this level.
 */
int dance_log_priority(
    const struct dance_result *result, enum dance_log_level level);

/* The line for a result; line has size octets. */
void dance_log_format(const struct dance_result *result,
    const struct dance_log_about *about, char *line, size_t size);

/*
 * Log a result at its level: fault, refusal or acceptance.  offered is what
 * sshd says of the key; it stands in for a key that could not be parsed.
 */
void dance_log_result(const struct dance_result *result, const char *login,
    const char *offered, long ms, enum dance_log_level level);

/* Log what happened, "what happened: object: cause", as an error. */
void dance_log_fault(const char *what, const struct dance_fault *fault);

#endif
