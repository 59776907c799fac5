/* SPDX-License-Identifier: ISC */
/*
 * One file of setup's: read if it is root's, written beside, made safe, and
 * renamed.  A name never stands for half a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "file.h"
#include "path.h"
#include "setup.h"
#include "setup_file.h"

#define CONTEXT	     "security.selinux"
#define CONTEXT_MAX  1024
#define LINKS_MAX    8
#define LINK_MAX_LEN 1024

char *
setup_name(const char *root, const char *path, const char *suffix)
{
	char *name;

	if (asprintf(&name, "%s%s%s", root, path, suffix) == -1)
		ctl_fail("out of memory");
	return name;
}

bool
setup_finds(const struct setup *setup, const char *const patterns[], size_t n)
{
	bool is_there = false;
	char *pattern;
	glob_t found;
	size_t i;

	for (i = 0; i < n && !is_there; i++) {
		pattern = setup_name(setup->ctl->root, patterns[i], "");
		if (glob(pattern, 0, NULL, &found) == 0) {
			is_there = found.gl_pathc > 0;
			globfree(&found);
		}
		free(pattern);
	}
	return is_there;
}

/* Whoever can write there can put a link there. */
static int
folder_check(struct setup *setup, const char *path)
{
	char *folder = strndup(path, (size_t)(strrchr(path, '/') - path));
	struct dance_fault fault = { "" };
	char *real = NULL;
	struct stat st;
	int r;

	if (folder == NULL)
		ctl_fail("out of memory");
	r = dance_path_resolve(setup->ctl->root, folder, NULL, &real, &fault);
	free(folder);
	if (r == 0 && stat(real, &st) == 0)
		r = dance_path_check_owner(&st, real, &fault);
	free(real);
	return r == 0 ? CTL_YES : setup_fail(setup, "%s", fault.text);
}

/*
 * In another tree a link to an absolute path leads to a place in there, and not
 * to the host's.  *path is malloced, and so is what it becomes.
 */
static int
links_follow(struct setup *setup, char **path)
{
	const char *root = setup->ctl->root;
	char target[LINK_MAX_LEN + 1], *name;
	unsigned links;
	ssize_t n;
	int r;

	for (links = 0; root[0] != '\0' && links < LINKS_MAX; links++) {
		name = setup_name(root, *path, "");
		n = readlink(name, target, sizeof(target));
		free(name);
		if (n <= 0 || n > LINK_MAX_LEN)
			return CTL_YES;
		target[n] = '\0';
		if (target[0] != '/' ||
		    strncmp(target, root, strlen(root)) == 0)
			return CTL_YES;
		if ((r = folder_check(setup, *path)) != CTL_YES)
			return r;
		free(*path);
		*path = setup_name("", target, "");
	}
	return CTL_YES;
}

static int
text_read(struct setup *setup, const char *given, char **ret)
{
	struct dance_fault fault = { "" };
	char *path = setup_name("", given, "");
	size_t len = 0;
	bool exists;
	int r;

	*ret = NULL;
	if ((r = links_follow(setup, &path)) != CTL_YES) {
		free(path);
		return r;
	}
	if (dance_file_exists(setup->ctl->root, path, &exists) != 0)
		ctl_fail("out of memory");
	/* A link to nothing is not the same as nothing. */
	if (!exists && strcmp(path, given) != 0)
		r = setup_fail(setup, "%s: leads to %s%s: %s", given,
		    setup->ctl->root, path, strerror(ENOENT));
	else if (exists)
		r = dance_file_read(
		    setup->ctl->root, path, SETUP_FILE_MAX, ret, &len, &fault);
	if (exists && r != 0)
		r = setup_fail(setup, "%s", fault.text);
	else if (exists && strlen(*ret) != len) {
		free(*ret);
		*ret = NULL;
		r = setup_fail(setup, "%s: not a text", path);
	}
	free(path);
	return r;
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
