/* SPDX-License-Identifier: ISC */
/* See fakezone.h. */
#include <stdlib.h>
#include <string.h>

#include "fakezone.h"

#define CHAIN_MAX 12 /* aliases in one answer */

/* A test that can't be set up must not pass. */
static void
must(bool is_true)
{
	if (!is_true)
		abort();
}

static void
zone_sign(struct fakezone *zone)
{
	ldns_rr_list *all = ldns_rr_list_clone(zone->records), *set,
		     *signatures;
	bool is_keys;
	size_t i;

	must(all != NULL);
	ldns_rr_list_sort(all);
	while ((set = ldns_rr_list_pop_rrset(all)) != NULL) {
		is_keys = ldns_rr_list_type(set) == LDNS_RR_TYPE_DNSKEY;
		for (i = 0; i < ldns_key_list_key_count(zone->keys); i++)
			ldns_key_set_use(ldns_key_list_key(zone->keys, i),
			    is_keys ? zone->made[i].signs_keys
				    : zone->made[i].signs_data);
		signatures = ldns_sign_public(set, zone->keys);
		must(signatures != NULL &&
		    ldns_rr_list_push_rr_list(zone->records, signatures));
		ldns_rr_list_free(signatures);
		ldns_rr_list_deep_free(set);
	}
	ldns_rr_list_deep_free(all);
}

/* A key of its own, in its lists and as others know it. */
static void
zone_add_key(struct fakezone *zone, const struct fakezone_key *made)
{
	ldns_key *key = ldns_key_new_frm_algorithm(made->algorithm, made->bits);
	ldns_rr *rr;

	must(key != NULL);
	ldns_key_set_pubkey_owner(key, ldns_rdf_clone(zone->apex));
	ldns_key_set_flags(key, LDNS_KEY_ZONE_KEY | LDNS_KEY_SEP_KEY);
	ldns_key_set_inception(key, (uint32_t)time(NULL) - 3600);
	ldns_key_set_expiration(key, (uint32_t)time(NULL) + 86400);
	rr = ldns_key2rr(key);
	must(rr != NULL && ldns_rr_list_push_rr(zone->records, rr));
	ldns_key_set_keytag(key, ldns_calc_keytag(rr));
	must(zone->keys != NULL && ldns_key_list_push_key(zone->keys, key));
	if (zone->anchor == NULL)
		zone->anchor =
		    ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
}

char *
fakezone_ds(const struct fakezone *zone, ldns_hash digest)
{
	ldns_rr *rr = NULL, *ds;
	char *text;

	must(ldns_rr_new_frm_str(&rr, zone->anchor, 0, NULL, NULL) ==
	    LDNS_STATUS_OK);
	ds = ldns_key_rr2ds(rr, digest);
	must(ds != NULL);
	text = ldns_rr2str_fmt(ldns_output_format_nocomments, ds);
	ldns_rr_free(ds);
	ldns_rr_free(rr);
	return text;
}

struct fakezone *
fakezone_new(const char *apex, const char *const *lines)
{
	static const struct fakezone_key key = { LDNS_SIGN_ECDSAP256SHA256, 256,
		true, true };

	return fakezone_new_by(apex, lines, &key, 1);
}

struct fakezone *
fakezone_new_by(const char *apex, const char *const *lines,
    const struct fakezone_key *keys, size_t n)
{
	struct fakezone *zone = calloc(1, sizeof(*zone));
	ldns_rr *rr = NULL;

	must(zone != NULL);
	zone->apex = ldns_dname_new_frm_str(apex);
	zone->records = ldns_rr_list_new();
	for (; *lines != NULL; lines++) {
		must(ldns_rr_new_frm_str(&rr, *lines, 300, NULL, NULL) ==
		    LDNS_STATUS_OK);
		must(ldns_rr_list_push_rr(zone->records, rr));
	}
	zone->keys = ldns_key_list_new();
	zone->made = keys;
	for (; n > 0; n--)
		zone_add_key(zone, keys++);
	zone->ds = fakezone_ds(zone, LDNS_SHA256);
	zone_sign(zone);
	return zone;
}

