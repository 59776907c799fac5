/* SPDX-License-Identifier: ISC */
/*
 * chain-command: the command that sshd asked before us is asked by the helper
 * from now on.  Only if it gets the same words, and runs as the same user or
 * finds the same as ours.
 */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "file.h"
#include "setup_chain.h"
#include "text.h"

#define HELPER_USER "_dance"
#define MARK	    "# dancectl setup sshd: asked when the helper says no."
#define KEPT	    "# dancectl setup sshd keeps: "

static int
word_check(struct setup *setup, const struct sshd_line *command,
    const char *word, size_t len)
{
	size_t i;

	if (memchr(word, '"', len) != NULL || memchr(word, '\'', len) != NULL ||
	    memchr(word, '\\', len) != NULL || word[0] == ';')
		return setup_refuse(setup,
		    "%s:%u: %s can't become chain-command, which has no quotes:"
		    " change it, or displace it with --chain never",
		    command->file, command->number, command->value);
	for (i = 0; i < len; i++) {
		if (word[i] != '%')
			continue;
		i++;
		if (i == len || strchr("uftk%", word[i]) == NULL)
			return setup_refuse(setup,
			    "%s:%u: %s can't become chain-command, which knows "
			    "%%u %%f %%t %%k, and not %%%.*s: change it, or "
			    "displace it with --chain never",
			    command->file, command->number, command->value,
			    i < len, word + i);
	}
	return CTL_YES;
}

static int
user_check(struct setup *setup, const struct sshd_line *command,
    const struct sshd_line *user)
{
	const char *name = user == NULL ? "" : user->value;
	bool is_known = false;
	int r;

	if (strcmp(name, HELPER_USER) == 0)
		return CTL_YES;
	if (setup->chain == SETUP_CHAIN_ALWAYS) {
		setup_warn(setup,
		    "%s ran as %s and will run as %s: see that it still finds "
		    "its keys",
		    command->value, name, HELPER_USER);
		return CTL_YES;
	}
	r = setup_chain_known(setup, command->value, &is_known);
	if (r != CTL_YES || is_known)
		return r;
	return setup_refuse(setup,
	    "%s:%u: %s runs as %s, and would run as %s as chain-command, which "
	    "may find fewer keys: take --chain always if that does, or "
	    "displace it with --chain never",
	    command->file, command->number, command->value,
	    name[0] == '\0' ? "nobody that is named" : name, HELPER_USER);
}

/* The words as chain-command has them, malloced. */
static int
chain_map(struct setup *setup, const struct sshd_line *command, char **ret)
{
	const char *word = command->value;
	size_t len, n = 0, size = 0;
	char *text = NULL;
	FILE *out;
	int r = CTL_YES;

	if ((out = open_memstream(&text, &size)) == NULL)
		ctl_fail("out of memory");
	for (; *word != '\0' && r == CTL_YES; n++) {
		len = strcspn(word, " \t");
		r = word_check(setup, command, word, len);
		fprintf(out, "%s%.*s", n == 0 ? "" : " ", (int)len, word);
		word += len;
		word += strspn(word, " \t");
	}
	/* sshd adds the name itself where no word follows. */
	if (n == 1)
		fputs(" %u", out);
	if (!dance_text_close(out, &text))
		ctl_fail("out of memory");
	if (r == CTL_YES)
		*ret = text;
	else
		free(text);
	return r;
}

/* Ours refuses what others can write to; so does sshd. */
static int
program_check(struct setup *setup, const struct sshd_line *command)
{
	size_t len = strcspn(command->value, " \t");
	struct dance_fault fault = { "" };
	char *path;
	int r;

	if (!setup_is_host(setup))
		return CTL_YES;
	if ((path = strndup(command->value, len)) == NULL)
		ctl_fail("out of memory");
	r = dance_file_check_program(path, &fault);
	free(path);
	return r == 0 ? CTL_YES
		      : setup_refuse(setup,
			    "%s:%u: it can't become chain-command: %s; displace"
			    " it with --chain never",
			    command->file, command->number, fault.text);
}

/* "chain-command = ...": where its value begins, or NULL. */
static const char *
line_value(const char *line)
{
	static const char key[] = "chain-command";

	line += strspn(line, " \t");
	if (strncmp(line, key, sizeof(key) - 1) != 0)
		return NULL;
	line += sizeof(key) - 1;
	line += strspn(line, " \t");
	return *line == '=' || *line == ':' ? line + 1 : NULL;
}

static char *
chain_edit(const char *text, void *arg)
{
	const char *command = arg, *line, *end;
	size_t size = 0;
	char *ret = NULL;
	FILE *out;

	if ((out = open_memstream(&ret, &size)) == NULL)
		ctl_fail("out of memory");
	for (line = text; *line != '\0'; line = end) {
		end = strchr(line, '\n');
		end = end == NULL ? line + strlen(line) : end + 1;
		/* What stands there says none, or there would be no edit. */
		if (line_value(line) != NULL)
			fputs(KEPT, out);
		fwrite(line, 1, (size_t)(end - line), out);
	}
	if (line > text && line[-1] != '\n')
		fputc('\n', out);
	fprintf(out, "%s\nchain-command = %s\n", MARK, command);
	if (!dance_text_close(out, &ret))
		ctl_fail("out of memory");
	return ret;
}

