/* SPDX-License-Identifier: ISC */
/*
 * A decision with every call of it failing once: it never lets in whom it would
 * not let in, and a fault is no answer about the credential.
 */
#include "failing.h"

#include "resolver.h"

/* The script's own calls are none of those that fail. */
static int
fill_without_fault(
    struct dance_rrset *rrset, const struct dance_bytes *rdata, size_t n)
{
	enum failing_how how = failing.how;
	int r;

	failing.how = FAILING_NOT;
	r = dance_rrset_fill(rrset, rdata, n);
	failing.how = how;
	return r;
}

#define dance_rrset_fill fill_without_fault
#include "scripted_resolver.h"
#undef dance_rrset_fill

#include "dane.h"
#include "pki.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define NAME  "laptop._device.example.com"
#define NAMED PKI_SAN "DNS:" NAME

static const struct pki_spec specs[] = {
	{ "root", NULL, PKI_CA, .until = 300 },
	{ "inter", "root", PKI_CA },
	{ "leaf", "inter", NAMED },
	{ "rsa", NULL, NAMED, .key = "rsa2048" },
	{ "stranger", NULL, PKI_CA },
};

static struct offer_key ed, other, ecdsa, rsa, ca;
static struct pki *pki;

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&ed, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	offer_key_init(&ecdsa, "ecdsa-sha2-nistp256", 0);
	offer_key_init(&rsa, "ssh-rsa", 2048);
	offer_key_init(&ca, "ecdsa-sha2-nistp256", 0);
	pki = pki_new(specs, N(specs));
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	script_clear();
	offer_key_clear(&ed);
	offer_key_clear(&other);
	offer_key_clear(&ecdsa);
	offer_key_clear(&rsa);
	offer_key_clear(&ca);
	pki_free(&pki);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	script_clear();
	return 0;
}

struct decide {
	struct dance_offer offer;
	const char *map;
	int want; /* without a fault */
	unsigned usages;
};

/* 0 for the verdict that is wanted. */
static int
decide_run(void *arg)
{
	const struct decide *d = arg;
	struct script_case c = { .map = d->map, .usages = d->usages };
	enum failing_how how = failing.how;
	struct dance_policy policy;
	struct dance_decision decision;
	int verdict;

	failing.how = FAILING_NOT;
	script_policy_make(&c, &policy);
	/* The script's own resolver is none of the calls. */
	assert_int_equal(
	    dance_resolver_new(policy.config, NULL, &policy.resolver, NULL), 0);
	failing.how = how;
	dance_decide(
	    &policy, &d->offer, SCRIPT_NOW, script_deadline, &decision);
	verdict = decision.verdict;
	assert_int_equal(verdict == 0, decision.accepted != NULL);
	if (verdict != 0)
		assert_null(decision.line);
	if (d->want != 0)
		assert_int_not_equal(verdict, 0);
	dance_decision_clear(&decision);
	script_policy_clear(&policy);
	return verdict == d->want ? 0 : verdict;
}

static void
keys_and_certificates(void **state)
{
	static const char map[] = NAME " alice no-pty\n";
	struct decide rows[] = {
		{ offer_plain(&ed), map, 0 },
		{ offer_plain(&other), map, DANCE_ERR_MISMATCH },
		{ offer_plain(&ecdsa), map, 0 },
		{ offer_plain(&rsa), map, 0 },
		{ .map = map, .want = 0 },
		{ .map = map, .want = 0 },
		{ offer_plain(&ed), "a.b alice\n", DANCE_ERR_NO_TLSA },
		{ offer_plain(&ed), map, 0, 0xf },
	};
	/* A digest that could not be made is no match yet. */
	static const int also[] = { DANCE_ERR_MISMATCH, 0 };
	struct offer_cert cert = { .key = &ed, .ca = &ca, .principals = NAME };
	struct script_name *name;
	size_t i;

	(void)state;
	rows[4].offer = offer_make(&cert);
	cert.ca = &rsa;
	rows[5].offer = offer_make(&cert);
	name = script_secure(NAME, "3 1 1", &ed);
	script_record(name, "3 1 1", &ecdsa);
	script_record(name, "3 1 1", &rsa);
	script_record(name, "2 1 1", &ca);
	script_record(name, "2 1 1", &rsa);
	script_record(name, "2 1 0", &ca);
	script_answer("a.b", DANCE_DNSSEC_SECURE);
	for (i = 0; i < N(rows); i++)
		failing_sweep_also(decide_run, &rows[i], also);
	offer_clear(&rows[4].offer);
	offer_clear(&rows[5].offer);
}