void
fakezone_sign_again(struct fakezone *zone, time_t from, time_t until)
{
	ldns_rr_list *old = zone->records;
	ldns_key *key;
	ldns_rr *rr;
	size_t i;

	zone->records = ldns_rr_list_new();
	while ((rr = ldns_rr_list_pop_rr(old)) != NULL) {
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG)
			ldns_rr_free(rr);
		else
			must(ldns_rr_list_push_rr(zone->records, rr));
	}
	ldns_rr_list_free(old);
	for (i = 0; i < ldns_key_list_key_count(zone->keys); i++) {
		key = ldns_key_list_key(zone->keys, i);
		ldns_key_set_inception(key, (uint32_t)from);
		ldns_key_set_expiration(key, (uint32_t)until);
	}
	zone_sign(zone);
}

void
fakezone_free(struct fakezone **zone)
{
	if (*zone == NULL)
		return;
	ldns_rdf_deep_free((*zone)->apex);
	ldns_rr_list_deep_free((*zone)->records);
	ldns_key_list_free((*zone)->keys);
	free((*zone)->anchor);
	free((*zone)->ds);
	free(*zone);
	*zone = NULL;
}

/* The RRset with its signatures; true if there is one. */
static bool
answer_add(const struct fakezone *zone, ldns_pkt *answer,
    ldns_pkt_section section, const ldns_rdf *name, ldns_rr_type type)
{
	bool is_found = false;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(zone->records); i++) {
		ldns_rr *rr = ldns_rr_list_rr(zone->records, i);
		ldns_rr_type rr_type = ldns_rr_get_type(rr);

		if (rr_type == LDNS_RR_TYPE_RRSIG)
			rr_type =
			    ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr));
		if (rr_type != type ||
		    ldns_dname_compare(ldns_rr_owner(rr), name) != 0)
			continue;
		is_found = true;
		must(ldns_pkt_push_rr(answer, section, ldns_rr_clone(rr)));
	}
	return is_found;
}

/* Takes the section. */
static ldns_rr_list *
section_strip(ldns_rr_list *from)
{
	ldns_rr_list *to = ldns_rr_list_new();
	ldns_rr *rr;

	while ((rr = ldns_rr_list_pop_rr(from)) != NULL) {
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG)
			ldns_rr_free(rr);
		else
			must(ldns_rr_list_push_rr(to, rr));
	}
	ldns_rr_list_deep_free(from);
	return to;
}

static void
answer_strip(ldns_pkt *answer)
{
	ldns_rr_list *list = section_strip(ldns_pkt_answer(answer));

	ldns_pkt_set_answer(answer, list);
	ldns_pkt_set_ancount(answer, (uint16_t)ldns_rr_list_rr_count(list));
	list = section_strip(ldns_pkt_authority(answer));
	ldns_pkt_set_authority(answer, list);
	ldns_pkt_set_nscount(answer, (uint16_t)ldns_rr_list_rr_count(list));
}

/* The last octet of TLSA records, or of what signs a denial. */
static void
section_alter(ldns_rr_list *list, ldns_rr_type type)
{
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rdf *last = ldns_rr_rdf(rr, ldns_rr_rd_count(rr) - 1);

		if (ldns_rr_get_type(rr) == type)
			ldns_rdf_data(last)[ldns_rdf_size(last) - 1] ^= 1;
	}
}

static void
answer_alter(ldns_pkt *answer)
{
	section_alter(ldns_pkt_answer(answer), LDNS_RR_TYPE_TLSA);
	section_alter(ldns_pkt_authority(answer), LDNS_RR_TYPE_RRSIG);
}

/* The zone that a question is about: the DS of one stands above it. */
static const struct fakezone *
zone_find(const struct fakezone *zone, const ldns_rdf *name, ldns_rr_type type)
{
	const struct fakezone *best = NULL, *first = zone;
	int order;

	for (; zone != NULL; zone = zone->next) {
		order = ldns_dname_compare(zone->apex, name);
		if ((order == 0 && type == LDNS_RR_TYPE_DS) ||
		    (order != 0 && ldns_dname_label_count(zone->apex) > 0 &&
			!ldns_dname_is_subdomain(name, zone->apex)))
			continue;
		if (best == NULL ||
		    ldns_dname_label_count(zone->apex) >
			ldns_dname_label_count(best->apex))
			best = zone;
	}
	return best != NULL ? best : first;
}

