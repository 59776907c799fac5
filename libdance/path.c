/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "path.h"

#define LINKS_MAX    40	  /* as Linux itself, see path_resolution(7) */
#define LINK_MAX_LEN 1024 /* of one link's text */

/* FNV-1a of 64 bits, by whole numbers. */
#define SUM_START 0xcbf29ce484222325ULL
#define SUM_PRIME 0x100000001b3ULL

/*
 * A file system may cut off what is below a millisecond; a time without
 * nanoseconds is of one that has seconds alone, or every other one.
 */
#define CUT_NS	  1000000LL
#define COARSE_NS 2100000000LL

/* Farther in the future, a time is of a clock that was wrong. */
#define AHEAD_NS 1000000000LL

static int64_t
nanoseconds(const struct timespec *time)
{
	return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

void
dance_path_look(struct dance_path_seen *seen)
{
	struct timespec now = { 0, 0 };

	/* The clock that the kernel takes the times of files from. */
	(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
	memset(seen, 0, sizeof(*seen));
	seen->sum = SUM_START;
	seen->now = nanoseconds(&now);
}

void
dance_path_see(struct dance_path_seen *seen, const struct stat *st)
{
	const int64_t numbers[] = { (int64_t)st->st_dev, (int64_t)st->st_ino,
		(int64_t)st->st_size, (int64_t)st->st_mode,
		nanoseconds(&st->st_mtim), nanoseconds(&st->st_ctim) };
	int64_t settled;
	size_t i;

	if (seen == NULL)
		return;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		seen->sum = (seen->sum ^ (uint64_t)numbers[i]) * SUM_PRIME;
		seen->sum ^= seen->sum >> 32;
	}
	settled = nanoseconds(&st->st_ctim) +
	    (st->st_ctim.tv_nsec == 0 ? COARSE_NS : CUT_NS);
	/* One that is to come tells nothing: a change would set it to now. */
	if (settled > seen->settled &&
	    nanoseconds(&st->st_ctim) < seen->now + AHEAD_NS)
		seen->settled = settled;
}

int64_t
dance_path_unsettled(const struct dance_path_seen *seen)
{
	struct timespec tick = { 0, 0 };

	if (seen->settled < seen->now)
		return 0;
	(void)clock_getres(CLOCK_REALTIME_COARSE, &tick);
	return seen->settled - seen->now + 1 + nanoseconds(&tick);
}

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
file_check_parents(char *path, size_t base, struct dance_path_seen *seen,
    struct dance_fault *fault)
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
		} else {
			dance_path_see(seen, &st);
			r = dance_path_check_owner(
			    &st, name == NULL ? "/" : name, fault);
		}
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
    struct dance_path_seen *seen, struct dance_fault *fault)
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
		r = file_check_parents(inside, base, seen, fault);
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
    struct dance_path_seen *seen, struct dance_fault *fault)
{
	struct stat st;
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
		if (n != -1 && lstat(way, &st) == 0)
			dance_path_see(seen, &st);
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
		r = file_check_folder(way, real_root, base, seen, fault);
		if (r != 0)
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
dance_path_resolve(const char *root, const char *path,
    struct dance_path_seen *seen, char **ret, struct dance_fault *fault)
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
	if ((r = file_check_parents(real, base, seen, fault)) != 0 ||
	    (r = file_check_links(path, real_root, base, seen, fault)) != 0)
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
