/* SPDX-License-Identifier: ISC */
/*
 * The verdict on certificates: their principals are claims, and nothing in
 * them that is not an identity of the map reaches a query or the line.
 */
#include "scripted_resolver.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define NOW  SCRIPT_NOW

static struct offer_key key, other, ca;

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	offer_key_init(&ca, "ecdsa-sha2-nistp256", 0);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	script_clear();
	offer_key_clear(&key);
	offer_key_clear(&other);
	offer_key_clear(&ca);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	script_clear();
	return 0;
}

static struct dance_offer
cert(const char *principals)
{
	struct offer_cert c = {
		.key = &key, .ca = &ca, .principals = principals
	};

	return offer_make(&c);
}

/* A certificate for these principals, under this map. */
static void
expect(const char *map, const char *principals, const char *reason,
    unsigned n_queries)
{
	struct script_case c = { .map = map };
	struct dance_offer offer = cert(principals);

	script_expect(&c, &offer, reason, n_queries);
	offer_clear(&offer);
}

/* The whole line, its key named by k. */
static void
expect_line(const struct script_case *c, const struct dance_offer *offer,
    const char *front, const struct offer_key *k)
{
	struct dance_decision d;
	char *want;

	script_decide(c, offer, &d);
	if (d.verdict != 0)
		fail_msg("%s: %s", c->map, dance_reason(d.verdict));
	assert_true(
	    asprintf(&want, "%s%s %s", front, k->signer->type, k->base64) > 0);
	assert_string_equal(d.line, want);
	free(want);
	dance_decision_clear(&d);
}

static void
usages_2_and_3(void **state)
{
	struct script_name *name;

	(void)state;
	name = script_secure("a.b", "2 1 1", &ca);
	expect("a.b alice\n", "a.b", "accept", 1);
	name->is_wildcard = true;
	expect("a.b alice\n", "a.b", "accept", 1);
	script_clear();
	name = script_secure("a.b", "3 1 1", &key);
	expect("a.b alice\n", "a.b", "accept", 1);
	name->is_wildcard = true;
	expect("a.b alice\n", "a.b", "no-usable-tlsa", 1);
	script_clear();
	name = script_secure("a.b", "2 1 1", &key);
	script_record(name, "3 1 1", &ca);
	expect("a.b alice\n", "a.b", "mismatch", 1);
	/* A wildcard's usage 3 does not hide its usage 2. */
	script_clear();
	name = script_secure("a.b", "3 1 1", &key);
	script_record(name, "2 1 2", &ca);
	name->is_wildcard = true;
	expect("a.b alice\n", "a.b", "accept", 1);
	script_clear();
	script_secure("a.b", "2 0 1", &ca);
	expect("a.b alice\n", "a.b", "no-usable-tlsa", 1);
}

static void
req_63_names_that_are_no_candidates(void **state)
{
	(void)state;
	expect("a.b alice\n", "c.d", "not-mapped", 0);
	expect("a.b bob\n", "a.b", "not-mapped", 0);
	expect("%u.b %u\n", "bob.b", "not-mapped", 0);
	expect("*.b alice\n", "a.b.c x.a.b", "not-mapped", 0);
	expect("a.b alice\n!a.b *\n", "a.b c.d", "denied-by-map", 0);
	assert_int_equal(script_lookups, 0);
	/* Only a.b is asked for; c.d and e.f would fail the test. */
	script_secure("a.b", "2 1 1", &ca);
	expect("a.b alice\nc.d bob\n", "c.d a.b e.f", "accept", 1);
	expect("a.b alice\nc.d alice\n!c.d *\n", "c.d a.b", "accept", 1);
	expect("*.b alice\n", "c.d a.b", "accept", 1);
}

