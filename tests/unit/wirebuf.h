/* SPDX-License-Identifier: ISC */
/*
 * A growing buffer with the writers of RFC 4251, section 5, for tests that
 * build blobs which ssh-keygen would not make.  Stops the test without memory.
 */
#ifndef WIREBUF_H
#define WIREBUF_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct wirebuf {
	uint8_t *data;
	size_t len;
};

void wirebuf_raw(struct wirebuf *b, const void *data, size_t len);
void wirebuf_u8(struct wirebuf *b, uint8_t value);
void wirebuf_u32(struct wirebuf *b, uint32_t value);
void wirebuf_u64(struct wirebuf *b, uint64_t value);
void wirebuf_string(struct wirebuf *b, const void *data, size_t len);
void wirebuf_text(struct wirebuf *b, const char *text);
void wirebuf_nested(struct wirebuf *b, const struct wirebuf *inner);

/* A positive number: leading zeros dropped, one put back where needed. */
void wirebuf_mpint(struct wirebuf *b, const uint8_t *data, size_t len);

struct dance_bytes wirebuf_bytes(const struct wirebuf *b);
void wirebuf_free(struct wirebuf *b);

#endif
