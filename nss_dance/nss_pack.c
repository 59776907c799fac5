/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "nss_pack.h"

#define NO_PASSWORD   "*" /* with "x" pam_unix's account would fail */
#define DEFAULT_SHELL "/bin/sh"
#define FIELDS	      7 /* of a line of passwd */

/* What is left of the buffer; who writes has checked that it is enough. */
struct pack {
	char *next;
};

static char *
pack_text(struct pack *pack, const char *text, size_t len)
{
	char *start = pack->next;

	memcpy(start, text, len);
	start[len] = '\0';
	pack->next += len + 1;
	return start;
}

static bool
text_is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 127 || *text == ':')
			return false;
	return true;
}

/*
 * RFC 3629, section 4: octets that follow have their own range behind some
 * first ones, so that there is one form alone and no surrogate.  A name in
 * another encoding is left out rather than passed on.
 */
static bool
text_is_utf8(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned n, low, high;

	while (*p != '\0') {
		low = *p == 0xe0 ? 0xa0 : *p == 0xf0 ? 0x90 : 0x80;
		high = *p == 0xed ? 0x9f : *p == 0xf4 ? 0x8f : 0xbf;
		if (*p < 0x80)
			n = 0;
		else if (*p >= 0xc2 && *p <= 0xdf)
			n = 1;
		else if (*p >= 0xe0 && *p <= 0xef)
			n = 2;
		else if (*p >= 0xf0 && *p <= 0xf4)
			n = 3;
		else
			return false;
		for (p++; n > 0; n--, p++, low = 0x80, high = 0xbf)
			if (*p < low || *p > high)
				return false;
	}
	return true;
}

/* provision-home, with the name for "%u"; its length with the NUL. */
static size_t
home_len(const char *pattern, const char *name)
{
	size_t len = 1;

	for (; *pattern != '\0'; pattern++) {
		if (pattern[0] == '%' && pattern[1] == 'u') {
			len += strlen(name);
			pattern++;
		} else
			len++;
	}
	return len;
}

static char *
pack_home(struct pack *pack, const char *pattern, const char *name)
{
	char *start = pack->next, *next = start;

	for (; *pattern != '\0'; pattern++) {
		if (pattern[0] == '%' && pattern[1] == 'u') {
			next = stpcpy(next, name);
			pattern++;
		} else
			*next++ = *pattern;
	}
	*next++ = '\0';
	pack->next = next;
	return start;
}

int
nss_passwd_fits(const struct nss_found *found, const char *buffer, size_t len)
{
	const struct dance_index_settings *settings = &found->settings;

	(void)buffer;
	if (settings->home[0] != '/' || settings->shell[0] != '/' ||
	    !text_is_plain(settings->home) || !text_is_plain(settings->shell) ||
	    !text_is_utf8(settings->home) || !text_is_utf8(settings->shell))
		return EIO;
	return len < strlen(found->name) + 1 + sizeof(NO_PASSWORD) + 1 +
		    home_len(settings->home, found->name) +
		    strlen(settings->shell) + 1
	    ? ERANGE
	    : 0;
}

static int
pack_provisioned(
    const struct nss_found *found, struct passwd *pwd, char *buffer, size_t len)
{
	const struct dance_index_settings *settings = &found->settings;
	size_t name_len = strlen(found->name);
	size_t shell_len = strlen(settings->shell);
	struct pack pack = { buffer };
	int r;

	if ((r = nss_passwd_fits(found, buffer, len)) != 0)
		return r;
	/* From here on nothing can fail. */
	pwd->pw_name = pack_text(&pack, found->name, name_len);
	pwd->pw_passwd = pack_text(&pack, NO_PASSWORD, sizeof(NO_PASSWORD) - 1);
	pwd->pw_gecos = pack_text(&pack, "", 0);
	pwd->pw_shell = pack_text(&pack, settings->shell, shell_len);
	pwd->pw_dir = pack_home(&pack, settings->home, found->name);
	pwd->pw_uid = found->uid;
	pwd->pw_gid = found->uid;
	return 0;
}

