/* SPDX-License-Identifier: ISC */
/*
 * Fuzz the text forms.  The input is a key file; cut at its first two blanks
 * it is also type, base64 and fingerprint.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "credential.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MIN_RSA 1024

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

/* What was accepted comes back from its own parts, and from no others. */
static void
credential_check(const struct dance_credential *cred)
{
	struct dance_credential *again = NULL;
	const uint8_t *blob = cred->key->blob;
	size_t len = cred->key->blob_len;
	char *text = NULL;

	if (cred->cert != NULL) {
		require(cred->key == cred->cert->key);
		require(dance_credential_line_key(cred) == cred->cert->ca);
		blob = cred->cert->blob;
		len = cred->cert->blob_len;
	}
	require(dance_base64_encode(blob, len, &text) == 0);
	require(dance_credential_parse(
		    cred->type, text, cred->fingerprint, MIN_RSA, &again) == 0);
	require(strcmp(again->fingerprint, cred->fingerprint) == 0);
	dance_credential_free(&again);
	require(dance_credential_parse(cred->type, text, cred->fingerprint + 1,
		    MIN_RSA, &again) != 0);
	require(again == NULL);
	free(text);
}

static void
as_file(const char *text, size_t size)
{
	struct dance_credential *cred = NULL;

	if (dance_credential_parse_file(text, size, MIN_RSA, &cred) == 0)
		credential_check(cred);
	dance_credential_free(&cred);
}

static void
as_arguments(const char *text, size_t size)
{
	struct dance_credential *cred = NULL;
	char *copy = strndup(text, size), *rest = copy;
	char *type, *base64;

	require(copy != NULL);
	type = strsep(&rest, " ");
	base64 = strsep(&rest, " ");
	if (base64 != NULL &&
	    dance_credential_parse(type, base64, rest, MIN_RSA, &cred) == 0) {
		require(strcmp(type, cred->type) == 0);
		credential_check(cred);
	}
	dance_credential_free(&cred);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_file((const char *)data, size);
	as_arguments((const char *)data, size);
	return 0;
}
