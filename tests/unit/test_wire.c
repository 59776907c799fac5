/* SPDX-License-Identifier: ISC */
/* The cursor, base64, hex and fingerprints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "wire.h"

#define N(a)	 (sizeof(a) / sizeof((a)[0]))
#define BYTES(s) s, sizeof(s) - 1

static const uint8_t *
octets(const char *text)
{
	return (const uint8_t *)text;
}

static void
numbers_are_big_endian(void **state)
{
	struct dance_wire w = { octets("\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd"),
		13 };
	uint8_t u8;
	uint32_t u32;
	uint64_t u64;

	(void)state;
	assert_int_equal(dance_wire_u8(&w, &u8), 0);
	assert_int_equal(u8, 1);
	assert_int_equal(dance_wire_u32(&w, &u32), 0);
	assert_int_equal(u32, 0x02030405);
	assert_int_equal(dance_wire_u64(&w, &u64), 0);
	assert_true(u64 == 0x060708090a0b0c0dULL);
	assert_int_equal(w.left, 0);
}

static void
req_60_short_numbers_leave_the_cursor(void **state)
{
	const uint8_t *start = octets("\1\2\3\4\5\6\7");
	struct dance_wire w = { start, 0 };
	uint8_t u8 = 9;
	uint32_t u32 = 9;
	uint64_t u64 = 9;

	(void)state;
	assert_int_equal(dance_wire_u8(&w, &u8), DANCE_ERR_FORMAT);
	w.left = 3;
	assert_int_equal(dance_wire_u32(&w, &u32), DANCE_ERR_FORMAT);
	w.left = 7;
	assert_int_equal(dance_wire_u64(&w, &u64), DANCE_ERR_FORMAT);
	assert_true(w.next == start && w.left == 7);
	assert_true(u8 == 9 && u32 == 9 && u64 == 9);
}

static const struct {
	const char *name;
	const char *in;
	size_t len;
	int want;
	const char *out;
	size_t left;
} strings[] = {
	{ "empty", BYTES("\0\0\0\0"), 0, "", 0 },
	{ "one", BYTES("\0\0\0\1a"), 0, "a", 0 },
	{ "rest stays", BYTES("\0\0\0\2abcd"), 0, "ab", 2 },
	{ "no length", BYTES("\0\0\0"), DANCE_ERR_FORMAT, NULL, 3 },
	{ "one octet short", BYTES("\0\0\0\3ab"), DANCE_ERR_FORMAT, NULL, 6 },
	{ "huge",
	    BYTES("\xff\xff\xff\xff"
		  "ab"),
	    DANCE_ERR_FORMAT, NULL, 6 },
};

static void
req_60_strings(void **state)
{
	struct dance_wire w;
	struct dance_bytes b;
	size_t i;

	(void)state;
	for (i = 0; i < N(strings); i++) {
		print_message("  %s\n", strings[i].name);
		w.next = octets(strings[i].in);
		w.left = strings[i].len;
		assert_int_equal(dance_wire_string(&w, &b), strings[i].want);
		assert_int_equal(w.left, strings[i].left);
		if (strings[i].want == 0)
			assert_true(dance_bytes_equal(b, strings[i].out));
	}
}

static const struct {
	const char *name;
	const char *in;
	size_t len;
	int want;
	const char *out;
} mpints[] = {
	{ "65537", BYTES("\0\0\0\3\1\0\1"), 0, "010001" },
	{ "127", BYTES("\0\0\0\1\x7f"), 0, "7f" },
	{ "128 with its zero", BYTES("\0\0\0\2\0\x80"), 0, "80" },
	{ "zero", BYTES("\0\0\0\0"), DANCE_ERR_FORMAT, NULL },
	{ "zero octet", BYTES("\0\0\0\1\0"), DANCE_ERR_FORMAT, NULL },
	{ "negative", BYTES("\0\0\0\1\x80"), DANCE_ERR_FORMAT, NULL },
	{ "padded", BYTES("\0\0\0\2\0\x7f"), DANCE_ERR_FORMAT, NULL },
	{ "padded twice", BYTES("\0\0\0\3\0\0\x80"), DANCE_ERR_FORMAT, NULL },
	{ "short", BYTES("\0\0\0\2\1"), DANCE_ERR_FORMAT, NULL },
};

static void
req_60_mpints_are_positive_and_shortest(void **state)
{
	struct dance_wire w;
	struct dance_bytes b;
	size_t i;
	char *hex;

	(void)state;
	for (i = 0; i < N(mpints); i++) {
		print_message("  %s\n", mpints[i].name);
		w.next = octets(mpints[i].in);
		w.left = mpints[i].len;
		assert_int_equal(dance_wire_mpint(&w, &b), mpints[i].want);
		if (mpints[i].want != 0) {
			assert_int_equal(w.left, mpints[i].len);
			continue;
		}
		assert_int_equal(dance_hex_encode(b.data, b.len, &hex), 0);
		assert_string_equal(hex, mpints[i].out);
		assert_int_equal(w.left, 0);
		free(hex);
	}
}

static void
bytes_equal_compares_length_and_content(void **state)
{
	struct dance_bytes none = { NULL, 0 }, abc = { octets("abc"), 3 };
	struct dance_bytes nul = { octets("ab\0c"), 4 };

	(void)state;
	assert_true(dance_bytes_equal(none, ""));
	assert_true(dance_bytes_equal(abc, "abc"));
	assert_false(dance_bytes_equal(none, "a"));
	assert_false(dance_bytes_equal(abc, "ab"));
	assert_false(dance_bytes_equal(abc, "abcd"));
	assert_false(dance_bytes_equal(abc, "abC"));
	assert_false(dance_bytes_equal(nul, "ab"));
}

/* RFC 4648, section 10, and what is not canonical. */
static const struct {
	const char *in;
	int want;
	const char *out;
} base64s[] = {
	{ "", 0, "" },
	{ "Zg==", 0, "f" },
	{ "Zm8=", 0, "fo" },
	{ "Zm9v", 0, "foo" },
	{ "Zm9vYg==", 0, "foob" },
	{ "Zm9vYmE=", 0, "fooba" },
	{ "Zm9vYmFy", 0, "foobar" },
	{ "Zg", DANCE_ERR_FORMAT, NULL },
	{ "Zg=", DANCE_ERR_FORMAT, NULL },
	{ "Zh==", DANCE_ERR_FORMAT, NULL },
	{ "Zm9=", DANCE_ERR_FORMAT, NULL },
	{ "Z===", DANCE_ERR_FORMAT, NULL },
	{ "====", DANCE_ERR_FORMAT, NULL },
	{ "=Zm9", DANCE_ERR_FORMAT, NULL },
	{ "Zg==Zm9v", DANCE_ERR_FORMAT, NULL },
	{ "Zm9v Zg=", DANCE_ERR_FORMAT, NULL },
	{ " Zm9v", DANCE_ERR_FORMAT, NULL },
	{ "   Zm9v ", DANCE_ERR_FORMAT, NULL },
	{ "Zm9v\n", DANCE_ERR_FORMAT, NULL },
	{ "Zm9v\n\n\n\n", DANCE_ERR_FORMAT, NULL },
	{ "Zm9-", DANCE_ERR_FORMAT, NULL },
	{ "Zm_v", DANCE_ERR_FORMAT, NULL },
	{ "----", DANCE_ERR_FORMAT, NULL },
	{ "Zm9\xc3", DANCE_ERR_FORMAT, NULL },
};

