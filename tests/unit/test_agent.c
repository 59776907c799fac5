/* SPDX-License-Identifier: ISC */
/*
 * The list of an agent's keys.  The agent is the intruder's: whatever it sends,
 * and however slowly, an answer comes in time and nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent.h"
#include "fake_agent.h"
#include "resolver.h"
#include "tree.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define BAD	DANCE_ERR_BAD_CREDENTIAL
#define LATE_MS 200 /* after the deadline at most */

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

/* An answer with n blobs "key 0", "key 1", ... that says it has n_said. */
static void
answer_make(size_t n, uint32_t n_said, struct wirebuf *ret)
{
	struct wirebuf content = { NULL, 0 };
	char text[32];
	size_t i;

	wirebuf_u8(&content, 12);
	wirebuf_u32(&content, n_said);
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "key %zu", i);
		wirebuf_text(&content, text);
		wirebuf_text(&content, "comment");
	}
	wirebuf_nested(ret, &content);
	wirebuf_free(&content);
}

/* The answer to what the peer does; on success the keys are freed here. */
static int
list_ask(const struct fake_peer *peer, int ms, size_t *ret_n, const char *want)
{
	struct dance_agent_keys keys = { (uint8_t *)8, NULL, 4711 };
	struct dance_fault fault = { "" };
	struct fake_agent agent;
	char text[32];
	size_t i;
	int r;

	fake_peer_start(&agent, peer);
	r = dance_agent_list(agent.fd, dance_now_ms() + ms, &keys, &fault);
	fake_agent_stop(&agent, NULL);
	if (r != 0) {
		/* Only a success writes. */
		assert_ptr_equal(keys.reply, 8);
		assert_int_equal(keys.n, 4711);
		if (strstr(fault.text, want) == NULL)
			fail_msg("%s, not %s", fault.text, want);
		return r;
	}
	*ret_n = keys.n;
	for (i = 0; i < keys.n; i++) {
		snprintf(text, sizeof(text), "key %zu", i);
		assert_true(dance_bytes_equal(keys.blobs[i], text));
	}
	dance_agent_keys_clear(&keys);
	assert_null(keys.reply);
	assert_null(keys.blobs);
	assert_int_equal(keys.n, 0);
	return 0;
}

static void
lists(size_t n, size_t want)
{
	struct wirebuf answer = { NULL, 0 };
	struct fake_peer peer = { .stays = true };
	size_t got = 4711;

	answer_make(n, (uint32_t)n, &answer);
	peer.data = answer.data;
	peer.len = answer.len;
	assert_int_equal(list_ask(&peer, 5000, &got, ""), 0);
	assert_int_equal(got, want);
	wirebuf_free(&answer);
}

/* What stands behind the 256th has to be sound, but is not looked at. */
static void
lists_of_keys(void **state)
{
	(void)state;
	lists(0, 0);
	lists(1, 1);
	lists(2, 2);
	lists(255, 255);
	lists(256, 256);
	lists(257, 256);
	lists(300, 256);
}

