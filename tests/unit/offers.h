/* SPDX-License-Identifier: ISC */
/*
 * Credentials as sshd would hand them over, made in the test, and the rdata of
 * TLSA records for their keys.  Stops the test program if one can't be made.
 */
#ifndef OFFERS_H
#define OFFERS_H

#include <stddef.h>
#include <stdint.h>

#include "signer.h"
#include "verdict.h"

/* A key with all that tests want of it. */
struct offer_key {
	struct signer *signer;
	uint8_t *spki;
	size_t spki_len;
	char *base64;	   /* of the plain blob */
	char *fingerprint; /* SHA256 */
};

void offer_key_init(struct offer_key *key, const char *type, unsigned bits);
void offer_key_clear(struct offer_key *key);

/* The offer of the plain key; borrows from it. */
struct dance_offer offer_plain(const struct offer_key *key);

/* A principal with its length, since it may hold anything. */
struct offer_name {
	const char *data;
	size_t len;
};

/* What stands in a certificate; zero: a good user's one, valid for ever. */
struct offer_cert {
	const struct offer_key *key;
	const struct offer_key *ca;
	const char *principals; /* cut at blanks; or: */
	const struct offer_name *names;
	size_t n_names;
	uint64_t valid_after;
	uint64_t valid_before; /* 0: for ever */
	uint32_t role;	       /* 0: user */
};

/* Free the base64 of what comes back. */
struct dance_offer offer_make(const struct offer_cert *cert);
void offer_clear(struct dance_offer *offer);

/* Rdata "usage selector matching" over the key; freed by the caller. */
void offer_rdata(const struct offer_key *key, const char *fields, uint8_t **ret,
    size_t *ret_len);

#endif
