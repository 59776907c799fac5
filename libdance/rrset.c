/* SPDX-License-Identifier: ISC */
/*
 * RRsets of TLSA records as values, whoever made them: the resolver, a test's
 * scripted resolver, or a cache.
 */
#include <stdlib.h>
#include <string.h>

#include "resolver.h"

static const char *const dnssec_names[] = {
	[DANCE_DNSSEC_UNKNOWN] = "unknown",
	[DANCE_DNSSEC_SECURE] = "secure",
	[DANCE_DNSSEC_INSECURE] = "insecure",
	[DANCE_DNSSEC_BOGUS] = "bogus",
	[DANCE_DNSSEC_WEAK] = "weak",
};

const char *
dance_dnssec_name(enum dance_dnssec dnssec)
{
	size_t n = sizeof(dnssec_names) / sizeof(dnssec_names[0]);

	return (size_t)dnssec < n ? dnssec_names[dnssec] : "unknown";
}

void
dance_rrset_clear(struct dance_rrset *rrset)
{
	free(rrset->rdata);
	free(rrset->packet);
	memset(rrset, 0, sizeof(*rrset));
	rrset->dnssec = DANCE_DNSSEC_UNKNOWN;
}

/* False if the RRset is above the limits. */
static bool
rdata_size(const struct dance_bytes *rdata, size_t n, size_t *ret)
{
	size_t i, size = 0;

	if (n > DANCE_RRSET_MAX)
		return false;
	for (i = 0; i < n; i++) {
		if (rdata[i].len > DANCE_RRSET_BYTES_MAX - size)
			return false;
		size += rdata[i].len;
	}
	*ret = size;
	return true;
}

int
dance_rrset_fill(
    struct dance_rrset *rrset, const struct dance_bytes *rdata, size_t n)
{
	struct dance_bytes copy;
	uint8_t *next;
	size_t i, size;

	free(rrset->rdata);
	rrset->rdata = NULL;
	rrset->n_records = 0;
	rrset->is_too_large = !rdata_size(rdata, n, &size);
	if (rrset->is_too_large || size == 0)
		return 0;
	if ((rrset->rdata = malloc(size)) == NULL)
		return DANCE_ERR_INTERNAL;
	next = rrset->rdata;
	for (i = 0; i < n; i++) {
		struct dance_tlsa *record = &rrset->records[rrset->n_records];

		if (rdata[i].len == 0)
			continue;
		memcpy(next, rdata[i].data, rdata[i].len);
		copy = (struct dance_bytes){ next, rdata[i].len };
		next += rdata[i].len;
		if (dance_tlsa_parse(copy, record) == 0)
			rrset->n_records++;
	}
	return 0;
}
