/* SPDX-License-Identifier: ISC */
/* The writer: what it appends, and that it never writes past its room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "wire.h"

static void
what_is_written(void **state)
{
	static const uint8_t want[] = { 0xab, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7,
		8, 0, 0, 0, 3, 'a', 0, 'b', 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint8_t data[sizeof(want)];
	struct dance_wire_out out = { data, sizeof(data) };

	(void)state;
	assert_int_equal(dance_wire_put_u8(&out, 0xab), 0);
	assert_int_equal(dance_wire_put_u32(&out, 0x01020304), 0);
	assert_int_equal(dance_wire_put_u64(&out, 0x0102030405060708ULL), 0);
	assert_int_equal(dance_wire_put_string(&out, "a\0b", 3), 0);
	assert_int_equal(dance_wire_put_string(&out, NULL, 0), 0);
	assert_int_equal(dance_wire_put_u32(&out, 0), 0);
	assert_int_equal(dance_wire_put_u64(&out, UINT64_MAX), 0);
	assert_int_equal(out.left, 0);
	assert_ptr_equal(out.next, data + sizeof(data));
	assert_memory_equal(data, want, sizeof(want));
}

/* One of each, by its number; it is size octets long. */
static int
put(unsigned which, struct dance_wire_out *out, size_t *ret_size)
{
	static const size_t sizes[] = { 1, 4, 8, 4, 9 };

	*ret_size = sizes[which];
	switch (which) {
	case 0:
		return dance_wire_put_u8(out, 1);
	case 1:
		return dance_wire_put_u32(out, 1);
	case 2:
		return dance_wire_put_u64(out, 1);
	case 3:
		return dance_wire_put_string(out, "", 0);
	default:
		return dance_wire_put_string(out, "12345", 5);
	}
}

static void
too_little_room_writes_nothing(void **state)
{
	uint8_t data[16], before[16];
	struct dance_wire_out out;
	unsigned which;
	size_t room, size, i;
	int r;

	(void)state;
	memset(before, 0xee, sizeof(before));
	for (which = 0; which < 5; which++)
		for (room = 0; room < sizeof(data); room++) {
			memset(data, 0xee, sizeof(data));
			out = (struct dance_wire_out){ data, room };
			r = put(which, &out, &size);
			assert_int_equal(r, room < size ? DANCE_ERR_FORMAT : 0);
			i = r == 0 ? size : 0;
			assert_ptr_equal(out.next, data + i);
			assert_int_equal(out.left, room - i);
			assert_memory_equal(
			    data + i, before + i, sizeof(data) - i);
		}
}

/* A length that no string can say is not cut to one. */
static void
strings_that_are_too_long(void **state)
{
	uint8_t data[8] = { 0 };
	struct dance_wire_out out = { data, SIZE_MAX };

	(void)state;
	assert_int_equal(
	    dance_wire_put_string(&out, data, (size_t)UINT32_MAX + 1),
	    DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_wire_put_string(&out, data, SIZE_MAX), DANCE_ERR_FORMAT);
	out.left = sizeof(data);
	assert_int_equal(
	    dance_wire_put_string(&out, data, UINT32_MAX), DANCE_ERR_FORMAT);
	assert_int_equal(
	    dance_wire_put_string(&out, data, SIZE_MAX - 3), DANCE_ERR_FORMAT);
	assert_ptr_equal(out.next, data);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written),
		cmocka_unit_test(too_little_room_writes_nothing),
		cmocka_unit_test(strings_that_are_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
