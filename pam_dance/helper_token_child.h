/* SPDX-License-Identifier: ISC */
/*
 * What helper_token.c and the process that it starts say to each other, over a
 * pair of stream sockets.  Both are one program: structures travel as they are
 * in memory.  The process answers each request with one reply.
 *
 *	helper				token process
 *	request, message	  ->
 *				  <-	reply, signature
 *	request			  ->
 *				  <-	reply, n times: entry, chain
 */
#ifndef HELPER_TOKEN_CHILD_H
#define HELPER_TOKEN_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "helper_token.h"

/* The descriptors of the process; it has no others. */
#define TOKEN_CHILD_FD	  3
#define TOKEN_CHILD_LEASH 4

#define TOKEN_MAGIC 0x746f6b31U

enum token_verb {
	TOKEN_LIST = 1,
	TOKEN_SIGN,
};

/* message_len octets follow. */
struct token_request {
	uint32_t magic;
	uint32_t serial; /* counts up from 1 */
	uint32_t verb;
	uint32_t which; /* of the offers that were listed last */
	uint32_t message_len;
	uint32_t has_pin;
	char pin[TOKEN_PIN_MAX];
};

struct token_reply {
	uint32_t magic;
	uint32_t serial; /* the request's */
	int32_t error;	 /* 0, or of enum dance_error: then nothing follows */
	uint32_t n;	 /* offers, or octets of the signature, that follow */
	struct dance_fault fault;
};

/* chain_len octets follow. */
struct token_entry {
	uint32_t chain_len;
	uint32_t tries; /* enum token_tries */
	uint8_t needs_pin;
	uint8_t has_pinpad;
	char label[TOKEN_LABEL_MAX];
};

/*
 * The process: become who it is to be, and serve requests on fd until the other
 * end is closed.  It is killed, with its group, when nobody holds the other end
 * of the pipe leash any more, or its parent ends.
 */
_Noreturn void token_child_run(
    const struct token_place *place, int fd, int leash, pid_t parent);

#endif
