/* SPDX-License-Identifier: ISC */
/*
 * The helper as sshd runs it: its path, the rights of its user, its files, and
 * the configuration that it reads are those of a login.  The key is made for
 * this and thrown away, and the login name is the helper's own user's, to which
 * no line of a map leads; so the answer is no, without a question to the DNS.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "file.h"
#include "setup.h"
#include "wire.h"

#define HELPER	       DANCE_LIBEXECDIR "/dance-authorized-keys"
#define HELPER_USER    "_dance"
#define HELPER_SECONDS 30
#define KEY_TYPE       "ssh-ed25519"
#define KEY_LEN	       32

struct key {
	char fingerprint[64];
	char *base64;
};

static void
put(uint8_t **at, const void *data, size_t len)
{
	uint8_t head[4] = { 0, 0, 0, (uint8_t)len };

	memcpy(*at, head, sizeof(head));
	memcpy(*at + sizeof(head), data, len);
	*at += sizeof(head) + len;
}

static void
key_make(struct key *ret)
{
	uint8_t blob[4 + sizeof(KEY_TYPE) - 1 + 4 + KEY_LEN], *at = blob;
	uint8_t raw[KEY_LEN], digest[EVP_MAX_MD_SIZE];
	size_t len = sizeof(raw);
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned digest_len = 0;
	char *text = NULL;

	if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, raw, &len) != 1)
		ctl_fail("no key can be made to try the helper with");
	EVP_PKEY_free(pkey);
	put(&at, KEY_TYPE, sizeof(KEY_TYPE) - 1);
	put(&at, raw, sizeof(raw));
	if (EVP_Digest(blob, sizeof(blob), digest, &digest_len, EVP_sha256(),
		NULL) != 1 ||
	    dance_base64_encode(digest, digest_len, &text) != 0 ||
	    dance_base64_encode(blob, sizeof(blob), &ret->base64) != 0)
		ctl_fail("out of memory");
	text[strcspn(text, "=")] = '\0';
	snprintf(ret->fingerprint, sizeof(ret->fingerprint), "SHA256:%s", text);
	free(text);
}

static int
answer_judge(
    struct setup *setup, const struct program_answer *answer, bool has_chain)
{
	if (answer->is_late)
		return setup_fail(setup,
		    "%s, tried as %s: no answer in %d seconds", HELPER,
		    HELPER_USER, HELPER_SECONDS);
	if (answer->is_long)
		return setup_fail(setup, "%s, tried as %s: it says too much",
		    HELPER, HELPER_USER);
	if (answer->status >= 126)
		return setup_fail(setup,
		    "%s, tried as %s: it can't be run (status %d)", HELPER,
		    HELPER_USER, answer->status);
	if (has_chain) {
		if (answer->status != 0)
			setup_warn(setup,
			    "chain-command ends with status %d for the user "
			    "%s; sshd takes no key from it then",
			    answer->status, HELPER_USER);
		return CTL_YES;
	}
	if (answer->status != 0)
		return setup_fail(setup,
		    "%s, tried as %s: it can't decide (status %d): dancectl "
		    "check, and the log, say why",
		    HELPER, HELPER_USER, answer->status);
	if (answer->out[0] != '\0')
		return setup_fail(setup,
		    "%s, tried as %s: it lets in a key that nobody has", HELPER,
		    HELPER_USER);
	return CTL_YES;
}

int
setup_helper_try(struct setup *setup)
{
	struct dance_fault fault = { "" };
	struct dance_config *config = NULL;
	struct program_answer answer;
	bool has_chain;
	struct key key;
	const char *argv[] = { HELPER, HELPER_USER, NULL, KEY_TYPE, NULL,
		NULL };
	const struct program program = { argv, HELPER_USER, NULL,
		SETUP_ANSWER_MAX, HELPER_SECONDS * 1000 };
	int r;

	if (dance_config_load("", &config, &fault) != 0)
		return setup_fail(setup, "%s", fault.text);
	/* Then the answer and the status may be the other's. */
	has_chain = config->chain[0] != NULL;
	dance_config_free(&config);
	key_make(&key);
	argv[2] = key.fingerprint;
	argv[4] = key.base64;
	if ((r = setup_run(setup, &program, &answer)) == CTL_YES) {
		r = answer_judge(setup, &answer, has_chain);
		program_answer_free(&answer);
	}
	free(key.base64);
	return r;
}
