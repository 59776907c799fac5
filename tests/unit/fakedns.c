/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "fakedns.h"

struct fakedns {
	enum fakedns_manner manner;
	const struct fakezone *zone;
	int fd;
	int stop[2]; /* a pipe */
	char address[32];
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	struct fakedns_query queries[FAKEDNS_QUERIES_MAX];
	size_t n_queries;
};

/* A test that can't be set up must not pass. */
static void
must(bool is_true)
{
	if (!is_true)
		abort();
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Takes the key. */
static void
zone_sign(struct fakezone *zone, ldns_key *key)
{
	ldns_rr_list *all = ldns_rr_list_clone(zone->records), *set,
		     *signatures;
	ldns_key_list *keys = ldns_key_list_new();

	must(all != NULL && keys != NULL && ldns_key_list_push_key(keys, key));
	ldns_rr_list_sort(all);
	while ((set = ldns_rr_list_pop_rrset(all)) != NULL) {
		signatures = ldns_sign_public(set, keys);
		must(signatures != NULL &&
		    ldns_rr_list_push_rr_list(zone->records, signatures));
		ldns_rr_list_free(signatures);
		ldns_rr_list_deep_free(set);
	}
	ldns_rr_list_deep_free(all);
	ldns_key_list_free(keys);
}

struct fakezone *
fakezone_new(const char *apex, const char *const *lines)
{
	struct fakezone *zone = calloc(1, sizeof(*zone));
	ldns_key *key =
	    ldns_key_new_frm_algorithm(LDNS_SIGN_ECDSAP256SHA256, 256);
	ldns_rr *rr = NULL;

	must(zone != NULL && key != NULL);
	zone->apex = ldns_dname_new_frm_str(apex);
	zone->records = ldns_rr_list_new();
	for (; *lines != NULL; lines++) {
		must(ldns_rr_new_frm_str(&rr, *lines, 300, NULL, NULL) ==
		    LDNS_STATUS_OK);
		must(ldns_rr_list_push_rr(zone->records, rr));
	}
	ldns_key_set_pubkey_owner(key, ldns_rdf_clone(zone->apex));
	ldns_key_set_flags(key, LDNS_KEY_ZONE_KEY | LDNS_KEY_SEP_KEY);
	ldns_key_set_inception(key, (uint32_t)time(NULL) - 3600);
	ldns_key_set_expiration(key, (uint32_t)time(NULL) + 86400);
	rr = ldns_key2rr(key);
	must(rr != NULL && ldns_rr_list_push_rr(zone->records, rr));
	ldns_key_set_keytag(key, ldns_calc_keytag(rr));
	zone->anchor = ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
	zone_sign(zone, key);
	return zone;
}

void
fakezone_free(struct fakezone **zone)
{
	if (*zone == NULL)
		return;
	ldns_rdf_deep_free((*zone)->apex);
	ldns_rr_list_deep_free((*zone)->records);
	free((*zone)->anchor);
	free(*zone);
	*zone = NULL;
}

/* The RRset with its signatures; true if there is one. */
static bool
answer_add(const struct fakezone *zone, ldns_pkt *answer,
    ldns_pkt_section section, const ldns_rdf *name, ldns_rr_type type)
{
	bool is_found = false;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(zone->records); i++) {
		ldns_rr *rr = ldns_rr_list_rr(zone->records, i);
		ldns_rr_type rr_type = ldns_rr_get_type(rr);

		if (rr_type == LDNS_RR_TYPE_RRSIG)
			rr_type =
			    ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(rr));
		if (rr_type != type ||
		    ldns_dname_compare(ldns_rr_owner(rr), name) != 0)
			continue;
		is_found = true;
		must(ldns_pkt_push_rr(answer, section, ldns_rr_clone(rr)));
	}
	return is_found;
}

static void
answer_strip(ldns_pkt *answer)
{
	ldns_rr_list *from = ldns_pkt_answer(answer);
	ldns_rr_list *to = ldns_rr_list_new();
	ldns_rr *rr;

	while ((rr = ldns_rr_list_pop_rr(from)) != NULL) {
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG)
			ldns_rr_free(rr);
		else
			must(ldns_rr_list_push_rr(to, rr));
	}
	ldns_rr_list_deep_free(from);
	ldns_pkt_set_answer(answer, to);
	ldns_pkt_set_ancount(answer, (uint16_t)ldns_rr_list_rr_count(to));
}

