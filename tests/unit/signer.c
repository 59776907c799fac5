/* SPDX-License-Identifier: ISC */
/* See signer.h. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "signer.h"

/* The part of a type's name that says what mathematics it is. */
static bool
type_has(const struct signer *s, const char *part)
{
	return strstr(s->type, part) != NULL;
}

static bool
is_sk(const struct signer *s)
{
	return strncmp(s->type, "sk-", 3) == 0;
}

static const char *
curve_name(const struct signer *s)
{
	if (type_has(s, "nistp521"))
		return "nistp521";
	return type_has(s, "nistp384") ? "nistp384" : "nistp256";
}

static const char *
group_name(const struct signer *s)
{
	if (type_has(s, "nistp521"))
		return "P-521";
	return type_has(s, "nistp384") ? "P-384" : "P-256";
}

struct signer *
signer_new(const char *type, unsigned bits)
{
	struct signer *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->type = type;
	s->application = "ssh:";
	s->flags = 1;
	s->counter = 7;
	if (type_has(s, "rsa"))
		s->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	else if (type_has(s, "ecdsa"))
		s->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", group_name(s));
	else
		s->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (s->pkey == NULL)
		errx(1, "no key of type %s", type);
	return s;
}

static void
number_write(const struct signer *s, const char *name, struct wirebuf *ret)
{
	uint8_t data[2048];
	BIGNUM *bn = NULL;

	if (EVP_PKEY_get_bn_param(s->pkey, name, &bn) != 1 ||
	    BN_num_bytes(bn) > (int)sizeof(data))
		errx(1, "no %s in the key", name);
	wirebuf_mpint(ret, data, (size_t)BN_bn2bin(bn, data));
	BN_free(bn);
}

void
signer_fields(const struct signer *s, struct wirebuf *ret)
{
	uint8_t data[256];
	size_t len = sizeof(data);

	if (type_has(s, "rsa")) {
		number_write(s, OSSL_PKEY_PARAM_RSA_E, ret);
		number_write(s, OSSL_PKEY_PARAM_RSA_N, ret);
		return;
	}
	if (type_has(s, "ecdsa"))
		wirebuf_text(ret, curve_name(s));
	if (EVP_PKEY_get_octet_string_param(s->pkey, OSSL_PKEY_PARAM_PUB_KEY,
		data, sizeof(data), &len) != 1)
		errx(1, "no public key");
	wirebuf_string(ret, data, len);
	if (is_sk(s))
		wirebuf_text(ret, s->application);
}

void
signer_blob(const struct signer *s, struct wirebuf *ret)
{
	wirebuf_text(ret, s->type);
	signer_fields(s, ret);
}

/* From the DER of an ECDSA signature to SSH's two numbers. */
static void
ecdsa_write(const uint8_t *der, size_t len, struct wirebuf *ret)
{
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
	uint8_t data[128];

	if (sig == NULL)
		errx(1, "no ECDSA signature");
	wirebuf_mpint(
	    ret, data, (size_t)BN_bn2bin(ECDSA_SIG_get0_r(sig), data));
	wirebuf_mpint(
	    ret, data, (size_t)BN_bn2bin(ECDSA_SIG_get0_s(sig), data));
	ECDSA_SIG_free(sig);
}

static const char *
alg_digest(const char *alg)
{
	if (strstr(alg, "ed25519") != NULL)
		return NULL;
	if (strstr(alg, "nistp384") != NULL)
		return "SHA384";
	if (strstr(alg, "nistp521") != NULL || strcmp(alg, "rsa-sha2-512") == 0)
		return "SHA512";
	return strcmp(alg, "ssh-rsa") == 0 ? "SHA1" : "SHA256";
}

static void
raw_sign(const struct signer *s, const char *alg, struct dance_bytes message,
    struct wirebuf *ret)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t data[2048];
	size_t len = sizeof(data);

	if (EVP_DigestSignInit_ex(
		ctx, NULL, alg_digest(alg), NULL, NULL, s->pkey, NULL) != 1 ||
	    EVP_DigestSign(ctx, data, &len, message.data, message.len) != 1)
		errx(1, "no signature: %s", alg);
	EVP_MD_CTX_free(ctx);
	if (type_has(s, "ecdsa"))
		ecdsa_write(data, len, ret);
	else
		wirebuf_raw(ret, data, len);
}

