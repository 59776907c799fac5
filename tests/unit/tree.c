/* SPDX-License-Identifier: ISC */
/* See tree.h. */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"

/* An empty root is the host's own: these programs run as root. */
static void
root_check(const char *root)
{
	if (root == NULL || root[0] != '/' || root[strspn(root, "/.")] == '\0')
		errx(1, "a tree at '%s': refused", root == NULL ? "" : root);
}

void
tree_make(char root[TREE_MAX])
{
	int n = snprintf(root, TREE_MAX, "/tmp/dance-test-XXXXXX");

	if (n < 0 || n >= TREE_MAX || mkdtemp(root) == NULL ||
	    chmod(root, 0755) != 0)
		err(1, "mkdtemp");
}

static int
tree_remove_one(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	if (remove(path) != 0)
		warn("%s", path);
	return 0;
}

void
tree_remove(const char *root)
{
	root_check(root);
	if (nftw(root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		warn("%s", root);
}

char *
tree_path(const char *root, const char *path)
{
	char *joined;

	root_check(root);
	if (asprintf(&joined, "%s%s", root, path) == -1)
		err(1, "asprintf");
	return joined;
}

/* The folders above path; those that are there stay as they are. */
static void
parents_make(char *path)
{
	char *slash = path;

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			err(1, "%s", path);
		*slash = '/';
	}
}

void
tree_write_bytes(
    const char *root, const char *path, const void *data, size_t len)
{
	char *joined = tree_path(root, path);
	FILE *f;

	parents_make(joined);
	if ((f = fopen(joined, "wbe")) == NULL ||
	    fwrite(data, 1, len, f) != len || fclose(f) != 0 ||
	    chmod(joined, 0644) != 0)
		err(1, "%s", joined);
	free(joined);
}

void
tree_write(const char *root, const char *path, const char *text)
{
	tree_write_bytes(root, path, text, strlen(text));
}

void
tree_mkdir(const char *root, const char *path)
{
	char *joined = tree_path(root, path);

	parents_make(joined);
	if (mkdir(joined, 0755) != 0 && errno != EEXIST)
		err(1, "%s", joined);
	free(joined);
}

void
tree_chmod(const char *root, const char *path, unsigned mode)
{
	char *joined = tree_path(root, path);

	if (chmod(joined, mode) != 0)
		err(1, "%s", joined);
	free(joined);
}

void
tree_chown(const char *root, const char *path, unsigned uid)
{
	char *joined = tree_path(root, path);

	if (lchown(joined, uid, (gid_t)-1) != 0)
		err(1, "%s", joined);
	free(joined);
}

void
tree_link(const char *root, const char *path, const char *target)
{
	char *joined = tree_path(root, path);

	parents_make(joined);
	if (symlink(target, joined) != 0)
		err(1, "%s", joined);
	free(joined);
}

void
tree_unlink(const char *root, const char *path)
{
	char *joined = tree_path(root, path);

	if (remove(joined) != 0)
		err(1, "%s", joined);
	free(joined);
}

unsigned
tree_count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	if (dir == NULL)
		err(1, "/proc/self/fd");
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

unsigned
tree_count_children(void)
{
	siginfo_t info = { .si_pid = 0 };

	/* ECHILD: there is none, neither living nor dead. */
	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

unsigned
tree_count_files(const char *root, const char *path)
{
	char *folder = tree_path(root, path);
	DIR *dir = opendir(folder);
	struct dirent *entry;
	unsigned n = 0;

	if (dir == NULL)
		err(1, "%s", folder);
	while ((entry = readdir(dir)) != NULL)
		n += entry->d_name[0] != '.' ? 1 : 0;
	closedir(dir);
	free(folder);
	return n;
}
