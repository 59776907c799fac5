/* SPDX-License-Identifier: ISC */
/* See pam_harness.h. */
#include <err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../unit/tree.h"
#include "host.h"
#include "logbook.h"
#include "pam_harness.h"
#include "probe.h"
#include "script.h"

static char folder[TREE_MAX];
static struct host before_test, before_call, after;
static int probed;
static unsigned delays, delay_us;

/* From probe_module.c. */
void
probe_note(int code)
{
	probed = code;
}

void
harness_service(const char *service, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/%s", service);
	tree_write(folder, path, text);
}

int
harness_setup(void **state)
{
	(void)state;
	/* What was inherited may change by itself. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	tree_make(folder);
	if (chdir(folder) != 0)
		err(1, "%s", folder);
	logbook_clear();
	script_begin();
	/* libpam complains where it is missing. */
	harness_service("other", "auth required " HARNESS_OTHER " auth=7\n");
	host_look(&before_test);
	return 0;
}

int
harness_teardown(void **state)
{
	const char *what;

	(void)state;
	host_look(&after);
	what = host_compare(&before_test, &after);
	if (chdir("/") != 0)
		err(1, "/");
	tree_remove(folder);
	if (what != NULL)
		print_error("after the test: other %s\n", what);
	return what == NULL ? 0 : -1;
}

/* libpam calls it in place of waiting. */
static void
delay_note(int code, unsigned us, void *data)
{
	(void)code;
	(void)data;
	if (us == 0)
		return;
	delays++;
	delay_us = us;
}

static void
delay_set(pam_handle_t *pamh)
{
	union {
		void (*call)(int code, unsigned us, void *data);
		const void *item;
	} delay = { .call = delay_note };

	delays = delay_us = 0;
	if (pam_set_item(pamh, PAM_FAIL_DELAY, delay.item) != PAM_SUCCESS)
		errx(1, "PAM_FAIL_DELAY");
}

void
app_begin(struct app *app, const char *service, const char *user)
{
	struct pam_conv conv = { conversation_answer, &app->talk };

	if (pam_start_confdir(service, user, &conv, folder, &app->pamh) !=
	    PAM_SUCCESS)
		errx(1, "pam_start_confdir");
	delay_set(app->pamh);
}

void
app_start(
    struct app *app, const char *service, const char *user, const char *options)
{
	static const char *const kinds[] = { "auth", "account", "session",
		"password" };
	const char *module = app->module == NULL ? HARNESS_MODULE : app->module;
	static char text[8192];
	size_t i, len;

	text[0] = '\0';
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len,
		    "%s required " HARNESS_PROBE " %s %s\n", kinds[i], module,
		    options);
	}
	harness_service(service, text);
	app_begin(app, service, user);
}

int
app_call_bare(struct app *app, enum app_entry entry, int flags)
{
	probed = -1;
	switch (entry) {
	case APP_AUTH:
		return pam_authenticate(app->pamh, flags);
	case APP_CRED:
		return pam_setcred(app->pamh, flags | (int)PAM_ESTABLISH_CRED);
	case APP_ACCOUNT:
		return pam_acct_mgmt(app->pamh, flags);
	case APP_OPEN:
		return pam_open_session(app->pamh, flags);
	case APP_CLOSE:
		return pam_close_session(app->pamh, flags);
	case APP_PASSWORD:
	case APP_ENTRIES:
		break;
	}
	return pam_chauthtok(app->pamh, flags);
}

int
app_call(struct app *app, enum app_entry entry, int flags)
{
	const char *what;

	host_look(&before_call);
	app->result = app_call_bare(app, entry, flags);
	host_look(&after);
	if ((what = host_compare(&before_call, &after)) != NULL)
		fail_msg(
		    "entry %d, code %d: other %s", (int)entry, probed, what);
	/* P5, and what "required" makes of it. */
	assert_in_range(probed + 1, 0, 32);
	if (probed != -1 && (entry == APP_AUTH || entry == APP_ACCOUNT) &&
	    (probed == PAM_SUCCESS) != (app->result == PAM_SUCCESS))
		fail_msg("%d became %d", probed, app->result);
	return probed;
}

int
app_code(void)
{
	return probed;
}

void
app_end(struct app *app)
{
	assert_int_equal(pam_end(app->pamh, app->result), PAM_SUCCESS);
	app->pamh = NULL;
}

int
app_once(enum app_entry entry, const char *user, const char *options)
{
	struct app app = { 0 };
	int code;

	app_start(&app, "test", user, options);
	code = app_call(&app, entry, 0);
	app_end(&app);
	return code;
}

unsigned
app_delays(void)
{
	return delays;
}

unsigned
app_delay_us(void)
{
	return delay_us;
}

void
app_set_info(struct app *app, const char *value)
{
	char *text;

	if (asprintf(&text, "SSH_AUTH_INFO_0=%s", value) == -1 ||
	    pam_putenv(app->pamh, text) != PAM_SUCCESS)
		errx(1, "SSH_AUTH_INFO_0");
	free(text);
}
