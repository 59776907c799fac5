/* SPDX-License-Identifier: ISC */
/* Half of a text is not taken for the whole of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"

/* As a stream into memory writes where there is none. */
static ssize_t
write_none(void *cookie, const char *data, size_t len)
{
	(void)cookie;
	(void)data;
	(void)len;
	errno = ENOMEM;
	return 0;
}

static void
a_whole_text(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	fputs("restrict", out);
	assert_true(dance_text_close(out, &text));
	assert_string_equal(text, "restrict");
	free(text);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	assert_true(dance_text_close(out, &text));
	assert_string_equal(text, "");
	free(text);
}

static void
a_text_that_was_cut(void **state)
{
	const cookie_io_functions_t none = { .write = write_none };
	char *text = strdup("restr");
	FILE *out = fopencookie(NULL, "w", none);

	(void)state;
	assert_non_null(out);
	/* More than stdio keeps back: the error is an old one at the end. */
	(void)setvbuf(out, NULL, _IOLBF, 16);
	fputs("restrict,command=\"/bin/true\"\n", out);
	assert_false(dance_text_close(out, &text));
	assert_null(text);
}

/* The stream is closed without an error, and has left nothing. */
static void
no_text_at_all(void **state)
{
	char *text = NULL, *other = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&other, &size);

	(void)state;
	assert_non_null(out);
	assert_false(dance_text_close(out, &text));
	assert_null(text);
	free(other);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_text),
		cmocka_unit_test(a_text_that_was_cut),
		cmocka_unit_test(no_text_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
