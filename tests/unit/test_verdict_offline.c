/* SPDX-License-Identifier: ISC */
/*
 * A decision whose answers come from the cache's proofs, since the servers of
 * one name are out while others answer.
 */
#include "scripted_resolver.h"

#include "cache_entry.h"
#include "cache_link.h"
#include "offline.h"

#define NAME  "laptop._device.example.com"
#define OTHER "phone._device.example.com"

static struct offer_key key, other;

/* What is kept: of NAME, that the key is right. */
static int
link_fetch(void *arg, const char *owner, bool wants_lock, uint8_t **ret,
    size_t *ret_len, bool *ret_is_busy)
{
	static const struct dance_bytes packet = { (const uint8_t *)"x", 1 };
	static struct dance_entry entry;

	(void)arg;
	(void)wants_lock;
	*ret = NULL;
	*ret_len = 0;
	*ret_is_busy = false;
	if (strcmp(owner, NAME) != 0)
		return 0;
	entry.born = time(NULL) - 100;
	entry.fresh_until = entry.born + 60;
	entry.signed_until = entry.born + 100000;
	entry.proof.list[0] = (struct dance_signed_answer){ NAME, 52, packet };
	entry.proof.n = 1;
	return dance_entry_write(&entry, NAME, ret, ret_len);
}

static int
link_settle(void *arg, const char *owner, const struct dance_keeping *keeping)
{
	(void)arg;
	(void)owner;
	(void)keeping;
	return 0;
}

static const struct dance_cache_link cache_link = { link_fetch, link_settle,
	NULL };

int
dance_offline_judge(const struct dance_config *config,
    const struct dance_anchors *anchors, const char *owner,
    const struct dance_proof_set *proof, int64_t deadline_ms,
    struct dance_rrset *ret, struct dance_fault *fault)
{
	struct dance_bytes rdata;
	uint8_t *data;
	int r;

	(void)config;
	(void)anchors;
	(void)proof;
	(void)deadline_ms;
	(void)fault;
	assert_string_equal(owner, NAME);
	memset(ret, 0, sizeof(*ret));
	offer_rdata(&key, "3 1 1", &data, &rdata.len);
	rdata.data = data;
	r = dance_rrset_fill(ret, &rdata, 1);
	free(data);
	ret->dnssec = DANCE_DNSSEC_SECURE;
	ret->source = "offline";
	return r;
}

/* With the cache, and offline as long as this. */
static void
decide(unsigned offline, struct dance_decision *ret)
{
	static const struct script_case both = { .map = NAME " alice\n" OTHER
							     " alice\n" };
	static struct dance_config config;
	struct dance_offer offer = offer_plain(&key);
	struct dance_policy policy;

	script_policy_make(&both, &policy);
	config = *policy.config;
	config.cache_max_ttl = 300;
	config.offline = offline;
	policy.config = &config;
	policy.cache = &cache_link;
	dance_decide(&policy, &offer, SCRIPT_NOW, dance_now_ms() + 1000, ret);
	script_policy_clear(&policy);
}

/*
 * While the answer of another name is waited for, one that has failed already
 * is looked at; that must not be the last word on it.
 */
static void
req_83_a_name_that_failed_may_be_proved(void **state)
{
	struct dance_decision d;

	(void)state;
	script_clear();
	script_deadline = dance_now_ms() + 5000;
	script_is_timed = true;
	(void)script_answer(NAME, DANCE_DNSSEC_UNKNOWN);
	(void)script_secure(OTHER, "3 1 1", &other);
	decide(0, &d);
	assert_string_equal(dance_reason(d.verdict), "dns-failure");
	dance_decision_clear(&d);
	decide(3600, &d);
	assert_string_equal(dance_reason(d.verdict), "accept");
	assert_string_equal(d.accepted->rrset->source, "offline");
	dance_decision_clear(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_83_a_name_that_failed_may_be_proved),
	};
	int r;

	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	script_clear();
	offer_key_clear(&key);
	offer_key_clear(&other);
	return r;
}
