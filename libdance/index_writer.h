/* SPDX-License-Identifier: ISC */
/*
 * The records of the index: for index_make.c, and for dancectl check, which
 * asks if they can be made.
 */
#ifndef DANCE_INDEX_WRITER_H
#define DANCE_INDEX_WRITER_H

#include "config.h"
#include "index.h"
#include "map.h"

/*
 * Write the whole index to fd, which is empty.  Completes header: n_lines,
 * flags, file_size.  Returns 0, DANCE_ERR_CONFIG with a fault, or
 * DANCE_ERR_INTERNAL.
 */
int dance_index_write(const struct dance_map *map,
    const struct dance_config *config, struct dance_index_header *header,
    int fd, struct dance_fault *fault);

#endif
