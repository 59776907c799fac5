/* SPDX-License-Identifier: ISC */
/*
 * The six functions that libpam calls.  They collect who asks for what, have
 * the helper find out, and turn its answer into a code of PAM, by one table.
 * Nothing foreign is parsed here.
 */
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "error.h"
#include "log_field.h"
#include "pam_helper.h"
#include "pam_options.h"
#include "pam_request.h"
#include "pam_state.h"

/* All else is hidden; module.map says so too. */
#define PAM_ENTRY __attribute__((visibility("default")))

#define IDENTITY_VARIABLE "DANCE_IDENTITY"
#define FAIL_DELAY_US	  1000000 /* libpam waits, not we */

/* What the three kinds of call say to each reason.  The only such place. */
static const struct {
	int verdict;
	int auth;
	int account;
	int session;
} codes[] = {
	{ DANCE_OK, PAM_SUCCESS, PAM_SUCCESS, PAM_SUCCESS },
	{ DANCE_ERR_NOT_MAPPED, PAM_AUTH_ERR, PAM_PERM_DENIED, PAM_IGNORE },
	{ DANCE_ERR_DENIED_BY_MAP, PAM_AUTH_ERR, PAM_PERM_DENIED,
	    PAM_SESSION_ERR },
	{ DANCE_ERR_NO_TLSA, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_INSECURE, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_NO_USABLE_TLSA, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_MISMATCH, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_NAME_MISMATCH, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_EXPIRED, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_UNTRUSTED, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_BAD_CREDENTIAL, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_WEAK_KEY, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_WEAK_DNSSEC, PAM_AUTH_ERR, PAM_SYSTEM_ERR, PAM_IGNORE },
	{ DANCE_ERR_BOGUS, PAM_AUTHINFO_UNAVAIL, PAM_SYSTEM_ERR,
	    PAM_SESSION_ERR },
	{ DANCE_ERR_DNS_FAILURE, PAM_AUTHINFO_UNAVAIL, PAM_SYSTEM_ERR,
	    PAM_SESSION_ERR },
	{ DANCE_ERR_CONFIG, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR, PAM_SESSION_ERR },
	{ DANCE_ERR_INTERNAL, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR, PAM_SESSION_ERR },
};

static int
code_of(const struct dance_pam_request *request,
    const struct dance_pam_message *result, const struct pam_options *options)
{
	uint32_t action = request->action;
	size_t i;

	/* Whom we have let in ourselves is ours, whatever the helper says. */
	if (action == DANCE_PAM_ACCOUNT && request->identity[0] == '\0' &&
	    result->verdict == DANCE_ERR_NOT_MAPPED &&
	    (result->flags & DANCE_PAM_NOT_OURS) != 0)
		return PAM_IGNORE;
	/* Who is let in has a name. */
	if (result->verdict == 0 && result->identity[0] == '\0' &&
	    action != DANCE_PAM_ACCOUNT)
		return PAM_SYSTEM_ERR;
	if (action != DANCE_PAM_SESSION &&
	    result->verdict == DANCE_ERR_CONFIG &&
	    (result->flags & DANCE_PAM_NO_ANCHOR) != 0)
		return PAM_AUTHINFO_UNAVAIL;
	if (action != DANCE_PAM_SESSION &&
	    result->verdict == DANCE_ERR_NOT_MAPPED &&
	    (result->flags & DANCE_PAM_KNOWS_USER) == 0)
		return options->ignores_unknown ? PAM_IGNORE : PAM_USER_UNKNOWN;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].verdict == result->verdict)
			return action == DANCE_PAM_AUTH	  ? codes[i].auth
			    : action == DANCE_PAM_ACCOUNT ? codes[i].account
							  : codes[i].session;
	return PAM_SYSTEM_ERR;
}

/* What each of the six begins with. */
static int
call_begin(pam_handle_t *pamh, int flags, int argc, const char **argv,
    struct pam_options *options)
{
	int r = pam_options_parse(pamh, argc, argv, options);

	if (r == PAM_SUCCESS)
		options->is_silent =
		    options->is_quiet || ((unsigned)flags & PAM_SILENT) != 0;
	return r;
}

/*
 * Ask the helper, log what it says, and turn that into a code, which is all
 * that the rest of this file goes by.
 */
static int
call_run(pam_handle_t *pamh, const struct pam_options *options,
    const struct dance_pam_request *request, const char *info,
    struct dance_pam_message *ret)
{
	struct pam_call call = { .pamh = pamh,
		.request = request,
		.info = info,
		.is_silent = options->is_silent,
		.is_debug = options->is_debug };
	int priority, code, r = pam_helper_run(&call, ret);

