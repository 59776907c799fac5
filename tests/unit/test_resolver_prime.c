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
	struct dance_anchors anchors = { .list = { { .zone = root } }, .n = 1 };
	struct dance_prime list[4];

	(void)state;
	assert_int_equal(dance_prime_plan(&anchors, owners, 2, list, 4), 4);
	assert_string_equal(list[3].zone, "c.d.e.f.g.h.example");
	assert_int_equal(dance_prime_plan(&anchors, owners, 2, list, 0), 0);
}

/* All from a zone to the closest anchor, and what is there is not twice. */
static void
zones_are_added_once(void **state)
{
	static const struct {
		const char *anchors[2];
		const char *zones[2];
		size_t max;
		const char *want;
	} rows[] = {
		{ { "." }, { "corp.example" }, 32,
		    "corp.example KEY, corp.example DS, example KEY, "
		    "example DS, . KEY" },
		{ { "." }, { "." }, 32, ". KEY" },
		{ { "." }, { ".", "example" }, 32,
		    ". KEY, example KEY, example DS" },
		{ { "." }, { "corp.example", "lab.example" }, 32,
		    "corp.example KEY, corp.example DS, example KEY, "
		    "example DS, . KEY, lab.example KEY, lab.example DS" },
		{ { "corp.example" }, { "corp.example" }, 32,
		    "corp.example KEY" },
		{ { "corp.example", "." }, { "a.corp.example", "example" }, 32,
		    "a.corp.example KEY, a.corp.example DS, corp.example KEY, "
		    "example KEY, example DS, . KEY" },
		{ { "corp.example" }, { "example" }, 32, "" },
		{ { "corp.example" }, { "." }, 32, "" },
		{ { "corp.example" }, { "xcorp.example", "corp.example" }, 32,
		    "corp.example KEY" },
		{ { "." }, { "corp.example" }, 3,
		    "corp.example KEY, corp.example DS, example KEY" },
		{ { "." }, { "corp.example" }, 0, "" },
	};
	struct dance_prime list[32];
	char text[512], zones[2][32];
	size_t i, j, n;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct dance_anchors anchors = { 0 };

		for (j = 0; j < 2 && rows[i].anchors[j] != NULL; j++) {
			(void)snprintf(zones[j], sizeof(zones[j]), "%s",
			    rows[i].anchors[j]);
			anchors.list[j].zone = zones[j];
			anchors.n++;
		}
		n = 0;
		for (j = 0; j < 2 && rows[i].zones[j] != NULL; j++)
			n = dance_prime_add_zone(
			    &anchors, rows[i].zones[j], list, n, rows[i].max);
		plan_print(list, n, text, sizeof(text));
		assert_string_equal(text, rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_ancestors_are_planned),
		cmocka_unit_test(the_plan_is_bounded),
		cmocka_unit_test(zones_are_added_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