static void answer_add_any(const struct fakezone *zones, ldns_pkt *answer,
    const ldns_rdf *name, ldns_rr_type type, unsigned depth);

/* An alias and what stands at its end; true if there is one. */
static bool
answer_add_alias(const struct fakezone *zones, ldns_pkt *answer,
    const ldns_rdf *name, ldns_rr_type type, unsigned depth)
{
	const struct fakezone *zone = zone_find(zones, name, type);
	size_t at = ldns_rr_list_rr_count(ldns_pkt_answer(answer));

	if (!answer_add(
		zone, answer, LDNS_SECTION_ANSWER, name, LDNS_RR_TYPE_CNAME))
		return false;
	if (depth > 0)
		answer_add_any(zones, answer,
		    ldns_rr_rdf(
			ldns_rr_list_rr(ldns_pkt_answer(answer), at), 0),
		    type, depth - 1);
	return true;
}

/* The closest DNAME above a name goes into the answer; its owner, or NULL. */
static ldns_rdf *
dname_find(const struct fakezone *zone, ldns_pkt *answer, const ldns_rdf *name)
{
	ldns_rdf *above = ldns_dname_left_chop(name), *next;

	while (above != NULL && ldns_dname_label_count(above) > 0) {
		if (answer_add(zone, answer, LDNS_SECTION_ANSWER, above,
			LDNS_RR_TYPE_DNAME))
			return above;
		next = ldns_dname_left_chop(above);
		ldns_rdf_deep_free(above);
		above = next;
	}
	ldns_rdf_deep_free(above);
	return NULL;
}

/* The name with one end in the place of another; NULL if it gets too long. */
static ldns_rdf *
name_replace(
    const ldns_rdf *name, const ldns_rdf *above, const ldns_rdf *target)
{
	size_t n = ldns_rdf_size(name) - ldns_rdf_size(above);
	size_t len = ldns_rdf_size(target);
	uint8_t wire[2 * LDNS_MAX_DOMAINLEN];

	if (n + len > LDNS_MAX_DOMAINLEN)
		return NULL;
	memcpy(wire, ldns_rdf_data(name), n);
	memcpy(wire + n, ldns_rdf_data(target), len);
	return ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, n + len, wire);
}

/* The same for what a DNAME above the name makes of it (RFC 6672). */
static bool
answer_add_dname(const struct fakezone *zones, ldns_pkt *answer,
    const ldns_rdf *name, ldns_rr_type type, unsigned depth)
{
	const struct fakezone *zone = zone_find(zones, name, type);
	size_t at = ldns_rr_list_rr_count(ldns_pkt_answer(answer));
	ldns_rdf *above = dname_find(zone, answer, name), *target;
	const ldns_rr *dname;
	ldns_rr *rr;

	if (above == NULL)
		return false;
	dname = ldns_rr_list_rr(ldns_pkt_answer(answer), at);
	target = name_replace(name, above, ldns_rr_rdf(dname, 0));
	ldns_rdf_deep_free(above);
	if (target == NULL) {
		ldns_pkt_set_rcode(answer, LDNS_RCODE_YXDOMAIN);
		return true;
	}
	rr = ldns_rr_new_frm_type(LDNS_RR_TYPE_CNAME);
	must(rr != NULL);
	ldns_rr_set_owner(rr, ldns_rdf_clone(name));
	ldns_rr_set_ttl(rr, ldns_rr_ttl(dname));
	ldns_rr_set_rdf(rr, ldns_rdf_clone(target), 0);
	must(ldns_pkt_push_rr(answer, LDNS_SECTION_ANSWER, rr));
	if (depth > 0)
		answer_add_any(zones, answer, target, type, depth - 1);
	ldns_rdf_deep_free(target);
	return true;
}

