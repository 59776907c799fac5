/* SPDX-License-Identifier: ISC */
/*
 * One setup or remove at a time: two at once would undo each other's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "setup.h"
#include "setup_file.h"

/* The file stays: one that is unlinked could be locked twice. */
#define LOCK "/run/dance-setup.lock"

void
setup_lock(const struct ctl *ctl)
{
	char *path = setup_name(ctl->root, LOCK, "");
	int fd;

	/* Only root may open it, and so hold it against root. */
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 && errno == ENOENT && ctl->root[0] != '\0') {
		free(path);
		path = setup_name(ctl->root, "/etc", "");
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd == -1)
		ctl_fail("%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		ctl_fail("%s: another dancectl is at work", path);
	free(path);
	/* It is held until the end of the program. */
}
