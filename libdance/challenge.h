/* SPDX-License-Identifier: ISC */
/*
 * What a key has to sign to be let in by PAM.  It is in the form of OpenSSH's
 * file signatures (PROTOCOL.sshsig), under a namespace of our own: an agent can
 * never be made to sign a login to another host or a document by it, and an
 * agent that signs nothing but what it knows for FIDO keys knows this form.
 */
#ifndef DANCE_CHALLENGE_H
#define DANCE_CHALLENGE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "error.h"
#include "wire.h"

#define DANCE_CHALLENGE_NAMESPACE "pam@dance-login"
#define DANCE_CHALLENGE_MAX	  128 /* octets that are signed */
#define DANCE_NONCE_LEN		  32

/* What the challenge is bound to; all borrowed, none NULL. */
struct dance_challenge_names {
	const char *service; /* PAM_SERVICE */
	const char *user;    /* PAM_USER: who is to be let in */
	const char *caller;  /* who asks, or "" */
};

struct dance_challenge {
	uint8_t octets[DANCE_CHALLENGE_MAX];
	size_t len;
};

/*
 * A new challenge, with a nonce of the kernel's and the host's own name:
 *
 *	"SSHSIG", string namespace, string "", string "sha512",
 *	string SHA-512 of (string "dance-login pam 1", string nonce,
 *	    string service, string user, string caller, string host,
 *	    uint64 now)
 *
 * Returns 0, or DANCE_ERR_INTERNAL, also for names that are too long.
 */
int dance_challenge_make(const struct dance_challenge_names *names, time_t now,
    struct dance_challenge *ret);

/* The same with a given nonce and host; for tests. */
int dance_challenge_from(const struct dance_challenge_names *names, time_t now,
    const uint8_t nonce[DANCE_NONCE_LEN], const char *host,
    struct dance_challenge *ret);

#endif
