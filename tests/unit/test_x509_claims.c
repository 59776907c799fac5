/* SPDX-License-Identifier: ISC */
/*
 * Whom a leaf speaks of: each of its names that is an identity, and a user by
 * its one subject UID; nothing that is not within the grammar.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "claims.h"
#include "pki.h"
#include "x509.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define MANY 70
#define LABEL_64 \
	"a123456789012345678901234567890123456789012345678901234567890123"
#define UID_64	  LABEL_64
#define TEXT_SIZE 8192

/* The claims of a leaf as text, parted by blanks. */
static void
claims_print(const struct pki_spec *spec, char *text, size_t size)
{
	struct pki *pki = pki_new(spec, 1);
	struct dance_chain *chain = NULL;
	struct dance_identity *list = NULL;
	size_t i, n = 4711, used = 0;

	assert_int_equal(dance_chain_parse(pki->certs[0].der.data,
			     pki->certs[0].der.len, &chain),
	    0);
	assert_int_equal(dance_chain_claims(chain, &list, &n), 0);
	assert_non_null(list);
	assert_true(n <= DANCE_CHAIN_CLAIMS_MAX);
	text[0] = '\0';
	for (i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s",
		    i == 0 ? "" : " ", list[i].text);
	assert_true(used < size);
	free(list);
	dance_chain_free(&chain);
	pki_free(&pki);
}

struct row {
	const char *extensions;
	const char *subject;
	const char *want;
};

static void
rows_check(const struct row *rows, size_t n)
{
	static char text[TEXT_SIZE];
	struct pki_spec spec = { .name = "leaf" };
	size_t i;

	for (i = 0; i < n; i++) {
		spec.extensions = rows[i].extensions;
		spec.subject = rows[i].subject;
		claims_print(&spec, text, sizeof(text));
		if (strcmp(text, rows[i].want) != 0)
			fail_msg("%s %s: \"%s\"", rows[i].extensions,
			    rows[i].subject, text);
	}
}

