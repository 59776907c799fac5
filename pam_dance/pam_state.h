/* SPDX-License-Identifier: ISC */
/*
 * What one call of the module leaves for the next on the same handle: who was
 * let in by auth, and what a session was given.  It lives in the handle, and
 * nowhere else.
 */
#ifndef PAM_DANCE_STATE_H
#define PAM_DANCE_STATE_H

#include <security/pam_modules.h>

#include "protocol.h"

#define PAM_STATE_AUTH	  "pam_dance_auth"
#define PAM_STATE_SESSION "pam_dance_session"

struct pam_state {
	char user[DANCE_PAM_NAME_MAX]; /* PAM_USER at that time */
	char identity[DANCE_IDENTITY_MAX + 1];
	char key[DANCE_PAM_KEY_MAX];
};

/* Keep a copy.  Returns PAM_SUCCESS or PAM_BUF_ERR. */
int pam_state_set(
    pam_handle_t *pamh, const char *name, const struct pam_state *state);

/* Forget; a second attempt on a handle starts clean. */
int pam_state_clear(pam_handle_t *pamh, const char *name);

/* What was kept, or NULL; borrowed from the handle. */
const struct pam_state *pam_state_get(pam_handle_t *pamh, const char *name);

#endif
