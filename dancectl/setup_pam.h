/* SPDX-License-Identifier: ISC */
/*
 * pam-auth-update, which alone writes /etc/pam.d.
 */
#ifndef SETUP_PAM_H
#define SETUP_PAM_H

#include "setup.h"

#define PAM_UPDATE   "/usr/sbin/pam-auth-update"
#define PAM_PROFILES "/usr/share/pam-configs"
#define PAM_PROFILE  PAM_PROFILES "/dance"
#define PAM_STATE    "/var/lib/pam"

/* Plan what it would do.  Returns an exit code. */
int setup_pam_try(struct setup *setup);

/* Run it: on the host, or in a folder that setup_pam_try() has made. */
int setup_pam_update(struct setup *setup, const char *tree);

#endif
