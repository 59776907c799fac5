/* SPDX-License-Identifier: ISC */
/*
 * Proof by a token's certificate and key.  The chain that will do is found
 * first, so that no PIN is asked for in vain; and since a person may take a
 * while to type one, the verdict is made anew when the signature is there.
 */
#include <stdlib.h>

#include "proof_walk.h"

struct token_proof {
	struct dance_bytes message;
	struct dance_bytes signature;
};

void
dance_proof_choose(const struct dance_proof *proof,
    const struct dance_bytes *chains, size_t n, struct dance_result *ret,
    size_t *ret_which)
{
	struct dance_proof_walk walk = { .proof = proof, .n = n };
	size_t i;

	dance_proof_refuse(ret, proof->policy, DANCE_ERR_INTERNAL);
	walk.items = calloc(n + 1, sizeof(*walk.items));
	if (walk.items == NULL)
		return;
	for (i = 0; i < n; i++)
		walk.items[i].offer = (struct dance_offer){
			.type = DANCE_CHAIN_TYPE,
			.chain = chains[i].data,
			.chain_len = chains[i].len,
			.use = DANCE_USE_LOCAL,
		};
	*ret_which = dance_proof_walk(
	    &walk, "there is no token with a certificate and its key", ret);
	free(walk.items);
}

static int
token_prove(const struct dance_proof_item *item, const struct dance_decision *d,
    void *arg, struct dance_fault *fault)
{
	const struct token_proof *token = arg;
	int r;

	(void)item;
	r = dance_chain_verify(
	    d->credential->chain, token->signature, token->message);
	if (r != 0)
		dance_fault_set(fault, "the token's signature does not verify");
	return r;
}

void
dance_proof_by_token(const struct dance_proof *proof, struct dance_bytes chain,
    const struct dance_challenge *challenge, struct dance_bytes signature,
    struct dance_result *ret)
{
	struct token_proof token = { { challenge->octets, challenge->len },
		signature };
	struct dance_proof_item item = { .offer = {
					     .type = DANCE_CHAIN_TYPE,
					     .chain = chain.data,
					     .chain_len = chain.len,
					     .use = DANCE_USE_LOCAL,
					 } };
	struct dance_proof_walk walk = { .proof = proof,
		.items = &item,
		.n = 1,
		.prove = token_prove,
		.arg = &token };

	(void)dance_proof_walk(&walk, "", ret);
}
