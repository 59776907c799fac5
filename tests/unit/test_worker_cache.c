/* SPDX-License-Identifier: ISC */
/*
 * A worker that asks for what is kept: it reaches the folder by names and
 * octets alone, and one that is taken over gains nothing more.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache_entry.h"
#include "sandbox.h"
#include "storebench.h"
#include "worker_child.h"
#include "worker_wire.h"

#define N(a)   (sizeof(a) / sizeof((a)[0]))
#define OWNER  "laptop._device.example.com"
#define LATE_S 1000

/* Does the parent take notes of failures from its worker? */
static bool takes_notes = true;

/* The verdict of a job that has ms milliseconds; with our store or none. */
static int
run_for(int64_t ms, dance_job *job, void *arg, bool has_store)
{
	struct dance_work work = { .job = job,
		.arg = arg,
		.deadline_ms = dance_now_ms() + ms,
		.store = has_store ? &store : NULL,
		.takes_notes = takes_notes };
	struct dance_result result;
	char *line;

	dance_worker_run(&work, &result, &line);
	free(line);
	return result.verdict;
}

static int
run(dance_job *job, void *arg)
{
	return run_for(10000, job, arg, true);
}

/* The octets kept of a name, as a text; NULL for none. */
static char *
text_of(const char *owner)
{
	uint8_t *data;
	size_t len;
	char *text;

	if (dance_store_read(&store, owner, DANCE_ENTRY_MAX, &data, &len) != 0)
		return NULL;
	text = strndup((char *)data, len);
	free(data);
	return text;
}

static bool
kept(const char *owner, const char *want)
{
	char *text = text_of(owner);
	bool is_same = want == NULL ? text == NULL
				    : text != NULL && strcmp(text, want) == 0;

	free(text);
	return is_same;
}

static int
fetch(const char *owner, bool wants_lock, char **ret, bool *ret_is_busy)
{
	const struct dance_cache_link *link = dance_worker_cache(&store);
	uint8_t *data = NULL;
	size_t len = 0;
	int r;

	if (link == NULL)
		return DANCE_ERR_INTERNAL;
	r = link->fetch(link->arg, owner, wants_lock, &data, &len, ret_is_busy);
	*ret = r == 0 && data != NULL ? strndup((char *)data, len) : NULL;
	free(data);
	return r;
}

static int
settle(const char *owner, const char *text)
{
	const struct dance_cache_link *link = dance_worker_cache(&store);
	struct dance_keeping keeping;

	if (link == NULL)
		return DANCE_ERR_INTERNAL;
	if (text == NULL)
		return link->settle(link->arg, owner, NULL);
	keeping = keeping_of(text, 60, true);
	return link->settle(link->arg, owner, &keeping);
}

/* Behind the walls: what there was is seen, and another takes its place. */
static void
job_exchange(void *arg, struct dance_result *ret, char **ret_line)
{
	bool is_busy = true;
	char *text;

	(void)arg;
	(void)ret_line;
	if (dance_sandbox_enter(10, false, &ret->fault) != 0 ||
	    fetch(OWNER, false, &text, &is_busy) != 0 || text == NULL ||
	    strcmp(text, "old") != 0 || is_busy ||
	    fetch("none.example.com", true, &text, &is_busy) != 0 ||
	    text != NULL || is_busy || settle(OWNER, "new") != 0 ||
	    settle("gone.example.com", "") != 0)
		return;
	ret->verdict = 0;
}

static void
a_worker_reads_and_writes(void **state)
{
	const struct dance_keeping old = keeping_of("old", 60, true);

	(void)state;
	assert_int_equal(dance_store_write(&store, OWNER, &old), 0);
	assert_int_equal(
	    dance_store_write(&store, "gone.example.com", &old), 0);
	assert_int_equal(run(job_exchange, NULL), 0);
	assert_true(kept(OWNER, "new"));
	assert_true(kept("gone.example.com", NULL));
}

