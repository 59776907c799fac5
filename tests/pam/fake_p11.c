/* SPDX-License-Identifier: ISC */
/*
 * A PKCS #11 library for tests, with one token, that does as the environment
 * says.  FAKE_P11 has words with commas between them: those that has() is
 * asked for below, and C_NAME=WHAT, where WHAT is a return value in hex, or
 *
 *	hang, crash, exit	instead of an answer
 *	raw			what the file FAKE_P11_RAW holds is written to
 *				descriptor 3, and then nothing more happens
 *	loose			all descriptors are closed, and a second later
 *				it ends
 *	fork			a child that stays, and then the answer
 *
 * FAKE_P11_LOG is a file to which logins and signatures are appended.  The
 * signature is the data that it is for.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#define PIN	    "1234"
#define OBJECTS_MAX 200
#define ABSURD	    (1UL << 60)
#define ACT(name)                       \
	do {                            \
		CK_RV act_rv;           \
		if (act(name, &act_rv)) \
			return act_rv;  \
	} while (0)

struct object {
	CK_OBJECT_CLASS class;
	CK_ULONG type; /* of the key, or of the certificate */
	CK_BYTE id;    /* 0: none */
	char subject[16];
	char issuer[16];
	size_t value_len;
	CK_BYTE fill; /* each octet of the value */
};

static struct object objects[OBJECTS_MAX];
static CK_ULONG n_objects;
static CK_ULONG tries = 3;
static bool is_logged_in, is_signing, has_context, was_open, has_forked;
static CK_MECHANISM_TYPE mechanism;
static struct object wanted;
static CK_ULONG wanted_mask, next_object;

/* The rest of a word of FAKE_P11 behind its start, or NULL. */
static const char *
word_find(const char *start, size_t len)
{
	const char *word = getenv("FAKE_P11");

	while (word != NULL) {
		if (strncmp(word, start, len) == 0)
			return word + len;
		if ((word = strchr(word, ',')) != NULL)
			word++;
	}
	return NULL;
}

static bool
has(const char *word)
{
	const char *rest = word_find(word, strlen(word));

	return rest != NULL && (*rest == '\0' || *rest == ',');
}

static void
send_raw(void)
{
	static char buf[1 << 20];
	const char *path = getenv("FAKE_P11_RAW");
	int fd = open(path == NULL ? "" : path, O_RDONLY);
	ssize_t len;

	if (fd != -1 && (len = read(fd, buf, sizeof(buf))) > 0 &&
	    write(3, buf, (size_t)len) != len)
		_exit(77);
	close(fd);
}

static _Noreturn void
stay(void)
{
	for (;;)
		pause();
}

static _Noreturn void
get_loose(void)
{
	closefrom(0);
	sleep(1);
	_exit(4);
}

/* Is there a return value for this function?  Or worse? */
static bool
act(const char *name, CK_RV *ret)
{
	char start[64];
	const char *what;
	int len = snprintf(start, sizeof(start), "%s=", name);

	if ((what = word_find(start, (size_t)len)) == NULL)
		return false;
	if (strncmp(what, "crash", 5) == 0)
		raise(SIGSEGV);
	if (strncmp(what, "exit", 4) == 0)
		_exit(3);
	if (strncmp(what, "raw", 3) == 0)
		send_raw();
	if (strncmp(what, "raw", 3) == 0 || strncmp(what, "hang", 4) == 0)
		stay();
	if (strncmp(what, "loose", 5) == 0)
		get_loose();
	if (strncmp(what, "fork", 4) == 0) {
		if (!has_forked && fork() == 0)
			stay();
		has_forked = true;
		return false;
	}
	*ret = strtoul(what, NULL, 16);
	return true;
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	const char *path = getenv("FAKE_P11_LOG");
	int fd =
	    path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	va_list ap;

	if (fd == -1)
		return;
	va_start(ap, format);
	vdprintf(fd, format, ap);
	va_end(ap);
	close(fd);
}

static void
add(CK_OBJECT_CLASS class, CK_ULONG type, CK_BYTE id, const char *subject,
    const char *issuer, size_t value_len)
{
	struct object *o = &objects[n_objects];

	o->class = class;
	o->type = type;
	o->id = id;
	o->value_len = value_len;
	o->fill = (CK_BYTE)(n_objects + 1);
	snprintf(o->subject, sizeof(o->subject), "%s", subject);
	snprintf(o->issuer, sizeof(o->issuer), "%s", issuer);
	n_objects++;
}

