/* SPDX-License-Identifier: ISC */
/*
 * Files that are read as one.  A folder that is swapped while it is listed
 * seems to end early, and a file of it that refuses is not seen; so what was
 * read counts only if nothing on the way to it was changed meanwhile.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "file.h"
#include "path.h"

#define TRIES	    10
#define WAIT_MAX_NS 2300000000LL /* in all; enough for coarse times, once */

/* One look, and how it went. */
struct set_look {
	struct dance_path_seen seen;
	struct dance_fault fault;
	int r;
};

static void
set_look(const struct dance_file_set *set, struct set_look *ret)
{
	memset(ret, 0, sizeof(*ret));
	dance_path_look(&ret->seen);
	ret->r = set->look(set->arg, &ret->seen, &ret->fault);
}

/* A fault may stand there as well as anything else. */
static bool
set_is_same(const struct set_look *before, const struct set_look *after)
{
	return before->r == after->r && before->seen.sum == after->seen.sum &&
	    strcmp(before->fault.text, after->fault.text) == 0;
}

static void
pause_for(int64_t ns)
{
	struct timespec time = { .tv_sec = ns / 1000000000,
		.tv_nsec = ns % 1000000000 };

	(void)nanosleep(&time, NULL);
}

/*
 * Wait until a further change must show; *left is what may still be waited.
 * False if there is nothing to wait for, or too much.
 */
static bool
set_wait(const struct set_look *look, int64_t *left)
{
	int64_t wait = dance_path_unsettled(&look->seen);

	if (wait == 0 || wait > *left)
		return false;
	pause_for(wait);
	*left -= wait;
	return true;
}

int
dance_file_set_read(const struct dance_file_set *set, struct dance_fault *fault)
{
	struct dance_fault cause = { "" };
	struct set_look before, after;
	int64_t left = WAIT_MAX_NS;
	int r, i;

	for (i = 0; i < TRIES; i++) {
		set_look(set, &before);
		if ((r = before.r) == DANCE_ERR_INTERNAL)
			return r;
		if (set_wait(&before, &left))
			continue;
		cause = before.fault;
		if (r == 0 && (r = set->read(set->arg, &cause)) != 0 &&
		    r != DANCE_ERR_CONFIG)
			return r;
		set_look(set, &after);
		if (after.r == DANCE_ERR_INTERNAL)
			return after.r;
		if (dance_path_unsettled(&before.seen) == 0 &&
		    set_is_same(&before, &after)) {
			if (r != 0)
				dance_fault_set(fault, "%s", cause.text);
			return r;
		}
	}
	dance_fault_set(fault, "%s: changes all the time", set->name);
	return DANCE_ERR_CONFIG;
}

struct one_file {
	const char *root;
	const char *path;
	size_t max;
	char *text;
	size_t len;
};

static int
one_look(void *arg, struct dance_path_seen *seen, struct dance_fault *fault)
{
	const struct one_file *file = arg;
	struct stat st;

	return dance_file_stat(file->root, file->path, seen, &st, fault);
}

static int
one_read(void *arg, struct dance_fault *fault)
{
	struct one_file *file = arg;

	free(file->text);
	file->text = NULL;
	return dance_file_read_once(
	    file->root, file->path, file->max, &file->text, &file->len, fault);
}

int
dance_file_read(const char *root, const char *path, size_t max, char **ret,
    size_t *ret_len, struct dance_fault *fault)
{
	struct one_file file = { .root = root, .path = path, .max = max };
	const struct dance_file_set set = { path, one_look, one_read, &file };
	int r = dance_file_set_read(&set, fault);

	if (r != 0) {
		free(file.text);
		return r;
	}
	*ret = file.text;
	*ret_len = file.len;
	return 0;
}

struct one_folder {
	const char *root;
	const char *path;
	const char *suffix;
	char **names;
	size_t n;
};

/* The names are not compared: a change of them is one of the folder. */
static int
folder_look(void *arg, struct dance_path_seen *seen, struct dance_fault *fault)
{
	const struct one_folder *folder = arg;
	char **names = NULL;
	size_t n = 0;
	int r;

	r = dance_file_list_once(folder->root, folder->path, folder->suffix,
	    seen, &names, &n, fault);
	dance_file_names_free(&names, n);
	return r;
}

static int
folder_read(void *arg, struct dance_fault *fault)
{
	struct one_folder *folder = arg;

	dance_file_names_free(&folder->names, folder->n);
	folder->n = 0;
	return dance_file_list_once(folder->root, folder->path, folder->suffix,
	    NULL, &folder->names, &folder->n, fault);
}

int
dance_file_list(const char *root, const char *path, const char *suffix,
    char ***ret, size_t *ret_n, struct dance_fault *fault)
{
	struct one_folder folder = {
		.root = root, .path = path, .suffix = suffix
	};
	const struct dance_file_set set = { path, folder_look, folder_read,
		&folder };
	int r = dance_file_set_read(&set, fault);

	if (r != 0) {
		dance_file_names_free(&folder.names, folder.n);
		return r;
	}
	*ret = folder.names;
	*ret_n = folder.n;
	return 0;
}
