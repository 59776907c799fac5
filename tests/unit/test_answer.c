/* SPDX-License-Identifier: ISC */
/* What is read in answer packets: wildcards, odd signatures, their ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <ldns/ldns.h>

#include "answer.h"
#include "error.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define TLSA	" 300 IN TLSA 3 1 1 00"
#define SIG	"%u 20200101000000 1 "
#define SIG_END " AAAA"

struct packet {
	uint8_t *data;
	size_t len;
};

/* SIG in a record's text takes the end of the signature. */
static void
section_add(
    ldns_pkt *pkt, ldns_pkt_section section, const char *text, uint32_t expires)
{
	char line[1024];
	ldns_rr *rr = NULL;
	const char *mark = strstr(text, SIG);
	int n;

	if (mark != NULL)
		n = snprintf(line, sizeof(line), "%.*s%u%s", (int)(mark - text),
		    text, expires, mark + 2);
	else
		n = snprintf(line, sizeof(line), "%s", text);
	assert_true(n > 0 && (size_t)n < sizeof(line));
	assert_int_equal(
	    ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL), LDNS_STATUS_OK);
	assert_true(ldns_pkt_push_rr(pkt, section, rr));
}

static struct packet
packet_make(
    const char *const *answer, const char *const *authority, uint32_t expires)
{
	struct packet ret = { NULL, 0 };
	ldns_pkt *pkt = ldns_pkt_query_new(ldns_dname_new_frm_str("q.example."),
	    LDNS_RR_TYPE_TLSA, LDNS_RR_CLASS_IN, LDNS_QR);

	assert_non_null(pkt);
	for (; *answer != NULL; answer++)
		section_add(pkt, LDNS_SECTION_ANSWER, *answer, expires);
	for (; *authority != NULL; authority++)
		section_add(pkt, LDNS_SECTION_AUTHORITY, *authority, expires);
	assert_int_equal(
	    ldns_pkt2wire(&ret.data, pkt, &ret.len), LDNS_STATUS_OK);
	ldns_pkt_free(pkt);
	return ret;
}

