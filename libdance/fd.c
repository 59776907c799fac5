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
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path,
	    flags | O_RDONLY | O_CLOEXEC | O_LARGEFILE);
	int low = fd, error;

	if (fd == -1 || fd > STDERR_FILENO)
		return fd;
	fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	error = errno;
	dance_fd_close(low);
	errno = error;
	return fd;
}

/*
 * Where an offset is two words, machines differ in how pread() takes them;
 * preadv() takes them alike everywhere.
 */
static ssize_t
read_at(int fd, void *data, size_t len, off_t at)
{
#ifdef __LP64__
	return syscall(SYS_pread64, fd, data, len, at);
#else
	struct iovec iov = { data, len };

	return syscall(SYS_preadv, fd, &iov, 1UL, (unsigned long)at,
	    (unsigned long)((uint64_t)at >> 32));
#endif
}

ssize_t
dance_fd_read(int fd, void *data, size_t len, off_t at)
{
	ssize_t n;

	do
		n = at == -1 ? syscall(SYS_read, fd, data, len)
			     : read_at(fd, data, len, at);
	while (n == -1 && errno == EINTR);
	return n;
}

void
dance_fd_close(int fd)
{
	(void)syscall(SYS_close, fd);
}
