/* SPDX-License-Identifier: ISC */
/*
 * The stacks that were measured (section 4 of the rules), with this module in
 * them: no answer of it may turn into a success of another's making.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "error.h"
#include "logbook.h"
#include "pam_harness.h"
#include "script.h"

#define OURS	HARNESS_MODULE
#define MISSING HARNESS_PAM "pam_missing.so"
#define PERMIT	HARNESS_OTHER
#define DENY	HARNESS_OTHER " auth=7 cred=17 acct=7 open=14"
/* As it stands in our examples and our profile. */
#define ACCOUNT \
	"account [default=bad success=ok user_unknown=ignore ignore=ignore] "
#define PRIMARY(module)                                \
	"auth [success=1 default=ignore] " module "\n" \
	"auth requisite " DENY "\n"                    \
	"auth required " PERMIT "\n"
#define KNOWN DANCE_PAM_KNOWS_USER

struct row {
	const char *stack;
	int verdict;
	unsigned flags;
	int wanted; /* PAM_SUCCESS, or -1: any failure, or the failure */
};

/* More that a stack of auth needs to be one: the others permit. */
static void
run_rows(
    enum app_entry entry, const char *user, const struct row *rows, size_t n)
{
	struct app app = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		harness_service("stack", rows[i].stack);
		script_result(rows[i].verdict, rows[i].flags);
		app_begin(&app, "stack", user);
		(void)app_call(&app, entry, 0);
		if (rows[i].wanted == -1 ? app.result == PAM_SUCCESS
					 : app.result != rows[i].wanted)
			fail_msg("%sverdict %d: %d", rows[i].stack,
			    rows[i].verdict, app.result);
		app_end(&app);
	}
}

#define RUN(entry, user, rows) \
	run_rows(entry, user, rows, sizeof(rows) / sizeof(rows[0]))

static void
p34_required(void **state)
{
	static const char alone[] = "auth required " OURS "\n";
	static const char before[] = "auth required " OURS "\n"
				     "auth required " PERMIT "\n";
	static const char behind[] = "auth required " PERMIT "\n"
				     "auth required " OURS "\n";
	static const struct row rows[] = {
		{ alone, 0, 0, PAM_SUCCESS },
		{ alone, DANCE_ERR_NOT_MAPPED, 0, PAM_USER_UNKNOWN },
		{ alone, DANCE_ERR_NOT_MAPPED, KNOWN, PAM_AUTH_ERR },
		{ before, DANCE_ERR_DNS_FAILURE, KNOWN, PAM_AUTHINFO_UNAVAIL },
		{ before, DANCE_ERR_NOT_MAPPED, 0, PAM_USER_UNKNOWN },
		{ before, DANCE_ERR_INTERNAL, 0, PAM_SYSTEM_ERR },
		{ before, DANCE_ERR_CONFIG, 0, PAM_SYSTEM_ERR },
		{ before, 0, 0, PAM_SUCCESS },
		{ behind, DANCE_ERR_BOGUS, KNOWN, PAM_AUTHINFO_UNAVAIL },
		{ behind, DANCE_ERR_MISMATCH, KNOWN, PAM_AUTH_ERR },
		{ behind, DANCE_ERR_NOT_MAPPED, 0, PAM_USER_UNKNOWN },
		{ behind, 0, 0, PAM_SUCCESS },
	};

	(void)state;
	RUN(APP_AUTH, HARNESS_LOCAL, rows);
}

/* What the option of P14 costs is measured, so that the manual can say it. */
static void
p34_required_and_ignoring_strangers(void **state)
{
	static const char alone[] =
	    "auth required " OURS " ignore_unknown_user\n";
	static const char before[] =
	    "auth required " OURS " ignore_unknown_user\n"
	    "auth required " PERMIT "\n";
	static const char strict[] =
	    "auth [success=ok default=bad] " OURS " ignore_unknown_user\n"
	    "auth required " PERMIT "\n";
	static const struct row rows[] = {
		{ alone, DANCE_ERR_NOT_MAPPED, 0, PAM_PERM_DENIED },
		{ before, DANCE_ERR_NOT_MAPPED, 0, PAM_SUCCESS },
		{ before, DANCE_ERR_NOT_MAPPED, KNOWN, PAM_AUTH_ERR },
		{ before, DANCE_ERR_INTERNAL, 0, PAM_SYSTEM_ERR },
		{ before, DANCE_ERR_BOGUS, 0, PAM_AUTHINFO_UNAVAIL },
		{ strict, DANCE_ERR_NOT_MAPPED, 0, PAM_PERM_DENIED },
	};

	(void)state;
	RUN(APP_AUTH, HARNESS_LOCAL, rows);
}

