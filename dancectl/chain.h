/* SPDX-License-Identifier: ISC */
/*
 * X.509 certificates from files, for the commands that take them.  Foreign
 * bytes: in a worker only.
 */
#ifndef CHAIN_H
#define CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dancectl.h"
#include "x509.h"

/*
 * A chain of PEM blocks, or one certificate in DER.  Returns 0,
 * DANCE_ERR_BAD_CREDENTIAL, DANCE_ERR_WEAK_KEY for a leaf with a short RSA key,
 * or DANCE_ERR_INTERNAL.
 */
int chain_read(const struct ctl_input *input, struct dance_chain **ret);

/*
 * The first certificate of a file, however many follow it: for the caller to
 * free with X509_free().  Returns as above.
 */
int chain_read_first(const struct ctl_input *input, struct x509_st **ret);

/* Concatenated DER, leaf first, malloced.  0 or DANCE_ERR_INTERNAL. */
int chain_encode(
    const struct dance_chain *chain, uint8_t **ret, size_t *ret_len);

/* Certificates, the leaf too. */
size_t chain_len(const struct dance_chain *chain);

/* The n-th, from 0, which is the leaf.  Borrowed. */
struct x509_st *chain_get(const struct dance_chain *chain, size_t n);

/* Does the leaf hold the identity, as usages 0, 1 and 2 ask for it? */
bool chain_names(
    const struct dance_chain *chain, const struct dance_identity *id);

#endif
