/* SPDX-License-Identifier: ISC */
/* See fake_agent.h. */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_agent.h"

#define FAILURE	     5
#define LIST	     11
#define LIST_ANSWER  12
#define SIGN	     13
#define SIGN_ANSWER  14
#define REQUEST_MAX  65536
#define STATUS_WRONG 70

/* In the child: a request that no client should make. */
static _Noreturn void
wrong(void)
{
	_exit(STATUS_WRONG);
}

static void
send_all(int fd, const uint8_t *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n)
		if ((n = send(fd, data, len, MSG_NOSIGNAL)) <= 0)
			_exit(0);
}

static void
reply(int fd, const struct wirebuf *content)
{
	struct wirebuf all = { NULL, 0 };

	wirebuf_nested(&all, content);
	send_all(fd, all.data, all.len);
	wirebuf_free(&all);
}

static void
reply_failure(int fd)
{
	static uint8_t octet[] = { FAILURE };

	reply(fd, &(struct wirebuf){ octet, 1 });
}

static void
read_all(int fd, uint8_t *data, size_t len)
{
	ssize_t n;

	for (; len > 0; data += n, len -= (size_t)n)
		if ((n = read(fd, data, len)) <= 0)
			_exit(0);
}

static void
answer_list(int fd, const struct fake_key *keys, size_t n)
{
	struct wirebuf content = { NULL, 0 };
	size_t i;

	wirebuf_u8(&content, LIST_ANSWER);
	wirebuf_u32(&content, (uint32_t)n);
	for (i = 0; i < n; i++) {
		wirebuf_nested(&content, &keys[i].blob);
		wirebuf_text(&content, "a comment");
	}
	reply(fd, &content);
	wirebuf_free(&content);
}

/* The signature of a key that does sign. */
static void
signature_make(
    const struct fake_key *key, struct dance_bytes message, struct wirebuf *ret)
{
	struct wirebuf other = { NULL, 0 };

	if (key->answer == FAKE_SENDS) {
		wirebuf_raw(ret, key->sends.data, key->sends.len);
		return;
	}
	wirebuf_raw(&other, message.data, message.len);
	if (key->answer == FAKE_SIGNS_ANOTHER)
		other.data[message.len - 1] ^= 1;
	signer_sign(key->signer, key->alg, wirebuf_bytes(&other), ret);
	wirebuf_free(&other);
}

static void
answer_sign(int fd, const struct fake_key *key, struct dance_bytes message,
    struct fake_seen *seen)
{
	struct wirebuf content = { NULL, 0 }, signature = { NULL, 0 };

	switch (key->answer) {
	case FAKE_REFUSES:
		reply_failure(fd);
		return;
	case FAKE_HANGS_UP:
		_exit(0);
	case FAKE_IS_SILENT:
		for (;;)
			pause();
	case FAKE_SENDS_RAW:
		send_all(fd, key->sends.data, key->sends.len);
		return;
	default:
		break;
	}
	signature_make(key, message, &signature);
	if (signature.len <= sizeof(seen->signature)) {
		memcpy(seen->signature, signature.data, signature.len);
		seen->signature_len = signature.len;
	}
	wirebuf_u8(&content, SIGN_ANSWER);
	wirebuf_nested(&content, &signature);
	reply(fd, &content);
	wirebuf_free(&content);
	wirebuf_free(&signature);
}

/* Which key is meant; noted. */
static const struct fake_key *
sign_find(const struct fake_key *keys, size_t n, struct dance_bytes blob,
    uint32_t flags, struct fake_seen *seen)
{
	size_t i, at = strlen(seen->order);

	for (i = 0; i < n; i++)
		if (keys[i].blob.len == blob.len &&
		    memcmp(keys[i].blob.data, blob.data, blob.len) == 0)
			break;
	if (i == n || at + 1 == sizeof(seen->order))
		wrong();
	seen->order[at] = (char)('a' + i);
	seen->flags[i] = flags;
	return &keys[i];
}

static void
serve_sign(int fd, struct dance_wire w, const struct fake_key *keys, size_t n,
    struct fake_seen *seen)
{
	const struct fake_key *key;
	struct dance_bytes blob, message;
	uint32_t flags;

	if (dance_wire_string(&w, &blob) != 0 ||
	    dance_wire_string(&w, &message) != 0 ||
	    dance_wire_u32(&w, &flags) != 0 || w.left != 0 ||
	    message.len > sizeof(seen->message))
		wrong();
	key = sign_find(keys, n, blob, flags, seen);
	memcpy(seen->message, message.data, message.len);
	seen->message_len = message.len;
	answer_sign(fd, key, message, seen);
}

static _Noreturn void
agent_serve(
    int fd, const struct fake_key *keys, size_t n, struct fake_seen *seen)
{
	static uint8_t request[REQUEST_MAX];
	struct dance_wire w;
	uint32_t len;
	uint8_t type;

	for (;;) {
		read_all(fd, request, 4);
		w = (struct dance_wire){ request, 4 };
		if (dance_wire_u32(&w, &len) != 0 || len == 0 ||
		    len > sizeof(request))
			wrong();
		read_all(fd, request, len);
		w = (struct dance_wire){ request, len };
		if (dance_wire_u8(&w, &type) != 0)
			wrong();
		if (type == LIST && w.left == 0) {
			seen->n_lists++;
			answer_list(fd, keys, n);
		} else if (type == SIGN)
			serve_sign(fd, w, keys, n, seen);
		else
			wrong();
	}
}

/* Two ends and a child; returns the child's end there, -1 in the parent. */
static int
child_start(struct fake_agent *agent, int type)
{
	pid_t parent = getpid();
	int ends[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
		err(1, "socketpair");
	agent->seen = mmap(NULL, sizeof(*agent->seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (agent->seen == MAP_FAILED || (agent->pid = fork()) == -1)
		err(1, "fork");
	agent->fd = ends[0];
	if (agent->pid != 0) {
		close(ends[1]);
		return -1;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
	close(ends[0]);
	return ends[1];
}

void
fake_agent_start(
    struct fake_agent *agent, const struct fake_key *keys, size_t n)
{
	int fd = child_start(agent, SOCK_STREAM);

	if (fd != -1)
		agent_serve(fd, keys, n, agent->seen);
}

void
fake_agent_stop(struct fake_agent *agent, struct fake_seen *ret)
{
	int status;

	close(agent->fd);
	if (waitpid(agent->pid, &status, WNOHANG) == 0) {
		/* It may be silent, and so does not see that we are gone. */
		usleep(1000);
		kill(agent->pid, SIGKILL);
		waitpid(agent->pid, &status, 0);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		errx(1,
		    "the agent was asked for something that makes no "
		    "sense");
	if (ret != NULL)
		*ret = *agent->seen;
	munmap(agent->seen, sizeof(*agent->seen));
}

void
fake_peer_start(struct fake_agent *agent, const struct fake_peer *peer)
{
	int fd = child_start(agent, peer->type == 0 ? SOCK_STREAM : peer->type);
	uint8_t unread;
	size_t piece = peer->piece != 0 ? peer->piece : peer->len, at, n;

	if (fd == -1)
		return;
	do {
		for (at = 0; at < peer->len; at += n) {
			n = peer->len - at < piece ? peer->len - at : piece;
			send_all(fd, peer->data + at, n);
			if (peer->pause_ms != 0)
				usleep(peer->pause_ms * 1000);
		}
	} while (peer->floods);
	if (peer->is_rude)
		_exit(0);
	if (!peer->stays)
		shutdown(fd, SHUT_WR);
	while (peer->never_reads)
		pause();
	for (;;)
		read_all(fd, &unread, 1);
}
