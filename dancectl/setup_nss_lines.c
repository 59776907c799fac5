/* SPDX-License-Identifier: ISC */
/*
 * "dance" in the lines of passwd, group and initgroups: put in as the last
 * service, and taken out.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "setup_nss.h"
#include "text.h"

/* The first two must be there. */
const char *const nss_databases[NSS_DATABASES] = { "passwd", "group",
	"initgroups" };

#define N_NEEDED 2

/* Words of a line of one of these, up to its comment. */
struct words {
	const char *start; /* NULL: another line */
	const char *end;   /* of the last word */
	size_t database;
};

static struct words
words_find(const char *line)
{
	struct words ret = { NULL, NULL, 0 };
	const char *name = line + strspn(line, " \t"), *end;
	size_t i, len;

	for (i = 0; i < NSS_DATABASES; i++) {
		len = strlen(nss_databases[i]);
		if (strncmp(name, nss_databases[i], len) != 0)
			continue;
		end = name + len + strspn(name + len, " \t");
		if (*end != ':')
			continue;
		ret.start = ret.end = end + 1;
		ret.database = i;
		break;
	}
	if (ret.start == NULL)
		return ret;
	end = ret.start + strcspn(ret.start, "#\n");
	while (end > ret.start && strchr(" \t\r", end[-1]) != NULL)
		end--;
	ret.end = end;
	return ret;
}

/* Where the word stands, or NULL. */
static const char *
word_find(const struct words *words, const char *word)
{
	const char *at = words->start;
	size_t len;

	while (at < words->end) {
		at += strspn(at, " \t");
		len = strcspn(at, " \t\r#\n[");
		if (len == strlen(word) && strncmp(at, word, len) == 0)
			return at;
		at += len == 0 ? 1 : len;
	}
	return NULL;
}

static bool
words_end_early(const struct words *words)
{
	static const char never[] = "notfound=return";
	const char *at;

	for (at = words->start; at + sizeof(never) - 1 <= words->end; at++)
		if (strncasecmp(at, never, sizeof(never) - 1) == 0 ||
		    strncasecmp(at, "!success=return", 15) == 0)
			return true;
	return false;
}

static const char *
line_end(const char *line)
{
	const char *end = strchr(line, '\n');

	return end == NULL ? line + strlen(line) : end + 1;
}

static void
put(FILE *out, const char *from, const char *to)
{
	fwrite(from, 1, (size_t)(to - from), out);
}

char *
nss_switch_edit(const char *text, void *arg)
{
	const char *line, *end;
	struct words words;
	size_t size = 0;
	char *ret = NULL;
	FILE *out;

	(void)arg;
	if ((out = open_memstream(&ret, &size)) == NULL)
		ctl_fail("out of memory");
	for (line = text; *line != '\0'; line = end) {
		end = line_end(line);
		words = words_find(line);
		if (words.start == NULL ||
		    word_find(&words, NSS_SERVICE) != NULL) {
			put(out, line, end);
			continue;
		}
		put(out, line, words.end);
		fputs(" " NSS_SERVICE, out);
		put(out, words.end, end);
	}
	if (!dance_text_close(out, &ret))
		ctl_fail("out of memory");
	return ret;
}

/* The blanks in front of the word go with it, and what is to follow on it. */
static void
line_undo(FILE *out, const char *line, const char *end)
{
	struct words words = words_find(line);
	const char *at, *from, *next;

	if (words.start == NULL ||
	    (at = word_find(&words, NSS_SERVICE)) == NULL) {
		put(out, line, end);
		return;
	}
	from = at;
	while (from > words.start && strchr(" \t", from[-1]) != NULL)
		from--;
	put(out, line, from);
	at += strlen(NSS_SERVICE);
	next = at + strspn(at, " \t");
	if (*next == '[' && strcspn(next, "]") < (size_t)(end - next))
		at = next + strcspn(next, "]") + 1;
	put(out, at, end);
}

char *
nss_switch_undo(const char *text)
{
	const char *line, *end;
	size_t size = 0;
	char *ret = NULL;
	FILE *out;

	if ((out = open_memstream(&ret, &size)) == NULL)
		ctl_fail("out of memory");
	for (line = text; *line != '\0'; line = end) {
		end = line_end(line);
		line_undo(out, line, end);
	}
	if (!dance_text_close(out, &ret))
		ctl_fail("out of memory");
	return ret;
}

bool
nss_switch_has(const char *text)
{
	struct words words;

	for (; *text != '\0'; text = line_end(text)) {
		words = words_find(text);
		if (words.start != NULL &&
		    word_find(&words, NSS_SERVICE) != NULL)
			return true;
	}
	return false;
}

int
nss_switch_check(struct setup *setup, const char *text)
{
	unsigned seen[NSS_DATABASES] = { 0 }, number = 0;
	struct words words;
	const char *at;
	size_t i;

	for (; *text != '\0'; text = line_end(text)) {
		number++;
		words = words_find(text);
		if (words.start == NULL)
			continue;
		if (seen[words.database]++ > 0)
			return setup_refuse(setup,
			    "%s:%u: a second line of %s: one of them must go",
			    NSS_SWITCH, number, nss_databases[words.database]);
		at = word_find(&words, NSS_SERVICE);
		if (at != NULL && at + strlen(NSS_SERVICE) < words.end)
			setup_warn(setup,
			    "%s:%u: %s is not the last service: local accounts "
			    "should come first",
			    NSS_SWITCH, number, NSS_SERVICE);
		if (at == NULL && words_end_early(&words))
			return setup_refuse(setup,
			    "%s:%u: ends before its last service is asked "
			    "(=return): put %s into the line yourself",
			    NSS_SWITCH, number, NSS_SERVICE);
	}
	for (i = 0; i < N_NEEDED; i++)
		if (seen[i] == 0)
			return setup_refuse(setup,
			    "%s has no line of %s: add \"%s: files\"",
			    NSS_SWITCH, nss_databases[i], nss_databases[i]);
	return CTL_YES;
}

struct nss_lines
nss_lines_read(const char *text)
{
	struct nss_lines ret = { { NULL } };
	struct words words;

	for (; *text != '\0'; text = line_end(text)) {
		words = words_find(text);
		if (words.start == NULL || ret.services[words.database] != NULL)
			continue;
		ret.services[words.database] =
		    strndup(words.start, (size_t)(words.end - words.start));
		if (ret.services[words.database] == NULL)
			ctl_fail("out of memory");
	}
	return ret;
}

void
nss_lines_free(struct nss_lines *lines)
{
	size_t i;

	for (i = 0; i < NSS_DATABASES; i++) {
		free(lines->services[i]);
		lines->services[i] = NULL;
	}
}
