/* SPDX-License-Identifier: ISC */
/* See pki.h. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/dsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "pki.h"
#include "signer.h"

#define DAY	 86400L
#define TEXT_MAX 1024

static void
need(bool is_done, const char *what, const char *name)
{
	if (!is_done)
		errx(1, "no %s: %s", what, name);
}

static EVP_PKEY *
dsa_new(const char *name)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
	EVP_PKEY *params = NULL, *pkey = NULL;

	need(EVP_PKEY_paramgen_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, 2048) == 1 &&
		EVP_PKEY_CTX_set_dsa_paramgen_q_bits(ctx, 224) == 1 &&
		EVP_PKEY_paramgen(ctx, &params) == 1,
	    "parameters", name);
	EVP_PKEY_CTX_free(ctx);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL);
	need(EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_keygen(ctx, &pkey) == 1,
	    "key", name);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(params);
	return pkey;
}

static EVP_PKEY *
key_new(const struct pki *pki, const struct pki_spec *spec)
{
	const char *key = spec->key;
	EVP_PKEY *pkey;

	if (key == NULL)
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	else if (strcmp(key, "p192") == 0)
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-192");
	else if (key[0] == '=') {
		pkey = pki_find(pki, key + 1, strlen(key + 1))->pkey;
		EVP_PKEY_up_ref(pkey);
	} else if (strncmp(key, "rsa", 3) == 0)
		pkey = EVP_PKEY_Q_keygen(
		    NULL, NULL, "RSA", (size_t)strtoul(key + 3, NULL, 10));
	else if (strcmp(key, "dsa2048") == 0)
		pkey = dsa_new(spec->name);
	else
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	need(pkey != NULL, "key", spec->name);
	return pkey;
}

/* Cut "NAME=VALUE" off the text; *ret_value is NULL at the end. */
static const char *
pair_next(const char *text, char name[TEXT_MAX], char **ret_value)
{
	size_t len = strcspn(text, "|");
	char *value;

	*ret_value = NULL;
	if (len == 0)
		return text;
	need(len < TEXT_MAX, "room", text);
	memcpy(name, text, len);
	name[len] = '\0';
	value = strchr(name, '=');
	need(value != NULL, "value", text);
	*value = '\0';
	*ret_value = value + 1;
	return text + len + (text[len] == '|' ? 1 : 0);
}

static void
nul_put(uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (data[i] == '~')
			data[i] = '\0';
}

static void
subject_set(X509 *cert, const struct pki_spec *spec)
{
	X509_NAME *subject = X509_get_subject_name(cert);
	const char *text = spec->subject;
	char name[TEXT_MAX], *value, *at;
	size_t len;
	int type;

	if (text == NULL) {
		need(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
			 (const unsigned char *)spec->name, -1, -1, 0) == 1,
		    "subject", spec->name);
		return;
	}
	for (;;) {
		text = pair_next(text, name, &value);
		if (value == NULL)
			break;
		len = strlen(value);
		nul_put((uint8_t *)value, len);
		type = MBSTRING_UTF8;
		if ((at = strchr(name, '^')) != NULL) {
			*at = '\0';
			type = atoi(at + 1);
		}
		need(X509_NAME_add_entry_by_txt(subject, name, type,
			 (const unsigned char *)value, (int)len, -1, 0) == 1,
		    "subject", name);
	}
}

/* The names of a SAN are written with a mark where the NUL belongs. */
static void
extension_put_nul(X509_EXTENSION *extension)
{
	ASN1_OCTET_STRING *string = X509_EXTENSION_get_data(extension);
	size_t len = (size_t)ASN1_STRING_length(string);
	uint8_t data[TEXT_MAX];

	need(len <= sizeof(data), "room", "subjectAltName");
	memcpy(data, ASN1_STRING_get0_data(string), len);
	nul_put(data, len);
	need(ASN1_STRING_set(string, data, (int)len) == 1, "memory",
	    "extension");
}

