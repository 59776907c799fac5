/* SPDX-License-Identifier: ISC */
/*
 * Fuzz the text of SSH_AUTH_INFO_0, under a map for which nobody has to ask
 * DNS.  Whether there is a key in it is found in another way than the walk's.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proof.h"
#include "resolver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define METHOD "publickey "
#define NONE   "sshd has verified no key"

/* Bare keys have no line, certificates of these names are refused. */
#define MAP "*.example.com alice\n!*.example.com *\n"

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

/* Is there a line that begins with the method's name? */
static bool
has_method(const char *text, size_t len)
{
	const size_t n = strlen(METHOD);
	size_t i;

	for (i = 0; i + n <= len; i++)
		if ((i == 0 || text[i - 1] == '\n') &&
		    memcmp(text + i, METHOD, n) == 0)
			return true;
	return false;
}

static void
result_check(const struct dance_result *result, bool has_key)
{
	require(result->verdict == DANCE_ERR_BAD_CREDENTIAL ||
	    result->verdict == DANCE_ERR_WEAK_KEY ||
	    result->verdict == DANCE_ERR_NOT_MAPPED ||
	    result->verdict == DANCE_ERR_DENIED_BY_MAP ||
	    result->verdict == DANCE_ERR_EXPIRED ||
	    result->verdict == DANCE_ERR_UNTRUSTED);
	require(result->has_record == 0);
	require(strcmp(result->account, "alice") == 0);
	require(memchr(result->fault.text, '\0', sizeof(result->fault.text)) !=
	    NULL);
	if (!has_key)
		require(result->verdict == DANCE_ERR_BAD_CREDENTIAL &&
		    strcmp(result->fault.text, NONE) == 0);
	/* Only of a name that is refused by the map one is told. */
	require((result->identity[0] != '\0') ==
	    (result->verdict == DANCE_ERR_DENIED_BY_MAP));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dance_config config = { .usages = 12, .min_rsa = 1024 };
	struct dance_policy policy = {
		.config = &config, .account = "alice", .is_ordinary = true
	};
	struct dance_proof proof = { &policy, dance_now_ms() + 5000 };
	struct dance_result result;

	require(dance_map_from_text("m", MAP, strlen(MAP), &policy.map) == 0);
	memset(&result, 0, sizeof(result));
	dance_proof_by_sshd(
	    &proof, DANCE_USE_FACTOR, (const char *)data, size, &result);
	result_check(&result, has_method((const char *)data, size));
	require(policy.resolver == NULL);
	dance_map_free(&policy.map);
	return 0;
}
