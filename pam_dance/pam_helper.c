/* SPDX-License-Identifier: ISC */
/*
 * What the helper says is read like any foreign bytes, though it is ours: it
 * has looked at things that are not.
 */
#include <errno.h>
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <syslog.h>
#include <unistd.h>

#include "pam_helper.h"
#include "pam_spawn.h"
#include "socket.h"

/* What the helper may take beyond the timeout before it is killed. */
#define MARGIN_MS 1000

/* Lines for the log in one talk; the helper has one for each method. */
#define LOGS_MAX 16

#define SHOWN_MAX (PAM_MAX_MSG_SIZE - 1) /* characters of one message */

/* One talk with one helper. */
struct talk {
	const struct pam_call *call;
	int socket;
	int64_t start_ms;
	int64_t deadline_ms;
	bool has_started; /* START was read */
	bool has_touched; /* TOUCH and PINPAD move the deadline once each */
	bool has_typed;
	bool has_asked; /* PIN */
	unsigned n_logs;
};

static int
talk_fail(const struct talk *talk, const char *what)
{
	pam_syslog(
	    talk->call->pamh, LOG_ERR, "verdict=internal why=\"%s\"", what);
	return PAM_SYSTEM_ERR;
}

static int
talk_write(const struct talk *talk, const void *data, size_t len)
{
	int error =
	    dance_socket_write(talk->socket, data, len, talk->deadline_ms);

	if (error == 0)
		return PAM_SUCCESS;
	return talk_fail(talk,
	    error == EPIPE ? "the helper has ended"
			   : "the helper does not read");
}

static int
talk_read(const struct talk *talk, void *data, size_t len)
{
	int error =
	    dance_socket_read(talk->socket, data, len, talk->deadline_ms);

	if (error == 0)
		return PAM_SUCCESS;
	return talk_fail(talk,
	    error == ETIMEDOUT	 ? "the helper took too long"
		: error == EPIPE ? "the helper has ended without a result"
				 : "the helper can't be listened to");
}

