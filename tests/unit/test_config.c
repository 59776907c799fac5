/* SPDX-License-Identifier: ISC */
/* dance.conf: each key, what it takes and what it must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config.h"
#include "tlsa.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct dance_config *
parse(const char *text)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };

	if (dance_config_parse(
		text, strlen(text), "f", "/nowhere", &config, &fault) != 0)
		fail_msg("%s: %s", text, fault.text);
	return config;
}

/* The fault is one printable line that begins with what is wanted. */
static void
refuses_len(const char *text, size_t len, const char *want)
{
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };

	if (dance_config_parse(text, len, "f", "/nowhere", &config, &fault) !=
	    DANCE_ERR_CONFIG)
		fail_msg("taken: %s", text);
	assert_null(config);
	if (strncmp(fault.text, want, strlen(want)) != 0)
		fail_msg("%s: %s", text, fault.text);
	assert_null(strchr(fault.text, '\n'));
}

static void
refuses(const char *text, const char *want)
{
	refuses_len(text, strlen(text), want);
}

static void
req_34_defaults(void **state)
{
	struct dance_config *config = parse("");

	(void)state;
	assert_int_equal(config->usages,
	    DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) |
		DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE));
	assert_int_equal(config->timeout_ms, 3000);
	assert_int_equal(config->min_rsa, 2048);
	assert_int_equal(config->min_dnssec_rsa, 1024);
	assert_int_equal(config->log, DANCE_LOG_INFO);
	assert_false(config->has_login_names);
	assert_false(config->provision_enumerate);
	assert_true(config->use_system_resolver);
	assert_int_equal(config->n_upstreams, 1);
	assert_string_equal(config->upstreams[0].address, "127.0.0.1@53");
	assert_int_equal(config->n_stubs, 0);
	assert_int_equal(config->n_anchors, 1);
	assert_string_equal(config->anchors[0], "/usr/share/dns/root.key");
	assert_string_equal(config->cache, "/var/cache/dance");
	assert_string_equal(config->root, "/nowhere");
	assert_null(config->chain[0]);
	assert_null(config->pkcs11_module);
	assert_int_equal(config->provision_first, 2001000000);
	assert_int_equal(config->provision_last, 2147000000);
	dance_config_free(&config);
	assert_null(config);
	dance_config_free(&config);
}

static void
every_key_has_good_values(void **state)
{
	static const char *const rows[] = { "resolver = system",
		"resolver = recursive", "resolver = 192.0.2.1",
		"resolver = 192.0.2.1@5353", "resolver = 2001:db8::1",
		"resolver = 2001:db8::1@53", "resolver = ::1@65535",
		"resolver = ::ffff:192.0.2.1@1", "stub = corp.example ::1@53",
		"stub = corp. 192.0.2.1", "stub = a.B_c-d\t 192.0.2.1@54",
		"trust-anchor = /etc/anchor", "timeout = 3s", "timeout = 1ms",
		"timeout = 10s", "timeout = 10000ms", "usages = 2,3",
		"usages = 3", "usages = 0 , 1,\t2, 3",
		"cache = /var/cache/dance", "cache-max-ttl = 0s",
		"cache-max-ttl = 300s", "cache-max-ttl = 7d", "offline = no",
		"offline = 12h", "offline = 1s", "offline = 30d",
		"chain-command = none", "chain-command = /bin/true",
		"chain-command = /bin/x %u %f %t %k %% 50%%", "min-rsa = 2048",
		"min-rsa = 16384", "min-dnssec-rsa = 1024",
		"min-dnssec-rsa = 4096", "login-names = yes",
		"login-names = no", "pkcs11-module = p11-kit",
		"pkcs11-module = /usr/lib/x.so",
		"provision-uids = 2001000000-2147000000",
		"provision-uids = 5-5", "provision-home = /home/%u",
		"provision-shell = /bin/bash", "provision-enumerate = yes",
		"provision-enumerate = no", "log = error", "log = notice",
		"log = info", "log = debug" };
	struct dance_config *config;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		config = parse(rows[i]);
		dance_config_free(&config);
	}
}

