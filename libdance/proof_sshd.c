/* SPDX-License-Identifier: ISC */
/*
 * Keys that sshd has verified: its word for the possession, ours for the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "proof_walk.h"

#define METHOD	  "publickey "
#define ITEMS_MAX 32 /* sshd takes no more methods than MaxAuthTries */

/* The key of a line "publickey TYPE BASE64", if it is one. */
static int
item_from_line(const char *line, size_t len, struct dance_proof_item *ret)
{
	const size_t skip = strlen(METHOD);
	char *type, *base64;
	int r;

	if (len <= skip || memcmp(line, METHOD, skip) != 0)
		return DANCE_ERR_FORMAT;
	r = dance_credential_split(line + skip, len - skip, &type, &base64);
	if (r != 0)
		return r == DANCE_ERR_INTERNAL ? r : DANCE_ERR_FORMAT;
	ret->offer.type = type;
	ret->offer.base64 = base64;
	return 0;
}

static int
items_read(const char *info, size_t len, struct dance_proof_walk *walk)
{
	const char *end = info + len, *newline;
	int r = 0;

	for (; info < end && walk->n < ITEMS_MAX; info = newline + 1) {
		newline = memchr(info, '\n', (size_t)(end - info));
		if (newline == NULL)
			newline = end;
		r = item_from_line(
		    info, (size_t)(newline - info), &walk->items[walk->n]);
		if (r == DANCE_ERR_INTERNAL)
			return r;
		if (r == 0)
			walk->n++;
	}
	return 0;
}

void
dance_proof_by_sshd(const struct dance_proof *proof, enum dance_use use,
    const char *info, size_t len, struct dance_result *ret)
{
	struct dance_proof_walk walk = { .proof = proof };
	size_t i;

	dance_proof_refuse(ret, proof->policy, DANCE_ERR_INTERNAL);
	walk.items = calloc(ITEMS_MAX, sizeof(*walk.items));
	if (walk.items == NULL || items_read(info, len, &walk) != 0)
		goto out;
	for (i = 0; i < walk.n; i++)
		walk.items[i].offer.use = use;
	(void)dance_proof_walk(&walk, "sshd has verified no key", ret);
out:
	for (i = 0; i < walk.n; i++) {
		free((void *)(uintptr_t)walk.items[i].offer.type);
		free((void *)(uintptr_t)walk.items[i].offer.base64);
	}
	free(walk.items);
}
