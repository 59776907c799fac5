/* SPDX-License-Identifier: ISC */
/*
 * Signatures of SSH keys (RFC 4253, 5656, 8332, 8709, OpenSSH's sk- types).
 * The key decides which algorithms its signatures may name; the signature
 * never chooses.  Called for certificates and for answers of an agent.
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "error.h"
#include "sshkey.h"

#define SHA256_LEN	 32
#define ED25519_SIG_LEN	 64
#define ECDSA_NUMBER_MAX 66   /* octets of a number below the order of P-521 */
#define SK_USER_PRESENT	 0x01 /* the authenticator was touched */

struct sig_alg {
	const char *name;
	enum dance_key_type type;
	const char *md; /* NULL: the algorithm hashes itself */
};

/* No ssh-rsa (SHA-1), and no webauthn, which signs a browser's text. */
static const struct sig_alg algs[] = {
	{ "rsa-sha2-256", DANCE_KEY_RSA, "SHA256" },
	{ "rsa-sha2-512", DANCE_KEY_RSA, "SHA512" },
	{ "ecdsa-sha2-nistp256", DANCE_KEY_ECDSA_P256, "SHA256" },
	{ "ecdsa-sha2-nistp384", DANCE_KEY_ECDSA_P384, "SHA384" },
	{ "ecdsa-sha2-nistp521", DANCE_KEY_ECDSA_P521, "SHA512" },
	{ "ssh-ed25519", DANCE_KEY_ED25519, NULL },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", DANCE_KEY_SK_ECDSA_P256,
	    "SHA256" },
	{ "sk-ssh-ed25519@openssh.com", DANCE_KEY_SK_ED25519, NULL },
};

/* What an authenticator signs in place of the message. */
struct sk_message {
	uint8_t octets[2 * SHA256_LEN + 5];
};

static const struct sig_alg *
alg_find(struct dance_bytes name, enum dance_key_type type)
{
	size_t i;

	for (i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		if (algs[i].type == type &&
		    dance_bytes_equal(name, algs[i].name))
			return &algs[i];
	return NULL;
}

static int
pkey_verify(EVP_PKEY *pkey, const char *md, struct dance_bytes sig,
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

/* Some signers strip leading zeros: as OpenSSH does, put them back. */
static int
rsa_verify(EVP_PKEY *pkey, const char *md, struct dance_bytes sig,
    struct dance_bytes message)
{
	uint8_t padded[DANCE_RSA_MAX_BITS / 8] = { 0 };
	struct dance_bytes whole = { padded, 0 };
	int size = EVP_PKEY_get_size(pkey);

	if (size <= 0 || (size_t)size > sizeof(padded))
		return DANCE_ERR_INTERNAL;
	whole.len = (size_t)size;
	if (sig.len == 0 || sig.len > whole.len)
		return DANCE_ERR_BAD_CREDENTIAL;
	memcpy(padded + (whole.len - sig.len), sig.data, sig.len);
	return pkey_verify(pkey, md, whole, message);
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

static int
ecdsa_verify(EVP_PKEY *pkey, const char *md, struct dance_bytes sig,
    struct dance_bytes message)
{
	struct dance_wire w = { sig.data, sig.len };
	struct dance_bytes r_bytes, s_bytes, whole;
	uint8_t *der = NULL;
	int r, len;

	if (dance_wire_mpint(&w, &r_bytes) != 0 ||
	    dance_wire_mpint(&w, &s_bytes) != 0 || w.left != 0 ||
	    r_bytes.len > ECDSA_NUMBER_MAX || s_bytes.len > ECDSA_NUMBER_MAX)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((len = ecdsa_to_der(r_bytes, s_bytes, &der)) <= 0)
		return DANCE_ERR_INTERNAL;
	whole.data = der;
	whole.len = (size_t)len;
	r = pkey_verify(pkey, md, whole, message);
	OPENSSL_free(der);
	return r;
}

static int
sk_message_make(const char *application, uint8_t flags, uint32_t counter,
    struct dance_bytes message, struct sk_message *ret)
{
	uint8_t *p = ret->octets;

	if (EVP_Q_digest(NULL, "SHA256", NULL, application, strlen(application),
		p, NULL) != 1)
		return DANCE_ERR_INTERNAL;
	p += SHA256_LEN;
	*p++ = flags;
	*p++ = (uint8_t)(counter >> 24);
	*p++ = (uint8_t)(counter >> 16);
	*p++ = (uint8_t)(counter >> 8);
	*p++ = (uint8_t)counter;
	if (EVP_Q_digest(
		NULL, "SHA256", NULL, message.data, message.len, p, NULL) != 1)
		return DANCE_ERR_INTERNAL;
	return 0;
}

/* Flags and counter end the blob; the touch is never waived. */
static int
sk_read(struct dance_wire *w, const struct dance_sshkey *key,
    struct dance_bytes message, struct sk_message *ret)
{
	uint32_t counter;
	uint8_t flags;

	if (dance_wire_u8(w, &flags) != 0 || dance_wire_u32(w, &counter) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((flags & SK_USER_PRESENT) == 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (key->application == NULL)
		return DANCE_ERR_INTERNAL;
	return sk_message_make(key->application, flags, counter, message, ret);
}

static int
raw_verify(const struct dance_sshkey *key, const char *md,
    struct dance_bytes sig, struct dance_bytes message)
{
	if (key->info->type == DANCE_KEY_RSA)
		return rsa_verify(key->pkey, md, sig, message);
	if (key->info->curve != NULL)
		return ecdsa_verify(key->pkey, md, sig, message);
	if (sig.len != ED25519_SIG_LEN)
		return DANCE_ERR_BAD_CREDENTIAL;
	return pkey_verify(key->pkey, md, sig, message);
}

int
dance_sshkey_verify(const struct dance_sshkey *key,
    struct dance_bytes signature, struct dance_bytes message)
{
	struct dance_wire w = { signature.data, signature.len };
	const struct sig_alg *alg;
	struct sk_message sk;
	struct dance_bytes name, sig;
	int r;

	if (dance_wire_string(&w, &name) != 0 ||
	    dance_wire_string(&w, &sig) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (key->info->type == DANCE_KEY_RSA &&
	    dance_bytes_equal(name, "ssh-rsa"))
		return DANCE_ERR_WEAK_KEY; /* SHA-1 */
	if ((alg = alg_find(name, key->info->type)) == NULL)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (key->info->is_sk) {
		if ((r = sk_read(&w, key, message, &sk)) != 0)
			return r;
		message.data = sk.octets;
		message.len = sizeof(sk.octets);
	}
	if (w.left != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	return raw_verify(key, alg->md, sig, message);
}
