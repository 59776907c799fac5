/* SPDX-License-Identifier: ISC */
/*
 * Certificates in an agent, with X.509 chains in them too, and lines of the map
 * whose options nobody would keep where there is no sshd.
 */
#include "pki.h"
#include "proof_bench.h"
#include "tlsa.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define MAP   "a.b alice\n"
#define CERTS "test.example.com" /* the principal of pki_carry() */
#define AGES  36500		 /* days */

static const struct pki_spec specs[] = {
	{ "root", NULL, PKI_CA, .from = -1, .until = AGES },
	{ "leaf", "root", PKI_SAN "DNS:" CERTS, .key = "ed25519", .from = -1,
	    .until = AGES },
	{ "late", "root", PKI_SAN "DNS:" CERTS, .key = "=leaf", .from = -10,
	    .until = -5 },
	{ "unnamed", "root", PKI_SAN "DNS:other.example.com", .key = "=leaf",
	    .from = -1, .until = AGES },
	{ "stray", NULL, PKI_SAN "DNS:" CERTS, .key = "=leaf", .from = -1,
	    .until = AGES },
};

static struct offer_key key, other, ca;
static struct pki *pki;

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	offer_key_init(&ca, "ecdsa-sha2-nistp256", 0);
	pki = pki_new(specs, N(specs));
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	bench_clear();
	offer_key_clear(&key);
	offer_key_clear(&other);
	offer_key_clear(&ca);
	pki_free(&pki);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	bench_clear();
	return 0;
}

static struct fake_key *
hold_cert(const struct offer_key *certified, const struct offer_key *signing,
    const char *principals)
{
	struct offer_cert cert = {
		.key = certified, .ca = signing, .principals = principals
	};

	return bench_hold_cert(&cert, FAKE_SIGNS);
}

static void
usages_2_and_3(void **state)
{
	struct script_name *name;

	(void)state;
	hold_cert(&key, &ca, "a.b");
	script_secure("a.b", "2 1 1", &ca);
	bench_expect("its CA", MAP, "accept", "a");
	assert_string_equal(bench_result.fingerprint, key.fingerprint);
	assert_int_equal(bench_result.usage, 2);
	script_clear();
	script_is_timed = true;
	script_secure("a.b", "3 1 1", &key);
	bench_expect("its key", MAP, "accept", "a");
	script_clear();
	script_is_timed = true;
	name = script_secure("a.b", "2 1 1", &key);
	script_record(name, "2 1 1", &other);
	script_record(name, "3 1 1", &ca);
	bench_expect("others", MAP, "mismatch", "");
}

/* The certified key has to sign, and no other: that of the CA neither. */
static void
the_certified_key_signs(void **state)
{
	struct fake_key *held = hold_cert(&key, &ca, "a.b");

	(void)state;
	script_secure("a.b", "2 1 1", &ca);
	held->signer = ca.signer;
	bench_expect("the CA", MAP, "bad-credential", "a");
	held->signer = other.signer;
	bench_expect("another", MAP, "bad-credential", "a");
	held->signer = key.signer;
	bench_expect("its own", MAP, "accept", "a");
	held->answer = FAKE_SIGNS_ANOTHER;
	bench_expect("something else", MAP, "bad-credential", "a");
}

static void
principals_and_validity(void **state)
{
	struct offer_cert cert = { .key = &key, .ca = &ca };
	static const struct {
		const char *principals;
		uint64_t after;
		uint64_t before;
		uint32_t role;
		const char *reason;
	} rows[] = {
		{ "a.b", 0, 0, 0, "accept" },
		{ "x.y a.b", 0, 0, 0, "accept" },
		{ "x.y", 0, 0, 0, "not-mapped" },
		{ "alice", 0, 0, 0, "not-mapped" },
		{ "", 0, 0, 0, "bad-credential" },
		{ "a.b", 0, 1, 0, "expired" },
		{ "a.b", UINT64_MAX - 1, 0, 0, "expired" },
		{ "a.b", 0, 0, 2, "bad-credential" },
	};
	size_t i;

	(void)state;
	script_secure("a.b", "2 1 1", &ca);
	for (i = 0; i < N(rows); i++) {
		bench_drop();
		cert.principals = rows[i].principals;
		cert.valid_after = rows[i].after;
		cert.valid_before = rows[i].before;
		cert.role = rows[i].role;
		bench_hold_cert(&cert, FAKE_SIGNS);
		bench_expect(
		    rows[i].principals, MAP, rows[i].reason, i < 2 ? "a" : "");
	}
}

