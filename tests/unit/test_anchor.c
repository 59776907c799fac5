/* SPDX-License-Identifier: ISC */
/* Trust anchor files: what is taken, and what is refused with which words. */
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
#include <ldns/ldns.h>

#include "anchor.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define HEX16 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define KEY   "256 3 13 Fc7hAUpYcy5e/gYLEoapTstPXyQSvrFMvsUMNPHvKG8="

static int
text_read(const char *text, size_t len, struct dance_anchors **ret,
    struct dance_fault *fault)
{
	char *copy = malloc(len + 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, text, len);
	copy[len] = '\0';
	fault->text[0] = '\0';
	*ret = calloc(1, sizeof(**ret));
	assert_non_null(*ret);
	r = dance_anchors_add_text(*ret, copy, len, "f", fault);
	free(copy);
	return r;
}

static void
good_files_are_read(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *zone;   /* of the first */
		const char *record; /* its start */
	} rows[] = {
		{ ". IN DS 20326 8 2 " HEX16 "\n", 1, ".",
		    ".\t3600\tIN\tDS\t20326 8 2 0123" },
		{ ". IN DS 20326 8 2 " HEX16, 1, ".", ".\t" },
		{ "; a comment\n\n\n. 3600 IN DS 1 8 2 " HEX16
		  " ; more\n ; end\n",
		    1, ".", "." },
		{ "corp.Example. IN DNSKEY " KEY " ;{id = 3}\n", 1,
		    "corp.example", "corp.example.\t" },
		{ "corp.example DNSKEY " KEY "\n", 1, "corp.example",
		    "corp.example.\t" },
		{ "$ORIGIN example.\n$TTL 60\n@ DNSKEY " KEY "\n DNSKEY " KEY
		  "\ncorp DNSKEY " KEY "\n",
		    3, "example", "example.\t60\t" },
		{ ". IN DNSKEY ( 257 3 13 ; ksk\n\tFc7hAUpYcy5e\n"
		  "\t/gYLEoap )\n. IN DS 1 8 2 " HEX16 "\n",
		    2, ".", "." },
		{ ". IN DS 1 8 4 " HEX16 "0123456789abcdef0123456789abcdef\n",
		    1, ".", "." },
	};
	struct dance_anchors *anchors;
	struct dance_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		const char *text = rows[i].text;

		print_message("%s\n", text);
		assert_int_equal(
		    text_read(text, strlen(text), &anchors, &fault), 0);
		assert_int_equal(anchors->n, rows[i].n);
		assert_string_equal(anchors->list[0].zone, rows[i].zone);
		assert_int_equal(strncmp(anchors->list[0].record,
				     rows[i].record, strlen(rows[i].record)),
		    0);
		assert_null(strpbrk(anchors->list[0].record, "\n;"));
		dance_anchors_free(&anchors);
		assert_null(anchors);
	}
}

