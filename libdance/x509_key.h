/* SPDX-License-Identifier: ISC */
/*
 * Which public keys OpenSSL may be given to decode.  It decodes a key as soon
 * as it reads a certificate, and takes curves that the sender has made up: a
 * few kilobytes would then cost seconds, before anything else is known.
 */
#ifndef DANCE_X509_KEY_H
#define DANCE_X509_KEY_H

#include <stdbool.h>

#include "wire.h"

/*
 * True if the SubjectPublicKeyInfo at the start of der is of RSA, DSA, Ed25519,
 * Ed448 or of an elliptic curve that has a name (RFC 5480, 2.1.1; RFC 8410).
 * Looks at its head alone.
 */
bool dance_spki_is_known(struct dance_bytes der);

/* The same for the key of the certificate at the start of der. */
bool dance_cert_key_is_known(struct dance_bytes der);

#endif
