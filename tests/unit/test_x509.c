/* SPDX-License-Identifier: ISC */
/* Reading chains and roots, and the names of users in a leaf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/x509.h>

#include "error.h"
#include "pki.h"
#include "x509.h"

#define N(a)	 (sizeof(a) / sizeof((a)[0]))
#define BAD_CRED DANCE_ERR_BAD_CREDENTIAL
#define DNS	 PKI_SAN "DNS:"
#define EMAIL	 PKI_SAN "email:"
#define XMPP	 "otherName:1.3.6.1.5.5.7.8.5;UTF8:"

static const struct pki_spec specs[] = {
	{ "root", NULL, PKI_CA },
	{ "inter", "root", PKI_CA },
	{ "leaf", "inter", NULL },
	{ "rsa", NULL, NULL, .key = "rsa2048" },
	{ "ed25519", NULL, NULL, .key = "ed25519" },
	{ "twin", NULL, NULL, "CN=leaf", "=leaf" },
};

/* Leaves for names; all with one key. */
static const struct pki_spec people[] = {
	{ "key", NULL, NULL },
	{ "mail", NULL, EMAIL "alice@example.com", .key = "=key" },
	{ "mail.upper", NULL, EMAIL "ALICE@EXAMPLE.COM", .key = "=key" },
	{ "mail.many", NULL, EMAIL "a@b.c,email:bob@example.com,URI:x:y",
	    .key = "=key" },
	{ "mail.nul", NULL, EMAIL "alice@example.com~", .key = "=key" },
	{ "mail.nul.in", NULL, EMAIL "alice~@example.com", .key = "=key" },
	{ "mail.front", NULL, EMAIL "xalice@example.com", .key = "=key" },
	{ "mail.behind", NULL, EMAIL "alice@example.community", .key = "=key" },
	{ "mail.dot", NULL, EMAIL "alice@example.com.", .key = "=key" },
	{ "mail.blank", NULL, EMAIL "alice@example.com x", .key = "=key" },
	{ "mail.quoted", NULL, EMAIL "\"alice\"@example.com", .key = "=key" },
	{ "mail.tag", NULL, EMAIL "alice+x@example.com", .key = "=key" },
	{ "mail.star", NULL, EMAIL "*@example.com", .key = "=key" },
	{ "mail.at", NULL, EMAIL "@example.com", .key = "=key" },
	{ "mail.user", NULL, EMAIL "alice@_user.example.com", .key = "=key" },
	{ "mail.dns", NULL, DNS "alice@example.com", .key = "=key" },
	{ "mail.uri", NULL, PKI_SAN "URI:mailto:alice@example.com",
	    .key = "=key" },
	{ "mail.uri.bare", NULL, PKI_SAN "URI:alice@example.com",
	    .key = "=key" },
	{ "mail.other", NULL, PKI_SAN XMPP "alice@example.com", .key = "=key" },
	{ "mail.name", NULL, EMAIL "laptop.example.com", .key = "=key" },
	{ "mail.subject", NULL, DNS "example.com",
	    "emailAddress=alice@example.com", "=key" },
	{ "uid", NULL, DNS "example.com", "CN=x|UID=alice", "=key" },
	{ "uid.upper", NULL, DNS "EXAMPLE.com", "UID=Alice", "=key" },
	{ "uid.user", NULL, DNS "_user.example.com", "UID=alice", "=key" },
	{ "uid.user.upper", NULL, DNS "_USER.example.com", "UID=alice",
	    "=key" },
	{ "uid.far", NULL, DNS "example.org", "UID=alice", "=key" },
	{ "uid.below", NULL, DNS "a.example.com", "UID=alice", "=key" },
	{ "uid.user.below", NULL, DNS "_user.a.example.com", "UID=alice",
	    "=key" },
	{ "uid.many", NULL, DNS "a.b,DNS:example.com", "UID=alice", "=key" },
	{ "uid.star", NULL, DNS "*.com,DNS:*.example.com", "UID=alice",
	    "=key" },
	{ "uid.nul", NULL, DNS "example.com", "UID=alice~", "=key" },
	/* UTF8String, PrintableString, IA5String; the others are not text. */
	{ "uid.12", NULL, DNS "example.com", "UID^12=alice", "=key" },
	{ "uid.19", NULL, DNS "example.com", "UID^19=alice", "=key" },
	{ "uid.22", NULL, DNS "example.com", "UID^22=alice", "=key" },
	{ "uid.3", NULL, DNS "example.com", "UID^3=alice", "=key" },
	{ "uid.18", NULL, DNS "example.com", "UID^18=alice", "=key" },
	{ "uid.20", NULL, DNS "example.com", "UID^20=alice", "=key" },
	{ "uid.30", NULL, DNS "example.com", "UID^30=alic", "=key" },
	{ "uid.nul.in", NULL, DNS "example.com", "UID=al~ce", "=key" },
	{ "uid.dns.nul", NULL, DNS "example.com~.b", "UID=alice", "=key" },
	{ "uid.longer", NULL, DNS "example.com", "UID=alice2", "=key" },
	{ "uid.two", NULL, DNS "example.com", "UID=alice|UID=bob", "=key" },
	{ "uid.same", NULL, DNS "example.com", "UID=alice|UID=alice", "=key" },
	{ "uid.full", NULL, DNS "example.com", "UID=alice@example.com",
	    "=key" },
	{ "uid.empty", NULL, DNS "example.com", "CN=alice", "=key" },
	{ "uid.none", NULL, NULL, "UID=alice", "=key" },
	{ "uid.mail", NULL, EMAIL "x@example.com", "UID=alice", "=key" },
	{ "uid.uri", NULL, PKI_SAN "URI:example.com", "UID=alice", "=key" },
	{ "uid.cn", NULL, NULL, "CN=example.com|UID=alice", "=key" },
	{ "uid.mail.other", NULL, DNS "example.com,email:bob@example.com",
	    "UID=alice", "=key" },
	{ "twice", NULL, EMAIL "alice@example.com|" EMAIL "a@b.c",
	    .key = "=key" },
	{ "broken", NULL, "subjectAltName=DER:30058103", .key = "=key" },
	{ "none", NULL, NULL, .key = "=key" },
};

