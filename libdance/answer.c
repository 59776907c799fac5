/* SPDX-License-Identifier: ISC */
/*
 * Reads the answer packet that libunbound hands over beside its verdict, for
 * resolver_result.c.  It looks at signatures only and believes none of them:
 * that a packet reads well here never makes an answer secure.
 */
#include <ldns/ldns.h>

#include "answer.h"
#include "error.h"

/* How many labels an RRSIG over this owner counts: RFC 4034, section 3.1.3. */
static uint8_t
owner_labels(const ldns_rdf *owner)
{
	uint8_t n = ldns_dname_label_count(owner);

	return ldns_dname_is_wildcard(owner) && n > 0 ? (uint8_t)(n - 1) : n;
}

/* Both in lower case. */
static bool
name_is_below(const ldns_rdf *name, const ldns_rdf *zone)
{
	return ldns_dname_label_count(zone) == 0 ||
	    ldns_dname_compare(name, zone) == 0 ||
	    ldns_dname_is_subdomain(name, zone);
}

/*
 * An expiration is a 32-bit serial number (RFC 4034, section 3.1.5): the one
 * of all times with these low bits that is nearest to now.
 */
static time_t
rrsig_expires(const ldns_rdf *expiration, time_t now)
{
	uint32_t ahead = ldns_rdf2native_int32(expiration) - (uint32_t)now;

	if (ahead < UINT32_C(0x80000000))
		return now + (time_t)ahead;
	return now - (time_t)(UINT32_MAX - ahead) - 1;
}

/* 0 means none, so that a signature that ended in 1970 ends a second later. */
static void
expires_lower(struct dance_answer *answer, time_t expires)
{
	if (expires == 0)
		expires = 1;
	if (answer->expires == 0 || expires < answer->expires)
		answer->expires = expires;
}

/* A TTL with the highest bit set is none (RFC 2181, section 8). */
static void
ttl_lower(struct dance_answer *answer, uint32_t ttl)
{
	if (ttl > INT32_MAX)
		ttl = 0;
	if (ttl < answer->ttl)
		answer->ttl = ttl;
}

static int
rrsig_read(
    const ldns_rr *rr, time_t now, bool is_answer, struct dance_answer *answer)
{
	ldns_rdf *owner = ldns_rr_owner(rr);
	ldns_rdf *signer = ldns_rr_rrsig_signame(rr);
	const ldns_rdf *labels = ldns_rr_rrsig_labels(rr);
	const ldns_rdf *expiration = ldns_rr_rrsig_expiration(rr);
	const ldns_rdf *original = ldns_rr_rrsig_origttl(rr);
	uint8_t n;

	if (owner == NULL || signer == NULL || labels == NULL ||
	    expiration == NULL || original == NULL ||
	    ldns_rdf_size(labels) != 1 || ldns_rdf_size(expiration) != 4 ||
	    ldns_rdf_size(original) != 4)
		return DANCE_ERR_FORMAT;
	ldns_dname2canonical(owner);
	ldns_dname2canonical(signer);
	n = ldns_rdf2native_int8(labels);
	if (n > owner_labels(owner) || n < ldns_dname_label_count(signer) ||
	    !name_is_below(owner, signer))
		answer->is_odd = true;
	if (is_answer &&
	    (n < owner_labels(owner) || ldns_dname_is_wildcard(owner)))
		answer->is_wildcard = true;
	expires_lower(answer, rrsig_expires(expiration, now));
	ttl_lower(answer, ldns_rdf2native_int32(original));
	return 0;
}

static bool
rrsig_covers_tlsa(const ldns_rr *rr)
{
	const ldns_rdf *covered = ldns_rr_rrsig_typecovered(rr);

	return covered != NULL && ldns_rdf_size(covered) == 2 &&
	    ldns_rdf2native_int16(covered) == LDNS_RR_TYPE_TLSA;
}

/* A CNAME that a DNAME made has no signature; a TLSA RRset always has one. */
static int
answer_section_read(
    const ldns_rr_list *section, time_t now, struct dance_answer *answer)
{
	bool has_tlsa = false, has_signature = false;
	size_t i;
	int r;

	for (i = 0; i < ldns_rr_list_rr_count(section); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(section, i);

		ttl_lower(answer, ldns_rr_ttl(rr));
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_TLSA)
			has_tlsa = true;
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_RRSIG)
			continue;
		if (rrsig_covers_tlsa(rr))
			has_signature = true;
		if ((r = rrsig_read(rr, now, true, answer)) != 0)
			return r;
	}
	if (has_tlsa && !has_signature)
		answer->is_odd = true;
	return 0;
}

/* The last field of an SOA record bounds the TTL of a denial. */
static int
soa_read(const ldns_rr *rr, struct dance_answer *answer)
{
	const ldns_rdf *minimum =
	    ldns_rr_rd_count(rr) == 7 ? ldns_rr_rdf(rr, 6) : NULL;

	if (minimum == NULL || ldns_rdf_size(minimum) != 4)
		return DANCE_ERR_FORMAT;
	ttl_lower(answer, ldns_rdf2native_int32(minimum));
	return 0;
}

/* The proofs of a denial or of a wildcard, with signatures of their own. */
static int
authority_section_read(
    const ldns_rr_list *section, time_t now, struct dance_answer *answer)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < ldns_rr_list_rr_count(section); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(section, i);

		ttl_lower(answer, ldns_rr_ttl(rr));
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA)
			r = soa_read(rr, answer);
		else if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG)
			r = rrsig_read(rr, now, false, answer);
	}
	return r;
}

int
dance_answer_read(const uint8_t *packet, size_t len, struct dance_answer *ret)
{
	struct dance_answer answer = { .ttl = INT32_MAX };
	ldns_pkt *pkt = NULL;
	time_t now = time(NULL);
	int r = DANCE_ERR_FORMAT;

	if (packet == NULL || len > LDNS_MAX_PACKETLEN ||
	    ldns_wire2pkt(&pkt, packet, len) != LDNS_STATUS_OK)
		goto out;
	if ((r = answer_section_read(ldns_pkt_answer(pkt), now, &answer)) != 0)
		goto out;
	r = authority_section_read(ldns_pkt_authority(pkt), now, &answer);
	if (r != 0)
		goto out;

	/* Without a signature there is no TTL that anybody has signed. */
	if (answer.expires == 0)
		answer.ttl = 0;
	*ret = answer;
	r = 0;
out:
	ldns_pkt_free(pkt);
	return r;
}

time_t
dance_answer_valid_until(
    const struct dance_answer *answer, int ttl, time_t came)
{
	time_t until;

	if (ttl < 0)
		ttl = 0;
	until = came +
	    (time_t)((uint32_t)ttl < answer->ttl ? (uint32_t)ttl : answer->ttl);
	return answer->expires != 0 && answer->expires < until ? answer->expires
							       : until;
}
