/* SPDX-License-Identifier: ISC */
/*
 * Lookups: a cache with entries of any age, locks that others have, a resolver
 * that says anything or nothing, and proofs.  Whatever comes, a name is secure
 * only by what was kept and is fresh, by an answer, or by a proof; what is kept
 * says no more than that; and every lock is given back once.
 */
#include "input.h"

#include "cache_entry.h"
#include "cache_link.h"
#include "lookup.h"
#include "offline.h"
#include "policy.h"

#define NAMES_MAX 4
#define MAX_TTL	  3600
#define OFFLINE	  86400
#define TIMEOUT	  400

/* One name: what is kept of it, what is said, what became of it. */
struct name {
	uint8_t *data; /* kept */
	size_t len;
	bool is_busy;		 /* another one asks for it */
	bool is_fresh;		 /* by the plan */
	bool is_provable;	 /* the same */
	enum dance_dnssec proof; /* what the proof says */
	enum dance_dnssec said;	 /* by the DNS, when it was asked */
	enum dance_dnssec says;	 /* when it is */
	bool is_denied;
	bool has_failed;
	unsigned n_locks; /* that this process has */
};

static const char *const owners[NAMES_MAX] = { "a.example", "b.example",
	"_user.c.example", "d.example" };

static struct plan {
	struct input *in;
	struct name names[NAMES_MAX];
	size_t n;
	int64_t clock_ms;
	unsigned n_resolvers;
	int link_error;
	int prove_error;
	bool is_users; /* a user has started this process */
} * plan;

static struct name *
name_find(const char *owner)
{
	size_t i;

	for (i = 0; i < plan->n; i++)
		if (strcmp(owners[i], owner) == 0)
			return &plan->names[i];
	abort();
}

/* Time passes when somebody waits, and not by itself. */
int64_t
dance_now_ms(void)
{
	return plan->clock_ms;
}

/* The time of day is the host's, as in what is kept. */
void
dance_moment_now(struct dance_moment *ret)
{
	ret->real_ns = (int64_t)time(NULL) * 1000000000;
	ret->boot_ns = ret->real_ns;
}

bool
dance_moment_is_comparable(
    const struct dance_moment *then, const struct dance_moment *now)
{
	return then->boot_ns <= now->boot_ns;
}

int
nanosleep(const struct timespec *pause, struct timespec *left)
{
	(void)left;
	require(pause->tv_sec == 0 && pause->tv_nsec > 0);
	require(pause->tv_nsec <= 80 * 1000000L);
	plan->clock_ms += pause->tv_nsec / 1000000;
	return 0;
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
	if (input_below(plan->in, 32) == 1) {
		dance_fault_set(fault, "planned");
		return DANCE_ERR_CONFIG;
	}
	*ret = calloc(1, sizeof(**ret));
	require(*ret != NULL);
	plan->n_resolvers++;
	return 0;
}

void
dance_resolver_free(struct dance_resolver **resolver)
{
	if (*resolver != NULL)
		plan->n_resolvers--;
	free(*resolver);
	*resolver = NULL;
}

static void
rrset_say(const struct name *name, struct dance_rrset *rrset)
{
	static const uint8_t octets[] = { 3, 1, 1, 0x55 };
	static const struct dance_bytes rdata = { octets, sizeof(octets) };

	*rrset = (struct dance_rrset){ .source = "dns",
		.dnssec = name->says,
		.valid_until = time(NULL) + 100 };
	rrset->is_denied = name->is_denied && name->says == DANCE_DNSSEC_SECURE;
	rrset->has_failed =
	    name->has_failed && name->says == DANCE_DNSSEC_UNKNOWN;
	if (rrset->dnssec == DANCE_DNSSEC_SECURE && !rrset->is_denied)
		require(dance_rrset_fill(rrset, &rdata, 1) == 0);
}

int
dance_resolver_lookup(struct dance_resolver *resolver,
    const struct dance_lookup *lookup, struct dance_rrset *rrsets)
{
	struct name *name;
	unsigned said;
	size_t i;

	require(resolver != NULL && lookup->asking != NULL);
	require(lookup->n == plan->n && plan->clock_ms <= TIMEOUT);
	if (input_below(plan->in, 32) == 1)
		return DANCE_ERR_INTERNAL;
	plan->clock_ms += input_u8(plan->in);
	if (plan->clock_ms > lookup->deadline_ms)
		plan->clock_ms = lookup->deadline_ms;
	for (i = 0; i < lookup->n; i++) {
		if (lookup->asking[i] != DANCE_ASK)
			continue;
		name = name_find(lookup->owners[i]);
		require(rrsets[i].rdata == NULL);
		said = input_below(plan->in, 4);
		name->says = (enum dance_dnssec)said;
		rrset_say(name, &rrsets[i]);
		name->said = name->says;
	}
	return 0;
}

