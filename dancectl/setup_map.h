/* SPDX-License-Identifier: ISC */
/*
 * What setup has to know of the lines that provision accounts.
 */
#ifndef SETUP_MAP_H
#define SETUP_MAP_H

#include "setup.h"

struct setup_map {
	bool provisions; /* a line does */
	bool needs_salt; /* one with "*" or "%u", by names alone */
	bool has_salt;	 /* dance.conf */
};

/*
 * Read map and dance.conf; one that is not there says nothing.  Returns an exit
 * code.
 */
int setup_map_read(struct setup *setup, struct setup_map *ret);

/* Plan a salt in dance.conf where lines need one.  Returns an exit code. */
int setup_salt_plan(struct setup *setup);

#endif
