/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: who is root, or can become it, says passwd, group, shadow
 * and sudoers.  What a password is stays in the process that has read it.
 */
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "doctor_ways.h"

#define ADMINS_MAX 64	/* accounts that are looked at */
#define ASK_MS	   4000 /* for all questions to sudoers */
#define DAY	   (24 * 60 * 60)

/* The texts of the three files, and what sudoers says so far. */
struct lists {
	char *passwd;
	char *group;
	char *shadow;
	bool has_sudoers; /* the file is there */
	int64_t end_ms;
};

static FILE *
list_open(char *text)
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

/* Those of an account, commas between them. */
static char *
groups_of(
    const struct lists *lists, const struct passwd *entry, bool *ret_is_admin)
{
	char *ret = doctor_copy("", 0), *longer, **member;
	const struct group *group;
	FILE *f = list_open(lists->group);
	bool is_in;

	*ret_is_admin = false;
	while (f != NULL && (group = fgetgrent(f)) != NULL) {
		is_in = group->gr_gid == entry->pw_gid;
		for (member = group->gr_mem; *member != NULL; member++)
			is_in |= strcmp(*member, entry->pw_name) == 0;
		if (!is_in)
			continue;
		*ret_is_admin |= group_is_admin(group->gr_name);
		longer = doctor_format(
		    "%s%s%s", ret, ret[0] == '\0' ? "" : ",", group->gr_name);
		free(ret);
		ret = longer;
	}
	if (f != NULL)
		fclose(f);
	return ret;
}

/* As crypt(3) has them: "$...", "_..." or 13 characters. */
static const char *
password_of(const char *hash)
{
	if (hash[0] == '\0')
		return "the password is empty, which PAM may refuse";
	if (hash[0] == '!')
		return "the password is locked";
	return hash[0] == '$' || hash[0] == '_' || strlen(hash) == 13
	    ? "hash"
	    : "there is no password";
}

/* As pam_unix(8) has it, for the account and its password. */
static char *
age_of(const struct spwd *entry)
{
	long today = (long)(time(NULL) / DAY);
	long age = today - entry->sp_lstchg;
	time_t day;
	char date[16];

	if (entry->sp_expire >= 0 && today >= entry->sp_expire) {
		day = (time_t)entry->sp_expire * DAY;
		(void)strftime(date, sizeof(date), "%Y-%m-%d", gmtime(&day));
		return doctor_format("the account expired on %s", date);
	}
	if (entry->sp_lstchg == 0)
		return doctor_copy("change", 6);
	if (entry->sp_max < 0 || age <= entry->sp_max)
		return doctor_copy("ok", 2);
	if (entry->sp_inact >= 0 && age > entry->sp_max + entry->sp_inact)
		return doctor_format("the password expired %ld days ago, too "
				     "long to be changed",
		    age - entry->sp_max);
	return doctor_copy("change", 6);
}

/* What shadow says of an account, or its line in passwd itself. */
static char *
shadow_of(const struct lists *lists, const struct passwd *entry,
    const char **ret_password)
{
	FILE *f = list_open(lists->shadow);
	const struct spwd *found = NULL;
	char *age = NULL;

	*ret_password = strcmp(entry->pw_passwd, "x") == 0
	    ? "there is no password"
	    : password_of(entry->pw_passwd);
	while (f != NULL && age == NULL && (found = fgetspent(f)) != NULL)
		if (strcmp(found->sp_namp, entry->pw_name) == 0) {
			if (strcmp(entry->pw_passwd, "x") == 0)
				*ret_password = password_of(found->sp_pwdp);
			age = age_of(found);
		}
	if (f != NULL)
		fclose(f);
	return age == NULL ? doctor_copy("ok", 2) : age;
}

static bool
shell_is_none(const char *shell)
{
	const char *name = strrchr(shell, '/');

	name = name == NULL ? shell : name + 1;
	return strcmp(name, "nologin") == 0 || strcmp(name, "false") == 0;
}

