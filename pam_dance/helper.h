/* SPDX-License-Identifier: ISC */
/*
 * dance-pam-helper: what its files share.  The process starts as root where
 * the program that has loaded the module is root's, and is _dance before it
 * looks at anything that root has not written.
 */
#ifndef HELPER_H
#define HELPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cache_store.h"
#include "config.h"
#include "policy.h"
#include "protocol.h"
#include "worker.h"

/* The exit codes, for a person at a shell: the module goes by the message. */
enum {
	HELPER_ANSWERED = 0,
	HELPER_FAILED = 1,
};

/* One request, and what has been found out for it so far. */
struct helper {
	struct dance_pam_request request;
	char *info; /* SSH_AUTH_INFO_0, request.info_len octets, owned */
	struct dance_config *config;
	struct dance_policy *policy;
	struct dance_store store;    /* of DNS answers; may be closed */
	pid_t parent;		     /* the program that asks */
	int agent;		     /* connected, or -1 */
	struct dance_fault no_agent; /* why it is -1 */
	struct token *token;	     /* waits for the method's turn, or NULL */
	int token_error;	     /* why it is NULL */
	struct dance_fault no_token;
	int64_t start_ms;    /* moves by the time that a person took */
	int64_t asked_ms;    /* when a person was asked to touch a key */
	bool is_known;	     /* the map has something to say on the user */
	bool is_unanchored;  /* the fault is the trust anchor's */
	bool is_not_ours;    /* account: the login is another's */
	bool is_provisioned; /* account: by its uid */
	const char *method;  /* of the result, or NULL */
	struct dance_result result;
};

/* helper_talk.c: the module's side of the socket. */

/*
 * Read the request.  Returns 0, or DANCE_ERR_INTERNAL for a short one, one of
 * another version, or one with a text that does not end.
 */
int helper_read_request(struct helper *helper, int64_t deadline_ms);

/* Tell the timeout, a notice to the user, the result. */
int helper_send_start(const struct helper *helper);
int helper_send_notice(enum dance_pam_kind kind, const char *text);
int helper_send_result(const struct helper *helper);

/* The result so far, for those who debug: another method comes next. */
int helper_send_debug(const struct helper *helper);

/*
 * Ask for a PIN; pin has DANCE_PAM_PIN_MAX octets.  The time that it took is
 * added to start_ms.  Returns 0, DANCE_ERR_BAD_CREDENTIAL if there is none, or
 * DANCE_ERR_INTERNAL if the module is gone.
 */
int helper_ask_pin(struct helper *helper, const char *prompt, char *pin);

/* helper_process.c: what this process may do, and for how long. */

/* Leave behind what came along; keep standard input. */
void helper_shut_off(void);

/* End this process a moment after the timeout, whatever hangs. */
void helper_set_timer(const struct helper *helper, unsigned timeout_ms);

/* No such end while a person is asked for a PIN. */
void helper_stop_timer(void);

/*
 * Give up root for good, and everything that the rest does not need; from here
 * on this process ends with its parent.  Returns 0, or the reason, with the
 * result a refusal.
 */
int helper_confine(struct helper *helper);

/* helper_agent.c */

/*
 * Connect to the agent's socket as the calling user, and nobody else: by his
 * rights, and only if it is a process of his that listens.  Sets helper->agent,
 * or says why not.
 */
void helper_connect_agent(struct helper *helper);

/*
 * helper_session.c: is the user a provisioned account, by what the NSS module
 * goes by?  Returns 0, or DANCE_ERR_CONFIG with a fault if that can't be told,
 * or if the map names him and his name or uid is another's.
 */
int helper_find_provisioned(
    struct helper *helper, bool *ret, uint32_t *ret_uid);

/* The actions: each sets helper->result. */
void helper_auth(struct helper *helper);
void helper_session(struct helper *helper);
void helper_account(struct helper *helper);

/* helper_auth.c: what a verdict needs beyond the map.  0, or the reason. */
int helper_load_trust(struct helper *helper);

/* helper_auth.c: try one method, whose result it is then. */
void helper_run_method(struct helper *helper, uint8_t method);

/*
 * helper_pkcs11.c: start the process that will load the token's library if the
 * method's turn comes.  It becomes a user of its own, so this is done before
 * root is given up; helper_auth_pkcs11() tells of a fault.
 */
void helper_start_token(struct helper *helper);

/* helper_pkcs11.c: the method of that name. */
void helper_auth_pkcs11(struct helper *helper);

/* dance-pam-helper.c: the map's word on the user.  0 or helper->result. */
int helper_load_accounts(struct helper *helper);

/*
 * The verdict of the result: 0, or the reason of a refusal, the fault of which
 * is set already.  Returns it.
 */
int helper_conclude(struct helper *helper, int verdict);

/* In a worker: behind the walls, or not at all.  False with the reason. */
bool helper_enter_worker(
    const struct helper *helper, bool has_peer, struct dance_result *ret);

/* helper_auth.c: run a job in a worker with what is left of the time. */
void helper_work(struct helper *helper, dance_job *job, void *arg, int peer,
    char **ret_line);

/* When all of it has to be over (CLOCK_MONOTONIC). */
int64_t helper_deadline(const struct helper *helper);

#endif
