/* SPDX-License-Identifier: ISC */
/*
 * What libunbound may say, field by field, and what becomes of it.  All
 * combinations of its flags are tried: two of them are secure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <ldns/ldns.h>

#include "resolver_internal.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct packet {
	uint8_t *data;
	size_t len;
};

/*
 * One TLSA record, announced for a day, with a signature of so many labels by
 * a signer, over an original TTL.
 */
static struct packet
packet_make(
    const char *owner, unsigned labels, const char *signer, unsigned ttl)
{
	struct packet ret = { NULL, 0 };
	ldns_pkt *pkt = ldns_pkt_query_new(ldns_dname_new_frm_str(owner),
	    LDNS_RR_TYPE_TLSA, LDNS_RR_CLASS_IN, LDNS_QR);
	ldns_rr *rr = NULL;
	char text[512];

	assert_non_null(pkt);
	(void)snprintf(text, sizeof(text), "%s 86400 IN TLSA 3 1 1 aa", owner);
	assert_int_equal(
	    ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL), LDNS_STATUS_OK);
	assert_true(ldns_pkt_push_rr(pkt, LDNS_SECTION_ANSWER, rr));
	(void)snprintf(text, sizeof(text),
	    "%s 86400 IN RRSIG TLSA 13 %u %u %lu 20200101000000 1 %s AAAA",
	    owner, labels, ttl, (unsigned long)time(NULL) + 1000, signer);
	assert_int_equal(
	    ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL), LDNS_STATUS_OK);
	assert_true(ldns_pkt_push_rr(pkt, LDNS_SECTION_ANSWER, rr));
	assert_int_equal(
	    ldns_pkt2wire(&ret.data, pkt, &ret.len), LDNS_STATUS_OK);
	ldns_pkt_free(pkt);
	return ret;
}

/* A secure answer as libunbound gives it; everything borrows. */
struct sample {
	struct packet packet;
	char rdata[4];
	char *data[DANCE_RRSET_MAX + 8];
	int len[DANCE_RRSET_MAX + 8];
	char name[32];
	struct ub_result result;
};

static struct sample *
sample_with_ttl(
    const char *owner, unsigned labels, const char *signer, unsigned ttl)
{
	static const char rdata[4] = { 3, 1, 1, 0x55 };
	struct sample *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->packet = packet_make(owner, labels, signer, ttl);
	memcpy(s->rdata, rdata, sizeof(rdata));
	s->data[0] = s->rdata;
	s->len[0] = sizeof(rdata);
	(void)snprintf(s->name, sizeof(s->name), "%s", owner);
	s->result = (struct ub_result){ .qname = s->name,
		.qtype = DANCE_DNS_TYPE_TLSA,
		.qclass = DANCE_DNS_CLASS_IN,
		.data = s->data,
		.len = s->len,
		.havedata = 1,
		.secure = 1,
		.answer_packet = s->packet.data,
		.answer_len = (int)s->packet.len,
		.ttl = 300 };
	return s;
}

static struct sample *
sample_new(const char *owner, unsigned labels, const char *signer)
{
	return sample_with_ttl(owner, labels, signer, 86400);
}

static void
sample_free(struct sample *s)
{
	free(s->packet.data);
	free(s);
}

static void
all_combinations(void **state)
{
	static const int rcodes[] = { 0, 1, 2, 3, 4, 5, 9, 16, -1 };
	struct sample *s = sample_new("a.example.", 2, "example.");
	struct ub_result *result = &s->result;
	struct dance_rrset rrset;
	unsigned bits;
	size_t i;

	(void)state;
	for (bits = 0; bits < 16 * N(rcodes); bits++) {
		enum dance_dnssec want = DANCE_DNSSEC_UNKNOWN;
		bool is_data, is_denial;

		i = bits / 16;
		result->rcode = rcodes[i];
		result->havedata = (bits & 1) != 0;
		result->nxdomain = (bits & 2) != 0;
		result->secure = (bits & 4) != 0;
		result->bogus = (bits & 8) != 0;
		is_data =
		    result->rcode == 0 && result->havedata && !result->nxdomain;
		is_denial = (result->rcode == 0 || result->rcode == 3) &&
		    !result->havedata;
		if (result->bogus)
			want = DANCE_DNSSEC_BOGUS;
		else if (is_data || is_denial)
			want = result->secure ? DANCE_DNSSEC_SECURE
					      : DANCE_DNSSEC_INSECURE;
		dance_result_read(0, result, "here", &rrset);
		assert_int_equal(rrset.dnssec, want);
		assert_int_equal(
		    rrset.n_records, want == DANCE_DNSSEC_SECURE && is_data);
		assert_int_equal(
		    rrset.is_denied, want == DANCE_DNSSEC_SECURE && is_denial);
		assert_int_equal(rrset.why[0] != '\0',
		    want == DANCE_DNSSEC_UNKNOWN || want == DANCE_DNSSEC_BOGUS);
		dance_rrset_clear(&rrset);
	}
	sample_free(s);
}

static void
packets_must_bear_it_out(void **state)
{
	static const struct {
		const char *owner;
		unsigned labels;
		const char *signer;
		enum dance_dnssec dnssec;
		bool is_wildcard;
	} rows[] = {
		{ "a.example.", 2, "example.", DANCE_DNSSEC_SECURE, false },
		{ "a.example.", 1, "example.", DANCE_DNSSEC_SECURE, true },
		{ "a.example.", 3, "example.", DANCE_DNSSEC_BOGUS, false },
		{ "a.example.", 0, "example.", DANCE_DNSSEC_BOGUS, false },
		{ "a.example.", 2, "other.", DANCE_DNSSEC_BOGUS, false },
	};
	struct dance_rrset rrset;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct sample *s =
		    sample_new(rows[i].owner, rows[i].labels, rows[i].signer);

		dance_result_read(0, &s->result, "here", &rrset);
		assert_int_equal(rrset.dnssec, rows[i].dnssec);
		assert_int_equal(rrset.is_wildcard, rows[i].is_wildcard);
		dance_rrset_clear(&rrset);
		sample_free(s);
	}
}

