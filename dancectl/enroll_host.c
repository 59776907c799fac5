/* SPDX-License-Identifier: ISC */
/*
 * The trial: what the map of this host says, or another host by ssh.  There
 * one connection tells two things: whether sshd lets this very key in, and what
 * dancectl explain says there of the name.  What comes back is looked at in
 * workers.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "enroll.h"
#include "enroll_answer.h"
#include "text.h"
#include "tool.h"

#define SSH_MS	    120000 /* a person may have to type a passphrase */
#define CONFIG_MAX  65536
#define LOG_MAX	    CTL_INPUT_MAX /* a host can have ssh say much */
#define KEY_OPTIONS 3		  /* at most */
#define SSH_FAILED  255		  /* ssh(1), EXIT STATUS */

/* What a map says of another name of the key, it does not say of this one. */
static void
map_take(struct enroll *enroll, const struct dance_result *result)
{
	const char *name = enroll->wish.identity.text;

	enroll->has_map = result->verdict != DANCE_ERR_FORMAT;
	enroll->map = result->verdict;
	enroll->fault = result->fault;
	snprintf(
	    enroll->identity, sizeof(enroll->identity), "%s", result->identity);
	if (result->verdict == 0 && strcmp(result->identity, name) != 0) {
		enroll->has_map = false;
		dance_fault_set(&enroll->fault,
		    "the key may use the account as %.256s, so nobody has "
		    "asked for this name",
		    result->identity);
	}
}

int
enroll_try_here(struct enroll *enroll)
{
	struct dance_question question = { .login = enroll->account,
		.start_ms = dance_now_ms() };
	const struct ctl_input *input = &enroll->wish.input;
	struct dance_config *config = NULL;
	struct dance_result result = { .verdict = DANCE_ERR_INTERNAL };
	char *type = NULL, *base64 = NULL, *line = NULL;

	ctl_drop_root(enroll->ctl);
	result.verdict =
	    dance_config_load(enroll->ctl->root, &config, &result.fault);
	if (result.verdict == 0)
		result.verdict = dance_credential_split(
		    input->text, input->len, &type, &base64);
	if (result.verdict == 0) {
		question.config = config;
		question.offer.type = type;
		question.offer.base64 = base64;
		dance_ask(&question, &result, &line);
		if (result.verdict == 0 && line == NULL)
			result.verdict = DANCE_ERR_INTERNAL;
	}
	map_take(enroll, &result);
	free(type);
	free(base64);
	free(line);
	dance_config_free(&config);
	return enroll->has_map ? ctl_status(enroll->map) : CTL_FAULT;
}

/*
 * What ssh reads and writes as files: they have no name but that of our
 * descriptors, so nothing is left of them, whatever ends us.
 */
struct place {
	int fds[2];
	char key[48];
	char log[48];
};

static void
place_make(const struct enroll *enroll, struct place *place)
{
	const struct ctl_input *input = &enroll->wish.input;
	int key = memfd_create("key", MFD_CLOEXEC);
	int log = memfd_create("log", MFD_CLOEXEC);

	/* ssh refuses keys that others can read. */
	if (key == -1 || log == -1 || fchmod(key, 0600) != 0 ||
	    fchmod(log, 0600) != 0 ||
	    write(key, input->text, input->len) != (ssize_t)input->len ||
	    write(key, "\n", 1) != 1)
		ctl_fail("memory: %s", strerror(errno));
	place->fds[0] = key;
	place->fds[1] = log;
	snprintf(place->key, sizeof(place->key), "/proc/%ld/fd/%d",
	    (long)getpid(), key);
	snprintf(place->log, sizeof(place->log), "/proc/%ld/fd/%d",
	    (long)getpid(), log);
}

static void
place_close(const struct place *place)
{
	close(place->fds[0]);
	close(place->fds[1]);
}

/* Options in the command's name and value, "-o" in front of each. */
static const char **
options_put(const char **next, const char *const options[])
{
	for (; *options != NULL; options++) {
		*next++ = "-o";
		*next++ = *options;
	}
	return next;
}

/*
 * NAME="VALUE" of ssh_config(5); has_tokens: where %% stands for %.  Malloced.
 */
static char *
option_make(const char *name, const char *value, bool has_tokens)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if ((out = open_memstream(&text, &len)) == NULL)
		ctl_fail("out of memory");
	fprintf(out, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		else if (*value == '%' && has_tokens)
			fputc('%', out);
		fputc(*value, out);
	}
	fputc('"', out);
	if (!dance_text_close(out, &text))
		ctl_fail("out of memory");
	return text;
}

/* Which key it is, as options; those that it needs, NULL behind the last. */
static void
key_options_make(const struct enroll *enroll, const struct place *place,
    char *ret[KEY_OPTIONS + 1])
{
	size_t n = 0;

	ret[n++] = option_make("IdentityFile",
	    enroll->key_private != NULL ? enroll->key_private : place->key,
	    true);
	if (enroll->key_cert != NULL)
		ret[n++] =
		    option_make("CertificateFile", enroll->key_cert, true);
	if (enroll->module != NULL)
		ret[n++] = option_make("PKCS11Provider", enroll->module, false);
	ret[n] = NULL;
}

