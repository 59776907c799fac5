/* SPDX-License-Identifier: ISC */
/*
 * Part of pam_faulty.so: the functions that the linker puts in front of those
 * of libc and libpam (--wrap, in the Makefile).  The test program says which
 * call is to fail.
 */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <security/pam_modutil.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "probe.h"

/*
 * WRAP(type, name, failed, (parameters), (arguments)): errno is set, or for
 * the functions of libpam the errno is the code that is returned.
 */
#define DECLARE(type, name, parameters) \
	type __real_##name parameters;  \
	type __wrap_##name parameters

#define WRAP(type, name, failed, parameters, arguments) \
	DECLARE(type, name, parameters);                \
	type __wrap_##name parameters                   \
	{                                               \
		int error;                              \
                                                        \
		if (!fault_hit(#name, &error))          \
			return __real_##name arguments; \
		errno = error;                          \
		return failed;                          \
	}

#define FD_PAIR int fds[2]

WRAP(int, socketpair, -1, (int domain, int type, int protocol, FD_PAIR),
    (domain, type, protocol, fds))
WRAP(pid_t, fork, -1, (void), ())
WRAP(int, pidfd_open, -1, (pid_t pid, unsigned flags), (pid, flags))
WRAP(int, pidfd_send_signal, -1,
    (int fd, int number, siginfo_t *info, unsigned flags),
    (fd, number, info, flags))
WRAP(int, kill, -1, (pid_t pid, int number), (pid, number))
WRAP(pid_t, waitpid, -1, (pid_t pid, int *status, int flags),
    (pid, status, flags))
WRAP(int, poll, -1, (struct pollfd * fds, nfds_t n, int timeout),
    (fds, n, timeout))
WRAP(ssize_t, send, -1, (int fd, const void *data, size_t len, int flags),
    (fd, data, len, flags))
WRAP(ssize_t, recv, -1, (int fd, void *data, size_t len, int flags),
    (fd, data, len, flags))
WRAP(int, dup2, -1, (int from, int to), (from, to))
WRAP(int, open, -1, (const char *path, int flags), (path, flags))
WRAP(int, close_range, -1, (unsigned first, unsigned last, int flags),
    (first, last, flags))
WRAP(int, chdir, -1, (const char *path), (path))
WRAP(int, setresuid, -1, (uid_t r, uid_t e, uid_t s), (r, e, s))
WRAP(int, setresgid, -1, (gid_t r, gid_t e, gid_t s), (r, e, s))
WRAP(int, execve, -1,
    (const char *path, char *const argv[], char *const environment[]),
    (path, argv, environment))
WRAP(int, fcntl, -1, (int fd, int command, int arg), (fd, command, arg))
WRAP(void *, malloc, NULL, (size_t size), (size))
WRAP(void *, realloc, NULL, (void *data, size_t size), (data, size))
WRAP(void *, calloc, NULL, (size_t n, size_t size), (n, size))
WRAP(int, fgetpwent_r, error,
    (FILE * f, struct passwd *entry, char *buffer, size_t size,
	struct passwd **found),
    (f, entry, buffer, size, found))
WRAP(int, fseek, -1, (FILE * f, long at, int whence), (f, at, whence))
WRAP(struct passwd *, pam_modutil_getpwnam, NULL,
    (pam_handle_t * pamh, const char *name), (pamh, name))
WRAP(struct passwd *, pam_modutil_getpwuid, NULL,
    (pam_handle_t * pamh, uid_t uid), (pamh, uid))
WRAP(int, pam_set_data, error,
    (pam_handle_t * pamh, const char *name, void *data,
	void (*cleanup)(pam_handle_t *, void *, int)),
    (pamh, name, data, cleanup))
WRAP(int, pam_get_data, error,
    (const pam_handle_t *pamh, const char *name, const void **data),
    (pamh, name, data))
WRAP(int, pam_get_item, error,
    (const pam_handle_t *pamh, int type, const void **item), (pamh, type, item))
WRAP(int, pam_get_user, error,
    (pam_handle_t * pamh, const char **user, const char *prompt),
    (pamh, user, prompt))
WRAP(const char *, pam_getenv, NULL, (pam_handle_t * pamh, const char *name),
    (pamh, name))
WRAP(int, pam_putenv, error, (pam_handle_t * pamh, const char *pair),
    (pamh, pair))
WRAP(int, pam_fail_delay, error, (pam_handle_t * pamh, unsigned us), (pamh, us))
WRAP(int, pam_modutil_sanitize_helper_fds, -1,
    (pam_handle_t * pamh, enum pam_modutil_redirect_fd in,
	enum pam_modutil_redirect_fd out, enum pam_modutil_redirect_fd err),
    (pamh, in, out, err))

DECLARE(int, close, (int fd));
int
__wrap_close(int fd)
{
	int error, r = __real_close(fd);

	/* As close(2) has it: the descriptor is gone all the same. */
	if (!fault_hit("close", &error))
		return r;
	errno = error;
	return -1;
}

DECLARE(FILE *, fopen, (const char *path, const char *mode));
FILE *
__wrap_fopen(const char *path, const char *mode)
{
	int error;

	if (!fault_hit("fopen", &error))
		return __real_fopen(fault_path(path), mode);
	errno = error;
	return NULL;
}

DECLARE(void, free, (void *data));
void
__wrap_free(void *data)
{
	int error;

	if (!fault_hit("free", &error))
		__real_free(data);
	else
		fault_keep(data);
}
