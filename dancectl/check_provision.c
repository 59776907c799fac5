/* SPDX-License-Identifier: ISC */
/*
 * dancectl check: lines that provision accounts, as the NSS module takes them.
 */
#include <stdio.h>
#include <stdlib.h>
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

void
check_register_open(struct check *check)
{
	char *path;

	if ((check->reg = calloc(1, sizeof(*check->reg))) == NULL ||
	    asprintf(&path, "%s%s", check->ctl->root, DANCE_REGISTER_FILE) ==
		-1)
		ctl_fail(DANCE_REGISTER_FILE ": out of memory");
	if (dance_index_open(path, check->reg) != 0) {
		free(check->reg);
		check->reg = NULL;
	}
	free(path);
}

void
check_register_close(struct check *check)
{
	if (check->reg != NULL)
		dance_index_close(check->reg);
	free(check->reg);
	check->reg = NULL;
}

/* The uid that the register has for a name; 0 for none. */
static uint32_t
registered_uid(const struct check *check, const char *name)
{
	uint32_t uid = 0;
	size_t len = 0;

	return check->reg != NULL &&
		dance_index_get(check->reg, DANCE_INDEX_NAME, name, &uid,
		    sizeof(uid), &len) == 0 &&
		len == sizeof(uid)
	    ? uid
	    : 0;
}

/* The register has the number for another, or the name with another number. */
static void
warn_of_register(struct check *check, const struct dance_map_line *line,
    const char *name, unsigned long uid)
{
	char key[32], owner[DANCE_IDENTITY_MAX + 1];
	uint32_t known = registered_uid(check, name);
	size_t len = 0;

	if (known != 0 && known != uid)
		check_warn(check,
		    "%s:%u: warning: %s: its uid is %u by the register, and "
		    "not %lu",
		    line->file, line->number, name, known, uid);
	snprintf(key, sizeof(key), "%lu", uid);
	if (check->reg == NULL ||
	    dance_index_get(check->reg, DANCE_INDEX_UID, key, owner,
		sizeof(owner) - 1, &len) != 0)
		return;
	owner[len] = '\0';
	if (strcmp(owner, name) != 0)
		check_warn(check,
		    "%s:%u: warning: %s: uid %lu is that of %s in the "
		    "register, who came in first",
		    line->file, line->number, name, uid, owner);
}

/* Another account may have the number by another line. */
static void
warn_of_lines(struct check *check, const struct dance_map_line *line,
    const char *name, unsigned long uid)
{
	struct seen_entry first, *entry;
	bool is_new_uid, is_new_name;
	char number[32];

	snprintf(number, sizeof(number), "%lu", uid);
	if ((entry = seen_add(&check->uids, "", number, strlen(number),
		 &is_new_uid)) == NULL)
		ctl_fail("accounts map: out of memory");
	if (is_new_uid) {
		entry->file = line->file;
		entry->number = line->number;
	}
	first = *entry;
	if (seen_add(&check->uids, number, name, strlen(name), &is_new_name) ==
	    NULL)
		ctl_fail("accounts map: out of memory");
	if (!is_new_uid && is_new_name)
		check_warn(check,
		    "%s:%u: warning: %s: uid %s is another account's already "
		    "by %s:%u",
		    line->file, line->number, name, number, first.file,
		    first.number);
}

/* The one that the NSS module would give. */
static void
warn_of_uid(struct check *check, const struct dance_map_line *line,
    const char *name, size_t len)
{
	const struct dance_config *config = check->config;
	char account[DANCE_ACCOUNT_MAX];
	unsigned long uid;

	snprintf(account, sizeof(account), "%.*s", (int)len, name);
	if (!dance_options_uid(line->options, line->options_len, &uid)) {
		uid = registered_uid(check, account);
		if (uid == 0 && config != NULL)
			uid = dance_index_uid(&config->provision_salt, account,
			    (uint32_t)config->provision_first,
			    (uint32_t)config->provision_last);
	}
	if (uid == 0)
		return;
	warn_of_lines(check, line, account, uid);
	warn_of_register(check, line, account, uid);
}

/* True for a line that provisions nobody since the site has no salt. */
static bool
line_lacks_salt(struct check *check, const struct dance_map_line *line)
{
	if (check->config == NULL || check->config->provision_salt.len != 0 ||
	    dance_pattern_is_literal(&line->pattern) ||
	    (!line->pattern.has_account &&
		dance_options_have(line->options, line->options_len, "uid")))
		return false;
	if (!check->has_no_salt)
		check_warn(check,
		    "%s:%u: warning: a line with * or %%u provisions nobody "
		    "without provision-salt in dance.conf: run dancectl setup "
		    "nss, or copy the line of another host of the site",
		    line->file, line->number);
	check->has_no_salt = true;
	return true;
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
	bool is_self = line->pattern.has_account, lacks_salt;

	if (line->is_refusal)
		return false;
	if (!dance_options_have(
		line->options, line->options_len, "provision")) {
		if (has_uid)
			warn(check, line, name, len,
			    "uid= has no effect without provision");
		return false;
	}
	lacks_salt = line_lacks_salt(check, line);
	if (has_uid && is_self)
		warn(check, line, name, len,
		    "uid= has no effect on a line with %u");
	else if (has_uid && len < line->accounts_len)
		warn(check, line, name, len,
		    "uid= gives several accounts one uid");
	else if (!lacks_salt && !is_self)
		warn_of_uid(check, line, name, len);
	if (!is_self && !nss_name_is_account(name, len))
		warn(check, line, name, len,
		    "nss_dance takes no such name: lower-case letters, digits "
		    "and ._-@+, and not digits alone");
	return true;
}
