/* SPDX-License-Identifier: ISC */
/* Certificates: what is judged, in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "signer.h"
#include "sshcert.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define MIN_RSA 2048
#define NOW	1700000000
#define LIST(s)                                          \
	{                                                \
		(uint8_t *)(uintptr_t)(s), sizeof(s) - 1 \
	}
#define ED_CERT	 "ssh-ed25519-cert-v01@openssh.com"
#define BAD_CRED DANCE_ERR_BAD_CREDENTIAL

/* Lists of options as they stand in a certificate. */
#define FORCE           \
	"\0\0\0\x0d"    \
	"force-command" \
	"\0\0\0\x06"    \
	"\0\0\0\x02"    \
	"ls"
#define SOURCE           \
	"\0\0\0\x0e"     \
	"source-address" \
	"\0\0\0\x0e"     \
	"\0\0\0\x0a"     \
	"10.0.0.0/8"
#define VERIFY            \
	"\0\0\0\x0f"      \
	"verify-required" \
	"\0\0\0\0"
#define UNKNOWN      \
	"\0\0\0\x07" \
	"unknown"    \
	"\0\0\0\0"

static struct signer *user, *ca;

static int
keys_setup(void **state)
{
	(void)state;
	user = signer_new("ssh-ed25519", 0);
	ca = signer_new("ssh-ed25519", 0);
	return 0;
}

static int
keys_teardown(void **state)
{
	(void)state;
	signer_free(&user);
	signer_free(&ca);
	return 0;
}

static void
spec_init(struct cert_spec *spec)
{
	cert_spec_init(spec, ED_CERT, user, ca);
}

/* Make it, parse it, check it. */
static void
expect(const struct cert_spec *spec, int want_parse, int want_check)
{
	struct wirebuf blob = { NULL, 0 };
	struct dance_sshcert *cert = NULL;

	cert_make(spec, &blob);
	assert_int_equal(
	    dance_sshcert_parse(blob.data, blob.len, MIN_RSA, &cert),
	    want_parse);
	assert_true((cert != NULL) == (want_parse == 0));
	if (cert != NULL)
		assert_int_equal(dance_sshcert_check(cert, NOW), want_check);
	dance_sshcert_free(&cert);
	assert_null(cert);
	wirebuf_free(&blob);
}

static void
req_61_role(void **state)
{
	static const struct {
		uint32_t role;
		int parse;
		int check;
	} rows[] = { { 1, 0, 0 }, { 2, 0, BAD_CRED }, { 0, BAD_CRED, 0 },
		{ 3, BAD_CRED, 0 }, { UINT32_MAX, BAD_CRED, 0 } };
	struct cert_spec spec;
	size_t i;

	(void)state;
	spec_init(&spec);
	for (i = 0; i < N(rows); i++) {
		spec.role = rows[i].role;
		expect(&spec, rows[i].parse, rows[i].check);
	}
}

static void
req_61_principals(void **state)
{
	static const struct {
		const char *name;
		struct wirebuf list;
		int parse;
		int check;
	} rows[] = {
		{ "one", LIST("\0\0\0\1a"), 0, 0 },
		{ "two", LIST("\0\0\0\1a\0\0\0\2bc"), 0, 0 },
		{ "none", LIST(""), 0, BAD_CRED },
		{ "truncated", LIST("\0\0\0\2a"), BAD_CRED, 0 },
		{ "trailing", LIST("\0\0\0\1a\0"), BAD_CRED, 0 },
		{ "NUL inside", LIST("\0\0\0\3a\0b"), BAD_CRED, 0 },
		{ "NUL at the end", LIST("\0\0\0\2a\0"), BAD_CRED, 0 },
	};
	struct cert_spec spec;
	size_t i;

	(void)state;
	spec_init(&spec);
	for (i = 0; i < N(rows); i++) {
		print_message("  %s\n", rows[i].name);
		spec.principals = &rows[i].list;
		expect(&spec, rows[i].parse, rows[i].check);
	}
}

static void
req_61_number_of_principals(void **state)
{
	struct wirebuf list = { NULL, 0 };
	struct cert_spec spec;
	unsigned i;

	(void)state;
	spec_init(&spec);
	spec.principals = &list;
	for (i = 0; i < DANCE_PRINCIPALS_MAX; i++)
		wirebuf_text(&list, "a");
	expect(&spec, 0, 0);
	wirebuf_text(&list, "a");
	expect(&spec, BAD_CRED, 0);
	wirebuf_free(&list);
}

