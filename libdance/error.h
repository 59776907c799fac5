/* SPDX-License-Identifier: ISC */
/*
 * Error codes of the engine.  Every fallible function returns 0 or one of
 * these.  The security outcomes of a decision are codes of their own, one for
 * each reason that logs, --json and manuals name; "could not find out" (a
 * fault) and "found out: no" (an answer) never share a code.
 */
#ifndef DANCE_ERROR_H
#define DANCE_ERROR_H

#include <stdbool.h>

/* Longest text of a fault, with the NUL: object and cause, one line. */
#define DANCE_FAULT_MAX 512

enum dance_error {
	DANCE_OK = 0,

	/* Faults: temporary or local, worth an alarm. */
	DANCE_ERR_INTERNAL = -1,
	DANCE_ERR_CONFIG = -2,
	DANCE_ERR_DNS_FAILURE = -3,

	/* Answers: it is known that this login may not come in. */
	DANCE_ERR_NOT_MAPPED = -10,
	DANCE_ERR_DENIED_BY_MAP = -11,
	DANCE_ERR_NO_TLSA = -12,
	DANCE_ERR_INSECURE = -13,
	DANCE_ERR_BOGUS = -14,
	DANCE_ERR_NO_USABLE_TLSA = -15,
	DANCE_ERR_MISMATCH = -16,
	DANCE_ERR_NAME_MISMATCH = -17,
	DANCE_ERR_EXPIRED = -18,
	DANCE_ERR_UNTRUSTED = -19,
	DANCE_ERR_BAD_CREDENTIAL = -20,
	DANCE_ERR_WEAK_KEY = -21,
	DANCE_ERR_WEAK_DNSSEC = -22,

	/* Of parsers; their callers turn it into one of the codes above. */
	DANCE_ERR_FORMAT = -30,
};

/* A person must act: what is wrong, with which object. */
struct dance_fault {
	char text[DANCE_FAULT_MAX];
};

/*
 * The word for a code: "accept" for 0, else the reason ("not-mapped", ...).
 * A code that is no reason gives "internal".  Never NULL.
 */
const char *dance_reason(int error);

/* One sentence that explains a reason to a person and says what to do. */
const char *dance_reason_hint(int error);

/* True for dns-failure, config, internal and for codes that are no reason. */
bool dance_is_fault(int error);

/*
 * How far a refused login got, so that the one that got furthest gives its
 * reason: faults before all answers, then a mismatch of any kind, and so on.
 */
unsigned dance_reason_rank(int error);

/* The code of the word, or DANCE_ERR_FORMAT for a word that is no reason. */
int dance_reason_parse(const char *word);

/* printf into the fault, cut to its size.  fault may be NULL. */
void dance_fault_set(struct dance_fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
