/* SPDX-License-Identifier: ISC */
/*
 * dancectl wrap: an OpenSSH certificate that carries an X.509 chain, signed by
 * the key that it is about (see X509-IN-SSH.md).  ssh-keygen does it, so this
 * program touches no private key, and any kind of key will do.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "number.h"
#include "resolver.h"
#include "tool.h"
#include "wrap.h"

/* It costs nothing to make another one, with the chain as it is then. */
#define VALID_DEFAULT_S 3600
#define VALID_MIN_MS	60000UL
#define VALID_MAX_MS	(366UL * 86400 * 1000)

enum {
	OPTION_KEY = CTL_OPTION_OWN,
	OPTION_CHAIN,
	OPTION_NAME,
	OPTION_VALID,
	OPTION_UNLESS_VALID,
	OPTION_AGENT,
	OPTION_PKCS11,
	OPTION_OUTPUT,
	OPTION_SSH_CONFIG,
};

/* As they were typed. */
struct names {
	const char *key;
	const char *chain;
	const char *pkcs11;
	const char *output;
};

/* The absolute path of a file that need not be there, in a folder that is. */
static char *
path_make(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *folder, *whole, *path;

	if (strlen(name) >= PATH_MAX || strcmp(name, "-") == 0)
		ctl_fail("%s: not a file's name", name);
	folder = slash == NULL ? ctl_join(".", 1, "")
			       : ctl_join(name, (size_t)(slash - name) + 1, "");
	if ((whole = realpath(folder, NULL)) == NULL)
		ctl_fail("%s: %s", folder, strerror(errno));
	slash = slash == NULL ? name : slash + 1;
	if (slash[0] == '\0')
		ctl_fail("%s: %s", name, strerror(EISDIR));
	path = ctl_join(whole, strlen(whole), strcmp(whole, "/") ? "/" : "");
	free(folder);
	free(whole);
	whole = ctl_join(path, strlen(path), slash);
	free(path);
	return whole;
}

static bool
has_suffix(const char *text, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len > n && memcmp(text + len - n, suffix, n) == 0;
}

/* KEY and KEY.pub are both names of the pair; the second is the agent's. */
static void
paths_make(struct wrap *wrap, const struct names *names)
{
	char *key = path_make(names->key);
	size_t len = strlen(key);

	if (has_suffix(key, len, ".pub")) {
		len -= strlen(".pub");
		wrap->is_in_agent = names->pkcs11 == NULL;
	}
	wrap->key = ctl_join(key, len, "");
	wrap->key_public = ctl_join(key, len, ".pub");
	wrap->cert = names->output != NULL ? path_make(names->output)
					   : ctl_join(key, len, "-cert.pub");
	wrap->has_output = names->output != NULL;
	wrap->folder = ctl_join(
	    wrap->cert, (size_t)(strrchr(wrap->cert, '/') - wrap->cert), "/");
	wrap->chain = path_make(names->chain);
	/* A name without a slash is searched for where libraries are. */
	if (names->pkcs11 != NULL)
		wrap->pkcs11 = strchr(names->pkcs11, '/') == NULL
		    ? ctl_join(names->pkcs11, strlen(names->pkcs11), "")
		    : path_make(names->pkcs11);
	free(key);
}

static unsigned long
span_read(const struct ctl *ctl, const char *option, const char *text)
{
	unsigned long ms;

	if (dance_duration(text, VALID_MIN_MS, VALID_MAX_MS, &ms) != 0)
		ctl_usage(
		    ctl, "%s %s: not a span from 1m to 366d", option, text);
	return ms / 1000;
}

static void
call_option(struct wrap *wrap, struct names *names, int option)
{
	switch (option) {
	case OPTION_KEY:
		names->key = optarg;
		break;
	case OPTION_CHAIN:
		names->chain = optarg;
		break;
	case OPTION_NAME:
		ctl_identity(wrap->ctl, optarg, &wrap->identity);
		break;
	case OPTION_VALID:
		wrap->valid_s = span_read(wrap->ctl, "--valid", optarg);
		break;
	case OPTION_UNLESS_VALID:
		wrap->spare_s = span_read(wrap->ctl, "--unless-valid", optarg);
		break;
	case OPTION_AGENT:
		wrap->is_in_agent = true;
		break;
	case OPTION_PKCS11:
		names->pkcs11 = optarg;
		break;
	case OPTION_OUTPUT:
		names->output = optarg;
		break;
	default:
		wrap->shows_config = true;
	}
}

static void
call_check(const struct wrap *wrap, const struct names *names)
{
	const struct ctl *ctl = wrap->ctl;

	if (names->key == NULL)
		ctl_usage(ctl, "--key is missing");
	if (names->chain == NULL)
		ctl_usage(ctl, "--chain is missing");
	if (wrap->identity.text[0] == '\0')
		ctl_usage(ctl, "--name is missing");
	if (wrap->is_in_agent && names->pkcs11 != NULL)
		ctl_usage(ctl, "--agent or --pkcs11, not both");
	if (wrap->spare_s >= wrap->valid_s)
		ctl_usage(ctl,
		    "--unless-valid: not shorter than --valid, so no "
		    "certificate would do");
}

