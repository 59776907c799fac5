/* SPDX-License-Identifier: ISC */
/*
 * A resolver that knows what a test has told it, and fails the test for every
 * other name.  It takes the place of the engine's own at link time, and so
 * stands in a header that a test includes once.
 */
#ifndef SCRIPTED_RESOLVER_H
#define SCRIPTED_RESOLVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "offers.h"
#include "resolver.h"

#define SCRIPT_NAMES_MAX   80
#define SCRIPT_RECORDS_MAX 80
#define SCRIPT_NOW	   1700000000

struct script_name {
	char owner[DANCE_NAME_MAX + 1];
	enum dance_dnssec dnssec;
	bool is_denied;
	bool is_wildcard;
	bool is_silent;	    /* no answer before the deadline */
	unsigned speaks_at; /* then: but to this query and the next ones */
	time_t valid_until; /* 0: 4711 */
	const char *why;
	struct dance_bytes rdata[SCRIPT_RECORDS_MAX];
	size_t n_rdata;
	unsigned n_queries;
};

static struct script_name script_names[SCRIPT_NAMES_MAX];
static size_t script_n;
static unsigned script_lookups; /* calls, each with all names at once */
static unsigned script_waits;	/* of them, those until the deadline */
static unsigned script_alive;	/* resolvers that are not freed */
static unsigned script_made;	/* resolvers ever */
static int64_t script_deadline; /* that a lookup has to be given, or: */
static bool script_is_timed;	/* any, and who is silent takes the time */
static int64_t script_given[SCRIPT_NAMES_MAX]; /* to each lookup: ms */
static enum dance_failure script_failure;      /* of the last lookup */
static pid_t script_pid;		       /* of the test itself */
static int script_new_error;
static int script_lookup_error;
static bool script_silence_fails; /* a silence is long enough for a fault */
static unsigned script_proofs;	  /* asked for */
static int script_proof_error;
static time_t script_proof_valid; /* what a proof says */
static time_t script_proof_signed;

struct dance_resolver {
	const struct dance_config *config;
};

static inline void
script_clear(void)
{
	size_t i, k;

	assert_int_equal(script_alive, 0);
	for (i = 0; i < script_n; i++)
		for (k = 0; k < script_names[i].n_rdata; k++)
			free((void *)(uintptr_t)script_names[i].rdata[k].data);
	memset(script_names, 0, sizeof(script_names));
	script_n = 0;
	script_lookups = 0;
	script_waits = 0;
	script_made = 0;
	script_deadline = 4711;
	script_is_timed = false;
	memset(script_given, 0, sizeof(script_given));
	script_pid = getpid();
	script_new_error = 0;
	script_lookup_error = 0;
	script_silence_fails = false;
	script_proofs = 0;
	script_proof_error = 0;
	script_proof_valid = script_proof_signed = INT32_MAX;
}

/* An answer for the owner name; without records more, it is NODATA. */
static inline struct script_name *
script_answer(const char *owner, enum dance_dnssec dnssec)
{
	struct script_name *name = &script_names[script_n++];

	assert_true(script_n < SCRIPT_NAMES_MAX);
	snprintf(name->owner, sizeof(name->owner), "%s", owner);
	name->dnssec = dnssec;
	name->is_denied = true;
	return name;
}

/* A record over the key: fields are "usage selector matching". */
static inline void
script_record(
    struct script_name *name, const char *fields, const struct offer_key *key)
{
	uint8_t *data;
	size_t len;

	assert_true(name->n_rdata < SCRIPT_RECORDS_MAX);
	offer_rdata(key, fields, &data, &len);
	name->rdata[name->n_rdata++] = (struct dance_bytes){ data, len };
	name->is_denied = false;
}

/* A secure answer with one record. */
static inline struct script_name *
script_secure(
    const char *owner, const char *fields, const struct offer_key *key)
{
	struct script_name *name = script_answer(owner, DANCE_DNSSEC_SECURE);

	script_record(name, fields, key);
	return name;
}

static inline unsigned
script_queries(void)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < script_n; i++)
		n += script_names[i].n_queries;
	return n;
}

