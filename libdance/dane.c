/* SPDX-License-Identifier: ISC */
/*
 * One verification is one SSL object that only carries records and a name: no
 * handshake takes place (the use that X509_STORE_CTX_set0_dane() is for).
 *
 * What OpenSSL leaves to its caller, and what stands here for it: without a
 * usable record it would fall back to plain PKIX, so records are counted
 * before and a match is asked for after; a missing name would switch the check
 * of names off, so the two kinds of identities go separate ways.
 */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "dane.h"
#include "dane_check.h"
#include "error.h"

#define USAGES_DANE                             \
	(DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) | \
	    DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE))
#define USAGES_PKIX                             \
	(DANCE_USAGE_BIT(DANCE_USAGE_PKIX_TA) | \
	    DANCE_USAGE_BIT(DANCE_USAGE_PKIX_EE))

/* One verification, with records of one family of usages. */
struct pass {
	const struct dance_chain *chain;
	const struct dance_identity *id;
	const struct dance_tlsa *records;
	size_t n;
	const struct dance_dane_rules *rules;
	unsigned family;
	const char *purpose; /* OpenSSL's name, NULL for none */
	bool is_ssh;	     /* secureShellClient counts as clientAuth */
	SSL_CTX *ctx;
	SSL *ssl;
	X509_STORE *empty;
	X509_STORE_CTX *store_ctx;
};

void
dance_dane_rules_init(struct dance_dane_rules *rules, unsigned usages,
    unsigned min_rsa, time_t now)
{
	memset(rules, 0, sizeof(*rules));
	rules->usages = usages;
	rules->purpose = DANCE_PURPOSE_CLIENT;
	rules->auth_level = DANCE_AUTH_LEVEL;
	rules->min_rsa = min_rsa;
	rules->now = now;
}

static void
pass_clear(struct pass *pass)
{
	X509_STORE_CTX_free(pass->store_ctx);
	X509_STORE_free(pass->empty);
	SSL_free(pass->ssl);
	SSL_CTX_free(pass->ctx);
	pass->store_ctx = NULL;
	pass->empty = NULL;
	pass->ssl = NULL;
	pass->ctx = NULL;
}

static bool
pass_takes(const struct pass *pass, const struct dance_tlsa *record)
{
	unsigned usages = pass->family & pass->rules->usages;

	/* The uid stands in a certificate; a mere leaf names nobody's CA. */
	if (dance_identity_is_user(pass->id))
		usages &= DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) |
		    DANCE_USAGE_BIT(DANCE_USAGE_PKIX_TA);
	return record->is_usable &&
	    (usages & DANCE_USAGE_BIT(record->usage)) != 0;
}

/* Give OpenSSL the records; there must be one that it can use. */
static int
pass_add_records(struct pass *pass)
{
	const struct dance_tlsa *record;
	size_t i, usable = 0;
	int r;

	for (i = 0; i < pass->n; i++) {
		record = &pass->records[i];
		if (!pass_takes(pass, record))
			continue;
		r = SSL_dane_tlsa_add(pass->ssl, record->usage,
		    record->selector, record->matching, record->data.data,
		    record->data.len);
		if (r < 0)
			return DANCE_ERR_INTERNAL;
		if (r > 0)
			usable++;
	}
	return usable > 0 ? 0 : DANCE_ERR_NO_USABLE_TLSA;
}

/* The name goes in for an owner name; a user's is checked afterwards. */
static int
pass_new_ssl(struct pass *pass)
{
	const char *name = NULL;

	if (!dance_identity_is_user(pass->id)) {
		name = pass->id->owner;
		if (name[0] == '\0')
			return DANCE_ERR_INTERNAL;
	}
	if ((pass->ctx = SSL_CTX_new(TLS_method())) == NULL ||
	    SSL_CTX_dane_enable(pass->ctx) != 1 ||
	    (pass->ssl = SSL_new(pass->ctx)) == NULL)
		return DANCE_ERR_INTERNAL;
	SSL_set_accept_state(pass->ssl);
	if (SSL_dane_enable(pass->ssl, name) != 1)
		return DANCE_ERR_INTERNAL;
	if (!pass->rules->checks_ee_names)
		SSL_dane_set_flags(pass->ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	return pass_add_records(pass);
}

static int
pass_prepare(struct pass *pass)
{
	X509_STORE *store = NULL;
	X509_VERIFY_PARAM *param;
	int r;

	if ((r = pass_new_ssl(pass)) != 0)
		return r;
	if (pass->family == USAGES_PKIX)
		store = pass->rules->roots;
	if (store == NULL)
		store = pass->empty = X509_STORE_new();
	pass->store_ctx = X509_STORE_CTX_new();
	if (store == NULL || pass->store_ctx == NULL ||
	    X509_STORE_CTX_init(pass->store_ctx, store, pass->chain->leaf,
		pass->chain->others) != 1)
		return DANCE_ERR_INTERNAL;
	if (pass->purpose != NULL &&
	    X509_STORE_CTX_set_default(pass->store_ctx, pass->purpose) != 1)
		return DANCE_ERR_INTERNAL;
	param = X509_STORE_CTX_get0_param(pass->store_ctx);
	if (X509_VERIFY_PARAM_set1(param, SSL_get0_param(pass->ssl)) != 1)
		return DANCE_ERR_INTERNAL;
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS);
	X509_VERIFY_PARAM_set_auth_level(param, pass->rules->auth_level);
	X509_VERIFY_PARAM_set_time(param, pass->rules->now);
	X509_STORE_CTX_set0_dane(pass->store_ctx, SSL_get0_dane(pass->ssl));
	return 0;
}

