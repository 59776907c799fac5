/* SPDX-License-Identifier: ISC */
/*
 * Reading certificates for a command.  Whether they are worth anything is for
 * the engine to say.
 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"

int
chain_read(const struct ctl_input *input, struct dance_chain **ret)
{
	struct dance_chain *chain = NULL;
	const uint8_t *der = (const uint8_t *)input->text;
	int r;

	if (ctl_input_is_der(input))
		r = dance_chain_parse(der, input->len, &chain);
	else
		r = dance_chain_parse_pem(input->text, input->len, &chain);
	if (r != 0)
		return r;
	if (chain->rsa_bits != 0 && chain->rsa_bits < CTL_MIN_RSA) {
		dance_chain_free(&chain);
		return DANCE_ERR_WEAK_KEY;
	}
	*ret = chain;
	return 0;
}

static bool
key_is_weak(const X509 *cert)
{
	EVP_PKEY *pkey = X509_get0_pubkey(cert);

	return pkey != NULL &&
	    (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS")) &&
	    EVP_PKEY_get_bits(pkey) < CTL_MIN_RSA;
}

/* One certificate in DER, and nothing behind it. */
static X509 *
der_read(const struct ctl_input *input)
{
	const unsigned char *next = (const unsigned char *)input->text;
	const unsigned char *end = next + input->len;
	X509 *cert = d2i_X509(NULL, &next, (long)input->len);

	if (cert != NULL && next != end) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

int
chain_read_first(const struct ctl_input *input, struct x509_st **ret)
{
	char password[] = ""; /* or OpenSSL asks for one */
	X509 *cert = NULL;
	BIO *bio = NULL;
	int r = DANCE_ERR_BAD_CREDENTIAL;

	if (input->len > CTL_INPUT_MAX)
		return r;
	if (ctl_input_is_der(input))
		cert = der_read(input);
	else if ((bio = BIO_new_mem_buf(input->text, (int)input->len)) != NULL)
		cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, password);
	if (cert == NULL || X509_get0_pubkey(cert) == NULL)
		goto out;
	if (key_is_weak(cert)) {
		r = DANCE_ERR_WEAK_KEY;
		goto out;
	}

	*ret = cert;
	cert = NULL;
	r = 0;
out:
	X509_free(cert);
	BIO_free(bio);
	ERR_clear_error();
	return r;
}

size_t
chain_len(const struct dance_chain *chain)
{
	return 1 + (size_t)sk_X509_num(chain->others);
}

struct x509_st *
chain_get(const struct dance_chain *chain, size_t n)
{
	return n == 0 ? chain->leaf : sk_X509_value(chain->others, (int)n - 1);
}

int
chain_encode(const struct dance_chain *chain, uint8_t **ret, size_t *ret_len)
{
	BIO *bio = BIO_new(BIO_s_mem());
	uint8_t *copy;
	char *data;
	long len;
	size_t i;
	int r = DANCE_ERR_INTERNAL;

	if (bio == NULL)
		goto out;
	for (i = 0; i < chain_len(chain); i++)
		if (i2d_X509_bio(bio, chain_get(chain, i)) != 1)
			goto out;
	if ((len = BIO_get_mem_data(bio, &data)) <= 0 ||
	    (copy = malloc((size_t)len)) == NULL)
		goto out;
	memcpy(copy, data, (size_t)len);

	*ret = copy;
	*ret_len = (size_t)len;
	r = 0;
out:
	BIO_free(bio);
	return r;
}

bool
chain_names(const struct dance_chain *chain, const struct dance_identity *id)
{
	if (dance_identity_is_user(id))
		return dance_chain_names_user(chain, id);
	return X509_check_host(chain->leaf, id->owner, strlen(id->owner),
		   X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
		       X509_CHECK_FLAG_NO_WILDCARDS,
		   NULL) == 1;
}