/* Cut the line into its fields, in place; false for fewer than all. */
static bool
line_split(char *line, char *fields[FIELDS])
{
	size_t i;

	for (i = 0; i < FIELDS; i++) {
		fields[i] = line;
		line += strcspn(line, ":");
		if (*line == ':')
			*line++ = '\0';
		else if (i + 1 < FIELDS)
			return false;
	}
	return true;
}

/*
 * The account's entry under the name asked for.  Its line is read into the
 * buffer, behind the name, and is cut there.
 */
static int
pack_account(
    const struct nss_found *found, struct passwd *pwd, char *buffer, size_t len)
{
	const struct nss_entry *entry = &found->entry;
	size_t name_len = strlen(found->name), need;
	struct pack pack = { buffer };
	char *name, *password, *shell, *fields[FIELDS];
	int r;

	/* The longest shell that is not the line's own is the default. */
	if (__builtin_add_overflow(entry->len,
		name_len + 1 + sizeof(NO_PASSWORD) + sizeof(DEFAULT_SHELL) + 1,
		&need) ||
	    len < need)
		return ERANGE;
	name = pack_text(&pack, found->name, name_len);
	password = pack_text(&pack, NO_PASSWORD, sizeof(NO_PASSWORD) - 1);
	shell = pack_text(&pack, DEFAULT_SHELL, sizeof(DEFAULT_SHELL) - 1);
	if ((r = nss_entry_read(entry, pack.next)) != 0)
		return r;
	pack.next[entry->len] = '\0';
	/* It may have been changed since it was found. */
	if (strlen(pack.next) != entry->len || !line_split(pack.next, fields) ||
	    strcmp(fields[0], found->account) != 0 || fields[5][0] != '/' ||
	    !text_is_plain(fields[4]) || !text_is_plain(fields[5]) ||
	    !text_is_plain(fields[6]) || !text_is_utf8(fields[5]) ||
	    !text_is_utf8(fields[6]))
		return ENOENT;
	if (!text_is_utf8(fields[4]))
		fields[4][0] = '\0';
	pwd->pw_name = name;
	pwd->pw_passwd = password;
	pwd->pw_uid = entry->uid;
	pwd->pw_gid = entry->gid;
	pwd->pw_gecos = fields[4];
	pwd->pw_dir = fields[5];
	pwd->pw_shell = fields[6][0] != '\0' ? fields[6] : shell;
	return 0;
}

int
nss_pack_passwd(
    const struct nss_found *found, struct passwd *pwd, char *buffer, size_t len)
{
	return found->account[0] != '\0'
	    ? pack_account(found, pwd, buffer, len)
	    : pack_provisioned(found, pwd, buffer, len);
}

/* What is left free for the list of members to be aligned. */
static size_t
group_pad(const char *buffer)
{
	uintptr_t over = (uintptr_t)buffer % _Alignof(char *);

	return over == 0 ? 0 : _Alignof(char *) - over;
}

int
nss_group_fits(const struct nss_found *found, const char *buffer, size_t len)
{
	return len < group_pad(buffer) + sizeof(char *) + strlen(found->name) +
		    1 + sizeof(NO_PASSWORD)
	    ? ERANGE
	    : 0;
}

int
nss_pack_group(
    const struct nss_found *found, struct group *grp, char *buffer, size_t len)
{
	size_t name_len = strlen(found->name), pad = group_pad(buffer);
	struct pack pack;
	char **members;
	int r;

	if ((r = nss_group_fits(found, buffer, len)) != 0)
		return r;
	/* Nobody but its owner is in it. */
	members = (char **)(void *)(buffer + pad);
	members[0] = NULL;
	pack.next = buffer + pad + sizeof(*members);
	grp->gr_name = pack_text(&pack, found->name, name_len);
	grp->gr_passwd = pack_text(&pack, NO_PASSWORD, sizeof(NO_PASSWORD) - 1);
	grp->gr_mem = members;
	grp->gr_gid = found->uid;
	return 0;
}
