/* SPDX-License-Identifier: ISC */
/*
 * Fuzz the parser of plain keys.  A key that is accepted is the only form of
 * itself: blob, SPKI and a second parse say so.  An input that is no key is
 * tried as a signature.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "sshkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MIN_RSA 1024

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static void
spki_check(const struct dance_sshkey *key)
{
	const unsigned char *p = key->spki;
	unsigned char *again = NULL;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)key->spki_len);
	int len;

	require(pkey != NULL && p == key->spki + key->spki_len);
	len = i2d_PUBKEY(pkey, &again);
	require(len > 0 && (size_t)len == key->spki_len);
	require(memcmp(again, key->spki, key->spki_len) == 0);
	OPENSSL_free(again);
	EVP_PKEY_free(pkey);
}

static void
key_check(const struct dance_sshkey *key, const uint8_t *data, size_t size)
{
	struct dance_sshkey *again = NULL;

	require(key->blob_len == size && memcmp(key->blob, data, size) == 0);
	require(key->info->is_sk == (key->application != NULL));
	require(key->bits >= 256 && key->bits <= DANCE_RSA_MAX_BITS);
	spki_check(key);
	require(
	    dance_sshkey_parse(key->blob, key->blob_len, MIN_RSA, &again) == 0);
	require(again->info == key->info && again->bits == key->bits);
	require(again->spki_len == key->spki_len);
	dance_sshkey_free(&again);
}

/* One fixed key of RFC 8032; nobody forges its signatures. */
static void
verify_check(const uint8_t *data, size_t size)
{
	static const char text[] = "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+"
				   "08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
	struct dance_bytes sig = { data, size };
	struct dance_bytes message = { (const uint8_t *)text, 8 };
	struct dance_sshkey *key = NULL;
	uint8_t *blob = NULL;
	size_t len;

	require(dance_base64_decode(text, sizeof(text) - 1, &blob, &len) == 0);
	require(dance_sshkey_parse(blob, len, MIN_RSA, &key) == 0);
	require(dance_sshkey_verify(key, sig, message) != 0);
	dance_sshkey_free(&key);
	free(blob);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dance_sshkey *key = NULL;
	struct dance_bytes sig = { data, size };

	if (dance_sshkey_parse(data, size, MIN_RSA, &key) == 0) {
		key_check(key, data, size);
		require(dance_sshkey_verify(key, sig, sig) != 0);
	} else {
		require(key == NULL);
		verify_check(data, size);
	}
	dance_sshkey_free(&key);
	return 0;
}
