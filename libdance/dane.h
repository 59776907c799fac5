/* SPDX-License-Identifier: ISC */
/*
 * X.509 chains against TLSA records (RFC 6698, RFC 7671), by OpenSSL's own DANE
 * verification: no path is built here.
 */
#ifndef DANCE_DANE_H
#define DANCE_DANE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "identity.h"
#include "tlsa.h"
#include "x509.h"

#define DANCE_AUTH_LEVEL 2 /* 112 bits: no RSA below 2048, no SHA-1 */

struct x509_store_st;

/* What the certificate must be fit for, if it says anything about that. */
enum dance_purpose {
	DANCE_PURPOSE_CLIENT, /* clientAuth or secureShellClient */
	DANCE_PURPOSE_SERVER,
	DANCE_PURPOSE_ANY,
};

/* The rules; those of a login are in dance_dane_rules_init(). */
struct dance_dane_rules {
	unsigned usages;	     /* DANCE_USAGE_BIT values */
	struct x509_store_st *roots; /* for usages 0 and 1; NULL: none */
	enum dance_purpose purpose;
	bool checks_ee_names; /* usage 3 too (RFC 7671, 5.1 says no) */
	int auth_level;	      /* SSL_CTX_set_security_level(3) */
	unsigned min_rsa;     /* bits, of each key that counts */
	time_t now;
};

/* How a verification ended. */
struct dance_dane_result {
	size_t record;	   /* index of the one that matched */
	int depth;	   /* of the certificate that it matched; -1: none */
	int openssl_error; /* X509_V_ERR_*, 0 */
};

void dance_dane_rules_init(struct dance_dane_rules *rules, unsigned usages,
    unsigned min_rsa, time_t now);

/*
 * Verify the chain against those records that are usable.  Records of usages 2
 * and 3 and records of usages 0 and 1 never meet in one verification.
 * Returns 0, with the record that matched; DANCE_ERR_NO_USABLE_TLSA,
 * DANCE_ERR_MISMATCH, DANCE_ERR_NAME_MISMATCH, DANCE_ERR_EXPIRED,
 * DANCE_ERR_UNTRUSTED, DANCE_ERR_WEAK_KEY or DANCE_ERR_INTERNAL.
 * *ret is written in every case.
 */
int dance_dane_verify(const struct dance_chain *chain,
    const struct dance_identity *id, const struct dance_tlsa *records, size_t n,
    const struct dance_dane_rules *rules, struct dance_dane_result *ret);

/* What OpenSSL calls an openssl_error; static text. */
const char *dance_dane_error_text(int openssl_error);

#endif
