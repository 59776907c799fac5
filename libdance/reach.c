/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "number.h"
#include "reach.h"

#define DNS_PORT   53
#define HEADER_LEN 12 /* RFC 1035, section 4.1.1 */

/* Full recursion begins with a query for these records at such an address. */
static const char *const roots[] = { "198.41.0.4", "2001:503:ba3e::2:30" };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "192.0.2.1@53"; the length of the address, or 0 if it is none. */
static socklen_t
address_parse(const char *text, union address *ret)
{
	char host[DANCE_ADDRESS_MAX];
	unsigned long port = DNS_PORT;
	size_t len = strcspn(text, "@");

	memset(ret, 0, sizeof(*ret));
	if (len >= sizeof(host) ||
	    (text[len] == '@' &&
		dance_strtou(text + len + 1, 1, UINT16_MAX, &port) != 0))
		return 0;
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons((uint16_t)port);
		return sizeof(ret->v4);
	}
	if (inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_port = htons((uint16_t)port);
		return sizeof(ret->v6);
	}
	return 0;
}

static void
server_close(struct dance_reach_server *server)
{
	if (server->fd != -1)
		close(server->fd);
	server->fd = -1;
}

/* Recursion desired, one question: the root, NS, IN. */
static void
query_write(uint16_t id, uint8_t query[HEADER_LEN + 5])
{
	static const uint8_t form[HEADER_LEN + 5] = { 0, 0, 1, 0, 0, 1, 0, 0, 0,
		0, 0, 0, 0, 0, 2, 0, 1 };

	memcpy(query, form, sizeof(form));
	query[0] = (uint8_t)(id >> 8);
	query[1] = (uint8_t)id;
}

static void
server_send(struct dance_reach_server *server)
{
	uint8_t query[HEADER_LEN + 5];
	union address address;
	socklen_t len = address_parse(server->address, &address);

	server->state = DANCE_REACH_FAILED;
	server->error = EAFNOSUPPORT;
	server->fd = -1;
	if (len == 0)
		return;
	if (getrandom(&server->id, sizeof(server->id), 0) != sizeof(server->id))
		server->id = 0;
	query_write(server->id, query);
	server->fd = socket(address.any.sa_family,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->fd != -1 && connect(server->fd, &address.any, len) == 0 &&
	    send(server->fd, query, sizeof(query), MSG_NOSIGNAL) ==
		sizeof(query)) {
		server->state = DANCE_REACH_SENT;
		server->error = 0;
		return;
	}
	server->error = errno;
	server_close(server);
}

static void
reach_add(struct dance_reach *reach, const char *address, const char *zone,
    size_t upstream)
{
	struct dance_reach_server *server = &reach->list[reach->n++];

	*server = (struct dance_reach_server){
		.address = address, .zone = zone, .upstream = upstream
	};
	server_send(server);
}

void
dance_reach_open(struct dance_reach *reach, const struct dance_config *config)
{
	size_t i, j;
	bool has_roots = false;

	if (reach->n > 0)
		return;
	for (i = 0; i < config->n_stubs; i++)
		reach_add(
		    reach, config->stubs[i].address, config->stubs[i].zone, 0);
	for (i = 0; i < config->n_upstreams; i++) {
		if (config->upstreams[i].address[0] != '\0') {
			reach_add(reach, config->upstreams[i].address, NULL, i);
			continue;
		}
		for (j = 0; !has_roots && j < sizeof(roots) / sizeof(roots[0]);
		     j++)
			reach_add(reach, roots[j], NULL, i);
		has_roots = true;
	}
}

/* ECONNREFUSED is the word of the server's host; other errors are not. */
static void
server_look(struct dance_reach_server *server)
{
	uint8_t answer[512];
	ssize_t n;

	if (server->fd == -1)
		return;
	n = recv(server->fd, answer, sizeof(answer), 0);
	if (n >= HEADER_LEN && answer[0] == (uint8_t)(server->id >> 8) &&
	    answer[1] == (uint8_t)server->id && (answer[2] & 0x80) != 0)
		server->state = DANCE_REACH_ANSWERED;
	else if (n == -1 && errno == ECONNREFUSED)
		server->state = DANCE_REACH_ANSWERED;
	if (server->state == DANCE_REACH_ANSWERED)
		server_close(server);
}

void
dance_reach_look(struct dance_reach *reach)
{
	size_t i;

	for (i = 0; i < reach->n; i++)
		server_look(&reach->list[i]);
}

/* Is the name the zone, or below it?  Both are in lower case. */
static bool
zone_has(const char *zone, const char *name)
{
	size_t zone_len = strlen(zone), len = strlen(name);

	return len >= zone_len && strcmp(name + len - zone_len, zone) == 0 &&
	    (len == zone_len || name[len - zone_len - 1] == '.');
}

/* The closest stub above the name, as libunbound chooses; NULL: none. */
static const char *
reach_zone(const struct dance_reach *reach, const char *owner)
{
	const char *zone, *closest = NULL;
	size_t i;

	for (i = 0; i < reach->n; i++) {
		zone = reach->list[i].zone;
		if (zone != NULL && zone_has(zone, owner) &&
		    (closest == NULL || strlen(zone) > strlen(closest)))
			closest = zone;
	}
	return closest;
}

enum dance_reach_state
dance_reach_state(const struct dance_reach *reach, size_t upstream,
    const char *owner, int *ret_error)
{
	const char *zone = reach_zone(reach, owner);
	const struct dance_reach_server *server;
	enum dance_reach_state state = DANCE_REACH_FAILED;
	size_t i;

	*ret_error = 0;
	for (i = 0; i < reach->n; i++) {
		server = &reach->list[i];
		if (zone != NULL
			? server->zone == NULL ||
			    strcmp(server->zone, zone) != 0
			: server->zone != NULL || server->upstream != upstream)
			continue;
		if (server->state > state)
			state = server->state;
		if (server->error != 0 && *ret_error == 0)
			*ret_error = server->error;
	}
	return state;
}

void
dance_reach_close(struct dance_reach *reach)
{
	size_t i;

	for (i = 0; i < reach->n; i++)
		server_close(&reach->list[i]);
}