/* What each packet holds, and what is to be said of it. */
static const struct {
	const char *name;
	const char *answer[5];
	const char *authority[3];
	bool is_wildcard;
	bool is_odd;
	bool has_end;
} judged[] = {
	{ "nothing", { NULL }, { NULL }, false, false, false },
	{ "plain",
	    { "a.good.example." TLSA,
		"a.good.example. 300 IN RRSIG TLSA 13 3 300 " SIG
		"good.example." SIG_END },
	    { NULL }, false, false, true },
	{ "req 22: wildcard",
	    { "a.good.example." TLSA,
		"a.good.example. 300 IN RRSIG TLSA 13 2 300 " SIG
		"good.example." SIG_END },
	    { NULL }, true, false, true },
	{ "req 22: the star itself",
	    { "*.good.example." TLSA,
		"*.good.example. 300 IN RRSIG TLSA 13 2 300 " SIG
		"good.example." SIG_END },
	    { NULL }, true, false, true },
	{ "req 22: alias made by a wildcard",
	    { "a.x.example. 300 IN CNAME b.good.example.",
		"a.x.example. 300 IN RRSIG CNAME 13 2 300 " SIG
		"x.example." SIG_END,
		"b.good.example." TLSA,
		"b.good.example. 300 IN RRSIG TLSA 13 3 300 " SIG
		"good.example." SIG_END },
	    { NULL }, true, false, true },
	{ "req 19: DNAME, its CNAME is not signed",
	    { "x.example. 300 IN DNAME good.example.",
		"x.example. 300 IN RRSIG DNAME 13 2 300 " SIG
		"example." SIG_END,
		"a.x.example. 300 IN CNAME a.good.example." },
	    { NULL }, false, false, true },
	{ "signed by the root",
	    { "a.good.example." TLSA,
		"a.good.example. 300 IN RRSIG TLSA 13 3 300 " SIG "." SIG_END },
	    { NULL }, false, false, true },
	{ "case does not count",
	    { "a.gOOd.example." TLSA,
		"a.gOOd.example. 300 IN RRSIG TLSA 13 3 300 " SIG
		"GoOD.eXample." SIG_END },
	    { NULL }, false, false, true },
	{ "more labels than the owner",
	    { "a.good.example." TLSA,
		"a.good.example. 300 IN RRSIG TLSA 13 4 300 " SIG
		"good.example." SIG_END },
	    { NULL }, false, true, true },
	{ "fewer labels than the signer",
	    { "a.good.example." TLSA,
		"a.good.example. 300 IN RRSIG TLSA 13 1 300 " SIG
		"good.example." SIG_END },
	    { NULL }, true, true, true },
	{ "signer beside the owner",
	    { "a.good.example." TLSA,
		"a.good.example. 300 IN RRSIG TLSA 13 3 300 " SIG
		"evil.example." SIG_END },
	    { NULL }, false, true, true },
	{ "signer below the owner",
	    { "a.good.example." TLSA,
		"a.good.example. 300 IN RRSIG TLSA 13 3 300 " SIG
		"b.a.good.example." SIG_END },
	    { NULL }, false, true, true },
	{ "signer with the owner's tail, not its label",
	    { "a.xgood.example." TLSA,
		"a.xgood.example. 300 IN RRSIG TLSA 13 3 300 " SIG
		"good.example." SIG_END },
	    { NULL }, false, true, true },
	{ "no signature at all", { "a.good.example." TLSA }, { NULL }, false,
	    true, false },
	{ "denial", { NULL },
	    { "good.example. 60 IN NSEC x.good.example. A",
		"good.example. 60 IN RRSIG NSEC 13 2 60 " SIG
		"good.example." SIG_END },
	    false, false, true },
	{ "denial at a star is no wildcard", { NULL },
	    { "*.good.example. 60 IN NSEC x.good.example. A",
		"*.good.example. 60 IN RRSIG NSEC 13 2 60 " SIG
		"good.example." SIG_END },
	    false, false, true },
	{ "odd denial", { NULL },
	    { "good.example. 60 IN NSEC x.good.example. A",
		"good.example. 60 IN RRSIG NSEC 13 2 60 " SIG
		"a.good.example." SIG_END },
	    false, true, true },
};

static void
signatures_are_judged(void **state)
{
	uint32_t end = (uint32_t)time(NULL) + 1000;
	struct dance_answer answer;
	size_t i;

	(void)state;
	for (i = 0; i < N(judged); i++) {
		struct packet p =
		    packet_make(judged[i].answer, judged[i].authority, end);

		print_message("%s\n", judged[i].name);
		assert_int_equal(dance_answer_read(p.data, p.len, &answer), 0);
		assert_int_equal(answer.is_wildcard, judged[i].is_wildcard);
		assert_int_equal(answer.is_odd, judged[i].is_odd);
		if (judged[i].has_end)
			assert_int_equal((uint32_t)answer.expires, end);
		else
			assert_int_equal(answer.expires, 0);
		free(p.data);
	}
}

/* RFC 4034, section 3.1.5; RFC 1982. */
static void
ends_are_serial_numbers(void **state)
{
	static const int64_t aheads[] = { 0, 1, -1, 86400, -86400,
		INT64_C(0x7ffffff0), -INT64_C(0x7ffffff0) };
	static const char *const none[] = { NULL };
	static const char *const signed_name[] = { "a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 2 300 " SIG "." SIG_END,
		NULL };
	struct dance_answer answer;
	size_t i;

	(void)state;
	for (i = 0; i < N(aheads); i++) {
		int64_t want = (int64_t)time(NULL) + aheads[i];
		struct packet p =
		    packet_make(signed_name, none, (uint32_t)want);

		assert_int_equal(dance_answer_read(p.data, p.len, &answer), 0);
		assert_int_equal((int64_t)answer.expires, want);
		free(p.data);
	}
}

