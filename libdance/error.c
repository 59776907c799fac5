/* SPDX-License-Identifier: ISC */
/*
 * The words of the verdict.  They stand once, here; logs, --json, exit codes
 * and manuals use them as they are.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

struct reason {
	int error;
	const char *word;
	const char *hint;
};

static const struct reason reasons[] = {
	{ DANCE_OK, "accept", "the login is accepted" },
	{ DANCE_ERR_INTERNAL, "internal",
	    "the program failed; nothing was decided: see the system log" },
	{ DANCE_ERR_CONFIG, "config",
	    "the configuration can't be used: run dancectl check" },
	{ DANCE_ERR_DNS_FAILURE, "dns-failure",
	    "no answer was to be had: check the resolver and the network with "
	    "dancectl query" },
	{ DANCE_ERR_NOT_MAPPED, "not-mapped",
	    "no line of the accounts map lets this credential use the "
	    "account: add one to /etc/dance/accounts" },
	{ DANCE_ERR_DENIED_BY_MAP, "denied-by-map",
	    "a line of the accounts map that begins with ! refuses this "
	    "identity" },
	{ DANCE_ERR_NO_TLSA, "no-tlsa",
	    "the name has no TLSA record, and DNSSEC proves it: publish what "
	    "dancectl tlsa prints" },
	{ DANCE_ERR_INSECURE, "insecure",
	    "the zone is not signed, or no trust anchor covers it: sign it and "
	    "put its DS record into the parent zone" },
	{ DANCE_ERR_BOGUS, "bogus",
	    "DNSSEC validation failed: look at the zone's signatures and DS "
	    "records, the resolver and the clock" },
	{ DANCE_ERR_NO_USABLE_TLSA, "no-usable-tlsa",
	    "the TLSA records at the name can't vouch for a credential of this "
	    "kind: publish what dancectl tlsa prints" },
	{ DANCE_ERR_MISMATCH, "mismatch",
	    "the TLSA records at the name vouch for other keys: publish what "
	    "dancectl tlsa prints" },
	{ DANCE_ERR_NAME_MISMATCH, "name-mismatch",
	    "the certificate does not hold the identity that it is used for" },
	{ DANCE_ERR_EXPIRED, "expired",
	    "the certificate is expired or not yet valid: renew it, and look "
	    "at the clock" },
	{ DANCE_ERR_UNTRUSTED, "untrusted",
	    "the certificate's signature or the chain behind it does not hold, "
	    "or is not meant for this: have it issued again" },
	{ DANCE_ERR_BAD_CREDENTIAL, "bad-credential",
	    "the key or certificate is malformed, of an unknown type, or not "
	    "made for users" },
	{ DANCE_ERR_WEAK_KEY, "weak-key",
	    "the key or its signature is too weak: make an Ed25519 key" },
	{ DANCE_ERR_WEAK_DNSSEC, "weak-dnssec",
	    "a key or digest of a signed zone is too weak: sign that zone with "
	    "algorithm 13 or 15, and give its parent a DS record with "
	    "SHA-256" },
};

static const struct reason *
reason_find(int error)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return &reasons[i];
	return &reasons[1]; /* internal */
}

const char *
dance_reason(int error)
{
	return reason_find(error)->word;
}

const char *
dance_reason_hint(int error)
{
	return reason_find(error)->hint;
}

bool
dance_is_fault(int error)
{
	int known = reason_find(error)->error;

	return known == DANCE_ERR_INTERNAL || known == DANCE_ERR_CONFIG ||
	    known == DANCE_ERR_DNS_FAILURE;
}

unsigned
dance_reason_rank(int error)
{
	if (dance_is_fault(error))
		return 8;
	switch (error) {
	case DANCE_ERR_NOT_MAPPED:
		return 0;
	case DANCE_ERR_DENIED_BY_MAP:
		return 1;
	case DANCE_ERR_NO_TLSA:
		return 2;
	case DANCE_ERR_INSECURE:
		return 3;
	case DANCE_ERR_BOGUS:
		return 4;
	case DANCE_ERR_WEAK_DNSSEC:
		return 5;
	case DANCE_ERR_NO_USABLE_TLSA:
		return 6;
	default:
		return 7;
	}
}

int
dance_reason_parse(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].word, word) == 0)
			return reasons[i].error;
	return DANCE_ERR_FORMAT;
}

void
dance_fault_set(struct dance_fault *fault, const char *format, ...)
{
	va_list ap;

	if (fault == NULL)
		return;
	va_start(ap, format);
	if (vsnprintf(fault->text, sizeof(fault->text), format, ap) < 0)
		fault->text[0] = '\0';
	va_end(ap);
}