static void
several_principals(void **state)
{
	static const struct script_case c = { .map = "*.b alice\n" };
	static const struct script_case literal = {
		.map = "b.b alice restrict\na.b alice\n"
	};
	struct dance_offer offer = cert("x.y a.b b.b root");

	(void)state;
	script_secure("a.b", "2 1 1", &ca);
	script_secure("b.b", "2 1 1", &ca);
	/* One principal in the line: the one that DNS vouches for. */
	expect_line(&c, &offer, "cert-authority,principals=\"a.b\" ", &ca);
	expect_line(&literal, &offer,
	    "cert-authority,principals=\"b.b\",restrict ", &ca);
	script_clear();
	script_secure("a.b", "2 1 1", &other);
	script_secure("b.b", "3 1 1", &key);
	expect_line(&c, &offer, "cert-authority,principals=\"b.b\" ", &ca);
	offer_clear(&offer);
}

/* Hostile principals stand beside good ones, alone, and in all of them. */
static void
req_4_91_principals_that_are_no_identities(void **state)
{
	static const struct offer_name names[] = { { "a.b,root", 8 },
		{ "a.b\"", 4 }, { "a.b\n", 4 }, { "a.b\\", 4 }, { "", 0 },
		{ "a.b.", 4 }, { "*.b", 3 }, { "%u.b", 4 }, { "a b", 3 },
		{ "a.b\" ssh-ed25519 AAAA\n", 22 }, { "alice", 5 },
		{ "root", 4 }, { "m\xc3\xbc.b", 5 }, { "A@b.c", 5 } };
	struct offer_name both[2] = { { "a.b", 3 }, { NULL, 0 } };
	struct offer_cert c = { .key = &key, .ca = &ca };
	struct script_case any = { .map = "*.b alice\n*@b.c alice\n"
					  "a.b alice\n" };
	struct dance_offer offer;
	size_t i;

	(void)state;
	script_secure("a.b", "2 1 1", &ca);
	for (i = 0; i < N(names); i++) {
		c.names = &names[i];
		c.n_names = 1;
		offer = offer_make(&c);
		script_expect(&any, &offer, "not-mapped", 0);
		offer_clear(&offer);
		both[1] = names[i];
		c.names = both;
		c.n_names = 2;
		offer = offer_make(&c);
		expect_line(
		    &any, &offer, "cert-authority,principals=\"a.b\" ", &ca);
		offer_clear(&offer);
	}
	c.names = names;
	c.n_names = N(names);
	offer = offer_make(&c);
	script_expect(&any, &offer, "not-mapped", 0);
	offer_clear(&offer);
}

static void
req_4_nul_in_a_principal(void **state)
{
	static const struct offer_name names[] = { { "a.b\0", 4 },
		{ "a.b\0c", 5 }, { "\0a.b", 4 } };
	struct offer_cert c = { .key = &key, .ca = &ca, .n_names = 1 };
	struct script_case any = { .map = "a.b alice\n" };
	struct dance_offer offer;
	size_t i;

	(void)state;
	for (i = 0; i < N(names); i++) {
		c.names = &names[i];
		offer = offer_make(&c);
		script_expect(&any, &offer, "bad-credential", 0);
		offer_clear(&offer);
	}
}

static void
req_6_principal_in_other_letter_case(void **state)
{
	static const struct script_case c = { .map = "Laptop.B alice\n" };
	static const struct script_case star = { .map = "*.b alice\n" };
	struct dance_offer offer = cert("LapTop.b");
	struct dance_decision d;

	(void)state;
	script_secure("laptop.b", "2 1 1", &ca);
	expect_line(&c, &offer, "cert-authority,principals=\"LapTop.b\" ", &ca);
	script_decide(&star, &offer, &d);
	assert_string_equal(d.accepted->match.identity.text, "laptop.b");
	assert_string_equal(d.accepted->spelled, "LapTop.b");
	dance_decision_clear(&d);
	offer_clear(&offer);
	/* One name in two spellings is one candidate and one query. */
	expect("laptop.b alice\n", "LAPTOP.b laptop.B", "accept", 1);
	expect("*.b alice\n", "LAPTOP.b laptop.B", "accept", 1);
}

