/* SPDX-License-Identifier: ISC */
/*
 * What a record of dancectl tlsa is made of.
 */
#ifndef TLSA_MAKE_H
#define TLSA_MAKE_H

#include <stdbool.h>

#include "dancectl.h"
#include "tlsa.h"

/* What is asked for; what is not depends on what the file holds. */
struct tlsa_wish {
	struct ctl_input input;
	struct dance_identity identity; /* text is "" without --name */
	bool is_wildcard;		/* "*." stands in front of it */
	bool has_usage;
	bool has_selector;
	struct dance_tlsa record; /* without data; what is not set is 3 1 x */
};

/*
 * True if the records that are asked for are those of a domain's users: for
 * uid@DOMAIN, or for the owner name _user.DOMAIN.
 */
bool tlsa_is_of_users(const struct tlsa_wish *wish);

/*
 * The record for the key or certificate in the file, its data malloced.  In a
 * worker.  Returns 0, with a fault whose text says what is odd about it, if
 * anything; DANCE_ERR_FORMAT, with a fault, for a record that can't be had of
 * this file; DANCE_ERR_BAD_CREDENTIAL, DANCE_ERR_WEAK_KEY, DANCE_ERR_INTERNAL.
 */
int tlsa_make(const struct tlsa_wish *wish, struct dance_tlsa *ret,
    struct dance_fault *fault);

#endif