	if (r != PAM_SUCCESS)
		return r;
	code = code_of(request, ret, options);
	priority = (int)ret->priority;
	/* Strangers come by often; a session has a line of its own. */
	if (code == PAM_IGNORE ||
	    (code == PAM_USER_UNKNOWN && options->is_quiet) ||
	    (code == PAM_SUCCESS && request->action == DANCE_PAM_SESSION))
		priority = LOG_DEBUG;
	if (ret->text[0] != '\0' &&
	    (priority != LOG_DEBUG || options->is_debug))
		pam_syslog(pamh, priority, "%s", ret->text);
	return code;
}

static void
state_fill(struct pam_state *state, const struct dance_pam_request *request,
    const struct dance_pam_message *result)
{
	memset(state, 0, sizeof(*state));
	memcpy(state->user, request->user, sizeof(state->user));
	memcpy(state->identity, result->identity, sizeof(state->identity));
	memcpy(state->key, result->key, sizeof(state->key));
}

PAM_ENTRY int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct dance_pam_request request;
	struct dance_pam_message result;
	struct pam_options options;
	struct pam_state state;
	const char *info;
	int r, kept;

	/* A second attempt starts clean, and so does what follows it. */
	if ((r = pam_state_clear(pamh, PAM_STATE_AUTH)) != PAM_SUCCESS ||
	    (r = pam_state_clear(pamh, PAM_STATE_SESSION)) != PAM_SUCCESS ||
	    (r = call_begin(pamh, flags, argc, argv, &options)) !=
		PAM_SUCCESS ||
	    (r = pam_request_make(pamh, DANCE_PAM_AUTH, &options, &request,
		 &info)) != PAM_SUCCESS)
		return r;
	memset(&result, 0, sizeof(result));
	r = call_run(pamh, &options, &request, info, &result);
	state_fill(&state, &request, &result);
	if (r == PAM_SUCCESS &&
	    (kept = pam_state_set(pamh, PAM_STATE_AUTH, &state)) != PAM_SUCCESS)
		return kept;
	if (r == PAM_AUTH_ERR)
		(void)pam_fail_delay(pamh, FAIL_DELAY_US);
	return r;
}

/* There are none to set; a failure here would break a login that was good. */
PAM_ENTRY int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct pam_options options;

	return call_begin(pamh, flags, argc, argv, &options);
}

/*
 * Not ours: auth was somebody else's, and the name is a local account's.  Then
 * nothing is opened that could be broken, or the console would be locked by it.
 */
PAM_ENTRY int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct dance_pam_request request;
	struct dance_pam_message result;
	const struct pam_state *state;
	struct pam_options options;
	const char *info;
	bool is_local;
	int r;

	if ((r = call_begin(pamh, flags, argc, argv, &options)) !=
		PAM_SUCCESS ||
	    (r = pam_request_make(pamh, DANCE_PAM_ACCOUNT, &options, &request,
		 &info)) != PAM_SUCCESS)
		return r == PAM_AUTH_ERR ? PAM_PERM_DENIED : r;
	state = pam_state_get(pamh, PAM_STATE_AUTH);
	/* Proved for another user: it says nothing here, nor in session. */
	if (state != NULL && strcmp(state->user, request.user) != 0) {
		state = NULL;
		r = pam_state_clear(pamh, PAM_STATE_AUTH);
		if (r != PAM_SUCCESS)
			return r;
	}
	if (state != NULL)
		memcpy(request.identity, state->identity,
		    sizeof(request.identity));
	else {
		r = pam_user_is_local(pamh, request.user, &is_local);
		if (r != PAM_SUCCESS)
			return r;
		if (is_local)
			return PAM_IGNORE;
	}
	return call_run(pamh, &options, &request, info, &result);
}

/* Who came in as whom; sudo proves one user and opens another's session. */
static void
session_log(pam_handle_t *pamh, const struct dance_pam_request *request,
    const struct pam_state *state)
{
	char line[DANCE_PAM_TEXT_MAX] = "";

	dance_log_field(line, sizeof(line), "account", state->user);
	if (strcmp(state->user, request->user) != 0)
		dance_log_field(line, sizeof(line), "as", request->user);
	dance_log_field(line, sizeof(line), "identity", state->identity);
	dance_log_field(line, sizeof(line), "key", state->key);
	if (request->caller[0] != '\0' &&
	    strcmp(request->caller, state->user) != 0)
		dance_log_field(line, sizeof(line), "caller", request->caller);
	pam_syslog(pamh, LOG_INFO, "session %s", line);
}

