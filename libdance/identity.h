/* SPDX-License-Identifier: ISC */
/*
 * Identities: the names that authenticate.  One parser makes them, and the
 * rest of the code passes the parsed type, never text, so that nothing outside
 * the grammar reaches DNS, a file name, a log or an output line.
 */
#ifndef DANCE_IDENTITY_H
#define DANCE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#define DANCE_NAME_MAX	   253 /* RFC 1035 2.3.4, presentation, no last dot */
#define DANCE_LABEL_MAX	   63  /* RFC 1035 2.3.4 */
#define DANCE_UID_MAX	   64  /* left of the "@" of a user identity */
#define DANCE_IDENTITY_MAX (DANCE_UID_MAX + 1 + DANCE_NAME_MAX)
#define DANCE_USER_LABEL   "_user." /* in front of a user identity's domain */

/*
 * text is the identity in lower case without trailing dot, owner the name at
 * which its TLSA RRset stands: the same name, or "_user.DOMAIN" for the user
 * form "uid@DOMAIN".  uid is "" for an owner name.
 */
struct dance_identity {
	char text[DANCE_IDENTITY_MAX + 1];
	char owner[DANCE_NAME_MAX + 1];
	char uid[DANCE_UID_MAX + 1];
};

/* Where a name comes from decides how strict its spelling is taken. */
enum dance_name_origin {
	DANCE_NAME_CONFIGURED, /* local: one trailing dot is dropped */
	DANCE_NAME_PRESENTED,  /* by a credential or login name: no dot */
};

/*
 * Parse len octets of text.  Labels are letters, digits, "-" and "_", at least
 * two of them, and none is "_user"; a uid is lower-case letters, digits, ".",
 * "_", "-" and "+".  Returns 0, or DANCE_ERR_FORMAT for everything else.
 */
int dance_identity_parse(const char *text, size_t len,
    enum dance_name_origin origin, struct dance_identity *ret);

/*
 * Parse an owner name of TLSA records: that of an identity in owner form, or
 * "_user.DOMAIN", where the records for the users of DOMAIN stand.  The latter
 * is a place of records and never an identity.  Fills ret, in lower case and
 * without a trailing dot.  Returns 0 or DANCE_ERR_FORMAT.
 */
int dance_owner_parse(const char *text, size_t len,
    enum dance_name_origin origin, char ret[DANCE_NAME_MAX + 1]);

/* True for the form uid@DOMAIN. */
bool dance_identity_is_user(const struct dance_identity *id);

/*
 * Length of the label at text, up to a dot or the end, if it is 1 to 63
 * letters, digits, "-" or "_"; 0 otherwise.
 */
size_t dance_label_len(const char *text, size_t len);

/* True if the len octets of text are the label "_user", in any case. */
bool dance_label_is_user(const char *text, size_t len);

/* True if the len octets of text are a uid of the grammar above. */
bool dance_uid_is_valid(const char *text, size_t len);

#endif
