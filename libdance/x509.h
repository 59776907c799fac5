/* SPDX-License-Identifier: ISC */
/*
 * Chains of X.509 certificates: what stands in the extension of an OpenSSH
 * certificate, or in a file.  Hostile input: only in the unprivileged worker.
 * A chain that parses proves nothing.
 */
#ifndef DANCE_X509_H
#define DANCE_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "identity.h"
#include "wire.h"

#define DANCE_CHAIN_EXTENSION  "x509-chain@dance-login"
#define DANCE_CHAIN_MAX	       16 /* certificates */
#define DANCE_CHAIN_CLAIMS_MAX 64
#define DANCE_CHAIN_BYTES_MAX  98304 /* of DER; more can't come by sshd */

struct asn1_string_st;
struct x509_st;
struct stack_st_X509;
struct x509_store_st;

struct dance_chain {
	struct x509_st *leaf;	      /* owned */
	struct stack_st_X509 *others; /* as they came, without leaf; owned */
	uint8_t *spki;		      /* the leaf's, DER; owned */
	size_t spki_len;
	unsigned rsa_bits; /* of the leaf; 0 if it is not RSA */
};

/*
 * Parse concatenated DER certificates, leaf first, up to the last octet.
 * Returns 0; DANCE_ERR_BAD_CREDENTIAL for none, for one that is malformed,
 * cut, or there twice, and above the limits; DANCE_ERR_INTERNAL.
 * Free *ret with dance_chain_free().
 */
int dance_chain_parse(const uint8_t *der, size_t len, struct dance_chain **ret);

/* The same from the CERTIFICATE blocks of PEM text; others are skipped. */
int dance_chain_parse_pem(
    const char *text, size_t len, struct dance_chain **ret);

/*
 * True for the types of strings that names are compared as: UTF8String,
 * PrintableString and IA5String.
 */
bool dance_x509_string_is_text(const struct asn1_string_st *string);

/*
 * Does the leaf hold a user identity: a SAN rfc822Name "uid@domain", or one
 * subject UID beside a SAN dNSName "domain" or "_user.domain"?  Letters of
 * either case are the same.  The chain behind the leaf is not looked at.
 */
bool dance_chain_names_user(
    const struct dance_chain *chain, const struct dance_identity *id);

/*
 * Verify a token's signature by the leaf's key over the message.  RSA: PKCS #1
 * v1.5 with SHA-256; elliptic curve: r and s of equal length over the SHA-256
 * digest; Ed25519.  Returns 0, DANCE_ERR_BAD_CREDENTIAL or DANCE_ERR_INTERNAL.
 */
int dance_chain_verify(const struct dance_chain *chain,
    struct dance_bytes signature, struct dance_bytes message);

/*
 * The identities that the leaf names: each SAN dNSName and rfc822Name that is
 * one, and "uid@domain" for one subject UID beside a SAN dNSName "domain" or
 * "_user.domain"; DANCE_CHAIN_CLAIMS_MAX at most, the rest is left out.
 * Nothing is proved by that.  *ret is malloced.  Returns 0 or
 * DANCE_ERR_INTERNAL.
 */
int dance_chain_claims(const struct dance_chain *chain,
    struct dance_identity **ret, size_t *ret_n);

/*
 * The host's own roots, for usages 0 and 1: a store made of the bundle that
 * Debian or Fedora keep, below root.  Returns 0, DANCE_ERR_CONFIG with a fault,
 * or DANCE_ERR_INTERNAL.  Free with X509_STORE_free().
 */
int dance_roots_load(
    const char *root, struct x509_store_st **ret, struct dance_fault *fault);

/* A store of the CERTIFICATE blocks of PEM text.  As above. */
int dance_roots_parse(const char *text, size_t len, const char *name,
    struct x509_store_st **ret, struct dance_fault *fault);

/* Free and set to NULL; takes NULL. */
void dance_chain_free(struct dance_chain **chain);

#endif
