/* SPDX-License-Identifier: ISC */
/*
 * One RRset against one credential: which usages can count at all, which
 * records do, and whether one of them fits (RFC 7671; the project's reading of
 * usage 2 for OpenSSH certificates is the key of their CA).
 */
#include <string.h>

#include "judge.h"

/* The usages that can vouch for this credential under this name. */
static unsigned
judge_usages(const struct dance_rrset *rrset, const struct dance_identity *id,
    const struct dance_credential *cred, unsigned usages)
{
	unsigned possible = DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE);

	if (cred->cert != NULL)
		possible |= DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA);
	/* A domain's RRset names its CA; the uid stands in the certificate. */
	if (dance_identity_is_user(id))
		possible &= DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA);
	/* One key would be every name below the wildcard. */
	if (rrset->is_wildcard)
		possible &= ~DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE);
	return possible & usages;
}

static bool
judge_record(
    const struct dance_tlsa *record, const struct dance_credential *cred)
{
	const struct dance_sshkey *key = cred->key;

	if (record->usage == DANCE_USAGE_DANE_TA) {
		if (cred->cert == NULL)
			return false;
		key = cred->cert->ca;
	}
	return dance_tlsa_matches(
	    record, (struct dance_bytes){ key->spki, key->spki_len });
}

int
dance_rrset_state(const struct dance_rrset *rrset)
{
	switch (rrset->dnssec) {
	case DANCE_DNSSEC_SECURE:
		break;
	case DANCE_DNSSEC_INSECURE:
		return DANCE_ERR_INSECURE;
	case DANCE_DNSSEC_BOGUS:
		return DANCE_ERR_BOGUS;
	case DANCE_DNSSEC_UNKNOWN:
	default:
		return DANCE_ERR_DNS_FAILURE;
	}
	if (rrset->is_too_large)
		return DANCE_ERR_NO_USABLE_TLSA;
	if (rrset->is_denied)
		return DANCE_ERR_NO_TLSA;
	return 0;
}

int
dance_rrset_judge(const struct dance_rrset *rrset,
    const struct dance_identity *id, const struct dance_credential *cred,
    unsigned usages, bool is_usable[DANCE_RRSET_MAX], size_t *ret_record)
{
	struct dance_tlsa records[DANCE_RRSET_MAX];
	unsigned allowed[2] = { 0, 0 };
	size_t i, n = rrset->n_records, n_usable;
	int r;

	memset(is_usable, 0, DANCE_RRSET_MAX * sizeof(is_usable[0]));
	if ((r = dance_rrset_state(rrset)) != 0)
		return r;

	/* Keys can only be compared with keys: selector 1 (RFC 7671, 5.1). */
	allowed[DANCE_SELECTOR_SPKI] = judge_usages(rrset, id, cred, usages);
	memcpy(records, rrset->records, n * sizeof(records[0]));
	n_usable = dance_tlsa_select(records, n, allowed);
	for (i = 0; i < n; i++)
		is_usable[i] = records[i].is_usable;
	if (n_usable == 0)
		return DANCE_ERR_NO_USABLE_TLSA;
	for (i = 0; i < n; i++)
		if (records[i].is_usable && judge_record(&records[i], cred))
			break;
	if (i == n)
		return DANCE_ERR_MISMATCH;

	*ret_record = i;
	return 0;
}
