/* SPDX-License-Identifier: ISC */
/*
 * The whole decision: a key or an OpenSSH certificate, a map and answers of
 * the DNS, all as the input plans them.  What is accepted is judged once more
 * from the plan, without the engine: a line of the map admits the identity and
 * none refuses it, the certificate names it and holds, the answer is secure,
 * and a record of it is the digest of the key.
 */
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "input.h"

#include "resolver.h"
#include "verdict.h"

#define NOW	    1700000000
#define DEADLINE    4711
#define KEYS	    3 /* of users, CAs and others */
#define NAMES	    6
#define ROWS_MAX    5
#define RECORDS_MAX 4
#define SPKI_LEN    44
#define ED25519	    "ssh-ed25519"
#define CERTIFICATE "ssh-ed25519-cert-v01@openssh.com"

static const struct {
	const char *text;
	const char *owner;
	const char *uid; /* of a user of the domain */
	const char *zone;
} names[NAMES] = {
	{ "pc.one.example", "pc.one.example", NULL, "one.example" },
	{ "mac.one.example", "mac.one.example", NULL, "one.example" },
	{ "alice.two.example", "alice.two.example", NULL, "two.example" },
	{ "alice@one.example", "_user.one.example", "alice", "one.example" },
	{ "bob@one.example", "_user.one.example", "bob", "one.example" },
	{ "alice@two.example", "_user.two.example", "alice", "two.example" },
};

/* A line of the map; every kind of it. */
struct row {
	bool is_refusal;
	bool is_zone;	    /* "*.ZONE", or "*@ZONE" */
	unsigned name;	    /* which name, or whose zone */
	unsigned account;   /* index of accounts[] */
	unsigned condition; /* index of conditions[] */
};

static const char *const accounts[] = { "alice", "bob", "*" };

static const struct {
	const char *text;
	bool holds;	  /* at all */
	bool holds_local; /* without sshd */
} conditions[] = {
	{ "", true, true },
	{ " no-pty", true, true },
	{ " expiry-time=\"20200101\"", true, false },
	{ " from=\"192.0.2.1\"", true, false },
};

/* A record: over a key, or octets that fit nothing. */
struct record {
	uint8_t usage;
	uint8_t selector;
	uint8_t matching;
	unsigned key; /* KEYS: none */
};

struct answer {
	enum dance_dnssec dnssec;
	bool is_denied;
	bool is_wildcard;
	struct record records[RECORDS_MAX];
	size_t n;
};

struct plan {
	uint8_t keys[KEYS][32];
	bool is_certificate;
	bool is_spoiled; /* an octet of the certificate is another one */
	bool is_of_hosts;
	bool is_local;
	unsigned principals; /* bits of names[] */
	unsigned long long from;
	unsigned long long until;
	bool is_bound; /* by a critical option that is known */
	struct row rows[ROWS_MAX];
	size_t n_rows;
	struct answer answers[NAMES]; /* of names with one owner: the first's */
	unsigned usages;
};

static const struct plan *plan; /* for the resolver */

/* Text of SSH: a length and octets. */
struct blob {
	uint8_t data[1024];
	size_t len;
};

static void
blob_u32(struct blob *blob, uint32_t value)
{
	int i;

	for (i = 24; i >= 0; i -= 8)
		blob->data[blob->len++] = (uint8_t)(value >> i);
}

static void
blob_u64(struct blob *blob, uint64_t value)
{
	blob_u32(blob, (uint32_t)(value >> 32));
	blob_u32(blob, (uint32_t)value);
}

static void
blob_string(struct blob *blob, const void *data, size_t len)
{
	require(blob->len + len + 4 <= sizeof(blob->data));
	blob_u32(blob, (uint32_t)len);
	memcpy(blob->data + blob->len, data, len);
	blob->len += len;
}

static void
blob_text(struct blob *blob, const char *text)
{
	blob_string(blob, text, strlen(text));
}

static EVP_PKEY *
key_open(const uint8_t seed[32], uint8_t ret_public[32])
{
	EVP_PKEY *pkey =
	    EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	size_t len = 32;

	require(pkey != NULL &&
	    EVP_PKEY_get_raw_public_key(pkey, ret_public, &len) == 1);
	return pkey;
}

