/* SPDX-License-Identifier: ISC */
/*
 * Which keys a validation will ask for one after the other, so that resolver.c
 * can ask for all of them at once: six round trips become about two.  No other
 * name may come out of here, since each one is told to the upstreams.
 */
#include <string.h>
#include <strings.h>

#include "resolver_internal.h"

/* The name above, "" for the root. */
static const char *
name_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL ? dot + 1 : "";
}

/* Labels of an anchor's zone that the name is at or below; -1 if it is not. */
static int
anchor_depth(const char *zone, const char *name)
{
	int depth = 0;

	if (strcmp(zone, ".") == 0)
		return 0;
	while (name[0] != '\0' && strcasecmp(name, zone) != 0)
		name = name_parent(name);
	if (name[0] == '\0')
		return -1;
	for (; name[0] != '\0'; name = name_parent(name))
		depth++;
	return depth;
}

static const char *
anchor_closest(const struct dance_anchors *anchors, const char *name)
{
	const char *closest = NULL;
	int depth, deepest = -1;
	size_t i;

	for (i = 0; i < anchors->n; i++) {
		depth = anchor_depth(anchors->list[i].zone, name);
		if (depth > deepest) {
			deepest = depth;
			closest = anchors->list[i].zone;
		}
	}
	return closest;
}

static size_t
prime_add(
    struct dance_prime *list, size_t n, size_t max, const char *zone, int type)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].type == type && strcasecmp(list[i].zone, zone) == 0)
			return n;
	if (n == max)
		return n;
	list[n] = (struct dance_prime){ zone, type };
	return n + 1;
}

/* From a zone, which is the anchor's or below it, up to that one. */
static size_t
prime_add_path(struct dance_prime *list, size_t n, size_t max,
    const char *anchor, const char *zone)
{
	while (zone[0] != '\0' && strcasecmp(zone, anchor) != 0) {
		n = prime_add(list, n, max, zone, DANCE_DNS_TYPE_DNSKEY);
		n = prime_add(list, n, max, zone, DANCE_DNS_TYPE_DS);
		zone = name_parent(zone);
	}
	return prime_add(
	    list, n, max, zone[0] != '\0' ? zone : ".", DANCE_DNS_TYPE_DNSKEY);
}

/* The owner itself may be a zone, but most are not: its DS is left out. */
static size_t
prime_add_owner(struct dance_prime *list, size_t n, size_t max,
    const char *anchor, const char *owner)
{
	return prime_add_path(list, n, max, anchor,
	    strcasecmp(owner, anchor) != 0 ? name_parent(owner) : owner);
}

size_t
dance_prime_plan(const struct dance_anchors *anchors, const char *const *owners,
    size_t n, struct dance_prime *list, size_t max)
{
	const char *anchor;
	size_t i, n_list = 0;

	for (i = 0; i < n; i++) {
		anchor = anchor_closest(anchors, owners[i]);
		if (anchor != NULL)
			n_list = prime_add_owner(
			    list, n_list, max, anchor, owners[i]);
	}
	return n_list;
}

size_t
dance_prime_add_zone(const struct dance_anchors *anchors, const char *zone,
    struct dance_prime *list, size_t n, size_t max)
{
	const char *anchor, *name = strcmp(zone, ".") == 0 ? "" : zone;

	if ((anchor = anchor_closest(anchors, name)) == NULL)
		return n;
	return prime_add_path(list, n, max, anchor, name);
}
