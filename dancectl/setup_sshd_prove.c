/* SPDX-License-Identifier: ISC */
/*
 * dancectl setup sshd: nothing is believed that sshd and the helper themselves
 * have not shown.
 */
#include <stdlib.h>
#include <string.h>

#include "setup_sshd.h"

bool
sshd_is_none(const char *value)
{
	return value == NULL || strcasecmp(value, "none") == 0;
}

/* The files as we read them must be what sshd makes of them. */
static int
effective_check(
    struct setup *setup, const struct sshd_setup *s, const char *effective)
{
	char *seen = sshd_value(effective, KEYS_KEY);
	const char *read = s->command == NULL ? NULL : s->command->value;
	bool is_same;
	int r = CTL_YES;

	is_same = sshd_is_none(read) || sshd_is_none(seen)
	    ? sshd_is_none(read) == sshd_is_none(seen)
	    : strcmp(read, seen) == 0;
	if (s->drop_in == NULL && !is_same)
		r = setup_refuse(setup,
		    "sshd -T says AuthorizedKeysCommand %s, and the files %s: "
		    "it can't be told what would be displaced",
		    seen == NULL ? "none" : seen, read == NULL ? "none" : read);
	free(seen);
	return r;
}

/* What ours and the rest come to, before a file is written. */
static int
effective_prove(struct setup *setup, const char *text)
{
	char *options[5] = { NULL }, *effective = NULL, *seen;
	const char *line = strstr(text, "\nAuthorized");
	size_t n;
	int r;

	for (n = 0; line != NULL && n < 4; n++) {
		line++;
		options[n] = strndup(line, strcspn(line, "\n"));
		if (options[n] == NULL)
			ctl_fail("out of memory");
		line = strstr(line, "\nAuthorized");
	}
	r = sshd_effective(setup, (const char *const *)options, &effective);
	if (r == CTL_YES) {
		seen = sshd_value(effective, KEYS_KEY);
		if (seen == NULL || strcmp(seen, SSHD_COMMAND) != 0)
			r = setup_refuse(setup,
			    "sshd -T would say AuthorizedKeysCommand %s",
			    seen == NULL ? "none" : seen);
		free(seen);
	}
	free(effective);
	while (n > 0)
		free(options[--n]);
	return r;
}

/* The host itself can be asked, and tried. */
int
setup_sshd_prove(
    struct setup *setup, const struct sshd_setup *s, const char *text)
{
	char *effective = NULL;
	int r;

	if (!setup_is_host(setup)) {
		setup_note(setup,
		    "another tree: neither sshd -t nor the helper was run, and "
		    "no sshd is reloaded");
		return CTL_YES;
	}
	if ((r = sshd_test(setup)) != CTL_YES ||
	    (r = sshd_effective(setup, NULL, &effective)) != CTL_YES)
		return r;
	if ((r = effective_check(setup, s, effective)) == CTL_YES &&
	    (r = effective_prove(setup, text)) == CTL_YES)
		r = setup_helper_try(setup);
	free(effective);
	return r;
}

int
setup_sshd_verify(struct setup *setup)
{
	const struct sshd_setup *s = setup->state;
	char *effective = NULL, *seen;
	int r;

	if (!setup_is_host(setup))
		return CTL_YES;
	if ((r = sshd_test(setup)) != CTL_YES || setup->is_remove)
		return r;
	if ((r = sshd_effective(setup, NULL, &effective)) != CTL_YES)
		return r;
	seen = sshd_value(effective, KEYS_KEY);
	if (seen == NULL || strcmp(seen, SSHD_COMMAND) != 0)
		r = setup_refuse(setup,
		    "sshd -T says AuthorizedKeysCommand %s, and not ours",
		    seen == NULL ? "none" : seen);
	free(seen);
	seen = sshd_value(effective, PRINCIPALS_KEY);
	if (r == CTL_YES && s->principals != NULL &&
	    (seen == NULL || strcmp(seen, s->principals->value) != 0))
		r = setup_refuse(setup,
		    "sshd -T says AuthorizedPrincipalsCommand %s now",
		    seen == NULL ? "none" : seen);
	free(seen);
	free(effective);
	return r == CTL_YES ? setup_helper_try(setup) : r;
}
