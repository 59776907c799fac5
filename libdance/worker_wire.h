/* SPDX-License-Identifier: ISC */
/*
 * What a worker and the process that started it say to each other, for
 * worker*.c and their tests alone.  Both are the same program.
 */
#ifndef DANCE_WORKER_WIRE_H
#define DANCE_WORKER_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "worker.h"

enum dance_message_kind {
	DANCE_MESSAGE_RESULT, /* the last; octets: the line */
	DANCE_MESSAGE_PERSON, /* a person is asked now */
	DANCE_MESSAGE_FETCH,  /* gets a reply */
	DANCE_MESSAGE_SETTLE, /* octets: the entry */
};

#define DANCE_SETTLE_KEEPS  0x01 /* the octets; else only the lock ends */
#define DANCE_SETTLE_DATA   0x02 /* as in dance_keeping */
#define DANCE_SETTLE_NOTE   0x04 /* the same */
#define DANCE_FETCH_LOCKS   0x08
#define DANCE_SETTLE_DENIAL 0x10 /* as in dance_keeping */

/* From the worker; then len octets. */
struct dance_message {
	uint32_t kind;
	uint32_t flags;
	uint32_t seconds; /* as in dance_keeping */
	uint32_t len;
	struct dance_moment asked; /* the same */
	char owner[DANCE_NAME_MAX + 1];
	struct dance_result result;
};

/* The answer to a fetch; then len octets. */
struct dance_reply {
	uint32_t len;
	uint32_t is_busy;
};

/*
 * Write or read all octets, by poll() until the deadline (CLOCK_MONOTONIC).
 * Returns 0, DANCE_ERR_DNS_FAILURE when it has passed, or DANCE_ERR_INTERNAL.
 */
int dance_pipe_write(int fd, const void *data, size_t len, int64_t deadline_ms);
int dance_pipe_read(int fd, void *data, size_t len, int64_t deadline_ms);

#endif