static void
req_8_9_user_identities(void **state)
{
	struct script_name *name =
	    script_secure("_user.example.com", "2 1 1", &ca);

	(void)state;
	expect("alice@example.com alice\n", "alice@example.com", "accept", 1);
	expect("*@example.com alice\n", "bob@example.com", "accept", 1);
	expect("%u@example.com %u\n", "alice@example.com", "accept", 1);
	expect("%u@example.com %u\n", "bob@example.com", "not-mapped", 0);
	/* A CA of one domain says nothing of another's users. */
	expect("alice@other.com alice\n", "alice@example.com", "not-mapped", 0);
	expect("alice@sub.example.com alice\n", "alice@example.com",
	    "not-mapped", 0);
	/* The CA of a wildcard is that of other names. */
	name->is_wildcard = true;
	expect("alice@example.com alice\n", "alice@example.com",
	    "no-usable-tlsa", 1);
	/* Usage 2 alone: a key at _user would be every user. */
	script_clear();
	name = script_secure("_user.example.com", "3 1 1", &key);
	expect("alice@example.com alice\n", "alice@example.com",
	    "no-usable-tlsa", 1);
	script_record(name, "3 1 1", &ca);
	expect("alice@example.com alice\n", "alice@example.com",
	    "no-usable-tlsa", 1);
	script_record(name, "2 1 1", &other);
	expect("alice@example.com alice\n", "alice@example.com", "mismatch", 1);
	script_clear();
	script_secure("_user.sub.example.com", "2 1 1", &other);
	expect("alice@sub.example.com alice\n", "alice@sub.example.com",
	    "mismatch", 1);
}

/* The records for users are asked for by a user's name alone. */
static void
the_place_of_users_is_no_identity(void **state)
{
	(void)state;
	script_secure("_user.example.com", "2 1 1", &ca);
	expect("*.example.com alice\n", "_user.example.com", "not-mapped", 0);
	expect("*.example.com alice\n!*@example.com *\n", "_user.example.com",
	    "not-mapped", 0);
	expect("*.example.com alice\n", "a._user.example.com", "not-mapped", 0);
	expect("_user.example.com alice\n", "_user.example.com", "config", 0);
	expect("a.b alice\n!_user.example.com *\n", "a.b", "config", 0);
}

/* A bare key can't be a user: nothing in it holds the uid. */
static void
req_8_bare_keys_are_no_users(void **state)
{
	static const struct script_case c = { .map =
						  "alice@example.com alice\n" };
	struct dance_offer offer = offer_plain(&key);
	struct script_name *name =
	    script_secure("_user.example.com", "3 1 1", &key);

	(void)state;
	script_expect(&c, &offer, "no-usable-tlsa", 1);
	script_record(name, "2 1 1", &key);
	script_expect(&c, &offer, "no-usable-tlsa", 1);
}

static void
req_80_one_query_for_one_owner(void **state)
{
	(void)state;
	script_secure("_user.b.c", "2 1 1", &ca);
	expect("*@b.c alice\n", "a@b.c b@b.c d@b.c", "accept", 1);
	script_clear();
	script_secure("_user.b.c", "2 1 1", &other);
	script_secure("e.f", "2 1 1", &other);
	expect("*@b.c alice\ne.f alice\n", "a@b.c b@b.c e.f d@b.c _user.b.c",
	    "mismatch", 2);
	assert_int_equal(script_lookups, 1);
}

static void
req_61_certificates_that_are_refused_before_the_map(void **state)
{
	static const struct {
		uint64_t after;
		uint64_t before;
		uint32_t role;
		const char *principals;
		const char *reason;
	} rows[] = {
		{ 0, 0, 0, "a.b", "accept" },
		{ NOW, NOW + 1, 0, "a.b", "accept" },
		{ 0, NOW, 0, "a.b", "expired" },
		{ 0, 1, 0, "a.b", "expired" },
		{ NOW + 1, 0, 0, "a.b", "expired" },
		{ NOW + 1, NOW, 0, "a.b", "expired" },
		{ 0, 0, 2, "a.b", "bad-credential" },
		{ 0, 0, 0, "", "bad-credential" },
	};
	struct script_case c = { .map = "a.b alice\n" };
	struct offer_cert spec = { .key = &key, .ca = &ca };
	struct dance_offer offer;
	size_t i;

	(void)state;
	script_secure("a.b", "2 1 1", &ca);
	for (i = 0; i < N(rows); i++) {
		spec.valid_after = rows[i].after;
		spec.valid_before = rows[i].before;
		spec.role = rows[i].role;
		spec.principals = rows[i].principals;
		offer = offer_make(&spec);
		script_expect(&c, &offer, rows[i].reason,
		    strcmp(rows[i].reason, "accept") == 0 ? 1 : 0);
		offer_clear(&offer);
	}
}

