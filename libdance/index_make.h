/* SPDX-License-Identifier: ISC */
/*
 * Making the index: see index.h.  Only "dancectl compile" does, as root.
 */
#ifndef DANCE_INDEX_MAKE_H
#define DANCE_INDEX_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "error.h"

/* What has been made. */
struct dance_index_made {
	size_t n_lines;
	uint64_t size; /* octets */
};

/*
 * Read the map below config->root and write its index, by rename.  The old one
 * stays where it was if anything is wrong.  Returns 0; DANCE_ERR_CONFIG with a
 * fault: a map or a login.defs that can't be used, a map that can't be indexed
 * (what it needs more of than index.h has), a folder that can't be written to,
 * files that change meanwhile; or DANCE_ERR_INTERNAL.
 */
int dance_index_make(const struct dance_config *config,
    struct dance_index_made *ret, struct dance_fault *fault);

#endif
