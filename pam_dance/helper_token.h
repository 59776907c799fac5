/* SPDX-License-Identifier: ISC */
/*
 * PKCS#11 tokens, in a process of their own: the vendor's library is foreign
 * code, and is loaded there alone.  What comes from it is read with every
 * length checked and not looked into; the certificates are parsed, and the
 * signature is verified, behind the walls of the worker.
 */
#ifndef HELPER_TOKEN_H
#define HELPER_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "wire.h"

#define TOKEN_OFFERS_MAX 16
#define TOKEN_LABEL_MAX	 33   /* octets, with NUL (PKCS #11, 3.2) */
#define TOKEN_PIN_MAX	 513  /* octets, with NUL: PAM_MAX_RESP_SIZE */
#define TOKEN_SIG_MAX	 2048 /* octets: RSA of 16384 bits */

/* Octets; Ed25519 wants the whole message on the token. */
#define TOKEN_MESSAGE_MAX 65536

/* What the token says of the PIN tries that are left. */
enum token_tries {
	TOKEN_TRIES_MANY, /* says nothing */
	TOKEN_TRIES_FEW,  /* a wrong PIN was given since the last right one */
	TOKEN_TRIES_LAST, /* a wrong PIN now locks it */
	TOKEN_TRIES_NONE, /* it is locked */
};

/* A certificate with the private key that belongs to it. */
struct token_offer {
	char label[TOKEN_LABEL_MAX]; /* the token's, printable ASCII */
	uint8_t *chain;		     /* DER, leaf first, owned */
	size_t chain_len;
	bool needs_pin;
	bool has_pinpad; /* the PIN is typed on the reader */
	enum token_tries tries;
};

struct token_offers {
	struct token_offer list[TOKEN_OFFERS_MAX];
	size_t n;
};

struct token;

/* The process that is to be. */
struct token_place {
	const char *module; /* path; NULL: what is registered with p11-kit */
	unsigned timeout_ms;
	bool is_other; /* it becomes a user of its own, which root alone can */
	uid_t uid;     /* of that user */
	gid_t gid;
};

/*
 * Find the user of its own, "_dance-token": not the helper's, whose files it
 * could write and whose processes it could end.  Returns 0, or DANCE_ERR_CONFIG
 * with a fault if there is none, or if it is root or shares a number with
 * "_dance".
 */
int token_find_user(struct token_place *place, struct dance_fault *fault);

/*
 * Start the process, which loads no library before token_list().  Returns 0,
 * or DANCE_ERR_INTERNAL with a fault.  End it with token_free().
 */
int token_start(const struct token_place *place, struct token **ret,
    struct dance_fault *fault);

/*
 * The offers of all tokens.  Returns 0, also for none; DANCE_ERR_CONFIG with a
 * fault if the module can't be loaded; DANCE_ERR_BAD_CREDENTIAL with a fault
 * if the process does not answer by deadline_ms (CLOCK_MONOTONIC), ends, or
 * answers with something else: it is killed then, and later calls fail.
 * Free with token_offers_clear().
 */
int token_list(struct token *token, int64_t deadline_ms,
    struct token_offers *ret, struct dance_fault *fault);

/*
 * Log in with the PIN (NULL: none, or the reader asks), sign the message with
 * the key of offer number which, log out.  One try, never more.  ret has
 * TOKEN_SIG_MAX octets.  The signature is: RSA: PKCS #1 v1.5 with SHA-256; EC:
 * r and s, each as long as the order, over the SHA-256 digest; Ed25519: over
 * the message.  Returns 0; DANCE_ERR_BAD_CREDENTIAL with a fault that says
 * what happened (wrong PIN, locked, ...); DANCE_ERR_INTERNAL for a message
 * above TOKEN_MESSAGE_MAX.  Numbers are those of the last token_list().
 */
int token_sign(struct token *token, size_t which, const char *pin,
    struct dance_bytes message, int64_t deadline_ms, uint8_t *ret,
    size_t *ret_len, struct dance_fault *fault);

void token_offers_clear(struct token_offers *offers);

/* Kill and reap the process, free, set to NULL; takes NULL. */
void token_free(struct token **token);

#endif
