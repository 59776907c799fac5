/* SPDX-License-Identifier: ISC */
/*
 * The tools stand where a host has them, and only root can have put them there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "resolver.h"
#include "tool.h"

#define WAIT_MS 10
#define END_MS	1000 /* to clear up behind itself */

/* What has gone wrong with the tool, in words. */
static int
fail(struct dance_fault *fault, const char *what, int error)
{
	dance_fault_set(fault, "%.300s: %.100s", what, strerror(error));
	return DANCE_ERR_CONFIG;
}

/* *ret is malloced. */
static int
tool_find(const char *name, char **ret, struct dance_fault *fault)
{
	static const char *const folders[] = { "/usr/bin", "/usr/local/bin",
		"/bin" };
	char *path;
	size_t i;
	int r;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (asprintf(&path, "%s/%s", folders[i], name) == -1)
			return fail(fault, name, ENOMEM);
		if (access(path, X_OK) == 0) {
			if ((r = dance_file_check_program(path, fault)) == 0)
				*ret = path;
			else
				free(path);
			return r;
		}
		free(path);
	}
	dance_fault_set(
	    fault, "%.50s: not found; it comes with the OpenSSH client", name);
	return DANCE_ERR_CONFIG;
}

/* A file without a name that holds the input; -1 if there can't be one. */
static int
input_open(const struct ctl_input *input)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd == -1)
		return -1;
	if (write(fd, input->text, input->len) != (ssize_t)input->len ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* in and out are -1 for those of the person. */
static int
actions_prepare(
    posix_spawn_file_actions_t *actions, int folder, int in, int out)
{
	int r = 0;

	if (folder != -1)
		r = posix_spawn_file_actions_addfchdir_np(actions, folder);
	if (r == 0 && in != -1)
		r = posix_spawn_file_actions_adddup2(actions, in, STDIN_FILENO);
	/* What it says to the person is never taken for what we say. */
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(
		    actions, out == -1 ? STDERR_FILENO : out, STDOUT_FILENO);
	return r;
}

static int
attributes_prepare(posix_spawnattr_t *attributes)
{
	sigset_t signals;
	int r;

	sigemptyset(&signals);
	if ((r = posix_spawnattr_setsigmask(attributes, &signals)) != 0)
		return r;
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGQUIT);
	if ((r = posix_spawnattr_setsigdefault(attributes, &signals)) != 0)
		return r;
	return posix_spawnattr_setflags(
	    attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static int
tool_spawn(
    const struct tool_call *call, const char *path, int in, int out, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char *argv[TOOL_ARGS_MAX];
	size_t i = 0;
	int r;

	do
		memcpy(&argv[i], &call->args[i], sizeof(argv[i]));
	while (call->args[i++] != NULL);
	if ((r = posix_spawn_file_actions_init(&actions)) != 0)
		return r;
	if ((r = posix_spawnattr_init(&attributes)) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return r;
	}
	if ((r = actions_prepare(&actions, call->folder, in, out)) == 0 &&
	    (r = attributes_prepare(&attributes)) == 0)
		r = posix_spawn(
		    ret, path, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* It is killed when it writes more into a file; it has just begun. */
static void
files_bound(pid_t pid, size_t max)
{
	struct rlimit limit = { max, max };

	(void)prlimit(pid, RLIMIT_FSIZE, &limit, NULL);
}

/* Milliseconds until the end; -1: there is none. */
static int
time_left(int64_t end_ms)
{
	int64_t left_ms = end_ms - dance_now_ms();

	if (end_ms == 0)
		return -1;
	return left_ms > 0 ? (int)left_ms : 0;
}

/* Read until the end; false when the time or the room is over first. */
static bool
output_read(int fd, size_t max, int64_t end_ms, struct ctl_input *ret)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	while (time_left(end_ms) != 0) {
		if (poll(&poll_fd, 1, time_left(end_ms)) <= 0)
			continue;
		n = read(fd, ret->text + ret->len, max + 1 - ret->len);
		if (n == 0)
			return true;
		if (n > 0 && (ret->len += (size_t)n) > max)
			return false;
		if (n == -1 && errno != EINTR)
			return false;
	}
	return false;
}

/* It may have closed its output and go on. */
static bool
tool_ends(pid_t pid, int64_t end_ms)
{
	siginfo_t info = { 0 };
	int flags = WEXITED | WNOWAIT | (end_ms == 0 ? 0 : WNOHANG);

	while (
	    waitid(P_PID, (id_t)pid, &info, flags) != 0 || info.si_pid != pid) {
		if (time_left(end_ms) == 0)
			return false;
		(void)poll(NULL, 0, WAIT_MS);
	}
	return true;
}

/* True if it came to its end by itself. */
static bool
tool_wait(pid_t pid, int fd, size_t max, int64_t end_ms, struct ctl_input *ret,
    int *ret_status)
{
	bool ends = (fd == -1 || output_read(fd, max, end_ms, ret)) &&
	    tool_ends(pid, end_ms);
	int status = 0;

	/* It may have turned off the echo of the terminal. */
	if (!ends)
		kill(pid, SIGTERM);
	if (!ends && !tool_ends(pid, dance_now_ms() + END_MS))
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	*ret_status =
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return ends;
}

/* fds: its input, and the two ends of its output; -1 for what there is not. */
static int
tool_do(const struct tool_call *call, const char *path, int fds[3],
    struct ctl_input *ret, int *ret_status, struct dance_fault *fault)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was_int, was_quit;
	struct sigaction standard = { .sa_handler = SIG_DFL }, was_child;
	int64_t end_ms = call->ms == 0 ? 0 : dance_now_ms() + call->ms;
	bool ends = false;
	pid_t pid;
	int r;

	sigaction(SIGINT, &ignore, &was_int);
	sigaction(SIGQUIT, &ignore, &was_quit);
	/* Who has started us may ignore it; then nothing waits for us. */
	sigaction(SIGCHLD, &standard, &was_child);
	if ((r = tool_spawn(call, path, fds[0], fds[2], &pid)) == 0) {
		if (call->file_max > 0)
			files_bound(pid, call->file_max);
		if (fds[2] != -1)
			close(fds[2]);
		fds[2] = -1;
		ends =
		    tool_wait(pid, fds[1], call->max, end_ms, ret, ret_status);
	}
	sigaction(SIGINT, &was_int, NULL);
	sigaction(SIGQUIT, &was_quit, NULL);
	sigaction(SIGCHLD, &was_child, NULL);
	if (r != 0)
		return fail(fault, path, r);
	if (ends)
		return 0;
	dance_fault_set(fault, "%s: it %s", path,
	    call->max > 0 && ret->len > call->max ? "says too much"
						  : "takes too long");
	return DANCE_ERR_CONFIG;
}

static int
streams_open(const struct tool_call *call, int fds[3], struct ctl_input *ret)
{
	if (call->input != NULL && (fds[0] = input_open(call->input)) == -1)
		return -1;
	if (call->max == 0)
		return 0;
	if ((ret->text = calloc(1, call->max + 2)) == NULL)
		return -1;
	return pipe2(&fds[1], O_CLOEXEC);
}

int
tool_run(const struct tool_call *call, struct ctl_input *ret, int *ret_status,
    struct dance_fault *fault)
{
	struct ctl_input output = { .text = NULL };
	int fds[3] = { -1, -1, -1 };
	char *path = NULL;
	size_t i;
	int r;

	if ((r = tool_find(call->args[0], &path, fault)) != 0)
		return r;
	if (streams_open(call, fds, &output) != 0)
		r = fail(fault, path, errno);
	else
		r = tool_do(call, path, fds, &output, ret_status, fault);
	for (i = 0; i < 3; i++)
		if (fds[i] != -1)
			close(fds[i]);
	free(path);
	if (r == 0 && call->max > 0)
		*ret = output;
	else
		free(output.text);
	return r;
}

int
tool_get_public(
    const char *key, struct ctl_input *ret, struct dance_fault *fault)
{
	const char *args[] = { "ssh-keygen", "-y", "-f", key, NULL };
	struct tool_call call = {
		.args = args, .folder = -1, .max = CTL_INPUT_MAX
	};
	int r, status;

	if ((r = tool_run(&call, ret, &status, fault)) != 0)
		return r;
	if (status == 0)
		return 0;
	free(ret->text);
	ret->text = NULL;
	dance_fault_set(fault, "%.300s: ssh-keygen can't read it", key);
	return DANCE_ERR_CONFIG;
}
