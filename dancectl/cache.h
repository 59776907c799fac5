/* SPDX-License-Identifier: ISC */
/*
 * What dancectl cache shows of an entry: cache_list.c reads them, in a worker,
 * cache_show.c puts them into words and JSON.
 */
#ifndef CACHE_H
#define CACHE_H

#include <jansson.h>
#include <stdio.h>

#include "cache_entry.h"
#include "cache_store.h"
#include "config.h"
#include "dancectl.h"
#include "output.h"

/* Milliseconds for reading all entries. */
#define CACHE_MS 20000

enum cache_state {
	CACHE_DATA,
	CACHE_DENIAL,
	CACHE_FAULT,   /* that alone */
	CACHE_DAMAGED, /* no entry of this name */
	CACHE_FOREIGN, /* no file of _dance's alone, or too large */
	CACHE_NONE,
};

/* One call.  The folder is open, unless there is none and need not be one. */
struct cache_call {
	struct ctl *ctl;
	struct ctl_page *page;
	const struct dance_config *config; /* NULL: see the fault */
	struct dance_store store;
	char **names; /* owner names, sorted, each once, malloced */
	size_t n_names;
	bool is_asked;	/* they are those of the call, else of the folder */
	bool is_cut;	/* the folder has more */
	char **foreign; /* files that are no entries, malloced */
	size_t n_foreign;
};

/* Put the names of all entries into the call; 0, or a reason with a fault. */
int cache_find_all(struct cache_call *call, struct dance_fault *fault);

/*
 * What a command does, into its page.  Returns 0, another reason that is no
 * fault for a plain no, or a fault, with the page of cache_fault below.
 */
int cache_list(struct cache_call *call);
int cache_flush(struct cache_call *call);

/* Their pages where nothing could be done. */
void cache_list_fault(
    struct cache_call *call, int verdict, const struct dance_fault *fault);
void cache_flush_fault(
    struct cache_call *call, int verdict, const struct dance_fault *fault);

/* The first lines of text: the folder, and that there is no cache. */
void cache_put_head(const struct cache_call *call, FILE *out);

/* A page that is a fault alone; object is the one of the command's JSON. */
void cache_put_fault(struct cache_call *call, json_t *object, int verdict,
    const struct dance_fault *fault);

/* One entry, at a time; entry is NULL where the state says so. */
struct cache_view {
	const struct dance_config *config;
	const char *owner;
	enum cache_state state;
	const struct dance_entry *entry;
	int64_t now;
};

void cache_view_text(const struct cache_view *view, FILE *out);
json_t *cache_view_json(const struct cache_view *view);

#endif
