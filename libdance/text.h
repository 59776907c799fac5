/* SPDX-License-Identifier: ISC */
/*
 * Texts that are written by stdio into memory.
 */
#ifndef DANCE_TEXT_H
#define DANCE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Close a stream that open_memstream() has opened for *text.  True if all that
 * was written is in it: without memory stdio drops what it could not keep, and
 * fclose() need not say so; half of a line of options, or of a file, would be
 * taken for the whole.  Else *text is freed and NULL.
 */
bool dance_text_close(FILE *out, char **text);

#endif
