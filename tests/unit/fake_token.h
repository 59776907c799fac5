/* SPDX-License-Identifier: ISC */
/*
 * Signatures as a token makes them (PKCS #11), by the keys of pki.h.
 */
#ifndef FAKE_TOKEN_H
#define FAKE_TOKEN_H

#include "pki.h"

/*
 * Elliptic curves: r and s, half octets each (0: as many as the order has);
 * RSA: PKCS #1 v1.5; md is the digest's name, not of Ed25519.
 */
void fake_token_sign(const struct pki_cert *cert, const char *md,
    struct dance_bytes message, size_t half, struct wirebuf *ret);

#endif
