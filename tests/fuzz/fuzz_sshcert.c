/* SPDX-License-Identifier: ISC */
/*
 * Fuzz the parser of certificates, the check, and the look-up of extensions.
 * The signature stands before the signed octets mean anything, so all that is
 * behind it is reached by the parser alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "sshcert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MIN_RSA 1024
#define NOW	1700000000

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

/* All that is borrowed lies inside the certificate's own copy. */
static void
inside(const struct dance_sshcert *cert, struct dance_bytes b)
{
	const uint8_t *end = cert->blob + cert->blob_len;

	require(b.data >= cert->blob && b.data <= end);
	require(b.len <= (size_t)(end - b.data));
}

static void
key_check(const struct dance_sshkey *key)
{
	struct dance_sshkey *again = NULL;

	require(
	    dance_sshkey_parse(key->blob, key->blob_len, MIN_RSA, &again) == 0);
	require(again->spki_len == key->spki_len &&
	    memcmp(again->spki, key->spki, key->spki_len) == 0);
	dance_sshkey_free(&again);
}

static void
cert_check(const struct dance_sshcert *cert)
{
	size_t i;

	require(cert->role == 1 || cert->role == 2);
	require(cert->n_principals <= DANCE_PRINCIPALS_MAX);
	for (i = 0; i < cert->n_principals; i++)
		inside(cert, cert->principals[i]);
	inside(cert, cert->key_id);
	inside(cert, cert->critical);
	inside(cert, cert->extensions);
	inside(cert, cert->signature);
	inside(cert, cert->signed_part);
	require(
	    cert->signed_part.len + 4 + cert->signature.len == cert->blob_len);
	key_check(cert->key);
	key_check(cert->ca);
}

static void
extension_check(const struct dance_sshcert *cert, const char *name)
{
	struct dance_bytes data;

	if (dance_sshcert_extension(cert, name, &data) == 0 &&
	    data.data != NULL)
		inside(cert, data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dance_sshcert *cert = NULL;
	int r;

	if (dance_sshcert_parse(data, size, MIN_RSA, &cert) != 0) {
		require(cert == NULL);
		return 0;
	}
	require(cert->blob_len == size && memcmp(cert->blob, data, size) == 0);
	cert_check(cert);
	extension_check(cert, "x509-chain@dance-login");
	extension_check(cert, "permit-pty");
	extension_check(cert, "");
	r = dance_sshcert_check(cert, NOW);
	require(r == 0 || r == DANCE_ERR_BAD_CREDENTIAL ||
	    r == DANCE_ERR_EXPIRED || r == DANCE_ERR_WEAK_KEY ||
	    r == DANCE_ERR_UNTRUSTED);
	if (r == 0)
		require(cert->role == 1 && cert->n_principals > 0 &&
		    cert->valid_after <= NOW && cert->valid_before > NOW);
	dance_sshcert_free(&cert);
	return 0;
}
