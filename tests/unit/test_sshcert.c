/* SPDX-License-Identifier: ISC */
/* Certificates: what is read, by whom they may be signed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "keys.h"
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

static const struct {
	const char *name;
	const char *ca_args;
	const char *sign_args;
	unsigned n_principals;
} made[] = {
	{ "rsa", "-t rsa -b 2048", "-t rsa-sha2-256", 1 },
	{ "rsa512", "-t rsa -b 2048", "-t rsa-sha2-512", 2 },
	{ "p256", "-t ecdsa -b 256", "-O force-command=/bin/true", 1 },
	{ "p384", "-t ecdsa -b 384", "-O source-address=10.0.0.0/8", 1 },
	{ "p521", "-t ecdsa -b 521", "-O clear", 1 },
	{ "ed25519", "-t ed25519", "-O verify-required -V -1d:+1d", 1 },
};

/* By ssh-keygen, so by another implementation: a CA of each type. */
static void
made_one(const char *dir, size_t i)
{
	struct wirebuf blob = { NULL, 0 }, plain = { NULL, 0 };
	struct dance_sshcert *cert;
	char command[256], file[32];

	assert_true(
	    snprintf(command, sizeof(command), "ssh-keygen -q -N '' -f %s %s",
		made[i].name, made[i].ca_args) > 0);
	keys_run(dir, command);
	assert_true(snprintf(command, sizeof(command),
			"ssh-keygen -q -s %s -I id -z %zu -n a.b%s %s u.pub",
			made[i].name, i, made[i].n_principals > 1 ? ",c.d" : "",
			made[i].sign_args) > 0);
	keys_run(dir, command);
	keys_blob(dir, "u-cert.pub", &blob);
	assert_int_equal(
	    dance_sshcert_parse(blob.data, blob.len, MIN_RSA, &cert), 0);
	assert_int_equal(dance_sshcert_check(cert, time(NULL)), 0);
	assert_int_equal(cert->serial, i);
	assert_int_equal(cert->role, 1);
	assert_true(dance_bytes_equal(cert->key_id, "id"));
	assert_int_equal(cert->n_principals, made[i].n_principals);
	assert_true(dance_bytes_equal(cert->principals[0], "a.b"));
	keys_blob(dir, "u.pub", &plain);
	assert_int_equal(cert->key->blob_len, plain.len);
	assert_memory_equal(cert->key->blob, plain.data, plain.len);
	wirebuf_free(&plain);
	assert_true(snprintf(file, sizeof(file), "%s.pub", made[i].name) > 0);
	keys_blob(dir, file, &plain);
	assert_int_equal(cert->ca->blob_len, plain.len);
	assert_memory_equal(cert->ca->blob, plain.data, plain.len);
	wirebuf_free(&plain);
	wirebuf_free(&blob);
	dance_sshcert_free(&cert);
}

static void
certificates_of_ssh_keygen(void **state)
{
	char dir[KEYS_DIR_MAX];
	size_t i;

	(void)state;
	keys_dir_make(dir);
	keys_run(dir, "ssh-keygen -q -N '' -t ecdsa -f u");
	for (i = 0; i < N(made); i++) {
		print_message("  %s\n", made[i].name);
		made_one(dir, i);
	}
	keys_dir_remove(dir);
}