static void
req_23_bad_files_are_faults(void **state)
{
	static const struct {
		const char *text;
		const char *fault; /* a part of it */
	} rows[] = {
		{ "", "f: no trust anchor" },
		{ "\n\n; only a comment\n", "f: no trust anchor" },
		{ "$TTL 60\n$ORIGIN example.\n", "f: no trust anchor" },
		{ "\n. IN A 127.0.0.1\n", "f:2: " },
		{ ". IN A 127.0.0.1\n", "nor a DS or DNSKEY" },
		{ ". CH DS 1 8 2 " HEX16 "\n", "class IN" },
		{ "nonsense\n", "f:1: neither" },
		{ ". 1 IN IN 2 TYPE45 3 3 \\# 4 4 000d\n", "f:1: neither" },
		{ "DS IPSECKEY 3\n", "f:1: neither" },
		{ ". IN DS 1 8 2\n", "f:" },
		{ ". IN DS 1 8 2 xx\n", "f:" },
		{ ". IN DS 1 8 2 0123\n", "wrong length" },
		{ ". IN DS 1 8 4 " HEX16 "\n", "wrong length" },
		{ ". IN DS 1 8 1 0123456789abcdef0123456789abcdef01234567\n",
		    "f:1: the digest of the DS record is of SHA-1" },
		{ ". IN DS 1 5 2 " HEX16 "\n", "f:1: the algorithm" },
		{ ". IN DS 1 7 2 " HEX16 "\n", "f:1: the algorithm" },
		{ ". IN DS 1 1 2 " HEX16 "\n", "f:1: the algorithm" },
		{ ". IN DS 1 12 2 " HEX16 "\n", "f:1: the algorithm" },
		{ ". IN DNSKEY 257 3 5 AwEAAQ==\n", "f:1: the algorithm" },
		{ ". IN DNSKEY 257 3 7 AwEAAQ==\n", "f:1: the algorithm" },
		{ ". IN DNSKEY 257 3 8 AwEAAQ==\n", "malformed" },
		{ ". IN DNSKEY 257 3 13 Fc7hAUpYcy5e\n. IN DNSKEY 257 3 8 "
		  "AQGqqqqqqqqqqqo=\n",
		    "f:2: its RSA exponent" },
		{ ". IN DS 1 8 3 " HEX16 "\n", "digest type" },
		{ ". IN DS 1 99 2 " HEX16 "\n", "algorithm" },
		{ ". IN DNSKEY 256 3 3 AAAA\n", "algorithm" },
		{ ". IN DNSKEY 0 3 13 AAAA\n", "not a zone key" },
		{ ". IN DNSKEY 385 3 13 AAAA\n", "revoked" },
		{ ". IN DNSKEY 257 2 13 AAAA\n", "protocol" },
		{ ". IN DNSKEY 257 3 13 !!!!\n", "f:" },
		{ ". IN DS 1 8 2 " HEX16 "\n. IN SOA . . 1 1 1 1 1\n", "f:" },
		{ "$INCLUDE /etc/shadow\n", "f:" },
		{ "a\\;b. IN DS 1 8 2 " HEX16 "\n", "zone's name" },
		{ "*.example. IN DS 1 8 2 " HEX16 "\n", "zone's name" },
		{ "; autotrust trust anchor file\n;;id: . 1\n"
		  ". 86400 IN DNSKEY " KEY " ;;state=2 [  VALID  ]\n",
		    "f:1: this is RFC 5011 state" },
		{ ". 86400 IN DNSKEY " KEY "\n. 86400 IN DNSKEY " KEY
		  " ;;state=1 [ ADDPEND ]\n",
		    "f:2: this is RFC 5011 state" },
		{ ";;id: . 1\n. IN DNSKEY " KEY "\n",
		    "/usr/share/dns/root.key" },
	};
	struct dance_anchors *anchors;
	struct dance_fault fault;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		const char *text = rows[i].text;

		print_message("%s\n", text);
		assert_int_equal(
		    text_read(text, strlen(text), &anchors, &fault),
		    DANCE_ERR_CONFIG);
		print_message("\t%s\n", fault.text);
		assert_non_null(strstr(fault.text, rows[i].fault));
		dance_anchors_free(&anchors);
	}
}

/* A line of a DNSKEY of the algorithm, made for this. */
static char *
key_line(ldns_signing_algorithm algorithm, uint16_t bits)
{
	ldns_key *key = ldns_key_new_frm_algorithm(algorithm, bits);
	ldns_rr *rr;
	char *text;

	assert_non_null(key);
	ldns_key_set_pubkey_owner(key, ldns_dname_new_frm_str("corp.example."));
	ldns_key_set_flags(key, LDNS_KEY_ZONE_KEY | LDNS_KEY_SEP_KEY);
	rr = ldns_key2rr(key);
	text = ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
	assert_non_null(text);
	ldns_rr_free(rr);
	ldns_key_deep_free(key);
	return text;
}

static void
small_rsa_keys_are_faults(void **state)
{
	static const struct {
		uint16_t bits;
		unsigned min_rsa;
		int want;
	} rows[] = { { 512, 1024, DANCE_ERR_CONFIG }, { 1024, 1024, 0 },
		{ 1024, 2048, DANCE_ERR_CONFIG }, { 2048, 2048, 0 } };
	struct dance_anchors *anchors;
	struct dance_fault fault;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		text = key_line(LDNS_SIGN_RSASHA256, rows[i].bits);
		anchors = calloc(1, sizeof(*anchors));
		assert_non_null(anchors);
		anchors->min_rsa = rows[i].min_rsa;
		fault.text[0] = '\0';
		assert_int_equal(dance_anchors_add_text(
				     anchors, text, strlen(text), "f", &fault),
		    rows[i].want);
		assert_true((rows[i].want == 0) ==
		    (strstr(fault.text, "f:1: the key is smaller") == NULL));
		dance_anchors_free(&anchors);
		free(text);
	}
}

/* What a libunbound knows depends on its builder: it must know, or say no. */
static void
an_algorithm_that_libunbound_lacks(void **state)
{
	struct dance_anchors *anchors;
	struct dance_fault fault = { "" };
	char *text;
	int r;

	(void)state;
	text = key_line(LDNS_SIGN_ED25519, 256);
	assert_int_equal(text_read(text, strlen(text), &anchors, &fault), 0);
	assert_int_equal(anchors->list[0].algorithm, 15);
	assert_int_equal(dance_anchors_try(anchors, &fault), 0);
	/* As if it were another one: it is told of, known or not. */
	anchors->list[0].algorithm = 16;
	assert_int_equal(dance_anchors_try(anchors, &fault), 0);
	dance_anchors_free(&anchors);
	free(text);
	text = key_line(LDNS_SIGN_ED448, 456);
	assert_int_equal(text_read(text, strlen(text), &anchors, &fault), 0);
	r = dance_anchors_try(anchors, &fault);
	print_message("%d %s\n", r, fault.text);
	if (r != 0) {
		assert_int_equal(r, DANCE_ERR_CONFIG);
		assert_non_null(strstr(fault.text, "zone corp.example: "));
		assert_non_null(strstr(fault.text, "ED448"));
	}
	dance_anchors_free(&anchors);
	free(text);
}

