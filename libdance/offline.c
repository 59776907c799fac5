/* SPDX-License-Identifier: ISC */
/*
 * This process is the name server: on a port of the loopback it gives
 * libunbound the packets of the proof, and SERVFAIL for all else.  Whoever
 * else may send there or answer instead can but replay signed data.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer_names.h"
#include "auth_chain.h"
#include "offline.h"
#include "resolver_internal.h"

#define KEPT "what was kept" /* as faults call it */

#define HEADER_LEN    12 /* RFC 1035, section 4.1.1 */
#define FLAG_QR	      0x80
#define RCODE_FAILED  2
#define QUESTION_TAIL 5 /* the root's label, type and class */
#define QUERY_MAX     1024
#define REPLY_MAX     65507 /* of a datagram over IPv4 */

struct replay {
	const struct dance_proof_set *proof;
	int fd;
	uint16_t port;
	struct ub_ctx *ctx;
	struct dance_rrset *rrset;
	bool is_done;
};

static int
replay_listen(struct replay *replay)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	replay->fd =
	    socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (replay->fd == -1 ||
	    bind(replay->fd, (const struct sockaddr *)&address, len) != 0 ||
	    getsockname(replay->fd, (struct sockaddr *)&address, &len) != 0)
		return DANCE_ERR_INTERNAL;
	replay->port = ntohs(address.sin_port);
	return 0;
}

static const struct dance_signed_answer *
replay_find(const struct replay *replay, const uint8_t *query, size_t len)
{
	const struct dance_signed_answer *answer;
	char name[DANCE_NAME_MAX + 1];
	uint16_t type;
	size_t i;

	if (dance_answer_read_question(query, len, name, &type) != 0)
		return NULL;
	for (i = 0; i < replay->proof->n; i++) {
		answer = &replay->proof->list[i];
		if (answer->type == type && strcmp(answer->name, name) == 0)
			return answer;
	}
	return NULL;
}

/* Where the one question of a query ends; 0 for none (RFC 1035, 4.1.2). */
static size_t
question_end(const uint8_t *query, size_t len)
{
	size_t at = HEADER_LEN;

	while (at < len && query[at] != 0)
		at += (size_t)query[at] + 1;
	return len < QUESTION_TAIL || at > len - QUESTION_TAIL
	    ? 0
	    : at + QUESTION_TAIL;
}

/* The packet as it is, with the number of the query; or the query, refused. */
static size_t
replay_answer(
    const struct replay *replay, const uint8_t *query, size_t len, uint8_t *ret)
{
	static const uint8_t counts[8] = { 0, 1 };
	const struct dance_signed_answer *answer =
	    replay_find(replay, query, len);
	size_t end = question_end(query, len);

	if (answer != NULL && answer->packet.len > HEADER_LEN &&
	    answer->packet.len <= REPLY_MAX) {
		memcpy(ret, answer->packet.data, answer->packet.len);
		memcpy(ret, query, 2);
		return answer->packet.len;
	}
	memcpy(ret, query, end);
	ret[2] = (uint8_t)(query[2] | FLAG_QR);
	ret[3] = RCODE_FAILED;
	memcpy(ret + 4, counts, sizeof(counts));
	return end;
}

static void
replay_serve(const struct replay *replay, uint8_t *reply)
{
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	uint8_t query[QUERY_MAX];
	ssize_t n;
	size_t len;

	n = recvfrom(replay->fd, query, sizeof(query), 0,
	    (struct sockaddr *)&from, &from_len);
	if (n < HEADER_LEN || (query[2] & FLAG_QR) != 0)
		return;
	if (question_end(query, (size_t)n) == 0)
		return;
	len = replay_answer(replay, query, (size_t)n, reply);
	(void)sendto(replay->fd, reply, len, 0, (const struct sockaddr *)&from,
	    from_len);
}

static void
replay_done(void *arg, int err, struct ub_result *result)
{
	struct replay *replay = arg;

	replay->is_done = true;
	dance_result_read(err, result, KEPT, replay->rrset);
	replay->rrset->source = "offline";
	ub_resolve_free(result);
}