/* ssh offers this key before all others, and tells in the log what became. */
static void
args_make(const struct enroll *enroll, const struct place *place,
    const char *command, char *const options[], const char **next)
{
	static const char *const always[] = { "IdentitiesOnly=yes",
		"PubkeyAuthentication=yes",
		"PreferredAuthentications=publickey,gssapi-with-mic,hostbased,"
		"keyboard-interactive,password",
		"ControlMaster=no", "ControlPath=none", "ConnectTimeout=15",
		"ServerAliveInterval=5", "ServerAliveCountMax=3",
		"ClearAllForwardings=yes", "ForwardAgent=no",
		"RemoteCommand=none", "RequestTTY=no", "LogLevel=DEBUG1",
		NULL };
	static const char *const alone[] = { "BatchMode=yes", NULL };

	*next++ = "ssh";
	*next++ = "-E";
	*next++ = place->log;
	next = options_put(next, always);
	if (isatty(STDIN_FILENO) != 1)
		next = options_put(next, alone);
	for (; *options != NULL; options++) {
		*next++ = "-o";
		*next++ = *options;
	}
	*next++ = "--";
	*next++ = enroll->host;
	*next++ = command;
	*next = NULL;
}

static int
ssh_run(const struct enroll *enroll, const struct place *place,
    struct ctl_input *ret, int *ret_status, struct dance_fault *fault)
{
	const char *args[TOOL_ARGS_MAX];
	struct tool_call call = { .args = args,
		.folder = -1,
		.input = &enroll->wish.input,
		.max = CTL_INPUT_MAX,
		.ms = SSH_MS,
		.file_max = LOG_MAX };
	char *command, *options[KEY_OPTIONS + 1];
	size_t i;
	int r;

	if (asprintf(&command, "dancectl explain %s --key - --json",
		enroll->user) == -1)
		ctl_fail("out of memory");
	key_options_make(enroll, place, options);
	args_make(enroll, place, command, options, args);
	r = tool_run(&call, ret, ret_status, fault);
	free(command);
	for (i = 0; options[i] != NULL; i++)
		free(options[i]);
	return r;
}

/* What stands in a shell's word as it is: it is sent to one. */
static bool
user_is_plain(const char *user)
{
	return user[0] != '\0' && user[0] != '-' &&
	    strlen(user) < DANCE_ACCOUNT_MAX &&
	    user[strspn(user,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789._@-")] == '\0';
}

/* Where ssh would log in: USER@ of the host's name, else its configuration. */
static char *
user_find(const struct enroll *enroll, struct dance_fault *fault)
{
	const char *args[] = { "ssh", "-G", "--", enroll->host, NULL };
	struct tool_call call = {
		.args = args, .folder = -1, .max = CONFIG_MAX, .ms = SSH_MS
	};
	const char *at = strrchr(enroll->host, '@'), *line;
	struct ctl_input config = { .text = NULL };
	char *user = NULL;
	int status;

	if (at != NULL)
		return strndup(enroll->host, (size_t)(at - enroll->host));
	if (tool_run(&call, &config, &status, fault) != 0)
		return NULL;
	for (line = config.text; status == 0 && line != NULL;
	     line = strchr(line, '\n')) {
		line += line[0] == '\n';
		if (strncmp(line, "user ", 5) == 0) {
			user = strndup(line + 5, strcspn(line + 5, "\n"));
			break;
		}
	}
	free(config.text);
	if (user == NULL)
		dance_fault_set(fault, "ssh -G does not say as which user");
	return user;
}

/* The map's word, if the host could be asked for it. */
static void
answer_take(struct enroll *enroll, const struct ctl_input *answer, int status)
{
	struct dance_result result;

	if (status == CTL_YES || status == CTL_NO || status == CTL_FAULT) {
		enroll_answer_read(answer, &result);
		map_take(enroll, &result);
	} else if (status == 127)
		dance_fault_set(
		    &enroll->fault, "dancectl is not installed there");
	else
		dance_fault_set(&enroll->fault,
		    "dancectl explain can't be run there (status %d)", status);
}

static void
trial_run(struct enroll *enroll, const struct place *place)
{
	struct ctl_input answer = { .text = NULL }, log = { .text = NULL };
	struct dance_fault why = { "" };
	int status = SSH_FAILED, r;

	r = ssh_run(enroll, place, &answer, &status, &enroll->fault);
	ctl_input_find(place->log, &log);
	if (log.text != NULL)
		enroll->login = enroll_log_read(enroll, &log, &why);
	if (r == 0 && status == SSH_FAILED)
		dance_fault_set(&enroll->fault, "%s",
		    why.text[0] != '\0' ? why.text : "ssh says no more");
	else if (r == 0)
		answer_take(enroll, &answer, status);
	free(answer.text);
	free(log.text);
}

/* Yes takes both words: of the map and of sshd. */
static int
trial_status(const struct enroll *enroll)
{
	bool is_refused =
	    enroll->login == ENROLL_NOT_IN || enroll->login == ENROLL_IN_OTHER;

	if (enroll->has_map && enroll->map != 0)
		return ctl_status(enroll->map);
	if (is_refused)
		return CTL_NO;
	return enroll->has_map && enroll->login == ENROLL_IN ? CTL_YES
							     : CTL_FAULT;
}

int
enroll_try_host(struct enroll *enroll)
{
	struct place place;

	if ((enroll->user = user_find(enroll, &enroll->fault)) == NULL)
		return CTL_FAULT;
	if (!user_is_plain(enroll->user)) {
		dance_fault_set(&enroll->fault,
		    "%.64s: not the name of an account", enroll->user);
		return CTL_FAULT;
	}
	place_make(enroll, &place);
	trial_run(enroll, &place);
	place_close(&place);
	return trial_status(enroll);
}
