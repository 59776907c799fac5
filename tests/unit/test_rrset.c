/* SPDX-License-Identifier: ISC */
/* RRsets as values: limits, ownership, names of states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "resolver.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Records of len octets each, "3 1 1" first. */
static void
rdata_make(struct dance_bytes *rdata, size_t n, size_t len)
{
	static uint8_t octets[DANCE_RRSET_BYTES_MAX + 1];
	size_t i;

	octets[0] = 3;
	octets[1] = 1;
	octets[2] = 1;
	for (i = 0; i < n; i++)
		rdata[i] = (struct dance_bytes){ octets, len };
}

static void
req_35_limits(void **state)
{
	static const struct {
		size_t n;
		size_t len;
		bool is_too_large;
	} rows[] = {
		{ 0, 0, false },
		{ 1, 35, false },
		{ 60, 35, false },
		{ 64, 35, false },
		{ 65, 35, true },
		{ 64, 1024, false },
		{ 64, 1025, true },
		{ 1, DANCE_RRSET_BYTES_MAX, false },
		{ 1, DANCE_RRSET_BYTES_MAX + 1, true },
		{ 2, DANCE_RRSET_BYTES_MAX, true },
	};
	struct dance_bytes rdata[DANCE_RRSET_MAX + 1];
	struct dance_rrset rrset = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		rdata_make(rdata, rows[i].n, rows[i].len);
		assert_int_equal(dance_rrset_fill(&rrset, rdata, rows[i].n), 0);
		assert_int_equal(rrset.is_too_large, rows[i].is_too_large);
		assert_int_equal(
		    rrset.n_records, rows[i].is_too_large ? 0 : rows[i].n);
		assert_int_equal(rrset.rdata != NULL, rrset.n_records > 0);
	}
	dance_rrset_clear(&rrset);
	assert_null(rrset.rdata);
}

static void
records_do_not_borrow_from_the_caller(void **state)
{
	uint8_t first[] = { 3, 1, 1, 0xaa };
	uint8_t second[] = { 2, 0, 2, 0xbb, 0xcc };
	struct dance_bytes rdata[] = { { first, sizeof(first) },
		{ second, sizeof(second) } };
	struct dance_rrset rrset = { 0 };

	(void)state;
	assert_int_equal(dance_rrset_fill(&rrset, rdata, 2), 0);
	memset(first, 0, sizeof(first));
	memset(second, 0, sizeof(second));
	assert_int_equal(rrset.n_records, 2);
	assert_int_equal(rrset.records[0].usage, 3);
	assert_int_equal(rrset.records[0].data.len, 1);
	assert_int_equal(rrset.records[0].data.data[0], 0xaa);
	assert_int_equal(rrset.records[1].matching, 2);
	assert_int_equal(rrset.records[1].data.len, 2);
	assert_int_equal(rrset.records[1].data.data[1], 0xcc);
	assert_false(rrset.records[0].is_usable);
	dance_rrset_clear(&rrset);
}

static void
req_24_short_records_are_left_out(void **state)
{
	static const uint8_t octets[] = { 3, 1, 1, 0xaa };
	const struct dance_bytes rdata[] = { { octets, 3 }, { octets, 4 },
		{ NULL, 0 } };
	struct dance_rrset rrset = { 0 };

	(void)state;
	assert_int_equal(dance_rrset_fill(&rrset, rdata, 3), 0);
	assert_int_equal(rrset.n_records, 1);
	assert_int_equal(rrset.records[0].data.data[0], 0xaa);
	dance_rrset_clear(&rrset);
	assert_int_equal(dance_rrset_fill(&rrset, &rdata[2], 1), 0);
	assert_int_equal(rrset.n_records, 0);
	dance_rrset_clear(&rrset);
}

static void
a_cleared_rrset_is_unknown(void **state)
{
	struct dance_rrset rrset = { .dnssec = DANCE_DNSSEC_SECURE,
		.is_denied = true,
		.n_records = 1,
		.source = "dns" };

	(void)state;
	dance_rrset_clear(&rrset);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_int_equal(rrset.n_records, 0);
	assert_false(rrset.is_denied);
}

static void
states_have_names(void **state)
{
	(void)state;
	assert_string_equal(dance_dnssec_name(DANCE_DNSSEC_SECURE), "secure");
	assert_string_equal(
	    dance_dnssec_name(DANCE_DNSSEC_INSECURE), "insecure");
	assert_string_equal(dance_dnssec_name(DANCE_DNSSEC_BOGUS), "bogus");
	assert_string_equal(dance_dnssec_name(DANCE_DNSSEC_UNKNOWN), "unknown");
	assert_string_equal(
	    dance_dnssec_name((enum dance_dnssec)99), "unknown");
	assert_true(dance_now_ms() <= dance_now_ms());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(req_35_limits),
		cmocka_unit_test(records_do_not_borrow_from_the_caller),
		cmocka_unit_test(req_24_short_records_are_left_out),
		cmocka_unit_test(a_cleared_rrset_is_unknown),
		cmocka_unit_test(states_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
