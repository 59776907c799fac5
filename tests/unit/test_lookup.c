/* SPDX-License-Identifier: ISC */
/*
 * What a lookup asks, what it takes from the cache and what it leaves there,
 * with a scripted resolver and a cache in memory.
 */
#include "scripted_resolver.h"

#include "cache_entry.h"
#include "cache_link.h"
#include "lookup.h"
#include "offline.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define ONE  "one.example"
#define TWO  "two.example"

/* A cache in memory. */
struct shelf {
	char owner[64];
	uint8_t *data;
	size_t len;
	unsigned seconds;
	bool is_data;
	bool is_locked;	     /* by us */
	unsigned busy_until; /* fetches with a lock that find it locked */
};

static struct shelf shelves[4];
static unsigned n_fetches;
static struct dance_config config;
static struct dance_policy policy;
static struct offer_key key;
static struct dance_fault fault;
static struct dance_entry entry;
static struct dance_rrset rrsets[4];

/* What a replay of proofs says here. */
static enum dance_dnssec replay_dnssec;
static bool replay_is_denied;
static unsigned n_replays;
static int replay_error;

int
dance_offline_judge(const struct dance_config *conf,
    const struct dance_anchors *anchors, const char *owner,
    const struct dance_proof_set *proof, int64_t deadline_ms,
    struct dance_rrset *ret, struct dance_fault *why)
{
	(void)conf;
	(void)anchors;
	(void)deadline_ms;
	(void)why;
	n_replays++;
	assert_true(proof->n > 0);
	assert_string_equal(proof->list[0].name, owner);
	memset(ret, 0, sizeof(*ret));
	ret->source = "offline";
	ret->dnssec = replay_dnssec;
	ret->is_denied = replay_is_denied;
	return replay_error;
}

static struct shelf *
shelf_of(const char *owner)
{
	size_t i;

	for (i = 0; i < N(shelves); i++)
		if (strcmp(shelves[i].owner, owner) == 0)
			return &shelves[i];
	for (i = 0; shelves[i].owner[0] != '\0'; i++)
		;
	snprintf(shelves[i].owner, sizeof(shelves[i].owner), "%s", owner);
	return &shelves[i];
}

static void
shelf_put(struct shelf *shelf, const uint8_t *data, size_t len)
{
	free(shelf->data);
	shelf->data = NULL;
	shelf->len = len;
	if (len == 0)
		return;
	assert_non_null(shelf->data = malloc(len));
	memcpy(shelf->data, data, len);
}

static int
shelf_fetch(void *arg, const char *owner, bool wants_lock, uint8_t **ret,
    size_t *ret_len, bool *ret_is_busy)
{
	struct shelf *shelf = shelf_of(owner);

	assert_ptr_equal(arg, shelves);
	n_fetches++;
	*ret = NULL;
	*ret_len = shelf->len;
	*ret_is_busy = false;
	if (shelf->len > 0) {
		assert_non_null(*ret = malloc(shelf->len));
		memcpy(*ret, shelf->data, shelf->len);
	}
	if (wants_lock && shelf->busy_until > 0) {
		shelf->busy_until--;
		*ret_is_busy = true;
	} else if (wants_lock)
		shelf->is_locked = true;
	return 0;
}

static int
shelf_settle(void *arg, const char *owner, const struct dance_keeping *keeping)
{
	struct shelf *shelf = shelf_of(owner);

	assert_ptr_equal(arg, shelves);
	shelf->is_locked = false;
	if (keeping == NULL)
		return 0;
	shelf_put(shelf, keeping->data.data, keeping->data.len);
	shelf->seconds = keeping->seconds;
	shelf->is_data = keeping->is_data;
	return 0;
}

static const struct dance_cache_link shelf_link = { shelf_fetch, shelf_settle,
	shelves };

static int
setup(void **state)
{
	(void)state;
	script_clear();
	script_deadline = dance_now_ms() + 2000;
	script_is_timed = true;
	memset(&config, 0, sizeof(config));
	config.cache_max_ttl = 300;
	memset(&policy, 0, sizeof(policy));
	policy.config = &config;
	policy.cache = &shelf_link;
	n_fetches = n_replays = 0;
	replay_dnssec = DANCE_DNSSEC_SECURE;
	replay_is_denied = false;
	replay_error = 0;
	memset(rrsets, 0, sizeof(rrsets));
	return 0;
}

