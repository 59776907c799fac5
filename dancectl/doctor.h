/* SPDX-License-Identifier: ISC */
/*
 * What the doctor knows of a host, and what it has found.  As root it only
 * collects texts (doctor_collect_*); the checks come after root has been given
 * up.  Both go in steps, each in a child: see doctor_work.c.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anchor.h"
#include "config.h"
#include "dancectl.h"

enum doctor_severity { DOCTOR_ERROR, DOCTOR_WARNING, DOCTOR_INFO };

/* What can be found; %s in mend stands for the object of a finding. */
struct doctor_kind {
	const char *id;
	enum doctor_severity severity; /* most often */
	const char *why;
	const char *mend; /* NULL: nothing is to be mended */
};

/* NULL for an id that is none. */
const struct doctor_kind *doctor_kind_find(const char *id);

struct doctor_finding {
	const struct doctor_kind *kind;
	enum doctor_severity severity;
	char *what;
	char *mend;
	size_t n_more; /* of the same kind, which are not listed */
};

/* What one step has learnt for others: a file that root has read, a fact. */
struct doctor_text {
	char *name;
	char *text;
};

/* A line of sshd's configuration, in the order in which sshd reads them. */
struct doctor_line {
	char *file;
	unsigned number;
	char *keyword; /* lower case */
	char *value;
	bool is_match; /* counts for some only */
};

struct doctor {
	struct ctl *ctl;
	const char *root;
	bool is_host;	/* not --root */
	bool is_super;	/* was started by root */
	int64_t end_ms; /* no step is begun later */

	struct doctor_text *texts;
	size_t n_texts;
	struct doctor_finding *findings;
	size_t n_findings;

	/* Of a child. */
	bool is_worker;
	bool is_silent; /* what it finds has been found */
	int out;
	/* What the child looks at now, for its parent; NULL if it is silent. */
	char *object;

	/* Made anew in each child. */
	struct doctor_line *lines;
	size_t n_lines;
	struct dance_config *config;
	struct dance_anchors *anchors;
	bool has_anchors; /* no line of dance.conf that names one is at fault */
};

#define DOCTOR_OF_HOST	0x1 /* nothing of it is in a tree */
#define DOCTOR_PREPARES 0x2 /* those behind it need what it leaves in memory */
#define DOCTOR_MINOR	0x4 /* what it looks at stops no login */

/* One step of the work; it has to end within its time. */
struct doctor_step {
	void (*run)(struct doctor *doctor, const char *arg);
	const char *what; /* "the accounts map" */
	unsigned seconds;
	unsigned flags; /* of the following */
	const char *arg;
};

/*
 * Take the steps, each within its time.  One that does not end is a finding.
 * Returns false if there was one.
 */
bool doctor_work(
    struct doctor *doctor, const struct doctor_step *steps, size_t n);

/* From a step: what may be waited for is named, should it not answer. */
void doctor_looks_at(const struct doctor *doctor, const char *object);

/* From a step: the program ends, with CTL_FAULT and this text. */
_Noreturn void doctor_end(const struct doctor *doctor, const char *text);

/* From a step: something was found. */
void doctor_tell(const struct doctor *doctor, enum doctor_severity severity,
    const char *id, const char *object, const char *what);

/* For the steps behind this one; the first text of a name stays. */
void doctor_text_put(struct doctor *doctor, const char *name, const char *text);

/* NULL if there is none. */
const char *doctor_text(const struct doctor *doctor, const char *name);

/* Names of texts. */
#define DOCTOR_REAL_ROOT  "real root"	   /* of a tree, as faults name it */
#define DOCTOR_SSHD	  "sshd -T"	   /* what it has printed, */
#define DOCTOR_STATUS	  "sshd -T status" /* and its exit status */
#define DOCTOR_VERSION	  "sshd -V"	   /* as in check.h */
#define DOCTOR_USES_PAM	  "uses PAM"	   /* pam.d names our module */
#define DOCTOR_USES_P11	  "uses PKCS#11"   /* and its method pkcs11 */
#define DOCTOR_PROVISIONS "provisions"	   /* the map does */

