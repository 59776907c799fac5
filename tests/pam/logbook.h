/* SPDX-License-Identifier: ISC */
/*
 * Takes the place of libpam's pam_syslog(): what would be logged stays here.
 */
#ifndef LOGBOOK_H
#define LOGBOOK_H

#include <stdbool.h>

void logbook_clear(void);

/* A line of this priority that has the text in it? */
bool logbook_has(int priority, const char *text);

/* A line of any priority? */
bool logbook_mentions(const char *text);

/* Lines of this priority; -1: all. */
unsigned logbook_count(int priority);

/* Characters that are not printable ASCII, over all lines. */
unsigned logbook_controls(void);

#endif