static int
teardown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N(shelves); i++) {
		/* Whatever happened, nothing stays locked. */
		assert_false(shelves[i].is_locked);
		free(shelves[i].data);
	}
	memset(shelves, 0, sizeof(shelves));
	for (i = 0; i < N(rrsets); i++)
		dance_rrset_clear(&rrsets[i]);
	dance_resolver_free(&policy.resolver);
	return 0;
}

/* Look up one or two names; ms from now. */
static void
look(size_t n, int64_t ms)
{
	static const char *const owners[] = { ONE, TWO };
	struct dance_lookup lookup = {
		.owners = owners, .n = n, .deadline_ms = dance_now_ms() + ms
	};
	size_t i;

	for (i = 0; i < N(rrsets); i++)
		dance_rrset_clear(&rrsets[i]);
	assert_int_equal(
	    dance_policy_lookup(&policy, &lookup, rrsets, &fault), 0);
}

/* What is kept of ONE, in entry; false if nothing is. */
static bool
entry_of_one(void)
{
	const struct shelf *shelf = shelf_of(ONE);

	dance_entry_clear(&entry);
	return shelf->len > 0 &&
	    dance_entry_read((struct dance_bytes){ shelf->data, shelf->len },
		ONE, &entry) == 0;
}

/* Put what is in entry on the shelf of ONE. */
static void
entry_put(void)
{
	uint8_t *data;
	size_t len;

	assert_int_equal(dance_entry_write(&entry, ONE, &data, &len), 0);
	shelf_put(shelf_of(ONE), data, len);
	free(data);
}

/* As if a secure answer had come age seconds ago, with this TTL. */
static void
entry_make(int64_t age, int64_t ttl)
{
	static const uint8_t rdata[] = { 3, 1, 1, 7 };
	struct dance_bytes list = { rdata, sizeof(rdata) };

	dance_entry_clear(&entry);
	entry.born = time(NULL) - age;
	entry.fresh_until = entry.born + ttl;
	entry.signed_until = entry.born + 100000;
	entry.rrset.dnssec = DANCE_DNSSEC_SECURE;
	entry.rrset.valid_until = (time_t)entry.fresh_until;
	assert_int_equal(dance_rrset_fill(&entry.rrset, &list, 1), 0);
	entry.proof.list[0] =
	    (struct dance_signed_answer){ ONE, 52, { rdata, sizeof(rdata) } };
	entry.proof.n = 1;
	entry_put();
}

static void
answer_from(size_t i, enum dance_dnssec dnssec, const char *source)
{
	assert_int_equal(rrsets[i].dnssec, dnssec);
	assert_string_equal(rrsets[i].source, source);
}

static void
a_miss_asks_and_keeps_it(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 1);
	/* script_fill() says that it was valid until 4711: not fresh now. */
	assert_true(entry_of_one());
	assert_int_equal(entry.fresh_until, 4711);
	assert_int_equal(entry.rrset.n_records, 1);
	assert_int_equal(entry.proof.n, 1);
	assert_true(shelf_of(ONE)->is_data);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 2);
}

static void
req_80_a_fresh_entry_asks_nobody(void **state)
{
	(void)state;
	entry_make(10, 60);
	/* A name that is not scripted fails the test when it is asked for. */
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "cache");
	assert_int_equal(rrsets[0].n_records, 1);
	assert_int_equal(script_made, 0);
	look(1, 1000);
	assert_int_equal(script_lookups, 0);
}

static void
one_that_is_over_is_asked_for(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	entry_make(61, 60);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 1);
	/* Born in the future: the clock was set back. */
	entry_make(-10, 60);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	/* The bound was lowered since. */
	entry_make(10, 60);
	config.cache_max_ttl = 5;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 3);
}

static void
damage_is_as_nothing(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	entry_make(10, 60);
	shelf_of(ONE)->data[20] ^= 1;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 1);
	assert_true(entry_of_one());
}

static void
each_end_of_a_ttl_counts(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);
	int64_t now = time(NULL);

	(void)state;
	name->valid_until = now + 1000;
	script_proof_valid = script_proof_signed = now + 2000;
	look(1, 1000);
	assert_true(entry_of_one());
	assert_in_range(entry.fresh_until, now + 300, now + 303);
	name->valid_until = now + 100;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_int_equal(entry.fresh_until, now + 100);
	script_proof_valid = now + 50;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_int_equal(entry.fresh_until, now + 50);
	script_proof_signed = now + 20;
	shelf_put(shelf_of(ONE), NULL, 0);
	look(1, 1000);
	assert_true(entry_of_one());
	assert_int_equal(entry.fresh_until, now + 20);
	assert_int_equal(entry.signed_until, now + 20);
}