static void
key_blob(const uint8_t key[32], struct blob *ret)
{
	ret->len = 0;
	blob_text(ret, ED25519);
	blob_string(ret, key, 32);
}

static void
blob_sign(struct blob *blob, EVP_PKEY *pkey)
{
	struct blob signature = { .len = 0 };
	uint8_t raw[64];
	size_t len = sizeof(raw);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	require(ctx != NULL &&
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestSign(ctx, raw, &len, blob->data, blob->len) == 1);
	EVP_MD_CTX_free(ctx);
	blob_text(&signature, ED25519);
	blob_string(&signature, raw, len);
	blob_string(blob, signature.data, signature.len);
}

/* PROTOCOL.certkeys of OpenSSH. */
static void
certificate_make(struct plan *p, EVP_PKEY *ca, struct blob *ret)
{
	struct blob list = { .len = 0 };
	size_t i;

	ret->len = 0;
	blob_text(ret, CERTIFICATE);
	blob_string(ret, "0123456789abcdef0123456789abcdef", 32);
	blob_string(ret, p->keys[0], 32);
	blob_u64(ret, 1);
	blob_u32(ret, p->is_of_hosts ? 2 : 1);
	blob_text(ret, "id");
	for (i = 0; i < NAMES; i++)
		if ((p->principals >> i & 1) != 0)
			blob_text(&list, names[i].text);
	blob_string(ret, list.data, list.len);
	blob_u64(ret, p->from);
	blob_u64(ret, p->until);
	list.len = 0;
	if (p->is_bound) {
		struct blob value = { .len = 0 };

		blob_text(&value, "/bin/true");
		blob_text(&list, "force-command");
		blob_string(&list, value.data, value.len);
	}
	blob_string(ret, list.data, list.len);
	blob_string(ret, "", 0);
	blob_string(ret, "", 0);
	key_blob(p->keys[1], &list);
	blob_string(ret, list.data, list.len);
	blob_sign(ret, ca);
}

static void
answer_make(struct input *in, struct answer *answer)
{
	struct record *record;
	uint8_t flags = input_u8(in);

	answer->dnssec = (enum dance_dnssec)((flags & 7) < 5 ? 1 : flags & 3);
	answer->is_wildcard = (flags & 0x18) == 0x18;
	answer->is_denied = (flags & 0xe0) == 0xe0;
	if (answer->is_denied)
		return;
	for (answer->n = 0; answer->n < input_below(in, RECORDS_MAX + 1);) {
		record = &answer->records[answer->n++];
		flags = input_u8(in);
		record->usage = flags & 3;
		record->selector = (flags & 12) != 0;
		record->matching = (flags >> 4) % 4;
		record->key = input_below(in, KEYS + 1);
	}
}

static void
plan_make(struct input *in, struct plan *p)
{
	static const unsigned long long times[] = { 0, NOW, NOW + 1, NOW - 1,
		UINT64_MAX };
	struct row *row;
	uint8_t flags = input_u8(in);
	size_t i;

	p->is_certificate = (flags & 1) != 0;
	p->is_local = (flags & 2) != 0;
	p->is_spoiled = (flags & 0x1c) == 0x1c;
	p->is_of_hosts = (flags & 0xe0) == 0xe0;
	p->is_bound = (flags & 0xe0) == 0x20;
	p->principals = input_u8(in);
	flags = input_u8(in);
	p->from = (flags & 8) == 0 ? 0 : times[flags % 5];
	p->until = (flags & 16) == 0 ? UINT64_MAX : times[flags / 32 % 5];
	p->usages = (flags & 1) != 0 ? 0xc : 1U << (flags % 4);
	p->n_rows = 1 + input_below(in, ROWS_MAX);
	for (i = 0; i < p->n_rows; i++) {
		row = &p->rows[i];
		flags = input_u8(in);
		row->is_refusal = (flags & 3) == 3;
		row->is_zone = (flags & 4) != 0;
		row->name = (flags >> 3) % NAMES;
		flags = input_u8(in);
		row->account = row->is_refusal ? flags % 3 : flags % 4 == 1;
		row->condition = row->is_refusal ? 0 : (flags >> 2) % 4;
	}
	for (i = 0; i < NAMES; i++)
		answer_make(in, &p->answers[i]);
}

