/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "error.h"

bool
dance_credential_names(const struct dance_credential *cred,
    const struct dance_identity *id, struct dance_bytes *ret_spelled)
{
	const struct dance_bytes *name;
	struct dance_identity claim;
	size_t i;

	if (cred->cert == NULL) {
		*ret_spelled = (struct dance_bytes){ (const uint8_t *)"", 0 };
		return true;
	}
	for (i = 0; i < cred->cert->n_principals; i++) {
		name = &cred->cert->principals[i];
		if (dance_identity_parse((const char *)name->data, name->len,
			DANCE_NAME_PRESENTED, &claim) == 0 &&
		    strcmp(claim.text, id->text) == 0) {
			*ret_spelled = *name;
			return true;
		}
	}
	return false;
}

/* The principals that are identities; others are none of our business. */
static int
claims_from_cert(struct dance_claims *claims, const struct dance_sshcert *cert)
{
	const struct dance_bytes *name;
	size_t i, n = cert->n_principals;

	claims->list = calloc(n + 1, sizeof(*claims->list));
	claims->spelled = calloc(n + 1, sizeof(*claims->spelled));
	if (claims->list == NULL || claims->spelled == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < n; i++) {
		name = &cert->principals[i];
		if (dance_identity_parse((const char *)name->data, name->len,
			DANCE_NAME_PRESENTED, &claims->list[claims->n]) == 0)
			claims->spelled[claims->n++] = *name;
	}
	return 0;
}

/*
 * A login name that is an identity is the only one that counts; a certificate
 * has to hold it all the same.
 */
static int
claims_from_login(struct dance_claims *claims, const struct dance_identity *id,
    const struct dance_credential *cred)
{
	struct dance_bytes spelled;

	if (!dance_credential_names(cred, id, &spelled))
		return DANCE_ERR_NAME_MISMATCH;
	claims->list = calloc(1, sizeof(*claims->list));
	claims->spelled = calloc(1, sizeof(*claims->spelled));
	if (claims->list == NULL || claims->spelled == NULL)
		return DANCE_ERR_INTERNAL;
	claims->list[0] = *id;
	claims->spelled[0] = spelled;
	claims->n = 1;
	return 0;
}

/* What a chain that stands alone names; without any it is a bare key's. */
static int
claims_from_chain(struct dance_claims *claims, const struct dance_chain *chain)
{
	int r = dance_chain_claims(chain, &claims->list, &claims->n);

	if (r != 0)
		return r;
	claims->spelled = calloc(claims->n + 1, sizeof(*claims->spelled));
	if (claims->spelled == NULL)
		return DANCE_ERR_INTERNAL;
	if (claims->n == 0)
		dance_claims_clear(claims);
	return 0;
}

int
dance_claims_make(const struct dance_credential *cred,
    const struct dance_identity *login, struct dance_claims *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (login != NULL)
		return claims_from_login(ret, login, cred);
	if (cred->cert != NULL)
		return claims_from_cert(ret, cred->cert);
	return cred->chain == NULL ? 0 : claims_from_chain(ret, cred->chain);
}

void
dance_claims_clear(struct dance_claims *claims)
{
	free(claims->list);
	free(claims->spelled);
	memset(claims, 0, sizeof(*claims));
}
