/* SPDX-License-Identifier: ISC */
/*
 * The child is trusted with the answer, since it alone sees the evidence, but
 * not with the form of it: what comes through the pipe is read like any other
 * foreign bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cache_entry.h"
#include "cache_store.h"
#include "worker_child.h"
#include "worker_wire.h"

/*
 * What a worker that is taken over may have written: the folder has room for
 * more than one decision.  What it asks has its end with the deadline.
 */
#define SETTLES_MAX 512

/* One worker, from this side. */
struct worker {
	const struct dance_work *work;
	int from;
	int to;
	int64_t deadline_ms;
	bool has_asked; /* a person */
	unsigned n_settles;
};

static bool
text_is_ended(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool
result_is_sound(const struct dance_result *result)
{
	return text_is_ended(result->account, sizeof(result->account)) &&
	    text_is_ended(result->identity, sizeof(result->identity)) &&
	    text_is_ended(result->fingerprint, sizeof(result->fingerprint)) &&
	    text_is_ended(result->source, sizeof(result->source)) &&
	    text_is_ended(result->fault.text, sizeof(result->fault.text));
}

static bool
line_is_sound(const char *line, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (line[i] < ' ' || line[i] > '~')
			return false;
	return true;
}

/* The cache: names are checked there, octets are passed on as they are. */
static int
worker_serve_fetch(struct worker *worker, const struct dance_message *message)
{
	struct dance_store *store = worker->work->store;
	struct dance_reply reply = { 0, 0 };
	uint8_t *data = NULL;
	size_t len = 0;
	int r;

	if ((message->flags & DANCE_FETCH_LOCKS) != 0 &&
	    !dance_store_lock(store, message->owner))
		reply.is_busy = 1;
	if (dance_store_read(
		store, message->owner, DANCE_ENTRY_MAX, &data, &len) == 0)
		reply.len = (uint32_t)len;
	r = dance_pipe_write(
	    worker->to, &reply, sizeof(reply), worker->deadline_ms);
	if (r == 0)
		r = dance_pipe_write(
		    worker->to, data, reply.len, worker->deadline_ms);
	free(data);
	return r;
}

/*
 * What can't be kept is asked again: no fault of this decision.  But what it
 * was to replace is outdated, and must not come back when the DNS is out.
 */
static void
worker_keep(struct worker *worker, const struct dance_message *message,
    struct dance_bytes data)
{
	struct dance_keeping keeping = { .data = data,
		.seconds = message->seconds,
		.is_data = (message->flags & DANCE_SETTLE_DATA) != 0,
		.is_denial = (message->flags & DANCE_SETTLE_DENIAL) != 0,
		.is_note = (message->flags & DANCE_SETTLE_NOTE) != 0,
		.asked = message->asked };

	if (++worker->n_settles > SETTLES_MAX) {
		if (keeping.is_note)
			return;
		keeping.data.len = 0;
	}
	(void)dance_store_write(worker->work->store, message->owner, &keeping);
}

static int
worker_serve_settle(struct worker *worker, const struct dance_message *message)
{
	struct dance_store *store = worker->work->store;
	uint8_t *data = NULL;
	int r = 0;

	if (message->len > DANCE_ENTRY_MAX)
		return DANCE_ERR_INTERNAL;
	if (message->len > 0) {
		if ((data = malloc(message->len)) == NULL)
			return DANCE_ERR_INTERNAL;
		r = dance_pipe_read(
		    worker->from, data, message->len, worker->deadline_ms);
	}
	if (r == 0 && (message->flags & DANCE_SETTLE_KEEPS) != 0 &&
	    ((message->flags & DANCE_SETTLE_NOTE) == 0 ||
		worker->work->takes_notes))
		worker_keep(worker, message,
		    (struct dance_bytes){ data, message->len });
	dance_store_unlock(store, message->owner);
	free(data);
	return r;
}

static int
worker_serve(struct worker *worker, const struct dance_message *message)
{
	const struct dance_work *work = worker->work;

	if (message->kind == DANCE_MESSAGE_PERSON && work->person != NULL &&
	    !worker->has_asked) {
		worker->has_asked = true;
		work->person(work->person_arg);
		worker->deadline_ms += DANCE_PERSON_MS;
		return 0;
	}
	if (work->store == NULL ||
	    !text_is_ended(message->owner, sizeof(message->owner)))
		return DANCE_ERR_INTERNAL;
	if (message->kind == DANCE_MESSAGE_FETCH)
		return worker_serve_fetch(worker, message);
	if (message->kind == DANCE_MESSAGE_SETTLE)
		return worker_serve_settle(worker, message);
	return DANCE_ERR_INTERNAL;
}

/* Serve it until it hands back its result. */
static int
worker_listen(struct worker *worker, struct dance_message *ret)
{
	int r;

	for (;;) {
		r = dance_pipe_read(
		    worker->from, ret, sizeof(*ret), worker->deadline_ms);
		if (r != 0 || ret->kind == DANCE_MESSAGE_RESULT)
			return r;
		if ((r = worker_serve(worker, ret)) != 0)
			return r;
	}
}

static int
worker_receive(struct worker *worker, struct dance_result *ret, char **ret_line)
{
	struct dance_message message;
	char *line = NULL;
	int r;

	if ((r = worker_listen(worker, &message)) != 0)
		goto out;
	r = DANCE_ERR_INTERNAL;
	if (!result_is_sound(&message.result) || message.len > DANCE_LINE_MAX ||
	    (line = calloc(1, (size_t)message.len + 1)) == NULL)
		goto out;
	r = dance_pipe_read(
	    worker->from, line, message.len, worker->deadline_ms);
	if (r != 0)
		goto out;
	if (!line_is_sound(line, message.len)) {
		r = DANCE_ERR_INTERNAL;
		goto out;
	}

	*ret = message.result;
	if (message.result.verdict == 0 && message.len > 0) {
		*ret_line = line;
		line = NULL;
	}
	r = 0;
out:
	free(line);
	return r;
}

/* The pipes of a worker: its messages, and the replies. */
struct pipes {
	int messages[2];
	int replies[2];
};

/*
 * This process keeps its own end for reading replies: so writing one to a
 * worker that is gone raises no signal.
 */
static int
pipes_open(struct pipes *pipes, struct dance_fault *fault)
{
	if (pipe2(pipes->messages, O_CLOEXEC) != 0) {
		dance_fault_set(fault, "pipe: %s", strerror(errno));
		return -1;
	}
	if (pipe2(pipes->replies, O_CLOEXEC | O_NONBLOCK) != 0) {
		dance_fault_set(fault, "pipe: %s", strerror(errno));
		close(pipes->messages[0]);
		close(pipes->messages[1]);
		return -1;
	}
	return 0;
}

static void
pipes_close(struct pipes *pipes)
{
	close(pipes->messages[0]);
	close(pipes->replies[0]);
	close(pipes->replies[1]);
}

static void
worker_end(pid_t child, int r, struct dance_fault *fault)
{
	int status = 0;

	kill(child, SIGKILL);
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	if (r == DANCE_ERR_DNS_FAILURE)
		dance_fault_set(
		    fault, "the decision took too long and was stopped");
	else if (r != 0)
		dance_fault_set(fault,
		    "the deciding process ended without an answer (%s %d)",
		    WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status)
					: WEXITSTATUS(status));
}

void
dance_worker_run(
    const struct dance_work *work, struct dance_result *ret, char **ret_line)
{
	struct worker worker = { .work = work,
		.deadline_ms = work->deadline_ms };
	pid_t parent = getpid(), child;
	struct pipes pipes;

	memset(ret, 0, sizeof(*ret));
	ret->verdict = DANCE_ERR_INTERNAL;
	*ret_line = NULL;
	if (pipes_open(&pipes, &ret->fault) != 0)
		return;
	child = fork();
	if (child == 0)
		dance_worker_child(
		    work, pipes.messages[1], pipes.replies[0], parent);
	close(pipes.messages[1]);
	if (child == -1) {
		dance_fault_set(&ret->fault, "fork: %s", strerror(errno));
		pipes_close(&pipes);
		return;
	}

	worker.from = pipes.messages[0];
	worker.to = pipes.replies[1];
	worker_end(child, worker_receive(&worker, ret, ret_line), &ret->fault);
	pipes_close(&pipes);
	if (work->store == NULL)
		return;
	if (ret->verdict == 0)
		dance_store_accept(work->store, ret->identity);
	dance_store_unlock_all(work->store);
}
