/* SPDX-License-Identifier: ISC */
/*
 * What dancectl check has found so far, and the part of it that is about the
 * accounts map.
 */
#ifndef CHECK_H
#define CHECK_H

#include <jansson.h>
#include <stddef.h>

#include "config.h"
#include "dancectl.h"
#include "index.h"
#include "map.h"
#include "seen.h"

struct check {
	const struct ctl *ctl;
	unsigned sshd_version; /* major * 100 + minor, 0 for any */
	json_t *faults;	       /* texts; with --json alone */
	json_t *warnings;
	size_t n_faults;
	size_t n_warnings;
	size_t n_lines; /* of the map, with those that are broken */
	size_t n_files;
	const struct dance_config *config; /* NULL: not known */
	struct dance_index *reg;	   /* the register; NULL: none */
	bool has_provision;		   /* a line provisions accounts */
	bool has_no_salt; /* a line needs a salt, and that was shown */
	struct seen uids; /* that lines give them, and to whom */
};

/* What refuses logins. */
void check_fault(struct check *check, const char *text);

/* What refuses none, but is hardly meant. */
void check_warn(struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * dance.conf, without what is at fault in it; NULL if nothing can be made of
 * it.  *ret_has_anchors is false if a line that names an anchor is at fault.
 */
struct dance_config *check_config(struct check *check, bool *ret_has_anchors);

/* Each file of trust anchors. */
void check_anchors(struct check *check, const struct dance_config *config);

/* passwd and login.defs. */
void check_host(struct check *check);

/* The chain-command, and values that are hardly meant. */
void check_policy(struct check *check, const struct dance_config *config);

/*
 * The index and the register.  needs_index: somebody waits for what it says.
 */
void check_index(
    struct check *check, const struct dance_config *config, bool needs_index);

/*
 * A name of a line's second column, if the line provisions accounts: true if
 * it does.
 */
bool check_provision(struct check *check, const struct dance_map_line *line,
    const char *name, size_t len);

/* The register, for them; a file that can't be read shows elsewhere. */
void check_register_open(struct check *check);
void check_register_close(struct check *check);

/* The range out of which the others have theirs. */
void check_provision_uids(
    struct check *check, const struct dance_config *config);

/* Every file, every line; then what the lines say as a whole. */
void check_map(struct check *check);

#endif
