/* SPDX-License-Identifier: ISC */
/*
 * TLSA records: what can't be used is dropped first, then digest agility, and
 * only then is anything compared (RFC 7671, section 9).  In another order a
 * broken record could hide a good one, or a weak digest stand for a strong one.
 * Knows no DNSSEC: callers hand over secure RRsets only.  Worker only.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "error.h"
#include "number.h"
#include "tlsa.h"
#include "x509_key.h"

#define TLSA_HEAD      3     /* usage, selector, matching type */
#define TLSA_RDATA_MAX 65535 /* RDLENGTH has 16 bits */
#define N_USAGES       4
#define N_SELECTORS    2
#define N_MATCHINGS    3

/* By matching type; Full(0) has no digest. */
static const char *const digest_names[N_MATCHINGS] = { NULL, "SHA256",
	"SHA512" };
static const size_t digest_lens[N_MATCHINGS] = { 0, 32, 64 };

int
dance_tlsa_parse(struct dance_bytes rdata, struct dance_tlsa *ret)
{
	struct dance_wire w = { rdata.data, rdata.len };
	struct dance_tlsa record = { 0 };

	if (dance_wire_u8(&w, &record.usage) != 0 ||
	    dance_wire_u8(&w, &record.selector) != 0 ||
	    dance_wire_u8(&w, &record.matching) != 0 || w.left == 0)
		return DANCE_ERR_FORMAT;
	record.data.data = w.next;
	record.data.len = w.left;
	*ret = record;
	return 0;
}

/* A number from 0 to 255 and the blanks behind it. */
static int
octet_from_text(const char **text, uint8_t *ret)
{
	size_t n = strspn(*text, "0123456789");
	unsigned long value;
	char digits[4] = "";

	if (n == 0 || n >= sizeof(digits))
		return DANCE_ERR_FORMAT;
	memcpy(digits, *text, n);
	if (((*text)[n] != ' ' && (*text)[n] != '\t') ||
	    dance_strtou(digits, 0, UINT8_MAX, &value) != 0)
		return DANCE_ERR_FORMAT;
	*text += n + strspn(*text + n, " \t");
	*ret = (uint8_t)value;
	return 0;
}

int
dance_tlsa_from_text(const char *text, struct dance_bytes *ret_rdata)
{
	uint8_t head[TLSA_HEAD], *data = NULL, *rdata;
	size_t i, len;
	int r;

	text += strspn(text, " \t");
	for (i = 0; i < TLSA_HEAD; i++)
		if (octet_from_text(&text, &head[i]) != 0)
			return DANCE_ERR_FORMAT;
	if ((r = dance_hex_decode(text, &data, &len)) != 0)
		return r;
	if (len == 0 || len > TLSA_RDATA_MAX - TLSA_HEAD) {
		r = DANCE_ERR_FORMAT;
		goto out;
	}
	if ((rdata = malloc(TLSA_HEAD + len)) == NULL) {
		r = DANCE_ERR_INTERNAL;
		goto out;
	}
	memcpy(rdata, head, TLSA_HEAD);
	memcpy(rdata + TLSA_HEAD, data, len);
	ret_rdata->data = rdata;
	ret_rdata->len = TLSA_HEAD + len;
	r = 0;
out:
	free(data);
	return r;
}

/* Whole DER of what the selector names, and nothing behind it. */
static bool
full_is_complete(uint8_t selector, struct dance_bytes data)
{
	const unsigned char *p = data.data;
	X509 *cert = NULL;
	X509_PUBKEY *spki = NULL;
	bool is_whole;

	if (data.len == 0 || data.len > TLSA_RDATA_MAX)
		return false;
	if (selector == DANCE_SELECTOR_CERT ? !dance_cert_key_is_known(data)
					    : !dance_spki_is_known(data))
		return false;
	if (selector == DANCE_SELECTOR_CERT)
		cert = d2i_X509(NULL, &p, (long)data.len);
	else
		spki = d2i_X509_PUBKEY(NULL, &p, (long)data.len);
	is_whole = (cert != NULL || spki != NULL) && p == data.data + data.len;
	X509_free(cert);
	X509_PUBKEY_free(spki);
	return is_whole;
}