/* Without the TTLs of its keys nothing is kept, nor what was there before. */
static void
without_a_proof_nothing_is_kept(void **state)
{
	(void)state;
	(void)script_secure(ONE, "3 1 1", &key);
	entry_make(100, 60);
	script_proof_error = DANCE_ERR_DNS_FAILURE;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(script_proofs, 1);
	assert_false(entry_of_one());
}

/* But what says the same as before may still be proved by what was kept. */
static void
without_a_proof_the_same_stays(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	script_proof_signed = INT32_MAX;
	name->valid_until = time(NULL) - 1;
	look(1, 1000);
	assert_true(entry_of_one());
	assert_int_equal(entry.proof.n, 1);
	script_proof_error = DANCE_ERR_DNS_FAILURE;
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_true(entry_of_one());
	assert_int_equal(entry.proof.n, 1);
	script_record(name, "3 1 2", &key);
	look(1, 1000);
	assert_int_equal(name->n_queries, 3);
	assert_false(entry_of_one());
}

static void
req_81_denials_are_kept_for_a_minute(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);
	int64_t now = time(NULL);

	(void)state;
	name->valid_until = now + 1000;
	/* It takes the place of data: the key was revoked. */
	entry_make(100, 60);
	config.offline = 3600;
	look(1, 1000);
	assert_true(rrsets[0].is_denied);
	assert_int_equal(script_proofs, 0);
	assert_true(entry_of_one());
	assert_true(entry.rrset.is_denied);
	assert_in_range(entry.fresh_until, now + 60, now + 63);
	assert_false(shelf_of(ONE)->is_data);
	assert_true(shelf_of(ONE)->seconds <= 60);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "cache");
	assert_true(rrsets[0].is_denied);
	assert_int_equal(name->n_queries, 1);
}

/* Anybody can make up names below a wildcard: like denials, they have half. */
static void
what_a_wildcard_made_does_not_fill_the_folder(void **state)
{
	struct script_name *name = script_secure(ONE, "2 1 1", &key);

	(void)state;
	look(1, 1000);
	assert_true(shelf_of(ONE)->is_data);
	name->is_wildcard = true;
	look(1, 1000);
	assert_true(entry_of_one());
	assert_true(entry.rrset.is_wildcard);
	assert_false(shelf_of(ONE)->is_data);
}

/* What is not secure takes away what was, and is asked for each time. */
static void
req_83_bogus_and_insecure_take_it_away(void **state)
{
	static const enum dance_dnssec states[] = { DANCE_DNSSEC_BOGUS,
		DANCE_DNSSEC_INSECURE };
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_BOGUS);
	size_t i;

	(void)state;
	config.offline = 3600;
	for (i = 0; i < N(states); i++) {
		name->dnssec = states[i];
		entry_make(100, 60);
		look(1, 1000);
		answer_from(0, states[i], "dns");
		assert_false(entry_of_one());
		look(1, 1000);
		answer_from(0, states[i], "dns");
	}
	assert_int_equal(name->n_queries, 4);
	assert_int_equal(n_replays, 0);
}

static void
req_81_a_fault_is_kept_for_a_moment(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_true(entry_of_one());
	assert_int_equal(entry.born, 0);
	assert_in_range(
	    entry.fault_until, time(NULL) + 3, time(NULL) + DANCE_FAULT_S);
	assert_string_equal(entry.why, "silence");
	/* For the next process. */
	dance_resolver_free(&policy.resolver);
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "cache");
	assert_string_equal(rrsets[0].why, "a moment ago: silence");
	assert_int_equal(name->n_queries, 1);
	entry.fault_until = time(NULL);
	entry_put();
	look(1, 50);
	assert_int_equal(name->n_queries, 2);
}

/* Another process has been told of a denial while this one waits. */
static bool
denial_comes(const bool *is_settled, void *arg)
{
	(void)is_settled;
	(void)arg;
	dance_entry_clear(&entry);
	entry.born = time(NULL);
	entry.fresh_until = entry.born + 60;
	entry.rrset.is_denied = true;
	entry.rrset.valid_until = (time_t)entry.fresh_until;
	entry_put();
	return false;
}

