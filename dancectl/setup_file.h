/* SPDX-License-Identifier: ISC */
/*
 * How setup writes a file.
 */
#ifndef SETUP_FILE_H
#define SETUP_FILE_H

#define SETUP_NEW ".dance-new" /* behind the name of what is written */

/* root, path and suffix, malloced. */
char *setup_name(const char *root, const char *path, const char *suffix);

/*
 * Put text at name; owner and mode are those of like, if that is not NULL.
 * Returns 0, or -1 and errno.
 */
int setup_file_put(const char *name, const char *like, const char *text);

/*
 * Have the folder of a name outlast a crash as it is.  Returns 0, or -1 and
 * errno.
 */
int setup_folder_sync(const char *name);

#endif
