/* SPDX-License-Identifier: ISC */
/*
 * Fuzz what an agent sends: the input is all of it, in one go, and then a hang
 * up.  First a list and signatures are asked for by hand, then the whole walk
 * is done, under a map for which nobody has to ask DNS.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent.h"
#include "proof.h"
#include "resolver.h"
#include "sshkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MIN_RSA 1024
#define ASK_MS	5000

/* Bare keys have no line, certificates of these names are refused. */
#define MAP "*.example.com alice\n!*.example.com *\n"

/* One fixed key of RFC 8032; nobody forges its signatures. */
#define KEY \
	"AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

/* The end of a socket from which the input comes. */
static int
agent_open(const uint8_t *data, size_t size, int *ret_other)
{
	int ends[2], room = 1 << 20;
	ssize_t n;

	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	(void)setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	/* What is too much for the socket is left out. */
	if (size > 0) {
		n = send(ends[1], data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		require(n > 0);
	}
	require(shutdown(ends[1], SHUT_WR) == 0);
	*ret_other = ends[1];
	return ends[0];
}

/* All blobs lie inside the answer, in its order. */
static void
keys_check(const struct dance_agent_keys *keys)
{
	const uint8_t *end = keys->reply + DANCE_AGENT_REPLY_MAX;
	const uint8_t *at = keys->reply;
	size_t i;

	require(keys->n <= DANCE_AGENT_KEYS_MAX);
	require(keys->reply != NULL && keys->blobs != NULL);
	for (i = 0; i < keys->n; i++) {
		require(keys->blobs[i].data > at);
		at = keys->blobs[i].data + keys->blobs[i].len;
		require(at <= end);
	}
}

static void
signature_check(struct dance_bytes signature, struct dance_bytes message)
{
	struct dance_sshkey *key = NULL;
	uint8_t *blob = NULL;
	size_t len;

	require(signature.len > 0 && signature.len < DANCE_AGENT_REPLY_MAX);
	require(dance_base64_decode(KEY, sizeof(KEY) - 1, &blob, &len) == 0);
	require(dance_sshkey_parse(blob, len, MIN_RSA, &key) == 0);
	require(dance_sshkey_verify(key, signature, message) != 0);
	(void)dance_signature_is_user_verified(signature);
	dance_sshkey_free(&key);
	free(blob);
}

/* A signature by each key there is, or by none, for as long as it answers. */
static void
sign_check(int fd, const struct dance_agent_keys *keys)
{
	struct dance_bytes message = { (const uint8_t *)KEY, 8 };
	struct dance_bytes blob = { NULL, 0 }, signature;
	struct dance_fault fault = { "" };
	uint8_t *sig;
	size_t i = 0;
	int r;

	do {
		if (i < keys->n)
			blob = keys->blobs[i];
		sig = NULL;
		r = dance_agent_sign(fd, blob, message, dance_now_ms() + ASK_MS,
		    &sig, &signature.len, &fault);
		require(r == 0 || r == DANCE_ERR_MISMATCH ||
		    r == DANCE_ERR_BAD_CREDENTIAL);
		require((r == 0) == (sig != NULL));
		require((r == 0) == (fault.text[0] == '\0') || i > 0);
		if (r == 0) {
			signature.data = sig;
			signature_check(signature, message);
			free(sig);
		}
	} while (++i < keys->n && r != DANCE_ERR_BAD_CREDENTIAL);
}

static void
by_hand(const uint8_t *data, size_t size)
{
	struct dance_agent_keys keys = { NULL, NULL, 0 };
	struct dance_fault fault = { "" };
	int other, fd = agent_open(data, size, &other), r;

	r = dance_agent_list(fd, dance_now_ms() + ASK_MS, &keys, &fault);
	require(r == 0 || r == DANCE_ERR_BAD_CREDENTIAL);
	require((r == 0) == (fault.text[0] == '\0'));
	if (r == 0)
		keys_check(&keys);
	else
		require(keys.reply == NULL && keys.n == 0);
	if (r == 0)
		sign_check(fd, &keys);
	dance_agent_keys_clear(&keys);
	close(fd);
	close(other);
	/* The same octets where a signature is expected. */
	fd = agent_open(data, size, &other);
	sign_check(fd, &keys);
	close(fd);
	close(other);
}

static void
by_the_walk(const uint8_t *data, size_t size)
{
	static const struct dance_challenge_names names = { "sudo", "alice",
		"" };
	static struct dance_config config = { .usages = 12,
		.min_rsa = MIN_RSA };
	struct dance_policy policy = {
		.config = &config, .account = "alice", .is_ordinary = true
	};
	struct dance_proof proof = { &policy, dance_now_ms() + ASK_MS };
	struct dance_result result = { .verdict = 0 };
	int other, fd = agent_open(data, size, &other);

	require(dance_map_from_text("m", MAP, strlen(MAP), &policy.map) == 0);
	dance_proof_by_agent(&proof, fd, &names, &result);
	require(result.verdict != 0 && !dance_is_fault(result.verdict));
	require(result.has_record == 0 && policy.resolver == NULL);
	require(strcmp(result.account, "alice") == 0);
	require(
	    memchr(result.fault.text, '\0', sizeof(result.fault.text)) != NULL);
	dance_map_free(&policy.map);
	close(fd);
	close(other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	by_hand(data, size);
	by_the_walk(data, size);
	return 0;
}
