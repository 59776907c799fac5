/* SPDX-License-Identifier: ISC */
/*
 * The helper's life, seen from the program that has loaded the module: started,
 * told the request, listened to until its result or the deadline, killed and
 * reaped.  Nothing of the program is changed by that.
 */
#ifndef PAM_DANCE_HELPER_H
#define PAM_DANCE_HELPER_H

#include <security/pam_modules.h>
#include <stdbool.h>

#include "protocol.h"

#ifndef DANCE_PAM_HELPER
#define DANCE_PAM_HELPER DANCE_LIBEXECDIR "/dance-pam-helper"
#endif

struct pam_call {
	pam_handle_t *pamh;
	const struct dance_pam_request *request;
	const char *info; /* request->info_len octets */
	bool is_silent;	  /* nothing but a prompt is shown to the user */
	bool is_debug;
};

/*
 * Returns PAM_SUCCESS with the helper's RESULT in *ret, whatever that says;
 * PAM_SYSTEM_ERR, after a line in the log, if there is none (the helper is
 * missing, not root's, crashed, silent, or says what is no message);
 * PAM_BUF_ERR without memory or descriptors.
 */
int pam_helper_run(const struct pam_call *call, struct dance_pam_message *ret);

/*
 * Is the program one that only root can have put there?  Logs why not.  Apart
 * from the rest, since tests have helpers of their own.
 */
bool pam_helper_is_trusted(pam_handle_t *pamh, const char *path);

#endif