static void
base64_is_canonical(void **state)
{
	uint8_t *data;
	size_t i, len;
	char *text;

	(void)state;
	for (i = 0; i < N(base64s); i++) {
		print_message("  row %zu\n", i);
		assert_int_equal(dance_base64_decode(base64s[i].in,
				     strlen(base64s[i].in), &data, &len),
		    base64s[i].want);
		if (base64s[i].want != 0)
			continue;
		assert_int_equal(len, strlen(base64s[i].out));
		assert_memory_equal(data, base64s[i].out, len);
		assert_int_equal(dance_base64_encode(data, len, &text), 0);
		assert_string_equal(text, base64s[i].in);
		free(data);
		free(text);
	}
	assert_int_equal(
	    dance_base64_decode("Zm9v\0m9v", 8, &data, &len), DANCE_ERR_FORMAT);
}

static void
base64_size_is_bounded(void **state)
{
	uint8_t *data;
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(dance_base64_decode("", (size_t)1 << 31, &data, &len),
	    DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_base64_encode(octets(""), (size_t)1 << 31, &text),
	    DANCE_ERR_INTERNAL);
}

static const struct {
	const char *in;
	int want;
	const char *out;
} hexes[] = {
	{ "", 0, "" },
	{ "00ff", 0, "00ff" },
	{ "DEADbeef", 0, "deadbeef" },
	{ " de ad\tbe\r\nef ", 0, "deadbeef" },
	{ "d eadbee f", 0, "deadbeef" },
	{ "0", DANCE_ERR_FORMAT, NULL },
	{ "000", DANCE_ERR_FORMAT, NULL },
	{ "0g", DANCE_ERR_FORMAT, NULL },
	{ "0x00", DANCE_ERR_FORMAT, NULL },
	{ "00:00", DANCE_ERR_FORMAT, NULL },
	{ "00\v00", DANCE_ERR_FORMAT, NULL },
};

static void
hex_skips_white_space_only(void **state)
{
	uint8_t *data;
	size_t i, len;
	char *text;

	(void)state;
	for (i = 0; i < N(hexes); i++) {
		print_message("  row %zu\n", i);
		assert_int_equal(
		    dance_hex_decode(hexes[i].in, &data, &len), hexes[i].want);
		if (hexes[i].want != 0)
			continue;
		assert_int_equal(dance_hex_encode(data, len, &text), 0);
		assert_string_equal(text, hexes[i].out);
		free(data);
		free(text);
	}
}

/* The Ed25519 key of RFC 8032, as ssh-keygen -l shows it. */
static void
req_62_fingerprints_are_sha256_and_md5_only(void **state)
{
	static const char text[] =
	    "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3"
	    "B1Ea";
	char got[DANCE_FINGERPRINT_MAX] = "untouched";
	uint8_t *blob;
	size_t len;

	(void)state;
	assert_int_equal(
	    dance_base64_decode(text, strlen(text), &blob, &len), 0);
	assert_int_equal(
	    dance_fingerprint(blob, len, "SHA1", got), DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_fingerprint(blob, len, "sha256", got), DANCE_ERR_FORMAT);
	assert_string_equal(got, "untouched");
	assert_int_equal(dance_fingerprint(blob, len, "SHA256", got), 0);
	assert_string_equal(
	    got, "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8");
	assert_int_equal(dance_fingerprint(blob, len, "MD5", got), 0);
	assert_string_equal(
	    got, "MD5:cf:07:be:9d:68:ae:65:54:6d:a0:93:c3:6f:bd:0d:82");
	free(blob);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(req_60_short_numbers_leave_the_cursor),
		cmocka_unit_test(req_60_strings),
		cmocka_unit_test(req_60_mpints_are_positive_and_shortest),
		cmocka_unit_test(bytes_equal_compares_length_and_content),
		cmocka_unit_test(base64_is_canonical),
		cmocka_unit_test(base64_size_is_bounded),
		cmocka_unit_test(hex_skips_white_space_only),
		cmocka_unit_test(req_62_fingerprints_are_sha256_and_md5_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
