/* SPDX-License-Identifier: ISC */
/*
 * First all zones are collected whose keys the answer needs, from its
 * signatures upwards to the closest anchors, without any cryptography; then
 * they are proven from the anchors down, and the answer last.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth_zone.h"

static bool
is_type(const ldns_rr *rr, ldns_rr_type type)
{
	return ldns_rr_get_type(rr) == type;
}

/* The zones that signed what stands in a section, as far as it counts. */
static int
section_collect(
    struct dance_auth_walk *walk, const ldns_rr_list *section, bool is_answer)
{
	struct dance_auth_rrset rrset;
	struct dance_auth_zone *zone;
	const ldns_rr *rr;
	ldns_rr_type type;
	size_t i, n = 0;
	int r = 0;

	for (i = 0; r == 0 && i < ldns_rr_list_rr_count(section); i++) {
		rr = ldns_rr_list_rr(section, i);
		if (!is_type(rr, LDNS_RR_TYPE_RRSIG))
			continue;
		type = dance_auth_covered(rr);
		if (!is_answer && type != LDNS_RR_TYPE_NSEC &&
		    type != LDNS_RR_TYPE_NSEC3)
			continue;
		if (n++ == DANCE_AUTH_SECTION_MAX)
			return dance_auth_fail(walk, walk->question->owner,
			    "more signatures than are looked at");
		r = dance_auth_walk_rrset(
		    walk, section, ldns_rr_owner(rr), type, &rrset);
		if (r == 0 && rrset.signer != NULL)
			r = dance_auth_zone_get(walk, rrset.signer, &zone);
		dance_auth_rrset_clear(&rrset);
	}
	return r;
}

/* Did a wildcard make any of the answer? */
static bool
answer_is_wildcard(const ldns_rr_list *section)
{
	const ldns_rr *rr;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(section); i++) {
		rr = ldns_rr_list_rr(section, i);
		if (is_type(rr, LDNS_RR_TYPE_RRSIG) &&
		    dance_auth_labels(rr) <
			dance_auth_owner_labels(ldns_rr_owner(rr)))
			return true;
	}
	return false;
}

static int
walk_collect(struct dance_auth_walk *walk)
{
	size_t i;
	int r;

	r = section_collect(walk, ldns_pkt_answer(walk->packet), true);
	if (r == 0 && answer_is_wildcard(ldns_pkt_answer(walk->packet)))
		r = section_collect(
		    walk, ldns_pkt_authority(walk->packet), false);
	for (i = 0; r == 0 && i < walk->n_zones; i++)
		r = dance_auth_zone_collect(walk, &walk->zones[i]);
	return r;
}

/* From above: each round proves those whose parent is. */
static int
walk_prove(struct dance_auth_walk *walk)
{
	bool has_moved = true;
	size_t i, n_proven = 0;
	struct dance_auth_zone *zone;
	int r;

	while (has_moved) {
		has_moved = false;
		for (i = 0; i < walk->n_zones; i++) {
			zone = &walk->zones[i];
			if (zone->is_proven ||
			    (zone->parent != NULL && !zone->parent->is_proven))
				continue;
			if ((r = dance_auth_zone_prove(walk, zone)) != 0)
				return r;
			has_moved = true;
			n_proven++;
		}
	}
	return n_proven == walk->n_zones ? 0 : DANCE_ERR_INTERNAL;
}

/* The RRset at a name of the answer, which its zone signed; or none. */
static int
answer_verify(struct dance_auth_walk *walk, const ldns_rr_list *section,
    const ldns_rdf *owner, ldns_rr_type type, struct dance_auth_rrset *ret)
{
	struct dance_auth_zone *zone;
	int r;

	if ((r = dance_auth_walk_rrset(walk, section, owner, type, ret)) != 0)
		return r;
	if (ldns_rr_list_rr_count(ret->rrs) == 0)
		return 0;
	if (ret->signer == NULL)
		return dance_auth_fail(
		    walk, walk->question->owner, "the answer is not signed");
	if ((r = dance_auth_zone_get(walk, ret->signer, &zone)) != 0)
		return r;
	return zone->is_proven ? dance_auth_rrset_verify(walk, ret, zone)
			       : DANCE_ERR_INTERNAL;
}

/* What denies a closer name than the wildcard (RFC 4035, section 5.3.4). */
static int
walk_verify_denial(struct dance_auth_walk *walk)
{
	const ldns_rr_list *section = ldns_pkt_authority(walk->packet);
	struct dance_auth_rrset rrset;
	const ldns_rr *rr;
	size_t i, n = 0;
	int r = 0;

	for (i = 0; r == 0 && i < ldns_rr_list_rr_count(section); i++) {
		rr = ldns_rr_list_rr(section, i);
		if (!is_type(rr, LDNS_RR_TYPE_NSEC) &&
		    !is_type(rr, LDNS_RR_TYPE_NSEC3))
			continue;
		if (n++ == DANCE_AUTH_DENIALS_MAX)
			return dance_auth_fail(walk, walk->question->owner,
			    "more NSEC records than are looked at");
		r = answer_verify(walk, section, ldns_rr_owner(rr),
		    ldns_rr_get_type(rr), &rrset);
		dance_auth_rrset_clear(&rrset);
	}
	if (r == 0 && n == 0)
		return dance_auth_fail(walk, walk->question->owner,
		    "a wildcard without the denial of the name");
	return r;
}

