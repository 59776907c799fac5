/* SPDX-License-Identifier: ISC */
/*
 * X.509 certificates that live in the test, made from a table of texts with
 * libcrypto alone: good ones, and those that no CA would issue.  Everything
 * that goes wrong stops the test program with a line on stderr.
 */
#ifndef PKI_H
#define PKI_H

#include <stdbool.h>
#include <stddef.h>

#include "wirebuf.h"

/* Rows of tables end where nothing more is to be said. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct evp_pkey_st;
struct x509_st;

#define PKI_NOW	     1700000000
#define PKI_MADE_MAX 96

/* Extensions, to be put together with "|" between them. */
#define PKI_CA	     "basicConstraints=critical,CA:TRUE|keyUsage=keyCertSign"
#define PKI_SAN	     "subjectAltName="
#define PKI_EKU	     "extendedKeyUsage="
#define PKI_EKU_SSH  "1.3.6.1.5.5.7.3.21" /* secureShellClient */
#define PKI_CRITICAL "1.3.6.1.4.1.32473.1=critical,DER:0500"

/* The name of the extension with a chain. */
#define PKI_CHAIN_EXTENSION "x509-chain@dance-login"

/*
 * One certificate.  In subject and extensions "~" becomes a NUL octet, in
 * extensions in the names of a subjectAltName alone.
 */
struct pki_spec {
	const char *name;
	const char *issuer;	/* a name further up; NULL: signs itself */
	const char *extensions; /* "NAME=VALUE|...", as in openssl.cnf */
	/* "CN=a|UID=b"; "UID^30=b": of that ASN.1 type; NULL: CN is the name */
	const char *subject;
	/*
	 * NULL: P-256; "p192", "rsa2048", "dsa2048", "ed25519"; "=NAME": its
	 * key
	 */
	const char *key;
	const char *digest; /* NULL: SHA256 */
	int from;	    /* days from PKI_NOW; both 0: -1 to 1 */
	int until;
	bool is_v1;
};

struct pki_cert {
	const char *name;
	struct x509_st *x509;
	struct evp_pkey_st *pkey;
	struct wirebuf der;
	struct wirebuf spki;
};

struct pki {
	struct pki_cert certs[PKI_MADE_MAX];
	size_t n;
};

struct pki *pki_new(const struct pki_spec *specs, size_t n);
void pki_free(struct pki **pki);

/* The certificate of that name, its length given; it must exist. */
const struct pki_cert *pki_find(
    const struct pki *pki, const char *name, size_t len);

/* The DER of the certificates whose names stand in the text, blanks between. */
void pki_chain(const struct pki *pki, const char *names, struct wirebuf *ret);

/* The same as PEM text. */
void pki_pem(const struct pki *pki, const char *names, struct wirebuf *ret);

/* An OpenSSH certificate over a certificate's key. */
struct pki_carrier {
	const char *key; /* name of a certificate: its key is certified */
	const char *ca;	 /* NULL: key signs itself */
	bool is_sk;	 /* key is a FIDO key's */
	bool ca_is_sk;
	const char *chain; /* names, for the extension; NULL: none */
	const struct wirebuf *extensions; /* in place of that one */
};

/* Its blob; the type's name is returned. */
const char *pki_carry(const struct pki *pki, const struct pki_carrier *carrier,
    struct wirebuf *ret);

/* Append an extension to a list: its name, and a string around the text. */
void pki_extension(
    const char *name, const struct wirebuf *text, struct wirebuf *list);

/* Append the base64 of the data. */
void pki_base64(const struct wirebuf *data, struct wirebuf *ret);

#endif
