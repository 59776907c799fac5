/* SPDX-License-Identifier: ISC */
/*
 * Patterns of identities, as the first column of the accounts map holds them:
 * names in which "*" stands for one whole label (or the whole uid) and "%u"
 * for the account's name.
 */
#ifndef DANCE_PATTERN_H
#define DANCE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "identity.h"

struct dance_pattern {
	char text[DANCE_IDENTITY_MAX + 1]; /* lower case, no last dot */
	bool has_star;
	bool has_account;
};

/*
 * Parse len octets.  The last label is always literal: a pattern must not span
 * the top of the DNS.  Returns 0 or DANCE_ERR_FORMAT.
 */
int dance_pattern_parse(
    const char *text, size_t len, struct dance_pattern *ret);

/* True if the pattern has neither "*" nor "%u". */
bool dance_pattern_is_literal(const struct dance_pattern *pattern);

/*
 * True if id is one of the identities that the pattern means for this account.
 * An account whose name is not itself a lower-case label (or uid, left of the
 * "@") is never meant by "%u": two accounts must not share an identity.
 */
bool dance_pattern_matches(const struct dance_pattern *pattern,
    const struct dance_identity *id, const char *account);

/* May the account stand for each "%u" of the pattern?  True without any. */
bool dance_pattern_admits(
    const struct dance_pattern *pattern, const char *account);

/*
 * The one identity that a pattern without "*" means for the account.
 * Returns 0, or DANCE_ERR_FORMAT if there is none.
 */
int dance_pattern_expand(const struct dance_pattern *pattern,
    const char *account, struct dance_identity *ret);

/*
 * The pattern that means the same as this one does for the account: without
 * "%u", but "*" stays.  Returns 0, or DANCE_ERR_FORMAT if it means nothing.
 */
int dance_pattern_resolve(const struct dance_pattern *pattern,
    const char *account, struct dance_pattern *ret);

/*
 * True if the pattern means, for the account, every identity that another
 * means, in which there is no "%u" any more.
 */
bool dance_pattern_covers(const struct dance_pattern *pattern,
    const struct dance_pattern *other, const char *account);

/*
 * What "%u" would have to be for the pattern to mean id; account has size
 * octets.  Returns 0, or DANCE_ERR_FORMAT if it can't mean id.
 */
int dance_pattern_account(const struct dance_pattern *pattern,
    const struct dance_identity *id, char *account, size_t size);

#endif
