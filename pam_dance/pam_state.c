/* SPDX-License-Identifier: ISC */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "pam_state.h"

/* The same whether the handle ends or the data is replaced. */
static void
state_cleanup(pam_handle_t *pamh, void *data, int status)
{
	(void)pamh;
	(void)status;
	if (data != NULL)
		explicit_bzero(data, sizeof(struct pam_state));
	free(data);
}

int
pam_state_set(
    pam_handle_t *pamh, const char *name, const struct pam_state *state)
{
	struct pam_state *copy = malloc(sizeof(*copy));

	if (copy != NULL) {
		*copy = *state;
		if (pam_set_data(pamh, name, copy, state_cleanup) ==
		    PAM_SUCCESS)
			return PAM_SUCCESS;
	}
	state_cleanup(pamh, copy, 0);
	pam_syslog(pamh, LOG_CRIT, "no memory to keep who was let in");
	return PAM_BUF_ERR;
}

int
pam_state_clear(pam_handle_t *pamh, const char *name)
{
	const void *data = NULL;

	if (pam_get_data(pamh, name, &data) != PAM_SUCCESS || data == NULL ||
	    pam_set_data(pamh, name, NULL, state_cleanup) == PAM_SUCCESS)
		return PAM_SUCCESS;
	pam_syslog(pamh, LOG_CRIT, "no memory to forget who was let in");
	return PAM_BUF_ERR;
}

const struct pam_state *
pam_state_get(pam_handle_t *pamh, const char *name)
{
	const void *data = NULL;

	return pam_get_data(pamh, name, &data) == PAM_SUCCESS ? data : NULL;
}
