/* SPDX-License-Identifier: ISC */
/*
 * Three zones from the root down, two of them with keys of each kind, and what
 * the walk says of their answers.  No validator stands before it, so that what
 * it verifies itself shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth_chain.h"
#include "clock.h"
#include "fakezone.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define PC   "pc.corp.example"

#define P256	 LDNS_SIGN_ECDSAP256SHA256, 256
#define RSA(n)	 LDNS_SIGN_RSASHA256, n
#define SHA1(n)	 LDNS_SIGN_RSASHA1, n
#define NSEC3(n) LDNS_SIGN_RSASHA1_NSEC3, n

static const char *const corp_lines[] = {
	"corp.example. 300 IN SOA ns. host. 1 3600 600 86400 60",
	"corp.example. 60 IN NSEC zzz.corp.example. NS SOA RRSIG NSEC DNSKEY",
	"pc.corp.example. 300 IN TLSA 3 1 1 "
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"pc.corp.example. 300 IN TLSA 2 0 1 "
	"ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"*.wild.corp.example. 300 IN TLSA 2 1 1 "
	"66112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"alias.corp.example. 120 IN CNAME pc.corp.example.",
	"away.corp.example. 120 IN CNAME pc.far.",
	"old.corp.example. 300 IN DNAME far.",
	"circle.corp.example. 300 IN CNAME circle.corp.example.",
	NULL,
};

static const char *const far_lines[] = {
	"far. 300 IN SOA ns. host. 1 3600 600 86400 60",
	"far. 60 IN NSEC zzz.far. NS SOA RRSIG NSEC DNSKEY",
	"pc.far. 300 IN TLSA 3 1 1 "
	"55112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"back.far. 300 IN CNAME pc.corp.example.",
	NULL,
};

/* The keys of a zone; none: one of P-256. */
struct keys {
	struct fakezone_key list[3];
	size_t n;
};

static const struct keys strong = { { { P256, true, true } }, 1 };
static const struct keys sha1 = { { { SHA1(2048), true, true } }, 1 };

/* Which DS records the root has of a zone, digests in their order. */
enum ds { DS_SHA256, DS_SHA1, DS_BOTH, DS_SHA1_WRONG_SHA256, DS_SHA384 };

struct tree {
	struct fakezone *root, *corp, *far;
	struct dance_anchors *anchors;
	struct dance_auth_path *path;
	/* Changed before the walk; NULL: not. */
	void (*alter)(ldns_pkt *packet);
	const char *altered; /* at this name */
	unsigned altered_type;
	uint8_t *packets[32];
	size_t n_packets;
};

static char *
ds_line(const struct fakezone *zone, ldns_hash digest, bool is_wrong)
{
	char *line = fakezone_ds(zone, digest);
	char *last = line + strlen(line) - 1;

	while (*last == '\n')
		last--;
	if (is_wrong)
		*last = *last == '0' ? '1' : '0';
	return line;
}

static void
ds_lines(const struct fakezone *zone, enum ds ds, char *ret[2])
{
	ret[1] = NULL;
	switch (ds) {
	case DS_SHA1:
		ret[0] = ds_line(zone, LDNS_SHA1, false);
		break;
	case DS_BOTH:
	case DS_SHA1_WRONG_SHA256:
		ret[0] = ds_line(zone, LDNS_SHA1, false);
		ret[1] = ds_line(zone, LDNS_SHA256, ds != DS_BOTH);
		break;
	case DS_SHA384:
		ret[0] = ds_line(zone, LDNS_SHA384, false);
		break;
	case DS_SHA256:
	default:
		ret[0] = ds_line(zone, LDNS_SHA256, false);
		break;
	}
}

static void
tree_anchor(struct tree *tree, const struct fakezone *zone)
{
	struct dance_fault fault;
	char *text = strdup(zone->anchor);

	assert_non_null(text);
	assert_int_equal(dance_anchors_add_text(
			     tree->anchors, text, strlen(text), "zone", &fault),
	    0);
	free(text);
}