static void
extensions_set(X509 *cert, X509 *issuer, const struct pki_spec *spec)
{
	const char *text = spec->extensions != NULL ? spec->extensions : "";
	X509_EXTENSION *extension;
	char name[TEXT_MAX], *value;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	for (;;) {
		text = pair_next(text, name, &value);
		if (value == NULL)
			break;
		extension = X509V3_EXT_nconf(NULL, &ctx, name, value);
		need(extension != NULL, name, spec->name);
		if (strcmp(name, "subjectAltName") == 0)
			extension_put_nul(extension);
		need(X509_add_ext(cert, extension, -1) == 1, "extension",
		    spec->name);
		X509_EXTENSION_free(extension);
	}
}

static void
times_set(X509 *cert, const struct pki_spec *spec)
{
	bool is_default = spec->from == 0 && spec->until == 0;
	long from = is_default ? -1 : spec->from;
	long until = is_default ? 1 : spec->until;

	need(ASN1_TIME_set(X509_getm_notBefore(cert), PKI_NOW + from * DAY) !=
		    NULL &&
		ASN1_TIME_set(
		    X509_getm_notAfter(cert), PKI_NOW + until * DAY) != NULL,
	    "time", spec->name);
}

static void
x509_sign(const struct pki *pki, const struct pki_spec *spec, X509 *cert,
    EVP_PKEY *own)
{
	const struct pki_cert *issuer = NULL;
	EVP_PKEY *pkey = own;
	const EVP_MD *md = NULL;

	if (spec->issuer != NULL) {
		issuer = pki_find(pki, spec->issuer, strlen(spec->issuer));
		pkey = issuer->pkey;
	}
	if (!spec->is_v1)
		extensions_set(
		    cert, issuer != NULL ? issuer->x509 : cert, spec);
	X509_set_issuer_name(
	    cert, X509_get_subject_name(issuer != NULL ? issuer->x509 : cert));
	if (EVP_PKEY_is_a(pkey, "ED25519") == 0)
		md = EVP_get_digestbyname(
		    spec->digest != NULL ? spec->digest : "SHA256");
	need(X509_sign(cert, pkey, md) > 0, "signature", spec->name);
}

static void
x509_make(struct pki *pki, const struct pki_spec *spec)
{
	struct pki_cert *made = &pki->certs[pki->n];
	unsigned char *der = NULL;
	int len;

	need(pki->n < PKI_MADE_MAX, "room", spec->name);
	made->name = spec->name;
	made->pkey = key_new(pki, spec);
	made->x509 = X509_new();
	need(made->x509 != NULL &&
		X509_set_version(made->x509, spec->is_v1 ? 0 : 2) == 1 &&
		ASN1_INTEGER_set(
		    X509_get_serialNumber(made->x509), (long)pki->n + 1) == 1 &&
		X509_set_pubkey(made->x509, made->pkey) == 1,
	    "certificate", spec->name);
	subject_set(made->x509, spec);
	times_set(made->x509, spec);
	x509_sign(pki, spec, made->x509, made->pkey);
	len = i2d_X509(made->x509, &der);
	need(len > 0, "DER", spec->name);
	wirebuf_raw(&made->der, der, (size_t)len);
	OPENSSL_free(der);
	der = NULL;
	len = i2d_PUBKEY(made->pkey, &der);
	need(len > 0, "DER", spec->name);
	wirebuf_raw(&made->spki, der, (size_t)len);
	OPENSSL_free(der);
	pki->n++;
}

struct pki *
pki_new(const struct pki_spec *specs, size_t n)
{
	struct pki *pki = calloc(1, sizeof(*pki));
	size_t i;

	if (pki == NULL)
		abort();
	for (i = 0; i < n; i++)
		x509_make(pki, &specs[i]);
	return pki;
}

void
pki_free(struct pki **pki)
{
	size_t i;

	if (*pki == NULL)
		return;
	for (i = 0; i < (*pki)->n; i++) {
		X509_free((*pki)->certs[i].x509);
		EVP_PKEY_free((*pki)->certs[i].pkey);
		wirebuf_free(&(*pki)->certs[i].der);
		wirebuf_free(&(*pki)->certs[i].spki);
	}
	free(*pki);
	*pki = NULL;
}

const struct pki_cert *
pki_find(const struct pki *pki, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < pki->n; i++)
		if (strlen(pki->certs[i].name) == len &&
		    memcmp(pki->certs[i].name, name, len) == 0)
			return &pki->certs[i];
	errx(1, "no certificate: %.*s", (int)len, name);
}

