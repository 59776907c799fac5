/* SPDX-License-Identifier: ISC */
/*
 * The verdict: each reason that can be reached, beside the login that only
 * just does not meet it; their order; and who is asked for, and who is not.
 */
#include "scripted_resolver.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define NAME "laptop._device.example.com"

static struct offer_key key, other, ca, weak;

static const struct script_case plain = { .map = NAME " alice\n" };

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	offer_key_init(&ca, "ecdsa-sha2-nistp256", 0);
	offer_key_init(&weak, "ssh-rsa", 1024);
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
	offer_key_clear(&weak);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	script_clear();
	return 0;
}

/* The plain key, under the plain map. */
static void
expect(const char *reason, unsigned n_queries)
{
	struct dance_offer offer = offer_plain(&key);

	script_expect(&plain, &offer, reason, n_queries);
}

static void
accept_and_mismatch(void **state)
{
	(void)state;
	script_secure(NAME, "3 1 1", &key);
	expect("accept", 1);
	script_clear();
	script_secure(NAME, "3 1 1", &other);
	expect("mismatch", 1);
}

/* Requirement 71 too: a record at another name of the zone is not asked for. */
static void
req_63_71_not_mapped_asks_nobody(void **state)
{
	static const struct script_case cases[] = {
		{ .map = "" },
		{ .map = "# " NAME " alice\n" },
		{ .map = NAME " bob\n" },
		{ .map = NAME " alice2,alic\n" },
		{ .map = "*._device.example.com alice\n" },
		{ .map = "!" NAME " *\n" },
		{ .map = "%u.example.com %u\n", .is_system = true },
		{ .map = "%u.example.com %u\n", .account = "a.b" },
	};
	struct dance_offer offer = offer_plain(&key);
	struct script_case other_name = { .map = "_other.x.example alice\n" };
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++)
		script_expect(&cases[i], &offer, "not-mapped", 0);
	assert_int_equal(script_lookups, 0);
	script_secure("_other.x.example", "3 1 1", &key);
	script_expect(&other_name, &offer, "accept", 1);
}

static void
denied_by_map_asks_nobody(void **state)
{
	static const struct script_case cases[] = {
		{ .map = "!" NAME " *\n" NAME " alice\n" },
		{ .map = NAME " alice\n!" NAME " alice\n" },
		{ .map = NAME " alice\n!*._device.example.com *\n" },
		{ .map = "%u.a.b %u\n!alice.a.b *\n" },
	};
	static const struct script_case open = { .map = NAME " alice\n!" NAME
							     " bob\n" };
	struct dance_offer offer = offer_plain(&key);
	size_t i;

	(void)state;
	for (i = 0; i < N(cases); i++)
		script_expect(&cases[i], &offer, "denied-by-map", 0);
	assert_int_equal(script_lookups, 0);
	script_secure(NAME, "3 1 1", &key);
	script_expect(&open, &offer, "accept", 1);
}

static void
req_12_13_14_15_16_states_of_the_answer(void **state)
{
	struct script_name *name;

	(void)state;
	script_answer(NAME, DANCE_DNSSEC_SECURE);
	expect("no-tlsa", 1);
	script_clear();
	script_answer(NAME, DANCE_DNSSEC_UNKNOWN);
	expect("dns-failure", 1);
	/* What came along with an answer that is not secure does not count. */
	script_clear();
	name = script_secure(NAME, "3 1 1", &key);
	name->dnssec = DANCE_DNSSEC_INSECURE;
	expect("insecure", 1);
	name->dnssec = DANCE_DNSSEC_BOGUS;
	expect("bogus", 1);
	name->dnssec = DANCE_DNSSEC_UNKNOWN;
	expect("dns-failure", 1);
	name->dnssec = (enum dance_dnssec)17;
	expect("dns-failure", 1);
	name->dnssec = DANCE_DNSSEC_SECURE;
	expect("accept", 1);
	/* A denial with records is none of a validator's, and no access. */
	name->is_denied = true;
	expect("no-tlsa", 1);
}

