/* SPDX-License-Identifier: ISC */
/*
 * Tokens: SoftHSM's, with real keys, and a scripted library that does what no
 * library should.  Whatever it does, an answer comes in time, a PIN is tried
 * once, and no process and no descriptor is left.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/keyctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "../../pam_dance/helper_token.h"
#include "../../pam_dance/helper_token_child.h"
#include "keys.h"
#include "pki.h"
#include "resolver.h"
#include "tree.h"
#include "x509.h"

#define N(a)	   (sizeof(a) / sizeof((a)[0]))
#define SOFTHSM	   "/usr/lib/softhsm/libsofthsm2.so"
#define MESSAGE	   "a challenge, 32 octets or more of it"
#define SECONDS(n) (dance_now_ms() + (n)*1000)

/* All of the fake's PIN is right but for what a row says. */
#define RIGHT "1234"
#define WRONG "9999"

static const struct pki_spec specs[] = {
	{ "root", NULL, PKI_CA },
	{ "inter", "root", PKI_CA },
	{ "rsa", "inter", NULL, .key = "rsa2048" },
	{ "ec", "inter", NULL },
	{ "ed", "root", NULL, .key = "ed25519" },
	{ "nokey", "root", NULL },
};

static char dir[TREE_MAX];
static char fake[PATH_MAX];
static struct pki *pki;
static unsigned fds;

/* Read what a test wrote to a file, and remove it. */
static void
log_is(const char *wanted)
{
	char *text = keys_read(dir, "log", NULL);

	assert_string_equal(text, wanted);
	free(text);
	tree_unlink(dir, "/log");
}

/* The build makes it beside the tests: ../pam/fake_p11.so. */
static void
fake_find(void)
{
	ssize_t len = readlink("/proc/self/exe", fake, sizeof(fake) - 32);
	char *slash;
	int i;

	if (len <= 0)
		err(1, "/proc/self/exe");
	fake[len] = '\0';
	for (i = 0; i < 2; i++)
		if ((slash = strrchr(fake, '/')) != NULL)
			*slash = '\0';
	memcpy(fake + strlen(fake), "/pam/fake_p11.so", 17);
	if (access(fake, R_OK) != 0)
		err(1, "%s", fake);
}

static void __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(command, sizeof(command), format, ap);
	va_end(ap);
	keys_run(dir, command);
}

/* The key goes to the token too, if there is an identifier. */
static void
softhsm_put(const char *name, const char *id)
{
	const struct pki_cert *cert = pki_find(pki, name, strlen(name));
	char *path = tree_path(dir, "/key.pem");
	FILE *f = fopen(path, "we");

	if (f == NULL ||
	    PEM_write_PKCS8PrivateKey(
		f, cert->pkey, NULL, NULL, 0, NULL, NULL) != 1 ||
	    fclose(f) != 0)
		err(1, "%s", path);
	free(path);
	tree_write_bytes(dir, "/cert.der", cert->der.data, cert->der.len);
	if (id != NULL)
		run("softhsm2-util --import key.pem --token first --label %s "
		    "--id %s --pin 1234",
		    name, id);
	run("pkcs11-tool --module %s --token-label first --login --pin 1234 "
	    "--write-object cert.der --type cert --label %s%s%s",
	    SOFTHSM, name, id == NULL ? "" : " --id ", id == NULL ? "" : id);
}

static void
softhsm_make(void)
{
	char *conf = tree_path(dir, "/softhsm2.conf"), text[256];

	if (access(SOFTHSM, R_OK) != 0)
		err(1, "%s", SOFTHSM);
	tree_mkdir(dir, "/tokens");
	snprintf(text, sizeof(text),
	    "directories.tokendir = %s/tokens\n"
	    "objectstore.backend = file\nlog.level = ERROR\n",
	    dir);
	tree_write(dir, "/softhsm2.conf", text);
	setenv("SOFTHSM2_CONF", conf, 1);
	free(conf);
	run("softhsm2-util --init-token --free --label first --so-pin 5678 "
	    "--pin 1234");
	softhsm_put("root", NULL);
	softhsm_put("inter", NULL);
	softhsm_put("rsa", "01");
	softhsm_put("ec", "02");
	softhsm_put("ed", "03");
	softhsm_put("nokey", NULL);
}

/* Where other users can read it too. */
static void
fake_copy(void)
{
	char *so = malloc(1 << 20);
	FILE *f = fopen(fake, "rbe");
	size_t len;

	if (so == NULL || f == NULL)
		err(1, "%s", fake);
	len = fread(so, 1, 1 << 20, f);
	fclose(f);
	tree_write_bytes(dir, "/fake.so", so, len);
	tree_write_bytes(dir, "/fake2.so", so, len);
	free(so);
	snprintf(fake, sizeof(fake), "%s/fake.so", dir);
}

