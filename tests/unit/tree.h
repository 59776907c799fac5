/* SPDX-License-Identifier: ISC */
/*
 * A tree of files of the test's own that takes the place of "/".  Everything
 * that goes wrong stops the test program with a line on stderr, and so does a
 * root that is empty or "/".
 */
#ifndef TREE_H
#define TREE_H

#include <stddef.h>

#define TREE_MAX 64

/* Make the folder, mode 0755, root's; its path goes into root. */
void tree_make(char root[TREE_MAX]);

/* Remove it with all that is in it. */
void tree_remove(const char *root);

/* root and path in one, malloced. */
char *tree_path(const char *root, const char *path);

/* A file of mode 0644 with this content; folders above it are made, 0755. */
void tree_write(const char *root, const char *path, const char *text);
void tree_write_bytes(
    const char *root, const char *path, const void *data, size_t len);

/* A folder, mode 0755, with those above it. */
void tree_mkdir(const char *root, const char *path);

void tree_chmod(const char *root, const char *path, unsigned mode);
void tree_chown(const char *root, const char *path, unsigned uid);

/* A symbolic link at path; the target is text. */
void tree_link(const char *root, const char *path, const char *target);

void tree_unlink(const char *root, const char *path);

/* Open descriptors of this process; children that it has not waited for. */
unsigned tree_count_fds(void);
unsigned tree_count_children(void);

/* Files of a folder, without those that begin with a dot. */
unsigned tree_count_files(const char *root, const char *path);

#endif
