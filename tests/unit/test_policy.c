/* SPDX-License-Identifier: ISC */
/*
 * What a host says of a login name, from a tree of files, and what is decided
 * when the name is an identity.
 */
#include "policy.h"
#include "scripted_resolver.h"
#include "tree.h"

#define N(a)   (sizeof(a) / sizeof((a)[0]))
#define NAME   "laptop._device.example.com"
#define ANCHOR "/usr/share/dns/root.key"

static char root[TREE_MAX];
static struct offer_key key, ca;

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&ca, "ecdsa-sha2-nistp256", 0);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	script_clear();
	offer_key_clear(&key);
	offer_key_clear(&ca);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	script_clear();
	tree_make(root);
	tree_write(root, "/etc/passwd",
	    "root:x:0:0::/root:/bin/sh\n"
	    "system:x:999:999::/:/bin/sh\n"
	    "alice:x:1000:1000::/:/bin/sh\n"
	    "local.example.com:x:1001:1001::/:/bin/sh\n");
	tree_write(root, ANCHOR,
	    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683"
	    "457104237C7F8EC8D\n");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tree_remove(root);
	return 0;
}

static struct dance_config *
config_make(bool has_login_names)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };

	tree_write(root, "/etc/dance/dance.conf",
	    has_login_names ? "login-names = yes\n" : "");
	if (dance_config_load(root, &config, &fault) != 0)
		fail_msg("%s", fault.text);
	return config;
}

/* want: the account, with "!" if not ordinary, "@" if by an identity. */
static void
login_names(void **state)
{
	static const struct {
		const char *map;
		const char *login;
		bool has_login_names;
		const char *want;
	} rows[] = {
		{ "", "alice", true, "alice" },
		{ "", "root", true, "root!" },
		{ "", "system", true, "system!" },
		{ "", "nothere", true, "nothere!" },
		{ NAME " alice\n", NAME, true, "alice@" },
		{ NAME " alice\n", NAME, false, NAME "!" },
		{ NAME " root\n", NAME, true, "root!@" },
		{ NAME " alice,root\n", NAME, true, NAME "!" },
		{ NAME " alice\n" NAME " root\n", NAME, true, NAME "!" },
		{ "", NAME, true, NAME "!" },
		{ "!" NAME " *\n", NAME, true, NAME "!" },
		{ "*._device.example.com alice\n", NAME, true, "alice@" },
		{ "%u.b.c %u\n", "alice.b.c", true, "alice@" },
		{ "%u.b.c %u\n", "root.b.c", true, "root!@" },
		{ "a@b.c alice\n", "a@b.c", true, "alice@" },
		{ NAME " alice\n", "LAPTOP._device.Example.com", true,
		    "alice@" },
		/* No dot at the end in what a client presents. */
		{ NAME " alice\n", NAME ".", true, NAME ".!" },
		/* An account of that name is an account. */
		{ "local.example.com alice\n", "local.example.com", true,
		    "local.example.com" },
		{ "alice.example alice\n", "alice", true, "alice" },
	};
	struct dance_config *config;
	struct dance_policy *policy;
	struct dance_fault fault;
	char text[512];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		config = config_make(rows[i].has_login_names);
		tree_write(root, DANCE_MAP_FILE, rows[i].map);
		if (dance_policy_load(config, rows[i].login, &policy, &fault) !=
		    0)
			fail_msg("%s", fault.text);
		snprintf(text, sizeof(text), "%s%s%s", policy->account,
		    policy->is_ordinary ? "" : "!",
		    policy->is_identity ? "@" : "");
		assert_string_equal(text, rows[i].want);
		assert_string_equal(policy->login, rows[i].login);
		dance_policy_free(&policy);
		assert_null(policy);
		dance_config_free(&config);
	}
	dance_policy_free(&policy);
}

static void
load_refuses(
    const struct dance_config *config, const char *login, const char *why)
{
	struct dance_policy *policy = NULL;
	struct dance_fault fault = { "" };

	assert_int_equal(dance_policy_load(config, login, &policy, &fault),
	    DANCE_ERR_CONFIG);
	assert_null(policy);
	if (strstr(fault.text, why) == NULL)
		fail_msg("%s", fault.text);
}

static void
req_23_what_cannot_be_read_is_a_config_fault(void **state)
{
	struct dance_config *config = config_make(true);
	char login[DANCE_ACCOUNT_MAX + 1];

	(void)state;
	load_refuses(config, "alice", "/etc/dance/accounts: No such file");
	tree_write(root, DANCE_MAP_FILE, "a.b alice\nbroken\n");
	/* The broken line is found when an identity is looked up ... */
	load_refuses(config, NAME, "accounts:2:1: ");
	tree_write(root, DANCE_MAP_FILE, NAME " alice\n");
	load_refuses(config, "", "login name: empty");
	memset(login, 'x', sizeof(login));
	login[DANCE_ACCOUNT_MAX] = '\0';
	load_refuses(config, login, "login name: too long");
	tree_write(root, ANCHOR, "; nothing\n");
	load_refuses(config, NAME, ANCHOR);
	tree_unlink(root, ANCHOR);
	load_refuses(config, NAME, ANCHOR);
	load_refuses(config, "alice", ANCHOR);
	dance_config_free(&config);
}