static int
session_export(pam_handle_t *pamh, const struct pam_state *state)
{
	char text[sizeof(IDENTITY_VARIABLE "=") + DANCE_IDENTITY_MAX];
	int n;

	if (state->identity[0] == '\0')
		return PAM_IGNORE;
	n = snprintf(
	    text, sizeof(text), IDENTITY_VARIABLE "=%s", state->identity);
	if (n < 0 || (size_t)n >= sizeof(text) ||
	    pam_putenv(pamh, text) != PAM_SUCCESS)
		return PAM_SESSION_ERR;
	return PAM_SUCCESS;
}

/* What is called so is ours to set; another's word must not pass for it. */
static int
session_unset(pam_handle_t *pamh)
{
	if (pam_getenv(pamh, IDENTITY_VARIABLE) == NULL)
		return PAM_SUCCESS;
	return pam_putenv(pamh, IDENTITY_VARIABLE) == PAM_SUCCESS
	    ? PAM_SUCCESS
	    : PAM_SESSION_ERR;
}

/* By the helper: the register, and the key that sshd has verified. */
static __attribute__((noinline)) int
session_ask(pam_handle_t *pamh, const struct pam_options *options,
    const struct dance_pam_request *request, const char *info,
    struct pam_state *ret)
{
	struct dance_pam_message result;
	int r = call_run(pamh, options, request, info, &result);

	if (r != PAM_SUCCESS)
		return r == PAM_IGNORE ? r : PAM_SESSION_ERR;
	state_fill(ret, request, &result);
	return PAM_SUCCESS;
}

/*
 * Look once, and say the same at each further line of the stack: between them
 * pam_env may have put there what the user has written.
 */
static __attribute__((noinline)) int
session_settle(pam_handle_t *pamh, const struct pam_options *options,
    struct pam_state *ret)
{
	struct dance_pam_request request;
	const struct pam_state *proved = pam_state_get(pamh, PAM_STATE_AUTH);
	const char *info;
	bool is_local;
	int r;

	memset(ret, 0, sizeof(*ret));
	r = pam_request_make(pamh, DANCE_PAM_SESSION, options, &request, &info);
	if (r != PAM_SUCCESS)
		return r == PAM_AUTH_ERR ? PAM_SESSION_ERR : r;
	r = pam_user_is_local(pamh, request.user, &is_local);
	if (r != PAM_SUCCESS)
		return PAM_SESSION_ERR;
	if (is_local && proved == NULL && request.info_len == 0)
		return PAM_IGNORE;
	if (proved != NULL)
		memcpy(request.identity, proved->identity,
		    sizeof(request.identity));
	/* Who is not in passwd may have to be entered in the register. */
	if (!is_local || proved == NULL) {
		r = session_ask(pamh, options, &request, info, ret);
		if (r != PAM_SUCCESS)
			return r;
	}
	if (proved != NULL)
		*ret = *proved;
	session_log(pamh, &request, ret);
	return PAM_SUCCESS;
}

PAM_ENTRY int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	const struct pam_state *settled;
	struct pam_options options;
	struct pam_state state;
	int r;

	if ((r = session_unset(pamh)) != PAM_SUCCESS ||
	    (r = call_begin(pamh, flags, argc, argv, &options)) != PAM_SUCCESS)
		return r;
	if ((settled = pam_state_get(pamh, PAM_STATE_SESSION)) != NULL)
		return session_export(pamh, settled);
	r = session_settle(pamh, &options, &state);
	if (r != PAM_SUCCESS && r != PAM_IGNORE)
		return r;
	/* Without an identity it says that there is none. */
	if (pam_state_set(pamh, PAM_STATE_SESSION, &state) != PAM_SUCCESS)
		return PAM_SESSION_ERR;
	return session_export(pamh, &state);
}

/* The next session on the handle may be another's. */
PAM_ENTRY int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct pam_options options;
	int r = pam_state_clear(pamh, PAM_STATE_SESSION);

	if (r != PAM_SUCCESS)
		return r;
	return call_begin(pamh, flags, argc, argv, &options);
}

/* Keys are changed in DNS, by other means. */
PAM_ENTRY int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct pam_options options;
	int r = call_begin(pamh, flags, argc, argv, &options);

	return r == PAM_SUCCESS ? PAM_IGNORE : r;
}
