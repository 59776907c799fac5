/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: looks at the whole host and says what is wrong, why that
 * matters and what mends it.  It changes nothing.  Each step is a function of
 * the tables below, and stands in a file with its neighbours.
 */
#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "doctor_ways.h"
#include "file.h"
#include "program.h"
#include "sandbox.h"

#define TEXT_MAX   (2UL * 1024 * 1024) /* a passwd of many accounts */
#define ANSWER_MAX (1024UL * 1024)
#define ANSWER_MS  5000

/* Seconds.  A program has 5, a map of a million lines takes some. */
#define QUICK 5
#define SLOW  10
#define LONG  30

/* Milliseconds for each part of the work: none takes the time of another. */
#define START_MS 5000
#define ROOT_MS	 20000
#define WAYS_MS	 20000
#define DANCE_MS 60000

/* Root reads what it alone can read. */
static const struct doctor_step of_root[] = {
	{ doctor_collect_sshd, "the configuration of sshd", SLOW, 0, NULL },
	{ doctor_collect_ways, "the accounts of administrators", SLOW,
	    DOCTOR_MINOR, NULL },
	{ doctor_collect_denials, "the logs of denials", SLOW,
	    DOCTOR_OF_HOST | DOCTOR_MINOR, NULL },
};

/* Those in front find out what the later ones go by. */
static const struct doctor_step of_dance[] = {
	{ doctor_read_sshd, "the configuration of sshd", SLOW, DOCTOR_PREPARES,
	    NULL },
	{ doctor_read_config, "dance.conf", QUICK, DOCTOR_PREPARES, NULL },
	{ doctor_check_accounts, "passwd and login.defs", QUICK, 0, NULL },
	{ doctor_check_map, "the accounts map", LONG, 0, NULL },
	{ doctor_check_policy, "chain-command", QUICK, 0, NULL },
	{ doctor_check_index, "the index of the map", SLOW, 0, NULL },
	{ doctor_read_anchors, "the trust anchors", QUICK, DOCTOR_PREPARES,
	    NULL },
	{ doctor_check_user, "the user _dance", QUICK, 0, NULL },
	{ doctor_check_helper, "the helper of sshd", QUICK, 0, NULL },
	{ doctor_check_cache, "the folder of cache", QUICK, 0, NULL },
	{ doctor_check_pam, "the configuration of PAM", QUICK, 0, NULL },
	{ doctor_check_sshd, "what sshd goes by", QUICK, 0, NULL },
	{ doctor_check_rules, "the rules of sshd", QUICK, 0, NULL },
	{ doctor_check_nss, "nsswitch.conf", QUICK, 0, NULL },
	{ doctor_check_anchor, "the keys of the root", QUICK, 0, NULL },
	{ doctor_check_resolver, "the resolvers", SLOW + QUICK, DOCTOR_OF_HOST,
	    NULL },
	{ doctor_check_clock, "the clock", QUICK, DOCTOR_OF_HOST | DOCTOR_MINOR,
	    NULL },
	{ doctor_check_ways, "the ways in without DANCE", QUICK, DOCTOR_MINOR,
	    NULL },
	{ doctor_check_denials, "the denials", QUICK,
	    DOCTOR_OF_HOST | DOCTOR_MINOR, NULL },
};

#define N_OF_ROOT  (sizeof(of_root) / sizeof(of_root[0]))
#define N_OF_DANCE (sizeof(of_dance) / sizeof(of_dance[0]))

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
doctor_vformat(const char *format, va_list ap)
{
	char *text;

	if (vasprintf(&text, format, ap) == -1)
		no_memory();
	return text;
}

