/* SPDX-License-Identifier: ISC */
/*
 * dancectl wrap: from an X.509 chain to an OpenSSH certificate that carries it.
 */
#ifndef WRAP_H
#define WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "dancectl.h"
#include "output.h"

struct wrap {
	struct ctl *ctl;
	struct ctl_page *page;
	struct dance_identity identity;
	bool is_in_agent;
	bool has_output; /* cert is not the usual name */
	bool shows_config;
	unsigned long valid_s;
	unsigned long spare_s; /* of --unless-valid; 0: in any case */
	/* Absolute; pkcs11 is NULL without a token. */
	char *key;
	char *key_public;
	char *chain;
	char *cert;
	char *folder; /* of cert */
	char *pkcs11;
	/* What stands in them; text is NULL for what is not there. */
	struct ctl_input chain_input;
	struct ctl_input public_input;
	struct ctl_input cert_input;
	struct dance_fault fault;
};

/*
 * Jobs, for dance_worker_run(); arg is a struct wrap.  They give up root by
 * themselves, as their caller has to stay who he is.
 *
 * The first looks whether there is anything to do: the line is the chain as
 * it goes into the extension.  No line and verdict 0: the certificate that is
 * there will do, and the page shows it.  Without the public key only that is
 * looked at.  The second shows what has been made, if it can let anybody in.
 */
dance_job wrap_look;
dance_job wrap_show;

#define WRAP_EXTENSION "extension:" DANCE_CHAIN_EXTENSION "="

/* The page of a certificate, which has been made or was there. */
void wrap_put_certificate(const struct wrap *wrap,
    const struct dance_credential *cred, time_t now, bool is_made);

/* The page of a refusal; of nothing without --json. */
void wrap_put_refusal(const struct wrap *wrap, int verdict);

/* A folder beside the certificate that nobody else can write to. */
struct wrap_place {
	int folder; /* where it stands */
	int fd;
	char *path; /* NULL: there is none yet */
};

/*
 * ssh-keygen makes the certificate, with base64 in it, and the place if there
 * is none.  Returns 0, or DANCE_ERR_CONFIG with a fault.
 */
int wrap_sign(struct wrap *wrap, struct wrap_place *place, const char *base64,
    struct ctl_input *ret);

/* The certificate takes its name, all at once. */
int wrap_place_commit(struct wrap *wrap, const struct wrap_place *place);

void wrap_place_close(struct wrap_place *place);

/* "Xs", "Xm" or "Xh". */
#define WRAP_SPAN_MAX 24
void wrap_span_format(unsigned long seconds, char ret[WRAP_SPAN_MAX]);

/* Paths that can stand in ssh_config(5), a crontab and a shell unquoted. */
bool wrap_config_takes(const struct wrap *wrap);

/* The lines for ssh_config(5) and a crontab. */
void wrap_config_write(const struct wrap *wrap, FILE *out);
json_t *wrap_config_json(const struct wrap *wrap);

#endif