static struct pki *pki;

static int
group_setup(void **state)
{
	(void)state;
	pki = pki_new(specs, N(specs));
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	pki_free(&pki);
	return 0;
}

/* Parse a copy that ends where the data ends, and nothing comes of a refusal */
static void
parse_expect(const struct wirebuf *der, size_t len, int want)
{
	struct dance_chain *chain = NULL;
	uint8_t *copy = malloc(len > 0 ? len : 1);
	int r;

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, der->data, len);
	r = dance_chain_parse(copy, len, &chain);
	if (r != want)
		fail_msg("%zu octets: %d, not %d", len, r, want);
	assert_true((chain != NULL) == (r == 0));
	dance_chain_free(&chain);
	assert_null(chain);
	dance_chain_free(&chain);
	free(copy);
}

static void
good_chains(void **state)
{
	static const struct {
		const char *names;
		unsigned rsa_bits;
	} rows[] = {
		{ "leaf", 0 },
		{ "leaf inter", 0 },
		{ "leaf inter root", 0 },
		{ "leaf root inter", 0 },
		{ "rsa", 2048 },
		{ "rsa leaf", 2048 },
		{ "ed25519 rsa", 0 },
		{ "leaf twin", 0 },
	};
	const struct pki_cert *leaf;
	struct dance_chain *chain;
	struct wirebuf der;
	const char *at;
	size_t i, n;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		der = (struct wirebuf){ NULL, 0 };
		pki_chain(pki, rows[i].names, &der);
		leaf =
		    pki_find(pki, rows[i].names, strcspn(rows[i].names, " "));
		assert_int_equal(
		    dance_chain_parse(der.data, der.len, &chain), 0);
		assert_int_equal(X509_cmp(chain->leaf, leaf->x509), 0);
		for (n = 0, at = rows[i].names; *at != '\0'; at++)
			n += *at == ' ' ? 1 : 0;
		assert_int_equal(sk_X509_num(chain->others), n);
		assert_int_equal(chain->spki_len, leaf->spki.len);
		assert_memory_equal(
		    chain->spki, leaf->spki.data, leaf->spki.len);
		assert_int_equal(chain->rsa_bits, rows[i].rsa_bits);
		dance_chain_free(&chain);
		wirebuf_free(&der);
	}
}

