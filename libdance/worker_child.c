/* SPDX-License-Identifier: ISC */
/*
 * The worker itself: it has its job, two pipes and at most one more
 * descriptor, and no way to a file but by asking for it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <syslog.h>
#include <unistd.h>

#include "cache_store.h"
#include "clock.h"
#include "worker_child.h"
#include "worker_wire.h"

/* The parent ends us at the deadline; only it must not be waited for anew. */
#define PATIENCE_MS 60000

/*
 * Leave the child its pipes and nothing else: sshd would take whatever it wrote
 * to our output as the word of this program.
 */
static int
worker_keep_only(const struct dance_work *work, int out, int in)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), peer = null;
	unsigned others = DANCE_WORKER_REPLY_FD + 1;

	/* libc would take our descriptor for that of its log. */
	closelog();
	/* Out of each other's way first. */
	out = fcntl(out, F_DUPFD_CLOEXEC, DANCE_WORKER_PEER_FD + 1);
	in = fcntl(in, F_DUPFD_CLOEXEC, DANCE_WORKER_PEER_FD + 1);
	if (work->has_peer) {
		others = DANCE_WORKER_PEER_FD + 1;
		peer = fcntl(work->peer, F_DUPFD_CLOEXEC, others);
	}
	if (null == -1 || out == -1 || in == -1 || peer == -1 ||
	    dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1 ||
	    dup2(peer, DANCE_WORKER_PEER_FD) == -1 ||
	    dup2(in, DANCE_WORKER_REPLY_FD) == -1 ||
	    dup2(out, DANCE_WORKER_FD) == -1)
		return DANCE_ERR_INTERNAL;
	return close_range(others, ~0U, 0) == 0 ? 0 : DANCE_ERR_INTERNAL;
}

static int
message_send(struct dance_message *message, const void *data)
{
	int64_t deadline_ms = dance_now_ms() + PATIENCE_MS;

	if (dance_pipe_write(
		DANCE_WORKER_FD, message, sizeof(*message), deadline_ms) != 0 ||
	    dance_pipe_write(
		DANCE_WORKER_FD, data, message->len, deadline_ms) != 0)
		return DANCE_ERR_INTERNAL;
	return 0;
}

/* Every octet of it goes out: none may be what stood on the stack. */
static void
message_init(struct dance_message *message, enum dance_message_kind kind)
{
	memset(message, 0, sizeof(*message));
	message->kind = kind;
	message->result.verdict = DANCE_ERR_INTERNAL;
}

int
dance_worker_ask_person(void)
{
	struct dance_message message;

	message_init(&message, DANCE_MESSAGE_PERSON);
	return message_send(&message, NULL);
}

static int
message_name(struct dance_message *message, const char *owner)
{
	size_t len = strlen(owner);

	if (len >= sizeof(message->owner))
		return DANCE_ERR_INTERNAL;
	memcpy(message->owner, owner, len);
	return 0;
}

static int
cache_fetch(void *arg, const char *owner, bool wants_lock, uint8_t **ret,
    size_t *ret_len, bool *ret_is_busy)
{
	int64_t deadline_ms = dance_now_ms() + PATIENCE_MS;
	struct dance_message message;
	struct dance_reply reply;
	uint8_t *data = NULL;

	(void)arg;
	message_init(&message, DANCE_MESSAGE_FETCH);
	message.flags = wants_lock ? DANCE_FETCH_LOCKS : 0;
	if (message_name(&message, owner) != 0 ||
	    message_send(&message, NULL) != 0 ||
	    dance_pipe_read(
		DANCE_WORKER_REPLY_FD, &reply, sizeof(reply), deadline_ms) != 0)
		return DANCE_ERR_INTERNAL;
	if (reply.len > 0 &&
	    ((data = malloc(reply.len)) == NULL ||
		dance_pipe_read(DANCE_WORKER_REPLY_FD, data, reply.len,
		    deadline_ms) != 0)) {
		free(data);
		return DANCE_ERR_INTERNAL;
	}
	*ret = data;
	*ret_len = reply.len;
	*ret_is_busy = reply.is_busy != 0;
	return 0;
}

static int
cache_settle(void *arg, const char *owner, const struct dance_keeping *keeping)
{
	struct dance_message message;

	(void)arg;
	message_init(&message, DANCE_MESSAGE_SETTLE);
	if (message_name(&message, owner) != 0)
		return DANCE_ERR_INTERNAL;
	if (keeping == NULL)
		return message_send(&message, NULL);
	message.flags = DANCE_SETTLE_KEEPS |
	    (keeping->is_data ? DANCE_SETTLE_DATA : 0) |
	    (keeping->is_note ? DANCE_SETTLE_NOTE : 0) |
	    (keeping->is_denial ? DANCE_SETTLE_DENIAL : 0);
	message.asked = keeping->asked;
	message.seconds = keeping->seconds;
	message.len = (uint32_t)keeping->data.len;
	return message_send(&message, keeping->data.data);
}

const struct dance_cache_link *
dance_worker_cache(const struct dance_store *store)
{
	static const struct dance_cache_link link = { cache_fetch, cache_settle,
		NULL };

	return store->folder == -1 ? NULL : &link;
}

_Noreturn void
dance_worker_child(const struct dance_work *work, int out, int in, pid_t parent)
{
	struct dance_message message;
	char *line = NULL;

	/* The parent may be gone already: then nobody would kill us. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
	    worker_keep_only(work, out, in) != 0)
		_exit(1);
	message_init(&message, DANCE_MESSAGE_RESULT);
	work->job(work->arg, &message.result, &line);
	message.len = line == NULL ? 0 : (uint32_t)strlen(line);
	if (message_send(&message, line) != 0)
		_exit(1);
	/* Not exit(): libunbound's threads may still run. */
	_exit(0);
}
