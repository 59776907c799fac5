/* SPDX-License-Identifier: ISC */
/*
 * The decision, in the order that keeps the network quiet: the credential and
 * its own rules, the map, and only then DNS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "judge.h"
#include "lookup.h"
#include "options.h"
#include "verdict.h"

/* The candidates that are not denied, in map order. */
static int
candidates_fill(struct dance_decision *d, const struct dance_claims *claims,
    const struct dance_map_matches *matches)
{
	const struct dance_map_match *match;
	struct dance_candidate *c;
	size_t i;

	d->candidates = calloc(matches->n + 1, sizeof(*d->candidates));
	if (d->candidates == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < matches->n; i++) {
		match = &matches->list[i];
		c = &d->candidates[d->n_candidates++];
		c->match = *match;
		c->is_judged = match->is_denied;
		c->judged.error = match->is_denied ? DANCE_ERR_DENIED_BY_MAP
						   : DANCE_ERR_INTERNAL;
		if (d->credential->cert != NULL)
			memcpy(c->spelled, claims->spelled[match->claim].data,
			    claims->spelled[match->claim].len);
	}
	return 0;
}

static int
candidates_none(struct dance_decision *d, const struct dance_policy *policy,
    const struct dance_map_matches *matches)
{
	if (matches->n > 0) {
		dance_fault_set(&d->fault,
		    "%s:%u: %s is refused by a line "
		    "that begins with !",
		    matches->list[0].deny_file, matches->list[0].deny_number,
		    matches->list[0].identity.text);
		d->furthest = &d->candidates[0];
		return DANCE_ERR_DENIED_BY_MAP;
	}
	dance_fault_set(&d->fault, "account %.64s: %s", policy->account,
	    matches->is_withheld
		? "outside UID_MIN to UID_MAX, or not there: \"*\" and \"%u\" "
		  "lines don't reach it"
		: matches->is_unkept
		? "the line that fits is bound to from=, command= or an "
		  "expiry-time, which do not hold here"
		: "no line of the map fits this credential");
	return DANCE_ERR_NOT_MAPPED;
}

/* A chain that stands alone may be known by its names, or by its key. */
static int
candidates_find(struct dance_decision *d, const struct dance_policy *policy,
    struct dance_map_query *query, struct dance_map_matches *ret)
{
	int r = dance_map_find(policy->map, query, ret, &d->fault);

	if (r != 0 || ret->n > 0 || policy->is_identity ||
	    d->credential->cert != NULL || query->claims == NULL)
		return r;
	dance_map_matches_clear(ret);
	query->claims = NULL;
	query->n_claims = 0;
	return dance_map_find(policy->map, query, ret, &d->fault);
}

static int
decide_candidates(struct dance_decision *d, const struct dance_policy *policy,
    enum dance_use use)
{
	struct dance_map_query query = { .account = policy->account,
		.is_ordinary = policy->is_ordinary,
		.use = use,
		.now = d->rules.now };
	struct dance_map_matches matches = { .n = 0 };
	struct dance_claims claims = { .n = 0 };
	int r;

	if ((r = dance_claims_make(d->credential,
		 policy->is_identity ? &policy->identity : NULL, &claims)) != 0)
		goto out;
	query.claims = claims.list;
	query.n_claims = claims.n;
	if ((r = candidates_find(d, policy, &query, &matches)) != 0)
		goto out;
	if ((r = candidates_fill(d, &claims, &matches)) != 0)
		goto out;
	if (matches.n == matches.n_denied)
		r = candidates_none(d, policy, &matches);
out:
	dance_map_matches_clear(&matches);
	dance_claims_clear(&claims);
	return r;
}

/* Index of the owner name in the list; added if new. */
static size_t
owners_add(const char **owners, size_t *n, const char *owner)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (strcmp(owners[i], owner) == 0)
			return i;
	owners[(*n)++] = owner;
	return i;
}

/*
 * The first in map order that is vouched for, among those whose answers are
 * settled (all if NULL) up to the first that is not.
 */
