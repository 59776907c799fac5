/* SPDX-License-Identifier: ISC */
/*
 * One signature: log in, sign, log out.  A PIN is given to the token once, or
 * twice for a key that asks for it again after the token took it; never again
 * after the token refused it, and never to another token than was listed.
 */
#include <string.h>

#include <openssl/evp.h>

#include "helper_token_p11.h"

#define SHA256_LEN 32

/* What is at work; all of it is borrowed. */
struct signing {
	struct token_session session;
	const struct token_key *key;
	struct token_job *job;
	struct dance_fault *fault;
	bool has_login;
	bool has_pinpad;
};

struct reason {
	CK_RV rv;
	const char *text;
};

static const struct reason reasons[] = {
	{ CKR_PIN_INVALID, "the PIN has characters that the token refuses" },
	{ CKR_PIN_LEN_RANGE, "the PIN is too short or too long" },
	{ CKR_PIN_EXPIRED, "the PIN has expired: it must be changed" },
	{ CKR_PIN_LOCKED, "the token is locked" },
	{ CKR_USER_PIN_NOT_INITIALIZED, "the token has no PIN yet" },
	{ CKR_USER_NOT_LOGGED_IN, "the token wants a login" },
	{ CKR_TOKEN_NOT_PRESENT, "the token was removed" },
	{ CKR_DEVICE_REMOVED, "the token was removed" },
	{ CKR_SLOT_ID_INVALID, "the token was removed" },
	{ CKR_FUNCTION_CANCELED, "the reader says: cancelled" },
	{ CKR_FUNCTION_REJECTED, "the reader says: refused" },
	{ CKR_MECHANISM_INVALID, "the token can't sign with this key" },
	{ CKR_KEY_TYPE_INCONSISTENT, "the token can't sign with this key" },
	{ CKR_KEY_FUNCTION_NOT_PERMITTED, "the key may not sign" },
	{ CKR_KEY_SIZE_RANGE, "the token can't use a key of this size" },
	{ CKR_DEVICE_ERROR, "the token has failed" },
	{ CKR_DEVICE_MEMORY, "the token has no memory left" },
};

static int
sign_refuse(const struct signing *s, const char *text)
{
	dance_fault_set(s->fault, "%s", text);
	return DANCE_ERR_BAD_CREDENTIAL;
}

/* What the token says of a step that did not work. */
static int
sign_failed(const struct signing *s, const char *step, CK_RV rv)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].rv == rv)
			return sign_refuse(s, reasons[i].text);
	dance_fault_set(
	    s->fault, "the token failed to %s: error 0x%lx", step, rv);
	return DANCE_ERR_BAD_CREDENTIAL;
}

/* The token that was listed must be there, and not know already that no. */
static int
sign_look(struct signing *s)
{
	const CK_TOKEN_INFO *old = &s->key->info;
	CK_TOKEN_INFO info;
	CK_RV rv;

	memset(&info, 0, sizeof(info));
	rv = s->session.module->C_GetTokenInfo(s->session.slot, &info);
	if (rv != CKR_OK)
		return sign_failed(s, "show itself", rv);
	if (memcmp(info.serialNumber, old->serialNumber,
		sizeof(info.serialNumber)) != 0 ||
	    memcmp(info.label, old->label, sizeof(info.label)) != 0 ||
	    memcmp(info.manufacturerID, old->manufacturerID,
		sizeof(info.manufacturerID)) != 0 ||
	    memcmp(info.model, old->model, sizeof(info.model)) != 0)
		return sign_refuse(s, "another token is there now");
	s->has_login = (info.flags & CKF_LOGIN_REQUIRED) != 0;
	s->has_pinpad = (info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
	if (!s->has_login)
		return 0;
	if (info.flags & CKF_USER_PIN_LOCKED)
		return sign_refuse(s, "the token is locked");
	/* Some cards count an empty PIN as a wrong one. */
	if (s->job->pin == NULL ? !s->has_pinpad : s->job->pin[0] == '\0')
		return sign_refuse(s, "the token wants a PIN");
	return 0;
}

/* The PIN was wrong: what is left? */
static int
sign_wrong_pin(const struct signing *s)
{
	CK_TOKEN_INFO info;

	memset(&info, 0, sizeof(info));
	if (s->session.module->C_GetTokenInfo(s->session.slot, &info) != CKR_OK)
		return sign_refuse(s, "the PIN is wrong");
	if (info.flags & CKF_USER_PIN_LOCKED)
		return sign_refuse(
		    s, "the PIN is wrong: the token is locked now");
	if (info.flags & CKF_USER_PIN_FINAL_TRY)
		return sign_refuse(
		    s, "the PIN is wrong: the next wrong one locks the token");
	return sign_refuse(s, "the PIN is wrong");
}

static int
sign_login(const struct signing *s, CK_USER_TYPE user)
{
	char *pin = s->job->pin;
	CK_RV rv;

	rv = s->session.module->C_Login(s->session.handle, user,
	    (CK_UTF8CHAR_PTR)pin, pin == NULL ? 0 : strlen(pin));
	if (rv == CKR_PIN_INCORRECT)
		return sign_wrong_pin(s);
	return rv == CKR_OK ? 0 : sign_failed(s, "log in", rv);
}

/* The first private key with the certificate's identifier that may do. */
static int
sign_find_key(
    const struct signing *s, CK_OBJECT_HANDLE *ret, CK_KEY_TYPE *ret_type)
{
	const struct token_key *key = s->key;
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	uint8_t id[TOKEN_ID_MAX];
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_ID, id, key->id_len },
	};
	struct token_objects objects;
	CK_KEY_TYPE type;
	size_t i;

	memcpy(id, key->id, key->id_len);
	if (token_objects_find(&s->session, template, 2, &objects) != 0)
		return sign_refuse(s, "the token does not list its keys");
	for (i = 0; i < objects.n; i++) {
		if (token_attribute_get(&s->session, objects.list[i],
			CKA_KEY_TYPE, &type, sizeof(type)) != 0 ||
		    !token_type_is_supported(type) ||
		    (key->knows_type && type != key->type))
			continue;
		*ret = objects.list[i];
		*ret_type = type;
		return 0;
	}
	return sign_refuse(s, "the token has no key for its certificate");
}

