/* SPDX-License-Identifier: ISC */
/*
 * The accounts map: which identity may use which account, with which options.
 * Decisions read the index where it was made of the files as they are; else the
 * text, whole, and every line of it is checked.  A line that refuses must not
 * be lost because another one is broken: such a map has no index, and by its
 * text a decision fails.
 */
#ifndef DANCE_MAP_H
#define DANCE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "identity.h"
#include "options.h"
#include "pattern.h"

#define DANCE_MAP_FILE	     DANCE_SYSCONFDIR "/dance/accounts"
#define DANCE_MAP_DIR	     DANCE_SYSCONFDIR "/dance/accounts.d"
#define DANCE_MAP_SUFFIX     ".accounts"
#define DANCE_MAP_FILE_MAX   (256UL * 1024 * 1024) /* octets */
#define DANCE_MAP_LINE_MAX   8192		   /* octets */
#define DANCE_ACCOUNT_MAX    256		   /* octets, with NUL */
#define DANCE_CANDIDATES_MAX 64

struct dance_map;

/* One line; the texts borrow from the map and do not end in NUL. */
struct dance_map_line {
	const char *file;
	unsigned file_number; /* in map order, from 0 */
	unsigned number;
	const char *text; /* the whole line */
	size_t len;
	bool is_refusal; /* begins with "!" */
	struct dance_pattern pattern;
	const char *accounts; /* "a,b", "%u", or "*" of a refusal */
	size_t accounts_len;
	const char *options;
	size_t options_len;
};

/* Called for each line in map order; other than 0 ends the walk with it. */
typedef int dance_map_visit(const struct dance_map_line *line, void *arg);

/* Called for each line that is broken: "FILE:LINE:COLUMN: cause". */
typedef void dance_map_complain(const struct dance_fault *fault, void *arg);

/*
 * Read the files of the map below root, or the index where it is made of just
 * these files and they are large; then dance_map_walk() has nothing to walk
 * over.  They are read as one state of all of them, see dance_file_set_read().
 * Returns 0, DANCE_ERR_CONFIG with a fault (missing, badly owned, changed all
 * the time, ...), or DANCE_ERR_INTERNAL.  Free with dance_map_free().
 */
int dance_map_load(
    const char *root, struct dance_map **ret, struct dance_fault *fault);

/*
 * The same, but always from the text, never from the index: for those who look
 * at each line.
 */
int dance_map_load_text(
    const char *root, struct dance_map **ret, struct dance_fault *fault);

/* A map of one file from a text that is copied; for tests.  As above. */
int dance_map_from_text(
    const char *name, const char *text, size_t len, struct dance_map **ret);

/*
 * Visit each line.  sshd_version is passed on to dance_options_check().
 * complain may be NULL.  Returns 0, what visit returned, or DANCE_ERR_CONFIG
 * with the first fault after all lines were looked at.
 */
int dance_map_walk(const struct dance_map *map, unsigned sshd_version,
    dance_map_visit *visit, dance_map_complain *complain, void *arg,
    struct dance_fault *fault);

/* What a login asks of the map. */
struct dance_map_query {
	const char *account;
	/*
	 * False for uid 0, for uids outside UID_MIN to UID_MAX unless they are
	 * of provisioned accounts, and for an account that is not known: only
	 * literal lines may then name it.
	 */
	bool is_ordinary;
	/* What the credential or the login name claims; NULL for a bare key. */
	const struct dance_identity *claims;
	size_t n_claims;
	/* A line whose options can't be kept here is no line. */
	enum dance_use use;
	time_t now;
};

/* A line that lets the login in, if DNS vouches for the identity. */
struct dance_map_match {
	struct dance_identity identity;
	size_t claim;	  /* index in the query's claims */
	const char *file; /* borrows from the map */
	unsigned number;
	const char *options; /* checked; borrows from the map */
	size_t options_len;
	const char *deny_file; /* the "!" line, if is_denied */
	unsigned deny_number;
	bool is_denied; /* a "!" line refuses it */
};

struct dance_map_matches {
	struct dance_map_match *list; /* owned, map order, no identity twice */
	size_t n;
	size_t n_denied;
	bool is_withheld; /* a "*" or "%u" line fits, but not ordinary */
	bool is_unkept;	  /* a line fits, but not its options, see use */
};

/*
 * Find the candidates.  Returns 0, also for none at all; DANCE_ERR_CONFIG with
 * a fault for a broken line or for more than DANCE_CANDIDATES_MAX that are not
 * denied; DANCE_ERR_INTERNAL.  Free with dance_map_matches_clear().
 */
int dance_map_find(const struct dance_map *map,
    const struct dance_map_query *query, struct dance_map_matches *ret,
    struct dance_fault *fault);

void dance_map_matches_clear(struct dance_map_matches *matches);

/*
 * The one account that the map gives an identity that was used as login name.
 * account has DANCE_ACCOUNT_MAX octets.  Returns 0, DANCE_ERR_NOT_MAPPED for
 * none or more than one, DANCE_ERR_CONFIG with a fault, DANCE_ERR_INTERNAL.
 */
int dance_map_account(const struct dance_map *map,
    const struct dance_identity *id, char *account, struct dance_fault *fault);

/* What the map says on an account, whichever identity comes. */
struct dance_map_word {
	bool is_known;	  /* a line leads to it, or refuses and names it (one
			     that refuses at all accounts does not) */
	bool is_admitted; /* a line that has not expired leads an identity to
			     it that no line refuses */
	bool is_denied;	  /* lines lead to it, and all that they mean is
			     refused */
};

/*
 * is_ordinary as in dance_map_query.  What a line with "*" means counts as
 * refused if one "!" line refuses all of it.  Returns 0, DANCE_ERR_CONFIG with
 * a fault, also for more lines than are looked at, or DANCE_ERR_INTERNAL.
 */
int dance_map_ask(const struct dance_map *map, const char *account,
    bool is_ordinary, struct dance_map_word *ret, struct dance_fault *fault);

/* Does the map provision an account? */
struct dance_map_provision {
	bool is_there;	   /* a line with the option names it */
	unsigned long uid; /* that the last of them with uid= gives, or 0 */
};

/* Returns as dance_map_ask(). */
int dance_map_provisions(const struct dance_map *map, const char *account,
    struct dance_map_provision *ret, struct dance_fault *fault);

/* True if the line's accounts name this one. */
bool dance_map_line_names(
    const struct dance_map_line *line, const char *account);

/* Free and set to NULL; takes NULL. */
void dance_map_free(struct dance_map **map);

#endif
