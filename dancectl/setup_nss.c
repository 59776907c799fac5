/* SPDX-License-Identifier: ISC */
/*
 * dancectl setup nss: "dance" as the last service of passwd and group, and of
 * initgroups where there is such a line.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "file.h"
#include "index.h"
#include "index_make.h"
#include "setup.h"

#define SWITCH	"/etc/nsswitch.conf"
#define SERVICE "dance"
#define GETENT	"/usr/bin/getent"
#define NSCD	"/run/nscd/socket"

/* The databases; the first two must be there. */
static const char *const databases[] = { "passwd", "group", "initgroups" };

#define N_DATABASES (sizeof(databases) / sizeof(databases[0]))
#define N_NEEDED    2

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

	for (i = 0; i < N_DATABASES; i++) {
		len = strlen(databases[i]);
		if (strncmp(name, databases[i], len) != 0)
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

static char *
switch_edit(const char *text, void *arg)
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
		if (words.start == NULL || word_find(&words, SERVICE) != NULL) {
			put(out, line, end);
			continue;
		}
		put(out, line, words.end);
		fputs(" " SERVICE, out);
		put(out, words.end, end);
	}
	if (fclose(out) != 0)
		ctl_fail("out of memory");
	return ret;
}

/* The blanks in front of the word go with it, and what is to follow on it. */
static void
line_undo(FILE *out, const char *line, const char *end)
{
	struct words words = words_find(line);
	const char *at, *from, *next;

	if (words.start == NULL || (at = word_find(&words, SERVICE)) == NULL) {
		put(out, line, end);
		return;
	}
	from = at;
	while (from > words.start && strchr(" \t", from[-1]) != NULL)
		from--;
	put(out, line, from);
	at += strlen(SERVICE);
	next = at + strspn(at, " \t");
	if (*next == '[' && strcspn(next, "]") < (size_t)(end - next))
		at = next + strcspn(next, "]") + 1;
	put(out, at, end);
}

static char *
switch_undo(const char *text)
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
	if (fclose(out) != 0)
		ctl_fail("out of memory");
	return ret;
}

/* True if one of the lines has it. */
static bool
switch_has(const char *text)
{
	struct words words;

	for (; *text != '\0'; text = line_end(text)) {
		words = words_find(text);
		if (words.start != NULL && word_find(&words, SERVICE) != NULL)
			return true;
	}
	return false;
}

static int
switch_check(struct setup *setup, const char *text)
{
	unsigned seen[N_DATABASES] = { 0 }, number = 0;
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
			    SWITCH, number, databases[words.database]);
		at = word_find(&words, SERVICE);
		if (at != NULL && at + strlen(SERVICE) < words.end)
			setup_warn(setup,
			    "%s:%u: %s is not the last service: local accounts "
			    "should come first",
			    SWITCH, number, SERVICE);
		if (at == NULL && words_end_early(&words))
			return setup_refuse(setup,
			    "%s:%u: ends before its last service is asked "
			    "(=return): put %s into the line yourself",
			    SWITCH, number, SERVICE);
	}
	for (i = 0; i < N_NEEDED; i++)
		if (seen[i] == 0)
			return setup_refuse(setup,
			    "%s has no line of %s: add \"%s: files\"", SWITCH,
			    databases[i], databases[i]);
	return CTL_YES;
}

/* In one of the folders that the dynamic linker looks at. */
static int
module_check(struct setup *setup)
{
	static const char *const places[] = { "/usr/lib/*/libnss_dance.so.2",
		"/usr/lib/libnss_dance.so.2", "/usr/lib64/libnss_dance.so.2",
		"/lib/*/libnss_dance.so.2", "/usr/local/lib/libnss_dance.so.2",
		"/usr/local/lib/*/libnss_dance.so.2" };
	glob_t found;
	char *pattern;
	bool is_there = false;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]) && !is_there; i++) {
		if (asprintf(&pattern, "%s%s", setup->ctl->root, places[i]) ==
		    -1)
			ctl_fail("out of memory");
		if (glob(pattern, 0, NULL, &found) == 0) {
			is_there = found.gl_pathc > 0;
			globfree(&found);
		}
		free(pattern);
	}
	return is_there
	    ? CTL_YES
	    : setup_refuse(setup, "libnss_dance.so.2 is not installed");
}

