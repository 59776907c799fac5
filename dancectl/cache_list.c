/* SPDX-License-Identifier: ISC */
/*
 * dancectl cache list: what is kept, read in a worker that has no file but asks
 * for each entry, since whoever could write one chose every octet of it.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cache.h"
#include "clock.h"
#include "sandbox.h"
#include "worker_child.h"

struct list_job {
	const struct cache_call *call;
	const struct dance_cache_link *link; /* NULL without a folder */
	const bool *is_there;
	FILE *out;	 /* text, or */
	json_t *entries; /* of an object */
	size_t n_absent; /* asked for, and not there */
};

/* An entry and its octets; one for all names, since it is large. */
struct list_entry {
	struct dance_entry entry;
	uint8_t *data;
};

static enum cache_state
entry_state(const struct dance_entry *entry)
{
	if (entry->born == 0)
		return CACHE_FAULT;
	return entry->rrset.is_denied ? CACHE_DENIAL : CACHE_DATA;
}

/* What is kept of a name; the entry is to be cleared. */
static int
entry_fetch(struct list_job *job, const char *owner, struct list_entry *ret,
    enum cache_state *ret_state)
{
	bool is_busy;
	size_t len = 0;
	int r;

	ret->data = NULL;
	r = job->link->fetch(
	    job->link->arg, owner, false, &ret->data, &len, &is_busy);
	if (r != 0)
		return r;
	*ret_state = CACHE_FOREIGN;
	if (ret->data == NULL)
		return 0;
	r = dance_entry_read(
	    (struct dance_bytes){ ret->data, len }, owner, &ret->entry);
	*ret_state = r == 0 ? entry_state(&ret->entry) : CACHE_DAMAGED;
	return r == DANCE_ERR_FORMAT ? 0 : r;
}

static void
view_put(struct list_job *job, const struct cache_view *view)
{
	if (job->entries != NULL)
		json_array_append_new(job->entries, cache_view_json(view));
	else {
		fputc('\n', job->out);
		cache_view_text(view, job->out);
	}
}

static int
list_name(struct list_job *job, size_t i, struct list_entry *entry)
{
	const struct cache_call *call = job->call;
	struct cache_view view = { .config = call->config,
		.owner = call->names[i],
		.state = CACHE_NONE,
		.now = time(NULL) };
	int r = 0;

	memset(entry, 0, sizeof(*entry));
	if (job->is_there[i])
		r = entry_fetch(job, view.owner, entry, &view.state);
	else
		job->n_absent++;
	if (view.state < CACHE_DAMAGED)
		view.entry = &entry->entry;
	if (r == 0)
		view_put(job, &view);
	dance_entry_clear(&entry->entry);
	free(entry->data);
	return r;
}

static int
list_names(struct list_job *job)
{
	struct list_entry *entry;
	size_t i;
	int r = 0;

	if ((entry = calloc(1, sizeof(*entry))) == NULL)
		return DANCE_ERR_INTERNAL;
	for (i = 0; r == 0 && i < job->call->n_names; i++)
		r = list_name(job, i, entry);
	free(entry);
	return r;
}

/* A foreign name is shown, so that it can be looked at and taken away. */
static void
foreign_put(const struct cache_call *call, FILE *out)
{
	size_t i;

	if (call->n_names > 0 && (call->n_foreign > 0 || call->is_cut))
		fputc('\n', out);
	for (i = 0; i < call->n_foreign; i++)
		ctl_put_field(out, i == 0 ? "foreign" : "", call->foreign[i]);
	if (call->n_foreign > 0)
		ctl_put_field(out, "note",
		    "foreign files are not the cache's, and not used");
	if (call->is_cut)
		ctl_put_field(out, "note",
		    "the folder holds more than it may: these are not all");
}

static json_t *
object_make(const struct cache_call *call, json_t *entries, int verdict)
{
	const struct dance_config *config = call->config;
	json_t *foreign = json_array();
	size_t i;

	for (i = 0; i < call->n_foreign; i++)
		json_array_append_new(foreign, ctl_json_text(call->foreign[i]));
	return json_pack("{s:s?, s:o, s:o, s:o, s:o, s:b, s:o}", "folder",
	    config == NULL ? NULL : config->cache, "max_ttl",
	    config == NULL ? json_null() : json_integer(config->cache_max_ttl),
	    "offline",
	    config == NULL ? json_null() : json_integer(config->offline),
	    "entries", entries, "foreign", foreign, "complete",
	    verdict == 0 && !call->is_cut, "reason", ctl_json_reason(verdict));
}

void
cache_list_fault(
    struct cache_call *call, int verdict, const struct dance_fault *fault)
{
	cache_put_fault(
	    call, object_make(call, json_array(), verdict), verdict, fault);
}

/* A name that is not kept is a plain no. */
static int
list_write(struct list_job *job)
{
	const struct cache_call *call = job->call;
	int r;

	if (call->ctl->is_json)
		job->entries = json_array();
	else if ((job->out = ctl_page_open(call->page)) != NULL)
		cache_put_head(call, job->out);
	if (job->entries == NULL && job->out == NULL)
		return DANCE_ERR_INTERNAL;
	if ((r = list_names(job)) != 0)
		return r;
	if (job->n_absent > 0 || call->config->cache_max_ttl == 0)
		r = DANCE_ERR_NO_TLSA;
	if (job->entries != NULL) {
		ctl_page_json(
		    call->page, object_make(call, job->entries, 0), r);
		return r;
	}
	if (call->n_names == 0)
		ctl_put_field(job->out, "note", "nothing is kept");
	foreign_put(call, job->out);
	ctl_page_close(call->page, job->out, r);
	return r;
}

static void
list_run(void *arg, struct dance_result *ret, char **ret_line)
{
	struct list_job *job = arg;
	int r;

	(void)ret_line;
	r = dance_sandbox_enter(CACHE_MS / 1000, false, &ret->fault);
	ret->verdict = r == 0 ? list_write(job) : r;
	/* The process ends here. */
}

static void
list_work(
    struct cache_call *call, const bool *is_there, struct dance_result *ret)
{
	struct list_job job = { .call = call,
		.link = dance_worker_cache(&call->store),
		.is_there = is_there };
	struct dance_work work = { .job = list_run,
		.arg = &job,
		.deadline_ms = dance_now_ms() + CACHE_MS,
		.store = &call->store };
	char *line;

	dance_worker_run(&work, ret, &line);
	free(line);
}

int
cache_list(struct cache_call *call)
{
	bool *is_there = calloc(call->n_names + 1, sizeof(*is_there));
	struct dance_result result;
	size_t i;

	if (is_there == NULL)
		ctl_fail("out of memory");
	for (i = 0; i < call->n_names; i++)
		is_there[i] = dance_store_has(&call->store, call->names[i]);
	list_work(call, is_there, &result);
	free(is_there);
	/* It took too long, but nobody has asked the DNS. */
	if (result.verdict == DANCE_ERR_DNS_FAILURE)
		result.verdict = DANCE_ERR_INTERNAL;
	if (!ctl_page_shows(call->page, result.verdict))
		cache_list_fault(call, result.verdict, &result.fault);
	return result.verdict;
}
