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

#define LINKS_MAX    40	  /* as Linux itself, see path_resolution(7) */
#define LINK_MAX_LEN 1024 /* of one link's text */

static int
file_check_owner(
    const struct stat *st, const char *path, struct dance_fault *fault)
{
	if (st->st_uid != 0) {
		dance_fault_set(fault, "%s: owned by uid %u, must be root's",
		    path, (unsigned)st->st_uid);
		return DANCE_ERR_CONFIG;
	}
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		dance_fault_set(fault,
		    "%s: writable by group or others (mode %04o)", path,
		    (unsigned)(st->st_mode & 07777));
		return DANCE_ERR_CONFIG;
	}
	return 0;
}

/* Each folder above path, from the one at offset base on. */
static int
file_check_parents(char *path, size_t base, struct dance_fault *fault)
{
	struct stat st;
	char *slash, *name;
	int r;

	for (slash = path + base; (slash = strchr(slash, '/')) != NULL;
	     slash++) {
		*slash = '\0';
		name = path[0] == '\0' ? NULL : path;
		r = stat(name == NULL ? "/" : name, &st);
		if (r != 0) {
			dance_fault_set(fault, "%s: %s", path, strerror(errno));
			r = DANCE_ERR_CONFIG;
		} else
			r = file_check_owner(
			    &st, name == NULL ? "/" : name, fault);
		*slash = '/';
		if (r != 0)
			return r;
	}
	return 0;
}

/* Is the path, a real one, root itself or below it? */
static bool
file_is_below(const char *real, const char *real_root, size_t base)
{
	return strncmp(real, real_root, base) == 0 &&
	    (real[base] == '/' || real[base] == '\0');
}

/* The folder that a link stands in, unless that is above root. */
static int
file_check_folder(const char *folder, const char *real_root, size_t base,
    struct dance_fault *fault)
{
	char *real = realpath(folder[0] == '\0' ? "/" : folder, NULL);
	char *inside = NULL;
	int r;

	if (real == NULL) {
		dance_fault_set(fault, "%s: %s", folder, strerror(errno));
		return DANCE_ERR_CONFIG;
	}
	if (!file_is_below(real, real_root, base))
		r = 0;
	else if (asprintf(&inside, "%s/", real) == -1) {
		inside = NULL;
		r = DANCE_ERR_INTERNAL;
	} else
		r = file_check_parents(inside, base, fault);
	free(inside);
	free(real);
	return r;
}

/*
 * Who can write to a folder can put a link there, to any file of root's: so
 * walk along the path and look at the folder of each link on the way.
 */
static int
file_check_links(const char *path, const char *real_root, size_t base,
    struct dance_fault *fault)
{
	char target[LINK_MAX_LEN + 1], *way, *next, *slash, *end, last;
	unsigned links = 0;
	ssize_t n;
	int r = 0;

	if (asprintf(&way, "%.*s%s", (int)base, real_root, path) == -1)
		return DANCE_ERR_INTERNAL;
	for (slash = way + base; r == 0 && *slash != '\0';) {
		end = slash + 1 + strcspn(slash + 1, "/");
		last = *end;
		*end = '\0';
		n = readlink(way, target, sizeof(target));
		*end = last;
		if (n == -1) {
			slash = end;
			continue;
		}
		if (n > LINK_MAX_LEN || ++links > LINKS_MAX) {
			dance_fault_set(
			    fault, "%s: links too long or too many", path);
			r = DANCE_ERR_CONFIG;
			break;
		}
		target[n] = '\0';
		*slash = '\0';
		if ((r = file_check_folder(way, real_root, base, fault)) != 0)
			break;
		/* A target that begins with "/" starts anew. */
		if (asprintf(&next, "%s/%s%s", target[0] == '/' ? "" : way,
			target, end) == -1) {
			r = DANCE_ERR_INTERNAL;
			break;
		}
		free(way);
		slash = way = next;
	}
	free(way);
	return r;
}

/* Where path below root really is, malloced, with all above it checked. */
static int
file_resolve(
    const char *root, const char *path, char **ret, struct dance_fault *fault)
{
	char *joined = NULL, *real_root = NULL, *real = NULL;
	size_t base;
	int r = DANCE_ERR_CONFIG;

	if (asprintf(&joined, "%s%s", root, path) == -1) {
		joined = NULL;
		r = DANCE_ERR_INTERNAL;
		goto out;
	}
	real_root = realpath(root[0] == '\0' ? "/" : root, NULL);
	real = real_root == NULL ? NULL : realpath(joined, NULL);
	if (real == NULL) {
		dance_fault_set(fault, "%s: %s", joined, strerror(errno));
		goto out;
	}
	base = strcmp(real_root, "/") == 0 ? 0 : strlen(real_root);
	if (!file_is_below(real, real_root, base) || real[base] == '\0') {
		dance_fault_set(fault, "%s: leads out of %s, to %s", joined,
		    real_root, real);
		goto out;
	}
	if ((r = file_check_parents(real, base, fault)) != 0 ||
	    (r = file_check_links(path, real_root, base, fault)) != 0)
		goto out;

	*ret = real;
	real = NULL;
	r = 0;
out:
	free(joined);
	free(real_root);
	free(real);
	return r;
}

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
file_open(const char *root, const char *path, int *ret_fd, char **ret_real,
    struct stat *ret_st, struct dance_fault *fault)
{
	char *real = NULL;
	int fd = -1, r;

	if ((r = file_resolve(root, path, &real, fault)) != 0)
		goto out;

	r = DANCE_ERR_CONFIG;
	fd = open(
	    real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, ret_st) != 0) {
		dance_fault_set(fault, "%s: %s", real, strerror(errno));
		goto out;
	}
	if (!S_ISREG(ret_st->st_mode)) {
		dance_fault_set(fault, "%s: not a regular file", real);
		goto out;
	}
	if ((r = file_check_owner(ret_st, real, fault)) != 0)
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
dance_file_read(const char *root, const char *path, size_t max, char **ret,
    size_t *ret_len, struct dance_fault *fault)
{
	struct stat st;
	char *real;
	int fd, r;

	if ((r = file_open(root, path, &fd, &real, &st, fault)) != 0)
		return r;
	r = file_read_fd(fd, max, real, ret, ret_len, fault);
	close(fd);
	free(real);
	return r;
}

int
dance_file_stat(const char *root, const char *path, struct stat *ret,
    struct dance_fault *fault)
{
	struct stat st;
	char *real;
	int fd, r;

	if ((r = file_open(root, path, &fd, &real, &st, fault)) != 0)
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

	if ((r = file_resolve("", path, &real, fault)) != 0)
		return r;
	if (stat(real, &st) != 0 || access(real, X_OK) != 0) {
		dance_fault_set(fault, "%s: %s", real, strerror(errno));
		r = DANCE_ERR_CONFIG;
	} else if (!S_ISREG(st.st_mode)) {
		dance_fault_set(fault, "%s: not a regular file", real);
		r = DANCE_ERR_CONFIG;
	} else
		r = file_check_owner(&st, real, fault);
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
dance_file_list(const char *root, const char *path, const char *suffix,
    char ***ret, size_t *ret_n, struct dance_fault *fault)
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
		if ((r = file_resolve(root, path, &real, fault)) != 0)
			goto out;
		r = DANCE_ERR_CONFIG;
		if ((dir = opendir(real)) == NULL ||
		    fstat(dirfd(dir), &st) != 0) {
			dance_fault_set(fault, "%s: %s", real, strerror(errno));
			goto out;
		}
		if ((r = file_check_owner(&st, real, fault)) != 0 ||
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