/* authselect and others keep the file elsewhere, and write it anew. */
static int
link_check(struct setup *setup)
{
	struct stat st;
	char *path;
	int r;

	if (asprintf(&path, "%s%s", setup->ctl->root, SWITCH) == -1)
		ctl_fail("out of memory");
	r = lstat(path, &st);
	free(path);
	if (r != 0)
		return setup_refuse(setup, "%s is missing", SWITCH);
	return S_ISREG(st.st_mode)
	    ? CTL_YES
	    : setup_refuse(setup,
		  "%s is a link: add %s, with the tool that made it "
		  "(authselect), to the lines passwd and group",
		  SWITCH, SERVICE);
}

static int
nss_plan_setup(struct setup *setup, char *text)
{
	struct sshd_conf conf;
	struct setup_change *change;
	bool has_it, has_index;
	char *copy;
	int r;

	if ((r = module_check(setup)) != CTL_YES ||
	    (r = switch_check(setup, text)) != CTL_YES) {
		free(text);
		return r;
	}
	if ((r = sshd_conf_read(setup, &conf)) == CTL_YES)
		r = setup_show_names(setup, &conf);
	sshd_conf_free(&conf);
	if (r != CTL_YES) {
		free(text);
		return r;
	}
	copy = switch_edit(text, NULL);
	has_it = switch_has(text);
	change = setup_change(setup, SWITCH, text, copy);
	/* A backup that is there already is of before. */
	if (change != NULL)
		change->keeps_old = !has_it;
	if (dance_file_exists(setup->ctl->root, DANCE_INDEX_FILE, &has_index) !=
	    0)
		ctl_fail("out of memory");
	if (change == NULL && has_index)
		return CTL_YES;
	json_array_append_new(setup->commands, json_string("dancectl compile"));
	return CTL_YES;
}

static int
nss_plan(struct setup *setup)
{
	char *text = NULL;
	int r;

	if ((r = link_check(setup)) != CTL_YES ||
	    (r = setup_read(setup, SWITCH, &text)) != CTL_YES)
		return r;
	if (!switch_has(text))
		setup_clear(setup, SWITCH, text);
	if (!setup->is_remove)
		return nss_plan_setup(setup, text);
	if (!switch_has(text)) {
		free(text);
		return CTL_YES;
	}
	return setup_change_back(
	    setup, SWITCH, text, switch_edit, switch_undo, NULL);
}

/* In a new process, which reads the new file. */
static int
nss_verify(struct setup *setup)
{
	static const char *const argv[] = { GETENT, "passwd", "root", NULL };
	static const struct program program = { argv, NULL, NULL,
		SETUP_ANSWER_MAX, 10000 };
	struct program_answer answer;
	int r;

	if (!setup_is_host(setup))
		return CTL_YES;
	if ((r = setup_run(setup, &program, &answer)) != CTL_YES)
		return r;
	if (answer.status != 0)
		r = setup_fail(setup,
		    "getent passwd root finds nobody any more: status %d",
		    answer.status);
	program_answer_free(&answer);
	return r;
}

static int
nss_enable(struct setup *setup)
{
	struct dance_fault fault = { "" };
	struct dance_config *config = NULL;
	struct dance_index_made made;
	int r;

	if (setup_is_host(setup) && access(NSCD, F_OK) == 0)
		setup_note(setup,
		    "nscd runs: nscd -i passwd; nscd -i group, after each "
		    "change of the map too");
	if (setup->is_remove)
		return CTL_YES;
	r = dance_config_load(setup->ctl->root, &config, &fault);
	if (r == 0)
		r = dance_index_make(config, &made, &fault);
	dance_config_free(&config);
	if (r != 0)
		return setup_fail(setup, "%s",
		    fault.text[0] == '\0' ? "out of memory" : fault.text);
	setup_note(setup,
	    "the index was made: run dancectl compile after each change of the "
	    "map, or have dance-compile.path do it");
	return CTL_YES;
}

const struct setup_part setup_part_nss = {
	"nss",
	nss_plan,
	nss_verify,
	nss_enable,
	NULL,
	NULL,
};