static int
group_setup(void **state)
{
	char *log;

	(void)state;
	fake_find();
	tree_make(dir);
	fake_copy();
	log = tree_path(dir, "/log");
	setenv("FAKE_P11_LOG", log, 1);
	free(log);
	log = tree_path(dir, "/raw");
	setenv("FAKE_P11_RAW", log, 1);
	free(log);
	pki = pki_new(specs, N(specs));
	softhsm_make();
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	pki_free(&pki);
	tree_remove(dir);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	fds = tree_count_fds();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unsetenv("FAKE_P11");
	assert_int_equal(tree_count_fds(), fds);
	assert_int_equal(tree_count_children(), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return 0;
}

static struct token *
start(const char *module)
{
	struct dance_fault fault = { "" };
	struct token_place place = { .module = module, .timeout_ms = 3000 };
	struct token *token = NULL;

	if (token_start(&place, &token, &fault) != 0)
		fail_msg("%s", fault.text);
	assert_non_null(token);
	return token;
}

/* The fake with these words. */
static struct token *
start_fake(const char *words)
{
	setenv("FAKE_P11", words, 1);
	return start(fake);
}

static void
list(struct token *token, struct token_offers *offers)
{
	struct dance_fault fault = { "" };

	memset(offers, 'x', sizeof(*offers));
	if (token_list(token, SECONDS(20), offers, &fault) != 0)
		fail_msg("%s", fault.text);
}

static struct token *
start_listed(const char *words, size_t n)
{
	struct token *token = start_fake(words);
	struct token_offers offers;

	list(token, &offers);
	assert_int_equal(offers.n, n);
	token_offers_clear(&offers);
	return token;
}

struct signature {
	uint8_t data[TOKEN_SIG_MAX];
	size_t len;
	struct dance_fault fault;
};

static int
sign(struct token *token, size_t which, const char *pin, struct signature *ret)
{
	struct dance_bytes message = { (const uint8_t *)MESSAGE,
		strlen(MESSAGE) };

	memset(ret, 0, sizeof(*ret));
	return token_sign(token, which, pin, message, SECONDS(20), ret->data,
	    &ret->len, &ret->fault);
}

static void
sign_fails(struct token *token, size_t which, const char *pin, const char *why)
{
	static const struct signature none;
	static struct signature sig;

	assert_int_equal(
	    sign(token, which, pin, &sig), DANCE_ERR_BAD_CREDENTIAL);
	assert_string_equal(sig.fault.text, why);
	assert_int_equal(sig.len, 0);
	assert_memory_equal(sig.data, none.data, sizeof(sig.data));
}

static void
list_fails(struct token *token, int error, const char *why)
{
	struct dance_fault fault = { "" };
	struct token_offers offers;

	memset(&offers, 0, sizeof(offers));
	assert_int_equal(
	    token_list(token, SECONDS(20), &offers, &fault), error);
	if (strstr(fault.text, why) == NULL)
		fail_msg("%s", fault.text);
	assert_int_equal(offers.n, 0);
}

static bool
signature_holds(const struct signature *sig, EVP_PKEY *pkey)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	ECDSA_SIG *rs = ECDSA_SIG_new();
	const uint8_t *data = sig->data;
	uint8_t *der = NULL;
	size_t len = sig->len;
	bool is_ed = EVP_PKEY_is_a(pkey, "ED25519"), holds;
	int n;

	if (EVP_PKEY_is_a(pkey, "EC")) {
		n = (int)len / 2;
		ECDSA_SIG_set0(
		    rs, BN_bin2bn(data, n, NULL), BN_bin2bn(data + n, n, NULL));
		len = (size_t)i2d_ECDSA_SIG(rs, &der);
		data = der;
	}
	holds = EVP_DigestVerifyInit(
		    ctx, NULL, is_ed ? NULL : EVP_sha256(), NULL, pkey) == 1 &&
	    EVP_DigestVerify(
		ctx, data, len, (const uint8_t *)MESSAGE, strlen(MESSAGE)) == 1;
	OPENSSL_free(der);
	ECDSA_SIG_free(rs);
	EVP_MD_CTX_free(ctx);
	return holds;
}

/* The number of the offer whose chain is that of the names. */
static size_t
offer_find(const struct token_offers *offers, const char *names)
{
	struct wirebuf chain = { NULL, 0 };
	size_t i;

	pki_chain(pki, names, &chain);
	for (i = 0; i < offers->n; i++)
		if (offers->list[i].chain_len == chain.len &&
		    memcmp(offers->list[i].chain, chain.data, chain.len) == 0)
			break;
	wirebuf_free(&chain);
	if (i == offers->n)
		fail_msg("no offer has the chain: %s", names);
	return i;
}

struct real {
	const char *chain;
	size_t sig_len;
};

static const struct real reals[] = {
	{ "rsa inter root", 256 },
	{ "ec inter root", 64 },
	{ "ed root", 64 },
};

static void
softhsm_lists_and_signs(const char *module)
{
	struct token *token = start(module);
	const struct token_offer *offer;
	struct dance_chain *chain;
	struct token_offers offers;
	static struct signature sig;
	size_t i, which;

	list(token, &offers);
	assert_int_equal(offers.n, N(reals));
	for (i = 0; i < N(reals); i++) {
		which = offer_find(&offers, reals[i].chain);
		offer = &offers.list[which];
		assert_string_equal(offer->label, "first");
		assert_true(offer->needs_pin);
		assert_false(offer->has_pinpad);
		assert_int_equal(offer->tries, TOKEN_TRIES_MANY);
		assert_int_equal(
		    dance_chain_parse(offer->chain, offer->chain_len, &chain),
		    0);
		dance_chain_free(&chain);
		assert_int_equal(sign(token, which, RIGHT, &sig), 0);
		assert_int_equal(sig.len, reals[i].sig_len);
		assert_true(signature_holds(&sig,
		    pki_find(pki, reals[i].chain, strcspn(reals[i].chain, " "))
			->pkey));
	}
	token_offers_clear(&offers);
	assert_int_equal(offers.n, 0);
	token_free(&token);
	assert_null(token);
}

static void
keys_of_three_types_sign(void **state)
{
	(void)state;
	softhsm_lists_and_signs(SOFTHSM);
}

static void
modules_registered_with_p11_kit_do(void **state)
{
	(void)state;
	softhsm_lists_and_signs(NULL);
}

/* In another process, as a user whom p11-kit lets have modules of his own. */
static int
registered_list(void)
{
	struct token_place place = { .module = NULL, .timeout_ms = 3000 };
	struct dance_fault fault = { "" };
	struct token_offers offers = { 0 };
	struct token *token;
	char *home = tree_path(dir, "/user");
	int r;

	if (setresgid(65534, 65534, 65534) != 0 ||
	    setresuid(65534, 65534, 65534) != 0)
		err(1, "setresuid");
	setenv("XDG_CONFIG_HOME", home, 1);
	free(home);
	setenv("FAKE_P11", "", 1);
	if (token_start(&place, &token, &fault) != 0)
		errx(1, "%s", fault.text);
	r = token_list(token, SECONDS(20), &offers, &fault);
	if (r == 0 &&
	    (offers.n != 1 ||
		strcmp(offers.list[0].label, "fake? ?? one") != 0))
		r = DANCE_ERR_MISMATCH;
	warnx("%d %s", r, fault.text);
	token_offers_clear(&offers);
	token_free(&token);
	return r;
}