static int
replay_run(struct replay *replay, int64_t deadline_ms)
{
	static const short events = POLLIN;
	struct pollfd fds[] = { { .fd = replay->fd, .events = events },
		{ .fd = ub_fd(replay->ctx), .events = events } };
	uint8_t *reply = malloc(REPLY_MAX);
	int64_t left;
	int r = 0;

	if (reply == NULL)
		return DANCE_ERR_INTERNAL;
	while (r == 0 && !replay->is_done) {
		if ((left = deadline_ms - dance_now_ms()) <= 0)
			break;
		if (poll(fds, 2, left < INT_MAX ? (int)left : INT_MAX) == -1) {
			r = errno == EINTR ? 0 : DANCE_ERR_INTERNAL;
			continue;
		}
		if (fds[0].revents != 0)
			replay_serve(replay, reply);
		if (fds[1].revents != 0 && ub_process(replay->ctx) != 0)
			r = DANCE_ERR_INTERNAL;
	}
	free(reply);
	return r;
}

static int
replay_context(struct replay *replay, const struct dance_config *config,
    const struct dance_anchors *anchors, struct dance_fault *fault)
{
	struct dance_upstream upstream = { .is_replay = true };
	struct dance_config *alone = calloc(1, sizeof(*alone));
	int r;

	if (alone == NULL)
		return DANCE_ERR_INTERNAL;
	*alone = *config;
	alone->n_upstreams = 1;
	(void)snprintf(upstream.address, sizeof(upstream.address),
	    "127.0.0.1@%u", (unsigned)replay->port);
	r = dance_context_new(alone, anchors, &upstream, &replay->ctx, fault);
	free(alone);
	return r;
}

/* By today's rules: they may be stricter than those of its day. */
static int
replay_weigh(const struct dance_config *config,
    const struct dance_anchors *anchors, const char *owner,
    const struct dance_proof_set *proof, int64_t deadline_ms,
    struct dance_rrset *rrset)
{
	struct dance_auth_path *path = malloc(sizeof(*path));
	const struct dance_auth_question question = { .anchors = anchors,
		.min_rsa = config->min_dnssec_rsa,
		.owner = owner,
		.packet = { rrset->packet, rrset->packet_len },
		.deadline_ms = deadline_ms,
		.find = dance_auth_proof_find,
		.arg = proof };
	int r;

	r = path == NULL ? DANCE_ERR_INTERNAL
			 : dance_auth_chain_walk(&question, path);
	if (r == DANCE_ERR_WEAK_DNSSEC)
		dance_result_set_weak(rrset, KEPT, path->why);
	else if (r != 0) {
		dance_rrset_clear(rrset);
		rrset->source = "offline";
	}
	if (r == DANCE_ERR_DNS_FAILURE)
		dance_why_add(rrset, "%s: %s", KEPT, path->why);
	if (r != DANCE_ERR_INTERNAL)
		r = 0;
	free(path);
	return r;
}

int
dance_offline_judge(const struct dance_config *config,
    const struct dance_anchors *anchors, const char *owner,
    const struct dance_proof_set *proof, int64_t deadline_ms,
    struct dance_rrset *ret, struct dance_fault *fault)
{
	struct replay replay = { .proof = proof, .fd = -1, .rrset = ret };
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->source = "offline";
	if ((r = replay_listen(&replay)) != 0 ||
	    (r = replay_context(&replay, config, anchors, fault)) != 0)
		goto out;
	if (ub_resolve_async(replay.ctx, owner, DANCE_DNS_TYPE_TLSA,
		DANCE_DNS_CLASS_IN, &replay, replay_done, NULL) != 0) {
		r = DANCE_ERR_INTERNAL;
		goto out;
	}
	r = replay_run(&replay, deadline_ms);
	if (r == 0 && ret->dnssec == DANCE_DNSSEC_SECURE && !ret->is_denied)
		r = replay_weigh(
		    config, anchors, owner, proof, deadline_ms, ret);
out:
	if (replay.ctx != NULL)
		ub_ctx_delete(replay.ctx);
	if (replay.fd != -1)
		close(replay.fd);
	return r;
}
