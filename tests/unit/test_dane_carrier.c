/* SPDX-License-Identifier: ISC */
/*
 * X.509 chains that come inside an OpenSSH certificate: which records are about
 * the SSH keys, which about the chain, and which about neither.  What counts is
 * that nobody is an authority over the own key.
 */
#include "dane_rows.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define NAMED PKI_SAN "DNS:" DANE_DEVICE

static const struct pki_spec specs[] = {
	{ "root", NULL, PKI_CA },
	{ "inter", "root", PKI_CA },
	{ "leaf", "inter", NAMED, .key = "ed25519" },
	{ "leaf.ec", "inter", NAMED },
	{ "leaf.rsa", "inter", NAMED, .key = "rsa2048" },
	{ "other", "inter", PKI_SAN "DNS:a.b", .key = "=leaf" },
	{ "old", "inter", NAMED, .key = "=leaf", .from = -9, .until = -8 },
	{ "server", "inter", NAMED "|" PKI_EKU "serverAuth", .key = "=leaf" },
	{ "ssh", "inter", NAMED "|" PKI_EKU PKI_EKU_SSH, .key = "=leaf" },
	{ "user", "inter", PKI_SAN "email:" DANE_USER, .key = "=leaf" },
	{ "self", NULL, NAMED, .key = "=leaf" },
	{ "self.ca", NULL, NAMED "|" PKI_CA, .key = "=leaf" },
	{ "self.user", NULL, PKI_SAN "email:" DANE_USER, .key = "=leaf" },
	{ "sshca", NULL, NULL, .key = "ed25519" },
	{ "sshca.ec", NULL, NULL },
};

static int
group_setup(void **state)
{
	(void)state;
	dane_pki = pki_new(specs, N(specs));
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	pki_free(&dane_pki);
	return 0;
}

struct carrier_row {
	struct pki_carrier carrier;
	struct dane_row row; /* its chain is the carrier's */
};

static void
carrier_run(const struct carrier_row *c)
{
	struct dance_credential *cred;
	struct dance_judgement judged;
	struct wirebuf blob = { NULL, 0 }, text = { NULL, 0 };
	struct dane_row row = c->row;
	const char *type = pki_carry(dane_pki, &c->carrier, &blob);

	row.chain = c->carrier.chain != NULL ? c->carrier.chain : "none";
	pki_base64(&blob, &text);
	wirebuf_u8(&text, 0);
	assert_int_equal(dance_credential_parse(type, (const char *)text.data,
			     NULL, DANE_MIN_RSA, &cred),
	    0);
	assert_int_equal(dance_sshcert_check(cred->cert, PKI_NOW), 0);
	assert_int_equal(cred->chain != NULL, c->carrier.chain != NULL);
	dane_row_expect(&row, cred, &judged);
	dance_credential_free(&cred);
	wirebuf_free(&blob);
	wirebuf_free(&text);
}

static void
carriers_run(const struct carrier_row *rows, size_t n)
{
	for (; n > 0; n--)
		carrier_run(rows++);
}

#define SELF(chain)                               \
	{                                         \
		"leaf", NULL, false, false, chain \
	}
#define BY(ca, chain)                           \
	{                                       \
		"leaf", ca, false, false, chain \
	}
#define ROW(...)                             \
	{                                    \
		"carrier", NULL, __VA_ARGS__ \
	}

/* It signed itself: the chain alone says who vouches. */
static void
signed_by_itself(void **state)
{
	static const struct carrier_row rows[] = {
		{ SELF("leaf inter"), ROW("3 1 1 leaf", "accept") },
		{ SELF("leaf inter"), ROW("3 0 1 leaf", "accept") },
		{ SELF("leaf inter"), ROW("2 0 1 inter", "accept") },
		{ SELF("leaf inter"), ROW("2 1 1 inter", "accept") },
		{ SELF("leaf inter"), ROW("2 0 0 root", "accept") },
		{ SELF("leaf inter"), ROW("2 1 0 root", "accept") },
		{ SELF("leaf inter"), ROW("2 0 1 root", "mismatch") },
		{ SELF("leaf"), ROW("2 1 1 inter", "mismatch") },
		{ SELF("leaf inter"), ROW("3 1 1 inter", "mismatch") },
		{ SELF("leaf inter"), ROW("3 1 1 sshca", "mismatch") },
		{ SELF("other inter"), ROW("2 0 1 inter", "name-mismatch") },
		{ SELF("other inter"),
		    ROW("2 0 1 inter", "accept", .identity = "a.b") },
		{ SELF("other inter"), ROW("3 1 1 leaf", "accept") },
		{ SELF("old inter"), ROW("2 0 1 inter", "expired") },
		{ SELF("old inter"), ROW("3 1 1 leaf", "accept") },
		{ SELF("old inter"), ROW("3 0 1 old", "accept") },
		{ SELF("server inter"), ROW("2 0 1 inter", "untrusted") },
		{ SELF("ssh inter"), ROW("2 0 1 inter", "accept") },
		{ { "leaf.ec", NULL, false, false, "leaf.ec inter" },
		    ROW("2 0 1 inter", "accept") },
		{ { "leaf.rsa", NULL, false, false, "leaf.rsa inter" },
		    ROW("2 0 1 inter", "accept") },
		{ SELF("leaf inter"),
		    ROW("0 0 1 root", "accept", .usages = DANE_ALL,
			.roots = "root") },
		{ SELF("leaf inter"),
		    ROW("1 1 1 leaf", "accept", .usages = DANE_ALL,
			.roots = "root") },
		{ SELF("leaf inter"),
		    ROW("1 1 1 leaf", "untrusted", .usages = DANE_ALL) },
		{ SELF("leaf inter"),
		    ROW("1 1 1 leaf", "no-usable-tlsa", .roots = "root") },
		/* A wildcard's usage 3 would be every name. */
		{ SELF("leaf inter"),
		    ROW("3 1 1 leaf", "no-usable-tlsa", .is_wildcard = true) },
		{ SELF("leaf inter"),
		    ROW("2 0 1 inter", "accept", .is_wildcard = true) },
	};

	(void)state;
	carriers_run(rows, N(rows));
}

