/* SPDX-License-Identifier: ISC */
/* dance.conf as a file: its lines, its place, and resolv.conf beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "tree.h"

#define N(a)	  (sizeof(a) / sizeof((a)[0]))
#define CONF_PATH "/etc/dance/dance.conf"

static char root[TREE_MAX];

static int
setup(void **state)
{
	(void)state;
	tree_make(root);
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
parse(const char *text, size_t len, struct dance_fault *fault)
{
	struct dance_config *config = NULL;
	int r;

	fault->text[0] = '\0';
	r = dance_config_parse(text, len, "f", root, &config, fault);
	assert_int_equal(r, config == NULL ? DANCE_ERR_CONFIG : 0);
	return config;
}

/* timeout_ms 0: refused, and where. */
static void
forms_of_lines(void **state)
{
	static const struct {
		const char *text;
		unsigned timeout_ms;
		const char *fault;
	} rows[] = {
		{ "timeout=5s", 5000, NULL },
		{ "timeout = 5s\r\n", 5000, NULL },
		{ "  timeout  =  5s  \n", 5000, NULL },
		{ "timeout: 5s\n", 5000, NULL },
		{ "\n\n\ntimeout = 5s", 5000, NULL },
		{ "# timeout = 4s\n; timeout = 3s\ntimeout = 5s", 5000, NULL },
		{ "timeout = 5s ; five\n", 5000, NULL },
		{ "timeout = 5s;five\n", 0, "f:1: bad value" },
		{ "timeout = 5s # five\n", 0, "f:1: bad value" },
		{ "[section]\ntimeout = 5s", 5000, NULL },
		{ "[a][b]\ntimeout = 5s", 5000, NULL },
		{ "\xef\xbb\xbftimeout = 5s", 5000, NULL },
		{ "timeout = \"5s\"\n", 0, "f:1: bad value" },
		{ "timeout = 5s\n  4s\n", 0, "f:2: given twice" },
		{ "timeout = 5s\n  log = info\n", 0, "f:2: given twice" },
		{ "timeout = 5s\n\n\tlog = info\n", 0, "f:3: given twice" },
		{ "timeout = 5s\n  # comment\n", 5000, NULL },
		{ "timeout 5s\n", 0, "f:1: not a \"key = value\" line" },
		{ "timeout\n", 0, "f:1: not a \"key = value\" line" },
		{ "x\ntimeout = 5s\n", 0, "f:1: not a" },
		{ "timeout = 5s\n[section\n", 0, "f:2: not a" },
		{ "timeout = 5s\n\nx\n", 0, "f:3: not a" },
		{ "timeout = 5s\nlog = x\nlog = y\n", 0, "f:2: bad value" },
		{ "timeout = 5s\rlog = x\n", 0, "f:1: bad value" },
		{ "timeout = 5s = 6s\n", 0, "f:1: bad value" },
	};
	struct dance_config *config;
	struct dance_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		config = parse(rows[i].text, strlen(rows[i].text), &fault);
		if ((config != NULL) != (rows[i].timeout_ms != 0))
			fail_msg("%s: %s", rows[i].text, fault.text);
		if (config != NULL)
			assert_int_equal(
			    config->timeout_ms, rows[i].timeout_ms);
		else if (strncmp(fault.text, rows[i].fault,
			     strlen(rows[i].fault)) != 0)
			fail_msg("%s: %s", rows[i].text, fault.text);
		dance_config_free(&config);
	}
}

/* An indented line is one more value of a key that may have more. */
static void
continuation_lines(void **state)
{
	static const char text[] = "resolver = ::1\n  ::2\n\t192.0.2.1@54\n"
				   "trust-anchor = /a\n  /b\n";
	struct dance_fault fault;
	struct dance_config *config = parse(text, strlen(text), &fault);

	(void)state;
	assert_non_null(config);
	assert_int_equal(config->n_upstreams, 3);
	assert_string_equal(config->upstreams[2].address, "192.0.2.1@54");
	assert_int_equal(config->n_anchors, 2);
	dance_config_free(&config);
	assert_null(parse("resolver = ::1\n  log = debug\n", 29, &fault));
	assert_null(parse("trust-anchor = /a\n  log = debug\n", 32, &fault));
}

/* inih would cut a long line in two and take the rest for another. */
static void
long_lines(void **state)
{
	struct dance_config *config;
	struct dance_fault fault;
	char text[1024];
	size_t len;

	(void)state;
	for (len = 100; len <= 600; len++) {
		memset(text, '#', sizeof(text));
		memcpy(text + len, "\nlog = debug\n", 13);
		config = parse(text, len + 13, &fault);
		assert_int_equal(config != NULL, len <= 198);
		if (config == NULL)
			assert_string_equal(fault.text, "f:1: line too long");
		dance_config_free(&config);
	}
	memset(text, ' ', sizeof(text));
	memcpy(text, "log = info", 10);
	memcpy(text + 199, "timeout = 9s", 12);
	assert_null(parse(text, 300, &fault));
	assert_string_equal(fault.text, "f:1: line too long");
}

static void
nul_and_other_octets(void **state)
{
	struct dance_fault fault;

	(void)state;
	assert_null(parse("log = info\0debug\n", 17, &fault));
	assert_string_equal(fault.text, "f:1: NUL character");
	assert_null(parse("# \0\n", 4, &fault));
	assert_null(parse("log = info\n\0", 12, &fault));
	assert_string_equal(fault.text, "f:2: NUL character");
	assert_null(parse("log = info\x01\n", 12, &fault));
	assert_null(parse("log = \xc2\xa0info\n", 13, &fault));
}