static void
add_cert(CK_BYTE id, const char *subject, const char *issuer, size_t value_len)
{
	add(CKO_CERTIFICATE, CKC_X_509, id, subject, issuer, value_len);
}

static void
add_pair(CK_BYTE id)
{
	CK_ULONG type = has("rsa") ? CKK_RSA
	    : has("ed")		   ? CKK_EC_EDWARDS
	    : has("dsa")	   ? CKK_DSA
				   : CKK_EC;

	if (!has("no-key"))
		add(CKO_PRIVATE_KEY, type, id, "", "", 0);
	if (!has("no-pub"))
		add(CKO_PUBLIC_KEY, type, id, "", "", 0);
}

/* The CAs come first, and in no order. */
static void
fill(void)
{
	char subject[16], issuer[16];
	CK_BYTE i;

	n_objects = 0;
	if (has("cas"))
		for (i = 0; i < 40; i++) {
			snprintf(subject, sizeof(subject), "ca%d", i);
			snprintf(issuer, sizeof(issuer), "ca%d", i + 1);
			add_cert(0, subject, issuer, has("big") ? 40000 : 100);
		}
	if (has("many"))
		for (i = 10; i < 50; i++) {
			add_cert(i, "leaf", "nobody", 100);
			add_pair(i);
		}
	add_cert(0, "root", "root", 300);
	add_cert(0, "other", "root", 400);
	add_cert(has("ca-key") ? 2 : 0, "inter", "root", 200);
	if (has("twice")) {
		add_cert(0, "inter", "root", 200);
		objects[n_objects - 1].fill = objects[n_objects - 2].fill;
		add_cert(0, "inter", "inter", 250);
	}
	add_cert(
	    has("no-id") ? 0 : 1, "leaf", has("cas") ? "ca0" : "inter", 100);
	add_pair(1);
	if (has("ca-key"))
		add_pair(2);
	if (has("open-key"))
		add(CKO_PRIVATE_KEY, CKK_EC, 99, "", "", 0);
}

static CK_RV
fake_initialize(void *args)
{
	(void)args;
	ACT("C_Initialize");
	fill();
	return CKR_OK;
}

static CK_RV
fake_finalize(void *args)
{
	(void)args;
	return CKR_OK;
}

static CK_RV
fake_get_info(CK_INFO *info)
{
	memset(info, 0, sizeof(*info));
	info->cryptokiVersion.major = 2;
	info->cryptokiVersion.minor = 40;
	return CKR_OK;
}

static CK_RV
fake_get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *n)
{
	(void)present;
	ACT("C_GetSlotList");
	if (slots != NULL)
		slots[0] = 7;
	*n = has("absurd-slots") ? ABSURD : 1;
	return CKR_OK;
}

static CK_FLAGS
token_flags(void)
{
	CK_FLAGS flags = CKF_TOKEN_INITIALIZED;

	if (!has("no-login"))
		flags |= CKF_LOGIN_REQUIRED;
	if (has("pinpad"))
		flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
	if (tries == 0 || has("locked"))
		flags |= CKF_USER_PIN_LOCKED;
	else if (tries == 1 || has("last"))
		flags |= CKF_USER_PIN_FINAL_TRY;
	else if (tries == 2)
		flags |= CKF_USER_PIN_COUNT_LOW;
	return flags;
}

/* Each uid and gid, further groups, whether it can be root again. */
static void
who_describe(char *text, size_t size)
{
	uid_t uid[3] = { 0, 0, 0 };
	gid_t gid[3] = { 0, 0, 0 };

	getresuid(&uid[0], &uid[1], &uid[2]);
	getresgid(&gid[0], &gid[1], &gid[2]);
	snprintf(text, size, "%d%d %d%d %d %d%d%d", (int)uid[0],
	    uid[0] == uid[1] && uid[0] == uid[2], (int)gid[0],
	    gid[0] == gid[1] && gid[0] == gid[2], getgroups(0, NULL),
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), setuid(0) == 0);
}

/* A key that the test has put into its session keyring. */
static const char *
key_describe(void)
{
	long key = syscall(SYS_request_key, "user", "test_token", NULL, 0);
	char buf[8];

	return key == -1 ? "no key"
	    : syscall(SYS_keyctl, KEYCTL_READ, key, buf, sizeof(buf)) == -1
	    ? "a key"
	    : "its content";
}

/*
 * "fds": which descriptors are open; "who": as whom it runs; "key": what it has
 * of the caller's in the kernel.
 */
