/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: what was found, and the command that mends it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "text.h"

/* So many findings of one kind are listed; further ones are counted. */
#define SAME_MAX 10

static _Noreturn void
no_memory(void)
{
	ctl_fail("doctor: out of memory");
}

#define SAFE                                                   \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789./_-@+:,="

static bool
word_is_plain(const char *word)
{
	for (; *word != '\0'; word++)
		if (*word < ' ' || *word > '~')
			return false;
	return true;
}

/* What can't be shown is made by printf(1), as every shell has it. */
static void
word_put_odd(FILE *out, const char *word)
{
	fputs("\"$(printf '", out);
	for (; *word != '\0'; word++)
		if (*word == '%')
			fputs("%%", out);
		else if (strchr(SAFE, *word) != NULL)
			fputc(*word, out);
		else
			fprintf(out, "\\%03o", (unsigned)(unsigned char)*word);
	fputs("')\"", out);
}

/* A word of a shell's, quoted if need be. */
static void
word_put(FILE *out, const char *word)
{
	if (!word_is_plain(word)) {
		word_put_odd(out, word);
		return;
	}
	if (word[0] != '\0' && word[strspn(word, SAFE "%")] == '\0') {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word != '\0'; word++)
		fputs(*word == '\'' ? "'\\''" : (char[]){ *word, '\0' }, out);
	fputc('\'', out);
}

static FILE *
text_open(char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);

	if (out == NULL)
		no_memory();
	return out;
}

/* The object as those see it who are in the tree. */
static const char *
object_below(const struct doctor *doctor, const char *object)
{
	const char *root = doctor_text(doctor, DOCTOR_REAL_ROOT);
	size_t len = root == NULL ? 0 : strlen(root);

	if (object != NULL && len > 1 && strncmp(object, root, len) == 0 &&
	    object[len] == '/')
		return object + len;
	return object;
}

/* What mends a tree is done in it, and never to the host. */
static char *
mend_make(const struct doctor *doctor, const char *format, const char *object)
{
	char *text = NULL, *inside = NULL;
	size_t size;
	FILE *out = text_open(&text, &size);

	object = object_below(doctor, object);
	for (; *format != '\0'; format++)
		if (object != NULL && strncmp(format, "%s", 2) == 0) {
			word_put(out, object);
			format++;
		} else
			fputc(*format, out);
	if (!dance_text_close(out, &text))
		no_memory();
	if (doctor->is_host)
		return text;
	out = text_open(&inside, &size);
	fputs("chroot ", out);
	word_put(out, doctor->root);
	fputs(" sh -c ", out);
	word_put(out, text);
	free(text);
	if (!dance_text_close(out, &inside))
		no_memory();
	return inside;
}

/* The last one of a kind that has enough of them. */
static struct doctor_finding *
finding_full(const struct doctor *doctor, const struct doctor_kind *kind)
{
	struct doctor_finding *last = NULL;
	size_t i, n = 0;

	for (i = 0; i < doctor->n_findings; i++)
		if (doctor->findings[i].kind == kind) {
			last = &doctor->findings[i];
			n++;
		}
	return n < SAME_MAX ? NULL : last;
}

/* A folder that is above two files is found once. */
static bool
finding_is_old(const struct doctor *doctor, const struct doctor_kind *kind,
    const char *what)
{
	size_t i;

	for (i = 0; i < doctor->n_findings; i++)
		if (doctor->findings[i].kind == kind &&
		    strcmp(doctor->findings[i].what, what) == 0)
			return true;
	return false;
}

/* what is taken over. */
static void
finding_add(struct doctor *doctor, const struct doctor_kind *kind,
    enum doctor_severity severity, const char *object, char *what)
{
	struct doctor_finding *finding = finding_full(doctor, kind);

	if (finding_is_old(doctor, kind, what)) {
		free(what);
		return;
	}
	if (finding != NULL) {
		finding->n_more++;
		free(what);
		return;
	}
	doctor->findings =
	    doctor_grow(doctor->findings, doctor->n_findings, sizeof(*finding));
	finding = &doctor->findings[doctor->n_findings++];
	*finding = (struct doctor_finding){
		.kind = kind,
		.severity = severity,
		.what = what,
		.mend = kind->mend == NULL
		    ? NULL
		    : mend_make(doctor, kind->mend, object),
	};
}

static void
find(struct doctor *doctor, const struct doctor_kind *kind,
    enum doctor_severity severity, const char *object, char *what)
{
	if (!doctor->is_worker) {
		finding_add(doctor, kind, severity, object, what);
		return;
	}
	doctor_tell(doctor, severity, kind->id, object, what);
	free(what);
}

static const struct doctor_kind *
kind_of(const char *id)
{
	const struct doctor_kind *kind = doctor_kind_find(id);

	if (kind == NULL)
		ctl_fail("doctor: %s: not a finding", id);
	return kind;
}

void
doctor_find(struct doctor *doctor, const char *id, const char *object,
    const char *format, ...)
{
	const struct doctor_kind *kind = kind_of(id);
	char *what;
	va_list ap;

	va_start(ap, format);
	what = doctor_vformat(format, ap);
	va_end(ap);
	find(doctor, kind, kind->severity, object, what);
}

void
doctor_find_as(struct doctor *doctor, enum doctor_severity severity,
    const char *id, const char *object, const char *format, ...)
{
	char *what;
	va_list ap;

	va_start(ap, format);
	what = doctor_vformat(format, ap);
	va_end(ap);
	find(doctor, kind_of(id), severity, object, what);
}

/* The last place of a mark: the name in front may hold it, too. */
static const char *
mark_find(const char *fault, const char *mark)
{
	const char *at = NULL, *next = fault;

	while ((next = strstr(next, mark)) != NULL)
		at = next++;
	return at;
}

void
doctor_fault(struct doctor *doctor, const char *id, const char *fault)
{
	const char *owned = mark_find(fault, ": owned by uid ");
	const char *open = mark_find(fault, ": writable by group or others ");
	const char *end = fault + strcspn(fault, ":");
	char *path;

	if (owned != NULL && (open == NULL || owned > open)) {
		id = "file-owner";
		end = owned;
	} else if (open != NULL) {
		id = "file-writable";
		end = open;
	}
	path = doctor_copy(fault, (size_t)(end - fault));
	doctor_find(doctor, id, path, "%s", fault);
	free(path);
}
