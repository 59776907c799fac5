/* SPDX-License-Identifier: ISC */
/*
 * What is the matter with the resolvers: each one is asked for the keys of one
 * zone, by itself.  For a person who looks; no decision goes by it.
 */
#ifndef DANCE_PROBE_H
#define DANCE_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "resolver.h"

/* One upstream of the configuration, in its order. */
struct dance_probe {
	enum dance_dnssec dnssec;
	bool has_answer;     /* it said something */
	bool has_signatures; /* the next two are set */
	time_t inception;    /* the latest begin of a signature, */
	time_t expires;	     /* and the first end */
	int64_t ms;	     /* that it took */
	char why[DANCE_WHY_MAX];
};

/*
 * Ask every upstream for the DNSKEY RRset of the zone (without trailing dot,
 * "." for the root), all at once, until the deadline.  Fills one probe for
 * each.  Returns 0, DANCE_ERR_CONFIG with a fault, or DANCE_ERR_INTERNAL.
 */
int dance_probe_run(const struct dance_config *config,
    const struct dance_anchors *anchors, const char *zone, int64_t deadline_ms,
    struct dance_probe ret[DANCE_UPSTREAMS_MAX], struct dance_fault *fault);

#endif
