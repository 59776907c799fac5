/* SPDX-License-Identifier: ISC */
/*
 * The parts of the resolver, for resolver.c and its tests alone: making a
 * libunbound context, planning what is asked beside the names, and reading
 * results.
 */
#ifndef DANCE_RESOLVER_INTERNAL_H
#define DANCE_RESOLVER_INTERNAL_H

#include <unbound.h>

#include "reach.h"
#include "resolver.h"

#define DANCE_DNS_CLASS_IN    1
#define DANCE_DNS_TYPE_DS     43
#define DANCE_DNS_TYPE_DNSKEY 48
#define DANCE_DNS_TYPE_TLSA   52
#define DANCE_PRIME_MAX	      256  /* questions beside the names, at first */
#define DANCE_SIDES_MAX	      1024 /* and in all: 16 for each name */

/* A question that fills a context's cache; zone borrows or is ".". */
struct dance_prime {
	const char *zone;
	int type;
};

/*
 * What was asked beside the names.  It stays as long as the contexts, whose
 * callbacks write to it.
 */
struct dance_side {
	char name[DANCE_NAME_MAX + 2];
	int type;
	unsigned n_running;
	uint8_t *packet; /* the first secure answer, owned; or NULL */
	size_t packet_len;
	time_t valid_until; /* its TTLs */
	time_t signed_until;
};

struct dance_sides {
	struct dance_side list[DANCE_SIDES_MAX];
	size_t n;
};

/* One upstream's context. */
struct dance_runner {
	struct ub_ctx *ctx;
	const char *name; /* of the upstream */
	bool is_dead;	  /* libunbound failed; not asked again */
};

/* A name that was asked for, and by when nobody had answered. */
struct dance_silence {
	char owner[DANCE_NAME_MAX + 1]; /* "": free */
	int64_t since_ms;		/* by awake_ms of the resolver */
};

#define DANCE_SILENCES_MAX 64 /* names of one decision */

struct dance_resolver {
	const struct dance_config *config;
	const struct dance_anchors *anchors;
	struct dance_reach reach; /* opened when a name stays unknown */
	int64_t reach_ms;	  /* by awake_ms: when that was */
	unsigned min_rsa;	  /* bits, of keys that sign zones */
	int64_t patience_ms;	  /* with a name that nobody answers for */
	int64_t awake_ms;	  /* that it has really waited, in all */
	bool was_asleep; /* in the race that runs, and not for a moment */
	struct dance_silence silences[DANCE_SILENCES_MAX];
	struct dance_runner runners[DANCE_UPSTREAMS_MAX];
	size_t n_runners;
	size_t winner; /* the runner of the last secure answer */
	struct dance_sides sides;
};

/*
 * Ask a runner, and remember what it says if there is room.  The same question
 * may be asked of several.
 */
void dance_side_ask(struct dance_sides *sides,
    const struct dance_runner *runner, const char *name, int type);

/*
 * Since when nobody answers for a name, whoever asked: a short wait says
 * nothing of the servers, but many of them do, for the contexts go on
 * meanwhile.  Beginning again changes nothing.  It is counted by what the
 * resolver has waited, not by the clock: who lets this process sleep, as a user
 * can who has started it, must not make servers look silent.
 */
void dance_silence_begin(struct dance_resolver *resolver, const char *owner);
void dance_silence_end(struct dance_resolver *resolver, const char *owner);

/*
 * Longer than the resolver has patience?  What was waited before this process
 * knew that it can send anything does not count.
 */
bool dance_silence_is_long(struct dance_resolver *resolver, const char *owner);

/* NULL if it was not asked, or not remembered. */
struct dance_side *dance_side_find(
    struct dance_sides *sides, const char *name, int type);

void dance_sides_clear(struct dance_sides *sides);

/*
 * Wait until one of the first n runners has something to say, or for the time
 * (CLOCK_MONOTONIC), but not for long: the caller asks again.  What they say is
 * taken.  One that libunbound gives up is called dead.  Returns 0 or
 * DANCE_ERR_INTERNAL.
 */
int dance_runners_wait(
    struct dance_resolver *resolver, size_t n, int64_t until_ms);

/*
 * Do strong keys alone prove the secure data that a runner has given?  What
 * it takes and was not asked is asked now.  Returns 0 if they do.  Else *why,
 * of DANCE_WHY_MAX octets, says what is missing, with DANCE_ERR_WEAK_DNSSEC;
 * DANCE_ERR_FORMAT if answers are still to come: try again then, with the same
 * *awaited, which is NULL at first;
 * DANCE_ERR_DNS_FAILURE if there is no telling; DANCE_ERR_INTERNAL.
 */
int dance_resolver_weigh(struct dance_resolver *resolver,
    const struct dance_runner *runner, const char *owner,
    const struct dance_rrset *rrset, int64_t deadline_ms,
    const struct dance_side **awaited, char ret_why[DANCE_WHY_MAX]);

/*
 * Forget what was learnt of keys, and ask this runner for it once more: keys
 * of one upstream and signatures of another need not belong together.
 */
void dance_sides_renew(
    struct dance_sides *sides, const struct dance_runner *runner);

/*
 * A context that asks one upstream, finalized: its options, stubs and anchors
 * were understood, and no file is opened after this.  Free with
 * ub_ctx_delete().  Returns 0, DANCE_ERR_CONFIG with a fault, or
 * DANCE_ERR_INTERNAL.
 */
int dance_context_new(const struct dance_config *config,
    const struct dance_anchors *anchors, const struct dance_upstream *upstream,
    struct ub_ctx **ret, struct dance_fault *fault);

/* The upstream as faults name it: its address, or "recursion". */
const char *dance_upstream_name(const struct dance_upstream *upstream);

/*
 * What validation of the owners will need: DNSKEY of the anchor's zone, DS and
 * DNSKEY of every name between it and the owner.  Only the closest anchor
 * above an owner counts, since libunbound starts at that one.  Nothing that is
 * not an ancestor of an owner, nothing twice.  Fills list[0..max-1], borrowing
 * from owners, and returns how many.
 */
size_t dance_prime_plan(const struct dance_anchors *anchors,
    const char *const *owners, size_t n, struct dance_prime *list, size_t max);

/*
 * DNSKEY and DS of a zone and of all above it, to the closest anchor's, behind
 * the n that the list has: how many it has then.
 */
size_t dance_prime_add_zone(const struct dance_anchors *anchors,
    const char *zone, struct dance_prime *list, size_t n, size_t max);

/*
 * Judge a result of libunbound: err as its callback gets it, result may be
 * NULL.  Fills an empty rrset; name is who was asked.
 */
void dance_result_read(int err, const struct ub_result *result,
    const char *name, struct dance_rrset *ret);

/* Not secure any more: the records go, the packet stays. */
void dance_result_set_weak(
    struct dance_rrset *rrset, const char *name, const char *why);

/* printf behind what why says, with "; " between; printable ASCII only. */
void dance_why_add(struct dance_rrset *rrset, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
