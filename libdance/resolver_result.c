/* SPDX-License-Identifier: ISC */
/*
 * From what libunbound says to what this project says, for resolver.c.  A
 * bogus answer comes with data, so nothing is looked at before the state of
 * validation; and what is not understood is never secure.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "resolver_internal.h"

#define RCODE_NOERROR  0 /* RFC 1035, section 4.1.1 */
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3
#define RCODE_REFUSED  5

void
dance_why_add(struct dance_rrset *rrset, const char *format, ...)
{
	size_t left, used = strlen(rrset->why);
	char *p = rrset->why + used;
	va_list ap;

	if (used > 0) {
		(void)snprintf(p, sizeof(rrset->why) - used, "; ");
		used = strlen(rrset->why);
	}
	left = sizeof(rrset->why) - used;
	va_start(ap, format);
	if (vsnprintf(rrset->why + used, left, format, ap) < 0)
		rrset->why[used] = '\0';
	va_end(ap);
	for (; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
}

static void
result_set_bogus(struct dance_rrset *ret, const char *name, const char *why)
{
	dance_rrset_clear(ret);
	ret->dnssec = DANCE_DNSSEC_BOGUS;
	dance_why_add(ret, "%s: %s", name, why);
}

static void
result_set_unknown(struct dance_rrset *ret, const char *name, const char *why)
{
	dance_rrset_clear(ret);
	dance_why_add(ret, "%s: %s", name, why);
}

void
dance_result_set_weak(
    struct dance_rrset *rrset, const char *name, const char *why)
{
	uint8_t *packet = rrset->packet;
	size_t len = rrset->packet_len;
	const char *source = rrset->source;

	rrset->packet = NULL;
	dance_rrset_clear(rrset);
	rrset->dnssec = DANCE_DNSSEC_WEAK;
	rrset->packet = packet;
	rrset->packet_len = len;
	rrset->source = source;
	dance_why_add(rrset, "%s: %s", name, why);
}

static const char *
rcode_text(int rcode)
{
	switch (rcode) {
	case RCODE_SERVFAIL:
		return "no useful answer (SERVFAIL)";
	case RCODE_REFUSED:
		return "the question is refused (REFUSED)";
	default:
		return "an answer with an unexpected code";
	}
}

static void
result_set_canonical(const struct ub_result *result, struct dance_rrset *ret)
{
	size_t len;

	if (result->canonname == NULL || result->qname == NULL)
		return;
	(void)snprintf(
	    ret->canonical, sizeof(ret->canonical), "%s", result->canonname);
	len = strlen(ret->canonical);
	if (len > 0 && ret->canonical[len - 1] == '.')
		ret->canonical[len - 1] = '\0';
}

static int
result_fill(const struct ub_result *result, struct dance_rrset *ret)
{
	struct dance_bytes rdata[DANCE_RRSET_MAX + 1];
	size_t n = 0;

	while (n <= DANCE_RRSET_MAX && result->data[n] != NULL) {
		if (result->len[n] < 0)
			return DANCE_ERR_FORMAT;
		rdata[n].data = (const uint8_t *)result->data[n];
		rdata[n].len = (size_t)result->len[n];
		n++;
	}
	return dance_rrset_fill(ret, rdata, n);
}

/* The answer as it came: by it the RRset can be judged again. */
static int
result_keep_packet(const struct ub_result *result, struct dance_rrset *ret)
{
	size_t len = (size_t)result->answer_len;

	if ((ret->packet = malloc(len)) == NULL)
		return DANCE_ERR_INTERNAL;
	memcpy(ret->packet, result->answer_packet, len);
	ret->packet_len = len;
	return 0;
}

/* A secure answer: the packet must bear out what libunbound says. */
static void
result_read_secure(
    const struct ub_result *result, const char *name, struct dance_rrset *ret)
{
	struct dance_answer answer;

	if (result->answer_packet == NULL || result->answer_len < 0 ||
	    dance_answer_read(result->answer_packet, (size_t)result->answer_len,
		&answer) != 0) {
		result_set_unknown(ret, name, "the answer can't be read");
		return;
	}
	if (answer.is_odd || (result->havedata && answer.expires == 0)) {
		result_set_bogus(ret, name,
		    "the signatures do not fit the names they stand at");
		return;
	}
	if (result->havedata &&
	    (result_fill(result, ret) != 0 ||
		result_keep_packet(result, ret) != 0)) {
		result_set_unknown(ret, name, "no memory for the answer");
		return;
	}
	ret->is_denied = !result->havedata;
	ret->is_wildcard = answer.is_wildcard;
	ret->valid_until =
	    dance_answer_valid_until(&answer, result->ttl, time(NULL));
	result_set_canonical(result, ret);
	ret->dnssec = DANCE_DNSSEC_SECURE;
}

static bool
result_is_data(const struct ub_result *result)
{
	return result->rcode == RCODE_NOERROR && result->havedata &&
	    !result->nxdomain && result->data != NULL && result->len != NULL;
}

static bool
result_is_denial(const struct ub_result *result)
{
	return !result->havedata &&
	    (result->rcode == RCODE_NOERROR || result->rcode == RCODE_NXDOMAIN);
}

void
dance_result_read(int err, const struct ub_result *result, const char *name,
    struct dance_rrset *ret)
{
	memset(ret, 0, sizeof(*ret));
	if (err != 0 || result == NULL)
		result_set_unknown(ret, name, ub_strerror(err));
	else if (result->bogus)
		result_set_bogus(ret, name,
		    result->why_bogus != NULL ? result->why_bogus
					      : "validation failed");
	else if (!result_is_data(result) && !result_is_denial(result))
		result_set_unknown(ret, name, rcode_text(result->rcode));
	else if (result->secure)
		result_read_secure(result, name, ret);
	else
		ret->dnssec = DANCE_DNSSEC_INSECURE;
	ret->source = "dns";
}
