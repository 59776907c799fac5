/* SPDX-License-Identifier: ISC */
/*
 * By what ssh was let in, from its log: this key alone counts, and what was not
 * tried is never called refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../dancectl/enroll_answer.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define METHOD(name) "debug1: Next authentication method: " name "\n"
#define ASKED(list)  "debug1: Authentications that can continue: " list "\n"
#define ASKS	     ASKED("publickey,password")
#define START	     ASKS METHOD("publickey")
#define OFFER(key)   "debug1: Offering public key: " key " explicit\n"
#define TAKE(key)    "debug1: Server accepts key: " key " explicit\n"
#define LOAD(file)   "debug1: Trying private key: " file "\n"
#define IN(method)   "Authenticated to h (via proxy) using \"" method "\".\n"
#define PARTLY	     IN_PART("publickey")
#define IN_PART(m)   "Authenticated using \"" m "\" with partial success.\n"
#define UNSIGNED     "sign_and_send_pubkey: signing failed\n"
#define OURS	     "/k ED25519 SHA256:ours"
#define CERT	     "/k ED25519-CERT SHA256:ours"
#define OTHER	     "/o ED25519 SHA256:other"

static enum enroll_login
read_log(const char *text, bool is_cert, struct dance_fault *why)
{
	struct ctl_input log = { strdup(text), strlen(text) };
	struct enroll enroll = { .is_cert = is_cert };
	enum enroll_login login;
	char file[] = "/k";

	enroll.key_private = file;
	snprintf(enroll.fingerprint_found, sizeof(enroll.fingerprint_found),
	    "SHA256:ours");
	login = enroll_log_read(&enroll, &log, why);
	free(log.text);
	return login;
}

static void
test_login(void **state)
{
	static const struct {
		const char *name, *log;
		enum enroll_login bare, cert;
	} rows[] = {
		{ "nothing", "", ENROLL_NOT_THERE, ENROLL_NOT_THERE },
		{ "no connection", "ssh: connect: refused\n", ENROLL_NOT_THERE,
		    ENROLL_NOT_THERE },
		{ "the key", START OFFER(OURS) TAKE(OURS) IN("publickey"),
		    ENROLL_IN, ENROLL_UNTRIED },
		{ "its certificate",
		    START OFFER(CERT) TAKE(CERT) IN("publickey"),
		    ENROLL_UNTRIED, ENROLL_IN },
		{ "by its file, which is not asked about",
		    START LOAD("/k") IN("publickey"), ENROLL_IN,
		    ENROLL_UNTRIED },
		{ "by another file", START LOAD("/kk") IN("publickey"),
		    ENROLL_UNTRIED, ENROLL_UNTRIED },
		{ "without any key", IN("none"), ENROLL_UNTRIED,
		    ENROLL_UNTRIED },
		{ "another key first",
		    START OFFER(OTHER) TAKE(OTHER) IN("publickey"),
		    ENROLL_UNTRIED, ENROLL_UNTRIED },
		{ "refused, then another",
		    START OFFER(OURS) ASKS OFFER(OTHER) TAKE(OTHER)
			IN("publickey"),
		    ENROLL_IN_OTHER, ENROLL_UNTRIED },
		{ "refused, then a password",
		    START OFFER(OURS) ASKS METHOD("password") IN("password"),
		    ENROLL_IN_OTHER, ENROLL_UNTRIED },
		{ "its signature refused, then a password",
		    START OFFER(OURS) TAKE(OURS) ASKS METHOD("password")
			IN("password"),
		    ENROLL_IN_OTHER, ENROLL_UNTRIED },
		{ "not signed, then a password",
		    START OFFER(OURS) TAKE(OURS) UNSIGNED METHOD("password")
			IN("password"),
		    ENROLL_UNTRIED, ENROLL_UNTRIED },
		{ "not signed, then another",
		    START OFFER(OURS) TAKE(OURS) UNSIGNED OFFER(OTHER)
			TAKE(OTHER) IN("publickey"),
		    ENROLL_UNTRIED, ENROLL_UNTRIED },
		{ "not signed, then nothing",
		    START OFFER(OURS) TAKE(OURS) UNSIGNED, ENROLL_UNTRIED,
		    ENROLL_UNTRIED },
		{ "refused, then nothing", START OFFER(OURS) ASKS,
		    ENROLL_NOT_IN, ENROLL_UNTRIED },
		{ "no keys there", ASKED("password") METHOD("password"),
		    ENROLL_NOT_IN, ENROLL_NOT_IN },
		{ "no keys there, but a password",
		    ASKED("password") METHOD("password") IN("password"),
		    ENROLL_IN_OTHER, ENROLL_IN_OTHER },
		{ "the key and a password",
		    START OFFER(OURS) TAKE(OURS) PARTLY ASKED("password")
			METHOD("password") IN("password"),
		    ENROLL_IN, ENROLL_UNTRIED },
		{ "the key, but no password",
		    START OFFER(OURS) TAKE(OURS) PARTLY ASKED("password")
			METHOD("password") ASKED("password"),
		    ENROLL_UNTRIED, ENROLL_UNTRIED },
		{ "another key and a password",
		    START OFFER(OTHER) TAKE(OTHER) PARTLY ASKED("password")
			METHOD("password") IN("password"),
		    ENROLL_UNTRIED, ENROLL_UNTRIED },
		{ "what comes after it",
		    START IN("publickey") TAKE(OURS) IN("publickey"),
		    ENROLL_UNTRIED, ENROLL_UNTRIED },
	};
	struct dance_fault why;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		if (read_log(rows[i].log, false, &why) != rows[i].bare)
			fail_msg("%s: bare key", rows[i].name);
		if (read_log(rows[i].log, true, &why) != rows[i].cert)
			fail_msg("%s: certificate", rows[i].name);
	}
}

static void
test_words(void **state)
{
	struct dance_fault why;

	(void)state;
	read_log("a\ndebug1: b\r\nc\n" START "d\n", false, &why);
	assert_string_equal(why.text, "c; d");
	read_log(START IN("publickey") "e\n", false, &why);
	assert_string_equal(why.text, "e");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
