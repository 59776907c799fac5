/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: which lines of the logs are denials of something of ours.
 * A field is compared, never the line: a name that somebody has given to a file
 * is not the name of a program.  (The kernel writes a value with a quote or a
 * blank in it in hex.)
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "doctor_denials.h"
#include "number.h"

#define LINE_SHOWN 400
#define SLACK	   60 /* seconds by which the time of the start is not known */
#define VALUE_MAX  256

/* As the kernel has them in comm: 15 characters. */
static const char *const comms[] = { "dance-authorize", "dance-pam-helpe" };

static const char *const names[] = { "dance-authorized-keys",
	"dance-pam-helper", "pam_dance.so", "libnss_dance.so.2" };

/* What others read, too: our programs, and the index by nss_dance. */
static const char *const places[] = { DANCE_LIBEXECDIR "/",
	DANCE_STATEDIR "/" };

#define N(array) (sizeof(array) / sizeof(array[0]))

/* The value of " key=value" or " key=\"value\""; false without it. */
static bool
field_get(const char *line, const char *key, char ret[VALUE_MAX])
{
	size_t len = strlen(key);
	const char *at = line;

	while ((at = strstr(at, key)) != NULL) {
		if (at > line && (at[-1] == ' ' || at[-1] == '\'') &&
		    at[len] == '=')
			break;
		at += len;
	}
	if (at == NULL)
		return false;
	at += len + 1;
	len = *at == '"' ? strcspn(++at, "\"") : strcspn(at, " '");
	if (len >= VALUE_MAX)
		return false;
	memcpy(ret, at, len);
	ret[len] = '\0';
	return true;
}

/* One of ours, by its own name or that of what holds it. */
static bool
actor_is_ours(const char *line)
{
	char value[VALUE_MAX];
	size_t i;

	if (field_get(line, "comm", value))
		for (i = 0; i < N(comms); i++)
			if (strcmp(value, comms[i]) == 0)
				return true;
	if (field_get(line, "exe", value) &&
	    strncmp(value, places[0], strlen(places[0])) == 0)
		return true;
	if (field_get(line, "profile", value))
		for (i = 0; i < 2; i++)
			if (strstr(value, names[i]) != NULL)
				return true;
	return field_get(line, "scontext", value) &&
	    strstr(value, ":dance_") != NULL;
}

static bool
object_is_ours(const char *line, const char *key)
{
	char value[VALUE_MAX];
	const char *last;
	size_t i;

	if (!field_get(line, key, value))
		return false;
	for (i = 0; i < N(places); i++)
		if (strncmp(value, places[i], strlen(places[i])) == 0)
			return true;
	last = strrchr(value, '/');
	last = last == NULL ? value : last + 1;
	for (i = 0; i < N(names); i++)
		if (strcmp(last, names[i]) == 0)
			return true;
	return false;
}

/* "audit(1700000000.123:4)": logs are older than the host's last start. */
static bool
line_is_old(const char *line)
{
	const char *at = strstr(line, "audit(");
	struct timespec up;
	char digits[16] = "";
	unsigned long then;
	size_t len;

	if (at == NULL || clock_gettime(CLOCK_BOOTTIME, &up) != 0)
		return false;
	at += strlen("audit(");
	len = strspn(at, "0123456789");
	if (len == 0 || len >= sizeof(digits))
		return false;
	memcpy(digits, at, len);
	return dance_strtou(digits, 0, INT64_MAX, &then) == 0 &&
	    (time_t)then < time(NULL) - up.tv_sec - SLACK;
}

/* Without the number of the process, so that the same is said once. */
static char *
line_trim(const char *line)
{
	char *copy = doctor_copy(line, strlen(line)), *pid, *end;

	while ((pid = strstr(copy, " pid=")) != NULL) {
		end = pid + 1 + strcspn(pid + 1, " ");
		memmove(pid, end, strlen(end) + 1);
	}
	copy[strcspn(copy, "\r\035")] = '\0'; /* what ausearch adds */
	if (strlen(copy) > LINE_SHOWN)
		copy[LINE_SHOWN] = '\0';
	return copy;
}

static void
denial_find(struct doctor *doctor, const char *id, const char *line)
{
	char profile[VALUE_MAX];
	char *what = line_trim(line);

	if (!field_get(line, "profile", profile))
		memcpy(profile, "dance", sizeof("dance"));
	doctor_find(doctor, id, profile, "%s", what);
	free(what);
}

static void
line_check(struct doctor *doctor, const char *line)
{
	const char *selinux = strstr(line, "avc:  denied");
	const char *apparmor = strstr(line, "apparmor=\"DENIED\"");

	if ((selinux == NULL && apparmor == NULL) || line_is_old(line))
		return;
	if (!actor_is_ours(line) && !object_is_ours(line, "name") &&
	    !object_is_ours(line, "path"))
		return;
	if (selinux != NULL)
		denial_find(doctor, "denied-selinux", selinux);
	else
		denial_find(doctor, "denied-apparmor", apparmor);
}

void
doctor_check_denials(struct doctor *doctor, const char *arg)
{
	char *copy, *next, *line;
	size_t i, n = 0;

	(void)arg;
	for (i = 0; i < doctor->n_texts; i++) {
		if (strncmp(doctor->texts[i].name, DENIALS_TEXT,
			strlen(DENIALS_TEXT)) != 0)
			continue;
		n++;
		next = copy = doctor_copy(
		    doctor->texts[i].text, strlen(doctor->texts[i].text));
		while ((line = strsep(&next, "\n")) != NULL)
			line_check(doctor, line);
		free(copy);
	}
	if (doctor->is_super && n == 0 && denials_are_possible())
		doctor_find(doctor, "denials-unknown", NULL,
		    "SELinux or AppArmor is there, but neither the audit log "
		    "nor that of the kernel can be read");
}
