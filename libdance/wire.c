/* SPDX-License-Identifier: ISC */
/*
 * The only file that does pointer arithmetic on foreign bytes of SSH's wire
 * formats (RFC 4251, section 5), and the only one that turns base64 and hex
 * into bytes.  Never looks at content before it has looked at the length.
 * Called by everything that reads keys, certificates and records.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "error.h"
#include "wire.h"

/* Keeps lengths inside the int of EVP_EncodeBlock() and EVP_DecodeBlock(). */
#define TEXT_LEN_MAX ((size_t)1 << 28)

static int
wire_take(struct dance_wire *w, size_t n, const uint8_t **ret)
{
	if (w->left < n)
		return DANCE_ERR_FORMAT;
	*ret = w->next;
	w->next += n;
	w->left -= n;
	return 0;
}

int
dance_wire_u8(struct dance_wire *w, uint8_t *ret)
{
	const uint8_t *p;

	if (wire_take(w, 1, &p) != 0)
		return DANCE_ERR_FORMAT;
	*ret = p[0];
	return 0;
}

int
dance_wire_u32(struct dance_wire *w, uint32_t *ret)
{
	const uint8_t *p;

	if (wire_take(w, 4, &p) != 0)
		return DANCE_ERR_FORMAT;
	*ret = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | (uint32_t)p[3];
	return 0;
}

int
dance_wire_u64(struct dance_wire *w, uint64_t *ret)
{
	struct dance_wire at = *w;
	uint32_t high, low;

	if (dance_wire_u32(&at, &high) != 0 || dance_wire_u32(&at, &low) != 0)
		return DANCE_ERR_FORMAT;
	*w = at;
	*ret = (uint64_t)high << 32 | low;
	return 0;
}

int
dance_wire_string(struct dance_wire *w, struct dance_bytes *ret)
{
	struct dance_wire at = *w;
	const uint8_t *data;
	uint32_t len;

	if (dance_wire_u32(&at, &len) != 0 || wire_take(&at, len, &data) != 0)
		return DANCE_ERR_FORMAT;
	*w = at;
	ret->data = data;
	ret->len = len;
	return 0;
}

int
dance_wire_mpint(struct dance_wire *w, struct dance_bytes *ret)
{
	struct dance_wire at = *w;
	struct dance_bytes b;

	if (dance_wire_string(&at, &b) != 0 || b.len == 0)
		return DANCE_ERR_FORMAT;
	if ((b.data[0] & 0x80) != 0)
		return DANCE_ERR_FORMAT; /* negative */
	if (b.data[0] == 0) {
		/* Only there to keep the top bit of the next octet clear. */
		if (b.len == 1 || (b.data[1] & 0x80) == 0)
			return DANCE_ERR_FORMAT;
		b.data++;
		b.len--;
	}
	*w = at;
	*ret = b;
	return 0;
}

/* Big-endian, n octets of value. */
static int
wire_put(struct dance_wire_out *out, uint64_t value, size_t n)
{
	size_t i;

	if (out->left < n)
		return DANCE_ERR_FORMAT;
	for (i = 0; i < n; i++)
		out->next[i] = (uint8_t)(value >> 8 * (n - 1 - i));
	out->next += n;
	out->left -= n;
	return 0;
}

int
dance_wire_put_u8(struct dance_wire_out *out, uint8_t value)
{
	return wire_put(out, value, 1);
}

int
dance_wire_put_u32(struct dance_wire_out *out, uint32_t value)
{
	return wire_put(out, value, 4);
}

int
dance_wire_put_u64(struct dance_wire_out *out, uint64_t value)
{
	return wire_put(out, value, 8);
}

int
dance_wire_put_string(struct dance_wire_out *out, const void *data, size_t len)
{
	if (len > UINT32_MAX || out->left < 4 || out->left - 4 < len)
		return DANCE_ERR_FORMAT;
	(void)wire_put(out, len, 4);
	if (len > 0)
		memcpy(out->next, data, len);
	out->next += len;
	out->left -= len;
	return 0;
}

bool
dance_bytes_equal(struct dance_bytes b, const char *text)
{
	size_t len = strlen(text);

	return b.len == len && (len == 0 || memcmp(b.data, text, len) == 0);
}

/* EVP_DecodeBlock() counts the padding as octets. */
static size_t
base64_padding(const char *text, size_t len)
{
	if (len == 0 || text[len - 1] != '=')
		return 0;
	return text[len - 2] == '=' ? 2 : 1;
}

