/* SPDX-License-Identifier: ISC */
/*
 * Commands that distributions have sshd ask, whose own user is not ours, and
 * what they find as ours.  sss_ssh_authorizedkeys: the same, since the socket
 * that it asks is open to all.  "userdbctl ssh-authorized-keys": nothing, since
 * keys stand in the part of a user record that only root and the user are
 * shown; so it can run as ours as long as no record has one.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "setup_chain.h"

#define SSS	    "/usr/bin/sss_ssh_authorizedkeys"
#define USERDB	    "/usr/bin/userdbctl"
#define KEYS	    "ssh-authorized-keys"
#define SECONDS	    10
#define RECORDS_MAX (16UL * 1024 * 1024) /* of all users of the host */
#define RECORDED    "\"sshAuthorizedKeys\""

/* The next word; *text moves behind it. */
static bool
word_is(const char **text, const char *word)
{
	const char *start = *text + strspn(*text, " \t");
	size_t len = strcspn(start, " \t");

	*text = start + len;
	return len == strlen(word) && strncmp(start, word, len) == 0;
}

/* Another tree's are not asked for: there must be none at all. */
static int
tree_check(struct setup *setup, const char *command)
{
	static const char *const places[] = { "/etc/userdb/*.user*",
		"/usr/lib/userdb/*.user*", "/var/lib/systemd/home/*.identity" };
	char *pattern;
	glob_t found;
	size_t i;
	int r = CTL_YES;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (asprintf(&pattern, "%s%s", setup->ctl->root, places[i]) ==
		    -1)
			ctl_fail("out of memory");
		if (glob(pattern, 0, NULL, &found) == 0) {
			if (found.gl_pathc > 0)
				r = setup_refuse(setup,
				    "%s: user records, which may hold SSH keys "
				    "that %s shows to root alone, and not to "
				    "chain-command: take --chain always or "
				    "--chain never",
				    found.gl_pathv[0] +
					strlen(setup->ctl->root),
				    command);
			globfree(&found);
		}
		free(pattern);
	}
	return r;
}

/* All records as root sees them. */
static int
records_check(struct setup *setup, const char *command)
{
	static const char *const argv[] = { USERDB, "user", "--output=json",
		NULL };
	static const struct program program = { argv, NULL, NULL, RECORDS_MAX,
		SECONDS * 1000 };
	struct program_answer answer;
	int r;

	if (!setup_is_host(setup))
		return tree_check(setup, command);
	if ((r = setup_run(setup, &program, &answer)) != CTL_YES)
		return r;
	if (answer.status != 0)
		r = setup_refuse(setup,
		    "%s user: %s: it can't be told if user records hold SSH "
		    "keys, which chain-command would not find: take --chain "
		    "always or --chain never",
		    USERDB, program_answer_line(&answer));
	else if (strstr(answer.out, RECORDED) != NULL)
		r = setup_refuse(setup,
		    "user records hold SSH keys, which %s shows to root alone, "
		    "and not to chain-command: put them into the files "
		    "authorized_keys, and take --chain always or --chain never",
		    command);
	program_answer_free(&answer);
	return r;
}

int
setup_chain_known(struct setup *setup, const char *command, bool *ret)
{
	const char *next = command;
	int r;

	*ret = false;
	if (word_is(&next, SSS)) {
		*ret = true;
		return CTL_YES;
	}
	next = command;
	if (!word_is(&next, USERDB) || !word_is(&next, KEYS))
		return CTL_YES;
	if ((r = records_check(setup, command)) != CTL_YES)
		return r;
	setup_note(setup,
	    "%s: no user record holds an SSH key; it would show one to root "
	    "alone, and not to chain-command",
	    command);
	*ret = true;
	return CTL_YES;
}
