/* SPDX-License-Identifier: ISC */
/*
 * For make bench: what sudo does to authenticate its caller, and no more.
 *
 *	pamauth SERVICE USER
 */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>

static int
converse(int n, const struct pam_message **messages,
    struct pam_response **ret_responses, void *arg)
{
	(void)n;
	(void)messages;
	(void)ret_responses;
	(void)arg;
	return PAM_CONV_ERR;
}

int
main(int argc, char *argv[])
{
	struct pam_conv conv = { .conv = converse };
	pam_handle_t *pamh = NULL;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: pamauth SERVICE USER\n");
		return 2;
	}
	r = pam_start(argv[1], argv[2], &conv, &pamh);
	if (r == PAM_SUCCESS)
		r = pam_set_item(pamh, PAM_RUSER, argv[2]);
	if (r == PAM_SUCCESS)
		r = pam_authenticate(pamh, PAM_SILENT);
	if (r != PAM_SUCCESS)
		fprintf(stderr, "pamauth: %s\n", pam_strerror(pamh, r));
	pam_end(pamh, r);
	return r == PAM_SUCCESS ? 0 : 1;
}