static void
bad_chains(void **state)
{
	static const char *const twice[] = { "leaf leaf", "leaf inter inter",
		"leaf inter leaf", "leaf inter root inter" };
	struct wirebuf der = { NULL, 0 };
	size_t i;

	(void)state;
	parse_expect(&der, 0, BAD_CRED);
	for (i = 0; i < N(twice); i++) {
		pki_chain(pki, twice[i], &der);
		parse_expect(&der, der.len, BAD_CRED);
		wirebuf_free(&der);
		der = (struct wirebuf){ NULL, 0 };
	}
	wirebuf_raw(&der, "-----BEGIN CERTIFICATE-----\n", 28);
	parse_expect(&der, der.len, BAD_CRED);
	wirebuf_free(&der);
}

static void
req_60_each_cut_and_each_octet_more(void **state)
{
	const size_t one = pki_find(pki, "leaf", 4)->der.len;
	const size_t two = one + pki_find(pki, "inter", 5)->der.len;
	struct wirebuf der = { NULL, 0 };
	unsigned octet;
	size_t len;

	(void)state;
	pki_chain(pki, "leaf inter root", &der);
	for (len = 0; len <= der.len; len++)
		parse_expect(&der, len,
		    len == one || len == two || len == der.len ? 0 : BAD_CRED);
	wirebuf_u8(&der, 0);
	for (octet = 0; octet <= UINT8_MAX; octet++) {
		der.data[der.len - 1] = (uint8_t)octet;
		parse_expect(&der, der.len, BAD_CRED);
	}
	wirebuf_free(&der);
}

/* One certificate may be written in one way only. */
static void
lengths_in_ber(void **state)
{
	static const struct {
		const char *name;
		const char *head;
		size_t head_len;
		const char *tail;
		size_t tail_len;
		int want;
	} rows[] = {
		{ "DER", "\x30\x82", 2, "", 0, 0 },
		{ "one zero more", "\x30\x83\0", 3, "", 0, BAD_CRED },
		{ "two zeros more", "\x30\x84\0\0", 4, "", 0, BAD_CRED },
		{ "without end", "\x30\x80", 2, "\0\0", 2, BAD_CRED },
		{ "without end, cut", "\x30\x80", 2, "\0", 1, BAD_CRED },
	};
	const struct wirebuf *good = &pki_find(pki, "leaf", 4)->der;
	struct wirebuf der;
	size_t i, skip;

	(void)state;
	assert_memory_equal(good->data, "\x30\x82", 2);
	for (i = 0; i < N(rows); i++) {
		print_message("  %s\n", rows[i].name);
		der = (struct wirebuf){ NULL, 0 };
		wirebuf_raw(&der, rows[i].head, rows[i].head_len);
		skip = rows[i].tail_len > 0 ? 4 : 2;
		wirebuf_raw(&der, good->data + skip, good->len - skip);
		wirebuf_raw(&der, rows[i].tail, rows[i].tail_len);
		parse_expect(&der, der.len, rows[i].want);
		pki_chain(pki, "inter", &der);
		parse_expect(&der, der.len, rows[i].want);
		wirebuf_free(&der);
	}
}