static void
first_end_counts(void **state)
{
	static const char *const authority[] = {
		"example. 60 IN RRSIG NSEC 13 1 60 20300101000000 "
		"20200101000000 1 . AAAA",
		NULL
	};
	static const char *const answer_rrs[] = { "a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 2 300 20300101000001 "
		"20200101000000 1 . AAAA",
		"a.example. 300 IN RRSIG TLSA 8 2 300 20310101000001 "
		"20200101000000 1 . AAAA",
		NULL };
	struct packet p = packet_make(answer_rrs, authority, 0);
	struct dance_answer answer;

	(void)state;
	assert_int_equal(dance_answer_read(p.data, p.len, &answer), 0);
	assert_int_equal(answer.expires, 1893456000); /* 2030-01-01 */
	free(p.data);
}

/* RFC 4035, section 5.3.3: each of these TTLs in turn is the least. */
static const struct {
	const char *name;
	const char *answer[5];
	const char *authority[5];
	uint32_t ttl;
} lived[] = {
	{ "nothing is signed", { NULL }, { NULL }, 0 },
	{ "data without a signature", { "a.example." TLSA }, { NULL }, 0 },
	{ "all alike",
	    { "a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 2 300 " SIG "." SIG_END },
	    { NULL }, 300 },
	{ "the record's",
	    { "a.example. 7 IN TLSA 3 1 1 00",
		"a.example. 300 IN RRSIG TLSA 13 2 300 " SIG "." SIG_END },
	    { NULL }, 7 },
	{ "the signature's",
	    { "a.example." TLSA,
		"a.example. 7 IN RRSIG TLSA 13 2 300 " SIG "." SIG_END },
	    { NULL }, 7 },
	{ "the original one",
	    { "a.example. 86400 IN TLSA 3 1 1 00",
		"a.example. 86400 IN RRSIG TLSA 13 2 7 " SIG "." SIG_END },
	    { NULL }, 7 },
	{ "none",
	    { "a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 2 0 " SIG "." SIG_END },
	    { NULL }, 0 },
	{ "the highest bit",
	    { "a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 2 2147483648 " SIG
		"." SIG_END },
	    { NULL }, 0 },
	{ "the least of two signatures",
	    { "a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 2 90 " SIG "." SIG_END,
		"a.example. 300 IN RRSIG TLSA 8 2 40 " SIG "." SIG_END },
	    { NULL }, 40 },
	{ "an alias",
	    { "x.example. 300 IN CNAME a.example.",
		"x.example. 300 IN RRSIG CNAME 13 2 7 " SIG "." SIG_END,
		"a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 2 300 " SIG "." SIG_END },
	    { NULL }, 7 },
	{ "an alias for a tree",
	    { "x.example. 300 IN DNAME y.example.",
		"x.example. 300 IN RRSIG DNAME 13 2 7 " SIG "." SIG_END,
		"a.x.example. 300 IN CNAME a.y.example.", "a.y.example." TLSA,
		"a.y.example. 300 IN RRSIG TLSA 13 3 300 " SIG "." SIG_END },
	    { NULL }, 7 },
	{ "a wildcard's proof",
	    { "a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 1 300 " SIG "." SIG_END },
	    { "example. 300 IN NSEC x.example. A",
		"example. 300 IN RRSIG NSEC 13 1 7 " SIG "." SIG_END },
	    7 },
	{ "a denial's minimum", { NULL },
	    { "example. 300 IN SOA ns. host. 1 3600 600 86400 7",
		"example. 300 IN RRSIG SOA 13 1 300 " SIG "." SIG_END,
		"example. 300 IN NSEC x.example. A",
		"example. 300 IN RRSIG NSEC 13 1 300 " SIG "." SIG_END },
	    7 },
	{ "a denial's SOA", { NULL },
	    { "example. 300 IN SOA ns. host. 1 3600 600 86400 300",
		"example. 300 IN RRSIG SOA 13 1 7 " SIG "." SIG_END,
		"example. 300 IN NSEC x.example. A",
		"example. 300 IN RRSIG NSEC 13 1 300 " SIG "." SIG_END },
	    7 },
	{ "a denial's NSEC", { NULL },
	    { "example. 300 IN SOA ns. host. 1 3600 600 86400 300",
		"example. 300 IN RRSIG SOA 13 1 300 " SIG "." SIG_END,
		"example. 300 IN NSEC x.example. A",
		"example. 300 IN RRSIG NSEC 13 1 7 " SIG "." SIG_END },
	    7 },
	{ "a denial's NSEC3", { NULL },
	    { "example. 300 IN SOA ns. host. 1 3600 600 86400 300",
		"example. 300 IN RRSIG SOA 13 1 300 " SIG "." SIG_END,
		"00000000000000000000000000000000.example. 300 IN NSEC3 1 0 "
		"0 - 00000000000000000000000000000001 A",
		"00000000000000000000000000000000.example. 300 IN RRSIG NSEC3 "
		"13 2 7 " SIG "." SIG_END },
	    7 },
};