/* Data, and a packet without any: of nothing there is no signature. */
static void
data_without_a_signature_is_bogus(void **state)
{
	struct sample *s = sample_new("a.example.", 2, "example.");
	struct dance_rrset rrset;
	ldns_pkt *pkt;
	uint8_t *data;
	size_t len;

	(void)state;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	dance_rrset_clear(&rrset);
	pkt = ldns_pkt_query_new(ldns_dname_new_frm_str("a.example."),
	    LDNS_RR_TYPE_TLSA, LDNS_RR_CLASS_IN, LDNS_QR);
	assert_int_equal(ldns_pkt2wire(&data, pkt, &len), LDNS_STATUS_OK);
	s->result.answer_packet = data;
	s->result.answer_len = (int)len;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_BOGUS);
	assert_int_equal(rrset.n_records, 0);
	dance_rrset_clear(&rrset);
	ldns_pkt_free(pkt);
	free(data);
	sample_free(s);
}

/* The packet stays, to be looked at; the records do not. */
static void
what_is_weak_has_no_records(void **state)
{
	struct sample *s = sample_new("a.example.", 2, "example.");
	struct dance_rrset rrset;

	(void)state;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.n_records, 1);
	dance_result_set_weak(&rrset, "here", "why");
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_WEAK);
	assert_int_equal(rrset.n_records, 0);
	assert_null(rrset.rdata);
	assert_int_equal(rrset.packet_len, s->packet.len);
	assert_string_equal(rrset.why, "here: why");
	assert_string_equal(rrset.source, "dns");
	dance_rrset_clear(&rrset);
	sample_free(s);
}

static void
req_16_what_can_not_be_read_is_unknown(void **state)
{
	struct sample *s = sample_new("a.example.", 2, "example.");
	struct dance_rrset rrset;

	(void)state;
	dance_result_read(UB_NOMEM, NULL, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	dance_result_read(UB_SERVFAIL, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_non_null(strstr(rrset.why, "here: "));
	dance_result_read(0, NULL, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	s->result.answer_len--;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	s->result.answer_len = -1;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	s->result.answer_packet = NULL;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	s->result.answer_packet = s->packet.data;
	s->result.answer_len = (int)s->packet.len;
	s->len[0] = -1;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	s->result.data = NULL;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	sample_free(s);
}

static void
req_82_times_end_with_ttl_or_signature(void **state)
{
	static const struct {
		unsigned original;
		int ttl;
		int until; /* the signature ends in 1000 s */
	} rows[] = {
		{ 86400, 300, 300 },
		{ 86400, 5000, 1000 },
		{ 86400, 0, 0 },
		{ 86400, -5, 0 },
		{ 50, 86400, 50 },
		{ 0, 86400, 0 },
	};
	struct dance_rrset rrset;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct sample *s = sample_with_ttl(
		    "a.example.", 2, "example.", rows[i].original);
		time_t want = time(NULL) + rows[i].until;

		s->result.ttl = rows[i].ttl;
		dance_result_read(0, &s->result, "here", &rrset);
		assert_in_range(rrset.valid_until, want - 5, want + 5);
		dance_rrset_clear(&rrset);
		sample_free(s);
	}
}

static void
req_35_too_many_records(void **state)
{
	struct sample *s = sample_new("a.example.", 2, "example.");
	struct dance_rrset rrset;
	size_t i;

	(void)state;
	for (i = 1; i < DANCE_RRSET_MAX + 7; i++) {
		s->data[i] = s->rdata;
		s->len[i] = sizeof(s->rdata);
	}
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_true(rrset.is_too_large);
	assert_int_equal(rrset.n_records, 0);
	dance_rrset_clear(&rrset);
	sample_free(s);
}

static void
foreign_text_is_filtered(void **state)
{
	struct sample *s = sample_new("a.example.", 2, "example.");
	char why[] = "line\nescape \033[31m\xff\x7f end", end[300];
	struct dance_rrset rrset;

	(void)state;
	s->result.bogus = 1;
	s->result.why_bogus = why;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_string_equal(rrset.why, "here: line?escape ?[31m?? end");
	memset(end, 'x', sizeof(end) - 1);
	end[sizeof(end) - 1] = '\0';
	dance_why_add(&rrset, "%s", end);
	assert_int_equal(strlen(rrset.why), DANCE_WHY_MAX - 1);
	dance_why_add(&rrset, "more");
	assert_int_equal(strlen(rrset.why), DANCE_WHY_MAX - 1);
	s->result.bogus = 0;
	s->result.canonname = end;
	dance_result_read(0, &s->result, "here", &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_int_equal(strlen(rrset.canonical), DANCE_NAME_MAX + 1);
	dance_rrset_clear(&rrset);
	sample_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_combinations),
		cmocka_unit_test(packets_must_bear_it_out),
		cmocka_unit_test(data_without_a_signature_is_bogus),
		cmocka_unit_test(what_is_weak_has_no_records),
		cmocka_unit_test(req_16_what_can_not_be_read_is_unknown),
		cmocka_unit_test(req_82_times_end_with_ttl_or_signature),
		cmocka_unit_test(req_35_too_many_records),
		cmocka_unit_test(foreign_text_is_filtered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
