/* SPDX-License-Identifier: ISC */
/*
 * A resolver's beginning and end.  They stand by themselves: a test that puts a
 * scripted resolver in the place of this one still takes the contexts.
 */
#include <stdlib.h>

#include "resolver_internal.h"

/* Who is silent for so long, or for this part of the timeout, has failed. */
#define PATIENCE_MS   1000
#define PATIENCE_PART 4

int
dance_resolver_new(const struct dance_config *config,
    const struct dance_anchors *anchors, struct dance_resolver **ret,
    struct dance_fault *fault)
{
	struct dance_resolver *resolver;
	size_t i;
	int r = DANCE_ERR_INTERNAL;

	if (anchors == NULL || anchors->n == 0 || config->n_upstreams == 0 ||
	    config->n_upstreams > DANCE_UPSTREAMS_MAX) {
		dance_fault_set(fault, "%s",
		    anchors == NULL || anchors->n == 0
			? "trust-anchor: there is none"
			: "resolver: there is no server to ask");
		return DANCE_ERR_CONFIG;
	}
	if ((resolver = calloc(1, sizeof(*resolver))) == NULL)
		return DANCE_ERR_INTERNAL;
	resolver->config = config;
	resolver->anchors = anchors;
	resolver->min_rsa = config->min_dnssec_rsa;
	resolver->patience_ms = config->timeout_ms / PATIENCE_PART;
	if (resolver->patience_ms > PATIENCE_MS)
		resolver->patience_ms = PATIENCE_MS;
	for (i = 0; i < config->n_upstreams; i++) {
		struct dance_runner *runner = &resolver->runners[i];

		runner->name = dance_upstream_name(&config->upstreams[i]);
		r = dance_context_new(config, anchors, &config->upstreams[i],
		    &runner->ctx, fault);
		if (r != 0)
			goto out;
		resolver->n_runners++;
	}

	*ret = resolver;
	resolver = NULL;
	r = 0;
out:
	dance_resolver_free(&resolver);
	return r;
}

void
dance_resolver_free(struct dance_resolver **resolver)
{
	size_t i;

	if (*resolver == NULL)
		return;
	for (i = 0; i < (*resolver)->n_runners; i++)
		ub_ctx_delete((*resolver)->runners[i].ctx);
	dance_sides_clear(&(*resolver)->sides);
	dance_reach_close(&(*resolver)->reach);
	free(*resolver);
	*resolver = NULL;
}
