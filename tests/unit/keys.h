/* SPDX-License-Identifier: ISC */
/*
 * Keys and certificates that ssh-keygen makes in a folder of the test's own.
 * Everything that goes wrong stops the test program with a line on stderr.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stddef.h>

#include "wirebuf.h"

#define KEYS_DIR_MAX 64

/* Make the folder; its path goes into dir. */
void keys_dir_make(char dir[KEYS_DIR_MAX]);

/* Remove the folder and the files in it. */
void keys_dir_remove(const char *dir);

/*
 * Run a command in the folder, its words cut at blanks ('' is an empty word);
 * its output is the file "stdout" there.
 */
void keys_run(const char *dir, const char *command);

/* The content of a file in the folder, NUL-terminated; freed by the caller. */
char *keys_read(const char *dir, const char *name, size_t *ret_len);

/* The blob in a public key file. */
void keys_blob(const char *dir, const char *name, struct wirebuf *ret);

#endif
