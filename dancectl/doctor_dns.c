/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: trust anchors, resolvers and the clock.  The resolvers are
 * asked in a worker, as for a login; what it leaves is read like any other
 * foreign bytes.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <time.h>

#include "doctor.h"
#include "instant.h"
#include "output.h"
#include "probe.h"
#include "sandbox.h"

/* Keys of the root: that of 2017, and that which signs since October 2026. */
#define ROOT_KEY_OLD 20326
#define ROOT_KEY_NEW 38696

#define GRACE_MS 500

/* The tag of the key that an anchor is, or stands for; -1 for none. */
static int
anchor_tag(const struct dance_anchor *anchor)
{
	ldns_rr *rr = NULL;
	const ldns_rdf *tag;
	int ret = -1;

	if (ldns_rr_new_frm_str(&rr, anchor->record, 0, NULL, NULL) !=
	    LDNS_STATUS_OK)
		return -1;
	if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_DNSKEY)
		ret = ldns_calc_keytag(rr);
	else if ((tag = ldns_rr_rdf(rr, 0)) != NULL && ldns_rdf_size(tag) == 2)
		ret = ldns_rdf2native_int16(tag);
	ldns_rr_free(rr);
	return ret;
}

void
doctor_check_anchor(struct doctor *doctor, const char *arg)
{
	const struct dance_anchors *anchors = doctor->anchors;
	bool has_root = false, has_old = false, has_new = false;
	size_t i;
	int tag;

	(void)arg;
	for (i = 0; anchors != NULL && i < anchors->n; i++) {
		if (strcmp(anchors->list[i].zone, ".") != 0)
			continue;
		has_root = true;
		tag = anchor_tag(&anchors->list[i]);
		has_old |= tag == ROOT_KEY_OLD;
		has_new |= tag == ROOT_KEY_NEW;
	}
	if (has_root && !has_new && has_old)
		doctor_find(doctor, "anchor-old", NULL,
		    "the trust anchors hold the root's key %d, but not %d",
		    ROOT_KEY_OLD, ROOT_KEY_NEW);
	else if (has_root && !has_new)
		doctor_find(doctor, "anchor-private", NULL,
		    "the trust anchors hold none of the keys of the public "
		    "root (%d, %d)",
		    ROOT_KEY_OLD, ROOT_KEY_NEW);
}

/* Shared with the worker. */
struct board {
	struct dance_probe probes[DANCE_UPSTREAMS_MAX];
};

struct call {
	const struct doctor *doctor;
	const char *zone;
	struct board *board;
	int64_t deadline_ms;
};

static void
probe_job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct call *call = arg;
	const struct dance_config *config = call->doctor->config;

	(void)ret_line;
	ret->verdict = dance_sandbox_enter(
	    config->timeout_ms / 1000 + 2, false, &ret->fault);
	if (ret->verdict == 0)
		ret->verdict =
		    dance_probe_run(config, call->doctor->anchors, call->zone,
			call->deadline_ms, call->board->probes, &ret->fault);
}

static void
clock_find(struct doctor *doctor, const char *zone, time_t now,
    const struct dance_probe *probe)
{
	bool is_late = now > probe->expires;
	char here[INSTANT_MAX] = "", there[INSTANT_MAX] = "";

	instant_format(now, here);
	instant_format(is_late ? probe->expires : probe->inception, there);
	doctor_find(doctor, "clock-wrong", NULL,
	    "the clock says %s, but the signatures of the zone %s %s %s", here,
	    zone, is_late ? "ended at" : "begin at", there);
}

/* Why, without the name that stands in front of it. */
static const char *
why_of(const struct dance_probe *probe, const char *name)
{
	size_t len = strlen(name);

	return strncmp(probe->why, name, len) == 0 &&
		strncmp(probe->why + len, ": ", 2) == 0
	    ? probe->why + len + 2
	    : probe->why;
}

/* What is wrong with one upstream, at worst. */
static void
probe_find(struct doctor *doctor, const char *zone, const char *name,
    const struct dance_probe *probe, enum doctor_severity severity)
{
	const char *why = why_of(probe, name);
	time_t now = time(NULL);

	if (!probe->has_answer)
		doctor_find_as(doctor, severity, "resolver-silent", NULL,
		    "the resolver %s gives no answer: %s", name, why);
	else if (!probe->has_signatures)
		doctor_find_as(doctor, severity, "resolver-unsigned", NULL,
		    "the resolver %s gives answers without signatures: %s",
		    name, why);
	else if (now > probe->expires || now < probe->inception)
		clock_find(doctor, zone, now, probe);
	else
		doctor_find_as(doctor, severity, "resolver-bogus", NULL,
		    "what the resolver %s says of the zone %s does not fit the "
		    "trust anchors: %s",
		    name, zone, why);
}

static void
probes_show(struct doctor *doctor, const char *zone, struct dance_probe *probes)
{
	const struct dance_config *config = doctor->config;
	const char *name;
	bool has_good = false;
	size_t i;

	for (i = 0; i < config->n_upstreams; i++) {
		probes[i].why[sizeof(probes[i].why) - 1] = '\0';
		has_good |= probes[i].dnssec == DANCE_DNSSEC_SECURE;
	}
	for (i = 0; i < config->n_upstreams; i++) {
		name = config->upstreams[i].address[0] == '\0'
		    ? "recursion"
		    : config->upstreams[i].address;
		if (probes[i].dnssec != DANCE_DNSSEC_SECURE)
			probe_find(doctor, zone, name, &probes[i],
			    has_good ? DOCTOR_WARNING : DOCTOR_ERROR);
		else if (probes[i].ms * 2 > (int64_t)config->timeout_ms)
			doctor_find(doctor, "resolver-slow", NULL,
			    "the resolver %s took %lld ms; a login has %u ms "
			    "in all",
			    name, (long long)probes[i].ms, config->timeout_ms);
		else
			doctor_find(doctor, "resolver", NULL,
			    "the resolver %s gives signed answers, validated "
			    "in %lld ms",
			    name, (long long)probes[i].ms);
	}
}

/* The root, unless there is no anchor of it. */
static const char *
zone_pick(const struct dance_anchors *anchors)
{
	size_t i;

	for (i = 0; i < anchors->n; i++)
		if (strcmp(anchors->list[i].zone, ".") == 0)
			return ".";
	return anchors->list[0].zone;
}

void
doctor_check_resolver(struct doctor *doctor, const char *arg)
{
	struct call call = { .doctor = doctor };
	struct dance_probe probes[DANCE_UPSTREAMS_MAX];
	struct dance_result result;

	(void)arg;
	if (doctor->config == NULL || doctor->anchors == NULL)
		return;
	call.board = mmap(NULL, sizeof(*call.board), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (call.board == MAP_FAILED)
		ctl_fail("doctor: out of memory");
	call.zone = zone_pick(doctor->anchors);
	call.deadline_ms = dance_now_ms() + doctor->config->timeout_ms;
	ctl_work(probe_job, &call, call.deadline_ms + GRACE_MS, &result);
	memcpy(probes, call.board->probes, sizeof(probes));
	munmap(call.board, sizeof(*call.board));
	if (result.verdict != 0)
		doctor_find(doctor, "resolver-fault", NULL,
		    "the resolvers can't be asked: %s", result.fault.text);
	else
		probes_show(doctor, call.zone, probes);
}

void
doctor_check_clock(struct doctor *doctor, const char *arg)
{
	struct timex state = { .modes = 0 };

	(void)arg;
	if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
		doctor_find(doctor, "clock-unsynchronised", NULL,
		    "nothing keeps the clock right, says the kernel");
}
