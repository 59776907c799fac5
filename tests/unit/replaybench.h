/* SPDX-License-Identifier: ISC */
/*
 * What the tests of proofs share: three zones from the root down, with a name
 * between that is none, aliases of each kind, and a proof that is kept when
 * the servers are gone.
 */
#ifndef REPLAYBENCH_H
#define REPLAYBENCH_H

#include <time.h>

#include "resolverbench.h"

#define FAR  "pc.elsewhere"
#define WILD "anything.elsewhere"

enum tree_zone { ROOT, CORP, ELSEWHERE, TREE_ZONES };

static const char *const corp_lines[] = {
	"corp.example. 300 IN SOA ns. host. 1 3600 600 86400 60",
	"corp.example. 300 IN NS ns.elsewhere.",
	"corp.example. 60 IN NSEC zzz.corp.example. NS SOA RRSIG NSEC DNSKEY",
	"laptop._device.corp.example. 300 IN TLSA 3 1 1 "
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"laptop._device.corp.example. 300 IN TLSA 2 0 1 "
	"ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"other.corp.example. 300 IN TLSA 3 1 1 "
	"99112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"alias.corp.example. 120 IN CNAME laptop._device.corp.example.",
	"one.corp.example. 300 IN CNAME two.corp.example.",
	"two.corp.example. 300 IN CNAME three.corp.example.",
	"three.corp.example. 300 IN CNAME pc.elsewhere.",
	"wild.corp.example. 300 IN CNAME anything.elsewhere.",
	"old.corp.example. 300 IN DNAME elsewhere.",
	"circle.corp.example. 300 IN CNAME round.corp.example.",
	"round.corp.example. 300 IN CNAME circle.corp.example.",
	"spiral.corp.example. 300 IN DNAME a.spiral.corp.example.",
	NULL,
};

static const char *const elsewhere_lines[] = {
	"elsewhere. 300 IN SOA ns. host. 1 3600 600 86400 60",
	"elsewhere. 300 IN NS ns.elsewhere.",
	"elsewhere. 60 IN NSEC zzz.elsewhere. NS SOA RRSIG NSEC DNSKEY",
	"pc.elsewhere. 300 IN TLSA 3 1 1 "
	"55112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"*.elsewhere. 300 IN TLSA 2 1 1 "
	"66112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	NULL,
};

/* A bench whose zone is the root of the tree. */
struct tree {
	struct bench bench;
	struct fakezone *zones[TREE_ZONES];
};

static inline struct fakezone *
tree_root(const char *corp_apex, const char *corp_ds, const char *elsewhere_ds)
{
	char text[2][300];
	const char *lines[] = {
		". 300 IN SOA ns. host. 1 3600 600 86400 60",
		". 300 IN NS ns.elsewhere.",
		text[0],
		text[1],
		"elsewhere. 300 IN NSEC . NS DS RRSIG NSEC",
		corp_ds,
		elsewhere_ds,
		NULL,
	};

	(void)snprintf(text[0], sizeof(text[0]),
	    ". 300 IN NSEC %s NS SOA RRSIG NSEC DNSKEY", corp_apex);
	(void)snprintf(text[1], sizeof(text[1]),
	    "%s 300 IN NSEC elsewhere. NS DS RRSIG NSEC", corp_apex);
	return fakezone_new(".", lines);
}

/* Make the anchor the key of another zone. */
static inline void
tree_anchor(struct bench *bench, const struct fakezone *zone)
{
	char *text = strdup(zone->anchor);

	dance_anchors_free(&bench->anchors);
	bench->anchors = calloc(1, sizeof(*bench->anchors));
	assert_non_null(bench->anchors);
	assert_non_null(text);
	assert_int_equal(dance_anchors_add_text(bench->anchors, text,
			     strlen(text), "zone", &bench->fault),
	    0);
	free(text);
}

