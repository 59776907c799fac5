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
	char except_name[256];
	unsigned except_type;
	enum fakedns_manner except;
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

static enum fakedns_manner
query_manner(struct fakedns *server, const ldns_rr *q)
{
	enum fakedns_manner manner = server->manner;
	char *name = ldns_rdf2str(ldns_rr_owner(q));

	must(name != NULL);
	must(pthread_mutex_lock(&server->lock) == 0);
	if (strcasecmp(server->except_name, name) == 0 &&
	    (server->except_type == 0 ||
		server->except_type == ldns_rr_get_type(q)))
		manner = server->except;
	must(pthread_mutex_unlock(&server->lock) == 0);
	if (manner == FAKEDNS_LOSSY &&
	    fakedns_count(server, name, ldns_rr_get_type(q)) < 2)
		manner = FAKEDNS_SILENT;
	free(name);
	return manner;
}

static void
query_answer(
    struct fakedns *server, const ldns_pkt *query, const struct sockaddr_in *to)
{
	static const uint8_t garbage[] = "garbage that is no message";
	const ldns_rr *q = ldns_rr_list_rr(ldns_pkt_question(query), 0);
	enum fakedns_manner manner = query_manner(server, q);
	ldns_pkt *answer = NULL;
	uint8_t *wire = NULL;
	size_t len = 0;

	if (manner == FAKEDNS_SILENT)
		return;
	if (manner == FAKEDNS_GARBAGE) {
		(void)sendto(server->fd, garbage, sizeof(garbage), 0,
		    (const struct sockaddr *)to, sizeof(*to));
		return;
	}
	if (manner == FAKEDNS_SLOW)
		(void)poll(NULL, 0, FAKEDNS_SLOW_MS);
	answer = fakezone_respond(server->zone, manner, q);
	ldns_pkt_set_id(answer, ldns_pkt_id(query));
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

void
fakedns_except(struct fakedns *server, const char *name, unsigned type,
    enum fakedns_manner manner)
{
	must(pthread_mutex_lock(&server->lock) == 0);
	(void)snprintf(
	    server->except_name, sizeof(server->except_name), "%s", name);
	server->except_type = type;
	server->except = manner;
	must(pthread_mutex_unlock(&server->lock) == 0);
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