/* How the account becomes root; NULL if it does not. */
static const char *
root_of(struct doctor *doctor, struct lists *lists, const struct passwd *entry,
    bool is_of_group)
{
	const char *ret;
	bool is_known = false;

	if (entry->pw_uid == 0)
		return ADMIN_IS_ROOT;
	if (lists->has_sudoers && doctor->is_host &&
	    dance_now_ms() < lists->end_ms) {
		ret = doctor_sudo_ask(doctor, entry->pw_name, &is_known);
		if (is_known)
			return ret;
	}
	if (lists->has_sudoers)
		doctor_find(doctor, "way-in-unseen", NULL,
		    "what /etc/sudoers lets accounts be was not found out for "
		    "all of them: those of the groups sudo, wheel and admin "
		    "are taken for administrators");
	return is_of_group ? ADMIN_BY_GROUP : NULL;
}

/* Its line, NULL if it is no administrator's. */
static char *
line_make(
    struct doctor *doctor, struct lists *lists, const struct passwd *entry)
{
	const char *password, *root;
	char *groups, *age, *ret;
	bool is_admin;

	/* Of NIS, or what no tool makes. */
	if (entry->pw_name[strspn(entry->pw_name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-")] != '\0' ||
	    entry->pw_name[0] == '-' || entry->pw_name[0] == '\0')
		return NULL;
	/* root is told of in any case. */
	if (shell_is_none(entry->pw_shell) && entry->pw_uid != 0)
		return NULL;
	groups = groups_of(lists, entry, &is_admin);
	root = root_of(doctor, lists, entry, is_admin);
	if (root == NULL) {
		free(groups);
		return NULL;
	}
	age = shadow_of(lists, entry, &password);
	ret = doctor_format("%s:%u:%u:%s:%s:%s:%s:%s:%s\n", entry->pw_name,
	    (unsigned)entry->pw_uid, (unsigned)entry->pw_gid, entry->pw_dir,
	    entry->pw_shell, password, age, root, groups);
	free(groups);
	free(age);
	return ret;
}

static void
admins_find(struct doctor *doctor, struct lists *lists)
{
	char *text = doctor_copy("", 0), *line, *longer;
	FILE *f = list_open(lists->passwd);
	const struct passwd *entry;
	size_t n = 0;

	while (f != NULL && n < ADMINS_MAX && (entry = fgetpwent(f)) != NULL) {
		if ((line = line_make(doctor, lists, entry)) == NULL)
			continue;
		longer = doctor_join(text, line);
		free(text);
		free(line);
		text = longer;
		n++;
	}
	if (f != NULL)
		fclose(f);
	if (n == ADMINS_MAX)
		doctor_find(doctor, "way-in-unseen", NULL,
		    "of the administrators only the first %d were looked at",
		    ADMINS_MAX);
	doctor_text_put(doctor, WAYS_ADMINS, text);
	free(text);
}

static char *
list_read(struct doctor *doctor, const char *path)
{
	struct dance_fault fault = { "" };
	char *text = doctor_read(doctor, path, &fault);

	if (text == NULL)
		doctor_find(doctor, "way-in-unseen", NULL, "%s", fault.text);
	return text;
}

void
doctor_collect_ways(struct doctor *doctor, const char *arg)
{
	struct lists lists = { .end_ms = dance_now_ms() + ASK_MS };

	(void)arg;
	lists.passwd = list_read(doctor, "/etc/passwd");
	lists.group = list_read(doctor, "/etc/group");
	lists.shadow = list_read(doctor, "/etc/shadow");
	lists.has_sudoers = doctor_exists(doctor, "/etc/sudoers");
	if (lists.passwd != NULL)
		admins_find(doctor, &lists);
	free(lists.passwd);
	free(lists.group);
	if (lists.shadow != NULL)
		explicit_bzero(lists.shadow, strlen(lists.shadow));
	free(lists.shadow);
}
