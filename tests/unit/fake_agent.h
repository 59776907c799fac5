/* SPDX-License-Identifier: ISC */
/*
 * An SSH agent in a process of its own, which signs with keys of the test and
 * does what no agent should.  What it was asked is kept where the test sees it.
 * Everything that goes wrong stops the test program.
 */
#ifndef FAKE_AGENT_H
#define FAKE_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "signer.h"
#include "wirebuf.h"

#define FAKE_KEYS_MAX 20
#define FAKE_SEEN_MAX 512

/* What it does when the key is to sign. */
enum fake_answer {
	FAKE_SIGNS,
	FAKE_REFUSES,
	FAKE_SIGNS_ANOTHER, /* message than the one it was given */
	FAKE_SENDS,	    /* the octets of "sends" as the signature */
	FAKE_SENDS_RAW,	    /* the octets of "sends" as the whole reply */
	FAKE_HANGS_UP,
	FAKE_IS_SILENT,
};

struct fake_key {
	struct wirebuf blob;	     /* owned; as it stands in the list */
	const struct signer *signer; /* that signs; need not be the blob's */
	const char *alg;	     /* NULL: the signer's usual one */
	enum fake_answer answer;
	struct wirebuf sends; /* owned */
};

struct fake_seen {
	unsigned n_lists;
	char order[64]; /* of the keys that had to sign: "a" is the first */
	uint32_t flags[FAKE_KEYS_MAX];
	uint8_t message[FAKE_SEEN_MAX]; /* the last one */
	size_t message_len;
	uint8_t signature[FAKE_SEEN_MAX]; /* the last one */
	size_t signature_len;
};

struct fake_agent {
	int fd; /* the client's end */
	pid_t pid;
	struct fake_seen *seen; /* shared with it */
};

void fake_agent_start(
    struct fake_agent *agent, const struct fake_key *keys, size_t n);

/* Hang up and wait for its end; *ret is what it has seen, may be NULL. */
void fake_agent_stop(struct fake_agent *agent, struct fake_seen *ret);

/*
 * A peer that sends these octets, piece by piece with a pause behind each, and
 * no more.  Then it reads.
 */
struct fake_peer {
	const uint8_t *data;
	size_t len;
	size_t piece; /* octets; 0: all of them at once */
	unsigned pause_ms;
	int type;     /* 0, or SOCK_SEQPACKET: pieces stay apart */
	bool stays;   /* it does not say that there will be no more */
	bool is_rude; /* it does not read, but is gone at once */
	bool never_reads;
	bool floods; /* the octets again and again, until it is hung up on */
};

void fake_peer_start(struct fake_agent *agent, const struct fake_peer *peer);

#endif
