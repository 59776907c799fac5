/* SPDX-License-Identifier: ISC */
/*
 * A host's answer and ssh's log of it are as foreign as the host: each is read
 * in a worker, which hands back a few words.
 */
#include <stdlib.h>
#include <string.h>

#include "enroll_answer.h"
#include "resolver.h"

#define METHOD	      "debug1: Next authentication method: "
#define OFFERED	      "debug1: Offering public key: "
#define LOADED	      "debug1: Trying private key: "
#define ACCEPTED      "debug1: Server accepts key: "
#define ASKED	      "debug1: Authentications that can continue: "
#define PARTLY	      "Authenticated using \"publickey\" with partial success."
#define AUTHENTICATED "Authenticated to "
#define CERT_TYPE     "-CERT "
#define PUBLICKEY     "publickey"
#define DEBUG	      "debug"

static void
work(dance_job *job, void *arg, struct dance_result *ret)
{
	ctl_work(job, arg, dance_now_ms() + CTL_JOB_MS, ret);
}

/* A reason is never 0, whatever the word. */
static int
refusal_read(const char *reason)
{
	int r = reason == NULL ? DANCE_ERR_FORMAT : dance_reason_parse(reason);

	return r == 0 ? DANCE_ERR_FORMAT : r;
}

/* The verdict of an object of dancectl explain. */
static int
object_read(const json_t *object, struct dance_result *ret)
{
	const char *reason, *detail, *identity;

	reason = json_string_value(json_object_get(object, "reason"));
	detail = json_string_value(json_object_get(object, "detail"));
	identity = json_string_value(json_object_get(object, "identity"));
	if (detail != NULL)
		dance_fault_set(&ret->fault, "%s", detail);
	if (!json_is_true(json_object_get(object, "accepted")))
		return refusal_read(reason);
	if (reason != NULL || identity == NULL ||
	    strlen(identity) > DANCE_IDENTITY_MAX)
		return DANCE_ERR_FORMAT;
	snprintf(ret->identity, sizeof(ret->identity), "%s", identity);
	return 0;
}

static void
answer_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct ctl_input *answer = arg;
	json_t *object;
	int r;

	(void)ret_line;
	if ((r = ctl_worker_enter(&ret->fault)) == 0) {
		object = json_loadb(answer->text, answer->len, 0, NULL);
		r = object_read(object, ret);
		if (r == DANCE_ERR_FORMAT)
			dance_fault_set(&ret->fault,
			    "what it says is no answer of dancectl explain");
	}
	ret->verdict = r;
}

void
enroll_answer_read(const struct ctl_input *answer, struct dance_result *ret)
{
	struct ctl_input copy = *answer; /* the job does not write to it */

	work(answer_job, &copy, ret);
}

struct log_view {
	const struct enroll *enroll;
	const struct ctl_input *log;
};

/* How far ssh has got, line by line. */
struct log_state {
	bool is_ours;	  /* it is at our key, in whatever step */
	bool is_taken;	  /* and sshd would take it: a signature is due */
	bool is_verified; /* sshd has taken our signature and wants more */
	bool is_refused;  /* sshd has refused our key, or its signature */
	bool is_asked;
	bool is_in;
};

/* True for "...: FILE TYPE FINGERPRINT ..." of our key. */
static bool
line_is_ours(const struct enroll *enroll, const char *line, size_t len)
{
	const char *ours = enroll->fingerprint_found;
	bool is_cert = memmem(line, len, CERT_TYPE, strlen(CERT_TYPE)) != NULL;

	return is_cert == enroll->is_cert &&
	    memmem(line, len, ours, strlen(ours)) != NULL;
}

static bool
line_starts(const char *line, size_t len, const char *text)
{
	return len >= strlen(text) && strncmp(line, text, strlen(text)) == 0;
}

