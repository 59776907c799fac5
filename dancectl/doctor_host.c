/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: ways in that do not need DANCE, and what the security
 * modules of the kernel have denied.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"

#define JOURNALCTL "/usr/bin/journalctl"

#define WAYS	"ways"
#define DENIALS "denials"

#define ADMINS_MAX 64 /* accounts that are looked at */

static FILE *
text_open(char *text)
{
	return text == NULL || text[0] == '\0'
	    ? NULL
	    : fmemopen(text, strlen(text), "r");
}

/* The groups that sudo lets do everything, as distributions have it. */
static bool
group_is_admin(const char *name)
{
	return strcmp(name, "sudo") == 0 || strcmp(name, "wheel") == 0 ||
	    strcmp(name, "admin") == 0;
}

static bool
account_is_admin(const struct passwd *entry, char *groups)
{
	const struct group *group;
	bool is_admin = entry->pw_uid == 0;
	FILE *f = text_open(groups);
	char **member;

	while (f != NULL && !is_admin && (group = fgetgrent(f)) != NULL) {
		if (!group_is_admin(group->gr_name))
			continue;
		is_admin = group->gr_gid == entry->pw_gid;
		for (member = group->gr_mem; *member != NULL; member++)
			is_admin |= strcmp(*member, entry->pw_name) == 0;
	}
	if (f != NULL)
		fclose(f);
	return is_admin;
}

static bool
shell_is_none(const char *shell)
{
	return strstr(shell, "nologin") != NULL ||
	    strstr(shell, "/false") != NULL;
}

/* A hash in shadow: not "", "*", "!..." or "x". */
static bool
has_password(const char *shadow, const char *name)
{
	size_t len = strlen(name);
	const char *line = shadow;

	for (; line != NULL; line = strchr(line, '\n')) {
		line += strspn(line, "\n");
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			return strchr(":*!x", line[len + 1]) == NULL;
	}
	return false;
}

static bool
has_keys(const struct doctor *doctor, const char *home)
{
	static const char *const names[] = { "/.ssh/authorized_keys",
		"/.ssh/authorized_keys2" };
	char *below, *path;
	struct stat st;
	bool is_there = false;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		below = doctor_join(doctor->root, home);
		path = doctor_join(below, names[i]);
		doctor_looks_at(doctor, path);
		is_there |= stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_size > 0;
		free(path);
		free(below);
	}
	return is_there;
}

static void
way_add(char **ways, const char *name, bool has_key, bool has_pass)
{
	char *longer;

	if (!has_key && !has_pass)
		return;
	longer = doctor_format("%s%s%s (%s%s%s)", *ways,
	    (*ways)[0] == '\0' ? "" : ", ", name,
	    has_key ? "authorized_keys" : "", has_key && has_pass ? ", " : "",
	    has_pass ? "password" : "");
	free(*ways);
	*ways = longer;
}

void
doctor_collect_ways(struct doctor *doctor, const char *arg)
{
	struct dance_fault fault;
	char *passwd, *groups, *shadow, *ways = doctor_copy("", 0);
	const struct passwd *entry;
	size_t n = 0;
	FILE *f;

	(void)arg;
	passwd = doctor_read(doctor, "/etc/passwd", &fault);
	groups = doctor_read(doctor, "/etc/group", &fault);
	shadow = doctor_read(doctor, "/etc/shadow", &fault);
	if ((f = text_open(passwd)) != NULL) {
		while ((entry = fgetpwent(f)) != NULL && n < ADMINS_MAX) {
			if (shell_is_none(entry->pw_shell) ||
			    !account_is_admin(entry, groups))
				continue;
			n++;
			way_add(&ways, entry->pw_name,
			    has_keys(doctor, entry->pw_dir),
			    has_password(shadow, entry->pw_name));
		}
		fclose(f);
		doctor_text_put(doctor, WAYS, ways);
	}
	free(ways);
	free(passwd);
	free(groups);
	if (shadow != NULL)
		explicit_bzero(shadow, strlen(shadow));
	free(shadow);
}

void
doctor_check_ways(struct doctor *doctor, const char *arg)
{
	const char *ways = doctor_text(doctor, WAYS);

	(void)arg;
	if (ways == NULL)
		return;
	if (ways[0] == '\0')
		doctor_find(doctor, "way-in-missing", NULL,
		    "neither root nor an account of the groups sudo, wheel or "
		    "admin has a password or an authorized_keys file");
	else
		doctor_find(doctor, "way-in", NULL,
		    "these have a key or a password of their own, which were "
		    "not tried: %s",
		    ways);
}

/* Is a module there that could deny anything? */
static bool
has_security_module(void)
{
	static const char *const names[] = { "/sys/fs/selinux/enforce",
		"/sys/kernel/security/apparmor/profiles" };
	struct stat st;

	return stat(names[0], &st) == 0 || stat(names[1], &st) == 0;
}

void
doctor_collect_denials(struct doctor *doctor, const char *arg)
{
	static const char *const argv[] = { JOURNALCTL, "-b", "-q",
		"--no-pager", "-ocat", "-n1000", "-g",
		"apparmor=.?DENIED|avc: +denied", NULL };
	char *text;
	int status;

	(void)arg;
	if (!has_security_module())
		return;
	/* 1: it has found nothing, or says why it can't look. */
	status = doctor_ask(argv, &text);
	if (text != NULL && (status == 0 || (status == 1 && text[0] == '\0')))
		doctor_text_put(doctor, DENIALS, text);
	free(text);
}

static bool
line_is_about_us(const char *line, size_t len)
{
	static const char *const names[] = { "dance-authorized-keys",
		"dance-authorize", "dance-pam-helpe", "pam_dance.so",
		"libnss_dance", DANCE_LIBEXECDIR "/", DANCE_STATEDIR "/",
		"/etc/dance/" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (memmem(line, len, names[i], strlen(names[i])) != NULL)
			return true;
	return false;
}

void
doctor_check_denials(struct doctor *doctor, const char *arg)
{
	const char *line = doctor_text(doctor, DENIALS);
	size_t len;

	(void)arg;
	if (doctor->is_super && line == NULL && has_security_module())
		doctor_find(doctor, "denials-unknown", NULL,
		    "SELinux or AppArmor is there, but the journal can't be "
		    "read");
	for (; line != NULL && *line != '\0'; line += len) {
		len = strcspn(line, "\n");
		if (line_is_about_us(line, len))
			doctor_find(doctor, "denied", NULL, "%.*s",
			    (int)(len < 400 ? len : 400), line);
		len += line[len] == '\n';
	}
}
