/* SPDX-License-Identifier: ISC */
/*
 * sshd_config and what it includes, line by line in sshd's order.  It says
 * where things stand; what holds is what sshd -T says.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "setup.h"

#define DEPTH_MAX 16 /* sshd's own */
#define LINES_MAX 100000

/* One reading. */
struct reader {
	struct setup *setup;
	struct sshd_conf *conf;
};

static int file_read(
    struct reader *reader, const char *path, char *match, unsigned depth);

static char *
copy(const char *text, size_t len)
{
	char *ret = strndup(text, len);

	if (ret == NULL)
		ctl_fail("out of memory");
	return ret;
}

static int
line_add(struct reader *reader, const struct sshd_line *line)
{
	struct sshd_conf *conf = reader->conf;
	struct sshd_line *larger;

	if (conf->n == LINES_MAX)
		return setup_fail(
		    reader->setup, "%s: too many lines", line->file);
	if ((conf->n & (conf->n - 1)) == 0) {
		larger = reallocarray(conf->lines,
		    conf->n == 0 ? 1 : conf->n * 2, sizeof(*larger));
		if (larger == NULL)
			ctl_fail("out of memory");
		conf->lines = larger;
	}
	conf->lines[conf->n++] = (struct sshd_line){
		.file = copy(line->file, strlen(line->file)),
		.number = line->number,
		.match = line->match == NULL
		    ? NULL
		    : copy(line->match, strlen(line->match)),
		.keyword = copy(line->keyword, strlen(line->keyword)),
		.value = copy(line->value, strlen(line->value)),
	};
	return CTL_YES;
}

/* "/etc/ssh/" stands before a pattern that is not absolute. */
static void
pattern_make(const char *word, size_t len, char *ret, size_t size)
{
	if (len > 1 && word[0] == '"' && word[len - 1] == '"') {
		word++;
		len -= 2;
	}
	snprintf(ret, size, "%s%.*s",
	    len > 0 && word[0] == '/' ? "" : "/etc/ssh/", (int)len, word);
}

static int
pattern_read(
    struct reader *reader, const char *pattern, char *match, unsigned depth)
{
	const char *root = reader->setup->ctl->root;
	bool takes = match == NULL && !reader->conf->takes_drop_in &&
	    fnmatch(pattern, SSHD_DROP_IN, FNM_PATHNAME | FNM_PERIOD) == 0;
	char *full;
	glob_t found;
	size_t i;
	int r = CTL_YES;

	if (asprintf(&full, "%s%s", root, pattern) == -1)
		ctl_fail("out of memory");
	if (glob(full, 0, NULL, &found) != 0)
		found.gl_pathc = 0;
	free(full);
	for (i = 0; i < found.gl_pathc && r == CTL_YES; i++) {
		const char *path = found.gl_pathv[i] + strlen(root);

		if (takes && !reader->conf->takes_drop_in &&
		    strcmp(path, SSHD_DROP_IN) >= 0) {
			reader->conf->takes_drop_in = true;
			reader->conf->place = reader->conf->n;
		}
		r = file_read(reader, path, match, depth + 1);
	}
	if (takes && !reader->conf->takes_drop_in) {
		reader->conf->takes_drop_in = true;
		reader->conf->place = reader->conf->n;
	}
	if (found.gl_pathc > 0)
		globfree(&found);
	return r;
}

static int
include_read(
    struct reader *reader, const char *value, char *match, unsigned depth)
{
	char pattern[1024];
	size_t len;
	int r = CTL_YES;

	for (; *value != '\0' && r == CTL_YES;
	     value += len, value += strspn(value, " \t")) {
		len = strcspn(value, " \t");
		pattern_make(value, len, pattern, sizeof(pattern));
		r = pattern_read(reader, pattern, match, depth);
	}
	return r;
}

/* "keyword value", "keyword=value": its end is cut off. */
static bool
line_split(char *text, char **ret_keyword, char **ret_value)
{
	size_t len = strlen(text);
	char *end;

	while (len > 0 && strchr(" \t\r\f", text[len - 1]) != NULL)
		text[--len] = '\0';
	text += strspn(text, " \t");
	if (*text == '\0' || *text == '#')
		return false;
	*ret_keyword = text;
	for (end = text; *end != '\0' && strchr(" \t=", *end) == NULL; end++)
		*end = (char)tolower((unsigned char)*end);
	if (*end != '\0') {
		*end++ = '\0';
		end += strspn(end, " \t=");
	}
	*ret_value = end;
	return true;
}

/* match: of the file that includes this one; what this one adds is its own. */
static int
text_read(struct reader *reader, const char *path, char *text, char *match,
    unsigned depth)
{
	struct sshd_line line = { .file = copy(path, strlen(path)) };
	char *next, *keyword, *value;
	int r = CTL_YES;

	line.match = match;
	for (; text != NULL && r == CTL_YES; text = next) {
		line.number++;
		if ((next = strchr(text, '\n')) != NULL)
			*next++ = '\0';
		if (!line_split(text, &keyword, &value))
			continue;
		line.keyword = keyword;
		line.value = value;
		if (strcmp(keyword, "match") == 0)
			line.match =
			    strcasecmp(value, "all") == 0 ? match : value;
		if (strcmp(keyword, "include") == 0)
			r = include_read(reader, value, line.match, depth);
		else
			r = line_add(reader, &line);
	}
	free(line.file);
	return r;
}

static int
file_read(struct reader *reader, const char *path, char *match, unsigned depth)
{
	char *text;
	int r;

	if (depth > DEPTH_MAX)
		return setup_fail(
		    reader->setup, "%s: included too deeply", path);
	if ((r = setup_read(reader->setup, path, &text)) != CTL_YES)
		return r;
	if (text != NULL) {
		reader->conf->is_there = true;
		r = text_read(reader, path, text, match, depth);
	}
	free(text);
	return r;
}

int
sshd_conf_read(struct setup *setup, struct sshd_conf *ret)
{
	struct reader reader = { .setup = setup, .conf = ret };

	memset(ret, 0, sizeof(*ret));
	if (strpbrk(setup->ctl->root, "*?[\\") != NULL)
		return setup_fail(setup,
		    "%s: a name of a tree with *, ?, [ or \\ can't be used",
		    setup->ctl->root);
	return file_read(&reader, SSHD_CONFIG, NULL, 0);
}

void
sshd_conf_free(struct sshd_conf *conf)
{
	size_t i;

	for (i = 0; i < conf->n; i++) {
		free(conf->lines[i].file);
		free(conf->lines[i].match);
		free(conf->lines[i].keyword);
		free(conf->lines[i].value);
	}
	free(conf->lines);
	memset(conf, 0, sizeof(*conf));
}

const struct sshd_line *
sshd_conf_find(const struct sshd_conf *conf, const char *keyword)
{
	size_t i;

	for (i = 0; i < conf->n; i++)
		if (conf->lines[i].match == NULL &&
		    strcmp(conf->lines[i].keyword, keyword) == 0 &&
		    strcmp(conf->lines[i].file, SSHD_DROP_IN) != 0)
			return &conf->lines[i];
	return NULL;
}
