/* SPDX-License-Identifier: ISC */
/*
 * Three people are kept apart here: PAM_USER, who is to be let in; the caller,
 * who owns the agent; and whoever the process runs as.  PAM_USER is never
 * changed.
 */
#include <errno.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "pam_request.h"

#define PASSWD		"/etc/passwd"
#define PASSWD_LINE_MAX 1048576 /* octets */
#define SSHD		"sshd"

/* A whole text or nothing: a name that was cut is another's. */
static bool
text_copy(char *ret, size_t size, const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	if (len == 0 || len >= size)
		return false;
	memcpy(ret, text, len + 1);
	return true;
}

static const char *
item_text(pam_handle_t *pamh, int type)
{
	const void *item = NULL;

	if (pam_get_item(pamh, type, &item) != PAM_SUCCESS)
		return NULL;
	return item;
}

/* libpam would call it without looking. */
static bool
can_converse(pam_handle_t *pamh)
{
	const void *item = NULL;
	const struct pam_conv *conv;

	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
		return false;
	conv = item;
	return conv->conv != NULL;
}

static int
request_user(pam_handle_t *pamh, struct dance_pam_request *request)
{
	const char *user = item_text(pamh, PAM_USER);
	int r;

	if (request->action == DANCE_PAM_AUTH &&
	    (user != NULL || can_converse(pamh)) &&
	    (r = pam_get_user(pamh, &user, NULL)) != PAM_SUCCESS)
		return r == PAM_CONV_AGAIN ? PAM_INCOMPLETE : PAM_AUTH_ERR;
	if (!text_copy(request->user, sizeof(request->user), user)) {
		pam_syslog(pamh, LOG_NOTICE,
		    "the user's name is missing, empty or too long");
		return PAM_AUTH_ERR;
	}
	return PAM_SUCCESS;
}

/*
 * The real uid says who called a setuid program; where that is root's, since
 * the program has changed it (as sudo does) or was started by root, only
 * PAM_RUSER can.  A service that names nobody has no caller, and no agent.
 */
static void
request_caller(pam_handle_t *pamh, struct dance_pam_request *request)
{
	const struct passwd *entry;
	const char *ruser;

	request->caller_uid = DANCE_PAM_NO_CALLER;
	if (getuid() != 0)
		entry = pam_modutil_getpwuid(pamh, getuid());
	else {
		ruser = item_text(pamh, PAM_RUSER);
		if (ruser == NULL || ruser[0] == '\0')
			return;
		entry = pam_modutil_getpwnam(pamh, ruser);
	}
	if (entry != NULL &&
	    text_copy(request->caller, sizeof(request->caller), entry->pw_name))
		request->caller_uid = entry->pw_uid;
}

/* The one variable of the process that is looked at. */
static void
request_agent(pam_handle_t *pamh, struct dance_pam_request *request)
{
	const char *path = getenv("SSH_AUTH_SOCK");

	if (path == NULL || path[0] == '\0')
		return;
	if (path[0] != '/' ||
	    !text_copy(request->agent, sizeof(request->agent), path))
		pam_syslog(pamh, LOG_NOTICE,
		    "SSH_AUTH_SOCK is no absolute path, or too long");
}

/*
 * sshd alone puts it there; elsewhere a user might, by what pam_env reads for
 * him.
 */
static int
request_info(pam_handle_t *pamh, struct dance_pam_request *request,
    const char **ret_info)
{
	const char *info;
	size_t len;

	*ret_info = "";
	if (strcmp(request->service, SSHD) != 0 ||
	    (info = pam_getenv(pamh, "SSH_AUTH_INFO_0")) == NULL)
		return PAM_SUCCESS;
	if ((len = strlen(info)) > DANCE_PAM_INFO_MAX) {
		pam_syslog(pamh, LOG_NOTICE, "SSH_AUTH_INFO_0 is too long");
		return PAM_AUTH_ERR;
	}
	request->info_len = (uint32_t)len;
	*ret_info = info;
	return PAM_SUCCESS;
}

int
pam_request_make(pam_handle_t *pamh, enum dance_pam_action action,
    const struct pam_options *options, struct dance_pam_request *ret,
    const char **ret_info)
{
	bool is_auth = action == DANCE_PAM_AUTH;
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->version = DANCE_PAM_VERSION;
	ret->action = action;
	memcpy(ret->methods, options->methods, sizeof(ret->methods));
	*ret_info = "";
	if (!text_copy(ret->service, sizeof(ret->service),
		item_text(pamh, PAM_SERVICE)))
		return PAM_SERVICE_ERR;
	if ((r = request_user(pamh, ret)) != PAM_SUCCESS)
		return r;
	request_caller(pamh, ret);
	if (is_auth && pam_options_have(options, DANCE_PAM_AGENT))
		request_agent(pamh, ret);
	if (action == DANCE_PAM_SESSION ||
	    (is_auth && pam_options_have(options, DANCE_PAM_SSHD)))
		return request_info(pamh, ret, ret_info);
	return PAM_SUCCESS;
}

/* The lines of passwd, with a buffer that grows; 0 or an errno. */
static int
passwd_find(FILE *f, const char *user, char **buffer, size_t size, bool *ret)
{
	struct passwd entry, *found;
	char *larger;
	long at;
	int error;

	for (;;) {
		at = ftell(f);
		error = fgetpwent_r(f, &entry, *buffer, size, &found);
		if (error == ENOENT) {
			*ret = false;
			return 0;
		}
		if (error == ERANGE && size < PASSWD_LINE_MAX) {
			size *= 2;
			if ((larger = realloc(*buffer, size)) == NULL)
				return ENOMEM;
			*buffer = larger;
			if (fseek(f, at, SEEK_SET) != 0)
				return errno;
			continue;
		}
		if (error != 0)
			return error;
		if (strcmp(found->pw_name, user) == 0) {
			*ret = true;
			return 0;
		}
	}
}

int
pam_user_is_local(pam_handle_t *pamh, const char *user, bool *ret)
{
	const size_t size = 4096;
	char *buffer = malloc(size);
	FILE *f = fopen(PASSWD, "re");
	int error = errno;

	if (buffer != NULL && f != NULL)
		error = passwd_find(f, user, &buffer, size, ret);
	else if (error == 0)
		error = ENOMEM;
	if (error != 0)
		pam_syslog(pamh, LOG_ERR, PASSWD ": %s", strerror(error));
	if (f != NULL)
		fclose(f);
	free(buffer);
	return error == 0 ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}
