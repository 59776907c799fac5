/* SPDX-License-Identifier: ISC */
/* See fake_token.h. */
#include <err.h>
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "fake_token.h"

#define SIGNATURE_MAX 512

/* From DER to two numbers of equal length. */
static void
ecdsa_write(const uint8_t *der, size_t len, size_t half, struct wirebuf *ret)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	uint8_t data[SIGNATURE_MAX];

	if (sig == NULL || half > sizeof(data) ||
	    BN_bn2binpad(ECDSA_SIG_get0_r(sig), data, (int)half) < 0)
		errx(1, "no ECDSA signature");
	wirebuf_raw(ret, data, half);
	if (BN_bn2binpad(ECDSA_SIG_get0_s(sig), data, (int)half) < 0)
		errx(1, "no ECDSA signature");
	wirebuf_raw(ret, data, half);
	ECDSA_SIG_free(sig);
}

void
fake_token_sign(const struct pki_cert *cert, const char *md,
    struct dance_bytes message, size_t half, struct wirebuf *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t data[SIGNATURE_MAX];
	size_t len = sizeof(data);

	if (EVP_PKEY_is_a(cert->pkey, "ED25519"))
		md = NULL;
	if (ctx == NULL ||
	    EVP_DigestSignInit_ex(
		ctx, NULL, md, NULL, NULL, cert->pkey, NULL) != 1 ||
	    EVP_DigestSign(ctx, data, &len, message.data, message.len) != 1)
		errx(1, "no signature: %s", cert->name);
	EVP_MD_CTX_free(ctx);
	if (half == 0)
		half = ((size_t)EVP_PKEY_get_bits(cert->pkey) + 7) / 8;
	if (EVP_PKEY_is_a(cert->pkey, "EC"))
		ecdsa_write(data, len, half, ret);
	else
		wirebuf_raw(ret, data, len);
}
