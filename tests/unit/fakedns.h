/* SPDX-License-Identifier: ISC */
/*
 * Scripted name servers: one UDP socket on loopback each, with a thread behind
 * it, that behaves or misbehaves as told and remembers what it was asked.
 */
#ifndef FAKEDNS_H
#define FAKEDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ldns/ldns.h>

#define FAKEDNS_QUERIES_MAX 256

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
};

#define FAKEDNS_SLOW_MS 700

/* A signed zone. */
struct fakezone {
	ldns_rdf *apex;
	ldns_rr_list *records; /* with their RRSIGs */
	char *anchor;	       /* its DNSKEY, as a line */
};

struct fakedns_query {
	char name[256];
	unsigned type;
	int64_t at; /* dance_now_ms() */
};

struct fakedns;

/* Sign the records (text lines that end in NULL) as zone apex. */
struct fakezone *fakezone_new(const char *apex, const char *const *lines);
void fakezone_free(struct fakezone **zone);

/* The zone may be NULL for manners that need none; it must stay. */
struct fakedns *fakedns_start(
    enum fakedns_manner manner, const struct fakezone *zone);
/* "127.0.0.1@PORT" */
const char *fakedns_address(const struct fakedns *server);
/* What it was asked until now; returns how many. */
size_t fakedns_queries(
    struct fakedns *server, struct fakedns_query list[FAKEDNS_QUERIES_MAX]);
/* How often it was asked for this. */
size_t fakedns_count(struct fakedns *server, const char *name, unsigned type);
void fakedns_stop(struct fakedns **server);

#endif
