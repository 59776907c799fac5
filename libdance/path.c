/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

#define LINKS_MAX    40	  /* as Linux itself, see path_resolution(7) */
#define LINK_MAX_LEN 1024 /* of one link's text */

int
dance_path_check_owner(
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
			r = dance_path_check_owner(
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
int
dance_path_resolve(
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