int
dance_base64_decode(
    const char *text, size_t len, uint8_t **ret, size_t *ret_len)
{
	uint8_t *data = NULL;
	char *again = NULL;
	size_t data_len = len / 4 * 3;
	int r = DANCE_ERR_INTERNAL;

	if (len % 4 != 0 || len > TEXT_LEN_MAX)
		return DANCE_ERR_FORMAT;
	if ((data = malloc(data_len + 1)) == NULL)
		goto out;
	if (EVP_DecodeBlock(data, (const unsigned char *)text, (int)len) !=
	    (int)data_len) {
		r = DANCE_ERR_FORMAT;
		goto out;
	}
	data_len -= base64_padding(text, len);
	/* White space, stray bits, misplaced padding: another text returns. */
	if ((r = dance_base64_encode(data, data_len, &again)) != 0)
		goto out;
	if (strlen(again) != len || memcmp(again, text, len) != 0) {
		r = DANCE_ERR_FORMAT;
		goto out;
	}
	*ret = data;
	*ret_len = data_len;
	data = NULL;
	r = 0;
out:
	free(data);
	free(again);
	return r;
}

int
dance_base64_encode(const uint8_t *data, size_t len, char **ret)
{
	char *text;

	if (len > TEXT_LEN_MAX)
		return DANCE_ERR_INTERNAL;
	if ((text = malloc((len + 2) / 3 * 4 + 1)) == NULL)
		return DANCE_ERR_INTERNAL;
	text[0] = '\0';
	if (len > 0)
		EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	*ret = text;
	return 0;
}

/* The value of a hex digit, or -1. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
dance_hex_decode(const char *text, uint8_t **ret, size_t *ret_len)
{
	size_t i, digits = 0, len = strlen(text);
	uint8_t *data;
	int value;

	if ((data = calloc(1, len / 2 + 1)) == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < len; i++) {
		if (strchr(" \t\r\n", text[i]) != NULL)
			continue;
		if ((value = hex_value(text[i])) < 0)
			break;
		data[digits / 2] = (uint8_t)(data[digits / 2] << 4 | value);
		digits++;
	}
	if (i < len || digits % 2 != 0) {
		free(data);
		return DANCE_ERR_FORMAT;
	}
	*ret = data;
	*ret_len = digits / 2;
	return 0;
}

int
dance_hex_encode(const uint8_t *data, size_t len, char **ret)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;
	char *text;

	if (len > TEXT_LEN_MAX || (text = malloc(len * 2 + 1)) == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 0x0f];
	}
	text[2 * len] = '\0';
	*ret = text;
	return 0;
}

/* "SHA256:" and base64 without its padding. */
static int
fingerprint_sha256(const uint8_t *digest, char ret[DANCE_FINGERPRINT_MAX])
{
	unsigned char text[48]; /* 44 for 32 octets, and NUL */
	int n;

	EVP_EncodeBlock(text, digest, 32);
	n = snprintf(ret, DANCE_FINGERPRINT_MAX, "SHA256:%.43s", text);
	return n == 50 ? 0 : DANCE_ERR_INTERNAL;
}

/* "MD5:" and hex with colons. */
static int
fingerprint_md5(const uint8_t *digest, char ret[DANCE_FINGERPRINT_MAX])
{
	size_t i, at = 4;
	int n;

	memcpy(ret, "MD5", at);
	for (i = 0; i < 16; i++, at += 3) {
		n = snprintf(ret + at, DANCE_FINGERPRINT_MAX - at, "%02x%s",
		    digest[i], i < 15 ? ":" : "");
		if (n < 2 || (size_t)n >= DANCE_FINGERPRINT_MAX - at)
			return DANCE_ERR_INTERNAL;
	}
	ret[3] = ':';
	return 0;
}

int
dance_fingerprint(const uint8_t *blob, size_t len, const char *md,
    char ret[DANCE_FINGERPRINT_MAX])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	char text[DANCE_FINGERPRINT_MAX];
	bool is_md5 = strcmp(md, "MD5") == 0;
	int r;

	if (!is_md5 && strcmp(md, "SHA256") != 0)
		return DANCE_ERR_FORMAT;
	if (EVP_Q_digest(NULL, md, NULL, blob, len, digest, NULL) != 1)
		return DANCE_ERR_INTERNAL;
	r = is_md5 ? fingerprint_md5(digest, text)
		   : fingerprint_sha256(digest, text);
	if (r == 0)
		memcpy(ret, text, sizeof(text));
	return r;
}
