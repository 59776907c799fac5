/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: PAM lines by which a refusal or a fault of our module would
 * let somebody in, or by which nobody would come in.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor_pam.h"
#include "file.h"

#define PAM_HELPER DANCE_LIBEXECDIR "/dance-pam-helper"
#define PAM_DIR	   "/etc/pam.d"
#define SSHD	   "sshd"

static const char *const modules[] = {
	"/lib/security/pam_dance.so",
	"/usr/lib/security/pam_dance.so",
	"/lib64/security/pam_dance.so",
	"/usr/lib64/security/pam_dance.so",
	"/lib/*/security/pam_dance.so",
	"/usr/lib/*/security/pam_dance.so",
};

/* What the module answers when it does not let in: see pam_dance(8). */
static const char *const refusals[] = { "perm_denied", "auth_err",
	"authinfo_unavail", "system_err", "service_err", "buf_err" };

#define N_REFUSALS (sizeof(refusals) / sizeof(refusals[0]))

/* The worst that becomes of one of them. */
static enum pam_action
worst_action(const char *control)
{
	enum pam_action action, worst = PAM_REFUSE;
	size_t i;

	for (i = 0; i < N_REFUSALS; i++) {
		action = pam_action_of(control, refusals[i]);
		if (action > worst)
			worst = action;
	}
	return worst;
}

static void
find(struct doctor *doctor, const char *id, const struct pam_line *line,
    const char *what)
{
	doctor_find(doctor, id, line->file, "%s:%u: %s: %s", line->file,
	    line->number, line->control, what);
}

static void
account_check(struct doctor *doctor, const struct pam_line *line)
{
	if (worst_action(line->control) != PAM_REFUSE)
		find(doctor, "pam-account-open", line,
		    "refusals and faults of account are passed over");
	else if (pam_action_of(line->control, "ignore") == PAM_REFUSE)
		find(doctor, "pam-account-shut", line,
		    "ignore=ignore is missing");
}

static void
auth_check(struct doctor *doctor, const struct pam_line *line)
{
	enum pam_action worst = worst_action(line->control);

	if (worst == PAM_PASS)
		find(doctor, "pam-auth-open", line,
		    "a refusal or a fault lets in");
	else if (worst == PAM_REFUSE &&
	    strstr(line->options, "ignore_unknown_user") != NULL &&
	    pam_action_of(line->control, "ignore") != PAM_REFUSE)
		find(doctor, "pam-factor-skipped", line,
		    "with ignore_unknown_user");
}

/* Of a file with several such lines one that is required is enough. */
struct session_lines {
	struct doctor *doctor;
	bool has_required;
	char *weak; /* "FILE:NUMBER: CONTROL" of the first that is not */
	char *file;
};

static void
session_line_visit(const struct pam_line *line, void *arg)
{
	struct session_lines *lines = arg;

	if (line->type != PAM_SESSION || !pam_is_ours(line))
		return;
	if (pam_action_of(line->control, "session_err") == PAM_REFUSE &&
	    !line->is_optional_module)
		lines->has_required = true;
	else if (lines->weak == NULL) {
		lines->weak = doctor_format(
		    "%s:%u: %s", line->file, line->number, line->control);
		lines->file = doctor_copy(line->file, strlen(line->file));
	}
}

/* Where the register refuses a session it must not open. */
static void
session_lines_check(struct doctor *doctor, const char *name)
{
	struct session_lines lines = { .doctor = doctor };

	if (doctor_text(doctor, DOCTOR_PROVISIONS) == NULL)
		return;
	pam_walk(doctor, name, false, session_line_visit, &lines);
	if (lines.weak != NULL && !lines.has_required)
		doctor_find(doctor, "pam-session-optional", lines.file,
		    "%s: the session line of pam_dance.so is not required",
		    lines.weak);
	free(lines.weak);
	free(lines.file);
}