static void
names_of_the_leaf(void **state)
{
	static const struct row rows[] = {
		{ NULL, NULL, "" },
		{ NULL, "CN=a.example.com", "" },
		{ PKI_EKU "clientAuth", NULL, "" },
		{ PKI_SAN "DNS:a.example.com", NULL, "a.example.com" },
		{ PKI_SAN "DNS:laptop._device.example.com", NULL,
		    "laptop._device.example.com" },
		{ PKI_SAN "DNS:A.Example.COM", NULL, "a.example.com" },
		{ PKI_SAN "email:alice@example.com", NULL,
		    "alice@example.com" },
		{ PKI_SAN "email:alice@Example.COM", NULL,
		    "alice@example.com" },
		{ PKI_SAN "DNS:a.b,email:x@c.d,DNS:e.f", NULL,
		    "a.b x@c.d e.f" },
		/* None twice, in the order of the first. */
		{ PKI_SAN "DNS:a.b,DNS:c.d,DNS:A.B,DNS:c.d", NULL, "a.b c.d" },
		{ PKI_SAN "email:x@c.d,email:x@C.D", NULL, "x@c.d" },
		{ PKI_SAN "URI:https://a.b/", NULL, "" },
		{ PKI_SAN "IP:192.0.2.1", NULL, "" },
		{ PKI_SAN "RID:1.2.3.4", NULL, "" },
		{ PKI_SAN "URI:a.b,DNS:c.d,RID:1.2.3", NULL, "c.d" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

static void
names_that_are_no_identities(void **state)
{
	static const struct row rows[] = {
		{ PKI_SAN "DNS:localhost", NULL, "" },
		{ PKI_SAN "DNS:a.b.", NULL, "" },
		{ PKI_SAN "DNS:*.example.com", NULL, "" },
		{ PKI_SAN "DNS:%u.example.com", NULL, "" },
		{ PKI_SAN "DNS:a b.example.com", NULL, "" },
		{ PKI_SAN "DNS:a..b", NULL, "" },
		{ PKI_SAN "DNS:.a.b", NULL, "" },
		{ PKI_SAN "DNS:" LABEL_64 ".b", NULL, "" },
		{ PKI_SAN "DNS:m\xc3\xbcller.example.com", NULL, "" },
		{ PKI_SAN "DNS:a/b.example.com", NULL, "" },
		{ PKI_SAN "email:Alice@example.com", NULL, "" },
		{ PKI_SAN "email:a b@example.com", NULL, "" },
		{ PKI_SAN "email:@example.com", NULL, "" },
		{ PKI_SAN "email:alice@", NULL, "" },
		{ PKI_SAN "email:alice@localhost", NULL, "" },
		{ PKI_SAN "email:a@b@example.com", NULL, "" },
		{ PKI_SAN "email:*@example.com", NULL, "" },
		{ PKI_SAN "email:alice@example.com.", NULL, "" },
		/* Beside them, a good one stands. */
		{ PKI_SAN "DNS:localhost,DNS:*.b,DNS:a.b,email:@c.d", NULL,
		    "a.b" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

/* "~" is NUL: what is in front of it must not be taken for the name. */
static void
names_with_a_nul(void **state)
{
	static const struct row rows[] = {
		{ PKI_SAN "DNS:a.b~", NULL, "" },
		{ PKI_SAN "DNS:a.b~.c.d", NULL, "" },
		{ PKI_SAN "DNS:~a.b", NULL, "" },
		{ PKI_SAN "DNS:a.b~,DNS:c.d", NULL, "c.d" },
		{ PKI_SAN "email:alice@example.com~", NULL, "" },
		{ PKI_SAN "email:alice@example.com~.evil.example", NULL, "" },
		{ PKI_SAN "email:alice~@example.com", NULL, "" },
		{ PKI_SAN "DNS:example.com~", "UID=alice", "" },
		{ PKI_SAN "DNS:example.com~.evil.example", "UID=alice", "" },
		{ PKI_SAN "DNS:example.com", "UID=alice~", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=alice~root", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=~", "example.com" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

static void
users_by_their_uid(void **state)
{
	static const struct row rows[] = {
		{ PKI_SAN "DNS:example.com", "UID=alice",
		    "example.com alice@example.com" },
		{ PKI_SAN "DNS:_user.example.com", "UID=alice",
		    "alice@example.com" },
		{ PKI_SAN "DNS:_USER.Example.com", "UID=alice",
		    "alice@example.com" },
		{ PKI_SAN "DNS:example.com", "CN=bob|UID=alice|O=x",
		    "example.com alice@example.com" },
		{ PKI_SAN "DNS:a.b,DNS:c.d", "UID=x", "a.b x@a.b c.d x@c.d" },
		{ PKI_SAN "DNS:a.b,DNS:_user.a.b", "UID=x", "a.b x@a.b" },
		/* Two are none, even the same one twice. */
		{ PKI_SAN "DNS:example.com", "UID=alice|UID=bob",
		    "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=alice|UID=alice",
		    "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=alice|CN=x|UID=bob",
		    "example.com" },
		/* Only a UID, only beside a dNSName. */
		{ PKI_SAN "DNS:example.com", "CN=alice", "example.com" },
		{ PKI_SAN "email:bob@example.com", "UID=alice",
		    "bob@example.com" },
		{ PKI_SAN "email:example.com", "UID=alice", "example.com" },
		{ NULL, "UID=alice", "" },
		{ PKI_SAN "URI:example.com", "UID=alice", "" },
		/* UTF8String, PrintableString, IA5String; no other is text. */
		{ PKI_SAN "DNS:example.com", "UID^12=alice",
		    "example.com alice@example.com" },
		{ PKI_SAN "DNS:example.com", "UID^19=alice",
		    "example.com alice@example.com" },
		{ PKI_SAN "DNS:example.com", "UID^22=alice",
		    "example.com alice@example.com" },
		{ PKI_SAN "DNS:example.com", "UID^3=alice", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID^18=alice", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID^20=alice", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID^30=alic", "example.com" },
		/* Within the grammar of a uid alone. */
		{ PKI_SAN "DNS:example.com", "UID=Alice", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=a b", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=a@b.c", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=*", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=%u", "example.com" },
		{ PKI_SAN "DNS:example.com", "UID=a.b_c-d+e",
		    "example.com a.b_c-d+e@example.com" },
		{ PKI_SAN "DNS:example.com", "UID=" UID_64,
		    "example.com " UID_64 "@example.com" },
		{ PKI_SAN "DNS:example.com", "UID=" UID_64 "x", "example.com" },
		{ PKI_SAN "DNS:localhost", "UID=alice", "" },
		{ PKI_SAN "DNS:_user.", "UID=alice", "" },
		{ PKI_SAN "DNS:*.example.com", "UID=alice", "" },
		/* The label is one label, in front. */
		{ PKI_SAN "DNS:_users.example.com", "UID=alice",
		    "_users.example.com alice@_users.example.com" },
		{ PKI_SAN "DNS:_user._user.example.com", "UID=alice", "" },
		{ PKI_SAN "DNS:_user.a._user.example.com", "UID=alice", "" },
	};

	(void)state;
	rows_check(rows, N(rows));
}

/* The first 64 count; what is behind them is left out. */
static void
more_names_than_are_looked_at(void **state)
{
	static char extensions[1000], want[TEXT_SIZE], text[TEXT_SIZE];
	struct pki_spec spec = { .name = "leaf", .extensions = extensions };
	static const size_t counts[] = { 1, 63, 64, 65, MANY };
	size_t i, k, used, used_want;

	(void)state;
	for (i = 0; i < N(counts); i++) {
		used = (size_t)snprintf(
		    extensions, sizeof(extensions), "%s", PKI_SAN);
		used_want = 0;
		want[0] = '\0';
		for (k = 0; k < counts[i]; k++) {
			used += (size_t)snprintf(extensions + used,
			    sizeof(extensions) - used, "%sDNS:%zu.b",
			    k == 0 ? "" : ",", k);
			assert_true(used < sizeof(extensions));
			if (k < 64)
				used_want += (size_t)snprintf(want + used_want,
				    sizeof(want) - used_want, "%s%zu.b",
				    k == 0 ? "" : " ", k);
		}
		claims_print(&spec, text, sizeof(text));
		assert_string_equal(text, want);
	}
}

/* A chain without a name is a bare key's: no list, not an empty one. */
static void
claims_of_a_credential(void **state)
{
	static const struct pki_spec specs[] = {
		{ "named", NULL, PKI_SAN "DNS:a.b,email:x@c.d" },
		{ "bare", NULL, NULL },
		{ "useless", NULL, PKI_SAN "DNS:localhost" },
	};
	static const size_t want[] = { 2, 0, 0 };
	struct pki *pki = pki_new(specs, N(specs));
	struct dance_credential *cred;
	struct dance_identity login;
	struct dance_chain *chain;
	struct dance_claims claims;
	size_t i;

	(void)state;
	assert_int_equal(
	    dance_identity_parse("l.b", 3, DANCE_NAME_PRESENTED, &login), 0);
	for (i = 0; i < N(specs); i++) {
		assert_int_equal(dance_chain_parse(pki->certs[i].der.data,
				     pki->certs[i].der.len, &chain),
		    0);
		assert_int_equal(dance_credential_from_chain(&chain, &cred), 0);
		assert_null(chain);
		assert_string_equal(cred->type, DANCE_CHAIN_TYPE);
		assert_null(cred->key);
		assert_null(dance_credential_line_key(cred));
		assert_int_equal(dance_claims_make(cred, NULL, &claims), 0);
		assert_int_equal(claims.n, want[i]);
		assert_int_equal(claims.list == NULL, want[i] == 0);
		dance_claims_clear(&claims);
		/* A login name that is an identity is the only claim. */
		assert_int_equal(dance_claims_make(cred, &login, &claims), 0);
		assert_int_equal(claims.n, 1);
		assert_string_equal(claims.list[0].text, "l.b");
		dance_claims_clear(&claims);
		dance_credential_free(&cred);
	}
	pki_free(&pki);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_the_leaf),
		cmocka_unit_test(names_that_are_no_identities),
		cmocka_unit_test(names_with_a_nul),
		cmocka_unit_test(users_by_their_uid),
		cmocka_unit_test(more_names_than_are_looked_at),
		cmocka_unit_test(claims_of_a_credential),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