/* Each type on each side, the sk types too, which need no token here. */
static void
certificates_of_each_type(void **state)
{
	static const struct {
		const char *plain;
		const char *cert;
	} types[] = {
		{ "ssh-rsa", "ssh-rsa-cert-v01@openssh.com" },
		{ "ecdsa-sha2-nistp256",
		    "ecdsa-sha2-nistp256-cert-v01@openssh.com" },
		{ "ecdsa-sha2-nistp384",
		    "ecdsa-sha2-nistp384-cert-v01@openssh.com" },
		{ "ecdsa-sha2-nistp521",
		    "ecdsa-sha2-nistp521-cert-v01@openssh.com" },
		{ "ssh-ed25519", ED_CERT },
		{ "sk-ecdsa-sha2-nistp256@openssh.com",
		    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com" },
		{ "sk-ssh-ed25519@openssh.com",
		    "sk-ssh-ed25519-cert-v01@openssh.com" },
	};
	struct cert_spec spec;
	struct signer *s;
	size_t i;

	(void)state;
	for (i = 0; i < N(types); i++) {
		print_message("  %s\n", types[i].cert);
		s = signer_new(types[i].plain, 2048);
		cert_spec_init(&spec, types[i].cert, s, ca);
		expect(&spec, 0, 0);
		cert_spec_init(&spec, ED_CERT, user, s);
		expect(&spec, 0, 0);
		cert_spec_init(&spec, types[i].plain, s, ca);
		expect(&spec, BAD_CRED, 0);
		signer_free(&s);
	}
}

static void
req_60_nonce_and_key_id(void **state)
{
	static const struct wirebuf nul = LIST("a\0b"), empty = LIST("");
	struct cert_spec spec;

	(void)state;
	spec_init(&spec);
	spec.nonce_len = 16;
	expect(&spec, 0, 0);
	spec.nonce_len = 15;
	expect(&spec, BAD_CRED, 0);
	spec.nonce_len = 0;
	expect(&spec, BAD_CRED, 0);
	spec_init(&spec);
	spec.key_id = &empty;
	expect(&spec, 0, 0);
	spec.key_id = &nul;
	expect(&spec, BAD_CRED, 0);
}

/* Never a certificate, a stranger, DSA, or a short RSA key. */
static void
req_58_signing_key(void **state)
{
	struct signer *short_rsa = signer_new("ssh-rsa", 1024);
	struct signer *stranger = signer_new("ssh-ed25519", 0);
	struct wirebuf blob = { NULL, 0 };
	struct cert_spec spec, inner;

	(void)state;
	spec_init(&inner);
	cert_make(&inner, &blob);
	spec_init(&spec);
	spec.ca_blob = &blob;
	expect(&spec, BAD_CRED, 0);
	wirebuf_free(&blob);
	signer_blob(stranger, &blob);
	expect(&spec, 0, DANCE_ERR_UNTRUSTED);
	wirebuf_u8(&blob, 0);
	expect(&spec, BAD_CRED, 0);
	wirebuf_free(&blob);
	wirebuf_text(&blob, "ssh-dss");
	expect(&spec, DANCE_ERR_WEAK_KEY, 0);
	wirebuf_free(&blob);
	expect(&spec, BAD_CRED, 0); /* empty */
	cert_spec_init(&spec, ED_CERT, user, short_rsa);
	expect(&spec, DANCE_ERR_WEAK_KEY, 0);
	cert_spec_init(&spec, "ssh-rsa-cert-v01@openssh.com", short_rsa, ca);
	expect(&spec, DANCE_ERR_WEAK_KEY, 0);
	spec.type = "ssh-dss-cert-v01@openssh.com";
	expect(&spec, DANCE_ERR_WEAK_KEY, 0);
	spec.type = "ssh-xmss-cert-v01@openssh.com";
	expect(&spec, BAD_CRED, 0);
	signer_free(&short_rsa);
	signer_free(&stranger);
}

static void
req_58_signature_algorithm(void **state)
{
	struct signer *rsa = signer_new("ssh-rsa", 2048);
	struct cert_spec spec;

	(void)state;
	cert_spec_init(&spec, ED_CERT, user, rsa);
	spec.alg = "rsa-sha2-512";
	expect(&spec, 0, 0);
	spec.alg = "rsa-sha2-256";
	expect(&spec, 0, 0);
	spec.alg = "ssh-rsa";
	expect(&spec, 0, DANCE_ERR_WEAK_KEY);
	signer_free(&rsa);
}

/* A token that was not touched signs for no certificate. */
static void
req_59_sk_signing_key_needs_the_touch(void **state)
{
	struct signer *sk = signer_new("sk-ssh-ed25519@openssh.com", 0);
	struct cert_spec spec;

	(void)state;
	cert_spec_init(&spec, ED_CERT, user, sk);
	expect(&spec, 0, 0);
	sk->flags = 0;
	expect(&spec, 0, DANCE_ERR_UNTRUSTED);
	signer_free(&sk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_ssh_keygen),
		cmocka_unit_test(certificates_of_each_type),
		cmocka_unit_test(req_60_nonce_and_key_id),
		cmocka_unit_test(req_58_signing_key),
		cmocka_unit_test(req_58_signature_algorithm),
		cmocka_unit_test(req_59_sk_signing_key_needs_the_touch),
	};

	return cmocka_run_group_tests(tests, keys_setup, keys_teardown);
}
