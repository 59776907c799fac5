/* SPDX-License-Identifier: ISC */
/*
 * One field of a line in the log.
 */
#ifndef DANCE_LOG_FIELD_H
#define DANCE_LOG_FIELD_H

#include <stddef.h>

/*
 * Append " key=value" (no blank in front at the start of the line).  A value
 * with other than plain characters stands in quotes, with \" \\ and \xHH.
 * Cut to size; the line always ends in NUL.
 */
void dance_log_field(
    char *line, size_t size, const char *key, const char *value);

#endif
