/* SPDX-License-Identifier: ISC */
/* Which names are asked beside the owner: ancestors, once, below an anchor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "resolver_internal.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void
plan_print(const struct dance_prime *list, size_t n, char *ret, size_t len)
{
	size_t i, used = 0;
	int m;

	ret[0] = '\0';
	for (i = 0; i < n; i++) {
		m = snprintf(ret + used, len - used, "%s%s %s",
		    i > 0 ? ", " : "", list[i].zone,
		    list[i].type == DANCE_DNS_TYPE_DS ? "DS" : "KEY");
		assert_true(m > 0 && (size_t)m < len - used);
		used += (size_t)m;
	}
}

static void
only_ancestors_are_planned(void **state)
{
	static const struct {
		const char *anchors[3];
		const char *owners[3];
		const char *want;
	} rows[] = {
		{ { "." }, { "_ssh.alice.example" },
		    "alice.example KEY, alice.example DS, example KEY, "
		    "example DS, . KEY" },
		{ { "example" }, { "_ssh.alice.example" },
		    "alice.example KEY, alice.example DS, example KEY" },
		{ { "." }, { "a.example", "b.EXAMPLE" },
		    "example KEY, example DS, . KEY" },
		{ { "." }, { "a.example", "b.test" },
		    "example KEY, example DS, . KEY, test KEY, test DS" },
		{ { ".", "corp.example" }, { "a.b.corp.example", "x.example" },
		    "b.corp.example KEY, b.corp.example DS, corp.example KEY, "
		    "example KEY, example DS, . KEY" },
		{ { "corp.example", "." }, { "a.corp.example" },
		    "corp.example KEY" },
		{ { "corp.example" }, { "corp.example" }, "corp.example KEY" },
		{ { "corp.example" }, { "example" }, "" },
		{ { "corp.example" }, { "xcorp.example" }, "" },
		{ { "corp.example" }, { "a.other.example" }, "" },
		{ { NULL }, { "a.example" }, "" },
		{ { "." }, { NULL }, "" },
	};
	struct dance_prime list[32];
	char text[512], zones[3][32];
	size_t i, j, n;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct dance_anchors anchors = { 0 };

		for (j = 0; j < 3 && rows[i].anchors[j] != NULL; j++) {
			(void)snprintf(zones[j], sizeof(zones[j]), "%s",
			    rows[i].anchors[j]);
			anchors.list[j].zone = zones[j];
			anchors.n++;
		}
		for (n = 0; n < 3 && rows[i].owners[n] != NULL; n++)
			;
		n = dance_prime_plan(
		    &anchors, rows[i].owners, n, list, N(list));
		plan_print(list, n, text, sizeof(text));
		assert_string_equal(text, rows[i].want);
	}
}

static void
the_plan_is_bounded(void **state)
{
	static const char *const owners[] = { "a.b.c.d.e.f.g.h.example",
		"z.y.x.w.v.u.example" };
	char root[] = ".";
	struct dance_anchors anchors = { .list = { { root, NULL } }, .n = 1 };
	struct dance_prime list[4];

	(void)state;
	assert_int_equal(dance_prime_plan(&anchors, owners, 2, list, 4), 4);
	assert_string_equal(list[3].zone, "c.d.e.f.g.h.example");
	assert_int_equal(dance_prime_plan(&anchors, owners, 2, list, 0), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_ancestors_are_planned),
		cmocka_unit_test(the_plan_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
