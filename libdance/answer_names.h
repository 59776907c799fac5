/* SPDX-License-Identifier: ISC */
/*
 * Whose keys it takes to validate an answer, and which other names it leads
 * to, by its packet.
 */
#ifndef DANCE_ANSWER_NAMES_H
#define DANCE_ANSWER_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "identity.h"

struct ldns_struct_rdf;

#define DANCE_ANSWER_NAMES_MAX 16

/* Lower case, no last dot, "." for the root. */
struct dance_answer_names {
	char signers[DANCE_ANSWER_NAMES_MAX][DANCE_NAME_MAX + 1];
	size_t n_signers; /* zones that have signed any of it */
	char aliases[DANCE_ANSWER_NAMES_MAX][DANCE_NAME_MAX + 1];
	size_t n_aliases; /* targets of CNAMEs */
};

/*
 * Returns 0, or DANCE_ERR_FORMAT for a packet that does not parse, with more
 * names than fit, or with one that is none of a host (RFC 1035, section 5.1).
 */
int dance_answer_read_names(
    const uint8_t *packet, size_t len, struct dance_answer_names *ret);

/*
 * A name as the rest of the engine writes it: lower case, no last dot, "." for
 * the root.  Returns 0, or DANCE_ERR_FORMAT for one that is none of a host.
 */
int dance_answer_name(
    const struct ldns_struct_rdf *rdf, char ret[DANCE_NAME_MAX + 1]);

/* What a query asks for.  Returns 0 or DANCE_ERR_FORMAT. */
int dance_answer_read_question(const uint8_t *packet, size_t len,
    char ret_name[DANCE_NAME_MAX + 1], uint16_t *ret_type);

#endif