static void
req_34_usages_by_configuration(void **state)
{
	static const struct script_case cases[] = {
		{ .map = NAME " alice\n", .usages = 8 },
		{ .map = NAME " alice\n", .usages = 4 },
		{ .map = NAME " alice\n", .usages = 3 },
		{ .map = NAME " alice\n", .usages = 15 },
	};
	struct dance_offer offer = offer_plain(&key);

	(void)state;
	script_secure(NAME, "3 1 1", &key);
	script_expect(&cases[0], &offer, "accept", 1);
	script_expect(&cases[1], &offer, "no-usable-tlsa", 1);
	script_expect(&cases[2], &offer, "no-usable-tlsa", 1);
	script_expect(&cases[3], &offer, "accept", 1);
}

/* Records that are right in every octet but not for a bare key. */
static void
req_32_only_unusable_records(void **state)
{
	static const char *const rows[] = { "2 1 1", "2 0 1", "1 1 1", "0 1 1",
		"3 0 1", "3 0 2", "3 0 0", "4 1 1", "3 2 1", "255 1 1" };
	static const struct script_case all = { .map = NAME " alice\n",
		.usages = 15 };
	struct dance_offer offer = offer_plain(&key);
	struct script_name *name;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		script_clear();
		name = script_secure(NAME, rows[i], &key);
		expect("no-usable-tlsa", 1);
		script_expect(&all, &offer, "no-usable-tlsa", 1);
		/* Beside a good one they do no harm. */
		script_record(name, "3 1 2", &key);
		expect("accept", 1);
	}
}

static void
req_31_67_any_record_of_many(void **state)
{
	struct dance_offer offer = offer_plain(&key);
	struct script_name *name = script_secure(NAME, "3 1 1", &other);
	struct dance_decision d;

	(void)state;
	script_record(name, "2 1 1", &key);
	script_record(name, "3 1 1", &ca);
	expect("mismatch", 1);
	script_record(name, "3 1 1", &key);
	script_decide(&plain, &offer, &d);
	assert_int_equal(d.verdict, 0);
	assert_string_equal(d.accepted->match.identity.text, NAME);
	dance_decision_clear(&d);
	assert_int_equal(d.verdict, DANCE_ERR_INTERNAL);
}

static void
req_35_rrsets_that_are_too_large(void **state)
{
	struct script_name *name = script_secure(NAME, "3 1 1", &key);
	size_t i;

	(void)state;
	for (i = 1; i < DANCE_RRSET_MAX; i++)
		script_record(name, "3 1 1", &other);
	expect("accept", 1);
	script_record(name, "3 1 1", &other);
	expect("no-usable-tlsa", 1);
	name->dnssec = DANCE_DNSSEC_BOGUS;
	expect("bogus", 1);
}

static void
req_22_usage_3_of_a_wildcard(void **state)
{
	struct script_name *name = script_secure(NAME, "3 1 1", &key);

	(void)state;
	expect("accept", 1);
	name->is_wildcard = true;
	expect("no-usable-tlsa", 1);
	script_record(name, "2 1 1", &key);
	expect("no-usable-tlsa", 1);
}

static void
bad_credentials_ask_nobody(void **state)
{
	struct dance_offer good = offer_plain(&key), rsa = offer_plain(&weak);
	struct dance_offer bad[] = { good, good, good, good, good, good };
	size_t i;

	(void)state;
	bad[0].base64 = "";
	bad[1].base64 = "AAAA\nssh-ed25519 AAAA";
	bad[2].type = "ssh-rsa";
	bad[3].fingerprint = other.fingerprint;
	bad[4].base64 = other.base64;
	bad[5].type = "ssh-ed25519\nssh-ed25519";
	for (i = 0; i < N(bad); i++)
		script_expect(&plain, &bad[i], "bad-credential", 0);
	script_expect(&plain, &rsa, "weak-key", 0);
	assert_int_equal(script_lookups, 0);
	script_secure(NAME, "3 1 1", &key);
	good.fingerprint = NULL;
	script_expect(&plain, &good, "accept", 1);
}

