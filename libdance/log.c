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

/* What others chose, however long, leaves room for what comes behind it. */
static void
field_foreign(char *line, size_t size, const char *key, const char *value)
{
	size_t len = strlen(line);

	if (size - len > FOREIGN_MAX)
		size = len + FOREIGN_MAX;
	dance_log_field(line, size, key, value);
}

int
dance_log_priority(
    const struct dance_result *result, enum dance_log_level level)
{
	enum dance_log_level wanted = DANCE_LOG_NOTICE;
	int priority = LOG_NOTICE;

	if (result->verdict == 0) {
		wanted = DANCE_LOG_INFO;
		priority = LOG_INFO;
	} else if (dance_is_fault(result->verdict)) {
		wanted = DANCE_LOG_ERROR;
		priority = LOG_ERR;
	}
	return wanted > level ? -1 : priority;
}

static void
format_who(const struct dance_result *result,
    const struct dance_log_about *about, char *line, size_t size)
{
	const char *account = result->account;

	field_foreign(
	    line, size, "account", account[0] != '\0' ? account : about->login);
	if (account[0] != '\0' && strcmp(account, about->login) != 0)
		field_foreign(line, size, "login", about->login);
	if (about->caller != NULL && strcmp(about->caller, account) != 0)
		field_foreign(line, size, "caller", about->caller);
	if (result->identity[0] != '\0')
		dance_log_field(line, size,
		    result->verdict == 0 ? "identity" : "claim",
		    result->identity);
}

void
dance_log_format(const struct dance_result *result,
    const struct dance_log_about *about, char *line, size_t size)
{
	const char *key = result->fingerprint[0] != '\0' ? result->fingerprint
							 : about->offered;
	char text[32];

	line[0] = '\0';
	dance_log_field(line, size, "verdict", dance_reason(result->verdict));
	format_who(result, about, line, size);
	if (about->method == NULL || key[0] != '\0')
		field_foreign(line, size, "key", key);
	if (about->method != NULL && about->method[0] != '\0')
		dance_log_field(line, size, "method", about->method);
	if (result->has_record) {
		snprintf(text, sizeof(text), "%u %u %u", result->usage,
		    result->selector, result->matching);
		dance_log_field(line, size, "record", text);
	}
	/* Of a refusal it is worth a word if the DNS was not asked. */
	if (result->has_record ||
	    (result->source[0] != '\0' && strcmp(result->source, "dns") != 0))
		dance_log_field(line, size, "source", result->source);
	snprintf(text, sizeof(text), "%ld", about->ms);
	dance_log_field(line, size, "ms", text);
	if (result->fault.text[0] != '\0')
		dance_log_field(line, size, "why", result->fault.text);
}

void
dance_log_result(const struct dance_result *result, const char *login,
    const char *offered, long ms, enum dance_log_level level)
{
	struct dance_log_about about = {
		.login = login, .offered = offered, .ms = ms
	};
	char line[DANCE_LOG_LINE_MAX];
	int priority = dance_log_priority(result, level);

	if (priority == -1)
		return;
	dance_log_format(result, &about, line, sizeof(line));
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