static void
sk_message(
    const struct signer *s, struct dance_bytes message, struct wirebuf *ret)
{
	uint8_t digest[32];

	if (EVP_Q_digest(NULL, "SHA256", NULL, s->application,
		strlen(s->application), digest, NULL) != 1)
		abort();
	wirebuf_raw(ret, digest, sizeof(digest));
	wirebuf_u8(ret, s->flags);
	wirebuf_u32(ret, s->counter);
	if (EVP_Q_digest(NULL, "SHA256", NULL, message.data, message.len,
		digest, NULL) != 1)
		abort();
	wirebuf_raw(ret, digest, sizeof(digest));
}

void
signer_sign(const struct signer *s, const char *alg, struct dance_bytes message,
    struct wirebuf *ret)
{
	struct wirebuf sig = { NULL, 0 }, sk = { NULL, 0 };

	if (alg == NULL)
		alg = type_has(s, "rsa") ? "rsa-sha2-512" : s->type;
	if (is_sk(s)) {
		sk_message(s, message, &sk);
		message = wirebuf_bytes(&sk);
	}
	raw_sign(s, alg, message, &sig);
	wirebuf_text(ret, alg);
	wirebuf_nested(ret, &sig);
	if (is_sk(s)) {
		wirebuf_u8(ret, s->flags);
		wirebuf_u32(ret, s->counter);
	}
	wirebuf_free(&sig);
	wirebuf_free(&sk);
}

void
signer_free(struct signer **s)
{
	if (*s == NULL)
		return;
	EVP_PKEY_free((*s)->pkey);
	free(*s);
	*s = NULL;
}

void
cert_spec_init(struct cert_spec *spec, const char *type,
    const struct signer *key, const struct signer *ca)
{
	static uint8_t id[] = "test";
	static uint8_t name[] = "\0\0\0\x10test.example.com";
	static const struct wirebuf key_id = { id, 4 };
	static const struct wirebuf principals = { name, 20 };

	memset(spec, 0, sizeof(*spec));
	spec->type = type;
	spec->key = key;
	spec->ca = ca;
	spec->nonce_len = 32;
	spec->role = 1;
	spec->key_id = &key_id;
	spec->principals = &principals;
	spec->valid_before = UINT64_MAX;
}

static void
list_write(struct wirebuf *b, const struct wirebuf *list)
{
	static const struct wirebuf empty = { NULL, 0 };

	wirebuf_nested(b, list != NULL ? list : &empty);
}

void
cert_make(const struct cert_spec *spec, struct wirebuf *ret)
{
	static const uint8_t nonce[64] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct wirebuf ca = { NULL, 0 }, sig = { NULL, 0 };

	wirebuf_text(ret, spec->type);
	wirebuf_string(ret, nonce, spec->nonce_len);
	signer_fields(spec->key, ret);
	wirebuf_u64(ret, 42);
	wirebuf_u32(ret, spec->role);
	list_write(ret, spec->key_id);
	list_write(ret, spec->principals);
	wirebuf_u64(ret, spec->valid_after);
	wirebuf_u64(ret, spec->valid_before);
	list_write(ret, spec->critical);
	list_write(ret, spec->extensions);
	wirebuf_text(ret, "");
	signer_blob(spec->ca, &ca);
	list_write(ret, spec->ca_blob != NULL ? spec->ca_blob : &ca);
	signer_sign(spec->ca, spec->alg, wirebuf_bytes(ret), &sig);
	wirebuf_nested(ret, &sig);
	wirebuf_free(&ca);
	wirebuf_free(&sig);
}

void
cert_make_sized(struct cert_spec *spec, size_t size, struct wirebuf *ret)
{
	struct wirebuf list = { NULL, 0 };
	uint8_t *data = calloc(1, size);

	if (data == NULL)
		abort();
	wirebuf_text(&list, "x");
	wirebuf_text(&list, "");
	spec->extensions = &list;
	cert_make(spec, ret);
	size -= ret->len;
	wirebuf_free(ret);
	wirebuf_free(&list);
	wirebuf_text(&list, "x");
	wirebuf_string(&list, data, size);
	cert_make(spec, ret);
	spec->extensions = NULL;
	wirebuf_free(&list);
	free(data);
}
