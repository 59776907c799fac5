/* SPDX-License-Identifier: ISC */
/* In place of pam_trust.c: the fake helper belongs to whoever has built it. */
#include "../../pam_dance/pam_helper.h"

bool
pam_helper_is_trusted(pam_handle_t *pamh, const char *path)
{
	(void)pamh;
	return path[0] == '/';
}
