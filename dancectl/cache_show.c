/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "instant.h"
#include "output.h"

#define SPAN_MAX 48
#define TEXT_MAX 384

static const char *const state_names[] = {
	[CACHE_DATA] = "data",
	[CACHE_DENIAL] = "denial",
	[CACHE_FAULT] = "fault",
	[CACHE_DAMAGED] = "damaged",
	[CACHE_FOREIGN] = "foreign",
	[CACHE_NONE] = "none",
};

/* The two largest units of it: "2d 3h", "48s". */
static void
span_format(int64_t seconds, char ret[SPAN_MAX])
{
	static const struct {
		int64_t seconds;
		char name;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	int64_t first, second;
	size_t i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	first = seconds / units[i].seconds;
	second = i == 3 ? 0 : seconds % units[i].seconds / units[i + 1].seconds;
	if (second == 0)
		(void)snprintf(
		    ret, SPAN_MAX, "%lld%c", (long long)first, units[i].name);
	else
		(void)snprintf(ret, SPAN_MAX, "%lld%c %lld%c", (long long)first,
		    units[i].name, (long long)second, units[i + 1].name);
}

/* "4m 12s, until 2026-01-31T12:00:00Z" */
static void
until_format(int64_t now, int64_t end, char *ret, size_t size)
{
	char span[SPAN_MAX], instant[INSTANT_MAX];

	span_format(end - now, span);
	instant_format((time_t)end, instant);
	(void)snprintf(ret, size, "%s, until %s", span, instant);
}

static void
put_state(const struct cache_view *view, FILE *out)
{
	char text[TEXT_MAX] = "";
	size_t n = view->entry == NULL ? 0 : view->entry->rrset.n_records;

	switch (view->state) {
	case CACHE_DATA:
		(void)snprintf(text, sizeof(text), "data, %zu record%s", n,
		    n == 1 ? "" : "s");
		break;
	case CACHE_DENIAL:
		(void)snprintf(
		    text, sizeof(text), "denial: there is no TLSA record");
		break;
	case CACHE_FAULT:
		(void)snprintf(
		    text, sizeof(text), "fault: nobody has answered");
		break;
	case CACHE_DAMAGED:
		(void)snprintf(text, sizeof(text),
		    "damaged: not the whole entry of this name, so it is not "
		    "used");
		break;
	case CACHE_FOREIGN:
		(void)snprintf(text, sizeof(text),
		    "foreign: not a file of _dance's alone, or too large, so "
		    "it is not used");
		break;
	case CACHE_NONE:
		(void)snprintf(text, sizeof(text), "none: nothing is kept");
		break;
	}
	ctl_put_field(out, "state", text);
}

static void
put_fresh(const struct cache_view *view, FILE *out)
{
	int64_t end =
	    dance_entry_fresh_end(view->entry, view->config->cache_max_ttl);
	char text[TEXT_MAX], span[SPAN_MAX];

	if (view->config->cache_max_ttl == 0)
		(void)snprintf(text, sizeof(text), "no");
	else if (view->now < view->entry->born)
		(void)snprintf(
		    text, sizeof(text), "no: the clock is behind its birth");
	else if (view->now < end)
		until_format(view->now, end, text, sizeof(text));
	else {
		span_format(view->now - end, span);
		(void)snprintf(text, sizeof(text), "no: stale for %s", span);
	}
	ctl_put_field(out, "fresh", text);
}

static void
put_age(const struct cache_view *view, FILE *out)
{
	int64_t age = view->now - view->entry->born;
	char text[TEXT_MAX], span[SPAN_MAX], instant[INSTANT_MAX];

	instant_format((time_t)view->entry->born, instant);
	span_format(age < 0 ? -age : age, span);
	(void)snprintf(text, sizeof(text), "%s%s, from %s",
	    age < 0 ? "in the future by " : "", span, instant);
	ctl_put_field(out, "age", text);
}

/* When it can no longer be used where nobody answers; 0: it can't be. */
static int64_t
offline_end(const struct cache_view *view)
{
	const struct dance_config *config = view->config;
	int64_t end = dance_entry_provable_end(view->entry, config->offline);

	return config->cache_max_ttl > 0 && view->now >= view->entry->born ? end
									   : 0;
}

static void
put_offline(const struct cache_view *view, FILE *out)
{
	int64_t end = offline_end(view);
	char text[TEXT_MAX];

	if (view->config->offline == 0 || view->config->cache_max_ttl == 0 ||
	    view->now < view->entry->born)
		(void)snprintf(text, sizeof(text), "no");
	else if (view->state == CACHE_DENIAL)
		(void)snprintf(text, sizeof(text), "no: it is a denial");
	else if (end == 0)
		(void)snprintf(text, sizeof(text), "no: it can't be proved");
	else if (view->now < end)
		until_format(view->now, end, text, sizeof(text));
	else
		(void)snprintf(text, sizeof(text),
		    "no: too old, or a signature has ended");
	ctl_put_field(out, "offline", text);
}

static bool
is_answer(const struct cache_view *view)
{
	return view->state == CACHE_DATA || view->state == CACHE_DENIAL;
}

void
cache_view_text(const struct cache_view *view, FILE *out)
{
	ctl_put_field(out, "owner", view->owner);
	put_state(view, out);
	if (is_answer(view)) {
		if (view->entry->rrset.is_too_large)
			ctl_put_field(out, "note",
			    "more than 64 records or 64 kB: none counts");
		put_fresh(view, out);
		put_age(view, out);
		put_offline(view, out);
	}
	if (view->entry != NULL && view->entry->fault_until != 0)
		ctl_put_field(out,
		    dance_entry_is_failing(view->entry, view->now)
			? "fault"
			: "last fault",
		    view->entry->why);
}

static json_t *
instant_json(int64_t when)
{
	char instant[INSTANT_MAX] = "";

	if (when != 0)
		instant_format((time_t)when, instant);
	return ctl_json_text(instant);
}

json_t *
cache_view_json(const struct cache_view *view)
{
	const struct dance_entry *entry = view->entry;
	unsigned max_ttl = view->config->cache_max_ttl;
	bool has = is_answer(view), is_fresh;

	is_fresh = has && dance_entry_is_fresh(entry, view->now, max_ttl);
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}",
	    "owner", view->owner, "state", state_names[view->state], "records",
	    has ? json_integer((json_int_t)entry->rrset.n_records)
		: json_null(),
	    "born", instant_json(has ? entry->born : 0), "age",
	    has ? json_integer(view->now - entry->born) : json_null(), "fresh",
	    is_fresh, "fresh_until",
	    instant_json(has ? dance_entry_fresh_end(entry, max_ttl) : 0),
	    "offline_until", instant_json(has ? offline_end(view) : 0),
	    "fault_until", instant_json(entry == NULL ? 0 : entry->fault_until),
	    "why", ctl_json_text(entry == NULL ? NULL : entry->why));
}