static bool
record_is_usable(const struct dance_tlsa *record, const unsigned allowed[2])
{
	if (record->usage >= N_USAGES || record->selector >= N_SELECTORS ||
	    record->matching >= N_MATCHINGS)
		return false;
	if ((allowed[record->selector] & DANCE_USAGE_BIT(record->usage)) == 0)
		return false;
	if (record->matching == DANCE_MATCHING_FULL)
		return full_is_complete(record->selector, record->data);
	return record->data.len == digest_lens[record->matching];
}

/* Far too much is as good as nothing: no work is spent on it. */
static bool
rrset_is_bounded(const struct dance_tlsa *records, size_t n)
{
	size_t i, sum = 0;

	if (n > DANCE_RRSET_MAX)
		return false;
	for (i = 0; i < n; i++)
		if (__builtin_add_overflow(sum, records[i].data.len, &sum) ||
		    __builtin_add_overflow(sum, TLSA_HEAD, &sum))
			return false;
	return sum <= DANCE_RRSET_BYTES_MAX;
}

/* RFC 7671, section 9: the strongest digest and Full(0) are left. */
static void
agility_apply(struct dance_tlsa *records, size_t n)
{
	uint8_t strongest[N_USAGES][N_SELECTORS] = { { 0 } }, *best;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!records[i].is_usable)
			continue;
		best = &strongest[records[i].usage][records[i].selector];
		if (records[i].matching > *best)
			*best = records[i].matching;
	}
	for (i = 0; i < n; i++) {
		if (!records[i].is_usable ||
		    records[i].matching == DANCE_MATCHING_FULL)
			continue;
		best = &strongest[records[i].usage][records[i].selector];
		records[i].is_usable = records[i].matching == *best;
	}
}

size_t
dance_tlsa_select(
    struct dance_tlsa *records, size_t n, const unsigned allowed[2])
{
	bool is_bounded = rrset_is_bounded(records, n);
	size_t i, n_usable = 0;

	for (i = 0; i < n; i++)
		records[i].is_usable =
		    is_bounded && record_is_usable(&records[i], allowed);
	if (!is_bounded)
		return 0;
	agility_apply(records, n);
	for (i = 0; i < n; i++)
		n_usable += records[i].is_usable ? 1 : 0;
	return n_usable;
}

int
dance_tlsa_compare(const struct dance_tlsa *record, struct dance_bytes subject)
{
	uint8_t *want = NULL;
	size_t len;
	int r;

	if (record->data.len == 0)
		return DANCE_ERR_MISMATCH;
	r = dance_tlsa_digest(record->matching, subject, &want, &len);
	if (r != 0)
		return r == DANCE_ERR_FORMAT ? DANCE_ERR_MISMATCH : r;
	r = len == record->data.len &&
		CRYPTO_memcmp(want, record->data.data, len) == 0
	    ? 0
	    : DANCE_ERR_MISMATCH;
	free(want);
	return r;
}

int
dance_tlsa_digest(uint8_t matching, struct dance_bytes subject, uint8_t **ret,
    size_t *ret_len)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	const uint8_t *from = subject.data;
	uint8_t *copy;
	size_t len = subject.len;

	if (matching >= N_MATCHINGS)
		return DANCE_ERR_FORMAT;
	if (matching != DANCE_MATCHING_FULL) {
		if (EVP_Q_digest(NULL, digest_names[matching], NULL,
			subject.data, subject.len, digest, &len) != 1 ||
		    len != digest_lens[matching])
			return DANCE_ERR_INTERNAL;
		from = digest;
	}
	if ((copy = malloc(len + 1)) == NULL)
		return DANCE_ERR_INTERNAL;
	if (len > 0)
		memcpy(copy, from, len);
	*ret = copy;
	*ret_len = len;
	return 0;
}