/* A fault is kept beside what is there, not beside what was there. */
static void
req_83_a_fault_brings_nothing_back(void **state)
{
	static const char *const owners[] = { TWO, ONE };
	struct dance_lookup lookup = {
		.owners = owners, .n = 2, .is_enough = denial_comes
	};
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	(void)script_secure(TWO, "3 1 1", &key);
	name->is_silent = true;
	script_silence_fails = true;
	entry_make(100, 60);
	lookup.deadline_ms = dance_now_ms() + 60;
	assert_int_equal(
	    dance_policy_lookup(&policy, &lookup, rrsets, &fault), 0);
	answer_from(1, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_true(entry_of_one());
	assert_true(entry.rrset.is_denied);
	/* Whoever asks beside another leaves it to that one. */
	shelf_of(ONE)->busy_until = 1000000;
	entry_make(100, 60);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_true(entry_of_one());
	assert_int_equal(entry.fault_until, 0);
}

/* The fault is for others: in this process the answer may have come since. */
static void
who_has_asked_asks_on(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	name->speaks_at = 2;
	script_silence_fails = true;
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_true(entry_of_one());
	assert_true(entry.fault_until > time(NULL));
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 2);
}

/* What was born in the future is over for good, also if nobody answers. */
static void
a_birth_to_come_voids_the_entry(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	config.offline = 3600;
	entry_make(-2, 60);
	look(1, 50);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_int_equal(n_replays, 0);
	assert_true(entry_of_one());
	assert_int_equal(entry.born, 0);
	assert_true(entry.fault_until > time(NULL));
}

/* A share of the time that was too short says nothing of the servers. */
static void
a_short_wait_is_no_fault(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	look(1, 30);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_false(entry_of_one());
	look(1, 30);
	assert_int_equal(name->n_queries, 2);
}

static void
req_83_offline_where_nobody_answers(void **state)
{
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	entry_make(100, 60);
	/* It is off by default. */
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "dns");
	assert_int_equal(n_replays, 0);
	assert_true(entry_of_one());
	assert_int_equal(entry.rrset.n_records, 1);
	/* On, at once where the fault is known, or after half of the time. */
	config.offline = 3600;
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "offline");
	assert_int_equal(n_replays, 1);
	entry_make(100, 60);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "offline");
	assert_in_range(script_given[script_lookups - 1], 1, 31);
	/* The answer and its proof are still there, with the fault. */
	assert_true(entry_of_one());
	assert_int_equal(entry.rrset.n_records, 1);
	assert_int_equal(entry.proof.n, 1);
	assert_true(entry.fault_until > time(NULL));
	assert_true(shelf_of(ONE)->is_data);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_SECURE, "offline");
	assert_int_equal(n_replays, 3);
	/* The age has a bound. */
	config.offline = 90;
	dance_resolver_free(&policy.resolver);
	look(1, 60);
	answer_from(0, DANCE_DNSSEC_UNKNOWN, "cache");
	assert_int_equal(n_replays, 3);
}

/* A proof that proves nothing any more gives the rest of the time back. */
static void
a_proof_that_fails_is_no_answer(void **state)
{
	static const enum dance_dnssec states[] = { DANCE_DNSSEC_BOGUS,
		DANCE_DNSSEC_INSECURE, DANCE_DNSSEC_UNKNOWN,
		DANCE_DNSSEC_SECURE };
	struct script_name *name = script_answer(ONE, DANCE_DNSSEC_SECURE);
	size_t i;

	(void)state;
	name->is_silent = true;
	script_silence_fails = true;
	config.offline = 3600;
	for (i = 0; i < N(states); i++) {
		replay_dnssec = states[i];
		replay_is_denied = states[i] == DANCE_DNSSEC_SECURE;
		entry_make(100, 60);
		look(1, 60);
		assert_int_equal(rrsets[0].dnssec, DANCE_DNSSEC_UNKNOWN);
		assert_false(rrsets[0].is_denied);
	}
	assert_int_equal(script_lookups, 2 * N(states));
}

/* Nor is one that can't be tried: the DNS has the rest of the time. */
static void
a_proof_that_cannot_be_tried_is_no_answer(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	name->is_silent = true;
	name->speaks_at = 2;
	script_silence_fails = true;
	config.offline = 3600;
	replay_error = DANCE_ERR_INTERNAL;
	entry_make(100, 60);
	look(1, 100);
	assert_int_equal(n_replays, 1);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
}

static void
an_answer_beats_a_proof(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	config.offline = 3600;
	entry_make(100, 60);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(n_replays, 0);
	/* Late, but within the time. */
	name->is_silent = true;
	name->speaks_at = name->n_queries + 2;
	replay_dnssec = DANCE_DNSSEC_UNKNOWN;
	entry_make(100, 60);
	look(1, 100);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
}