/* Bits that a signature does not have are 0: DER's only way to write them. */
static void
unused_bits_of_a_signature(void **state)
{
	static const struct {
		uint8_t unused;
		uint8_t last; /* bits that are set in the last octet */
		int want;
	} rows[] = {
		{ 0, 0xff, 0 },
		{ 1, 0x01, BAD_CRED },
		{ 1, 0xff, BAD_CRED },
		{ 7, 0x40, BAD_CRED },
		{ 8, 0x00, BAD_CRED },
	};
	const struct pki_cert *leaf = pki_find(pki, "leaf", 4);
	const ASN1_BIT_STRING *signature;
	struct wirebuf der = { NULL, 0 };
	uint8_t *unused, *last;
	size_t i;

	(void)state;
	X509_get0_signature(&signature, NULL, leaf->x509);
	pki_chain(pki, "leaf inter", &der);
	last = der.data + leaf->der.len - 1;
	unused = last - ASN1_STRING_length(signature);
	assert_int_equal(*unused, 0);
	for (i = 0; i < N(rows); i++) {
		*unused = rows[i].unused;
		*last = rows[i].last;
		parse_expect(&der, der.len, rows[i].want);
	}
	wirebuf_free(&der);
}

/* A change of any bit leaves another certificate, or none. */
static void
each_bit_is_another_certificate(void **state)
{
	const struct pki_cert *leaf = pki_find(pki, "leaf", 4);
	struct wirebuf der = { NULL, 0 };
	struct dance_chain *chain;
	size_t i;
	int r;

	(void)state;
	pki_chain(pki, "leaf", &der);
	for (i = 0; i < der.len * 8; i++) {
		der.data[i / 8] ^= (uint8_t)(1U << (i % 8));
		chain = NULL;
		r = dance_chain_parse(der.data, der.len, &chain);
		assert_true(r == 0 || r == BAD_CRED);
		if (r == 0)
			assert_int_not_equal(
			    X509_cmp(chain->leaf, leaf->x509), 0);
		dance_chain_free(&chain);
		der.data[i / 8] ^= (uint8_t)(1U << (i % 8));
	}
	wirebuf_free(&der);
}

/* Certificates that differ in their serial numbers. */
static void
req_35_number_of_certificates(void **state)
{
	static char names[DANCE_CHAIN_MAX + 2][8];
	struct pki_spec many[DANCE_CHAIN_MAX + 2];
	struct wirebuf der = { NULL, 0 };
	struct pki *p;
	size_t i;

	(void)state;
	memset(many, 0, sizeof(many));
	for (i = 0; i < N(many); i++) {
		snprintf(names[i], sizeof(names[i]), "c%zu", i);
		many[i].name = names[i];
		if (i > 0)
			many[i].key = "=c0";
	}
	p = pki_new(many, N(many));
	for (i = 0; i < N(many); i++) {
		pki_chain(p, names[i], &der);
		parse_expect(&der, der.len, i < DANCE_CHAIN_MAX ? 0 : BAD_CRED);
	}
	wirebuf_free(&der);
	pki_free(&p);
}

/* A certificate of len octets, by an extension that nobody reads. */
static void
big_make(size_t len, struct wirebuf *ret)
{
	X509 *cert = X509_dup(pki_find(pki, "root", 4)->x509);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.32473.2", 1);
	X509_EXTENSION *extension;
	size_t room = len - 1000;
	uint8_t *zeros, *der;
	int n, round;

	for (round = 0; round < 3; round++) {
		zeros = calloc(1, room);
		assert_non_null(zeros);
		ASN1_OCTET_STRING_set(data, zeros, (int)room);
		extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, data);
		X509_add_ext(cert, extension, -1);
		X509_EXTENSION_free(extension);
		assert_true(X509_sign(cert, pki_find(pki, "ed25519", 7)->pkey,
				NULL) > 0);
		der = NULL;
		n = i2d_X509(cert, &der);
		free(zeros);
		if ((size_t)n == len || round == 2)
			break;
		room = room + len - (size_t)n;
		OPENSSL_free(der);
		X509_EXTENSION_free(
		    X509_delete_ext(cert, X509_get_ext_count(cert) - 1));
	}
	assert_int_equal(n, len);
	wirebuf_raw(ret, der, len);
	OPENSSL_free(der);
	ASN1_OCTET_STRING_free(data);
	ASN1_OBJECT_free(oid);
	X509_free(cert);
}

