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

/*
 * Read a whole regular file below root (a directory that takes the place of
 * "/", "" for the host itself) of at most max octets.  Symbolic links are
 * followed as long as they stay below root; what they lead to is checked.
 * *ret is malloced, ends in a NUL that *ret_len does not count, and may be
 * empty.  Returns 0, or DANCE_ERR_CONFIG with a fault that names the object:
 * missing, unreadable, not a regular file, not root's, writable by group or
 * others (the file or a folder above it, up to root), too large.
 */
int dance_file_read(const char *root, const char *path, size_t max, char **ret,
    size_t *ret_len, struct dance_fault *fault);

/*
 * The same checks without reading: what fstat() says of the file.
 */
struct stat;
int dance_file_stat(const char *root, const char *path, struct stat *ret,
    struct dance_fault *fault);

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

void dance_file_names_free(char ***names, size_t n);

#endif
