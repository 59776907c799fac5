/* SPDX-License-Identifier: ISC */
/*
 * Where the key comes from: a file, ssh-keygen that makes one (on a FIDO token
 * too), an agent or a PKCS#11 token.  No private key is ever read here; what an
 * agent or a token says is looked at in a worker.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enroll.h"
#include "resolver.h"
#include "tool.h"

#define CERT_SUFFIX   "-cert.pub"
#define PUBLIC_SUFFIX ".pub"

/* Length of the name without the suffix, or 0 if it has none. */
static size_t
stem_len(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcmp(name + len - n, suffix) == 0 ? len - n : 0;
}

/* The private key of a public one, else the public one, whose agent has it. */
static void
private_find(struct enroll *enroll, const char *name, size_t len)
{
	char *key = ctl_join(name, len, "");

	if (access(key, F_OK) != 0) {
		free(key);
		key = ctl_join(name, len, PUBLIC_SUFFIX);
	}
	if (access(key, F_OK) != 0)
		ctl_fail("%s: the key of this certificate is not beside it",
		    enroll->file);
	enroll->key_private = key;
}

static void
file_get(struct enroll *enroll)
{
	struct ctl_input *public = &enroll->wish.input;
	const char *name = enroll->file;
	size_t len;
	char *path;

	if ((len = stem_len(name, CERT_SUFFIX)) > 0 ||
	    (len = stem_len(name, PUBLIC_SUFFIX)) > 0) {
		ctl_input_read(name, public);
		private_find(enroll, name, len);
		if (stem_len(name, CERT_SUFFIX) > 0)
			enroll->key_cert = ctl_join(name, strlen(name), "");
		return;
	}
	if (access(name, F_OK) != 0)
		ctl_fail("%s: %s%s", name, strerror(errno),
		    errno == ENOENT ? "; to make a key there: --new" : "");
	enroll->key_private = ctl_join(name, strlen(name), "");
	path = ctl_join(name, strlen(name), PUBLIC_SUFFIX);
	ctl_input_find(path, public);
	free(path);
	if (public->text == NULL &&
	    tool_get_public(name, public, &enroll->fault) != 0)
		ctl_fail("%s", enroll->fault.text);
}

static void
path_refuse(const char *name)
{
	if (access(name, F_OK) == 0)
		ctl_fail("%s: is there already; to take that key: --key", name);
	if (errno != ENOENT)
		ctl_fail("%s: %s", name, strerror(errno));
}

/* ssh-keygen asks for the passphrase, or the touch, by itself. */
static void
key_make(struct enroll *enroll)
{
	const char *args[TOOL_ARGS_MAX], **next = args;
	struct tool_call call = { .args = args, .folder = -1 };
	int status;

	*next++ = "ssh-keygen";
	*next++ = "-t";
	*next++ = enroll->type == NULL ? "ed25519" : enroll->type;
	*next++ = "-f";
	*next++ = enroll->file;
	*next++ = "-C";
	*next++ = enroll->wish.identity.text;
	if (enroll->has_no_passphrase) {
		*next++ = "-N";
		*next++ = "";
	}
	*next = NULL;
	if (tool_run(&call, NULL, &status, &enroll->fault) != 0)
		ctl_fail("%s", enroll->fault.text);
	if (status != 0)
		ctl_fail("%s: ssh-keygen has made no key", enroll->file);
}

static void
new_get(struct enroll *enroll)
{
	char *path =
	    ctl_join(enroll->file, strlen(enroll->file), PUBLIC_SUFFIX);

	path_refuse(enroll->file);
	path_refuse(path);
	key_make(enroll);
	ctl_input_read(path, &enroll->wish.input);
	enroll->key_private = ctl_join(enroll->file, strlen(enroll->file), "");
	free(path);
}

/* What a worker picks from, and what it has found so far. */
struct pick {
	const struct enroll *enroll;
	const struct ctl_input *list;
	char fingerprint[DANCE_FINGERPRINT_MAX];
	unsigned n; /* keys that it could be, each counted once */
	char *line; /* of the first of them */
	FILE *out;
};