static void
req_35_size_of_a_chain(void **state)
{
	struct wirebuf der = { NULL, 0 };

	(void)state;
	big_make(DANCE_CHAIN_BYTES_MAX, &der);
	parse_expect(&der, der.len, 0);
	pki_chain(pki, "leaf", &der);
	parse_expect(&der, der.len, BAD_CRED);
	wirebuf_free(&der);
	der = (struct wirebuf){ NULL, 0 };
	big_make(DANCE_CHAIN_BYTES_MAX + 1, &der);
	parse_expect(&der, der.len, BAD_CRED);
	wirebuf_free(&der);
}

/* A leaf whose SAN, one URI, has that many octets. */
static void
names_expect(size_t len, int want)
{
	X509 *cert = X509_dup(pki_find(pki, "root", 4)->x509);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	struct wirebuf names = { NULL, 0 }, der = { NULL, 0 };
	X509_EXTENSION *extension;
	uint8_t *made = NULL;
	size_t i;
	int n;

	wirebuf_u8(&names, 0x30);
	wirebuf_u8(&names, 0x82);
	wirebuf_u8(&names, (uint8_t)((len - 4) >> 8));
	wirebuf_u8(&names, (uint8_t)(len - 4));
	wirebuf_u8(&names, 0x86);
	wirebuf_u8(&names, 0x82);
	wirebuf_u8(&names, (uint8_t)((len - 8) >> 8));
	wirebuf_u8(&names, (uint8_t)(len - 8));
	for (i = 8; i < len; i++)
		wirebuf_u8(&names, 'a');
	ASN1_OCTET_STRING_set(data, names.data, (int)names.len);
	extension =
	    X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, data);
	X509_add_ext(cert, extension, -1);
	assert_true(
	    X509_sign(cert, pki_find(pki, "ed25519", 7)->pkey, NULL) > 0);
	n = i2d_X509(cert, &made);
	assert_true(n > 0);
	wirebuf_raw(&der, made, (size_t)n);
	parse_expect(&der, der.len, want);
	OPENSSL_free(made);
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(data);
	X509_free(cert);
	wirebuf_free(&names);
	wirebuf_free(&der);
}

static void
size_of_the_names_of_a_leaf(void **state)
{
	(void)state;
	names_expect(1024, 0);
	names_expect(16384, 0);
	names_expect(16385, BAD_CRED);
	names_expect(20000, BAD_CRED);
}

static void
pem_expect(const struct wirebuf *text, int want)
{
	struct dance_chain *chain = NULL;
	char *copy = malloc(text->len > 0 ? text->len : 1);
	int r;

	assert_non_null(copy);
	if (text->len > 0)
		memcpy(copy, text->data, text->len);
	r = dance_chain_parse_pem(copy, text->len, &chain);
	if (r != want)
		fail_msg("%.*s: %d", (int)text->len, copy, r);
	assert_true((chain != NULL) == (r == 0));
	if (r == 0)
		assert_int_equal(
		    X509_cmp(chain->leaf, pki_find(pki, "leaf", 4)->x509), 0);
	dance_chain_free(&chain);
	free(copy);
}