static struct tree *
tree_new(const struct keys *corp, enum ds ds, const struct keys *far)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	char *ds_corp[2], *ds_far[2];
	const char *lines[6] = { ". 300 IN SOA ns. host. 1 3600 600 86400 60",
		". 300 IN NSEC far. NS SOA RRSIG NSEC DNSKEY" };

	assert_non_null(tree);
	tree->corp =
	    fakezone_new_by("corp.example.", corp_lines, corp->list, corp->n);
	tree->far = fakezone_new_by("far.", far_lines, far->list, far->n);
	ds_lines(tree->corp, ds, ds_corp);
	ds_lines(tree->far, DS_SHA256, ds_far);
	lines[2] = ds_far[0];
	lines[3] = ds_corp[0];
	lines[4] = ds_corp[1];
	tree->root = fakezone_new(".", lines);
	tree->root->next = tree->corp;
	tree->corp->next = tree->far;
	free(ds_corp[0]);
	free(ds_corp[1]);
	free(ds_far[0]);
	tree->anchors = calloc(1, sizeof(*tree->anchors));
	tree->path = calloc(1, sizeof(*tree->path));
	assert_non_null(tree->anchors);
	assert_non_null(tree->path);
	tree_anchor(tree, tree->root);
	return tree;
}

static void
tree_free(struct tree *tree)
{
	size_t i;

	for (i = 0; i < tree->n_packets; i++)
		free(tree->packets[i]);
	dance_anchors_free(&tree->anchors);
	fakezone_free(&tree->root);
	fakezone_free(&tree->corp);
	fakezone_free(&tree->far);
	free(tree->path);
	free(tree);
}

static struct dance_bytes
tree_answer(struct tree *tree, const char *name, unsigned type)
{
	struct dance_bytes ret = { NULL, 0 };
	ldns_pkt *packet = NULL;
	uint8_t *data;

	data = fakezone_answer(tree->root, name, type, &ret.len);
	if (tree->alter != NULL && strcmp(name, tree->altered) == 0 &&
	    type == tree->altered_type) {
		assert_int_equal(
		    ldns_wire2pkt(&packet, data, ret.len), LDNS_STATUS_OK);
		free(data);
		tree->alter(packet);
		assert_int_equal(
		    ldns_pkt2wire(&data, packet, &ret.len), LDNS_STATUS_OK);
		ldns_pkt_free(packet);
	}
	assert_true(tree->n_packets < N(tree->packets));
	tree->packets[tree->n_packets++] = data;
	ret.data = data;
	return ret;
}

/* Like a resolver that knows all. */
static struct dance_bytes
tree_find(const void *arg, const char *name, uint16_t type)
{
	struct tree *tree;

	memcpy(&tree, arg, sizeof(tree));
	return tree_answer(tree, name, type);
}

/* All but the DS of one zone. */
static struct dance_bytes
find_but_ds(const void *arg, const char *name, uint16_t type)
{
	if (type == LDNS_RR_TYPE_DS)
		return (struct dance_bytes){ NULL, 0 };
	return tree_find(arg, name, type);
}

static int
tree_walk_until(
    struct tree *tree, const char *owner, unsigned min_rsa, int64_t deadline)
{
	const struct dance_auth_question question = {
		.anchors = tree->anchors,
		.min_rsa = min_rsa,
		.owner = owner,
		.packet = tree_answer(tree, owner, LDNS_RR_TYPE_TLSA),
		.deadline_ms = deadline,
		.find = tree_find,
		.arg = &tree,
	};
	int r;

	memset(tree->path, 0xff, sizeof(*tree->path));
	r = dance_auth_chain_walk(&question, tree->path);
	if (r != 0)
		print_message("%s: %s\n", owner, tree->path->why);
	assert_true((r == 0) == (tree->path->why[0] == '\0'));
	return r;
}

static int
tree_walk(struct tree *tree, const char *owner, unsigned min_rsa)
{
	return tree_walk_until(
	    tree, owner, min_rsa, dance_now_ms() + 600 * 1000);
}