static int
registered_status(const char *bad, const char *options)
{
	int status, out;
	char text[256];
	pid_t pid;

	snprintf(text, sizeof(text), "module: %s\n%s", bad, options);
	tree_write(dir, "/user/pkcs11/modules/bad.module", text);
	fflush(NULL);
	if ((pid = fork()) == 0) {
		char *path = tree_path(dir, "/stderr");

		unlink(path);
		out = open(path, O_WRONLY | O_CREAT, 0600);
		free(path);
		dup2(out, STDERR_FILENO);
		_exit(-registered_list());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

/* One that does not load or start, but for those that must; trust policy. */
static void
bad_modules_spoil_nothing(void **state)
{
	char text[256];

	(void)state;
	tree_write(dir, "/user/pkcs11/pkcs11.conf", "user-config: merge\n");
	snprintf(text, sizeof(text), "module: %s/fake.so\n", dir);
	tree_write(dir, "/user/pkcs11/modules/fake.module", text);

	assert_int_equal(registered_status("/nonexistent.so", ""), 0);
	assert_int_equal(registered_status("/etc/passwd", ""), 0);
	assert_int_equal(
	    registered_status("/nonexistent.so", "critical: yes\n"),
	    DANCE_ERR_CONFIG);
	snprintf(text, sizeof(text), "%s/fake2.so", dir);
	assert_int_equal(registered_status(text, "trust-policy: yes\n"), 0);
	/* It would have been a second offer. */
	assert_int_equal(registered_status(text, ""), DANCE_ERR_MISMATCH);
}

static void
softhsm_wrong_pin_then_right(void **state)
{
	struct token *token = start(SOFTHSM);
	struct token_offers offers;
	static struct signature sig;
	size_t which;

	(void)state;
	list(token, &offers);
	which = offer_find(&offers, "ec inter root");
	token_offers_clear(&offers);
	sign_fails(token, which, WRONG, "the PIN is wrong");
	sign_fails(token, which, NULL, "the token wants a PIN");
	sign_fails(token, which, "", "the token wants a PIN");
	assert_int_equal(sign(token, which, RIGHT, &sig), 0);
	list(token, &offers);
	assert_int_equal(offers.n, N(reals));
	assert_int_equal(offers.list[0].tries, TOKEN_TRIES_MANY);
	token_offers_clear(&offers);
	token_free(&token);
}

static void
a_message_of_any_length(void **state)
{
	static const size_t lengths[] = { 0, 1, 16384, TOKEN_MESSAGE_MAX };
	uint8_t *data = calloc(1, TOKEN_MESSAGE_MAX + 1);
	struct token *token = start(SOFTHSM);
	struct dance_bytes message = { data, 0 };
	struct dance_fault fault = { "" };
	struct token_offers offers;
	static struct signature sig;
	size_t i, which;

	(void)state;
	list(token, &offers);
	which = offer_find(&offers, "rsa inter root");
	token_offers_clear(&offers);
	for (i = 0; i < N(lengths); i++) {
		message.len = lengths[i];
		assert_int_equal(token_sign(token, which, RIGHT, message,
				     SECONDS(20), sig.data, &sig.len, &fault),
		    0);
	}
	message.len = TOKEN_MESSAGE_MAX + 1;
	assert_int_equal(token_sign(token, which, RIGHT, message, SECONDS(20),
			     sig.data, &sig.len, &fault),
	    DANCE_ERR_INTERNAL);
	assert_int_equal(sign(token, which, RIGHT, &sig), 0);
	token_free(&token);
	free(data);
}

static void
modules_that_are_none(void **state)
{
	static const struct {
		const char *path;
		const char *why;
	} rows[] = {
		{ "/nonexistent/module.so", "/nonexistent/module.so" },
		{ "/etc/passwd", "/etc/passwd" },
		{ "libcrypto.so.3", "libcrypto.so.3" },
		{ "/tmp", "/tmp" },
	};
	struct token *token;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		token = start(rows[i].path);
		list_fails(token, DANCE_ERR_CONFIG, rows[i].why);
		/* And again; no offers are there to sign with. */
		list_fails(token, DANCE_ERR_CONFIG, "can't load");
		sign_fails(
		    token, 0, RIGHT, "there is no such offer of a token");
		token_free(&token);
	}
	token = start_fake("C_Initialize=30");
	list_fails(token, DANCE_ERR_CONFIG, "can't start the PKCS #11 module");
	token_free(&token);
	token = start_fake("C_GetFunctionList=5");
	list_fails(token, DANCE_ERR_CONFIG, "can't load the PKCS #11 module");
	token_free(&token);
}

static void
nothing_is_listed(void **state)
{
	static const char *const rows[] = { "C_GetSlotList=30", "absurd-slots",
		"C_GetTokenInfo=e0", "C_OpenSession=b1", "C_FindObjectsInit=5",
		"C_FindObjects=5", "C_GetAttributeValue=5", "absurd-find",
		"absurd-attribute", "growing-attribute", "no-id", "long-id",
		"no-login,no-key", "no-login,dsa", "dsa", "no-key,no-pub,no-id",
		"open-key,no-key,no-pub" };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct token *token = start_fake(rows[i]);
		struct token_offers offers;

		list(token, &offers);
		if (offers.n != 0)
			fail_msg("%s: %zu offers", rows[i], offers.n);
		sign_fails(
		    token, 0, RIGHT, "there is no such offer of a token");
		token_free(&token);
	}
}