static void
req_49_own_key_is_no_authority(void **state)
{
	static const char *const chains[] = { "leaf inter", "leaf", "self",
		"self.ca" };
	static const char *const rrsets[] = { "2 1 1 leaf", "2 1 2 leaf",
		"2 1 0 leaf", "2 0 1 leaf", "2 0 0 leaf", "2 0 1 self",
		"2 0 0 self", "2 0 1 self.ca", "2 0 0 self.ca",
		"2 1 1 leaf, 2 1 0 leaf, 2 0 1 self.ca, 2 0 0 self.ca" };
	struct carrier_row c = { SELF(NULL), ROW(NULL, "mismatch") };
	size_t i, k, form;

	(void)state;
	for (i = 0; i < N(chains); i++)
		for (k = 0; k < N(rrsets); k++)
			for (form = 0; form < 4; form++) {
				c.carrier.chain = chains[i];
				c.carrier.is_sk = (form & 1) != 0;
				c.carrier.ca_is_sk = (form & 2) != 0;
				c.row.rrset = rrsets[k];
				/* The chain's own authority is another thing */
				c.row.want = "mismatch";
				carrier_run(&c);
			}
}

/* An SSH CA signed it: it is an authority of its own, whatever the chain. */
static void
signed_by_an_ssh_ca(void **state)
{
	static const struct carrier_row rows[] = {
		{ BY("sshca", "leaf inter"), ROW("2 1 1 sshca", "accept") },
		{ BY("sshca", "leaf inter"), ROW("2 1 0 sshca", "accept") },
		{ BY("sshca.ec", "leaf inter"),
		    ROW("2 1 2 sshca.ec", "accept") },
		{ BY("sshca", "leaf inter"), ROW("2 1 1 inter", "accept") },
		{ BY("sshca", "leaf inter"), ROW("2 0 1 sshca*", "mismatch") },
		{ BY("sshca", "leaf inter"), ROW("3 0 1 leaf*", "mismatch") },
		{ BY("sshca", "leaf inter"), ROW("2 0 1 inter", "accept") },
		{ BY("sshca", "leaf inter"), ROW("3 1 1 leaf", "accept") },
		{ BY("sshca", "leaf inter"), ROW("2 1 1 leaf", "mismatch") },
		{ BY("sshca", "leaf inter"), ROW("3 1 1 sshca", "mismatch") },
		{ BY("sshca", "leaf inter"),
		    ROW("2 1 1 sshca.ec", "mismatch") },
		/* A certificate about that key is no certificate of SSH's. */
		{ BY("sshca", "leaf inter"), ROW("2 0 1 sshca", "mismatch") },
		{ BY("sshca", "leaf inter"),
		    ROW("2 1 1 sshca", "no-usable-tlsa", .usages = 8) },
		{ BY("sshca", "other inter"), ROW("2 1 1 sshca", "accept") },
		{ BY("sshca", "old inter"), ROW("2 1 1 sshca", "accept") },
		{ BY("sshca", "leaf inter"),
		    ROW("2 1 1 sshca", "accept", .is_wildcard = true) },
		/* PKIX usages never mean an SSH CA. */
		{ BY("sshca", "leaf inter"),
		    ROW("0 1 1 sshca", "mismatch", .usages = DANE_ALL,
			.roots = "root") },
		/* The X.509 CA signs for SSH, too. */
		{ BY("inter", "leaf inter"), ROW("2 1 1 inter", "accept") },
		{ BY("inter", "other"), ROW("2 1 1 inter", "accept") },
		/* Agility is the RRset's: one digest for both kinds of CA. */
		{ BY("sshca", "leaf inter"),
		    ROW("2 1 1 sshca, 2 1 2 inter!", "mismatch") },
		{ BY("sshca", "leaf inter"),
		    ROW("2 1 1 sshca, 2 1 2 inter", "accept") },
		{ BY("sshca", "leaf inter"),
		    ROW("2 0 1 sshca, 2 1 1 sshca", "accept") },
	};

	(void)state;
	carriers_run(rows, N(rows));
}

