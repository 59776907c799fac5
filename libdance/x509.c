/* SPDX-License-Identifier: ISC */
/*
 * Reading chains, and the one check of names that OpenSSL can't express: that
 * of a user.  No signature is looked at here.
 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"
#include "x509.h"
#include "x509_key.h"

#define LEAF_NAMES_MAX 16384 /* octets */

#define USER_LABEL "_user."

/* Octets of the leaf's names: each candidate is looked for among them. */
static int
leaf_names_len(const X509 *leaf)
{
	int at = X509_get_ext_by_NID(leaf, NID_subject_alt_name, -1);

	if (at < 0)
		return 0;
	return ASN1_STRING_length(
	    X509_EXTENSION_get_data(X509_get_ext(leaf, at)));
}

/* The leaf's key, in the form that records and SSH keys are compared in. */
static int
chain_set_key(struct dance_chain *chain)
{
	EVP_PKEY *pkey = X509_get0_pubkey(chain->leaf);
	int len;

	if (pkey == NULL || leaf_names_len(chain->leaf) > LEAF_NAMES_MAX)
		return DANCE_ERR_BAD_CREDENTIAL;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(chain->leaf), &chain->spki);
	if (len <= 0)
		return DANCE_ERR_INTERNAL;
	chain->spki_len = (size_t)len;
	if (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS"))
		chain->rsa_bits = (unsigned)EVP_PKEY_get_bits(pkey);
	return 0;
}

static bool
chain_has(const struct dance_chain *chain, const X509 *cert)
{
	int i;

	if (chain->leaf != NULL && X509_cmp(chain->leaf, cert) == 0)
		return true;
	for (i = 0; i < sk_X509_num(chain->others); i++)
		if (X509_cmp(sk_X509_value(chain->others, i), cert) == 0)
			return true;
	return false;
}

/* Takes the certificate, whatever it returns. */
static int
chain_add(struct dance_chain *chain, X509 *cert)
{
	int r = DANCE_ERR_BAD_CREDENTIAL;

	if (cert == NULL || chain_has(chain, cert) ||
	    sk_X509_num(chain->others) == DANCE_CHAIN_MAX - 1)
		goto out;
	if (chain->leaf == NULL)
		chain->leaf = cert;
	else if (sk_X509_push(chain->others, cert) == 0) {
		r = DANCE_ERR_INTERNAL;
		goto out;
	}
	cert = NULL;
	r = 0;
out:
	X509_free(cert);
	return r;
}

static struct dance_chain *
chain_new(void)
{
	struct dance_chain *chain = calloc(1, sizeof(*chain));

	if (chain == NULL)
		return NULL;
	if ((chain->others = sk_X509_new_null()) == NULL)
		dance_chain_free(&chain);
	return chain;
}

/* The next certificate, if it is in DER: written in the one way that may be. */
static X509 *
cert_read(const unsigned char **next, const unsigned char *end)
{
	const unsigned char *start = *next;
	unsigned char *again = NULL;
	X509 *cert;
	int len;

	if (!dance_cert_key_is_known(
		(struct dance_bytes){ start, (size_t)(end - start) }) ||
	    (cert = d2i_X509(NULL, next, (long)(end - start))) == NULL)
		return NULL;
	len = i2d_X509(cert, &again);
	if (len <= 0 || len != *next - start ||
	    memcmp(again, start, (size_t)len) != 0) {
		X509_free(cert);
		cert = NULL;
	}
	OPENSSL_free(again);
	return cert;
}

int
dance_chain_parse(const uint8_t *der, size_t len, struct dance_chain **ret)
{
	struct dance_chain *chain = NULL;
	const unsigned char *next = der, *end = der + len;
	int r = DANCE_ERR_BAD_CREDENTIAL;

	if (len == 0 || len > DANCE_CHAIN_BYTES_MAX)
		goto out;
	if ((chain = chain_new()) == NULL) {
		r = DANCE_ERR_INTERNAL;
		goto out;
	}
	while (next < end)
		if ((r = chain_add(chain, cert_read(&next, end))) != 0)
			goto out;
	if ((r = chain_set_key(chain)) != 0)
		goto out;

	*ret = chain;
	chain = NULL;
	r = 0;
out:
	dance_chain_free(&chain);
	return r;
}

