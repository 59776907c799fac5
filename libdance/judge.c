/* SPDX-License-Identifier: ISC */
/*
 * One RRset against one credential: which usages can count at all, which
 * records do, and whether one of them fits (RFC 7671; the project's reading of
 * usage 2 for OpenSSH certificates is the key of their CA).
 */
#include <string.h>

#include "judge.h"

/*
 * The usages that can vouch for this credential under this name, for whole
 * certificates (selector 0) and for keys (selector 1).
 */
static void
judge_usages(const struct dance_rrset *rrset, const struct dance_identity *id,
    const struct dance_credential *cred, unsigned usages, unsigned ret[2])
{
	unsigned possible = DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE);

	if (cred->cert != NULL)
		possible |= DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA);
	if (cred->chain != NULL)
		possible = ~0U;
	/*
	 * A domain's RRset names its CA; the uid stands in the certificate.
	 * The CA at a wildcard was published for other names: while "_user" is
	 * not there the wildcard answers for it, too.
	 */
	if (dance_identity_is_user(id) && rrset->is_wildcard)
		possible = 0;
	else if (dance_identity_is_user(id))
		possible &= DANCE_USAGE_BIT(DANCE_USAGE_DANE_TA) |
		    DANCE_USAGE_BIT(DANCE_USAGE_PKIX_TA);
	/* One key would be every name below the wildcard. */
	if (rrset->is_wildcard)
		possible &= ~DANCE_USAGE_BIT(DANCE_USAGE_DANE_EE);
	ret[DANCE_SELECTOR_SPKI] = possible & usages;
	/* Without X.509 there is no certificate to compare with. */
	ret[DANCE_SELECTOR_CERT] = cred->chain != NULL ? possible & usages : 0;
}

/*
 * Keys, compared as such: the one that the client holds (3 1 x), and the one
 * that signed its OpenSSH certificate (2 1 x).  Of a certificate with a chain
 * that signed itself the second is no authority: usage 2 never means the leaf.
 * Returns as dance_tlsa_compare().
 */
static int
judge_key(const struct dance_tlsa *record, const struct dance_credential *cred)
{
	const struct dance_sshkey *key = cred->key;

	if (key == NULL || record->selector != DANCE_SELECTOR_SPKI)
		return DANCE_ERR_MISMATCH;
	if (record->usage == DANCE_USAGE_DANE_TA && cred->cert != NULL) {
		key = cred->cert->ca;
		if (cred->chain != NULL &&
		    key->spki_len == cred->key->spki_len &&
		    memcmp(key->spki, cred->key->spki, key->spki_len) == 0)
			return DANCE_ERR_MISMATCH;
	} else if (record->usage != DANCE_USAGE_DANE_EE)
		return DANCE_ERR_MISMATCH;
	return dance_tlsa_compare(
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
	case DANCE_DNSSEC_WEAK:
		return DANCE_ERR_WEAK_DNSSEC;
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

const char *
dance_rrset_explain(
    const struct dance_rrset *rrset, const struct dance_identity *id, int error)
{
	if (error != DANCE_ERR_NO_USABLE_TLSA)
		return rrset->why;
	if (rrset->is_too_large)
		return "too many records, or too large ones";
	if (!rrset->is_wildcard)
		return rrset->why;
	return dance_identity_is_user(id)
	    ? "the records are those of a wildcard, which never speaks for the "
	      "users of a domain"
	    : "the records are those of a wildcard, at which usage 3 does not "
	      "count";
}

static int
judge_records(const struct dance_tlsa *records, size_t n,
    const struct dance_identity *id, const struct dance_credential *cred,
    const struct dance_dane_rules *rules, struct dance_dane_result *ret)
{
	int r, worst = DANCE_ERR_MISMATCH;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!records[i].is_usable)
			continue;
		if ((r = judge_key(&records[i], cred)) == 0) {
			ret->record = i;
			return 0;
		}
		if (r != DANCE_ERR_MISMATCH)
			worst = r;
	}
	if (cred->chain == NULL)
		return worst;
	r = dance_dane_verify(cred->chain, id, records, n, rules, ret);
	/* What could not be compared may have been the one that fits. */
	return r == 0 || worst == DANCE_ERR_MISMATCH ? r : worst;
}

int
dance_rrset_judge(const struct dance_rrset *rrset,
    const struct dance_identity *id, const struct dance_credential *cred,
    const struct dance_dane_rules *rules, struct dance_judgement *ret)
{
	struct dance_tlsa records[DANCE_RRSET_MAX];
	unsigned allowed[2];
	size_t i, n = rrset->n_records, n_usable;
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->error = DANCE_ERR_INTERNAL;
	ret->found.depth = -1;
	if ((r = dance_rrset_state(rrset)) != 0)
		goto out;

	judge_usages(rrset, id, cred, rules->usages, allowed);
	memcpy(records, rrset->records, n * sizeof(records[0]));
	n_usable = dance_tlsa_select(records, n, allowed);
	for (i = 0; i < n; i++)
		ret->is_usable[i] = records[i].is_usable;
	if (n_usable == 0) {
		r = DANCE_ERR_NO_USABLE_TLSA;
		goto out;
	}
	r = judge_records(records, n, id, cred, rules, &ret->found);
out:
	ret->error = r;
	return r;
}
