/* SPDX-License-Identifier: ISC */
/*
 * What the tests of the cache's folder share: one in a tree of its own, opened
 * as a store.  Included once.
 */
#ifndef STOREBENCH_H
#define STOREBENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cache_store.h"
#include "tree.h"

static char root[TREE_MAX];
static struct dance_config config;
static struct dance_store store;
static struct dance_fault fault;
static unsigned fds;

/* An answer to a question that left just now. */
static inline struct dance_keeping
keeping_of(const char *text, unsigned seconds, bool is_data)
{
	struct dance_keeping keeping = { .data = { (const uint8_t *)text,
					     strlen(text) },
		.seconds = seconds,
		.is_data = is_data };

	dance_moment_now(&keeping.asked);
	return keeping;
}

static inline int
setup(void **state)
{
	static char folder[] = "/cache";

	(void)state;
	fds = tree_count_fds();
	tree_make(root);
	tree_mkdir(root, "/cache");
	tree_chmod(root, "/cache", 0700);
	memset(&config, 0, sizeof(config));
	config.root = root;
	config.cache = folder;
	config.cache_max_ttl = 300;
	return dance_store_open(&config, &store, &fault);
}

static inline int
teardown(void **state)
{
	(void)state;
	dance_store_close(&store);
	tree_remove(root);
	assert_int_equal(tree_count_fds(), fds);
	assert_int_equal(tree_count_children(), 0);
	return 0;
}

#endif
