/* SPDX-License-Identifier: ISC */
/*
 * What the tests of lookups share: a scripted resolver, a cache in memory, and
 * a replay of proofs that says what a test wants.  Included once.
 */
#ifndef LOOKUPBENCH_H
#define LOOKUPBENCH_H

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
	bool is_denial;
	struct dance_moment asked;
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

static inline struct shelf *
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

static inline void
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

static inline int
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

static inline int
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
	shelf->is_denial = keeping->is_denial;
	shelf->asked = keeping->asked;
	return 0;
}

static const struct dance_cache_link shelf_link = { shelf_fetch, shelf_settle,
	shelves };

static inline int
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
	policy.is_called_by_sshd = true;
	policy.cache = &shelf_link;
	n_fetches = n_replays = 0;
	replay_dnssec = DANCE_DNSSEC_SECURE;
	replay_is_denied = false;
	replay_error = 0;
	memset(rrsets, 0, sizeof(rrsets));
	return 0;
}

static inline int
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
static inline void
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
static inline bool
entry_of_one(void)
{
	const struct shelf *shelf = shelf_of(ONE);

	dance_entry_clear(&entry);
	return shelf->len > 0 &&
	    dance_entry_read((struct dance_bytes){ shelf->data, shelf->len },
		ONE, &entry) == 0;
}

/* Put what is in entry on the shelf of ONE. */
static inline void
entry_put(void)
{
	uint8_t *data;
	size_t len;

	assert_int_equal(dance_entry_write(&entry, ONE, &data, &len), 0);
	shelf_put(shelf_of(ONE), data, len);
	free(data);
}

/* As if a secure answer had come age seconds ago, with this TTL. */
static inline void
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

static inline void
answer_from(size_t i, enum dance_dnssec dnssec, const char *source)
{
	assert_int_equal(rrsets[i].dnssec, dnssec);
	assert_string_equal(rrsets[i].source, source);
}

static inline int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	return 0;
}

static inline int
group_teardown(void **state)
{
	(void)state;
	offer_key_clear(&key);
	dance_entry_clear(&entry);
	script_clear();
	return 0;
}

#endif
