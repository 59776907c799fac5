/* SPDX-License-Identifier: ISC */
/*
 * One file of setup's: read if it is root's, written beside, made safe, and
 * renamed.  A name never stands for half a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "file.h"
#include "setup.h"
#include "setup_file.h"

#define CONTEXT	    "security.selinux"
#define CONTEXT_MAX 1024

char *
setup_name(const char *root, const char *path, const char *suffix)
{
	char *name;

	if (asprintf(&name, "%s%s%s", root, path, suffix) == -1)
		ctl_fail("out of memory");
	return name;
}

static int
text_read(struct setup *setup, const char *path, char **ret)
{
	struct dance_fault fault = { "" };
	size_t len = 0;
	bool exists;

	*ret = NULL;
	if (dance_file_exists(setup->ctl->root, path, &exists) != 0)
		ctl_fail("out of memory");
	if (!exists)
		return CTL_YES;
	if (dance_file_read(
		setup->ctl->root, path, SETUP_FILE_MAX, ret, &len, &fault) != 0)
		return setup_fail(setup, "%s", fault.text);
	if (strlen(*ret) == len)
		return CTL_YES;
	free(*ret);
	*ret = NULL;
	return setup_fail(setup, "%s: not a text", path);
}

int
setup_read(struct setup *setup, const char *path, char **ret)
{
	return text_read(setup, path, ret);
}

int
setup_read_backup(struct setup *setup, const char *path, char **ret)
{
	char *name = setup_name("", path, SETUP_KEPT);
	int r = text_read(setup, name, ret);

	free(name);
	return r;
}

/* What was there first decides who may read what takes its place. */
static int
owner_copy(int fd, const char *from)
{
	char context[CONTEXT_MAX];
	struct stat st;
	ssize_t len;

	if (from == NULL)
		return fchown(fd, 0, 0) != 0 ? -1 : fchmod(fd, 0644);
	if (stat(from, &st) != 0 || fchown(fd, st.st_uid, st.st_gid) != 0 ||
	    fchmod(fd, st.st_mode & 07777) != 0)
		return -1;
	len = getxattr(from, CONTEXT, context, sizeof(context));
	if (len > 0 && fsetxattr(fd, CONTEXT, context, (size_t)len, 0) != 0)
		return -1;
	return 0;
}

static int
text_write(int fd, const char *text)
{
	size_t len = strlen(text), done = 0;
	ssize_t n;

	while (done < len) {
		n = write(fd, text + done, len - done);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	return fsync(fd);
}

/* The names in a folder outlast a crash only when it is written too. */
int
setup_folder_sync(const char *name)
{
	char *folder = strdup(name), *slash;
	int fd, r;

	if (folder == NULL || (slash = strrchr(folder, '/')) == NULL)
		ctl_fail("out of memory");
	slash[slash == folder ? 1 : 0] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (fd == -1)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

/* Put text at name; owner and mode are those of like, if that is not NULL. */
int
setup_file_put(const char *name, const char *like, const char *text)
{
	char *fresh = setup_name("", name, SETUP_NEW);
	int fd, r = -1, error;

	/* One that was killed may have left its own. */
	if (unlink(fresh) != 0 && errno != ENOENT)
		goto out;
	fd = open(
	    fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		goto out;
	r = owner_copy(fd, like);
	if (r == 0)
		r = text_write(fd, text);
	close(fd);
	if (r == 0 && (r = rename(fresh, name)) == 0)
		r = setup_folder_sync(name);
	if (r != 0) {
		error = errno;
		unlink(fresh);
		errno = error;
	}
out:
	free(fresh);
	return r;
}
