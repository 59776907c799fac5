/* SPDX-License-Identifier: ISC */
/*
 * Results of libunbound with the answers' packets.  What is secure must be
 * said so by libunbound, borne out by the packet, and hold its own records.
 */
#include <ldns/ldns.h>
#include <stdio.h>

#include "input.h"

#include "answer.h"
#include "resolver_internal.h"

#define RECORDS_MAX (DANCE_RRSET_MAX + 4)
#define PACKET_MAX  2048

struct sample {
	struct ub_result result;
	char *data[RECORDS_MAX + 1];
	int len[RECORDS_MAX + 1];
	uint8_t rdata[RECORDS_MAX][80];
	char canonical[300];
	char qname[20];
	char why[300];
	uint8_t packet[PACKET_MAX];
};

static void
text_make(struct input *in, char *ret, size_t size)
{
	const uint8_t *data;
	size_t len;

	data = input_bytes(in, size - 1, &len);
	memcpy(ret, data, len);
	ret[len] = '\0';
}

static void
records_make(struct input *in, struct sample *s)
{
	size_t i, n = input_below(in, RECORDS_MAX + 1);

	for (i = 0; i < n; i++) {
		s->len[i] = (int)input_below(in, sizeof(s->rdata[i]));
		if (s->len[i] == 79)
			s->len[i] = -1;
		else
			input_fill(in, s->rdata[i], (size_t)s->len[i]);
		s->data[i] = (char *)s->rdata[i];
	}
	if (input_below(in, 8) != 1) {
		s->result.data = s->data;
		s->result.len = s->len;
	}
}

/* TLSA and a signature over it; owner, labels, signer and end as they come. */
static size_t
packet_make(struct input *in, uint8_t *ret)
{
	static const char *const owners[] = { "a.example.", "*.example.",
		"example.", "." };
	static const char *const types[] = { "TLSA", "CNAME", "NSEC" };
	const char *owner = owners[input_below(in, 4)];
	ldns_pkt *pkt = ldns_pkt_query_new(ldns_dname_new_frm_str("a.example."),
	    LDNS_RR_TYPE_TLSA, LDNS_RR_CLASS_IN, LDNS_QR);
	ldns_rr *rr = NULL;
	uint8_t *wire = NULL;
	char text[2][300];
	size_t i, len = 0;

	require(pkt != NULL);
	(void)snprintf(
	    text[0], sizeof(text[0]), "%s 300 IN TLSA 3 1 1 aa", owner);
	(void)snprintf(text[1], sizeof(text[1]),
	    "%s 300 IN RRSIG %s 13 %u 300 %u 20200101000000 1 %s AAAA", owner,
	    types[input_below(in, 3)], input_below(in, 4), input_u32(in),
	    owners[input_below(in, 4)]);
	for (i = 0; i < 2; i++)
		if (input_below(in, 4) != 1 &&
		    ldns_rr_new_frm_str(&rr, text[i], 0, NULL, NULL) ==
			LDNS_STATUS_OK)
			require(ldns_pkt_push_rr(pkt,
			    input_below(in, 4) == 1 ? LDNS_SECTION_AUTHORITY
						    : LDNS_SECTION_ANSWER,
			    rr));
	require(ldns_pkt2wire(&wire, pkt, &len) == LDNS_STATUS_OK);
	require(len <= PACKET_MAX);
	memcpy(ret, wire, len);
	LDNS_FREE(wire);
	ldns_pkt_free(pkt);
	return len;
}

static void
sample_make(struct input *in, struct sample *s)
{
	static const int rcodes[] = { 0, 0, 3, 2, 5, 9 };
	struct ub_result *result = &s->result;
	uint8_t flags = input_u8(in);
	const uint8_t *data;
	size_t len;

	result->havedata = flags & 1;
	result->nxdomain = (flags & 2) != 0;
	result->secure = (flags & 4) != 0;
	result->bogus = (flags & 8) != 0;
	result->rcode = rcodes[input_below(in, 6)];
	result->ttl = (int)input_u32(in);
	records_make(in, s);
	if ((flags & 16) != 0) {
		text_make(in, s->canonical, sizeof(s->canonical));
		result->canonname = s->canonical;
	}
	if ((flags & 32) == 0)
		result->qname = s->qname;
	if ((flags & 64) != 0) {
		text_make(in, s->why, sizeof(s->why));
		result->why_bogus = s->why;
	}
	if ((flags & 128) != 0) {
		data = input_bytes(in, PACKET_MAX, &len);
		memcpy(s->packet, data, len);
	} else
		len = packet_make(in, s->packet);
	result->answer_len = input_below(in, 16) == 1 ? -1 : (int)len;
	result->answer_packet = input_below(in, 16) == 1 ? NULL : s->packet;
}

