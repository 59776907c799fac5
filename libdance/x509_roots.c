/* SPDX-License-Identifier: ISC */
/*
 * Root certificates, for the PKIX usages 0 and 1 alone: a file of root's on the
 * host, or one that was named on a command line.
 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>

#include "file.h"
#include "x509.h"

#define ROOTS_MAX (8UL * 1024 * 1024) /* octets of a bundle */

static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
};

int
dance_roots_parse(const char *text, size_t len, const char *name,
    struct x509_store_st **ret, struct dance_fault *fault)
{
	X509_STORE *store = X509_STORE_new();
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	char password[] = ""; /* or OpenSSL asks for one */
	X509 *cert;
	size_t n = 0;
	int r = DANCE_ERR_INTERNAL;

	if (store == NULL || bio == NULL)
		goto out;
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, password)) != NULL) {
		if (X509_STORE_add_cert(store, cert) == 1)
			n++;
		X509_free(cert);
	}
	ERR_clear_error();
	if (n == 0) {
		dance_fault_set(fault, "%s: no certificate in it", name);
		r = DANCE_ERR_CONFIG;
		goto out;
	}

	*ret = store;
	store = NULL;
	r = 0;
out:
	X509_STORE_free(store);
	BIO_free(bio);
	return r;
}

int
dance_roots_load(
    const char *root, struct x509_store_st **ret, struct dance_fault *fault)
{
	char *text;
	bool exists = false;
	size_t i, len, n = sizeof(bundles) / sizeof(bundles[0]);
	int r;

	for (i = 0; i < n; i++) {
		if ((r = dance_file_exists(root, bundles[i], &exists)) != 0)
			return r;
		if (exists)
			break;
	}
	if (!exists) {
		dance_fault_set(fault,
		    "%s: not there: usages 0 and 1 need "
		    "the host's root certificates",
		    bundles[0]);
		return DANCE_ERR_CONFIG;
	}
	if ((r = dance_file_read(
		 root, bundles[i], ROOTS_MAX, &text, &len, fault)) != 0)
		return r;
	r = dance_roots_parse(text, len, bundles[i], ret, fault);
	free(text);
	return r;
}
