/* SPDX-License-Identifier: ISC */
/*
 * The resolver against a scripted server and a zone that is signed here: what
 * leaves the host, what it says of the answers, and that nothing lasts beyond
 * the deadline.  Times are asserted generously, for slow machines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "resolverbench.h"

static void
req_11_secure_data(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;
	int64_t took;

	bench_add(bench, FAKEDNS_GOOD);
	took = bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_false(rrset.is_denied || rrset.is_wildcard);
	assert_int_equal(rrset.n_records, 1);
	assert_int_equal(rrset.records[0].usage, 3);
	assert_int_equal(rrset.records[0].data.len, 32);
	assert_string_equal(rrset.canonical, "");
	assert_string_equal(rrset.why, "");
	assert_in_range(rrset.valid_until, time(NULL) + 200, time(NULL) + 300);
	assert_true(took < SLACK);
	dance_rrset_clear(&rrset);
}

static void
req_15_secure_denial(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;

	bench_add(bench, FAKEDNS_GOOD);
	(void)bench_ask(bench, NODATA, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_true(rrset.is_denied);
	assert_int_equal(rrset.n_records, 0);
	assert_in_range(rrset.valid_until, time(NULL), time(NULL) + 60);
	dance_rrset_clear(&rrset);
}

static void
req_19_secure_alias(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;

	bench_add(bench, FAKEDNS_GOOD);
	(void)bench_ask(bench, "alias.corp.example", DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_int_equal(rrset.n_records, 1);
	assert_string_equal(rrset.canonical, ALICE);
	assert_in_range(rrset.valid_until, time(NULL), time(NULL) + 120);
	dance_rrset_clear(&rrset);
}

static void
req_14_no_anchor_above(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;

	bench_add(bench, FAKEDNS_GOOD);
	bench->zone->anchor[0] = 'x'; /* xorp.example */
	dance_anchors_free(&bench->anchors);
	bench->anchors = calloc(1, sizeof(*bench->anchors));
	assert_non_null(bench->anchors);
	assert_int_equal(
	    dance_anchors_add_text(bench->anchors, bench->zone->anchor,
		strlen(bench->zone->anchor), "zone", &bench->fault),
	    0);
	(void)bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_INSECURE);
	assert_int_equal(rrset.n_records, 0);
	assert_int_equal(
	    fakedns_count(bench->servers[0], "corp.example.", TYPE_KEY), 0);
	dance_rrset_clear(&rrset);
}

static void
bogus_with(struct bench *bench, enum fakedns_manner manner)
{
	struct dance_rrset rrset;

	bench_add(bench, manner);
	(void)bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_BOGUS);
	assert_int_equal(rrset.n_records, 0);
	assert_non_null(strstr(rrset.why, ALICE));
	dance_rrset_clear(&rrset);
}

static void
req_12_altered_data_is_bogus(void **state)
{
	bogus_with(*state, FAKEDNS_ALTERED);
}

static void
req_12_stripped_data_is_bogus(void **state)
{
	bogus_with(*state, FAKEDNS_STRIPPED);
}