/* A zone that has these keys and DS records. */
static void
keys_and_digests(void **state)
{
	static const struct {
		const char *what;
		struct keys keys;
		enum ds ds;
		unsigned min_rsa;
		int want;
		const char *why;
	} rows[] = {
		{ "P-256", { { { P256, true, true } }, 1 }, DS_SHA256, 4096, 0,
		    NULL },
		{ "a digest of SHA-384", { { { P256, true, true } }, 1 },
		    DS_SHA384, 4096, 0, NULL },
		{ "P-384",
		    { { { LDNS_SIGN_ECDSAP384SHA384, 384, true, true } }, 1 },
		    DS_SHA256, 4096, 0, NULL },
		{ "Ed25519", { { { LDNS_SIGN_ED25519, 256, true, true } }, 1 },
		    DS_SHA256, 4096, 0, NULL },
		{ "RSA 2048", { { { RSA(2048), true, true } }, 1 }, DS_SHA256,
		    2048, 0, NULL },
		{ "RSA 1024", { { { RSA(1024), true, true } }, 1 }, DS_SHA256,
		    1024, 0, NULL },
		{ "RSA 1024 where more is wanted",
		    { { { RSA(1024), true, true } }, 1 }, DS_SHA256, 2048,
		    DANCE_ERR_WEAK_DNSSEC, "RSASHA256 1024 bits, key " },
		{ "RSA 768", { { { RSA(768), true, true } }, 1 }, DS_SHA256,
		    1024, DANCE_ERR_WEAK_DNSSEC, "RSASHA256 768 bits, key " },
		{ "RSA 512", { { { RSA(512), true, true } }, 1 }, DS_SHA256,
		    1024, DANCE_ERR_WEAK_DNSSEC, "zone corp.example: RSA" },
		{ "RSASHA512",
		    { { { LDNS_SIGN_RSASHA512, 2048, true, true } }, 1 },
		    DS_SHA256, 2048, 0, NULL },
		{ "RSASHA1", { { { SHA1(2048), true, true } }, 1 }, DS_SHA256,
		    1024, DANCE_ERR_WEAK_DNSSEC, "RSASHA1 2048 bits, key " },
		{ "RSASHA1-NSEC3", { { { NSEC3(2048), true, true } }, 1 },
		    DS_SHA256, 1024, DANCE_ERR_WEAK_DNSSEC,
		    "RSASHA1-NSEC3-SHA1 2048 bits, key " },
		{ "a strong key that a weak one stands beside",
		    { { { P256, true, true }, { SHA1(2048), true, true } }, 2 },
		    DS_SHA256, 1024, 0, NULL },
		{ "the weak one first",
		    { { { P256, true, false }, { RSA(512), true, true },
			  { RSA(2048), false, true } },
			3 },
		    DS_SHA256, 1024, 0, NULL },
		{ "a strong key names a weak one, which signs",
		    { { { P256, true, false }, { RSA(512), false, true } }, 2 },
		    DS_SHA256, 1024, DANCE_ERR_WEAK_DNSSEC, "512 bits" },
		{ "of another algorithm",
		    { { { P256, true, false }, { SHA1(2048), false, true } },
			2 },
		    DS_SHA256, 1024, DANCE_ERR_WEAK_DNSSEC, "RSASHA1 2048" },
		{ "a weak key names a strong one",
		    { { { RSA(512), true, false }, { P256, false, true } }, 2 },
		    DS_SHA256, 1024, DANCE_ERR_WEAK_DNSSEC, "512 bits" },
		{ "one that nobody names signs the keys too",
		    { { { SHA1(2048), true, false }, { P256, true, true } },
			2 },
		    DS_SHA256, 1024, DANCE_ERR_WEAK_DNSSEC, "RSASHA1 2048" },
		{ "nobody names the one that signs the keys",
		    { { { P256, false, true }, { P256, true, true } }, 2 },
		    DS_SHA256, 1024, DANCE_ERR_DNS_FAILURE, "do not fit" },
		{ "a digest of SHA-1", { { { P256, true, true } }, 1 }, DS_SHA1,
		    1024, DANCE_ERR_WEAK_DNSSEC, "but one of SHA-1" },
		{ "of SHA-1 and SHA-256", { { { P256, true, true } }, 1 },
		    DS_BOTH, 1024, 0, NULL },
		{ "a right one of SHA-1, a wrong one of SHA-256",
		    { { { P256, true, true } }, 1 }, DS_SHA1_WRONG_SHA256, 1024,
		    DANCE_ERR_WEAK_DNSSEC, "but one of SHA-1" },
	};
	struct tree *tree;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		print_message("%s\n", rows[i].what);
		tree = tree_new(&rows[i].keys, rows[i].ds, &strong);
		assert_int_equal(
		    tree_walk(tree, PC, rows[i].min_rsa), rows[i].want);
		if (rows[i].why != NULL)
			assert_non_null(strstr(tree->path->why, rows[i].why));
		assert_string_equal(tree->path->missing, "");
		assert_int_equal(tree->path->n_keys, rows[i].keys.n + 1);
		assert_string_equal(tree->path->keys[0].zone, "corp.example");
		assert_string_equal(tree->path->keys[rows[i].keys.n].zone, ".");
		tree_free(tree);
	}
}