static void
token_label(CK_UTF8CHAR *label, size_t size)
{
	char text[64] = "fake\x1b \xc3\xbc one";
	int fd;

	if (has("who"))
		who_describe(text, sizeof(text));
	if (has("key"))
		snprintf(text, sizeof(text), "%s", key_describe());
	if (has("fds"))
		text[0] = '\0';
	for (fd = 0; has("fds") && fd < 256; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			snprintf(text + strlen(text),
			    sizeof(text) - strlen(text), "%d ", fd);
	memset(label, has("full") ? 'x' : ' ', size);
	memcpy(label, text, strlen(text) < size ? strlen(text) : size);
}

static CK_RV
fake_get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	if (slot != 7)
		return CKR_SLOT_ID_INVALID;
	ACT("C_GetTokenInfo");
	memset(info, 0, sizeof(*info));
	memset(info->serialNumber, has("swapped") && was_open ? '2' : '1',
	    sizeof(info->serialNumber));
	token_label(info->label, sizeof(info->label));
	info->flags = token_flags();
	return CKR_OK;
}

static CK_RV
fake_get_mechanism_info(
    CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info)
{
	(void)slot;
	ACT("C_GetMechanismInfo");
	if (type != CKM_SHA256_RSA_PKCS || !has("hashes"))
		return CKR_MECHANISM_INVALID;
	memset(info, 0, sizeof(*info));
	info->flags = CKF_SIGN;
	return CKR_OK;
}

static CK_RV
fake_open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application,
    CK_NOTIFY notify, CK_SESSION_HANDLE *ret)
{
	(void)slot;
	(void)flags;
	(void)application;
	(void)notify;
	ACT("C_OpenSession");
	was_open = true;
	*ret = 1;
	return CKR_OK;
}

static CK_RV
fake_close_session(CK_SESSION_HANDLE session)
{
	(void)session;
	is_logged_in = is_signing = has_context = false;
	return CKR_OK;
}

static CK_RV
fake_login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin,
    CK_ULONG len)
{
	(void)session;
	say("login %lu %.*s\n", user, pin == NULL ? 7 : (int)len,
	    pin == NULL ? "nothing" : (const char *)pin);
	ACT("C_Login");
	if (tries == 0)
		return CKR_PIN_LOCKED;
	if (!has("pinpad") && (len != 4 || memcmp(pin, PIN, 4) != 0)) {
		tries--;
		return CKR_PIN_INCORRECT;
	}
	tries = 3;
	if (user == CKU_CONTEXT_SPECIFIC) {
		ACT("context");
		has_context = true;
	} else
		is_logged_in = true;
	return CKR_OK;
}

static CK_RV
fake_logout(CK_SESSION_HANDLE session)
{
	(void)session;
	say("logout\n");
	is_logged_in = false;
	return CKR_OK;
}

static bool
is_hidden(const struct object *o)
{
	return o->class == CKO_PRIVATE_KEY && o->id != 99 && !is_logged_in &&
	    !has("no-login") && !has("visible");
}

/* Copy an attribute as PKCS #11, 5.7 has it. */
static CK_RV
attribute_copy(CK_ATTRIBUTE *a, const void *data, CK_ULONG len)
{
	if (has("absurd-attribute")) {
		a->ulValueLen = ABSURD;
		return CKR_OK;
	}
	if (a->pValue != NULL && a->ulValueLen < len) {
		a->ulValueLen = (CK_ULONG)-1;
		return CKR_BUFFER_TOO_SMALL;
	}
	if (a->pValue != NULL) {
		memcpy(a->pValue, data, len);
		if (has("growing-attribute"))
			len += 1000;
	}
	a->ulValueLen = len;
	return CKR_OK;
}

static CK_RV
attribute_get(const struct object *o, CK_ATTRIBUTE *a)
{
	static CK_BYTE value[65536];
	CK_BYTE long_id[300] = { 1 };
	CK_BBOOL always = has("always");

	switch (a->type) {
	case CKA_CLASS:
		return attribute_copy(a, &o->class, sizeof(o->class));
	case CKA_KEY_TYPE:
	case CKA_CERTIFICATE_TYPE:
		return attribute_copy(a, &o->type, sizeof(o->type));
	case CKA_ID:
		if (has("long-id"))
			return attribute_copy(a, long_id, sizeof(long_id));
		return attribute_copy(a, &o->id, o->id != 0);
	case CKA_SUBJECT:
		return attribute_copy(a, o->subject, strlen(o->subject));
	case CKA_ISSUER:
		return attribute_copy(a, o->issuer, strlen(o->issuer));
	case CKA_ALWAYS_AUTHENTICATE:
		return attribute_copy(a, &always, sizeof(always));
	case CKA_VALUE:
		memset(value, o->fill, o->value_len);
		return attribute_copy(a, value, o->value_len);
	}
	a->ulValueLen = (CK_ULONG)-1;
	return CKR_ATTRIBUTE_TYPE_INVALID;
}

