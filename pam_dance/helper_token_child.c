/* SPDX-License-Identifier: ISC */
/*
 * The process that has the vendor's library: it answers the helper's requests
 * until the helper is gone, and never returns into the helper's code.  Started
 * by root, it becomes a user of its own before all else; it reads and sets no
 * environment of its own; p11-kit and the libraries do as they like.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include "helper_limit.h"
#include "helper_token_child.h"
#include "helper_token_p11.h"
#include "sandbox.h"
#include "socket.h"

static int
child_keep_only(int fd, int leash)
{
	const int others = TOKEN_CHILD_LEASH + 1;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* libc would take our descriptor for that of its log. */
	closelog();
	/* Out of each other's way first. */
	if (null == -1 || (fd = fcntl(fd, F_DUPFD_CLOEXEC, others)) == -1 ||
	    (leash = fcntl(leash, F_DUPFD_CLOEXEC, others)) == -1 ||
	    (null = fcntl(null, F_DUPFD_CLOEXEC, others)) == -1 ||
	    dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1 ||
	    dup3(fd, TOKEN_CHILD_FD, O_CLOEXEC) == -1 ||
	    dup3(leash, TOKEN_CHILD_LEASH, O_CLOEXEC) == -1)
		return DANCE_ERR_INTERNAL;
	return close_range(TOKEN_CHILD_LEASH + 1, ~0U, 0) == 0
	    ? 0
	    : DANCE_ERR_INTERNAL;
}

/* A handler of the helper's would be the way back into the helper's code. */
static void
child_reset_signals(void)
{
	struct sigaction action;
	sigset_t none;
	int i;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	for (i = 1; i < NSIG; i++) {
		/* Libraries that speak with a daemon forget of this one. */
		action.sa_handler = i == SIGPIPE ? SIG_IGN : SIG_DFL;
		(void)sigaction(i, &action, NULL);
	}
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * The helper can't kill another user's process, and its end does not either.
 * The kernel does, this process and its group, when the pipe's other end is
 * closed: only a library that means to can get out of that.
 */
static int
child_take_leash(void)
{
	struct pollfd pipe = { .fd = TOKEN_CHILD_LEASH };

	return setpgid(0, 0) == 0 &&
		fcntl(TOKEN_CHILD_LEASH, F_SETOWN, -getpid()) == 0 &&
		fcntl(TOKEN_CHILD_LEASH, F_SETSIG, SIGKILL) == 0 &&
		fcntl(TOKEN_CHILD_LEASH, F_SETFL, O_ASYNC) == 0 &&
		poll(&pipe, 1, 0) == 0
	    ? 0
	    : DANCE_ERR_INTERNAL;
}

/*
 * Another user, without the keys that the kernel keeps for the caller; where
 * it keeps none, or lets nobody ask for them, there is nothing to leave.
 */
static int
child_become(const struct token_place *place)
{
	struct dance_fault fault;

	if (!place->is_other)
		return 0;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) == -1 &&
	    errno != ENOSYS && errno != EPERM)
		return DANCE_ERR_INTERNAL;
	return dance_sandbox_become(place->uid, place->gid, &fault);
}

/*
 * The user first, since that takes back what a process has asked for itself.
 * Where he is the helper's, the end of the parent kills as well.
 */
static int
child_confine(const struct token_place *place, pid_t parent)
{
	struct dance_fault fault;
	int r;

	if ((r = child_become(place)) != 0 ||
	    (r = helper_limit(place->timeout_ms, &fault)) != 0 ||
	    (r = child_take_leash()) != 0)
		return r;
	/* The parent may be gone already: then nobody would kill us. */
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent
	    ? 0
	    : DANCE_ERR_INTERNAL;
}

/* The parent kills what takes too long. */
static int
child_read(void *data, size_t len)
{
	return dance_socket_read(TOKEN_CHILD_FD, data, len, DANCE_FOR_EVER) == 0
	    ? 0
	    : DANCE_ERR_INTERNAL;
}

