/* SPDX-License-Identifier: ISC */
/*
 * The host's sshd, asked what it makes of its configuration, and told that it
 * has changed.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "setup.h"

#define SSHD	     "/usr/sbin/sshd"
#define SSHD_SECONDS 20
#define OPTIONS_MAX  8

static const char *
systemctl_path(void)
{
	return access("/usr/bin/systemctl", X_OK) == 0 ? "/usr/bin/systemctl"
						       : "/bin/systemctl";
}

char *
sshd_value(const char *text, const char *keyword)
{
	size_t len = strlen(keyword);
	char *ret;

	while (text != NULL && *text != '\0') {
		/* OpenSSH 10.4 prints keywords in MixedCase. */
		if (strncasecmp(text, keyword, len) == 0 && text[len] == ' ') {
			text += len + 1;
			ret = strndup(text, strcspn(text, "\r\n"));
			if (ret == NULL)
				ctl_fail("out of memory");
			return ret;
		}
		text = strchr(text, '\n');
		text = text == NULL ? NULL : text + 1;
	}
	return NULL;
}

static int
sshd_run(struct setup *setup, const char *mode, const char *connection,
    const char *const *options, struct program_answer *ret)
{
	const char *argv[2 * OPTIONS_MAX + 6] = { SSHD, mode };
	const struct program program = { argv, NULL, NULL, SETUP_ANSWER_MAX,
		SSHD_SECONDS * 1000 };
	size_t n = 2, i;

	if (connection != NULL) {
		argv[n++] = "-C";
		argv[n++] = connection;
	}
	for (i = 0; options != NULL && options[i] != NULL && i < OPTIONS_MAX;
	     i++) {
		argv[n++] = "-o";
		argv[n++] = options[i];
	}
	return setup_run(setup, &program, ret);
}

int
sshd_effective(struct setup *setup, const char *const *options, char **ret)
{
	/* Of some versions those that have Match lines want to know this. */
	static const char connection[] =
	    "user=_dance,host=host.invalid,addr=192.0.2.1,"
	    "laddr=192.0.2.1,lport=22";
	struct program_answer answer;
	int r;

	if ((r = sshd_run(setup, "-T", NULL, options, &answer)) != CTL_YES)
		return r;
	if (answer.status != 0) {
		program_answer_free(&answer);
		r = sshd_run(setup, "-T", connection, options, &answer);
		if (r != CTL_YES)
			return r;
	}
	if (answer.status != 0)
		r = setup_refuse(
		    setup, "sshd -T: %s", program_answer_line(&answer));
	else {
		*ret = answer.out;
		answer.out = NULL;
	}
	program_answer_free(&answer);
	return r;
}

int
sshd_test(struct setup *setup)
{
	struct program_answer answer;
	int r;

	if ((r = sshd_run(setup, "-t", NULL, NULL, &answer)) != CTL_YES)
		return r;
	if (answer.status != 0)
		r = setup_refuse(setup,
		    "sshd -t: %s: nothing can be set up before that is mended",
		    program_answer_line(&answer));
	program_answer_free(&answer);
	return r;
}

static int
unit_ask(struct setup *setup, const char *verb, const char *unit, int *status)
{
	const char *argv[] = { systemctl_path(), verb, "--quiet", unit, NULL };
	const struct program program = { argv, NULL, NULL, SETUP_ANSWER_MAX,
		SSHD_SECONDS * 1000 };
	struct program_answer answer;
	int r;

	r = setup_run(setup, &program, &answer);
	if (r != CTL_YES)
		return r;
	*status = answer.status;
	program_answer_free(&answer);
	return CTL_YES;
}

/* Not a fault: the files are as they should be. */
static int
say_reload(struct setup *setup, const char *why)
{
	setup_note(setup,
	    "%s: reload sshd yourself (kill -HUP, with the pid of the sshd "
	    "that listens), or it goes on as before",
	    why);
	return CTL_YES;
}

int
sshd_reload(struct setup *setup)
{
	/* Debian's name first; elsewhere it is an alias, or not there. */
	static const char *const units[] = { "ssh.service", "sshd.service" };
	int status, r;
	size_t i;

	if (access("/run/systemd/system", F_OK) != 0)
		return say_reload(setup, "systemd does not run here");
	for (i = 0; i < 2; i++) {
		r = unit_ask(setup, "is-active", units[i], &status);
		if (r != CTL_YES)
			return r;
		if (status != 0)
			continue;
		if ((r = unit_ask(setup, "reload", units[i], &status)) !=
		    CTL_YES)
			return r;
		if (status != 0)
			return setup_fail(setup,
			    "systemctl reload %s: status %d", units[i], status);
		setup_note(setup, "%s was reloaded", units[i]);
		return CTL_YES;
	}
	for (i = 0; i < 2; i++) {
		r = unit_ask(setup, "is-active",
		    i == 0 ? "ssh.socket" : "sshd.socket", &status);
		if (r != CTL_YES)
			return r;
		if (status == 0) {
			setup_note(setup,
			    "sshd is started for each connection: the next one "
			    "counts");
			return CTL_YES;
		}
	}
	return say_reload(setup, "systemd has no sshd that is active");
}
