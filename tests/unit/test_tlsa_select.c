/* SPDX-License-Identifier: ISC */
/*
 * Which records of an RRset count, and whether one of them matches.  Each row
 * is a whole RRset, its records in order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "error.h"
#include "signer.h"
#include "tlsa.h"

#define N(a)	    (sizeof(a) / sizeof((a)[0]))
#define RECORDS_MAX 80 /* more than are taken */
#define ROW_MAX	    8  /* records in a row of the tables */

/* What a bare SSH key, an SSH certificate and an X.509 chain can meet. */
static const unsigned key_allowed[2] = { 0, DANCE_USAGE_BIT(3) };
static const unsigned cert_allowed[2] = { 0,
	DANCE_USAGE_BIT(2) | DANCE_USAGE_BIT(3) };
static const unsigned chain_allowed[2] = { DANCE_USAGE_BIT(2) |
	    DANCE_USAGE_BIT(3),
	DANCE_USAGE_BIT(2) | DANCE_USAGE_BIT(3) };
static const unsigned all_allowed[2] = { 15, 15 };

/* Our key's DER, a stranger's, and a certificate. */
static struct wirebuf spki, other, x509;

static void
spki_make(EVP_PKEY *pkey, struct wirebuf *ret)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pkey, &der);

	assert_true(len > 0);
	wirebuf_raw(ret, der, (size_t)len);
	OPENSSL_free(der);
}

static void
x509_make(EVP_PKEY *pkey, struct wirebuf *ret)
{
	X509 *cert = X509_new();
	unsigned char *der = NULL;
	int len;

	assert_non_null(cert);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 60);
	X509_set_pubkey(cert, pkey);
	assert_true(X509_sign(cert, pkey, NULL) > 0);
	len = i2d_X509(cert, &der);
	assert_true(len > 0);
	wirebuf_raw(ret, der, (size_t)len);
	OPENSSL_free(der);
	X509_free(cert);
}

static int
ders_make(void **state)
{
	struct signer *s = signer_new("ssh-ed25519", 0);
	struct signer *s2 = signer_new("ssh-ed25519", 0);

	(void)state;
	spki_make(s->pkey, &spki);
	x509_make(s->pkey, &x509);
	spki_make(s2->pkey, &other);
	signer_free(&s);
	signer_free(&s2);
	return 0;
}

static int
ders_free(void **state)
{
	(void)state;
	wirebuf_free(&spki);
	wirebuf_free(&other);
	wirebuf_free(&x509);
	return 0;
}

/*
 * One record from "U S M K".  K is "+" for our own DER, "-" for a stranger's;
 * "s" short by an octet, "l" long by one, "e" empty, "g" no DER at all.
 */
static void
record_make(const char *text, struct wirebuf *rdata, struct dance_tlsa *ret)
{
	const struct wirebuf *der;
	uint8_t *data;
	unsigned u, s, m;
	size_t len;
	char kind;

	assert_int_equal(sscanf(text, "%u %u %u %c", &u, &s, &m, &kind), 4);
	der = kind == '-' ? &other : s == 0 ? &x509 : &spki;
	assert_int_equal(dance_tlsa_digest(m > 2 ? 1 : (uint8_t)m,
			     wirebuf_bytes(der), &data, &len),
	    0);
	if (kind == 'g')
		data[0] ^= 1;
	wirebuf_u8(rdata, (uint8_t)u);
	wirebuf_u8(rdata, (uint8_t)s);
	wirebuf_u8(rdata, (uint8_t)m);
	wirebuf_raw(rdata, data, kind == 's' ? len - 1 : len);
	if (kind == 'l')
		wirebuf_u8(rdata, 0);
	free(data);
	assert_int_equal(dance_tlsa_parse(wirebuf_bytes(rdata), ret), 0);
	if (kind == 'e')
		ret->data.len = 0;
}

struct row {
	const char *name;
	const unsigned *allowed;
	const char *rrset;
	const char *marks; /* U for each usable record, else "-" */
	bool is_match;
};

