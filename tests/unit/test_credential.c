/* SPDX-License-Identifier: ISC */
/* The text forms: what sshd says of a key, and public key files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "credential.h"
#include "error.h"
#include "keys.h"
#include "signer.h"

#define N(a)	 (sizeof(a) / sizeof((a)[0]))
#define MIN_RSA	 2048
#define BAD_CRED DANCE_ERR_BAD_CREDENTIAL

/* RFC 8032 7.1 test 1, and what ssh-keygen -l says of it. */
#define ED25519 "ssh-ed25519"
#define BLOB                                                       \
	"AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYj" \
	"Ja8CGmj3B1Ea"
#define SHA256 "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8"
#define MD5    "MD5:cf:07:be:9d:68:ae:65:54:6d:a0:93:c3:6f:bd:0d:82"
#define LINE   ED25519 " " BLOB

static const struct {
	const char *name;
	const char *type;
	const char *base64;
	const char *fingerprint;
	int want;
} parses[] = {
	{ "nobody said anything", ED25519, BLOB, NULL, 0 },
	{ "SHA256", ED25519, BLOB, SHA256, 0 },
	{ "MD5", ED25519, BLOB, MD5, 0 },
	{ "SHA256, one character off", ED25519, BLOB,
	    "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU9", BAD_CRED },
	{ "SHA256 with padding", ED25519, BLOB, SHA256 "=", BAD_CRED },
	{ "SHA256 cut", ED25519, BLOB, "SHA256:bbXpuKG6", BAD_CRED },
	{ "MD5, one digit off", ED25519, BLOB,
	    "MD5:cf:07:be:9d:68:ae:65:54:6d:a0:93:c3:6f:bd:0d:83", BAD_CRED },
	{ "MD5 in upper case", ED25519, BLOB,
	    "MD5:CF:07:BE:9D:68:AE:65:54:6D:A0:93:C3:6F:BD:0D:82", BAD_CRED },
	{ "MD5 without its name", ED25519, BLOB,
	    "cf:07:be:9d:68:ae:65:54:6d:a0:93:c3:6f:bd:0d:82", BAD_CRED },
	{ "SHA1", ED25519, BLOB, "SHA1:2jmj7l5rSw0yVb/vlWAYkK/YBwk", BAD_CRED },
	{ "empty fingerprint", ED25519, BLOB, "", BAD_CRED },
	{ "another type", "ssh-rsa", BLOB, NULL, BAD_CRED },
	{ "certificate's type", "ssh-ed25519-cert-v01@openssh.com", BLOB, NULL,
	    BAD_CRED },
	{ "type with a blank", ED25519 " ", BLOB, NULL, BAD_CRED },
	{ "no type", "", BLOB, NULL, BAD_CRED },
	{ "no blob", ED25519, "", NULL, BAD_CRED },
	{ "blank in the blob", ED25519, BLOB " ", NULL, BAD_CRED },
	{ "blob cut", ED25519, "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGC", NULL,
	    BAD_CRED },
	{ "type alone", ED25519, "AAAAC3NzaC1lZDI1NTE5", NULL, BAD_CRED },
	{ "DSA", "ssh-dss", "AAAAB3NzaC1kc3M=", NULL, DANCE_ERR_WEAK_KEY },
	{ "unknown type", "ssh-ed448", "AAAACXNzaC1lZDQ0OA==", NULL, BAD_CRED },
};

static void
req_91_type_blob_and_fingerprint_agree(void **state)
{
	struct dance_credential *cred;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < N(parses); i++) {
		print_message("  %s\n", parses[i].name);
		cred = NULL;
		r = dance_credential_parse(parses[i].type, parses[i].base64,
		    parses[i].fingerprint, MIN_RSA, &cred);
		assert_int_equal(r, parses[i].want);
		assert_true((cred != NULL) == (r == 0));
		if (cred == NULL)
			continue;
		assert_string_equal(cred->type, parses[i].type);
		assert_string_equal(cred->fingerprint, SHA256);
		assert_null(cred->cert);
		assert_ptr_equal(dance_credential_line_key(cred), cred->key);
		dance_credential_free(&cred);
		assert_null(cred);
	}
	dance_credential_free(&cred);
	dance_credential_free(NULL);
}