/* Each zone on the way counts, the alias's own and its target's. */
static void
aliases_count_zone_by_zone(void **state)
{
	static const struct {
		const char *owner;
		const struct keys *corp, *far;
		int want;
	} rows[] = {
		{ "alias.corp.example", &strong, &sha1, 0 },
		{ "alias.corp.example", &sha1, &strong, DANCE_ERR_WEAK_DNSSEC },
		{ "away.corp.example", &strong, &strong, 0 },
		{ "away.corp.example", &strong, &sha1, DANCE_ERR_WEAK_DNSSEC },
		{ "away.corp.example", &sha1, &strong, DANCE_ERR_WEAK_DNSSEC },
		{ "pc.old.corp.example", &strong, &strong, 0 },
		{ "pc.old.corp.example", &sha1, &strong,
		    DANCE_ERR_WEAK_DNSSEC },
		{ "back.old.corp.example", &strong, &strong, 0 },
		{ "back.old.corp.example", &strong, &sha1,
		    DANCE_ERR_WEAK_DNSSEC },
		{ "back.far", &strong, &strong, 0 },
		{ "back.far", &sha1, &strong, DANCE_ERR_WEAK_DNSSEC },
		{ "circle.corp.example", &strong, &strong,
		    DANCE_ERR_DNS_FAILURE },
		{ "any.wild.corp.example", &strong, &strong, 0 },
		{ "any.wild.corp.example", &sha1, &strong,
		    DANCE_ERR_WEAK_DNSSEC },
		{ "nobody.corp.example", &strong, &strong,
		    DANCE_ERR_DNS_FAILURE },
	};
	struct tree *tree;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		tree = tree_new(rows[i].corp, DS_SHA256, rows[i].far);
		assert_int_equal(
		    tree_walk(tree, rows[i].owner, 1024), rows[i].want);
		tree_free(tree);
	}
}

static ldns_rr *
packet_first(
    const ldns_rr_list *section, ldns_rr_type type, ldns_rr_type covered)
{
	ldns_rr *rr;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(section); i++) {
		rr = ldns_rr_list_rr(section, i);
		if (ldns_rr_get_type(rr) == type &&
		    (covered == 0 ||
			ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr)) ==
			    covered))
			return rr;
	}
	fail_msg("no such record");
	return NULL;
}

static void
rdf_alter(ldns_rdf *rdf)
{
	ldns_rdf_data(rdf)[ldns_rdf_size(rdf) - 1] ^= 1;
}

static void
alter_record(ldns_pkt *packet)
{
	rdf_alter(ldns_rr_rdf(
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_TLSA, 0), 3));
}

static void
alter_signature(ldns_pkt *packet)
{
	rdf_alter(ldns_rr_rdf(
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_RRSIG, 0), 8));
}

static void
alter_ds(ldns_pkt *packet)
{
	rdf_alter(ldns_rr_rdf(
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_DS, 0), 3));
}

static void
alter_key(ldns_pkt *packet)
{
	rdf_alter(ldns_rr_rdf(
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_DNSKEY, 0), 3));
}

static void
alter_target(ldns_pkt *packet)
{
	ldns_rr *rr =
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_CNAME, 0);

	ldns_rdf_deep_free(
	    ldns_rr_set_rdf(rr, ldns_dname_new_frm_str("pc.far."), 0));
}

/* The target of what a DNAME has made, which nobody signs. */
static void
alter_synthesis(ldns_pkt *packet)
{
	ldns_rr *rr =
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_CNAME, 0);

	ldns_rdf_deep_free(
	    ldns_rr_set_rdf(rr, ldns_dname_new_frm_str("back.far."), 0));
}

static void
alter_denial(ldns_pkt *packet)
{
	ldns_rr *rr =
	    packet_first(ldns_pkt_authority(packet), LDNS_RR_TYPE_NSEC, 0);

	ldns_rdf_deep_free(
	    ldns_rr_set_rdf(rr, ldns_dname_new_frm_str("zzzz."), 0));
}

static void
drop_denial(ldns_pkt *packet)
{
	ldns_rr_list_deep_free(ldns_pkt_authority(packet));
	ldns_pkt_set_authority(packet, ldns_rr_list_new());
	ldns_pkt_set_nscount(packet, 0);
}

