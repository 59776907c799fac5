/* SPDX-License-Identifier: ISC */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "error.h"
#include "pkey.h"

#define NUMBER_MAX 66 /* octets of a number below the order of P-521 */

int
dance_pkey_verify(EVP_PKEY *pkey, const char *md, struct dance_bytes sig,
    struct dance_bytes message)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int r = DANCE_ERR_INTERNAL;

	if (ctx == NULL ||
	    EVP_DigestVerifyInit_ex(ctx, NULL, md, NULL, NULL, pkey, NULL) != 1)
		goto out;
	if (EVP_DigestVerify(
		ctx, sig.data, sig.len, message.data, message.len) != 1) {
		r = DANCE_ERR_BAD_CREDENTIAL;
		goto out;
	}
	r = 0;
out:
	EVP_MD_CTX_free(ctx);
	return r;
}

/* DER of the two numbers; *ret is freed with OPENSSL_free(). */
static int
ecdsa_to_der(
    struct dance_bytes r_bytes, struct dance_bytes s_bytes, uint8_t **ret)
{
	BIGNUM *bn_r = BN_bin2bn(r_bytes.data, (int)r_bytes.len, NULL);
	BIGNUM *bn_s = BN_bin2bn(s_bytes.data, (int)s_bytes.len, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int len = 0;

	if (bn_r != NULL && bn_s != NULL && sig != NULL &&
	    ECDSA_SIG_set0(sig, bn_r, bn_s) == 1) {
		bn_r = bn_s = NULL; /* sig has them */
		len = i2d_ECDSA_SIG(sig, ret);
	}
	BN_free(bn_r);
	BN_free(bn_s);
	ECDSA_SIG_free(sig);
	return len;
}

int
dance_ecdsa_verify(EVP_PKEY *pkey, const char *md, struct dance_bytes r,
    struct dance_bytes s, struct dance_bytes message)
{
	struct dance_bytes whole;
	uint8_t *der = NULL;
	int len, error;

	if (r.len > NUMBER_MAX || s.len > NUMBER_MAX)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((len = ecdsa_to_der(r, s, &der)) <= 0)
		return DANCE_ERR_INTERNAL;
	whole.data = der;
	whole.len = (size_t)len;
	error = dance_pkey_verify(pkey, md, whole, message);
	OPENSSL_free(der);
	return error;
}
