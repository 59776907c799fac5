/* SPDX-License-Identifier: ISC */
/*
 * dancectl cache: what is kept of DNS, and an end to it.  The folder is
 * _dance's alone, and so is who looks into it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "file.h"

struct cache_command {
	const char *name;
	int (*run)(struct cache_call *call);
	void (*fault)(struct cache_call *call, int verdict,
	    const struct dance_fault *fault);
};

static const struct cache_command commands[] = {
	{ "list", cache_list, cache_list_fault },
	{ "flush", cache_flush, cache_flush_fault },
};

static const struct cache_command *
command_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int
name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Each once. */
static void
names_sort(char **names, size_t *n)
{
	size_t i, left = 0;

	if (*n > 0)
		qsort(names, *n, sizeof(*names), name_compare);
	for (i = 0; i < *n; i++)
		if (left > 0 && strcmp(names[left - 1], names[i]) == 0)
			free(names[i]);
		else
			names[left++] = names[i];
	*n = left;
}

int
cache_find_all(struct cache_call *call, struct dance_fault *fault)
{
	int r;

	dance_file_names_free(&call->names, call->n_names);
	dance_file_names_free(&call->foreign, call->n_foreign);
	call->n_names = call->n_foreign = 0;
	if ((r = dance_store_list(
		 &call->store, &call->names, &call->n_names)) == 0)
		r = dance_store_list_foreign(
		    &call->store, &call->foreign, &call->n_foreign);
	if (r != 0) {
		dance_fault_set(fault, "%s: %s", call->config->cache,
		    r == DANCE_ERR_CONFIG ? "can't be read" : "out of memory");
		return r;
	}
	call->is_cut = call->n_names == DANCE_STORE_LIST_MAX ||
	    call->n_foreign == DANCE_STORE_LIST_MAX;
	names_sort(call->names, &call->n_names);
	names_sort(call->foreign, &call->n_foreign);
	return 0;
}

static void
names_take(struct cache_call *call, int argc, char *argv[])
{
	struct dance_identity identity;
	int i;

	call->is_asked = argc > 0;
	if ((call->names = calloc((size_t)argc + 1, sizeof(char *))) == NULL)
		ctl_fail("out of memory");
	for (i = 0; i < argc; i++) {
		ctl_owner(call->ctl, argv[i], &identity);
		call->names[i] = ctl_join("", 0, identity.owner);
	}
	call->n_names = (size_t)argc;
	names_sort(call->names, &call->n_names);
}

static const struct cache_command *
call_read(struct cache_call *call, int argc, char *argv[])
{
	static const struct option options[] = { CTL_OPTIONS };
	const struct cache_command *command;

	(void)ctl_getopt(call->ctl, argc, argv, options);
	argc -= optind;
	argv += optind;
	if (argc == 0)
		ctl_usage(call->ctl, "cache: an argument is missing");
	if ((command = command_find(argv[0])) == NULL)
		ctl_usage(call->ctl, "%s: not list or flush", argv[0]);
	names_take(call, argc - 1, argv + 1);
	return command;
}

/* Where there is to be no cache, its folder may be missing. */
static int
folder_open(struct cache_call *call, bool is_root, struct dance_fault *fault)
{
	struct dance_fault cause = { "" };
	int r;

	r = dance_store_open_unused(call->config, &call->store, &cause);
	if (r == DANCE_ERR_CONFIG && call->config->cache_max_ttl == 0)
		return 0;
	if (r != 0)
		dance_fault_set(fault, "%.300s; it is _dance's alone: %s",
		    cause.text,
		    is_root ? "run dancectl doctor" : "run this as root");
	return r;
}

void
cache_put_head(const struct cache_call *call, FILE *out)
{
	ctl_put_field(out, "folder", call->config->cache);
	if (call->config->cache_max_ttl == 0)
		ctl_put_field(
		    out, "note", "there is no cache: cache-max-ttl is 0s");
}

void
cache_put_fault(struct cache_call *call, json_t *object, int verdict,
    const struct dance_fault *fault)
{
	FILE *out;

	if (call->ctl->is_json) {
		ctl_json_detail(object, verdict, fault);
		ctl_page_json(call->page, object, verdict);
		return;
	}
	json_decref(object);
	if ((out = ctl_page_open(call->page)) == NULL)
		return;
	ctl_put_verdict(call->ctl, out, verdict, fault);
	ctl_page_close(call->page, out, verdict);
}

int
ctl_cache(struct ctl *ctl, int argc, char *argv[])
{
	struct cache_call call = { .ctl = ctl,
		.store = { .folder = -1, .lock = -1 } };
	const struct cache_command *command = call_read(&call, argc, argv);
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };
	bool is_root = geteuid() == 0;
	int r;

	ctl_drop_root(ctl);
	call.page = ctl_page_new();
	if ((r = dance_config_load(ctl->root, &config, &fault)) == 0) {
		call.config = config;
		r = folder_open(&call, is_root, &fault);
	}
	if (r == 0 && !call.is_asked && call.store.folder != -1)
		r = cache_find_all(&call, &fault);
	if (r == 0)
		r = command->run(&call);
	else
		command->fault(&call, r, &fault);
	ctl_page_print(ctl, call.page);
	ctl_page_free(&call.page);
	dance_file_names_free(&call.names, call.n_names);
	dance_file_names_free(&call.foreign, call.n_foreign);
	dance_store_close(&call.store);
	dance_config_free(&config);
	return ctl_status(r);
}
