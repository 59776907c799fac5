/* SPDX-License-Identifier: ISC */
/*
 * What setup sshd has found, and the proof that what it plans will hold.
 */
#ifndef SETUP_SSHD_H
#define SETUP_SSHD_H

#include "setup.h"

#define SSHD_HELPER  DANCE_LIBEXECDIR "/dance-authorized-keys"
#define SSHD_COMMAND SSHD_HELPER " %u %f %t %k"

#define KEYS_KEY	"authorizedkeyscommand"
#define KEYS_USER	"authorizedkeyscommanduser"
#define PRINCIPALS_KEY	"authorizedprincipalscommand"
#define PRINCIPALS_USER "authorizedprincipalscommanduser"

struct sshd_setup {
	struct sshd_conf conf;
	char *drop_in; /* what stands there; NULL: nothing */
	bool is_ours;
	const struct sshd_line *command;	 /* what was asked before */
	const struct sshd_line *principals;	 /* repeated before ours */
	const struct sshd_line *principals_user; /* the same */
};

/* True for NULL too. */
bool sshd_is_none(const char *value);

/*
 * Before a file is written: the host's sshd says what the drop-in's text and
 * the rest come to, and the helper is run.  Returns an exit code.
 */
int setup_sshd_prove(
    struct setup *setup, const struct sshd_setup *s, const char *text);

/* After that: the same of what was written. */
int setup_sshd_verify(struct setup *setup);

#endif
