/* SPDX-License-Identifier: ISC */
/*
 * What dancectl match is asked, and what it finds.
 */
#ifndef MATCH_H
#define MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "dancectl.h"
#include "judge.h"
#include "output.h"

struct match_call {
	struct ctl *ctl;
	struct ctl_page *page;
	struct dance_identity identity;
	const char *file; /* of the key or the chain */
	bool is_chain;	  /* it holds X.509 alone */
	struct ctl_input input;
	const char *roots_file; /* NULL: no roots */
	struct ctl_input roots;
	const char **records; /* as typed, borrowed */
	size_t n_records;
	struct dance_dane_rules rules; /* roots are set in the worker */
};

/* What was found; cred may be NULL. */
struct match_finding {
	struct dance_credential *cred;
	struct dance_rrset rrset;
	bool is_judged; /* the next is set */
	struct dance_judgement judged;
	int verdict;
	struct dance_fault fault;
};

/*
 * Decide, in a worker.  Returns the verdict; DANCE_ERR_FORMAT, with a fault,
 * if the call is wrong.
 */
int match_find(const struct match_call *call, struct match_finding *ret);

void match_show(
    const struct match_call *call, const struct match_finding *finding);

#endif
