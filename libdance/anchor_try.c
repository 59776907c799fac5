/* SPDX-License-Identifier: ISC */
/*
 * Which algorithms a libunbound has, its builder decides: Ed448 is missing from
 * one with nettle, as Debian 12's.  No function tells; but a context that takes
 * up an anchor logs that it can't use it.  Nothing is asked.
 */
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <unbound.h>

#include "anchor.h"
#include "auth_key.h"

/* The context works then, and has said what there is to say. */
static int
context_start(struct ub_ctx *ctx, const struct dance_anchor *anchor, FILE *log)
{
	int err;

	if (ub_ctx_debugout(ctx, log) != 0 ||
	    ub_ctx_add_ta(ctx, anchor->record) != 0)
		return DANCE_ERR_INTERNAL;
	err = ub_ctx_zone_remove(ctx, "dance-login.invalid.");
	(void)ub_ctx_debugout(ctx, NULL);
	return err == 0 ? 0 : DANCE_ERR_INTERNAL;
}

/* Any word counts: of an anchor that is known there is none. */
static int
anchor_try(const struct dance_anchor *anchor, bool *ret_is_known)
{
	struct ub_ctx *ctx = ub_ctx_create();
	char *text = NULL;
	size_t len = 0;
	FILE *log = open_memstream(&text, &len);
	int r = DANCE_ERR_INTERNAL;

	if (ctx != NULL && log != NULL)
		r = context_start(ctx, anchor, log);
	if (ctx != NULL)
		ub_ctx_delete(ctx);
	if (log != NULL && fclose(log) != 0)
		r = DANCE_ERR_INTERNAL;
	*ret_is_known = len == 0;
	free(text);
	return r;
}

int
dance_anchors_try(
    const struct dance_anchors *anchors, struct dance_fault *fault)
{
	const struct dance_anchor *anchor;
	bool is_known;
	size_t i;
	int r;

	for (i = 0; i < anchors->n; i++) {
		anchor = &anchors->list[i];
		if (anchor->algorithm != LDNS_ED448)
			continue;
		if ((r = anchor_try(anchor, &is_known)) != 0)
			return r;
		if (is_known)
			continue;
		dance_fault_set(fault,
		    "trust-anchor: zone %s: this libunbound (%s) does not know "
		    "its algorithm, %s",
		    anchor->zone, ub_version(),
		    dance_auth_algorithm_name(anchor->algorithm));
		return DANCE_ERR_CONFIG;
	}
	return 0;
}
