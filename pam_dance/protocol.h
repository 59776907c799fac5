/* SPDX-License-Identifier: ISC */
/*
 * What pam_dance.so and dance-pam-helper say to each other, over a pair of
 * stream sockets that is the helper's standard input.  Both come from one
 * build: structures travel as they are in memory, and a message of another
 * version or with a text that does not end is no message.
 *
 *	module				helper
 *	request, SSH_AUTH_INFO_0  ->
 *				  <-	START
 *				  <-	a few LOG; at most once each TOUCH,
 *					PINPAD and
 *				  <-	PIN
 *	answer			  ->	to a PIN
 *				  <-	RESULT, the last
 *
 * The helper's exit status says nothing.  Without a RESULT there is none.
 */
#ifndef DANCE_PAM_PROTOCOL_H
#define DANCE_PAM_PROTOCOL_H

#include <stdint.h>

#include "identity.h"

#define DANCE_PAM_VERSION   0x64616e01U /* changes with any structure here */
#define DANCE_PAM_METHODS   3
#define DANCE_PAM_NAME_MAX  256 /* octets with NUL, of services and users */
#define DANCE_PAM_SOCK_MAX  108 /* octets with NUL: sun_path of unix(7) */
#define DANCE_PAM_TEXT_MAX  1024
#define DANCE_PAM_PIN_MAX   513	   /* octets with NUL: PAM_MAX_RESP_SIZE */
#define DANCE_PAM_INFO_MAX  262144 /* octets of SSH_AUTH_INFO_0 */
#define DANCE_PAM_KEY_MAX   52	   /* a fingerprint: DANCE_FINGERPRINT_MAX */
#define DANCE_PAM_NO_CALLER UINT32_MAX

/* Milliseconds. */
#define DANCE_PAM_TIMEOUT_MAX 10000 /* of dance.conf's timeout */
#define DANCE_PAM_TOUCH_MS    30000 /* for a person at a key or a reader */

enum dance_pam_action {
	DANCE_PAM_AUTH = 1,
	DANCE_PAM_ACCOUNT,
	DANCE_PAM_SESSION,
};

enum dance_pam_method {
	DANCE_PAM_NONE, /* ends the list */
	DANCE_PAM_AGENT,
	DANCE_PAM_PKCS11,
	DANCE_PAM_SSHD,
};

/* From the module: who asks for what.  Texts end in NUL. */
struct dance_pam_request {
	uint32_t version;
	uint32_t action;
	uint32_t caller_uid; /* or DANCE_PAM_NO_CALLER */
	uint32_t info_len;   /* octets of SSH_AUTH_INFO_0 that follow */
	uint8_t methods[DANCE_PAM_METHODS + 1];
	char service[DANCE_PAM_NAME_MAX];
	char user[DANCE_PAM_NAME_MAX];	 /* PAM_USER */
	char caller[DANCE_PAM_NAME_MAX]; /* name of caller_uid, or "" */
	char agent[DANCE_PAM_SOCK_MAX];	 /* SSH_AUTH_SOCK, or "" */
	/* For account and session: what auth has proved, or "". */
	char identity[DANCE_IDENTITY_MAX + 1];
};

enum dance_pam_kind {
	DANCE_PAM_START = 1, /* timeout_ms holds */
	DANCE_PAM_LOG,	     /* text, for the log, at priority */
	DANCE_PAM_TOUCH,     /* a person is asked to touch a key */
	DANCE_PAM_PINPAD,    /* a person types a PIN on a reader */
	DANCE_PAM_PIN,	     /* text is the prompt; an answer must come */
	DANCE_PAM_RESULT,    /* the rest holds */
};

/* Flags of a RESULT. */
#define DANCE_PAM_KNOWS_USER 0x01 /* the map has something to say on the user */
#define DANCE_PAM_NOT_OURS   0x02 /* account: the login is none of ours */
#define DANCE_PAM_NO_ANCHOR  0x04 /* of "config": the trust anchor */

/* From the helper.  Texts end in NUL and are printable ASCII. */
struct dance_pam_message {
	uint32_t version;
	uint32_t kind;
	int32_t verdict; /* 0, or the reason: enum dance_error */
	uint32_t flags;
	uint32_t timeout_ms;
	uint32_t priority;		       /* of syslog(3) */
	char identity[DANCE_IDENTITY_MAX + 1]; /* if the verdict is 0 */
	char key[DANCE_PAM_KEY_MAX];	       /* its fingerprint */
	char text[DANCE_PAM_TEXT_MAX];	       /* of a RESULT: the log's line */
};

/* From the module: what the user has answered. */
struct dance_pam_answer {
	uint32_t version;
	uint32_t has_pin; /* 0: there is none, give up */
	char pin[DANCE_PAM_PIN_MAX];
};

#endif
