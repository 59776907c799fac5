/* SPDX-License-Identifier: ISC */
/* The file that is installed, as the linker and the loader see it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "module.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

/* What a command prints of the module, cut to one word a line by sed. */
static const char *
output_of(const char *command)
{
	static char text[8192];
	char *path = module_path("../../libnss_dance.so.2"), *line;
	size_t n;
	FILE *f;

	assert_true(asprintf(&line, "f='%s'; %s", path, command) > 0);
	f = popen(line, "re");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	assert_int_equal(pclose(f), 0);
	free(line);
	free(path);
	return text;
}

static void
n1_name_and_exports(void **state)
{
	(void)state;
	assert_string_equal(
	    output_of("readelf -dW \"$f\" | sed -n 's/.*soname: //p'"),
	    "[libnss_dance.so.2]\n");
	assert_string_equal(output_of("nm -D --defined-only \"$f\" | "
				      "sed 's/.* //; s/@.*//' | LC_ALL=C sort"),
	    "_nss_dance_endgrent\n_nss_dance_endpwent\n"
	    "_nss_dance_getgrent_r\n_nss_dance_getgrgid_r\n"
	    "_nss_dance_getgrnam_r\n_nss_dance_getpwent_r\n"
	    "_nss_dance_getpwnam_r\n_nss_dance_getpwuid_r\n"
	    "_nss_dance_initgroups_dyn\n_nss_dance_setgrent\n"
	    "_nss_dance_setpwent\n");
}

static void
n2_needs_libc_alone(void **state)
{
	(void)state;
	assert_string_equal(output_of("readelf -dW \"$f\" | "
				      "sed -n 's/.*Shared library: //p' | "
				      "grep -vE 'lib[atu]+b?san'"),
	    "[libc.so.6]\n");
	/*
	 * No thread-local storage, and little of it that can be written to:
	 * where the two walks stand, for which nobody but us has a place.
	 */
	assert_string_equal(
	    output_of("readelf -lW \"$f\" | grep -c ' TLS ' || :"), "0\n");
	if (!IS_SANITIZED)
		assert_string_equal(output_of("nm \"$f\" | grep ' [bBdD] ' | "
					      "sed 's/.* //; s/\\..*//' | "
					      "grep -v '^_' | LC_ALL=C sort"),
		    "completed\ngroup_walk\npasswd_walk\n");
}

/*
 * Whatever it calls of libc is on this list.  So it can't ask for a name
 * itself, by way of which it would be asked again, and needs no guard against
 * that.
 */
static void
n3_n25_n26_calls_nothing_else(void **state)
{
	(void)state;
	if (IS_SANITIZED)
		skip();
	assert_string_equal(
	    output_of(
		"nm -D --undefined-only \"$f\" | "
		"sed 's/.* //; s/@.*//; s/^__\\(.*\\)_chk$/\\1/' | "
		"grep -vxE '_ITM_.*|__(cxa_finalize|gmon_start__)|"
		"__errno_location|__?stack(_chk_fail|)|"
		"(bcmp|mem(chr|cmp|cpy|move|set)|st(pcpy|rchr|rcmp|rcspn)|"
		"strn?len|snprintf)|fcntl(|64)|fstat|mmap|munmap|realloc|"
		"syscall|"
		"pthread_setcancel(state|type)' || :"),
	    "");
}

static void
n14_n18_what_is_not_there(void **state)
{
	(void)state;
	assert_string_equal(output_of("nm -D \"$f\" | grep -E "
				      "'[sg]et(sp|sg)|initgroups$' || :"),
	    "");
}

static void
n1_hardened(void **state)
{
	(void)state;
	assert_string_equal(
	    output_of("readelf -lW \"$f\" | "
		      "sed -n 's/.*GNU_STACK.* \\(R[WE ]*\\) .*/\\1/p'"),
	    "RW \n");
	assert_string_equal(
	    output_of("readelf -dW \"$f\" | grep -c 'BIND_NOW\\|: NOW'"),
	    "2\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(n1_name_and_exports),
		cmocka_unit_test(n1_hardened),
		cmocka_unit_test(n2_needs_libc_alone),
		cmocka_unit_test(n3_n25_n26_calls_nothing_else),
		cmocka_unit_test(n14_n18_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