static void
call_read(struct wrap *wrap, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "key", required_argument, NULL, OPTION_KEY },
		{ "chain", required_argument, NULL, OPTION_CHAIN },
		{ "name", required_argument, NULL, OPTION_NAME },
		{ "valid", required_argument, NULL, OPTION_VALID },
		{ "unless-valid", required_argument, NULL,
		    OPTION_UNLESS_VALID },
		{ "agent", no_argument, NULL, OPTION_AGENT },
		{ "pkcs11", required_argument, NULL, OPTION_PKCS11 },
		{ "output", required_argument, NULL, OPTION_OUTPUT },
		{ "ssh-config", no_argument, NULL, OPTION_SSH_CONFIG },
		CTL_OPTIONS,
	};
	struct names names = { .key = NULL };
	int c;

	while ((c = ctl_getopt(wrap->ctl, argc, argv, options)) != -1)
		call_option(wrap, &names, c);
	ctl_operands(wrap->ctl, argc, 0);
	call_check(wrap, &names);
	paths_make(wrap, &names);
	if (wrap->shows_config && !wrap_config_takes(wrap))
		ctl_usage(wrap->ctl,
		    "--ssh-config: a name of a file has characters that are "
		    "neither letters, digits nor ._+@=,:/-");
}

static void
files_read(struct wrap *wrap)
{
	bool is_private = !wrap->is_in_agent && wrap->pkcs11 == NULL;

	if (is_private && access(wrap->key, F_OK) != 0)
		ctl_fail("%s: %s%s", wrap->key, strerror(errno),
		    errno == ENOENT ? "; for a key in ssh-agent add --agent"
				    : "");
	ctl_input_read(wrap->chain, &wrap->chain_input);
	ctl_input_find(wrap->key_public, &wrap->public_input);
	ctl_input_find(wrap->cert, &wrap->cert_input);
	if (!is_private && wrap->public_input.text == NULL)
		ctl_fail("%s: %s", wrap->key_public, strerror(ENOENT));
}

/* Returns the verdict; *ret_line is the job's, malloced. */
static int
work(struct wrap *wrap, dance_job *job, char **ret_line)
{
	struct dance_work todo = { .job = job,
		.arg = wrap,
		.deadline_ms = dance_now_ms() + CTL_JOB_MS };
	struct dance_result result;

	dance_worker_run(&todo, &result, ret_line);
	wrap->fault = result.fault;
	return result.verdict;
}

/* What is to be signed; NULL if nothing is. */
static int
look(struct wrap *wrap, char **ret_base64)
{
	int r;

	/* Perhaps there is no need to ask anybody for a passphrase. */
	if (wrap->public_input.text == NULL && wrap->spare_s != 0 &&
	    wrap->cert_input.text != NULL) {
		if ((r = work(wrap, wrap_look, ret_base64)) != 0 ||
		    *ret_base64 == NULL)
			return r;
		free(*ret_base64);
		*ret_base64 = NULL;
	}
	if (wrap->public_input.text == NULL &&
	    (r = tool_get_public(
		 wrap->key, &wrap->public_input, &wrap->fault)) != 0)
		return r;
	return work(wrap, wrap_look, ret_base64);
}

static int
wrap_run(struct wrap *wrap)
{
	struct wrap_place place = { .folder = -1, .fd = -1 };
	char *base64 = NULL, *none = NULL;
	int r;

	if (wrap->pkcs11 != NULL &&
	    (r = tool_check_library(wrap->pkcs11, &wrap->fault)) != 0)
		goto out;
	if ((r = look(wrap, &base64)) != 0 || base64 == NULL)
		goto out;
	free(wrap->cert_input.text);
	wrap->cert_input.text = NULL;
	if ((r = wrap_sign(wrap, &place, base64, &wrap->cert_input)) != 0 ||
	    (r = work(wrap, wrap_show, &none)) != 0)
		goto out;
	r = wrap_place_commit(wrap, &place);
out:
	wrap_place_close(&place);
	free(base64);
	free(none);
	return r;
}

static void
refusal_explain(const struct wrap *wrap, int verdict)
{
	const char *why = wrap->fault.text[0] != '\0'
	    ? wrap->fault.text
	    : dance_reason_hint(verdict);

	if (verdict == DANCE_ERR_CONFIG)
		ctl_say("%s", why);
	else
		ctl_say("%s: %s", dance_reason(verdict), why);
	wrap_put_refusal(wrap, verdict);
}

static void
wrap_clear(struct wrap *wrap)
{
	ctl_page_free(&wrap->page);
	free(wrap->key);
	free(wrap->key_public);
	free(wrap->chain);
	free(wrap->cert);
	free(wrap->folder);
	free(wrap->pkcs11);
	free(wrap->chain_input.text);
	free(wrap->public_input.text);
	free(wrap->cert_input.text);
}

int
ctl_wrap(struct ctl *ctl, int argc, char *argv[])
{
	struct wrap wrap = { .ctl = ctl, .valid_s = VALID_DEFAULT_S };
	int r;

	call_read(&wrap, argc, argv);
	files_read(&wrap);
	wrap.page = ctl_page_new();
	if ((r = wrap_run(&wrap)) != 0)
		refusal_explain(&wrap, r);
	ctl_page_print(ctl, wrap.page);
	wrap_clear(&wrap);
	return ctl_status(r);
}
