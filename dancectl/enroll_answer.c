/* SPDX-License-Identifier: ISC */
/*
 * A host's answer and ssh's log of it are as foreign as the host: each is read
 * in a worker, which hands back a few words.
 */
#include <stdlib.h>
#include <string.h>

#include "enroll_answer.h"
#include "resolver.h"
#include "sandbox.h"

#define ACCEPTED      "debug1: Server accepts key: "
#define ASKED	      "debug1: Authentications that can continue: "
#define AUTHENTICATED "Authenticated to "
#define CERT_TYPE     "-CERT "
#define DEBUG	      "debug"

static int
worker_enter(struct dance_fault *fault)
{
	int r;

	if ((r = ctl_worker_drop_root(fault)) != 0)
		return r;
	return dance_sandbox_enter(CTL_JOB_MS / 1000, false, fault);
}

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
	if ((r = worker_enter(&ret->fault)) == 0) {
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

/* True for "Server accepts key: FILE TYPE FINGERPRINT ..." of our key. */
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

/*
 * 0: let in by the key; DANCE_ERR_MISMATCH: by something else;
 * DANCE_ERR_UNTRUSTED: by nothing; DANCE_ERR_DNS_FAILURE: did not come so far.
 */
static int
log_judge(const struct log_view *view, struct dance_fault *fault)
{
	const char *line = view->log->text;
	bool is_ours = false, is_in = false, is_asked = false;
	size_t len;

	while (*(line += strspn(line, "\r\n")) != '\0') {
		len = strcspn(line, "\r\n");
		if (line_starts(line, len, ACCEPTED))
			is_ours = line_is_ours(view->enroll, line, len);
		else if (line_starts(line, len, ASKED))
			is_asked = true;
		else if (line_starts(line, len, AUTHENTICATED))
			is_in = true;
		else if (!line_starts(line, len, DEBUG))
			line_keep(fault, line, len);
		line += len;
	}
	if (is_in)
		return is_ours ? 0 : DANCE_ERR_MISMATCH;
	return is_asked ? DANCE_ERR_UNTRUSTED : DANCE_ERR_DNS_FAILURE;
}

static void
log_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct log_view *view = arg;
	int r;

	(void)ret_line;
	if ((r = worker_enter(&ret->fault)) == 0)
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
	default:
		return ENROLL_NOT_THERE;
	}
}
