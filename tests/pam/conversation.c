/* SPDX-License-Identifier: ISC */
/* See conversation.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conversation.h"

static void
message_note(struct conversation *talk, const struct pam_message *message)
{
	const char *c;

	if (message->msg_style == PAM_PROMPT_ECHO_OFF ||
	    message->msg_style == PAM_PROMPT_ECHO_ON)
		talk->prompts++;
	else
		talk->notes++;
	if (strlen(message->msg) > talk->longest)
		talk->longest = strlen(message->msg);
	for (c = message->msg; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			talk->controls++;
	snprintf(talk->last, sizeof(talk->last), "%s", message->msg);
}

int
conversation_answer(int n, const struct pam_message **messages,
    struct pam_response **ret, void *data)
{
	struct conversation *talk = data;
	struct timespec delay = { talk->delay_ms / 1000,
		(long)(talk->delay_ms % 1000) * 1000000 };
	int i;

	if (n > talk->most)
		talk->most = n;
	for (i = 0; i < n; i++)
		message_note(talk, messages[i]);
	nanosleep(&delay, NULL);
	if (talk->look != NULL)
		talk->look();
	*ret = NULL;
	if (talk->kind == CONVERSATION_FAIL)
		return PAM_CONV_ERR;
	if (talk->kind == CONVERSATION_AGAIN)
		return PAM_CONV_AGAIN;
	if (talk->kind == CONVERSATION_NONE)
		return PAM_SUCCESS;
	*ret = calloc((size_t)n, sizeof(**ret));
	if (*ret == NULL)
		return PAM_BUF_ERR;
	for (i = 0; i < n; i++)
		if (talk->kind == CONVERSATION_TEXT && talk->text != NULL)
			(*ret)[i].resp = strdup(talk->text);
	return PAM_SUCCESS;
}
