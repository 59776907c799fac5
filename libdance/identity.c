/* SPDX-License-Identifier: ISC */
/*
 * The one parser of identities.  It accepts a small alphabet and nothing else:
 * what passes here may stand in a DNS query, a log and a line for sshd.
 */
#include <stdint.h>
#include <string.h>

#include "error.h"
#include "identity.h"

/* Not isalnum(): the locale has no say in what a name is. */
static bool
is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_label_char(char c)
{
	return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' ||
	    c == '_';
}

static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t
dance_label_len(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] != '.') {
		if (!is_label_char(text[n]) || n == DANCE_LABEL_MAX)
			return 0;
		n++;
	}
	return n;
}

bool
dance_label_is_user(const char *text, size_t len)
{
	static const char label[] = DANCE_USER_LABEL; /* with its dot */
	size_t i;

	if (len != sizeof(label) - 2)
		return false;
	for (i = 0; i < len; i++)
		if (to_lower(text[i]) != label[i])
			return false;
	return true;
}

bool
dance_uid_is_valid(const char *text, size_t len)
{
	size_t i;

	if (len == 0 || len > DANCE_UID_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (!is_lower_or_digit(text[i]) &&
		    (text[i] == '\0' || strchr("._-+", text[i]) == NULL))
			return false;
	return true;
}

/*
 * Copy a name of at least two labels in lower case to ret, at most max.  None
 * of them is "_user": the records below that label are those of a CA for a
 * domain's users, and must not speak for a name of its own.
 */
static int
name_parse(const char *text, size_t len, size_t max, char *ret)
{
	size_t i, n, labels = 0;

	if (len == 0 || len > max)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < len; i += n + 1) {
		if ((n = dance_label_len(text + i, len - i)) == 0 ||
		    dance_label_is_user(text + i, n))
			return DANCE_ERR_FORMAT;
		labels++;
	}
	/* A dot at the end has made i step over it: an empty label. */
	if (i != len + 1 || labels < 2)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < len; i++)
		ret[i] = to_lower(text[i]);
	ret[len] = '\0';
	return 0;
}

static int
identity_parse_user(
    const char *text, size_t len, size_t uid_len, struct dance_identity *id)
{
	const char *domain = text + uid_len + 1;
	size_t domain_len = len - uid_len - 1;

	if (!dance_uid_is_valid(text, uid_len))
		return DANCE_ERR_FORMAT;
	memcpy(id->uid, text, uid_len);
	memcpy(id->text, text, uid_len + 1);
	memcpy(id->owner, DANCE_USER_LABEL, sizeof(DANCE_USER_LABEL));
	if (name_parse(domain, domain_len,
		DANCE_NAME_MAX - strlen(DANCE_USER_LABEL),
		id->owner + strlen(DANCE_USER_LABEL)) != 0)
		return DANCE_ERR_FORMAT;
	memcpy(id->text + uid_len + 1, id->owner + strlen(DANCE_USER_LABEL),
	    domain_len + 1);
	return 0;
}

int
dance_identity_parse(const char *text, size_t len,
    enum dance_name_origin origin, struct dance_identity *ret)
{
	struct dance_identity id;
	const char *at;
	int r;

	memset(&id, 0, sizeof(id));
	if (origin == DANCE_NAME_CONFIGURED && len > 0 && text[len - 1] == '.')
		len--;
	if (len > DANCE_IDENTITY_MAX)
		return DANCE_ERR_FORMAT;

	at = len == 0 ? NULL : memchr(text, '@', len);
	if (at != NULL)
		r = identity_parse_user(text, len, (size_t)(at - text), &id);
	else {
		r = name_parse(text, len, DANCE_NAME_MAX, id.text);
		memcpy(id.owner, id.text, sizeof(id.owner));
	}
	if (r != 0)
		return r;

	*ret = id;
	return 0;
}

int
dance_owner_parse(const char *text, size_t len, enum dance_name_origin origin,
    char ret[DANCE_NAME_MAX + 1])
{
	const size_t label = strlen(DANCE_USER_LABEL);
	char name[DANCE_NAME_MAX + 1] = DANCE_USER_LABEL;
	size_t used = 0;
	int r;

	if (origin == DANCE_NAME_CONFIGURED && len > 0 && text[len - 1] == '.')
		len--;
	if (len > label && text[label - 1] == '.' &&
	    dance_label_is_user(text, label - 1))
		used = label;
	r = name_parse(
	    text + used, len - used, DANCE_NAME_MAX - used, name + used);
	if (r != 0)
		return r;

	memcpy(ret, name, len + 1);
	return 0;
}

bool
dance_identity_is_user(const struct dance_identity *id)
{
	return id->uid[0] != '\0';
}
