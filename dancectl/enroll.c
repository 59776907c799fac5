/* SPDX-License-Identifier: ISC */
/*
 * dancectl enroll: what the holder of a key does to have it taken: make or find
 * the key, publish its record, wait until DNS vouches for it, try it on a host.
 * Nothing is published from here, since the zone is somebody's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enroll.h"
#include "number.h"
#include "resolver.h"

#define TTL_DEFAULT	300	     /* as dancectl tlsa --nsupdate */
#define TTL_MAX		2147483647UL /* RFC 2181, section 8 */
#define WAIT_DEFAULT_MS (15UL * 60 * 1000)
#define WAIT_MIN_MS	1000UL
#define WAIT_MAX_MS	(7UL * 86400 * 1000)

enum {
	OPTION_NAME = CTL_OPTION_OWN,
	OPTION_KEY,
	OPTION_NEW,
	OPTION_TYPE,
	OPTION_NO_PASSPHRASE,
	OPTION_AGENT,
	OPTION_PKCS11,
	OPTION_FINGERPRINT,
	OPTION_USAGE,
	OPTION_MATCHING,
	OPTION_TTL,
	OPTION_WAIT,
	OPTION_NO_WAIT,
	OPTION_HOST,
	OPTION_ACCOUNT,
};

static void
source_set(struct enroll *enroll, enum enroll_source source)
{
	if (enroll->source != ENROLL_NONE)
		ctl_usage(enroll->ctl,
		    "one of --key, --new, --agent and --pkcs11, not more");
	enroll->source = source;
	if (source == ENROLL_FILE || source == ENROLL_NEW)
		enroll->file = optarg;
	else if (source == ENROLL_TOKEN)
		enroll->module = optarg;
	if (enroll->file != NULL && strcmp(enroll->file, "-") == 0)
		ctl_usage(enroll->ctl, "-: needs a file's name");
}

static void
type_set(struct enroll *enroll)
{
	static const char *const types[] = { "ed25519", "ecdsa", "rsa",
		"ed25519-sk", "ecdsa-sk" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(optarg, types[i]) == 0) {
			enroll->type = types[i];
			return;
		}
	ctl_usage(enroll->ctl,
	    "--type %s: not ed25519, ecdsa, rsa, ed25519-sk or ecdsa-sk",
	    optarg);
}

/* False for an option that is about something else. */
static bool
key_option(struct enroll *enroll, int option)
{
	switch (option) {
	case OPTION_KEY:
		source_set(enroll, ENROLL_FILE);
		return true;
	case OPTION_NEW:
		source_set(enroll, ENROLL_NEW);
		return true;
	case OPTION_AGENT:
		source_set(enroll, ENROLL_AGENT);
		return true;
	case OPTION_PKCS11:
		source_set(enroll, ENROLL_TOKEN);
		return true;
	case OPTION_TYPE:
		type_set(enroll);
		return true;
	case OPTION_NO_PASSPHRASE:
		enroll->has_no_passphrase = true;
		return true;
	case OPTION_FINGERPRINT:
		enroll->fingerprint = optarg;
		return true;
	default:
		return false;
	}
}

/* The same. */
static bool
record_option(struct enroll *enroll, int option)
{
	struct tlsa_wish *wish = &enroll->wish;

	switch (option) {
	case OPTION_NAME:
		ctl_identity(enroll->ctl, optarg, &wish->identity);
		return true;
	case OPTION_USAGE:
		wish->record.usage =
		    (uint8_t)ctl_number(enroll->ctl, "--usage", optarg, 3);
		wish->has_usage = true;
		return true;
	case OPTION_MATCHING:
		wish->record.matching =
		    (uint8_t)ctl_number(enroll->ctl, "--matching", optarg, 2);
		return true;
	case OPTION_TTL:
		enroll->ttl = ctl_number(enroll->ctl, "--ttl", optarg, TTL_MAX);
		return true;
	default:
		return false;
	}
}

