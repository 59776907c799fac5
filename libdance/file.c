/* SPDX-License-Identifier: ISC */
/*
 * Files that only root can have written.  The check is that of sshd for its
 * own: the file and each folder above it belong to root and nobody else may
 * write there, so what was checked by name is what is opened by name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "path.h"

static int
file_read_fd(int fd, size_t max, const char *path, char **ret, size_t *ret_len,
    struct dance_fault *fault)
{
	char *text = NULL, *larger;
	size_t len = 0, size = 0;
	ssize_t n;

	do {
		if (size - len < 2) {
			size = size == 0 ? 4096 : size * 2;
			if ((larger = realloc(text, size)) == NULL) {
				free(text);
				return DANCE_ERR_INTERNAL;
			}
			text = larger;
		}
		n = read(fd, text + len, size - len - 1);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len <= max) || (n == -1 && errno == EINTR));

	if (n == -1 || len > max) {
		dance_fault_set(fault, "%s: %s", path,
		    n == -1 ? strerror(errno) : "too large");
		free(text);
		return DANCE_ERR_CONFIG;
	}
	text[len] = '\0';
	*ret = text;
	*ret_len = len;
	return 0;
}

/* The open file, with all checks made; *ret_real is its path, malloced. */
static int
file_open(const char *root, const char *path, struct dance_path_seen *seen,
    int *ret_fd, struct stat *ret_st, char **ret_real,
    struct dance_fault *fault)
{
	char *real = NULL;
	int fd = -1, r;

	if ((r = dance_path_resolve(root, path, seen, &real, fault)) != 0)
		goto out;

	r = DANCE_ERR_CONFIG;
	fd = open(
	    real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, ret_st) != 0) {
		dance_fault_set(fault, "%s: %s", real, strerror(errno));
		goto out;
	}
	dance_path_see(seen, ret_st);
	if (!S_ISREG(ret_st->st_mode)) {
		dance_fault_set(fault, "%s: not a regular file", real);
		goto out;
	}
	if ((r = dance_path_check_owner(ret_st, real, fault)) != 0)
		goto out;

	*ret_fd = fd;
	*ret_real = real;
	fd = -1;
	real = NULL;
	r = 0;
out:
	if (fd != -1)
		close(fd);
	free(real);
	return r;
}

int
dance_file_read_once(const char *root, const char *path, size_t max, char **ret,
    size_t *ret_len, struct dance_fault *fault)
{
	struct stat st;
	char *real;
	int fd, r;

	if ((r = file_open(root, path, NULL, &fd, &st, &real, fault)) != 0)
		return r;
	r = file_read_fd(fd, max, real, ret, ret_len, fault);
	close(fd);
	free(real);
	return r;
}

int
dance_file_stat(const char *root, const char *path,
    struct dance_path_seen *seen, struct stat *ret, struct dance_fault *fault)
{
	struct stat st;
	char *real;
	int fd, r;

	if ((r = file_open(root, path, seen, &fd, &st, &real, fault)) != 0)
		return r;
	close(fd);
	free(real);
	*ret = st;
	return 0;
}

int
dance_file_check_program(const char *path, struct dance_fault *fault)
{
	struct stat st;
	char *real = NULL;
	int r;

	if ((r = dance_path_resolve("", path, NULL, &real, fault)) != 0)
		return r;
	if (stat(real, &st) != 0 || access(real, X_OK) != 0) {
		dance_fault_set(fault, "%s: %s", real, strerror(errno));
		r = DANCE_ERR_CONFIG;
	} else if (!S_ISREG(st.st_mode)) {
		dance_fault_set(fault, "%s: not a regular file", real);
		r = DANCE_ERR_CONFIG;
	} else
		r = dance_path_check_owner(&st, real, fault);
	free(real);
	return r;
}

static bool
file_name_fits(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	return name[0] != '.' && len > tail &&
	    strcmp(name + len - tail, suffix) == 0;
}

static int
file_name_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Add a copy of name to the array; it grows by doubling. */
static int
file_names_add(char ***names, size_t *n, const char *name)
{
	char **larger;

	if ((*n & (*n - 1)) == 0) {
		larger =
		    reallocarray(*names, *n == 0 ? 1 : *n * 2, sizeof(*larger));
		if (larger == NULL)
			return DANCE_ERR_INTERNAL;
		*names = larger;
	}
	if (((*names)[*n] = strdup(name)) == NULL)
		return DANCE_ERR_INTERNAL;
	(*n)++;
	return 0;
}

static int
file_names_read(DIR *dir, const char *path, const char *suffix, char ***names,
    size_t *n, struct dance_fault *fault)
{
	struct dirent *entry;
	int r;

	/* A list cut short would lose lines that refuse. */
	while (errno = 0, (entry = readdir(dir)) != NULL)
		if (file_name_fits(entry->d_name, suffix) &&
		    (r = file_names_add(names, n, entry->d_name)) != 0)
			return r;
	if (errno != 0) {
		dance_fault_set(fault, "%s: %s", path, strerror(errno));
		return DANCE_ERR_CONFIG;
	}
	if (*n > 0)
		qsort(*names, *n, sizeof(**names), file_name_order);
	return 0;
}

int
dance_file_exists(const char *root, const char *path, bool *ret)
{
	struct stat st;
	char *joined;

	if (asprintf(&joined, "%s%s", root, path) == -1)
		return DANCE_ERR_INTERNAL;
	*ret = lstat(joined, &st) == 0 || errno != ENOENT;
	free(joined);
	return 0;
}

int
dance_file_list_once(const char *root, const char *path, const char *suffix,
    struct dance_path_seen *seen, char ***ret, size_t *ret_n,
    struct dance_fault *fault)
{
	struct stat st;
	char *real = NULL, **names = NULL;
	size_t n = 0;
	DIR *dir = NULL;
	bool exists;
	int r;

	if ((r = dance_file_exists(root, path, &exists)) != 0)
		goto out;
	if (exists) {
		r = dance_path_resolve(root, path, seen, &real, fault);
		if (r != 0)
			goto out;
		r = DANCE_ERR_CONFIG;
		if ((dir = opendir(real)) == NULL ||
		    fstat(dirfd(dir), &st) != 0) {
			dance_fault_set(fault, "%s: %s", real, strerror(errno));
			goto out;
		}
		dance_path_see(seen, &st);
		if ((r = dance_path_check_owner(&st, real, fault)) != 0 ||
		    (r = file_names_read(
			 dir, real, suffix, &names, &n, fault)) != 0)
			goto out;
	}

	*ret = names;
	*ret_n = n;
	names = NULL;
	r = 0;
out:
	if (dir != NULL)
		closedir(dir);
	free(real);
	dance_file_names_free(&names, names == NULL ? 0 : n);
	return r;
}

void
dance_file_names_free(char ***names, size_t n)
{
	size_t i;

	for (i = 0; *names != NULL && i < n; i++)
		free((*names)[i]);
	free(*names);
	*names = NULL;
}
