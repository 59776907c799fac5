/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "answer_names.h"
#include "auth_zone.h"
#include "clock.h"

#define TYPE_DS	    43
#define TYPE_DNSKEY 48

static int walk_fail(struct dance_auth_walk *walk, int error,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The first cause stands; foreign names in it are printable then. */
static int
walk_fail(struct dance_auth_walk *walk, int error, const char *format, ...)
{
	char *p = walk->path->why;
	va_list ap;

	if (*p != '\0')
		return error;
	va_start(ap, format);
	if (vsnprintf(p, sizeof(walk->path->why), format, ap) < 0)
		*p = '\0';
	va_end(ap);
	for (; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	return error;
}

int
dance_auth_fail(
    struct dance_auth_walk *walk, const char *name, const char *cause)
{
	return walk_fail(walk, DANCE_ERR_DNS_FAILURE, "%s: %s", name, cause);
}

/* All in lower case, as signatures have it (RFC 4034, section 6.2). */
int
dance_auth_packet_read(struct dance_bytes packet, ldns_pkt **ret)
{
	ldns_pkt *pkt = NULL;

	if (packet.data == NULL || packet.len > LDNS_MAX_PACKETLEN ||
	    ldns_wire2pkt(&pkt, packet.data, packet.len) != LDNS_STATUS_OK) {
		ldns_pkt_free(pkt);
		return DANCE_ERR_FORMAT;
	}
	ldns_rr_list2canonical(ldns_pkt_answer(pkt));
	ldns_rr_list2canonical(ldns_pkt_authority(pkt));
	*ret = pkt;
	return 0;
}

int
dance_auth_walk_rrset(struct dance_auth_walk *walk, const ldns_rr_list *section,
    const ldns_rdf *owner, ldns_rr_type type, struct dance_auth_rrset *ret)
{
	char name[DANCE_NAME_MAX + 1] = "";
	int r = dance_auth_rrset_read(section, owner, type, ret);

	if (r != DANCE_ERR_FORMAT)
		return r;
	(void)dance_answer_name(owner, name);
	return dance_auth_fail(
	    walk, name, "more signatures than are looked at");
}

/* The zone of this name, added if new. */
int
dance_auth_zone_get(struct dance_auth_walk *walk, const ldns_rdf *apex,
    struct dance_auth_zone **ret)
{
	char name[DANCE_NAME_MAX + 1];
	size_t i;

	if (dance_answer_name(apex, name) != 0)
		return dance_auth_fail(
		    walk, walk->question->owner, "a signer's name is odd");
	for (i = 0; i < walk->n_zones; i++)
		if (strcmp(walk->zones[i].name, name) == 0)
			break;
	if (i == DANCE_AUTH_ZONES_MAX)
		return dance_auth_fail(
		    walk, walk->question->owner, "it takes too many zones");
	if (i == walk->n_zones)
		memcpy(walk->zones[walk->n_zones++].name, name, sizeof(name));
	*ret = &walk->zones[i];
	return 0;
}

/* The answer of this type at the zone's name, parsed. */
static int
zone_packet(struct dance_auth_walk *walk, const struct dance_auth_zone *zone,
    uint16_t type, ldns_pkt **ret)
{
	const struct dance_auth_question *question = walk->question;
	struct dance_auth_path *path = walk->path;
	struct dance_bytes packet;

	packet = question->find(question->arg, zone->name, type);
	if (packet.data == NULL) {
		memcpy(path->missing, zone->name, sizeof(path->missing));
		path->missing_type = type;
		return walk_fail(walk, DANCE_ERR_DNS_FAILURE,
		    "zone %s: its %s records are missing", zone->name,
		    type == TYPE_DS ? "DS" : "DNSKEY");
	}
	return dance_auth_packet_read(packet, ret) == 0
	    ? 0
	    : dance_auth_fail(walk, zone->name, "an answer can't be read");
}

/* Those of the zone's name; none is left out. */
static int
zone_read_anchors(struct dance_auth_walk *walk, struct dance_auth_zone *zone)
{
	const struct dance_anchors *anchors = walk->question->anchors;
	ldns_rr *rr;
	size_t i;

	if ((zone->anchors = ldns_rr_list_new()) == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < anchors->n; i++) {
		if (strcmp(anchors->list[i].zone, zone->name) != 0)
			continue;
		rr = NULL;
		if (ldns_rr_new_frm_str(&rr, anchors->list[i].record, 0, NULL,
			NULL) != LDNS_STATUS_OK)
			return DANCE_ERR_INTERNAL;
		if (!ldns_rr_list_push_rr(zone->anchors, rr)) {
			ldns_rr_free(rr);
			return DANCE_ERR_INTERNAL;
		}
	}
	return 0;
}

static int
zone_read_keys(struct dance_auth_walk *walk, struct dance_auth_zone *zone)
{
	struct dance_auth_key *key;
	ldns_rr *rr;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(zone->dnskeys.rrs); i++) {
		if (zone->n_keys == DANCE_AUTH_ZONE_KEYS_MAX)
			return dance_auth_fail(
			    walk, zone->name, "more keys than are looked at");
		rr = ldns_rr_list_rr(zone->dnskeys.rrs, i);
		key = &zone->keys[zone->n_keys];
		memcpy(key->zone, zone->name, sizeof(key->zone));
		if (dance_auth_key_read(rr, walk->question->min_rsa, key) == 0)
			zone->rr[zone->n_keys++] = rr;
	}
	return 0;
}

/* The DS RRset, and the zone that signed it. */
static int
zone_collect_ds(struct dance_auth_walk *walk, struct dance_auth_zone *zone,
    const ldns_rdf *apex)
{
	struct dance_auth_zone *parent;
	int r;

	if ((r = zone_packet(walk, zone, TYPE_DS, &zone->packets[1])) != 0 ||
	    (r = dance_auth_walk_rrset(walk, ldns_pkt_answer(zone->packets[1]),
		 apex, LDNS_RR_TYPE_DS, &zone->ds)) != 0)
		return r;
	if (zone->ds.signer == NULL ||
	    ldns_rr_list_rr_count(zone->ds.rrs) > DANCE_AUTH_DS_MAX)
		return dance_auth_fail(walk, zone->name,
		    "no signed DS records, or more than are looked at");
	if ((r = dance_auth_zone_get(walk, zone->ds.signer, &parent)) != 0)
		return r;
	zone->parent = parent;
	return 0;
}

int
dance_auth_zone_collect(
    struct dance_auth_walk *walk, struct dance_auth_zone *zone)
{
	ldns_rdf *apex = NULL;
	int r;

	if ((r = zone_packet(walk, zone, TYPE_DNSKEY, &zone->packets[0])) !=
		0 ||
	    (r = zone_read_anchors(walk, zone)) != 0)
		return r;
	if ((apex = ldns_dname_new_frm_str(zone->name)) == NULL)
		return DANCE_ERR_INTERNAL;
	if ((r = dance_auth_walk_rrset(walk, ldns_pkt_answer(zone->packets[0]),
		 apex, LDNS_RR_TYPE_DNSKEY, &zone->dnskeys)) != 0 ||
	    (r = zone_read_keys(walk, zone)) != 0)
		goto out;
	if (ldns_rr_list_rr_count(zone->anchors) == 0)
		r = strcmp(zone->name, ".") == 0
		    ? dance_auth_fail(
			  walk, walk->question->owner, "it is under no anchor")
		    : zone_collect_ds(walk, zone, apex);
	else if (ldns_rr_list_rr_count(zone->anchors) > DANCE_AUTH_DS_MAX)
		r = dance_auth_fail(walk, zone->name, "too many anchors");
out:
	ldns_rdf_deep_free(apex);
	return r;
}

static enum dance_auth_naming
record_names(ldns_rr *record, ldns_rr *rr, const struct dance_auth_key *key)
{
	if (ldns_rr_get_type(record) == LDNS_RR_TYPE_DNSKEY)
		return ldns_calc_keytag(record) == key->tag &&
			ldns_rdf_compare(ldns_rr_dnskey_algorithm(record),
			    ldns_rr_dnskey_algorithm(rr)) == 0 &&
			ldns_rdf_compare(ldns_rr_dnskey_key(record),
			    ldns_rr_dnskey_key(rr)) == 0
		    ? NAMED
		    : NAMED_NOT;
	if (ldns_rr_rd_count(record) != 4 ||
	    ldns_rdf2native_int16(ldns_rr_rdf(record, 0)) != key->tag ||
	    ldns_rdf2native_int8(ldns_rr_rdf(record, 1)) != key->algorithm)
		return NAMED_NOT;
	if (dance_auth_digest_is_weak(
		ldns_rdf2native_int8(ldns_rr_rdf(record, 2))))
		return NAMED_WEAKLY;
	return ldns_rr_compare_ds(record, rr) ? NAMED : NAMED_NOT;
}

static enum dance_auth_naming
zone_names(const struct dance_auth_zone *zone, size_t which)
{
	const ldns_rr_list *list =
	    zone->parent == NULL ? zone->anchors : zone->ds.rrs;
	enum dance_auth_naming naming, best = NAMED_NOT;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(list); i++) {
		naming = record_names(ldns_rr_list_rr(list, i), zone->rr[which],
		    &zone->keys[which]);
		if (naming > best)
			best = naming;
	}
	return best;
}

