/* SPDX-License-Identifier: ISC */
/*
 * Credentials that carry an X.509 chain: an extension that is there must be
 * whole and about the certified key, or the credential is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509.h>

#include "credential.h"
#include "error.h"
#include "pki.h"

#define N(a)	 (sizeof(a) / sizeof((a)[0]))
#define MIN_RSA	 2048
#define BAD_CRED DANCE_ERR_BAD_CREDENTIAL

static const struct pki_spec specs[] = {
	{ "root", NULL, PKI_CA },
	{ "leaf", "root", NULL, .key = "ed25519" },
	{ "leaf.ec", "root", NULL },
	{ "leaf.rsa", "root", NULL, .key = "rsa2048" },
	{ "rsa1024", "root", NULL, .key = "rsa1024" },
	{ "renewed", "root", NULL, "CN=leaf", "=leaf" },
	{ "other", "root", NULL, .key = "ed25519" },
	{ "other.ec", "root", NULL },
};

static struct pki *pki;

static int
group_setup(void **state)
{
	(void)state;
	pki = pki_new(specs, N(specs));
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	pki_free(&pki);
	return 0;
}

/* The code, and the chain's length; -1 without a chain. */
static void
carrier_expect(
    const struct pki_carrier *carrier, const char *what, int want, int n_certs)
{
	struct wirebuf blob = { NULL, 0 }, text = { NULL, 0 };
	const char *type = pki_carry(pki, carrier, &blob);
	struct dance_credential *cred = NULL;
	int r;

	pki_base64(&blob, &text);
	wirebuf_u8(&text, 0);
	r = dance_credential_parse(
	    type, (const char *)text.data, NULL, MIN_RSA, &cred);
	if (r != want)
		fail_msg("%s: %d, not %d", what, r, want);
	assert_true((cred != NULL) == (r == 0));
	if (r == 0) {
		assert_string_equal(cred->type, type);
		assert_int_equal(cred->chain != NULL, n_certs >= 0);
	}
	if (r == 0 && n_certs >= 0) {
		assert_int_equal(1 + sk_X509_num(cred->chain->others), n_certs);
		assert_int_equal(cred->chain->spki_len, cred->key->spki_len);
		assert_memory_equal(
		    cred->chain->spki, cred->key->spki, cred->key->spki_len);
	}
	dance_credential_free(&cred);
	wirebuf_free(&blob);
	wirebuf_free(&text);
}