/* A worker must not go on with the tests: it ends without an answer. */
static inline void
script_fail(const char *why)
{
	if (getpid() != script_pid)
		_exit(99);
	fail_msg("unexpected query: %s", why);
}

int
dance_resolver_new(const struct dance_config *config,
    const struct dance_anchors *anchors, struct dance_resolver **ret,
    struct dance_fault *fault)
{
	struct dance_resolver *resolver;

	(void)anchors;
	if (script_new_error != 0) {
		dance_fault_set(fault, "scripted");
		return script_new_error;
	}
	resolver = calloc(1, sizeof(*resolver));
	assert_non_null(resolver);
	resolver->config = config;
	script_alive++;
	script_made++;
	*ret = resolver;
	return 0;
}

static inline void
script_fill(struct script_name *name, struct dance_rrset *rrset)
{
	rrset->dnssec = name->dnssec;
	rrset->is_denied = name->is_denied;
	rrset->is_wildcard = name->is_wildcard;
	rrset->source = "dns";
	/* Whoever speaks has said that he can't tell. */
	rrset->has_failed = name->dnssec == DANCE_DNSSEC_UNKNOWN;
	rrset->valid_until = name->valid_until != 0 ? name->valid_until : 4711;
	if (name->why != NULL)
		snprintf(rrset->why, sizeof(rrset->why), "%s", name->why);
	if (dance_rrset_fill(rrset, name->rdata, name->n_rdata) != 0)
		script_fail("no memory");
}

static inline bool
script_is_asked(const struct dance_lookup *lookup, size_t i)
{
	return lookup->asking == NULL || lookup->asking[i] == DANCE_ASK;
}

/* Each name that is asked for must have been told. */
static inline void
script_find(const struct dance_lookup *lookup, struct script_name **ret)
{
	size_t i, k;

	for (i = 0; i < lookup->n; i++) {
		ret[i] = NULL;
		if (!script_is_asked(lookup, i))
			continue;
		for (k = 0; k < script_n; k++)
			if (strcmp(script_names[k].owner, lookup->owners[i]) ==
			    0)
				break;
		if (k == script_n)
			script_fail(lookup->owners[i]);
		ret[i] = &script_names[k];
		ret[i]->n_queries++;
	}
}

/* The time that a lookup is given. */
static inline void
script_time(int64_t deadline_ms)
{
	if (!script_is_timed && deadline_ms != script_deadline)
		script_fail("a deadline that makes no sense");
	if (script_is_timed && script_lookups < SCRIPT_NAMES_MAX)
		script_given[script_lookups] = deadline_ms - dance_now_ms();
}

/* For those that have not answered: they have failed then. */
static inline void
script_wait(const struct dance_lookup *lookup, const bool *is_settled,
    struct dance_rrset *rrsets)
{
	int64_t left = lookup->deadline_ms - dance_now_ms();
	size_t i;

	script_waits++;
	for (i = 0; i < lookup->n; i++) {
		if (is_settled[i] || !script_is_asked(lookup, i))
			continue;
		rrsets[i].has_failed = script_silence_fails;
		snprintf(rrsets[i].why, sizeof(rrsets[i].why), "silence");
		if (script_is_timed && left > 0) {
			usleep((useconds_t)left * 1000);
			left = 0;
		}
	}
}

static inline bool
script_has_time(const struct dance_lookup *lookup)
{
	return !script_is_timed || lookup->deadline_ms > dance_now_ms();
}

static inline bool
script_is_silent(const struct script_name *name)
{
	return name->is_silent &&
	    (name->speaks_at == 0 || name->n_queries < name->speaks_at);
}

