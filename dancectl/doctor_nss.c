/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: /etc/nsswitch.conf and what nss_dance needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "index.h"

#define NSSWITCH "/etc/nsswitch.conf"
#define BLANKS	 " \t\r"

static const char *const modules[] = {
	"/lib/libnss_dance.so.2",
	"/usr/lib/libnss_dance.so.2",
	"/lib64/libnss_dance.so.2",
	"/usr/lib64/libnss_dance.so.2",
	"/lib/*/libnss_dance.so.2",
	"/usr/lib/*/libnss_dance.so.2",
};

/* Where dance stands in one line. */
struct sources {
	bool has_dance;
	bool has_files_before;
	char behind[64]; /* what comes after it, "" for nothing */
};

/* services: "files [NOTFOUND=return] dance" */
static struct sources
sources_read(const char *services)
{
	struct sources ret = { .has_dance = false };
	char *copy = doctor_copy(services, strcspn(services, "#"));
	char *next = copy, *word;

	while ((word = strsep(&next, BLANKS)) != NULL) {
		if (word[0] == '\0' || word[0] == '[')
			continue;
		if (strcmp(word, "dance") == 0)
			ret.has_dance = true;
		else if (!ret.has_dance && strcmp(word, "files") == 0)
			ret.has_files_before = true;
		else if (ret.has_dance && ret.behind[0] == '\0')
			(void)snprintf(
			    ret.behind, sizeof(ret.behind), "%.63s", word);
	}
	free(copy);
	return ret;
}

/* The line of a database, behind its colon; NULL if there is none. */
static const char *
line_find(const char *text, const char *database)
{
	size_t len = strlen(database);
	const char *line = text;

	for (; line != NULL; line = strchr(line, '\n')) {
		line += strspn(line, BLANKS "\n");
		if (strncmp(line, database, len) == 0 && line[len] == ':')
			return line + len + 1;
	}
	return NULL;
}

/* True if it names dance. */
static bool
database_check(struct doctor *doctor, const char *text, const char *database)
{
	const char *found = line_find(text, database);
	struct sources sources;
	char *line;

	if (found == NULL)
		return false;
	line = doctor_copy(found, strcspn(found, "\n"));
	sources = sources_read(line);
	free(line);
	if (sources.has_dance && !sources.has_files_before)
		doctor_find(doctor, "nss-order", NULL,
		    NSSWITCH ": %s: dance does not stand behind files",
		    database);
	else if (sources.has_dance && sources.behind[0] != '\0')
		doctor_find_as(doctor, DOCTOR_WARNING, "nss-order", NULL,
		    NSSWITCH ": %s: dance is not last: %s stands behind it",
		    database, sources.behind);
	return sources.has_dance;
}

static void
needs_check(struct doctor *doctor)
{
	if (!doctor_matches(
		doctor, modules, sizeof(modules) / sizeof(modules[0])))
		doctor_find(doctor, "nss-module-missing", NULL,
		    NSSWITCH
		    " names dance, but libnss_dance.so.2 is not there");
	if (!doctor_exists(doctor, DANCE_INDEX_FILE))
		doctor_find(doctor, "nss-index-missing", NULL,
		    NSSWITCH " names dance, but " DANCE_INDEX_FILE
			     " is not there");
}

void
doctor_check_nss(struct doctor *doctor, const char *arg)
{
	struct dance_fault fault = { "" };
	bool has_passwd, has_group;
	char *text;

	(void)arg;
	if (!doctor_exists(doctor, NSSWITCH))
		return;
	if ((text = doctor_read(doctor, NSSWITCH, &fault)) == NULL) {
		doctor_fault(doctor, "host-fault", fault.text);
		return;
	}
	has_passwd = database_check(doctor, text, "passwd");
	has_group = database_check(doctor, text, "group");
	(void)database_check(doctor, text, "initgroups");
	if (has_passwd != has_group)
		doctor_find(doctor, "nss-half", NULL,
		    NSSWITCH ": dance stands in the line %s, but not in %s",
		    has_passwd ? "passwd" : "group",
		    has_passwd ? "group" : "passwd");
	if (has_passwd || has_group)
		needs_check(doctor);
	else if (doctor_uses_index(doctor))
		doctor_find(doctor, "nss-unused", NULL,
		    "%s, but " NSSWITCH " does not name dance",
		    doctor_text(doctor, DOCTOR_PROVISIONS) != NULL
			? "the map provisions accounts"
			: "dance.conf has login-names = yes");
	free(text);
}
