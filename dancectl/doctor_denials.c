/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: what the security modules of the kernel have denied.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"

#define JOURNALCTL "/usr/bin/journalctl"
#define DENIALS	   "denials"

/* Is a module there that could deny anything? */
static bool
has_security_module(void)
{
	static const char *const names[] = { "/sys/fs/selinux/enforce",
		"/sys/kernel/security/apparmor/profiles" };
	struct stat st;

	return stat(names[0], &st) == 0 || stat(names[1], &st) == 0;
}

void
doctor_collect_denials(struct doctor *doctor, const char *arg)
{
	static const char *const argv[] = { JOURNALCTL, "-b", "-q",
		"--no-pager", "-ocat", "-n1000", "-g",
		"apparmor=.?DENIED|avc: +denied", NULL };
	char *text;
	int status;

	(void)arg;
	if (!has_security_module())
		return;
	/* 1: it has found nothing, or says why it can't look. */
	status = doctor_ask(argv, &text);
	if (text != NULL && (status == 0 || (status == 1 && text[0] == '\0')))
		doctor_text_put(doctor, DENIALS, text);
	free(text);
}

static bool
line_is_about_us(const char *line, size_t len)
{
	static const char *const names[] = { "dance-authorized-keys",
		"dance-authorize", "dance-pam-helpe", "pam_dance.so",
		"libnss_dance", DANCE_LIBEXECDIR "/", DANCE_STATEDIR "/",
		"/etc/dance/" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (memmem(line, len, names[i], strlen(names[i])) != NULL)
			return true;
	return false;
}

void
doctor_check_denials(struct doctor *doctor, const char *arg)
{
	const char *line = doctor_text(doctor, DENIALS);
	size_t len;

	(void)arg;
	if (doctor->is_super && line == NULL && has_security_module())
		doctor_find(doctor, "denials-unknown", NULL,
		    "SELinux or AppArmor is there, but the journal can't be "
		    "read");
	for (; line != NULL && *line != '\0'; line += len) {
		len = strcspn(line, "\n");
		if (line_is_about_us(line, len))
			doctor_find(doctor, "denied", NULL, "%.*s",
			    (int)(len < 400 ? len : 400), line);
		len += line[len] == '\n';
	}
}
