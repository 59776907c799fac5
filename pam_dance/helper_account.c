/* SPDX-License-Identifier: ISC */
/*
 * May a user who has proved who he is still come in?  The map alone says so, at
 * once and without the network; nothing foreign is looked at.
 */
#include <string.h>
#include <time.h>

#include "helper.h"

/*
 * Names of logins that only this project makes; the others are not ours.  A
 * name that is an identity may still be another's, who has such names too; a
 * provisioned account may not, and whom the map does not know then is refused.
 */
static int
user_is_ours(struct helper *helper, bool *ret)
{
	const struct dance_config *config = helper->config;
	const char *user = helper->request.user;
	struct dance_identity id;
	uint32_t uid;
	int r;

	*ret = false;
	r = helper_find_provisioned(helper, &helper->is_provisioned, &uid);
	if (r != 0)
		return r;
	*ret = helper->is_provisioned;
	if (config->has_login_names &&
	    dance_identity_parse(
		user, strlen(user), DANCE_NAME_PRESENTED, &id) == 0)
		*ret = true;
	return 0;
}

/* Is there a line for this identity and the account, and none that refuses? */
static int
identity_check(struct helper *helper, const struct dance_identity *id)
{
	const struct dance_policy *policy = helper->policy;
	struct dance_map_query query = { .account = policy->account,
		.is_ordinary = policy->is_ordinary,
		.claims = id,
		.n_claims = 1,
		.use = DANCE_USE_PROVEN,
		.now = time(NULL) };
	struct dance_map_matches matches = { .n = 0 };
	int r;

	memcpy(helper->result.identity, id->text, sizeof(id->text));
	r = dance_map_find(
	    policy->map, &query, &matches, &helper->result.fault);
	if (r != 0)
		return r;
	if (matches.n == 0)
		r = DANCE_ERR_NOT_MAPPED;
	else if (matches.n == matches.n_denied)
		r = DANCE_ERR_DENIED_BY_MAP;
	dance_map_matches_clear(&matches);
	return r;
}

static int
account_decide(struct helper *helper)
{
	const struct dance_policy *policy = helper->policy;
	const char *proved = helper->request.identity;
	struct dance_map_word word;
	struct dance_identity id;
	int r;

	if (proved[0] != '\0') {
		if (dance_identity_parse(
			proved, strlen(proved), DANCE_NAME_PRESENTED, &id) != 0)
			return DANCE_ERR_INTERNAL;
		return identity_check(helper, &id);
	}
	if (policy->is_identity)
		return identity_check(helper, &policy->identity);
	r = dance_map_ask(policy->map, policy->account, policy->is_ordinary,
	    &word, &helper->result.fault);
	if (r != 0)
		return r;
	if (word.is_admitted)
		return 0;
	return word.is_denied ? DANCE_ERR_DENIED_BY_MAP : DANCE_ERR_NOT_MAPPED;
}

void
helper_account(struct helper *helper)
{
	bool is_ours = helper->request.identity[0] != '\0';
	int r;

	if (helper_confine(helper) != 0)
		return;
	if (!is_ours && (r = user_is_ours(helper, &is_ours)) != 0) {
		(void)helper_conclude(helper, r);
		return;
	}
	if (!is_ours) {
		helper->is_not_ours = true;
		(void)helper_conclude(helper, DANCE_ERR_NOT_MAPPED);
		return;
	}
	r = helper_load_accounts(helper);
	if (helper->request.identity[0] != '\0' || helper->is_provisioned)
		helper->is_known = true;
	if (r == 0)
		(void)helper_conclude(helper, account_decide(helper));
}
