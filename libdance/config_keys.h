/* SPDX-License-Identifier: ISC */
/*
 * The keys of dance.conf: how each value is read.  Private to config.c.
 */
#ifndef DANCE_CONFIG_KEYS_H
#define DANCE_CONFIG_KEYS_H

#include <stdbool.h>

struct dance_config;

struct dance_config_key {
	const char *name;
	bool is_repeated;
	/* 0, or DANCE_ERR_FORMAT for a bad value, DANCE_ERR_INTERNAL */
	int (*set)(struct dance_config *config, const char *value);
	const char *wanted; /* what a good value looks like */
};

/* Ends with a row whose name is NULL. */
extern const struct dance_config_key dance_config_keys[];

/* An upstream server more: "ADDRESS" or "ADDRESS@PORT".  As set() above. */
int dance_config_add_upstream(struct dance_config *config, const char *text);

#endif
