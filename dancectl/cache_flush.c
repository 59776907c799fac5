/* SPDX-License-Identifier: ISC */
/*
 * dancectl cache flush: entries go, and none of them is read.  A login that is
 * asking for a name right now is waited for; the answer to a question that left
 * before is not kept, however late it comes.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "cache.h"
#include "clock.h"

#define WAIT_MS	 10
#define GRACE_MS 500 /* beyond a decision's timeout */

struct flush {
	struct cache_call *call;
	size_t n_gone;
	json_t *gone; /* of names, as are the next two */
	json_t *absent;
	json_t *failed;
};

static void
name_append(json_t *names, const char *owner)
{
	if (json_array_append_new(names, ctl_json_text(owner)) != 0)
		ctl_fail("out of memory");
}

static void
flush_name(struct flush *flush, const char *owner)
{
	struct dance_store *store = &flush->call->store;
	int64_t deadline_ms =
	    dance_now_ms() + flush->call->config->timeout_ms + GRACE_MS;

	if (!dance_store_has(store, owner)) {
		(void)dance_store_forget(store, owner);
		name_append(flush->absent, owner);
		return;
	}
	while (!dance_store_lock(store, owner) && dance_now_ms() < deadline_ms)
		(void)poll(NULL, 0, WAIT_MS);
	if (dance_store_forget(store, owner) == 0) {
		name_append(flush->gone, owner);
		flush->n_gone++;
	} else
		name_append(flush->failed, owner);
	dance_store_unlock(store, owner);
}

/* Of a folder that holds more than it may, a part at a time. */
static int
flush_all(struct flush *flush, struct dance_fault *fault)
{
	struct cache_call *call = flush->call;
	size_t i, before;
	int r;

	do {
		before = flush->n_gone;
		json_array_clear(flush->failed);
		for (i = 0; i < call->n_names; i++)
			flush_name(flush, call->names[i]);
		if (!call->is_cut)
			return 0;
		if ((r = cache_find_all(call, fault)) != 0)
			return r;
	} while (flush->n_gone > before);
	return 0;
}

static json_t *
object_make(
    const struct cache_call *call, const struct flush *flush, int verdict)
{
	return json_pack("{s:s?, s:o, s:o, s:o, s:o}", "folder",
	    call->config == NULL ? NULL : call->config->cache, "flushed",
	    flush == NULL ? json_array() : json_incref(flush->gone), "absent",
	    flush == NULL ? json_array() : json_incref(flush->absent), "failed",
	    flush == NULL ? json_array() : json_incref(flush->failed), "reason",
	    ctl_json_reason(verdict));
}

void
cache_flush_fault(
    struct cache_call *call, int verdict, const struct dance_fault *fault)
{
	cache_put_fault(call, object_make(call, NULL, verdict), verdict, fault);
}

static void
names_put(FILE *out, const char *field, const json_t *names)
{
	size_t i;

	for (i = 0; i < json_array_size(names); i++)
		ctl_put_field(out, i == 0 ? field : "",
		    json_string_value(json_array_get(names, i)));
}

static void
text_write(const struct flush *flush, FILE *out)
{
	char text[64];

	cache_put_head(flush->call, out);
	(void)snprintf(text, sizeof(text), "%zu entr%s", flush->n_gone,
	    flush->n_gone == 1 ? "y" : "ies");
	ctl_put_field(out, "flushed", text);
	if (flush->call->is_asked)
		names_put(out, "", flush->gone);
	if (flush->call->is_asked)
		names_put(out, "not kept", flush->absent);
	names_put(out, "failed", flush->failed);
	if (json_array_size(flush->failed) > 0)
		ctl_put_field(out, "note",
		    "what failed is no file, or can't be taken away");
}

static int
page_write(struct flush *flush)
{
	int r = json_array_size(flush->failed) == 0 ? 0 : DANCE_ERR_CONFIG;
	struct cache_call *call = flush->call;
	struct dance_fault fault = { "not all of it can be taken away" };
	json_t *object;
	FILE *out;

	if (call->ctl->is_json) {
		object = object_make(call, flush, r);
		ctl_json_detail(object, r, &fault);
		ctl_page_json(call->page, object, r);
	} else if ((out = ctl_page_open(call->page)) != NULL) {
		text_write(flush, out);
		ctl_page_close(call->page, out, r);
	}
	return r;
}

int
cache_flush(struct cache_call *call)
{
	struct flush flush = { .call = call,
		.gone = json_array(),
		.absent = json_array(),
		.failed = json_array() };
	struct dance_fault fault = { "" };
	int r;

	if (flush.gone == NULL || flush.absent == NULL || flush.failed == NULL)
		ctl_fail("out of memory");
	if ((r = flush_all(&flush, &fault)) == 0)
		r = page_write(&flush);
	else
		cache_flush_fault(call, r, &fault);
	json_decref(flush.gone);
	json_decref(flush.absent);
	json_decref(flush.failed);
	return r;
}
