/* SPDX-License-Identifier: ISC */
/*
 * A CA's certificate that the client has made anew around the CA's key, with
 * other dates and constraints: a record for the key takes it, as RFC 6698,
 * section 2.1.1, allows; a record for the certificate does not.
 */
#include "dane_rows.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define NAMED PKI_SAN "DNS:" DANE_DEVICE
#define FAR   "nameConstraints=critical,permitted;DNS:.other.example"

/* The last three are issued by "thief", with the name and key of the first. */
static const struct pki_spec specs[] = {
	{ "old", NULL, PKI_CA, "CN=ca old", .from = -9, .until = -8 },
	{ "of.old", "old", NAMED },
	{ "far", NULL, PKI_CA "|" FAR, "CN=ca far" },
	{ "of.far", "far", NAMED },
	{ "server", NULL, PKI_CA "|" PKI_EKU "serverAuth", "CN=ca server" },
	{ "of.server", "server", NAMED },
	{ "thief", NULL, PKI_CA },
	{ "old.new", "thief", PKI_CA, "CN=ca old", "=old" },
	{ "far.new", "thief", PKI_CA, "CN=ca far", "=far" },
	{ "server.new", "thief", PKI_CA, "CN=ca server", "=server" },
};

static int
group_setup(void **state)
{
	(void)state;
	dane_pki = pki_new(specs, N(specs));
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	pki_free(&dane_pki);
	return 0;
}

static void
the_certificate_binds_where_it_was_sent(void **state)
{
	static const struct dane_row rows[] = {
		{ "ended", "of.old old", "2 1 1 old", "expired" },
		{ "ended", "of.old old", "2 0 1 old", "expired" },
		{ "names", "of.far far", "2 1 1 far", "untrusted" },
		{ "names", "of.far far", "2 0 1 far", "untrusted" },
		{ "purpose", "of.server server", "2 1 1 server", "untrusted" },
		{ "purpose", "of.server server", "2 0 1 server", "untrusted" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
a_record_of_the_key_takes_it_remade(void **state)
{
	static const struct dane_row rows[] = {
		{ "ended", "of.old old.new", "2 1 1 old", "accept" },
		{ "ended", "of.old old.new", "2 1 0 old", "accept" },
		{ "names", "of.far far.new", "2 1 1 far", "accept" },
		{ "purpose", "of.server server.new", "2 1 2 server", "accept" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
a_record_of_the_certificate_does_not(void **state)
{
	static const struct dane_row rows[] = {
		{ "ended", "of.old old.new", "2 0 1 old", "mismatch" },
		{ "names", "of.far far.new", "2 0 1 far", "mismatch" },
		{ "names", "of.far far.new", "2 0 0 far", "untrusted" },
		{ "purpose", "of.server server.new", "2 0 2 server",
		    "mismatch" },
		{ "another's", "of.far far.new thief", "2 1 1 server",
		    "mismatch" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_certificate_binds_where_it_was_sent),
		cmocka_unit_test(a_record_of_the_key_takes_it_remade),
		cmocka_unit_test(a_record_of_the_certificate_does_not),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
