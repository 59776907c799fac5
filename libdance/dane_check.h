/* SPDX-License-Identifier: ISC */
/*
 * What of a chain that OpenSSL has built and taken is still to be looked at.
 */
#ifndef DANCE_DANE_CHECK_H
#define DANCE_DANE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "dane.h"

struct evp_pkey_st;
struct stack_st_X509;

/* The verified chain; all borrowed. */
struct dance_dane_built {
	const struct stack_st_X509 *chain;  /* leaf first, up to the TA */
	const struct evp_pkey_st *bare_key; /* the TA, if it is only that */
	uint8_t usage;			    /* of the record that matched */
	bool is_ssh; /* secureShellClient counts as clientAuth */
};

/*
 * Returns 0, DANCE_ERR_MISMATCH for a leaf that is its own TA,
 * DANCE_ERR_EXPIRED, DANCE_ERR_UNTRUSTED, DANCE_ERR_WEAK_KEY or
 * DANCE_ERR_INTERNAL.
 */
int dance_dane_check(
    const struct dance_dane_built *built, const struct dance_dane_rules *rules);

#endif
