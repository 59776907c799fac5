/* SPDX-License-Identifier: ISC */
/*
 * One line of the accounts map.  Private to the map's files.
 */
#ifndef DANCE_MAP_LINE_H
#define DANCE_MAP_LINE_H

#include <stddef.h>

#include "map.h"

/* What is wrong with a line; column counts from 1, cause is static text. */
struct dance_map_line_fault {
	size_t column;
	const char *cause;
};

/*
 * Parse a line that is neither empty nor a comment; sets all of ret but file
 * and number.  Returns 0 or DANCE_ERR_FORMAT with *ret_fault.
 */
int dance_map_line_parse(const char *text, size_t len, unsigned sshd_version,
    struct dance_map_line *ret, struct dance_map_line_fault *ret_fault);

#endif