static const struct {
	const char *name;
	const char *text;
	int want;
} files[] = {
	{ "bare", LINE, 0 },
	{ "line end", LINE "\n", 0 },
	{ "comment behind", LINE " alice@laptop, at home\n", 0 },
	{ "comment lines", "# mine\n\n" LINE "\n#\n \t\n", 0 },
	{ "CRLF", "# mine\r\n\r\n" LINE " alice\r\n\r\n", 0 },
	{ "blanks", "  " ED25519 " \t " BLOB "\t\n", 0 },
	{ "empty", "", BAD_CRED },
	{ "line ends only", "\n\r\n\n", BAD_CRED },
	{ "comments only", "# " LINE "\n", BAD_CRED },
	{ "two keys", LINE "\n" LINE "\n", BAD_CRED },
	{ "text behind the key", LINE "\nmore\n", BAD_CRED },
	{ "type only", ED25519 "\n", BAD_CRED },
	{ "two lines", ED25519 "\n" BLOB "\n", BAD_CRED },
	{ "options", "restrict " LINE "\n", BAD_CRED },
	{ "option with a value", "command=\"ls\" " LINE "\n", BAD_CRED },
	{ "cert-authority", "cert-authority " LINE "\n", BAD_CRED },
	{ "known_hosts", "host.example.com " LINE "\n", BAD_CRED },
	{ "another type", "ssh-rsa " BLOB "\n", BAD_CRED },
	{ "CR inside", ED25519 "\r" BLOB "\n", BAD_CRED },
	{ "PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
	    BAD_CRED },
};

static void
key_files(void **state)
{
	struct dance_credential *cred;
	size_t i, len;
	char *copy;
	int r;

	(void)state;
	for (i = 0; i < N(files); i++) {
		print_message("  %s\n", files[i].name);
		len = strlen(files[i].text);
		copy = malloc(len > 0 ? len : 1); /* no NUL behind it */
		assert_non_null(copy);
		memcpy(copy, files[i].text, len);
		cred = NULL;
		r = dance_credential_parse_file(copy, len, MIN_RSA, &cred);
		assert_int_equal(r, files[i].want);
		if (r == 0)
			assert_string_equal(cred->fingerprint, SHA256);
		dance_credential_free(&cred);
		free(copy);
	}
	r = dance_credential_parse_file(
	    LINE "\0\n", sizeof(LINE) + 1, MIN_RSA, &cred);
	assert_int_equal(r, BAD_CRED);
}

/* From a blob of the test's own to a credential. */
static int
from_blob(const char *type, const struct wirebuf *blob, const char *fingerprint,
    struct dance_credential **ret)
{
	char *text;
	int r;

	assert_int_equal(dance_base64_encode(blob->data, blob->len, &text), 0);
	r = dance_credential_parse(type, text, fingerprint, MIN_RSA, ret);
	free(text);
	return r;
}

static char *
repeat(const char *head, char c, size_t n)
{
	size_t len = strlen(head);
	char *text = malloc(len + n + 1);

	assert_non_null(text);
	memcpy(text, head, len);
	memset(text + len, c, n);
	text[len + n] = '\0';
	return text;
}

static void
req_35_text_size_is_bounded(void **state)
{
	static const char type[] = "ssh-ed25519-cert-v01@openssh.com";
	size_t longest = DANCE_CREDENTIAL_TEXT_MAX / 4 * 3;
	size_t comment = 2 * DANCE_CREDENTIAL_TEXT_MAX - strlen(LINE " ");
	struct signer *s = signer_new(ED25519, 0);
	struct dance_credential *cred = NULL;
	struct wirebuf blob = { NULL, 0 };
	struct cert_spec spec;
	char *text;

	(void)state;
	cert_spec_init(&spec, type, s, s);
	cert_make_sized(&spec, longest, &blob);
	assert_int_equal(from_blob(type, &blob, NULL, &cred), 0);
	dance_credential_free(&cred);
	wirebuf_free(&blob);
	cert_make_sized(&spec, longest + 1, &blob);
	assert_int_equal(from_blob(type, &blob, NULL, &cred), BAD_CRED);
	wirebuf_free(&blob);
	signer_free(&s);
	text = repeat(ED25519 " ", 'A', DANCE_CREDENTIAL_TEXT_MAX + 4);
	assert_int_equal(
	    dance_credential_parse_file(text, strlen(text), MIN_RSA, &cred),
	    BAD_CRED);
	free(text);
	text = repeat(LINE " ", 'c', comment + 1);
	assert_int_equal(
	    dance_credential_parse_file(text, strlen(text), MIN_RSA, &cred),
	    BAD_CRED);
	assert_int_equal(
	    dance_credential_parse_file(text, strlen(text) - 1, MIN_RSA, &cred),
	    0);
	free(text);
	dance_credential_free(&cred);
}

