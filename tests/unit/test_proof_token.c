/* SPDX-License-Identifier: ISC */
/*
 * A token's chains: which of them would be let in, by the names in the leaf or
 * by its key; and that nobody is let in by one without its key's signature.
 */
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "pki.h"
#include "proof.h"
#include "scripted_resolver.h"
#include "tlsa.h"

#define N(a)   (sizeof(a) / sizeof((a)[0]))
#define NAME   "laptop.example.com"
#define USER   "alice@example.com"
#define OWNER  "_user.example.com"
#define LINE   NAME " alice\n"
#define STAR   "*.example.com alice\n"
#define GOOD   .from = -1, .until = 36500
#define ASK_MS 3000
#define NONE   "there is no token with a certificate and its key"

static const struct pki_spec specs[] = {
	{ "root", NULL, PKI_CA, GOOD },
	{ "ec", "root", PKI_SAN "DNS:" NAME, GOOD },
	{ "ed", "root", PKI_SAN "DNS:" NAME, .key = "ed25519", GOOD },
	{ "rsa", "root", PKI_SAN "DNS:" NAME, .key = "rsa2048", GOOD },
	{ "weak", "root", PKI_SAN "DNS:" NAME, .key = "rsa1024", GOOD },
	{ "user", "root", PKI_SAN "email:" USER, GOOD },
	{ "uid", "root", PKI_SAN "DNS:example.com", "CN=x|UID=alice", GOOD },
	{ "two", "root", PKI_SAN "DNS:a.example.com,DNS:b.example.com", GOOD },
	{ "bare", "root", NULL, GOOD },
	{ "late", "root", PKI_SAN "DNS:" NAME, .key = "=ec", .from = -10,
	    .until = -5 },
	{ "stray", NULL, PKI_SAN "DNS:" NAME, GOOD },
};

static struct pki *pki;
static const char *login; /* an identity that was used as login name */
static bool is_system;

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
	script_clear();
	pki_free(&pki);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	script_clear();
	script_is_timed = true;
	login = NULL;
	is_system = false;
	return 0;
}

static const struct pki_cert *
cert_find(const char *name)
{
	return pki_find(pki, name, strlen(name));
}

/* A secure record over the SPKI of a certificate. */
static struct script_name *
record_of(const char *owner, const char *fields, const char *cert)
{
	struct offer_key key = { .spki = cert_find(cert)->spki.data,
		.spki_len = cert_find(cert)->spki.len };

	return script_secure(owner, fields, &key);
}

/* The chains are parted by commas, their certificates by blanks. */
static size_t
choose(const char *map, const char *chains, struct dance_result *ret)
{
	struct script_case c = {
		.map = map, .login = login, .is_system = is_system
	};
	struct wirebuf ders[8];
	struct dance_bytes list[8];
	struct dance_policy policy;
	struct dance_proof proof = { &policy, dance_now_ms() + ASK_MS };
	char *copy = strdup(chains), *rest = copy, *word;
	size_t n = 0, i, which = 4711;

	memset(ders, 0, sizeof(ders));
	memset(ret, 'x', sizeof(*ret));
	while ((word = strsep(&rest, ",")) != NULL && word[0] != '\0') {
		if (strcmp(word, "garbage") == 0)
			wirebuf_raw(&ders[n], "garbage", 7);
		else
			pki_chain(pki, word, &ders[n]);
		list[n] = wirebuf_bytes(&ders[n]);
		n++;
	}
	script_policy_make(&c, &policy);
	dance_proof_choose(&proof, list, n, ret, &which);
	script_policy_clear(&policy);
	for (i = 0; i < n; i++)
		wirebuf_free(&ders[i]);
	free(copy);
	assert_string_equal(ret->account, "alice");
	assert_int_equal(ret->has_record, ret->verdict == 0);
	assert_int_equal(which < n, ret->verdict == 0);
	return which;
}

