/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "socket.h"

/* Until something can be read or written. */
static int
socket_wait(int fd, short events, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int64_t left = -1;
	int n;

	do {
		if (deadline_ms != DANCE_FOR_EVER &&
		    (left = deadline_ms - dance_now_ms()) <= 0)
			return ETIMEDOUT;
		n = poll(&poll_fd, 1, left < INT_MAX ? (int)left : INT_MAX);
	} while (n == 0 || (n == -1 && errno == EINTR));
	return n == -1 ? errno : 0;
}

static bool
is_temporary(int error)
{
	return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

int
dance_socket_read(int fd, void *data, size_t len, int64_t deadline_ms)
{
	char *next = data;
	ssize_t n;
	int r;

	while (len > 0) {
		if ((r = socket_wait(fd, POLLIN, deadline_ms)) != 0)
			return r;
		n = recv(fd, next, len, MSG_DONTWAIT);
		if (n == 0)
			return EPIPE;
		if (n == -1 && !is_temporary(errno))
			return errno == ECONNRESET ? EPIPE : errno;
		if (n > 0) {
			next += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int
dance_socket_write(int fd, const void *data, size_t len, int64_t deadline_ms)
{
	const char *next = data;
	ssize_t n;
	int r;

	while (len > 0) {
		if ((r = socket_wait(fd, POLLOUT, deadline_ms)) != 0)
			return r;
		n = send(fd, next, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && !is_temporary(errno))
			return errno == ECONNRESET ? EPIPE : errno;
		if (n > 0) {
			next += n;
			len -= (size_t)n;
		}
	}
	return 0;
}