int
dance_resolver_prove(struct dance_resolver *resolver, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    struct dance_proof_set *ret)
{
	static const uint8_t packet[] = { 0x4a, 0x55 };

	require(resolver != NULL && deadline_ms <= TIMEOUT);
	require(rrset->dnssec == DANCE_DNSSEC_SECURE && !rrset->is_denied);
	plan->prove_error =
	    input_below(plan->in, 4) == 1 ? DANCE_ERR_DNS_FAILURE : 0;
	if (plan->prove_error != 0)
		return plan->prove_error;
	ret->list[0] = (struct dance_signed_answer){ owner, 52,
		{ packet, sizeof(packet) } };
	ret->n = 1;
	ret->valid_until = time(NULL) + input_u8(plan->in);
	ret->signed_until = time(NULL) + 1000;
	return 0;
}

int
dance_offline_judge(const struct dance_config *config,
    const struct dance_anchors *anchors, const char *owner,
    const struct dance_proof_set *proof, int64_t deadline_ms,
    struct dance_rrset *ret, struct dance_fault *fault)
{
	struct name *name = name_find(owner);

	(void)config;
	(void)anchors;
	(void)fault;
	require(name->is_provable && proof->n == 1);
	require(deadline_ms == TIMEOUT);
	/* What the DNS has said is not undone by what was kept before. */
	require(name->said == DANCE_DNSSEC_UNKNOWN);
	if (input_below(plan->in, 16) == 1) {
		*ret = (struct dance_rrset){ .source = "offline" };
		return DANCE_ERR_INTERNAL;
	}
	name->says = name->proof;
	rrset_say(name, ret);
	ret->source = "offline";
	ret->has_failed = false;
	name->says = DANCE_DNSSEC_UNKNOWN;
	return 0;
}

static int
link_fetch(void *arg, const char *owner, bool wants_lock, uint8_t **ret,
    size_t *ret_len, bool *ret_is_busy)
{
	struct name *name = name_find(owner);

	require(arg == plan);
	if (input_below(plan->in, 64) == 1)
		return plan->link_error = DANCE_ERR_INTERNAL;
	if (wants_lock) {
		require(name->n_locks == 0);
		/* The other one is done some time, perhaps. */
		if (name->is_busy && input_below(plan->in, 4) == 1)
			name->is_busy = false;
		*ret_is_busy = name->is_busy;
		name->n_locks += !name->is_busy;
	}
	*ret = NULL;
	*ret_len = 0;
	if (name->data == NULL)
		return 0;
	*ret = malloc(name->len);
	require(*ret != NULL);
	memcpy(*ret, name->data, name->len);
	*ret_len = name->len;
	return 0;
}

/* Data is kept where the DNS has said it, and a fault where it has not. */
static void
keeping_check(const struct name *name, const char *owner,
    const struct dance_keeping *keeping)
{
	struct dance_entry *entry = calloc(1, sizeof(*entry));

	require(entry != NULL);
	require(dance_entry_read(keeping->data, owner, entry) == 0);
	require(keeping->seconds <= OFFLINE);
	if (keeping->is_note) {
		require(!plan->is_users);
		require(name->said == DANCE_DNSSEC_UNKNOWN);
		require(dance_entry_is_failing(entry, time(NULL)));
	} else {
		require(name->said == DANCE_DNSSEC_SECURE);
		require(entry->rrset.is_denied == name->is_denied);
		require(entry->fresh_until <= time(NULL) + MAX_TTL);
		require(entry->fault_until == 0);
		require(keeping->is_data == !name->is_denied);
	}
	dance_entry_clear(entry);
	free(entry);
}

static int
link_settle(void *arg, const char *owner, const struct dance_keeping *keeping)
{
	struct name *name = name_find(owner);

	require(arg == plan);
	if (name->n_locks > 0)
		name->n_locks--;
	else
		/* It was asked for beside the one that has the lock. */
		require(keeping == NULL || name->said != DANCE_DNSSEC_UNKNOWN);
	if (keeping == NULL)
		return 0;
	if (keeping->data.len > 0)
		keeping_check(name, owner, keeping);
	free(name->data);
	name->data = NULL;
	name->len = keeping->data.len;
	if (name->len > 0) {
		name->data = malloc(name->len);
		require(name->data != NULL);
		memcpy(name->data, keeping->data.data, name->len);
	}
	return 0;
}

