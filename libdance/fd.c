/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fd.h"

int
dance_fd_open(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path,
	    flags | O_RDONLY | O_CLOEXEC | O_LARGEFILE);
}

/* preadv() alone takes the two halves of an offset alike on all machines. */
ssize_t
dance_fd_read(int fd, void *data, size_t len, off_t at)
{
	struct iovec iov = { data, len };
	unsigned long low = (unsigned long)at;
	unsigned long high = (unsigned long)((uint64_t)at >> 32);
	ssize_t n;

	do
		n = at == -1 ? syscall(SYS_read, fd, data, len)
			     : syscall(SYS_preadv, fd, &iov, 1UL, low, high);
	while (n == -1 && errno == EINTR);
	return n;
}

void
dance_fd_close(int fd)
{
	(void)syscall(SYS_close, fd);
}
