/* SPDX-License-Identifier: ISC */
/* Lines of passwd that somebody would rather not show to a program. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Each test begins with the same tree. */
static int
reset(void **state)
{
	module_reset();
	(void)state;
	return 0;
}

static void
n9_hostile_lines(void **state)
{
	static const struct {
		const char *line;  /* behind "al:x:1000:1000:" */
		const char *gecos; /* NULL: no such entry */
		const char *home;
		const char *shell;
	} rows[] = {
		{ "Al:/srv/al:/bin/zsh", "Al", "/srv/al", "/bin/zsh" },
		{ "Al:/srv/al:", "Al", "/srv/al", "/bin/sh" },
		{ ":/:/bin/zsh", "", "/", "/bin/zsh" },
		{ "Al:/srv/al", NULL, NULL, NULL },
		{ "Al", NULL, NULL, NULL },
		{ "", NULL, NULL, NULL },
		{ "Al:srv/al:/bin/zsh", NULL, NULL, NULL },
		{ "Al::/bin/zsh", NULL, NULL, NULL },
		{ "Al:/srv/al:/bin/zsh:more", "Al", "/srv/al", "/bin/zsh" },
		{ "A\tl:/srv/al:/bin/zsh", NULL, NULL, NULL },
		{ "A\x1b[1ml:/srv/al:/bin/zsh", NULL, NULL, NULL },
		{ "A\x7fl:/srv/al:/bin/zsh", NULL, NULL, NULL },
		{ "Al:/srv/al\r:/bin/zsh", NULL, NULL, NULL },
		{ "Al:/srv/al:/bin/zsh\r", NULL, NULL, NULL },
		{ "\xc3\x84l:/srv/\xc3\xa4:/bin/zsh", "\xc3\x84l",
		    "/srv/\xc3\xa4", "/bin/zsh" },
		{ "\xe2\x82\xac\xf0\x9f\x92\x83:/srv/al:/bin/zsh",
		    "\xe2\x82\xac\xf0\x9f\x92\x83", "/srv/al", "/bin/zsh" },
		/* The name is left out; a path can't be. */
		{ "\xc4l:/srv/al:/bin/zsh", "", "/srv/al", "/bin/zsh" },
		{ "Al\xe2\x82:/srv/al:/bin/zsh", "", "/srv/al", "/bin/zsh" },
		{ "Al:/srv/\xe4:/bin/zsh", NULL, NULL, NULL },
		{ "Al:/srv/al:/bin/z\xff", NULL, NULL, NULL },
		/* Too long a form, a surrogate, beyond the last character. */
		{ "\xc0\xaf:/srv/al:/bin/zsh", "", "/srv/al", "/bin/zsh" },
		{ "\xe0\x80\xaf:/srv/al:/bin/zsh", "", "/srv/al", "/bin/zsh" },
		{ "\xf0\x80\x80\xaf:/srv/al:/b", "", "/srv/al", "/b" },
		{ "\xed\xa0\x80:/srv/al:/bin/zsh", "", "/srv/al", "/bin/zsh" },
		{ "\xf4\x90\x80\x80:/srv/al:/b", "", "/srv/al", "/b" },
		{ "Al:/srv/\xe0\x80\xaf:/bin/zsh", NULL, NULL, NULL },
		{ "Al:/srv/\xed\xa0\x80:/bin/zsh", NULL, NULL, NULL },
	};
	char line[256];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		snprintf(line, sizeof(line),
		    "x:x:1:1::/:/\nal:x:1000:1000:%s\n", rows[i].line);
		tree_write(module_root, "/etc/passwd", line);
		if (rows[i].gecos == NULL)
			not_found("al@example.com");
		else
			found("al@example.com", 1000, 1000, rows[i].gecos,
			    rows[i].home, rows[i].shell);
	}
}