static void
chains_in_pem(void **state)
{
	static const char key[] = "-----BEGIN PRIVATE KEY-----\nAAAA\n"
				  "-----END PRIVATE KEY-----\n";
	static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n"
				     "-----END CERTIFICATE-----\n";
	static const char secret[] =
	    "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
	    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
	    "AAAAAAAAAAAAAAAAAAAAAA==\n-----END CERTIFICATE-----\n";
	static const struct {
		const char *front;
		const char *names;
		const char *behind;
		int want;
	} rows[] = {
		{ "", "leaf", "", 0 },
		{ "", "leaf inter root", "", 0 },
		{ "some text\n", "leaf inter", "more text\n", 0 },
		{ key, "leaf inter", key, 0 },
		{ "", "", "", BAD_CRED },
		{ "text\n", "", "", BAD_CRED },
		{ key, "", "", BAD_CRED },
		{ "", "leaf leaf", "", BAD_CRED },
		{ broken, "leaf", "", BAD_CRED },
		{ "", "leaf", broken, BAD_CRED },
		{ "", "leaf", "-----BEGIN CERTIFICATE-----\nAAAA\n", BAD_CRED },
		{ secret, "leaf", "", BAD_CRED },
		{ "", "leaf", secret, BAD_CRED },
	};
	struct wirebuf text;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		text = (struct wirebuf){ NULL, 0 };
		wirebuf_raw(&text, rows[i].front, strlen(rows[i].front));
		pki_pem(pki, rows[i].names, &text);
		wirebuf_raw(&text, rows[i].behind, strlen(rows[i].behind));
		pem_expect(&text, rows[i].want);
		wirebuf_free(&text);
	}
	text = (struct wirebuf){ NULL, 0 };
	pki_pem(pki, "leaf inter", &text);
	for (text.len -= 2; text.len > 1000; text.len--)
		pem_expect(&text, BAD_CRED);
	wirebuf_free(&text);
}

static void
roots_of_a_text(void **state)
{
	struct wirebuf text = { NULL, 0 };
	struct x509_store_st *store = NULL;
	struct dance_fault fault = { "" };

	(void)state;
	wirebuf_raw(&text, "# ours\n", 7);
	assert_int_equal(dance_roots_parse((const char *)text.data, text.len,
			     "/a/b", &store, &fault),
	    DANCE_ERR_CONFIG);
	assert_null(store);
	assert_non_null(strstr(fault.text, "/a/b"));
	pki_pem(pki, "root root inter", &text);
	assert_int_equal(dance_roots_parse((const char *)text.data, text.len,
			     "/a/b", &store, &fault),
	    0);
	assert_non_null(store);
	X509_STORE_free(store);
	wirebuf_free(&text);
}

