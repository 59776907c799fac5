/* SPDX-License-Identifier: ISC */
/*
 * The two halves of a policy: of accounts, which needs no trust anchor, and of
 * trust, which is loaded where something is to be decided.
 */
#include "policy.h"
#include "scripted_resolver.h"
#include "tree.h"

#define N(a)   (sizeof(a) / sizeof((a)[0]))
#define ANCHOR "/usr/share/dns/root.key"
#define DS                                                                  \
	". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683" \
	"457104237C7F8EC8D\n"

static char root[TREE_MAX];

static int
setup(void **state)
{
	(void)state;
	script_clear();
	tree_make(root);
	tree_write(root, "/etc/passwd",
	    "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n");
	tree_write(root, "/etc/dance/accounts", "a.b alice\n");
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
config_make(const char *text)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };

	tree_write(root, "/etc/dance/dance.conf", text);
	if (dance_config_load(root, &config, &fault) != 0)
		fail_msg("%s", fault.text);
	return config;
}

static void
accounts_need_no_anchor(void **state)
{
	struct dance_config *config = config_make("");
	struct dance_policy *policy = NULL;
	struct dance_fault fault = { "" };
	struct dance_map_word word;

	(void)state;
	assert_int_equal(
	    dance_policy_load_accounts(config, "alice", &policy, &fault), 0);
	assert_string_equal(policy->account, "alice");
	assert_true(policy->is_ordinary);
	assert_null(policy->anchors);
	assert_null(policy->roots);
	assert_null(policy->resolver);
	assert_int_equal(dance_map_ask(policy->map, policy->account,
			     policy->is_ordinary, &word, &fault),
	    0);
	assert_true(word.is_admitted);
	/* The other half does. */
	assert_int_equal(
	    dance_policy_load_trust(policy, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "root.key"));
	assert_null(policy->anchors);
	dance_policy_free(&policy);
	assert_int_equal(dance_policy_load(config, "alice", &policy, &fault),
	    DANCE_ERR_CONFIG);
	assert_null(policy);
	tree_write(root, ANCHOR, DS);
	assert_int_equal(
	    dance_policy_load_accounts(config, "alice", &policy, &fault), 0);
	assert_int_equal(dance_policy_load_trust(policy, &fault), 0);
	assert_non_null(policy->anchors);
	assert_null(policy->roots);
	dance_policy_free(&policy);
	assert_int_equal(
	    dance_policy_load(config, "alice", &policy, &fault), 0);
	assert_non_null(policy->anchors);
	dance_policy_free(&policy);
	dance_config_free(&config);
}

/* Usages 0 and 1 need the host's own roots, which are not there. */
static void
roots_are_of_the_second_half(void **state)
{
	static const char *const texts[] = { "usages = 0,3\n", "usages = 1\n" };
	struct dance_config *config;
	struct dance_policy *policy = NULL;
	struct dance_fault fault;
	size_t i;

	(void)state;
	tree_write(root, ANCHOR, DS);
	for (i = 0; i < N(texts); i++) {
		config = config_make(texts[i]);
		assert_int_equal(dance_policy_load_accounts(
				     config, "alice", &policy, &fault),
		    0);
		assert_int_equal(
		    dance_policy_load_trust(policy, &fault), DANCE_ERR_CONFIG);
		dance_policy_free(&policy);
		dance_config_free(&config);
	}
}

static void
accounts_that_can_not_be_had(void **state)
{
	static const char *const logins[] = { "", NULL };
	struct dance_config *config = config_make("");
	struct dance_policy *policy = NULL;
	struct dance_fault fault;
	char text[DANCE_ACCOUNT_MAX + 1];
	size_t i;

	(void)state;
	memset(text, 'x', DANCE_ACCOUNT_MAX);
	text[DANCE_ACCOUNT_MAX] = '\0';
	for (i = 0; i < N(logins); i++)
		assert_int_equal(
		    dance_policy_load_accounts(config,
			logins[i] == NULL ? text : logins[i], &policy, &fault),
		    DANCE_ERR_CONFIG);
	text[DANCE_ACCOUNT_MAX - 1] = '\0';
	assert_int_equal(
	    dance_policy_load_accounts(config, text, &policy, &fault), 0);
	assert_false(policy->is_ordinary);
	dance_policy_free(&policy);
	tree_chmod(root, "/etc/dance/accounts", 0666);
	assert_int_equal(
	    dance_policy_load_accounts(config, "alice", &policy, &fault),
	    DANCE_ERR_CONFIG);
	tree_chmod(root, "/etc/dance/accounts", 0644);
	tree_unlink(root, "/etc/dance/accounts");
	assert_int_equal(
	    dance_policy_load_accounts(config, "alice", &policy, &fault),
	    DANCE_ERR_CONFIG);
	assert_null(policy);
	dance_config_free(&config);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(accounts_need_no_anchor),
		TEST(roots_are_of_the_second_half),
		TEST(accounts_that_can_not_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