char *
doctor_format(const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = doctor_vformat(format, ap);
	va_end(ap);
	return text;
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

int
doctor_ask(const char *const argv[], char **ret)
{
	const struct program program = { argv, NULL, NULL, ANSWER_MAX,
		ANSWER_MS };
	struct dance_fault fault = { "" };
	struct program_answer answer;
	char **text;

	*ret = NULL;
	if (program_run(&program, &answer, &fault) != 0)
		return -1;
	text = answer.status == 0 ? &answer.out : &answer.err;
	*ret = *text;
	*text = NULL;
	program_answer_free(&answer);
	return answer.is_late || answer.is_long ? -1 : answer.status;
}

char *
doctor_read(
    const struct doctor *doctor, const char *path, struct dance_fault *fault)
{
	char *text = NULL;
	size_t len;
	int r;

	doctor_looks_at(doctor, path);
	r = dance_file_read(doctor->root, path, TEXT_MAX, &text, &len, fault);
	if (r == DANCE_ERR_INTERNAL)
		no_memory();
	return r == 0 ? text : NULL;
}

char *
doctor_read_fd(int fd, size_t max)
{
	char *text = doctor_grow(NULL, max, 1);
	size_t len = 0, i;
	ssize_t n;

	while (len < max &&
	    ((n = read(fd, text + len, max - len)) > 0 ||
		(n == -1 && errno == EINTR)))
		if (n > 0)
			len += (size_t)n;
	text[len] = '\0';
	/* A text ends at its first NUL; what was read goes on. */
	for (i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = '?';
	return text;
}

bool
doctor_exists(const struct doctor *doctor, const char *path)
{
	bool exists;

	doctor_looks_at(doctor, path);
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
		doctor_looks_at(doctor, patterns[i]);
		path = doctor_join(doctor->root, patterns[i]);
		is_found = glob(path, 0, NULL, &found) == 0;
		if (is_found)
			globfree(&found);
		free(path);
	}
	return is_found;
}

/* A home that does not answer hides no other. */
static void
ways_collect(struct doctor *doctor)
{
	const char *text = doctor_text(doctor, WAYS_ADMINS), *line;
	struct doctor_step step = { doctor_collect_way, NULL, SLOW,
		DOCTOR_MINOR, NULL };
	char *arg, *what;
	size_t len;

	doctor->end_ms = dance_now_ms() + WAYS_MS;
	for (line = text; line != NULL && *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		arg = doctor_copy(line, len);
		what = doctor_format(
		    "the way in of %.*s", (int)strcspn(line, ":"), line);
		step.arg = arg;
		step.what = what;
		(void)doctor_work(doctor, &step, 1);
		free(what);
		free(arg);
	}
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
	for (i = 0; i < doctor->n_texts; i++) {
		free(doctor->texts[i].name);
		free(doctor->texts[i].text);
	}
	free(doctor->findings);
	free(doctor->texts);
	free(doctor->object);
}

/* Can root be given up, and is the tree there then? */
static void
start_try(struct doctor *doctor, const char *arg)
{
	struct dance_fault fault = { "" };
	struct stat st;
	char *real;

	(void)arg;
	if (!doctor->is_host && (real = realpath(doctor->root, NULL)) != NULL) {
		doctor_text_put(doctor, DOCTOR_REAL_ROOT, real);
		free(real);
	}
	if (dance_sandbox_drop_root(&fault) != 0)
		doctor_end(doctor, fault.text);
	if (doctor->is_host)
		return;
	if (stat(doctor->root, &st) != 0)
		doctor_end(doctor,
		    doctor_format("%s: %s", doctor->root, strerror(errno)));
	if (!S_ISDIR(st.st_mode))
		doctor_end(doctor,
		    doctor_format("%s: %s", doctor->root, strerror(ENOTDIR)));
}

static void
doctor_start(struct doctor *doctor)
{
	const struct doctor_step first = { start_try,
		doctor->is_host ? "the user _dance" : doctor->root, QUICK, 0,
		NULL };

	doctor->end_ms = dance_now_ms() + START_MS;
	if (!doctor_work(doctor, &first, 1))
		ctl_fail("%s", doctor->findings[0].what);
}

/* The first step has done the same in a child, so it does not take long. */
static void
doctor_drop_root(void)
{
	struct dance_fault fault = { "" };

	if (dance_sandbox_drop_root(&fault) != 0)
		ctl_fail("%s", fault.text);
}

int
ctl_doctor(struct ctl *ctl, int argc, char *argv[])
{
	static const struct option options[] = { CTL_OPTIONS };
	struct doctor doctor = { .ctl = ctl };
	int status;

	(void)ctl_getopt(ctl, argc, argv, options);
	ctl_operands(ctl, argc, 0);
	doctor.root = ctl->root;
	doctor.is_host = ctl->root[0] == '\0';
	doctor.is_super = geteuid() == 0;
	doctor_start(&doctor);
	if (doctor.is_super) {
		doctor.end_ms = dance_now_ms() + ROOT_MS;
		(void)doctor_work(&doctor, of_root, N_OF_ROOT);
		ways_collect(&doctor);
	}
	doctor_drop_root();
	if (!doctor.is_super)
		doctor_find(&doctor, "not-root", NULL,
		    doctor.is_host
			? "not started by root: left out are what sshd itself "
			  "says of its configuration, passwords and keys of "
			  "the ways in without DANCE, and denials in the log"
			: "not started by root: passwords and keys of the ways "
			  "in without DANCE are left out");
	doctor.end_ms = dance_now_ms() + DANCE_MS;
	(void)doctor_work(&doctor, of_dance, N_OF_DANCE);
	findings_sort(&doctor);
	status = doctor_show(&doctor);
	doctor_clear(&doctor);
	return status;
}