struct listed {
	const char *words;
	size_t n;
	const char *chain; /* the first octet of each, and its length / 100 */
	bool needs_pin;
	bool has_pinpad;
	enum token_tries tries;
};

/* The chain: octets that are all the same make one certificate. */
static void
chain_describe(const struct token_offer *offer, char *ret, size_t size)
{
	size_t i, from = 0, at = 0;

	ret[0] = '\0';
	for (i = 1; i <= offer->chain_len; i++) {
		if (i < offer->chain_len &&
		    offer->chain[i] == offer->chain[from])
			continue;
		at += (size_t)snprintf(ret + at, size - at, "%d:%zu ",
		    offer->chain[from], (i - from) / 100);
		from = i;
	}
}

static void
what_is_listed(void **state)
{
	static const struct listed rows[] = {
		/* 1 root, 2 other, 3 inter, 4 leaf */
		{ "", 1, "4:1 3:2 1:3 ", true, false, TOKEN_TRIES_MANY },
		{ "no-pub", 1, "4:1 3:2 1:3 ", true, false, TOKEN_TRIES_MANY },
		{ "no-key", 1, "4:1 3:2 1:3 ", true, false, TOKEN_TRIES_MANY },
		{ "no-key,no-pub", 1, "4:1 3:2 1:3 ", true, false,
		    TOKEN_TRIES_MANY },
		{ "open-key", 1, "4:1 3:2 1:3 ", true, false,
		    TOKEN_TRIES_MANY },
		{ "visible,no-pub", 1, "4:1 3:2 1:3 ", true, false,
		    TOKEN_TRIES_MANY },
		{ "no-login", 1, "4:1 3:2 1:3 ", false, false,
		    TOKEN_TRIES_MANY },
		{ "pinpad", 1, "4:1 3:2 1:3 ", true, true, TOKEN_TRIES_MANY },
		{ "last", 1, "4:1 3:2 1:3 ", true, false, TOKEN_TRIES_LAST },
		{ "locked", 1, "4:1 3:2 1:3 ", true, false, TOKEN_TRIES_NONE },
		/* A CA that is there twice, and one with two certificates. */
		{ "twice", 1, "6:1 3:2 5:2 1:3 ", true, false,
		    TOKEN_TRIES_MANY },
		/* At most 16 in all. */
		{ "cas", 1,
		    "44:1 1:1 2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:1 10:1 11:1 12:1 "
		    "13:1 14:1 15:1 ",
		    true, false, TOKEN_TRIES_MANY },
		{ "cas,big", 1, "44:1 1:400 2:400 ", true, false,
		    TOKEN_TRIES_MANY },
		{ "many", 16, "1:1 ", true, false, TOKEN_TRIES_MANY },
	};
	struct token_offers offers;
	struct token *token;
	char chain[512];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		token = start_fake(rows[i].words);
		list(token, &offers);
		if (offers.n != rows[i].n)
			fail_msg("%s: %zu offers", rows[i].words, offers.n);
		chain_describe(&offers.list[0], chain, sizeof(chain));
		if (strcmp(chain, rows[i].chain) != 0)
			fail_msg("%s: %s", rows[i].words, chain);
		assert_string_equal(offers.list[0].label, "fake? ?? one");
		assert_int_equal(offers.list[0].needs_pin, rows[i].needs_pin);
		assert_int_equal(offers.list[0].has_pinpad, rows[i].has_pinpad);
		assert_int_equal(offers.list[0].tries, rows[i].tries);
		token_offers_clear(&offers);
		token_free(&token);
	}
}

/* An issuer with a key of its own is an offer, and no part of a chain. */
static void
an_issuer_with_a_key(void **state)
{
	struct token *token = start_fake("ca-key");
	struct token_offers offers;
	char chain[64];

	(void)state;
	list(token, &offers);
	assert_int_equal(offers.n, 2);
	chain_describe(&offers.list[0], chain, sizeof(chain));
	assert_string_equal(chain, "3:2 1:3 ");
	chain_describe(&offers.list[1], chain, sizeof(chain));
	assert_string_equal(chain, "4:1 ");
	token_offers_clear(&offers);
	token_free(&token);
}

static void
an_endless_search_ends(void **state)
{
	struct token *token = start_listed("endless-find", 0);

	(void)state;
	token_free(&token);
}

/* In front of "first": a label of 32 characters without a blank. */
static void
a_label_that_fills_its_field(void **state)
{
	struct token *token = start_fake("full");
	struct token_offers offers;

	(void)state;
	list(token, &offers);
	assert_int_equal(offers.n, 1);
	assert_int_equal(strlen(offers.list[0].label), TOKEN_LABEL_MAX - 1);
	token_offers_clear(&offers);
	token_free(&token);
}

struct asked {
	const char *words;
	const char *pin;
	const char *log;
	const char *why; /* NULL: it is signed */
};

