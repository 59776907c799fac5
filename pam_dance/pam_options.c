/* SPDX-License-Identifier: ISC */
#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#include "pam_options.h"

#define METHODS "methods="

static const struct {
	const char *name;
	enum dance_pam_method method;
} names[] = {
	{ "agent", DANCE_PAM_AGENT },
	{ "pkcs11", DANCE_PAM_PKCS11 },
	{ "sshd", DANCE_PAM_SSHD },
};

static enum dance_pam_method
method_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len &&
		    memcmp(names[i].name, name, len) == 0)
			return names[i].method;
	return DANCE_PAM_NONE;
}

bool
pam_options_have(
    const struct pam_options *options, enum dance_pam_method method)
{
	size_t i;

	for (i = 0; i < DANCE_PAM_METHODS; i++)
		if (options->methods[i] == method)
			return true;
	return false;
}

/* "agent,pkcs11": each at most once, at least one. */
static bool
methods_parse(const char *list, struct pam_options *options)
{
	enum dance_pam_method method;
	size_t n = 0, len;

	memset(options->methods, DANCE_PAM_NONE, sizeof(options->methods));
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		method = method_find(list, len);
		if (method == DANCE_PAM_NONE ||
		    pam_options_have(options, method))
			return false;
		options->methods[n++] = (uint8_t)method;
		if (list[len] == '\0')
			return true;
	}
}

static bool
option_parse(const char *word, struct pam_options *options)
{
	if (strncmp(word, METHODS, strlen(METHODS)) == 0)
		return methods_parse(word + strlen(METHODS), options);
	if (strcmp(word, "ignore_unknown_user") == 0)
		options->ignores_unknown = true;
	else if (strcmp(word, "debug") == 0)
		options->is_debug = true;
	else if (strcmp(word, "quiet") == 0)
		options->is_quiet = true;
	else
		return false;
	return true;
}

int
pam_options_parse(
    pam_handle_t *pamh, int argc, const char **argv, struct pam_options *ret)
{
	struct pam_options options = { .methods = { DANCE_PAM_AGENT } };
	int i;

	for (i = 0; i < argc; i++)
		if (!option_parse(argv[i], &options)) {
			pam_syslog(pamh, LOG_ERR,
			    "unknown option or bad value: %.100s", argv[i]);
			return PAM_SERVICE_ERR;
		}

	*ret = options;
	return PAM_SUCCESS;
}
