/* SPDX-License-Identifier: ISC */
/*
 * Open, read and close, for code that other programs load.  The C library's own
 * are places at which a thread may be cancelled; in a program with threads
 * glibc 2.36 lets a cancellation that is asynchronous take effect amid them
 * even where it is disabled, if it was on its way by then (2.41 does not).
 * Nobody would close the descriptor.  These ask the kernel itself.
 */
#ifndef DANCE_FD_H
#define DANCE_FD_H

#include <sys/types.h>

/*
 * Open for reading, close-on-exec, with these flags besides.  Returns a
 * descriptor, or -1 with errno.  It is never 0, 1 or 2, which another thread of
 * the program may read from or write to, though they were closed.
 */
int dance_fd_open(const char *path, int flags);

/*
 * Read len octets at most, again after a signal: from an offset, or with -1
 * from where the file stands.  Returns how many, 0 at the end, or -1 with
 * errno.
 */
ssize_t dance_fd_read(int fd, void *data, size_t len, off_t at);

void dance_fd_close(int fd);

#endif
