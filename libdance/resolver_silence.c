/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "resolver_internal.h"

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

	return silence != NULL && silence->owner[0] != '\0' &&
	    resolver->awake_ms - silence->since_ms >= resolver->patience_ms;
}