static int
load(struct dance_config **config, struct dance_fault *fault)
{
	*config = NULL;
	fault->text[0] = '\0';
	return dance_config_load(root, config, fault);
}

static void
the_file_itself(void **state)
{
	struct dance_config *config;
	struct dance_fault fault;

	(void)state;
	assert_int_equal(load(&config, &fault), 0);
	assert_int_equal(config->timeout_ms, 3000);
	assert_string_equal(config->root, root);
	dance_config_free(&config);

	tree_write(root, CONF_PATH, "timeout = 5s\n");
	assert_int_equal(load(&config, &fault), 0);
	assert_int_equal(config->timeout_ms, 5000);
	dance_config_free(&config);

	tree_write(root, CONF_PATH, "\nx = 5s\n");
	assert_int_equal(load(&config, &fault), DANCE_ERR_CONFIG);
	assert_string_equal(
	    fault.text, "/etc/dance/dance.conf:2: unknown key: x");
	assert_null(config);
}

static void
a_file_that_cannot_be_used_is_a_fault(void **state)
{
	static char large[DANCE_CONFIG_MAX + 1];
	struct dance_config *config;
	struct dance_fault fault;

	(void)state;
	tree_write(root, CONF_PATH, "timeout = 5s\n");
	tree_chmod(root, CONF_PATH, 0664);
	assert_int_equal(load(&config, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "dance.conf: writable"));
	tree_unlink(root, CONF_PATH);
	tree_link(root, CONF_PATH, "nothing");
	assert_int_equal(load(&config, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "No such file"));
	tree_unlink(root, CONF_PATH);
	tree_mkdir(root, CONF_PATH);
	assert_int_equal(load(&config, &fault), DANCE_ERR_CONFIG);
	tree_unlink(root, CONF_PATH);
	memset(large, '\n', sizeof(large));
	tree_write_bytes(root, CONF_PATH, large, sizeof(large));
	assert_int_equal(load(&config, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "too large"));
	tree_write_bytes(root, CONF_PATH, large, sizeof(large) - 1);
	assert_int_equal(load(&config, &fault), 0);
	dance_config_free(&config);
}

static const struct {
	const char *resolv_conf; /* NULL: there is none */
	const char *want[4];
} systems[] = {
	{ NULL, { "127.0.0.1@53" } },
	{ "", { "127.0.0.1@53" } },
	{ "# nameserver 192.0.2.1\nsearch example\n", { "127.0.0.1@53" } },
	{ "nameserver 192.0.2.1\n", { "192.0.2.1@53" } },
	{ "nameserver 192.0.2.1", { "192.0.2.1@53" } },
	{ "nameserver\t  ::1  \r\n", { "::1@53" } },
	{ "nameserver 192.0.2.1 # comment\n", { "192.0.2.1@53" } },
	{ "nameserver 192.0.2.1\nnameserver ::1\nnameserver ::2\n"
	  "nameserver ::3\n",
	    { "192.0.2.1@53", "::1@53", "::2@53" } },
	{ "nameserver fe80::1%eth0\nnameserver ::1\n", { "::1@53" } },
	{ "nameserver\nnameserver  \nnameserverx ::2\nnameservers ::3\n",
	    { "127.0.0.1@53" } },
	{ "nameserver recursive\nnameserver ::1\n", { "::1@53" } },
	{ "options edns0\nnameserver 192.0.2.1\noptions trust-ad\n",
	    { "192.0.2.1@53" } },
};

static void
resolver_system_is_resolv_conf(void **state)
{
	struct dance_config *config;
	struct dance_fault fault;
	size_t i, n;

	(void)state;
	for (i = 0; i < N(systems); i++) {
		if (systems[i].resolv_conf != NULL)
			tree_write(
			    root, "/etc/resolv.conf", systems[i].resolv_conf);
		config = parse("resolver = system", 17, &fault);
		assert_non_null(config);
		for (n = 0; n < 4 && systems[i].want[n] != NULL; n++) {
			assert_true(n < config->n_upstreams);
			assert_string_equal(
			    config->upstreams[n].address, systems[i].want[n]);
		}
		assert_int_equal(config->n_upstreams, n);
		dance_config_free(&config);
	}
}

static void
resolver_system_beside_others(void **state)
{
	static const char text[] = "resolver = ::1\nresolver = system\n";
	struct dance_config *config;
	struct dance_fault fault;

	(void)state;
	tree_write(root, "/etc/resolv.conf", "nameserver 192.0.2.1\n");
	config = parse(text, strlen(text), &fault);
	assert_non_null(config);
	assert_int_equal(config->n_upstreams, 2);
	assert_string_equal(config->upstreams[0].address, "::1@53");
	assert_string_equal(config->upstreams[1].address, "192.0.2.1@53");
	dance_config_free(&config);
	config = parse(text, 15, &fault);
	assert_non_null(config);
	assert_int_equal(config->n_upstreams, 1);
	dance_config_free(&config);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(forms_of_lines),
		TEST(continuation_lines),
		TEST(long_lines),
		TEST(nul_and_other_octets),
		TEST(the_file_itself),
		TEST(a_file_that_cannot_be_used_is_a_fault),
		TEST(resolver_system_is_resolv_conf),
		TEST(resolver_system_beside_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
