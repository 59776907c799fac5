/* SPDX-License-Identifier: ISC */
/*
 * The signature of a token: the challenge's, by the key of a chain that is let
 * in now, and no other.
 */
#include "pki.h"
#include "proof.h"
#include "scripted_resolver.h"
#include "fake_token.h"

#define N(a)   (sizeof(a) / sizeof((a)[0]))
#define NAME   "laptop.example.com"
#define LINE   NAME " alice\n"
#define GOOD   .from = -1, .until = 36500
#define ASK_MS 3000

static const struct pki_spec specs[] = {
	{ "root", NULL, PKI_CA, GOOD },
	{ "ec", "root", PKI_SAN "DNS:" NAME, GOOD },
	{ "ec2", "root", PKI_SAN "DNS:" NAME, GOOD },
	{ "ed", "root", PKI_SAN "DNS:" NAME, .key = "ed25519", GOOD },
	{ "ed2", "root", PKI_SAN "DNS:" NAME, .key = "ed25519", GOOD },
	{ "rsa", "root", PKI_SAN "DNS:" NAME, .key = "rsa2048", GOOD },
	{ "rsa2", "root", PKI_SAN "DNS:" NAME, .key = "rsa2048", GOOD },
	{ "late", "root", PKI_SAN "DNS:" NAME, .key = "=ec", .from = -10,
	    .until = -5 },
};

static struct pki *pki;
static struct dance_challenge challenge, earlier;

static int
group_setup(void **state)
{
	static const struct dance_challenge_names names = { "login", "alice",
		"" };

	(void)state;
	pki = pki_new(specs, N(specs));
	assert_int_equal(
	    dance_challenge_make(&names, SCRIPT_NOW, &challenge), 0);
	assert_int_equal(dance_challenge_make(&names, SCRIPT_NOW, &earlier), 0);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	script_clear();
	pki_free(&pki);
	return 0;
}

static int
setup(void **state)
{
	const struct pki_cert *root = pki_find(pki, "root", 4);
	struct offer_key key = { .spki = root->spki.data,
		.spki_len = root->spki.len };

	(void)state;
	script_clear();
	script_is_timed = true;
	script_secure(NAME, "2 1 1", &key);
	return 0;
}

static void
prove(const char *map, const char *chain, struct dance_bytes signature,
    struct dance_result *ret)
{
	struct script_case c = { .map = map };
	struct wirebuf der = { NULL, 0 };
	struct dance_policy policy;
	struct dance_proof proof = { &policy, dance_now_ms() + ASK_MS };

	pki_chain(pki, chain, &der);
	memset(ret, 'x', sizeof(*ret));
	script_policy_make(&c, &policy);
	dance_proof_by_token(
	    &proof, wirebuf_bytes(&der), &challenge, signature, ret);
	script_policy_clear(&policy);
	wirebuf_free(&der);
	assert_string_equal(ret->account, "alice");
	assert_int_equal(ret->has_record, ret->verdict == 0);
}

static void
expect(const char *what, const char *map, const char *chain,
    struct dance_bytes signature, const char *reason)
{
	struct dance_result result;

	prove(map, chain, signature, &result);
	if (strcmp(dance_reason(result.verdict), reason) != 0)
		fail_msg("%s: %s: %s", what, dance_reason(result.verdict),
		    result.fault.text);
}

static void
sign(const char *cert, const char *md, const struct dance_challenge *signs,
    struct wirebuf *ret)
{
	wirebuf_free(ret);
	fake_token_sign(pki_find(pki, cert, strlen(cert)), md,
	    (struct dance_bytes){ signs->octets, signs->len }, 0, ret);
}

