/* SPDX-License-Identifier: ISC */
/*
 * Fuzz chains of certificates.  The input is what an OpenSSH certificate's
 * extension holds; a root of the test's own stands in DNS for usage 2, and is
 * the host's for usages 0 and 1.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509_vfy.h>

#include "dane.h"
#include "error.h"
#include "x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW	    1700000000
#define RECORDS_MAX 4
#define ALL	    15U
#define USER	    "alice@example.com"

#define ROOT                                                               \
	"3082012e3081d5a003020102020101300a06082a8648ce3d040302300f310d30" \
	"0b06035504030c04726f6f743020170d3233313131333232313332305a180f32" \
	"303738303831373232313332305a300f310d300b06035504030c04726f6f7430" \
	"59301306072a8648ce3d020106082a8648ce3d03010703420004ac51fa2f85ee" \
	"535574a98e26713cbab83dbd62b776175f436b1f4e6ee9edeb49d1994b4cc5eb" \
	"2105aaf8a83b597b82b9a259e5e3de91070f1092304928120163a320301e300f" \
	"0603551d130101ff040530030101ff300b0603551d0f040403020204300a0608" \
	"2a8648ce3d040302034800304502202e7a7526f85f20db129ae11b7fd7fac368" \
	"569fb357254131a64555ae336454a1022100ee28b0e42fec18723fb64f906b99" \
	"1e3e95dd82d2e8f961b98a967271fc8d6026"

#define ROOT_KEY                                                           \
	"3059301306072a8648ce3d020106082a8648ce3d03010703420004ac51fa2f85" \
	"ee535574a98e26713cbab83dbd62b776175f436b1f4e6ee9edeb49d1994b4cc5" \
	"eb2105aaf8a83b597b82b9a259e5e3de91070f1092304928120163"

static const char *const fixed[] = { "2 0 0 " ROOT, "2 1 0 " ROOT_KEY,
	"0 0 0 " ROOT };

struct records {
	struct dance_tlsa list[RECORDS_MAX];
	uint8_t *owned[RECORDS_MAX];
	size_t n;
};

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static void
records_add(struct records *records, struct dance_bytes rdata)
{
	require(records->n < RECORDS_MAX);
	records->owned[records->n] = (uint8_t *)(uintptr_t)rdata.data;
	require(dance_tlsa_parse(rdata, &records->list[records->n]) == 0);
	records->n++;
}

static void
records_clear(struct records *records)
{
	while (records->n > 0)
		free(records->owned[--records->n]);
}

static void
records_add_fixed(struct records *records)
{
	struct dance_bytes rdata;
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		require(dance_tlsa_from_text(fixed[i], &rdata) == 0);
		records_add(records, rdata);
	}
}

/* A record over the leaf's own key. */
static void
records_add_leaf(struct records *records, const struct dance_chain *chain,
    uint8_t usage, uint8_t matching)
{
	struct dance_bytes spki = { chain->spki, chain->spki_len };
	uint8_t *digest, *rdata;
	size_t len;

	require(dance_tlsa_digest(matching, spki, &digest, &len) == 0);
	require((rdata = malloc(len + 3)) != NULL);
	rdata[0] = usage;
	rdata[1] = DANCE_SELECTOR_SPKI;
	rdata[2] = matching;
	memcpy(rdata + 3, digest, len);
	free(digest);
	records_add(records, (struct dance_bytes){ rdata, len + 3 });
}

static X509_STORE *
roots_make(void)
{
	struct dance_bytes rdata;
	const unsigned char *next;
	X509_STORE *store = X509_STORE_new();
	X509 *cert;

	require(dance_tlsa_from_text(fixed[0], &rdata) == 0);
	next = rdata.data + 3;
	cert = d2i_X509(NULL, &next, (long)rdata.len - 3);
	require(cert != NULL && X509_STORE_add_cert(store, cert) == 1);
	X509_free(cert);
	free((void *)(uintptr_t)rdata.data);
	return store;
}

/* Select, verify, and look at what comes of it. */
static int
verify(const struct dance_chain *chain, const char *name,
    struct records *records, const struct dance_dane_rules *rules)
{
	const unsigned allowed[2] = { rules->usages, rules->usages };
	struct dance_identity id;
	struct dance_dane_result found;
	int r;

	require(dance_identity_parse(
		    name, strlen(name), DANCE_NAME_PRESENTED, &id) == 0);
	(void)dance_tlsa_select(records->list, records->n, allowed);
	r = dance_dane_verify(
	    chain, &id, records->list, records->n, rules, &found);
	if (r == 0) {
		require(found.depth >= 0 && found.record < records->n);
		require(records->list[found.record].is_usable);
	} else
		require(found.depth == -1);
	return r;
}

static void
against_the_root(const struct dance_chain *chain)
{
	struct records records = { .n = 0 };
	struct dance_dane_rules rules;
	struct dance_identity id;

	dance_dane_rules_init(&rules, ALL, 2048, NOW);
	rules.roots = roots_make();
	records_add_fixed(&records);
	(void)verify(chain, "sensor7._device.example.com", &records, &rules);
	require(dance_identity_parse(
		    USER, strlen(USER), DANCE_NAME_PRESENTED, &id) == 0);
	if (verify(chain, USER, &records, &rules) == 0)
		require(dance_chain_names_user(chain, &id));
	X509_STORE_free(rules.roots);
	records_clear(&records);
}

/* The leaf's key stands for the leaf, whatever is wrong with it, and alone. */
static void
against_itself(const struct dance_chain *chain)
{
	struct records records = { .n = 0 };
	struct dance_dane_rules rules;
	int r;

	dance_dane_rules_init(&rules, ALL, 0, NOW);
	rules.auth_level = 0;
	records_add_leaf(&records, chain, 3, 1);
	r = verify(chain, "a.b", &records, &rules);
	require(r == 0 || r == DANCE_ERR_WEAK_KEY);
	records_clear(&records);
	if (sk_X509_num(chain->others) > 0)
		return;
	records_add_leaf(&records, chain, 2, 0);
	records_add_leaf(&records, chain, 2, 1);
	records_add_leaf(&records, chain, 1, 1);
	require(verify(chain, "sensor7._device.example.com", &records,
		    &rules) != 0);
	records_clear(&records);
}

/* What was taken is what came, octet by octet. */
static void
written_again(const struct dance_chain *chain, const uint8_t *data, size_t size)
{
	unsigned char *der = NULL;
	const X509 *cert = chain->leaf;
	int i, len;

	for (i = 0; cert != NULL; i++) {
		len = i2d_X509(cert, &der);
		require(len > 0 && (size_t)len <= size);
		require(memcmp(der, data, (size_t)len) == 0);
		data += len;
		size -= (size_t)len;
		OPENSSL_free(der);
		der = NULL;
		cert = sk_X509_value(chain->others, i);
	}
	require(size == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dance_chain *chain = NULL, *pem = NULL;

	if (dance_chain_parse_pem((const char *)data, size, &pem) == 0)
		against_itself(pem);
	dance_chain_free(&pem);
	if (dance_chain_parse(data, size, &chain) != 0) {
		require(chain == NULL);
		return 0;
	}
	written_again(chain, data, size);
	against_the_root(chain);
	against_itself(chain);
	dance_chain_free(&chain);
	return 0;
}
