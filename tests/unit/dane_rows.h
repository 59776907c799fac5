/* SPDX-License-Identifier: ISC */
/*
 * One row: a chain, an RRset, and the reason that must come out.  Included once
 * by a test program, whose table of certificates "dane_pki" is made of.
 */
#ifndef DANE_ROWS_H
#define DANE_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/x509_vfy.h>

#include "dane.h"
#include "error.h"
#include "judge.h"
#include "pki.h"

#define DANE_DAY	 86400
#define DANE_MIN_RSA	 2048
#define DANE_RECORDS_MAX 16 /* in a row */
#define DANE_DEVICE	 "sensor7._device.example.com"
#define DANE_USER	 "alice@example.com"
#define DANE_USAGES	 12 /* of 2 and 3 */
#define DANE_ALL	 15

struct dane_row {
	const char *name;
	const char *chain; /* names of certificates, leaf first */
	/*
	 * "U S M NAME", commas between: the association for a certificate.
	 * Behind the name: "!" its last octet changed, "<" cut off, ">" one
	 * more behind it; "*" what the other selector is about.
	 */
	const char *rrset;
	const char *want;     /* the reason's word */
	const char *identity; /* NULL: DANE_DEVICE */
	unsigned usages;      /* 0: DANE_USAGES */
	const char *roots;    /* names; NULL: no store */
	unsigned min_rsa;     /* 0: DANE_MIN_RSA */
	int days;	      /* from PKI_NOW */
	bool is_wildcard;
	enum dance_purpose purpose; /* 0: a client's */
	bool checks_ee_names;
};

static struct pki *dane_pki;

/* The rdata of one record of the text; returns where the next begins. */
static inline const char *
dane_rdata_make(const char *text, struct wirebuf *ret)
{
	const struct pki_cert *cert;
	const char *name;
	unsigned u, s, m;
	uint8_t *data;
	bool is_cert;
	size_t len;
	int at = 0;

	assert_int_equal(sscanf(text, " %u %u %u %n", &u, &s, &m, &at), 3);
	name = text + at;
	len = strcspn(name, "!<>*,");
	cert = pki_find(dane_pki, name, len);
	name += len;
	is_cert = (s == 0) != (*name == '*');
	wirebuf_u8(ret, (uint8_t)u);
	wirebuf_u8(ret, (uint8_t)s);
	wirebuf_u8(ret, (uint8_t)m);
	assert_int_equal(
	    dance_tlsa_digest(m > 2 ? 1 : (uint8_t)m,
		wirebuf_bytes(is_cert ? &cert->der : &cert->spki), &data, &len),
	    0);
	wirebuf_raw(ret, data, len);
	free(data);
	if (*name == '!')
		ret->data[ret->len - 1] ^= 1;
	else if (*name == '<')
		ret->len--;
	else if (*name == '>')
		wirebuf_u8(ret, 0);
	name += strcspn(name, ",");
	return name + (*name == ',' ? 1 : 0);
}

static inline void
dane_rrset_make(const char *text, struct dance_rrset *ret)
{
	struct wirebuf rdata[DANE_RECORDS_MAX] = { { NULL, 0 } };
	struct dance_bytes bytes[DANE_RECORDS_MAX] = { { NULL, 0 } };
	size_t i, n = 0;

	memset(ret, 0, sizeof(*ret));
	while (*text != '\0') {
		assert_true(n < DANE_RECORDS_MAX);
		text = dane_rdata_make(text, &rdata[n]);
		bytes[n] = wirebuf_bytes(&rdata[n]);
		n++;
	}
	ret->dnssec = DANCE_DNSSEC_SECURE;
	assert_int_equal(dance_rrset_fill(ret, bytes, n), 0);
	assert_int_equal(ret->n_records, n);
	for (i = 0; i < n; i++)
		wirebuf_free(&rdata[i]);
}

static inline void
dane_chain_make(const char *names, struct dance_chain **ret)
{
	struct wirebuf der = { NULL, 0 };

	pki_chain(dane_pki, names, &der);
	assert_int_equal(dance_chain_parse(der.data, der.len, ret), 0);
	wirebuf_free(&der);
}

static inline struct x509_store_st *
dane_roots_make(const char *names)
{
	struct wirebuf pem = { NULL, 0 };
	struct x509_store_st *store;
	struct dance_fault fault;

	if (names == NULL)
		return NULL;
	pki_pem(dane_pki, names, &pem);
	assert_int_equal(dance_roots_parse((const char *)pem.data, pem.len,
			     "test", &store, &fault),
	    0);
	wirebuf_free(&pem);
	return store;
}

static inline void
dane_identity_make(const char *text, struct dance_identity *ret)
{
	if (text == NULL)
		text = DANE_DEVICE;
	assert_int_equal(
	    dance_identity_parse(text, strlen(text), DANCE_NAME_PRESENTED, ret),
	    0);
}

static inline void
dane_rules_make(const struct dane_row *row, struct dance_dane_rules *ret)
{
	dance_dane_rules_init(ret, row->usages != 0 ? row->usages : DANE_USAGES,
	    row->min_rsa != 0 ? row->min_rsa : DANE_MIN_RSA,
	    PKI_NOW + (time_t)row->days * DANE_DAY);
	ret->roots = dane_roots_make(row->roots);
	assert_int_equal(ret->purpose, DANCE_PURPOSE_CLIENT);
	assert_int_equal(ret->auth_level, 2);
	assert_false(ret->checks_ee_names);
	ret->purpose = row->purpose;
	ret->checks_ee_names = row->checks_ee_names;
}

/* What must hold for each judgement, whatever it is. */
static inline void
dane_check_result(
    const struct dance_rrset *rrset, const struct dance_judgement *judged)
{
	if (judged->error != 0) {
		assert_int_equal(judged->found.depth, -1);
		return;
	}
	assert_true(judged->found.record < rrset->n_records);
	assert_true(judged->is_usable[judged->found.record]);
	assert_int_equal(judged->found.openssl_error, 0);
}

/* Judge the row's RRset and a credential. */
static inline void
dane_row_expect(const struct dane_row *row, const struct dance_credential *cred,
    struct dance_judgement *ret)
{
	static struct dance_rrset rrset; /* large for a stack */
	struct dance_identity id;
	struct dance_dane_rules rules;
	int r;

	dane_rrset_make(row->rrset, &rrset);
	rrset.is_wildcard = row->is_wildcard;
	dane_identity_make(row->identity, &id);
	dane_rules_make(row, &rules);
	r = dance_rrset_judge(&rrset, &id, cred, &rules, ret);
	assert_int_equal(r, ret->error);
	if (strcmp(dance_reason(r), row->want) != 0)
		fail_msg("%s: [%s] with [%s]: %s, not %s (OpenSSL: %d)",
		    row->name, row->chain, row->rrset, dance_reason(r),
		    row->want, ret->found.openssl_error);
	dane_check_result(&rrset, ret);
	X509_STORE_free(rules.roots);
	dance_rrset_clear(&rrset);
}

/* A chain alone, as it comes from a token or a file. */
static inline void
dane_row_run(const struct dane_row *row, struct dance_judgement *ret)
{
	struct dance_credential cred = { .chain = NULL };

	dane_chain_make(row->chain, &cred.chain);
	dane_row_expect(row, &cred, ret);
	if (ret->error == 0)
		assert_true(ret->found.depth >= 0);
	dance_chain_free(&cred.chain);
}

static inline void
dane_rows_run(const struct dane_row *rows, size_t n)
{
	struct dance_judgement judged;

	for (; n > 0; n--)
		dane_row_run(rows++, &judged);
}

#endif
