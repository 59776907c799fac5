/* SPDX-License-Identifier: ISC */
/*
 * An application that has the module in its stack.  Each test works in a folder
 * of its own, with the services and the fake helper's script in it, and
 * everything of the process that a module must not touch is compared around
 * each call.
 */
#ifndef PAM_HARNESS_H
#define PAM_HARNESS_H

#include <security/pam_appl.h>
#include <stdbool.h>

#include "conversation.h"

/*
 * DANCE_TEST_BUILD: the build folder, from the Makefile.  HARNESS_REAL
 * is to be installed; the others have the fake helper: one whose calls can be
 * made to fail, and one that is wary of it.
 */
#define HARNESS_PAM	    DANCE_TEST_BUILD "/tests/pam/"
#define HARNESS_REAL	    DANCE_TEST_BUILD "/pam_dance.so"
#define HARNESS_MODULE	    HARNESS_PAM "pam_dance.so"
#define HARNESS_FAULTY	    HARNESS_PAM "pam_faulty.so"
#define HARNESS_WARY	    HARNESS_PAM "pam_wary.so" /* trusts none */
#define HARNESS_OTHER	    HARNESS_PAM "pam_other.so"
#define HARNESS_PROBE	    HARNESS_PAM "pam_probe.so"
#define HARNESS_HELPER	    HARNESS_PAM "fake_helper"
#define HARNESS_WARY_HELPER HARNESS_PAM "wary_helper"

/* In /etc/passwd, and in none. */
#define HARNESS_LOCAL	 "root"
#define HARNESS_STRANGER "alice.example.org"

enum app_entry {
	APP_AUTH,
	APP_CRED,
	APP_ACCOUNT,
	APP_OPEN,
	APP_CLOSE,
	APP_PASSWORD,
	APP_ENTRIES,
};

struct app {
	const char *module; /* NULL: HARNESS_MODULE */
	struct conversation talk;
	pam_handle_t *pamh;
	int result; /* what libpam made of the last call */
};

/* For cmocka. */
#define HARNESS_TEST(f) \
	cmocka_unit_test_setup_teardown(f, harness_setup, harness_teardown)
int harness_setup(void **state);
int harness_teardown(void **state);

/* A file of this text for the service, in the working folder. */
void harness_service(const char *service, const char *text);

/* Begin with a service that is there. */
void app_begin(struct app *app, const char *service, const char *user);

/*
 * Begin with a service of one line for each kind: "required", the module under
 * a probe that sees its bare code, and these options.
 */
void app_start(struct app *app, const char *service, const char *user,
    const char *options);

/*
 * Call it.  Returns the code of the module itself, or -1 if it was not called.
 * The test fails if the process is not as before.
 */
int app_call(struct app *app, enum app_entry entry, int flags);

/* The same without looking: returns what libpam says. */
int app_call_bare(struct app *app, enum app_entry entry, int flags);

/* The code of the module itself, of the last call; -1: there was none. */
int app_code(void);

void app_end(struct app *app);

/* app_start(), one app_call() without flags, app_end(). */
int app_once(enum app_entry entry, const char *user, const char *options);

/* How often, and for how long, libpam was asked to wait; since app_begin(). */
unsigned app_delays(void);
unsigned app_delay_us(void);

/* Set SSH_AUTH_INFO_0, as sshd does. */
void app_set_info(struct app *app, const char *value);

#endif
