/* SPDX-License-Identifier: ISC */
/*
 * All of a message over a connected stream socket, or none of it, before a
 * deadline (dance_now_ms(), or DANCE_FOR_EVER).  Raises no signal.  libc alone:
 * the PAM module uses it too.
 */
#ifndef DANCE_SOCKET_H
#define DANCE_SOCKET_H

#include <stddef.h>

#include "clock.h"

/*
 * Returns 0, ETIMEDOUT at the deadline, EPIPE if the other end is gone, or
 * another errno value.
 */
int dance_socket_read(int fd, void *data, size_t len, int64_t deadline_ms);
int dance_socket_write(
    int fd, const void *data, size_t len, int64_t deadline_ms);

#endif
