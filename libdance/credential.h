/* SPDX-License-Identifier: ISC */
/*
 * What a client presents: a bare SSH key or an OpenSSH certificate, in the
 * form in which sshd hands it over (%t %k) or a file holds it.
 */
#ifndef DANCE_CREDENTIAL_H
#define DANCE_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "sshcert.h"
#include "sshkey.h"
#include "x509.h"

/* Just below MAX_ARG_STRLEN: more can't come in one argument of a command. */
#define DANCE_CREDENTIAL_TEXT_MAX 131072

#define DANCE_CHAIN_TYPE "x509-chain"

struct dance_credential {
	struct dance_sshkey *key;   /* the client must hold it; cert->key, or
				       owned where there is no cert; NULL for
				       a chain that stands alone */
	struct dance_sshcert *cert; /* NULL for a bare key or chain, owned */
	struct dance_chain *chain;  /* X.509, of the certificate; owned */
	const char *type;	    /* "%t": static text */
	char fingerprint[DANCE_FINGERPRINT_MAX]; /* SHA256 of the plain key; of
				       the leaf's SPKI where there is none */
};

/*
 * Parse the type and the base64 of a blob.  fingerprint is what sshd says of
 * it ("SHA256:..." or "MD5:..."), NULL if nobody said anything.
 * Returns 0; DANCE_ERR_BAD_CREDENTIAL, also where blob, type and fingerprint
 * disagree; DANCE_ERR_WEAK_KEY; DANCE_ERR_INTERNAL.
 */
int dance_credential_parse(const char *type, const char *base64,
    const char *fingerprint, unsigned min_rsa, struct dance_credential **ret);

/*
 * The type and the base64 of the key in the text of a public key file: "TYPE
 * BASE64 [COMMENT]", one line, empty lines and lines that start with "#" around
 * it.  Both are malloced.  Returns 0, DANCE_ERR_BAD_CREDENTIAL for another
 * text, or DANCE_ERR_INTERNAL.
 */
int dance_credential_split(
    const char *text, size_t len, char **ret_type, char **ret_base64);

/* dance_credential_parse() of what dance_credential_split() finds. */
int dance_credential_parse_file(const char *text, size_t len, unsigned min_rsa,
    struct dance_credential **ret);

/*
 * An X.509 chain that stands alone, as a token or a file has it: nobody's
 * principals, nobody's SSH key.  Takes *chain and sets it to NULL, whatever it
 * returns.  Returns 0 or DANCE_ERR_INTERNAL.
 */
int dance_credential_from_chain(
    struct dance_chain **chain, struct dance_credential **ret);

/*
 * The key that a line for sshd must show: the key itself, or the CA key of a
 * certificate.  Borrowed; NULL for a chain that stands alone.
 */
const struct dance_sshkey *dance_credential_line_key(
    const struct dance_credential *cred);

/* Free and set to NULL; takes NULL. */
void dance_credential_free(struct dance_credential **cred);

#endif
