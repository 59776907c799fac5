/* SPDX-License-Identifier: ISC */
/*
 * The holes that OpenSSL's DANE verification leaves: sizes of RSA keys, a TA
 * that did not sign itself, a TA that is a key and no certificate, issuers that
 * nobody calls a CA, and what a client's certificate may be used for.  Refuses
 * only, and never makes good what OpenSSL has refused.
 */
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "dane_check.h"
#include "error.h"

#define EKU_SSH_CLIENT	"1.3.6.1.5.5.7.3.21" /* RFC 6187, 2.2.2 */
#define TYPE_BIT_CLIENT 0		     /* of nsCertType */
#define TYPE_BIT_CA	5
#define LEVEL_MAX	5

static bool
key_is_strong(const EVP_PKEY *pkey, unsigned min_rsa)
{
	if (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS"))
		return EVP_PKEY_get_bits(pkey) >= (int)min_rsa;
	return !EVP_PKEY_is_a(pkey, "DSA");
}

/* OpenSSL looks at the dates of all but a TA that did not sign itself. */
static bool
cert_is_valid(const X509 *cert, time_t now)
{
	return X509_cmp_time(X509_get0_notBefore(cert), &now) < 0 &&
	    X509_cmp_time(X509_get0_notAfter(cert), &now) > 0;
}

/* An issuer is called a CA; OpenSSL takes keyCertSign or version 1 for it. */
static int
check_issuers(const struct dance_dane_built *built, time_t now)
{
	EVP_PKEY *leaf_key = X509_get0_pubkey(sk_X509_value(built->chain, 0));
	X509 *cert;
	int i;

	for (i = 0; i < sk_X509_num(built->chain); i++) {
		cert = sk_X509_value(built->chain, i);
		if (!cert_is_valid(cert, now))
			return DANCE_ERR_EXPIRED;
		if (i > 0 && X509_check_ca(cert) != 1)
			return DANCE_ERR_UNTRUSTED;
		/* Its own authority, under a certificate of its own. */
		if (i > 0 && EVP_PKEY_eq(X509_get0_pubkey(cert), leaf_key) == 1)
			return DANCE_ERR_MISMATCH;
	}
	return 0;
}

/* For usage 3 the chain ends with the leaf, whatever came with it. */
static int
check_keys(const struct dance_dane_built *built, unsigned min_rsa)
{
	EVP_PKEY *pkey;
	int i;

	for (i = 0; i < sk_X509_num(built->chain); i++) {
		pkey = X509_get0_pubkey(sk_X509_value(built->chain, i));
		if (pkey == NULL)
			return DANCE_ERR_UNTRUSTED;
		if (!key_is_strong(pkey, min_rsa))
			return DANCE_ERR_WEAK_KEY;
	}
	return 0;
}

/*
 * A key that stands for a TA (2 1 0) and is in no certificate of the chain:
 * OpenSSL asks neither of it nor of the signature it made how strong they are,
 * and takes a leaf that signed itself for signed by a TA.
 */
static int
check_bare_key(
    const struct dance_dane_built *built, const struct dance_dane_rules *rules)
{
	static const int bits[LEVEL_MAX + 1] = { 0, 80, 112, 128, 192, 256 };
	X509 *leaf = sk_X509_value(built->chain, 0);
	X509 *top = sk_X509_value(built->chain, sk_X509_num(built->chain) - 1);
	int level = rules->auth_level, made;

	if (EVP_PKEY_eq(built->bare_key, X509_get0_pubkey(leaf)) == 1)
		return DANCE_ERR_MISMATCH;
	level = level < 0 ? 0 : level > LEVEL_MAX ? LEVEL_MAX : level;
	if (!key_is_strong(built->bare_key, rules->min_rsa) ||
	    EVP_PKEY_get_security_bits(built->bare_key) < bits[level] ||
	    X509_get_signature_info(top, NULL, NULL, &made, NULL) != 1 ||
	    made < bits[level])
		return DANCE_ERR_WEAK_KEY;
	return 0;
}

/* True without EKU, or with one of the two that a client may have. */
static bool
cert_is_for_ssh(const X509 *cert)
{
	EXTENDED_KEY_USAGE *eku;
	char oid[64];
	bool is_fit = false;
	int i, critical;

	eku = X509_get_ext_d2i(cert, NID_ext_key_usage, &critical, NULL);
	if (eku == NULL)
		return critical == -1;
	for (i = 0; i < sk_ASN1_OBJECT_num(eku); i++) {
		const ASN1_OBJECT *use = sk_ASN1_OBJECT_value(eku, i);

		if (OBJ_obj2nid(use) == NID_client_auth)
			is_fit = true;
		else if (OBJ_obj2txt(oid, sizeof(oid), use, 1) > 0 &&
		    strcmp(oid, EKU_SSH_CLIENT) == 0)
			is_fit = true;
	}
	EXTENDED_KEY_USAGE_free(eku);
	return is_fit;
}

/* Netscape's old word on a certificate's use: if it says any, it must fit. */
static bool
cert_type_fits(const X509 *cert, bool is_leaf)
{
	ASN1_BIT_STRING *type;
	bool is_fit;
	int critical;

	type = X509_get_ext_d2i(cert, NID_netscape_cert_type, &critical, NULL);
	if (type == NULL)
		return critical == -1;
	is_fit = ASN1_BIT_STRING_get_bit(
		     type, is_leaf ? TYPE_BIT_CLIENT : TYPE_BIT_CA) == 1;
	ASN1_BIT_STRING_free(type);
	return is_fit;
}

/*
 * The leaf's key must be there to sign with, if its keyUsage says anything;
 * keyAgreement would do for OpenSSL.  And its purpose knows clientAuth alone,
 * so a chain for SSH is verified without one, and the EKU of each certificate
 * is looked at here.
 */
static int
check_client(const struct dance_dane_built *built)
{
	X509 *leaf = sk_X509_value(built->chain, 0);
	int i, n = built->is_ssh ? sk_X509_num(built->chain) : 0;

	if ((X509_get_key_usage(leaf) & X509v3_KU_DIGITAL_SIGNATURE) == 0)
		return DANCE_ERR_UNTRUSTED;
	for (i = 0; i < n; i++)
		if (!cert_is_for_ssh(sk_X509_value(built->chain, i)) ||
		    !cert_type_fits(sk_X509_value(built->chain, i), i == 0))
			return DANCE_ERR_UNTRUSTED;
	return 0;
}

int
dance_dane_check(
    const struct dance_dane_built *built, const struct dance_dane_rules *rules)
{
	int r;

	if (sk_X509_num(built->chain) < 1)
		return DANCE_ERR_INTERNAL;
	if ((r = check_keys(built, rules->min_rsa)) != 0)
		return r;
	/* RFC 7671, 5.1: of a leaf that is vouched for itself nothing else. */
	if (built->usage == DANCE_USAGE_DANE_EE)
		return 0;
	if ((r = check_issuers(built, rules->now)) != 0)
		return r;
	if (built->bare_key != NULL && (r = check_bare_key(built, rules)) != 0)
		return r;
	if (rules->purpose == DANCE_PURPOSE_CLIENT)
		return check_client(built);
	return 0;
}