static void
req_54_without_a_chain(void **state)
{
	static const struct carrier_row rows[] = {
		{ BY("sshca", NULL), ROW("2 1 1 sshca", "accept") },
		{ BY("sshca", NULL), ROW("3 1 1 leaf", "accept") },
		{ BY("sshca", NULL), ROW("2 1 1 leaf", "mismatch") },
		{ BY("sshca", NULL), ROW("2 0 1 sshca", "no-usable-tlsa") },
		{ BY("sshca", NULL), ROW("3 0 1 leaf", "no-usable-tlsa") },
		{ BY("sshca", NULL),
		    ROW("0 1 1 sshca, 1 1 1 leaf", "no-usable-tlsa",
			.usages = DANE_ALL, .roots = "root") },
		/* Whoever holds a CA's key may be certified by it. */
		{ SELF(NULL), ROW("2 1 1 leaf", "accept") },
	};

	(void)state;
	carriers_run(rows, N(rows));
}

static void
req_8_users_in_carriers(void **state)
{
	static const struct carrier_row rows[] = {
		{ SELF("user inter"),
		    ROW("2 0 1 inter", "accept", .identity = DANE_USER) },
		{ SELF("user"),
		    ROW("2 0 0 inter", "accept", .identity = DANE_USER) },
		{ SELF("user inter"),
		    ROW("2 0 1 inter", "name-mismatch",
			.identity = "bob@example.com") },
		{ SELF("leaf inter"),
		    ROW("2 0 1 inter", "name-mismatch",
			.identity = DANE_USER) },
		{ SELF("user inter"),
		    ROW("3 1 1 leaf", "no-usable-tlsa",
			.identity = DANE_USER) },
		{ SELF("user inter"),
		    ROW("3 0 1 user", "no-usable-tlsa",
			.identity = DANE_USER) },
		{ SELF("self.user"),
		    ROW("2 1 1 leaf, 2 1 0 leaf, 2 0 1 self.user", "mismatch",
			.identity = DANE_USER) },
		{ SELF("self.user"),
		    ROW("2 0 1 inter", "mismatch", .identity = DANE_USER) },
		/* The domain's SSH CA vouches for the principal by itself. */
		{ BY("sshca", "leaf inter"),
		    ROW("2 1 1 sshca", "accept", .identity = DANE_USER) },
	};

	(void)state;
	carriers_run(rows, N(rows));
}

/* Nothing else is looked at unless the answer is secure data. */
static void
req_12_to_16_states_come_first(void **state)
{
	static const struct {
		enum dance_dnssec dnssec;
		bool is_denied;
		bool is_too_large;
		int want;
	} rows[] = {
		{ DANCE_DNSSEC_SECURE, false, false, 0 },
		{ DANCE_DNSSEC_SECURE, true, false, DANCE_ERR_NO_TLSA },
		{ DANCE_DNSSEC_SECURE, false, true, DANCE_ERR_NO_USABLE_TLSA },
		{ DANCE_DNSSEC_INSECURE, false, false, DANCE_ERR_INSECURE },
		{ DANCE_DNSSEC_BOGUS, false, false, DANCE_ERR_BOGUS },
		{ DANCE_DNSSEC_UNKNOWN, false, false, DANCE_ERR_DNS_FAILURE },
	};
	static struct dance_rrset rrset;
	struct dane_row row = { .name = "state" };
	struct dance_credential cred = { .chain = NULL };
	struct dance_dane_rules rules;
	struct dance_judgement judged;
	struct dance_identity id;
	size_t i;

	(void)state;
	dane_rules_make(&row, &rules);
	dane_identity_make(NULL, &id);
	dane_rrset_make("2 0 1 inter, 3 1 1 leaf", &rrset);
	dane_chain_make("leaf inter", &cred.chain);
	for (i = 0; i < N(rows); i++) {
		rrset.dnssec = rows[i].dnssec;
		rrset.is_denied = rows[i].is_denied;
		rrset.is_too_large = rows[i].is_too_large;
		assert_int_equal(
		    dance_rrset_judge(&rrset, &id, &cred, &rules, &judged),
		    rows[i].want);
		dane_check_result(&rrset, &judged);
	}
	dance_chain_free(&cred.chain);
	dance_rrset_clear(&rrset);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_by_itself),
		cmocka_unit_test(req_49_own_key_is_no_authority),
		cmocka_unit_test(signed_by_an_ssh_ca),
		cmocka_unit_test(req_54_without_a_chain),
		cmocka_unit_test(req_8_users_in_carriers),
		cmocka_unit_test(req_12_to_16_states_come_first),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
