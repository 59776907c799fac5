/* SPDX-License-Identifier: ISC */
/*
 * X.509 chains against RRsets: what each usage asks for and what it ignores.
 * Next to each row that is taken stands one that differs in one thing.
 */
#include "dane_rows.h"

#include <unistd.h>

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define NAMED PKI_SAN "DNS:" DANE_DEVICE
#define CA    PKI_CA

static const struct pki_spec specs[] = {
	{ "root", NULL, CA, .until = 300 },
	{ "inter", "root", CA },
	{ "leaf", "inter", NAMED },
	{ "renewed", "inter", NAMED, "CN=leaf", "=leaf" },
	{ "stranger", NULL, CA },
	{ "direct", "root", NAMED },

	/* Usage 3. */
	{ "self", NULL, NULL },
	{ "self.old", NULL, NULL, .from = -20, .until = -10 },
	{ "self.future", NULL, NULL, .from = 10, .until = 9000 },
	{ "self.other", NULL, PKI_SAN "DNS:other.example.com" },
	{ "self.server", NULL, PKI_EKU "serverAuth|keyUsage=keyEncipherment" },
	{ "self.critical", NULL, PKI_CRITICAL },
	{ "self.sha1", NULL, NULL, .digest = "SHA1" },
	{ "self.named", NULL, NAMED },
	{ "self.ca", NULL, NAMED "|" CA },
	{ "under.self", "self.named", NAMED "|" PKI_EKU "clientAuth" },
	{ "orphan", "self", NAMED },

	/* Validity. */
	{ "leaf.old", "inter", NAMED, .from = -20, .until = -10 },
	{ "leaf.future", "inter", NAMED, .from = 10, .until = 20 },
	{ "inter.old", "root", CA, .from = -20, .until = -10 },
	{ "leaf.inter.old", "inter.old", NAMED },
	{ "root.old", NULL, CA, .from = -20, .until = -10 },
	{ "leaf.root.old", "root.old", NAMED },

	/* Constraints. */
	{ "path", NULL, "basicConstraints=critical,CA:TRUE,pathlen:0" },
	{ "inter.path", "path", CA },
	{ "leaf.path", "inter.path", NAMED },
	{ "direct.path", "path", NAMED },
	{ "within", NULL, CA "|nameConstraints=permitted;DNS:example.com" },
	{ "leaf.within", "within", NAMED },
	{ "outside", NULL, CA "|nameConstraints=permitted;DNS:example.org" },
	{ "leaf.outside", "outside", NAMED },
	{ "excluded", NULL, CA "|nameConstraints=excluded;DNS:example.com" },
	{ "leaf.excluded", "excluded", NAMED },
	{ "noca", NULL, "basicConstraints=CA:FALSE" },
	{ "leaf.noca", "noca", NAMED },
	{ "mute", NULL, NULL },
	{ "leaf.mute", "mute", NAMED },
	{ "signs", NULL, "keyUsage=keyCertSign" },
	{ "leaf.signs", "signs", NAMED },
	{ "inter.signs", "root", "keyUsage=keyCertSign" },
	{ "leaf.inter.signs", "inter.signs", NAMED },
	{ "v1", NULL, NULL, .is_v1 = true },
	{ "leaf.v1", "v1", NAMED },
	{ "nosign", NULL, "basicConstraints=CA:TRUE|keyUsage=cRLSign" },
	{ "leaf.nosign", "nosign", NAMED },
	{ "critical", "inter", NAMED "|" PKI_CRITICAL },
	{ "inter.critical", "root", CA "|" PKI_CRITICAL },
	{ "leaf.critical", "inter.critical", NAMED },
	{ "forged", "root", NAMED, .subject = "CN=leaf" },
	{ "inter.twin", NULL, CA, "CN=inter" },
	{ "leaf.twin", "inter.twin", NAMED },
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
req_36_self_signed_and_unknown_issuer(void **state)
{
	static const struct dane_row rows[] = {
		{ "self-signed", "self", "3 1 1 self", "accept" },
		{ "its certificate", "self", "3 0 1 self", "accept" },
		{ "another key", "self", "3 1 1 leaf", "mismatch" },
		{ "unknown CA", "leaf", "3 1 1 leaf", "accept" },
		{ "unknown CA, chain", "leaf inter", "3 1 1 leaf", "accept" },
		{ "of the chain, not the leaf", "leaf inter", "3 1 1 inter",
		    "mismatch" },
		{ "the same by certificate", "leaf inter", "3 0 1 inter",
		    "mismatch" },
		{ "a stranger beside it", "leaf stranger", "3 1 1 leaf",
		    "accept" },
		{ "the stranger's key", "leaf stranger", "3 1 1 stranger",
		    "mismatch" },
		{ "SHA-1 below the leaf's own name counts for nothing",
		    "self.sha1", "3 1 1 self.sha1", "accept" },
		{ "a wildcard's record", "self", "3 1 1 self", "no-usable-tlsa",
		    .is_wildcard = true },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_37_usage_3_ignores_the_dates(void **state)
{
	static const struct dane_row rows[] = {
		{ "expired", "self.old", "3 1 1 self.old", "accept" },
		{ "expired, certificate", "self.old", "3 0 1 self.old",
		    "accept" },
		{ "expired, wrong key", "self.old", "3 1 1 self", "mismatch" },
		{ "not yet valid", "self.future", "3 1 1 self.future",
		    "accept" },
		{ "long ago", "self", "3 1 1 self", "accept", .days = -9000 },
		{ "in ages", "self", "3 0 2 self", "accept", .days = 9000 },
		{ "expired CA", "leaf.inter.old inter.old",
		    "3 1 1 leaf.inter.old", "accept" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_38_usage_3_ignores_names_and_pkix(void **state)
{
	static const struct dane_row rows[] = {
		{ "another name", "self.other", "3 1 1 self.other", "accept" },
		{ "no name", "self", "3 0 1 self", "accept" },
		{ "EKU and keyUsage of a server", "self.server",
		    "3 1 1 self.server", "accept" },
		{ "the same as usage 2", "self.server", "2 1 1 self.server",
		    "mismatch" },
		{ "unknown critical extension", "self.critical",
		    "3 1 1 self.critical", "accept" },
		{ "and by certificate", "self.critical", "3 0 1 self.critical",
		    "accept" },
		{ "another identity", "self.named", "3 1 1 self.named",
		    "accept", "a.b" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_39_whole_certificate_or_key(void **state)
{
	static const struct dane_row rows[] = {
		{ "3 0 0", "leaf", "3 0 0 leaf", "accept" },
		{ "3 0 1", "leaf", "3 0 1 leaf", "accept" },
		{ "3 0 2", "leaf", "3 0 2 leaf", "accept" },
		{ "3 1 0", "leaf", "3 1 0 leaf", "accept" },
		{ "3 1 1", "leaf", "3 1 1 leaf", "accept" },
		{ "3 1 2", "leaf", "3 1 2 leaf", "accept" },
		{ "3 0 0 renewed", "renewed", "3 0 0 leaf", "mismatch" },
		{ "3 0 1 renewed", "renewed", "3 0 1 leaf", "mismatch" },
		{ "3 0 2 renewed", "renewed", "3 0 2 leaf", "mismatch" },
		{ "3 1 0 renewed", "renewed", "3 1 0 leaf", "accept" },
		{ "3 1 1 renewed", "renewed", "3 1 1 leaf", "accept" },
		{ "3 1 2 renewed", "renewed", "3 1 2 leaf", "accept" },
		{ "an octet off", "leaf", "3 0 1 leaf!", "mismatch" },
		{ "an octet off", "leaf", "3 1 2 leaf!", "mismatch" },
		{ "key's digest as certificate", "leaf", "3 0 1 leaf*",
		    "mismatch" },
		{ "certificate's digest as key", "leaf", "3 1 1 leaf*",
		    "mismatch" },
		{ "whole key as certificate", "leaf", "3 0 0 leaf*",
		    "no-usable-tlsa" },
		{ "TA's key as certificate", "leaf inter", "2 0 1 inter*",
		    "mismatch" },
		{ "TA's certificate as key", "leaf inter", "2 1 1 inter*",
		    "mismatch" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

/* 4.1 and section 9: what is dropped, what shadows what. */
static void
req_24_to_32_unusable_records_and_agility(void **state)
{
	static const struct dane_row rows[] = {
		{ "usage 4", "leaf", "4 1 1 leaf", "no-usable-tlsa" },
		{ "usage 255", "leaf", "255 0 1 leaf", "no-usable-tlsa" },
		{ "selector 2", "leaf", "3 2 1 leaf", "no-usable-tlsa" },
		{ "matching 3", "leaf", "3 1 3 leaf", "no-usable-tlsa" },
		{ "others count", "leaf", "9 9 9 leaf, 3 1 1 leaf", "accept" },
		{ "short", "leaf", "3 1 1 leaf<", "no-usable-tlsa" },
		{ "long", "leaf", "3 1 2 leaf>", "no-usable-tlsa" },
		{ "cut certificate", "leaf", "3 0 0 leaf<", "no-usable-tlsa" },
		{ "longer certificate", "leaf", "3 0 0 leaf>",
		    "no-usable-tlsa" },
		{ "longer key", "leaf", "3 1 0 leaf>", "no-usable-tlsa" },
		{ "longer TA", "leaf inter", "2 0 0 root>", "no-usable-tlsa" },
		{ "longer TA key", "leaf inter", "2 1 0 root>",
		    "no-usable-tlsa" },
		/* Whole DER, but its point is not on the curve. */
		{ "TA key that is no point", "leaf inter", "2 1 0 inter!",
		    "no-usable-tlsa" },
		{ "beside a good one", "leaf inter",
		    "2 1 0 inter!, 2 1 1 inter", "accept" },
		{ "behind a good one", "leaf inter",
		    "2 1 1 inter, 2 1 0 inter!", "accept" },
		{ "beside a wrong one", "leaf inter",
		    "2 1 0 inter!, 2 1 1 inter!", "mismatch" },
		{ "key that is no point", "leaf", "3 1 0 leaf!, 3 1 1 leaf",
		    "accept" },
		{ "key that is no point, alone", "leaf", "3 1 0 leaf!",
		    "no-usable-tlsa" },
		{ "wrong 512 hides 256", "leaf", "3 1 2 leaf!, 3 1 1 leaf",
		    "mismatch" },
		{ "in any order", "leaf", "3 1 1 leaf, 3 1 2 leaf!",
		    "mismatch" },
		{ "right 512 stands", "leaf", "3 1 1 leaf!, 3 1 2 leaf",
		    "accept" },
		{ "another selector", "leaf", "3 1 2 leaf!, 3 0 1 leaf",
		    "accept" },
		{ "Full", "leaf", "3 1 2 leaf!, 3 1 0 leaf", "accept" },
		{ "broken 512", "leaf", "3 1 2 leaf<, 3 1 1 leaf", "accept" },
		{ "TA: wrong 512 hides 256", "leaf inter",
		    "2 0 2 inter!, 2 0 1 inter", "mismatch" },
		{ "TA: another selector", "leaf inter",
		    "2 0 2 inter!, 2 1 1 inter", "accept" },
		{ "another usage", "leaf inter", "3 1 2 leaf!, 2 1 1 inter",
		    "accept" },
		{ "TA: Full", "leaf inter", "2 0 2 inter!, 2 0 0 root",
		    "accept" },
		{ "EE wrong, TA right", "leaf inter",
		    "3 1 1 leaf!, 2 0 1 inter", "accept" },
		{ "EE right, TA wrong", "leaf inter",
		    "2 0 1 inter!, 3 1 1 leaf", "accept" },
		{ "EE right, TA right but expired", "leaf.old inter",
		    "2 0 1 inter, 3 1 1 leaf.old", "accept" },
		{ "both wrong", "leaf inter", "2 0 1 inter!, 3 1 1 leaf!",
		    "mismatch" },
		{ "twice the same", "leaf inter", "2 0 0 root, 2 0 0 root",
		    "accept" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_41_ta_in_the_chain(void **state)
{
	static const struct dane_row rows[] = {
		{ "2 0 1 root", "leaf inter root", "2 0 1 root", "accept" },
		{ "2 0 2 root", "leaf inter root", "2 0 2 root", "accept" },
		{ "2 0 0 root", "leaf inter root", "2 0 0 root", "accept" },
		{ "2 1 1 root", "leaf inter root", "2 1 1 root", "accept" },
		{ "2 1 2 root", "leaf inter root", "2 1 2 root", "accept" },
		{ "2 1 0 root", "leaf inter root", "2 1 0 root", "accept" },
		{ "intermediate", "leaf inter", "2 0 1 inter", "accept" },
		{ "and what is above", "leaf inter root", "2 1 1 inter",
		    "accept" },
		{ "unordered", "leaf stranger root inter", "2 0 1 root",
		    "accept" },
		{ "a stranger's", "leaf stranger root inter", "2 0 1 stranger",
		    "mismatch" },
		{ "of a wildcard", "leaf inter", "2 0 1 inter", "accept",
		    .is_wildcard = true },
		{ "no signature of root's", "leaf.twin inter root",
		    "2 0 1 root", "untrusted" },
		{ "nor of the intermediate", "leaf.twin inter", "2 0 1 inter",
		    "untrusted" },
		{ "another CA of that name", "leaf.twin inter.twin",
		    "2 0 1 inter", "mismatch" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_45_ta_only_in_dns(void **state)
{
	static const struct dane_row rows[] = {
		{ "digest", "leaf inter", "2 0 1 root", "mismatch" },
		{ "digest", "leaf inter", "2 0 2 root", "mismatch" },
		{ "key's digest", "leaf inter", "2 1 1 root", "mismatch" },
		{ "whole certificate", "leaf inter", "2 0 0 root", "accept" },
		{ "of the leaf alone", "leaf", "2 0 0 inter", "accept" },
		{ "a level is missing", "leaf", "2 0 0 root", "mismatch" },
		{ "all in DNS", "leaf", "2 0 0 inter, 2 0 0 root", "accept" },
		{ "a stranger's", "leaf inter", "2 0 0 stranger", "mismatch" },
		{ "two, one right", "leaf", "2 0 0 stranger, 2 0 0 inter",
		    "accept" },
		{ "not as usage 3", "leaf", "3 0 0 inter", "mismatch" },
		{ "right name, another key", "leaf.twin", "2 0 0 inter",
		    "untrusted" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_46_ta_key_only_in_dns(void **state)
{
	static const struct dane_row rows[] = {
		{ "in the chain", "leaf inter root", "2 1 0 root", "accept" },
		{ "in the chain", "leaf inter", "2 1 0 inter", "accept" },
		{ "signed the topmost", "leaf inter", "2 1 0 root", "accept" },
		{ "signed the leaf alone", "leaf", "2 1 0 inter", "accept" },
		{ "a level too high", "leaf", "2 1 0 root", "mismatch" },
		{ "a stranger's", "leaf inter", "2 1 0 stranger", "mismatch" },
		{ "behind a stranger", "leaf stranger", "2 1 0 inter",
		    "accept" },
		{ "the stranger's own", "leaf stranger", "2 1 0 stranger",
		    "mismatch" },
		{ "several", "leaf inter", "2 1 0 stranger, 2 1 0 root",
		    "accept" },
		{ "the leaf's dates", "leaf.old", "2 1 0 inter", "expired" },
		{ "the leaf's name", "leaf", "2 1 0 inter", "name-mismatch",
		    "a.b" },
		{ "nothing else of it", "leaf.root.old", "2 1 0 root.old",
		    "accept" },
		{ "nor its CA flag", "leaf.noca", "2 1 0 noca", "accept" },
		{ "nor its path", "leaf.path inter.path", "2 1 0 path",
		    "accept" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_47_expired_with_usage_2(void **state)
{
	static const struct dane_row rows[] = {
		{ "leaf", "leaf.old inter", "2 0 1 inter", "expired" },
		{ "leaf, not yet", "leaf.future inter", "2 0 1 inter",
		    "expired" },
		{ "leaf, later", "leaf inter", "2 0 1 inter", "expired",
		    .days = 2 },
		{ "leaf, earlier", "leaf inter", "2 0 1 inter", "expired",
		    .days = -2 },
		{ "intermediate", "leaf.inter.old inter.old root", "2 0 1 root",
		    "expired" },
		{ "intermediate as TA", "leaf.inter.old inter.old",
		    "2 1 1 inter.old", "expired" },
		{ "TA", "leaf.root.old root.old", "2 0 1 root.old", "expired" },
		{ "TA in DNS", "leaf.root.old", "2 0 0 root.old", "expired" },
		{ "above the TA", "leaf.inter.old inter.old", "2 0 0 root",
		    "expired" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_48_constraints_of_the_ta(void **state)
{
	static const struct dane_row rows[] = {
		{ "path length", "leaf.path inter.path path", "2 0 1 path",
		    "untrusted" },
		{ "in DNS", "leaf.path inter.path", "2 0 0 path", "untrusted" },
		{ "path is long enough", "direct.path path", "2 0 1 path",
		    "accept" },
		{ "in DNS", "direct.path", "2 0 0 path", "accept" },
		{ "name permitted", "leaf.within within", "2 0 1 within",
		    "accept" },
		{ "in DNS", "leaf.within", "2 0 0 within", "accept" },
		{ "name not permitted", "leaf.outside outside", "2 0 1 outside",
		    "untrusted" },
		{ "in DNS", "leaf.outside", "2 0 0 outside", "untrusted" },
		{ "name excluded", "leaf.excluded excluded", "2 1 1 excluded",
		    "untrusted" },
		{ "in DNS", "leaf.excluded", "2 0 0 excluded", "untrusted" },
		{ "no CA", "leaf.noca noca", "2 0 1 noca", "untrusted" },
		{ "in DNS", "leaf.noca", "2 0 0 noca", "untrusted" },
		{ "does not say", "leaf.mute mute", "2 0 1 mute", "untrusted" },
		{ "in DNS", "leaf.mute", "2 0 0 mute", "untrusted" },
		{ "keyCertSign without CA", "leaf.signs signs", "2 0 1 signs",
		    "untrusted" },
		{ "in DNS", "leaf.signs", "2 0 0 signs", "untrusted" },
		{ "the same between", "leaf.inter.signs inter.signs root",
		    "2 0 1 root", "untrusted" },
		{ "version 1", "leaf.v1 v1", "2 0 1 v1", "untrusted" },
		{ "in DNS", "leaf.v1", "2 0 0 v1", "untrusted" },
		{ "CA without keyCertSign", "leaf.nosign nosign",
		    "2 0 1 nosign", "untrusted" },
		{ "unknown critical", "critical inter", "2 0 1 inter",
		    "untrusted" },
		{ "unknown critical, CA", "leaf.critical inter.critical",
		    "2 0 1 inter.critical", "untrusted" },
		{ "in DNS", "leaf.critical", "2 0 0 inter.critical",
		    "untrusted" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

static void
req_49_the_leaf_as_usage_2(void **state)
{
	static const struct dane_row rows[] = {
		{ "certificate", "leaf inter", "2 0 1 leaf", "mismatch" },
		{ "whole", "leaf inter", "2 0 0 leaf", "mismatch" },
		{ "key", "leaf inter", "2 1 1 leaf", "mismatch" },
		{ "whole key", "leaf inter", "2 1 0 leaf", "mismatch" },
		{ "self-signed", "self.named", "2 0 1 self.named", "mismatch" },
		{ "whole", "self.named", "2 0 0 self.named", "mismatch" },
		{ "key", "self.named", "2 1 1 self.named", "mismatch" },
		{ "whole key", "self.named", "2 1 0 self.named", "mismatch" },
		{ "self-signed CA", "self.ca", "2 0 1 self.ca", "mismatch" },
		{ "whole", "self.ca", "2 0 0 self.ca", "mismatch" },
		{ "key", "self.ca", "2 1 1 self.ca", "mismatch" },
		{ "whole key", "self.ca", "2 1 0 self.ca", "mismatch" },
		{ "but as usage 3", "self.ca", "2 1 0 self.ca, 3 1 1 self.ca",
		    "accept" },
		/* A leaf that signs another leaf is no CA either. */
		{ "a level lower", "under.self self.named", "2 0 1 self.named",
		    "untrusted" },
		{ "in DNS", "under.self", "2 0 0 self.named", "untrusted" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

/* The host's roots are there, and hold the root that would make it good. */
static void
req_50_roots_do_not_count_for_usages_2_and_3(void **state)
{
	static const struct dane_row rows[] = {
		{ "TA only in the store", "leaf inter", "2 0 1 root",
		    "mismatch", NULL, DANE_ALL, "root" },
		{ "TA's key only in the store", "leaf inter", "2 1 1 root",
		    "mismatch", NULL, DANE_ALL, "root" },
		{ "good PKIX, wrong TA", "leaf inter root", "2 0 1 stranger",
		    "mismatch", NULL, DANE_ALL, "root" },
		{ "good PKIX, wrong EE", "leaf inter root", "3 1 1 leaf!",
		    "mismatch", NULL, DANE_ALL, "root" },
		{ "good PKIX, nothing usable", "leaf inter root",
		    "9 9 9 root, 3 1 1 leaf<", "no-usable-tlsa", NULL, DANE_ALL,
		    "root" },
		{ "good PKIX, no record", "leaf inter root", "",
		    "no-usable-tlsa", NULL, DANE_ALL, "root" },
		{ "store of others, right TA", "leaf inter root", "2 0 1 root",
		    "accept", NULL, DANE_ALL, "stranger" },
		{ "usages 2 and 3 alone", "leaf inter root", "2 0 1 stranger",
		    "mismatch", NULL, DANE_USAGES, "root" },
	};

	(void)state;
	dane_rows_run(rows, N(rows));
}

/* Nor is the file that OpenSSL itself would read. */
static void
req_50_no_store_of_openssl(void **state)
{
	static const struct dane_row row = { "SSL_CERT_FILE", "leaf inter",
		"2 0 1 root, 0 0 1 root, 1 1 1 leaf", "untrusted", NULL,
		DANE_ALL };
	char path[] = "/tmp/dance-test-XXXXXX";
	struct dance_judgement judged;
	struct wirebuf pem = { NULL, 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	pki_pem(dane_pki, "root", &pem);
	assert_int_equal(write(fd, pem.data, pem.len), pem.len);
	assert_int_equal(close(fd), 0);
	assert_int_equal(setenv("SSL_CERT_FILE", path, 1), 0);
	dane_row_run(&row, &judged);
	assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
	assert_int_equal(unlink(path), 0);
	wirebuf_free(&pem);
}

static void
req_52_usages_0_and_1(void **state)
{
#define PKIX(roots) NULL, DANE_ALL, roots
	static const struct dane_row rows[] = {
		{ "0, TA in the store", "leaf inter", "0 0 1 root", "accept",
		    PKIX("root") },
		{ "0, its key", "leaf inter", "0 1 1 root", "accept",
		    PKIX("root") },
		{ "0, intermediate", "leaf inter", "0 0 1 inter", "accept",
		    PKIX("root") },
		{ "1, leaf", "leaf inter", "1 0 1 leaf", "accept",
		    PKIX("root") },
		{ "1, key", "leaf inter root", "1 1 2 leaf", "accept",
		    PKIX("root") },
		{ "0, no match", "leaf inter root", "0 0 1 root!", "mismatch",
		    PKIX("root") },
		{ "1, no match", "leaf inter root", "1 1 1 leaf!", "mismatch",
		    PKIX("root") },
		{ "0 says nothing of the leaf", "leaf inter", "0 1 1 leaf",
		    "mismatch", PKIX("root") },
		{ "1 says nothing of a CA", "leaf inter", "1 1 1 inter",
		    "mismatch", PKIX("root") },
		{ "0, no path", "leaf inter root", "0 0 1 root", "untrusted",
		    PKIX("stranger") },
		{ "1, no path", "leaf inter root", "1 0 1 leaf", "untrusted",
		    PKIX("stranger") },
		{ "0, no store", "leaf inter root", "0 0 1 root", "untrusted",
		    PKIX(NULL) },
		{ "0, whole, no store", "leaf inter", "0 0 0 root", "untrusted",
		    PKIX(NULL) },
		{ "1, no store", "leaf inter root", "1 1 1 leaf", "untrusted",
		    PKIX(NULL) },
		{ "1, self-signed", "self.named", "1 1 1 self.named",
		    "untrusted", PKIX("root") },
		{ "1, dates", "leaf.old inter", "1 1 1 leaf.old", "expired",
		    PKIX("root") },
		{ "0, dates of the CA", "leaf.inter.old inter.old",
		    "0 0 1 root", "expired", PKIX("root") },
		{ "0, name", "leaf inter", "0 0 1 root", "name-mismatch", "a.b",
		    DANE_ALL, "root" },
		{ "1, name", "leaf inter", "1 1 1 leaf", "name-mismatch", "a.b",
		    DANE_ALL, "root" },
		{ "0, not enabled", "leaf inter root", "0 0 1 root",
		    "no-usable-tlsa", NULL, DANE_USAGES, "root" },
		{ "1, not enabled", "leaf inter root", "1 1 1 leaf",
		    "no-usable-tlsa", NULL, DANE_USAGES, "root" },
		{ "1, only 0 enabled", "leaf inter root", "1 1 1 leaf",
		    "no-usable-tlsa", NULL, 1, "root" },
		{ "0 and 1 alone", "leaf inter root", "0 0 1 root", "accept",
		    NULL, 3, "root" },
		{ "2, not enabled", "leaf inter root", "2 0 1 root",
		    "no-usable-tlsa", NULL, 3, "root" },
		{ "0, not a CA", "leaf.noca noca", "0 0 1 noca", "untrusted",
		    PKIX("noca") },
	};
	/* CVE-2026-28387: families never meet in one verification. */
	static const struct dane_row mixed[] = {
		{ "0 and 2", "leaf inter", "0 0 1 root, 2 0 1 inter", "accept",
		    PKIX("root") },
		{ "2 in DNS, 1 wrong", "leaf inter", "2 0 0 root, 1 1 1 leaf!",
		    "accept", PKIX("root") },
		{ "2 wrong, 1 right", "leaf inter",
		    "2 0 0 stranger, 1 1 1 leaf", "accept", PKIX("root") },
		{ "2 key wrong, 0 right", "leaf inter",
		    "2 1 0 stranger, 0 0 1 root", "accept", PKIX("root") },
		{ "2 right, 0 without path", "leaf inter root",
		    "0 0 1 root, 2 0 1 root", "accept", PKIX("stranger") },
		{ "all wrong", "leaf inter",
		    "0 0 1 root!, 1 1 1 leaf!, 2 0 1 root!, 3 1 1 leaf!",
		    "mismatch", PKIX("root") },
		{ "all right", "leaf inter root",
		    "0 0 1 root, 1 1 1 leaf, 2 0 1 root, 3 1 1 leaf", "accept",
		    PKIX("root") },
		{ "3 wrong, 0 without path", "leaf inter root",
		    "3 1 1 leaf!, 0 0 1 root", "untrusted", PKIX(NULL) },
		{ "2 expired, 1 unusable", "leaf.old inter",
		    "2 0 1 inter, 1 1 1 leaf.old<", "expired", PKIX("root") },
		/* The store's root is no TA of usage 2. */
		{ "2 not in the chain, 0 wrong", "leaf inter",
		    "2 0 1 root, 0 0 1 root!", "mismatch", PKIX("root") },
		/* A TA of DNS is no root of usage 1. */
		{ "2 wrong name, 1 without path", "leaf inter",
		    "2 0 0 stranger, 1 1 1 leaf", "untrusted",
		    PKIX("stranger") },
	};
#undef PKIX

	(void)state;
	dane_rows_run(rows, N(rows));
	dane_rows_run(mixed, N(mixed));
}

/* Which record it was, and how far up. */
static void
the_record_that_matched(void **state)
{
	static const struct {
		struct dane_row row;
		size_t record;
		int depth;
	} rows[] = {
		{ { "EE", "leaf inter root", "3 1 1 leaf", "accept" }, 0, 0 },
		{ { "second", "leaf inter root", "3 1 1 leaf!, 2 0 1 inter",
		      "accept" },
		    1, 1 },
		{ { "root", "leaf inter root", "9 9 9 leaf, 2 0 1 root",
		      "accept" },
		    1, 2 },
		{ { "in DNS", "leaf inter", "2 0 0 root", "accept" }, 0, 2 },
		{ { "key in DNS", "leaf inter", "2 1 0 root", "accept" }, 0,
		    1 },
		{ { "EE before TA", "leaf inter root", "2 0 1 root, 3 0 1 leaf",
		      "accept" },
		    1, 0 },
		{ { "twice the same", "leaf inter",
		      "2 0 2 inter<, 2 0 1 inter, 2 0 1 inter", "accept" },
		    1, 1 },
		{ { "PKIX-TA", "leaf inter", "2 0 1 root, 0 0 1 root", "accept",
		      NULL, DANE_ALL, "root" },
		    1, 2 },
		{ { "PKIX-EE", "leaf inter", "1 1 1 leaf", "accept", NULL,
		      DANE_ALL, "root" },
		    0, 0 },
	};
	struct dance_judgement judged;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		dane_row_run(&rows[i].row, &judged);
		if (judged.found.record != rows[i].record ||
		    judged.found.depth != rows[i].depth)
			fail_msg("%s: %zu, %d", rows[i].row.name,
			    judged.found.record, judged.found.depth);
	}
}

/* 5.2 a and b: asked directly, without the judge before it. */
static void
req_32_verify_never_falls_back(void **state)
{
	static const struct dane_row row = { .usages = DANE_ALL,
		.roots = "root" };
	struct dance_tlsa records[3] = { { .usage = 2, .selector = 0 },
		{ .usage = 3, .selector = 1, .matching = 1 },
		{ .usage = 1, .selector = 1, .matching = 0 } };
	static const unsigned all[2] = { DANE_ALL, DANE_ALL };
	struct dance_dane_result found;
	struct dance_chain *chain;
	struct dance_identity id;
	struct dance_dane_rules rules;
	size_t n;

	(void)state;
	dane_chain_make("leaf inter root", &chain);
	dane_identity_make(NULL, &id);
	dane_rules_make(&row, &rules);
	for (n = 0; n <= N(records); n++) {
		assert_int_equal(
		    dance_dane_verify(chain, &id, records, n, &rules, &found),
		    DANCE_ERR_NO_USABLE_TLSA);
		assert_int_equal(found.depth, -1);
	}
	/* Empty data is dropped and does no harm to the others. */
	records[1].data = wirebuf_bytes(&pki_find(dane_pki, "leaf", 4)->spki);
	records[1].matching = 0;
	assert_int_equal(dance_tlsa_select(records, N(records), all), 1);
	assert_int_equal(
	    dance_dane_verify(chain, &id, records, N(records), &rules, &found),
	    0);
	assert_int_equal(found.record, 1);
	/* A usage that is not enabled is not looked at. */
	records[1].usage = 1;
	rules.usages = 1;
	assert_int_equal(
	    dance_dane_verify(chain, &id, records, N(records), &rules, &found),
	    DANCE_ERR_NO_USABLE_TLSA);
	rules.usages = 2;
	assert_int_equal(
	    dance_dane_verify(chain, &id, records, N(records), &rules, &found),
	    0);
	X509_STORE_free(rules.roots);
	dance_chain_free(&chain);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_36_self_signed_and_unknown_issuer),
		cmocka_unit_test(req_37_usage_3_ignores_the_dates),
		cmocka_unit_test(req_38_usage_3_ignores_names_and_pkix),
		cmocka_unit_test(req_39_whole_certificate_or_key),
		cmocka_unit_test(req_24_to_32_unusable_records_and_agility),
		cmocka_unit_test(req_41_ta_in_the_chain),
		cmocka_unit_test(req_45_ta_only_in_dns),
		cmocka_unit_test(req_46_ta_key_only_in_dns),
		cmocka_unit_test(req_47_expired_with_usage_2),
		cmocka_unit_test(req_48_constraints_of_the_ta),
		cmocka_unit_test(req_49_the_leaf_as_usage_2),
		cmocka_unit_test(req_50_roots_do_not_count_for_usages_2_and_3),
		cmocka_unit_test(req_50_no_store_of_openssl),
		cmocka_unit_test(req_52_usages_0_and_1),
		cmocka_unit_test(the_record_that_matched),
		cmocka_unit_test(req_32_verify_never_falls_back),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
