/* SPDX-License-Identifier: ISC */
/*
 * A pattern and an identity are walked piece by piece: the uid, then label
 * after label.  There is no text that a "*" could stretch over.
 */
#include <stdint.h>
#include <string.h>

#include "error.h"
#include "pattern.h"

/* Length of the piece at text: up to "@", "." or the end. */
static size_t
piece_len(const char *text, bool is_uid)
{
	return strcspn(text, is_uid ? "@" : ".");
}

static bool
piece_is(const char *piece, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(piece, text, len) == 0;
}

/* May this account stand for "%u", as a uid or as a label? */
static bool
account_fits(const char *account, bool is_uid)
{
	size_t len = strlen(account);
	const char *c;

	if (is_uid)
		return dance_uid_is_valid(account, len);
	for (c = account; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			return false;
	return len > 0 && account[0] != '-' &&
	    dance_label_len(account, len) == len &&
	    !dance_label_is_user(account, len);
}

static int
piece_check(
    const char *text, size_t len, bool is_uid, struct dance_pattern *pattern)
{
	if (piece_is(text, len, "*")) {
		pattern->has_star = true;
		return 0;
	}
	if (piece_is(text, len, "%u")) {
		pattern->has_account = true;
		return 0;
	}
	if (is_uid)
		return dance_uid_is_valid(text, len) ? 0 : DANCE_ERR_FORMAT;
	return len > 0 && dance_label_len(text, len) == len &&
		!dance_label_is_user(text, len)
	    ? 0
	    : DANCE_ERR_FORMAT;
}

static bool
piece_is_literal(const char *piece, size_t len)
{
	return !piece_is(piece, len, "*") && !piece_is(piece, len, "%u");
}

/* The labels from text on; two at least, the last one literal. */
static int
labels_check(const char *text, size_t max, struct dance_pattern *pattern)
{
	size_t len, labels = 0;
	bool is_literal = false;

	if (strlen(text) > max)
		return DANCE_ERR_FORMAT;
	for (;; text += len + 1) {
		len = piece_len(text, false);
		if (piece_check(text, len, false, pattern) != 0)
			return DANCE_ERR_FORMAT;
		is_literal = piece_is_literal(text, len);
		labels++;
		if (text[len] == '\0')
			break;
	}
	return labels >= 2 && is_literal ? 0 : DANCE_ERR_FORMAT;
}

static void
make_lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

int
dance_pattern_parse(const char *text, size_t len, struct dance_pattern *ret)
{
	struct dance_pattern pattern;
	size_t uid_len, max = DANCE_NAME_MAX;
	char *labels = pattern.text, *at;

	memset(&pattern, 0, sizeof(pattern));
	if (len > 0 && text[len - 1] == '.')
		len--;
	if (len == 0 || len > DANCE_IDENTITY_MAX ||
	    memchr(text, '\0', len) != NULL)
		return DANCE_ERR_FORMAT;
	memcpy(pattern.text, text, len);
	if ((at = strchr(pattern.text, '@')) != NULL) {
		uid_len = (size_t)(at - pattern.text);
		if (piece_check(pattern.text, uid_len, true, &pattern) != 0)
			return DANCE_ERR_FORMAT;
		labels = at + 1;
		max -= strlen(DANCE_USER_LABEL);
	}
	/* Before letters are made small: "%U" is another token of sshd's. */
	if (labels_check(labels, max, &pattern) != 0)
		return DANCE_ERR_FORMAT;
	make_lower(labels);

	*ret = pattern;
	return 0;
}

bool
dance_pattern_is_literal(const struct dance_pattern *pattern)
{
	return !pattern->has_star && !pattern->has_account;
}

/* Does a piece of the pattern mean this piece of an identity? */
static bool
piece_means(const char *piece, size_t len, const char *text, size_t text_len,
    const char *account, bool is_uid)
{
	if (piece_is(piece, len, "*"))
		return true;
	if (piece_is(piece, len, "%u"))
		return account != NULL && account_fits(account, is_uid) &&
		    piece_is(text, text_len, account);
	return len == text_len && memcmp(piece, text, len) == 0;
}

bool
dance_pattern_matches(const struct dance_pattern *pattern,
    const struct dance_identity *id, const char *account)
{
	const char *p = pattern->text, *t = id->text;
	bool is_uid = strchr(p, '@') != NULL;
	size_t p_len, t_len;

	if (is_uid != dance_identity_is_user(id))
		return false;
	for (;; p += p_len + 1, t += t_len + 1, is_uid = false) {
		p_len = piece_len(p, is_uid);
		t_len = piece_len(t, is_uid);
		if (!piece_means(p, p_len, t, t_len, account, is_uid))
			return false;
		if (p[p_len] == '\0' || t[t_len] == '\0')
			return p[p_len] == t[t_len];
	}
}

bool
dance_pattern_admits(const struct dance_pattern *pattern, const char *account)
{
	const char *p = pattern->text;
	bool is_uid = strchr(p, '@') != NULL;
	size_t len;

	for (;; p += len + 1, is_uid = false) {
		len = piece_len(p, is_uid);
		if (piece_is(p, len, "%u") && !account_fits(account, is_uid))
			return false;
		if (p[len] == '\0')
			return true;
	}
}

/* The text with the account in the place of each "%u". */
static int
pattern_fill(const struct dance_pattern *pattern, const char *account,
    char text[DANCE_IDENTITY_MAX + 1], size_t *ret_len)
{
	const char *p = pattern->text, *piece;
	bool is_uid = strchr(p, '@') != NULL;
	size_t len, piece_size, used = 0;

	for (;; p += len + 1, is_uid = false) {
		len = piece_size = piece_len(p, is_uid);
		piece = p;
		if (piece_is(p, len, "%u")) {
			if (!account_fits(account, is_uid))
				return DANCE_ERR_FORMAT;
			piece = account;
			piece_size = strlen(account);
		}
		if (piece_size >= DANCE_IDENTITY_MAX + 1 - used)
			return DANCE_ERR_FORMAT;
		memcpy(text + used, piece, piece_size);
		used += piece_size;
		if (p[len] == '\0')
			break;
		text[used++] = p[len];
		if (used == DANCE_IDENTITY_MAX + 1)
			return DANCE_ERR_FORMAT;
	}

	*ret_len = used;
	return 0;
}

int
dance_pattern_expand(const struct dance_pattern *pattern, const char *account,
    struct dance_identity *ret)
{
	char text[DANCE_IDENTITY_MAX + 1];
	size_t len;

	if (pattern->has_star ||
	    pattern_fill(pattern, account, text, &len) != 0)
		return DANCE_ERR_FORMAT;
	return dance_identity_parse(text, len, DANCE_NAME_PRESENTED, ret);
}

int
dance_pattern_resolve(const struct dance_pattern *pattern, const char *account,
    struct dance_pattern *ret)
{
	char text[DANCE_IDENTITY_MAX + 1];
	struct dance_identity id;
	size_t len;

	if (!pattern->has_star &&
	    dance_pattern_expand(pattern, account, &id) != 0)
		return DANCE_ERR_FORMAT;
	if (pattern_fill(pattern, account, text, &len) != 0)
		return DANCE_ERR_FORMAT;
	return dance_pattern_parse(text, len, ret);
}

bool
dance_pattern_covers(const struct dance_pattern *pattern,
    const struct dance_pattern *other, const char *account)
{
	const char *p = pattern->text, *o = other->text;
	bool is_uid = strchr(p, '@') != NULL;
	size_t p_len, o_len;

	if (is_uid != (strchr(o, '@') != NULL))
		return false;
	for (;; p += p_len + 1, o += o_len + 1, is_uid = false) {
		p_len = piece_len(p, is_uid);
		o_len = piece_len(o, is_uid);
		/* No account has the name "*". */
		if (!piece_means(p, p_len, o, o_len, account, is_uid))
			return false;
		if (p[p_len] == '\0' || o[o_len] == '\0')
			return p[p_len] == o[o_len];
	}
}

int
dance_pattern_account(const struct dance_pattern *pattern,
    const struct dance_identity *id, char *account, size_t size)
{
	const char *p = pattern->text, *t = id->text;
	bool is_uid = strchr(p, '@') != NULL;
	size_t p_len, t_len;

	if (is_uid != dance_identity_is_user(id))
		return DANCE_ERR_FORMAT;
	for (;; p += p_len + 1, t += t_len + 1, is_uid = false) {
		p_len = piece_len(p, is_uid);
		t_len = piece_len(t, is_uid);
		if (piece_is(p, p_len, "%u"))
			break;
		if (p[p_len] == '\0' || t[t_len] == '\0')
			return DANCE_ERR_FORMAT;
	}
	if (t_len >= size)
		return DANCE_ERR_FORMAT;
	memcpy(account, t, t_len);
	account[t_len] = '\0';
	return dance_pattern_matches(pattern, id, account) ? 0
							   : DANCE_ERR_FORMAT;
}