/* Where the alias at the name leads; *ret is NULL if there is none. */
static int
answer_follow(
    struct dance_auth_walk *walk, const ldns_rdf *name, ldns_rdf **ret)
{
	const ldns_rr_list *section = ldns_pkt_answer(walk->packet);
	struct dance_auth_rrset cname, dname = { .rrs = NULL };
	ldns_rr *rr;
	int r;

	*ret = NULL;
	r = dance_auth_walk_rrset(
	    walk, section, name, LDNS_RR_TYPE_CNAME, &cname);
	if (r != 0 || ldns_rr_list_rr_count(cname.rrs) != 1)
		goto out;
	rr = ldns_rr_list_rr(cname.rrs, 0);
	if (ldns_rr_rd_count(rr) != 1)
		goto out;
	if (cname.n_signatures > 0) {
		dance_auth_rrset_clear(&cname);
		r = answer_verify(
		    walk, section, name, LDNS_RR_TYPE_CNAME, &cname);
	} else if ((r = dance_auth_dname_find(section, rr, &dname)) == 0)
		r = answer_verify(
		    walk, section, dname.owner, LDNS_RR_TYPE_DNAME, &dname);
	else if (r == DANCE_ERR_FORMAT)
		r = dance_auth_fail(walk, walk->question->owner,
		    "an alias that nobody has signed");
	if (r == 0 && (*ret = ldns_rdf_clone(ldns_rr_rdf(rr, 0))) == NULL)
		r = DANCE_ERR_INTERNAL;
out:
	dance_auth_rrset_clear(&cname);
	dance_auth_rrset_clear(&dname);
	return r;
}

/* The records at the name, and no others of their type anywhere. */
static int
answer_verify_records(
    struct dance_auth_walk *walk, const ldns_rdf *name, bool *ret_is_end)
{
	const ldns_rr_list *section = ldns_pkt_answer(walk->packet);
	struct dance_auth_rrset rrset;
	size_t i, n = 0;
	int r;

	r = answer_verify(walk, section, name, LDNS_RR_TYPE_TLSA, &rrset);
	for (i = 0; i < ldns_rr_list_rr_count(section); i++)
		if (is_type(ldns_rr_list_rr(section, i), LDNS_RR_TYPE_TLSA))
			n++;
	*ret_is_end = r == 0 && ldns_rr_list_rr_count(rrset.rrs) > 0;
	if (*ret_is_end && ldns_rr_list_rr_count(rrset.rrs) != n)
		r = dance_auth_fail(walk, walk->question->owner,
		    "records of another name in the answer");
	dance_auth_rrset_clear(&rrset);
	return r;
}

/* From the owner by all aliases to the records. */
static int
walk_verify(struct dance_auth_walk *walk)
{
	ldns_rdf *name = ldns_dname_new_frm_str(walk->question->owner), *next;
	bool is_end = false;
	unsigned n = 0;
	int r = name == NULL ? DANCE_ERR_INTERNAL : 0;

	while (r == 0 && !is_end) {
		r = answer_verify_records(walk, name, &is_end);
		if (r != 0 || is_end)
			break;
		if ((r = answer_follow(walk, name, &next)) != 0)
			break;
		ldns_rdf_deep_free(name);
		if ((name = next) == NULL || n++ == DANCE_AUTH_ALIASES_MAX)
			r = dance_auth_fail(walk, walk->question->owner,
			    "the answer does not lead to TLSA records");
	}
	ldns_rdf_deep_free(name);
	if (r == 0 && answer_is_wildcard(ldns_pkt_answer(walk->packet)))
		r = walk_verify_denial(walk);
	return r;
}

/* What there is to tell, of a walk that came to no good end too. */
static void
walk_tell(const struct dance_auth_walk *walk)
{
	struct dance_auth_path *path = walk->path;
	size_t i, j;

	for (i = 0; i < walk->n_zones; i++)
		for (j = 0; j < walk->zones[i].n_keys &&
		     path->n_keys < DANCE_AUTH_KEYS_MAX;
		     j++)
			path->keys[path->n_keys++] = walk->zones[i].keys[j];
}

static void
walk_clear(struct dance_auth_walk *walk)
{
	size_t i;

	for (i = 0; walk->zones != NULL && i < walk->n_zones; i++)
		dance_auth_zone_clear(&walk->zones[i]);
	free(walk->zones);
	ldns_pkt_free(walk->packet);
}

struct dance_bytes
dance_auth_proof_find(const void *arg, const char *name, uint16_t type)
{
	const struct dance_proof_set *proof = arg;
	size_t i;

	for (i = 0; i < proof->n; i++)
		if (proof->list[i].type == type &&
		    strcmp(proof->list[i].name, name) == 0)
			return proof->list[i].packet;
	return (struct dance_bytes){ NULL, 0 };
}

int
dance_auth_chain_walk(
    const struct dance_auth_question *question, struct dance_auth_path *ret)
{
	struct dance_auth_walk walk = {
		.question = question, .path = ret, .now = time(NULL)
	};
	int r = DANCE_ERR_INTERNAL;

	memset(ret, 0, sizeof(*ret));
	walk.zones = calloc(DANCE_AUTH_ZONES_MAX, sizeof(*walk.zones));
	if (walk.zones == NULL)
		goto out;
	if (dance_auth_packet_read(question->packet, &walk.packet) != 0) {
		r = dance_auth_fail(
		    &walk, question->owner, "the answer can't be read");
		goto out;
	}
	if ((r = walk_collect(&walk)) == 0 && (r = walk_prove(&walk)) == 0)
		r = walk_verify(&walk);
	walk_tell(&walk);
out:
	walk_clear(&walk);
	return r;
}
