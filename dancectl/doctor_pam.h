/* SPDX-License-Identifier: ISC */
/*
 * Lines of /etc/pam.d, and what their controls make of the module's answers.
 */
#ifndef DOCTOR_PAM_H
#define DOCTOR_PAM_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor.h"

enum pam_type { PAM_AUTH, PAM_ACCOUNT, PAM_SESSION, PAM_PASSWORD };

struct pam_line {
	const char *file; /* below root */
	unsigned number;
	enum pam_type type;
	bool is_optional_module; /* "-auth": no word if it is missing */
	const char *control;	 /* "required", "[default=bad ...]" */
	const char *module;
	const char *options;
};

/* Called for each line; borrows it. */
typedef void pam_visit(const struct pam_line *line, void *arg);

/*
 * Each line of a file, below /etc/pam.d.  With includes, those of the files
 * that it includes too, each at its place; a file that is not there has none.
 */
void pam_walk(struct doctor *doctor, const char *name, bool has_includes,
    pam_visit *visit, void *arg);

/* Is it our module? */
bool pam_is_ours(const struct pam_line *line);

/* What a control does with an answer of the module. */
enum pam_action {
	PAM_REFUSE, /* bad, die */
	PAM_SKIP,   /* ignore, reset */
	PAM_PASS,   /* ok, done, a jump */
};

/* code as in a control: "perm_denied", "ignore". */
enum pam_action pam_action_of(const char *control, const char *code);

#endif