static void
good_carriers(void **state)
{
	static const struct {
		struct pki_carrier carrier;
		int n_certs;
	} rows[] = {
		{ { "leaf", NULL, false, false, NULL }, -1 },
		{ { "leaf", NULL, false, false, "leaf" }, 1 },
		{ { "leaf", NULL, false, false, "leaf root" }, 2 },
		{ { "leaf", NULL, false, false, "renewed root" }, 2 },
		{ { "leaf", NULL, false, false, "leaf renewed root" }, 3 },
		{ { "leaf", "other", false, false, "leaf root" }, 2 },
		{ { "leaf", "root", false, false, "leaf root" }, 2 },
		{ { "leaf.ec", NULL, false, false, "leaf.ec" }, 1 },
		{ { "leaf.rsa", NULL, false, false, "leaf.rsa" }, 1 },
		{ { "leaf", NULL, false, false, "leaf rsa1024" }, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		carrier_expect(&rows[i].carrier, rows[i].carrier.chain, 0,
		    rows[i].n_certs);
}

/* A FIDO key's certificate is over the key inside; the touch stays sshd's. */
static void
req_59_sk_keys_with_the_inner_key(void **state)
{
	static const struct pki_carrier rows[] = {
		{ "leaf", NULL, true, true, "leaf root" },
		{ "leaf", NULL, true, false, "leaf root" },
		{ "leaf", "other", true, false, "leaf root" },
		{ "leaf.ec", NULL, true, true, "leaf.ec root" },
		{ "leaf.ec", "other", true, false, "leaf.ec root" },
	};
	static const struct pki_carrier others[] = {
		{ "leaf", NULL, true, true, "other root" },
		{ "leaf.ec", NULL, true, true, "other.ec root" },
		{ "leaf.ec", NULL, true, true, "leaf root" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		carrier_expect(&rows[i], rows[i].chain, 0, 2);
	for (i = 0; i < N(others); i++)
		carrier_expect(&others[i], others[i].chain, BAD_CRED, -1);
}

/* A chain is public: who has copied one holds another key. */
static void
req_40_a_public_chain_of_another_key(void **state)
{
	static const struct pki_carrier rows[] = {
		{ "other", NULL, false, false, "leaf" },
		{ "other", NULL, false, false, "leaf root" },
		{ "other", NULL, false, false, "leaf other root" },
		{ "other", "leaf", false, false, "leaf root" },
		{ "other.ec", NULL, false, false, "leaf.ec root" },
		{ "leaf.ec", NULL, false, false, "leaf root" },
		{ "leaf", NULL, false, false, "root leaf" },
		{ "leaf.rsa", NULL, false, false, "rsa1024" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		carrier_expect(&rows[i], rows[i].chain, BAD_CRED, -1);
}

static void
req_58_weak_keys(void **state)
{
	static const struct pki_carrier rows[] = {
		{ "rsa1024", NULL, false, false, "rsa1024" },
		{ "rsa1024", "leaf", false, false, "rsa1024" },
		{ "leaf", "rsa1024", false, false, "leaf" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		carrier_expect(&rows[i], rows[i].chain, DANCE_ERR_WEAK_KEY, -1);
}

/* What stands in the extension's inner string. */
static void
text_expect(const struct wirebuf *text, const char *what, int want, int n)
{
	struct wirebuf list = { NULL, 0 };
	struct pki_carrier carrier = { .key = "leaf", .extensions = &list };

	pki_extension(PKI_CHAIN_EXTENSION, text, &list);
	carrier_expect(&carrier, what, want, n);
	wirebuf_free(&list);
}

static void
der_expect(const struct wirebuf *der, const char *what, int want, int n)
{
	struct wirebuf text = { NULL, 0 };

	pki_base64(der, &text);
	text_expect(&text, what, want, n);
	wirebuf_free(&text);
}

static void
texts_that_are_no_base64(void **state)
{
	static const struct {
		const char *name;
		const char *front;
		size_t at; /* in the good text, from its end; 0: at the end */
		const char *middle;
		int want;
	} rows[] = {
		{ "good", "", 0, "", 0 },
		{ "newline behind", "", 0, "\n", BAD_CRED },
		{ "newline inside", "", 8, "\n", BAD_CRED },
		{ "four newlines", "", 8, "\n\n\n\n", BAD_CRED },
		{ "CRLF", "", 8, "\r\n", BAD_CRED },
		{ "blank before", " ", 0, "", BAD_CRED },
		{ "blanks before", "    ", 0, "", BAD_CRED },
		{ "padding more", "", 0, "====", BAD_CRED },
		{ "padding inside", "", 8, "QQ==", BAD_CRED },
		{ "no letter", "", 8, "!!!!", BAD_CRED },
		{ "for URLs", "", 8, "-_-_", BAD_CRED },
		{ "more octets", "", 0, "AAAA", BAD_CRED },
		{ "octets before", "AAAA", 0, "", BAD_CRED },
		{ "label", "base64:", 0, "", BAD_CRED },
	};
	struct wirebuf der = { NULL, 0 }, good = { NULL, 0 }, text;
	size_t i, at;

	(void)state;
	pki_chain(pki, "leaf", &der);
	pki_base64(&der, &good);
	for (i = 0; i < N(rows); i++) {
		text = (struct wirebuf){ NULL, 0 };
		at = good.len - rows[i].at;
		wirebuf_raw(&text, rows[i].front, strlen(rows[i].front));
		wirebuf_raw(&text, good.data, at);
		wirebuf_raw(&text, rows[i].middle, strlen(rows[i].middle));
		wirebuf_raw(&text, good.data + at, rows[i].at);
		text_expect(&text, rows[i].name, rows[i].want, 1);
		wirebuf_free(&text);
	}
	/* NUL is no end. */
	wirebuf_u8(&good, 0);
	text_expect(&good, "NUL", BAD_CRED, -1);
	wirebuf_free(&good);
	wirebuf_free(&der);
}

static void
texts_that_are_no_chain(void **state)
{
	static const char pem[] = "-----BEGIN CERTIFICATE-----\nAAAA\n";
	struct wirebuf empty = { NULL, 0 }, b = { NULL, 0 };
	size_t len;

	(void)state;
	text_expect(&empty, "empty", BAD_CRED, -1);
	wirebuf_raw(&b, "garbage", 7);
	text_expect(&b, "garbage", BAD_CRED, -1);
	der_expect(&b, "garbage in base64", BAD_CRED, -1);
	wirebuf_free(&b);
	b = empty;
	wirebuf_raw(&b, pem, strlen(pem));
	text_expect(&b, "PEM", BAD_CRED, -1);
	wirebuf_free(&b);
	b = empty;
	pki_chain(pki, "leaf", &b);
	text_expect(&b, "DER", BAD_CRED, -1);
	len = b.len;
	for (b.len = 0; b.len < len; b.len++)
		der_expect(&b, "cut", BAD_CRED, -1);
	der_expect(&b, "whole", 0, 1);
	wirebuf_u8(&b, 0);
	der_expect(&b, "an octet more", BAD_CRED, -1);
	wirebuf_free(&b);
	b = empty;
	pki_chain(pki, "leaf root root", &b);
	der_expect(&b, "certificate twice", BAD_CRED, -1);
	wirebuf_free(&b);
}

/* The extension's data is one string, nothing else. */
static void
forms_of_the_extension(void **state)
{
	struct wirebuf der = { NULL, 0 }, text = { NULL, 0 };
	struct wirebuf data = { NULL, 0 }, list = { NULL, 0 };
	struct pki_carrier carrier = { .key = "leaf", .extensions = &list };
	const struct wirebuf none = { NULL, 0 };

	(void)state;
	pki_chain(pki, "leaf root", &der);
	pki_base64(&der, &text);

	pki_extension("permit-pty", &none, &list);
	pki_extension(PKI_CHAIN_EXTENSION, &text, &list);
	pki_extension("zzz@example.com", &text, &list);
	carrier_expect(&carrier, "among others", 0, 2);
	pki_extension(PKI_CHAIN_EXTENSION, &text, &list);
	carrier_expect(&carrier, "twice", BAD_CRED, -1);
	wirebuf_free(&list);

	list = none;
	pki_extension(PKI_CHAIN_EXTENSION, &text, &list);
	wirebuf_text(&list, PKI_CHAIN_EXTENSION);
	wirebuf_text(&list, "");
	carrier_expect(&carrier, "twice, once empty", BAD_CRED, -1);
	wirebuf_free(&list);

	list = none;
	pki_extension(PKI_CHAIN_EXTENSION "x", &text, &list);
	pki_extension("x509-chain@dance-logi", &text, &list);
	pki_extension("X509-CHAIN@dance-login", &text, &list);
	carrier_expect(&carrier, "names that are near", 0, -1);
	wirebuf_free(&list);

	list = none;
	wirebuf_text(&list, PKI_CHAIN_EXTENSION);
	wirebuf_text(&list, "");
	carrier_expect(&carrier, "no data", BAD_CRED, -1);
	wirebuf_free(&list);

	list = none;
	wirebuf_text(&list, PKI_CHAIN_EXTENSION);
	wirebuf_nested(&list, &text);
	carrier_expect(&carrier, "no string inside", BAD_CRED, -1);
	wirebuf_free(&list);

	list = none;
	wirebuf_nested(&data, &text);
	wirebuf_u8(&data, 0);
	wirebuf_text(&list, PKI_CHAIN_EXTENSION);
	wirebuf_nested(&list, &data);
	carrier_expect(&carrier, "an octet behind the string", BAD_CRED, -1);
	wirebuf_free(&list);

	list = none;
	data.len -= 2;
	wirebuf_text(&list, PKI_CHAIN_EXTENSION);
	wirebuf_nested(&list, &data);
	carrier_expect(&carrier, "string cut", BAD_CRED, -1);
	wirebuf_free(&list);
	wirebuf_free(&data);
	wirebuf_free(&text);
	wirebuf_free(&der);
}

/* Also where it is the leaf's own: sshd has checked that signature. */
static void
the_line_shows_the_signing_key(void **state)
{
	static const struct pki_carrier rows[] = {
		{ "leaf", NULL, false, false, "leaf root" },
		{ "leaf", "other", false, false, "leaf root" },
	};
	struct wirebuf blob, text;
	struct dance_credential *cred;
	const struct dance_sshkey *key;
	const struct pki_cert *ca;
	const char *type;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		blob = text = (struct wirebuf){ NULL, 0 };
		type = pki_carry(pki, &rows[i], &blob);
		pki_base64(&blob, &text);
		wirebuf_u8(&text, 0);
		assert_int_equal(
		    dance_credential_parse(
			type, (const char *)text.data, NULL, MIN_RSA, &cred),
		    0);
		key = dance_credential_line_key(cred);
		ca = i == 0 ? pki_find(pki, "leaf", 4)
			    : pki_find(pki, "other", 5);
		assert_int_equal(key->spki_len, ca->spki.len);
		assert_memory_equal(key->spki, ca->spki.data, ca->spki.len);
		dance_credential_free(&cred);
		wirebuf_free(&blob);
		wirebuf_free(&text);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_carriers),
		cmocka_unit_test(req_59_sk_keys_with_the_inner_key),
		cmocka_unit_test(req_40_a_public_chain_of_another_key),
		cmocka_unit_test(req_58_weak_keys),
		cmocka_unit_test(texts_that_are_no_base64),
		cmocka_unit_test(texts_that_are_no_chain),
		cmocka_unit_test(forms_of_the_extension),
		cmocka_unit_test(the_line_shows_the_signing_key),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