/* A large entry, both ways: more than a pipe holds. */
static void
job_large(void *arg, struct dance_result *ret, char **ret_line)
{
	char *text, *large = calloc(1, DANCE_ENTRY_MAX + 1);
	bool is_busy;

	(void)arg;
	(void)ret_line;
	if (large == NULL)
		return;
	memset(large, 'x', DANCE_ENTRY_MAX);
	if (settle(OWNER, large) == 0 &&
	    fetch(OWNER, false, &text, &is_busy) == 0 && text != NULL &&
	    strcmp(text, large) == 0)
		ret->verdict = 0;
}

static void
large_entries_pass(void **state)
{
	(void)state;
	assert_int_equal(run(job_large, NULL), 0);
}

static void
job_lock(void *arg, struct dance_result *ret, char **ret_line)
{
	const bool *wants_busy = arg;
	bool is_busy;
	char *text;

	(void)ret_line;
	if (fetch(OWNER, true, &text, &is_busy) == 0 && is_busy == *wants_busy)
		ret->verdict = 0;
}

static void
a_lock_ends_with_the_worker(void **state)
{
	struct dance_store other;
	bool wants_busy = true;

	(void)state;
	assert_int_equal(dance_store_open(&config, &other, NULL), 0);
	assert_true(dance_store_lock(&other, OWNER));
	assert_int_equal(run(job_lock, &wants_busy), 0);
	dance_store_unlock(&other, OWNER);
	wants_busy = false;
	assert_int_equal(run(job_lock, &wants_busy), 0);
	assert_true(dance_store_lock(&other, OWNER));
	dance_store_close(&other);
}

static void
job_message(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct dance_message *message = arg;
	static const char zeros[4096];
	size_t left = message->len, n;

	(void)ret_line;
	if (dance_pipe_write(DANCE_WORKER_FD, message, sizeof(*message),
		dance_now_ms() + 1000) != 0)
		return;
	for (; left > 0 && left <= DANCE_ENTRY_MAX; left -= n) {
		n = left < sizeof(zeros) ? left : sizeof(zeros);
		if (dance_pipe_write(
			DANCE_WORKER_FD, zeros, n, dance_now_ms() + 1000) != 0)
			return;
	}
	ret->verdict = 0;
}

/* A message about a name; what it says besides is the test's. */
static struct dance_message *
message_about(const char *owner, enum dance_message_kind kind)
{
	static struct dance_message message;

	memset(&message, 0, sizeof(message));
	message.kind = kind;
	dance_moment_now(&message.asked);
	memcpy(message.owner, owner, strlen(owner));
	return &message;
}

static void
odd_messages_end_it(void **state)
{
	struct dance_message *message;

	(void)state;
	/* A good one, for comparison. */
	message = message_about(OWNER, DANCE_MESSAGE_SETTLE);
	assert_int_equal(run(job_message, message), 0);
	/* There is no store. */
	assert_int_equal(
	    run_for(10000, job_message, message, false), DANCE_ERR_INTERNAL);
	message = message_about(OWNER, DANCE_MESSAGE_FETCH);
	assert_int_equal(run(job_message, message), 0);
	assert_int_equal(
	    run_for(10000, job_message, message, false), DANCE_ERR_INTERNAL);
	/* A name that does not end. */
	memset(message->owner, 'a', sizeof(message->owner));
	assert_int_equal(run(job_message, message), DANCE_ERR_INTERNAL);
	/* Kinds that there are not. */
	message = message_about(OWNER, (enum dance_message_kind)4);
	assert_int_equal(run(job_message, message), DANCE_ERR_INTERNAL);
	message->kind = UINT32_MAX;
	assert_int_equal(run(job_message, message), DANCE_ERR_INTERNAL);
	/* More than an entry. */
	message = message_about(OWNER, DANCE_MESSAGE_SETTLE);
	message->flags = DANCE_SETTLE_KEEPS | DANCE_SETTLE_DATA;
	message->len = DANCE_ENTRY_MAX + 1;
	assert_int_equal(run(job_message, message), DANCE_ERR_INTERNAL);
	message->len = UINT32_MAX;
	assert_int_equal(run(job_message, message), DANCE_ERR_INTERNAL);
	assert_true(kept(OWNER, NULL));
	message->len = DANCE_ENTRY_MAX;
	assert_int_equal(run(job_message, message), 0);
	assert_false(kept(OWNER, NULL));
}