/* Answers come in the order of the script. */
int
dance_resolver_lookup(struct dance_resolver *resolver,
    const struct dance_lookup *lookup, struct dance_rrset *rrsets)
{
	struct script_name *found[DANCE_CANDIDATES_MAX];
	bool is_settled[DANCE_CANDIDATES_MAX] = { false };
	size_t i, k;

	if (resolver == NULL || lookup->n == 0 ||
	    lookup->n > DANCE_CANDIDATES_MAX)
		script_fail("a lookup that makes no sense");
	script_failure = lookup->failure;
	script_time(lookup->deadline_ms);
	script_lookups++;
	if (script_lookup_error != 0)
		return script_lookup_error;
	script_find(lookup, found);
	for (i = 0; i < lookup->n; i++)
		if (script_is_asked(lookup, i))
			rrsets[i] = (struct dance_rrset){ .source = "dns" };
		else
			is_settled[i] = lookup->asking[i] == DANCE_ASK_SETTLED;
	/* As the engine's own: with no time left nothing is looked at. */
	for (k = 0; k < script_n && script_has_time(lookup); k++)
		for (i = 0; i < lookup->n; i++) {
			if (found[i] != &script_names[k] ||
			    script_is_silent(found[i]))
				continue;
			script_fill(found[i], &rrsets[i]);
			is_settled[i] = true;
			if (lookup->is_enough != NULL &&
			    lookup->is_enough(is_settled, lookup->arg))
				return 0;
		}
	script_wait(lookup, is_settled, rrsets);
	return 0;
}

/* With a proof of one answer, if the script has one. */
int
dance_resolver_prove(struct dance_resolver *resolver, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    struct dance_proof_set *ret)
{
	static const uint8_t packet[] = { 0x4a, 0x55 };

	(void)resolver;
	(void)rrset;
	(void)deadline_ms;
	script_proofs++;
	if (script_proof_error != 0)
		return script_proof_error;
	ret->list[0] = (struct dance_signed_answer){ owner, 52,
		{ packet, sizeof(packet) } };
	ret->n = 1;
	ret->valid_until = script_proof_valid;
	ret->signed_until = script_proof_signed;
	return 0;
}

void
dance_resolver_free(struct dance_resolver **resolver)
{
	if (*resolver == NULL)
		return;
	script_alive--;
	free(*resolver);
	*resolver = NULL;
}

/* One decision about account "alice", over a map in a text. */
struct script_case {
	const char *map;
	const char *account; /* NULL: alice */
	bool is_system;	     /* the account is not ordinary */
	const char *login;   /* an identity that was used as login name */
	unsigned usages;     /* 0: 2 and 3 */
};

/* Its policy, freed by the next function. */
static __attribute__((unused, noinline)) void
script_policy_make(const struct script_case *c, struct dance_policy *ret)
{
	static struct dance_config config; /* large for a stack */
	const char *account = c->account == NULL ? "alice" : c->account;

	memset(ret, 0, sizeof(*ret));
	ret->config = &config;
	config.min_rsa = 2048;
	config.usages = c->usages != 0 ? c->usages
				       : DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) |
		DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE);
	memcpy(ret->account, account, strlen(account) + 1);
	ret->is_ordinary = !c->is_system;
	if (c->login != NULL) {
		ret->is_identity = true;
		assert_int_equal(
		    dance_identity_parse(c->login, strlen(c->login),
			DANCE_NAME_PRESENTED, &ret->identity),
		    0);
	}
	assert_int_equal(
	    dance_map_from_text("m", c->map, strlen(c->map), &ret->map), 0);
}

static inline void
script_policy_clear(struct dance_policy *policy)
{
	dance_map_free(&policy->map);
	dance_resolver_free(&policy->resolver);
}

static __attribute__((unused, noinline)) void
script_decide(const struct script_case *c, const struct dance_offer *offer,
    struct dance_decision *ret)
{
	struct dance_policy policy;

	script_policy_make(c, &policy);
	dance_decide(&policy, offer, SCRIPT_NOW, script_deadline, ret);
	script_policy_clear(&policy);
	assert_int_equal(ret->verdict == 0, ret->line != NULL);
	assert_int_equal(ret->verdict == 0, ret->accepted != NULL);
}

/* The same, where the verdict alone counts, and how many names were asked. */
static __attribute__((unused, noinline)) void
script_expect(const struct script_case *c, const struct dance_offer *offer,
    const char *reason, unsigned n_queries)
{
	struct dance_decision d;
	unsigned before = script_queries();

	script_decide(c, offer, &d);
	if (strcmp(dance_reason(d.verdict), reason) != 0)
		fail_msg("%s: %s: %s", c->map, dance_reason(d.verdict),
		    d.fault.text);
	assert_int_equal(script_queries() - before, n_queries);
	dance_decision_clear(&d);
	assert_int_equal(script_alive, 0);
}

#endif