/* Another process asks: its answer is waited for, and nobody else asks. */
static void
req_80_one_asks_for_all(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	shelf_of(ONE)->busy_until = 5;
	look(1, 2000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	/* The lock came to us, since the other one left nothing. */
	assert_int_equal(shelf_of(ONE)->busy_until, 0);
	assert_int_equal(name->n_queries, 1);
	/* One that never ends is not waited for beyond half of the time. */
	shelf_of(ONE)->busy_until = 1000000;
	look(1, 200);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 2);
	assert_in_range(script_given[script_lookups - 1], 20, 110);
}

static const bool *enough_seen;

static bool
one_is_enough(const bool *is_settled, void *arg)
{
	const bool *wants_two = arg;

	enough_seen = is_settled;
	return is_settled[*wants_two ? 1 : 0];
}

/* A name that is not needed is not asked for. */
static void
enough_is_enough(void **state)
{
	static const char *const owners[] = { ONE, TWO };
	bool wants_two = false;
	struct dance_lookup lookup = { .owners = owners,
		.n = 2,
		.deadline_ms = dance_now_ms() + 1000,
		.is_enough = one_is_enough,
		.arg = &wants_two };
	struct script_name *two = script_secure(TWO, "3 1 1", &key);

	(void)state;
	entry_make(10, 60);
	assert_int_equal(
	    dance_policy_lookup(&policy, &lookup, rrsets, &fault), 0);
	answer_from(0, DANCE_DNSSEC_SECURE, "cache");
	assert_int_equal(rrsets[1].dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_int_equal(script_lookups, 0);
	/* The other way round only the other one is asked for. */
	wants_two = true;
	dance_rrset_clear(&rrsets[0]);
	assert_int_equal(
	    dance_policy_lookup(&policy, &lookup, rrsets, &fault), 0);
	answer_from(0, DANCE_DNSSEC_SECURE, "cache");
	answer_from(1, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(two->n_queries, 1);
}

static void
no_cache_is_no_difference(void **state)
{
	struct script_name *name = script_secure(ONE, "3 1 1", &key);

	(void)state;
	policy.cache = NULL;
	look(1, 1000);
	look(1, 1000);
	answer_from(0, DANCE_DNSSEC_SECURE, "dns");
	assert_int_equal(name->n_queries, 2);
	assert_int_equal(n_fetches, 0);
	assert_int_equal(script_proofs, 0);
}

static void
faults_of_the_host(void **state)
{
	static const char *const owners[] = { ONE };
	struct dance_lookup lookup = {
		.owners = owners, .n = 1, .deadline_ms = dance_now_ms() + 1000
	};

	(void)state;
	script_new_error = DANCE_ERR_CONFIG;
	assert_int_equal(dance_policy_lookup(&policy, &lookup, rrsets, &fault),
	    DANCE_ERR_CONFIG);
	script_new_error = 0;
	(void)script_secure(ONE, "3 1 1", &key);
	script_lookup_error = DANCE_ERR_INTERNAL;
	assert_int_equal(dance_policy_lookup(&policy, &lookup, rrsets, &fault),
	    DANCE_ERR_INTERNAL);
}

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	offer_key_clear(&key);
	dance_entry_clear(&entry);
	script_clear();
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_miss_asks_and_keeps_it),
		TEST(req_80_a_fresh_entry_asks_nobody),
		TEST(one_that_is_over_is_asked_for),
		TEST(damage_is_as_nothing),
		TEST(each_end_of_a_ttl_counts),
		TEST(without_a_proof_nothing_is_kept),
		TEST(without_a_proof_the_same_stays),
		TEST(req_81_denials_are_kept_for_a_minute),
		TEST(what_a_wildcard_made_does_not_fill_the_folder),
		TEST(req_83_bogus_and_insecure_take_it_away),
		TEST(req_81_a_fault_is_kept_for_a_moment),
		TEST(req_83_a_fault_brings_nothing_back),
		TEST(who_has_asked_asks_on),
		TEST(a_birth_to_come_voids_the_entry),
		TEST(a_short_wait_is_no_fault),
		TEST(req_83_offline_where_nobody_answers),
		TEST(a_proof_that_fails_is_no_answer),
		TEST(a_proof_that_cannot_be_tried_is_no_answer),
		TEST(an_answer_beats_a_proof),
		TEST(req_80_one_asks_for_all),
		TEST(enough_is_enough),
		TEST(no_cache_is_no_difference),
		TEST(faults_of_the_host),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
