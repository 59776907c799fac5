/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: what sshd goes by.  "sshd -T" tells what is in effect; the
 * files tell where that comes from, and what else stands there.  For a tree
 * the files are all there is: the first value of a keyword counts.
 */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "doctor_ways.h"
#include "sshd_version.h"

#define SSH_DIR	     "/etc/ssh"
#define SSHD_CONFIG  SSH_DIR "/sshd_config"
#define SSHD_DROPINS SSH_DIR "/sshd_config.d/*.conf"
#define BLANKS	     " \t\r"

#define INCLUDE_DEPTH 16 /* as sshd */
#define LINES_MAX     10000

static void
collect_file(struct doctor *doctor, const char *path)
{
	struct dance_fault fault = { "" };
	char *text = doctor_read(doctor, path, &fault);

	/* Who can't be read now is tried again without root, and told then. */
	if (text != NULL)
		doctor_text_put(doctor, path, text);
	free(text);
}

/* It reads the host's keys, which root alone can. */
static void
collect_answer(struct doctor *doctor)
{
	static const char *const argv[] = { SSHD, "-T", NULL };
	char *text, *status;
	int r;

	doctor_looks_at(doctor, "sshd -T");
	r = doctor_ask(argv, &text);
	if (text == NULL)
		return;
	status = doctor_format("%d", r);
	doctor_text_put(doctor, DOCTOR_SSHD, text);
	doctor_text_put(doctor, DOCTOR_STATUS, status);
	free(status);
	free(text);
}

void
doctor_collect_sshd(struct doctor *doctor, const char *arg)
{
	char *pattern = doctor_join(doctor->root, SSHD_DROPINS);
	glob_t found;
	size_t i;

	(void)arg;
	collect_file(doctor, SSHD_CONFIG);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc; i++)
			collect_file(
			    doctor, found.gl_pathv[i] + strlen(doctor->root));
		globfree(&found);
	}
	free(pattern);
	if (doctor->is_host)
		collect_answer(doctor);
}

/* Where the reading of the files stands. */
struct reader {
	struct doctor *doctor;
	char *file;
	unsigned number;
	unsigned depth;
	bool is_match;
};

static void files_read(
    struct doctor *doctor, const char *patterns, const struct reader *outer);

/* A word of its own, without its quotes, or all of the value. */
static char *
value_copy(const char *text)
{
	size_t len = strlen(text);
	const char *comment;

	if (text[0] == '"' && strchr(text + 1, '"') == text + len - 1)
		return doctor_copy(text + 1, len - 2);
	comment = strstr(text, " #");
	if (comment != NULL)
		len = (size_t)(comment - text);
	while (len > 0 && strchr(BLANKS, text[len - 1]) != NULL)
		len--;
	return doctor_copy(text, len);
}

static void
line_add(const struct reader *at, const char *keyword, const char *value)
{
	struct doctor *doctor = at->doctor;
	struct doctor_line *line;
	char *p;

	if (doctor->n_lines == LINES_MAX)
		return;
	doctor->lines =
	    doctor_grow(doctor->lines, doctor->n_lines, sizeof(*line));
	line = &doctor->lines[doctor->n_lines++];
	line->file = doctor_copy(at->file, strlen(at->file));
	line->number = at->number;
	line->keyword = doctor_copy(keyword, strlen(keyword));
	for (p = line->keyword; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	line->value = value_copy(value);
	line->is_match = at->is_match;
}

static void
line_read(struct reader *at, char *line)
{
	char *keyword = line + strspn(line, BLANKS), *value;
	size_t len = strlen(keyword);

	while (len > 0 && strchr(BLANKS, keyword[len - 1]) != NULL)
		keyword[--len] = '\0';
	if (len == 0 || keyword[0] == '#')
		return;
	value = keyword + strcspn(keyword, BLANKS "=");
	if (*value != '\0') {
		*value++ = '\0';
		value += strspn(value, BLANKS "=");
	}
	if (strcasecmp(keyword, "include") == 0) {
		if (at->depth < INCLUDE_DEPTH)
			files_read(at->doctor, value, at);
		return;
	}
	if (strcasecmp(keyword, "match") == 0)
		at->is_match = strcasecmp(value, "all") != 0;
	line_add(at, keyword, value);
}

static char *
file_text(struct doctor *doctor, const char *path)
{
	const char *known = doctor_text(doctor, path);
	struct dance_fault fault = { "" };
	char *text;

	if (known != NULL)
		return doctor_copy(known, strlen(known));
	if ((text = doctor_read(doctor, path, &fault)) == NULL)
		doctor_fault(doctor, "sshd-file", fault.text);
	return text;
}

static void
file_read(struct doctor *doctor, char *path, const struct reader *outer)
{
	struct reader at = { .doctor = doctor, .file = path };
	char *text = file_text(doctor, path), *next = text, *line;

	if (outer != NULL) {
		at.depth = outer->depth + 1;
		at.is_match = outer->is_match;
	}
	while ((line = strsep(&next, "\n")) != NULL) {
		at.number++;
		line_read(&at, line);
	}
	free(text);
}

/* The files of one Include, in the order in which sshd takes them. */
static void
files_read(
    struct doctor *doctor, const char *patterns, const struct reader *outer)
{
	char *copy = doctor_copy(patterns, strlen(patterns)), *next = copy;
	char *word, *below, *path;
	glob_t found;
	size_t i;

	while ((word = strsep(&next, BLANKS)) != NULL) {
		if (word[0] == '\0')
			continue;
		below = doctor_join(word[0] == '/' ? "" : SSH_DIR "/", word);
		path = doctor_join(doctor->root, below);
		doctor_looks_at(doctor, below);
		if (glob(path, 0, NULL, &found) == 0) {
			for (i = 0; i < found.gl_pathc; i++)
				file_read(doctor,
				    found.gl_pathv[i] + strlen(doctor->root),
				    outer);
			globfree(&found);
		}
		free(path);
		free(below);
	}
	free(copy);
}

void
doctor_read_sshd(struct doctor *doctor, const char *arg)
{
	char path[] = SSHD_CONFIG, *version;

	(void)arg;
	if (doctor_exists(doctor, SSHD_CONFIG))
		file_read(doctor, path, NULL);
	if (!doctor->is_host || doctor_text(doctor, DOCTOR_VERSION) != NULL)
		return;
	doctor_looks_at(doctor, "sshd -V");
	version = doctor_format("%u", sshd_version_ask());
	doctor_text_put(doctor, DOCTOR_VERSION, version);
	free(version);
}

/* The rest of the line of sshd -T that begins with the keyword. */
const char *
doctor_effective(const char *text, const char *keyword)
{
	size_t len = strlen(keyword);
	const char *line = text, *end;

	for (; line != NULL; line = end == NULL ? NULL : end + 1) {
		end = strchr(line, '\n');
		if (strncasecmp(line, keyword, len) == 0 && line[len] == ' ')
			return line + len + 1;
	}
	return "";
}

const char *
doctor_sshd_value(const struct doctor *doctor, const char *keyword)
{
	const char *status = doctor_text(doctor, DOCTOR_STATUS);
	size_t i;

	if (status != NULL && strcmp(status, "0") == 0)
		return doctor_effective(
		    doctor_text(doctor, DOCTOR_SSHD), keyword);
	for (i = 0; i < doctor->n_lines; i++)
		if (!doctor->lines[i].is_match &&
		    strcmp(doctor->lines[i].keyword, keyword) == 0)
			return doctor->lines[i].value;
	return "";
}
