/* SPDX-License-Identifier: ISC */
/*
 * From the blob of an SSH public key to a checked key with its canonical
 * SubjectPublicKeyInfo.  Each encoding is the only one of its key: what is
 * not in that form is refused, never mended, since the blob is what sshd is
 * told to accept.  Called for what clients present, in the worker only.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "error.h"
#include "sshkey.h"

#define RSA_FLOOR_BITS	   1024 /* OpenSSH's own; min_rsa can only raise it */
#define RSA_EXPONENT_MAX   8	/* octets; libcrypto takes no more for big n */
#define APPLICATION_MAX	   255
#define ED25519_LEN	   32
#define POINT_UNCOMPRESSED 0x04

static const struct dance_key_info infos[] = {
	{ DANCE_KEY_RSA, "ssh-rsa", "ssh-rsa-cert-v01@openssh.com", NULL, NULL,
	    false },
	{ DANCE_KEY_ECDSA_P256, "ecdsa-sha2-nistp256",
	    "ecdsa-sha2-nistp256-cert-v01@openssh.com", "nistp256", "P-256",
	    false },
	{ DANCE_KEY_ECDSA_P384, "ecdsa-sha2-nistp384",
	    "ecdsa-sha2-nistp384-cert-v01@openssh.com", "nistp384", "P-384",
	    false },
	{ DANCE_KEY_ECDSA_P521, "ecdsa-sha2-nistp521",
	    "ecdsa-sha2-nistp521-cert-v01@openssh.com", "nistp521", "P-521",
	    false },
	{ DANCE_KEY_ED25519, "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com",
	    NULL, NULL, false },
	{ DANCE_KEY_SK_ECDSA_P256, "sk-ecdsa-sha2-nistp256@openssh.com",
	    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "nistp256", "P-256",
	    true },
	{ DANCE_KEY_SK_ED25519, "sk-ssh-ed25519@openssh.com",
	    "sk-ssh-ed25519-cert-v01@openssh.com", NULL, NULL, true },
};

/* The fields of a blob, borrowed; which are set depends on the type. */
struct key_fields {
	struct dance_bytes e;
	struct dance_bytes n;
	struct dance_bytes point; /* also the 32 octets of Ed25519 */
	struct dance_bytes application;
};

const struct dance_key_info *
dance_key_info_find(struct dance_bytes name, bool *ret_is_cert)
{
	size_t i;

	for (i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		if (dance_bytes_equal(name, infos[i].name)) {
			*ret_is_cert = false;
			return &infos[i];
		}
		if (dance_bytes_equal(name, infos[i].cert_name)) {
			*ret_is_cert = true;
			return &infos[i];
		}
	}
	return NULL;
}

int
dance_key_info_error(struct dance_bytes name)
{
	if (dance_bytes_equal(name, "ssh-dss") ||
	    dance_bytes_equal(name, "ssh-dss-cert-v01@openssh.com"))
		return DANCE_ERR_WEAK_KEY;
	return DANCE_ERR_BAD_CREDENTIAL;
}

/* Bits of a magnitude without leading zeros, as dance_wire_mpint() gives it. */
static size_t
magnitude_bits(struct dance_bytes b)
{
	size_t bits = b.len * 8;
	unsigned top = b.data[0];

	for (; bits > 0 && (top & 0x80) == 0; top <<= 1)
		bits--;
	return bits;
}