static void
drop_signatures(ldns_pkt *packet)
{
	ldns_rr_list *from = ldns_pkt_answer(packet), *to = ldns_rr_list_new();
	ldns_rr *rr;

	while ((rr = ldns_rr_list_pop_rr(from)) != NULL)
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG)
			ldns_rr_free(rr);
		else
			ldns_rr_list_push_rr(to, rr);
	ldns_rr_list_free(from);
	ldns_pkt_set_answer(packet, to);
	ldns_pkt_set_ancount(packet, (uint16_t)ldns_rr_list_rr_count(to));
}

static void
add_text(ldns_pkt *packet, const char *text)
{
	ldns_rr *rr = NULL;

	assert_int_equal(
	    ldns_rr_new_frm_str(&rr, text, 300, NULL, NULL), LDNS_STATUS_OK);
	assert_true(ldns_pkt_push_rr(packet, LDNS_SECTION_ANSWER, rr));
}

static void
add_record(ldns_pkt *packet)
{
	add_text(packet, PC ". 300 IN TLSA 3 1 1 aabb");
}

static void
add_strange_record(ldns_pkt *packet)
{
	add_text(packet, "other.corp.example. 300 IN TLSA 3 1 1 aabb");
}

/* A signature that a zone above has made would be of no use here. */
static void
change_signer(ldns_pkt *packet)
{
	ldns_rr *rr =
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_RRSIG, 0);

	ldns_rdf_deep_free(ldns_rr_set_rdf(rr, ldns_dname_new_frm_str("."), 7));
}

static void
change_owner(ldns_pkt *packet)
{
	ldns_rr_list *section = ldns_pkt_answer(packet);
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(section); i++) {
		ldns_rr *rr = ldns_rr_list_rr(section, i);

		ldns_rdf_deep_free(ldns_rr_owner(rr));
		ldns_rr_set_owner(
		    rr, ldns_dname_new_frm_str("other.corp.example."));
	}
}

static void
add_signatures(ldns_pkt *packet)
{
	ldns_rr *rr =
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_RRSIG, 0);
	size_t i;

	for (i = 0; i < DANCE_AUTH_SIGNATURES_MAX; i++) {
		rdf_alter(ldns_rr_rdf(rr, 8));
		assert_true(ldns_pkt_push_rr(
		    packet, LDNS_SECTION_ANSWER, ldns_rr_clone(rr)));
	}
}

static void
add_keys(ldns_pkt *packet)
{
	ldns_rr *rr =
	    packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_DNSKEY, 0);
	size_t i;

	for (i = 0; i < DANCE_AUTH_ZONE_KEYS_MAX; i++) {
		ldns_rdf_data(ldns_rr_rdf(rr, 3))[i] ^= 1;
		assert_true(ldns_pkt_push_rr(
		    packet, LDNS_SECTION_ANSWER, ldns_rr_clone(rr)));
	}
}

static void
add_digests(ldns_pkt *packet)
{
	ldns_rr *rr = packet_first(ldns_pkt_answer(packet), LDNS_RR_TYPE_DS, 0);
	size_t i;

	for (i = 0; i < DANCE_AUTH_DS_MAX; i++) {
		ldns_rdf_data(ldns_rr_rdf(rr, 3))[i % 32] ^= 1;
		assert_true(ldns_pkt_push_rr(
		    packet, LDNS_SECTION_ANSWER, ldns_rr_clone(rr)));
	}
}

static void
only_end(ldns_pkt *packet)
{
	ldns_rr_list_deep_free(ldns_pkt_answer(packet));
	ldns_pkt_set_answer(packet, ldns_rr_list_new());
	ldns_pkt_set_ancount(packet, 0);
}

