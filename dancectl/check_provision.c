/* SPDX-License-Identifier: ISC */
/*
 * dancectl check: lines that provision accounts, as the NSS module takes them.
 */
#include <string.h>

#include "check.h"
#include "nss_name.h"
#include "options.h"

static void
warn(struct check *check, const struct dance_map_line *line, const char *name,
    size_t len, const char *what)
{
	check_warn(check, "%s:%u: warning: %.*s: %s", line->file, line->number,
	    (int)len, name, what);
}

bool
check_provision(struct check *check, const struct dance_map_line *line,
    const char *name, size_t len)
{
	bool has_uid =
	    dance_options_have(line->options, line->options_len, "uid");
	bool is_self = line->pattern.has_account;

	if (line->is_refusal)
		return false;
	if (!dance_options_have(
		line->options, line->options_len, "provision")) {
		if (has_uid)
			warn(check, line, name, len,
			    "uid= has no effect without provision");
		return false;
	}
	if (has_uid && is_self)
		warn(check, line, name, len,
		    "uid= has no effect on a line with %u");
	else if (has_uid && len < line->accounts_len)
		warn(check, line, name, len,
		    "uid= gives several accounts one uid");
	if (!is_self && !nss_name_is_account(name, len))
		warn(check, line, name, len,
		    "nss_dance takes no such name: lower-case letters, digits "
		    "and ._-@+, and not digits alone");
	return true;
}
