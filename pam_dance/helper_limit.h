/* SPDX-License-Identifier: ISC */
/*
 * What the helper and the process of a token's library have in common.
 */
#ifndef HELPER_LIMIT_H
#define HELPER_LIMIT_H

#include "error.h"

/*
 * Limit what this process and those that it starts may use, for good: no new
 * privileges, no core file, nobody else's look into its memory; descriptors,
 * and processor time by the timeout.  Only when it is no longer root.  Returns
 * 0, or DANCE_ERR_INTERNAL with a fault.
 */
int helper_limit(unsigned timeout_ms, struct dance_fault *fault);

#endif