/* What is changed on the way is no proof, and no weakness either. */
static void
what_is_altered_is_not_proven(void **state)
{
	static const struct {
		const char *owner, *at;
		unsigned type;
		void (*alter)(ldns_pkt *packet);
	} rows[] = {
		{ PC, PC, LDNS_RR_TYPE_TLSA, alter_record },
		{ PC, PC, LDNS_RR_TYPE_TLSA, alter_signature },
		{ PC, PC, LDNS_RR_TYPE_TLSA, drop_signatures },
		{ PC, PC, LDNS_RR_TYPE_TLSA, add_record },
		{ PC, PC, LDNS_RR_TYPE_TLSA, add_strange_record },
		{ PC, PC, LDNS_RR_TYPE_TLSA, change_signer },
		{ PC, PC, LDNS_RR_TYPE_TLSA, change_owner },
		{ PC, PC, LDNS_RR_TYPE_TLSA, add_signatures },
		{ PC, PC, LDNS_RR_TYPE_TLSA, only_end },
		{ PC, "corp.example", LDNS_RR_TYPE_DS, alter_ds },
		{ PC, "corp.example", LDNS_RR_TYPE_DS, alter_signature },
		{ PC, "corp.example", LDNS_RR_TYPE_DS, drop_signatures },
		{ PC, "corp.example", LDNS_RR_TYPE_DS, add_digests },
		{ PC, "corp.example", LDNS_RR_TYPE_DS, only_end },
		{ PC, "corp.example", LDNS_RR_TYPE_DNSKEY, alter_key },
		{ PC, "corp.example", LDNS_RR_TYPE_DNSKEY, alter_signature },
		{ PC, "corp.example", LDNS_RR_TYPE_DNSKEY, drop_signatures },
		{ PC, "corp.example", LDNS_RR_TYPE_DNSKEY, add_keys },
		{ PC, "corp.example", LDNS_RR_TYPE_DNSKEY, only_end },
		{ PC, ".", LDNS_RR_TYPE_DNSKEY, alter_key },
		{ PC, ".", LDNS_RR_TYPE_DNSKEY, alter_signature },
		{ "away.corp.example", "away.corp.example", LDNS_RR_TYPE_TLSA,
		    alter_record },
		{ "alias.corp.example", "alias.corp.example", LDNS_RR_TYPE_TLSA,
		    alter_synthesis },
		{ "back.old.corp.example", "back.old.corp.example",
		    LDNS_RR_TYPE_TLSA, alter_target },
		{ "any.wild.corp.example", "any.wild.corp.example",
		    LDNS_RR_TYPE_TLSA, alter_denial },
		{ "any.wild.corp.example", "any.wild.corp.example",
		    LDNS_RR_TYPE_TLSA, drop_denial },
	};
	struct tree *tree = tree_new(&strong, DS_SHA256, &strong);
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		print_message("%zu: ", i);
		tree->alter = NULL;
		assert_int_equal(tree_walk(tree, rows[i].owner, 1024), 0);
		tree->alter = rows[i].alter;
		tree->altered = rows[i].at;
		tree->altered_type = rows[i].type;
		assert_int_equal(tree_walk(tree, rows[i].owner, 1024),
		    DANCE_ERR_DNS_FAILURE);
		for (; tree->n_packets > 0; tree->n_packets--)
			free(tree->packets[tree->n_packets - 1]);
	}
	tree_free(tree);
}

static void
a_missing_answer_is_named(void **state)
{
	struct tree *tree = tree_new(&strong, DS_SHA256, &strong);
	const struct dance_auth_question question = {
		.anchors = tree->anchors,
		.owner = PC,
		.packet = tree_answer(tree, PC, LDNS_RR_TYPE_TLSA),
		.deadline_ms = dance_now_ms() + 600 * 1000,
		.find = find_but_ds,
		.arg = &tree,
	};

	(void)state;
	assert_int_equal(dance_auth_chain_walk(&question, tree->path),
	    DANCE_ERR_DNS_FAILURE);
	assert_string_equal(tree->path->missing, "corp.example");
	assert_int_equal(tree->path->missing_type, LDNS_RR_TYPE_DS);
	assert_string_equal(
	    tree->path->why, "zone corp.example: its DS records are missing");
	tree_free(tree);
}

static void
nothing_is_verified_too_late(void **state)
{
	struct tree *tree = tree_new(&strong, DS_SHA256, &strong);

	(void)state;
	assert_int_equal(tree_walk_until(tree, PC, 1024, dance_now_ms()),
	    DANCE_ERR_DNS_FAILURE);
	assert_non_null(strstr(tree->path->why, "no time was left"));
	tree_free(tree);
}

/* The zone's own: what stands above it is not looked at. */
static void
the_closest_anchor_counts(void **state)
{
	struct tree *tree = tree_new(&strong, DS_SHA1, &strong);

	(void)state;
	assert_int_equal(tree_walk(tree, PC, 1024), DANCE_ERR_WEAK_DNSSEC);
	tree_anchor(tree, tree->corp);
	assert_int_equal(tree_walk(tree, PC, 1024), 0);
	assert_int_equal(tree->path->n_keys, 1);
	dance_anchors_free(&tree->anchors);
	tree->anchors = calloc(1, sizeof(*tree->anchors));
	assert_non_null(tree->anchors);
	tree_anchor(tree, tree->far);
	/* Under none the walk goes on to the root, of which no DS can be. */
	assert_int_equal(tree_walk(tree, PC, 1024), DANCE_ERR_DNS_FAILURE);
	tree_free(tree);
}