/* A signature is to be verified: is there time, and were there not too many? */
static int
walk_spend(struct dance_auth_walk *walk)
{
	if (walk->n_verified == DANCE_AUTH_VERIFIED_MAX)
		return dance_auth_fail(walk, walk->question->owner,
		    "more signatures than are verified");
	if (dance_now_ms() >= walk->question->deadline_ms)
		return dance_auth_fail(walk, walk->question->owner,
		    "no time was left to verify the signatures");
	walk->n_verified++;
	return 0;
}

/*
 * One signature, with the keys that it may be of.  Returns 0 and *ret_holds, or
 * a fault; *ret_weak is a weak key that it may be of.
 */
static int
signature_try(struct dance_auth_walk *walk,
    const struct dance_auth_rrset *rrset, ldns_rr *signature,
    const struct dance_auth_zone *zone, bool *ret_holds,
    struct dance_auth_key *ret_weak)
{
	const struct dance_auth_key *key;
	bool is_own = rrset == &zone->dnskeys;
	enum dance_auth_naming naming;
	size_t i;
	int r;

	for (i = 0; i < zone->n_keys; i++) {
		key = &zone->keys[i];
		if (!dance_auth_signature_is_of(signature, key))
			continue;
		naming = is_own ? zone->namings[i] : NAMED;
		if (naming == NAMED_NOT)
			continue;
		if (key->weak != NULL || naming == NAMED_WEAKLY) {
			*ret_weak = *key;
			if (key->weak == NULL)
				ret_weak->weak =
				    "no DS record but one of SHA-1 names it";
			continue;
		}
		if ((r = walk_spend(walk)) != 0)
			return r;
		if (ldns_verify_rrsig_time(rrset->rrs, signature, zone->rr[i],
			walk->now) == LDNS_STATUS_OK) {
			*ret_holds = true;
			return 0;
		}
	}
	return 0;
}