static void
row_judge(const struct row *row)
{
	struct wirebuf rdata[ROW_MAX] = { { NULL, 0 } };
	struct dance_tlsa records[ROW_MAX];
	const struct wirebuf *subject;
	const char *text = row->rrset;
	size_t i, n, n_usable = 0;
	bool is_match = false;

	print_message("  %s: %s\n", row->name, row->rrset);
	for (n = 0; n < strlen(row->marks); n++) {
		record_make(text, &rdata[n], &records[n]);
		text += strcspn(text, ",") + 1;
	}
	n_usable = dance_tlsa_select(records, n, row->allowed);
	for (i = 0; i < n; i++) {
		assert_int_equal(records[i].is_usable, row->marks[i] == 'U');
		n_usable -= records[i].is_usable ? 1 : 0;
		subject = records[i].selector == 0 ? &x509 : &spki;
		if (records[i].is_usable &&
		    dance_tlsa_compare(&records[i], wirebuf_bytes(subject)) ==
			0)
			is_match = true;
		wirebuf_free(&rdata[i]);
	}
	assert_int_equal(n_usable, 0);
	assert_int_equal(is_match, row->is_match);
}

static void
rows_judge(const struct row *rows, size_t n)
{
	for (; n > 0; n--)
		row_judge(rows++);
}

static void
req_24_unknown_values_are_unusable(void **state)
{
	static const struct row rows[] = {
		{ "all known", all_allowed, "3 1 1 +", "U", true },
		{ "usage 4", all_allowed, "4 1 1 +", "-", false },
		{ "usage 31", all_allowed, "031 1 1 +", "-", false },
		{ "usage 255", all_allowed, "255 1 1 +", "-", false },
		{ "selector 2", all_allowed, "3 2 1 +", "-", false },
		{ "selector 255", all_allowed, "3 255 1 +", "-", false },
		{ "matching 3", all_allowed, "3 1 3 +", "-", false },
		{ "matching 255", all_allowed, "3 1 255 +", "-", false },
		{ "the others are used", all_allowed,
		    "9 1 1 +, 3 9 1 +, 3 1 9 +, 3 1 1 +", "---U", true },
		{ "nothing at all", all_allowed, "", "", false },
	};

	(void)state;
	rows_judge(rows, N(rows));
}

static void
req_25_digest_length(void **state)
{
	static const struct row rows[] = {
		{ "SHA-256", all_allowed, "3 1 1 +", "U", true },
		{ "short", all_allowed, "3 1 1 s", "-", false },
		{ "long", all_allowed, "3 1 1 l", "-", false },
		{ "empty", all_allowed, "3 1 1 e", "-", false },
		{ "SHA-512", all_allowed, "3 1 2 +", "U", true },
		{ "short", all_allowed, "3 1 2 s", "-", false },
		{ "long", all_allowed, "3 1 2 l", "-", false },
	};

	(void)state;
	rows_judge(rows, N(rows));
}

static void
req_26_full_is_one_whole_der(void **state)
{
	static const struct row rows[] = {
		{ "certificate", chain_allowed, "3 0 0 +", "U", true },
		{ "short", chain_allowed, "3 0 0 s", "-", false },
		{ "trailing", chain_allowed, "3 0 0 l", "-", false },
		{ "empty", chain_allowed, "3 0 0 e", "-", false },
		{ "garbage", chain_allowed, "3 0 0 g", "-", false },
		{ "a key for one", chain_allowed, "3 0 0 -", "-", false },
		{ "key", chain_allowed, "3 1 0 +", "U", true },
		{ "another key", chain_allowed, "3 1 0 -", "U", false },
		{ "short", chain_allowed, "3 1 0 s", "-", false },
		{ "trailing", chain_allowed, "3 1 0 l", "-", false },
		{ "empty", chain_allowed, "3 1 0 e", "-", false },
		{ "garbage", chain_allowed, "3 1 0 g", "-", false },
	};

	(void)state;
	rows_judge(rows, N(rows));
}