static CK_RV
fake_get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_RV rv = CKR_OK, one;
	CK_ULONG i;

	(void)session;
	ACT("C_GetAttributeValue");
	if (object == 0 || object > n_objects)
		return CKR_OBJECT_HANDLE_INVALID;
	for (i = 0; i < n; i++)
		if ((one = attribute_get(&objects[object - 1], &template[i])) !=
		    CKR_OK)
			rv = one;
	return rv;
}

static CK_RV
fake_find_objects_init(
    CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_ULONG i;

	(void)session;
	ACT("C_FindObjectsInit");
	wanted_mask = next_object = 0;
	for (i = 0; i < n; i++) {
		if (template[i].type == CKA_CLASS) {
			memcpy(&wanted.class, template[i].pValue,
			    sizeof(wanted.class));
			wanted_mask |= 1;
		} else if (template[i].type == CKA_ID) {
			if (template[i].ulValueLen == 1)
				memcpy(&wanted.id, template[i].pValue, 1);
			wanted_mask |= 2;
		}
	}
	return CKR_OK;
}

static CK_RV
fake_find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *ret,
    CK_ULONG max, CK_ULONG *ret_n)
{
	const struct object *o;

	(void)session;
	ACT("C_FindObjects");
	*ret_n = 0;
	if (has("absurd-find")) {
		*ret_n = ABSURD;
		return CKR_OK;
	}
	if (has("endless-find")) {
		ret[0] = 1;
		*ret_n = 1;
		return CKR_OK;
	}
	/* A few at once, as some libraries do. */
	while (next_object < n_objects && *ret_n < max && *ret_n < 3) {
		o = &objects[next_object++];
		if (is_hidden(o) ||
		    ((wanted_mask & 1) && o->class != wanted.class) ||
		    ((wanted_mask & 2) && o->id != wanted.id))
			continue;
		ret[(*ret_n)++] = next_object;
	}
	return CKR_OK;
}

static CK_RV
fake_find_objects_final(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_OK;
}

static CK_RV
fake_sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
	(void)session;
	ACT("C_SignInit");
	if (key == 0 || key > n_objects || is_hidden(&objects[key - 1]))
		return CKR_KEY_HANDLE_INVALID;
	mechanism = m->mechanism;
	is_signing = true;
	return CKR_OK;
}

static CK_RV
fake_sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len, CK_BYTE *ret,
    CK_ULONG *ret_len)
{
	(void)session;
	say("sign %lx %lu\n", mechanism, len);
	ACT("C_Sign");
	if (!is_signing || (has("always") && !has_context))
		return CKR_USER_NOT_LOGGED_IN;
	is_signing = has_context = false;
	if (*ret_len < len)
		return CKR_BUFFER_TOO_SMALL;
	memcpy(ret, data, len);
	*ret_len = has("absurd-signature") ? ABSURD
	    : has("no-signature")	   ? 0
					   : len;
	return CKR_OK;
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **ret)
{
	static CK_FUNCTION_LIST list = {
		.version = { 2, 40 },
		.C_Initialize = fake_initialize,
		.C_Finalize = fake_finalize,
		.C_GetInfo = fake_get_info,
		.C_GetFunctionList = C_GetFunctionList,
		.C_GetSlotList = fake_get_slot_list,
		.C_GetTokenInfo = fake_get_token_info,
		.C_GetMechanismInfo = fake_get_mechanism_info,
		.C_OpenSession = fake_open_session,
		.C_CloseSession = fake_close_session,
		.C_Login = fake_login,
		.C_Logout = fake_logout,
		.C_GetAttributeValue = fake_get_attribute_value,
		.C_FindObjectsInit = fake_find_objects_init,
		.C_FindObjects = fake_find_objects,
		.C_FindObjectsFinal = fake_find_objects_final,
		.C_SignInit = fake_sign_init,
		.C_Sign = fake_sign,
	};

	ACT("C_GetFunctionList");
	*ret = &list;
	return CKR_OK;
}