static const char *const bad_values[] = { "resolver = ", "resolver = System",
	"resolver = localhost", "resolver = 192.0.2", "resolver = 192.0.2.256",
	"resolver = 192.0.2.1@", "resolver = 192.0.2.1@0",
	"resolver = 192.0.2.1@65536", "resolver = 192.0.2.1@dns",
	"resolver = 192.0.2.1:53", "resolver = 192.0.2.1 192.0.2.2",
	"resolver = [::1]@53", "resolver = fe80::1%eth0", "resolver = @53",
	"resolver = 192.0.2.1@53@54", "resolver = 192.0.2.1#dns.example",
	"resolver = tls://192.0.2.1", "resolver = 0x7f.1",
	"resolver = 2001:0db8:0000:0000:0000:0000:192.168.100.100@65535555555",
	"stub = ", "stub = corp.example", "stub = . 192.0.2.1",
	"stub = corp..example 192.0.2.1", "stub = .corp 192.0.2.1",
	"stub = c%o.example 192.0.2.1", "stub = corp.example ns.example",
	"stub = corp.example.. ::1", "stub = corp.example 192.0.2.1 x",
	"stub = *.example ::1", "trust-anchor = ", "trust-anchor = anchor",
	"trust-anchor = ./anchor", "timeout = 0s", "timeout = 11s",
	"timeout = 10001ms", "timeout = 3", "timeout = -3s", "timeout = 3 s",
	"timeout = ", "usages = ", "usages = 4", "usages = 2,", "usages = ,2",
	"usages = 2;3", "usages = 23", "usages = 2 3", "usages = all",
	"usages = -2", "cache = ", "cache = cache", "cache-max-ttl = 8d",
	"cache-max-ttl = 300", "offline = yes", "offline = 0s",
	"offline = 500ms", "offline = 31d", "offline = No",
	"chain-command = ", "chain-command = true", "chain-command = ./true",
	"chain-command = /bin/x %", "chain-command = /bin/x %h",
	"chain-command = /bin/x %%%", "chain-command = /bin/%u",
	"min-rsa = 1024", "min-rsa = 2047", "min-rsa = 16385",
	"min-rsa = 2048 bits", "min-dnssec-rsa = 1023", "min-dnssec-rsa = 4097",
	"min-dnssec-rsa = 512", "min-dnssec-rsa = 0", "min-dnssec-rsa = no",
	"min-dnssec-rsa = ", "min-rsa = ", "login-names = ",
	"login-names = true", "login-names = Yes", "login-names = 1",
	"pkcs11-module = ", "pkcs11-module = opensc.so", "provision-uids = 5",
	"provision-uids = 6-5", "provision-uids = 0-5",
	"provision-uids = 1 - 5", "provision-uids = 1-4294967294",
	"provision-uids = -", "provision-uids = 1-",
	"provision-uids = 0000000000000000000000000000001-5",
	"provision-home = home", "provision-shell = bash",
	"provision-enumerate = ", "provision-enumerate = true",
	"provision-enumerate = Yes", "provision-enumerate = yes no",
	"log = ", "log = INFO", "log = all", "log = 2" };

static void
every_key_refuses_bad_values(void **state)
{
	char want[80];
	size_t i;
	int len;

	(void)state;
	for (i = 0; i < N(bad_values); i++) {
		len = (int)strcspn(bad_values[i], " ");
		snprintf(want, sizeof(want), "f:1: bad value: %.*s: ", len,
		    bad_values[i]);
		refuses(bad_values[i], want);
	}
}

static void
unknown_keys(void **state)
{
	static const char *const rows[] = { "timeouts = 3s", "Timeout = 3s",
		"time out = 3s", "= 3s", "dnssec = no", "usage = 3",
		"trust-anchors = /x", "resolver\x01 = system" };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		refuses(rows[i], "f:1: unknown key: ");
	refuses("log = info\n\n# x\nnew = 1\n", "f:4: unknown key: new");
}

static void
keys_given_twice(void **state)
{
	static const char *const once[] = { "timeout = 3s", "usages = 2",
		"cache = /x", "cache-max-ttl = 1s", "offline = no",
		"chain-command = none", "min-rsa = 2048", "login-names = no",
		"pkcs11-module = p11-kit", "provision-uids = 5-6",
		"provision-home = /x", "provision-shell = /x",
		"provision-enumerate = no", "log = info" };
	char text[128], want[64];
	size_t i;

	(void)state;
	for (i = 0; i < N(once); i++) {
		snprintf(
		    text, sizeof(text), "%s\n[other]\n%s\n", once[i], once[i]);
		snprintf(want, sizeof(want), "f:3: given twice: %.*s",
		    (int)strcspn(once[i], " "), once[i]);
		refuses(text, want);
	}
	refuses("resolver = system\nresolver = system\n", "f:2: bad value");
}

