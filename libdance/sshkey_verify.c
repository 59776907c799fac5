/* SPDX-License-Identifier: ISC */
/*
 * Signatures of SSH keys (RFC 4253, 5656, 8332, 8709, OpenSSH's sk- types).
 * The key decides which algorithms its signatures may name; the signature
 * never chooses.  Called for certificates and for answers of an agent.
 */
#include <string.h>

#include <openssl/evp.h>

#include "error.h"
#include "pkey.h"
#include "sshkey.h"

#define SHA256_LEN	 32
#define ED25519_SIG_LEN	 64
#define SK_USER_PRESENT	 0x01 /* the authenticator was touched */
#define SK_USER_VERIFIED 0x04 /* and knew by whom */

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
	return dance_pkey_verify(pkey, md, whole, message);
}

static int
ecdsa_verify(EVP_PKEY *pkey, const char *md, struct dance_bytes sig,
    struct dance_bytes message)
{
	struct dance_wire w = { sig.data, sig.len };
	struct dance_bytes r_bytes, s_bytes;

	if (dance_wire_mpint(&w, &r_bytes) != 0 ||
	    dance_wire_mpint(&w, &s_bytes) != 0 || w.left != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	return dance_ecdsa_verify(pkey, md, r_bytes, s_bytes, message);
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
	return dance_pkey_verify(key->pkey, md, sig, message);
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

bool
dance_signature_is_user_verified(struct dance_bytes signature)
{
	struct dance_wire w = { signature.data, signature.len };
	struct dance_bytes skipped;
	uint8_t flags;

	return dance_wire_string(&w, &skipped) == 0 &&
	    dance_wire_string(&w, &skipped) == 0 &&
	    dance_wire_u8(&w, &flags) == 0 && (flags & SK_USER_VERIFIED) != 0;
}
