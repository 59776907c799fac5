/* SPDX-License-Identifier: ISC */
/*
 * dancectl enroll: a key, its record, the wait for DNS, and the trial.
 */
#ifndef ENROLL_H
#define ENROLL_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "dancectl.h"
#include "output.h"
#include "tlsa_make.h"

enum enroll_source {
	ENROLL_NONE,
	ENROLL_FILE, /* that is there */
	ENROLL_NEW,  /* that is made */
	ENROLL_AGENT,
	ENROLL_TOKEN,
};

/* How far the trial on a host got. */
enum enroll_login {
	ENROLL_NOT_THERE, /* ssh did not come as far as that */
	ENROLL_UNTRIED,	  /* nor to a signature by this key */
	ENROLL_NOT_IN,	  /* this key was refused, and nothing else let in */
	ENROLL_IN,	  /* by this key */
	ENROLL_IN_OTHER,  /* this key was refused, something else let in */
};

struct enroll {
	struct ctl *ctl;
	struct ctl_page *page;

	/* The call; texts are borrowed. */
	enum enroll_source source;
	const char *file;	 /* of the key */
	const char *module;	 /* of a token: PKCS#11 */
	const char *fingerprint; /* of the agent's or token's key, or NULL */
	const char *type;	 /* of a new key, or NULL */
	bool has_no_passphrase;
	bool has_no_wait;
	bool has_wait; /* it was said how long */
	unsigned long wait_ms;
	const char *host;    /* [USER@]HOST, or NULL */
	const char *account; /* of this host, or NULL */
	unsigned ttl;
	struct tlsa_wish wish; /* its input is the public key */

	/* The key, as ssh takes it; owned, NULL where there is none. */
	char *key_private;
	char *key_cert;

	/* What the worker said of it. */
	char *record; /* "U S M HEX"; owned */
	char *credential_type;
	char fingerprint_found[DANCE_FINGERPRINT_MAX];
	bool is_cert;

	/* What DNS said last. */
	unsigned n_asked;
	unsigned waited_s;
	int dns; /* verdict */
	struct dance_fault dns_fault;
	unsigned matched[3]; /* of the record that vouches */
	time_t valid_until;

	/* What the host said. */
	char *user; /* there; owned */
	enum enroll_login login;
	bool has_map; /* the next two are set */
	int map;      /* verdict */
	char identity[DANCE_IDENTITY_MAX + 1];
	struct dance_fault fault;
};

/*
 * Make or find the key and read its public half into wish.input.  Ends the
 * program with a message where that can't be.
 */
void enroll_get_key(struct enroll *enroll);

/*
 * Ask DNS until it vouches for the key, the time is over or the person has
 * enough.  Fills what DNS said last.
 */
void enroll_wait(struct enroll *enroll);

/*
 * Does a secure answer vouch for the key, as things are now?  A job; no verdict
 * without words where there are any.  The line is "U S M SECONDS": the record,
 * and until when the answer may be used.
 */
dance_job enroll_look;

/*
 * Try it: against the map of this host, or by ssh on another.  Return the exit
 * code; what was found is in *enroll.
 */
int enroll_try_here(struct enroll *enroll);
int enroll_try_host(struct enroll *enroll);

/* Show the key and its record; then how it ended, with that exit code. */
void enroll_show_record(const struct enroll *enroll);
void enroll_show_end(const struct enroll *enroll, int status);

#endif
