/* SPDX-License-Identifier: ISC */
/*
 * sshd refuses a whole line for one option that it does not know or can't
 * parse, so everything is checked here as sshd would, before a login needs it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"
#include "number.h"
#include "options.h"
#include "options_value.h"
#include "text.h"

enum option_kind {
	OPTION_FLAG,	/* no value */
	OPTION_VALUE,	/* ="value" */
	OPTION_OURS,	/* never shown to sshd; a value is not quoted */
	OPTION_REFUSED, /* sshd's, but not for the map */
};

struct option_rule {
	const char *name;
	enum option_kind kind;
	bool is_single; /* sshd refuses a second one */
	unsigned since; /* sshd version, 0 before 6.9 */
	bool (*is_valid)(const char *value, size_t len);
	const char *cause; /* why refused, or what is wrong */
};

static const struct option_rule rules[] = {
	{ "agent-forwarding", OPTION_FLAG, false, 702, NULL, NULL },
	{ "cert-authority", OPTION_REFUSED, false, 0, NULL,
	    "cert-authority is set by the program where it is needed" },
	{ "command", OPTION_VALUE, true, 0, dance_value_is_any,
	    "command needs a text" },
	{ "environment", OPTION_VALUE, false, 0, dance_value_is_environment,
	    "environment needs NAME=value" },
	{ "expiry-time", OPTION_VALUE, false, 707, dance_value_is_time,
	    "expiry-time needs YYYYMMDD[HHMM[SS]] or the same with Z" },
	{ "from", OPTION_VALUE, true, 0, dance_value_is_from,
	    "from needs addresses, networks (no bits behind the mask) or "
	    "host patterns, with commas" },
	{ "no-agent-forwarding", OPTION_FLAG, false, 0, NULL, NULL },
	{ "no-port-forwarding", OPTION_FLAG, false, 0, NULL, NULL },
	{ "no-pty", OPTION_FLAG, false, 0, NULL, NULL },
	{ "no-touch-required", OPTION_REFUSED, false, 0, NULL,
	    "the touch of a FIDO key is never waived" },
	{ "no-user-rc", OPTION_FLAG, false, 0, NULL, NULL },
	{ "no-x11-forwarding", OPTION_FLAG, false, 0, NULL, NULL },
	{ "permitlisten", OPTION_VALUE, false, 708, dance_value_is_listen,
	    "permitlisten needs [HOST:]PORT, an IPv6 address in brackets" },
	{ "permitopen", OPTION_VALUE, false, 0, dance_value_is_open,
	    "permitopen needs HOST:PORT, an IPv6 address in brackets" },
	{ "port-forwarding", OPTION_FLAG, false, 702, NULL, NULL },
	{ "principals", OPTION_REFUSED, false, 0, NULL,
	    "principals is set by the program where it is needed" },
	{ "provision", OPTION_OURS, true, 0, NULL, NULL },
	{ "pty", OPTION_FLAG, false, 702, NULL, NULL },
	{ "restrict", OPTION_FLAG, false, 702, NULL, NULL },
	{ "tunnel", OPTION_VALUE, true, 0, dance_value_is_tunnel,
	    "tunnel needs a number or \"any\"" },
	{ "uid", OPTION_OURS, true, 0, dance_value_is_uid,
	    "uid needs a number" },
	{ "user-rc", OPTION_FLAG, false, 702, NULL, NULL },
	{ "verify-required", OPTION_FLAG, false, 804, NULL, NULL },
	{ "x11-forwarding", OPTION_FLAG, false, 702, NULL, NULL },
};

#define N_RULES (sizeof(rules) / sizeof(rules[0]))

/* One option; value is what stands between its quotes, with \" as it is. */
struct option {
	const char *start;
	const struct option_rule *rule;
	const char *value; /* NULL without "=" */
	size_t value_len;
};

static const struct option_rule *
rule_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < N_RULES; i++)
		if (strlen(rules[i].name) == len &&
		    strncasecmp(rules[i].name, name, len) == 0)
			return &rules[i];
	return NULL;
}

/* The end of a quoted value that starts behind the quote; NULL if open. */
static const char *
quote_end(const char *text, const char *end)
{
	for (; text < end; text++) {
		if (*text == '"')
			return text;
		if (*text == '\\' && text + 1 < end && text[1] == '"')
			text++;
	}
	return NULL;
}

static int
option_read_value(const char **text, const char *end, struct option *option,
    const char **ret_cause)
{
	const char *last;

	if (option->rule->kind == OPTION_OURS) {
		option->value = *text;
		while (*text < end && **text != ',')
			(*text)++;
		option->value_len = (size_t)(*text - option->value);
		return 0;
	}
	if (*text == end || **text != '"') {
		*ret_cause = "the value must stand in double quotes";
		return DANCE_ERR_FORMAT;
	}
	if ((last = quote_end(*text + 1, end)) == NULL) {
		*ret_cause = "the closing quote is missing";
		return DANCE_ERR_FORMAT;
	}
	option->value = *text + 1;
	option->value_len = (size_t)(last - option->value);
	*text = last + 1;
	return 0;
}

