/* SPDX-License-Identifier: ISC */
/*
 * A module around another one, whose path is the first argument: it tells the
 * test the other's bare code, before libpam makes something of it.  The other
 * stays loaded, since libpam calls its cleanup after this one's end.
 */
#include <dlfcn.h>
#include <security/pam_modules.h>
#include <stddef.h>

#include "probe.h"

#define PROBE_ENTRY PROBE_EXPORT

static int
probe(const char *entry, pam_handle_t *pamh, int flags, int argc,
    const char **argv)
{
	union {
		void *symbol;
		int (*call)(pam_handle_t *, int, int, const char **);
	} other = { NULL };
	void *handle;
	int code;

	if (argc < 1 ||
	    (handle = dlopen(argv[0], RTLD_NOW | RTLD_NODELETE)) == NULL)
		return PAM_OPEN_ERR;
	if ((other.symbol = dlsym(handle, entry)) == NULL)
		return PAM_SYMBOL_ERR;
	code = other.call(pamh, flags, argc - 1, argv + 1);
	probe_note(code);
	dlclose(handle);
	return code;
}

#define PROBE(name)                                                     \
	PROBE_ENTRY int name(                                           \
	    pam_handle_t *pamh, int flags, int argc, const char **argv) \
	{                                                               \
		return probe(#name, pamh, flags, argc, argv);           \
	}

PROBE(pam_sm_authenticate)
PROBE(pam_sm_setcred)
PROBE(pam_sm_acct_mgmt)
PROBE(pam_sm_open_session)
PROBE(pam_sm_close_session)
PROBE(pam_sm_chauthtok)
