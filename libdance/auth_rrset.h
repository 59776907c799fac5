/* SPDX-License-Identifier: ISC */
/*
 * RRsets and their signatures in a section of a parsed answer, for
 * auth_chain.c.  Names are in lower case there.
 */
#ifndef DANCE_AUTH_RRSET_H
#define DANCE_AUTH_RRSET_H

#include <ldns/ldns.h>

#include "auth_chain.h"

/* Borrows from the section, the list itself apart. */
struct dance_auth_rrset {
	const ldns_rdf *owner;
	ldns_rr_list *rrs;
	/* Of the closest zone that signed it; those of others are left out. */
	ldns_rr *signatures[DANCE_AUTH_SIGNATURES_MAX];
	size_t n_signatures;
	const ldns_rdf *signer; /* NULL: none has */
};

/*
 * The RRset of this owner and type; it may be empty.  A signer is the owner or
 * stands above it, and above it if the type is DS (RFC 4035, section 5.3.1);
 * other signatures are no signatures.  Returns 0; DANCE_ERR_FORMAT for more
 * signatures than fit; DANCE_ERR_INTERNAL.  Clear it in any case.
 */
int dance_auth_rrset_read(const ldns_rr_list *section, const ldns_rdf *owner,
    ldns_rr_type type, struct dance_auth_rrset *ret);

void dance_auth_rrset_clear(struct dance_auth_rrset *rrset);

/*
 * The owner of the DNAME record that makes the CNAME record out of its own
 * (RFC 6672, section 2.2).  Fills the owner alone.  Returns 0;
 * DANCE_ERR_FORMAT if none does; DANCE_ERR_INTERNAL.
 */
int dance_auth_dname_find(const ldns_rr_list *section, const ldns_rr *cname,
    struct dance_auth_rrset *ret);

/* The type that an RRSIG covers; 0 for one that is not complete. */
ldns_rr_type dance_auth_covered(const ldns_rr *signature);

/* The labels that an RRSIG counts, and those of an owner (RFC 4034, 3.1.3). */
uint8_t dance_auth_labels(const ldns_rr *signature);
uint8_t dance_auth_owner_labels(const ldns_rdf *owner);

/* May the key have made the signature, by its tag and algorithm? */
bool dance_auth_signature_is_of(
    const ldns_rr *signature, const struct dance_auth_key *key);

#endif