/* Signed by a key that only says that it is the CA's. */
static void
a_forged_certificate(void **state)
{
	struct fake_key *held = hold_cert(&key, &ca, "a.b");

	(void)state;
	script_secure("a.b", "2 1 1", &ca);
	held->blob.data[held->blob.len - 1] ^= 1;
	bench_expect("forged", MAP, "untrusted", "");
	held->blob.data[held->blob.len - 1] ^= 1;
	bench_expect("genuine", MAP, "accept", "a");
}

/* A record over the SPKI of an X.509 certificate. */
static void
record_of(struct script_name *name, const char *cert, const char *fields)
{
	const struct pki_cert *made = pki_find(pki, cert, strlen(cert));
	struct offer_key fake = { .spki = made->spki.data,
		.spki_len = made->spki.len };

	script_record(name, fields, &fake);
}

static void
chains_in_certificates(void **state)
{
	static const struct {
		const char *chain;
		const char *fields;
		const char *over;
		const char *reason;
	} rows[] = {
		{ "leaf root", "2 1 1", "root", "accept" },
		{ "leaf root", "3 1 1", "leaf", "accept" },
		{ "leaf root", "2 1 1", "stray", "mismatch" },
		{ "leaf", "2 1 1", "root", "mismatch" },
		{ "late root", "2 1 1", "root", "expired" },
		{ "late root", "3 1 1", "leaf", "accept" },
		{ "unnamed root", "2 1 1", "root", "name-mismatch" },
		{ "stray root", "2 1 1", "root", "mismatch" },
	};
	const struct pki_cert *leaf = pki_find(pki, "leaf", 4);
	struct signer signer = { .pkey = leaf->pkey, .type = "ssh-ed25519" };
	struct pki_carrier carrier = { .key = "leaf" };
	struct fake_key *held;
	struct wirebuf blob;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		bench_clear();
		record_of(script_answer(CERTS, DANCE_DNSSEC_SECURE),
		    rows[i].over, rows[i].fields);
		blob = (struct wirebuf){ NULL, 0 };
		carrier.chain = rows[i].chain;
		pki_carry(pki, &carrier, &blob);
		held = bench_hold_octets(blob.data, blob.len);
		held->signer = &signer;
		wirebuf_free(&blob);
		bench_expect(rows[i].chain, CERTS " alice\n", rows[i].reason,
		    strcmp(rows[i].reason, "accept") == 0 ? "a" : "");
		/* The chain alone proves nothing. */
		if (strcmp(rows[i].reason, "accept") == 0) {
			held->signer = key.signer;
			bench_expect(rows[i].chain, CERTS " alice\n",
			    "bad-credential", "a");
		}
	}
}

/* Nobody would keep them; so such a line is none, and a later one counts. */
static void
options_that_are_not_kept(void **state)
{
	static const struct {
		const char *map;
		const char *reason;
	} rows[] = {
		{ "a.b alice from=\"*\"\n", "not-mapped" },
		{ "a.b alice from=\"127.0.0.1\"\n", "not-mapped" },
		{ "a.b alice command=\"/bin/true\"\n", "not-mapped" },
		{ "a.b alice restrict,Command=\"x\"\n", "not-mapped" },
		{ "a.b alice expiry-time=\"20200101\"\n", "not-mapped" },
		{ "a.b alice expiry-time=\"20200101Z\"\n", "not-mapped" },
		{ "a.b alice expiry-time=\"22000101\"\n", "accept" },
		{ "a.b alice expiry-time=\"22000101Z\"\n", "accept" },
		{ "a.b alice restrict,no-pty\n", "accept" },
		{ "a.b alice environment=\"A=from\"\n", "accept" },
		{ "a.b alice provision,uid=5\n", "accept" },
		{ "a.b alice from=\"*\"\na.b alice\n", "accept" },
		{ "a.b alice from=\"*\"\na.b alice\n!a.b *\n",
		    "denied-by-map" },
	};
	bool is_in;
	size_t i;
	int k;

	(void)state;
	script_secure("a.b", "2 1 1", &ca);
	script_record(&script_names[0], "3 1 1", &key);
	for (k = 0; k < 2; k++) {
		bench_drop();
		if (k == 0)
			bench_hold(&key, FAKE_SIGNS);
		else
			hold_cert(&key, &ca, "a.b");
		for (i = 0; i < N(rows); i++) {
			is_in = strcmp(rows[i].reason, "accept") == 0;
			bench_expect(rows[i].map, rows[i].map, rows[i].reason,
			    is_in ? "a" : "");
		}
	}
	bench_expect("why", rows[0].map, "not-mapped", "");
	assert_non_null(strstr(bench_result.fault.text, "from="));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(usages_2_and_3),
		TEST(the_certified_key_signs),
		TEST(principals_and_validity),
		TEST(a_forged_certificate),
		TEST(chains_in_certificates),
		TEST(options_that_are_not_kept),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
