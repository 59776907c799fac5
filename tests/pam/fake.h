/* SPDX-License-Identifier: ISC */
/*
 * What the tests and fake_helper say to each other, by files in the folder that
 * the test program works in: "script" is an array of steps, "record" one entry
 * for each start of the helper.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdint.h>

#include "../../pam_dance/protocol.h"

#define FAKE_STEPS_MAX 32
#define FAKE_INFO_MAX  128

enum fake_op {
	FAKE_END,	  /* exit 0; so does the end of the file */
	FAKE_READ,	  /* the request and what follows it, into the record */
	FAKE_SEND,	  /* arg octets of the message */
	FAKE_SEND_IF_PIN, /* as above, if the answer had a PIN */
	FAKE_DRIP,	  /* the message, an octet each arg milliseconds */
	FAKE_FLOOD,	  /* the message, for ever */
	FAKE_ANSWER,	  /* read an answer, into the record */
	FAKE_SLEEP,	  /* arg milliseconds */
	FAKE_RAISE,	  /* the signal arg */
	FAKE_IGNORE,	  /* the signal arg */
	FAKE_CLOSE,	  /* the socket */
	FAKE_EXIT,	  /* with status arg */
	FAKE_HANG,
};

struct fake_step {
	uint32_t op;
	uint32_t arg;
	struct dance_pam_message message;
};

/* What the helper found; texts are cut. */
struct fake_record {
	uint32_t pid;
	uint32_t uids[3]; /* real, effective, saved */
	uint32_t gids[3];
	uint32_t argc;
	uint32_t envc;
	char argv0[64];
	char exe[512];
	char cwd[512];
	char fds[1024]; /* "0:socket 1:/dev/null 2:/dev/null" */
	uint64_t blocked, ignored, caught, pending;
	uint32_t has_request;
	struct dance_pam_request request;
	uint32_t info_len; /* octets that were there */
	uint32_t info_sum; /* of them all */
	char info[FAKE_INFO_MAX];
	uint32_t has_answer;
	struct dance_pam_answer answer;
};

#endif
