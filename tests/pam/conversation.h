/* SPDX-License-Identifier: ISC */
/*
 * An application's conversation that answers as a test wants, and counts.
 */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include <security/pam_appl.h>
#include <stddef.h>

enum conversation_kind {
	CONVERSATION_TEXT,  /* the text */
	CONVERSATION_FAIL,  /* PAM_CONV_ERR */
	CONVERSATION_NONE,  /* success without an array of responses */
	CONVERSATION_NULL,  /* success, the response is NULL */
	CONVERSATION_AGAIN, /* PAM_CONV_AGAIN */
};

struct conversation {
	enum conversation_kind kind;
	const char *text;
	unsigned delay_ms;
	void (*look)(void); /* called in between, or NULL */
	unsigned prompts;   /* with echo or without */
	unsigned notes;	    /* PAM_TEXT_INFO and PAM_ERROR_MSG */
	int most;	    /* messages in one call */
	size_t longest;
	unsigned controls; /* characters that are not printable ASCII */
	char last[1100];
};

/* For struct pam_conv; data is a struct conversation. */
int conversation_answer(int n, const struct pam_message **messages,
    struct pam_response **ret, void *data);

#endif
