/* SPDX-License-Identifier: ISC */
/*
 * The resolver, the replay of a proof and the probe of upstreams, with every
 * call failing once.  What is secure then is so with all its records; all else
 * is a fault.
 */
#include "failing.h"

#include "offline.h"
#include "probe.h"
#include "replaybench.h"

#define SHORT 300 /* for what ends with the deadline */

/* Without a fault a machine that is busy has its time. */
static int64_t
deadline(void)
{
	return dance_now_ms() + (failing.how == FAILING_ONCE ? SHORT : 10000);
}

/* An answer that was not to be had. */
static int
rrset_code(const struct dance_rrset *rrset, size_t n_records)
{
	switch (rrset->dnssec) {
	case DANCE_DNSSEC_SECURE:
		assert_false(rrset->is_denied);
		assert_int_equal(rrset->n_records, n_records);
		return 0;
	case DANCE_DNSSEC_UNKNOWN:
		return DANCE_ERR_DNS_FAILURE;
	case DANCE_DNSSEC_BOGUS:
		return DANCE_ERR_BOGUS;
	default:
		return DANCE_ERR_INSECURE;
	}
}

static int
resolver_run(void *arg)
{
	static const char *const owner = ALICE;
	struct dance_lookup lookup = { .owners = &owner, .n = 1 };
	struct bench *bench = arg;
	struct dance_proof_set *proof = NULL;
	struct dance_resolver *resolver = NULL;
	struct dance_fault fault = { "" };
	struct dance_rrset rrset = { .n_records = 0 };
	int r;

	r = dance_resolver_new(
	    bench->config, bench->anchors, &resolver, &fault);
	assert_int_equal(r == 0, resolver != NULL);
	lookup.deadline_ms = deadline();
	if (r == 0)
		r = dance_resolver_lookup(resolver, &lookup, &rrset);
	if (r == 0)
		r = rrset_code(&rrset, 1);
	if (r == 0) {
		proof = __real_calloc(1, sizeof(*proof));
		assert_non_null(proof);
		r = dance_resolver_prove(
		    resolver, owner, &rrset, deadline(), proof);
		if (r == 0)
			assert_true(proof->n >= 2);
	}
	free(proof);
	dance_rrset_clear(&rrset);
	dance_resolver_free(&resolver);
	return r;
}

static void
a_resolver(void **state)
{
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	failing_sweep(resolver_run, bench);
}

/* A proof, while the servers are gone. */
struct replayed {
	struct bench *bench;
	struct kept *kept;
	const char *owner;
};

static int
offline_run(void *arg)
{
	const struct replayed *replayed = arg;
	struct dance_fault fault = { "" };
	struct dance_rrset rrset;
	int r;

	r = dance_offline_judge(replayed->bench->config,
	    replayed->bench->anchors, replayed->owner, &replayed->kept->set,
	    deadline(), &rrset, &fault);
	assert_string_equal(rrset.source, "offline");
	if (r == 0)
		r = rrset_code(&rrset, 2);
	else
		assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	dance_rrset_clear(&rrset);
	return r;
}

/* A key that it does not give makes the proof bogus: nobody is let in by it. */
static void
a_replay(void **state)
{
	static const int also[] = { DANCE_ERR_BOGUS, 0 };
	struct dance_proof_set *proof = calloc(1, sizeof(*proof));
	struct replayed replayed = { .bench = *state, .owner = ALICE };
	struct dance_rrset rrset;

	assert_non_null(proof);
	bench_add(replayed.bench, FAKEDNS_GOOD);
	assert_int_equal(bench_prove(replayed.bench, replayed.owner, DEADLINE,
			     &rrset, proof),
	    0);
	replayed.kept = kept_new(proof);
	dance_resolver_free(&replayed.bench->resolver);
	fakedns_stop(&replayed.bench->servers[0]);
	failing_sweep_also(offline_run, &replayed, also);
	kept_free(&replayed.kept);
	dance_rrset_clear(&rrset);
	free(proof);
}

static int
probe_run(void *arg)
{
	struct dance_probe probes[DANCE_UPSTREAMS_MAX];
	struct bench *bench = arg;
	struct dance_fault fault = { "" };
	int r = dance_probe_run(bench->config, bench->anchors, "corp.example",
	    deadline(), probes, &fault);

	if (r != 0)
		return r;
	if (!probes[0].has_answer)
		return DANCE_ERR_DNS_FAILURE;
	assert_int_equal(probes[0].dnssec, DANCE_DNSSEC_SECURE);
	/* The packet may not have been read. */
	if (!probes[0].has_signatures)
		return DANCE_ERR_DNS_FAILURE;
	assert_true(probes[0].inception < time(NULL));
	assert_true(probes[0].expires > time(NULL));
	return 0;
}

static void
a_probe(void **state)
{
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	failing_sweep(probe_run, bench);
}

/* Each upstream is asked by itself: one does not cover for another. */
static void
probes_of_upstreams_that_differ(void **state)
{
	struct dance_probe probes[DANCE_UPSTREAMS_MAX];
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_GOOD);
	bench_add(bench, FAKEDNS_SILENT);
	bench_add(bench, FAKEDNS_STRIPPED);
	assert_int_equal(
	    dance_probe_run(bench->config, bench->anchors, "corp.example",
		dance_now_ms() + 2000, probes, &bench->fault),
	    0);
	assert_true(probes[0].has_answer && probes[0].has_signatures);
	assert_int_equal(probes[0].dnssec, DANCE_DNSSEC_SECURE);
	assert_string_equal(probes[0].why, "");
	assert_false(probes[1].has_answer);
	assert_int_equal(probes[1].dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_int_not_equal(probes[2].dnssec, DANCE_DNSSEC_SECURE);
	assert_false(probes[2].has_signatures);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_resolver),
		TREE_TEST(a_replay),
		TEST(a_probe),
		TEST(probes_of_upstreams_that_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
