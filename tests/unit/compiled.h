/* SPDX-License-Identifier: ISC */
/*
 * A tree's map and its index.  Only root can make what the reader accepts: as
 * anybody else the test program stops with a line on stderr.
 */
#ifndef COMPILED_H
#define COMPILED_H

#include <stdbool.h>

#include "error.h"
#include "index.h"
#include "index_make.h"

#define COMPILED_MAP  "/etc/dance/accounts"
#define COMPILED_PAD  "/etc/dance/accounts.d/zz-pad.accounts"
#define COMPILED_CONF "/etc/dance/dance.conf"

/*
 * A tree with the folder of the index, one account in its passwd, and a last
 * file of the map that is large and has no line.
 */
void compiled_tree(char *root);

/* Compile what is there; as dance_index_make(). */
int compiled_try(
    const char *root, struct dance_index_made *ret, struct dance_fault *fault);

/* Write the map and compile it; a fault stops the program. */
void compiled_make(const char *root, const char *map);

/* Change a header of the file so that its checksum is right again. */
void compiled_set_header(
    const char *path, const struct dance_index_header *header);

/* Does a decision use the index? */
bool compiled_is_used(const char *root);

#endif
