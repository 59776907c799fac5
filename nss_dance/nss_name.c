/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "identity.h"
#include "nss_lookup.h"
#include "nss_name.h"

bool
nss_name_is_identity(const char *name, size_t len)
{
	struct dance_identity id;

	return dance_identity_parse(name, len, DANCE_NAME_PRESENTED, &id) ==
	    0 &&
	    strcmp(id.text, name) == 0;
}

bool
nss_name_is_account(const char *name, size_t len)
{
	size_t i, n_digits = 0;

	if (len == 0 || len >= NSS_ACCOUNT_MAX ||
	    strchr("-+.", name[0]) != NULL)
		return false;
	for (i = 0; i < len; i++) {
		if (name[i] >= '0' && name[i] <= '9')
			n_digits++;
		else if ((name[i] < 'a' || name[i] > 'z') &&
		    strchr("._-@+", name[i]) == NULL)
			return false;
	}
	return n_digits < len;
}

bool
nss_name_is_self(const char *name, size_t len)
{
	return ((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_') &&
	    len <= DANCE_UID_MAX && dance_uid_is_valid(name, len);
}