static inline struct tree *
tree_new(const char *corp_apex, const char *const *lines)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	struct bench *bench;

	if (tree == NULL)
		abort();
	bench = &tree->bench;
	tree->zones[CORP] = fakezone_new(corp_apex, lines);
	tree->zones[ELSEWHERE] = fakezone_new("elsewhere.", elsewhere_lines);
	tree->zones[ROOT] = tree_root(
	    corp_apex, tree->zones[CORP]->ds, tree->zones[ELSEWHERE]->ds);
	tree->zones[ROOT]->next = tree->zones[CORP];
	tree->zones[CORP]->next = tree->zones[ELSEWHERE];
	bench->zone = tree->zones[ROOT];
	bench->config = calloc(1, sizeof(*bench->config));
	if (bench->config == NULL)
		abort();
	bench->config->timeout_ms = 3000;
	tree_anchor(bench, bench->zone);
	return tree;
}

static inline int
tree_setup(void **state)
{
	*state = tree_new("corp.example.", corp_lines);
	return 0;
}

static inline int
tree_teardown(void **state)
{
	struct tree *tree = *state;
	struct bench *bench = *state;
	size_t i;

	dance_resolver_free(&bench->resolver);
	for (i = 0; i < N(bench->servers); i++)
		fakedns_stop(&bench->servers[i]);
	dance_anchors_free(&bench->anchors);
	for (i = 0; i < TREE_ZONES; i++)
		fakezone_free(&tree->zones[i]);
	free(bench->config);
	free(tree);
	return 0;
}

/* A proof that owns what it holds, each packet ending where its memory ends. */
struct kept {
	struct dance_proof_set set;
	char names[DANCE_PROOF_MAX][DANCE_NAME_MAX + 2];
	uint8_t *packets[DANCE_PROOF_MAX];
};

static inline void
kept_put(struct kept *kept, size_t i, const uint8_t *packet, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	if (len > 0)
		memcpy(copy, packet, len);
	free(kept->packets[i]);
	kept->packets[i] = copy;
	kept->set.list[i].packet = (struct dance_bytes){ copy, len };
}

static inline struct kept *
kept_new(const struct dance_proof_set *set)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	size_t i;

	assert_non_null(kept);
	kept->set = *set;
	for (i = 0; i < set->n; i++) {
		(void)snprintf(kept->names[i], sizeof(kept->names[i]), "%s",
		    set->list[i].name);
		kept->set.list[i].name = kept->names[i];
		kept_put(
		    kept, i, set->list[i].packet.data, set->list[i].packet.len);
	}
	return kept;
}

static inline void
kept_free(struct kept **kept)
{
	size_t i;

	if (*kept == NULL)
		return;
	for (i = 0; i < N((*kept)->packets); i++)
		free((*kept)->packets[i]);
	free(*kept);
	*kept = NULL;
}

/* The place of an answer in a proof; n if it is not there. */
static inline size_t
proof_find(const struct dance_proof_set *set, const char *name, unsigned type)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->list[i].type == type &&
		    strcmp(set->list[i].name, name) == 0)
			break;
	return i;
}

static inline bool
proof_has(const struct dance_proof_set *set, const char *name, unsigned type)
{
	return proof_find(set, name, type) < set->n;
}

/* Ask for a name, which must be secure data, and prove it. */
static inline int
bench_prove(struct bench *bench, const char *owner, int64_t timeout,
    struct dance_rrset *rrset, struct dance_proof_set *ret)
{
	(void)bench_ask(bench, owner, DEADLINE, rrset);
	assert_string_equal(rrset->why, "");
	assert_int_equal(rrset->dnssec, DANCE_DNSSEC_SECURE);
	assert_false(rrset->is_denied);
	memset(ret, 0xff, sizeof(*ret));
	return dance_resolver_prove(
	    bench->resolver, owner, rrset, dance_now_ms() + timeout, ret);
}

#define TREE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

#endif
