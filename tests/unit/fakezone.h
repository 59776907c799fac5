/* SPDX-License-Identifier: ISC */
/*
 * Signed zones, and what a server of them says, in a manner that is good or
 * not.
 */
#ifndef FAKEZONE_H
#define FAKEZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <ldns/ldns.h>

/* How a server answers. */
enum fakedns_manner {
	FAKEDNS_GOOD,	/* what the zone says, signed */
	FAKEDNS_SILENT, /* not at all */
	FAKEDNS_REFUSED,
	FAKEDNS_SERVFAIL,
	FAKEDNS_GARBAGE,   /* octets that are no message */
	FAKEDNS_TRUNCATED, /* TC, and nobody listens on TCP */
	FAKEDNS_ALTERED,   /* signed data with another last octet */
	FAKEDNS_STRIPPED,  /* without signatures */
	FAKEDNS_SLOW,	   /* good, but only after FAKEDNS_SLOW_MS */
	FAKEDNS_LOSSY,	   /* good, but not when first asked for something */
};

/* How a key of a zone is made, and what it signs. */
struct fakezone_key {
	ldns_signing_algorithm algorithm;
	uint16_t bits;
	bool signs_keys;
	bool signs_data;
};

/* A signed zone.  A server of one also serves those that hang on it. */
struct fakezone {
	ldns_rdf *apex;
	ldns_rr_list *records; /* with their RRSIGs */
	ldns_key_list *keys;
	const struct fakezone_key *made; /* how they were */
	char *anchor;			 /* the first one's DNSKEY, as a line */
	char *ds;			 /* for the zone above */
	struct fakezone *next;		 /* of another apex; not owned */
};

/* Sign the records (text lines that end in NULL) as zone apex. */
struct fakezone *fakezone_new(const char *apex, const char *const *lines);
/* The same with these keys; they must stay. */
struct fakezone *fakezone_new_by(const char *apex, const char *const *lines,
    const struct fakezone_key *keys, size_t n);
/* The DS of the first key with another digest, a line; malloced. */
char *fakezone_ds(const struct fakezone *zone, ldns_hash digest);
void fakezone_free(struct fakezone **zone);
/* Sign it once more, with the same key, for these times. */
void fakezone_sign_again(struct fakezone *zone, time_t from, time_t until);
/* What a good server answers, as a packet; malloced. */
uint8_t *fakezone_answer(
    const struct fakezone *zone, const char *name, unsigned type, size_t *len);

/* The answer to a question; its number is not set. */
ldns_pkt *fakezone_respond(
    const struct fakezone *zone, enum fakedns_manner manner, const ldns_rr *q);

#endif
