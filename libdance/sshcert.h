/* SPDX-License-Identifier: ISC */
/*
 * OpenSSH certificates (draft-ietf-sshm-cert).  A certificate is parsed whole
 * first and judged afterwards.  Hostile input: only in the unprivileged worker.
 */
#ifndef DANCE_SSHCERT_H
#define DANCE_SSHCERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "sshkey.h"
#include "wire.h"

#define DANCE_PRINCIPALS_MAX 256 /* OpenSSH's own limit */

struct dance_sshcert {
	struct dance_sshkey *key; /* the certified key, owned */
	struct dance_sshkey *ca;  /* the key that signed, owned */
	uint8_t *blob;		  /* the whole certificate, owned */
	size_t blob_len;

	/* All below borrow from blob. */
	uint64_t serial;
	uint32_t role; /* 1 user, 2 host */
	struct dance_bytes key_id;
	struct dance_bytes principals[DANCE_PRINCIPALS_MAX];
	size_t n_principals;
	uint64_t valid_after;  /* seconds since 1970, included */
	uint64_t valid_before; /* excluded; all ones: for ever */
	struct dance_bytes critical;
	struct dance_bytes extensions;
	struct dance_bytes signature;
	struct dance_bytes signed_part;
};

/*
 * Parse a whole certificate blob.  Returns 0 or what dance_sshkey_parse() of
 * the certified or the signing key returns; DANCE_ERR_BAD_CREDENTIAL for
 * everything malformed, for more principals than the limit, and for a
 * certificate in place of the signing key.  Free *ret with
 * dance_sshcert_free().
 */
int dance_sshcert_parse(const uint8_t *blob, size_t len, unsigned min_rsa,
    struct dance_sshcert **ret);

/*
 * What sshd would refuse too: a host certificate, no principals, an unknown
 * critical option (DANCE_ERR_BAD_CREDENTIAL), a time outside the validity
 * (DANCE_ERR_EXPIRED), and a signature that is not the CA key's
 * (DANCE_ERR_UNTRUSTED, DANCE_ERR_WEAK_KEY for SHA-1).
 */
int dance_sshcert_check(const struct dance_sshcert *cert, time_t now);

/* True if the certificate has this critical option. */
bool dance_sshcert_has_critical(
    const struct dance_sshcert *cert, const char *name);

/*
 * The raw data of the extension called name, borrowed; ssh-keygen writes its
 * value as a string inside it.  ret->data is NULL if there is none.  Returns 0,
 * or DANCE_ERR_FORMAT if it is there twice.
 */
int dance_sshcert_extension(const struct dance_sshcert *cert, const char *name,
    struct dance_bytes *ret);

/* Free and set to NULL; takes NULL. */
void dance_sshcert_free(struct dance_sshcert **cert);

#endif
