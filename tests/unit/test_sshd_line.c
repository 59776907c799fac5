/* SPDX-License-Identifier: ISC */
/* What the process that prints the line takes from its worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sshd_line.h"

#define TYPE  "ssh-ed25519"
#define CERT  "ssh-ed25519-cert-v01@openssh.com"
#define KEY   TYPE " AAAAC3Nz+/="
#define OTHER TYPE " AAAAB4Xx"

static const struct {
	const char *type;
	const char *line;
	bool want;
} rows[] = {
	{ TYPE, KEY, true },
	{ TYPE, "restrict " KEY, true },
	{ TYPE, "restrict,command=\"/bin/a b\" " KEY, true },
	/* sshd takes the first key, and the rest for a comment. */
	{ TYPE, OTHER " " KEY, false },
	{ TYPE, "restrict " OTHER " " KEY, false },
	{ TYPE, OTHER, false },
	{ TYPE, KEY " comment", false },
	{ TYPE, " " KEY, false },
	{ TYPE, "restrict  " KEY, false },
	{ TYPE, "restrict, " KEY, false },
	{ TYPE, "RESTRICT " KEY, false },
	{ TYPE, "no-such-option " KEY, false },
	{ TYPE, "cert-authority " KEY, false },
	{ TYPE, "provision " KEY, false },
	{ TYPE, "command=\"/bin/a " KEY, false },
	{ TYPE, "command=\"x\" " OTHER ",restrict " KEY, false },
	{ TYPE, "restrict\t" KEY, false },
	{ TYPE, "restrict" KEY, false },
	{ TYPE, "", false },
	{ TYPE, "cert-authority,principals=\"a.b\" " OTHER, false },
	{ CERT, "cert-authority,principals=\"a.b\" " OTHER, true },
	{ CERT, "cert-authority,principals=\"a@b\",restrict " OTHER, true },
	{ CERT, "cert-authority,principals=\"a.b\",command=\"/bin/a b\" " OTHER,
	    true },
	{ CERT, "cert-authority,principals=\"a.b,c.d\" " OTHER, false },
	{ CERT, "cert-authority,principals=\"\" " OTHER, false },
	{ CERT, "cert-authority,principals=\"a.b\" " OTHER " " OTHER, false },
	{ CERT, "cert-authority,principals=\"a.b\"" OTHER, false },
	{ CERT, "cert-authority,principals=\"a.b\",principals=\"*\" " OTHER,
	    false },
	{ CERT, "cert-authority,principals=\"a.b\", " OTHER, false },
	{ CERT, "cert-authority,principals=\"a.b\"", false },
	{ CERT, "cert-authority,principals=\"a.b\" ", false },
	{ CERT, "cert-authority,principals=\"a.b\" x", false },
	{ CERT, "cert-authority,principals=\"a.b", false },
	{ CERT, "cert-authority " OTHER, false },
	{ CERT, OTHER, false },
};

static void
whole_lines(void **state)
{
	const char *base64 = strchr(KEY, ' ') + 1;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (dance_sshd_line_fits(rows[i].line, rows[i].type, base64) !=
		    rows[i].want)
			fail_msg("%s: %s", rows[i].type, rows[i].line);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