/* What ssh says to its user: the last two lines, as the first may tell why. */
static void
line_keep(struct dance_fault *fault, const char *line, size_t len)
{
	struct dance_fault before = *fault;
	const char *last = strstr(before.text, "; ");

	last = last == NULL ? before.text : last + 2;
	dance_fault_set(fault, "%.240s%s%.*s", last,
	    last[0] == '\0' ? "" : "; ", (int)(len < 240 ? len : 240), line);
}

/* True for the file of our key alone, which ssh takes without a question. */
static bool
file_is_ours(const struct enroll *enroll, const char *line, size_t len)
{
	const char *file = enroll->key_private;
	size_t at = strlen(LOADED);

	return !enroll->is_cert && file != NULL && len - at == strlen(file) &&
	    memcmp(line + at, file, len - at) == 0;
}

/* False for a line that does not tell about that. */
static bool
state_step(struct log_state *state, const struct enroll *enroll,
    const char *line, size_t len)
{
	if (line_starts(line, len, METHOD))
		state->is_ours = state->is_taken = false;
	else if (line_starts(line, len, OFFERED)) {
		state->is_ours = line_is_ours(enroll, line, len);
		state->is_taken = false;
	} else if (line_starts(line, len, ACCEPTED))
		state->is_taken = state->is_ours =
		    line_is_ours(enroll, line, len);
	else if (line_starts(line, len, LOADED))
		state->is_taken = state->is_ours =
		    file_is_ours(enroll, line, len);
	else if (line_starts(line, len, PARTLY)) {
		state->is_verified |= state->is_taken;
		state->is_ours = state->is_taken = false;
	} else if (line_starts(line, len, ASKED)) {
		/* At first it may be that no keys are wanted there. */
		state->is_refused |= state->is_ours ||
		    (!state->is_asked &&
			memmem(line, len, PUBLICKEY, strlen(PUBLICKEY)) ==
			    NULL);
		state->is_asked = true;
		state->is_ours = state->is_taken = false;
	} else if (line_starts(line, len, AUTHENTICATED))
		state->is_in = true;
	else
		return false;
	return true;
}

/*
 * 0: let in by the key; DANCE_ERR_MISMATCH: by something else;
 * DANCE_ERR_UNTRUSTED: by nothing; DANCE_ERR_BAD_CREDENTIAL: the key was not
 * tried to the end; DANCE_ERR_DNS_FAILURE: ssh did not come so far.
 */
static int
log_judge(const struct log_view *view, struct dance_fault *fault)
{
	const char *line = view->log->text;
	struct log_state state = { false };
	size_t len;

	while (*(line += strspn(line, "\r\n")) != '\0') {
		len = strcspn(line, "\r\n");
		if ((state.is_in ||
			!state_step(&state, view->enroll, line, len)) &&
		    !line_starts(line, len, DEBUG))
			line_keep(fault, line, len);
		line += len;
	}
	if (state.is_in && (state.is_taken || state.is_verified))
		return 0;
	if (state.is_refused && !state.is_verified)
		return state.is_in ? DANCE_ERR_MISMATCH : DANCE_ERR_UNTRUSTED;
	return state.is_in || state.is_asked ? DANCE_ERR_BAD_CREDENTIAL
					     : DANCE_ERR_DNS_FAILURE;
}

static void
log_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct log_view *view = arg;
	int r;

	(void)ret_line;
	if ((r = ctl_worker_enter(&ret->fault)) == 0)
		r = log_judge(view, &ret->fault);
	ret->verdict = r;
}

enum enroll_login
enroll_log_read(const struct enroll *enroll, const struct ctl_input *log,
    struct dance_fault *why)
{
	struct log_view view = { enroll, log };
	struct dance_result result;

	work(log_job, &view, &result);
	*why = result.fault;
	switch (result.verdict) {
	case 0:
		return ENROLL_IN;
	case DANCE_ERR_MISMATCH:
		return ENROLL_IN_OTHER;
	case DANCE_ERR_UNTRUSTED:
		return ENROLL_NOT_IN;
	case DANCE_ERR_BAD_CREDENTIAL:
		return ENROLL_UNTRIED;
	default:
		return ENROLL_NOT_THERE;
	}
}
