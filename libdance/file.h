/* SPDX-License-Identifier: ISC */
/*
 * Reading the files that decide who comes in: owned by root, writable by
 * nobody else, and so for every folder above them, or not read at all.
 */
#ifndef DANCE_FILE_H
#define DANCE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct dance_path_seen;
struct stat;

/*
 * Read a whole regular file below root (a directory that takes the place of
 * "/", "" for the host itself) of at most max octets.  Symbolic links are
 * followed as long as they stay below root; what they lead to is checked.
 * *ret is malloced, ends in a NUL that *ret_len does not count, and may be
 * empty.  Returns 0, or DANCE_ERR_CONFIG with a fault that names the object:
 * missing, unreadable, not a regular file, not root's, writable by group or
 * others (the file or a folder above it, up to root), too large; or replaced or
 * written to each time that it was read, see dance_file_set_read().
 */
int dance_file_read(const char *root, const char *path, size_t max, char **ret,
    size_t *ret_len, struct dance_fault *fault);

/*
 * The same checks without reading: what fstat() says of the file.  What was
 * looked at is added to seen, which may be NULL (see path.h).
 */
int dance_file_stat(const char *root, const char *path,
    struct dance_path_seen *seen, struct stat *ret, struct dance_fault *fault);

/*
 * What is read in several steps: a folder and its files, or files that belong
 * together.  In the time between two steps each of them, and each folder or
 * link on the way, may be replaced, and what was read is then nothing that has
 * ever stood there.
 */
struct dance_file_set {
	const char *name; /* for the fault */
	/* Look at all of it, without reading: 0, or an error with a fault. */
	int (*look)(
	    void *arg, struct dance_path_seen *seen, struct dance_fault *fault);
	/*
	 * Read it, by the functions that end in _once; it may be called again
	 * and then replaces what it has read before.
	 */
	int (*read)(void *arg, struct dance_fault *fault);
	void *arg;
};

/*
 * Look, read, look again: until both looks are the same, and so nothing was
 * changed between them.  Each is tried a few times, in bounded time, and what
 * was changed just now is waited for, one tick of the clock.  Returns what look
 * or read return, or DANCE_ERR_CONFIG if it changes all the time.
 */
int dance_file_set_read(
    const struct dance_file_set *set, struct dance_fault *fault);

/* As dance_file_read(), for a file of a set: it is read as it is now. */
int dance_file_read_once(const char *root, const char *path, size_t max,
    char **ret, size_t *ret_len, struct dance_fault *fault);

/*
 * Is the program at path (of the host itself) one that only root can have put
 * there, and can it be executed?  Returns 0, or DANCE_ERR_CONFIG with a fault.
 */
int dance_file_check_program(const char *path, struct dance_fault *fault);

/*
 * False only if nothing stands at path below root: what is there but can't be
 * used must show when it is read.  Returns 0 or DANCE_ERR_INTERNAL.
 */
int dance_file_exists(const char *root, const char *path, bool *ret);

/*
 * The names in a folder that end in suffix and do not start with a dot, in
 * byte order, each malloced, in a malloced array: free with
 * dance_file_names_free().  A folder that is not there holds no names.
 * Returns 0, or DANCE_ERR_CONFIG with a fault as above.
 */
int dance_file_list(const char *root, const char *path, const char *suffix,
    char ***ret, size_t *ret_n, struct dance_fault *fault);

/* The same for a folder of a set; seen may be NULL. */
int dance_file_list_once(const char *root, const char *path, const char *suffix,
    struct dance_path_seen *seen, char ***ret, size_t *ret_n,
    struct dance_fault *fault);

void dance_file_names_free(char ***names, size_t n);

#endif
