/* SPDX-License-Identifier: ISC */
/*
 * A signature by an agent: what it is asked, and what of its answers is taken.
 * Whether the signature is one is not the matter here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent.h"
#include "fake_agent.h"
#include "resolver.h"
#include "tree.h"

#define N(a)	 (sizeof(a) / sizeof((a)[0]))
#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define BAD	 DANCE_ERR_BAD_CREDENTIAL
#define LATE_MS	 200 /* after the deadline at most */

static const struct dance_bytes blob = { BYTES("\0\0\0\3ssh") };
static const struct dance_bytes message = { BYTES("message") };

static unsigned fds;

static int
setup(void **state)
{
	(void)state;
	fds = tree_count_fds();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(tree_count_fds(), fds);
	assert_int_equal(tree_count_children(), 0);
	return 0;
}

static int
sign_ask(const struct fake_peer *peer, int ms, uint8_t **ret, size_t *ret_len,
    const char *why)
{
	struct dance_fault fault = { "" };
	struct fake_agent agent;
	int r;

	*ret = (uint8_t *)8;
	*ret_len = 4711;
	fake_peer_start(&agent, peer);
	r = dance_agent_sign(
	    agent.fd, blob, message, dance_now_ms() + ms, ret, ret_len, &fault);
	fake_agent_stop(&agent, NULL);
	if (strcmp(fault.text, "") == 0 ? why[0] != '\0'
					: strstr(fault.text, why) == NULL)
		fail_msg("%s, not %s", fault.text, why);
	if (r != 0) {
		assert_ptr_equal(*ret, 8);
		assert_int_equal(*ret_len, 4711);
	}
	return r;
}

/* Only "refused" leaves room to ask for another key. */
static void
answers(void **state)
{
	static const struct {
		const char *name;
		const uint8_t *data;
		size_t len;
		int want;
		const char *why;
	} rows[] = {
		{ "one", BYTES("\0\0\0\x8\16\0\0\0\3sig"), 0, "" },
		{ "refused", BYTES("\0\0\0\1\5"), DANCE_ERR_MISMATCH,
		    "refuses to sign" },
		{ "refused, with more", BYTES("\0\0\0\2\5x"),
		    DANCE_ERR_MISMATCH, "refuses to sign" },
		{ "success", BYTES("\0\0\0\1\6"), BAD, "malformed" },
		{ "extension's failure", BYTES("\0\0\0\1\x1c"), BAD,
		    "malformed" },
		{ "list", BYTES("\0\0\0\5\14\0\0\0\0"), BAD, "malformed" },
		{ "request", BYTES("\0\0\0\x8\15\0\0\0\3sig"), BAD,
		    "malformed" },
		{ "type alone", BYTES("\0\0\0\1\16"), BAD, "malformed" },
		{ "empty", BYTES("\0\0\0\5\16\0\0\0\0"), BAD, "malformed" },
		{ "cut", BYTES("\0\0\0\x8\16\0\0\0\4sig"), BAD, "malformed" },
		{ "trailing", BYTES("\0\0\0\x9\16\0\0\0\3sigx"), BAD,
		    "malformed" },
		{ "length 0", BYTES("\0\0\0\0"), BAD, "empty" },
		{ "length 262145", BYTES("\0\4\0\1\16"), BAD, "too long" },
	};
	struct fake_peer peer = { .stays = true };
	uint8_t *data;
	size_t i, len;
	int r;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		peer.data = rows[i].data;
		peer.len = rows[i].len;
		r = sign_ask(&peer, 5000, &data, &len, rows[i].why);
		if (r != rows[i].want)
			fail_msg("%s: %d", rows[i].name, r);
		if (r == 0) {
			assert_int_equal(len, 3);
			assert_memory_equal(data, "sig", 3);
			free(data);
		}
	}
}

static void
an_answer_of_the_largest_size(void **state)
{
	struct wirebuf answer = { NULL, 0 };
	struct fake_peer peer = { .stays = true };
	uint8_t *signature = calloc(1, DANCE_AGENT_REPLY_MAX), *data;
	size_t len;

	(void)state;
	assert_non_null(signature);
	wirebuf_u32(&answer, DANCE_AGENT_REPLY_MAX);
	wirebuf_u8(&answer, 14);
	wirebuf_string(&answer, signature, DANCE_AGENT_REPLY_MAX - 5);
	peer.data = answer.data;
	peer.len = answer.len;
	assert_int_equal(sign_ask(&peer, 5000, &data, &len, ""), 0);
	assert_int_equal(len, DANCE_AGENT_REPLY_MAX - 5);
	free(data);
	free(signature);
	wirebuf_free(&answer);
}

static void
one_octet_at_a_time_and_hang_ups(void **state)
{
	static const uint8_t answer[] = { 0, 0, 0, 8, 14, 0, 0, 0, 3, 's', 'i',
		'g' };
	struct fake_peer peer = { .data = answer,
		.len = sizeof(answer),
		.piece = 1,
		.type = SOCK_SEQPACKET };
	uint8_t *data;
	size_t len;

	(void)state;
	assert_int_equal(sign_ask(&peer, 5000, &data, &len, ""), 0);
	assert_int_equal(len, 3);
	free(data);
	for (peer.len = 0; peer.len < sizeof(answer); peer.len++)
		assert_int_equal(
		    sign_ask(&peer, 5000, &data, &len, "hung up"), BAD);
}