/* The certificate's bytes say who signed it: no other key may have. */
static void
a_signature_of_another_key(void **state)
{
	struct script_case c = { .map = "a.b alice\n" };
	struct dance_offer offer = cert("a.b"), broken = offer;
	char *text = strdup(offer.base64);

	(void)state;
	assert_non_null(text);
	/* The last octets of the signature, before any padding. */
	text[strlen(text) - 6] = text[strlen(text) - 6] == 'A' ? 'B' : 'A';
	broken.base64 = text;
	script_expect(&c, &broken, "untrusted", 0);
	script_secure("a.b", "2 1 1", &ca);
	script_expect(&c, &offer, "accept", 1);
	free(text);
	offer_clear(&offer);
}

static void
req_91_lines_for_sshd(void **state)
{
	static const struct script_case bare = { .map = "a.b alice\n" };
	static const struct script_case options = {
		.map = "a.b alice "
		       "No-PTY,command=\"a \\\"b\\\"\",uid=5,provision\n"
	};
	static const struct script_case ours = { .map =
						     "a.b alice provision\n" };
	struct dance_offer offer = offer_plain(&key), c = cert("a.b");
	struct script_name *name = script_secure("a.b", "3 1 1", &key);

	(void)state;
	script_record(name, "2 1 1", &ca);
	expect_line(&bare, &offer, "", &key);
	expect_line(&ours, &offer, "", &key);
	expect_line(&options, &offer, "no-pty,command=\"a \\\"b\\\"\" ", &key);
	expect_line(&bare, &c, "cert-authority,principals=\"a.b\" ", &ca);
	expect_line(&ours, &c, "cert-authority,principals=\"a.b\" ", &ca);
	expect_line(&options, &c,
	    "cert-authority,principals=\"a.b\",no-pty,"
	    "command=\"a \\\"b\\\"\" ",
	    &ca);
	offer_clear(&c);
}

static void
req_59_lines_for_sk_keys(void **state)
{
	static const struct script_case c = { .map = "a.b alice\n" };
	struct offer_key sk;
	struct offer_cert spec = { .ca = &sk, .principals = "a.b" };
	struct dance_offer offer;

	(void)state;
	offer_key_init(&sk, "sk-ssh-ed25519@openssh.com", 0);
	offer = offer_plain(&sk);
	script_secure("a.b", "3 1 1", &sk);
	expect_line(&c, &offer, "", &sk);
	script_clear();
	script_secure("a.b", "2 1 1", &sk);
	spec.key = &key;
	offer = offer_make(&spec);
	expect_line(&c, &offer, "cert-authority,principals=\"a.b\" ", &sk);
	offer_clear(&offer);
	offer_key_clear(&sk);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(usages_2_and_3),
		TEST(req_63_names_that_are_no_candidates),
		TEST(several_principals),
		TEST(req_4_91_principals_that_are_no_identities),
		TEST(req_4_nul_in_a_principal),
		TEST(req_6_principal_in_other_letter_case),
		TEST(req_8_9_user_identities),
		TEST(the_place_of_users_is_no_identity),
		TEST(req_8_bare_keys_are_no_users),
		TEST(req_80_one_query_for_one_owner),
		TEST(req_61_certificates_that_are_refused_before_the_map),
		TEST(a_signature_of_another_key),
		TEST(req_91_lines_for_sshd),
		TEST(req_59_lines_for_sk_keys),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
