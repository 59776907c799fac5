/* SPDX-License-Identifier: ISC */
/*
 * Doing a piece of work in a child that may crash, hang or be taken over: it
 * hands back one bounded message, and is gone when the deadline is.
 */
#ifndef DANCE_WORKER_H
#define DANCE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "credential.h"
#include "error.h"
#include "identity.h"
#include "map.h"

struct dance_store;

/* A line for sshd: a key or CA key in base64, options, one principal. */
#define DANCE_LINE_MAX (DANCE_CREDENTIAL_TEXT_MAX + 2 * DANCE_MAP_LINE_MAX)

/* Where the child writes, where it reads replies, and what it may be given. */
#define DANCE_WORKER_FD	      3
#define DANCE_WORKER_REPLY_FD 4
#define DANCE_WORKER_PEER_FD  5

/* What a person has for touching a key: once in a worker's life. */
#define DANCE_PERSON_MS 30000

/* What a worker hands back: no pointers, texts end in NUL. */
struct dance_result {
	int verdict; /* 0, or the reason */
	char account[DANCE_ACCOUNT_MAX];
	char identity[DANCE_IDENTITY_MAX + 1]; /* a mere claim if refused */
	char fingerprint[DANCE_FINGERPRINT_MAX];
	uint8_t has_record; /* the next three are set */
	uint8_t usage;
	uint8_t selector;
	uint8_t matching;
	char source[8]; /* as of a dance_rrset */
	struct dance_fault fault;
};

/*
 * Runs in the child.  Fills *ret, which starts as an internal error, and
 * *ret_line (malloced) if there is a line.
 */
typedef void dance_job(void *arg, struct dance_result *ret, char **ret_line);

struct dance_work {
	dance_job *job;
	void *arg;
	int64_t deadline_ms; /* CLOCK_MONOTONIC: the child is killed then */
	bool has_peer;
	int peer; /* then: the child has it as DANCE_WORKER_PEER_FD */
	/* Called when the child asks for a person's time; NULL: it may not. */
	void (*person)(void *arg);
	void *person_arg;
	struct dance_store *store; /* that the child asks for; or NULL */
	bool takes_notes;	   /* of failures of the DNS, into the store */
};

/*
 * Do the work in a child that dies with this process, has no descriptor but
 * those of its messages (and the peer), and is killed at the deadline.  No
 * child is left, nor a name of the store locked.  *ret is always filled: a
 * child that ends without a message, or with one that is malformed, is an
 * internal error.  *ret_line is malloced, printable, one line, at most
 * DANCE_LINE_MAX octets; NULL if there is none or if the verdict is not 0.
 */
void dance_worker_run(
    const struct dance_work *work, struct dance_result *ret, char **ret_line);

#endif
