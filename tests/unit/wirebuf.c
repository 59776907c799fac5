/* SPDX-License-Identifier: ISC */
/* See wirebuf.h. */
#include <stdlib.h>
#include <string.h>

#include "wirebuf.h"

void
wirebuf_raw(struct wirebuf *b, const void *data, size_t len)
{
	uint8_t *grown = realloc(b->data, b->len + len + 1);

	if (grown == NULL)
		abort();
	if (len > 0)
		memcpy(grown + b->len, data, len);
	b->data = grown;
	b->len += len;
}

void
wirebuf_u8(struct wirebuf *b, uint8_t value)
{
	wirebuf_raw(b, &value, 1);
}

void
wirebuf_u32(struct wirebuf *b, uint32_t value)
{
	int shift;

	for (shift = 24; shift >= 0; shift -= 8)
		wirebuf_u8(b, (uint8_t)(value >> shift));
}

void
wirebuf_u64(struct wirebuf *b, uint64_t value)
{
	wirebuf_u32(b, (uint32_t)(value >> 32));
	wirebuf_u32(b, (uint32_t)value);
}

void
wirebuf_string(struct wirebuf *b, const void *data, size_t len)
{
	wirebuf_u32(b, (uint32_t)len);
	wirebuf_raw(b, data, len);
}

void
wirebuf_text(struct wirebuf *b, const char *text)
{
	wirebuf_string(b, text, strlen(text));
}

void
wirebuf_nested(struct wirebuf *b, const struct wirebuf *inner)
{
	wirebuf_string(b, inner->data, inner->len);
}

void
wirebuf_mpint(struct wirebuf *b, const uint8_t *data, size_t len)
{
	for (; len > 0 && data[0] == 0; data++)
		len--;
	if (len == 0 || (data[0] & 0x80) == 0) {
		wirebuf_string(b, data, len);
		return;
	}
	wirebuf_u32(b, (uint32_t)len + 1);
	wirebuf_u8(b, 0);
	wirebuf_raw(b, data, len);
}

struct dance_bytes
wirebuf_bytes(const struct wirebuf *b)
{
	return (struct dance_bytes){ b->data, b->len };
}

void
wirebuf_free(struct wirebuf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = 0;
}
