/* SPDX-License-Identifier: ISC */
/*
 * An entry of the cache: what goes in comes out, nothing else is an entry, and
 * no time is stretched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cache_entry.h"
#include "index.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define OWNER "laptop._device.example.com"
#define BORN  1700000000

static const uint8_t ee[] = { 3, 1, 1, 0xaa, 0xbb, 0xcc };
static const uint8_t ta[] = { 2, 0, 2, 0x11 };
static const uint8_t packet[] = "a packet";

/* Large for a stack. */
static struct dance_entry entry, found;

/* An entry with data and a proof of two answers. */
static void
entry_make(struct dance_entry *ret)
{
	static const struct dance_bytes rdata[] = { { ee, sizeof(ee) },
		{ ta, sizeof(ta) } };

	memset(ret, 0, sizeof(*ret));
	ret->born = BORN;
	ret->fresh_until = BORN + 100;
	ret->signed_until = BORN + 1000;
	ret->rrset.dnssec = DANCE_DNSSEC_SECURE;
	ret->rrset.valid_until = BORN + 200;
	ret->rrset.is_wildcard = true;
	memcpy(ret->rrset.canonical, "other.example", 14);
	assert_int_equal(dance_rrset_fill(&ret->rrset, rdata, N(rdata)), 0);
	ret->proof.list[0] = (struct dance_signed_answer){ OWNER, 52,
		{ packet, sizeof(packet) } };
	ret->proof.list[1] =
	    (struct dance_signed_answer){ ".", 48, { packet, 1 } };
	ret->proof.n = 2;
}

static void
entry_octets(const struct dance_entry *from, uint8_t **ret, size_t *ret_len)
{
	assert_int_equal(dance_entry_write(from, OWNER, ret, ret_len), 0);
}

/* The checksum of what was changed, so that the rest is looked at. */
static void
octets_seal(uint8_t *data, size_t len)
{
	uint64_t sum =
	    dance_index_sum(DANCE_INDEX_SUM_START, data, len - sizeof(sum));
	size_t i;

	for (i = 0; i < sizeof(sum); i++)
		data[len - 1 - i] = (uint8_t)(sum >> 8 * i);
}

static int
octets_read(const uint8_t *data, size_t len, struct dance_entry *ret)
{
	return dance_entry_read((struct dance_bytes){ data, len }, OWNER, ret);
}

static void
what_goes_in_comes_out(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	entry_make(&entry);
	entry_octets(&entry, &data, &len);
	assert_int_equal(octets_read(data, len, &found), 0);
	assert_int_equal(found.born, BORN);
	assert_int_equal(found.fresh_until, BORN + 100);
	assert_int_equal(found.signed_until, BORN + 1000);
	assert_int_equal(found.fault_until, 0);
	assert_int_equal(found.rrset.dnssec, DANCE_DNSSEC_SECURE);
	assert_int_equal(found.rrset.valid_until, BORN + 200);
	assert_true(found.rrset.is_wildcard);
	assert_false(found.rrset.is_denied);
	assert_false(found.rrset.is_too_large);
	assert_string_equal(found.rrset.canonical, "other.example");
	assert_string_equal(found.rrset.source, "cache");
	assert_int_equal(found.rrset.n_records, 2);
	assert_int_equal(found.rrset.records[0].usage, 3);
	assert_int_equal(found.rrset.records[0].data.len, 3);
	assert_memory_equal(found.rrset.records[0].data.data, ee + 3, 3);
	assert_int_equal(found.rrset.records[1].selector, 0);
	assert_int_equal(found.rrset.records[1].matching, 2);
	assert_int_equal(found.proof.n, 2);
	assert_string_equal(found.proof.list[1].name, ".");
	assert_int_equal(found.proof.list[1].type, 48);
	assert_int_equal(found.proof.list[0].packet.len, sizeof(packet));
	assert_memory_equal(
	    found.proof.list[0].packet.data, packet, sizeof(packet));
	dance_entry_clear(&found);
	dance_entry_clear(&entry);
	free(data);
}