static bool
token_can_hash(const struct token_session *session)
{
	CK_MECHANISM_INFO info;

	memset(&info, 0, sizeof(info));
	return session->module->C_GetMechanismInfo(
		   session->slot, CKM_SHA256_RSA_PKCS, &info) == CKR_OK &&
	    (info.flags & CKF_SIGN) != 0;
}

/* What goes to the token, and how. */
struct input {
	CK_MECHANISM mechanism;
	uint8_t *data; /* the message, or buf */
	size_t len;
	uint8_t buf[64];
};

/*
 * Ed25519 and a token that hashes take the message, ECDSA its digest, and RSA
 * otherwise the digest in a DigestInfo (RFC 8017, section 9.2).
 */
static int
input_make(struct input *in, const struct signing *s, CK_KEY_TYPE type)
{
	static const uint8_t prefix[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09,
		0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
		0x00, 0x04, 0x20 };
	size_t at = 0, len = 0;

	memset(in, 0, sizeof(*in));
	in->data = s->job->message;
	in->len = s->job->message_len;
	in->mechanism.mechanism = CKM_EDDSA;
	if (type == CKK_EC_EDWARDS)
		return 0;
	in->mechanism.mechanism = CKM_SHA256_RSA_PKCS;
	if (type == CKK_RSA && token_can_hash(&s->session))
		return 0;
	in->mechanism.mechanism = CKM_ECDSA;
	if (type == CKK_RSA) {
		in->mechanism.mechanism = CKM_RSA_PKCS;
		memcpy(in->buf, prefix, sizeof(prefix));
		at = sizeof(prefix);
	}
	if (EVP_Q_digest(NULL, "SHA256", NULL, in->data, in->len, in->buf + at,
		&len) != 1 ||
	    len != SHA256_LEN)
		return sign_refuse(s, "can't make a digest");
	in->data = in->buf;
	in->len = at + len;
	return 0;
}

static int
sign_message(const struct signing *s)
{
	CK_FUNCTION_LIST *module = s->session.module;
	CK_ULONG len = sizeof(s->job->sig);
	CK_BBOOL is_asking = CK_FALSE;
	CK_OBJECT_HANDLE object;
	CK_KEY_TYPE type;
	struct input in;
	CK_RV rv;
	int r;

	if ((r = sign_find_key(s, &object, &type)) != 0 ||
	    (r = input_make(&in, s, type)) != 0)
		return r;
	(void)token_attribute_get(&s->session, object, CKA_ALWAYS_AUTHENTICATE,
	    &is_asking, sizeof(is_asking));
	rv = module->C_SignInit(s->session.handle, &in.mechanism, object);
	if (rv != CKR_OK)
		return sign_failed(s, "begin a signature", rv);
	if (s->has_login && is_asking != CK_FALSE &&
	    (r = sign_login(s, CKU_CONTEXT_SPECIFIC)) != 0)
		return r;
	rv = module->C_Sign(
	    s->session.handle, in.data, in.len, s->job->sig, &len);
	if (rv != CKR_OK)
		return sign_failed(s, "sign", rv);
	if (len == 0 || len > sizeof(s->job->sig))
		return sign_refuse(s, "the token's signature has no length");
	s->job->sig_len = len;
	return 0;
}

int
token_job_sign(const struct token_child *child, struct token_job *job,
    struct dance_fault *fault)
{
	struct signing s = { .job = job, .fault = fault };
	CK_FUNCTION_LIST *module;
	CK_RV rv;
	int r;

	if (job->which >= child->offers.n)
		return sign_refuse(&s, "there is no such offer of a token");
	s.key = &child->keys[job->which];
	s.session.module = module = s.key->module;
	s.session.slot = s.key->slot;
	if ((r = sign_look(&s)) != 0)
		return r;
	rv = module->C_OpenSession(
	    s.session.slot, CKF_SERIAL_SESSION, NULL, NULL, &s.session.handle);
	if (rv != CKR_OK)
		return sign_failed(&s, "open a session", rv);
	if (!s.has_login)
		r = sign_message(&s);
	else if ((r = sign_login(&s, CKU_USER)) == 0) {
		r = sign_message(&s);
		(void)module->C_Logout(s.session.handle);
	}
	(void)module->C_CloseSession(s.session.handle);
	return r;
}
