/* SPDX-License-Identifier: ISC */
/*
 * Waiting for the upstreams, and who has been silent meanwhile.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "resolver_internal.h"

#define STEP_MS	 50  /* of waiting */
#define SLEEP_MS 250 /* that a step is late by: this process did not run */

/* What was waited, of a time that was to be; and whether we were awake. */
static void
runners_count(struct dance_resolver *resolver, int64_t took_ms, int64_t ms)
{
	resolver->awake_ms += took_ms < ms ? took_ms : ms;
	if (took_ms - ms >= SLEEP_MS)
		resolver->was_asleep = true;
}

int
dance_runners_wait(struct dance_resolver *resolver, size_t n, int64_t until_ms)
{
	struct pollfd fds[DANCE_UPSTREAMS_MAX];
	int64_t start = dance_now_ms(), left = until_ms - start;
	struct dance_runner *runner;
	size_t i;

	for (i = 0; i < n; i++) {
		runner = &resolver->runners[i];
		fds[i].fd = runner->is_dead ? -1 : ub_fd(runner->ctx);
		fds[i].events = POLLIN;
		fds[i].revents = 0;
	}
	if (left < 0)
		left = 0;
	if (left > STEP_MS)
		left = STEP_MS;
	if (poll(fds, (nfds_t)n, (int)left) == -1)
		return errno == EINTR ? 0 : DANCE_ERR_INTERNAL;
	runners_count(resolver, dance_now_ms() - start, left);
	for (i = 0; i < n; i++) {
		runner = &resolver->runners[i];
		if (fds[i].revents != 0 && ub_process(runner->ctx) != 0)
			runner->is_dead = true;
	}
	return 0;
}

/* The place of a name, or a free one; NULL if there is none. */
static struct dance_silence *
silence_find(struct dance_resolver *resolver, const char *owner)
{
	struct dance_silence *silence, *unused = NULL;
	size_t i;

	for (i = 0; i < DANCE_SILENCES_MAX; i++) {
		silence = &resolver->silences[i];
		if (strcmp(silence->owner, owner) == 0)
			return silence;
		if (unused == NULL && silence->owner[0] == '\0')
			unused = silence;
	}
	return unused;
}

void
dance_silence_begin(struct dance_resolver *resolver, const char *owner)
{
	struct dance_silence *silence = silence_find(resolver, owner);

	if (silence == NULL || silence->owner[0] != '\0')
		return;
	(void)snprintf(silence->owner, sizeof(silence->owner), "%s", owner);
	silence->since_ms = resolver->awake_ms;
}

void
dance_silence_end(struct dance_resolver *resolver, const char *owner)
{
	struct dance_silence *silence = silence_find(resolver, owner);

	if (silence != NULL)
		silence->owner[0] = '\0';
}

bool
dance_silence_is_long(struct dance_resolver *resolver, const char *owner)
{
	const struct dance_silence *silence = silence_find(resolver, owner);
	int64_t since;

	if (silence == NULL || silence->owner[0] == '\0' ||
	    resolver->reach.n == 0)
		return false;
	since = silence->since_ms > resolver->reach_ms ? silence->since_ms
						       : resolver->reach_ms;
	return resolver->awake_ms - since >= resolver->patience_ms;
}
