/* SPDX-License-Identifier: ISC */
/*
 * The arguments of the module's line in a PAM stack.  All else comes from
 * dance.conf, which the helper reads.
 */
#ifndef PAM_DANCE_OPTIONS_H
#define PAM_DANCE_OPTIONS_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

struct pam_options {
	uint8_t methods[DANCE_PAM_METHODS + 1]; /* in order, ends in NONE */
	bool ignores_unknown;			/* ignore_unknown_user */
	bool is_debug;
	bool is_quiet;	/* quiet: also in the log, of strangers */
	bool is_silent; /* quiet, or PAM_SILENT: nothing is said to the user */
};

/*
 * Read the arguments.  Returns PAM_SUCCESS, or PAM_SERVICE_ERR after a line in
 * the log for one that is unknown or has a bad value.
 */
int pam_options_parse(
    pam_handle_t *pamh, int argc, const char **argv, struct pam_options *ret);

/* True if the method is among them. */
bool pam_options_have(
    const struct pam_options *options, enum dance_pam_method method);

#endif