static bool
module_is_there(struct doctor *doctor, const struct pam_line *line)
{
	if (line->module[0] == '/')
		return doctor_exists(doctor, line->module);
	return doctor_matches(
	    doctor, modules, sizeof(modules) / sizeof(modules[0]));
}

static void
line_check(const struct pam_line *line, void *arg)
{
	struct doctor *doctor = arg;

	if (!pam_is_ours(line))
		return;
	doctor_text_put(doctor, DOCTOR_USES_PAM, "yes");
	if (!module_is_there(doctor, line))
		doctor_find(doctor, "pam-module-missing", line->file,
		    "%s:%u names %s, which is not there", line->file,
		    line->number, line->module);
	else if (line->is_optional_module && line->type != PAM_SESSION)
		find(doctor, "pam-missing-skipped", line,
		    "the line begins with \"-\"");
	if (line->type == PAM_ACCOUNT)
		account_check(doctor, line);
	if (line->type != PAM_AUTH)
		return;
	auth_check(doctor, line);
	if (strstr(line->options, "pkcs11") != NULL)
		doctor_text_put(doctor, DOCTOR_USES_P11, "yes");
}

/* The session lines of sshd, in the order in which they run. */
struct sessions {
	bool has_ours;	   /* so far */
	bool has_env;	   /* that users write to */
	bool is_env_first; /* before any of ours */
	bool is_env_last;  /* behind the last of ours */
	char *file;	   /* of the last one of pam_env.so */
	unsigned number;
};

static bool
line_is_env(const struct pam_line *line)
{
	return strstr(line->module, "pam_env.so") != NULL &&
	    strstr(line->options, "user_readenv=1") != NULL;
}

static void
session_visit(const struct pam_line *line, void *arg)
{
	struct sessions *sessions = arg;

	if (line->type != PAM_SESSION)
		return;
	if (pam_is_ours(line)) {
		sessions->has_ours = true;
		sessions->is_env_last = false;
	} else if (line_is_env(line)) {
		sessions->has_env = true;
		sessions->is_env_last = true;
		sessions->is_env_first |= !sessions->has_ours;
		free(sessions->file);
		sessions->file = doctor_copy(line->file, strlen(line->file));
		sessions->number = line->number;
	}
}

static void
sessions_check(struct doctor *doctor)
{
	struct sessions sessions = { .has_ours = false };

	pam_walk(doctor, SSHD, true, session_visit, &sessions);
	if (sessions.has_ours && sessions.is_env_first)
		doctor_find(doctor, "pam-session-env", sessions.file,
		    "%s:%u: pam_env.so with user_readenv=1 stands before the "
		    "session line of pam_dance.so",
		    sessions.file, sessions.number);
	else if (sessions.has_ours && sessions.is_env_last)
		doctor_find(doctor, "pam-session-env-behind", sessions.file,
		    "%s:%u: no session line of pam_dance.so stands behind "
		    "pam_env.so with user_readenv=1",
		    sessions.file, sessions.number);
	free(sessions.file);
}

void
doctor_check_pam(struct doctor *doctor, const char *arg)
{
	struct dance_fault fault = { "" };
	char **names = NULL;
	size_t n = 0, i;
	int r;

	(void)arg;
	doctor_looks_at(doctor, PAM_DIR);
	r = dance_file_list(doctor->root, PAM_DIR, "", &names, &n, &fault);
	if (r == DANCE_ERR_INTERNAL)
		ctl_fail("doctor: out of memory");
	if (r != 0)
		doctor_fault(doctor, "pam-fault", fault.text);
	for (i = 0; i < n; i++) {
		pam_walk(doctor, names[i], false, line_check, doctor);
		session_lines_check(doctor, names[i]);
	}
	dance_file_names_free(&names, n);
	sessions_check(doctor);
	if (doctor_text(doctor, DOCTOR_USES_PAM) != NULL)
		doctor_check_program(doctor, PAM_HELPER, "libpam-dance");
	if (doctor_text(doctor, DOCTOR_USES_P11) != NULL)
		doctor_check_token_user(doctor);
}
