/* SPDX-License-Identifier: ISC */
/*
 * dancectl check: lines that provision accounts, as the NSS module takes them.
 */
#include <stdio.h>
#include <string.h>

#include "account.h"
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

/* Another account may have the number by another line. */
static void
warn_of_uid(struct check *check, const struct dance_map_line *line,
    const char *name, size_t len)
{
	struct seen_entry first, *entry;
	bool is_new_uid, is_new_name;
	const char *value;
	char uid[16];
	size_t value_len;

	if (!dance_options_get(
		line->options, line->options_len, "uid", &value, &value_len))
		return;
	snprintf(uid, sizeof(uid), "%.*s", (int)value_len, value);
	if ((entry = seen_add(
		 &check->uids, "", uid, strlen(uid), &is_new_uid)) == NULL)
		ctl_fail("accounts map: out of memory");
	if (is_new_uid) {
		entry->file = line->file;
		entry->number = line->number;
	}
	first = *entry;
	if (seen_add(&check->uids, uid, name, len, &is_new_name) == NULL)
		ctl_fail("accounts map: out of memory");
	if (!is_new_uid && is_new_name)
		check_warn(check,
		    "%s:%u: warning: %.*s: uid %s is another account's already "
		    "by %s:%u",
		    line->file, line->number, (int)len, name, uid, first.file,
		    first.number);
}

void
check_provision_uids(struct check *check, const struct dance_config *config)
{
	struct dance_fault fault;
	struct dance_account_range range;

	if (config->provision_first <= 65535 && config->provision_last >= 60000)
		check_warn(check,
		    DANCE_CONFIG_FILE
		    ": warning: provision-uids has some of 60000-65535, which "
		    "are not for accounts of people");
	/* What can't be read is a fault that was shown already. */
	if (dance_account_range_read(check->ctl->root, &range, &fault) == 0 &&
	    config->provision_first < range.min)
		check_warn(check,
		    DANCE_CONFIG_FILE
		    ": warning: provision-uids begins below UID_MIN, %lu: "
		    "such accounts count as the system's",
		    range.min);
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
	else if (has_uid)
		warn_of_uid(check, line, name, len);
	if (!is_self && !nss_name_is_account(name, len))
		warn(check, line, name, len,
		    "nss_dance takes no such name: lower-case letters, digits "
		    "and ._-@+, and not digits alone");
	return true;
}