static int
child_write(const void *data, size_t len)
{
	return dance_socket_write(TOKEN_CHILD_FD, data, len, DANCE_FOR_EVER) ==
		0
	    ? 0
	    : DANCE_ERR_INTERNAL;
}

/* What p11-kit says may hold a path, and a path anything. */
static int
child_write_reply(struct token_reply *reply)
{
	char *c;

	for (c = reply->fault.text; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return child_write(reply, sizeof(*reply));
}

static void
child_forget_offers(struct token_child *child)
{
	token_offers_clear(&child->offers);
	memset(child->keys, 0, sizeof(child->keys));
}

static int
child_list(struct token_child *child, struct token_reply *reply)
{
	const struct token_offer *offer;
	struct token_entry entry;
	size_t i;
	int r;

	child_forget_offers(child);
	reply->error = token_modules_load(child, &reply->fault);
	if (reply->error == 0)
		token_offers_find(child);
	reply->n = (uint32_t)child->offers.n;
	if ((r = child_write_reply(reply)) != 0)
		return r;
	for (i = 0; i < child->offers.n; i++) {
		offer = &child->offers.list[i];
		memset(&entry, 0, sizeof(entry));
		entry.chain_len = (uint32_t)offer->chain_len;
		entry.tries = offer->tries;
		entry.needs_pin = offer->needs_pin;
		entry.has_pinpad = offer->has_pinpad;
		memcpy(entry.label, offer->label, sizeof(entry.label));
		if ((r = child_write(&entry, sizeof(entry))) != 0 ||
		    (r = child_write(offer->chain, offer->chain_len)) != 0)
			return r;
	}
	return 0;
}

static int
child_sign(const struct token_child *child, struct token_request *request,
    struct token_reply *reply)
{
	struct token_job job = { .which = request->which };
	int r = DANCE_ERR_INTERNAL;

	job.message_len = request->message_len;
	if ((job.message = malloc(job.message_len + 1)) == NULL ||
	    (r = child_read(job.message, job.message_len)) != 0)
		goto out;
	if (request->has_pin)
		job.pin = request->pin;
	reply->error = token_job_sign(child, &job, &reply->fault);
	explicit_bzero(request->pin, sizeof(request->pin));
	if (reply->error == 0)
		reply->n = (uint32_t)job.sig_len;
	if ((r = child_write_reply(reply)) != 0)
		goto out;
	r = child_write(job.sig, reply->n);
out:
	free(job.message);
	return r;
}

/* Anything but 0 ends the process. */
static int
child_serve(struct token_child *child)
{
	struct token_request request;
	struct token_reply reply;
	int r = DANCE_ERR_INTERNAL;

	if (child_read(&request, sizeof(request)) != 0 ||
	    request.magic != TOKEN_MAGIC ||
	    request.message_len > TOKEN_MESSAGE_MAX ||
	    memchr(request.pin, '\0', sizeof(request.pin)) == NULL)
		goto out;
	memset(&reply, 0, sizeof(reply));
	reply.magic = TOKEN_MAGIC;
	reply.serial = request.serial;
	if (request.verb == TOKEN_LIST && request.message_len == 0)
		r = child_list(child, &reply);
	else if (request.verb == TOKEN_SIGN)
		r = child_sign(child, &request, &reply);
out:
	explicit_bzero(&request, sizeof(request));
	return r;
}

_Noreturn void
token_child_run(
    const struct token_place *place, int fd, int leash, pid_t parent)
{
	struct token_child *child;

	child_reset_signals();
	if (child_keep_only(fd, leash) != 0 ||
	    child_confine(place, parent) != 0 ||
	    (child = calloc(1, sizeof(*child))) == NULL)
		_exit(1);
	child->module = place->module;
	while (child_serve(child) == 0)
		;
	/* Not exit(): what the helper has registered for its end is its own. */
	_exit(0);
}
