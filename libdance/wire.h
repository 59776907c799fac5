/* SPDX-License-Identifier: ISC */
/*
 * Readers and a writer for the wire formats of SSH (RFC 4251, section 5): a
 * cursor that knows what is left, so that no other file does pointer
 * arithmetic on foreign bytes; strict base64; fingerprints.
 */
#ifndef DANCE_WIRE_H
#define DANCE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "SHA256:" and 43 characters of base64, or "MD5:" and 47 of hex, and NUL. */
#define DANCE_FINGERPRINT_MAX 52

/* Octets that belong to somebody else. */
struct dance_bytes {
	const uint8_t *data;
	size_t len;
};

/* What of a buffer is still to be read; borrows the buffer. */
struct dance_wire {
	const uint8_t *next;
	size_t left;
};

/*
 * Each reads one value, moves the cursor behind it and returns 0, or returns
 * DANCE_ERR_FORMAT, with the cursor where it was, if too little is left.
 * The bytes returned borrow from the buffer.
 */
int dance_wire_u8(struct dance_wire *w, uint8_t *ret);
int dance_wire_u32(struct dance_wire *w, uint32_t *ret);
int dance_wire_u64(struct dance_wire *w, uint64_t *ret);
int dance_wire_string(struct dance_wire *w, struct dance_bytes *ret);

/*
 * A string that holds a positive multiple precision integer in its shortest
 * form.  DANCE_ERR_FORMAT also for zero, negative and padded numbers.
 * ret holds the magnitude, without the leading zero octet.
 */
int dance_wire_mpint(struct dance_wire *w, struct dance_bytes *ret);

/* What of a buffer is still free; borrows the buffer. */
struct dance_wire_out {
	uint8_t *next;
	size_t left;
};

/*
 * Each appends one value and returns 0, or returns DANCE_ERR_FORMAT, with
 * nothing written, if there is too little room.
 */
int dance_wire_put_u8(struct dance_wire_out *out, uint8_t value);
int dance_wire_put_u32(struct dance_wire_out *out, uint32_t value);
int dance_wire_put_u64(struct dance_wire_out *out, uint64_t value);
int dance_wire_put_string(
    struct dance_wire_out *out, const void *data, size_t len);

/* True if the bytes equal the C string. */
bool dance_bytes_equal(struct dance_bytes b, const char *text);

/*
 * Decode canonical base64 (RFC 4648, section 4; padded, no white space, no
 * stray bits).  *ret is malloced, the caller frees it.
 * Returns 0, DANCE_ERR_FORMAT, or DANCE_ERR_INTERNAL without memory.
 */
int dance_base64_decode(
    const char *text, size_t len, uint8_t **ret, size_t *ret_len);

/* Encode; *ret is malloced and ends in NUL.  0 or DANCE_ERR_INTERNAL. */
int dance_base64_encode(const uint8_t *data, size_t len, char **ret);

/* Decode an even number of hex digits, white space between them skipped. */
int dance_hex_decode(const char *text, uint8_t **ret, size_t *ret_len);

/* Lower-case hex; *ret is malloced and ends in NUL. 0 or DANCE_ERR_INTERNAL. */
int dance_hex_encode(const uint8_t *data, size_t len, char **ret);

/*
 * The fingerprint of a key blob as ssh-keygen -l shows it; md is "SHA256" or
 * "MD5".  Returns 0, DANCE_ERR_FORMAT for another md, or DANCE_ERR_INTERNAL.
 */
int dance_fingerprint(const uint8_t *blob, size_t len, const char *md,
    char ret[DANCE_FINGERPRINT_MAX]);

#endif
