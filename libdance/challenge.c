/* SPDX-License-Identifier: ISC */
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>

#include "challenge.h"

#define WHAT	     "dance-login pam 1"
#define SSHSIG_MAGIC "SSHSIG"
#define SSHSIG_HASH  "sha512"
#define SHA512_LEN   64
#define MESSAGE_MAX  2048 /* octets; four names of 256 */

static int
put_text(struct dance_wire_out *out, const char *text)
{
	return dance_wire_put_string(out, text, strlen(text));
}

/* The digest of everything that the challenge is bound to. */
static int
message_digest(const struct dance_challenge_names *names, time_t now,
    const uint8_t *nonce, const char *host, uint8_t digest[SHA512_LEN])
{
	uint8_t message[MESSAGE_MAX];
	struct dance_wire_out out = { message, sizeof(message) };

	if (put_text(&out, WHAT) != 0 ||
	    dance_wire_put_string(&out, nonce, DANCE_NONCE_LEN) != 0 ||
	    put_text(&out, names->service) != 0 ||
	    put_text(&out, names->user) != 0 ||
	    put_text(&out, names->caller) != 0 || put_text(&out, host) != 0 ||
	    dance_wire_put_u64(&out, (uint64_t)now) != 0 ||
	    EVP_Q_digest(NULL, "SHA512", NULL, message,
		sizeof(message) - out.left, digest, NULL) != 1)
		return DANCE_ERR_INTERNAL;
	return 0;
}

int
dance_challenge_from(const struct dance_challenge_names *names, time_t now,
    const uint8_t nonce[DANCE_NONCE_LEN], const char *host,
    struct dance_challenge *ret)
{
	const size_t magic_len = strlen(SSHSIG_MAGIC);
	struct dance_challenge made;
	struct dance_wire_out out = { made.octets + magic_len,
		sizeof(made.octets) - magic_len };
	uint8_t digest[SHA512_LEN];

	memcpy(made.octets, SSHSIG_MAGIC, magic_len);
	if (message_digest(names, now, nonce, host, digest) != 0 ||
	    put_text(&out, DANCE_CHALLENGE_NAMESPACE) != 0 ||
	    put_text(&out, "") != 0 || put_text(&out, SSHSIG_HASH) != 0 ||
	    dance_wire_put_string(&out, digest, sizeof(digest)) != 0)
		return DANCE_ERR_INTERNAL;
	made.len = sizeof(made.octets) - out.left;

	*ret = made;
	return 0;
}

int
dance_challenge_make(const struct dance_challenge_names *names, time_t now,
    struct dance_challenge *ret)
{
	uint8_t nonce[DANCE_NONCE_LEN];
	struct utsname host;

	if (getrandom(nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce) ||
	    uname(&host) != 0)
		return DANCE_ERR_INTERNAL;
	return dance_challenge_from(names, now, nonce, host.nodename, ret);
}
