/* SPDX-License-Identifier: ISC */
/*
 * pam-auth-update, which alone writes /etc/pam.d.
 */
#ifndef SETUP_PAM_H
#define SETUP_PAM_H

#include "setup.h"

#define PAM_UPDATE   "/usr/sbin/pam-auth-update"
#define PAM_PROFILES "/usr/share/pam-configs"
#define PAM_NAME     "dance"	       /* session optional */
#define PAM_REQUIRED "dance-provision" /* session required */
#define PAM_STATE    "/var/lib/pam"

/* The files that it writes. */
#define PAM_FILES 5
extern const char *const setup_pam_files[PAM_FILES];

/* The one of the two profiles that is to be enabled. */
const char *setup_pam_profile(const struct setup *setup);

/* Plan what it would do.  Returns an exit code. */
int setup_pam_try(struct setup *setup);

/*
 * Run it.  In another tree debconf, which is the host's, keeps nothing of it:
 * pam-auth-update itself goes by its files.
 */
int setup_pam_update(struct setup *setup);

#endif
