/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "auth_rrset.h"

uint8_t
dance_auth_owner_labels(const ldns_rdf *owner)
{
	uint8_t n = ldns_dname_label_count(owner);

	return ldns_dname_is_wildcard(owner) && n > 0 ? (uint8_t)(n - 1) : n;
}

static const ldns_rdf *
field(const ldns_rr *rr, size_t i, size_t size)
{
	const ldns_rdf *rdf =
	    i < ldns_rr_rd_count(rr) ? ldns_rr_rdf(rr, i) : NULL;

	return rdf != NULL && ldns_rdf_size(rdf) == size ? rdf : NULL;
}

ldns_rr_type
dance_auth_covered(const ldns_rr *signature)
{
	const ldns_rdf *type = field(signature, 0, 2);

	return type == NULL ? 0 : ldns_rdf2rr_type(type);
}

uint8_t
dance_auth_labels(const ldns_rr *signature)
{
	const ldns_rdf *labels = field(signature, 2, 1);

	return labels == NULL ? 0 : ldns_rdf2native_int8(labels);
}

bool
dance_auth_signature_is_of(
    const ldns_rr *signature, const struct dance_auth_key *key)
{
	const ldns_rdf *algorithm = field(signature, 1, 1);
	const ldns_rdf *tag = field(signature, 6, 2);

	return algorithm != NULL && tag != NULL &&
	    ldns_rdf2native_int8(algorithm) == key->algorithm &&
	    ldns_rdf2native_int16(tag) == key->tag;
}

static bool
name_is_above(const ldns_rdf *name, const ldns_rdf *above)
{
	return ldns_dname_label_count(above) == 0
	    ? ldns_dname_label_count(name) > 0
	    : ldns_dname_is_subdomain(name, above);
}

/* The signer, if the signature can be one of this RRset. */
static const ldns_rdf *
signature_signer(
    const ldns_rr *signature, const ldns_rdf *owner, ldns_rr_type type)
{
	const ldns_rdf *signer;
	uint8_t labels;

	if (ldns_rr_rd_count(signature) != 9 ||
	    dance_auth_covered(signature) != type ||
	    ldns_dname_compare(ldns_rr_owner(signature), owner) != 0)
		return NULL;
	signer = ldns_rr_rdf(signature, 7);
	labels = dance_auth_labels(signature);
	if (signer == NULL ||
	    ldns_rdf_get_type(signer) != LDNS_RDF_TYPE_DNAME ||
	    labels > dance_auth_owner_labels(owner) ||
	    labels < ldns_dname_label_count(signer))
		return NULL;
	if (!name_is_above(owner, signer) &&
	    (type == LDNS_RR_TYPE_DS || ldns_dname_compare(owner, signer) != 0))
		return NULL;
	return signer;
}

static int
rrset_add_signature(
    struct dance_auth_rrset *rrset, ldns_rr *rr, const ldns_rdf *signer)
{
	uint8_t n = ldns_dname_label_count(signer);
	uint8_t n_before =
	    rrset->signer == NULL ? 0 : ldns_dname_label_count(rrset->signer);

	if (rrset->signer != NULL && n < n_before)
		return 0;
	if (rrset->signer != NULL && n > n_before)
		rrset->n_signatures = 0;
	if (rrset->n_signatures == DANCE_AUTH_SIGNATURES_MAX)
		return DANCE_ERR_FORMAT;
	rrset->signer = signer;
	rrset->signatures[rrset->n_signatures++] = rr;
	return 0;
}

int
dance_auth_rrset_read(const ldns_rr_list *section, const ldns_rdf *owner,
    ldns_rr_type type, struct dance_auth_rrset *ret)
{
	const ldns_rdf *signer;
	ldns_rr *rr;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->owner = owner;
	if ((ret->rrs = ldns_rr_list_new()) == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < ldns_rr_list_rr_count(section); i++) {
		rr = ldns_rr_list_rr(section, i);
		if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
			continue;
		if (ldns_rr_get_type(rr) == type &&
		    ldns_dname_compare(ldns_rr_owner(rr), owner) == 0 &&
		    !ldns_rr_list_push_rr(ret->rrs, rr))
			return DANCE_ERR_INTERNAL;
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_RRSIG ||
		    (signer = signature_signer(rr, owner, type)) == NULL)
			continue;
		if (rrset_add_signature(ret, rr, signer) != 0)
			return DANCE_ERR_FORMAT;
	}
	return 0;
}

void
dance_auth_rrset_clear(struct dance_auth_rrset *rrset)
{
	ldns_rr_list_free(rrset->rrs);
	memset(rrset, 0, sizeof(*rrset));
}

/* Does the name begin as the other one does, and end as the two after it? */
static bool
dname_makes(const ldns_rr *dname, const ldns_rr *cname)
{
	const ldns_rdf *above = ldns_rr_owner(dname);
	const ldns_rdf *name = ldns_rr_owner(cname);
	const ldns_rdf *to = ldns_rr_rdf(dname, 0);
	const ldns_rdf *target = ldns_rr_rdf(cname, 0);
	size_t n;

	if (ldns_rr_rd_count(dname) != 1 || ldns_rr_rd_count(cname) != 1 ||
	    !name_is_above(name, above))
		return false;
	n = ldns_rdf_size(name) - ldns_rdf_size(above);
	return ldns_rdf_size(target) == n + ldns_rdf_size(to) &&
	    memcmp(ldns_rdf_data(target), ldns_rdf_data(name), n) == 0 &&
	    memcmp(ldns_rdf_data(target) + n, ldns_rdf_data(to),
		ldns_rdf_size(to)) == 0;
}

int
dance_auth_dname_find(const ldns_rr_list *section, const ldns_rr *cname,
    struct dance_auth_rrset *ret)
{
	const ldns_rr *rr;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < ldns_rr_list_rr_count(section); i++) {
		rr = ldns_rr_list_rr(section, i);
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_DNAME ||
		    !dname_makes(rr, cname))
			continue;
		ret->owner = ldns_rr_owner(rr);
		return 0;
	}
	return DANCE_ERR_FORMAT;
}