/*
 * Something was found; format says what.  object takes the place of %s in the
 * command that mends it, and may be NULL where there is none.
 */
void doctor_find(struct doctor *doctor, const char *id, const char *object,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same, with another severity than most often. */
void doctor_find_as(struct doctor *doctor, enum doctor_severity severity,
    const char *id, const char *object, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * A fault "PATH: ..." or "PATH:LINE: ...": the owner or mode of a file is found
 * as such, all else under the id.
 */
void doctor_fault(struct doctor *doctor, const char *id, const char *fault);

/* Print it all; returns the exit code. */
int doctor_show(const struct doctor *doctor);

/* Steps of root. */
void doctor_collect_sshd(struct doctor *doctor, const char *arg);
void doctor_collect_ways(struct doctor *doctor, const char *arg);
void doctor_collect_denials(struct doctor *doctor, const char *arg);

/* What is in effect, up to the end of the line; "" if it is not set. */
const char *doctor_sshd_value(const struct doctor *doctor, const char *keyword);

/* login-names or provision are in use. */
bool doctor_uses_index(const struct doctor *doctor);

/* Steps of _dance. */
void doctor_read_sshd(struct doctor *doctor, const char *arg);
void doctor_read_config(struct doctor *doctor, const char *arg);
void doctor_check_accounts(struct doctor *doctor, const char *arg);
void doctor_check_map(struct doctor *doctor, const char *arg);
void doctor_check_policy(struct doctor *doctor, const char *arg);
void doctor_check_index(struct doctor *doctor, const char *arg);
void doctor_read_anchors(struct doctor *doctor, const char *arg);
void doctor_check_user(struct doctor *doctor, const char *arg);
void doctor_check_helper(struct doctor *doctor, const char *arg);
void doctor_check_cache(struct doctor *doctor, const char *arg);
void doctor_check_anchor(struct doctor *doctor, const char *arg);
void doctor_check_resolver(struct doctor *doctor, const char *arg);
void doctor_check_clock(struct doctor *doctor, const char *arg);
void doctor_check_pam(struct doctor *doctor, const char *arg);
void doctor_check_nss(struct doctor *doctor, const char *arg);
void doctor_check_sshd(struct doctor *doctor, const char *arg);
void doctor_check_rules(struct doctor *doctor, const char *arg);
void doctor_check_ways(struct doctor *doctor, const char *arg);
void doctor_check_denials(struct doctor *doctor, const char *arg);

/* Where PAM has a line for tokens. */
void doctor_check_token_user(struct doctor *doctor);

/* A helper: its path, and the package that it comes with. */
void doctor_check_program(
    struct doctor *doctor, const char *path, const char *package);

/* Allocate or end the program. */
char *doctor_copy(const char *text, size_t len);
char *doctor_join(const char *a, const char *b);
char *doctor_vformat(const char *format, va_list ap)
    __attribute__((format(printf, 1, 0)));
char *doctor_format(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Room for one more in an array of n, or end the program. */
void *doctor_grow(void *array, size_t n, size_t size);

/*
 * From a step: what a program (argv[0], an absolute path) prints, within its
 * bounds, or what it says of its failure; malloced, NULL if it was not
 * started.  Returns its exit status, or -1 without one.
 */
int doctor_ask(const char *const argv[], char **ret);

/* Read a small text file below root; NULL with a fault. */
char *doctor_read(
    const struct doctor *doctor, const char *path, struct dance_fault *fault);

/* At most max octets, with ? for NUL; malloced. */
char *doctor_read_fd(int fd, size_t max);

bool doctor_exists(const struct doctor *doctor, const char *path);

/* Does one of the patterns of glob(3) match a file below root? */
bool doctor_matches(
    const struct doctor *doctor, const char *const *patterns, size_t n);

#endif
