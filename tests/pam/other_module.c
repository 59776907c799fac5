/* SPDX-License-Identifier: ISC */
/*
 * Any other module: returns the numbers that its arguments name, as "auth=7",
 * "cred=0", "acct=6", "open=0"; 0 for what they don't.  "user=NAME" changes
 * PAM_USER in auth, "env=NAME=VALUE" sets a variable whenever it is called.
 */
#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>

#include "probe.h"

static const char *
value_of(const char *name, int argc, const char **argv)
{
	size_t len = strlen(name);
	int i;

	for (i = 0; i < argc; i++)
		if (strncmp(argv[i], name, len) == 0 && argv[i][len] == '=')
			return argv[i] + len + 1;
	return NULL;
}

static int
say(const char *name, pam_handle_t *pamh, int argc, const char **argv)
{
	const char *value = value_of("env", argc, argv);

	if (value != NULL)
		(void)pam_putenv(pamh, value);
	value = value_of(name, argc, argv);
	return value == NULL ? PAM_SUCCESS : atoi(value);
}

#define OTHER(function, name)                                           \
	PROBE_EXPORT int function(                                      \
	    pam_handle_t *pamh, int flags, int argc, const char **argv) \
	{                                                               \
		(void)flags;                                            \
		return say(name, pamh, argc, argv);                     \
	}

OTHER(pam_sm_setcred, "cred")
OTHER(pam_sm_acct_mgmt, "acct")
OTHER(pam_sm_open_session, "open")
OTHER(pam_sm_close_session, "close")
OTHER(pam_sm_chauthtok, "password")

PROBE_EXPORT int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const char *user = value_of("user", argc, argv);

	(void)flags;
	if (user != NULL)
		(void)pam_set_item(pamh, PAM_USER, user);
	return say("auth", pamh, argc, argv);
}