/* One line of the list, if it is a key that can be meant. */
static void
pick_line(struct pick *pick, const char *text, size_t len)
{
	const char *wanted = pick->enroll->fingerprint;
	struct dance_credential *cred = NULL;
	char *type = NULL, *base64 = NULL;

	if (dance_credential_parse_file(text, len, CTL_MIN_RSA, &cred) != 0)
		return;
	if (cred->cert == NULL &&
	    (wanted == NULL || strcmp(wanted, cred->fingerprint) == 0) &&
	    strcmp(pick->fingerprint, cred->fingerprint) != 0 &&
	    dance_credential_split(text, len, &type, &base64) == 0) {
		fprintf(pick->out, "%s  ", cred->fingerprint);
		ctl_put_plain(pick->out, text, len > 20 ? 20 : len);
		fputs("...\n", pick->out);
		if (pick->n++ == 0 &&
		    asprintf(&pick->line, "%s %s", type, base64) == -1)
			pick->line = NULL;
		snprintf(pick->fingerprint, sizeof(pick->fingerprint), "%s",
		    cred->fingerprint);
	}
	free(type);
	free(base64);
	dance_credential_free(&cred);
}

static void
pick_lines(struct pick *pick)
{
	const char *text = pick->list->text;
	size_t len;

	for (; *text != '\0'; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		pick_line(pick, text, len);
	}
}

static void
pick_job(void *arg, struct dance_result *ret, char **ret_line)
{
	struct pick *pick = arg;
	struct ctl_page *page = pick->enroll->page;
	int r;

	if ((r = ctl_worker_enter(&ret->fault)) == 0) {
		if ((pick->out = ctl_page_open(page)) == NULL)
			return;
		pick_lines(pick);
		r = pick->n == 0   ? DANCE_ERR_NO_USABLE_TLSA
		    : pick->n == 1 ? 0
				   : DANCE_ERR_MISMATCH;
		ctl_page_close(page, pick->out, r);
	}
	ret->verdict = r;
	*ret_line = pick->line;
}

static _Noreturn void
pick_refuse(
    const struct enroll *enroll, const char *where, struct dance_result *result)
{
	if (result->verdict == DANCE_ERR_MISMATCH &&
	    ctl_page_shows(enroll->page, result->verdict)) {
		ctl_page_print(enroll->ctl, enroll->page);
		ctl_usage(enroll->ctl,
		    "%s: more than one key: say which with --fingerprint",
		    where);
	}
	if (result->fault.text[0] != '\0')
		ctl_fail("%s: %s", where, result->fault.text);
	if (result->verdict == DANCE_ERR_INTERNAL)
		ctl_fail("%s: the list can't be read", where);
	ctl_fail("%s: no key that can be used%s%s", where,
	    enroll->fingerprint == NULL ? "" : " has the fingerprint ",
	    enroll->fingerprint == NULL ? "" : enroll->fingerprint);
}

/* The one key in what a tool lists; ms is 0 where a person types a PIN. */
static void
list_get(
    struct enroll *enroll, const char *const args[], const char *where, int ms)
{
	struct tool_call call = {
		.args = args, .folder = -1, .max = CTL_INPUT_MAX, .ms = ms
	};
	struct ctl_input list;
	struct pick pick = { .enroll = enroll, .list = &list };
	struct dance_work work = { .job = pick_job, .arg = &pick };
	struct dance_result result;
	char *line = NULL;
	int status;

	if (tool_run(&call, &list, &status, &enroll->fault) != 0)
		ctl_fail("%s", enroll->fault.text);
	if (status != 0)
		ctl_fail("%s: %s can't list its keys", where, args[0]);
	work.deadline_ms = dance_now_ms() + CTL_JOB_MS;
	dance_worker_run(&work, &result, &line);
	free(list.text);
	if (result.verdict != 0 || line == NULL)
		pick_refuse(enroll, where, &result);
	enroll->wish.input.text = line;
	enroll->wish.input.len = strlen(line);
}

void
enroll_get_key(struct enroll *enroll)
{
	const char *agent[] = { "ssh-add", "-L", NULL };
	const char *token[] = { "ssh-keygen", "-D", enroll->module, NULL };

	switch (enroll->source) {
	case ENROLL_NEW:
		new_get(enroll);
		return;
	case ENROLL_AGENT:
		list_get(enroll, agent, "ssh-agent", CTL_JOB_MS);
		return;
	case ENROLL_TOKEN:
		if (tool_check_library(enroll->module, &enroll->fault) != 0)
			ctl_fail("%s", enroll->fault.text);
		list_get(enroll, token, enroll->module, 0);
		return;
	default:
		file_get(enroll);
	}
}
