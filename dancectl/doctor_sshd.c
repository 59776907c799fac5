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

#include "doctor.h"
#include "program.h"
#include "sshd_version.h"

#define SSH_DIR	     "/etc/ssh"
#define SSHD_CONFIG  SSH_DIR "/sshd_config"
#define SSHD_DROPINS SSH_DIR "/sshd_config.d/*.conf"
#define BLANKS	     " \t\r"

#define ANSWER_MAX    (256UL * 1024)
#define ANSWER_MS     5000
#define INCLUDE_DEPTH 16 /* as sshd */
#define LINES_MAX     10000

static void
collect_file(struct doctor *doctor, const char *path)
{
	struct dance_fault fault = { "" };
	struct doctor_file *file;
	char *text = doctor_read(doctor, path, &fault);

	/* Who can't be read now is tried again without root, and told then. */
	if (text == NULL)
		return;
	doctor->files =
	    doctor_grow(doctor->files, doctor->n_files, sizeof(*file));
	file = &doctor->files[doctor->n_files++];
	file->path = doctor_copy(path, strlen(path));
	file->text = text;
}

static void
collect_effective(struct doctor *doctor)
{
	static const char *const argv[] = { SSHD, "-T", NULL };
	static const struct program program = { argv, NULL, NULL, ANSWER_MAX,
		ANSWER_MS };
	struct dance_fault fault = { "" };
	struct program_answer answer;
	char **text;

	if (program_run(&program, &answer, &fault) != 0)
		return;
	text = answer.status == 0 ? &answer.out : &answer.err;
	doctor->sshd_status = answer.status;
	doctor->sshd_text = *text;
	*text = NULL;
	program_answer_free(&answer);
}

void
doctor_collect_sshd(struct doctor *doctor)
{
	char *pattern = doctor_join(doctor->root, SSHD_DROPINS);
	glob_t found;
	size_t i;

	collect_file(doctor, SSHD_CONFIG);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc; i++)
			collect_file(
			    doctor, found.gl_pathv[i] + strlen(doctor->root));
		globfree(&found);
	}
	free(pattern);
	/* It reads the host's keys. */
	if (doctor->is_host && doctor->is_super)
		collect_effective(doctor);
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
	struct dance_fault fault = { "" };
	char *text;
	size_t i;

	for (i = 0; i < doctor->n_files; i++)
		if (strcmp(doctor->files[i].path, path) == 0)
			return doctor_copy(doctor->files[i].text,
			    strlen(doctor->files[i].text));
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
doctor_sshd_read(struct doctor *doctor)
{
	char path[] = SSHD_CONFIG;

	if (doctor_exists(doctor, SSHD_CONFIG))
		file_read(doctor, path, NULL);
	if (doctor->is_host)
		doctor->sshd_version = sshd_version_ask();
}

/* The rest of the line of sshd -T that begins with the keyword. */
static const char *
effective_find(char *text, const char *keyword)
{
	size_t len = strlen(keyword);
	char *line = text, *end;

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
	size_t i;

	if (doctor->sshd_text != NULL && doctor->sshd_status == 0)
		return effective_find(doctor->sshd_text, keyword);
	for (i = 0; i < doctor->n_lines; i++)
		if (!doctor->lines[i].is_match &&
		    strcmp(doctor->lines[i].keyword, keyword) == 0)
			return doctor->lines[i].value;
	return "";
}