/* Zeros in front make no key larger, and some exponents make none. */
static void
sizes_of_rsa_keys(void **state)
{
	static const struct {
		const uint8_t head[8];
		size_t n_head, n_zeros, n_modulus;
		uint8_t first;
		unsigned bits; /* 0: no key */
		bool is_weak;
	} rows[] = {
		{ { 3, 1, 0, 1 }, 4, 0, 128, 0x80, 1024, false },
		{ { 0, 0, 3, 1, 0, 1 }, 6, 0, 128, 0xff, 1024, false },
		{ { 1, 3 }, 2, 0, 256, 0x80, 2048, false },
		{ { 3, 1, 0, 1 }, 4, 0, 128, 0x7f, 1023, true },
		{ { 3, 1, 0, 1 }, 4, 0, 128, 0x01, 1017, true },
		{ { 3, 1, 0, 1 }, 4, 64, 64, 0x80, 512, true },
		{ { 3, 1, 0, 1 }, 4, 128, 0, 0, 0, true },
		{ { 1, 1 }, 2, 0, 256, 0x80, 2048, true },
		{ { 2, 0, 1 }, 3, 0, 256, 0x80, 2048, true },
		{ { 1, 2 }, 2, 0, 256, 0x80, 2048, true },
		{ { 1, 0 }, 2, 0, 256, 0x80, 2048, true },
		{ { 3, 1, 0, 1 }, 4, 0, 512, 0x80, 4096, false },
		{ { 3, 1, 0, 1 }, 4, 1, 512, 0x80, 4096, false },
		{ { 3, 1, 0, 1 }, 4, 0, 513, 0x80, 0, false },
		{ { 0 }, 1, 0, 0, 0, 0, false },
		{ { 0, 0, 0 }, 3, 0, 128, 0x80, 0, false },
		{ { 200 }, 1, 0, 100, 0x80, 0, false },
		{ { 3, 1, 0, 1 }, 4, 0, 0, 0, 0, false },
	};
	struct dance_auth_key key = { .bits = 77 };
	uint8_t data[1024];
	ldns_rr *rr;
	size_t i;
	int r;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		memcpy(data, rows[i].head, sizeof(rows[i].head));
		memset(data + rows[i].n_head, 0, rows[i].n_zeros);
		memset(data + rows[i].n_head + rows[i].n_zeros, 0x55,
		    rows[i].n_modulus);
		data[rows[i].n_head + rows[i].n_zeros] = rows[i].first;
		rr = ldns_rr_new();
		ldns_rr_set_type(rr, LDNS_RR_TYPE_DNSKEY);
		ldns_rr_push_rdf(
		    rr, ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, 256));
		ldns_rr_push_rdf(
		    rr, ldns_native2rdf_int8(LDNS_RDF_TYPE_INT8, 3));
		ldns_rr_push_rdf(
		    rr, ldns_native2rdf_int8(LDNS_RDF_TYPE_ALG, 8));
		ldns_rr_push_rdf(rr,
		    ldns_rdf_new_frm_data(LDNS_RDF_TYPE_B64,
			rows[i].n_head + rows[i].n_zeros + rows[i].n_modulus,
			data));
		r = dance_auth_key_read(rr, 1024, &key);
		print_message("%zu: %d, %u bits\n", i, r, key.bits);
		assert_true((r == 0) == (rows[i].bits != 0 || rows[i].is_weak));
		if (r == 0) {
			assert_int_equal(key.bits, rows[i].bits);
			assert_true((key.weak != NULL) == rows[i].is_weak);
		}
		ldns_rr_free(rr);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_digests),
		cmocka_unit_test(aliases_count_zone_by_zone),
		cmocka_unit_test(what_is_altered_is_not_proven),
		cmocka_unit_test(a_missing_answer_is_named),
		cmocka_unit_test(nothing_is_verified_too_late),
		cmocka_unit_test(the_closest_anchor_counts),
		cmocka_unit_test(sizes_of_rsa_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
