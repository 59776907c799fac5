/* SPDX-License-Identifier: ISC */
/*
 * The proof of an answer: whole or none, until when it holds, and that nothing
 * is waited for longer than it may be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "offline.h"
#include "replaybench.h"
#include "resolver_internal.h"

/* What a test fills; too large for a stack. */
struct proof_case {
	struct dance_rrset rrset;
	struct dance_proof_set proof;
};

static struct proof_case *
case_new(void)
{
	struct proof_case *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	return c;
}

static void
case_free(struct proof_case *c)
{
	dance_rrset_clear(&c->rrset);
	free(c);
}

/* Exactly these answers, the name's own in front. */
static void
proof_is(const struct dance_proof_set *proof,
    const struct dance_signed_answer *want, size_t n)
{
	size_t i;

	for (i = 0; i < proof->n; i++)
		print_message(
		    "%s %u\n", proof->list[i].name, proof->list[i].type);
	assert_int_equal(proof->n, n);
	for (i = 0; i < n; i++)
		assert_true(proof_has(proof, want[i].name, want[i].type));
	assert_string_equal(proof->list[0].name, want[0].name);
	assert_int_equal(proof->list[0].type, want[0].type);
}

#define KEYS_CORP                                     \
	{ "corp.example", TYPE_KEY, { NULL, 0 } },    \
	    { "corp.example", TYPE_DS, { NULL, 0 } }, \
	    { "example", TYPE_KEY, { NULL, 0 } },     \
	{                                             \
		"example", TYPE_DS,                   \
		{                                     \
			NULL, 0                       \
		}                                     \
	}
#define KEYS_ELSEWHERE                          \
	{ "elsewhere", TYPE_KEY, { NULL, 0 } }, \
	{                                       \
		"elsewhere", TYPE_DS,           \
		{                               \
			NULL, 0                 \
		}                               \
	}
#define KEYS_ROOT               \
	{                       \
		".", TYPE_KEY,  \
		{               \
			NULL, 0 \
		}               \
	}
#define TLSA_OF(name)            \
	{                        \
		name, TYPE_TLSA, \
		{                \
			NULL, 0  \
		}                \
	}

static void
proven_by(struct bench *bench, const char *owner,
    const struct dance_signed_answer *want, size_t n)
{
	struct proof_case *c = case_new();

	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(
	    bench_prove(bench, owner, DEADLINE, &c->rrset, &c->proof), 0);
	proof_is(&c->proof, want, n);
	case_free(c);
}

static void
a_name_is_proven_from_the_root(void **state)
{
	static const struct dance_signed_answer want[] = { TLSA_OF(ALICE),
		KEYS_CORP, KEYS_ROOT };

	proven_by(*state, ALICE, want, N(want));
}

/* Nothing above an anchor is asked, or kept. */
static void
a_name_is_proven_from_its_own_anchor(void **state)
{
	static const struct dance_signed_answer want[] = { TLSA_OF(ALICE),
		{ "corp.example", TYPE_KEY, { NULL, 0 } } };
	struct bench *bench = *state;

	tree_anchor(bench, bench->zone->next);
	proven_by(bench, ALICE, want, N(want));
	dance_resolver_free(&bench->resolver);
	assert_int_equal(fakedns_count(bench->servers[0], ".", TYPE_KEY), 0);
	assert_int_equal(
	    fakedns_count(bench->servers[0], "corp.example.", TYPE_DS), 0);
}

static void
an_alias_brings_its_targets(void **state)
{
	static const struct dance_signed_answer want[] = {
		TLSA_OF("one.corp.example"), TLSA_OF("two.corp.example"),
		TLSA_OF("three.corp.example"), TLSA_OF(FAR), KEYS_CORP,
		KEYS_ELSEWHERE, KEYS_ROOT
	};

	proven_by(*state, "one.corp.example", want, N(want));
}

static void
an_alias_to_a_wildcard_brings_its_target(void **state)
{
	static const struct dance_signed_answer want[] = {
		TLSA_OF("wild.corp.example"), TLSA_OF(WILD), KEYS_CORP,
		KEYS_ELSEWHERE, KEYS_ROOT
	};

	proven_by(*state, "wild.corp.example", want, N(want));
}