static void
expect(const char *map, const char *chains, const char *reason, size_t which)
{
	struct dance_result result;
	size_t found = choose(map, chains, &result);

	if (strcmp(dance_reason(result.verdict), reason) != 0)
		fail_msg("%s%s: %s: %s", map, chains,
		    dance_reason(result.verdict), result.fault.text);
	if (result.verdict == 0)
		assert_int_equal(found, which);
}

static void
by_its_key_and_by_its_names(void **state)
{
	static const struct {
		const char *map;
		const char *owner;
		const char *fields;
		const char *over;
		const char *chain;
		const char *reason;
	} rows[] = {
		{ LINE, NAME, "3 1 1", "ec", "ec root", "accept" },
		{ LINE, NAME, "3 1 1", "ed", "ed", "accept" },
		{ LINE, NAME, "3 1 1", "rsa", "rsa", "accept" },
		{ LINE, NAME, "3 1 1", "rsa", "ec", "mismatch" },
		{ LINE, NAME, "3 1 1", "root", "ec root", "mismatch" },
		{ LINE, NAME, "2 1 1", "root", "ec root", "accept" },
		{ LINE, NAME, "2 1 1", "root", "ec", "mismatch" },
		{ LINE, NAME, "2 1 1", "root", "late root", "expired" },
		{ LINE, NAME, "3 1 1", "ec", "late root", "accept" },
		{ LINE, NAME, "2 1 1", "root", "stray root", "mismatch" },
		{ STAR, NAME, "2 1 1", "root", "ec root", "accept" },
		{ STAR, NAME, "3 1 1", "ec", "ec root", "accept" },
		{ "%u@example.com %u\n", OWNER, "2 1 1", "root", "user root",
		    "accept" },
		{ "*@example.com alice\n", OWNER, "2 1 1", "root", "user root",
		    "accept" },
		{ "*@example.com alice\n", OWNER, "2 1 1", "root", "uid root",
		    "accept" },
		{ USER " alice\n", OWNER, "2 1 1", "root", "uid root",
		    "accept" },
		{ USER " alice\n", OWNER, "2 1 1", "root", "user", "mismatch" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		script_clear();
		script_is_timed = true;
		record_of(rows[i].owner, rows[i].fields, rows[i].over);
		expect(rows[i].map, rows[i].chain, rows[i].reason, 0);
		assert_int_equal(script_queries(), 1);
	}
}

/* Where no line is about a name of the leaf, the literal ones are its key's. */
static void
without_a_line_for_its_names_it_is_a_bare_key(void **state)
{
	(void)state;
	record_of("key.example.net", "3 1 1", "ec");
	expect("key.example.net alice\n", "ec root", "accept", 0);
	expect("*.example.net alice\n", "ec root", "not-mapped", 0);
	expect("key.example.net bob\n", "ec root", "not-mapped", 0);
	expect("key.example.net alice\n!key.example.net *\n", "ec root",
	    "denied-by-map", 0);
	script_clear();
	script_is_timed = true;
	record_of("key.example.net", "3 1 1", "bare");
	expect("key.example.net alice\n", "bare root", "accept", 0);
	expect(STAR "key.example.net alice\n", "bare", "accept", 0);
	expect(STAR, "bare root", "not-mapped", 0);
	/* A CA that vouches for a name needs that name in the leaf. */
	script_clear();
	script_is_timed = true;
	record_of("key.example.net", "2 1 1", "root");
	expect("key.example.net alice\n", "ec root", "name-mismatch", 0);
}

static void
a_name_that_is_denied_ends_it(void **state)
{
	static const char *const maps[] = {
		STAR "!" NAME " *\nkey.example.net alice\n",
		"!" NAME " alice\n" LINE "key.example.net alice\n",
		"key.example.net alice\n" STAR "!*.example.com *\n",
	};
	size_t i;

	(void)state;
	record_of("key.example.net", "3 1 1", "ec");
	for (i = 0; i < N(maps); i++)
		expect(maps[i], "ec root", "denied-by-map", 0);
	assert_int_equal(script_lookups, 0);
	expect("key.example.net alice\n", "ec root", "accept", 0);
	/* A line that refuses a name which no line lets in does nothing. */
	expect("!" NAME " *\nkey.example.net alice\n", "ec root", "accept", 0);
}

/* One name of the leaf has a line: those of others are not its key's then. */
static void
its_names_come_before_its_key(void **state)
{
	(void)state;
	record_of(NAME, "3 1 1", "rsa");
	expect(LINE "key.example.net alice\n", "ec root", "mismatch", 0);
	script_clear();
	script_is_timed = true;
	record_of("b.example.com", "2 1 1", "root");
	expect("b.example.com alice\n", "two root", "accept", 0);
	record_of("a.example.com", "2 1 1", "stray");
	expect(STAR, "two root", "accept", 0);
	expect(STAR "!b.example.com *\n", "two root", "mismatch", 0);
}

/* A login name that is an identity is the only one that counts. */
static void
a_login_name_is_the_only_claim(void **state)
{
	(void)state;
	record_of(NAME, "2 1 1", "root");
	record_of("key.example.net", "3 1 1", "ec");
	login = NAME;
	expect(LINE, "ec root", "accept", 0);
	expect(STAR, "ec root", "accept", 0);
	expect("key.example.net alice\n", "ec root", "not-mapped", 0);
	login = "key.example.net";
	expect("key.example.net alice\n" LINE, "ec root", "accept", 0);
	expect(LINE, "ec root", "not-mapped", 0);
	login = NULL;
	expect("key.example.net alice\n", "ec root", "accept", 0);
}

static void
options_and_system_accounts(void **state)
{
	(void)state;
	record_of(NAME, "2 1 1", "root");
	expect(NAME " alice from=\"*\"\n", "ec root", "not-mapped", 0);
	expect(NAME " alice command=\"x\"\n", "ec root", "not-mapped", 0);
	expect(NAME " alice expiry-time=\"20200101Z\"\n", "ec root",
	    "not-mapped", 0);
	expect(
	    NAME " alice expiry-time=\"22000101Z\"\n", "ec root", "accept", 0);
	expect(NAME " alice no-pty\n", "ec root", "accept", 0);
	is_system = true;
	expect(STAR, "ec root", "not-mapped", 0);
	expect(LINE, "ec root", "accept", 0);
}

static void
the_first_of_several(void **state)
{
	struct dance_result result;

	(void)state;
	record_of(NAME, "3 1 1", "ed");
	expect(LINE, "ed", "accept", 0);
	expect(LINE, "ec,ed", "accept", 1);
	expect(LINE, "garbage,weak,ec root,rsa,ed,ec", "accept", 4);
	expect(LINE, "ec,rsa", "mismatch", 0);
	expect(LINE, "weak", "weak-key", 0);
	expect(LINE, "garbage", "bad-credential", 0);
	expect("a.b bob\n", "ec,ed", "not-mapped", 0);
	assert_int_equal(choose(LINE, "", &result), 0);
	assert_int_equal(result.verdict, DANCE_ERR_BAD_CREDENTIAL);
	assert_string_equal(result.fault.text, NONE);
	choose(LINE, "ec,ed", &result);
	assert_string_equal(result.identity, NAME);
	assert_int_equal(result.usage, 3);
	assert_int_equal(strncmp(result.fingerprint, "SHA256:", 7), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(by_its_key_and_by_its_names),
		TEST(without_a_line_for_its_names_it_is_a_bare_key),
		TEST(a_name_that_is_denied_ends_it),
		TEST(its_names_come_before_its_key),
		TEST(a_login_name_is_the_only_claim),
		TEST(options_and_system_accounts),
		TEST(the_first_of_several),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
