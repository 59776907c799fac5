/* SPDX-License-Identifier: ISC */
/*
 * Starting and ending the helper.  Private to pam_helper.c.
 */
#ifndef PAM_DANCE_SPAWN_H
#define PAM_DANCE_SPAWN_H

#include <security/pam_modules.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct pam_child {
	pid_t pid;
	int pidfd; /* -1 on a kernel without */
	int socket;
	struct sigaction sigchld; /* the program's own */
	bool has_sigchld;	  /* it is to be put back at the end */
	bool is_gone;		  /* reaped by the program already */
};

/* Returns PAM_SUCCESS, or PAM_BUF_ERR after a line in the log. */
int pam_spawn(pam_handle_t *pamh, const char *path, struct pam_child *ret);

/* Kill it if it still runs, reap it, and close what belongs to it. */
void pam_spawn_end(struct pam_child *child);

#endif