static void
denials_and_faults(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	memset(&entry, 0, sizeof(entry));
	entry.born = BORN;
	entry.rrset.dnssec = DANCE_DNSSEC_SECURE;
	entry.rrset.is_denied = true;
	entry_octets(&entry, &data, &len);
	assert_int_equal(octets_read(data, len, &found), 0);
	assert_true(found.rrset.is_denied);
	assert_int_equal(found.rrset.dnssec, DANCE_DNSSEC_SECURE);
	free(data);
	/* A fault alone says nothing of the name. */
	memset(&entry, 0, sizeof(entry));
	entry.fault_until = BORN + 5;
	memcpy(entry.why, "silence", 8);
	entry_octets(&entry, &data, &len);
	assert_int_equal(octets_read(data, len, &found), 0);
	assert_int_equal(found.rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_int_equal(found.born, 0);
	assert_string_equal(found.why, "silence");
	free(data);
}

/* Each prefix, each octet changed, another name: none is an entry. */
static void
nothing_else_is_an_entry(void **state)
{
	uint8_t *data, *longer;
	size_t i, len;

	(void)state;
	entry_make(&entry);
	entry_octets(&entry, &data, &len);
	dance_entry_clear(&entry);
	for (i = 0; i < len; i++) {
		assert_int_equal(
		    octets_read(data, i, &found), DANCE_ERR_FORMAT);
		data[i] ^= 0x40;
		assert_int_equal(
		    octets_read(data, len, &found), DANCE_ERR_FORMAT);
		data[i] ^= 0x40;
	}
	assert_non_null(longer = calloc(1, len + 1));
	memcpy(longer, data, len);
	assert_int_equal(
	    octets_read(longer, len + 1, &found), DANCE_ERR_FORMAT);
	octets_seal(longer, len + 1);
	assert_int_equal(
	    octets_read(longer, len + 1, &found), DANCE_ERR_FORMAT);
	assert_int_equal(dance_entry_read((struct dance_bytes){ data, len },
			     "laptop._device.example.org", &found),
	    DANCE_ERR_FORMAT);
	assert_int_equal(dance_entry_read((struct dance_bytes){ data, len },
			     "laptop._device.example.co", &found),
	    DANCE_ERR_FORMAT);
	assert_int_equal(octets_read(data, len, &found), 0);
	dance_entry_clear(&found);
	free(longer);
	free(data);
}

/*
 * The same with a checksum that fits: whatever is changed, what is read is
 * within its bounds and hangs together.
 */
static void
a_checksum_alone_is_not_enough(void **state)
{
	static const uint8_t changes[] = { 0x01, 0x10, 0x80, 0xff };
	uint8_t *data, *copy;
	size_t i, k, len;
	int r;

	(void)state;
	entry_make(&entry);
	entry_octets(&entry, &data, &len);
	dance_entry_clear(&entry);
	assert_non_null(copy = malloc(len));
	for (i = 0; i < (len - 8) * N(changes); i++) {
		memcpy(copy, data, len);
		copy[i / N(changes)] ^= changes[i % N(changes)];
		octets_seal(copy, len);
		if ((r = octets_read(copy, len, &found)) != 0) {
			assert_int_equal(r, DANCE_ERR_FORMAT);
			continue;
		}
		assert_true(found.rrset.n_records <= 2);
		assert_true(found.proof.n <= 2);
		for (k = 0; k < found.proof.n; k++)
			assert_true(strlen(found.proof.list[k].name) > 0);
		dance_entry_clear(&found);
	}
	free(copy);
	free(data);
}

/* A text that would go into a log, and flags of a later version. */
static void
odd_fields_are_refused(void **state)
{
	uint8_t *data;
	size_t len;

	(void)state;
	entry_make(&entry);
	memcpy(entry.why, "one\ntwo", 8);
	entry_octets(&entry, &data, &len);
	assert_int_equal(octets_read(data, len, &found), DANCE_ERR_FORMAT);
	free(data);
	memcpy(entry.why, "one two", 8);
	entry_octets(&entry, &data, &len);
	assert_int_equal(octets_read(data, len, &found), 0);
	dance_entry_clear(&found);
	free(data);
	/* Data and a denial at once. */
	entry.rrset.is_denied = true;
	entry_octets(&entry, &data, &len);
	assert_int_equal(octets_read(data, len, &found), DANCE_ERR_FORMAT);
	free(data);
	entry.rrset.is_denied = false;
	entry.born = -1;
	entry_octets(&entry, &data, &len);
	assert_int_equal(octets_read(data, len, &found), DANCE_ERR_FORMAT);
	free(data);
	dance_entry_clear(&entry);
}

/* No octet but printable ASCII. */
static void
texts_are_printable(void **state)
{
	static const char odd[] = { 0x01, 0x1f, 0x7f, (char)0x80, (char)0xff };
	uint8_t *data;
	size_t i, len;

	(void)state;
	for (i = 0; i < 2 * N(odd); i++) {
		entry_make(&entry);
		(i % 2 == 0 ? entry.why : entry.rrset.canonical)[0] =
		    odd[i / 2];
		entry_octets(&entry, &data, &len);
		assert_int_equal(
		    octets_read(data, len, &found), DANCE_ERR_FORMAT);
		free(data);
		dance_entry_clear(&entry);
	}
	entry_make(&entry);
	memcpy(entry.why, " ~", 3);
	entry_octets(&entry, &data, &len);
	assert_int_equal(octets_read(data, len, &found), 0);
	assert_string_equal(found.why, " ~");
	dance_entry_clear(&found);
	dance_entry_clear(&entry);
	free(data);
}

/* Strings before that of a text; then so many octets of it, and the rest. */
static void
text_of_length(size_t at, size_t n, size_t size)
{
	uint8_t *data, *longer;
	size_t len;

	entry_make(&entry);
	entry_octets(&entry, &data, &len);
	dance_entry_clear(&entry);
	assert_int_equal(data[at] | data[at + 1] | data[at + 2], 0);
	assert_int_equal(data[at + 3], n);
	assert_non_null(longer = malloc(len + size));
	memcpy(longer, data, at);
	longer[at] = longer[at + 1] = 0;
	longer[at + 2] = (uint8_t)(size >> 8);
	longer[at + 3] = (uint8_t)size;
	memset(longer + at + 4, 'x', size);
	memcpy(longer + at + 4 + size, data + at + 4 + n, len - at - 4 - n);
	len += size - n;
	octets_seal(longer, len);
	memset(&found, 0, sizeof(found));
	assert_int_equal(octets_read(longer, len, &found),
	    size < (n == 0 ? sizeof(found.why) : sizeof(found.rrset.canonical))
		? 0
		: DANCE_ERR_FORMAT);
	dance_entry_clear(&found);
	free(longer);
	free(data);
}

static void
texts_have_room(void **state)
{
	/* Behind magic, owner name, five times, a size; then flags between. */
	const size_t why = 8 + 4 + strlen(OWNER) + 5 * 8 + 4;
	const size_t canonical = why + 4 + 1;

	(void)state;
	text_of_length(why, 0, DANCE_WHY_MAX - 1);
	text_of_length(why, 0, DANCE_WHY_MAX);
	text_of_length(why, 0, 4 * DANCE_WHY_MAX);
	text_of_length(canonical, 13, sizeof(found.rrset.canonical) - 1);
	text_of_length(canonical, 13, sizeof(found.rrset.canonical));
	text_of_length(canonical, 13, 4 * sizeof(found.rrset.canonical));
}

/* What a function that forgets to set something finds there: bad pointers. */
static __attribute__((noinline)) void
stack_spoil(unsigned depth)
{
	volatile uint64_t spoiled[256];
	size_t i;

	for (i = 0; i < N(spoiled); i++)
		spoiled[i] = 1;
	if (depth > 0)
		stack_spoil(depth - 1);
	assert_int_equal(spoiled[depth], 1);
}

/* A count of records above those that there are, and below. */
static void
records_are_counted(void **state)
{
	const size_t at = 8 + 4 + strlen(OWNER) + 5 * 8 + 4 + 4 + 1 + 4 +
	    strlen("other.example");
	const size_t end = at + 4 + 4 + sizeof(ee) + 4 + sizeof(ta);
	uint8_t *data;
	size_t len;

	(void)state;
	entry_make(&entry);
	entry_octets(&entry, &data, &len);
	dance_entry_clear(&entry);
	assert_int_equal(data[at + 3], 2);
	/* The entry ends behind its first record, which it says are two. */
	octets_seal(data, at + 4 + 4 + sizeof(ee) + 8);
	stack_spoil(16);
	assert_int_equal(octets_read(data, at + 4 + 4 + sizeof(ee) + 8, &found),
	    DANCE_ERR_FORMAT);
	/* And behind both, without a number of signed answers. */
	octets_seal(data, end + 8);
	assert_int_equal(octets_read(data, end + 8, &found), DANCE_ERR_FORMAT);
	data[at + 3] = 1;
	octets_seal(data, end + 8);
	assert_int_equal(octets_read(data, end + 8, &found), DANCE_ERR_FORMAT);
	free(data);
}

static void
what_is_too_large_is_not_written(void **state)
{
	uint8_t *data, *large = calloc(1, DANCE_ENTRY_MAX);
	size_t len;

	(void)state;
	assert_non_null(large);
	entry_make(&entry);
	entry.proof.list[1].packet.data = large;
	entry.proof.list[1].packet.len = DANCE_ENTRY_MAX / 2;
	entry_octets(&entry, &data, &len);
	free(data);
	entry.proof.list[1].packet.len = DANCE_ENTRY_MAX - 100;
	assert_int_equal(
	    dance_entry_write(&entry, OWNER, &data, &len), DANCE_ERR_FORMAT);
	dance_entry_clear(&entry);
	free(large);
}

static void
req_82_fresh_is_bounded(void **state)
{
	static const struct {
		int64_t now;
		unsigned max_ttl;
		bool is_denied;
		bool want;
	} rows[] = {
		{ BORN, 300, false, true },
		{ BORN + 99, 300, false, true },
		{ BORN + 100, 300, false, false },
		/* The bound of today holds, not that of its birth. */
		{ BORN + 9, 10, false, true },
		{ BORN + 10, 10, false, false },
		{ BORN, 0, false, false },
		/* A clock behind its birth. */
		{ BORN - 1, 300, false, false },
		{ 0, 300, false, false },
		{ BORN + 59, 300, true, true },
		{ BORN + 60, 300, true, false },
		{ BORN + 20, 10, true, false },
	};
	size_t i;

	(void)state;
	memset(&entry, 0, sizeof(entry));
	entry.born = BORN;
	entry.fresh_until = BORN + 100;
	entry.rrset.valid_until = BORN + 200;
	for (i = 0; i < N(rows); i++) {
		entry.rrset.is_denied = rows[i].is_denied;
		if (dance_entry_is_fresh(
			&entry, rows[i].now, rows[i].max_ttl) != rows[i].want)
			fail_msg("row %zu", i);
	}
	/* Not past the answer's own end, whatever the file says. */
	entry.rrset.is_denied = false;
	entry.rrset.valid_until = BORN + 50;
	assert_true(dance_entry_is_fresh(&entry, BORN + 49, 300));
	assert_false(dance_entry_is_fresh(&entry, BORN + 50, 300));
	entry.born = 0;
	assert_false(dance_entry_is_fresh(&entry, 10, 300));
}

static void
req_81_faults_are_short(void **state)
{
	(void)state;
	memset(&entry, 0, sizeof(entry));
	entry.fault_until = BORN + 5;
	assert_true(dance_entry_is_failing(&entry, BORN));
	assert_true(dance_entry_is_failing(&entry, BORN + 4));
	assert_false(dance_entry_is_failing(&entry, BORN + 5));
	/* One of a clock that was ahead. */
	assert_false(dance_entry_is_failing(&entry, BORN - 1));
	entry.fault_until = 0;
	assert_false(dance_entry_is_failing(&entry, 0));
}

static void
req_83_offline_is_bounded(void **state)
{

	(void)state;
	entry_make(&entry);
	assert_true(dance_entry_is_provable(&entry, BORN + 500, 3600));
	/* Off by default. */
	assert_false(dance_entry_is_provable(&entry, BORN + 500, 0));
	assert_false(dance_entry_is_provable(&entry, BORN + 500, 500));
	assert_true(dance_entry_is_provable(&entry, BORN + 500, 501));
	assert_true(dance_entry_is_provable(&entry, BORN + 999, 3600));
	assert_false(dance_entry_is_provable(&entry, BORN + 1000, 3600));
	assert_false(dance_entry_is_provable(&entry, BORN - 1, 3600));
	entry.rrset.is_denied = true;
	assert_false(dance_entry_is_provable(&entry, BORN + 500, 3600));
	entry.rrset.is_denied = false;
	entry.proof.n = 0;
	assert_false(dance_entry_is_provable(&entry, BORN + 500, 3600));
	dance_entry_clear(&entry);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(denials_and_faults),
		cmocka_unit_test(nothing_else_is_an_entry),
		cmocka_unit_test(a_checksum_alone_is_not_enough),
		cmocka_unit_test(odd_fields_are_refused),
		cmocka_unit_test(texts_are_printable),
		cmocka_unit_test(texts_have_room),
		cmocka_unit_test(records_are_counted),
		cmocka_unit_test(what_is_too_large_is_not_written),
		cmocka_unit_test(req_82_fresh_is_bounded),
		cmocka_unit_test(req_81_faults_are_short),
		cmocka_unit_test(req_83_offline_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