static void
how_it_is_signed(void **state)
{
	static const struct asked rows[] = {
		/* ECDSA over the digest, EdDSA over the message */
		{ "", RIGHT, "login 1 1234\nsign 1041 32\nlogout\n", NULL },
		{ "ed", RIGHT, "login 1 1234\nsign 1057 36\nlogout\n", NULL },
		{ "rsa", RIGHT, "login 1 1234\nsign 1 51\nlogout\n", NULL },
		{ "rsa,hashes", RIGHT, "login 1 1234\nsign 40 36\nlogout\n",
		    NULL },
		{ "always", RIGHT,
		    "login 1 1234\nlogin 2 1234\nsign 1041 32\nlogout\n",
		    NULL },
		{ "pinpad", NULL, "login 1 nothing\nsign 1041 32\nlogout\n",
		    NULL },
		{ "no-login", NULL, "sign 1041 32\n", NULL },
		{ "no-login,always", NULL, "sign 1041 32\n",
		    "the token wants a login" },
		{ "", WRONG, "login 1 9999\n", "the PIN is wrong" },
		{ "", NULL, "", "the token wants a PIN" },
		{ "pinpad", "", "", "the token wants a PIN" },
		{ "locked", RIGHT, "", "the token is locked" },
		{ "last", WRONG, "login 1 9999\n",
		    "the PIN is wrong: the next wrong one locks the token" },
		{ "C_Login=a0", RIGHT, "login 1 1234\n", "the PIN is wrong" },
		{ "C_Login=a1", RIGHT, "login 1 1234\n",
		    "the PIN has characters that the token refuses" },
		{ "C_Login=a2", RIGHT, "login 1 1234\n",
		    "the PIN is too short or too long" },
		{ "C_Login=a3", RIGHT, "login 1 1234\n",
		    "the PIN has expired: it must be changed" },
		{ "C_Login=a4", RIGHT, "login 1 1234\n",
		    "the token is locked" },
		{ "C_Login=100", RIGHT, "login 1 1234\n",
		    "the token failed to log in: error 0x100" },
		{ "always,context=a0", RIGHT,
		    "login 1 1234\nlogin 2 1234\nlogout\n",
		    "the PIN is wrong" },
		{ "C_SignInit=70", RIGHT, "login 1 1234\nlogout\n",
		    "the token can't sign with this key" },
		{ "C_Sign=32", RIGHT, "login 1 1234\nsign 1041 32\nlogout\n",
		    "the token was removed" },
		{ "C_Sign=101", RIGHT, "login 1 1234\nsign 1041 32\nlogout\n",
		    "the token wants a login" },
		{ "absurd-signature", RIGHT,
		    "login 1 1234\nsign 1041 32\nlogout\n",
		    "the token's signature has no length" },
		{ "no-signature", RIGHT, "login 1 1234\nsign 1041 32\nlogout\n",
		    "the token's signature has no length" },
		{ "no-key", RIGHT, "login 1 1234\nlogout\n",
		    "the token has no key for its certificate" },
		{ "swapped", RIGHT, "", "another token is there now" },
	};
	static struct signature sig;
	struct token *token;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		token = start_listed(rows[i].words, 1);
		tree_write(dir, "/log", "");
		if (rows[i].why != NULL)
			sign_fails(token, 0, rows[i].pin, rows[i].why);
		else
			assert_int_equal(sign(token, 0, rows[i].pin, &sig), 0);
		log_is(rows[i].log);
		sign_fails(
		    token, 1, RIGHT, "there is no such offer of a token");
		token_free(&token);
	}
}

/* A try of the PIN costs one, whatever comes of it. */
static void
a_token_locks(void **state)
{
	static const char *const log = "login 1 9999\nlogin 1 9999\n"
				       "login 1 1234\nsign 1041 32\nlogout\n"
				       "login 1 9999\nlogin 1 9999\n"
				       "login 1 9999\n";
	struct token *token = start_listed("", 1);
	struct token_offers offers;
	static struct signature sig;

	(void)state;
	tree_write(dir, "/log", "");
	sign_fails(token, 0, WRONG, "the PIN is wrong");
	list(token, &offers);
	assert_int_equal(offers.list[0].tries, TOKEN_TRIES_FEW);
	token_offers_clear(&offers);
	sign_fails(token, 0, WRONG,
	    "the PIN is wrong: the next wrong one locks the token");
	list(token, &offers);
	assert_int_equal(offers.list[0].tries, TOKEN_TRIES_LAST);
	token_offers_clear(&offers);
	assert_int_equal(sign(token, 0, RIGHT, &sig), 0);
	sign_fails(token, 0, WRONG, "the PIN is wrong");
	sign_fails(token, 0, WRONG,
	    "the PIN is wrong: the next wrong one locks the token");
	sign_fails(
	    token, 0, WRONG, "the PIN is wrong: the token is locked now");
	sign_fails(token, 0, WRONG, "the token is locked");
	sign_fails(token, 0, RIGHT, "the token is locked");
	log_is(log);
	token_free(&token);
}

/* A token that does not hash gets what PKCS #1 would have made. */
static void
rsa_without_a_hash(void **state)
{
	EVP_PKEY *pkey = pki_find(pki, "rsa", 3)->pkey;
	struct token *token = start_listed("rsa", 1);
	static struct signature sig, real;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);

	(void)state;
	assert_int_equal(sign(token, 0, RIGHT, &sig), 0);
	assert_int_equal(sig.len, 51);
	real.len = sizeof(real.data);
	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
	assert_int_equal(
	    EVP_PKEY_sign(ctx, real.data, &real.len, sig.data, sig.len), 1);
	assert_true(signature_holds(&real, pkey));
	EVP_PKEY_CTX_free(ctx);
	token_free(&token);
}

static void
pins_of_all_lengths(void **state)
{
	struct token *token = start_listed("", 1);
	char pin[TOKEN_PIN_MAX + 1], wanted[TOKEN_PIN_MAX + 32];
	static struct signature sig;

	(void)state;
	tree_write(dir, "/log", "");
	memset(pin, 'p', sizeof(pin));
	pin[TOKEN_PIN_MAX] = '\0';
	sign_fails(token, 0, pin, "the PIN is too long");
	log_is("");
	tree_write(dir, "/log", "");
	pin[TOKEN_PIN_MAX - 1] = '\0';
	sign_fails(token, 0, pin, "the PIN is wrong");
	snprintf(wanted, sizeof(wanted), "login 1 %s\n", pin);
	log_is(wanted);
	assert_int_equal(sign(token, 0, RIGHT, &sig), 0);
	token_free(&token);
}