static void
p34_the_primary_block_of_debian(void **state)
{
	static const char stack[] = PRIMARY(OURS);
	static const char ignoring[] = PRIMARY(OURS " ignore_unknown_user");
	static const struct row rows[] = {
		{ stack, 0, 0, PAM_SUCCESS },
		{ stack, DANCE_ERR_NOT_MAPPED, 0, PAM_AUTH_ERR },
		{ ignoring, DANCE_ERR_NOT_MAPPED, 0, PAM_AUTH_ERR },
		{ stack, DANCE_ERR_MISMATCH, KNOWN, PAM_AUTH_ERR },
		{ stack, DANCE_ERR_BOGUS, KNOWN, PAM_AUTH_ERR },
		{ stack, DANCE_ERR_INTERNAL, 0, PAM_AUTH_ERR },
		{ ignoring, DANCE_ERR_CONFIG, 0, PAM_AUTH_ERR },
	};

	(void)state;
	RUN(APP_AUTH, HARNESS_LOCAL, rows);
}

static void
p34_the_account_line(void **state)
{
	/* As common-account has it, and a module behind it that permits. */
	static const char stack[] =
	    ACCOUNT OURS "\n"
			 "account required " PERMIT "\n";
	static const struct row strangers[] = {
		{ stack, 0, 0, PAM_SUCCESS },
		{ stack, DANCE_ERR_DENIED_BY_MAP, KNOWN, PAM_PERM_DENIED },
		{ stack, DANCE_ERR_NOT_MAPPED, KNOWN, PAM_PERM_DENIED },
		{ stack, DANCE_ERR_CONFIG, 0, PAM_SYSTEM_ERR },
		{ stack, DANCE_ERR_INTERNAL, 0, PAM_SYSTEM_ERR },
		{ stack, DANCE_ERR_BOGUS, 0, PAM_SYSTEM_ERR },
		/* Nobody's: what stands behind decides. */
		{ stack, DANCE_ERR_NOT_MAPPED, 0, PAM_SUCCESS },
		{ stack, DANCE_ERR_NOT_MAPPED, DANCE_PAM_NOT_OURS,
		    PAM_SUCCESS },
	};
	static const struct row locals[] = {
		{ stack, DANCE_ERR_CONFIG, 0, PAM_SUCCESS },
		{ stack, DANCE_ERR_DENIED_BY_MAP, KNOWN, PAM_SUCCESS },
	};

	(void)state;
	RUN(APP_ACCOUNT, HARNESS_STRANGER, strangers);
	RUN(APP_ACCOUNT, HARNESS_LOCAL, locals);
}

/* Alone it does not let in whom it has nothing to say on. */
static void
p34_the_account_line_alone(void **state)
{
	static const char stack[] = ACCOUNT OURS "\n";
	static const struct row rows[] = {
		{ stack, DANCE_ERR_NOT_MAPPED, 0, -1 },
		{ stack, DANCE_ERR_NOT_MAPPED, DANCE_PAM_NOT_OURS, -1 },
		{ stack, DANCE_ERR_DENIED_BY_MAP, KNOWN, PAM_PERM_DENIED },
		{ stack, 0, 0, PAM_SUCCESS },
	};

	(void)state;
	RUN(APP_ACCOUNT, HARNESS_STRANGER, rows);
}

/* Why the line is what it is: with the other one a denial is lost. */
static void
p34_a_line_that_loses_denials(void **state)
{
	static const struct row rows[] = {
		{ "account [default=ignore success=ok] " OURS "\n"
		  "account required " PERMIT "\n",
		    DANCE_ERR_DENIED_BY_MAP, KNOWN, PAM_SUCCESS },
	};

	(void)state;
	RUN(APP_ACCOUNT, HARNESS_STRANGER, rows);
}