static void
the_request_is_the_protocols(void **state)
{
	static const uint8_t want[] = { 0, 0, 0, 1, 11 };
	struct wirebuf answer = { NULL, 0 };
	struct dance_agent_keys keys;
	uint8_t request[64];
	int ends[2];

	(void)state;
	answer_make(1, 1, &answer);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(
	    write(ends[1], answer.data, answer.len), (ssize_t)answer.len);
	assert_int_equal(
	    dance_agent_list(ends[0], dance_now_ms() + 5000, &keys, NULL), 0);
	assert_int_equal(read(ends[1], request, sizeof(request)), sizeof(want));
	assert_memory_equal(request, want, sizeof(want));
	dance_agent_keys_clear(&keys);
	close(ends[0]);
	close(ends[1]);
	wirebuf_free(&answer);
}

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static void
malformed_answers(void **state)
{
	static const struct {
		const char *name;
		const uint8_t *data;
		size_t len;
		int want;
		const char *why;
	} rows[] = {
		{ "empty list", BYTES("\0\0\0\5\14\0\0\0\0"), 0, "" },
		{ "failure", BYTES("\0\0\0\1\5"), BAD, "malformed" },
		{ "success", BYTES("\0\0\0\1\6"), BAD, "malformed" },
		{ "signature", BYTES("\0\0\0\5\16\0\0\0\0"), BAD, "malformed" },
		{ "request", BYTES("\0\0\0\5\13\0\0\0\0"), BAD, "malformed" },
		{ "type alone", BYTES("\0\0\0\1\14"), BAD, "malformed" },
		{ "half a count", BYTES("\0\0\0\4\14\0\0\0"), BAD,
		    "malformed" },
		{ "one, but none", BYTES("\0\0\0\5\14\0\0\0\1"), BAD,
		    "malformed" },
		{ "none, but one",
		    BYTES("\0\0\0\x0e\14\0\0\0\0\0\0\0\1k\0\0\0\0"), BAD,
		    "malformed" },
		{ "one", BYTES("\0\0\0\x12\14\0\0\0\1\0\0\0\5key 0\0\0\0\0"), 0,
		    "" },
		{ "no comment", BYTES("\0\0\0\x0e\14\0\0\0\1\0\0\0\5key 0"),
		    BAD, "malformed" },
		{ "a comment that is cut",
		    BYTES("\0\0\0\x12\14\0\0\0\1\0\0\0\5key 0\0\0\0\1"), BAD,
		    "malformed" },
		{ "trailing octet",
		    BYTES("\0\0\0\x13\14\0\0\0\1\0\0\0\5key 0\0\0\0\0x"), BAD,
		    "malformed" },
		{ "very many",
		    BYTES("\0\0\0\x12\14\xff\xff\xff\xff\0\0\0\5key 0\0\0\0\0"),
		    BAD, "malformed" },
		{ "a blob of all memory",
		    BYTES("\0\0\0\x0d\14\0\0\0\1\xff\xff\xff\xff\0\0\0\0"), BAD,
		    "malformed" },
		{ "length 0", BYTES("\0\0\0\0"), BAD, "empty" },
		{ "length 262145", BYTES("\0\4\0\1\14\0\0\0\0"), BAD,
		    "too long" },
		{ "length of all memory", BYTES("\xff\xff\xff\xff\14"), BAD,
		    "too long" },
	};
	struct fake_peer peer = { .stays = true };
	size_t i, n;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		peer.data = rows[i].data;
		peer.len = rows[i].len;
		if (list_ask(&peer, 5000, &n, rows[i].why) != rows[i].want)
			fail_msg("%s", rows[i].name);
	}
}

/* One key whose comment fills the answer up to len octets. */
static int
sized(uint32_t len)
{
	struct wirebuf answer = { NULL, 0 };
	struct fake_peer peer = { .stays = true };
	uint8_t *comment = calloc(1, len);
	size_t n = 0;
	int r;

	assert_non_null(comment);
	wirebuf_u32(&answer, len);
	wirebuf_u8(&answer, 12);
	wirebuf_u32(&answer, 1);
	wirebuf_text(&answer, "key 0");
	wirebuf_string(&answer, comment, len - 5 - 9 - 4);
	assert_int_equal(answer.len, len + 4);
	free(comment);
	peer.data = answer.data;
	peer.len = answer.len;
	r = list_ask(&peer, 5000, &n, "too long");
	assert_true(r != 0 || n == 1);
	wirebuf_free(&answer);
	return r;
}

static void
the_length_of_an_answer_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(DANCE_AGENT_REPLY_MAX, 262144);
	assert_int_equal(sized(262143), 0);
	assert_int_equal(sized(262144), 0);
	assert_int_equal(sized(262145), BAD);
}

