/* SPDX-License-Identifier: ISC */
/*
 * Who asks for what: the handle's items, the calling user, and the two
 * variables that are read, as the helper is told of them.
 */
#ifndef PAM_DANCE_REQUEST_H
#define PAM_DANCE_REQUEST_H

#include <security/pam_modules.h>
#include <stdbool.h>

#include "pam_options.h"
#include "protocol.h"

/*
 * Fill *ret; *ret_info is SSH_AUTH_INFO_0, borrowed from the handle, "" if
 * there is none or if it is not for this service.  Returns PAM_SUCCESS;
 * PAM_INCOMPLETE if the application is to come again; PAM_AUTH_ERR for a user's
 * name that is missing, empty or too long; PAM_SERVICE_ERR for such a service.
 */
int pam_request_make(pam_handle_t *pamh, enum dance_pam_action action,
    const struct pam_options *options, struct dance_pam_request *ret,
    const char **ret_info);

/*
 * True in *ret if /etc/passwd itself has the user.  Returns PAM_SUCCESS, or
 * PAM_SYSTEM_ERR if that can't be found out.
 */
int pam_user_is_local(pam_handle_t *pamh, const char *user, bool *ret);

#endif
