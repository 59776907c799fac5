/* SPDX-License-Identifier: ISC */
/*
 * The resolver's contexts, one for each upstream, without the race: so that one
 * which is of no use shows, though another one covers for it.
 */
#include <errno.h>
#include <ldns/ldns.h>
#include <poll.h>
#include <string.h>

#include "probe.h"
#include "resolver_internal.h"

/* One upstream while it is asked. */
struct run {
	struct ub_ctx *ctx;
	struct dance_probe *probe;
	const char *name;
	int64_t start_ms;
	bool is_running;
};

static void
signature_read(const ldns_rr *rr, struct dance_probe *ret)
{
	const ldns_rdf *inception = ldns_rr_rrsig_inception(rr);
	const ldns_rdf *expires = ldns_rr_rrsig_expiration(rr);
	time_t begin, end;

	if (inception == NULL || expires == NULL ||
	    ldns_rdf_size(inception) != 4 || ldns_rdf_size(expires) != 4)
		return;
	begin = (time_t)ldns_rdf2native_int32(inception);
	end = (time_t)ldns_rdf2native_int32(expires);
	if (!ret->has_signatures || begin > ret->inception)
		ret->inception = begin;
	if (!ret->has_signatures || end < ret->expires)
		ret->expires = end;
	ret->has_signatures = true;
}

static void
packet_read(const struct ub_result *result, struct dance_probe *ret)
{
	const ldns_rr_list *answer;
	const ldns_rr *rr;
	ldns_pkt *packet;
	size_t i;

	if (result->answer_packet == NULL || result->answer_len <= 0 ||
	    ldns_wire2pkt(&packet, result->answer_packet,
		(size_t)result->answer_len) != LDNS_STATUS_OK)
		return;
	answer = ldns_pkt_answer(packet);
	for (i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		rr = ldns_rr_list_rr(answer, i);
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG)
			signature_read(rr, ret);
	}
	ldns_pkt_free(packet);
}

static void
run_done(void *arg, int err, struct ub_result *result)
{
	struct run *run = arg;
	struct dance_probe *probe = run->probe;
	struct dance_rrset rrset;

	run->is_running = false;
	probe->ms = dance_now_ms() - run->start_ms;
	dance_result_read(err, result, run->name, &rrset);
	probe->dnssec = rrset.dnssec;
	(void)snprintf(probe->why, sizeof(probe->why), "%s", rrset.why);
	dance_rrset_clear(&rrset);
	if (err == 0 && result != NULL) {
		probe->has_answer = probe->dnssec != DANCE_DNSSEC_UNKNOWN;
		packet_read(result, probe);
	}
	ub_resolve_free(result);
}

/* False at the deadline, and when nobody is left. */
static bool
runs_wait(struct run *runs, size_t n, int64_t deadline_ms)
{
	struct pollfd fds[DANCE_UPSTREAMS_MAX];
	int64_t left = deadline_ms - dance_now_ms();
	size_t i, n_running = 0;

	for (i = 0; i < n; i++) {
		fds[i].fd = runs[i].is_running ? ub_fd(runs[i].ctx) : -1;
		fds[i].events = POLLIN;
		fds[i].revents = 0;
		if (runs[i].is_running)
			n_running++;
	}
	if (n_running == 0 || left <= 0)
		return false;
	if (poll(fds, (nfds_t)n, (int)left) == -1)
		return errno == EINTR;
	for (i = 0; i < n; i++)
		if (fds[i].revents != 0 && ub_process(runs[i].ctx) != 0 &&
		    runs[i].is_running)
			run_done(&runs[i], UB_PIPE, NULL);
	return true;
}

static void
runs_start(struct run *runs, size_t n, const char *zone)
{
	size_t i;
	int err;

	for (i = 0; i < n; i++) {
		runs[i].is_running = true;
		runs[i].start_ms = dance_now_ms();
		err = ub_resolve_async(runs[i].ctx, zone, DANCE_DNS_TYPE_DNSKEY,
		    DANCE_DNS_CLASS_IN, &runs[i], run_done, NULL);
		if (err != 0)
			run_done(&runs[i], err, NULL);
	}
}

int
dance_probe_run(const struct dance_config *config,
    const struct dance_anchors *anchors, const char *zone, int64_t deadline_ms,
    struct dance_probe ret[DANCE_UPSTREAMS_MAX], struct dance_fault *fault)
{
	struct run runs[DANCE_UPSTREAMS_MAX];
	size_t i, n = 0;
	int r = 0;

	memset(runs, 0, sizeof(runs));
	memset(ret, 0, DANCE_UPSTREAMS_MAX * sizeof(ret[0]));
	while (r == 0 && n < config->n_upstreams) {
		runs[n].probe = &ret[n];
		runs[n].name = dance_upstream_name(&config->upstreams[n]);
		r = dance_context_new(config, anchors, &config->upstreams[n],
		    &runs[n].ctx, fault);
		if (r == 0)
			n++;
	}
	if (r == 0) {
		runs_start(runs, n, zone);
		while (runs_wait(runs, n, deadline_ms))
			;
	}
	for (i = 0; i < n; i++) {
		if (runs[i].is_running)
			(void)snprintf(ret[i].why, sizeof(ret[i].why),
			    "%s: no answer within the deadline", runs[i].name);
		ub_ctx_delete(runs[i].ctx);
	}
	return r;
}
