/* SPDX-License-Identifier: ISC */
/*
 * Programs are started with the rights that dancectl has at that time; what
 * they print is bounded, and they are gone when their time is over.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "program.h"
#include "resolver.h"

#define WAIT_MS 2

/* Start it in a process group of its own, both outputs in fd; -1 if not. */
static pid_t
program_start(char *const argv[], int fd)
{
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LC_ALL=C";
	char *environment[] = { path, lang, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid = -1;
	int r;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return -1;
	}
	r = posix_spawn_file_actions_addopen(
	    &actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
	r |= posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	r |= posix_spawn_file_actions_adddup2(&actions, fd, STDERR_FILENO);
	r |= posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	r |= posix_spawnattr_setpgroup(&attributes, 0);
	if (r != 0 ||
	    posix_spawn(
		&pid, argv[0], &actions, &attributes, argv, environment) != 0)
		pid = -1;
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* Read until the end; -1 when the time or the room is over first. */
static int
program_read(int fd, char *text, size_t max, int64_t end_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int64_t left_ms;
	size_t len = 0;
	ssize_t n = -1;

	while (len < max && (left_ms = end_ms - dance_now_ms()) > 0) {
		if (poll(&poll_fd, 1, (int)left_ms) <= 0)
			continue;
		n = read(fd, text + len, max - len);
		if (n == 0 || (n == -1 && errno != EINTR))
			break;
		if (n > 0)
			len += (size_t)n;
	}
	text[len] = '\0';
	return n == 0 ? 0 : -1;
}

/* Its exit status; killed, it has none. */
static int
program_end(pid_t pid, int64_t end_ms)
{
	int status = -1;
	pid_t gone;

	/* It may have closed its outputs and go on. */
	while ((gone = waitpid(pid, &status, WNOHANG)) != pid &&
	    dance_now_ms() < end_ms)
		(void)poll(NULL, 0, WAIT_MS);
	if (gone != pid) {
		kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
program_run(char *const argv[], size_t max, int ms, char **ret_text)
{
	int64_t end_ms = dance_now_ms() + ms;
	char *text;
	int fds[2], r, status = -1;
	pid_t pid;

	*ret_text = NULL;
	if (dance_file_check_program(argv[0], NULL) != 0 ||
	    (text = malloc(max + 1)) == NULL)
		return -1;
	if (pipe2(fds, O_CLOEXEC) != 0) {
		free(text);
		return -1;
	}
	pid = program_start(argv, fds[1]);
	close(fds[1]);
	if (pid == -1)
		free(text);
	else {
		r = program_read(fds[0], text, max, end_ms);
		status = program_end(pid, r == 0 ? end_ms : 0);
		*ret_text = text;
	}
	close(fds[0]);
	return status;
}
