/* SPDX-License-Identifier: ISC */
/*
 * Claims: the identities that a credential or a login name names about itself.
 * They are worth nothing until they are verified.
 */
#ifndef DANCE_CLAIMS_H
#define DANCE_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>

#include "credential.h"
#include "identity.h"
#include "wire.h"

struct dance_claims {
	struct dance_identity *list; /* NULL: a bare key claims nothing */
	struct dance_bytes *spelled; /* as the certificate has each */
	size_t n;
};

/*
 * The claims of a credential: of a certificate, the principals that are
 * identities; of a chain that stands alone, the names in its leaf that are
 * (a list that is NULL if there is none: it is looked at as a bare key).  login
 * is an identity that was used as login name, or NULL; it is then the only
 * claim.  spelled borrows from cred.  Returns 0,
 * DANCE_ERR_NAME_MISMATCH for a certificate that does not hold login, or
 * DANCE_ERR_INTERNAL.  Free with dance_claims_clear(), also after an error.
 */
int dance_claims_make(const struct dance_credential *cred,
    const struct dance_identity *login, struct dance_claims *ret);

void dance_claims_clear(struct dance_claims *claims);

/*
 * Does the credential itself leave room for id?  A bare key names nobody, so
 * it does; a certificate must have id among its principals, and *ret_spelled,
 * borrowed, is how it stands there.
 */
bool dance_credential_names(const struct dance_credential *cred,
    const struct dance_identity *id, struct dance_bytes *ret_spelled);

#endif