void
pki_chain(const struct pki *pki, const char *names, struct wirebuf *ret)
{
	const struct pki_cert *cert;
	size_t len;

	for (names += strspn(names, " "); *names != '\0';
	     names += strspn(names, " ")) {
		len = strcspn(names, " ");
		cert = pki_find(pki, names, len);
		wirebuf_raw(ret, cert->der.data, cert->der.len);
		names += len;
	}
}

void
pki_pem(const struct pki *pki, const char *names, struct wirebuf *ret)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	size_t len;

	for (names += strspn(names, " "); *names != '\0';
	     names += strspn(names, " ")) {
		len = strcspn(names, " ");
		need(PEM_write_bio_X509(bio, pki_find(pki, names, len)->x509) ==
			1,
		    "PEM", names);
		names += len;
	}
	len = (size_t)BIO_get_mem_data(bio, &data);
	wirebuf_raw(ret, data, len);
	BIO_free(bio);
}

void
pki_extension(
    const char *name, const struct wirebuf *text, struct wirebuf *list)
{
	struct wirebuf data = { NULL, 0 };

	wirebuf_nested(&data, text);
	wirebuf_text(list, name);
	wirebuf_nested(list, &data);
	wirebuf_free(&data);
}

void
pki_base64(const struct wirebuf *data, struct wirebuf *ret)
{
	size_t size = (data->len + 2) / 3 * 4 + 1;
	unsigned char *text = malloc(size);

	if (text == NULL)
		abort();
	EVP_EncodeBlock(text, data->data, (int)data->len);
	wirebuf_raw(ret, text, size - 1);
	free(text);
}

/* Plain and certificate names, each without and with "sk-". */
struct ssh_type {
	const char *name;
	const char *plain[2];
	const char *cert[2];
};

static const struct ssh_type *
ssh_type_find(const struct pki_cert *cert)
{
	static const struct ssh_type types[] = {
		{ "ED25519", { "ssh-ed25519", "sk-ssh-ed25519@openssh.com" },
		    { "ssh-ed25519-cert-v01@openssh.com",
			"sk-ssh-ed25519-cert-v01@openssh.com" } },
		{ "EC",
		    { "ecdsa-sha2-nistp256",
			"sk-ecdsa-sha2-nistp256@openssh.com" },
		    { "ecdsa-sha2-nistp256-cert-v01@openssh.com",
			"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com" } },
		{ "RSA", { "ssh-rsa", NULL },
		    { "ssh-rsa-cert-v01@openssh.com", NULL } },
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (EVP_PKEY_is_a(cert->pkey, types[i].name))
			return &types[i];
	errx(1, "no SSH key: %s", cert->name);
}

/* Borrows the key. */
static void
signer_init(const struct pki_cert *cert, bool is_sk, struct signer *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->pkey = cert->pkey;
	ret->type = ssh_type_find(cert)->plain[is_sk];
	ret->application = "ssh:";
	ret->flags = 1;
}

const char *
pki_carry(const struct pki *pki, const struct pki_carrier *carrier,
    struct wirebuf *ret)
{
	const struct pki_cert *cert =
	    pki_find(pki, carrier->key, strlen(carrier->key));
	const char *ca = carrier->ca != NULL ? carrier->ca : carrier->key;
	struct wirebuf der = { NULL, 0 }, text = { NULL, 0 };
	struct wirebuf list = { NULL, 0 };
	struct signer key, signing;
	struct cert_spec spec;

	signer_init(cert, carrier->is_sk, &key);
	signer_init(pki_find(pki, ca, strlen(ca)), carrier->ca_is_sk, &signing);
	cert_spec_init(
	    &spec, ssh_type_find(cert)->cert[carrier->is_sk], &key, &signing);
	if (carrier->chain != NULL) {
		pki_chain(pki, carrier->chain, &der);
		pki_base64(&der, &text);
		pki_extension(PKI_CHAIN_EXTENSION, &text, &list);
		spec.extensions = &list;
	}
	if (carrier->extensions != NULL)
		spec.extensions = carrier->extensions;
	cert_make(&spec, ret);
	wirebuf_free(&der);
	wirebuf_free(&text);
	wirebuf_free(&list);
	return spec.type;
}