static bool
text_is_sound(const char *text, size_t size)
{
	size_t i, len = strnlen(text, size);

	for (i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return len < size;
}

static bool
message_is_sound(const struct dance_pam_message *m)
{
	return m->version == DANCE_PAM_VERSION &&
	    text_is_sound(m->identity, sizeof(m->identity)) &&
	    text_is_sound(m->key, sizeof(m->key)) &&
	    text_is_sound(m->text, sizeof(m->text)) &&
	    m->timeout_ms <= DANCE_PAM_TIMEOUT_MAX && m->priority <= LOG_DEBUG;
}

/* The user's time does not count. */
static int
talk_prompt(struct talk *talk, const char *prompt)
{
	struct dance_pam_answer answer = { .version = DANCE_PAM_VERSION };
	int64_t asked_ms = dance_now_ms();
	char *pin = NULL;
	size_t len;
	int r;

	r = pam_prompt(talk->call->pamh, PAM_PROMPT_ECHO_OFF, &pin, "%.*s",
	    SHOWN_MAX, prompt);
	talk->deadline_ms += dance_now_ms() - asked_ms;
	len = r == PAM_SUCCESS && pin != NULL ? strlen(pin) : 0;
	if (len > 0 && len < sizeof(answer.pin)) {
		answer.has_pin = 1;
		memcpy(answer.pin, pin, len);
	}
	if (pin != NULL)
		explicit_bzero(pin, strlen(pin));
	free(pin);
	if (r == PAM_CONV_AGAIN)
		r = PAM_INCOMPLETE;
	else
		r = talk_write(talk, &answer, sizeof(answer));
	explicit_bzero(&answer, sizeof(answer));
	return r;
}

static void
talk_tell(const struct talk *talk, const char *text)
{
	if (!talk->call->is_silent)
		(void)pam_info(talk->call->pamh, "%.*s", SHOWN_MAX, text);
}

/* A person does something elsewhere, and is told so; once. */
static int
talk_person(struct talk *talk, const char *text, bool *has_been)
{
	if (*has_been)
		return talk_fail(talk, "the helper said what makes no sense");
	*has_been = true;
	talk->deadline_ms += DANCE_PAM_TOUCH_MS;
	talk_tell(talk, text);
	return PAM_SUCCESS;
}

/* Anything but a RESULT.  What comes twice, or too early, is no message. */
static int
talk_take(struct talk *talk, const struct dance_pam_message *m)
{
	if (!talk->has_started) {
		if (m->kind != DANCE_PAM_START)
			return talk_fail(talk, "the helper did not start");
		talk->has_started = true;
		talk->deadline_ms = talk->start_ms + m->timeout_ms + MARGIN_MS;
		return PAM_SUCCESS;
	}
	switch (m->kind) {
	case DANCE_PAM_LOG:
		if (++talk->n_logs > LOGS_MAX)
			break;
		if (m->priority != LOG_DEBUG || talk->call->is_debug)
			pam_syslog(
			    talk->call->pamh, (int)m->priority, "%s", m->text);
		return PAM_SUCCESS;
	case DANCE_PAM_TOUCH:
		return talk_person(talk, m->text, &talk->has_touched);
	case DANCE_PAM_PINPAD:
		return talk_person(talk, m->text, &talk->has_typed);
	case DANCE_PAM_PIN:
		if (talk->has_asked)
			break;
		talk->has_asked = true;
		return talk_prompt(talk, m->text);
	default:
		break;
	}
	return talk_fail(talk, "the helper said what makes no sense");
}

static int
talk_run(struct talk *talk, struct dance_pam_message *ret)
{
	struct dance_pam_message message;
	const struct pam_call *call = talk->call;
	int r;

	if ((r = talk_write(talk, call->request, sizeof(*call->request))) !=
		PAM_SUCCESS ||
	    (r = talk_write(talk, call->info, call->request->info_len)) !=
		PAM_SUCCESS)
		return r;
	for (;;) {
		r = talk_read(talk, &message, sizeof(message));
		if (r != PAM_SUCCESS)
			return r;
		if (!message_is_sound(&message))
			return talk_fail(talk,
			    "the helper's message is not "
			    "of this version, or malformed");
		if (talk->has_started && message.kind == DANCE_PAM_RESULT)
			break;
		if ((r = talk_take(talk, &message)) != PAM_SUCCESS)
			return r;
	}

	*ret = message;
	return PAM_SUCCESS;
}

/*
 * A program that is setgid, has capabilities of its file, or is setuid to
 * another user than root: its user owns the helper, may trace it, and could say
 * yes in its place to a program that can do more than the user can.  Under a
 * program of root's the helper is root's.
 */
static bool
pam_helper_is_the_users(pam_handle_t *pamh)
{
	uid_t real, effective, saved;

	if (getresuid(&real, &effective, &saved) != 0)
		return true;
	if (real == 0 || effective == 0 || saved == 0 ||
	    getauxval(AT_SECURE) == 0)
		return false;
	pam_syslog(pamh, LOG_CRIT,
	    "verdict=config what=helper why=\"the program has more rights than "
	    "its user, who could answer in the place of the helper: it is "
	    "setgid, or has capabilities, and is not root's\"");
	return true;
}

int
pam_helper_run(const struct pam_call *call, struct dance_pam_message *ret)
{
	struct talk talk = { .call = call, .start_ms = dance_now_ms() };
	struct pam_child child;
	int r;

	talk.deadline_ms = talk.start_ms + DANCE_PAM_TIMEOUT_MAX + MARGIN_MS;
	if (pam_helper_is_the_users(call->pamh) ||
	    !pam_helper_is_trusted(call->pamh, DANCE_PAM_HELPER))
		return PAM_SYSTEM_ERR;
	r = pam_spawn(call->pamh, DANCE_PAM_HELPER, &child);
	if (r != PAM_SUCCESS)
		return r;
	talk.socket = child.socket;
	r = talk_run(&talk, ret);
	pam_spawn_end(&child);
	return r;
}