static void
req_82_signed_ttls_bound_it(void **state)
{
	uint32_t end = (uint32_t)time(NULL) + 100000;
	struct dance_answer answer;
	size_t i;

	(void)state;
	for (i = 0; i < N(lived); i++) {
		struct packet p =
		    packet_make(lived[i].answer, lived[i].authority, end);

		print_message("%s\n", lived[i].name);
		assert_int_equal(dance_answer_read(p.data, p.len, &answer), 0);
		assert_int_equal(answer.ttl, lived[i].ttl);
		free(p.data);
	}
}

static void
an_answer_ends_with_the_first_of_them(void **state)
{
	static const struct {
		struct dance_answer answer;
		int ttl;
		time_t until;
	} rows[] = {
		{ { .ttl = 300, .expires = 9000 }, 400, 1300 },
		{ { .ttl = 300, .expires = 9000 }, 200, 1200 },
		{ { .ttl = 300, .expires = 1100 }, 400, 1100 },
		{ { .ttl = 300, .expires = 900 }, 400, 900 },
		{ { .ttl = 300, .expires = 9000 }, 0, 1000 },
		{ { .ttl = 300, .expires = 9000 }, -5, 1000 },
		{ { .ttl = 0, .expires = 9000 }, 400, 1000 },
		{ { .ttl = 0, .expires = 0 }, 400, 1000 },
		{ { .ttl = INT32_MAX, .expires = 9000 }, INT32_MAX, 9000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_int_equal(dance_answer_valid_until(
				     &rows[i].answer, rows[i].ttl, 1000),
		    rows[i].until);
}

/* The octets are copied, so that a sanitizer sees a read beyond the end. */
static void
req_16_broken_packets_are_refused(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const rrs[] = { "a.example." TLSA,
		"a.example. 300 IN RRSIG TLSA 13 2 300 " SIG "." SIG_END,
		NULL };
	struct packet p = packet_make(rrs, none, 2000000000);
	struct dance_answer answer;
	uint8_t *copy;
	size_t len;

	(void)state;
	assert_int_equal(dance_answer_read(NULL, 0, &answer), DANCE_ERR_FORMAT);
	for (len = 0; len < p.len; len++) {
		copy = malloc(len + 1);
		assert_non_null(copy);
		copy[len] = 0xc0;
		memcpy(copy, p.data, len);
		copy = realloc(copy, len > 0 ? len : 1);
		assert_non_null(copy);
		assert_int_equal(
		    dance_answer_read(copy, len, &answer), DANCE_ERR_FORMAT);
		free(copy);
	}
	for (len = 12; len < p.len; len++) {
		p.data[len] ^= 0xff;
		(void)dance_answer_read(p.data, p.len, &answer);
		p.data[len] ^= 0xff;
	}
	free(p.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_judged),
		cmocka_unit_test(ends_are_serial_numbers),
		cmocka_unit_test(first_end_counts),
		cmocka_unit_test(req_82_signed_ttls_bound_it),
		cmocka_unit_test(an_answer_ends_with_the_first_of_them),
		cmocka_unit_test(req_16_broken_packets_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
