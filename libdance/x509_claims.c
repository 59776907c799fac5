/* SPDX-License-Identifier: ISC */
/*
 * Whom an X.509 leaf speaks of.  A claim picks lines of the map and nothing
 * more: whether the name counts is OpenSSL's to say, when a record is matched.
 */
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "x509.h"

struct claim_list {
	struct dance_identity *list;
	size_t n;
};

static void
claims_add(struct claim_list *claims, const char *text, size_t len)
{
	struct dance_identity id;
	size_t i;

	if (claims->n == DANCE_CHAIN_CLAIMS_MAX ||
	    dance_identity_parse(text, len, DANCE_NAME_PRESENTED, &id) != 0)
		return;
	for (i = 0; i < claims->n; i++)
		if (strcmp(claims->list[i].text, id.text) == 0)
			return;
	claims->list[claims->n++] = id;
}

/* The leaf's one subject UID beside this domain. */
static void
claims_add_user(
    struct claim_list *claims, const X509 *leaf, const char *domain, size_t len)
{
	const X509_NAME *subject = X509_get_subject_name(leaf);
	int at = X509_NAME_get_index_by_NID(subject, NID_userId, -1);
	const ASN1_STRING *uid;
	char text[DANCE_IDENTITY_MAX + 1];
	int n;

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_userId, at) >= 0)
		return;
	uid = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
	if (!dance_x509_string_is_text(uid))
		return;
	if (len > strlen(DANCE_USER_LABEL) &&
	    strncasecmp(domain, DANCE_USER_LABEL, strlen(DANCE_USER_LABEL)) ==
		0) {
		domain += strlen(DANCE_USER_LABEL);
		len -= strlen(DANCE_USER_LABEL);
	}
	n = snprintf(text, sizeof(text), "%.*s@%.*s", ASN1_STRING_length(uid),
	    (const char *)ASN1_STRING_get0_data(uid), (int)len, domain);
	if (n > 0 && (size_t)n < sizeof(text) &&
	    (size_t)n == (size_t)ASN1_STRING_length(uid) + 1 + len)
		claims_add(claims, text, (size_t)n);
}

int
dance_chain_claims(
    const struct dance_chain *chain, struct dance_identity **ret, size_t *ret_n)
{
	struct claim_list claims = { NULL, 0 };
	const ASN1_STRING *value;
	const char *text;
	GENERAL_NAMES *names;
	int i, type;
	size_t len;

	claims.list = calloc(DANCE_CHAIN_CLAIMS_MAX, sizeof(*claims.list));
	if (claims.list == NULL)
		return DANCE_ERR_INTERNAL;
	names = X509_get_ext_d2i(chain->leaf, NID_subject_alt_name, NULL, NULL);
	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		value = GENERAL_NAME_get0_value(
		    sk_GENERAL_NAME_value(names, i), &type);
		if (value == NULL || (type != GEN_DNS && type != GEN_EMAIL) ||
		    !dance_x509_string_is_text(value))
			continue;
		text = (const char *)ASN1_STRING_get0_data(value);
		len = (size_t)ASN1_STRING_length(value);
		claims_add(&claims, text, len);
		if (type == GEN_DNS)
			claims_add_user(&claims, chain->leaf, text, len);
	}
	GENERAL_NAMES_free(names);

	*ret = claims.list;
	*ret_n = claims.n;
	return 0;
}
