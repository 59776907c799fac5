/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "index_file.h"
#include "register_lock.h"

#define SUFFIX	 ".lock"
#define PAUSE_MS 20

static int
lock_fail(struct dance_fault *fault, const char *path, const char *cause)
{
	dance_fault_set(fault, "%s: %s", path, cause);
	return DANCE_ERR_CONFIG;
}

bool
dance_register_lock_holds(const struct dance_register_lock *lock)
{
	struct stat ours, theirs;

	return fstat(lock->fd, &ours) == 0 && lstat(lock->path, &theirs) == 0 &&
	    ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* The holder sets the time when it has got the lock. */
static bool
lock_is_stale(const struct dance_register_lock *lock)
{
	time_t now = time(NULL);
	struct stat st;

	return fstat(lock->fd, &st) == 0 &&
	    (st.st_mtime < now - DANCE_REGISTER_LOCK_MAX_S ||
		st.st_mtime > now + DANCE_REGISTER_LOCK_MAX_S);
}

/* 0 if it is ours, EWOULDBLOCK if it is to be tried again, or the error. */
static int
lock_try(struct dance_register_lock *lock)
{
	int error = EWOULDBLOCK;

	lock->fd =
	    open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (lock->fd == -1)
		return errno;
	if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EINTR)
			error = errno;
		if (error == EWOULDBLOCK && lock_is_stale(lock) &&
		    dance_register_lock_holds(lock))
			(void)unlink(lock->path);
	} else if (!dance_register_lock_holds(lock))
		error = EWOULDBLOCK;
	else if (futimens(lock->fd, NULL) != 0)
		error = errno;
	else
		return 0;
	close(lock->fd);
	lock->fd = -1;
	return error;
}

int
dance_register_lock(const char *path, int64_t deadline_ms,
    struct dance_register_lock *ret, struct dance_fault *fault)
{
	static const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	struct dance_register_lock lock = { .fd = -1 };
	int error;

	if (asprintf(&lock.path, "%s" SUFFIX, path) == -1)
		return DANCE_ERR_INTERNAL;
	while ((error = lock_try(&lock)) == EWOULDBLOCK &&
	    dance_now_ms() < deadline_ms)
		(void)nanosleep(&pause, NULL);
	if (error != 0) {
		(void)lock_fail(fault, lock.path,
		    error == EWOULDBLOCK
			? "another process holds it, maybe a stopped one: "
			  "lslocks shows it"
			: strerror(error));
		free(lock.path);
		return DANCE_ERR_CONFIG;
	}
	dance_index_file_sweep(path, true);

	*ret = lock;
	return 0;
}

void
dance_register_unlock(struct dance_register_lock *lock)
{
	if (lock->fd != -1)
		close(lock->fd);
	lock->fd = -1;
	free(lock->path);
	lock->path = NULL;
}