static void
one_octet_at_a_time(void **state)
{
	struct wirebuf answer = { NULL, 0 };
	struct fake_peer peer = {
		.piece = 1, .type = SOCK_SEQPACKET, .stays = true
	};
	size_t n = 0;

	(void)state;
	answer_make(20, 20, &answer);
	peer.data = answer.data;
	peer.len = answer.len;
	assert_int_equal(list_ask(&peer, 5000, &n, ""), 0);
	assert_int_equal(n, 20);
	wirebuf_free(&answer);
}

static void
a_hang_up_at_every_octet(void **state)
{
	struct wirebuf answer = { NULL, 0 };
	struct fake_peer peer = { .piece = 0 };
	size_t n = 0;

	(void)state;
	answer_make(2, 2, &answer);
	peer.data = answer.data;
	for (peer.len = 0; peer.len < answer.len; peer.len++)
		assert_int_equal(list_ask(&peer, 5000, &n, "hung up"), BAD);
	assert_int_equal(list_ask(&peer, 5000, &n, ""), 0);
	assert_int_equal(n, 2);
	peer.is_rude = true;
	for (peer.len = 0; peer.len < answer.len; peer.len++)
		assert_int_equal(list_ask(&peer, 5000, &n, "hung up"), BAD);
	wirebuf_free(&answer);
}

/* Silent at once, in the head, behind it, and one that is merely slow. */
static void
the_deadline_is_kept(void **state)
{
	struct wirebuf answer = { NULL, 0 };
	struct fake_peer peer = { .piece = 1, .pause_ms = 20, .stays = true };
	static const size_t lengths[] = { 0, 1, 4, 5, 30 };
	int64_t start, took;
	size_t i, n;

	(void)state;
	answer_make(2, 2, &answer);
	peer.data = answer.data;
	for (i = 0; i < N(lengths); i++) {
		peer.len = lengths[i];
		start = dance_now_ms();
		assert_int_equal(
		    list_ask(&peer, 120, &n, "did not answer in time"), BAD);
		took = dance_now_ms() - start;
		assert_true(took >= 120 && took < 120 + LATE_MS);
	}
	/* The same with no time left. */
	start = dance_now_ms();
	assert_int_equal(list_ask(&peer, 0, &n, "did not answer in time"), BAD);
	assert_int_equal(
	    list_ask(&peer, -100000, &n, "did not answer in time"), BAD);
	assert_true(dance_now_ms() - start < LATE_MS);
	wirebuf_free(&answer);
}

/* Octets without end: the answer is taken, and no more than the answer. */
static void
an_agent_that_floods(void **state)
{
	struct wirebuf answer = { NULL, 0 };
	struct fake_peer peer = { .floods = true };
	static const uint8_t junk[4096] = { 0 };
	struct dance_agent_keys keys;
	struct fake_agent agent;
	struct dance_fault fault;
	size_t i;

	(void)state;
	answer_make(3, 3, &answer);
	peer.data = answer.data;
	peer.len = answer.len;
	fake_peer_start(&agent, &peer);
	for (i = 0; i < 3; i++) {
		assert_int_equal(dance_agent_list(agent.fd,
				     dance_now_ms() + 5000, &keys, &fault),
		    0);
		assert_int_equal(keys.n, 3);
		dance_agent_keys_clear(&keys);
	}
	fake_agent_stop(&agent, NULL);
	peer.data = junk;
	peer.len = sizeof(junk);
	assert_int_equal(list_ask(&peer, 5000, &i, "empty"), BAD);
	wirebuf_free(&answer);
}

static void
no_agent_at_all(void **state)
{
	struct dance_agent_keys keys;
	struct dance_fault fault = { "" };

	(void)state;
	assert_int_equal(
	    dance_agent_list(999, dance_now_ms() + 5000, &keys, &fault), BAD);
	assert_string_equal(fault.text, "the agent hung up");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(lists_of_keys),
		TEST(the_request_is_the_protocols),
		TEST(malformed_answers),
		TEST(the_length_of_an_answer_is_bounded),
		TEST(one_octet_at_a_time),
		TEST(a_hang_up_at_every_octet),
		TEST(the_deadline_is_kept),
		TEST(an_agent_that_floods),
		TEST(no_agent_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