/* What stands at "*" beside the name, and the apex's NSEC as the proof. */
static bool
answer_add_wildcard(const struct fakezone *zone, ldns_pkt *answer,
    const ldns_rdf *name, ldns_rr_type type)
{
	size_t i = ldns_rr_list_rr_count(ldns_pkt_answer(answer));
	ldns_rdf *above = ldns_dname_left_chop(name);
	ldns_rdf *star = ldns_dname_new_frm_str("*");
	bool is_found;

	must(above != NULL && star != NULL &&
	    ldns_dname_cat(star, above) == LDNS_STATUS_OK);
	is_found = answer_add(zone, answer, LDNS_SECTION_ANSWER, star, type);
	ldns_rdf_deep_free(star);
	ldns_rdf_deep_free(above);
	if (!is_found)
		return false;
	for (; i < ldns_rr_list_rr_count(ldns_pkt_answer(answer)); i++) {
		ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_answer(answer), i);

		ldns_rdf_deep_free(ldns_rr_owner(rr));
		ldns_rr_set_owner(rr, ldns_rdf_clone(name));
	}
	(void)answer_add(zone, answer, LDNS_SECTION_AUTHORITY, zone->apex,
	    LDNS_RR_TYPE_NSEC);
	return true;
}

/* Data, or NODATA proven by the NSEC at the name, or at the apex. */
static void
answer_add_any(const struct fakezone *zones, ldns_pkt *answer,
    const ldns_rdf *name, ldns_rr_type type, unsigned depth)
{
	const struct fakezone *zone = zone_find(zones, name, type);

	if (answer_add(zone, answer, LDNS_SECTION_ANSWER, name, type) ||
	    answer_add_alias(zones, answer, name, type, depth) ||
	    answer_add_dname(zones, answer, name, type, depth) ||
	    answer_add_wildcard(zone, answer, name, type))
		return;
	(void)answer_add(
	    zone, answer, LDNS_SECTION_AUTHORITY, zone->apex, LDNS_RR_TYPE_SOA);
	if (!answer_add(
		zone, answer, LDNS_SECTION_AUTHORITY, name, LDNS_RR_TYPE_NSEC))
		(void)answer_add(zone, answer, LDNS_SECTION_AUTHORITY,
		    zone->apex, LDNS_RR_TYPE_NSEC);
}

static void
answer_fill(const struct fakezone *zone, enum fakedns_manner manner,
    ldns_pkt *answer, const ldns_rr *q)
{
	answer_add_any(
	    zone, answer, ldns_rr_owner(q), ldns_rr_get_type(q), CHAIN_MAX);
	if (manner == FAKEDNS_ALTERED)
		answer_alter(answer);
	if (manner == FAKEDNS_STRIPPED)
		answer_strip(answer);
}

ldns_pkt *
fakezone_respond(
    const struct fakezone *zone, enum fakedns_manner manner, const ldns_rr *q)
{
	ldns_pkt *answer = ldns_pkt_query_new(ldns_rdf_clone(ldns_rr_owner(q)),
	    ldns_rr_get_type(q), LDNS_RR_CLASS_IN, LDNS_QR | LDNS_RD | LDNS_RA);

	must(answer != NULL);
	ldns_pkt_set_edns_udp_size(answer, 1232);
	ldns_pkt_set_edns_do(answer, true);
	/* The root's name servers: what a process asks to see if it can. */
	if (ldns_rr_get_type(q) == LDNS_RR_TYPE_NS &&
	    ldns_dname_label_count(ldns_rr_owner(q)) == 0)
		manner = FAKEDNS_REFUSED;
	switch (manner) {
	case FAKEDNS_REFUSED:
		ldns_pkt_set_rcode(answer, LDNS_RCODE_REFUSED);
		break;
	case FAKEDNS_SERVFAIL:
		ldns_pkt_set_rcode(answer, LDNS_RCODE_SERVFAIL);
		break;
	case FAKEDNS_TRUNCATED:
		ldns_pkt_set_tc(answer, true);
		break;
	default:
		answer_fill(zone, manner, answer, q);
		break;
	}
	return answer;
}

uint8_t *
fakezone_answer(
    const struct fakezone *zone, const char *name, unsigned type, size_t *len)
{
	ldns_rdf *owner = ldns_dname_new_frm_str(name);
	ldns_rr *q = ldns_rr_new();
	uint8_t *wire = NULL;
	ldns_pkt *answer;

	must(owner != NULL && q != NULL);
	ldns_rr_set_question(q, true);
	ldns_rr_set_owner(q, owner);
	ldns_rr_set_type(q, (ldns_rr_type)type);
	answer = fakezone_respond(zone, FAKEDNS_GOOD, q);
	must(ldns_pkt2wire(&wire, answer, len) == LDNS_STATUS_OK);
	ldns_pkt_free(answer);
	ldns_rr_free(q);
	return wire;
}