static void
keys_that_may_be_repeated(void **state)
{
	struct dance_config *config =
	    parse("resolver = recursive\nresolver = ::1\n"
		  "stub = A.b. ::1\nstub = c ::2@54\n"
		  "trust-anchor = /a\ntrust-anchor = /b\n");

	(void)state;
	assert_false(config->use_system_resolver);
	assert_int_equal(config->n_upstreams, 2);
	assert_string_equal(config->upstreams[0].address, "");
	assert_string_equal(config->upstreams[1].address, "::1@53");
	assert_int_equal(config->n_stubs, 2);
	assert_string_equal(config->stubs[0].zone, "A.b");
	assert_string_equal(config->stubs[0].address, "::1@53");
	assert_string_equal(config->stubs[1].zone, "c");
	assert_string_equal(config->stubs[1].address, "::2@54");
	assert_int_equal(config->n_anchors, 2);
	assert_string_equal(config->anchors[0], "/a");
	assert_string_equal(config->anchors[1], "/b");
	dance_config_free(&config);
}

static void
repeated(const char *line, unsigned n, bool is_taken)
{
	struct dance_config *config;
	char text[2048] = "";
	unsigned i;

	for (i = 0; i < n; i++) {
		memcpy(text + i * strlen(line), line, strlen(line) + 1);
	}
	if (is_taken) {
		config = parse(text);
		dance_config_free(&config);
	} else
		refuses(text, "f");
}

static void
limits_of_repeated_keys(void **state)
{
	(void)state;
	repeated("resolver = ::1\n", DANCE_UPSTREAMS_MAX, true);
	repeated("resolver = ::1\n", DANCE_UPSTREAMS_MAX + 1, false);
	repeated("stub = a ::1\n", DANCE_STUBS_MAX, true);
	repeated("stub = a ::1\n", DANCE_STUBS_MAX + 1, false);
	repeated("trust-anchor = /a\n", DANCE_ANCHORS_MAX, true);
	repeated("trust-anchor = /a\n", DANCE_ANCHORS_MAX + 1, false);
	refuses("resolver = system\nresolver = ::1\nresolver = ::1\n"
		"resolver = ::1\nresolver = ::1\nresolver = ::1\n"
		"resolver = ::1\nresolver = ::1\nresolver = ::1\n",
	    "f: more than 8 resolvers");
}

static void
values_that_are_kept(void **state)
{
	struct dance_config *config = parse(
	    "timeout = 2500ms\nusages = 3, 1\ncache = /c\nmin-rsa = 3072\n"
	    "login-names = yes\nlog = debug\n"
	    "pkcs11-module = /m.so\nprovision-uids = 1-4294967293\n"
	    "chain-command = /bin/x \t -a  %u  b%%c\n"
	    "provision-enumerate = yes\n");

	(void)state;
	assert_int_equal(config->timeout_ms, 2500);
	assert_int_equal(config->usages, 8 | 2);
	assert_string_equal(config->cache, "/c");
	assert_int_equal(config->min_rsa, 3072);
	assert_true(config->has_login_names);
	assert_true(config->provision_enumerate);
	assert_int_equal(config->log, DANCE_LOG_DEBUG);
	assert_string_equal(config->pkcs11_module, "/m.so");
	assert_int_equal(config->provision_first, 1);
	assert_int_equal(config->provision_last, 4294967293);
	assert_string_equal(config->chain[0], "/bin/x");
	assert_string_equal(config->chain[1], "-a");
	assert_string_equal(config->chain[2], "%u");
	assert_string_equal(config->chain[3], "b%%c");
	assert_null(config->chain[4]);
	dance_config_free(&config);
	config = parse("pkcs11-module = p11-kit\nprovision-uids = 5-5\n");
	assert_null(config->pkcs11_module);
	assert_int_equal(config->provision_first, 5);
	assert_int_equal(config->provision_last, 5);
	dance_config_free(&config);
}

static void
words_of_chain_command(void **state)
{
	struct dance_config *config;

	(void)state;
	config =
	    parse("chain-command = /x 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15");
	assert_string_equal(config->chain[15], "15");
	assert_null(config->chain[16]);
	dance_config_free(&config);
	refuses("chain-command = /x 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
	    "f:1: bad value: chain-command");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_34_defaults),
		cmocka_unit_test(every_key_has_good_values),
		cmocka_unit_test(every_key_refuses_bad_values),
		cmocka_unit_test(unknown_keys),
		cmocka_unit_test(keys_given_twice),
		cmocka_unit_test(keys_that_may_be_repeated),
		cmocka_unit_test(limits_of_repeated_keys),
		cmocka_unit_test(values_that_are_kept),
		cmocka_unit_test(words_of_chain_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