/* Where the library ends or hangs while it is listed. */
static void
libraries_that_end(void **state)
{
	static const char *const rows[] = { "C_GetFunctionList", "C_Initialize",
		"C_GetSlotList", "C_GetTokenInfo", "C_FindObjects",
		"C_GetAttributeValue" };
	struct token *token;
	char words[64];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		snprintf(words, sizeof(words), "%s=exit", rows[i]);
		token = start_fake(words);
		list_fails(token, DANCE_ERR_BAD_CREDENTIAL, "(status 3)");
		list_fails(token, DANCE_ERR_BAD_CREDENTIAL, "has ended");
		sign_fails(token, 0, RIGHT, "the token's library has ended");
		token_free(&token);
	}
	token = start_fake("C_Initialize=crash");
	list_fails(token, DANCE_ERR_BAD_CREDENTIAL, "(signal 11)");
	token_free(&token);
	token = start_listed("C_Sign=crash", 1);
	sign_fails(token, 0, RIGHT,
	    "the token's library ended without an answer (signal 11)");
	token_free(&token);
	token = start_listed("C_Login=exit", 1);
	sign_fails(token, 0, RIGHT,
	    "the token's library ended without an answer (status 3)");
	sign_fails(token, 0, RIGHT, "the token's library has ended");
	token_free(&token);
}

static void
the_deadline_is_kept(void **state)
{
	static const char late[] =
	    "the token's library took too long and was stopped";
	struct dance_bytes message = { (const uint8_t *)MESSAGE, 1 };
	struct dance_fault fault;
	struct token_offers offers;
	static struct signature sig;
	struct token *token;
	int64_t begin, took;

	(void)state;
	token = start_fake("C_Initialize=hang");
	begin = dance_now_ms();
	assert_int_equal(token_list(token, begin + 200, &offers, &fault),
	    DANCE_ERR_BAD_CREDENTIAL);
	took = dance_now_ms() - begin;
	assert_true(took >= 200 && took < 2000);
	assert_string_equal(fault.text, late);
	/* Gone at once, not only when it is freed. */
	assert_int_equal(tree_count_children(), 0);
	token_free(&token);
	token = start_listed("C_Sign=hang", 1);
	begin = dance_now_ms();
	assert_int_equal(token_sign(token, 0, RIGHT, message, begin + 200,
			     sig.data, &sig.len, &fault),
	    DANCE_ERR_BAD_CREDENTIAL);
	took = dance_now_ms() - begin;
	assert_true(took >= 200 && took < 2000);
	assert_string_equal(fault.text, late);
	sign_fails(token, 0, RIGHT, "the token's library has ended");
	token_free(&token);
	/* It does not even read, and what is sent is more than fits. */
	token = start_fake("");
	assert_int_equal(token_list(token, begin - 1, &offers, &fault),
	    DANCE_ERR_BAD_CREDENTIAL);
	assert_string_equal(fault.text, late);
	token_free(&token);
}

/* Write what the process sends in place of an answer; then it hangs. */
static void
raw_fails(const void *data, size_t len, const void *more, size_t more_len,
    const char *why)
{
	struct wirebuf raw = { NULL, 0 };
	struct dance_fault fault = { "" };
	struct token_offers offers = { 0 };
	struct token *token;

	wirebuf_raw(&raw, data, len);
	wirebuf_raw(&raw, more, more_len);
	tree_write_bytes(dir, "/raw", raw.data, raw.len);
	wirebuf_free(&raw);
	token = start_fake("C_Initialize=raw");
	assert_int_equal(
	    token_list(token, dance_now_ms() + 300, &offers, &fault),
	    DANCE_ERR_BAD_CREDENTIAL);
	assert_int_equal(offers.n, 0);
	if (strstr(fault.text, why) == NULL)
		fail_msg("%s", fault.text);
	token_free(&token);
}

#define MALFORMED "malformed"
#define LATE	  "too long"

static const struct token_reply good_reply = { TOKEN_MAGIC, 1, 0, 1, { "" } };
static const struct token_entry good_entry = { 4, 0, 1, 0, "label" };

static void
replies_that_are_malformed(void **state)
{
	struct token_reply r;

	(void)state;
#define BAD(change)     \
	r = good_reply; \
	change;         \
	raw_fails(&r, sizeof(r), NULL, 0, MALFORMED)
	BAD(r.magic++);
	BAD(r.serial++);
	BAD(r.serial--);
	BAD(r.n = TOKEN_OFFERS_MAX + 1);
	BAD(r.n = UINT32_MAX);
	BAD(memset(r.fault.text, 'x', sizeof(r.fault.text)));
	BAD(memset(r.fault.text, '\n', 1));
	BAD(memset(r.fault.text, 0x80, 1));
	BAD(r.error = DANCE_ERR_CONFIG);
	BAD(r.error = 1; r.n = 0; r.fault.text[0] = 'x');
	BAD(r.error = DANCE_ERR_INTERNAL; r.n = 0; r.fault.text[0] = 'x');
	BAD(r.error = DANCE_ERR_BAD_CREDENTIAL; r.n = 0);
	BAD(r.error = DANCE_ERR_BAD_CREDENTIAL; r.fault.text[0] = 'x');
	raw_fails(&good_reply, sizeof(r) - 1, NULL, 0, LATE);
	raw_fails(&good_reply, 1, NULL, 0, LATE);
}

static void
entries_that_are_malformed(void **state)
{
	struct token_entry e;

	(void)state;
#undef BAD
#define BAD(change)                         \
	memcpy(&e, &good_entry, sizeof(e)); \
	change;                             \
	raw_fails(&good_reply, sizeof(good_reply), &e, sizeof(e), MALFORMED)
	BAD(e.chain_len = 0);
	BAD(e.chain_len = DANCE_CHAIN_BYTES_MAX + 1);
	BAD(e.chain_len = UINT32_MAX);
	BAD(e.tries = TOKEN_TRIES_NONE + 1);
	BAD(e.tries = UINT32_MAX);
	BAD(e.needs_pin = 2);
	BAD(e.has_pinpad = 0xff);
	BAD(memset(e.label, 'x', sizeof(e.label)));
	BAD(memset(e.label, 0x1b, 1));
	/* Cut, and a chain that does not come. */
	raw_fails(&good_reply, sizeof(good_reply), &good_entry, 7, LATE);
	raw_fails(&good_reply, sizeof(good_reply), &good_entry,
	    sizeof(good_entry), LATE);
}

