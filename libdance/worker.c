/* SPDX-License-Identifier: ISC */
/*
 * The child is trusted with the answer, since it alone sees the evidence, but
 * not with the form of it: what comes through the pipe is read like any other
 * foreign bytes.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>
#include <fcntl.h>

#include "resolver.h"
#include "worker.h"

/*
 * On the wire: this, then line_len octets.  One whose asks_person is set may
 * come before it, with nothing else in it.
 */
struct message {
	struct dance_result result;
	size_t line_len;
	int asks_person;
};

static int
write_all(int fd, const void *data, size_t len)
{
	const char *next = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, next, len);
		if (n == -1 && errno != EINTR)
			return DANCE_ERR_INTERNAL;
		if (n > 0) {
			next += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/*
 * Leave the child its pipe and nothing else: sshd would take whatever it wrote
 * to our output as the word of this program.
 */
static int
worker_keep_only(const struct dance_work *work, int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), peer = null;
	unsigned others = DANCE_WORKER_FD + 1;

	/* libc would take our descriptor for that of its log. */
	closelog();
	/* Out of each other's way first. */
	fd = fcntl(fd, F_DUPFD_CLOEXEC, DANCE_WORKER_PEER_FD + 1);
	if (work->has_peer) {
		others = DANCE_WORKER_PEER_FD + 1;
		peer = fcntl(work->peer, F_DUPFD_CLOEXEC, others);
	}
	if (null == -1 || fd == -1 || peer == -1 ||
	    dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1 ||
	    dup2(null, STDERR_FILENO) == -1 ||
	    dup2(peer, DANCE_WORKER_PEER_FD) == -1 ||
	    dup2(fd, DANCE_WORKER_FD) == -1)
		return DANCE_ERR_INTERNAL;
	return close_range(others, ~0U, 0) == 0 ? 0 : DANCE_ERR_INTERNAL;
}

int
dance_worker_ask_person(void)
{
	struct message message;

	memset(&message, 0, sizeof(message));
	message.result.verdict = DANCE_ERR_INTERNAL;
	message.asks_person = 1;
	return write_all(DANCE_WORKER_FD, &message, sizeof(message));
}

static _Noreturn void
worker_child(const struct dance_work *work, int fd, pid_t parent)
{
	struct message message;
	char *line = NULL;

	/* The parent may be gone already: then nobody would kill us. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
	    worker_keep_only(work, fd) != 0)
		_exit(1);
	memset(&message, 0, sizeof(message));
	message.result.verdict = DANCE_ERR_INTERNAL;
	work->job(work->arg, &message.result, &line);
	message.line_len = line == NULL ? 0 : strlen(line);
	if (write_all(DANCE_WORKER_FD, &message, sizeof(message)) != 0 ||
	    write_all(DANCE_WORKER_FD, line, message.line_len) != 0)
		_exit(1);
	/* Not exit(): libunbound's threads may still run. */
	_exit(0);
}

/* Read len octets before the deadline. */
static int
read_all(int fd, void *data, size_t len, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char *next = data;
	int64_t left;
	ssize_t n;

	while (len > 0) {
		if ((left = deadline_ms - dance_now_ms()) <= 0)
			return DANCE_ERR_DNS_FAILURE;
		n = poll(&poll_fd, 1, (int)left);
		if (n == -1 && errno != EINTR)
			return DANCE_ERR_INTERNAL;
		if (n <= 0)
			continue;
		n = read(fd, next, len);
		if (n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN))
			return DANCE_ERR_INTERNAL;
		if (n > 0) {
			next += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

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

static int
worker_receive(const struct dance_work *work, int fd, struct dance_result *ret,
    char **ret_line)
{
	int64_t deadline_ms = work->deadline_ms;
	struct message message;
	char *line = NULL;
	int r;

	if ((r = read_all(fd, &message, sizeof(message), deadline_ms)) != 0)
		goto out;
	if (message.asks_person != 0 && work->person != NULL) {
		work->person(work->person_arg);
		deadline_ms += DANCE_PERSON_MS;
		r = read_all(fd, &message, sizeof(message), deadline_ms);
		if (r != 0)
			goto out;
	}
	r = DANCE_ERR_INTERNAL;
	if (message.asks_person != 0 || !result_is_sound(&message.result) ||
	    message.line_len > DANCE_LINE_MAX ||
	    (line = calloc(1, message.line_len + 1)) == NULL)
		goto out;
	if ((r = read_all(fd, line, message.line_len, deadline_ms)) != 0)
		goto out;
	if (!line_is_sound(line, message.line_len)) {
		r = DANCE_ERR_INTERNAL;
		goto out;
	}

	*ret = message.result;
	if (message.result.verdict == 0 && message.line_len > 0) {
		*ret_line = line;
		line = NULL;
	}
	r = 0;
out:
	free(line);
	return r;
}

void
dance_worker_run(
    const struct dance_work *work, struct dance_result *ret, char **ret_line)
{
	pid_t parent = getpid(), child;
	int fds[2], status = 0, r;

	memset(ret, 0, sizeof(*ret));
	ret->verdict = DANCE_ERR_INTERNAL;
	*ret_line = NULL;
	if (pipe2(fds, O_CLOEXEC) != 0) {
		dance_fault_set(&ret->fault, "pipe: %s", strerror(errno));
		return;
	}
	child = fork();
	if (child == 0) {
		close(fds[0]);
		worker_child(work, fds[1], parent);
	}
	close(fds[1]);
	if (child == -1) {
		dance_fault_set(&ret->fault, "fork: %s", strerror(errno));
		close(fds[0]);
		return;
	}

	r = worker_receive(work, fds[0], ret, ret_line);
	close(fds[0]);
	kill(child, SIGKILL);
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	if (r == DANCE_ERR_DNS_FAILURE)
		dance_fault_set(
		    &ret->fault, "the decision took too long and was stopped");
	else if (r != 0)
		dance_fault_set(&ret->fault,
		    "the deciding process ended without an answer (%s %d)",
		    WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status)
					: WEXITSTATUS(status));
}
