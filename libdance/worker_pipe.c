/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "clock.h"
#include "worker_wire.h"

/* Until the descriptor is ready: 1, or 0 for another look, or an error. */
static int
pipe_wait(int fd, short events, int64_t deadline_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int64_t left = deadline_ms - dance_now_ms();
	int n;

	if (left <= 0)
		return DANCE_ERR_DNS_FAILURE;
	n = poll(&poll_fd, 1, left < INT_MAX ? (int)left : INT_MAX);
	if (n == -1 && errno != EINTR)
		return DANCE_ERR_INTERNAL;
	return n > 0 ? 1 : 0;
}

int
dance_pipe_write(int fd, const void *data, size_t len, int64_t deadline_ms)
{
	const char *next = data;
	ssize_t n;
	int r;

	while (len > 0) {
		if ((r = pipe_wait(fd, POLLOUT, deadline_ms)) < 0)
			return r;
		if (r == 0)
			continue;
		n = write(fd, next, len);
		if (n == -1 && errno != EINTR && errno != EAGAIN)
			return DANCE_ERR_INTERNAL;
		if (n > 0) {
			next += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int
dance_pipe_read(int fd, void *data, size_t len, int64_t deadline_ms)
{
	char *next = data;
	ssize_t n;
	int r;

	while (len > 0) {
		if ((r = pipe_wait(fd, POLLIN, deadline_ms)) < 0)
			return r;
		if (r == 0)
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
