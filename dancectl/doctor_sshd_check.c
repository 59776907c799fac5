/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: does sshd ask the helper, and in the right way?
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "doctor.h"
#include "number.h"
#include "sshd_version.h"

#define HELPER	     DANCE_LIBEXECDIR "/dance-authorized-keys"
#define ARGUMENTS    "%u %f %t %k"
#define USER	     "_dance"
#define COMMAND	     "authorizedkeyscommand"
#define COMMAND_USER "authorizedkeyscommanduser"
#define PRINCIPALS   "authorizedprincipalscommand"
#define BLANKS	     " \t\r\n"

/* sshd of these versions drops a principals command behind a keys command. */
#define DROPS_FIRST 807
#define DROPS_LAST  903

#define NO_DIRECTORY "Missing privilege separation directory"

/* What is in effect, one line; "" if it is not set. */
static char *
value_of(const struct doctor *doctor, const char *keyword)
{
	const char *value = doctor_sshd_value(doctor, keyword);

	return doctor_copy(value, strcspn(value, "\n"));
}

static bool
uses_pam(const struct doctor *doctor)
{
	return doctor_text(doctor, DOCTOR_USES_PAM) != NULL;
}

/* As in check.h; 0 if it is not known. */
static unsigned
version_of(const struct doctor *doctor)
{
	const char *text = doctor_text(doctor, DOCTOR_VERSION);
	unsigned long version;

	return text == NULL || dance_strtou(text, 0, UINT_MAX, &version) != 0
	    ? 0
	    : (unsigned)version;
}

static bool
is_set(const char *value)
{
	return value[0] != '\0' && strcasecmp(value, "none") != 0;
}

/* Is it the helper that the command starts? */
static bool
command_is_ours(const char *command)
{
	size_t len = strcspn(command, BLANKS);

	return len == strlen(HELPER) && strncmp(command, HELPER, len) == 0;
}

static bool
arguments_are_ours(const char *command)
{
	char *copy = doctor_copy(command, strlen(command)), *next = copy;
	char *word, *joined = doctor_copy("", 0), *longer;
	bool is_same;

	(void)strsep(&next, BLANKS);
	while ((word = strsep(&next, BLANKS)) != NULL)
		if (word[0] != '\0') {
			longer =
			    doctor_join(joined, joined[0] == '\0' ? "" : " ");
			free(joined);
			joined = doctor_join(longer, word);
			free(longer);
		}
	is_same = strcmp(joined, ARGUMENTS) == 0;
	free(joined);
	free(copy);
	return is_same;
}

/* The first line of the files with this keyword, for all users. */
static const struct doctor_line *
line_find(const struct doctor *doctor, const char *keyword)
{
	const struct doctor_line *line = doctor->lines;
	size_t i;

	for (i = 0; i < doctor->n_lines; i++)
		if (!line[i].is_match && strcmp(line[i].keyword, keyword) == 0)
			return &line[i];
	return NULL;
}

static bool
files_name_ours(const struct doctor *doctor)
{
	const struct doctor_line *line = doctor->lines;
	size_t i;

	for (i = 0; i < doctor->n_lines; i++)
		if (strcmp(line[i].keyword, COMMAND) == 0 &&
		    command_is_ours(line[i].value))
			return true;
	return false;
}

/* " (FILE:LINE)" of what is in effect. */
static char *
place_of(const struct doctor *doctor, const char *keyword)
{
	const struct doctor_line *line = line_find(doctor, keyword);
	char *place;

	if (line == NULL)
		return doctor_copy("", 0);
	if (asprintf(&place, " (%s:%u)", line->file, line->number) == -1)
		ctl_fail("doctor: out of memory");
	return place;
}

/* The file to edit. */
static const char *
file_of(const struct doctor *doctor, const char *keyword)
{
	const struct doctor_line *line = line_find(doctor, keyword);

	return line == NULL ? "/etc/ssh/sshd_config" : line->file;
}

static void
check_none(struct doctor *doctor)
{
	if (uses_pam(doctor))
		doctor_find(doctor, "sshd-unused", NULL,
		    "sshd has no AuthorizedKeysCommand; PAM alone uses "
		    "identities in DNS");
	else
		doctor_find(doctor, "sshd-command-missing", NULL,
		    "sshd has no AuthorizedKeysCommand");
}

static void
check_command(struct doctor *doctor, const char *command)
{
	char *place = place_of(doctor, COMMAND);
	char *user = value_of(doctor, COMMAND_USER);

	if (!is_set(command))
		check_none(doctor);
	else if (!command_is_ours(command))
		doctor_find_as(doctor,
		    files_name_ours(doctor) || !uses_pam(doctor)
			? DOCTOR_ERROR
			: DOCTOR_WARNING,
		    "sshd-command-other", NULL,
		    "sshd asks another AuthorizedKeysCommand%s: %s", place,
		    command);
	else if (!arguments_are_ours(command))
		doctor_find(doctor, "sshd-command-arguments",
		    file_of(doctor, COMMAND),
		    "the AuthorizedKeysCommand%s does not have the arguments "
		    "%s: %s",
		    place, ARGUMENTS, command);
	else if (strcmp(user, USER) != 0)
		doctor_find(doctor, "sshd-command-user",
		    file_of(doctor, COMMAND_USER),
		    "the AuthorizedKeysCommandUser is %s, not %s",
		    is_set(user) ? user : "not set", USER);
	free(user);
	free(place);
}

