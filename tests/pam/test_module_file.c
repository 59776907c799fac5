/* SPDX-License-Identifier: ISC */
/*
 * The file of the module as it is installed: what it shows, what it wants, and
 * what it does where its helper is not there or not to be trusted.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <cmocka.h>

#include "logbook.h"
#include "pam_harness.h"
#include "script.h"

/* The lines that a tool prints, malloced. */
static char *
run_tool(const char *command)
{
	size_t len = 0, max = 1 << 20;
	char *text = malloc(max);
	FILE *f = popen(command, "re");

	assert_non_null(text);
	assert_non_null(f);
	len = fread(text, 1, max - 1, f);
	text[len] = '\0';
	assert_int_equal(pclose(f), 0);
	assert_true(len > 0 && len < max - 1);
	return text;
}

/* Call check for each line of the tool; at least one is there. */
static void
each_line(const char *command, void (*check)(char *line))
{
	char *text = run_tool(command), *next, *line;

	for (line = strtok_r(text, "\n", &next); line != NULL;
	     line = strtok_r(NULL, "\n", &next))
		check(line);
	free(text);
}

static const char *const entries[] = { "pam_sm_acct_mgmt",
	"pam_sm_authenticate", "pam_sm_chauthtok", "pam_sm_close_session",
	"pam_sm_open_session", "pam_sm_setcred" };

static void
p01_exports_the_six_and_nothing_else(void **state)
{
	char *text = run_tool("nm -D --defined-only -f posix " HARNESS_REAL);
	char *next, *line;
	size_t i = 0;

	(void)state;
	for (line = strtok_r(text, "\n", &next); line != NULL;
	     line = strtok_r(NULL, "\n", &next)) {
		*strchrnul(line, ' ') = '\0';
		assert_in_range(i, 0, 5);
		assert_string_equal(line, entries[i++]);
	}
	assert_int_equal(i, 6);
	free(text);
}

static unsigned n_needed;

static void
check_needed(char *line)
{
	if (strstr(line, "(RPATH)") != NULL ||
	    strstr(line, "(RUNPATH)") != NULL ||
	    strstr(line, "(TEXTREL)") != NULL)
		fail_msg("%s", line);
	if (strstr(line, "(NEEDED)") == NULL)
		return;
	n_needed++;
	if (strstr(line, "[libc.so.6]") == NULL &&
	    strstr(line, "[libpam.so.0]") == NULL)
		fail_msg("%s", line);
}

static void
p02_needs_libc_and_libpam_alone(void **state)
{
	(void)state;
	n_needed = 0;
	each_line("readelf -dW " HARNESS_REAL, check_needed);
	assert_int_equal(n_needed, 2);
}

static void
check_version(char *line)
{
	static const char *const weak[] = { "_ITM_deregisterTMCloneTable",
		"_ITM_registerTMCloneTable", "__gmon_start__" };
	size_t i;

	if (strstr(line, "@GLIBC_") != NULL || strstr(line, "@LIBPAM_") != NULL)
		return;
	*strchrnul(line, ' ') = '\0';
	for (i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
		if (strcmp(line, weak[i]) == 0)
			return;
	fail_msg("%s is neither libc's nor libpam's", line);
}

static void
p02_every_symbol_is_of_these_two(void **state)
{
	(void)state;
	each_line("nm -D -u -f posix " HARNESS_REAL, check_version);
}

static void
p02_loads_at_once(void **state)
{
	void *handle = dlopen(HARNESS_REAL, RTLD_NOW | RTLD_LOCAL);
	size_t i;

	(void)state;
	if (handle == NULL)
		fail_msg("%s", dlerror());
	for (i = 0; i < 6; i++)
		assert_non_null(dlsym(handle, entries[i]));
	assert_int_equal(dlclose(handle), 0);
}

/* P8, P13, P22, P26, P27, P31 and style 7.6, as far as imports show it. */
static const char *const banned[] = { "openlog", "closelog", "syslog",
	"__syslog_chk", "vsyslog", "__vsyslog_chk", "getpwnam", "getpwuid",
	"getpwent", "getgrnam", "getlogin", "secure_getenv", "setenv",
	"unsetenv", "putenv", "clearenv", "pam_set_item", "sleep", "usleep",
	"nanosleep", "clock_nanosleep", "select", "system", "popen", "signal",
	"printf", "__printf_chk", "puts", "putchar", "perror", "__fprintf_chk",
	"fprintf", "fputs", "fwrite", "stdout", "stderr", "exit", "abort",
	"__assert_fail", "err", "errx", "warn", "warnx", "strcpy", "sprintf",
	"__sprintf_chk", "strcat", "strtok", "umask", "setlocale", "alarm",
	"setrlimit", "seteuid", "setegid", "setuid", "setgid", "setgroups",
	"pthread_create", "strerror_r_static", "inet_ntoa", "dlopen" };

static void
check_banned(char *line)
{
	size_t i;

	*strpbrk(line, "@ ") = '\0';
	for (i = 0; i < sizeof(banned) / sizeof(banned[0]); i++)
		if (strcmp(line, banned[i]) == 0)
			fail_msg("%s() is used", line);
}

static void
p08_p13_p31_calls_that_are_not_made(void **state)
{
	(void)state;
	each_line("nm -D -u -f posix " HARNESS_REAL, check_banned);
}

static unsigned n_symbols;

/* What the compiler's start files bring, and what is read-only once loaded. */
static void
check_variable(char *line)
{
	static const char *const allowed[] = { "_DYNAMIC",
		"_GLOBAL_OFFSET_TABLE_", "__TMC_END__", "__dso_handle",
		"completed.0", "__do_global_dtors_aux_fini_array_entry",
		"__frame_dummy_init_array_entry" };
	char name[128], class[8], section[64];
	size_t i;

	if (sscanf(line,
		"%127[^ |] |%*[^|]| %7[^ |] |%*[^|]|%*[^|]|%*[^|]|%63s", name,
		class, section) != 3)
		return;
	n_symbols++;
	if (strchr("BbDdCGgSs", class[0]) == NULL ||
	    strncmp(section, ".data.rel.ro", 12) == 0)
		return;
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strcmp(name, allowed[i]) == 0)
			return;
	fail_msg("the variable %s in %s can be written", name, section);
}

