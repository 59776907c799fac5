/* SPDX-License-Identifier: ISC */
/*
 * A new file in the form of index.h, which takes the place of the old one when
 * it is whole.  For the writers of the index and of the register.
 */
#ifndef DANCE_INDEX_FILE_H
#define DANCE_INDEX_FILE_H

#include <stdbool.h>

#include "error.h"
#include "index.h"

struct dance_index_file {
	const char *path; /* borrowed */
	char *temporary;  /* beside it; owned */
	int fd;		  /* -1: not open */
};

/*
 * Open an empty temporary file in the folder of path.  Returns 0,
 * DANCE_ERR_CONFIG with a fault, or DANCE_ERR_INTERNAL.  In any case close it
 * with dance_index_file_close().
 */
int dance_index_file_open(
    const char *path, struct dance_index_file *ret, struct dance_fault *fault);

/*
 * Complete what cdb_make_finish() has left in fd, whose first record is a
 * place for the header: the checksums of the tables, which begin at
 * header->tables_at, then the header with magic, version and sizes.  Returns 0,
 * or -1 with errno.
 */
int dance_index_seal(int fd, struct dance_index_header *header);

/*
 * Put the file where path is, and both on the disk.  Returns 0, or
 * DANCE_ERR_CONFIG with a fault.
 */
int dance_index_file_keep(
    struct dance_index_file *file, struct dance_fault *fault);

/*
 * Remove the temporary files beside path of writers that are gone; if this
 * process is alone with them, by a lock, those of writers that are not, too.
 */
void dance_index_file_sweep(const char *path, bool is_alone);

/* Remove what was not kept, and free. */
void dance_index_file_close(struct dance_index_file *file);

#endif