static int
reason_of(int openssl_error)
{
	switch (openssl_error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
		return DANCE_ERR_NAME_MISMATCH;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return DANCE_ERR_EXPIRED;
	case X509_V_ERR_DANE_NO_MATCH:
		return DANCE_ERR_MISMATCH;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return DANCE_ERR_WEAK_KEY;
	case X509_V_ERR_OUT_OF_MEM:
		return DANCE_ERR_INTERNAL;
	default:
		return DANCE_ERR_UNTRUSTED;
	}
}

static bool
record_is(const struct dance_tlsa *record, const struct dance_tlsa *matched)
{
	return record->usage == matched->usage &&
	    record->selector == matched->selector &&
	    record->matching == matched->matching &&
	    record->data.len == matched->data.len &&
	    memcmp(record->data.data, matched->data.data, matched->data.len) ==
	    0;
}

/* OpenSSL says yes: which record was it, and does the rest hold? */
static int
pass_accept(const struct pass *pass, struct dance_dane_result *ret)
{
	struct dance_dane_built built = { .chain = X509_STORE_CTX_get0_chain(
					      pass->store_ctx),
		.is_ssh = pass->is_ssh };
	struct dance_tlsa matched;
	EVP_PKEY *bare_key = NULL;
	size_t i;

	ret->depth = SSL_get0_dane_authority(pass->ssl, NULL, &bare_key);
	if (ret->depth < 0 ||
	    SSL_get0_dane_tlsa(pass->ssl, &matched.usage, &matched.selector,
		&matched.matching, &matched.data.data, &matched.data.len) < 0)
		return DANCE_ERR_MISMATCH;
	for (i = 0; i < pass->n; i++)
		if (pass_takes(pass, &pass->records[i]) &&
		    record_is(&pass->records[i], &matched))
			break;
	if (i == pass->n)
		return DANCE_ERR_INTERNAL;
	ret->record = i;
	if (dance_identity_is_user(pass->id) &&
	    !dance_chain_names_user(pass->chain, pass->id))
		return DANCE_ERR_NAME_MISMATCH;
	built.usage = matched.usage;
	built.bare_key = bare_key;
	return dance_dane_check(&built, pass->rules);
}

static int
pass_run(struct pass *pass, struct dance_dane_result *ret)
{
	int ok, r;

	ret->record = 0;
	ret->depth = -1;
	ret->openssl_error = X509_V_OK;
	if ((r = pass_prepare(pass)) != 0)
		goto out;
	ok = X509_verify_cert(pass->store_ctx);
	ret->openssl_error = X509_STORE_CTX_get_error(pass->store_ctx);
	/* What matched is hidden unless the result is stored so. */
	SSL_set_verify_result(pass->ssl, ret->openssl_error);
	if (ok == 1 && ret->openssl_error == X509_V_OK)
		r = pass_accept(pass, ret);
	else if (ok < 0)
		r = DANCE_ERR_INTERNAL;
	else
		r = reason_of(ret->openssl_error);
	if (r != 0)
		ret->depth = -1;
out:
	ERR_clear_error();
	pass_clear(pass);
	return r;
}

static int
family_verify(struct pass *pass, struct dance_dane_result *ret)
{
	static const char *const purposes[] = {
		[DANCE_PURPOSE_CLIENT] = "ssl_client",
		[DANCE_PURPOSE_SERVER] = "ssl_server",
		[DANCE_PURPOSE_ANY] = NULL,
	};
	int r;

	pass->is_ssh = false;
	pass->purpose = purposes[pass->rules->purpose];
	r = pass_run(pass, ret);
	if (r == DANCE_ERR_UNTRUSTED &&
	    ret->openssl_error == X509_V_ERR_INVALID_PURPOSE &&
	    pass->rules->purpose == DANCE_PURPOSE_CLIENT) {
		pass->purpose = NULL;
		pass->is_ssh = true;
		r = pass_run(pass, ret);
		if (r == DANCE_ERR_UNTRUSTED && ret->openssl_error == X509_V_OK)
			ret->openssl_error = X509_V_ERR_INVALID_PURPOSE;
	}
	return r;
}

int
dance_dane_verify(const struct dance_chain *chain,
    const struct dance_identity *id, const struct dance_tlsa *records, size_t n,
    const struct dance_dane_rules *rules, struct dance_dane_result *ret)
{
	struct pass pass = { .chain = chain,
		.id = id,
		.records = records,
		.n = n,
		.rules = rules };
	struct dance_dane_result other;
	int r, r_other;

	pass.family = rules->usages & USAGES_DANE;
	r = family_verify(&pass, ret);
	if (r == 0 || (rules->usages & USAGES_PKIX) == 0)
		return r;
	pass.family = USAGES_PKIX;
	r_other = family_verify(&pass, &other);
	/* The family that has a say, or got further than "no match". */
	if (r_other == 0 || r == DANCE_ERR_NO_USABLE_TLSA ||
	    (r == DANCE_ERR_MISMATCH && r_other != DANCE_ERR_NO_USABLE_TLSA)) {
		*ret = other;
		r = r_other;
	}
	return r;
}

const char *
dance_dane_error_text(int openssl_error)
{
	return X509_verify_cert_error_string(openssl_error);
}