static void
roots_of_a_host(void **state)
{
	char root[] = "/tmp/dance-test-XXXXXX", path[128];
	struct wirebuf text = { NULL, 0 };
	struct x509_store_st *store = NULL;
	struct dance_fault fault = { "" };
	static const char *const dirs[] = { "/etc", "/etc/pki", "/etc/pki/tls",
		"/etc/pki/tls/certs" };
	size_t i;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(
	    dance_roots_load(root, &store, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "not there"));
	for (i = 0; i < N(dirs); i++) {
		snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	snprintf(
	    path, sizeof(path), "%s/etc/pki/tls/certs/ca-bundle.crt", root);
	assert_non_null(f = fopen(path, "wbe"));
	fclose(f);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(
	    dance_roots_load(root, &store, &fault), DANCE_ERR_CONFIG);
	assert_null(store);
	pki_pem(pki, "root", &text);
	assert_non_null(f = fopen(path, "wbe"));
	assert_int_equal(fwrite(text.data, 1, text.len, f), text.len);
	fclose(f);
	assert_int_equal(dance_roots_load(root, &store, &fault), 0);
	assert_non_null(store);
	X509_STORE_free(store);
	wirebuf_free(&text);
	assert_int_equal(unlink(path), 0);
	for (i = N(dirs); i > 0; i--) {
		snprintf(path, sizeof(path), "%s%s", root, dirs[i - 1]);
		assert_int_equal(rmdir(path), 0);
	}
	assert_int_equal(rmdir(root), 0);
}

static void
req_8_9_names_of_users(void **state)
{
#define ALICE "alice@example.com"
	static const struct {
		const char *leaf;
		const char *identity;
		bool want;
	} rows[] = {
		{ "mail", ALICE, true },
		{ "mail", "bob@example.com", false },
		{ "mail", "alice@example.org", false },
		{ "mail", "alice@a.example.com", false },
		{ "mail.upper", ALICE, true },
		{ "mail.many", ALICE, false },
		{ "mail.many", "bob@example.com", true },
		{ "mail.many", "a@b.c", true },
		{ "mail.nul", ALICE, false },
		{ "mail.nul.in", ALICE, false },
		{ "mail.front", ALICE, false },
		{ "mail.behind", ALICE, false },
		{ "mail.dot", ALICE, false },
		{ "mail.blank", ALICE, false },
		{ "mail.quoted", ALICE, false },
		{ "mail.tag", ALICE, false },
		{ "mail.tag", "alice+x@example.com", true },
		{ "mail.star", ALICE, false },
		{ "mail.at", ALICE, false },
		{ "mail.user", ALICE, false },
		{ "mail.dns", ALICE, false },
		{ "mail.uri", ALICE, false },
		{ "mail.uri.bare", ALICE, false },
		{ "mail.other", ALICE, false },
		{ "mail.name", "laptop.example.com", false },
		{ "mail.subject", ALICE, false },
		{ "uid", ALICE, true },
		{ "uid.12", ALICE, true },
		{ "uid.19", ALICE, true },
		{ "uid.22", ALICE, true },
		{ "uid.3", ALICE, false },
		{ "uid.18", ALICE, false },
		{ "uid.20", ALICE, false },
		{ "uid.30", "alic@example.com", false },
		{ "uid", "x@example.com", false },
		{ "uid", "alice@a.example.com", false },
		{ "uid.upper", ALICE, true },
		{ "uid.user", ALICE, true },
		{ "uid.user.upper", ALICE, true },
		{ "uid.far", ALICE, false },
		{ "uid.below", ALICE, false },
		{ "uid.user.below", ALICE, false },
		{ "uid.many", ALICE, true },
		{ "uid.many", "alice@a.b", true },
		{ "uid.star", ALICE, false },
		{ "uid.star", "alice@a.example.com", false },
		{ "uid.nul", ALICE, false },
		{ "uid.nul.in", "al@example.com", false },
		{ "uid.dns.nul", ALICE, false },
		{ "uid.longer", ALICE, false },
		{ "uid.two", ALICE, false },
		{ "uid.two", "bob@example.com", false },
		{ "uid.same", ALICE, false },
		{ "uid.full", ALICE, false },
		{ "uid.empty", ALICE, false },
		{ "uid.none", ALICE, false },
		{ "uid.mail", ALICE, false },
		{ "uid.mail", "x@example.com", true },
		{ "uid.uri", ALICE, false },
		{ "uid.cn", ALICE, false },
		{ "uid.mail.other", ALICE, true },
		{ "uid.mail.other", "bob@example.com", true },
		{ "twice", ALICE, false },
		{ "broken", ALICE, false },
		{ "none", ALICE, false },
		/* Owner names are OpenSSL's to check, never this one's. */
		{ "mail", "example.com", false },
		{ "uid", "example.com", false },
	};
	struct pki *p = pki_new(people, N(people));
	struct dance_chain *chain;
	const struct pki_cert *leaf;
	struct dance_identity id;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		leaf = pki_find(p, rows[i].leaf, strlen(rows[i].leaf));
		assert_int_equal(
		    dance_chain_parse(leaf->der.data, leaf->der.len, &chain),
		    0);
		assert_int_equal(
		    dance_identity_parse(rows[i].identity,
			strlen(rows[i].identity), DANCE_NAME_PRESENTED, &id),
		    0);
		if (dance_chain_names_user(chain, &id) != rows[i].want)
			fail_msg("%s: %s", rows[i].leaf, rows[i].identity);
		dance_chain_free(&chain);
	}
	pki_free(&p);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_chains),
		cmocka_unit_test(bad_chains),
		cmocka_unit_test(req_60_each_cut_and_each_octet_more),
		cmocka_unit_test(lengths_in_ber),
		cmocka_unit_test(unused_bits_of_a_signature),
		cmocka_unit_test(each_bit_is_another_certificate),
		cmocka_unit_test(req_35_number_of_certificates),
		cmocka_unit_test(req_35_size_of_a_chain),
		cmocka_unit_test(size_of_the_names_of_a_leaf),
		cmocka_unit_test(chains_in_pem),
		cmocka_unit_test(roots_of_a_text),
		cmocka_unit_test(roots_of_a_host),
		cmocka_unit_test(req_8_9_names_of_users),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
