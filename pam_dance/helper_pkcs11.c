/* SPDX-License-Identifier: ISC */
/*
 * A token's certificate and key.  Three processes take part beside this one:
 * one that has the vendor's library in it, and two workers, one to find the
 * certificate for which it is worth asking for a PIN, one to verify the
 * signature and to decide.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"
#include "helper_token.h"
#include "number.h"
#include "proof.h"
#include "resolver.h"

/* token_sign() takes what helper_ask_pin() has read. */
_Static_assert(DANCE_PAM_PIN_MAX == TOKEN_PIN_MAX, "one size");

/* What the two workers are told. */
struct token_job {
	const struct helper *helper;
	const struct token_offers *offers;
	size_t which;
	struct dance_challenge challenge;
	uint8_t signature[TOKEN_SIG_MAX];
	size_t signature_len;
};

/* The line that it hands back is the number of the offer. */
static void
job_choose(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct token_job *job = arg;
	struct dance_proof proof = { job->helper->policy,
		helper_deadline(job->helper) };
	struct dance_bytes chains[TOKEN_OFFERS_MAX];
	size_t i, which = 0;

	if (!helper_enter_worker(job->helper, false, ret))
		return;
	for (i = 0; i < job->offers->n; i++)
		chains[i] = (struct dance_bytes){ job->offers->list[i].chain,
			job->offers->list[i].chain_len };
	dance_proof_choose(&proof, chains, job->offers->n, ret, &which);
	if (ret->verdict == 0 && asprintf(ret_line, "%zu", which) == -1) {
		*ret_line = NULL;
		ret->verdict = DANCE_ERR_INTERNAL;
	}
}

static void
job_verify(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct token_job *job = arg;
	const struct token_offer *offer = &job->offers->list[job->which];
	struct dance_proof proof = { job->helper->policy,
		helper_deadline(job->helper) };

	(void)ret_line;
	if (helper_enter_worker(job->helper, false, ret))
		dance_proof_by_token(&proof,
		    (struct dance_bytes){ offer->chain, offer->chain_len },
		    &job->challenge,
		    (struct dance_bytes){ job->signature, job->signature_len },
		    ret);
}

/* Sets job->which.  Returns 0, or the reason, which stands in the result. */
static int
token_choose(struct helper *helper, struct token_job *job)
{
	struct dance_result *result = &helper->result;
	unsigned long which;
	char *line = NULL;

	helper_work(helper, job_choose, job, -1, &line);
	if (result->verdict == 0 &&
	    (line == NULL ||
		dance_strtou(line, 0, job->offers->n - 1, &which) != 0))
		result->verdict = DANCE_ERR_INTERNAL;
	free(line);
	if (result->verdict == 0)
		job->which = which;
	return result->verdict;
}

static const char *
tries_text(enum token_tries tries)
{
	switch (tries) {
	case TOKEN_TRIES_FEW:
		return " (the last one was wrong, few tries are left)";
	case TOKEN_TRIES_LAST:
		return " (the last try before the token locks)";
	default:
		return "";
	}
}

/* The PIN, if there is one to be typed here; pin stays "" otherwise. */
static int
token_ask(struct helper *helper, const struct token_offer *offer, char *pin)
{
	char prompt[128];
	int r;

	if (offer->tries == TOKEN_TRIES_NONE) {
		dance_fault_set(&helper->result.fault, "token %s: it is locked",
		    offer->label);
		return DANCE_ERR_BAD_CREDENTIAL;
	}
	if (!offer->needs_pin)
		return 0;
	if (offer->has_pinpad) {
		helper_set_timer(
		    helper, helper->config->timeout_ms + DANCE_PAM_TOUCH_MS);
		return helper_send_notice(
		    DANCE_PAM_PINPAD, "Enter the PIN on the token's reader.");
	}
	snprintf(prompt, sizeof(prompt), "PIN for %s%s: ",
	    offer->label[0] == '\0' ? "the token" : offer->label,
	    tries_text(offer->tries));
	r = helper_ask_pin(helper, prompt, pin);
	if (r == DANCE_ERR_BAD_CREDENTIAL)
		dance_fault_set(&helper->result.fault, "no PIN was given");
	return r;
}

static int
token_prove(struct helper *helper, struct token *token, struct token_job *job)
{
	const struct token_offer *offer = &job->offers->list[job->which];
	struct dance_challenge_names names = {
		.service = helper->request.service,
		.user = helper->request.user,
		.caller = helper->request.caller,
	};
	struct dance_bytes message = { job->challenge.octets, 0 };
	char pin[DANCE_PAM_PIN_MAX] = "";
	int64_t deadline_ms, asked_ms;
	int r;

	if ((r = token_ask(helper, offer, pin)) != 0 ||
	    (r = dance_challenge_make(&names, time(NULL), &job->challenge)) !=
		0)
		goto out;
	message.len = job->challenge.len;
	asked_ms = dance_now_ms();
	deadline_ms = helper_deadline(helper) +
	    (offer->needs_pin && offer->has_pinpad ? DANCE_PAM_TOUCH_MS : 0);
	r = token_sign(token, job->which, pin[0] == '\0' ? NULL : pin, message,
	    deadline_ms, job->signature, &job->signature_len,
	    &helper->result.fault);
	if (r != 0)
		goto out;
	/* A person's time at the reader is nobody's loss. */
	if (offer->needs_pin && offer->has_pinpad)
		helper->start_ms += dance_now_ms() - asked_ms;
	helper_set_timer(helper, helper->config->timeout_ms);
	helper_work(helper, job_verify, job, -1, NULL);
	r = helper->result.verdict;
out:
	explicit_bzero(pin, sizeof(pin));
	return r;
}

void
helper_start_token(struct helper *helper)
{
	struct dance_fault *fault = &helper->no_token;
	struct token_place place = {
		.module = helper->config->pkcs11_module,
		.timeout_ms = helper->config->timeout_ms,
	};
	int r = 0;

	if (geteuid() == 0)
		r = token_find_user(&place, fault);
	if (r == 0)
		r = token_start(&place, &helper->token, fault);
	helper->token_error = r;
}

void
helper_auth_pkcs11(struct helper *helper)
{
	struct dance_fault *fault = &helper->result.fault;
	struct token_offers offers = { .n = 0 };
	struct token_job job = { .helper = helper, .offers = &offers };
	struct token *token = helper->token;
	int r = helper->token_error;

	if (r != 0) {
		*fault = helper->no_token;
		goto out;
	}
	r = token_list(token, helper_deadline(helper), &offers, fault);
	if (r != 0)
		goto out;
	if (offers.n == 0) {
		dance_fault_set(
		    fault, "there is no token with a certificate and its key");
		r = DANCE_ERR_BAD_CREDENTIAL;
		goto out;
	}
	if ((r = token_choose(helper, &job)) == 0) {
		helper->result.verdict = DANCE_ERR_INTERNAL;
		r = token_prove(helper, token, &job);
	}
out:
	token_free(&helper->token);
	token_offers_clear(&offers);
	(void)helper_conclude(helper, r);
}