static int
map_make(const struct plan *p, struct dance_map **ret)
{
	char text[ROWS_MAX * 160] = "", *next = text;
	const struct row *row;
	size_t i;
	int n;

	for (i = 0; i < p->n_rows; i++) {
		row = &p->rows[i];
		n = snprintf(next, (size_t)(text + sizeof(text) - next),
		    "%s%s%s%s %s%s\n", row->is_refusal ? "!" : "",
		    !row->is_zone		       ? ""
			: names[row->name].uid != NULL ? "*@"
						       : "*.",
		    row->is_zone ? names[row->name].zone : "",
		    row->is_zone ? "" : names[row->name].text,
		    accounts[row->account], conditions[row->condition].text);
		require(n > 0 && next + n < text + sizeof(text));
		next += n;
	}
	return dance_map_from_text("m", text, (size_t)(next - text), ret);
}

/* Which answer an owner name has. */
static const struct answer *
answer_find(const char *owner)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (strcmp(names[i].owner, owner) == 0)
			return &plan->answers[i];
	abort();
}

static void
spki_make(const struct plan *p, unsigned key, uint8_t ret[SPKI_LEN])
{
	static const uint8_t head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
		0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

	memset(ret, 0x55, SPKI_LEN);
	memcpy(ret, head, sizeof(head));
	if (key < KEYS)
		memcpy(ret + sizeof(head), p->keys[key], 32);
}

static size_t
rdata_make(const struct plan *p, const struct record *record, uint8_t ret[80])
{
	uint8_t spki[SPKI_LEN];

	spki_make(p, record->key, spki);
	ret[0] = record->usage;
	ret[1] = record->selector;
	ret[2] = record->matching;
	switch (record->matching) {
	case 1:
		SHA256(spki, sizeof(spki), ret + 3);
		return 3 + SHA256_DIGEST_LENGTH;
	case 2:
		SHA512(spki, sizeof(spki), ret + 3);
		return 3 + SHA512_DIGEST_LENGTH;
	default:
		memcpy(ret + 3, spki, sizeof(spki));
		return 3 + sizeof(spki);
	}
}

struct dance_resolver {
	int unused;
};

int
dance_resolver_new(const struct dance_config *config,
    const struct dance_anchors *anchors, struct dance_resolver **ret,
    struct dance_fault *fault)
{
	(void)config;
	(void)anchors;
	(void)fault;
	*ret = calloc(1, sizeof(**ret));
	require(*ret != NULL);
	return 0;
}

void
dance_resolver_free(struct dance_resolver **resolver)
{
	free(*resolver);
	*resolver = NULL;
}

int
dance_resolver_prove(struct dance_resolver *resolver, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    struct dance_proof_set *ret)
{
	(void)resolver;
	(void)owner;
	(void)rrset;
	(void)deadline_ms;
	(void)ret;
	abort(); /* there is no cache */
}

int
dance_resolver_lookup(struct dance_resolver *resolver,
    const struct dance_lookup *lookup, struct dance_rrset *rrsets)
{
	struct dance_bytes list[RECORDS_MAX];
	uint8_t rdata[RECORDS_MAX][80];
	const struct answer *answer;
	size_t i, j;

	require(resolver != NULL && lookup->deadline_ms == DEADLINE);
	for (i = 0; i < lookup->n; i++) {
		answer = answer_find(lookup->owners[i]);
		rrsets[i] = (struct dance_rrset){ .source = "dns",
			.dnssec = answer->dnssec,
			.is_denied = answer->is_denied,
			.is_wildcard = answer->is_wildcard };
		for (j = 0; j < answer->n; j++)
			list[j] = (struct dance_bytes){ rdata[j],
				rdata_make(
				    plan, &answer->records[j], rdata[j]) };
		require(dance_rrset_fill(&rrsets[i], list, answer->n) == 0);
	}
	return 0;
}

static bool
row_fits(const struct row *row, unsigned name)
{
	bool is_user = names[name].uid != NULL;

	if (!row->is_zone)
		return row->name == name;
	return is_user == (names[row->name].uid != NULL) &&
	    strcmp(names[row->name].zone, names[name].zone) == 0;
}

/* By the map alone: may this name be alice? */
static bool
name_is_admitted(const struct plan *p, unsigned name)
{
	bool is_admitted = false;
	const struct row *row;
	size_t i;

	for (i = 0; i < p->n_rows; i++) {
		row = &p->rows[i];
		if (!row_fits(row, name) || row->account == 1)
			continue;
		if (row->is_refusal)
			return false;
		if (p->is_local ? conditions[row->condition].holds_local
				: conditions[row->condition].holds)
			is_admitted = true;
	}
	return is_admitted;
}

