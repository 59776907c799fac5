/* SPDX-License-Identifier: ISC */
/*
 * Programs that setup asks: no shell, no environment, nothing on standard
 * input, no descriptor but their own three, and not for long.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "resolver.h"
#include "setup.h"

#define ANSWER_MAX 1048576
#define NOT_RUN	   127
#define WAIT_MS	   10

static void
signals_reset(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		(void)sigaction(i, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: as sshd would start it. */
static _Noreturn void
child_exec(const char *const *argv, const struct passwd *user,
    const char *const *environment, const int fds[2])
{
	static const char *const none[] = { NULL };
	int null = open("/dev/null", O_RDWR);

	signals_reset();
	if (null == -1 || setpgid(0, 0) != 0 || dup2(null, 0) == -1 ||
	    dup2(fds[0], 1) == -1 || dup2(fds[1], 2) == -1 ||
	    close_range(3, ~0U, 0) != 0 || chdir("/") != 0)
		_exit(NOT_RUN);
	umask(022);
	if (user != NULL &&
	    (initgroups(user->pw_name, user->pw_gid) != 0 ||
		setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
		setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0))
		_exit(NOT_RUN);
	if (environment == NULL)
		environment = none;
	/* Neither is written to; execve() is older than const. */
	execve(argv[0], (char *const *)(uintptr_t)argv,
	    (char *const *)(uintptr_t)environment);
	_exit(NOT_RUN);
}

struct stream {
	int fd; /* -1 at its end */
	FILE *out;
	char *text;
	size_t size;
	size_t len;
};

static void
stream_read(struct stream *stream)
{
	char part[1024];
	ssize_t n = read(stream->fd, part, sizeof(part));

	if (n == 0 || (n == -1 && errno != EINTR)) {
		close(stream->fd);
		stream->fd = -1;
	}
	if (n > 0 && (stream->len += (size_t)n) <= ANSWER_MAX)
		fwrite(part, 1, (size_t)n, stream->out);
}

/* True if both have ended in time. */
static bool
streams_read(struct stream streams[2], int64_t end_ms)
{
	struct pollfd fds[2];
	int64_t left_ms;
	size_t i;

	while (streams[0].fd != -1 || streams[1].fd != -1) {
		if ((left_ms = end_ms - dance_now_ms()) <= 0)
			return false;
		for (i = 0; i < 2; i++)
			fds[i] = (struct pollfd){ .fd = streams[i].fd,
				.events = POLLIN };
		if (poll(fds, 2, (int)left_ms) <= 0)
			continue;
		for (i = 0; i < 2; i++)
			if (fds[i].revents != 0)
				stream_read(&streams[i]);
	}
	return true;
}

static int
child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return NOT_RUN;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* True if it has ended in time; it is not reaped. */
static bool
child_ends(pid_t pid, int64_t end_ms)
{
	siginfo_t info = { 0 };

	/* It may have closed its outputs and go on. */
	while (
	    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != pid) {
		if (dance_now_ms() >= end_ms)
			return false;
		(void)poll(NULL, 0, WAIT_MS);
	}
	return true;
}

static void
child_hear(pid_t pid, int64_t end_ms, struct stream streams[2],
    struct setup_answer *ret)
{
	ret->is_late =
	    !streams_read(streams, end_ms) || !child_ends(pid, end_ms);
	if (ret->is_late) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
	}
	ret->status = child_wait(pid);
}

static int
child_run(struct setup *setup, const char *const *argv,
    const struct passwd *user, const char *const *environment, int64_t end_ms,
    struct stream streams[2], struct setup_answer *ret)
{
	int out[2], err[2], fds[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) != 0)
		return setup_fail(setup, "pipe: %s", strerror(errno));
	if (pipe2(err, O_CLOEXEC) != 0) {
		close(out[0]);
		close(out[1]);
		return setup_fail(setup, "pipe: %s", strerror(errno));
	}
	fds[0] = out[1];
	fds[1] = err[1];
	if ((pid = fork()) == 0)
		child_exec(argv, user, environment, fds);
	close(out[1]);
	close(err[1]);
	streams[0].fd = out[0];
	streams[1].fd = err[0];
	if (pid != -1)
		child_hear(pid, end_ms, streams, ret);
	if (streams[0].fd != -1)
		close(streams[0].fd);
	if (streams[1].fd != -1)
		close(streams[1].fd);
	return pid == -1 ? setup_fail(setup, "fork: %s", strerror(errno))
			 : CTL_YES;
}

int
setup_run(struct setup *setup, const char *const *argv, const char *user,
    const char *const *environment, unsigned seconds, struct setup_answer *ret)
{
	int64_t end_ms = dance_now_ms() + 1000 * (int64_t)seconds;
	struct stream streams[2] = { 0 };
	struct dance_fault fault = { "" };
	struct passwd *entry = NULL;
	int r;

	memset(ret, 0, sizeof(*ret));
	if (dance_file_check_program(argv[0], &fault) != 0)
		return setup_fail(setup, "%s", fault.text);
	if (user != NULL && (entry = getpwnam(user)) == NULL)
		return setup_fail(setup, "there is no user %s", user);
	streams[0].out = open_memstream(&streams[0].text, &streams[0].size);
	streams[1].out = open_memstream(&streams[1].text, &streams[1].size);
	if (streams[0].out == NULL || streams[1].out == NULL)
		ctl_fail("out of memory");
	r = child_run(setup, argv, entry, environment, end_ms, streams, ret);
	if (fclose(streams[0].out) != 0 || fclose(streams[1].out) != 0)
		ctl_fail("out of memory");
	ret->out = streams[0].text;
	ret->err = streams[1].text;
	if (r != CTL_YES)
		setup_answer_free(ret);
	return r;
}

void
setup_answer_free(struct setup_answer *answer)
{
	free(answer->out);
	free(answer->err);
	answer->out = answer->err = NULL;
}

const char *
setup_answer_line(struct setup_answer *answer)
{
	if (answer->is_late)
		return "no answer in time";
	answer->err[strcspn(answer->err, "\r\n")] = '\0';
	return answer->err[0] != '\0' ? answer->err : "it says nothing more";
}