static void
req_27_to_30_digest_agility(void **state)
{
	static const struct row rows[] = {
		{ "27: 3 1 1 alone is right", key_allowed, "3 1 2 -, 3 1 1 +",
		    "U-", false },
		{ "27: the order does not matter", key_allowed,
		    "3 1 1 +, 3 1 2 -", "-U", false },
		{ "27: Full is never hidden", key_allowed,
		    "3 1 2 -, 3 1 0 +, 3 1 1 -", "UU-", true },
		{ "28: a short 3 1 2 hides nothing", key_allowed,
		    "3 1 2 s, 3 1 1 +", "-U", true },
		{ "28: nor a usage that is off", key_allowed,
		    "2 1 2 -, 3 1 1 +", "-U", true },
		{ "29: nor another selector", chain_allowed, "3 1 2 -, 3 0 1 +",
		    "UU", true },
		{ "29: nor another usage", chain_allowed, "2 1 2 -, 3 1 1 +",
		    "UU", true },
		{ "30: SHA-512 before SHA-256", key_allowed, "3 1 2 +, 3 1 1 -",
		    "U-", true },
		{ "30: Full before neither", key_allowed, "3 1 0 -, 3 1 1 +",
		    "UU", true },
	};

	(void)state;
	rows_judge(rows, N(rows));
}

static void
req_31_any_one_record_is_enough(void **state)
{
	static const struct row rows[] = {
		{ "last", key_allowed, "3 1 1 -, 3 1 1 -, 3 1 1 +", "UUU",
		    true },
		{ "first", key_allowed, "3 1 1 +, 3 1 1 -", "UU", true },
		{ "other usage", cert_allowed, "3 1 1 -, 2 1 1 +", "UU", true },
		{ "none", key_allowed, "3 1 1 -, 3 1 1 -", "UU", false },
	};

	(void)state;
	rows_judge(rows, N(rows));
}

static void
req_54_raw_keys_match_3_1_only(void **state)
{
	static const struct row rows[] = {
		{ "key: 3 1 x", key_allowed, "3 1 0 +, 3 1 1 +", "UU", true },
		{ "key: all else", key_allowed,
		    "0 1 1 +, 1 1 1 +, 2 1 1 +, 3 0 1 +, 3 0 0 +, 2 0 1 +",
		    "------", false },
		{ "SSH certificate: 2 1 x too", cert_allowed,
		    "2 1 1 +, 3 1 1 -, 2 0 1 +, 1 1 1 +, 0 1 1 +", "UU---",
		    true },
		{ "chain: both selectors, not 0 and 1", chain_allowed,
		    "2 0 1 +, 3 0 1 +, 1 0 1 +, 0 0 1 +, 0 1 1 +", "UU---",
		    true },
		{ "where enabled, 0 and 1", all_allowed,
		    "0 0 1 +, 1 0 1 +, 0 1 1 +, 1 1 1 +", "UUUU", true },
	};

	(void)state;
	rows_judge(rows, N(rows));
}

/* 64 records and 65536 octets are taken, one more of either is not. */
static void
req_35_count_and_size_are_bounded(void **state)
{
	static const uint8_t zeros[65535];
	struct dance_tlsa records[RECORDS_MAX];
	struct wirebuf rdata = { NULL, 0 };
	size_t i;

	(void)state;
	record_make("3 1 1 +", &rdata, &records[0]);
	for (i = 1; i < RECORDS_MAX; i++)
		records[i] = records[0];
	assert_int_equal(dance_tlsa_select(records, 64, key_allowed), 64);
	assert_int_equal(dance_tlsa_select(records, 65, key_allowed), 0);
	for (i = 0; i < 65; i++)
		assert_false(records[i].is_usable);
	records[1].usage = 9;
	records[1].data.data = zeros;
	records[1].data.len = 65536 - 3 - 35;
	assert_int_equal(dance_tlsa_select(records, 2, key_allowed), 1);
	records[1].data.len++;
	assert_int_equal(dance_tlsa_select(records, 2, key_allowed), 0);
	assert_false(records[0].is_usable);
	wirebuf_free(&rdata);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_24_unknown_values_are_unusable),
		cmocka_unit_test(req_25_digest_length),
		cmocka_unit_test(req_26_full_is_one_whole_der),
		cmocka_unit_test(req_27_to_30_digest_agility),
		cmocka_unit_test(req_31_any_one_record_is_enough),
		cmocka_unit_test(req_35_count_and_size_are_bounded),
		cmocka_unit_test(req_54_raw_keys_match_3_1_only),
	};

	return cmocka_run_group_tests(tests, ders_make, ders_free);
}