static void
req_61_critical_options(void **state)
{
	static const struct {
		const char *name;
		struct wirebuf list;
		int parse;
		int check;
	} rows[] = {
		{ "none", LIST(""), 0, 0 },
		{ "force-command", LIST(FORCE), 0, 0 },
		{ "source-address", LIST(SOURCE), 0, 0 },
		{ "verify-required", LIST(VERIFY), 0, 0 },
		{ "all three", LIST(FORCE SOURCE VERIFY), 0, 0 },
		{ "unknown", LIST(UNKNOWN), 0, BAD_CRED },
		{ "unknown among known", LIST(FORCE UNKNOWN), 0, BAD_CRED },
		{ "twice", LIST(VERIFY VERIFY), 0, BAD_CRED },
		{ "no name", LIST("\0\0\0\0\0\0\0\0"), BAD_CRED, 0 },
		{ "NUL in the name", LIST("\0\0\0\2a\0\0\0\0\0"), BAD_CRED, 0 },
		{ "no data", LIST("\0\0\0\1a"), BAD_CRED, 0 },
		{ "truncated data", LIST("\0\0\0\1a\0\0\0\1"), BAD_CRED, 0 },
		{ "trailing octet", LIST(VERIFY "\0"), BAD_CRED, 0 },
		{ "value where none belongs",
		    LIST("\0\0\0\x0f"
			 "verify-required"
			 "\0\0\0\1x"),
		    0, BAD_CRED },
		{ "value missing",
		    LIST("\0\0\0\x0d"
			 "force-command\0\0\0\0"),
		    0, BAD_CRED },
		{ "rest behind the value",
		    LIST("\0\0\0\x0d"
			 "force-command"
			 "\0\0\0\5"
			 "\0\0\0\0x"),
		    0, BAD_CRED },
	};
	struct cert_spec spec;
	size_t i;

	(void)state;
	spec_init(&spec);
	for (i = 0; i < N(rows); i++) {
		print_message("  %s\n", rows[i].name);
		spec.critical = &rows[i].list;
		expect(&spec, rows[i].parse, rows[i].check);
	}
}

static void
req_61_validity(void **state)
{
	static const struct {
		const char *name;
		uint64_t after;
		uint64_t before;
		time_t now;
		int want;
	} rows[] = {
		{ "for ever", 0, UINT64_MAX, NOW, 0 },
		{ "first second", NOW, NOW + 1, NOW, 0 },
		{ "one second early", NOW, NOW + 1, NOW - 1,
		    DANCE_ERR_EXPIRED },
		{ "one second late", NOW, NOW + 1, NOW + 1, DANCE_ERR_EXPIRED },
		{ "empty span", NOW, NOW, NOW, DANCE_ERR_EXPIRED },
		{ "backwards", NOW + 1, NOW - 1, NOW, DANCE_ERR_EXPIRED },
		{ "never", UINT64_MAX, UINT64_MAX, NOW, DANCE_ERR_EXPIRED },
		{ "before 1970", 0, UINT64_MAX, -1, DANCE_ERR_EXPIRED },
		{ "zero", 0, 0, 0, DANCE_ERR_EXPIRED },
	};
	struct wirebuf blob = { NULL, 0 };
	struct dance_sshcert *cert;
	struct cert_spec spec;
	size_t i;

	(void)state;
	spec_init(&spec);
	for (i = 0; i < N(rows); i++) {
		print_message("  %s\n", rows[i].name);
		spec.valid_after = rows[i].after;
		spec.valid_before = rows[i].before;
		cert_make(&spec, &blob);
		assert_int_equal(
		    dance_sshcert_parse(blob.data, blob.len, MIN_RSA, &cert),
		    0);
		assert_int_equal(
		    dance_sshcert_check(cert, rows[i].now), rows[i].want);
		dance_sshcert_free(&cert);
		wirebuf_free(&blob);
	}
}

/* Of several faults the first of the fixed order is told. */
static void
req_61_order_of_the_check(void **state)
{
	static const struct wirebuf none = LIST(""), unknown = LIST(UNKNOWN);
	struct signer *rsa = signer_new("ssh-rsa", 2048);
	struct cert_spec spec;

	(void)state;
	cert_spec_init(&spec, ED_CERT, user, rsa);
	spec.alg = "ssh-rsa";
	expect(&spec, 0, DANCE_ERR_WEAK_KEY);
	spec.valid_before = NOW - 1;
	expect(&spec, 0, DANCE_ERR_EXPIRED);
	spec.critical = &unknown;
	expect(&spec, 0, BAD_CRED);
	spec.critical = NULL;
	spec.principals = &none;
	expect(&spec, 0, BAD_CRED);
	signer_free(&rsa);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_61_role),
		cmocka_unit_test(req_61_principals),
		cmocka_unit_test(req_61_number_of_principals),
		cmocka_unit_test(req_61_critical_options),
		cmocka_unit_test(req_61_validity),
		cmocka_unit_test(req_61_order_of_the_check),
	};

	return cmocka_run_group_tests(tests, keys_setup, keys_teardown);
}
