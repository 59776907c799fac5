/* SPDX-License-Identifier: ISC */
/*
 * SSH public keys (RFC 4253 6.6, RFC 5656 3.1, RFC 8709, OpenSSH's sk- types)
 * and their canonical SubjectPublicKeyInfo, which TLSA records with selector 1
 * are about.  Hostile input: only in the unprivileged worker.
 */
#ifndef DANCE_SSHKEY_H
#define DANCE_SSHKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define DANCE_RSA_MAX_BITS 16384 /* what OpenSSH takes; bounds the work */

struct evp_pkey_st;

enum dance_key_type {
	DANCE_KEY_RSA,
	DANCE_KEY_ECDSA_P256,
	DANCE_KEY_ECDSA_P384,
	DANCE_KEY_ECDSA_P521,
	DANCE_KEY_ED25519,
	DANCE_KEY_SK_ECDSA_P256,
	DANCE_KEY_SK_ED25519,
};

/* One row for each key type that is taken. */
struct dance_key_info {
	enum dance_key_type type;
	const char *name;      /* "ssh-ed25519" */
	const char *cert_name; /* "ssh-ed25519-cert-v01@openssh.com" */
	const char *curve;     /* SSH name, NULL if none */
	const char *group;     /* OpenSSL name, NULL if none */
	bool is_sk;	       /* an application string follows */
};

struct dance_sshkey {
	const struct dance_key_info *info;
	uint8_t *blob; /* the plain key, canonical, owned */
	size_t blob_len;
	uint8_t *spki; /* DER, owned */
	size_t spki_len;
	unsigned bits;
	char *application;	  /* of an sk key, else NULL; owned */
	struct evp_pkey_st *pkey; /* owned; of the inner key if sk */
};

/* The row of a key type's plain or certificate name; NULL if unknown. */
const struct dance_key_info *dance_key_info_find(
    struct dance_bytes name, bool *ret_is_cert);

/*
 * Why a name without a row is refused: DANCE_ERR_WEAK_KEY for the names of
 * DSA, DANCE_ERR_BAD_CREDENTIAL for all others.
 */
int dance_key_info_error(struct dance_bytes name);

/*
 * Parse a whole plain key blob.  min_rsa is in bits.  Returns 0;
 * DANCE_ERR_WEAK_KEY for DSA and for RSA below min_rsa or 1024 bits;
 * DANCE_ERR_BAD_CREDENTIAL for everything that is malformed (trailing bytes,
 * numbers not in shortest form, compressed or off-curve points, embedded NUL)
 * or of an unknown type;
 * DANCE_ERR_INTERNAL without memory.  Free *ret with dance_sshkey_free().
 */
int dance_sshkey_parse(const uint8_t *blob, size_t len, unsigned min_rsa,
    struct dance_sshkey **ret);

/*
 * The same for the key's fields inside a certificate: reads them from w, which
 * stands behind the nonce, and leaves w behind them.
 */
int dance_sshkey_read(struct dance_wire *w, const struct dance_key_info *info,
    unsigned min_rsa, struct dance_sshkey **ret);

/*
 * Verify the signature blob (string algorithm, string signature, for sk keys
 * flags and counter) over message.  SHA-1 is refused.  Returns 0,
 * DANCE_ERR_WEAK_KEY for an "ssh-rsa" signature, DANCE_ERR_BAD_CREDENTIAL if
 * it does not verify or is malformed, or DANCE_ERR_INTERNAL.
 */
int dance_sshkey_verify(const struct dance_sshkey *key,
    struct dance_bytes signature, struct dance_bytes message);

/*
 * True if a signature of an sk key that dance_sshkey_verify() has verified says
 * that the authenticator knew its user (by a PIN or a fingerprint).
 */
bool dance_signature_is_user_verified(struct dance_bytes signature);

/* Free and set to NULL; takes NULL. */
void dance_sshkey_free(struct dance_sshkey **key);

#endif