/* NULL where nothing else is in it: then there was no file. */
static char *
chain_undo(const char *text)
{
	const char *line, *end;
	size_t size = 0, len;
	bool skips = false;
	char *ret = NULL;
	FILE *out;

	if ((out = open_memstream(&ret, &size)) == NULL)
		ctl_fail("out of memory");
	for (line = text; *line != '\0'; line = end) {
		end = strchr(line, '\n');
		end = end == NULL ? line + strlen(line) : end + 1;
		len = (size_t)(end - line);
		if (skips && line_value(line) != NULL) {
			skips = false;
			continue;
		}
		skips = strncmp(line, MARK, sizeof(MARK) - 1) == 0;
		if (skips)
			continue;
		if (strncmp(line, KEPT, sizeof(KEPT) - 1) == 0) {
			line += sizeof(KEPT) - 1;
			len -= sizeof(KEPT) - 1;
		}
		fwrite(line, 1, len, out);
	}
	if (!dance_text_close(out, &ret))
		ctl_fail("out of memory");
	if (ret[0] != '\0')
		return ret;
	free(ret);
	return NULL;
}

/* The words of what the configuration says, one blank between them. */
static char *
chain_join(char *const *words)
{
	char *text = NULL;
	size_t size = 0, i;
	FILE *out;

	if ((out = open_memstream(&text, &size)) == NULL)
		ctl_fail("out of memory");
	for (i = 0; words[i] != NULL; i++)
		fprintf(out, "%s%s", i == 0 ? "" : " ", words[i]);
	if (!dance_text_close(out, &text))
		ctl_fail("out of memory");
	return text;
}

static int
chain_of(struct setup *setup, const char *text, char **ret)
{
	struct dance_fault fault = { "" };
	struct dance_config *config = NULL;

	if (dance_config_parse(text, strlen(text), DANCE_CONFIG_FILE,
		setup->ctl->root, &config, &fault) != 0)
		return setup_fail(setup, "%s", fault.text);
	*ret = chain_join(config->chain);
	dance_config_free(&config);
	return CTL_YES;
}

/* The helper has to read the very words. */
static int
chain_prove(struct setup *setup, const char *text, const char *command)
{
	char *seen;
	int r;

	if ((r = chain_of(setup, text, &seen)) != CTL_YES)
		return r;
	if (strcmp(seen, command) != 0)
		r = setup_refuse(setup,
		    "%s can't become chain-command, which would be read as %s",
		    command, seen);
	free(seen);
	return r;
}

static int
chain_set(struct setup *setup, char *old, const char *command)
{
	union {
		const char *text;
		void *arg;
	} given = { .text = command };
	char *new = chain_edit(old == NULL ? "" : old, given.arg);
	struct setup_change *change;
	int r;

	if ((r = chain_prove(setup, new, command)) != CTL_YES) {
		free(old);
		free(new);
		return r;
	}
	if ((change = setup_change(setup, DANCE_CONFIG_FILE, old, new)) != NULL)
		change->keeps_old = change->old != NULL;
	return CTL_YES;
}

int
setup_chain_plan(struct setup *setup, const struct sshd_line *command,
    const struct sshd_line *user)
{
	char *old = NULL, *seen = NULL, *wanted = NULL;
	int r;

	if ((r = chain_map(setup, command, &wanted)) != CTL_YES ||
	    (r = setup_read(setup, DANCE_CONFIG_FILE, &old)) != CTL_YES ||
	    (r = chain_of(setup, old == NULL ? "" : old, &seen)) != CTL_YES)
		goto out;
	if (strcmp(seen, wanted) == 0)
		goto out; /* as somebody has decided before */
	if (seen[0] != '\0') {
		r = setup_refuse(setup,
		    "%s has chain-command = %s, and sshd asks %s: one of them "
		    "must go, or take --chain never",
		    DANCE_CONFIG_FILE, seen, wanted);
		goto out;
	}
	if ((r = user_check(setup, command, user)) != CTL_YES ||
	    (r = program_check(setup, command)) != CTL_YES)
		goto out;
	r = chain_set(setup, old, wanted);
	old = NULL;
out:
	free(old);
	free(seen);
	free(wanted);
	return r;
}

int
setup_chain_unplan(struct setup *setup, bool is_late)
{
	char *old = NULL, *seen = NULL;
	size_t before = setup->n_changes;
	int r;

	if ((r = setup_read(setup, DANCE_CONFIG_FILE, &old)) != CTL_YES)
		return r;
	if (old == NULL || strstr(old, MARK "\n") == NULL) {
		setup_clear(setup, DANCE_CONFIG_FILE, old);
		free(old);
		return CTL_YES;
	}
	if ((r = chain_of(setup, old, &seen)) != CTL_YES) {
		free(old);
		return r;
	}
	r = setup_change_back(
	    setup, DANCE_CONFIG_FILE, old, chain_edit, chain_undo, seen);
	if (setup->n_changes > before)
		setup->changes[before].is_late = is_late;
	free(seen);
	return r;
}