/* A certificate's fingerprint is its plain key's; its line shows the CA. */
static void
certificate_of_ssh_keygen(void **state)
{
	struct dance_credential *cred, *ca, *plain;
	char dir[KEYS_DIR_MAX], *text;
	size_t len;

	(void)state;
	keys_dir_make(dir);
	keys_run(dir, "ssh-keygen -q -N '' -t ed25519 -f u");
	keys_run(dir, "ssh-keygen -q -N '' -t ecdsa -f ca");
	keys_run(dir, "ssh-keygen -q -s ca -I id -n a.b u.pub");
	text = keys_read(dir, "u-cert.pub", &len);
	assert_int_equal(
	    dance_credential_parse_file(text, len, MIN_RSA, &cred), 0);
	free(text);
	text = keys_read(dir, "ca.pub", &len);
	assert_int_equal(
	    dance_credential_parse_file(text, len, MIN_RSA, &ca), 0);
	free(text);
	text = keys_read(dir, "u.pub", &len);
	assert_int_equal(
	    dance_credential_parse_file(text, len, MIN_RSA, &plain), 0);
	free(text);
	assert_string_equal(cred->type, "ssh-ed25519-cert-v01@openssh.com");
	assert_string_equal(cred->fingerprint, plain->fingerprint);
	assert_int_equal(
	    dance_credential_line_key(cred)->blob_len, ca->key->blob_len);
	assert_memory_equal(dance_credential_line_key(cred)->blob,
	    ca->key->blob, ca->key->blob_len);
	keys_run(dir, "ssh-keygen -l -f u-cert.pub");
	text = keys_read(dir, "stdout", &len);
	assert_non_null(strstr(text, cred->fingerprint));
	free(text);
	text = keys_read(dir, "u", &len); /* the private key */
	assert_int_equal(
	    dance_credential_parse_file(text, len, MIN_RSA, &cred), BAD_CRED);
	free(text);
	keys_dir_remove(dir);
	dance_credential_free(&cred);
	dance_credential_free(&ca);
	dance_credential_free(&plain);
}

/* What a line would show is the offered blob, application and all. */
static void
req_59_only_the_offered_blob(void **state)
{
	static const char type[] = "sk-ssh-ed25519@openssh.com";
	struct signer *s = signer_new(type, 0);
	struct wirebuf blob = { NULL, 0 };
	struct dance_credential *cred;

	(void)state;
	s->application = "ssh:work";
	signer_blob(s, &blob);
	assert_int_equal(from_blob(type, &blob, NULL, &cred), 0);
	assert_int_equal(dance_credential_line_key(cred)->blob_len, blob.len);
	assert_memory_equal(
	    dance_credential_line_key(cred)->blob, blob.data, blob.len);
	dance_credential_free(&cred);
	assert_int_equal(from_blob(ED25519, &blob, NULL, &cred), BAD_CRED);
	wirebuf_free(&blob);
	signer_free(&s);
}

static void
req_58_weak_keys_and_certificates(void **state)
{
	static const char cert_type[] = "ssh-rsa-cert-v01@openssh.com";
	struct signer *rsa = signer_new("ssh-rsa", 1024);
	struct wirebuf blob = { NULL, 0 };
	struct dance_credential *cred;
	struct cert_spec spec;

	(void)state;
	signer_blob(rsa, &blob);
	assert_int_equal(
	    from_blob("ssh-rsa", &blob, NULL, &cred), DANCE_ERR_WEAK_KEY);
	wirebuf_free(&blob);
	cert_spec_init(&spec, cert_type, rsa, rsa);
	cert_make(&spec, &blob);
	assert_int_equal(
	    from_blob(cert_type, &blob, NULL, &cred), DANCE_ERR_WEAK_KEY);
	wirebuf_free(&blob);
	wirebuf_text(&blob, "ssh-dss-cert-v01@openssh.com");
	assert_int_equal(
	    from_blob("ssh-dss-cert-v01@openssh.com", &blob, NULL, &cred),
	    DANCE_ERR_WEAK_KEY);
	wirebuf_free(&blob);
	signer_free(&rsa);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_91_type_blob_and_fingerprint_agree),
		cmocka_unit_test(key_files),
		cmocka_unit_test(req_35_text_size_is_bounded),
		cmocka_unit_test(certificate_of_ssh_keygen),
		cmocka_unit_test(req_58_weak_keys_and_certificates),
		cmocka_unit_test(req_59_only_the_offered_blob),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
