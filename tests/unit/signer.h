/* SPDX-License-Identifier: ISC */
/*
 * Keys that live in the test, made and used with libcrypto alone: for the
 * types and the mistakes that ssh-keygen can't make.
 */
#ifndef SIGNER_H
#define SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wirebuf.h"

struct evp_pkey_st;

struct signer {
	struct evp_pkey_st *pkey;
	const char *type;	 /* SSH name of the plain key */
	const char *application; /* of sk types */
	uint8_t flags;		 /* what the authenticator says: 1 = touched */
	uint32_t counter;
};

/* A new key of the type; bits count for RSA alone. */
struct signer *signer_new(const char *type, unsigned bits);

/* The fields behind the type name, and the whole blob. */
void signer_fields(const struct signer *s, struct wirebuf *ret);
void signer_blob(const struct signer *s, struct wirebuf *ret);

/* The signature blob; alg NULL: the key's usual algorithm. */
void signer_sign(const struct signer *s, const char *alg,
    struct dance_bytes message, struct wirebuf *ret);

void signer_free(struct signer **s);

/* Fields of a certificate, with ready values to be changed by a test. */
struct cert_spec {
	const char *type;
	const struct signer *key;
	const struct signer *ca;
	const struct wirebuf *ca_blob; /* in place of the CA's own */
	const char *alg;
	size_t nonce_len;
	uint32_t role;
	const struct wirebuf *key_id;
	const struct wirebuf *principals;
	uint64_t valid_after;
	uint64_t valid_before;
	const struct wirebuf *critical;
	const struct wirebuf *extensions;
};

void cert_spec_init(struct cert_spec *spec, const char *type,
    const struct signer *key, const struct signer *ca);
void cert_make(const struct cert_spec *spec, struct wirebuf *ret);

/* The same with one extension that makes the certificate as long as wanted. */
void cert_make_sized(struct cert_spec *spec, size_t size, struct wirebuf *ret);

#endif