/* Decide with the policy of the tree. */
static void
decide(const char *login, bool has_login_names, const struct dance_offer *offer,
    const char *reason, const char *front)
{
	struct dance_config *config = config_make(has_login_names);
	struct dance_policy *policy;
	struct dance_decision d;
	struct dance_fault fault = { "" };

	if (dance_policy_load(config, login, &policy, &fault) != 0)
		fail_msg("%s", fault.text);
	dance_decide(policy, offer, SCRIPT_NOW, script_deadline, &d);
	if (strcmp(dance_reason(d.verdict), reason) != 0)
		fail_msg("%s: %s", dance_reason(d.verdict), d.fault.text);
	if (front != NULL)
		assert_int_equal(strncmp(d.line, front, strlen(front)), 0);
	dance_decision_clear(&d);
	dance_policy_free(&policy);
	dance_config_free(&config);
}

/* The login name alone counts: the account's other names are not asked for. */
static void
a_bare_key_and_a_login_name(void **state)
{
	struct dance_offer offer = offer_plain(&key);

	(void)state;
	tree_write(root, DANCE_MAP_FILE,
	    "first.example.com alice\n" NAME " alice no-pty\n");
	script_secure(NAME, "3 1 1", &key);
	decide(NAME, true, &offer, "accept", "no-pty ssh-ed25519 ");
	decide(NAME, false, &offer, "not-mapped", NULL);
	assert_int_equal(script_lookups, 1);
	script_clear();
	script_secure(NAME, "3 1 1", &ca);
	decide(NAME, true, &offer, "mismatch", NULL);
	tree_write(root, DANCE_MAP_FILE, NAME " alice\n!" NAME " alice\n");
	decide(NAME, true, &offer, "denied-by-map", NULL);
	tree_write(root, DANCE_MAP_FILE, "*._device.example.com alice\n");
	script_clear();
	script_secure(NAME, "3 1 1", &key);
	/* The login name is the claim that a "*" line needs. */
	decide(NAME, true, &offer, "accept", "ssh-ed25519 ");
	decide("alice", true, &offer, "not-mapped", NULL);
}

static void
a_certificate_without_the_login_name(void **state)
{
	struct offer_cert spec = {
		.key = &key, .ca = &ca, .principals = "other.example.com"
	};
	struct dance_offer without = offer_make(&spec), with;

	(void)state;
	spec.principals = "other.example.com Laptop._Device.example.com";
	with = offer_make(&spec);
	tree_write(
	    root, DANCE_MAP_FILE, NAME " alice\nother.example.com alice\n");
	decide(NAME, true, &without, "name-mismatch", NULL);
	assert_int_equal(script_lookups, 0);
	script_secure(NAME, "2 1 1", &ca);
	decide(NAME, true, &with, "accept",
	    "cert-authority,principals=\"Laptop._Device.example.com\" ecdsa");
	offer_clear(&with);
	offer_clear(&without);
}

static void
req_69_70_system_accounts_by_login_name(void **state)
{
	struct dance_offer offer = offer_plain(&key);

	(void)state;
	script_secure("root.b.c", "3 1 1", &key);
	tree_write(root, DANCE_MAP_FILE, "%u.b.c %u\n");
	decide("root.b.c", true, &offer, "not-mapped", NULL);
	decide("root", true, &offer, "not-mapped", NULL);
	tree_write(root, DANCE_MAP_FILE, "*.b.c root\n");
	decide("root.b.c", true, &offer, "not-mapped", NULL);
	assert_int_equal(script_lookups, 0);
	tree_write(root, DANCE_MAP_FILE, "root.b.c root\n");
	decide("root.b.c", true, &offer, "accept", "ssh-ed25519 ");
	decide("root", true, &offer, "accept", "ssh-ed25519 ");
}

/* Login names arrive as the client sent them. */
static void
req_92_hostile_login_names(void **state)
{
	static const char *const rows[] = { "alice\n", "alice,bob", "*", "%u",
		"a b", "../alice", "m\xc3\xbcller", "alice\"", "-alice",
		NAME "\n", NAME ",x", "alice@", "@" };
	struct dance_offer offer = offer_plain(&key);
	size_t i;

	(void)state;
	tree_write(root, DANCE_MAP_FILE,
	    "%u.b.c %u\n*.b.c alice\n" NAME " alice\n!x.y *\n");
	for (i = 0; i < N(rows); i++) {
		decide(rows[i], true, &offer, "not-mapped", NULL);
		decide(rows[i], false, &offer, "not-mapped", NULL);
	}
	assert_int_equal(script_lookups, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(login_names),
		TEST(req_23_what_cannot_be_read_is_a_config_fault),
		TEST(a_bare_key_and_a_login_name),
		TEST(a_certificate_without_the_login_name),
		TEST(req_69_70_system_accounts_by_login_name),
		TEST(req_92_hostile_login_names),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
