/* SPDX-License-Identifier: ISC */
/*
 * Proof by an SSH agent.  A key is asked for its signature only after the map
 * and DNS have let it in: nobody is made to touch or confirm a key in vain.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent.h"
#include "proof_walk.h"
#include "resolver.h"
#include "worker_child.h"

struct agent {
	struct dance_proof_walk *walk;
	int fd;
	struct dance_challenge challenge;
	bool has_asked; /* a person, who is given time once */
};

/* When the signature has to be there: a FIDO key's takes a person's touch. */
static int
agent_prepare(
    struct agent *agent, const struct dance_sshkey *key, int64_t *ret_deadline)
{
	*ret_deadline = agent->walk->deadline_ms;
	if (!key->info->is_sk || agent->has_asked)
		return 0;
	agent->has_asked = true;
	*ret_deadline += DANCE_PERSON_MS;
	return dance_worker_ask_person();
}

/* The line or the certificate may want to know who touched the key. */
static bool
agent_wants_user(const struct dance_decision *d)
{
	const struct dance_map_match *match = &d->accepted->match;

	if (!d->credential->key->info->is_sk)
		return false;
	return dance_options_have(
		   match->options, match->options_len, "verify-required") ||
	    (d->credential->cert != NULL &&
		dance_sshcert_has_critical(
		    d->credential->cert, "verify-required"));
}

static int
agent_verify(const struct agent *agent, const struct dance_decision *d,
    struct dance_bytes signature, struct dance_fault *fault)
{
	struct dance_bytes message = { agent->challenge.octets,
		agent->challenge.len };
	int r;

	r = dance_sshkey_verify(d->credential->key, signature, message);
	if (r != 0) {
		dance_fault_set(fault, "the agent's signature does not verify");
		return r;
	}
	if (agent_wants_user(d) &&
	    !dance_signature_is_user_verified(signature)) {
		dance_fault_set(fault,
		    "verify-required: the FIDO key did not "
		    "ask for a PIN or a fingerprint");
		return DANCE_ERR_BAD_CREDENTIAL;
	}
	return 0;
}

static int
agent_prove(const struct dance_proof_item *item, const struct dance_decision *d,
    void *arg, struct dance_fault *fault)
{
	struct agent *agent = arg;
	struct dance_bytes message = { agent->challenge.octets,
		agent->challenge.len };
	struct dance_bytes signature = { NULL, 0 };
	int64_t deadline_ms, start_ms = dance_now_ms();
	bool had_asked = agent->has_asked;
	uint8_t *data = NULL;
	int r;

	r = agent_prepare(agent, d->credential->key, &deadline_ms);
	if (r != 0)
		return r;
	r = dance_agent_sign(agent->fd, item->blob, message, deadline_ms, &data,
	    &signature.len, fault);
	if (agent->has_asked && !had_asked)
		agent->walk->deadline_ms += dance_now_ms() - start_ms;
	/* One that refuses may be asked for another key, no other may. */
	if (r == DANCE_ERR_MISMATCH)
		return DANCE_ERR_BAD_CREDENTIAL;
	if (r != 0) {
		agent->walk->is_over = true;
		return r;
	}
	signature.data = data;
	r = agent_verify(agent, d, signature, fault);
	free(data);
	return r;
}

/* The text forms of an agent's blob, as of any other credential. */
static int
item_from_blob(struct dance_proof_item *item, struct dance_bytes blob)
{
	struct dance_wire w = { blob.data, blob.len };
	struct dance_bytes name = { (const uint8_t *)"", 0 };
	char *type, *base64;
	int r;

	(void)dance_wire_string(&w, &name);
	if ((r = dance_base64_encode(blob.data, blob.len, &base64)) != 0)
		return r;
	type = strndup((const char *)name.data, name.len);
	item->blob = blob;
	item->offer.type = type;
	item->offer.base64 = base64;
	item->offer.use = DANCE_USE_LOCAL;
	return type == NULL ? DANCE_ERR_INTERNAL : 0;
}

static void
items_free(struct dance_proof_item **items, size_t n)
{
	size_t i;

	for (i = 0; *items != NULL && i < n; i++) {
		free((void *)(uintptr_t)(*items)[i].offer.type);
		free((void *)(uintptr_t)(*items)[i].offer.base64);
	}
	free(*items);
	*items = NULL;
}

void
dance_proof_by_agent(const struct dance_proof *proof, int fd,
    const struct dance_challenge_names *names, struct dance_result *ret)
{
	struct dance_agent_keys keys = { NULL, NULL, 0 };
	struct agent agent = { .fd = fd };
	struct dance_proof_walk walk = {
		.proof = proof, .prove = agent_prove, .arg = &agent
	};
	size_t i;
	int r;

	agent.walk = &walk;
	dance_proof_refuse(ret, proof->policy, DANCE_ERR_INTERNAL);
	if ((r = dance_challenge_make(names, time(NULL), &agent.challenge)) !=
		0 ||
	    (r = dance_agent_list(
		 fd, proof->deadline_ms, &keys, &ret->fault)) != 0)
		goto out;
	r = DANCE_ERR_INTERNAL;
	walk.items = calloc(keys.n + 1, sizeof(*walk.items));
	if (walk.items == NULL)
		goto out;
	walk.n = keys.n;
	for (i = 0; i < keys.n; i++)
		if ((r = item_from_blob(&walk.items[i], keys.blobs[i])) != 0)
			goto out;
	(void)dance_proof_walk(&walk, "the agent holds no key", ret);
	r = ret->verdict;
out:
	items_free(&walk.items, walk.n);
	dance_agent_keys_clear(&keys);
	ret->verdict = r;
}