static void
faults_of_the_map_and_of_the_resolver(void **state)
{
	static const struct script_case broken = { .map = NAME
		" alice\nbroken\n" };
	struct dance_offer offer = offer_plain(&key);
	struct dance_decision d;

	(void)state;
	script_expect(&broken, &offer, "config", 0);
	script_decide(&broken, &offer, &d);
	assert_int_equal(strncmp(d.fault.text, "m:2:", 4), 0);
	dance_decision_clear(&d);
	script_secure(NAME, "3 1 1", &key);
	script_new_error = DANCE_ERR_CONFIG;
	expect("config", 0);
	script_new_error = 0;
	script_lookup_error = DANCE_ERR_INTERNAL;
	expect("internal", 0);
	script_lookup_error = 0;
	expect("accept", 1);
}

static void
req_35_more_candidates_than_64(void **state)
{
	struct dance_offer offer = offer_plain(&key);
	struct script_case c = { .map = NULL };
	char owner[32], *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	for (i = 0; i < 64; i++) {
		fprintf(out, "n%zu.b alice\n", i);
		snprintf(owner, sizeof(owner), "n%zu.b", i);
		script_secure(owner, "3 1 1", i == 63 ? &key : &other);
	}
	fflush(out);
	c.map = text;
	script_expect(&c, &offer, "accept", 64);
	assert_int_equal(script_lookups, 1);
	fprintf(out, "n64.b alice\n");
	fclose(out);
	c.map = text;
	script_expect(&c, &offer, "config", 0);
	free(text);
}

/* Names, each with what is found there; "=" is the key itself. */
static const struct {
	const char *found; /* one letter for each of a.b, b.b, ... */
	const char *reason;
	const char *furthest;
} orders[] = {
	{ "m", "mismatch", "a.b" },
	{ "nib", "bogus", "c.b" },
	{ "bin", "bogus", "a.b" },
	{ "ni", "insecure", "b.b" },
	{ "nn", "no-tlsa", "a.b" },
	{ "bu", "no-usable-tlsa", "b.b" },
	{ "um", "mismatch", "b.b" },
	{ "mubin", "mismatch", "a.b" },
	{ "mm", "mismatch", "a.b" },
	{ "nimbm", "mismatch", "c.b" },
	{ "mf", "dns-failure", "b.b" },
	{ "fm", "dns-failure", "a.b" },
	{ "ffm", "dns-failure", "a.b" },
	{ "xn", "no-tlsa", "b.b" },
	{ "xxm", "mismatch", "c.b" },
	{ "xx", "denied-by-map", "a.b" },
	{ "=f", "accept", NULL },
	{ "fmbin=", "accept", NULL },
	{ "x=", "accept", NULL },
	{ "x", "denied-by-map", "a.b" },
};

static void
order_script(const char *found, char *map, size_t size)
{
	struct script_name *name;
	char owner[] = "a.b";
	size_t used = 0;

	for (; *found != '\0'; found++, owner[0]++) {
		used += (size_t)snprintf(map + used, size - used,
		    "%s alice\n%s%s%s", owner, *found == 'x' ? "!" : "",
		    *found == 'x' ? owner : "", *found == 'x' ? " *\n" : "");
		if (*found == 'x')
			continue; /* a query would fail the test */
		name = script_answer(owner, DANCE_DNSSEC_SECURE);
		if (*found != 'n')
			script_record(name, *found == 'u' ? "2 1 1" : "3 1 1",
			    *found == 'm' ? &other : &key);
		if (*found == 'f')
			name->dnssec = DANCE_DNSSEC_UNKNOWN;
		if (*found == 'i')
			name->dnssec = DANCE_DNSSEC_INSECURE;
		if (*found == 'b')
			name->dnssec = DANCE_DNSSEC_BOGUS;
	}
}

