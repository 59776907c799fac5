/* SPDX-License-Identifier: ISC */
/*
 * An agent, a map and scripted answers for tests of proof by an agent: what the
 * agent holds, what became of it, and which keys had to sign.
 */
#ifndef PROOF_BENCH_H
#define PROOF_BENCH_H

#include "fake_agent.h"
#include "proof.h"
#include "sandbox.h"
#include "scripted_resolver.h"
#include "worker.h"

#define BENCH_MS 5000 /* for a proof that is not about time */

static const struct dance_challenge_names bench_names = { "sudo", "alice",
	"bob" };

static struct fake_key bench_keys[FAKE_KEYS_MAX];
static size_t bench_n;
static int bench_ms;		    /* for the next proof */
static struct fake_seen bench_seen; /* by the agent, in the last one */
static struct dance_result bench_result;
static unsigned bench_persons; /* were asked for their time */
static bool bench_has_person;

static inline void
bench_drop(void)
{
	size_t i;

	for (i = 0; i < bench_n; i++) {
		wirebuf_free(&bench_keys[i].blob);
		wirebuf_free(&bench_keys[i].sends);
	}
	memset(bench_keys, 0, sizeof(bench_keys));
	bench_n = 0;
}

static inline void
bench_clear(void)
{
	bench_drop();
	script_clear();
	script_is_timed = true;
	bench_ms = BENCH_MS;
	bench_has_person = true;
}

static inline struct fake_key *
bench_hold_octets(const void *data, size_t len)
{
	struct fake_key *held = &bench_keys[bench_n++];

	assert_true(bench_n <= FAKE_KEYS_MAX);
	wirebuf_raw(&held->blob, data, len);
	return held;
}

static inline struct fake_key *
bench_hold(const struct offer_key *key, enum fake_answer answer)
{
	struct fake_key *held = bench_hold_octets("", 0);

	signer_blob(key->signer, &held->blob);
	held->signer = key->signer;
	held->answer = answer;
	return held;
}

static inline struct fake_key *
bench_hold_cert(const struct offer_cert *cert, enum fake_answer answer)
{
	struct dance_offer offer = offer_make(cert);
	struct fake_key *held;
	uint8_t *data;
	size_t len;

	assert_int_equal(dance_base64_decode(
			     offer.base64, strlen(offer.base64), &data, &len),
	    0);
	held = bench_hold_octets(data, len);
	held->signer = cert->key->signer;
	held->answer = answer;
	free(data);
	offer_clear(&offer);
	return held;
}

struct bench_job {
	struct dance_proof proof;
	int fd;
};

static inline void
bench_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct bench_job *job = arg;

	(void)ret_line;
	ret->verdict = dance_sandbox_enter(60, true, &ret->fault);
	if (ret->verdict == 0)
		dance_proof_by_agent(
		    &job->proof, DANCE_WORKER_PEER_FD, &bench_names, ret);
}

static inline void
bench_person(void *arg)
{
	(void)arg;
	bench_persons++;
}

static inline void
bench_run_worker(struct bench_job *job)
{
	struct dance_work work = { .job = bench_job,
		.arg = job,
		.deadline_ms = job->proof.deadline_ms + 200,
		.has_peer = true,
		.peer = job->fd,
		.person = bench_has_person ? bench_person : NULL };
	char *line;

	dance_worker_run(&work, &bench_result, &line);
	assert_null(line);
}

/* In a worker, as in the product, or here, where the script can be seen. */
static __attribute__((unused, noinline)) void
bench_prove(const char *map, bool is_worker)
{
	struct script_case c = { .map = map };
	struct dance_policy policy;
	struct fake_agent agent;
	struct bench_job job;

	script_policy_make(&c, &policy);
	fake_agent_start(&agent, bench_keys, bench_n);
	job = (struct bench_job){ { &policy, dance_now_ms() + bench_ms },
		agent.fd };
	bench_persons = 0;
	if (is_worker)
		bench_run_worker(&job);
	else
		dance_proof_by_agent(
		    &job.proof, job.fd, &bench_names, &bench_result);
	fake_agent_stop(&agent, &bench_seen);
	script_policy_clear(&policy);
	assert_int_equal(bench_seen.n_lists, 1);
	/* A worker that has broken off has not said whom it was about. */
	if (bench_result.verdict != DANCE_ERR_INTERNAL)
		assert_string_equal(bench_result.account, "alice");
	/* Only who is let in is said to have a record. */
	assert_int_equal(bench_result.has_record, bench_result.verdict == 0);
	if (bench_result.verdict == 0)
		assert_true(bench_seen.order[0] != '\0');
}

/* The reason, and the keys that had to sign; what is a name for faults. */
static inline void
bench_expect(
    const char *what, const char *map, const char *reason, const char *order)
{
	bench_prove(map, false);
	if (strcmp(dance_reason(bench_result.verdict), reason) != 0)
		fail_msg("%s: %s: %s", what, dance_reason(bench_result.verdict),
		    bench_result.fault.text);
	if (strcmp(bench_seen.order, order) != 0)
		fail_msg("%s: asked: %s", what, bench_seen.order);
}

#endif
