/* SPDX-License-Identifier: ISC */
/*
 * The record for a file: SSH keys and OpenSSH certificates, whose records are
 * about keys, and X.509 certificates, for which there is every kind.
 */
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "chain.h"
#include "output.h"
#include "sandbox.h"
#include "tlsa_make.h"

static bool
names_ca(const struct dance_tlsa *record)
{
	return record->usage == DANCE_USAGE_DANE_TA ||
	    record->usage == DANCE_USAGE_PKIX_TA;
}

bool
tlsa_is_of_users(const struct tlsa_wish *wish)
{
	const struct dance_identity *id = &wish->identity;

	return dance_identity_is_user(id) ||
	    (id->owner[0] != '\0' && id->text[0] == '\0');
}

/* A user's domain publishes its CA, and one key is not many names. */
static int
owner_check(const struct tlsa_wish *wish, const struct dance_tlsa *record,
    struct dance_fault *fault)
{
	if (tlsa_is_of_users(wish) && !names_ca(record))
		dance_fault_set(fault,
		    "%.200s is for user identities, which only a CA can vouch "
		    "for: give a certificate and --usage 2",
		    wish->identity.owner);
	else if (wish->is_wildcard && record->usage == DANCE_USAGE_DANE_EE)
		dance_fault_set(fault,
		    "*.%.200s is a wildcard, at which usage 3 never counts: "
		    "give a CA's certificate and --usage 2",
		    wish->identity.text);
	else
		return 0;
	return DANCE_ERR_FORMAT;
}

static int
data_set(struct dance_tlsa *record, const uint8_t *subject, size_t len)
{
	struct dance_bytes bytes = { subject, len };
	uint8_t *data = NULL;
	size_t data_len = 0;
	int r;

	r = dance_tlsa_digest(record->matching, bytes, &data, &data_len);
	if (r == 0)
		record->data = (struct dance_bytes){ data, data_len };
	return r;
}

/* Records that can never match an SSH key are not made. */
static int
ssh_check(const struct dance_tlsa *record, struct dance_fault *fault)
{
	if (record->selector == DANCE_SELECTOR_CERT)
		dance_fault_set(fault,
		    "--selector 0 is about X.509 certificates: it can never "
		    "match an SSH key");
	else if (record->usage < DANCE_USAGE_DANE_TA)
		dance_fault_set(fault,
		    "--usage %u is about X.509 certificates of public CAs: it "
		    "can never match an SSH key",
		    record->usage);
	else
		return 0;
	return DANCE_ERR_FORMAT;
}

/* The key that a record of this usage is about. */
static int
ssh_key_find(const struct dance_tlsa *record,
    const struct dance_credential *cred, const struct dance_sshkey **ret,
    struct dance_fault *fault)
{
	if (record->usage == DANCE_USAGE_DANE_EE) {
		*ret = cred->key;
		return 0;
	}
	if (cred->cert == NULL) {
		dance_fault_set(fault,
		    "usage 2 names the CA of a certificate, and this is a bare "
		    "key: it can never match; use --usage 3");
		return DANCE_ERR_FORMAT;
	}
	if (cred->chain != NULL) {
		dance_fault_set(fault,
		    "usage 2 names the CA of the X.509 chain in here: give the "
		    "CA's own certificate");
		return DANCE_ERR_FORMAT;
	}
	*ret = cred->cert->ca;
	return 0;
}

static int
ssh_make(const struct tlsa_wish *wish, struct dance_tlsa *record,
    struct dance_fault *fault)
{
	struct dance_credential *cred = NULL;
	const struct dance_sshkey *key;
	int r;

	if ((r = dance_credential_parse_file(
		 wish->input.text, wish->input.len, CTL_MIN_RSA, &cred)) != 0)
		return r;
	if ((r = ssh_check(record, fault)) == 0 &&
	    (r = owner_check(wish, record, fault)) == 0 &&
	    (r = ssh_key_find(record, cred, &key, fault)) == 0)
		r = data_set(record, key->spki, key->spki_len);
	dance_credential_free(&cred);
	return r;
}

/*
 * A CA's certificate is found in every chain, so its digest is enough and the
 * whole of it counts; a leaf's key survives the renewal of its certificate
 * (RFC 7671, sections 5.1 and 5.2).
 */
static void
x509_set_defaults(
    const struct tlsa_wish *wish, struct dance_tlsa *record, bool is_ca)
{
	if (!wish->has_usage)
		record->usage =
		    is_ca ? DANCE_USAGE_DANE_TA : DANCE_USAGE_DANE_EE;
	if (!wish->has_selector)
		record->selector = names_ca(record) ? DANCE_SELECTOR_CERT
						    : DANCE_SELECTOR_SPKI;
}

static int
x509_data_set(struct dance_tlsa *record, X509 *cert)
{
	unsigned char *der = NULL;
	int len, r;

	if (record->selector == DANCE_SELECTOR_CERT)
		len = i2d_X509(cert, &der);
	else
		len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	if (len <= 0)
		return DANCE_ERR_INTERNAL;
	r = data_set(record, der, (size_t)len);
	OPENSSL_free(der);
	return r;
}

static int
x509_make(const struct tlsa_wish *wish, struct dance_tlsa *record,
    struct dance_fault *fault)
{
	X509 *cert = NULL;
	int r;

	if ((r = chain_read_first(&wish->input, &cert)) != 0)
		return r;
	x509_set_defaults(wish, record, X509_check_ca(cert) == 1);
	if ((r = owner_check(wish, record, fault)) == 0)
		r = x509_data_set(record, cert);
	if (r == 0 && names_ca(record) && X509_check_ca(cert) == 0)
		dance_fault_set(fault,
		    "not a CA's certificate: with usage %u it vouches for "
		    "nobody",
		    record->usage);
	X509_free(cert);
	return r;
}

int
tlsa_make(const struct tlsa_wish *wish, struct dance_tlsa *ret,
    struct dance_fault *fault)
{
	int r;

	if ((r = dance_sandbox_enter(CTL_JOB_MS / 1000, false, fault)) != 0)
		return r;
	*ret = wish->record;
	return ctl_input_is_x509(&wish->input) ? x509_make(wish, ret, fault)
					       : ssh_make(wish, ret, fault);
}