static void
a_dname_brings_its_target(void **state)
{
	static const struct dance_signed_answer want[] = {
		TLSA_OF("pc.old.corp.example"), TLSA_OF(FAR), KEYS_CORP,
		KEYS_ELSEWHERE, KEYS_ROOT
	};

	proven_by(*state, "pc.old.corp.example", want, N(want));
}

static void
zone_set_ttl(struct fakezone *zone, unsigned type, uint32_t ttl)
{
	ldns_rr *rr;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(zone->records); i++) {
		rr = ldns_rr_list_rr(zone->records, i);
		if (ldns_rr_get_type(rr) == (ldns_rr_type)type)
			ldns_rr_set_ttl(rr, ttl);
	}
	fakezone_sign_again(zone, time(NULL) - 3600, time(NULL) + 86400);
}

/* The TTL that a server announces beside what it has signed. */
static void
zone_announce(struct fakezone *zone, uint32_t ttl)
{
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(zone->records); i++)
		ldns_rr_set_ttl(ldns_rr_list_rr(zone->records, i), ttl);
}

/*
 * TTLs of each kind in turn are the shortest of all, and those announced are
 * as long as an attacker likes.
 */
static void
valid_when(struct bench *bench, size_t zone, unsigned type, uint32_t ttl,
    bool is_announced)
{
	struct tree *tree = (struct tree *)bench;
	struct proof_case *c = case_new();
	time_t before = time(NULL);
	size_t i;

	if (zone < TREE_ZONES)
		zone_set_ttl(tree->zones[zone], type, ttl);
	for (i = 0; is_announced && i < TREE_ZONES; i++)
		zone_announce(tree->zones[i], 7 * 86400);
	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(bench_prove(bench, "one.corp.example", DEADLINE,
			     &c->rrset, &c->proof),
	    0);
	assert_in_range(c->proof.valid_until, before + ttl, time(NULL) + ttl);
	case_free(c);
}

#define VALID_TEST(name, zone, type, ttl)                   \
	static void name(void **state)                      \
	{                                                   \
		valid_when(*state, zone, type, ttl, false); \
	}                                                   \
	static void announced_##name(void **state)          \
	{                                                   \
		valid_when(*state, zone, type, ttl, true);  \
	}

/* The denial of a DS between: the SOA's minimum. */
VALID_TEST(the_denial_ends_first, TREE_ZONES, 0, 60)
VALID_TEST(the_data_end_first, ELSEWHERE, TYPE_TLSA, 20)
VALID_TEST(the_alias_ends_first, CORP, 5, 20)
VALID_TEST(the_keys_end_first, CORP, TYPE_KEY, 20)
VALID_TEST(the_keys_of_the_target_end_first, ELSEWHERE, TYPE_KEY, 20)
VALID_TEST(the_ds_ends_first, ROOT, TYPE_DS, 20)
VALID_TEST(the_root_ends_first, ROOT, TYPE_KEY, 20)
VALID_TEST(data_of_no_time_end_at_once, ELSEWHERE, TYPE_TLSA, 0)
VALID_TEST(keys_of_no_time_end_at_once, CORP, TYPE_KEY, 0)
VALID_TEST(a_root_of_no_time_ends_at_once, ROOT, TYPE_KEY, 0)

static void
signed_with(struct bench *bench, size_t zone)
{
	struct tree *tree = (struct tree *)bench;
	struct proof_case *c = case_new();
	time_t until = time(NULL) + 5000;

	fakezone_sign_again(tree->zones[zone], time(NULL) - 3600, until);
	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(bench_prove(bench, "one.corp.example", DEADLINE,
			     &c->rrset, &c->proof),
	    0);
	assert_int_equal(c->proof.signed_until, until);
	case_free(c);
}

static void
the_signatures_of_the_root_end_first(void **state)
{
	signed_with(*state, ROOT);
}

static void
the_signatures_of_the_zone_end_first(void **state)
{
	signed_with(*state, CORP);
}

static void
the_signatures_of_the_target_end_first(void **state)
{
	signed_with(*state, ELSEWHERE);
}

