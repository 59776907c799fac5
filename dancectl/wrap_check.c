/* SPDX-License-Identifier: ISC */
/*
 * What dancectl wrap has to know before it starts: is this a chain about this
 * key, does it fit, and is there anything to do?
 */
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "claims.h"
#include "wrap.h"

/*
 * sshd hands the certificate over as one argument of a command, in base64; in
 * it are, beside the chain, the key twice, a signature and a few names.
 */
#define CERT_BLOB_MAX  98301
#define CERT_BLOB_REST 1024

struct look {
	const struct wrap *wrap;
	time_t now;
	struct dance_chain *chain;
	struct dance_credential *key; /* NULL: not known yet */
	struct dance_credential *old; /* NULL: none that can be read */
	char *base64;
};

static int
look_read_chain(struct look *look, struct dance_fault *fault)
{
	const struct wrap *wrap = look->wrap;
	int r = chain_read(&wrap->chain_input, &look->chain);

	if (r == DANCE_ERR_BAD_CREDENTIAL)
		dance_fault_set(fault,
		    "%.300s: not a chain of 1 to %d X.509 certificates in PEM, "
		    "each there once",
		    wrap->chain, DANCE_CHAIN_MAX);
	else if (r == DANCE_ERR_WEAK_KEY)
		dance_fault_set(fault, "%.300s: RSA below %d bits", wrap->chain,
		    CTL_MIN_RSA);
	return r;
}

static bool
cert_is_about(X509 *cert, const struct dance_sshkey *key)
{
	unsigned char *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);
	bool is_same = len > 0 && (size_t)len == key->spki_len &&
	    memcmp(spki, key->spki, key->spki_len) == 0;

	OPENSSL_free(spki);
	return is_same;
}

/* The leaf must be about the key; if another is, that is worth a word. */
static int
look_compare(const struct look *look, struct dance_fault *fault)
{
	const struct wrap *wrap = look->wrap;
	size_t i, n = chain_len(look->chain);

	for (i = 0; i < n; i++)
		if (cert_is_about(chain_get(look->chain, i), look->key->key))
			break;
	if (i == 0)
		return 0;
	if (i < n)
		dance_fault_set(fault,
		    "%.300s: the certificate of the key is number %zu of it: "
		    "the leaf must come first",
		    wrap->chain, i + 1);
	else
		dance_fault_set(fault, "%.200s: not about the key %.200s (%s)",
		    wrap->chain, wrap->key, look->key->fingerprint);
	return DANCE_ERR_BAD_CREDENTIAL;
}

static int
look_read_key(struct look *look, struct dance_fault *fault)
{
	const struct wrap *wrap = look->wrap;
	const struct ctl_input *input = &wrap->public_input;
	int r;

	if (input->text == NULL)
		return 0;
	r = dance_credential_parse_file(
	    input->text, input->len, CTL_MIN_RSA, &look->key);
	if (r == 0 && look->key->cert != NULL)
		r = DANCE_ERR_BAD_CREDENTIAL;
	if (r != 0) {
		dance_fault_set(fault,
		    "%.300s: not a public key that can be used",
		    wrap->key_public);
		return r;
	}
	return look_compare(look, fault);
}

/* A carrier that its own key has signed: what this command makes. */
static bool
is_own_carrier(const struct dance_credential *old)
{
	return old->cert != NULL && old->chain != NULL &&
	    old->cert->ca->spki_len == old->key->spki_len &&
	    memcmp(old->cert->ca->spki, old->key->spki, old->key->spki_len) ==
	    0;
}

/* Nothing else is written over: no CA's certificate, no key, no other file. */
static int
look_read_old(struct look *look, struct dance_fault *fault)
{
	const struct wrap *wrap = look->wrap;
	const struct ctl_input *input = &wrap->cert_input;

	if (input->text == NULL)
		return 0;
	if (dance_credential_parse_file(
		input->text, input->len, CTL_MIN_RSA, &look->old) == 0 &&
	    is_own_carrier(look->old))
		return 0;
	dance_fault_set(fault,
	    "%.300s: there already, and not made by this command: move it "
	    "away, or name another file with --output",
	    wrap->cert);
	return DANCE_ERR_CONFIG;
}

static int
look_encode(struct look *look, struct dance_fault *fault)
{
	const struct wrap *wrap = look->wrap;
	uint8_t *der = NULL;
	size_t len, text_len, room = CERT_BLOB_MAX - CERT_BLOB_REST;
	int r;

	if ((r = chain_encode(look->chain, &der, &len)) != 0)
		return r;
	r = dance_base64_encode(der, len, &look->base64);
	free(der);
	if (r != 0)
		return r;
	text_len = strlen(look->base64);
	if (look->key != NULL)
		room -= 3 * look->key->key->blob_len;
	if (text_len <= room)
		return 0;
	dance_fault_set(fault,
	    "%.200s: too long: %zu certificates of %zu octets are %zu in "
	    "base64, and %zu can be handed over in an argument, which holds "
	    "128 KiB; leave out what no record needs",
	    wrap->chain, chain_len(look->chain), len, text_len, room);
	return DANCE_ERR_BAD_CREDENTIAL;
}

static bool
chain_is_same(const struct dance_chain *a, const struct dance_chain *b)
{
	size_t i;

	if (chain_len(a) != chain_len(b))
		return false;
	for (i = 0; i < chain_len(a); i++)
		if (X509_cmp(chain_get(a, i), chain_get(b, i)) != 0)
			return false;
	return true;
}

/* The one that is there says the same, and for long enough. */
static bool
old_will_do(const struct look *look)
{
	const struct wrap *wrap = look->wrap;
	const struct dance_credential *old = look->old;
	struct dance_bytes spelled;

	if (wrap->spare_s == 0 || old == NULL ||
	    dance_sshcert_check(old->cert, look->now) != 0 ||
	    old->cert->valid_before <
		(uint64_t)look->now + (uint64_t)wrap->spare_s)
		return false;
	return old->cert->n_principals == 1 &&
	    dance_credential_names(old, &wrap->identity, &spelled) &&
	    chain_is_same(old->chain, look->chain);
}

static int
look_run(struct look *look, struct dance_fault *fault)
{
	int r;

	if ((r = ctl_worker_enter(fault)) != 0 ||
	    (r = look_read_chain(look, fault)) != 0 ||
	    (r = look_read_key(look, fault)) != 0 ||
	    (r = look_read_old(look, fault)) != 0)
		return r;
	if (!old_will_do(look))
		return look_encode(look, fault);
	wrap_put_certificate(look->wrap, look->old, look->now, false);
	return 0;
}

void
wrap_look(void *arg, struct dance_result *ret, char **ret_line)
{
	struct look look = { .wrap = arg, .now = time(NULL) };

	ret->verdict = look_run(&look, &ret->fault);
	if (ret->verdict == 0)
		*ret_line = look.base64;
}
