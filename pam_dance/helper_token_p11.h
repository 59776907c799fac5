/* SPDX-License-Identifier: ISC */
/*
 * Inside the process that has the vendor's library: what its parts share.  The
 * library's bugs are this process's: what a library says of lengths and counts
 * is looked at, but only its walls hold against a library that is evil.
 */
#ifndef HELPER_TOKEN_P11_H
#define HELPER_TOKEN_P11_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include "error.h"
#include "helper_token.h"

#define TOKEN_SLOTS_MAX	  64  /* of one module */
#define TOKEN_OBJECTS_MAX 64  /* of one search */
#define TOKEN_ID_MAX	  256 /* octets of a CKA_ID */

/* Octets of an attribute, owned. */
struct token_buf {
	uint8_t *data;
	size_t len;
};

struct token_session {
	CK_FUNCTION_LIST *module;
	CK_SLOT_ID slot;
	CK_SESSION_HANDLE handle;
};

struct token_objects {
	CK_OBJECT_HANDLE list[TOKEN_OBJECTS_MAX];
	size_t n;
};

/* Where the private key of an offer is. */
struct token_key {
	CK_FUNCTION_LIST *module;
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info; /* when it was listed */
	bool knows_type;    /* type holds */
	CK_KEY_TYPE type;
	uint8_t id[TOKEN_ID_MAX];
	size_t id_len;
};

/* Offers and keys go together, number by number. */
struct token_child {
	const char *module;	    /* path; NULL: what is registered */
	CK_FUNCTION_LIST **modules; /* ends in NULL; NULL: not yet loaded */
	CK_FUNCTION_LIST *given[2]; /* modules, if there is a path */
	struct token_offers offers;
	struct token_key keys[TOKEN_OFFERS_MAX];
};

struct token_job {
	size_t which;
	char *pin; /* or NULL */
	uint8_t *message;
	size_t message_len;
	uint8_t sig[TOKEN_SIG_MAX]; /* the answer */
	size_t sig_len;
};

/* Load and start the modules, once.  0, or DANCE_ERR_CONFIG with a fault. */
int token_modules_load(struct token_child *child, struct dance_fault *fault);

/* Put all that can be found into offers and keys, which are empty. */
void token_offers_find(struct token_child *child);

/* Fill in the job's answer.  0, or DANCE_ERR_BAD_CREDENTIAL with a fault. */
int token_job_sign(const struct token_child *child, struct token_job *job,
    struct dance_fault *fault);

/* The first TOKEN_OBJECTS_MAX objects; 0 or DANCE_ERR_BAD_CREDENTIAL. */
int token_objects_find(const struct token_session *session,
    CK_ATTRIBUTE *template, size_t n, struct token_objects *ret);

/*
 * Read an attribute of at most max octets; ret->data is malloced.  Returns 0,
 * or DANCE_ERR_BAD_CREDENTIAL if it is not there, or of another size.
 */
int token_attribute_read(const struct token_session *session,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, size_t max,
    struct token_buf *ret);

/* Read an attribute of exactly size octets. */
int token_attribute_get(const struct token_session *session,
    CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *ret, size_t size);

/* True for the types of keys that can sign a login. */
bool token_type_is_supported(CK_KEY_TYPE type);

#endif
