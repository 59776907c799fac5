/* SPDX-License-Identifier: ISC */
/*
 * Signatures by OpenSSL's keys, whatever form they came in.
 */
#ifndef DANCE_PKEY_H
#define DANCE_PKEY_H

#include "wire.h"

struct evp_pkey_st;

/*
 * Verify sig over message; md is the digest's name, NULL for a key that hashes
 * itself.  Returns 0, DANCE_ERR_BAD_CREDENTIAL or DANCE_ERR_INTERNAL.
 */
int dance_pkey_verify(struct evp_pkey_st *pkey, const char *md,
    struct dance_bytes sig, struct dance_bytes message);

/* The same for ECDSA, whose two numbers r and s are given as magnitudes. */
int dance_ecdsa_verify(struct evp_pkey_st *pkey, const char *md,
    struct dance_bytes r, struct dance_bytes s, struct dance_bytes message);

#endif