/* What is kept: whole, of any age; with or without a proof and a fault. */
static void
entry_make(struct input *in, struct name *name, const char *owner)
{
	static const int64_t ages[] = { 10, 3000, 4000, 90000, -100 };
	struct dance_entry *entry = calloc(1, sizeof(*entry));
	int64_t now = time(NULL), age = ages[input_below(in, 5)];
	uint8_t flags = input_u8(in);

	require(entry != NULL);
	if ((flags & 1) != 0) {
		entry->born = now - age;
		name->says = DANCE_DNSSEC_SECURE;
		rrset_say(name, &entry->rrset);
		entry->fresh_until = now + ((flags & 2) != 0 ? 50 : -50);
		entry->rrset.valid_until = now + 50;
	}
	if ((flags & 5) == 5 && !entry->rrset.is_denied) {
		entry->proof.list[0] = (struct dance_signed_answer){ owner, 52,
			{ (const uint8_t *)"JU", 2 } };
		entry->proof.n = 1;
		entry->signed_until = now + ((flags & 8) != 0 ? 50 : -50);
	}
	if ((flags & 16) != 0)
		entry->fault_until = now + 4;
	/* As the manual says it. */
	name->is_fresh =
	    entry->born != 0 && age >= 0 && age < MAX_TTL && (flags & 2) != 0;
	name->is_provable = entry->proof.n == 1 && age >= 0 && age < OFFLINE &&
	    (flags & 8) != 0;
	require(dance_entry_write(entry, owner, &name->data, &name->len) == 0);
	if ((flags & 32) != 0) {
		name->data[input_u8(in) % name->len] ^= 0x10;
		name->is_fresh = name->is_provable = false;
	}
	dance_entry_clear(entry);
	free(entry);
	name->says = DANCE_DNSSEC_UNKNOWN;
}

static void
plan_make(struct input *in, struct plan *ret)
{
	struct name *name;
	uint8_t flags;
	size_t i;

	ret->in = in;
	ret->n = 1 + input_below(in, NAMES_MAX);
	for (i = 0; i < ret->n; i++) {
		name = &ret->names[i];
		flags = input_u8(in);
		name->is_busy = (flags & 1) != 0;
		name->is_denied = (flags & 2) != 0;
		name->has_failed = (flags & 4) != 0;
		name->proof = (enum dance_dnssec)(flags >> 3 & 3);
		if ((flags & 0x40) != 0)
			entry_make(in, name, owners[i]);
	}
}

/* Where it is from, and that it may be from there. */
static void
rrset_check(const struct name *name, const struct dance_rrset *rrset)
{
	bool is_data =
	    rrset->dnssec == DANCE_DNSSEC_SECURE && !rrset->is_denied;

	require(is_data == (rrset->n_records == 1));
	if (rrset->dnssec == DANCE_DNSSEC_UNKNOWN)
		return;
	if (strcmp(rrset->source, "dns") == 0)
		require(rrset->dnssec == name->said);
	else if (strcmp(rrset->source, "cache") == 0)
		require(name->is_fresh &&
		    rrset->dnssec == DANCE_DNSSEC_SECURE &&
		    rrset->is_denied == name->is_denied);
	else
		require(strcmp(rrset->source, "offline") == 0 &&
		    name->is_provable && is_data &&
		    name->proof == DANCE_DNSSEC_SECURE &&
		    name->said == DANCE_DNSSEC_UNKNOWN);
}

static bool
is_enough(const bool *is_settled, void *arg)
{
	const struct plan *here = arg;
	size_t i;

	for (i = 0; i < here->n; i++)
		if (is_settled[i] && i == here->n - 1)
			return true;
	return false;
}

static void
result_check(int r, struct dance_rrset *rrsets)
{
	struct name *name;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		name = &plan->names[i];
		require(name->n_locks == 0 || plan->link_error != 0);
		if (r != 0)
			require(rrsets[i].rdata == NULL &&
			    rrsets[i].dnssec == DANCE_DNSSEC_UNKNOWN);
		else
			rrset_check(name, &rrsets[i]);
		dance_rrset_clear(&rrsets[i]);
		free(name->data);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dance_config config; /* large for a stack */
	struct dance_rrset *rrsets = calloc(NAMES_MAX, sizeof(*rrsets));
	struct input in = { data, size };
	struct plan here = { .clock_ms = 0 };
	struct dance_cache_link link = { link_fetch, link_settle, &here };
	struct dance_policy policy = { .config = &config, .cache = &link };
	struct dance_lookup lookup = { .owners = owners,
		.deadline_ms = TIMEOUT };
	struct dance_fault fault = { "" };
	int r;

	require(rrsets != NULL);
	plan = &here;
	config.cache_max_ttl = MAX_TTL;
	config.offline = OFFLINE;
	plan_make(&in, &here);
	here.is_users = input_below(&in, 4) == 1;
	policy.is_called_by_sshd = !here.is_users;
	lookup.n = here.n;
	if (input_below(&in, 2) == 1) {
		lookup.is_enough = is_enough;
		lookup.arg = &here;
	}
	r = dance_policy_lookup(&policy, &lookup, rrsets, &fault);
	require(r == 0 || r == DANCE_ERR_INTERNAL || r == DANCE_ERR_CONFIG);
	result_check(r, rrsets);
	dance_resolver_free(&policy.resolver);
	require(here.n_resolvers == 0);
	free(rrsets);
	plan = NULL;
	return 0;
}
