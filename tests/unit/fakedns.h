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

#include "fakezone.h"

#define FAKEDNS_QUERIES_MAX 256

#define FAKEDNS_SLOW_MS 700

struct fakedns_query {
	char name[256];
	unsigned type;
	int64_t at; /* dance_now_ms() */
};

struct fakedns;

/* The zone may be NULL for manners that need none; it must stay. */
struct fakedns *fakedns_start(
    enum fakedns_manner manner, const struct fakezone *zone);
/* One question, of any type if that is 0, it answers so. */
void fakedns_except(struct fakedns *server, const char *name, unsigned type,
    enum fakedns_manner manner);
/* "127.0.0.1@PORT" */
const char *fakedns_address(const struct fakedns *server);
/* What it was asked until now; returns how many. */
size_t fakedns_queries(
    struct fakedns *server, struct fakedns_query list[FAKEDNS_QUERIES_MAX]);
/* How often it was asked for this. */
size_t fakedns_count(struct fakedns *server, const char *name, unsigned type);
void fakedns_stop(struct fakedns **server);

#endif
