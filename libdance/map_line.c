/* SPDX-License-Identifier: ISC */
/*
 * The grammar of a line: [!]IDENTITY ACCOUNT[,ACCOUNT...] [OPTIONS].
 */
#include <string.h>

#include "map_line.h"
#include "options.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_account_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("._-@+$", c) != NULL);
}

static const char *
account_cause(const char *name, size_t len)
{
	size_t i;

	if (len == 0)
		return "an account's name is missing";
	if (len >= DANCE_ACCOUNT_MAX)
		return "an account's name is too long";
	if (name[0] == '-')
		return "an account's name begins with \"-\"";
	for (i = 0; i < len; i++)
		if (!is_account_char(name[i]))
			return "a character that no account's name has";
	return NULL;
}

/* "%u" and "*" stand alone, names in a list; the fault's column is set. */
static int
accounts_check(const struct dance_map_line *line, const char *start,
    struct dance_map_line_fault *fault)
{
	const char *name = line->accounts, *end = name + line->accounts_len;
	bool is_self = line->accounts_len == 2 && memcmp(name, "%u", 2) == 0;
	size_t len;

	fault->column = (size_t)(name - start) + 1;
	fault->cause = NULL;
	if (is_self != line->pattern.has_account) {
		fault->cause = "%u must stand in both columns, alone in the "
			       "second";
		return DANCE_ERR_FORMAT;
	}
	if (is_self)
		return 0;
	if (line->accounts_len == 1 && *name == '*') {
		if (line->is_refusal)
			return 0;
		fault->cause = "only a line with \"!\" may name all accounts";
		return DANCE_ERR_FORMAT;
	}
	for (;; name += len + 1) {
		for (len = 0; name + len < end && name[len] != ','; len++)
			;
		if ((fault->cause = account_cause(name, len)) != NULL) {
			fault->column = (size_t)(name - start) + 1;
			return DANCE_ERR_FORMAT;
		}
		if (name + len == end)
			return 0;
	}
}

/* The next word; *text moves behind it and the blanks that follow. */
static size_t
word_read(const char **text, const char *end, const char **ret_word)
{
	const char *word = *text;
	size_t len;

	while (*text < end && !is_blank(**text))
		(*text)++;
	len = (size_t)(*text - word);
	while (*text < end && is_blank(**text))
		(*text)++;
	*ret_word = word;
	return len;
}

static int
options_check(const struct dance_map_line *line, const char *start,
    unsigned sshd_version, struct dance_map_line_fault *fault)
{
	struct dance_options_fault found;

	if (line->options_len == 0)
		return 0;
	fault->column = (size_t)(line->options - start) + 1;
	if (line->is_refusal) {
		fault->cause = "a line with \"!\" takes no options";
		return DANCE_ERR_FORMAT;
	}
	if (dance_options_check(
		line->options, line->options_len, sshd_version, &found) != 0) {
		fault->column += found.column;
		fault->cause = found.cause;
		return DANCE_ERR_FORMAT;
	}
	return 0;
}

/* Why a word is no pattern of identities. */
static const char *
pattern_cause(const char *word, size_t len)
{
	size_t i, n;

	for (i = 0; i < len; i += n + 1) {
		for (n = 0; i + n < len && strchr(".@", word[i + n]) == NULL;
		     n++)
			;
		/* A uid may be anything. */
		if (dance_label_is_user(word + i, n) &&
		    (i + n == len || word[i + n] != '@'))
			return "no identity has a label \"_user\", where the "
			       "CA "
			       "of a domain's users stands: write uid@DOMAIN, "
			       "%u@DOMAIN or *@DOMAIN";
	}
	return "not an identity: names need two labels of letters, digits, "
	       "\"-\" and \"_\"";
}

int
dance_map_line_parse(const char *text, size_t len, unsigned sshd_version,
    struct dance_map_line *ret, struct dance_map_line_fault *ret_fault)
{
	struct dance_map_line line;
	const char *start = text, *end = text + len, *word;
	size_t word_len;

	memset(&line, 0, sizeof(line));
	while (end > text && is_blank(end[-1]))
		end--;
	while (text < end && is_blank(*text))
		text++;
	if (text < end && *text == '!') {
		line.is_refusal = true;
		text++;
	}
	word_len = word_read(&text, end, &word);
	ret_fault->column = (size_t)(word - start) + 1;
	if (dance_pattern_parse(word, word_len, &line.pattern) != 0) {
		ret_fault->cause = pattern_cause(word, word_len);
		return DANCE_ERR_FORMAT;
	}
	line.accounts_len = word_read(&text, end, &line.accounts);
	if (accounts_check(&line, start, ret_fault) != 0)
		return DANCE_ERR_FORMAT;
	line.options = text;
	line.options_len = (size_t)(end - text);
	if (options_check(&line, start, sshd_version, ret_fault) != 0)
		return DANCE_ERR_FORMAT;

	*ret = line;
	return 0;
}

bool
dance_map_line_names(const struct dance_map_line *line, const char *account)
{
	const char *name = line->accounts, *end = name + line->accounts_len;
	size_t len, wanted = strlen(account);

	if (line->accounts_len == 1 && *name == '*')
		return true;
	for (; name < end; name += len + 1) {
		for (len = 0; name + len < end && name[len] != ','; len++)
			;
		if (len == wanted && memcmp(name, account, len) == 0)
			return true;
	}
	return false;
}