/* By the answer alone: does a record fit the key, or the CA's? */
static bool
name_is_vouched_for(const struct plan *p, unsigned name)
{
	const struct answer *answer = answer_find(names[name].owner);
	bool is_user = names[name].uid != NULL;
	size_t i;

	if (answer->dnssec != DANCE_DNSSEC_SECURE || answer->is_denied ||
	    (answer->is_wildcard && is_user))
		return false;
	for (i = 0; i < answer->n; i++) {
		const struct record *record = &answer->records[i];

		if (record->selector != 1 || record->matching > 2 ||
		    (p->usages >> record->usage & 1) == 0)
			continue;
		if (record->usage == 3 && !is_user && !answer->is_wildcard &&
		    record->key < KEYS &&
		    memcmp(p->keys[record->key], p->keys[0], 32) == 0)
			return true;
		if (record->usage == 2 && p->is_certificate &&
		    record->key < KEYS &&
		    memcmp(p->keys[record->key], p->keys[1], 32) == 0)
			return true;
	}
	return false;
}

static void
acceptance_check(const struct plan *p, const struct dance_decision *d)
{
	const char *text = d->accepted->match.identity.text;
	unsigned name = 0;

	while (name < NAMES && strcmp(names[name].text, text) != 0)
		name++;
	require(name < NAMES);
	require(name_is_admitted(p, name));
	require(name_is_vouched_for(p, name));
	require(d->line != NULL && strpbrk(d->line, "\n\r") == NULL);
	if (!p->is_certificate)
		return;
	require((p->principals >> name & 1) != 0);
	require(!p->is_spoiled && !p->is_of_hosts);
	require(p->from <= NOW && NOW < p->until);
	require(!p->is_local || !p->is_bound);
	/* sshd is told to take this one principal of the certificate. */
	require(strstr(d->line, text) != NULL);
	require(strncmp(d->line, "cert-authority,", 15) == 0);
}

static void
decide(const struct plan *p, const char *base64)
{
	static struct dance_config config; /* large for a stack */
	struct dance_policy policy = {
		.config = &config, .account = "alice", .is_ordinary = true
	};
	struct dance_offer offer = { .base64 = base64,
		.type = p->is_certificate ? CERTIFICATE : ED25519,
		.use = p->is_local ? DANCE_USE_LOCAL : DANCE_USE_SSHD };
	struct dance_decision d;

	config.min_rsa = 2048;
	config.usages = p->usages;
	require(map_make(p, &policy.map) == 0);
	dance_decide(&policy, &offer, NOW, DEADLINE, &d);
	require((d.verdict == 0) == (d.accepted != NULL));
	if (d.verdict == 0)
		acceptance_check(p, &d);
	else
		require(d.line == NULL && d.verdict != DANCE_ERR_FORMAT);
	dance_decision_clear(&d);
	dance_resolver_free(&policy.resolver);
	dance_map_free(&policy.map);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct plan *p = calloc(1, sizeof(*p));
	struct blob *blob = calloc(1, sizeof(*blob));
	uint8_t seed[32] = { 0 };
	EVP_PKEY *keys[KEYS];
	char *base64 = NULL;
	size_t i, at;

	require(p != NULL && blob != NULL);
	plan_make(&in, p);
	for (i = 0; i < KEYS; i++) {
		seed[0] = (uint8_t)(i + 1);
		keys[i] = key_open(seed, p->keys[i]);
	}
	if (p->is_certificate)
		certificate_make(p, keys[1], blob);
	else
		key_blob(p->keys[0], blob);
	at = ((size_t)input_u8(&in) << 8 | input_u8(&in)) % blob->len;
	if (p->is_certificate && p->is_spoiled)
		blob->data[at] ^= (uint8_t)(input_u8(&in) | 1);
	require(dance_base64_encode(blob->data, blob->len, &base64) == 0);
	plan = p;
	decide(p, base64);
	plan = NULL;
	for (i = 0; i < KEYS; i++)
		EVP_PKEY_free(keys[i]);
	free(base64);
	free(blob);
	free(p);
	return 0;
}
