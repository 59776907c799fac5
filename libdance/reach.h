/* SPDX-License-Identifier: ISC */
/*
 * Can this process reach its servers at all?  libunbound tells a query that it
 * could not send as one that nobody answered.  So where a name stays unknown,
 * a small query (NS of the root) goes to each server by a socket of our own,
 * whose errors say what fails on this host: the network, the rights to it, or
 * the limits of the caller.
 */
#ifndef DANCE_REACH_H
#define DANCE_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

/* One for each resolver and stub, and two for the root. */
#define DANCE_REACH_MAX (DANCE_UPSTREAMS_MAX + DANCE_STUBS_MAX + 2)

enum dance_reach_state {
	DANCE_REACH_FAILED,   /* nothing could be sent: error says why */
	DANCE_REACH_SENT,     /* the kernel has taken it */
	DANCE_REACH_ANSWERED, /* the server has, or its host for it */
};

struct dance_reach_server {
	const char *address; /* borrowed from the configuration, or static */
	const char *zone;    /* of a stub; NULL for all that no stub has */
	size_t upstream;     /* which resolver; of a stub any */
	enum dance_reach_state state;
	int error; /* of errno */
	int fd;	   /* -1 when nothing more can come */
	uint16_t id;
};

struct dance_reach {
	struct dance_reach_server list[DANCE_REACH_MAX];
	size_t n; /* 0 until it is opened */
};

/* Send a query to every server of the configuration.  Never blocks. */
void dance_reach_open(
    struct dance_reach *reach, const struct dance_config *config);

/* Take what has come.  Never blocks. */
void dance_reach_look(struct dance_reach *reach);

/*
 * The best state among the servers that an upstream would ask for the owner
 * name: one that can be reached is enough.  If all have failed *ret_error is
 * the errno of the first.
 */
enum dance_reach_state dance_reach_state(const struct dance_reach *reach,
    size_t upstream, const char *owner, int *ret_error);

/* Close the sockets; the states stay.  Takes one that was never opened. */
void dance_reach_close(struct dance_reach *reach);

#endif