/* May this be called secure?  Asked of the fields alone. */
static bool
sample_may_be_secure(int err, const struct ub_result *r, time_t *ret_expires)
{
	struct dance_answer answer;
	bool has_data =
	    r->havedata && r->rcode == 0 && !r->nxdomain && r->data != NULL;

	if (err != 0 || r->bogus || !r->secure || r->answer_packet == NULL ||
	    r->answer_len < 0)
		return false;
	if (!has_data && (r->havedata || (r->rcode != 0 && r->rcode != 3)))
		return false;
	if (dance_answer_read(
		r->answer_packet, (size_t)r->answer_len, &answer) != 0 ||
	    answer.is_odd)
		return false;
	*ret_expires = answer.expires;
	return !has_data || answer.expires != 0;
}

/* The records are those octets, in their order, and nothing is left out. */
static void
records_check(const struct ub_result *result, const struct dance_rrset *rrset)
{
	size_t i, n = 0;

	for (i = 0; result->data[i] != NULL; i++) {
		const struct dance_tlsa *record = &rrset->records[n];
		const uint8_t *rdata = (const uint8_t *)result->data[i];
		size_t len = (size_t)result->len[i];

		require(result->len[i] >= 0);
		if (rrset->is_too_large || len < 4)
			continue;
		require(n++ < rrset->n_records);
		require(record->usage == rdata[0]);
		require(record->selector == rdata[1]);
		require(record->matching == rdata[2]);
		require(record->data.len == len - 3);
		require(memcmp(record->data.data, rdata + 3, len - 3) == 0);
	}
	require(rrset->is_too_large == (i > DANCE_RRSET_MAX));
	require(rrset->n_records == n);
}

static void
secure_check(const struct ub_result *result, const struct dance_rrset *rrset,
    time_t expires)
{
	time_t ttl = result->ttl > 0 ? result->ttl : 0;

	require(rrset->is_denied == !result->havedata);
	require(rrset->valid_until <= time(NULL) + ttl);
	require(expires == 0 || rrset->valid_until <= expires);
	if (!result->havedata) {
		require(rrset->n_records == 0 && rrset->packet == NULL);
		return;
	}
	records_check(result, rrset);
	require(rrset->packet_len == (size_t)result->answer_len);
	require(memcmp(rrset->packet, result->answer_packet,
		    rrset->packet_len) == 0);
}

static void
rrset_check(const struct dance_rrset *rrset)
{
	const char *why = rrset->why;

	require(memchr(why, '\0', sizeof(rrset->why)) != NULL);
	for (; *why != '\0'; why++)
		require(*why >= 0x20 && *why < 0x7f);
	require(
	    memchr(rrset->canonical, '\0', sizeof(rrset->canonical)) != NULL);
	require(strcmp(rrset->source, "dns") == 0);
	require(!rrset->has_failed);
	if (rrset->dnssec == DANCE_DNSSEC_SECURE)
		return;
	require(rrset->n_records == 0 && rrset->rdata == NULL);
	require(rrset->packet == NULL && rrset->packet_len == 0);
	require(!rrset->is_denied && !rrset->is_wildcard);
	require((why > rrset->why) == (rrset->dnssec != DANCE_DNSSEC_INSECURE));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct sample *s = calloc(1, sizeof(*s));
	struct dance_rrset *rrset = calloc(1, sizeof(*rrset));
	time_t expires = 0;
	bool may_be_secure;
	int err;

	require(s != NULL && rrset != NULL);
	err = input_below(&in, 8) == 1 ? UB_NOMEM : 0;
	sample_make(&in, s);
	dance_result_read(err, input_below(&in, 16) == 1 ? NULL : &s->result,
	    "upstream", rrset);
	rrset_check(rrset);
	may_be_secure = sample_may_be_secure(err, &s->result, &expires);
	if (rrset->dnssec == DANCE_DNSSEC_SECURE) {
		require(may_be_secure);
		secure_check(&s->result, rrset, expires);
	}
	if (err == 0 && s->result.bogus && rrset->dnssec != 0)
		require(rrset->dnssec == DANCE_DNSSEC_BOGUS);
	dance_rrset_clear(rrset);
	free(rrset);
	free(s);
	return 0;
}
