/* SPDX-License-Identifier: ISC */
/*
 * What the doctor knows of a host, and what it has found.  As root it only
 * collects texts and facts (doctor_collect_*); the checks come after root has
 * been given up.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

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

/* A file that was read as root. */
struct doctor_file {
	char *path; /* below root */
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
	char *real_root; /* of a tree, as faults name it */
	bool is_host;	 /* not --root */
	bool is_super;	 /* was started by root */
	bool uses_pam;	 /* a line of /etc/pam.d names our module */
	bool uses_index; /* login-names or provision */
	bool has_provision;

	struct doctor_file *files;
	size_t n_files;
	char *sshd_text; /* of sshd -T, NULL if it was not run */
	int sshd_status;
	char *denials; /* of the log, NULL if it was not read */
	char *ways;    /* in without DANCE, NULL if it was not looked */

	struct doctor_line *lines;
	size_t n_lines;
	unsigned sshd_version; /* as in check.h */
	struct dance_config *config;
	struct dance_anchors *anchors;

	struct doctor_finding *findings;
	size_t n_findings;
};

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

/* As root. */
void doctor_collect_sshd(struct doctor *doctor);
void doctor_collect_ways(struct doctor *doctor);
void doctor_collect_denials(struct doctor *doctor);

/* Read sshd's files. */
void doctor_sshd_read(struct doctor *doctor);

/* What is in effect, up to the end of the line; "" if it is not set. */
const char *doctor_sshd_value(const struct doctor *doctor, const char *keyword);

/* The checks. */
void doctor_check_config(struct doctor *doctor);
void doctor_check_user(struct doctor *doctor);
void doctor_check_helper(struct doctor *doctor);
void doctor_check_pam_helper(struct doctor *doctor);
void doctor_check_cache(struct doctor *doctor);
void doctor_check_anchor(struct doctor *doctor);
void doctor_check_resolver(struct doctor *doctor);
void doctor_check_clock(struct doctor *doctor);
void doctor_check_pam(struct doctor *doctor);
void doctor_check_nss(struct doctor *doctor);
void doctor_check_sshd(struct doctor *doctor);
void doctor_check_rules(struct doctor *doctor);
void doctor_check_ways(struct doctor *doctor);
void doctor_check_denials(struct doctor *doctor);

/* Allocate or end the program. */
char *doctor_copy(const char *text, size_t len);
char *doctor_join(const char *a, const char *b);

/* Room for one more in an array of n, or end the program. */
void *doctor_grow(void *array, size_t n, size_t size);

/* Read a small text file below root; NULL with a fault. */
char *doctor_read(
    const struct doctor *doctor, const char *path, struct dance_fault *fault);

bool doctor_exists(const struct doctor *doctor, const char *path);

/* Does one of the patterns of glob(3) match a file below root? */
bool doctor_matches(
    const struct doctor *doctor, const char *const *patterns, size_t n);

#endif