static void
trial_option(struct enroll *enroll, int option)
{
	switch (option) {
	case OPTION_WAIT:
		if (dance_duration(optarg, WAIT_MIN_MS, WAIT_MAX_MS,
			&enroll->wait_ms) != 0)
			ctl_usage(enroll->ctl,
			    "--wait %s: not a span from 1s to 7d", optarg);
		enroll->has_wait = true;
		break;
	case OPTION_NO_WAIT:
		enroll->has_no_wait = true;
		break;
	case OPTION_HOST:
		enroll->host = optarg;
		break;
	default:
		enroll->account = optarg;
	}
}

static void
key_check(const struct enroll *enroll)
{
	const struct ctl *ctl = enroll->ctl;
	bool is_new = enroll->source == ENROLL_NEW;
	bool is_listed =
	    enroll->source == ENROLL_AGENT || enroll->source == ENROLL_TOKEN;

	if (enroll->wish.identity.text[0] == '\0')
		ctl_usage(ctl, "--name is missing");
	if (enroll->source == ENROLL_NONE)
		ctl_usage(
		    ctl, "--key is missing, or --new, --agent or --pkcs11");
	if (!is_new && enroll->type != NULL)
		ctl_usage(ctl, "--type: with --new only");
	if (!is_new && enroll->has_no_passphrase)
		ctl_usage(ctl, "--no-passphrase: with --new only");
	if (!is_listed && enroll->fingerprint != NULL)
		ctl_usage(ctl, "--fingerprint: with --agent or --pkcs11 only");
	/* Before it is made: nobody has certified it. */
	if (is_new && enroll->wish.record.usage != DANCE_USAGE_DANE_EE)
		ctl_usage(ctl,
		    "--new: a new key has no certificate yet, so only a "
		    "record of usage 3 is about it");
	if (is_new && dance_identity_is_user(&enroll->wish.identity))
		ctl_usage(ctl,
		    "--new: %s is a user identity, which only a CA can vouch "
		    "for, and a new key has no certificate yet",
		    enroll->wish.identity.text);
	/* ssh-keygen would take no answer for an empty passphrase. */
	if (is_new && !enroll->has_no_passphrase && isatty(STDIN_FILENO) != 1)
		ctl_usage(ctl,
		    "--new: without a terminal nobody can be asked for a "
		    "passphrase; for a key that has none: --no-passphrase");
}

static void
trial_check(const struct enroll *enroll)
{
	const struct ctl *ctl = enroll->ctl;

	if (enroll->has_wait && enroll->has_no_wait)
		ctl_usage(ctl, "--wait or --no-wait, not both");
	if (enroll->host != NULL && enroll->account != NULL)
		ctl_usage(ctl,
		    "--host or --account, not both: to name the account of "
		    "another host: --host ACCOUNT@HOST");
	if (enroll->has_no_wait &&
	    (enroll->host != NULL || enroll->account != NULL))
		ctl_usage(ctl, "--no-wait: then there is nothing to try");
	if (enroll->host != NULL &&
	    (enroll->host[0] == '\0' || enroll->host[0] == '-'))
		ctl_usage(ctl, "--host %s: not a host", enroll->host);
	if (enroll->account != NULL &&
	    (enroll->account[0] == '\0' ||
		strlen(enroll->account) >= DANCE_ACCOUNT_MAX))
		ctl_usage(ctl, "--account: empty or too long");
}

static void
call_read(struct enroll *enroll, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, OPTION_NAME },
		{ "key", required_argument, NULL, OPTION_KEY },
		{ "new", required_argument, NULL, OPTION_NEW },
		{ "type", required_argument, NULL, OPTION_TYPE },
		{ "no-passphrase", no_argument, NULL, OPTION_NO_PASSPHRASE },
		{ "agent", no_argument, NULL, OPTION_AGENT },
		{ "pkcs11", required_argument, NULL, OPTION_PKCS11 },
		{ "fingerprint", required_argument, NULL, OPTION_FINGERPRINT },
		{ "usage", required_argument, NULL, OPTION_USAGE },
		{ "matching", required_argument, NULL, OPTION_MATCHING },
		{ "ttl", required_argument, NULL, OPTION_TTL },
		{ "wait", required_argument, NULL, OPTION_WAIT },
		{ "no-wait", no_argument, NULL, OPTION_NO_WAIT },
		{ "host", required_argument, NULL, OPTION_HOST },
		{ "account", required_argument, NULL, OPTION_ACCOUNT },
		CTL_OPTIONS,
	};
	int c;

	while ((c = ctl_getopt(enroll->ctl, argc, argv, options)) != -1)
		if (!key_option(enroll, c) && !record_option(enroll, c))
			trial_option(enroll, c);
	ctl_operands(enroll->ctl, argc, 0);
	key_check(enroll);
	trial_check(enroll);
}