/* Read the option at *text and step over it and the comma behind it. */
static int
option_read(const char **text, const char *end, struct option *ret,
    const char **ret_cause)
{
	struct option option = { .start = *text };
	size_t len = 0;

	while (*text + len < end && strchr("=,", (*text)[len]) == NULL)
		len++;
	if ((option.rule = rule_find(*text, len)) == NULL) {
		*ret_cause =
		    len == 0 ? "an option is missing" : "unknown option";
		return DANCE_ERR_FORMAT;
	}
	*text += len;
	if (*text < end && **text == '=') {
		(*text)++;
		if (option_read_value(text, end, &option, ret_cause) != 0)
			return DANCE_ERR_FORMAT;
	}
	if (*text < end) {
		if (**text != ',' || *text + 1 == end) {
			*ret_cause = "a comma and one more option must follow";
			return DANCE_ERR_FORMAT;
		}
		(*text)++;
	}

	*ret = option;
	return 0;
}

static const char *
option_cause(const struct option *option, unsigned sshd_version)
{
	const struct option_rule *rule = option->rule;

	if (rule->kind == OPTION_REFUSED)
		return rule->cause;
	if (rule->is_valid == NULL)
		return option->value == NULL ? NULL
					     : "this option takes no value";
	if (option->value == NULL ||
	    !rule->is_valid(option->value, option->value_len))
		return rule->cause;
	if (sshd_version != 0 && sshd_version < 901 &&
	    rule->is_valid == dance_value_is_time &&
	    option->value[option->value_len - 1] == 'Z')
		return "Z in expiry-time needs OpenSSH 9.1";
	return NULL;
}

int
dance_options_check(const char *text, size_t len, unsigned sshd_version,
    struct dance_options_fault *ret_fault)
{
	const char *next = text, *end = text + len, *cause = NULL;
	bool seen[N_RULES] = { false };
	struct option option = { .start = text };
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~') {
			*ret_fault = (struct dance_options_fault){ i,
				"a character that is not printable ASCII" };
			return DANCE_ERR_FORMAT;
		}
	do {
		option.start = next;
		if (option_read(&next, end, &option, &cause) != 0)
			break;
		i = (size_t)(option.rule - rules);
		if (seen[i] && option.rule->is_single)
			cause = "this option may stand once only";
		else if (sshd_version != 0 && sshd_version < option.rule->since)
			cause = "the host's sshd is too old for this option";
		else
			cause = option_cause(&option, sshd_version);
		seen[i] = true;
	} while (cause == NULL && next < end);
	if (cause != NULL) {
		ret_fault->column = (size_t)(option.start - text);
		ret_fault->cause = cause;
		return DANCE_ERR_FORMAT;
	}
	return 0;
}

int
dance_options_emit(const char *text, size_t len, char **ret)
{
	const char *end = text + len, *cause;
	struct option option;
	char *line = NULL;
	size_t size = 0;
	FILE *out;
	int r = 0;

	if ((out = open_memstream(&line, &size)) == NULL)
		return DANCE_ERR_INTERNAL;
	while (r == 0 && text < end) {
		r = option_read(&text, end, &option, &cause);
		if (r != 0 || option.rule->kind == OPTION_OURS)
			continue;
		fprintf(out, ",%s", option.rule->name);
		if (option.value != NULL)
			fprintf(out, "=\"%.*s\"", (int)option.value_len,
			    option.value);
	}
	if (!dance_text_close(out, &line))
		return r != 0 ? r : DANCE_ERR_INTERNAL;
	if (r != 0) {
		free(line);
		return r;
	}

	*ret = line;
	return 0;
}

bool
dance_options_get(const char *text, size_t len, const char *name,
    const char **ret, size_t *ret_len)
{
	const char *end = text + len, *cause;
	struct option option;

	while (text < end && option_read(&text, end, &option, &cause) == 0)
		if (strcmp(option.rule->name, name) == 0) {
			*ret = option.value;
			*ret_len = option.value_len;
			return true;
		}
	return false;
}

bool
dance_options_have(const char *text, size_t len, const char *name)
{
	const char *value;
	size_t value_len;

	return dance_options_get(text, len, name, &value, &value_len);
}

bool
dance_options_allow(
    const char *text, size_t len, enum dance_use use, time_t now)
{
	const char *end = text + len, *cause;
	struct option option;
	time_t expiry;

	while (use != DANCE_USE_SSHD && text < end) {
		if (option_read(&text, end, &option, &cause) != 0)
			return false;
		if (option.rule->is_valid == dance_value_is_time &&
		    (dance_value_time(
			 option.value, option.value_len, &expiry) != 0 ||
			now >= expiry))
			return false;
		if (use != DANCE_USE_PROVEN &&
		    (strcmp(option.rule->name, "from") == 0 ||
			strcmp(option.rule->name, "command") == 0))
			return false;
	}
	return true;
}

bool
dance_options_uid(const char *text, size_t len, unsigned long *ret)
{
	const char *value = NULL;
	size_t value_len = 0;
	char number[16] = "";

	if (!dance_options_get(text, len, "uid", &value, &value_len) ||
	    value == NULL || value_len >= sizeof(number))
		return false;
	memcpy(number, value, value_len);
	return dance_strtou(number, 1, UINT32_MAX - 2, ret) == 0;
}