static void
answer_alter(ldns_pkt *answer)
{
	ldns_rr_list *list = ldns_pkt_answer(answer);
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(list); i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rdf *last = ldns_rr_rdf(rr, ldns_rr_rd_count(rr) - 1);

		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_TLSA)
			ldns_rdf_data(last)[ldns_rdf_size(last) - 1] ^= 1;
	}
}

/* An alias and what stands at its end; true if there is one. */
static bool
answer_add_alias(const struct fakezone *zone, ldns_pkt *answer,
    const ldns_rdf *name, ldns_rr_type type)
{
	ldns_rr *alias;

	if (!answer_add(
		zone, answer, LDNS_SECTION_ANSWER, name, LDNS_RR_TYPE_CNAME))
		return false;
	alias = ldns_rr_list_rr(ldns_pkt_answer(answer), 0);
	(void)answer_add(
	    zone, answer, LDNS_SECTION_ANSWER, ldns_rr_rdf(alias, 0), type);
	return true;
}

/* Data, or NODATA proven by the NSEC at the name, or at the apex. */
static void
answer_fill(const struct fakedns *server, ldns_pkt *answer, const ldns_rr *q)
{
	const struct fakezone *zone = server->zone;
	const ldns_rdf *name = ldns_rr_owner(q);

	if (answer_add(
		zone, answer, LDNS_SECTION_ANSWER, name, ldns_rr_get_type(q))) {
		if (server->manner == FAKEDNS_ALTERED)
			answer_alter(answer);
		if (server->manner == FAKEDNS_STRIPPED)
			answer_strip(answer);
		return;
	}
	if (answer_add_alias(zone, answer, name, ldns_rr_get_type(q)))
		return;
	(void)answer_add(
	    zone, answer, LDNS_SECTION_AUTHORITY, zone->apex, LDNS_RR_TYPE_SOA);
	if (!answer_add(
		zone, answer, LDNS_SECTION_AUTHORITY, name, LDNS_RR_TYPE_NSEC))
		(void)answer_add(zone, answer, LDNS_SECTION_AUTHORITY,
		    zone->apex, LDNS_RR_TYPE_NSEC);
}

static ldns_pkt *
answer_make(const struct fakedns *server, const ldns_pkt *query)
{
	ldns_rr *q = ldns_rr_list_rr(ldns_pkt_question(query), 0);
	ldns_pkt *answer = ldns_pkt_query_new(ldns_rdf_clone(ldns_rr_owner(q)),
	    ldns_rr_get_type(q), LDNS_RR_CLASS_IN, LDNS_QR | LDNS_RD | LDNS_RA);

	must(answer != NULL);
	ldns_pkt_set_id(answer, ldns_pkt_id(query));
	ldns_pkt_set_edns_udp_size(answer, 1232);
	ldns_pkt_set_edns_do(answer, true);
	switch (server->manner) {
	case FAKEDNS_REFUSED:
		ldns_pkt_set_rcode(answer, LDNS_RCODE_REFUSED);
		break;
	case FAKEDNS_SERVFAIL:
		ldns_pkt_set_rcode(answer, LDNS_RCODE_SERVFAIL);
		break;
	case FAKEDNS_TRUNCATED:
		ldns_pkt_set_tc(answer, true);
		break;
	default:
		answer_fill(server, answer, q);
		break;
	}
	return answer;
}

static void
query_note(struct fakedns *server, const ldns_pkt *query)
{
	const ldns_rr *q = ldns_rr_list_rr(ldns_pkt_question(query), 0);
	struct fakedns_query *note;
	char *name = ldns_rdf2str(ldns_rr_owner(q));

	must(name != NULL);
	must(pthread_mutex_lock(&server->lock) == 0);
	if (server->n_queries < FAKEDNS_QUERIES_MAX) {
		note = &server->queries[server->n_queries++];
		(void)snprintf(note->name, sizeof(note->name), "%s", name);
		note->type = ldns_rr_get_type(q);
		note->at = now_ms();
	}
	must(pthread_mutex_unlock(&server->lock) == 0);
	free(name);
}

