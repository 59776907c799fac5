/* SPDX-License-Identifier: ISC */
/*
 * The port from which libunbound gets a proof again: signed answers that a
 * cache has kept, and questions of whoever reaches the port.  A reply is the
 * packet of the proof that has the question's name and type, or the question
 * itself, refused; nothing else ever leaves.
 */
#include "input.h"

#include <ldns/ldns.h>

#include "offline.c"

#define ANSWERS_MAX 8
#define PACKET_MAX  600

struct kept {
	char names[ANSWERS_MAX][DANCE_NAME_MAX + 1];
	uint8_t packets[ANSWERS_MAX][PACKET_MAX];
	struct dance_proof_set proof;
};

static const char *const names[] = { ".", "example", "corp.example",
	"laptop._device.corp.example", "_user.corp.example", "a.b" };

static void
kept_make(struct input *in, struct kept *kept)
{
	static const uint16_t types[] = { 52, 48, 43, 1 };
	struct dance_signed_answer *answer;
	const uint8_t *data;
	size_t i, len;

	kept->proof.n = input_below(in, ANSWERS_MAX + 1);
	for (i = 0; i < kept->proof.n; i++) {
		answer = &kept->proof.list[i];
		(void)snprintf(kept->names[i], sizeof(kept->names[i]), "%s",
		    names[input_below(in, 6)]);
		answer->name = kept->names[i];
		answer->type = types[input_below(in, 4)];
		data = input_bytes(in, PACKET_MAX, &len);
		memcpy(kept->packets[i], data, len);
		answer->packet = (struct dance_bytes){ kept->packets[i], len };
	}
}

/* A name in labels; what follows it is where ret ends then. */
static uint8_t *
name_put(uint8_t *ret, const char *name, uint8_t flip)
{
	size_t i, len;

	if (strcmp(name, ".") == 0)
		name = "";
	while (*name != '\0') {
		len = strcspn(name, ".");
		*ret++ = (uint8_t)len;
		for (i = 0; i < len; i++)
			*ret++ = (uint8_t)name[i] &
			    (uint8_t)(flip & name[i] & 0x40 ? 0xdf : 0xff);
		name += len + (name[len] == '.');
	}
	*ret++ = 0;
	return ret;
}

/* A question as a resolver asks it, then altered; or any octets. */
static size_t
query_make(struct input *in, uint8_t *ret, size_t size)
{
	uint8_t *p = ret + HEADER_LEN;
	size_t at, len, n;
	const uint8_t *data;

	if (input_below(in, 4) == 0) {
		data = input_bytes(in, size, &len);
		memcpy(ret, data, len);
		return len;
	}
	memset(ret, 0, HEADER_LEN);
	ret[0] = input_u8(in);
	ret[1] = input_u8(in);
	ret[2] = 1;
	ret[5] = 1;
	p = name_put(p, names[input_below(in, 6)], input_u8(in));
	*p++ = 0;
	*p++ = (uint8_t)(input_below(in, 2) ? 52 : 48);
	*p++ = 0;
	*p++ = 1;
	len = (size_t)(p - ret);
	for (n = input_below(in, 4); n > 0; n--) {
		at = input_u8(in);
		if (at < len)
			ret[at] = input_u8(in);
	}
	if (input_below(in, 4) == 1) { /* as if of EDNS */
		data = input_bytes(in, 200, &n);
		memcpy(ret + len, data, n);
		len += n;
	}
	return input_below(in, 8) == 1 ? len - 1 : len;
}

/* What ldns says of a question, without our reader of names. */
static const struct dance_signed_answer *
kept_find(const struct kept *kept, const uint8_t *query, size_t len)
{
	const struct dance_signed_answer *found = NULL, *answer;
	ldns_rdf *owner, *name;
	const ldns_rr *rr;
	ldns_pkt *pkt = NULL;
	size_t i;

	if (ldns_wire2pkt(&pkt, query, len) != LDNS_STATUS_OK)
		return NULL;
	if (ldns_rr_list_rr_count(ldns_pkt_question(pkt)) == 1) {
		rr = ldns_rr_list_rr(ldns_pkt_question(pkt), 0);
		owner = ldns_rr_owner(rr);
		for (i = 0; i < kept->proof.n && found == NULL; i++) {
			answer = &kept->proof.list[i];
			name = ldns_dname_new_frm_str(answer->name);
			require(name != NULL);
			if (ldns_dname_compare(owner, name) == 0 &&
			    ldns_rr_get_type(rr) == (ldns_rr_type)answer->type)
				found = answer;
			ldns_rdf_deep_free(name);
		}
	}
	ldns_pkt_free(pkt);
	return found;
}

static void
reply_check(const struct kept *kept, const uint8_t *query, size_t len,
    const uint8_t *reply, size_t reply_len)
{
	const struct dance_signed_answer *answer = kept_find(kept, query, len);

	require(len >= HEADER_LEN && (query[2] & FLAG_QR) == 0);
	require(reply_len > HEADER_LEN);
	require(memcmp(reply, query, 2) == 0);
	if (answer != NULL && answer->packet.len > HEADER_LEN) {
		require(reply_len == answer->packet.len);
		require(memcmp(reply + 2, answer->packet.data + 2,
			    reply_len - 2) == 0);
		return;
	}
	require(reply_len <= len);
	require((reply[2] & FLAG_QR) != 0 && reply[3] == RCODE_FAILED);
	require(memcmp(reply + 4, "\0\1\0\0\0\0\0\0", 8) == 0);
	require(memcmp(reply + HEADER_LEN, query + HEADER_LEN,
		    reply_len - HEADER_LEN) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct kept *kept = calloc(1, sizeof(*kept));
	uint8_t query[QUERY_MAX], *reply = malloc(REPLY_MAX);
	uint8_t *got = malloc(REPLY_MAX);
	struct replay replay = { .fd = -1 };
	ssize_t n;
	size_t len;
	int ends[2];

	require(kept != NULL && reply != NULL && got != NULL);
	kept_make(&in, kept);
	replay.proof = &kept->proof;
	require(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) == 0);
	replay.fd = ends[0];
	do {
		len = query_make(&in, query, sizeof(query));
		require(send(ends[1], query, len, 0) == (ssize_t)len);
		replay_serve(&replay, reply);
		n = recv(ends[1], got, REPLY_MAX, 0);
		if (n >= 0)
			reply_check(kept, query, len, got, (size_t)n);
		/* It is asked for once: there is nothing more. */
		require(recv(ends[1], got, REPLY_MAX, 0) == -1);
	} while (in.left > 0);
	close(ends[0]);
	close(ends[1]);
	free(kept);
	free(reply);
	free(got);
	return 0;
}
