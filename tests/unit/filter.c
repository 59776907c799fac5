/* SPDX-License-Identifier: ISC */
/*
 * Of a test program that is run by "make test T=NAME F=PATTERN" only the tests
 * that fit the pattern are run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

__attribute__((constructor)) static void
filter_set(void)
{
	const char *pattern = getenv("DANCE_TEST_FILTER");

	if (pattern != NULL && pattern[0] != '\0')
		cmocka_set_test_filter(pattern);
}