static void
query_answer(
    struct fakedns *server, const ldns_pkt *query, const struct sockaddr_in *to)
{
	static const uint8_t garbage[] = "garbage that is no message";
	ldns_pkt *answer = NULL;
	uint8_t *wire = NULL;
	size_t len = 0;

	if (server->manner == FAKEDNS_SILENT)
		return;
	if (server->manner == FAKEDNS_GARBAGE) {
		(void)sendto(server->fd, garbage, sizeof(garbage), 0,
		    (const struct sockaddr *)to, sizeof(*to));
		return;
	}
	if (server->manner == FAKEDNS_SLOW)
		(void)poll(NULL, 0, FAKEDNS_SLOW_MS);
	answer = answer_make(server, query);
	must(ldns_pkt2wire(&wire, answer, &len) == LDNS_STATUS_OK);
	(void)sendto(
	    server->fd, wire, len, 0, (const struct sockaddr *)to, sizeof(*to));
	free(wire);
	ldns_pkt_free(answer);
}

static void *
server_run(void *arg)
{
	struct fakedns *server = arg;
	struct pollfd fds[2] = { { server->fd, POLLIN, 0 },
		{ server->stop[0], POLLIN, 0 } };
	struct sockaddr_in from;
	socklen_t from_len;
	uint8_t buf[2048];
	ldns_pkt *query;
	ssize_t n;

	for (;;) {
		must(poll(fds, 2, -1) > 0 || errno == EINTR);
		if (fds[1].revents != 0)
			return NULL;
		from_len = sizeof(from);
		n = recvfrom(server->fd, buf, sizeof(buf), MSG_DONTWAIT,
		    (struct sockaddr *)&from, &from_len);
		if (n <= 0 ||
		    ldns_wire2pkt(&query, buf, (size_t)n) != LDNS_STATUS_OK)
			continue;
		query_note(server, query);
		query_answer(server, query, &from);
		ldns_pkt_free(query);
	}
}

struct fakedns *
fakedns_start(enum fakedns_manner manner, const struct fakezone *zone)
{
	struct fakedns *server = calloc(1, sizeof(*server));
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	must(server != NULL && pipe(server->stop) == 0);
	server->manner = manner;
	server->zone = zone;
	server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(server->fd != -1);
	must(bind(server->fd, (struct sockaddr *)&at, len) == 0);
	must(getsockname(server->fd, (struct sockaddr *)&at, &len) == 0);
	(void)snprintf(server->address, sizeof(server->address), "127.0.0.1@%u",
	    ntohs(at.sin_port));
	must(pthread_mutex_init(&server->lock, NULL) == 0);
	must(pthread_create(&server->thread, NULL, server_run, server) == 0);
	return server;
}

const char *
fakedns_address(const struct fakedns *server)
{
	return server->address;
}

size_t
fakedns_queries(
    struct fakedns *server, struct fakedns_query list[FAKEDNS_QUERIES_MAX])
{
	size_t n;

	must(pthread_mutex_lock(&server->lock) == 0);
	n = server->n_queries;
	memcpy(list, server->queries, n * sizeof(list[0]));
	must(pthread_mutex_unlock(&server->lock) == 0);
	return n;
}

size_t
fakedns_count(struct fakedns *server, const char *name, unsigned type)
{
	size_t i, n = 0;

	must(pthread_mutex_lock(&server->lock) == 0);
	for (i = 0; i < server->n_queries; i++)
		if (server->queries[i].type == type &&
		    strcasecmp(server->queries[i].name, name) == 0)
			n++;
	must(pthread_mutex_unlock(&server->lock) == 0);
	return n;
}

void
fakedns_stop(struct fakedns **server)
{
	if (*server == NULL)
		return;
	must(write((*server)->stop[1], "", 1) == 1);
	must(pthread_join((*server)->thread, NULL) == 0);
	(void)pthread_mutex_destroy(&(*server)->lock);
	(void)close((*server)->fd);
	(void)close((*server)->stop[0]);
	(void)close((*server)->stop[1]);
	free(*server);
	*server = NULL;
}
