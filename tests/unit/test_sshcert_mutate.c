/* SPDX-License-Identifier: ISC */
/*
 * Mutations of one certificate for each type of CA: each single bit flipped,
 * each length cut, each octet appended.  None of them may come through parse
 * and check.  Also the extensions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "keys.h"
#include "signer.h"
#include "sshcert.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define MIN_RSA 1024
#define NOW	1700000000
#define ED_CERT "ssh-ed25519-cert-v01@openssh.com"

static const char *const ca_types[] = { "ssh-rsa", "ecdsa-sha2-nistp256",
	"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-ed25519",
	"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ssh-ed25519@openssh.com" };

/* The code of parse and check; the copy's end is the end of its memory. */
static int
judge(const uint8_t *data, size_t len)
{
	struct dance_sshcert *cert = NULL;
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, data, len);
	if ((r = dance_sshcert_parse(copy, len, MIN_RSA, &cert)) == 0)
		r = dance_sshcert_check(cert, NOW);
	dance_sshcert_free(&cert);
	free(copy);
	return r;
}

/* With an option and an extension, so that their octets are flipped too. */
static void
certificate_for(const char *ca_type, struct wirebuf *ret)
{
	static uint8_t extension[] = "\0\0\0\x0apermit-pty\0\0\0\0";
	static uint8_t option[] = "\0\0\0\x0fverify-required\0\0\0\0";
	static const struct wirebuf extensions = { extension, 18 };
	static const struct wirebuf critical = { option, 23 };
	struct signer *user = signer_new("ssh-ed25519", 0);
	struct signer *ca = signer_new(ca_type, 1024);
	struct cert_spec spec;

	cert_spec_init(&spec, ED_CERT, user, ca);
	spec.extensions = &extensions;
	spec.critical = &critical;
	spec.nonce_len = 16;
	cert_make(&spec, ret);
	signer_free(&user);
	signer_free(&ca);
}

static void
req_60_each_bit_flip_is_refused(void **state)
{
	struct wirebuf blob = { NULL, 0 };
	size_t i, bit;

	(void)state;
	for (i = 0; i < N(ca_types); i++) {
		certificate_for(ca_types[i], &blob);
		print_message("  %s: %zu\n", ca_types[i], blob.len * 8);
		assert_int_equal(judge(blob.data, blob.len), 0);
		for (bit = 0; bit < blob.len * 8; bit++) {
			blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_true(judge(blob.data, blob.len) < 0);
			blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		wirebuf_free(&blob);
	}
}

static void
req_60_each_cut_and_each_octet_more_is_refused(void **state)
{
	struct wirebuf blob = { NULL, 0 };
	size_t i, len;
	unsigned octet;

	(void)state;
	for (i = 0; i < N(ca_types); i++) {
		certificate_for(ca_types[i], &blob);
		for (len = 0; len < blob.len; len++)
			assert_int_equal(
			    judge(blob.data, len), DANCE_ERR_BAD_CREDENTIAL);
		wirebuf_u8(&blob, 0);
		for (octet = 0; octet < 256; octet++) {
			blob.data[blob.len - 1] = (uint8_t)octet;
			assert_int_equal(judge(blob.data, blob.len),
			    DANCE_ERR_BAD_CREDENTIAL);
		}
		wirebuf_free(&blob);
	}
}

static void
req_35_size_is_bounded(void **state)
{
	struct signer *s = signer_new("ssh-ed25519", 0);
	struct wirebuf blob = { NULL, 0 };
	struct cert_spec spec;

	(void)state;
	cert_spec_init(&spec, ED_CERT, s, s);
	cert_make_sized(&spec, 262144, &blob);
	assert_int_equal(blob.len, 262144);
	assert_int_equal(judge(blob.data, blob.len), 0);
	wirebuf_free(&blob);
	cert_make_sized(&spec, 262145, &blob);
	assert_int_equal(judge(blob.data, blob.len), DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&blob);
	signer_free(&s);
}

static void
extension_of_ssh_keygen(void **state)
{
	struct wirebuf blob = { NULL, 0 };
	struct dance_bytes data, value;
	struct dance_sshcert *cert;
	struct dance_wire w;
	char dir[KEYS_DIR_MAX];

	(void)state;
	keys_dir_make(dir);
	keys_run(dir, "ssh-keygen -q -N '' -t ed25519 -f k");
	keys_run(dir,
	    "ssh-keygen -q -s k -I id -n a.b "
	    "-O extension:x509-chain@dance-login=QUJD k.pub");
	keys_blob(dir, "k-cert.pub", &blob);
	keys_dir_remove(dir);
	assert_int_equal(
	    dance_sshcert_parse(blob.data, blob.len, MIN_RSA, &cert), 0);
	assert_int_equal(
	    dance_sshcert_extension(cert, "x509-chain@dance-login", &data), 0);
	w.next = data.data;
	w.left = data.len;
	assert_int_equal(dance_wire_string(&w, &value), 0);
	assert_true(dance_bytes_equal(value, "QUJD"));
	assert_int_equal(w.left, 0);
	assert_int_equal(dance_sshcert_extension(cert, "permit-pty", &data), 0);
	assert_int_equal(data.len, 0);
	assert_non_null(data.data);
	assert_int_equal(dance_sshcert_extension(cert, "permit-ptz", &data), 0);
	assert_null(data.data);
	assert_int_equal(dance_sshcert_extension(cert, "", &data), 0);
	assert_null(data.data);
	dance_sshcert_free(&cert);
	wirebuf_free(&blob);
}

static void
extension_twice_is_malformed(void **state)
{
	struct signer *s = signer_new("ssh-ed25519", 0);
	struct wirebuf blob = { NULL, 0 }, list = { NULL, 0 };
	struct dance_bytes data = { NULL, 7 };
	struct dance_sshcert *cert;
	struct cert_spec spec;

	(void)state;
	wirebuf_text(&list, "a");
	wirebuf_text(&list, "1");
	wirebuf_text(&list, "b");
	wirebuf_text(&list, "2");
	wirebuf_text(&list, "a");
	wirebuf_text(&list, "1");
	cert_spec_init(&spec, ED_CERT, s, s);
	spec.extensions = &list;
	cert_make(&spec, &blob);
	assert_int_equal(
	    dance_sshcert_parse(blob.data, blob.len, MIN_RSA, &cert), 0);
	assert_int_equal(
	    dance_sshcert_extension(cert, "a", &data), DANCE_ERR_FORMAT);
	assert_int_equal(data.len, 7);
	assert_int_equal(dance_sshcert_extension(cert, "b", &data), 0);
	assert_true(dance_bytes_equal(data, "2"));
	dance_sshcert_free(&cert);
	wirebuf_free(&blob);
	wirebuf_u8(&list, 0);
	cert_make(&spec, &blob);
	assert_int_equal(
	    dance_sshcert_parse(blob.data, blob.len, MIN_RSA, &cert),
	    DANCE_ERR_BAD_CREDENTIAL);
	wirebuf_free(&blob);
	wirebuf_free(&list);
	signer_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_60_each_bit_flip_is_refused),
		cmocka_unit_test(
		    req_60_each_cut_and_each_octet_more_is_refused),
		cmocka_unit_test(req_35_size_is_bounded),
		cmocka_unit_test(extension_of_ssh_keygen),
		cmocka_unit_test(extension_twice_is_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
