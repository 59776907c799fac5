/* SPDX-License-Identifier: ISC */
/* The words of the verdict: design 8, one for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	int error;
	const char *word;
	bool is_fault;
} reasons[] = {
	{ DANCE_OK, "accept", false },
	{ DANCE_ERR_NOT_MAPPED, "not-mapped", false },
	{ DANCE_ERR_DENIED_BY_MAP, "denied-by-map", false },
	{ DANCE_ERR_NO_TLSA, "no-tlsa", false },
	{ DANCE_ERR_INSECURE, "insecure", false },
	{ DANCE_ERR_BOGUS, "bogus", false },
	{ DANCE_ERR_DNS_FAILURE, "dns-failure", true },
	{ DANCE_ERR_NO_USABLE_TLSA, "no-usable-tlsa", false },
	{ DANCE_ERR_MISMATCH, "mismatch", false },
	{ DANCE_ERR_NAME_MISMATCH, "name-mismatch", false },
	{ DANCE_ERR_EXPIRED, "expired", false },
	{ DANCE_ERR_UNTRUSTED, "untrusted", false },
	{ DANCE_ERR_BAD_CREDENTIAL, "bad-credential", false },
	{ DANCE_ERR_WEAK_KEY, "weak-key", false },
	{ DANCE_ERR_WEAK_DNSSEC, "weak-dnssec", false },
	{ DANCE_ERR_CONFIG, "config", true },
	{ DANCE_ERR_INTERNAL, "internal", true },
};

static void
each_reason_has_its_word(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N(reasons); i++) {
		assert_string_equal(
		    dance_reason(reasons[i].error), reasons[i].word);
		assert_int_equal(
		    dance_reason_parse(reasons[i].word), reasons[i].error);
	}
}

static void
req_15_16_faults_and_answers_are_apart(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N(reasons); i++)
		assert_int_equal(
		    dance_is_fault(reasons[i].error), reasons[i].is_fault);
}

static void
no_two_codes_and_no_two_hints_are_the_same(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < N(reasons); i++)
		for (k = 0; k < i; k++) {
			assert_int_not_equal(
			    reasons[i].error, reasons[k].error);
			assert_string_not_equal(
			    dance_reason_hint(reasons[i].error),
			    dance_reason_hint(reasons[k].error));
		}
}

static void
each_reason_has_a_hint_of_one_printable_line(void **state)
{
	const char *c, *hint;
	size_t i;

	(void)state;
	for (i = 0; i < N(reasons); i++) {
		hint = dance_reason_hint(reasons[i].error);
		assert_true(strlen(hint) > 10);
		for (c = hint; *c != '\0'; c++)
			assert_true(*c >= ' ' && *c <= '~');
	}
}

static void
a_code_that_is_no_reason_is_an_internal_fault(void **state)
{
	static const int codes[] = { DANCE_ERR_FORMAT, 1, 77, -2147483647 - 1,
		2147483647, -9, -23 };
	size_t i;

	(void)state;
	for (i = 0; i < N(codes); i++) {
		assert_string_equal(dance_reason(codes[i]), "internal");
		assert_true(dance_is_fault(codes[i]));
		assert_non_null(dance_reason_hint(codes[i]));
	}
}

/* From the nearest to the farthest; equals stand in one row. */
static void
reasons_have_their_order(void **state)
{
	static const int rows[][3] = { { DANCE_ERR_NOT_MAPPED },
		{ DANCE_ERR_DENIED_BY_MAP }, { DANCE_ERR_NO_TLSA },
		{ DANCE_ERR_INSECURE }, { DANCE_ERR_BOGUS },
		{ DANCE_ERR_WEAK_DNSSEC }, { DANCE_ERR_NO_USABLE_TLSA },
		{ DANCE_ERR_MISMATCH, DANCE_ERR_EXPIRED, DANCE_ERR_UNTRUSTED },
		{ DANCE_ERR_DNS_FAILURE, DANCE_ERR_CONFIG,
		    DANCE_ERR_INTERNAL } };
	size_t i, k;

	(void)state;
	for (i = 0; i < N(rows); i++)
		for (k = 0; k < N(rows[i]) && rows[i][k] != 0; k++) {
			assert_int_equal(dance_reason_rank(rows[i][k]),
			    dance_reason_rank(rows[i][0]));
			assert_true(i == 0 ||
			    dance_reason_rank(rows[i][k]) >
				dance_reason_rank(rows[i - 1][0]));
		}
}

static void
other_words_are_no_reason(void **state)
{
	static const char *const words[] = { "", "Accept", "accept ",
		"not_mapped", "no-tlsa\n", "acceptance", "format" };
	size_t i;

	(void)state;
	for (i = 0; i < N(words); i++)
		assert_int_equal(
		    dance_reason_parse(words[i]), DANCE_ERR_FORMAT);
}

static void
a_fault_is_cut_to_its_size(void **state)
{
	struct dance_fault fault;
	char text[2 * DANCE_FAULT_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	dance_fault_set(&fault, "%s:%d: %s", "a", 7, text);
	assert_int_equal(strlen(fault.text), DANCE_FAULT_MAX - 1);
	assert_memory_equal(fault.text, "a:7: xxx", 8);
	dance_fault_set(&fault, "%s", "short");
	assert_string_equal(fault.text, "short");
	dance_fault_set(NULL, "%s", "nobody listens");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason_has_its_word),
		cmocka_unit_test(req_15_16_faults_and_answers_are_apart),
		cmocka_unit_test(no_two_codes_and_no_two_hints_are_the_same),
		cmocka_unit_test(each_reason_has_a_hint_of_one_printable_line),
		cmocka_unit_test(a_code_that_is_no_reason_is_an_internal_fault),
		cmocka_unit_test(reasons_have_their_order),
		cmocka_unit_test(other_words_are_no_reason),
		cmocka_unit_test(a_fault_is_cut_to_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
