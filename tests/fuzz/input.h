/* SPDX-License-Identifier: ISC */
/*
 * A fuzzer's octets as a source of numbers, for harnesses whose input is a
 * plan and not a file.  At its end everything is 0.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t left;
};

static inline void
require(bool is_true)
{
	if (!is_true)
		abort();
}

static inline uint8_t
input_u8(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->data++;
}

/* 0 to n - 1. */
static inline unsigned
input_below(struct input *in, unsigned n)
{
	return input_u8(in) % n;
}

static inline uint32_t
input_u32(struct input *in)
{
	uint32_t value = 0;
	int i;

	for (i = 0; i < 4; i++)
		value = value << 8 | input_u8(in);
	return value;
}

/* len octets; those that are missing are 0. */
static inline void
input_fill(struct input *in, void *ret, size_t len)
{
	size_t n = len < in->left ? len : in->left;

	memset(ret, 0, len);
	if (n > 0)
		memcpy(ret, in->data, n);
	in->data += n;
	in->left -= n;
}

/* Up to max octets, as many as the next one or two say; borrowed. */
static inline const uint8_t *
input_bytes(struct input *in, size_t max, size_t *ret_len)
{
	const uint8_t *data;
	size_t n = input_u8(in);

	if (n == 255)
		n = (size_t)input_u8(in) << 8 | input_u8(in);
	n = n < max ? n : max;
	n = n < in->left ? n : in->left;
	data = in->data;
	in->data += n;
	in->left -= n;
	*ret_len = n;
	return data;
}

#endif