/* Other lines about it: of some users, or displaced by ours. */
static void
check_other_lines(struct doctor *doctor)
{
	const struct doctor_line *line, *first = line_find(doctor, COMMAND);
	size_t i;

	for (i = 0; i < doctor->n_lines; i++) {
		line = &doctor->lines[i];
		if (strcmp(line->keyword, COMMAND) != 0 ||
		    command_is_ours(line->value))
			continue;
		if (line->is_match)
			doctor_find(doctor, "sshd-command-match", line->file,
			    "%s:%u: some users have another "
			    "AuthorizedKeysCommand: %s",
			    line->file, line->number, line->value);
		else if (line != first && is_set(line->value) &&
		    (doctor->config == NULL ||
			doctor->config->chain[0] == NULL))
			doctor_find(doctor, "sshd-command-displaced", NULL,
			    "%s:%u is not in effect, since the first "
			    "AuthorizedKeysCommand counts: %s",
			    line->file, line->number, line->value);
	}
}

/* sshd -T does not show it then, though the files have it. */
static void
check_principals(struct doctor *doctor)
{
	const struct doctor_line *keys = line_find(doctor, COMMAND);
	const struct doctor_line *principals = line_find(doctor, PRINCIPALS);
	unsigned version = version_of(doctor);

	if (keys == NULL || principals == NULL || keys > principals ||
	    !is_set(principals->value) || version < DROPS_FIRST ||
	    version > DROPS_LAST ||
	    is_set(doctor_sshd_value(doctor, PRINCIPALS)))
		return;
	doctor_find(doctor, "sshd-principals-dropped", principals->file,
	    "%s:%u: sshd %u.%u ignores this AuthorizedPrincipalsCommand, since "
	    "it stands behind the AuthorizedKeysCommand (%s:%u)",
	    principals->file, principals->number, version / 100, version % 100,
	    keys->file, keys->number);
}

static void
check_pam(struct doctor *doctor)
{
	char *value = value_of(doctor, "usepam");

	if ((uses_pam(doctor) ||
		doctor_text(doctor, DOCTOR_PROVISIONS) != NULL) &&
	    strcasecmp(value, "yes") != 0)
		doctor_find(doctor, "sshd-usepam", NULL,
		    "UsePAM is %s for sshd, though %s",
		    is_set(value) ? value : "not set",
		    uses_pam(doctor) ? "a line of /etc/pam.d names pam_dance.so"
				     : "the map provisions accounts");
	free(value);
}

/* The file that sshd complains of: "PATH: line 1: ...", "PATH line 1: ..." */
static char *
file_in(const char *text)
{
	const char *path = strchr(text, '/');
	const char *end = path == NULL ? NULL : strstr(path, " line ");

	if (end == NULL || end == path)
		return doctor_format("/etc/ssh/sshd_config");
	if (end[-1] == ':')
		end--;
	return doctor_copy(path, (size_t)(end - path));
}

static void
check_refusal(struct doctor *doctor, const char *text, const char *status)
{
	char *file = file_in(text);

	if (strcmp(status, "-1") == 0)
		doctor_find(doctor, "sshd-config", file,
		    "sshd -T: no end of the answer within 5 seconds");
	else
		doctor_find(doctor, "sshd-config", file, "sshd -T: %.*s",
		    (int)strcspn(text, "\r\n"), text);
	free(file);
}

/* False if there is nothing to go by. */
static bool
check_answer(struct doctor *doctor)
{
	const char *text = doctor_text(doctor, DOCTOR_SSHD);
	const char *status = doctor_text(doctor, DOCTOR_STATUS);

	if (doctor->is_host && doctor->is_super && text == NULL) {
		doctor_find(doctor, "sshd-absent", NULL,
		    SSHD " can't be started, or is not root's");
		return doctor->n_lines > 0;
	}
	if (text == NULL || strcmp(status, "0") == 0)
		return text != NULL || doctor->n_lines > 0;
	if (strncmp(text, NO_DIRECTORY, strlen(NO_DIRECTORY)) == 0)
		doctor_find(doctor, "sshd-not-started", NULL, "sshd -T: %.*s",
		    (int)strcspn(text, "\r\n"), text);
	else
		check_refusal(doctor, text, status);
	return true;
}

void
doctor_check_sshd(struct doctor *doctor, const char *arg)
{
	char *command;

	(void)arg;
	if (!check_answer(doctor))
		return;
	command = value_of(doctor, COMMAND);
	check_command(doctor, command);
	free(command);
	check_other_lines(doctor);
	check_principals(doctor);
	check_pam(doctor);
}

static bool
line_is_rule(const struct doctor_line *line)
{
	if (strcmp(line->keyword, "match") == 0)
		return strcasestr(line->value, "user ") != NULL;
	return strcmp(line->keyword, "denyusers") == 0 ||
	    strcmp(line->keyword, "allowusers") == 0;
}

void
doctor_check_rules(struct doctor *doctor, const char *arg)
{
	const struct doctor_line *line = doctor->lines;
	size_t i;

	(void)arg;
	if (doctor->config == NULL || !doctor->config->has_login_names)
		return;
	for (i = 0; i < doctor->n_lines; i++)
		if (line_is_rule(&line[i]))
			doctor_find(doctor, "sshd-rule-by-name", line[i].file,
			    "%s:%u: %s %s", line[i].file, line[i].number,
			    line[i].keyword, line[i].value);
}