/* An octet of 0 ends a text, and would hide what is behind it. */
static void
n9_hostile_octets(void **state)
{
	static const char zero[] = "al:x:1000:1000:A\0l:/srv/al:/bin/sh\n";
	static const char *const numbers[] = { "al:x::1000::/srv/al:/b\n",
		"al:x:-1:1000::/srv/al:/b\n", "al:x:1000:::/srv/al:/b\n",
		"al:x:4294967296:1::/srv/al:/b\n", "al:x:1e3:1::/srv/al:/b\n",
		"al:x:99999999999999999999:1::/:/b\n", "al\n", "al:\n",
		"al:x:1000\n", ":x:1000:1000::/srv/al:/b\n", "al:x:1000:1",
		"alx:x:1000:1000::/srv/al:/b\n", "a:x:1:1::/srv/al:/b\n" };
	size_t i;

	(void)state;
	tree_write_bytes(module_root, "/etc/passwd", zero, sizeof(zero) - 1);
	not_found("al@example.com");
	for (i = 0; i < N(numbers); i++) {
		tree_write(module_root, "/etc/passwd", numbers[i]);
		not_found("al@example.com");
	}
	/* The first entry counts, and the last line needs no newline. */
	tree_write(module_root, "/etc/passwd",
	    "# al\n\n+\n-al\nal:x:1003:3::/srv/a:/b\nal:x:1004:4::/c:/d");
	found("al@example.com", 1003, 3, "", "/srv/a", "/b");
	tree_write(module_root, "/etc/passwd", "al:x:1004:4:G:/c:/d");
	found("al@example.com", 1004, 4, "G", "/c", "/d");
	tree_write(module_root, "/etc/passwd", "");
	not_found("al@example.com");
}

/* 100 kB of gecos, before and behind the account: lines of any length. */
static void
n9_long_lines(void **state)
{
	static char text[220000], buffer[120000];
	struct passwd pwd;
	size_t len, i;
	int error;

	(void)state;
	for (i = 0; i < 3; i++) {
		len = (size_t)snprintf(text, sizeof(text), "zz:x:9:9:");
		memset(text + len, 'z', 100000);
		len += 100000;
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, ":/:/b\nal:x:1000:1000:");
		memset(text + len, 'g', i == 0 ? 0 : i == 1 ? 5000 : 100000);
		len += i == 0 ? 0 : i == 1 ? 5000 : 100000;
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, ":/srv/al:/b\n");
		tree_write_bytes(module_root, "/etc/passwd", text, len);
		assert_int_equal(module.getpwnam_r("al@example.com", &pwd,
				     buffer, sizeof(buffer), &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(strlen(pwd.pw_gecos),
		    i == 0	 ? 0
			: i == 1 ? 5000
				 : 100000);
		assert_string_equal(pwd.pw_dir, "/srv/al");
	}
	/* A line that ends where a chunk ends, and one octet before and on. */
	for (i = 2000; i < 2100; i++) {
		len = (size_t)snprintf(text, sizeof(text),
		    "zz:x:9:9:%0*d\n"
		    "al:x:1000:1000::/srv/al:/b\n",
		    (int)i, 0);
		tree_write_bytes(module_root, "/etc/passwd", text, len);
		found("al@example.com", 1000, 1000, "", "/srv/al", "/b");
	}
}

/* Home and shell of dance.conf that no entry can have: no answer, none cut. */
static void
n9_hostile_settings(void **state)
{
	static const char *const rows[] = { "provision-home = /srv/\x01/%u",
		"provision-home = /srv/\xff/%u",
		"provision-home = /srv/\xc0\xaf/%u",
		"provision-shell = /bin/\x1b[1m", "provision-shell = /b\x7f",
		"provision-shell = /bin/\xed\xa0\x80" };
	char conf[128];
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		snprintf(conf, sizeof(conf),
		    "provision-uids = %d-%d\nprovision-salt = " MODULE_SALT
		    "\n%s\n",
		    MODULE_FIRST, MODULE_LAST, rows[i]);
		tree_write(module_root, COMPILED_CONF, conf);
		compiled_make(module_root, module_map);
		unavailable("pat", EIO);
	}
	tree_write(module_root, COMPILED_CONF,
	    "provision-home = /srv/\xc3\xa4/%u\n"
	    "provision-salt = " MODULE_SALT "\n"
	    "provision-uids = 20000-20999\nprovision-shell = /bin/\xc3\xb6\n");
	compiled_make(module_root, module_map);
	found("pat", uid_of("pat"), uid_of("pat"), "", "/srv/\xc3\xa4/pat",
	    "/bin/\xc3\xb6");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(n9_hostile_lines, reset),
		cmocka_unit_test_setup(n9_hostile_octets, reset),
		cmocka_unit_test_setup(n9_hostile_settings, reset),
		cmocka_unit_test_setup(n9_long_lines, reset),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