static void
p35_the_module_is_missing(void **state)
{
	static const struct row auth[] = {
		{ "auth required " MISSING "\n", 0, 0, PAM_MODULE_UNKNOWN },
		{ "auth required " MISSING "\n"
		  "auth required " PERMIT "\n",
		    0, 0, PAM_MODULE_UNKNOWN },
		{ "auth required " PERMIT "\n"
		  "auth required " MISSING "\n",
		    0, 0, PAM_MODULE_UNKNOWN },
		{ PRIMARY(MISSING), 0, 0, PAM_AUTH_ERR },
	};
	static const struct row account[] = {
		{ ACCOUNT MISSING "\n"
				  "account required " PERMIT "\n",
		    0, 0, PAM_MODULE_UNKNOWN },
	};

	(void)state;
	RUN(APP_AUTH, HARNESS_LOCAL, auth);
	RUN(APP_ACCOUNT, HARNESS_LOCAL, account);
	RUN(APP_ACCOUNT, HARNESS_STRANGER, account);
}

/* setcred goes the way of auth, and must not break it. */
static void
p04_setcred_after_auth(void **state)
{
	static const char *const stacks[] = {
		"auth required " OURS "\n",
		PRIMARY(OURS),
		"auth required " OURS "\n"
		"auth required " PERMIT "\n",
	};
	struct app app = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
		harness_service("stack", stacks[i]);
		script_result(0, 0);
		app_begin(&app, "stack", HARNESS_LOCAL);
		(void)app_call(&app, APP_AUTH, 0);
		assert_int_equal(app.result, PAM_SUCCESS);
		(void)app_call(&app, APP_CRED, 0);
		assert_int_equal(app.result, PAM_SUCCESS);
		app_end(&app);
	}
}

/* Another module's success is not ours: account does not speak for it. */
static void
p34_an_other_method_that_lets_in(void **state)
{
	static const char stack[] = "auth sufficient " PERMIT "\n"
				    "auth required " OURS "\n" ACCOUNT OURS "\n"
				    "account required " PERMIT "\n"
				    "session optional " OURS "\n"
				    "session required " PERMIT "\n";
	struct app app = { 0 };
	int entry;

	(void)state;
	harness_service("stack", stack);
	script_result(DANCE_ERR_CONFIG, 0);
	app_begin(&app, "stack", HARNESS_LOCAL);
	for (entry = APP_AUTH; entry <= APP_OPEN; entry++) {
		(void)app_call(&app, (enum app_entry)entry, 0);
		assert_int_equal(app.result, PAM_SUCCESS);
	}
	assert_null(pam_getenv(app.pamh, "DANCE_IDENTITY"));
	assert_int_equal(script_starts(), 0);
	app_end(&app);
}

/* One that changes PAM_USER in between does not get the other's success. */
static void
p13_another_module_changes_the_user(void **state)
{
	static const char stack[] = "auth required " OURS "\n"
				    "auth required " PERMIT " user=daemon\n"
				    "account required " OURS "\n";
	struct app app = { 0 };

	(void)state;
	harness_service("stack", stack);
	script_result(0, 0);
	app_begin(&app, "stack", HARNESS_STRANGER);
	(void)app_call(&app, APP_AUTH, 0);
	assert_int_equal(app.result, PAM_SUCCESS);
	(void)app_call(&app, APP_ACCOUNT, 0);
	assert_int_equal(app.result, PAM_PERM_DENIED);
	assert_int_equal(script_starts(), 1);
	app_end(&app);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HARNESS_TEST(p34_required),
		HARNESS_TEST(p34_required_and_ignoring_strangers),
		HARNESS_TEST(p34_the_primary_block_of_debian),
		HARNESS_TEST(p34_the_account_line),
		HARNESS_TEST(p34_the_account_line_alone),
		HARNESS_TEST(p34_a_line_that_loses_denials),
		HARNESS_TEST(p35_the_module_is_missing),
		HARNESS_TEST(p04_setcred_after_auth),
		HARNESS_TEST(p34_an_other_method_that_lets_in),
		HARNESS_TEST(p13_another_module_changes_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
