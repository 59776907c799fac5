/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "helper.h"
#include "log.h"
#include "socket.h"

static int
talk_read(void *data, size_t len, int64_t deadline_ms)
{
	return dance_socket_read(STDIN_FILENO, data, len, deadline_ms) == 0
	    ? 0
	    : DANCE_ERR_INTERNAL;
}

/* The module reads all the time; the timer ends us where it does not. */
static int
talk_write(const void *data, size_t len)
{
	return dance_socket_write(STDIN_FILENO, data, len, DANCE_FOR_EVER) == 0
	    ? 0
	    : DANCE_ERR_INTERNAL;
}

static bool
text_is_ended(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static bool
request_is_sound(const struct dance_pam_request *r)
{
	return r->version == DANCE_PAM_VERSION &&
	    r->info_len <= DANCE_PAM_INFO_MAX &&
	    r->methods[DANCE_PAM_METHODS] == DANCE_PAM_NONE &&
	    text_is_ended(r->service, sizeof(r->service)) &&
	    text_is_ended(r->user, sizeof(r->user)) && r->user[0] != '\0' &&
	    text_is_ended(r->caller, sizeof(r->caller)) &&
	    text_is_ended(r->agent, sizeof(r->agent)) &&
	    text_is_ended(r->identity, sizeof(r->identity));
}

int
helper_read_request(struct helper *helper, int64_t deadline_ms)
{
	struct dance_pam_request *request = &helper->request;
	int r;

	if ((r = talk_read(request, sizeof(*request), deadline_ms)) != 0)
		return r;
	if (!request_is_sound(request) ||
	    (helper->info = calloc(1, request->info_len + 1)) == NULL)
		return DANCE_ERR_INTERNAL;
	return talk_read(helper->info, request->info_len, deadline_ms);
}

/* Printable ASCII, cut to size: what comes of others was filtered before. */
static void
text_set(char *ret, size_t size, const char *text)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i] != '\0'; i++)
		ret[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
	ret[i] = '\0';
}

static void
message_init(struct dance_pam_message *m, enum dance_pam_kind kind)
{
	memset(m, 0, sizeof(*m));
	m->version = DANCE_PAM_VERSION;
	m->kind = kind;
	m->verdict = DANCE_ERR_INTERNAL;
}

int
helper_send_start(const struct helper *helper)
{
	struct dance_pam_message m;

	message_init(&m, DANCE_PAM_START);
	m.timeout_ms = helper->config == NULL ? DANCE_PAM_TIMEOUT_MAX
					      : helper->config->timeout_ms;
	return talk_write(&m, sizeof(m));
}

int
helper_send_notice(enum dance_pam_kind kind, const char *text)
{
	struct dance_pam_message m;

	message_init(&m, kind);
	text_set(m.text, sizeof(m.text), text);
	return talk_write(&m, sizeof(m));
}

static uint32_t
result_flags(const struct helper *helper)
{
	return (helper->is_known ? DANCE_PAM_KNOWS_USER : 0U) |
	    (helper->is_not_ours ? DANCE_PAM_NOT_OURS : 0U) |
	    (helper->is_unanchored ? DANCE_PAM_NO_ANCHOR : 0U);
}

static void
result_format(const struct helper *helper, char *line, size_t size)
{
	const struct dance_pam_request *request = &helper->request;
	struct dance_log_about about = {
		.login = request->user,
		.offered = "",
		.method = helper->method == NULL ? "" : helper->method,
		.caller = request->caller[0] == '\0' ? NULL : request->caller,
		.ms = (long)(dance_now_ms() - helper->start_ms),
	};

	dance_log_format(&helper->result, &about, line, size);
}

/* PAM has a level for files that are broken. */
static int
result_priority(const struct helper *helper)
{
	enum dance_log_level level =
	    helper->config == NULL ? DANCE_LOG_INFO : helper->config->log;
	int priority = dance_log_priority(&helper->result, level);

	return priority != -1 && helper->result.verdict == DANCE_ERR_CONFIG
	    ? LOG_ALERT
	    : priority;
}

int
helper_send_result(const struct helper *helper)
{
	const struct dance_result *result = &helper->result;
	struct dance_pam_message m;
	int priority = result_priority(helper);

	message_init(&m, DANCE_PAM_RESULT);
	m.verdict = result->verdict;
	m.flags = result_flags(helper);
	if (result->verdict == 0)
		text_set(m.identity, sizeof(m.identity), result->identity);
	text_set(m.key, sizeof(m.key), result->fingerprint);
	if (priority != -1 && !helper->is_not_ours) {
		m.priority = (uint32_t)priority;
		result_format(helper, m.text, sizeof(m.text));
	}
	return talk_write(&m, sizeof(m));
}

int
helper_send_debug(const struct helper *helper)
{
	struct dance_pam_message m;

	message_init(&m, DANCE_PAM_LOG);
	m.priority = LOG_DEBUG;
	result_format(helper, m.text, sizeof(m.text));
	return talk_write(&m, sizeof(m));
}

int
helper_ask_pin(struct helper *helper, const char *prompt, char *pin)
{
	struct dance_pam_answer answer;
	int64_t asked_ms = dance_now_ms();
	int r;

	helper_stop_timer();
	if ((r = helper_send_notice(DANCE_PAM_PIN, prompt)) != 0 ||
	    (r = talk_read(&answer, sizeof(answer), DANCE_FOR_EVER)) != 0)
		goto out;
	helper->start_ms += dance_now_ms() - asked_ms;
	helper_set_timer(helper, helper->config->timeout_ms);
	r = DANCE_ERR_BAD_CREDENTIAL;
	if (answer.version == DANCE_PAM_VERSION && answer.has_pin == 1 &&
	    text_is_ended(answer.pin, sizeof(answer.pin)) &&
	    answer.pin[0] != '\0') {
		memcpy(pin, answer.pin, sizeof(answer.pin));
		r = 0;
	}
out:
	explicit_bzero(&answer, sizeof(answer));
	return r;
}