/* The line is "TYPE U S M HEX". */
static void
record_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct enroll *enroll = arg;
	const struct ctl_input *input = &enroll->wish.input;
	struct dance_credential *cred = NULL;
	struct dance_tlsa record;
	char *hex;
	int r;

	if ((r = ctl_worker_drop_root(&ret->fault)) == 0 &&
	    (r = tlsa_make(&enroll->wish, &record, &ret->fault)) == 0)
		r = dance_credential_parse_file(
		    input->text, input->len, CTL_MIN_RSA, &cred);
	if (r == 0 &&
	    dance_hex_encode(record.data.data, record.data.len, &hex) == 0 &&
	    asprintf(ret_line, "%s %u %u %u %s", cred->type, record.usage,
		record.selector, record.matching, hex) != -1)
		snprintf(ret->fingerprint, sizeof(ret->fingerprint), "%s",
		    cred->fingerprint);
	ret->verdict = r;
	/* The process ends here. */
}

static _Noreturn void
record_refuse(const struct enroll *enroll, const struct dance_result *result)
{
	const char *name = enroll->file != NULL ? enroll->file : "the key";
	const char *why = result->fault.text[0] != '\0'
	    ? result->fault.text
	    : dance_reason_hint(result->verdict);

	if (result->verdict == DANCE_ERR_FORMAT)
		ctl_usage(enroll->ctl, "%s: %s", name, why);
	ctl_input_explain(&enroll->wish.input, name);
	ctl_say("%s: %s: %s", name, dance_reason(result->verdict), why);
	exit(ctl_status(result->verdict));
}

static void
record_make(struct enroll *enroll)
{
	struct dance_work work = { .job = record_job,
		.arg = enroll,
		.deadline_ms = dance_now_ms() + CTL_JOB_MS };
	struct dance_result result;
	char *line = NULL, *blank;

	dance_worker_run(&work, &result, &line);
	if (result.verdict != 0)
		record_refuse(enroll, &result);
	if (line == NULL || (blank = strchr(line, ' ')) == NULL)
		ctl_fail("the record can't be made");
	*blank = '\0';
	enroll->credential_type = line;
	enroll->record = blank + 1;
	enroll->is_cert = strstr(line, "-cert-") != NULL;
	snprintf(enroll->fingerprint_found, sizeof(enroll->fingerprint_found),
	    "%s", result.fingerprint);
}

static int
enroll_run(struct enroll *enroll)
{
	enroll_get_key(enroll);
	record_make(enroll);
	enroll_show_record(enroll);
	if (enroll->has_no_wait)
		return CTL_YES;
	enroll_wait(enroll);
	if (enroll->dns != 0)
		return ctl_status(enroll->dns);
	if (enroll->host != NULL)
		return enroll_try_host(enroll);
	return enroll->account != NULL ? enroll_try_here(enroll) : CTL_YES;
}

int
ctl_enroll(struct ctl *ctl, int argc, char *argv[])
{
	struct enroll enroll = { .ctl = ctl,
		.ttl = TTL_DEFAULT,
		.wait_ms = WAIT_DEFAULT_MS,
		.wish.record = { .usage = DANCE_USAGE_DANE_EE,
		    .selector = DANCE_SELECTOR_SPKI,
		    .matching = DANCE_MATCHING_SHA256 } };
	int status;

	call_read(&enroll, argc, argv);
	enroll.page = ctl_page_new();
	status = enroll_run(&enroll);
	enroll_show_end(&enroll, status);
	ctl_page_free(&enroll.page);
	free(enroll.credential_type);
	free(enroll.key_private);
	free(enroll.key_cert);
	free(enroll.user);
	free(enroll.wish.input.text);
	return status;
}
