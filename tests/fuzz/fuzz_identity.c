/* SPDX-License-Identifier: ISC */
/*
 * Fuzz identities and patterns.  The input is up to three lines: a name, a
 * pattern, an account.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LABEL "abcdefghijklmnopqrstuvwxyz0123456789-_"

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

/* Of the alphabet, the lengths, and the owner's form: design 4. */
static void
identity_check(const struct dance_identity *id)
{
	const char *domain = id->text, *label;
	size_t len, n = 0;

	if (dance_identity_is_user(id)) {
		len = strlen(id->uid);
		require(len > 0 && len <= DANCE_UID_MAX);
		require(strspn(id->uid, LABEL ".+") == len);
		require(strncmp(id->text, id->uid, len) == 0);
		require(id->text[len] == '@');
		domain += len + 1;
		require(strncmp(id->owner, "_user.", 6) == 0);
		require(strcmp(id->owner + 6, domain) == 0);
	} else
		require(strcmp(id->owner, id->text) == 0);
	require(strlen(id->owner) <= DANCE_NAME_MAX);
	for (label = domain;; label += len + 1) {
		len = strspn(label, LABEL);
		require(len > 0 && len <= DANCE_LABEL_MAX);
		n++;
		if (label[len] == '\0')
			break;
		require(label[len] == '.');
	}
	require(n >= 2);
}

/* What was accepted is accepted again, and is the same. */
static void
identity_again(const struct dance_identity *id)
{
	struct dance_identity again;
	struct dance_pattern pattern;
	size_t len = strlen(id->text);

	require(dance_identity_parse(
		    id->text, len, DANCE_NAME_PRESENTED, &again) == 0);
	require(strcmp(again.text, id->text) == 0 &&
	    strcmp(again.owner, id->owner) == 0 &&
	    strcmp(again.uid, id->uid) == 0);
	require(dance_pattern_parse(id->text, len, &pattern) == 0);
	require(dance_pattern_is_literal(&pattern));
	require(dance_pattern_matches(&pattern, id, NULL));
}

static void
pattern_check(const struct dance_pattern *pattern,
    const struct dance_identity *id, const char *account)
{
	struct dance_identity expanded;
	char found[256];
	bool matches;

	require(strchr(pattern->text, '*') == NULL || pattern->has_star);
	require(strchr(pattern->text, '%') == NULL || pattern->has_account);
	if (dance_pattern_is_literal(pattern))
		require(dance_pattern_expand(pattern, "", &expanded) == 0);
	if (dance_pattern_expand(pattern, account, &expanded) == 0) {
		require(!pattern->has_star);
		identity_check(&expanded);
		require(dance_pattern_matches(pattern, &expanded, account));
	}
	if (id == NULL)
		return;
	matches = dance_pattern_matches(pattern, id, account);
	if (matches && !pattern->has_star) {
		require(dance_pattern_expand(pattern, account, &expanded) == 0);
		require(strcmp(expanded.text, id->text) == 0);
	}
	if (dance_pattern_account(pattern, id, found, sizeof(found)) == 0) {
		require(pattern->has_account);
		require(dance_pattern_matches(pattern, id, found));
	} else if (pattern->has_account)
		require(!matches);
}

/* Cut the next line off; the whole rest if there is no more. */
static size_t
line_next(const char **text, size_t *left)
{
	const char *end = *left == 0 ? NULL : memchr(*text, '\n', *left);
	size_t len = end == NULL ? *left : (size_t)(end - *text);

	*text += end == NULL ? len : len + 1;
	*left -= end == NULL ? len : len + 1;
	return len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *next = (const char *)data, *line = next;
	static struct dance_identity id, configured; /* large for a stack */
	struct dance_pattern pattern;
	bool is_id, is_pattern;
	char *account;
	size_t len;

	len = line_next(&next, &size);
	is_id = dance_identity_parse(line, len, DANCE_NAME_PRESENTED, &id) == 0;
	if (is_id) {
		identity_check(&id);
		identity_again(&id);
	}
	if (dance_identity_parse(
		line, len, DANCE_NAME_CONFIGURED, &configured) == 0)
		identity_check(&configured);
	else
		require(!is_id);
	line = next;
	len = line_next(&next, &size);
	is_pattern = dance_pattern_parse(line, len, &pattern) == 0;
	account = strndup(next, size);
	require(account != NULL);
	if (is_pattern)
		pattern_check(&pattern, is_id ? &id : NULL, account);
	free(account);
	return 0;
}
