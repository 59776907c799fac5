/* SPDX-License-Identifier: ISC */
/*
 * Who has come in.  The register of provisioned accounts is written first, as
 * root, from files of root's and the name of the user alone; the key is looked
 * at afterwards, by _dance.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "account.h"
#include "helper.h"
#include "nss_lookup.h"
#include "register.h"

int
helper_find_provisioned(struct helper *helper, bool *ret, uint32_t *ret_uid)
{
	struct dance_fault *fault = &helper->result.fault;
	const char *user = helper->request.user;
	struct nss_found found;
	bool is_local;
	int r;

	*ret = false;
	r = dance_account_is_local("", user, &is_local, fault);
	if (r != 0 || is_local)
		return r;
	r = nss_find_provisioned(user, &found);
	/* Without an index there are no such accounts. */
	if (r == ENOENT || r == ENODEV)
		return 0;
	/* A program may have its entry from before it was refused one. */
	if (r == EEXIST) {
		helper->is_known = true;
		dance_fault_set(fault,
		    "account %.64s: its name or uid is another's: "
		    "run dancectl check",
		    user);
		return DANCE_ERR_CONFIG;
	}
	if (r != 0) {
		dance_fault_set(fault, "%s: %s: run dancectl compile",
		    DANCE_INDEX_FILE, strerror(r));
		return DANCE_ERR_CONFIG;
	}
	*ret = true;
	*ret_uid = found.uid;
	return 0;
}

/* A uid stays with the one who had it first, or the session is refused. */
static int
session_register(struct helper *helper)
{
	bool is_provisioned;
	uint32_t uid;
	int r;

	/* A program that is not root's can't write there. */
	if (geteuid() != 0)
		return 0;
	r = helper_find_provisioned(helper, &is_provisioned, &uid);
	if (r == 0 && is_provisioned)
		r = dance_register_add("", helper->request.user, uid,
		    helper_deadline(helper), &helper->result.fault);
	return r == 0 ? 0 : helper_conclude(helper, r);
}

void
helper_session(struct helper *helper)
{
	const char *proved = helper->request.identity;

	if (session_register(helper) != 0 || helper_confine(helper) != 0)
		return;
	/* What auth has proved on the same handle is not asked again. */
	if (proved[0] != '\0') {
		memcpy(helper->result.identity, proved,
		    sizeof(helper->result.identity));
		helper->result.verdict = 0;
		return;
	}
	if (helper->request.info_len == 0) {
		(void)helper_conclude(helper, DANCE_ERR_NOT_MAPPED);
		return;
	}
	if (helper_load_accounts(helper) == 0 && helper_load_trust(helper) == 0)
		helper_run_method(helper, DANCE_PAM_SSHD);
}