static void
each_type_of_key(void **state)
{
	static const struct {
		const char *key;
		const char *other;
		const char *chain;
	} rows[] = { { "ec", "ec2", "ec root" }, { "ed", "ed2", "ed root" },
		{ "rsa", "rsa2", "rsa root" } };
	struct wirebuf sig = { NULL, 0 };
	size_t i, k;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		sign(rows[i].key, "SHA256", &challenge, &sig);
		expect(rows[i].key, LINE, rows[i].chain, wirebuf_bytes(&sig),
		    "accept");
		for (k = 0; k < sig.len; k += 7) {
			sig.data[k] ^= 1;
			expect("changed", LINE, rows[i].chain,
			    wirebuf_bytes(&sig), "bad-credential");
			sig.data[k] ^= 1;
		}
		sig.len--;
		expect("cut", LINE, rows[i].chain, wirebuf_bytes(&sig),
		    "bad-credential");
		sign(rows[i].other, "SHA256", &challenge, &sig);
		expect("other key", LINE, rows[i].chain, wirebuf_bytes(&sig),
		    "bad-credential");
		sign(rows[i].key, "SHA256", &earlier, &sig);
		expect("earlier", LINE, rows[i].chain, wirebuf_bytes(&sig),
		    "bad-credential");
		sig.len = 0;
		expect("none", LINE, rows[i].chain, wirebuf_bytes(&sig),
		    "bad-credential");
	}
	wirebuf_free(&sig);
}

/* A good signature opens nothing by itself. */
static void
the_verdict_is_made_anew(void **state)
{
	struct wirebuf sig = { NULL, 0 };
	struct script_name *name = &script_names[0];

	(void)state;
	sign("ec", "SHA256", &challenge, &sig);
	expect("good", LINE, "ec root", wirebuf_bytes(&sig), "accept");
	expect("no line", "a.b bob\n", "ec root", wirebuf_bytes(&sig),
	    "not-mapped");
	expect("denied", LINE "!" NAME " *\n", "ec root", wirebuf_bytes(&sig),
	    "denied-by-map");
	expect("no CA", LINE, "ec", wirebuf_bytes(&sig), "mismatch");
	expect("expired", LINE, "late root", wirebuf_bytes(&sig), "expired");
	name->dnssec = DANCE_DNSSEC_BOGUS;
	expect("bogus", LINE, "ec root", wirebuf_bytes(&sig), "bogus");
	name->dnssec = DANCE_DNSSEC_INSECURE;
	expect("insecure", LINE, "ec root", wirebuf_bytes(&sig), "insecure");
	name->dnssec = DANCE_DNSSEC_SECURE;
	expect("good", LINE, "ec root", wirebuf_bytes(&sig), "accept");
	wirebuf_free(&sig);
}

static void
what_is_told(void **state)
{
	struct wirebuf sig = { NULL, 0 };
	struct dance_result result;

	(void)state;
	sign("ec", "SHA256", &challenge, &sig);
	prove(LINE, "ec root", wirebuf_bytes(&sig), &result);
	assert_int_equal(result.verdict, 0);
	assert_string_equal(result.identity, NAME);
	assert_int_equal(result.usage, 2);
	assert_int_equal(strncmp(result.fingerprint, "SHA256:", 7), 0);
	sign("ec2", "SHA256", &challenge, &sig);
	prove(LINE, "ec root", wirebuf_bytes(&sig), &result);
	assert_int_equal(result.verdict, DANCE_ERR_BAD_CREDENTIAL);
	assert_string_equal(
	    result.fault.text, "the token's signature does not verify");
	assert_string_equal(result.identity, NAME);
	wirebuf_free(&sig);
}

static void
what_is_no_chain(void **state)
{
	struct script_case c = { .map = LINE };
	struct dance_policy policy;
	struct dance_proof proof = { &policy, dance_now_ms() + ASK_MS };
	static const uint8_t garbage[] = "garbage";
	struct dance_result result;
	size_t len;

	(void)state;
	script_policy_make(&c, &policy);
	for (len = 0; len <= sizeof(garbage); len++) {
		dance_proof_by_token(&proof,
		    (struct dance_bytes){ garbage, len }, &challenge,
		    (struct dance_bytes){ garbage, len }, &result);
		assert_int_equal(result.verdict, DANCE_ERR_BAD_CREDENTIAL);
	}
	script_policy_clear(&policy);
	assert_int_equal(script_lookups, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(each_type_of_key),
		TEST(the_verdict_is_made_anew),
		TEST(what_is_told),
		TEST(what_is_no_chain),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
