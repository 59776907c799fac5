/* SPDX-License-Identifier: ISC */
/*
 * The state of a walk over an auth chain and its zones, for auth_chain.c and
 * auth_zone.c.
 */
#ifndef DANCE_AUTH_ZONE_H
#define DANCE_AUTH_ZONE_H

#include <ldns/ldns.h>
#include <stdbool.h>
#include <time.h>

#include "auth_chain.h"
#include "auth_rrset.h"

/* Whether a DS record or an anchor names a key, and by what digest. */
enum dance_auth_naming { NAMED_NOT, NAMED_WEAKLY, NAMED };

/* A zone that has signed something of the answer, or lies above one. */
struct dance_auth_zone {
	char name[DANCE_NAME_MAX + 2];
	ldns_pkt *packets[2]; /* DNSKEY, DS; owned */
	struct dance_auth_rrset dnskeys;
	struct dance_auth_rrset ds; /* with the anchors of an anchored zone */
	const struct dance_auth_zone *parent; /* NULL: anchored */
	ldns_rr_list *anchors;		      /* owned */
	/* Of the DNSKEY RRset those that can sign for a zone. */
	ldns_rr *rr[DANCE_AUTH_ZONE_KEYS_MAX];
	struct dance_auth_key keys[DANCE_AUTH_ZONE_KEYS_MAX];
	enum dance_auth_naming namings[DANCE_AUTH_ZONE_KEYS_MAX];
	size_t n_keys;
	bool is_proven;
};

struct dance_auth_walk {
	const struct dance_auth_question *question;
	struct dance_auth_path *path;
	ldns_pkt *packet;
	struct dance_auth_zone *zones; /* DANCE_AUTH_ZONES_MAX */
	size_t n_zones;
	unsigned n_verified;
	time_t now;
};

/*
 * Say why, unless it was said: name and cause.  Returns
 * DANCE_ERR_DNS_FAILURE.
 */
int dance_auth_fail(
    struct dance_auth_walk *walk, const char *name, const char *cause);

/*
 * Parse an answer, names in lower case, as signatures have them (RFC 4034,
 * section 6.2).  Free with ldns_pkt_free().  Returns 0 or DANCE_ERR_FORMAT.
 */
int dance_auth_packet_read(struct dance_bytes packet, ldns_pkt **ret);

/* dance_auth_rrset_read(), whose bound is a fault of the walk. */
int dance_auth_walk_rrset(struct dance_auth_walk *walk,
    const ldns_rr_list *section, const ldns_rdf *owner, ldns_rr_type type,
    struct dance_auth_rrset *ret);

/* The zone of this name, added if new.  Returns 0 or a fault. */
int dance_auth_zone_get(struct dance_auth_walk *walk, const ldns_rdf *apex,
    struct dance_auth_zone **ret);

/*
 * Read its keys, and its anchors or DS records with the zone that signed those,
 * which is added.  Nothing is verified.  Returns 0 or a fault.
 */
int dance_auth_zone_collect(
    struct dance_auth_walk *walk, struct dance_auth_zone *zone);

/*
 * Does one signature of the zone over the RRset hold that is strong?  Returns
 * 0, DANCE_ERR_WEAK_DNSSEC, or a fault.
 */
int dance_auth_rrset_verify(struct dance_auth_walk *walk,
    const struct dance_auth_rrset *rrset, const struct dance_auth_zone *zone);

/* Verify its keys, by its anchors or by its proven parent.  The same. */
int dance_auth_zone_prove(
    struct dance_auth_walk *walk, struct dance_auth_zone *zone);

void dance_auth_zone_clear(struct dance_auth_zone *zone);

#endif
