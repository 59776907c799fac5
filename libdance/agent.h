/* SPDX-License-Identifier: ISC */
/*
 * The client's side of the SSH agent protocol (draft-ietf-sshm-ssh-agent), over
 * a socket that is connected already.  The agent belongs to whoever wants to be
 * let in, so it is as hostile as he is: worker only.
 */
#ifndef DANCE_AGENT_H
#define DANCE_AGENT_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "wire.h"

#define DANCE_AGENT_REPLY_MAX 262144 /* octets, as OpenSSH */
#define DANCE_AGENT_KEYS_MAX  256    /* what is behind them is not looked at */

struct dance_agent_keys {
	uint8_t *reply;		   /* owned; the blobs borrow from it */
	struct dance_bytes *blobs; /* owned; keys and certificates */
	size_t n;
};

/*
 * The agent's keys, in its order.  Returns 0, also for none;
 * DANCE_ERR_BAD_CREDENTIAL with a fault for an agent that is silent at the
 * deadline (CLOCK_MONOTONIC), gone, or answers with something else;
 * DANCE_ERR_INTERNAL.  Free with dance_agent_keys_clear().
 */
int dance_agent_list(int fd, int64_t deadline_ms, struct dance_agent_keys *ret,
    struct dance_fault *fault);

/*
 * Have the key of a blob sign the message; RSA keys are asked for SHA-2.
 * *ret is malloced, and not looked into.  Returns 0; DANCE_ERR_MISMATCH if the
 * agent refuses, which may be asked for another key; otherwise as above, and
 * nothing more may be asked then.
 */
int dance_agent_sign(int fd, struct dance_bytes blob,
    struct dance_bytes message, int64_t deadline_ms, uint8_t **ret,
    size_t *ret_len, struct dance_fault *fault);

void dance_agent_keys_clear(struct dance_agent_keys *keys);

#endif