/* A chain alone, by its certificate and by its key. */
struct chain {
	const char *names;  /* of the chain */
	const char *record; /* whose certificate or key the record is over */
	uint8_t usage, selector, matching;
	int want;
	bool is_pem;
};

static void
chain_record(const struct chain *c, struct dance_tlsa *ret, uint8_t **ret_data)
{
	const struct pki_cert *cert =
	    pki_find(pki, c->record, strlen(c->record));
	const struct wirebuf *subject =
	    c->selector == 0 ? &cert->der : &cert->spki;
	size_t len;

	assert_int_equal(
	    dance_tlsa_digest(c->matching,
		(struct dance_bytes){ subject->data, subject->len }, ret_data,
		&len),
	    0);
	*ret = (struct dance_tlsa){ c->usage, c->selector, c->matching,
		{ *ret_data, len }, true };
}

static int
chain_run(void *arg)
{
	const struct chain *c = arg;
	enum failing_how how = failing.how;
	struct wirebuf text = { NULL, 0 };
	struct dance_dane_result result = { .depth = -1 };
	struct dance_chain *chain = NULL;
	struct dance_dane_rules rules;
	struct dance_identity id;
	struct dance_tlsa record;
	uint8_t *data;
	int r;

	failing.how = FAILING_NOT;
	assert_int_equal(dance_identity_parse(
			     NAME, strlen(NAME), DANCE_NAME_CONFIGURED, &id),
	    0);
	chain_record(c, &record, &data);
	if (c->is_pem)
		pki_pem(pki, c->names, &text);
	else
		pki_chain(pki, c->names, &text);
	dance_dane_rules_init(&rules, 0xc, 2048, PKI_NOW);
	failing.how = how;
	r = c->is_pem
	    ? dance_chain_parse_pem((const char *)text.data, text.len, &chain)
	    : dance_chain_parse(text.data, text.len, &chain);
	assert_int_equal(r == 0, chain != NULL);
	if (r == 0)
		r = dance_dane_verify(chain, &id, &record, 1, &rules, &result);
	failing.how = FAILING_NOT;
	if (c->want != 0)
		assert_int_not_equal(r, 0);
	dance_chain_free(&chain);
	wirebuf_free(&text);
	free(data);
	return r == c->want ? 0 : r;
}

/*
 * libcrypto says the same of no memory as of octets that are no certificate,
 * and as of a chain that does not hold.
 */
static void
chains(void **state)
{
	static const struct chain rows[] = {
		{ "leaf", "leaf", 3, 1, 1, 0, false },
		{ "leaf", "leaf", 3, 0, 2, 0, false },
		{ "leaf inter root", "root", 2, 0, 1, 0, false },
		{ "leaf inter root", "inter", 2, 1, 1, 0, false },
		{ "leaf inter", "root", 2, 1, 0, 0, false },
		{ "leaf inter root", "root", 2, 0, 0, 0, true },
		{ "rsa", "rsa", 3, 1, 1, 0, true },
		{ "leaf inter root", "stranger", 2, 0, 1, DANCE_ERR_MISMATCH,
		    false },
	};
	static const int also[] = { DANCE_ERR_BAD_CREDENTIAL,
		DANCE_ERR_MISMATCH, DANCE_ERR_UNTRUSTED, 0 };
	struct chain row;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		row = rows[i];
		failing_sweep_also(chain_run, &row, also);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(keys_and_certificates, setup),
		cmocka_unit_test_setup(chains, setup),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
