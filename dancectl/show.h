/* SPDX-License-Identifier: ISC */
/*
 * Credentials and records, as text, for the commands that show them.
 */
#ifndef SHOW_H
#define SHOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "verdict.h"

#define SHOW_NO_RECORD ((size_t)-1)

/* Type, fingerprint, principals, and the chain if there is one. */
void show_credential(FILE *out, const struct dance_credential *cred);

/* Of each certificate: subject, key, end of its validity. */
void show_chain(FILE *out, const struct dance_chain *chain);

/* {type, fingerprint, principals} and, if it has one, chain; null for NULL. */
json_t *show_credential_json(const struct dance_credential *cred);

/* [{subject, not_after, key}] */
json_t *show_chain_json(const struct dance_chain *chain);

/* What a person should know of an answer beside its DNSSEC state. */
void show_notes(FILE *out, const struct dance_rrset *rrset);

/*
 * Each record with what became of it: is_usable is NULL if they were not looked
 * at, match is SHOW_NO_RECORD for none.
 */
void show_records(FILE *out, const struct dance_rrset *rrset,
    const bool *is_usable, size_t match);

#endif