static void
req_23_a_nul_is_a_fault(void **state)
{
	static const char text[] = ". IN DS 1 8 2 " HEX16 "\n\0; more";
	struct dance_anchors *anchors;
	struct dance_fault fault;

	(void)state;
	assert_int_equal(text_read(text, sizeof(text) - 1, &anchors, &fault),
	    DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "NUL"));
	dance_anchors_free(&anchors);
}

static void
too_many_records_are_a_fault(void **state)
{
	static const char line[] = ". IN DS 1 8 2 " HEX16 "\n";
	size_t i, n = DANCE_ANCHOR_RECORDS_MAX, len = sizeof(line) - 1;
	char *text = malloc((n + 1) * len + 1);
	struct dance_anchors *anchors;
	struct dance_fault fault;

	(void)state;
	assert_non_null(text);
	for (i = 0; i <= n; i++)
		memcpy(text + i * len, line, len);
	assert_int_equal(text_read(text, n * len, &anchors, &fault), 0);
	assert_int_equal(anchors->n, n);
	dance_anchors_free(&anchors);
	assert_int_equal(
	    text_read(text, (n + 1) * len, &anchors, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "f:65: "));
	dance_anchors_free(&anchors);
	free(text);
}

static void
file_write(const char *folder, const char *name, const char *text)
{
	char path[128];
	FILE *fp;

	assert_true(snprintf(path, sizeof(path), "%s/%s", folder, name) < 128);
	fp = fopen(path, "w");
	assert_non_null(fp);
	assert_true(fputs(text, fp) >= 0);
	assert_int_equal(fclose(fp), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static int
files_load(const char *root, const char *first, const char *second,
    struct dance_anchors **ret, struct dance_fault *fault)
{
	struct dance_config *config = calloc(1, sizeof(*config));
	char names[3][128];
	int r;

	assert_non_null(config);
	(void)snprintf(names[0], sizeof(names[0]), "%s", root);
	(void)snprintf(names[1], sizeof(names[1]), "/%s", first);
	(void)snprintf(names[2], sizeof(names[2]), "/%s", second);
	config->root = names[0];
	config->anchors[0] = names[1];
	config->anchors[1] = names[2];
	config->n_anchors = second[0] != '\0' ? 2 : first[0] != '\0' ? 1 : 0;
	*ret = NULL;
	fault->text[0] = '\0';
	r = dance_anchors_load(config, ret, fault);
	free(config);
	if (r != 0)
		assert_null(*ret);
	return r;
}

static void
req_23_files_that_are_missing_or_empty(void **state)
{
	char folder[] = "/tmp/test_anchor.XXXXXX";
	struct dance_anchors *anchors;
	struct dance_fault fault;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(folder));
	file_write(folder, "root", ". IN DS 1 8 2 " HEX16 "\n");
	file_write(folder, "zone", "corp.example. IN DNSKEY " KEY "\n");
	file_write(folder, "empty", "");

	assert_int_equal(
	    files_load(folder, "root", "zone", &anchors, &fault), 0);
	assert_int_equal(anchors->n, 2);
	assert_string_equal(anchors->list[1].zone, "corp.example");
	dance_anchors_free(&anchors);
	assert_int_equal(files_load(folder, "root", "empty", &anchors, &fault),
	    DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "/empty: no trust anchor"));
	assert_int_equal(
	    files_load(folder, "none", "", &anchors, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "none"));
	assert_int_equal(
	    files_load(folder, "", "", &anchors, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "trust-anchor"));

	assert_int_equal(chdir(folder), 0);
	assert_int_equal(unlink("root"), 0);
	assert_int_equal(unlink("zone"), 0);
	assert_int_equal(unlink("empty"), 0);
	assert_int_equal(rmdir(folder), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files_are_read),
		cmocka_unit_test(req_23_bad_files_are_faults),
		cmocka_unit_test(small_rsa_keys_are_faults),
		cmocka_unit_test(an_algorithm_that_libunbound_lacks),
		cmocka_unit_test(req_23_a_nul_is_a_fault),
		cmocka_unit_test(too_many_records_are_a_fault),
		cmocka_unit_test(req_23_files_that_are_missing_or_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