/* Why PEM reading stopped: no further block, or one that can't be read? */
static bool
pem_is_at_end(void)
{
	unsigned long error = ERR_peek_last_error();

	ERR_clear_error();
	return ERR_GET_LIB(error) == ERR_LIB_PEM &&
	    ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

int
dance_chain_parse_pem(const char *text, size_t len, struct dance_chain **ret)
{
	struct dance_chain *chain = NULL;
	char password[] = ""; /* or OpenSSL asks for one */
	X509 *cert;
	BIO *bio = NULL;
	int r = DANCE_ERR_INTERNAL;

	if (len > 8 * DANCE_CHAIN_BYTES_MAX)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((chain = chain_new()) == NULL ||
	    (bio = BIO_new_mem_buf(text, (int)len)) == NULL)
		goto out;
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, password)) != NULL)
		if ((r = chain_add(chain, cert)) != 0)
			goto out;
	r = !pem_is_at_end() || chain->leaf == NULL ? DANCE_ERR_BAD_CREDENTIAL
						    : chain_set_key(chain);
	if (r != 0)
		goto out;

	*ret = chain;
	chain = NULL;
	r = 0;
out:
	BIO_free(bio);
	dance_chain_free(&chain);
	return r;
}

/* Octets of other types, BMPString or BIT STRING say, are not this text. */
bool
dance_x509_string_is_text(const ASN1_STRING *string)
{
	switch (ASN1_STRING_type(string)) {
	case V_ASN1_UTF8STRING:
	case V_ASN1_PRINTABLESTRING:
	case V_ASN1_IA5STRING:
		return true;
	default:
		return false;
	}
}

static bool
string_is(const ASN1_STRING *string, const char *text)
{
	size_t len = strlen(text);

	return dance_x509_string_is_text(string) &&
	    ASN1_STRING_length(string) == (int)len &&
	    strncasecmp(
		(const char *)ASN1_STRING_get0_data(string), text, len) == 0;
}

/* A SAN of the type that is this text, whole. */
static bool
names_have(const GENERAL_NAMES *names, int type, const char *text)
{
	const GENERAL_NAME *name;
	const ASN1_STRING *value;
	int i, found;

	for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		name = sk_GENERAL_NAME_value(names, i);
		value = GENERAL_NAME_get0_value(name, &found);
		if (found == type && value != NULL && string_is(value, text))
			return true;
	}
	return false;
}

/* The subject's UID (RFC 4519, 2.39), if it is the only one. */
static bool
subject_has_uid(const X509 *leaf, const char *uid)
{
	const X509_NAME *subject = X509_get_subject_name(leaf);
	int at = X509_NAME_get_index_by_NID(subject, NID_userId, -1);

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_userId, at) >= 0)
		return false;
	return string_is(
	    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), uid);
}

bool
dance_chain_names_user(
    const struct dance_chain *chain, const struct dance_identity *id)
{
	const char *domain = id->owner + strlen(USER_LABEL);
	GENERAL_NAMES *names;
	bool is_named;

	if (!dance_identity_is_user(id))
		return false;
	names = X509_get_ext_d2i(chain->leaf, NID_subject_alt_name, NULL, NULL);
	if (names == NULL)
		return false;
	is_named = names_have(names, GEN_EMAIL, id->text) ||
	    (subject_has_uid(chain->leaf, id->uid) &&
		(names_have(names, GEN_DNS, domain) ||
		    names_have(names, GEN_DNS, id->owner)));
	GENERAL_NAMES_free(names);
	return is_named;
}

void
dance_chain_free(struct dance_chain **chain)
{
	if (*chain == NULL)
		return;
	X509_free((*chain)->leaf);
	sk_X509_pop_free((*chain)->others, X509_free);
	OPENSSL_free((*chain)->spki);
	free(*chain);
	*chain = NULL;
}