/* The frames that the malformed ones are made of are good. */
static void
a_frame_that_is_well_formed(void **state)
{
	struct wirebuf raw = { NULL, 0 };
	struct token_offers offers;
	struct token *token;

	(void)state;
	wirebuf_raw(&raw, &good_reply, sizeof(good_reply));
	wirebuf_raw(&raw, &good_entry, sizeof(good_entry));
	wirebuf_raw(&raw, "DER.", 4);
	/* The next answer is there already: it is none. */
	wirebuf_raw(&raw, &good_reply, sizeof(good_reply));
	tree_write_bytes(dir, "/raw", raw.data, raw.len);
	wirebuf_free(&raw);
	token = start_fake("C_Initialize=raw");
	list(token, &offers);
	assert_int_equal(offers.n, 1);
	assert_int_equal(offers.list[0].chain_len, 4);
	assert_memory_equal(offers.list[0].chain, "DER.", 4);
	assert_string_equal(offers.list[0].label, "label");
	assert_true(offers.list[0].needs_pin);
	token_offers_clear(&offers);
	list_fails(token, DANCE_ERR_BAD_CREDENTIAL, MALFORMED);
	token_free(&token);
}

static void
signatures_that_are_malformed(void **state)
{
	static const uint32_t lengths[] = { 0, TOKEN_SIG_MAX + 1, UINT32_MAX };
	struct token_reply r = good_reply;
	struct token *token;
	size_t i;

	(void)state;
	r.serial = 2;
	for (i = 0; i <= N(lengths); i++) {
		if (i < N(lengths))
			r.n = lengths[i];
		else {
			/* A listing may say so, a signature not. */
			r.n = 0;
			r.error = DANCE_ERR_CONFIG;
			r.fault.text[0] = 'x';
		}
		tree_write_bytes(dir, "/raw", &r, sizeof(r));
		token = start_listed("C_Sign=raw", 1);
		sign_fails(token, 0, RIGHT,
		    "the token's library was stopped: its answer is malformed");
		token_free(&token);
	}
}

static void
the_process_has_its_descriptors_alone(void **state)
{
	int extra = open("/dev/null", O_RDONLY), zero = dup(STDIN_FILENO), i;
	struct token_offers offers;
	struct token *token;

	(void)state;
	for (i = 0; i < 2; i++) {
		/* With a socket that is itself one of the first three. */
		if (i == 1)
			close(STDIN_FILENO);
		token = start_fake("fds");
		list(token, &offers);
		assert_string_equal(offers.list[0].label, "0 1 2 3 4");
		token_offers_clear(&offers);
		token_free(&token);
	}
	dup2(zero, STDIN_FILENO);
	close(zero);
	close(extra);
}

#define OTHER_UID 54321
#define OTHER_GID 54322

static bool
is_root(void)
{
	return geteuid() == 0;
}

/* The label of the fake's token, as whom it is found. */
static void
label_is(bool is_other, const char *words, const char *wanted)
{
	struct token_place place = { fake, 3000, is_other, OTHER_UID,
		OTHER_GID };
	struct dance_fault fault = { "" };
	struct token_offers offers;
	struct token *token = NULL;

	setenv("FAKE_P11", words, 1);
	assert_int_equal(token_start(&place, &token, &fault), 0);
	list(token, &offers);
	assert_string_equal(offers.list[0].label, wanted);
	token_offers_clear(&offers);
	token_free(&token);
}

/* Root's process becomes the user that it is to be; else nothing changes. */
static void
the_process_is_another_users(void **state)
{
	struct token_place place = { fake, 3000, true, 0, OTHER_GID };
	struct dance_fault fault = { "" };
	struct token *token = NULL;

	(void)state;
	if (!is_root())
		skip();
	/* All three of each, no groups; no new privileges, hidden, no root. */
	label_is(true, "who", "543211 543221 0 100");
	/* To stay root is refused. */
	assert_int_equal(token_start(&place, &token, &fault), 0);
	list_fails(token, DANCE_ERR_BAD_CREDENTIAL, "(status 1)");
	token_free(&token);
}

/* Keys that the caller has in the kernel are not another user's. */
static void
another_users_process_has_no_key_of_the_callers(void **state)
{
	(void)state;
	if (!is_root() ||
	    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) == -1)
		skip();
	assert_true(syscall(SYS_add_key, "user", "test_token", "x", 1,
			KEY_SPEC_SESSION_KEYRING) != -1);
	label_is(false, "key", "its content");
	label_is(true, "key", "no key");
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

/* A helper that has given up root. */
static struct token *
start_as_other(const char *words)
{
	struct token_place place = { fake, 3000, true, OTHER_UID, OTHER_GID };
	struct dance_fault fault = { "" };
	struct token *token = NULL;

	setenv("FAKE_P11", words, 1);
	if (token_start(&place, &token, &fault) != 0 ||
	    setresgid(65534, 65534, 65534) != 0 ||
	    setresuid(65534, 65534, 65534) != 0)
		errx(1, "%s", fault.text);
	return token;
}

