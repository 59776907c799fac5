/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: what was found, for people and as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "output.h"

static const struct {
	const char *word;
	const char *many;
	const char *colour;
} severities[] = {
	[DOCTOR_ERROR] = { "error", "errors", "\033[31m" },
	[DOCTOR_WARNING] = { "warning", "warnings", "\033[33m" },
	[DOCTOR_INFO] = { "info", "notes", "\033[36m" },
};

#define N_SEVERITIES (sizeof(severities) / sizeof(severities[0]))

#define NAME_WIDTH 6 /* of "mend: " */

static size_t
severity_count(const struct doctor *doctor, enum doctor_severity severity)
{
	const struct doctor_finding *finding = doctor->findings;
	size_t i, n = 0;

	for (i = 0; i < doctor->n_findings; i++)
		if (finding[i].severity == severity)
			n += 1 + finding[i].n_more;
	return n;
}

/* "  name: text", wrapped where there is a terminal. */
static void
field_put(const struct doctor *doctor, const char *name, const char *text)
{
	const struct ctl *ctl = doctor->ctl;
	size_t max =
	    ctl->is_terminal ? ctl->columns - 2 - NAME_WIDTH : strlen(text);
	size_t len;

	do {
		len = ctl_line_len(text, max);
		printf("  %-*s", NAME_WIDTH, name);
		ctl_put_plain(stdout, text, len);
		putchar('\n');
		text += len + strspn(text + len, " ");
		name = "";
	} while (*text != '\0');
}

static void
finding_put(const struct doctor *doctor, const struct doctor_finding *finding)
{
	bool is_coloured = doctor->ctl->is_terminal;
	char more[64];

	printf("%s%s%s: %s\n",
	    is_coloured ? severities[finding->severity].colour : "",
	    severities[finding->severity].word, is_coloured ? "\033[0m" : "",
	    finding->kind->id);
	field_put(doctor, "what:", finding->what);
	if (finding->n_more > 0) {
		snprintf(more, sizeof(more), "(and %zu more like this)",
		    finding->n_more);
		field_put(doctor, "", more);
	}
	field_put(doctor, "why:", finding->kind->why);
	if (finding->mend != NULL) {
		/* To be copied, so in one piece. */
		printf("  %-*s", NAME_WIDTH, "mend:");
		ctl_put_plain(stdout, finding->mend, strlen(finding->mend));
		putchar('\n');
	}
	putchar('\n');
}

static void
text_put(const struct doctor *doctor)
{
	size_t i, n;

	for (i = 0; i < doctor->n_findings; i++)
		finding_put(doctor, &doctor->findings[i]);
	for (i = 0; i < N_SEVERITIES; i++) {
		n = severity_count(doctor, (enum doctor_severity)i);
		printf("%s%zu %s", i == 0 ? "" : ", ", n,
		    n != 1		   ? severities[i].many
			: i == DOCTOR_INFO ? "note"
					   : severities[i].word);
	}
	putchar('\n');
}

static json_t *
finding_json(const struct doctor_finding *finding)
{
	char more[64] = "", *what;
	json_t *object;

	if (finding->n_more > 0)
		snprintf(more, sizeof(more), " (and %zu more like this)",
		    finding->n_more);
	what = doctor_join(finding->what, more);
	object = json_pack("{s:s, s:s, s:o, s:s, s:o}", "id", finding->kind->id,
	    "severity", severities[finding->severity].word, "what",
	    ctl_json_text(what), "why", finding->kind->why, "mend",
	    ctl_json_text(finding->mend));
	free(what);
	return object;
}

static void
json_put(const struct doctor *doctor)
{
	json_t *findings = json_array(), *object;
	size_t i;
	int r = 0;

	for (i = 0; i < doctor->n_findings; i++)
		r |= json_array_append_new(
		    findings, finding_json(&doctor->findings[i]));
	object = json_pack("{s:b, s:o}", "ok",
	    severity_count(doctor, DOCTOR_ERROR) == 0, "findings", findings);
	if (r != 0 || object == NULL ||
	    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) != 0)
		ctl_fail("the answer can't be shown: out of memory");
	putchar('\n');
	json_decref(object);
}

int
doctor_show(const struct doctor *doctor)
{
	if (doctor->ctl->is_json)
		json_put(doctor);
	else
		text_put(doctor);
	return severity_count(doctor, DOCTOR_ERROR) == 0 ? CTL_YES : CTL_NO;
}
