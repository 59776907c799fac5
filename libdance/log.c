/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "log.h"

#define FOREIGN_MAX (DANCE_IDENTITY_MAX + 16) /* a key, and any identity */

void
dance_log_open(const char *ident)
{
	openlog(ident, LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
}

static bool
is_plain(const char *value)
{
	for (; *value != '\0'; value++)
		if (*value <= ' ' || *value > '~' ||
		    strchr("\"\\=", *value) != NULL)
			return false;
	return true;
}

/* Append one character, escaped; whole, or not at all: then false. */
static bool
append_escaped(char *line, size_t size, char c)
{
	size_t len = strlen(line);
	char text[5];

	if (c == '"' || c == '\\')
		snprintf(text, sizeof(text), "\\%c", c);
	else if (c >= ' ' && c <= '~')
		snprintf(text, sizeof(text), "%c", c);
	else
		snprintf(text, sizeof(text), "\\x%02x", (unsigned char)c);
	if (len + strlen(text) >= size)
		return false;
	memcpy(line + len, text, strlen(text) + 1);
	return true;
}

void
dance_log_field(char *line, size_t size, const char *key, const char *value)
{
	size_t len = strlen(line);
	bool plain = value[0] != '\0' && is_plain(value);

	/* Room for the closing quote is kept. */
	if (len + strlen(key) + 5 >= size)
		return;
	snprintf(line + len, size - len, "%s%s=%s", len == 0 ? "" : " ", key,
	    plain ? "" : "\"");
	while (*value != '\0' && append_escaped(line, size - 1, *value))
		value++;

	len = strlen(line);
	if (!plain && len + 1 < size) {
		line[len] = '"';
		line[len + 1] = '\0';
	}
}

/* What others chose, however long, leaves room for what comes behind it. */
static void
field_foreign(char *line, size_t size, const char *key, const char *value)
{
	size_t len = strlen(line);

	if (size - len > FOREIGN_MAX)
		size = len + FOREIGN_MAX;
	dance_log_field(line, size, key, value);
}

static int
result_priority(
    const struct dance_result *result, enum dance_log_level *ret_level)
{
	if (result->verdict == 0) {
		*ret_level = DANCE_LOG_INFO;
		return LOG_INFO;
	}
	if (dance_is_fault(result->verdict)) {
		*ret_level = DANCE_LOG_ERROR;
		return LOG_ERR;
	}
	*ret_level = DANCE_LOG_NOTICE;
	return LOG_NOTICE;
}

void
dance_log_result(const struct dance_result *result, const char *login,
    const char *offered, long ms, enum dance_log_level level)
{
	char line[DANCE_LOG_LINE_MAX] = "", text[32];
	enum dance_log_level wanted;
	int priority = result_priority(result, &wanted);

	if (wanted > level)
		return;
	dance_log_field(
	    line, sizeof(line), "verdict", dance_reason(result->verdict));
	field_foreign(line, sizeof(line), "account",
	    result->account[0] != '\0' ? result->account : login);
	if (result->account[0] != '\0' && strcmp(result->account, login) != 0)
		field_foreign(line, sizeof(line), "login", login);
	if (result->identity[0] != '\0')
		dance_log_field(line, sizeof(line),
		    result->verdict == 0 ? "identity" : "claim",
		    result->identity);
	field_foreign(line, sizeof(line), "key",
	    result->fingerprint[0] != '\0' ? result->fingerprint : offered);
	if (result->has_record) {
		snprintf(text, sizeof(text), "%u %u %u", result->usage,
		    result->selector, result->matching);
		dance_log_field(line, sizeof(line), "record", text);
		dance_log_field(line, sizeof(line), "source", result->source);
	}
	snprintf(text, sizeof(text), "%ld", ms);
	dance_log_field(line, sizeof(line), "ms", text);
	if (result->fault.text[0] != '\0')
		dance_log_field(line, sizeof(line), "why", result->fault.text);
	syslog(priority, "%s", line);
}

void
dance_log_fault(const char *what, const struct dance_fault *fault)
{
	char line[DANCE_LOG_LINE_MAX] = "";

	dance_log_field(
	    line, sizeof(line), "verdict", dance_reason(DANCE_ERR_CONFIG));
	dance_log_field(line, sizeof(line), "what", what);
	dance_log_field(line, sizeof(line), "why", fault->text);
	syslog(LOG_ERR, "%s", line);
}