/* One of the keys comes only when it is asked for once more. */
static void
a_late_key_is_waited_for(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;
	int64_t start;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(bench->servers[0], "example.", TYPE_KEY, FAKEDNS_SILENT);
	assert_int_equal(bench_prove(bench, ALICE, 0, &c->rrset, &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	start = dance_now_ms();
	assert_int_equal(dance_resolver_prove(bench->resolver, ALICE, &c->rrset,
			     start + 250, &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	assert_in_range(dance_now_ms() - start, 240, 250 + SLACK);
	fakedns_except(bench->servers[0], "example.", TYPE_KEY, FAKEDNS_GOOD);
	assert_int_equal(dance_resolver_prove(bench->resolver, ALICE, &c->rrset,
			     dance_now_ms() + DEADLINE, &c->proof),
	    0);
	assert_true(proof_has(&c->proof, "example", TYPE_KEY));
	case_free(c);
}

static void
a_failed_key_is_not_waited_for(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;
	int64_t start;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(
	    bench->servers[0], "example.", TYPE_KEY, FAKEDNS_SERVFAIL);
	start = dance_now_ms();
	assert_int_equal(
	    bench_prove(bench, ALICE, 4 * DEADLINE, &c->rrset, &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	assert_true(dance_now_ms() - start < 2 * DEADLINE);
	case_free(c);
}

/* A key that is asked for beside the name, and does not come. */
static void
a_refused_key_proves_nothing(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(
	    bench->servers[0], "example.", TYPE_KEY, FAKEDNS_REFUSED);
	assert_int_equal(
	    bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	case_free(c);
}

/*
 * One that comes, but not as it was signed.  libunbound may know the record
 * from another answer and put it right; then the proof must hold.
 */
static void
unproven_with(struct bench *bench, enum fakedns_manner manner)
{
	struct proof_case *c = case_new();
	struct dance_rrset again;
	int r;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(bench->servers[0], "example.", TYPE_KEY, manner);
	r = bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof);
	if (r == 0) {
		assert_int_equal(
		    dance_offline_judge(bench->config, bench->anchors, ALICE,
			&c->proof, dance_now_ms() + DEADLINE, &again,
			&bench->fault),
		    0);
		assert_int_equal(again.dnssec, DANCE_DNSSEC_SECURE);
		dance_rrset_clear(&again);
	} else
		assert_int_equal(r, DANCE_ERR_DNS_FAILURE);
	case_free(c);
}

static void
a_bogus_key_proves_nothing(void **state)
{
	unproven_with(*state, FAKEDNS_ALTERED);
}

static void
a_key_without_signatures_proves_nothing(void **state)
{
	unproven_with(*state, FAKEDNS_STRIPPED);
}

/* What is once there stays there: a second name asks for nothing twice. */
static void
what_is_there_is_not_asked_again(void **state)
{
	struct proof_case *c = case_new(), *other = case_new();
	struct bench *bench = *state;
	static const char *const names[] = { "corp.example.", "example.", "." };
	size_t i, n[3][2];

	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(
	    bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof), 0);
	for (i = 0; i < 3; i++) {
		n[i][0] = fakedns_count(bench->servers[0], names[i], TYPE_DS);
		n[i][1] = fakedns_count(bench->servers[0], names[i], TYPE_KEY);
	}
	assert_int_equal(bench_prove(bench, "other.corp.example", DEADLINE,
			     &other->rrset, &other->proof),
	    0);
	assert_int_equal(c->proof.n, other->proof.n);
	assert_int_equal(dance_resolver_prove(bench->resolver, ALICE, &c->rrset,
			     dance_now_ms(), &c->proof),
	    0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(
		    fakedns_count(bench->servers[0], names[i], TYPE_DS),
		    n[i][0]);
		assert_int_equal(
		    fakedns_count(bench->servers[0], names[i], TYPE_KEY),
		    n[i][1]);
	}
	case_free(c);
	case_free(other);
}

static void
a_dead_upstream_and_a_good_one(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(
	    bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof), 0);
	assert_int_equal(c->proof.n, 6);
	case_free(c);
}

/* The data from the second, and one of the keys from the first alone. */
static void
two_upstreams_make_one_proof(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(bench->servers[0], ALICE ".", TYPE_TLSA, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(bench->servers[1], "example.", TYPE_KEY, FAKEDNS_SILENT);
	assert_int_equal(
	    bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof), 0);
	assert_int_equal(c->proof.n, 6);
	case_free(c);
}

/* The first lies about a key, the second does not. */
static void
a_bogus_key_does_not_stand_for_a_good_one(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;
	size_t i;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(
	    bench->servers[0], "corp.example.", TYPE_KEY, FAKEDNS_STRIPPED);
	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(
	    bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof), 0);
	i = proof_find(&c->proof, "corp.example", TYPE_KEY);
	assert_true(c->proof.list[i].packet.len > 150);
	case_free(c);
}

static void
no_proof_without_a_readable_answer(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;
	struct dance_rrset bad;
	size_t len;

	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(
	    bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof), 0);
	for (len = 0; len < c->rrset.packet_len; len++) {
		bad = c->rrset;
		bad.packet_len = len;
		assert_int_equal(dance_resolver_prove(bench->resolver, ALICE,
				     &bad, dance_now_ms(), &c->proof),
		    DANCE_ERR_DNS_FAILURE);
	}
	bad.packet = NULL;
	bad.packet_len = 0;
	assert_int_equal(dance_resolver_prove(bench->resolver, ALICE, &bad,
			     dance_now_ms(), &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	case_free(c);
}

/* Nobody who signed it is below an anchor, or nobody signed it at all. */
static void
no_proof_without_an_anchor(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;
	struct tree *tree = *state;
	struct dance_rrset bad;
	ldns_rr_list *empty = ldns_rr_list_new();
	ldns_rr_list *all = tree->zones[CORP]->records;

	tree_anchor(bench, tree->zones[CORP]);
	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(
	    bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof), 0);
	bad = c->rrset;
	bad.packet =
	    fakezone_answer(bench->zone, FAR ".", TYPE_TLSA, &bad.packet_len);
	assert_int_equal(dance_resolver_prove(bench->resolver, FAR, &bad,
			     dance_now_ms() + DEADLINE, &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	free(bad.packet);
	tree->zones[CORP]->records = empty;
	bad.packet =
	    fakezone_answer(bench->zone, ALICE ".", TYPE_TLSA, &bad.packet_len);
	tree->zones[CORP]->records = all;
	assert_int_equal(dance_resolver_prove(bench->resolver, ALICE, &bad,
			     dance_now_ms() + DEADLINE, &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	free(bad.packet);
	ldns_rr_list_deep_free(empty);
	case_free(c);
}

/* A zone with so many labels above it. */
static int
deep_prove(size_t n_labels, size_t *ret_n)
{
	static char apex[128], owner[160], text[4][320];
	const char *lines[] = { text[0], text[1], text[2], text[3], NULL };
	struct proof_case *c = case_new();
	struct tree *tree;
	void *state;
	size_t i;
	int r;

	for (i = 0; i < n_labels; i++)
		(void)snprintf(apex + 2 * i, sizeof(apex) - 2 * i, "d.");
	(void)snprintf(
	    owner, sizeof(owner), "pc.%.*s", (int)(2 * n_labels - 1), apex);
	(void)snprintf(text[0], sizeof(text[0]),
	    "%s 300 IN SOA ns. host. 1 3600 600 86400 60", apex);
	(void)snprintf(text[1], sizeof(text[1]), "%s 300 IN NS ns.", apex);
	(void)snprintf(
	    text[2], sizeof(text[2]), "%s. 300 IN TLSA 3 1 1 00", owner);
	(void)snprintf(text[3], sizeof(text[3]),
	    "%s 300 IN NSEC zzz.%s NS SOA RRSIG NSEC DNSKEY", apex, apex);
	state = tree = tree_new(apex, lines);
	bench_add(&tree->bench, FAKEDNS_GOOD);
	r = bench_prove(&tree->bench, owner, DEADLINE, &c->rrset, &c->proof);
	*ret_n = c->proof.n;
	case_free(c);
	(void)tree_teardown(&state);
	return r;
}

static void
a_long_proof_is_none(void **state)
{
	size_t n;

	(void)state;
	assert_int_equal(deep_prove(30, &n), 0);
	assert_int_equal(n, 62);
	assert_int_equal(deep_prove(31, &n), DANCE_ERR_DNS_FAILURE);
	assert_int_equal(deep_prove(40, &n), DANCE_ERR_DNS_FAILURE);
}

/* More questions than are remembered; none may be forgotten half. */
static void
more_questions_than_fit(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;
	struct dance_resolver *resolver;
	char name[64];
	unsigned i;

	bench_add(bench, FAKEDNS_GOOD);
	bench_open(bench);
	resolver = bench->resolver;
	for (i = 0; i < DANCE_SIDES_MAX + 40; i++) {
		(void)snprintf(name, sizeof(name), "n%u.corp.example", i);
		dance_side_ask(&resolver->sides, &resolver->runners[0], name,
		    DANCE_DNS_TYPE_DS);
	}
	assert_int_equal(resolver->sides.n, DANCE_SIDES_MAX);
	assert_null(dance_side_find(&resolver->sides, name, TYPE_DS));
	assert_non_null(
	    dance_side_find(&resolver->sides, "n0.corp.example", TYPE_DS));
	(void)bench_ask(bench, ALICE, DEADLINE, &c->rrset);
	assert_int_equal(c->rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_non_null(strstr(c->rrset.why, "are missing"));
	assert_false(c->rrset.has_failed);
	case_free(c);
}

/* Only what is secure is remembered, be it data or a denial. */
static void
sides_are_secure_or_empty(void **state)
{
	static const struct {
		enum fakedns_manner manner;
		const char *name;
		bool is_kept;
	} rows[] = {
		{ FAKEDNS_GOOD, ALICE, true },
		{ FAKEDNS_GOOD, "corp.example", true },
		{ FAKEDNS_GOOD, FAR, false }, /* under no anchor */
		{ FAKEDNS_ALTERED, ALICE, false },
		{ FAKEDNS_STRIPPED, ALICE, false },
		{ FAKEDNS_SERVFAIL, ALICE, false },
		{ FAKEDNS_REFUSED, ALICE, false },
		{ FAKEDNS_GARBAGE, ALICE, false },
	};
	struct tree *tree = *state;
	struct bench *bench = *state;
	struct dance_resolver *resolver;
	struct dance_side *side;
	int64_t until;
	size_t i;

	tree_anchor(bench, tree->zones[CORP]);
	for (i = 0; i < N(rows); i++) {
		bench->config->n_upstreams = 0;
		bench_add(bench, rows[i].manner);
		if (rows[i].manner != FAKEDNS_GOOD)
			fakedns_except(bench->servers[0], "corp.example.",
			    TYPE_KEY, FAKEDNS_GOOD);
		bench_open(bench);
		resolver = bench->resolver;
		until = dance_now_ms() + DEADLINE;
		dance_side_ask(&resolver->sides, &resolver->runners[0],
		    rows[i].name, DANCE_DNS_TYPE_TLSA);
		side = &resolver->sides.list[0];
		while (side->n_running > 0 && dance_now_ms() < until)
			assert_int_equal(
			    dance_runners_wait(resolver, 1, until), 0);
		assert_int_equal(side->packet != NULL, rows[i].is_kept);
		dance_resolver_free(&bench->resolver);
		fakedns_stop(&bench->servers[0]);
	}
}

/* A name that is none gets no answer, and what waits for it an end. */
static void
a_side_with_a_bad_name(void **state)
{
	struct bench *bench = *state;
	struct dance_resolver *resolver;
	struct dance_side *side;
	char name[300];
	int64_t until = dance_now_ms() + DEADLINE;

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	bench_add(bench, FAKEDNS_GOOD);
	bench_open(bench);
	resolver = bench->resolver;
	dance_side_ask(
	    &resolver->sides, &resolver->runners[0], name, DANCE_DNS_TYPE_DS);
	assert_int_equal(resolver->sides.n, 0);
	dance_side_ask(&resolver->sides, &resolver->runners[0],
	    "a..corp.example", DANCE_DNS_TYPE_DS);
	assert_int_equal(resolver->sides.n, 1);
	side = &resolver->sides.list[0];
	while (side->n_running > 0 && dance_now_ms() < until)
		assert_int_equal(dance_runners_wait(resolver, 1, until), 0);
	assert_int_equal(side->n_running, 0);
	assert_null(side->packet);
}

/* libunbound has given up: nothing is asked of it, or waited for. */
static void
a_dead_runner_is_left_alone(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;
	struct dance_side *side;
	int64_t start;

	bench_add(bench, FAKEDNS_GOOD);
	assert_int_equal(
	    bench_prove(bench, ALICE, DEADLINE, &c->rrset, &c->proof), 0);
	bench->resolver->runners[0].is_dead = true;
	assert_int_equal(dance_resolver_prove(bench->resolver, ALICE, &c->rrset,
			     dance_now_ms() + DEADLINE, &c->proof),
	    0);
	side = dance_side_find(&bench->resolver->sides, ".", TYPE_KEY);
	assert_non_null(side);
	free(side->packet);
	side->packet = NULL;
	start = dance_now_ms();
	assert_int_equal(dance_resolver_prove(bench->resolver, ALICE, &c->rrset,
			     start + DEADLINE, &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	assert_true(dance_now_ms() - start < DEADLINE);
	case_free(c);
}

/* Callbacks of what still runs must find nothing that is gone. */
static void
freed_while_it_runs(void **state)
{
	struct proof_case *c = case_new();
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_except(bench->servers[0], "example.", TYPE_KEY, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_SILENT);
	assert_int_equal(bench_prove(bench, ALICE, 20, &c->rrset, &c->proof),
	    DANCE_ERR_DNS_FAILURE);
	assert_true(
	    dance_side_find(&bench->resolver->sides, "example", TYPE_KEY)
		->n_running > 0);
	dance_resolver_free(&bench->resolver);
	case_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(a_name_is_proven_from_the_root),
		TREE_TEST(a_name_is_proven_from_its_own_anchor),
		TREE_TEST(an_alias_brings_its_targets),
		TREE_TEST(an_alias_to_a_wildcard_brings_its_target),
		TREE_TEST(a_dname_brings_its_target),
		TREE_TEST(the_denial_ends_first),
		TREE_TEST(announced_the_denial_ends_first),
		TREE_TEST(the_data_end_first),
		TREE_TEST(announced_the_data_end_first),
		TREE_TEST(the_alias_ends_first),
		TREE_TEST(announced_the_alias_ends_first),
		TREE_TEST(the_keys_end_first),
		TREE_TEST(announced_the_keys_end_first),
		TREE_TEST(the_keys_of_the_target_end_first),
		TREE_TEST(announced_the_keys_of_the_target_end_first),
		TREE_TEST(the_ds_ends_first),
		TREE_TEST(announced_the_ds_ends_first),
		TREE_TEST(the_root_ends_first),
		TREE_TEST(announced_the_root_ends_first),
		TREE_TEST(data_of_no_time_end_at_once),
		TREE_TEST(announced_data_of_no_time_end_at_once),
		TREE_TEST(keys_of_no_time_end_at_once),
		TREE_TEST(announced_keys_of_no_time_end_at_once),
		TREE_TEST(a_root_of_no_time_ends_at_once),
		TREE_TEST(announced_a_root_of_no_time_ends_at_once),
		TREE_TEST(the_signatures_of_the_root_end_first),
		TREE_TEST(the_signatures_of_the_zone_end_first),
		TREE_TEST(the_signatures_of_the_target_end_first),
		TREE_TEST(a_late_key_is_waited_for),
		TREE_TEST(a_failed_key_is_not_waited_for),
		TREE_TEST(a_bogus_key_proves_nothing),
		TREE_TEST(a_key_without_signatures_proves_nothing),
		TREE_TEST(a_refused_key_proves_nothing),
		TREE_TEST(what_is_there_is_not_asked_again),
		TREE_TEST(a_dead_upstream_and_a_good_one),
		TREE_TEST(two_upstreams_make_one_proof),
		TREE_TEST(a_bogus_key_does_not_stand_for_a_good_one),
		TREE_TEST(no_proof_without_a_readable_answer),
		TREE_TEST(no_proof_without_an_anchor),
		cmocka_unit_test(a_long_proof_is_none),
		TREE_TEST(more_questions_than_fit),
		TREE_TEST(sides_are_secure_or_empty),
		TREE_TEST(a_side_with_a_bad_name),
		TREE_TEST(a_dead_runner_is_left_alone),
		TREE_TEST(freed_while_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
