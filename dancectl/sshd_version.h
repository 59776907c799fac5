/* SPDX-License-Identifier: ISC */
/*
 * The version of the sshd that the map's options are for.
 */
#ifndef SSHD_VERSION_H
#define SSHD_VERSION_H

#define SSHD "/usr/sbin/sshd"

/* "9.2" as 902.  Returns 0 or DANCE_ERR_FORMAT. */
int sshd_version_parse(const char *text, unsigned *ret);

/* That of the host's sshd; 0 if there is none, or none that tells. */
unsigned sshd_version_ask(void);

#endif
