/* SPDX-License-Identifier: ISC */
/*
 * Signatures that a token makes with a certificate's key.  The key decides how
 * it signs; nothing about that is negotiated.
 */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "error.h"
#include "pkey.h"
#include "x509.h"

/* r and s, half of it each (PKCS #11, CKM_ECDSA). */
static int
raw_ecdsa_verify(
    EVP_PKEY *pkey, struct dance_bytes signature, struct dance_bytes message)
{
	size_t half = signature.len / 2;
	struct dance_bytes r = { signature.data, half };
	struct dance_bytes s = { signature.data + half, half };

	if (half == 0 || signature.len % 2 != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	return dance_ecdsa_verify(pkey, "SHA256", r, s, message);
}

int
dance_chain_verify(const struct dance_chain *chain,
    struct dance_bytes signature, struct dance_bytes message)
{
	EVP_PKEY *pkey = X509_get0_pubkey(chain->leaf);

	if (pkey == NULL)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (EVP_PKEY_is_a(pkey, "RSA"))
		return dance_pkey_verify(pkey, "SHA256", signature, message);
	if (EVP_PKEY_is_a(pkey, "EC"))
		return raw_ecdsa_verify(pkey, signature, message);
	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return dance_pkey_verify(pkey, NULL, signature, message);
	return DANCE_ERR_BAD_CREDENTIAL;
}