static int
rsa_read(struct dance_wire *w, unsigned min_rsa, struct key_fields *f)
{
	size_t bits;

	if (dance_wire_mpint(w, &f->e) != 0 || dance_wire_mpint(w, &f->n) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (f->e.len > RSA_EXPONENT_MAX || f->n.len > DANCE_RSA_MAX_BITS / 8)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((f->e.data[f->e.len - 1] & 1) == 0 || magnitude_bits(f->e) == 1)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((f->n.data[f->n.len - 1] & 1) == 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	bits = magnitude_bits(f->n);
	if (bits < RSA_FLOOR_BITS || bits < min_rsa)
		return DANCE_ERR_WEAK_KEY;
	return 0;
}

static unsigned
curve_bits(enum dance_key_type type)
{
	switch (type) {
	case DANCE_KEY_ECDSA_P521:
		return 521;
	case DANCE_KEY_ECDSA_P384:
		return 384;
	default:
		return 256;
	}
}

static int
ecdsa_read(struct dance_wire *w, const struct dance_key_info *info,
    struct key_fields *f)
{
	size_t coordinate = (curve_bits(info->type) + 7) / 8;
	struct dance_bytes curve;

	if (dance_wire_string(w, &curve) != 0 ||
	    !dance_bytes_equal(curve, info->curve))
		return DANCE_ERR_BAD_CREDENTIAL;
	if (dance_wire_string(w, &f->point) != 0 ||
	    f->point.len != 1 + 2 * coordinate ||
	    f->point.data[0] != POINT_UNCOMPRESSED)
		return DANCE_ERR_BAD_CREDENTIAL;
	return 0;
}

static int
ed25519_read(struct dance_wire *w, struct key_fields *f)
{
	if (dance_wire_string(w, &f->point) != 0 || f->point.len != ED25519_LEN)
		return DANCE_ERR_BAD_CREDENTIAL;
	return 0;
}

static int
application_read(struct dance_wire *w, struct key_fields *f)
{
	struct dance_bytes b;
	size_t i;

	if (dance_wire_string(w, &b) != 0 || b.len == 0 ||
	    b.len > APPLICATION_MAX)
		return DANCE_ERR_BAD_CREDENTIAL;
	for (i = 0; i < b.len; i++)
		if (b.data[i] < 0x20 || b.data[i] > 0x7e)
			return DANCE_ERR_BAD_CREDENTIAL;
	f->application = b;
	return 0;
}

static int
fields_read(struct dance_wire *w, const struct dance_key_info *info,
    unsigned min_rsa, struct key_fields *f)
{
	int r;

	if (info->type == DANCE_KEY_RSA)
		r = rsa_read(w, min_rsa, f);
	else if (info->curve != NULL)
		r = ecdsa_read(w, info, f);
	else
		r = ed25519_read(w, f);
	if (r == 0 && info->is_sk)
		r = application_read(w, f);
	return r;
}

/* What libcrypto then refuses of the parameters is the client's fault. */
static int
pkey_from_builder(const char *type, OSSL_PARAM_BLD *builder, EVP_PKEY **ret)
{
	EVP_PKEY_CTX *ctx = NULL;
	OSSL_PARAM *params = NULL;
	int r = DANCE_ERR_INTERNAL;

	if ((params = OSSL_PARAM_BLD_to_param(builder)) == NULL ||
	    (ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL)) == NULL ||
	    EVP_PKEY_fromdata_init(ctx) != 1)
		goto out;
	if (EVP_PKEY_fromdata(ctx, ret, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		r = DANCE_ERR_BAD_CREDENTIAL;
		goto out;
	}
	r = 0;
out:
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return r;
}

static int
rsa_pkey(const struct key_fields *f, EVP_PKEY **ret)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	BIGNUM *e = BN_bin2bn(f->e.data, (int)f->e.len, NULL);
	BIGNUM *n = BN_bin2bn(f->n.data, (int)f->n.len, NULL);
	int r = DANCE_ERR_INTERNAL;

	if (builder == NULL || e == NULL || n == NULL ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1 ||
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1)
		goto out;
	r = pkey_from_builder("RSA", builder, ret);
out:
	OSSL_PARAM_BLD_free(builder);
	BN_free(e);
	BN_free(n);
	return r;
}

/* True if the point is on the curve, and not at infinity. */
static int
point_check(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	int r = DANCE_ERR_INTERNAL;

	if (ctx != NULL)
		r = EVP_PKEY_public_check(ctx) == 1 ? 0
						    : DANCE_ERR_BAD_CREDENTIAL;
	EVP_PKEY_CTX_free(ctx);
	return r;
}

static int
ec_pkey(const struct key_fields *f, const char *group, EVP_PKEY **ret)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	int r = DANCE_ERR_INTERNAL;

	if (builder == NULL ||
	    OSSL_PARAM_BLD_push_utf8_string(
		builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY,
		f->point.data, f->point.len) != 1)
		goto out;
	if ((r = pkey_from_builder("EC", builder, ret)) != 0)
		goto out;
	r = point_check(*ret);
out:
	OSSL_PARAM_BLD_free(builder);
	return r;
}