static void
the_deadline_is_kept(void **state)
{
	static const uint8_t answer[] = { 0, 0, 0, 8, 14, 0, 0, 0, 3, 's', 'i',
		'g' };
	struct fake_peer peer = {
		.data = answer, .piece = 1, .pause_ms = 20, .stays = true
	};
	int64_t start, took;
	uint8_t *data;
	size_t len;

	(void)state;
	for (peer.len = 0; peer.len < sizeof(answer); peer.len += 4) {
		start = dance_now_ms();
		assert_int_equal(
		    sign_ask(&peer, 100, &data, &len, "did not answer in time"),
		    BAD);
		took = dance_now_ms() - start;
		assert_true(took >= 100 && took < 100 + LATE_MS);
	}
}

/* One that does not read: more than the socket takes must not hold us up. */
static void
an_agent_that_does_not_read(void **state)
{
	struct fake_peer peer = { .stays = true, .never_reads = true };
	struct dance_bytes large = { NULL, DANCE_AGENT_REPLY_MAX };
	struct dance_fault fault = { "" };
	struct fake_agent agent;
	uint8_t *octets = calloc(1, large.len + 1), *data = NULL;
	int64_t start = dance_now_ms(), took;
	size_t len;

	(void)state;
	assert_non_null(octets);
	large.data = octets;
	fake_peer_start(&agent, &peer);
	assert_int_equal(dance_agent_sign(agent.fd, large, large, start + 100,
			     &data, &len, &fault),
	    BAD);
	took = dance_now_ms() - start;
	assert_true(took >= 100 && took < 100 + LATE_MS);
	assert_non_null(strstr(fault.text, "did not answer in time"));
	/* Above what a list can hold it is our own mistake. */
	large.len++;
	assert_int_equal(dance_agent_sign(agent.fd, large, message,
			     dance_now_ms() + 100, &data, &len, &fault),
	    DANCE_ERR_INTERNAL);
	assert_int_equal(dance_agent_sign(agent.fd, blob, large,
			     dance_now_ms() + 100, &data, &len, &fault),
	    DANCE_ERR_INTERNAL);
	fake_agent_stop(&agent, NULL);
	free(octets);
}

/* What stands in the request for a blob of this type, in its last octets. */
static uint32_t
request_flags(const char *type)
{
	static const uint8_t refusal[] = { 0, 0, 0, 1, 5 };
	struct wirebuf key = { NULL, 0 }, want = { NULL, 0 };
	uint8_t request[256], *data;
	size_t len;
	int ends[2];

	if (type != NULL)
		wirebuf_text(&key, type);
	wirebuf_raw(&key, "rest", 4);
	wirebuf_u32(&want, (uint32_t)(1 + 4 + key.len + 4 + message.len + 4));
	wirebuf_u8(&want, 13);
	wirebuf_nested(&want, &key);
	wirebuf_string(&want, message.data, message.len);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(
	    write(ends[1], refusal, sizeof(refusal)), sizeof(refusal));
	assert_int_equal(dance_agent_sign(ends[0], wirebuf_bytes(&key), message,
			     dance_now_ms() + 5000, &data, &len, NULL),
	    DANCE_ERR_MISMATCH);
	assert_int_equal(read(ends[1], request, sizeof(request)), want.len + 4);
	assert_memory_equal(request, want.data, want.len);
	assert_memory_equal(request + want.len, "\0\0\0", 3);
	close(ends[0]);
	close(ends[1]);
	len = want.len;
	wirebuf_free(&key);
	wirebuf_free(&want);
	return request[len + 3];
}

static void
rsa_alone_is_asked_for_sha_2(void **state)
{
	static const struct {
		const char *type;
		uint32_t flags;
	} rows[] = {
		{ "ssh-rsa", 4 },
		{ "ssh-rsa-cert-v01@openssh.com", 4 },
		{ "ssh-ed25519", 0 },
		{ "ssh-ed25519-cert-v01@openssh.com", 0 },
		{ "ecdsa-sha2-nistp256", 0 },
		{ "sk-ssh-ed25519@openssh.com", 0 },
		{ "sk-ecdsa-sha2-nistp256@openssh.com", 0 },
		{ "ssh-dss", 0 },
		{ "ssh-rsa2", 0 },
		{ "ssh-rs", 0 },
		{ "", 0 },
		{ NULL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		if (request_flags(rows[i].type) != rows[i].flags)
			fail_msg("%s", rows[i].type);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(answers),
		TEST(an_answer_of_the_largest_size),
		TEST(one_octet_at_a_time_and_hang_ups),
		TEST(the_deadline_is_kept),
		TEST(an_agent_that_does_not_read),
		TEST(rsa_alone_is_asked_for_sha_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