static void
unknown_with(struct bench *bench, enum fakedns_manner manner)
{
	struct dance_rrset rrset;
	int64_t took;

	bench_add(bench, manner);
	took = bench_ask(bench, ALICE, 800, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_int_equal(rrset.n_records, 0);
	assert_true(took < 800 + SLACK);
	print_message("%s\n", rrset.why);
	assert_non_null(strstr(rrset.why, bench->config->upstreams[0].address));
	dance_rrset_clear(&rrset);
	took = dance_now_ms();
	dance_resolver_free(&bench->resolver);
	assert_true(dance_now_ms() - took < SLACK);
}

static void
req_16_silence_is_unknown(void **state)
{
	unknown_with(*state, FAKEDNS_SILENT);
}

static void
req_16_refused_is_unknown(void **state)
{
	unknown_with(*state, FAKEDNS_REFUSED);
}

static void
req_16_servfail_is_unknown(void **state)
{
	unknown_with(*state, FAKEDNS_SERVFAIL);
}

static void
req_16_garbage_is_unknown(void **state)
{
	unknown_with(*state, FAKEDNS_GARBAGE);
}

static void
req_16_truncation_is_unknown(void **state)
{
	unknown_with(*state, FAKEDNS_TRUNCATED);
}

static void
req_79_a_slow_server_is_not_waited_for(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;
	int64_t took;

	bench_add(bench, FAKEDNS_SLOW);
	took = bench_ask(bench, ALICE, 300, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_in_range(took, 290, FAKEDNS_SLOW_MS);
	assert_non_null(strstr(rrset.why, "deadline"));
	dance_rrset_clear(&rrset);
}

/* The QNAME is the owner, and beside it only what lies above it is asked. */
static void
req_1_only_the_name_and_its_ancestors_leave(void **state)
{
	static const struct {
		const char *name;
		unsigned type;
		size_t most;
	} rows[] = {
		{ ALICE ".", TYPE_TLSA, 1 },
		{ "_device.corp.example.", TYPE_DS, 2 },
		{ "_device.corp.example.", TYPE_KEY, 2 },
		{ "corp.example.", TYPE_KEY, 2 },
	};
	struct fakedns_query *list = calloc(FAKEDNS_QUERIES_MAX, sizeof(*list));
	struct bench *bench = *state;
	struct dance_rrset rrset;
	size_t i, n, count, known = 0;

	assert_non_null(list);
	bench_add(bench, FAKEDNS_GOOD);
	(void)bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	dance_rrset_clear(&rrset);
	dance_resolver_free(&bench->resolver);
	n = fakedns_queries(bench->servers[0], list);
	for (i = 0; i < n; i++)
		print_message("%s %u\n", list[i].name, list[i].type);
	for (i = 0; i < N(rows); i++) {
		count = fakedns_count(
		    bench->servers[0], rows[i].name, rows[i].type);
		assert_in_range(count, i == 0 || i == 3 ? 1 : 0, rows[i].most);
		known += count;
	}
	assert_int_equal(known, n);
	free(list);
}

static void
req_80_one_name_twice_is_one_query(void **state)
{
	static const char *const owners[] = { ALICE, ALICE, NODATA };
	struct dance_lookup lookup = { .owners = owners, .n = N(owners) };
	struct bench *bench = *state;
	struct dance_rrset *rrsets = calloc(N(owners), sizeof(*rrsets));
	size_t round, i;

	assert_non_null(rrsets);
	bench_add(bench, FAKEDNS_GOOD);
	bench_open(bench);
	for (round = 0; round < 2; round++) {
		lookup.deadline_ms = dance_now_ms() + DEADLINE;
		assert_int_equal(
		    dance_resolver_lookup(bench->resolver, &lookup, rrsets), 0);
		for (i = 0; i < N(owners); i++) {
			assert_int_equal(rrsets[i].dnssec, DANCE_DNSSEC_SECURE);
			assert_int_equal(rrsets[i].n_records, i < 2);
			dance_rrset_clear(&rrsets[i]);
		}
	}
	assert_int_equal(
	    fakedns_count(bench->servers[0], ALICE ".", TYPE_TLSA), 1);
	free(rrsets);
}

static void
no_time_is_no_answer(void **state)
{
	struct bench *bench = *state;
	struct dance_rrset rrset;

	bench_add(bench, FAKEDNS_GOOD);
	(void)bench_ask(bench, ALICE, 0, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_non_null(strstr(rrset.why, "no time"));
	dance_rrset_clear(&rrset);
	assert_int_equal(dance_resolver_lookup(bench->resolver,
			     &(struct dance_lookup){ .n = 0 }, NULL),
	    0);
}

static bool
first_is_enough(const bool *is_settled, void *arg)
{
	(*(size_t *)arg)++;
	return is_settled[0];
}

/* A name that nobody answers is waited for, unless the caller has enough. */
static void
enough_is_not_waited_beyond(void **state)
{
	static const char *const owners[] = { ALICE, "a.silent.example" };
	struct dance_rrset *rrsets = calloc(N(owners), sizeof(*rrsets));
	size_t n_asked = 0;
	struct dance_lookup lookup = {
		.owners = owners, .n = N(owners), .arg = &n_asked
	};
	struct bench *bench = *state;
	struct dance_stub *stub = &bench->config->stubs[0];
	int64_t start;
	int i;

	assert_non_null(rrsets);
	bench_add(bench, FAKEDNS_GOOD);
	bench->servers[1] = fakedns_start(FAKEDNS_SILENT, bench->zone);
	bench->config->n_stubs = 1;
	(void)snprintf(stub->zone, sizeof(stub->zone), "silent.example");
	(void)snprintf(stub->address, sizeof(stub->address), "%s",
	    fakedns_address(bench->servers[1]));
	bench_open(bench);
	for (i = 0; i < 2; i++) {
		start = dance_now_ms();
		lookup.deadline_ms = start + DEADLINE / 3;
		lookup.is_enough = i == 0 ? first_is_enough : NULL;
		assert_int_equal(
		    dance_resolver_lookup(bench->resolver, &lookup, rrsets), 0);
		assert_int_equal(rrsets[0].dnssec, DANCE_DNSSEC_SECURE);
		assert_int_equal(rrsets[1].dnssec, DANCE_DNSSEC_UNKNOWN);
		assert_non_null(strstr(rrsets[1].why,
		    i == 0 ? "not waited for" : "within the deadline"));
		if (i == 0)
			assert_true(dance_now_ms() - start < DEADLINE / 3);
		dance_rrset_clear(&rrsets[0]);
		dance_rrset_clear(&rrsets[1]);
	}
	assert_true(n_asked > 0);
	free(rrsets);
}

/* An internal zone's own server, while the forwarder does not answer. */
static void
stub_is_asked_itself(void **state)
{
	struct bench *bench = *state;
	struct dance_stub *stub = &bench->config->stubs[0];
	struct dance_rrset rrset;

	bench_add(bench, FAKEDNS_SILENT);
	bench->servers[1] = fakedns_start(FAKEDNS_GOOD, bench->zone);
	bench->config->n_stubs = 1;
	(void)snprintf(stub->zone, sizeof(stub->zone), "corp.example");
	(void)snprintf(stub->address, sizeof(stub->address), "%s",
	    fakedns_address(bench->servers[1]));
	(void)bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	dance_rrset_clear(&rrset);
	assert_int_equal(
	    fakedns_count(bench->servers[0], ALICE ".", TYPE_TLSA), 0);
}

/*
 * Zones that are for private use (RFC 6303, RFC 8375): libunbound itself says
 * that they are empty, but not where a stub stands.
 */
static void
private_zone(struct bench *bench, const char *zone, const char *other)
{
	struct dance_stub *stub = &bench->config->stubs[0];
	struct fakedns_query *list = calloc(FAKEDNS_QUERIES_MAX, sizeof(*list));
	char name[DANCE_NAME_MAX + 1];
	struct dance_rrset rrset;

	assert_non_null(list);
	bench->config->n_upstreams = 0;
	bench_add(bench, FAKEDNS_GOOD);
	bench->servers[1] = fakedns_start(FAKEDNS_GOOD, bench->zone);
	bench->config->n_stubs = 1;
	(void)snprintf(stub->zone, sizeof(stub->zone), "%s", zone);
	(void)snprintf(stub->address, sizeof(stub->address), "%s",
	    fakedns_address(bench->servers[1]));
	(void)snprintf(name, sizeof(name), "pc.%s", zone);
	(void)bench_ask(bench, name, DEADLINE, &rrset);
	dance_rrset_clear(&rrset);
	assert_true(fakedns_queries(bench->servers[1], list) > 0);
	(void)bench_ask(bench, other, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_INSECURE);
	dance_rrset_clear(&rrset);
	dance_resolver_free(&bench->resolver);
	assert_int_equal(fakedns_queries(bench->servers[0], list), 0);
	fakedns_stop(&bench->servers[1]);
	fakedns_stop(&bench->servers[0]);
	free(list);
}

static void
stub_makes_a_private_zone_exist(void **state)
{
	private_zone(*state, "corp.home.arpa", "pc.other.home.arpa");
	private_zone(*state, "corp.test", "pc.other.test");
	private_zone(*state, "test", "1.10.in-addr.arpa");
	private_zone(*state, "1.10.in-addr.arpa", "2.10.in-addr.arpa");
}

/* Two servers of one zone: the dead one is passed over. */
static void
stubs_of_one_zone_are_all_asked(void **state)
{
	static const enum fakedns_manner manners[] = { FAKEDNS_REFUSED,
		FAKEDNS_GOOD };
	struct bench *bench = *state;
	struct dance_rrset rrset;
	struct dance_stub *stub;
	size_t i;

	bench_add(bench, FAKEDNS_SILENT);
	for (i = 0; i < N(manners); i++) {
		stub = &bench->config->stubs[bench->config->n_stubs++];
		bench->servers[i + 1] = fakedns_start(manners[i], bench->zone);
		(void)snprintf(stub->zone, sizeof(stub->zone), "corp.example");
		(void)snprintf(stub->address, sizeof(stub->address), "%s",
		    fakedns_address(bench->servers[i + 1]));
	}
	(void)bench_ask(bench, ALICE, DEADLINE, &rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_SECURE);
	dance_rrset_clear(&rrset);
	assert_true(fakedns_count(bench->servers[2], ALICE ".", TYPE_TLSA) > 0);
}

static void
new_fails(struct bench *bench, const char *fault)
{
	bench->fault.text[0] = '\0';
	assert_int_equal(dance_resolver_new(bench->config, bench->anchors,
			     &bench->resolver, &bench->fault),
	    DANCE_ERR_CONFIG);
	assert_null(bench->resolver);
	print_message("%s\n", bench->fault.text);
	assert_non_null(strstr(bench->fault.text, fault));
}

static void
req_23_without_anchors_nothing_is_asked(void **state)
{
	struct bench *bench = *state;
	struct dance_anchors *anchors = bench->anchors;
	struct dance_anchors none = { 0 };

	bench_add(bench, FAKEDNS_GOOD);
	bench->anchors = NULL;
	new_fails(bench, "trust-anchor");
	bench->anchors = &none;
	new_fails(bench, "trust-anchor");
	bench->anchors = anchors;
}

static void
bad_settings_are_faults_at_once(void **state)
{
	struct bench *bench = *state;
	struct dance_config *config = bench->config;
	char *record = bench->anchors->list[0].record;
	char bad[] = "corp.example. IN DS junk";

	new_fails(bench, "no server");
	bench_add(bench, FAKEDNS_GOOD);
	bench->anchors->list[0].record = bad;
	new_fails(bench, "trust anchors");
	bench->anchors->list[0].record = record;
	config->n_stubs = 1;
	(void)snprintf(config->stubs[0].zone, DANCE_NAME_MAX, "corp.example");
	(void)snprintf(config->stubs[0].address, DANCE_ADDRESS_MAX, "nowhere");
	new_fails(bench, "nowhere");
	config->n_stubs = 0;
	(void)snprintf(
	    config->upstreams[0].address, DANCE_ADDRESS_MAX, "192.0.2.x");
	new_fails(bench, "192.0.2.x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(req_11_secure_data),
		TEST(req_15_secure_denial),
		TEST(req_19_secure_alias),
		TEST(req_14_no_anchor_above),
		TEST(req_12_altered_data_is_bogus),
		TEST(req_12_stripped_data_is_bogus),
		TEST(req_16_silence_is_unknown),
		TEST(enough_is_not_waited_beyond),
		TEST(req_16_refused_is_unknown),
		TEST(req_16_servfail_is_unknown),
		TEST(req_16_garbage_is_unknown),
		TEST(req_16_truncation_is_unknown),
		TEST(req_79_a_slow_server_is_not_waited_for),
		TEST(req_1_only_the_name_and_its_ancestors_leave),
		TEST(req_80_one_name_twice_is_one_query),
		TEST(no_time_is_no_answer),
		TEST(stub_is_asked_itself),
		TEST(stub_makes_a_private_zone_exist),
		TEST(stubs_of_one_zone_are_all_asked),
		TEST(req_23_without_anchors_nothing_is_asked),
		TEST(bad_settings_are_faults_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
