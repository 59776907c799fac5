/* SPDX-License-Identifier: ISC */
/*
 * Proof of possession, for PAM: of several credentials the first that the map
 * and DNS let in, and whose holder has the key.  The verdict on a credential is
 * dance_decide()'s, here as everywhere; these functions only say which are
 * looked at, and ask for the proof.  Worker only.
 */
#ifndef DANCE_PROOF_H
#define DANCE_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "challenge.h"
#include "policy.h"
#include "wire.h"
#include "worker.h"

/* What every proof needs. */
struct dance_proof {
	struct dance_policy *policy;
	int64_t deadline_ms; /* CLOCK_MONOTONIC, for DNS and agent together */
};

/*
 * The agent on the socket fd: its keys and certificates in its order, those of
 * them that are let in are asked to sign a challenge made of names.  May call
 * dance_worker_ask_person(), for a FIDO key that has been let in already.
 * Fills *ret, which starts as a refusal; its verdict is 0 only if a signature
 * has been verified.
 */
void dance_proof_by_agent(const struct dance_proof *proof, int fd,
    const struct dance_challenge_names *names, struct dance_result *ret);

/*
 * What sshd says that it has verified: lines "publickey TYPE BASE64" among
 * others, see SSH_AUTH_INFO_0 in sshd(8).  use is DANCE_USE_FACTOR where that
 * decides, DANCE_USE_PROVEN where it only names.  Fills *ret.
 */
void dance_proof_by_sshd(const struct dance_proof *proof, enum dance_use use,
    const char *info, size_t len, struct dance_result *ret);

/*
 * Which of these X.509 chains would be let in, before anybody is asked for a
 * PIN.  Fills *ret; *ret_which is the index if its verdict is 0.
 */
void dance_proof_choose(const struct dance_proof *proof,
    const struct dance_bytes *chains, size_t n, struct dance_result *ret,
    size_t *ret_which);

/*
 * A token's signature of the challenge, by the key of the chain's leaf: see
 * dance_chain_verify().  The verdict is made anew.  Fills *ret.
 */
void dance_proof_by_token(const struct dance_proof *proof,
    struct dance_bytes chain, const struct dance_challenge *challenge,
    struct dance_bytes signature, struct dance_result *ret);

#endif