static void
order_of_reasons(void **state)
{
	struct dance_offer offer = offer_plain(&key);
	struct dance_decision d;
	struct script_case c = { .map = NULL };
	char map[256];
	size_t i;

	(void)state;
	for (i = 0; i < N(orders); i++) {
		script_clear();
		order_script(orders[i].found, map, sizeof(map));
		c.map = map;
		script_decide(&c, &offer, &d);
		if (strcmp(dance_reason(d.verdict), orders[i].reason) != 0)
			fail_msg(
			    "%s: %s", orders[i].found, dance_reason(d.verdict));
		if (orders[i].furthest == NULL)
			assert_null(d.furthest);
		else
			assert_string_equal(d.furthest->match.identity.text,
			    orders[i].furthest);
		dance_decision_clear(&d);
	}
}

static void
the_first_match_in_map_order_wins(void **state)
{
	static const struct script_case c = {
		.map = "a.b alice\nb.b alice no-pty\nc.b alice\n"
		       "b.b alice pty\n"
	};
	struct dance_offer offer = offer_plain(&key);
	struct dance_decision d;

	(void)state;
	script_secure("c.b", "3 1 1", &key);
	script_secure("b.b", "3 1 1", &key);
	script_secure("a.b", "3 1 1", &other);
	script_decide(&c, &offer, &d);
	assert_int_equal(d.verdict, 0);
	assert_string_equal(d.accepted->match.identity.text, "b.b");
	assert_int_equal(d.accepted->match.number, 2);
	assert_int_equal(strncmp(d.line, "no-pty ssh-ed25519 AAAA", 23), 0);
	dance_decision_clear(&d);
}

/* Who is below in the map can't hold up a login, nor take its place. */
static void
silent_names_are_waited_for_only_if_they_count(void **state)
{
	static const struct script_case below = {
		.map = "b.b alice\nsilent.b alice\n"
	};
	static const struct script_case above = {
		.map = "silent.b alice\na.b alice\nb.b alice\n"
	};
	struct dance_offer offer = offer_plain(&key);
	struct script_name *name;
	struct dance_decision d;

	(void)state;
	script_secure("b.b", "3 1 1", &key);
	name = script_secure("silent.b", "3 1 1", &key);
	name->is_silent = true;
	script_secure("a.b", "3 1 1", &other);
	script_expect(&below, &offer, "accept", 2);
	assert_int_equal(script_waits, 0);
	script_decide(&above, &offer, &d);
	assert_int_equal(d.verdict, 0);
	assert_string_equal(d.accepted->match.identity.text, "b.b");
	dance_decision_clear(&d);
	assert_int_equal(script_waits, 1);
	name->is_silent = false;
	script_decide(&above, &offer, &d);
	assert_int_equal(d.verdict, 0);
	assert_string_equal(d.accepted->match.identity.text, "silent.b");
	dance_decision_clear(&d);
	assert_int_equal(script_waits, 1);
}

static void
the_reason_is_told_with_its_name(void **state)
{
	struct dance_offer offer = offer_plain(&key);
	struct script_name *name = script_secure(NAME, "3 1 1", &key);
	struct dance_decision d;

	(void)state;
	name->dnssec = DANCE_DNSSEC_BOGUS;
	name->why = "signature expired";
	script_decide(&plain, &offer, &d);
	assert_string_equal(d.fault.text, NAME ": signature expired");
	assert_int_equal(d.n_candidates, 1);
	dance_decision_clear(&d);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup(f, setup)
		TEST(accept_and_mismatch),
		TEST(req_63_71_not_mapped_asks_nobody),
		TEST(denied_by_map_asks_nobody),
		TEST(req_12_13_14_15_16_states_of_the_answer),
		TEST(req_34_usages_by_configuration),
		TEST(req_32_only_unusable_records),
		TEST(req_31_67_any_record_of_many),
		TEST(req_35_rrsets_that_are_too_large),
		TEST(req_22_usage_3_of_a_wildcard),
		TEST(bad_credentials_ask_nobody),
		TEST(faults_of_the_map_and_of_the_resolver),
		TEST(req_35_more_candidates_than_64),
		TEST(order_of_reasons),
		TEST(the_first_match_in_map_order_wins),
		TEST(silent_names_are_waited_for_only_if_they_count),
		TEST(the_reason_is_told_with_its_name),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