static const struct dance_candidate *
decide_find(struct dance_decision *d, const bool *is_settled)
{
	struct dance_candidate *c;
	size_t i;

	for (i = 0; i < d->n_candidates; i++) {
		c = &d->candidates[i];
		if (c->match.is_denied)
			continue;
		if (is_settled != NULL && !is_settled[c->rrset - d->rrsets])
			return NULL;
		if (!c->is_judged)
			(void)dance_rrset_judge(c->rrset, &c->match.identity,
			    d->credential, &d->rules, &c->judged);
		/* Who is unknown so far may be asked again, or be proved. */
		c->is_judged = c->rrset->dnssec != DANCE_DNSSEC_UNKNOWN;
		if (c->judged.error == 0)
			return c;
	}
	return NULL;
}

/*
 * One name whose servers are silent must not hold up a login that a line above
 * it lets in already.
 */
static bool
decide_is_enough(const bool *is_settled, void *arg)
{
	return decide_find(arg, is_settled) != NULL;
}

/* One query for each owner name, however many identities stand behind it. */
static int
decide_resolve(
    struct dance_decision *d, struct dance_policy *policy, int64_t deadline_ms)
{
	const char *owners[DANCE_CANDIDATES_MAX];
	struct dance_candidate *c;
	struct dance_lookup lookup = { .owners = owners,
		.deadline_ms = deadline_ms,
		.is_enough = decide_is_enough,
		.arg = d };
	size_t i, which;
	int r;

	d->rrsets = calloc(DANCE_CANDIDATES_MAX, sizeof(*d->rrsets));
	if (d->rrsets == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < d->n_candidates; i++) {
		c = &d->candidates[i];
		if (c->match.is_denied)
			continue;
		which = owners_add(owners, &lookup.n, c->match.identity.owner);
		c->rrset = &d->rrsets[which];
	}
	r = dance_policy_lookup(policy, &lookup, d->rrsets, &d->fault);
	if (r != 0)
		return r;
	d->n_rrsets = lookup.n;
	return 0;
}

/* The first that is vouched for, or the reason of the furthest. */
static int
decide_judge(struct dance_decision *d, const struct dance_candidate **ret)
{
	const struct dance_candidate *furthest = NULL, *c;
	const char *why;
	size_t i;

	if ((c = decide_find(d, NULL)) != NULL) {
		*ret = c;
		return 0;
	}
	for (i = 0; i < d->n_candidates; i++) {
		c = &d->candidates[i];
		if (furthest == NULL ||
		    dance_reason_rank(c->judged.error) >
			dance_reason_rank(furthest->judged.error))
			furthest = c;
	}
	if (furthest == NULL)
		return DANCE_ERR_INTERNAL;
	d->furthest = furthest;
	why = furthest->rrset == NULL
	    ? ""
	    : dance_rrset_explain(furthest->rrset, &furthest->match.identity,
		  furthest->judged.error);
	if (why[0] == '\0' && furthest->judged.found.openssl_error != 0)
		why =
		    dance_dane_error_text(furthest->judged.found.openssl_error);
	dance_fault_set(&d->fault, "%s%s%s", furthest->match.identity.text,
	    why[0] == '\0' ? "" : ": ", why);
	return furthest->judged.error;
}

/* The line for sshd, from decoded parts alone. */
static int
decide_write_line(
    const struct dance_decision *d, const struct dance_candidate *c, char **ret)
{
	const struct dance_sshkey *key =
	    dance_credential_line_key(d->credential);
	char *options = NULL, *base64 = NULL, *line = NULL;
	const char *skip;
	int r;

	if (c == NULL)
		return DANCE_ERR_INTERNAL;
	if (key == NULL) {
		/* sshd knows no such credential. */
		*ret = NULL;
		return 0;
	}
	if ((r = dance_options_emit(
		 c->match.options, c->match.options_len, &options)) != 0 ||
	    (r = dance_base64_encode(key->blob, key->blob_len, &base64)) != 0)
		goto out;
	skip = options[0] == ',' ? options + 1 : options;
	if (d->credential->cert != NULL)
		r = asprintf(&line, "cert-authority,principals=\"%s\"%s %s %s",
		    c->spelled, options, key->info->name, base64);
	else
		r = asprintf(&line, "%s%s%s %s", skip,
		    skip[0] == '\0' ? "" : " ", key->info->name, base64);
	if (r == -1) {
		r = DANCE_ERR_INTERNAL;
		goto out;
	}

	*ret = line;
	r = 0;
out:
	free(options);
	free(base64);
	return r;
}

