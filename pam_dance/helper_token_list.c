/* SPDX-License-Identifier: ISC */
/*
 * Which certificates there are, on which tokens, and which belong to a key:
 * without a login, and without looking into a certificate, since that is done
 * behind other walls.
 */
#include <stdlib.h>
#include <string.h>

#include "helper_token_p11.h"
#include "x509.h"

#define NAME_MAX_LEN 16384 /* octets of a subject or an issuer */

enum has_key {
	KEY_NONE,
	KEY_MAYBE, /* the token hides its keys before a login */
	KEY_FOUND,
};

struct cert {
	struct token_buf value;
	struct token_buf id;
	struct token_buf subject;
	struct token_buf issuer;
	enum has_key has_key;
	CK_KEY_TYPE type; /* if the key was found */
};

/* The certificates of one token. */
struct certs {
	struct cert list[TOKEN_OBJECTS_MAX];
	size_t n;
};

/* The certificates of a chain, as numbers, leaf first. */
struct path {
	size_t list[DANCE_CHAIN_MAX];
	size_t n;
	size_t len; /* octets of all of them */
};

static bool
buf_equal(const struct token_buf *a, const struct token_buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static void
certs_free(struct certs *certs)
{
	size_t i;

	for (i = 0; i < certs->n; i++) {
		free(certs->list[i].value.data);
		free(certs->list[i].id.data);
		free(certs->list[i].subject.data);
		free(certs->list[i].issuer.data);
	}
	free(certs);
}

/* One without a value is left out; the rest may be missing. */
static void
certs_add(struct certs *certs, const struct token_session *session,
    CK_OBJECT_HANDLE object)
{
	struct cert *cert = &certs->list[certs->n];

	if (token_attribute_read(session, object, CKA_VALUE,
		DANCE_CHAIN_BYTES_MAX, &cert->value) != 0)
		return;
	certs->n++;
	(void)token_attribute_read(
	    session, object, CKA_ID, TOKEN_ID_MAX, &cert->id);
	(void)token_attribute_read(
	    session, object, CKA_SUBJECT, NAME_MAX_LEN, &cert->subject);
	(void)token_attribute_read(
	    session, object, CKA_ISSUER, NAME_MAX_LEN, &cert->issuer);
}

static struct certs *
certs_read(const struct token_session *session)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_CERTIFICATE_TYPE type = CKC_X_509;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_CERTIFICATE_TYPE, &type, sizeof(type) },
	};
	struct certs *certs = calloc(1, sizeof(*certs));
	struct token_objects objects;
	size_t i;

	if (certs == NULL ||
	    token_objects_find(session, template, 2, &objects) != 0)
		return certs;
	for (i = 0; i < objects.n; i++)
		certs_add(certs, session, objects.list[i]);
	return certs;
}

/* Is there any private key to be seen? */
static bool
session_has_keys(const struct token_session *session)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof(class) } };
	struct token_objects objects;

	return token_objects_find(session, template, 1, &objects) == 0 &&
	    objects.n > 0;
}

/* KEY_MAYBE: there is none; KEY_NONE: there is one that can't be used. */
static enum has_key
cert_find_key(struct cert *cert, const struct token_session *session,
    CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_ID, cert->id.data, cert->id.len },
	};
	struct token_objects objects;
	CK_KEY_TYPE type;
	size_t i;

	if (token_objects_find(session, template, 2, &objects) != 0)
		return KEY_MAYBE;
	for (i = 0; i < objects.n; i++)
		if (token_attribute_get(session, objects.list[i], CKA_KEY_TYPE,
			&type, sizeof(type)) == 0 &&
		    token_type_is_supported(type)) {
			cert->type = type;
			return KEY_FOUND;
		}
	return objects.n == 0 ? KEY_MAYBE : KEY_NONE;
}

/*
 * If a login is needed, some keys may be hidden and others not (the card key
 * of PIV is not): a public key stands for the private one then.  Where no
 * private key is to be seen everything may have one.
 */
static void
certs_find_keys(
    struct certs *certs, const struct token_session *session, bool has_login)
{
	bool is_hidden = has_login && !session_has_keys(session);
	struct cert *cert;
	size_t i;

	for (i = 0; i < certs->n; i++) {
		cert = &certs->list[i];
		if (cert->id.len == 0)
			continue;
		cert->has_key = cert_find_key(cert, session, CKO_PRIVATE_KEY);
		if (cert->has_key == KEY_MAYBE && has_login)
			cert->has_key =
			    cert_find_key(cert, session, CKO_PUBLIC_KEY);
		if (cert->has_key == KEY_MAYBE && !is_hidden)
			cert->has_key = KEY_NONE;
	}
}

static bool
path_has(const struct path *path, const struct certs *certs, size_t which)
{
	size_t i;

	for (i = 0; i < path->n; i++)
		if (buf_equal(&certs->list[path->list[i]].value,
			&certs->list[which].value))
			return true;
	return false;
}

static bool
cert_issued(const struct cert *issuer, const struct cert *cert)
{
	return issuer->has_key != KEY_FOUND && issuer->subject.len > 0 &&
	    buf_equal(&issuer->subject, &cert->issuer);
}