/* Names that lead out of the folder, or to other files in it. */
static void
names_lead_nowhere_else(void **state)
{
	static const char *const names[] = { "../other", "../x.example",
		"offers", ".lock", "/etc/passwd", "a/b.example", "" };
	struct dance_message *message;
	size_t i;

	(void)state;
	tree_write(root, "/x.example", "outside");
	tree_write(root, "/cache/offers", "marks");
	for (i = 0; i < N(names); i++) {
		message = message_about(names[i], DANCE_MESSAGE_SETTLE);
		message->flags = DANCE_SETTLE_KEEPS | DANCE_SETTLE_DATA;
		message->len = 1;
		assert_int_equal(run(job_message, message), 0);
		/* Nor is anything taken away. */
		message->len = 0;
		assert_int_equal(run(job_message, message), 0);
		message->kind = DANCE_MESSAGE_FETCH;
		assert_int_equal(run(job_message, message), 0);
	}
	assert_int_equal(tree_count_files(root, "/cache"), 1);
	/* The folder and the file beside it. */
	assert_int_equal(tree_count_files(root, ""), 2);
}

/* It writes without end: the folder is not filled by one worker. */
static void
job_flood(void *arg, struct dance_result *ret, char **ret_line)
{
	char name[32];
	unsigned i;

	(void)arg;
	(void)ret_line;
	for (i = 0; i < 700; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		if (settle(name, "x") != 0)
			return;
	}
	ret->verdict = 0;
}

static void
one_worker_writes_so_many(void **state)
{
	(void)state;
	assert_int_equal(run(job_flood, NULL), 0);
	assert_int_equal(tree_count_files(root, "/cache"), 512);
}

/*
 * A process that a user has started tells nobody that the DNS has failed,
 * whatever its worker says.
 */
static void
a_note_is_for_sshds_helper_alone(void **state)
{
	struct dance_message *message =
	    message_about(OWNER, DANCE_MESSAGE_SETTLE);

	(void)state;
	message->flags = DANCE_SETTLE_KEEPS | DANCE_SETTLE_NOTE;
	message->seconds = 60;
	message->len = 3;
	takes_notes = false;
	assert_int_equal(run(job_message, message), 0);
	assert_true(kept(OWNER, NULL));
	assert_int_equal(tree_count_files(root, "/cache"), 0);
	takes_notes = true;
	assert_int_equal(run(job_message, message), 0);
	assert_int_equal(tree_count_files(root, "/cache"), 1);
}

