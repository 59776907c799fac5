/* SPDX-License-Identifier: ISC */
/*
 * What the host itself says of a login, from its own files.
 */
#include <openssl/x509_vfy.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "account.h"
#include "index.h"
#include "policy.h"
#include "resolver.h"
#include "tlsa.h"
#include "x509.h"

/*
 * The login name is an identity with one account.  sshd logs in whoever NSS
 * says the name is; that must be the same one, or the map is bypassed.
 */
static int
policy_take_identity(struct dance_policy *policy, struct dance_fault *fault)
{
	bool is_same;
	int r;

	r = dance_account_is_same(policy->config->root, policy->login,
	    policy->account, &is_same, fault);
	if (r != 0)
		return r;
	policy->is_identity = is_same;
	if (!is_same)
		memcpy(policy->account, policy->login, sizeof(policy->account));
	return 0;
}

/*
 * A name that is no identity stands for itself.  Where NSS still makes another
 * account of it, by an index older than the map, the lines about the name would
 * open that account.
 */
static int
policy_refuse_alias(
    const struct dance_policy *policy, struct dance_fault *fault)
{
	bool is_alias;
	int r;

	r = dance_account_is_alias(
	    policy->config->root, policy->login, &is_alias, fault);
	if (r != 0 || !is_alias)
		return r;
	dance_fault_set(fault,
	    "login name %.64s: the host takes it for another account: run "
	    "dancectl compile",
	    policy->login);
	return DANCE_ERR_CONFIG;
}

/*
 * The uid that the register has for the account, 0 for none; what can't be read
 * is the NSS module's to complain of, and it then names nobody.
 */
static __attribute__((noinline)) unsigned long
policy_registered_uid(const struct dance_policy *policy)
{
	struct dance_index reg;
	uint32_t uid = 0;
	size_t len = 0;
	bool is_there;

	if (dance_index_open(DANCE_REGISTER_FILE, &reg) != 0)
		return 0;
	is_there = dance_index_get(&reg, DANCE_INDEX_NAME, policy->account,
		       &uid, sizeof(uid), &len) == 0 &&
	    len == sizeof(uid);
	dance_index_close(&reg);
	return is_there ? uid : 0;
}

/*
 * A uid above UID_MAX is a person's where the map provisions the account, it
 * has no line in passwd, and this is a uid that the NSS module gives: of
 * another service's accounts "%u" means none.
 */
static int
policy_find_provisioned(
    struct dance_policy *policy, unsigned long uid, struct dance_fault *fault)
{
	const struct dance_config *config = policy->config;
	struct dance_map_provision provision;
	bool is_local;
	int r;

	r = dance_account_is_local(
	    config->root, policy->account, &is_local, fault);
	if (r != 0 || is_local)
		return r;
	r = dance_map_provisions(
	    policy->map, policy->account, &provision, fault);
	if (r != 0 || !provision.is_there)
		return r;

	policy->is_ordinary = uid == provision.uid ||
	    (uid >= config->provision_first && uid <= config->provision_last) ||
	    uid == policy_registered_uid(policy);
	return 0;
}

/* Other roots have the accounts of their passwd alone. */
static int
policy_find_reach(struct dance_policy *policy, struct dance_fault *fault)
{
	const char *root = policy->config->root;
	struct dance_account_range range;
	unsigned long uid = 0;
	bool found;
	int r;

	r = dance_account_uid(root, policy->account, &found, &uid, fault);
	if (r != 0 || (r = dance_account_range_read(root, &range, fault)) != 0)
		return r;
	policy->is_ordinary = found && dance_account_range_has(&range, uid);
	if (!found || uid <= range.max || root[0] != '\0')
		return 0;
	range.max = UINT32_MAX;
	return dance_account_range_has(&range, uid)
	    ? policy_find_provisioned(policy, uid, fault)
	    : 0;
}

/*
 * A login name counts as an identity where the host has switched that on, no
 * local account has the name, and the map gives the identity one account.  Any
 * other name is an account's, and has to be in the map as such.
 */
static int
policy_find_account(struct dance_policy *policy, struct dance_fault *fault)
{
	const char *root = policy->config->root;
	bool is_local = true;
	int r = 0;

	memcpy(policy->account, policy->login, sizeof(policy->account));
	if (policy->config->has_login_names &&
	    dance_identity_parse(policy->login, strlen(policy->login),
		DANCE_NAME_PRESENTED, &policy->identity) == 0)
		r = dance_account_is_local(
		    root, policy->login, &is_local, fault);
	if (r != 0)
		return r;
	if (!is_local) {
		r = dance_map_account(
		    policy->map, &policy->identity, policy->account, fault);
		if (r != 0 && r != DANCE_ERR_NOT_MAPPED)
			return r;
		if (r == 0 && (r = policy_take_identity(policy, fault)) != 0)
			return r;
	}
	if (!policy->is_identity &&
	    (r = policy_refuse_alias(policy, fault)) != 0)
		return r;
	return policy_find_reach(policy, fault);
}

int
dance_policy_load_accounts(const struct dance_config *config, const char *login,
    struct dance_policy **ret, struct dance_fault *fault)
{
	struct dance_policy *policy;
	size_t len = strlen(login);
	int r;

	if (len == 0 || len >= sizeof(policy->login)) {
		dance_fault_set(
		    fault, "login name: %s", len == 0 ? "empty" : "too long");
		return DANCE_ERR_CONFIG;
	}
	if ((policy = calloc(1, sizeof(*policy))) == NULL)
		return DANCE_ERR_INTERNAL;
	policy->config = config;
	memcpy(policy->login, login, len + 1);
	/* An expiry-time may be local; there may be no files later. */
	tzset();
	if ((r = dance_map_load(config->root, &policy->map, fault)) != 0 ||
	    (r = policy_find_account(policy, fault)) != 0)
		goto out;

	*ret = policy;
	policy = NULL;
	r = 0;
out:
	dance_policy_free(&policy);
	return r;
}

int
dance_policy_load_trust(struct dance_policy *policy, struct dance_fault *fault)
{
	const struct dance_config *config = policy->config;
	int r;

	if ((r = dance_anchors_load(config, &policy->anchors, fault)) != 0)
		return r;
	if ((config->usages &
		(DANCE_USAGE_BIT(DANCE_USAGE_PKIX_TA) |
		    DANCE_USAGE_BIT(DANCE_USAGE_PKIX_EE))) == 0)
		return 0;
	return dance_roots_load(config->root, &policy->roots, fault);
}

int
dance_policy_load(const struct dance_config *config, const char *login,
    struct dance_policy **ret, struct dance_fault *fault)
{
	struct dance_policy *policy = NULL;
	int r;

	if ((r = dance_policy_load_accounts(config, login, &policy, fault)) !=
		0 ||
	    (r = dance_policy_load_trust(policy, fault)) != 0)
		goto out;

	*ret = policy;
	policy = NULL;
	r = 0;
out:
	dance_policy_free(&policy);
	return r;
}

void
dance_policy_free(struct dance_policy **policy)
{
	if (*policy == NULL)
		return;
	dance_map_free(&(*policy)->map);
	dance_anchors_free(&(*policy)->anchors);
	dance_resolver_free(&(*policy)->resolver);
	X509_STORE_free((*policy)->roots);
	free(*policy);
	*policy = NULL;
}