/* From the leaf up; a CA may have several certificates. */
static void
path_follow(struct path *path, const struct certs *certs, size_t leaf)
{
	const struct cert *cert, *issuer;
	size_t i, j;

	path->list[0] = leaf;
	path->n = 1;
	path->len = certs->list[leaf].value.len;
	for (i = 0; i < path->n; i++) {
		cert = &certs->list[path->list[i]];
		for (j = 0; j < certs->n && path->n < DANCE_CHAIN_MAX; j++) {
			issuer = &certs->list[j];
			if (!cert_issued(issuer, cert) ||
			    path_has(path, certs, j) ||
			    issuer->value.len >
				DANCE_CHAIN_BYTES_MAX - path->len)
				continue;
			path->list[path->n++] = j;
			path->len += issuer->value.len;
		}
	}
}

static uint8_t *
path_join(const struct path *path, const struct certs *certs)
{
	uint8_t *chain = malloc(path->len);
	const struct token_buf *value;
	size_t i, at = 0;

	for (i = 0; chain != NULL && i < path->n; i++) {
		value = &certs->list[path->list[i]].value;
		memcpy(chain + at, value->data, value->len);
		at += value->len;
	}
	return chain;
}

static enum token_tries
info_tries(const CK_TOKEN_INFO *info)
{
	if (info->flags & CKF_USER_PIN_LOCKED)
		return TOKEN_TRIES_NONE;
	if (info->flags & CKF_USER_PIN_FINAL_TRY)
		return TOKEN_TRIES_LAST;
	if (info->flags & CKF_USER_PIN_COUNT_LOW)
		return TOKEN_TRIES_FEW;
	return TOKEN_TRIES_MANY;
}

/* The field is of fixed size, filled with blanks; some fill with NUL. */
static void
info_label(const CK_TOKEN_INFO *info, char ret[TOKEN_LABEL_MAX])
{
	size_t len = 0, i;

	for (i = 0; i < sizeof(info->label) && info->label[i] != '\0'; i++) {
		ret[i] = (char)info->label[i];
		if (info->label[i] < ' ' || info->label[i] > '~')
			ret[i] = '?';
		if (ret[i] != ' ')
			len = i + 1;
	}
	memset(ret + len, 0, TOKEN_LABEL_MAX - len);
}

static void
offer_add(struct token_child *child, const struct token_session *session,
    const CK_TOKEN_INFO *info, const struct certs *certs, size_t which)
{
	struct token_offer *offer = &child->offers.list[child->offers.n];
	struct token_key *key = &child->keys[child->offers.n];
	const struct cert *cert = &certs->list[which];
	struct path path;

	if (child->offers.n == TOKEN_OFFERS_MAX)
		return;
	path_follow(&path, certs, which);
	if ((offer->chain = path_join(&path, certs)) == NULL)
		return;
	offer->chain_len = path.len;
	info_label(info, offer->label);
	offer->needs_pin = (info->flags & CKF_LOGIN_REQUIRED) != 0;
	offer->has_pinpad =
	    (info->flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
	offer->tries = info_tries(info);
	key->module = session->module;
	key->slot = session->slot;
	key->info = *info;
	key->knows_type = cert->has_key == KEY_FOUND;
	key->type = cert->type;
	memcpy(key->id, cert->id.data, cert->id.len);
	key->id_len = cert->id.len;
	child->offers.n++;
}

/* Those that surely have a key come first. */
static void
slot_find_offers(
    struct token_child *child, CK_FUNCTION_LIST *module, CK_SLOT_ID slot)
{
	struct token_session session = { .module = module, .slot = slot };
	enum has_key has_key;
	CK_TOKEN_INFO info;
	struct certs *certs;
	size_t i;

	memset(&info, 0, sizeof(info));
	if (module->C_GetTokenInfo(slot, &info) != CKR_OK ||
	    module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL,
		&session.handle) != CKR_OK)
		return;
	if ((certs = certs_read(&session)) != NULL) {
		certs_find_keys(
		    certs, &session, (info.flags & CKF_LOGIN_REQUIRED) != 0);
		for (has_key = KEY_FOUND; has_key > KEY_NONE; has_key--)
			for (i = 0; i < certs->n; i++)
				if (certs->list[i].has_key == has_key)
					offer_add(
					    child, &session, &info, certs, i);
		certs_free(certs);
	}
	(void)module->C_CloseSession(session.handle);
}

void
token_offers_find(struct token_child *child)
{
	CK_SLOT_ID slots[TOKEN_SLOTS_MAX];
	CK_FUNCTION_LIST **module;
	CK_ULONG n, i;

	for (module = child->modules; *module != NULL; module++) {
		/* Only this call makes some libraries look at the readers. */
		n = 0;
		(void)(*module)->C_GetSlotList(CK_TRUE, NULL, &n);
		n = TOKEN_SLOTS_MAX;
		if ((*module)->C_GetSlotList(CK_TRUE, slots, &n) != CKR_OK ||
		    n > TOKEN_SLOTS_MAX)
			continue;
		for (i = 0; i < n; i++)
			slot_find_offers(child, *module, slots[i]);
	}
}
