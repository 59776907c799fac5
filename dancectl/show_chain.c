/* SPDX-License-Identifier: ISC */
/*
 * Certificates for people and as JSON: who, until when, what key.  All of it
 * is foreign text, filtered on its way out.
 */
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>
#include <strings.h>

#include "chain.h"
#include "instant.h"
#include "output.h"
#include "show.h"

#define SUBJECT_MAX 256 /* longer ones are cut */
#define KEY_MAX	    64

struct cert_facts {
	char subject[SUBJECT_MAX];
	char key[KEY_MAX];
	char not_after[INSTANT_MAX]; /* "" for what is no date */
};

/* RFC 2253, which leaves no character beyond ASCII. */
static void
subject_write(const X509 *cert, char ret[SUBJECT_MAX])
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	ret[0] = '\0';
	if (bio == NULL)
		return;
	if (X509_NAME_print_ex(
		bio, X509_get_subject_name(cert), 0, XN_FLAG_RFC2253) >= 0 &&
	    (len = BIO_get_mem_data(bio, &text)) > 0)
		snprintf(ret, SUBJECT_MAX, "%.*s%s",
		    len < SUBJECT_MAX ? (int)len : SUBJECT_MAX - 4, text,
		    len < SUBJECT_MAX ? "" : "...");
	BIO_free(bio);
}

static void
key_write(const X509 *cert, char ret[KEY_MAX])
{
	EVP_PKEY *pkey = X509_get0_pubkey(cert);
	const char *type = NULL;
	char group[KEY_MAX / 2];

	if (pkey != NULL)
		type = EVP_PKEY_get0_type_name(pkey);
	if (type == NULL)
		snprintf(ret, KEY_MAX, "unknown");
	else if (strncasecmp(type, "RSA", 3) == 0)
		snprintf(
		    ret, KEY_MAX, "%.32s %d", type, EVP_PKEY_get_bits(pkey));
	else if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1)
		snprintf(ret, KEY_MAX, "%.31s %s", type, group);
	else
		snprintf(ret, KEY_MAX, "%.32s", type);
}

static void
cert_facts_fill(const X509 *cert, struct cert_facts *ret)
{
	struct tm tm;

	subject_write(cert, ret->subject);
	key_write(cert, ret->key);
	ret->not_after[0] = '\0';
	if (ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) == 1)
		instant_format(timegm(&tm), ret->not_after);
}

void
show_chain(FILE *out, const struct dance_chain *chain)
{
	struct cert_facts facts;
	char name[32], text[KEY_MAX + INSTANT_MAX + 16];
	size_t i;

	for (i = 0; i < chain_len(chain); i++) {
		cert_facts_fill(chain_get(chain, i), &facts);
		snprintf(name, sizeof(name), "x509 %zu", i);
		ctl_put_field(out, name,
		    facts.subject[0] != '\0' ? facts.subject : "(no subject)");
		snprintf(text, sizeof(text), "%s, until %s", facts.key,
		    facts.not_after);
		ctl_put_field(out, "", text);
	}
}

json_t *
show_chain_json(const struct dance_chain *chain)
{
	struct cert_facts facts;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < chain_len(chain); i++) {
		cert_facts_fill(chain_get(chain, i), &facts);
		json_array_append_new(list,
		    json_pack("{s:o, s:o, s:o}", "subject",
			ctl_json_plain(facts.subject, strlen(facts.subject)),
			"not_after", ctl_json_text(facts.not_after), "key",
			ctl_json_text(facts.key)));
	}
	return list;
}

json_t *
show_credential_json(const struct dance_credential *cred)
{
	json_t *object, *principals;
	size_t i;

	if (cred == NULL)
		return json_null();
	principals = json_array();
	for (i = 0; cred->cert != NULL && i < cred->cert->n_principals; i++)
		json_array_append_new(principals,
		    ctl_json_plain((const char *)cred->cert->principals[i].data,
			cred->cert->principals[i].len));
	object = json_pack("{s:s, s:s, s:o}", "type", cred->type, "fingerprint",
	    cred->fingerprint, "principals", principals);
	if (cred->chain != NULL)
		json_object_set_new(
		    object, "chain", show_chain_json(cred->chain));
	return object;
}