static int
fail_weak(struct dance_auth_walk *walk, const struct dance_auth_key *key)
{
	char text[DANCE_AUTH_KEY_TEXT_MAX];

	dance_auth_key_format(key, text);
	return walk_fail(walk, DANCE_ERR_WEAK_DNSSEC, "zone %s: %s: %s",
	    key->zone, text, key->weak);
}

/* Does one signature of the zone hold that is strong? */
int
dance_auth_rrset_verify(struct dance_auth_walk *walk,
    const struct dance_auth_rrset *rrset, const struct dance_auth_zone *zone)
{
	struct dance_auth_key weak = { .weak = NULL };
	bool holds = false;
	size_t i;
	int r;

	for (i = 0; !holds && i < rrset->n_signatures; i++) {
		r = signature_try(
		    walk, rrset, rrset->signatures[i], zone, &holds, &weak);
		if (r != 0)
			return r;
	}
	if (holds)
		return 0;
	if (weak.weak != NULL)
		return fail_weak(walk, &weak);
	return dance_auth_fail(
	    walk, zone->name, "its signatures and keys do not fit together");
}

int
dance_auth_zone_prove(
    struct dance_auth_walk *walk, struct dance_auth_zone *zone)
{
	size_t i;
	int r;

	if (zone->parent != NULL &&
	    (r = dance_auth_rrset_verify(walk, &zone->ds, zone->parent)) != 0)
		return r;
	for (i = 0; i < zone->n_keys; i++)
		zone->namings[i] = zone_names(zone, i);
	if ((r = dance_auth_rrset_verify(walk, &zone->dnskeys, zone)) != 0)
		return r;
	zone->is_proven = true;
	return 0;
}

void
dance_auth_zone_clear(struct dance_auth_zone *zone)
{
	dance_auth_rrset_clear(&zone->dnskeys);
	dance_auth_rrset_clear(&zone->ds);
	ldns_rr_list_deep_free(zone->anchors);
	ldns_pkt_free(zone->packets[0]);
	ldns_pkt_free(zone->packets[1]);
}
