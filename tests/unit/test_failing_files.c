/* SPDX-License-Identifier: ISC */
/*
 * What is read from the host's files, with every call failing once: it is a
 * fault then, and never a configuration, a map or an anchor with less in it.
 */
#include "failing.h"

#include "account.h"
#include "anchor.h"
#include "compiled.h"
#include "config.h"
#include "map.h"
#include "policy.h"
#include "register.h"

#define ANCHOR "/usr/share/dns/root.key"

static char root[TREE_MAX];

static int
setup(void **state)
{
	(void)state;
	tree_make(root);
	tree_write(root, "/etc/passwd",
	    "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n");
	tree_write(root, "/etc/login.defs", "UID_MIN 1000\nUID_MAX 60000\n");
	tree_write(root, "/etc/dance/dance.conf",
	    "resolver = 192.0.2.1\nresolver = 192.0.2.2@5353\n"
	    "usages = 2,3\ncache-max-ttl = 1h\ntimeout = 2s\n"
	    "trust-anchor = " ANCHOR "\n");
	tree_write(root, "/etc/dance/accounts", "a.b alice\n!c.d *\n");
	tree_write(root, "/etc/dance/accounts.d/1.accounts", "!x.y alice\n");
	tree_write(root, "/etc/dance/accounts.d/2.accounts", "z.z alice\n");
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

static int
config_run(void *arg)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };
	int r = dance_config_load(root, &config, &fault);

	(void)arg;
	assert_int_equal(r == 0, config != NULL);
	if (r == 0) {
		assert_int_equal(config->n_upstreams, 2);
		assert_int_equal(config->n_anchors, 1);
		assert_int_equal(config->timeout_ms, 2000);
		assert_int_equal(config->cache_max_ttl, 3600);
	}
	dance_config_free(&config);
	return r;
}

static void
a_configuration_is_whole_or_a_fault(void **state)
{
	(void)state;
	failing_sweep(config_run, NULL);
	tree_write(root, "/etc/dance/dance.conf",
	    "resolver = system\n"
	    "timeout = 2s\nusages = 2,3\ncache-max-ttl = 1h\n"
	    "trust-anchor = " ANCHOR "\n");
	tree_write(root, "/etc/resolv.conf",
	    "nameserver 192.0.2.1\nnameserver 192.0.2.2\n");
	failing_sweep(config_run, NULL);
}

static int
anchors_run(void *arg)
{
	struct dance_anchors *anchors = NULL;
	struct dance_fault fault = { "" };
	int r = dance_anchors_load(arg, &anchors, &fault);

	assert_int_equal(r == 0, anchors != NULL);
	if (r == 0) {
		assert_int_equal(anchors->n, 1);
		assert_non_null(strstr(anchors->list[0].record, "20326 8 2"));
	}
	dance_anchors_free(&anchors);
	return r;
}

static void
anchors_are_whole_or_a_fault(void **state)
{
	struct dance_config *config;
	struct dance_fault fault;

	(void)state;
	assert_int_equal(dance_config_load(root, &config, &fault), 0);
	failing_sweep(anchors_run, config);
	dance_config_free(&config);
}

/* All identities of the tree at once: one is let in, one is refused. */
static int
map_run(void *arg)
{
	static const char *const texts[] = { "a.b", "x.y", "z.z" };
	struct dance_identity claims[3];
	struct dance_map_query query = { .account = "alice",
		.is_ordinary = true,
		.claims = claims,
		.n_claims = 3 };
	struct dance_map_matches matches = { .n = 0 };
	struct dance_fault fault = { "" };
	struct dance_map *map = NULL;
	size_t i;
	int r;

	(void)arg;
	for (i = 0; i < 3; i++)
		assert_int_equal(dance_identity_parse(texts[i], 3,
				     DANCE_NAME_PRESENTED, &claims[i]),
		    0);
	r = dance_map_load(root, &map, &fault);
	assert_int_equal(r == 0, map != NULL);
	if (r == 0)
		r = dance_map_find(map, &query, &matches, &fault);
	if (r == 0) {
		assert_int_equal(matches.n, 2);
		assert_int_equal(matches.n_denied, 0);
		assert_string_equal(matches.list[0].identity.text, "a.b");
		assert_string_equal(matches.list[1].identity.text, "z.z");
	}
	dance_map_matches_clear(&matches);
	dance_map_free(&map);
	return r;
}

static void
a_map_is_whole_or_a_fault(void **state)
{
	(void)state;
	failing_sweep(map_run, NULL);
}

static int
policy_run(void *arg)
{
	struct dance_policy *policy = NULL;
	struct dance_fault fault = { "" };
	int r = dance_policy_load(arg, "alice", &policy, &fault);

	assert_int_equal(r == 0, policy != NULL);
	if (r == 0) {
		assert_string_equal(policy->account, "alice");
		assert_true(policy->is_ordinary);
		assert_int_equal(policy->anchors->n, 1);
	}
	dance_policy_free(&policy);
	return r;
}

static void
a_policy_is_whole_or_a_fault(void **state)
{
	struct dance_config *config;
	struct dance_fault fault;

	(void)state;
	assert_int_equal(dance_config_load(root, &config, &fault), 0);
	failing_sweep(policy_run, config);
	dance_config_free(&config);
}

static int
index_run(void *arg)
{
	struct dance_index_made made = { 4711, 4711 };
	struct dance_fault fault = { "" };
	int r = compiled_try(root, &made, &fault);

	(void)arg;
	assert_int_equal(made.n_lines, r == 0 ? 3 : 4711);
	return r;
}

/* Two accounts, the second one over a register that has the first. */
static int
register_run(void *arg)
{
	struct dance_fault fault = { "" };

	(void)arg;
	return dance_register_add(root, "zoe", 700001, DANCE_FOR_EVER, &fault);
}

static void
an_index_is_made_or_the_old_one_stays(void **state)
{
	(void)state;
	tree_remove(root);
	compiled_tree(root);
	tree_write(root, COMPILED_MAP, "a.b alice\n!x.y alice\nz.z alice\n");
	failing_sweep(index_run, NULL);
	assert_true(compiled_is_used(root));
	failing_sweep(map_run, NULL);
}

static void
an_account_is_entered_or_not(void **state)
{
	struct dance_fault fault;

	(void)state;
	tree_remove(root);
	compiled_tree(root);
	assert_int_equal(
	    dance_register_add(root, "alf", 700000, DANCE_FOR_EVER, &fault), 0);
	failing_sweep(register_run, NULL);
	assert_int_equal(
	    dance_register_add(root, "zoe", 700000, DANCE_FOR_EVER, &fault),
	    DANCE_ERR_CONFIG);
	assert_int_equal(
	    dance_register_add(root, "alf", 700000, DANCE_FOR_EVER, &fault), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_configuration_is_whole_or_a_fault),
		TEST(anchors_are_whole_or_a_fault),
		TEST(a_map_is_whole_or_a_fault),
		TEST(a_policy_is_whole_or_a_fault),
		TEST(an_index_is_made_or_the_old_one_stays),
		TEST(an_account_is_entered_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