/* The signal that the helper can't send itself comes all the same. */
static void
another_users_process_can_be_ended(void **state)
{
	struct token_offers offers;
	struct dance_fault fault;
	struct token *token;
	int64_t begin;
	int status;
	pid_t pid;

	(void)state;
	if (!is_root())
		skip();
	if ((pid = fork()) == 0) {
		token = start_as_other("C_Initialize=hang");
		begin = dance_now_ms();
		if (token_list(token, begin + 200, &offers, &fault) !=
		    DANCE_ERR_BAD_CREDENTIAL)
			_exit(1);
		token_free(&token);
		/* Not after the time for one that got away. */
		_exit(dance_now_ms() - begin < 400 &&
			    waitpid(-1, NULL, WNOHANG) == -1
			? 0
			: 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
another_users_process_dies_with_its_parent(void **state)
{
	struct token_offers offers;
	struct dance_fault fault;
	struct token *token;
	int status, n;
	pid_t parent;

	(void)state;
	if (!is_root())
		skip();
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	if ((parent = fork()) == 0) {
		alarm(1);
		/* With what its library has forked off. */
		token =
		    start_as_other("C_GetSlotList=fork,C_GetTokenInfo=hang");
		token_list(token, SECONDS(60), &offers, &fault);
		_exit(0);
	}
	alarm(20);
	for (n = 0; n < 3; n++) {
		pid_t pid = wait(&status);

		assert_true(pid > 0 && WIFSIGNALED(status));
		assert_int_equal(
		    WTERMSIG(status), pid == parent ? SIGALRM : SIGKILL);
	}
	alarm(0);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

/* It is waited for a moment, and not for ever. */
static void
one_that_gets_away_holds_nobody_up(void **state)
{
	struct token_offers offers;
	struct dance_fault fault;
	struct token *token;
	int64_t took;
	int status, n;
	pid_t parent;

	(void)state;
	if (!is_root())
		skip();
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	if ((parent = fork()) == 0) {
		token = start_as_other("C_GetSlotList=loose");
		took = dance_now_ms();
		if (token_list(token, SECONDS(5), &offers, &fault) !=
		    DANCE_ERR_BAD_CREDENTIAL)
			_exit(1);
		token_free(&token);
		took = dance_now_ms() - took;
		_exit(took >= 200 && took < 2000 ? 0 : 2);
	}
	/* The library ends by itself after a second. */
	alarm(20);
	for (n = 0; n < 2; n++) {
		pid_t pid = wait(&status);

		assert_true(pid > 0 && WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), pid == parent ? 0 : 4);
	}
	alarm(0);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

/* The library hangs; the helper is killed, and so must it be. */
static void
the_process_dies_with_its_parent(void **state)
{
	struct token_offers offers;
	struct token *token;
	int status, n;
	pid_t parent;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	if ((parent = fork()) == 0) {
		alarm(1);
		token = start_fake("C_Initialize=hang");
		token_list(token, SECONDS(60), &offers, NULL);
		_exit(0);
	}
	alarm(20);
	for (n = 0; n < 2; n++) {
		pid_t pid = wait(&status);

		assert_true(pid > 0 && WIFSIGNALED(status));
		assert_int_equal(
		    WTERMSIG(status), pid == parent ? SIGALRM : SIGKILL);
	}
	alarm(0);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

static void
the_process_may_be_killed(void **state)
{
	struct token *token = start_listed("C_Sign=hang", 1);

	(void)state;
	token_free(&token);
	token_free(&token);
	/* A program that wants no word of its children. */
	signal(SIGCHLD, SIG_IGN);
	token = start_fake("C_Initialize=exit");
	list_fails(token, DANCE_ERR_BAD_CREDENTIAL, "(status 0)");
	token_free(&token);
	signal(SIGCHLD, SIG_DFL);
}

static void
on_alarm(int number)
{
	(void)number;
}

/* A signal that is handled does not end the waiting, in either process. */
static void
signals_are_no_answers(void **state)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never;
	struct token *token;

	(void)state;
	memset(&never, 0, sizeof(never));
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
	softhsm_lists_and_signs(SOFTHSM);
	token = start_fake("C_Initialize=hang");
	assert_int_equal(token_list(token, dance_now_ms() + 200, NULL, NULL),
	    DANCE_ERR_BAD_CREDENTIAL);
	token_free(&token);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	signal(SIGALRM, SIG_DFL);
}

static void
no_descriptors_left(void **state)
{
	struct dance_fault fault = { "" };
	struct token_place place = { .module = fake, .timeout_ms = 3000 };
	struct rlimit before, limit;
	struct token *token = NULL;
	int n, r, lowest = dup(STDIN_FILENO);

	(void)state;
	close(lowest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	/* None, one, enough for one pair, and one more. */
	for (n = 0; n < 4; n++) {
		limit.rlim_cur = (rlim_t)(lowest + n);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		r = token_start(&place, &token, &fault);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
		assert_int_equal(r, DANCE_ERR_INTERNAL);
		assert_string_equal(
		    fault.text, "token: socketpair, pipe: Too many open files");
		assert_null(token);
		assert_int_equal(tree_count_fds(), fds);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(keys_of_three_types_sign),
		TEST(modules_registered_with_p11_kit_do),
		TEST(bad_modules_spoil_nothing),
		TEST(softhsm_wrong_pin_then_right),
		TEST(a_message_of_any_length),
		TEST(modules_that_are_none),
		TEST(nothing_is_listed),
		TEST(what_is_listed),
		TEST(an_issuer_with_a_key),
		TEST(an_endless_search_ends),
		TEST(a_label_that_fills_its_field),
		TEST(how_it_is_signed),
		TEST(a_token_locks),
		TEST(rsa_without_a_hash),
		TEST(pins_of_all_lengths),
		TEST(libraries_that_end),
		TEST(the_deadline_is_kept),
		TEST(replies_that_are_malformed),
		TEST(entries_that_are_malformed),
		TEST(a_frame_that_is_well_formed),
		TEST(signatures_that_are_malformed),
		TEST(the_process_has_its_descriptors_alone),
		TEST(the_process_is_another_users),
		TEST(another_users_process_has_no_key_of_the_callers),
		TEST(another_users_process_can_be_ended),
		TEST(another_users_process_dies_with_its_parent),
		TEST(one_that_gets_away_holds_nobody_up),
		TEST(the_process_dies_with_its_parent),
		TEST(the_process_may_be_killed),
		TEST(signals_are_no_answers),
		TEST(no_descriptors_left),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
