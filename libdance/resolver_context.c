/* SPDX-License-Identifier: ISC */
/*
 * The resolver's contexts, one of libunbound's for each upstream.  They must
 * never relax validation, and never read a file: the anchors come as text, the
 * addresses from dance.conf.
 */
#include <stdio.h>
#include <string.h>

#include "resolver_internal.h"

struct option {
	const char *name; /* the colon belongs to it */
	const char *value;
	bool is_vital; /* of security or privacy; the others only tune */
};

/*
 * The signal of anchors ("_ta-" queries) and full names to each server would
 * leak.  Aggressive NSEC is CVE-2026-44690's way in.  The skew would accept a
 * signature for up to a day after its end.
 */
static const struct option options[] = {
	{ "trust-anchor-signaling:", "no", true },
	{ "qname-minimisation:", "yes", true },
	{ "harden-dnssec-stripped:", "yes", true },
	{ "harden-below-nxdomain:", "yes", true },
	{ "aggressive-nsec:", "no", true },
	{ "val-sig-skew-min:", "0", true },
	{ "val-sig-skew-max:", "0", true },
	{ "prefetch-key:", "yes", false },
	{ "edns-buffer-size:", "1232", false },
	{ "val-max-restart:", "1", false },
};

#define UDP_SOCKETS 128 /* of all contexts; the sandbox allows 256 files */
#define TCP_SOCKETS 16

const char *
dance_upstream_name(const struct dance_upstream *upstream)
{
	return upstream->address[0] != '\0' ? upstream->address : "recursion";
}

static int
context_set_options(struct ub_ctx *ctx, struct dance_fault *fault)
{
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const struct option *option = &options[i];

		if (ub_ctx_set_option(ctx, option->name, option->value) == 0 ||
		    !option->is_vital)
			continue;
		dance_fault_set(fault,
		    "libunbound %s does not take the option %s %s",
		    ub_version(), option->name, option->value);
		return DANCE_ERR_CONFIG;
	}
	return 0;
}

/* 127/8 and ::1, which libunbound does not ask unless it forwards there. */
static bool
address_is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 ||
	    strcmp(address, "::1") == 0 || strncmp(address, "::1@", 4) == 0;
}

/*
 * libunbound denies home.arpa and its like by itself; a stub there means that
 * the zone exists.  "nodefault" would say so, but not in this library: a zone
 * of one's own without data does.
 */
static int
context_allow_zone(struct ub_ctx *ctx, const char *zone)
{
	char value[DANCE_NAME_MAX + sizeof(". transparent")];
	int n = snprintf(value, sizeof(value), "%s. transparent", zone);

	return n < 0 || (size_t)n >= sizeof(value) ||
		ub_ctx_set_option(ctx, "local-zone:", value) != 0
	    ? DANCE_ERR_CONFIG
	    : 0;
}

static int
context_set_stub(struct ub_ctx *ctx, const struct dance_stub *stub)
{
	if (ub_ctx_set_stub(ctx, stub->zone, stub->address, 0) != 0 ||
	    (address_is_loopback(stub->address) &&
		ub_ctx_set_option(ctx, "do-not-query-localhost:", "no") != 0))
		return DANCE_ERR_CONFIG;
	return 0;
}

/* A replay asks none of them; but their zones exist there as well. */
static int
context_add_stubs(struct ub_ctx *ctx, const struct dance_config *config,
    const struct dance_upstream *upstream, struct dance_fault *fault)
{
	size_t i;

	for (i = 0; i < config->n_stubs; i++) {
		const struct dance_stub *stub = &config->stubs[i];

		if (context_allow_zone(ctx, stub->zone) == 0 &&
		    (upstream->is_replay || context_set_stub(ctx, stub) == 0))
			continue;
		dance_fault_set(fault,
		    "stub: %s %s: libunbound does not take it", stub->zone,
		    stub->address);
		return DANCE_ERR_CONFIG;
	}
	return 0;
}

static int
context_add_anchors(struct ub_ctx *ctx, const struct dance_anchors *anchors)
{
	size_t i;

	for (i = 0; i < anchors->n; i++)
		if (ub_ctx_add_ta(ctx, anchors->list[i].record) != 0)
			return DANCE_ERR_INTERNAL;
	return 0;
}

/* Each context's share of the sockets: without one, answers look bogus. */
static void
context_share_sockets(struct ub_ctx *ctx, size_t n_contexts)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%zu", UDP_SOCKETS / n_contexts);
	(void)ub_ctx_set_option(ctx, "outgoing-range:", text);
	(void)snprintf(text, sizeof(text), "%zu", TCP_SOCKETS / n_contexts);
	(void)ub_ctx_set_option(ctx, "outgoing-num-tcp:", text);
}

/*
 * The number that makes two tries: of releases up to 1.17, 0.75 s; of later
 * ones, which count otherwise, 1.1 s.  Those with one digit don't have it.
 */
static const char *
retry_twice(void)
{
	return strcmp(ub_version(), "1.18") < 0 ? "1" : "2";
}

/*
 * With others in the race a dead upstream is given up after two tries, so that
 * a lost packet is no failure; alone it is asked on until the deadline.
 */
static int
context_set_upstream(struct ub_ctx *ctx, const struct dance_config *config,
    const struct dance_upstream *upstream, struct dance_fault *fault)
{
	context_share_sockets(ctx, config->n_upstreams);
	if (config->n_upstreams > 1)
		(void)ub_ctx_set_option(
		    ctx, "outbound-msg-retry:", retry_twice());
	if (upstream->is_replay)
		(void)ub_ctx_set_option(ctx, "qname-minimisation:", "no");
	if (upstream->address[0] == '\0' ||
	    ub_ctx_set_fwd(ctx, upstream->address) == 0)
		return 0;
	dance_fault_set(fault, "resolver: %s: libunbound does not take it",
	    upstream->address);
	return DANCE_ERR_CONFIG;
}

/*
 * libunbound looks at anchors and addresses only when a context starts to
 * work.  Removing a zone that is not there makes it do so now.
 */
static int
context_finalize(struct ub_ctx *ctx, const struct dance_upstream *upstream,
    struct dance_fault *fault)
{
	int err = ub_ctx_zone_remove(ctx, "dance-login.invalid.");

	if (err == 0)
		return 0;
	if (err == UB_NOMEM)
		return DANCE_ERR_INTERNAL;
	dance_fault_set(fault,
	    "resolver: %s: libunbound can't use the trust anchors or stubs: %s",
	    dance_upstream_name(upstream), ub_strerror(err));
	return DANCE_ERR_CONFIG;
}

int
dance_context_new(const struct dance_config *config,
    const struct dance_anchors *anchors, const struct dance_upstream *upstream,
    struct ub_ctx **ret, struct dance_fault *fault)
{
	struct ub_ctx *ctx = ub_ctx_create();
	int r = DANCE_ERR_INTERNAL;

	if (ctx == NULL || ub_ctx_debugout(ctx, NULL) != 0 ||
	    ub_ctx_async(ctx, 1) != 0)
		goto out;
	if ((r = context_set_options(ctx, fault)) != 0)
		goto out;
	r = context_set_upstream(ctx, config, upstream, fault);
	if (r != 0)
		goto out;
	if ((r = context_add_stubs(ctx, config, upstream, fault)) != 0)
		goto out;
	if ((r = context_add_anchors(ctx, anchors)) != 0)
		goto out;
	if ((r = context_finalize(ctx, upstream, fault)) != 0)
		goto out;

	*ret = ctx;
	ctx = NULL;
	r = 0;
out:
	if (ctx != NULL)
		ub_ctx_delete(ctx);
	return r;
}
