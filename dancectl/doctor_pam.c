/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: reading /etc/pam.d as libpam does, as far as our lines and
 * those around them go.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "doctor_pam.h"

#define PAM_DIR	      "/etc/pam.d/"
#define MODULE	      "pam_dance.so"
#define BLANKS	      " \t\r"
#define INCLUDE_DEPTH 16

struct walk {
	struct doctor *doctor;
	bool has_includes;
	pam_visit *visit;
	void *arg;
};

static void file_walk(const struct walk *walk, const char *name, unsigned depth,
    const char *only);

/* The next word, or what stands in brackets; ends it with a NUL. */
static char *
word_next(char **text)
{
	char *word = *text + strspn(*text, BLANKS), *end;

	if (word[0] == '[' && (end = strchr(word, ']')) != NULL)
		end++;
	else
		end = word + strcspn(word, BLANKS);
	*text = end;
	if (*end != '\0') {
		*end = '\0';
		*text = end + 1;
	}
	return word;
}

static bool
type_find(const char *word, enum pam_type *ret)
{
	static const char *const types[] = { [PAM_AUTH] = "auth",
		[PAM_ACCOUNT] = "account",
		[PAM_SESSION] = "session",
		[PAM_PASSWORD] = "password" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(word, types[i]) == 0) {
			*ret = (enum pam_type)i;
			return true;
		}
	return false;
}

static void
line_walk(const struct walk *walk, char *text, struct pam_line *line,
    unsigned depth, const char *only)
{
	char *type = word_next(&text);

	if (strcasecmp(type, "@include") == 0) {
		if (walk->has_includes)
			file_walk(walk, word_next(&text), depth + 1, only);
		return;
	}
	line->is_optional_module = type[0] == '-';
	if (line->is_optional_module)
		type++;
	if (!type_find(type, &line->type) ||
	    (only != NULL && strcasecmp(only, type) != 0))
		return;
	line->control = word_next(&text);
	line->module = word_next(&text);
	line->options = text + strspn(text, BLANKS);
	if (strcasecmp(line->control, "include") != 0 &&
	    strcasecmp(line->control, "substack") != 0)
		walk->visit(line, walk->arg);
	else if (walk->has_includes)
		file_walk(walk, line->module, depth + 1, type);
}

/* Lines that end in a backslash go on; comments end with their line. */
static char *
logical_line(char **next, unsigned *number)
{
	char *line = *next, *end, *back;

	if (line == NULL)
		return NULL;
	for (end = line;; end++) {
		end += strcspn(end, "\n");
		(*number)++;
		back = end - 1;
		if (*end == '\0' || back < line || *back != '\\')
			break;
		*back = *end = ' ';
	}
	*next = *end == '\0' ? NULL : end + 1;
	*end = '\0';
	line[strcspn(line, "#")] = '\0';
	return line;
}

static void
file_walk(
    const struct walk *walk, const char *name, unsigned depth, const char *only)
{
	struct dance_fault fault = { "" };
	struct pam_line line = { .number = 0 };
	char *path, *text, *next, *one;

	path = doctor_join(name[0] == '/' ? "" : PAM_DIR, name);
	text = depth < INCLUDE_DEPTH && doctor_exists(walk->doctor, path)
	    ? doctor_read(walk->doctor, path, &fault)
	    : NULL;
	if (fault.text[0] != '\0')
		doctor_fault(walk->doctor, "pam-fault", fault.text);
	line.file = path;
	next = text;
	while ((one = logical_line(&next, &line.number)) != NULL)
		line_walk(walk, one, &line, depth, only);
	free(text);
	free(path);
}

void
pam_walk(struct doctor *doctor, const char *name, bool has_includes,
    pam_visit *visit, void *arg)
{
	struct walk walk = { doctor, has_includes, visit, arg };

	file_walk(&walk, name, 0, NULL);
}

bool
pam_is_ours(const struct pam_line *line)
{
	const char *slash = strrchr(line->module, '/');

	return strcmp(slash == NULL ? line->module : slash + 1, MODULE) == 0;
}

static enum pam_action
action_parse(const char *word, size_t len)
{
	if (len == 0 || strncmp(word, "bad", len) == 0 ||
	    strncmp(word, "die", len) == 0)
		return PAM_REFUSE;
	if (strncmp(word, "ignore", len) == 0 ||
	    strncmp(word, "reset", len) == 0)
		return PAM_SKIP;
	return PAM_PASS;
}

/* The action behind "code=" in brackets; false if it is not there. */
static bool
bracket_find(const char *control, const char *code, enum pam_action *ret)
{
	const char *word = control + 1;
	size_t len = strlen(code);

	for (;;) {
		word += strspn(word, BLANKS);
		if (*word == '\0' || *word == ']')
			return false;
		if (strncasecmp(word, code, len) == 0 && word[len] == '=') {
			*ret = action_parse(
			    word + len + 1, strcspn(word + len + 1, " \t\r]"));
			return true;
		}
		word += strcspn(word, " \t\r]");
	}
}

enum pam_action
pam_action_of(const char *control, const char *code)
{
	enum pam_action action = PAM_REFUSE;

	if (control[0] == '[') {
		if (!bracket_find(control, code, &action))
			(void)bracket_find(control, "default", &action);
		return action;
	}
	if (strcasecmp(control, "required") == 0 ||
	    strcasecmp(control, "requisite") == 0)
		return strcmp(code, "ignore") == 0 ? PAM_SKIP : PAM_REFUSE;
	return PAM_SKIP;
}
