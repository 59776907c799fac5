/* SPDX-License-Identifier: ISC */
/*
 * What the tests of the resolver share: a signed zone, its anchor, scripted
 * servers.  It stands in a header, since an object among the helpers would
 * bring the real resolver into tests that replace it.
 */
#ifndef RESOLVERBENCH_H
#define RESOLVERBENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fakedns.h"
#include "resolver.h"

#define N(a)	  (sizeof(a) / sizeof((a)[0]))
#define ALICE	  "laptop._device.corp.example"
#define NODATA	  "empty.corp.example"
#define DEADLINE  3000
#define SLACK	  1500 /* of a machine that is busy */
#define TYPE_DS	  43
#define TYPE_KEY  48
#define TYPE_TLSA 52

static const char *const zone_lines[] = {
	"corp.example. 300 IN SOA ns. host. 1 3600 600 86400 60",
	"corp.example. 300 IN NS ns.elsewhere.example.",
	"corp.example. 60 IN NSEC empty.corp.example. NS SOA RRSIG NSEC DNSKEY",
	"empty.corp.example. 60 IN A 192.0.2.1",
	"empty.corp.example. 60 IN NSEC laptop._device.corp.example. A RRSIG "
	"NSEC",
	"laptop._device.corp.example. 300 IN TLSA 3 1 1 "
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
	"alias.corp.example. 120 IN CNAME laptop._device.corp.example.",
	NULL,
};

/* What every test needs. */
struct bench {
	struct fakezone *zone;
	struct dance_anchors *anchors;
	struct dance_config *config;
	struct fakedns *servers[3];
	struct dance_resolver *resolver;
	struct dance_fault fault;
};

static inline int
bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	char *anchor;

	if (bench == NULL)
		return -1;
	bench->zone = fakezone_new("corp.example.", zone_lines);
	bench->anchors = calloc(1, sizeof(*bench->anchors));
	bench->config = calloc(1, sizeof(*bench->config));
	if (bench->anchors == NULL || bench->config == NULL)
		return -1;
	bench->config->timeout_ms = 3000;
	anchor = bench->zone->anchor;
	*state = bench;
	return dance_anchors_add_text(
	    bench->anchors, anchor, strlen(anchor), "zone", &bench->fault);
}

static inline int
bench_teardown(void **state)
{
	struct bench *bench = *state;
	size_t i;

	dance_resolver_free(&bench->resolver);
	for (i = 0; i < N(bench->servers); i++)
		fakedns_stop(&bench->servers[i]);
	dance_anchors_free(&bench->anchors);
	fakezone_free(&bench->zone);
	free(bench->config);
	free(bench);
	return 0;
}

/* One upstream more. */
static inline void
bench_add(struct bench *bench, enum fakedns_manner manner)
{
	size_t n = bench->config->n_upstreams++;

	bench->servers[n] = fakedns_start(manner, bench->zone);
	(void)snprintf(bench->config->upstreams[n].address, DANCE_ADDRESS_MAX,
	    "%s", fakedns_address(bench->servers[n]));
}

static inline void
bench_open(struct bench *bench)
{
	assert_int_equal(dance_resolver_new(bench->config, bench->anchors,
			     &bench->resolver, &bench->fault),
	    0);
}

/* Ask for one name; returns how long it took. */
static inline int64_t
bench_ask(struct bench *bench, const char *name, int64_t timeout,
    struct dance_rrset *ret)
{
	struct dance_lookup lookup = { .owners = &name, .n = 1 };
	int64_t start = dance_now_ms();

	if (bench->resolver == NULL)
		bench_open(bench);
	memset(ret, 0xff, sizeof(*ret));
	lookup.deadline_ms = start + timeout;
	assert_int_equal(
	    dance_resolver_lookup(bench->resolver, &lookup, ret), 0);
	assert_string_equal(ret->source, "dns");
	return dance_now_ms() - start;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

#endif