static void
p21_no_variables(void **state)
{
	(void)state;
	n_symbols = 0;
	each_line("nm -f sysv " HARNESS_REAL, check_variable);
	assert_true(n_symbols > 60);
}

static void
p37_how_it_is_linked(void **state)
{
	char *text = run_tool("readelf -lW " HARNESS_REAL), *stack;

	(void)state;
	assert_non_null(strstr(text, "GNU_RELRO"));
	stack = strstr(text, "GNU_STACK");
	assert_non_null(stack);
	*strchrnul(stack, '\n') = '\0';
	assert_non_null(strstr(stack, "RW"));
	assert_null(strstr(stack, "E 0x"));
	free(text);
	text = run_tool("readelf -dW " HARNESS_REAL);
	assert_non_null(strstr(text, "BIND_NOW"));
	assert_non_null(strstr(text, "Flags: NOW"));
	free(text);
}

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

/*
 * These tests run under ASan and UBSan too, and the module with them, without
 * a library that is loaded before all others.
 */
static void
p38_the_sanitizers_see_the_module(void **state)
{
	char *text = run_tool("nm -D -u -f posix " HARNESS_MODULE);

	(void)state;
	assert_int_equal(strstr(text, "__asan_report_") != NULL, IS_SANITIZED);
	assert_int_equal(strstr(text, "__ubsan_handle_") != NULL, IS_SANITIZED);
	free(text);
	assert_null(getenv("LD_PRELOAD"));
	script_result(0, 0);
	assert_int_equal(app_once(APP_AUTH, HARNESS_LOCAL, ""), PAM_SUCCESS);
}

/* The one that would be installed; its helper may be there or not. */
static void
p17_without_its_helper_it_denies(void **state)
{
	struct app app = { .module = HARNESS_REAL };

	(void)state;
	app_start(&app, "test", HARNESS_STRANGER, "methods=agent");
	assert_int_not_equal(app_call(&app, APP_AUTH, 0), PAM_SUCCESS);
	assert_int_not_equal(app_call(&app, APP_AUTH, 0), PAM_IGNORE);
	app_end(&app);
}

/* Others may write it: it is not started. */
static void
p25_a_helper_that_others_may_write(void **state)
{
	struct app app = { .module = HARNESS_WARY };

	(void)state;
	script_result(0, 0);
	app_start(&app, "sshd", HARNESS_STRANGER, "");
	app_set_info(&app, "publickey ssh-ed25519 AAAA");
	assert_int_equal(app_call(&app, APP_AUTH, 0), PAM_SYSTEM_ERR);
	assert_true(logbook_has(LOG_CRIT, "what=helper"));
	assert_int_equal(app_call(&app, APP_ACCOUNT, 0), PAM_SYSTEM_ERR);
	assert_int_equal(app_call(&app, APP_OPEN, 0), PAM_SESSION_ERR);
	app_end(&app);
	assert_int_equal(script_starts(), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p01_exports_the_six_and_nothing_else),
		HARNESS_TEST(p02_needs_libc_and_libpam_alone),
		HARNESS_TEST(p02_every_symbol_is_of_these_two),
		HARNESS_TEST(p02_loads_at_once),
		HARNESS_TEST(p08_p13_p31_calls_that_are_not_made),
		HARNESS_TEST(p21_no_variables),
		HARNESS_TEST(p37_how_it_is_linked),
		HARNESS_TEST(p38_the_sanitizers_see_the_module),
		HARNESS_TEST(p17_without_its_helper_it_denies),
		HARNESS_TEST(p25_a_helper_that_others_may_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