static int
key_set_pkey(struct dance_sshkey *key, const struct key_fields *f)
{
	int r, n;

	if (key->info->type == DANCE_KEY_RSA) {
		r = rsa_pkey(f, &key->pkey);
		key->bits = (unsigned)magnitude_bits(f->n);
	} else if (key->info->group != NULL) {
		r = ec_pkey(f, key->info->group, &key->pkey);
		key->bits = curve_bits(key->info->type);
	} else {
		key->pkey = EVP_PKEY_new_raw_public_key_ex(
		    NULL, "ED25519", NULL, f->point.data, f->point.len);
		r = key->pkey != NULL ? 0 : DANCE_ERR_INTERNAL;
		key->bits = 256;
	}
	if (r != 0)
		return r;
	if ((n = i2d_PUBKEY(key->pkey, &key->spki)) <= 0)
		return DANCE_ERR_INTERNAL;
	key->spki_len = (size_t)n;
	return 0;
}

/* The blob of the plain key: its name and the fields as they were read. */
static int
key_set_blob(struct dance_sshkey *key, struct dance_bytes fields)
{
	size_t name_len = strlen(key->info->name);
	size_t len = 4 + name_len;

	if (__builtin_add_overflow(len, fields.len, &len) ||
	    (key->blob = calloc(1, len)) == NULL)
		return DANCE_ERR_INTERNAL;
	key->blob[3] = (uint8_t)name_len; /* all names are short */
	memcpy(key->blob + 4, key->info->name, name_len);
	memcpy(key->blob + 4 + name_len, fields.data, fields.len);
	key->blob_len = len;
	return 0;
}

static int
key_set_application(struct dance_sshkey *key, struct dance_bytes application)
{
	if (!key->info->is_sk)
		return 0;
	key->application =
	    strndup((const char *)application.data, application.len);
	return key->application != NULL ? 0 : DANCE_ERR_INTERNAL;
}

int
dance_sshkey_read(struct dance_wire *w, const struct dance_key_info *info,
    unsigned min_rsa, struct dance_sshkey **ret)
{
	struct dance_wire at = *w;
	struct dance_bytes fields = { w->next, 0 };
	struct key_fields f = { 0 };
	struct dance_sshkey *key = NULL;
	int r;

	if ((r = fields_read(&at, info, min_rsa, &f)) != 0)
		return r;
	fields.len = w->left - at.left;
	if ((key = calloc(1, sizeof(*key))) == NULL)
		return DANCE_ERR_INTERNAL;
	key->info = info;
	if ((r = key_set_pkey(key, &f)) != 0 ||
	    (r = key_set_blob(key, fields)) != 0 ||
	    (r = key_set_application(key, f.application)) != 0)
		goto out;
	*w = at;
	*ret = key;
	key = NULL;
	r = 0;
out:
	dance_sshkey_free(&key);
	return r;
}

int
dance_sshkey_parse(const uint8_t *blob, size_t len, unsigned min_rsa,
    struct dance_sshkey **ret)
{
	struct dance_wire w = { blob, len };
	const struct dance_key_info *info;
	struct dance_sshkey *key = NULL;
	struct dance_bytes name;
	bool is_cert;
	int r;

	if (dance_wire_string(&w, &name) != 0)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((info = dance_key_info_find(name, &is_cert)) == NULL)
		return dance_key_info_error(name);
	if (is_cert)
		return DANCE_ERR_BAD_CREDENTIAL;
	if ((r = dance_sshkey_read(&w, info, min_rsa, &key)) != 0)
		return r;
	if (w.left != 0 || key->blob_len != len ||
	    memcmp(key->blob, blob, len) != 0) {
		dance_sshkey_free(&key);
		return DANCE_ERR_BAD_CREDENTIAL;
	}
	*ret = key;
	return 0;
}

void
dance_sshkey_free(struct dance_sshkey **key)
{
	if (key == NULL || *key == NULL)
		return;
	free((*key)->blob);
	OPENSSL_free((*key)->spki);
	free((*key)->application);
	EVP_PKEY_free((*key)->pkey);
	free(*key);
	*key = NULL;
}
