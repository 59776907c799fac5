/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: looks at the whole host and says what is wrong, why that
 * matters and what mends it.  It changes nothing.  Each check is a function of
 * the table below, and stands in a file with its neighbours.
 */
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "file.h"

#define TEXT_MAX (256UL * 1024)

/* So many findings of one kind are listed; further ones are counted. */
#define SAME_MAX 10

struct check {
	void (*run)(struct doctor *doctor);
	bool is_of_host; /* nothing of it is in a tree */
};

/* Those in front find out what the later ones go by. */
static const struct check checks[] = {
	{ doctor_check_config, false },
	{ doctor_check_user, false },
	{ doctor_check_helper, false },
	{ doctor_check_cache, false },
	{ doctor_check_pam, false },
	{ doctor_check_sshd, false },
	{ doctor_check_rules, false },
	{ doctor_check_nss, false },
	{ doctor_check_anchor, false },
	{ doctor_check_resolver, true },
	{ doctor_check_clock, true },
	{ doctor_check_ways, false },
	{ doctor_check_denials, true },
};

static _Noreturn void
no_memory(void)
{
	ctl_fail("doctor: out of memory");
}

char *
doctor_copy(const char *text, size_t len)
{
	char *copy = strndup(text, len);

	if (copy == NULL)
		no_memory();
	return copy;
}

char *
doctor_join(const char *a, const char *b)
{
	char *joined;

	if (asprintf(&joined, "%s%s", a, b) == -1)
		no_memory();
	return joined;
}

void *
doctor_grow(void *array, size_t n, size_t size)
{
	void *larger = reallocarray(array, n + 1, size);

	if (larger == NULL)
		no_memory();
	return larger;
}

char *
doctor_read(
    const struct doctor *doctor, const char *path, struct dance_fault *fault)
{
	char *text = NULL;
	size_t len;
	int r;

	r = dance_file_read(doctor->root, path, TEXT_MAX, &text, &len, fault);
	if (r == DANCE_ERR_INTERNAL)
		no_memory();
	return r == 0 ? text : NULL;
}

bool
doctor_exists(const struct doctor *doctor, const char *path)
{
	bool exists;

	if (dance_file_exists(doctor->root, path, &exists) != 0)
		no_memory();
	return exists;
}

bool
doctor_matches(
    const struct doctor *doctor, const char *const *patterns, size_t n)
{
	bool is_found = false;
	glob_t found;
	char *path;
	size_t i;

	for (i = 0; i < n && !is_found; i++) {
		path = doctor_join(doctor->root, patterns[i]);
		is_found = glob(path, 0, NULL, &found) == 0;
		if (is_found)
			globfree(&found);
		free(path);
	}
	return is_found;
}

/* A word of a shell's, quoted if need be. */
static void
word_put(FILE *out, const char *word)
{
	if (word[strspn(word,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789/._-@+:,=%")] == '\0') {
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
	const char *root = doctor->real_root;
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
	if (fclose(out) != 0)
		no_memory();
	if (doctor->is_host)
		return text;
	out = text_open(&inside, &size);
	fputs("chroot ", out);
	word_put(out, doctor->root);
	fputs(" sh -c ", out);
	word_put(out, text);
	free(text);
	if (fclose(out) != 0)
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
	int n;

	va_start(ap, format);
	n = vasprintf(&what, format, ap);
	va_end(ap);
	if (n == -1)
		no_memory();
	finding_add(doctor, kind, kind->severity, object, what);
}

void
doctor_find_as(struct doctor *doctor, enum doctor_severity severity,
    const char *id, const char *object, const char *format, ...)
{
	char *what;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&what, format, ap);
	va_end(ap);
	if (n == -1)
		no_memory();
	finding_add(doctor, kind_of(id), severity, object, what);
}

void
doctor_fault(struct doctor *doctor, const char *id, const char *fault)
{
	char *path = doctor_copy(fault, strcspn(fault, ":"));

	if (strstr(fault, ": owned by uid ") != NULL)
		id = "file-owner";
	else if (strstr(fault, ": writable by group or others ") != NULL)
		id = "file-writable";
	doctor_find(doctor, id, path, "%s", fault);
	free(path);
}

static void
doctor_collect(struct doctor *doctor)
{
	doctor_collect_sshd(doctor);
	doctor_collect_ways(doctor);
	if (doctor->is_host)
		doctor_collect_denials(doctor);
}

/* The first of what is equally bad stays the first. */
static void
findings_sort(struct doctor *doctor)
{
	struct doctor_finding *list = doctor->findings, moved;
	size_t i, j;

	for (i = 1; i < doctor->n_findings; i++) {
		moved = list[i];
		for (j = i; j > 0 && list[j - 1].severity > moved.severity; j--)
			list[j] = list[j - 1];
		list[j] = moved;
	}
}

static void
doctor_clear(struct doctor *doctor)
{
	size_t i;

	for (i = 0; i < doctor->n_findings; i++) {
		free(doctor->findings[i].what);
		free(doctor->findings[i].mend);
	}
	for (i = 0; i < doctor->n_files; i++) {
		free(doctor->files[i].path);
		free(doctor->files[i].text);
	}
	for (i = 0; i < doctor->n_lines; i++) {
		free(doctor->lines[i].file);
		free(doctor->lines[i].keyword);
		free(doctor->lines[i].value);
	}
	free(doctor->findings);
	free(doctor->files);
	free(doctor->lines);
	free(doctor->sshd_text);
	free(doctor->denials);
	free(doctor->ways);
	free(doctor->real_root);
	dance_anchors_free(&doctor->anchors);
	dance_config_free(&doctor->config);
}

int
ctl_doctor(struct ctl *ctl, int argc, char *argv[])
{
	static const struct option options[] = { CTL_OPTIONS };
	struct doctor doctor = { .ctl = ctl };
	size_t i;
	int status;

	(void)ctl_getopt(ctl, argc, argv, options);
	ctl_operands(ctl, argc, 0);
	doctor.root = ctl->root;
	doctor.is_host = ctl->root[0] == '\0';
	doctor.real_root = doctor.is_host ? NULL : realpath(ctl->root, NULL);
	doctor.is_super = geteuid() == 0;
	doctor_collect(&doctor);
	ctl_drop_root(ctl);
	if (!doctor.is_super)
		doctor_find(&doctor, "not-root", NULL,
		    doctor.is_host
			? "not started by root: left out are what sshd itself "
			  "says of its configuration, passwords and keys of "
			  "the ways in without DANCE, and denials in the log"
			: "not started by root: passwords and keys of the ways "
			  "in without DANCE are left out");
	doctor_sshd_read(&doctor);
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (doctor.is_host || !checks[i].is_of_host)
			checks[i].run(&doctor);
	findings_sort(&doctor);
	status = doctor_show(&doctor);
	doctor_clear(&doctor);
	return status;
}