/* What took the place of what is kept has no room: that goes all the same. */
static void
what_cannot_be_kept_replaces_it(void **state)
{
	const struct dance_keeping old = keeping_of("old", 60, true);
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct dance_message *message =
	    message_about(OWNER, DANCE_MESSAGE_SETTLE);
	struct rlimit limit, full;

	(void)state;
	message->flags = DANCE_SETTLE_KEEPS;
	message->len = 3;
	assert_int_equal(dance_store_write(&store, OWNER, &old), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(sigaction(SIGXFSZ, &ignore, &before), 0);
	full = (struct rlimit){ 1, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	/* A fault beside it takes nothing away. */
	message->flags |= DANCE_SETTLE_NOTE;
	assert_int_equal(run(job_message, message), 0);
	assert_true(kept(OWNER, "old"));
	message->flags &= ~(uint32_t)DANCE_SETTLE_NOTE;
	dance_moment_now(&message->asked);
	assert_int_equal(run(job_message, message), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(sigaction(SIGXFSZ, &before, NULL), 0);
	assert_true(kept(OWNER, NULL));
	assert_int_equal(tree_count_files(root, "/cache"), 0);
}

/* Nor is it kept for a worker that has written enough. */
static void
job_flood_last(void *arg, struct dance_result *ret, char **ret_line)
{
	job_flood(arg, ret, ret_line);
	if (ret->verdict == 0)
		ret->verdict = settle(OWNER, "new");
}

static void
the_last_word_counts(void **state)
{
	const struct dance_keeping old = keeping_of("old", 60, true);

	(void)state;
	assert_int_equal(dance_store_write(&store, OWNER, &old), 0);
	assert_int_equal(run(job_flood_last, NULL), 0);
	assert_true(kept(OWNER, NULL));
}

/* It locks names without end: it gets as many as a decision has. */
static void
job_lock_all(void *arg, struct dance_result *ret, char **ret_line)
{
	char name[32], *text;
	bool is_busy;
	unsigned i;

	(void)arg;
	(void)ret_line;
	for (i = 0; i < 2 * DANCE_CANDIDATES_MAX; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		if (fetch(name, true, &text, &is_busy) != 0 ||
		    is_busy != (i >= DANCE_CANDIDATES_MAX))
			return;
	}
	/* What it gives back it may have again. */
	if (settle("n1.example", NULL) == 0 &&
	    fetch("n2000.example", true, &text, &is_busy) == 0 && !is_busy &&
	    fetch("n2001.example", true, &text, &is_busy) == 0 && is_busy)
		ret->verdict = 0;
}

static void
one_worker_locks_so_many(void **state)
{
	(void)state;
	assert_int_equal(run(job_lock_all, NULL), 0);
}

/* A hundred keys of an agent, each for 64 names, twice, in both passes. */
static void
job_ask_much(void *arg, struct dance_result *ret, char **ret_line)
{
	bool is_busy;
	unsigned i;
	char *text;

	(void)arg;
	(void)ret_line;
	for (i = 0; i < 100 * 64 * 2 * 2; i++)
		if (fetch(OWNER, false, &text, &is_busy) != 0)
			return;
	ret->verdict = 0;
}

static void
one_worker_may_ask_much(void **state)
{
	(void)state;
	assert_int_equal(run(job_ask_much, NULL), 0);
}

/* It asks and does not read the replies, which fill the pipe. */
static void
job_deaf(void *arg, struct dance_result *ret, char **ret_line)
{
	struct dance_message *message =
	    message_about(OWNER, DANCE_MESSAGE_FETCH);

	(void)arg;
	(void)ret;
	(void)ret_line;
	for (;;)
		if (dance_pipe_write(DANCE_WORKER_FD, message, sizeof(*message),
			dance_now_ms() + 60000) != 0)
			_exit(1);
}

static void
one_that_does_not_listen_is_stopped(void **state)
{
	int64_t start = dance_now_ms();

	(void)state;
	assert_int_equal(run(job_large, NULL), 0);
	assert_int_equal(
	    run_for(300, job_deaf, NULL, true), DANCE_ERR_INTERNAL);
	assert_true(dance_now_ms() - start < 300 + 2 * LATE_S);
}

/* It asks, and is gone before the reply: no signal here. */
static void
job_leave(void *arg, struct dance_result *ret, char **ret_line)
{
	(void)ret;
	(void)ret_line;
	(void)!write(DANCE_WORKER_FD, message_about(OWNER, DANCE_MESSAGE_FETCH),
	    sizeof(struct dance_message));
	_exit(arg == NULL ? 0 : 1);
}

static void
one_that_leaves_raises_no_signal(void **state)
{
	(void)state;
	assert_int_equal(run(job_large, NULL), 0);
	assert_int_equal(
	    run_for(1000, job_leave, NULL, true), DANCE_ERR_INTERNAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_worker_reads_and_writes),
		TEST(large_entries_pass),
		TEST(a_lock_ends_with_the_worker),
		TEST(odd_messages_end_it),
		TEST(names_lead_nowhere_else),
		TEST(one_worker_writes_so_many),
		TEST(a_note_is_for_sshds_helper_alone),
		TEST(what_cannot_be_kept_replaces_it),
		TEST(the_last_word_counts),
		TEST(one_worker_locks_so_many),
		TEST(one_worker_may_ask_much),
		TEST(one_that_does_not_listen_is_stopped),
		TEST(one_that_leaves_raises_no_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
