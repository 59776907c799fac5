/* SPDX-License-Identifier: ISC */
/*
 * A walk over answers that anybody may have written.  The input is cut into
 * packets: two octets of length before each; the first is the answer, the
 * others are given for what is wanted, in turn.  No input has a chain to the
 * anchor, whose private key nobody has.
 */
#include <stdlib.h>
#include <string.h>

#include "auth_chain.h"
#include "clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKETS 8
#define OWNER	"laptop._device.corp.example"

struct packets {
	struct dance_bytes list[PACKETS];
	size_t n;
};

static void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static void
packets_cut(const uint8_t *data, size_t size, struct packets *ret)
{
	size_t len;

	while (ret->n < PACKETS && size >= 2) {
		len = (size_t)(data[0] << 8 | data[1]);
		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		ret->list[ret->n++] = (struct dance_bytes){ data, len };
		data += len;
		size -= len;
	}
}

/* The same name and type get the same answer. */
static struct dance_bytes
packets_find(const void *arg, const char *name, uint16_t type)
{
	const struct packets *packets = arg;
	size_t i = strlen(name) + type;

	if (packets->n < 2)
		return (struct dance_bytes){ NULL, 0 };
	return packets->list[1 + i % (packets->n - 1)];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char zone[] = "example",
		    record[] = "example. 60 IN DNSKEY 257 3 15 "
			       "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";
	struct dance_anchors anchors = { .list = { { zone, record, 15 } },
		.n = 1 };
	struct dance_auth_path *path = malloc(sizeof(*path));
	struct packets packets = { .n = 0 };
	struct dance_auth_question question = { .anchors = &anchors,
		.min_rsa = 1024,
		.owner = OWNER,
		.deadline_ms = dance_now_ms() + 10000,
		.find = packets_find,
		.arg = &packets };
	size_t i;
	int r;

	require(path != NULL);
	packets_cut(data, size, &packets);
	if (packets.n > 0)
		question.packet = packets.list[0];
	r = dance_auth_chain_walk(&question, path);
	require(r == DANCE_ERR_WEAK_DNSSEC || r == DANCE_ERR_DNS_FAILURE);
	require(memchr(path->why, '\0', sizeof(path->why)) != NULL);
	require(path->why[0] != '\0');
	require(path->n_keys <= DANCE_AUTH_KEYS_MAX);
	for (i = 0; i < path->n_keys; i++)
		require(path->keys[i].zone[0] != '\0');
	free(path);
	return 0;
}
