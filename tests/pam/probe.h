/* SPDX-License-Identifier: ISC */
/*
 * What the test programs give to the modules that they load: found there by
 * name, since the programs export their symbols.
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>

#define PROBE_EXPORT __attribute__((visibility("default")))

/* The bare code of the module under the probe. */
PROBE_EXPORT void probe_note(int code);

/* Is this call of the function to fail, with this errno?  See fault.h. */
PROBE_EXPORT bool fault_hit(const char *function, int *ret_errno);

/* What was not freed, since that was to fail. */
PROBE_EXPORT void fault_keep(void *data);

/* What is to be read in place of the file, or NULL. */
PROBE_EXPORT const char *fault_path(const char *path);

#endif
