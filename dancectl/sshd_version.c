/* SPDX-License-Identifier: ISC */
/*
 * sshd -V tells its version on standard error; one that does not know -V yet
 * tells it along with its usage.  It runs without privileges and environment,
 * and not for long.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "number.h"
#include "resolver.h"
#include "sshd_version.h"

#define SSHD	    "/usr/sbin/sshd"
#define BANNER	    "OpenSSH_"
#define ANSWER_MAX  1024
#define ANSWER_MS   2000
#define MAJOR_LEN   3
#define MINOR_LEN   2
#define MINOR_LIMIT 100

/* A number of at most max digits; *text moves behind it. */
static int
number_read(const char **text, size_t max, unsigned *ret)
{
	size_t len = strspn(*text, "0123456789");
	unsigned long value;
	char digits[8] = "";

	if (len == 0 || len > max)
		return DANCE_ERR_FORMAT;
	memcpy(digits, *text, len);
	if (dance_strtou(digits, 0, 999, &value) != 0)
		return DANCE_ERR_FORMAT;
	*text += len;
	*ret = (unsigned)value;
	return 0;
}

/* "9.2"; *text moves behind it. */
static int
version_read(const char **text, unsigned *ret)
{
	unsigned major, minor;

	if (number_read(text, MAJOR_LEN, &major) != 0 || major == 0 ||
	    *(*text)++ != '.' || number_read(text, MINOR_LEN, &minor) != 0)
		return DANCE_ERR_FORMAT;
	*ret = major * MINOR_LIMIT + minor;
	return 0;
}

int
sshd_version_parse(const char *text, unsigned *ret)
{
	unsigned version;

	if (version_read(&text, &version) != 0 || *text != '\0')
		return DANCE_ERR_FORMAT;
	*ret = version;
	return 0;
}

/* Start it, its standard error in fd; -1 if that fails. */
static pid_t
sshd_start(int fd)
{
	char name[] = SSHD, option[] = "-V";
	char *argv[] = { name, option, NULL }, *none[] = { NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int r;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	r = posix_spawn_file_actions_addopen(
	    &actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
	r |= posix_spawn_file_actions_adddup2(
	    &actions, STDIN_FILENO, STDOUT_FILENO);
	r |= posix_spawn_file_actions_adddup2(&actions, fd, STDERR_FILENO);
	if (r == 0 && posix_spawn(&pid, SSHD, &actions, NULL, argv, none) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* What comes until the end, as far as there is time and room. */
static void
answer_read(int fd, char text[ANSWER_MAX])
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	int64_t end_ms = dance_now_ms() + ANSWER_MS, left_ms;
	size_t len = 0;
	ssize_t n;

	while (
	    len < ANSWER_MAX - 1 && (left_ms = end_ms - dance_now_ms()) > 0) {
		if (poll(&poll_fd, 1, (int)left_ms) <= 0)
			continue;
		n = read(fd, text + len, ANSWER_MAX - 1 - len);
		if (n == 0 || (n == -1 && errno != EINTR))
			break;
		if (n > 0)
			len += (size_t)n;
	}
	text[len] = '\0';
}

unsigned
sshd_version_ask(void)
{
	char text[ANSWER_MAX];
	const char *banner;
	unsigned version = 0;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return 0;
	pid = sshd_start(fds[1]);
	close(fds[1]);
	if (pid != -1) {
		answer_read(fds[0], text);
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			;
		banner = strstr(text, BANNER);
		if (banner != NULL) {
			banner += strlen(BANNER);
			if (version_read(&banner, &version) != 0)
				version = 0;
		}
	}
	close(fds[0]);
	return version;
}