/* What stands in the log where no name or file says it already. */
static void
decide_explain(struct dance_decision *d, const struct dance_offer *offer,
    const struct dance_policy *policy, int error)
{
	const struct dance_credential *cred = d->credential;

	if (d->fault.text[0] != '\0')
		return;
	switch (error) {
	case DANCE_ERR_WEAK_KEY:
		dance_fault_set(&d->fault,
		    "%.64s: DSA, RSA below %u bits, or a signature with SHA-1",
		    offer->type, policy->config->min_rsa);
		break;
	case DANCE_ERR_BAD_CREDENTIAL:
		dance_fault_set(&d->fault, "%.64s: %s", offer->type,
		    cred == NULL ? "malformed, unknown, or not what its type "
				   "and fingerprint say"
				 : "for hosts, without principals, or with an "
				   "unknown critical option");
		break;
	case DANCE_ERR_EXPIRED:
		dance_fault_set(&d->fault,
		    "valid from %llu to %llu, in "
		    "seconds since 1970",
		    (unsigned long long)cred->cert->valid_after,
		    (unsigned long long)cred->cert->valid_before);
		break;
	case DANCE_ERR_NAME_MISMATCH:
		dance_fault_set(
		    &d->fault, "no principal is %s", policy->identity.text);
		break;
	default:
		break;
	}
}

static int
decide_parse(
    struct dance_decision *d, const struct dance_offer *offer, unsigned min_rsa)
{
	struct dance_chain *chain = NULL;
	int r;

	if (offer->chain == NULL && offer->base64 == NULL)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (offer->chain == NULL)
		return dance_credential_parse(offer->type, offer->base64,
		    offer->fingerprint, min_rsa, &d->credential);
	if ((r = dance_chain_parse(offer->chain, offer->chain_len, &chain)) !=
	    0)
		return r;
	return dance_credential_from_chain(&chain, &d->credential);
}

/* What a certificate is bound to, sshd keeps; where there is none, nobody. */
static int
decide_bounds(struct dance_decision *d, enum dance_use use)
{
	static const char *const options[] = { "force-command",
		"source-address" };
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (use == DANCE_USE_LOCAL &&
		    dance_sshcert_has_critical(
			d->credential->cert, options[i])) {
			dance_fault_set(&d->fault,
			    "the certificate is bound by %s, which does not "
			    "hold here",
			    options[i]);
			return DANCE_ERR_BAD_CREDENTIAL;
		}
	return 0;
}

void
dance_decide(struct dance_policy *policy, const struct dance_offer *offer,
    time_t now, int64_t deadline_ms, struct dance_decision *ret)
{
	const struct dance_candidate *accepted = NULL;
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->verdict = DANCE_ERR_INTERNAL;
	dance_dane_rules_init(
	    &ret->rules, policy->config->usages, policy->config->min_rsa, now);
	ret->rules.roots = policy->roots;

	if ((r = decide_parse(ret, offer, policy->config->min_rsa)) != 0)
		goto out;
	if (ret->credential->cert != NULL &&
	    ((r = dance_sshcert_check(ret->credential->cert, now)) != 0 ||
		(r = decide_bounds(ret, offer->use)) != 0))
		goto out;
	if ((r = decide_candidates(ret, policy, offer->use)) != 0 ||
	    (r = decide_resolve(ret, policy, deadline_ms)) != 0 ||
	    (r = decide_judge(ret, &accepted)) != 0 ||
	    (r = decide_write_line(ret, accepted, &ret->line)) != 0)
		goto out;

	ret->accepted = accepted;
	r = 0;
out:
	decide_explain(ret, offer, policy, r);
	ret->verdict = r;
}

void
dance_decision_clear(struct dance_decision *decision)
{
	size_t i;

	for (i = 0; i < decision->n_rrsets; i++)
		dance_rrset_clear(&decision->rrsets[i]);
	free(decision->rrsets);
	free(decision->candidates);
	free(decision->line);
	dance_credential_free(&decision->credential);
	memset(decision, 0, sizeof(*decision));
	decision->verdict = DANCE_ERR_INTERNAL;
}
