/* SPDX-License-Identifier: ISC */
/*
 * Which of two answers stays in the folder: the younger, by when its question
 * left, whatever the order in which they come.
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache_store_internal.h"
#include "index.h"
#include "storebench.h"

#define N(a)   (sizeof(a) / sizeof((a)[0]))
#define OWNER  "laptop._device.example.com"
#define MS     INT64_C(1000000)
#define S      (1000 * MS)
#define MARK_S 16 /* octets of a mark */

enum what { NOTHING, DATA, DENIAL, REMOVAL, NOTE };

/* Keep something whose question left so long ago. */
static int
keep(enum what what, const char *text, int64_t age_ns)
{
	struct dance_keeping keeping =
	    keeping_of(what == REMOVAL ? "" : text, 60, what == DATA);

	keeping.is_denial = what == DENIAL;
	keeping.is_note = what == NOTE;
	keeping.asked.real_ns -= age_ns;
	keeping.asked.boot_ns -= age_ns;
	return dance_store_write(&store, OWNER, &keeping);
}

static void
kept(const char *want)
{
	uint8_t *data = NULL;
	size_t len = 0;
	int r = dance_store_read(&store, OWNER, 64, &data, &len);

	assert_int_equal(r, want == NULL ? DANCE_ERR_FORMAT : 0);
	if (want == NULL)
		return;
	assert_int_equal(len, strlen(want));
	assert_memory_equal(data, want, len);
	free(data);
}

/* What comes first, then what comes then, each with the age of its question. */
static const struct {
	enum what first;
	int64_t first_age;
	enum what second;
	int64_t second_age;
	const char *want;
} rows[] = {
	/* The second was asked for when the first was known: it counts. */
	{ DATA, 5 * S, DATA, 0, "second" },
	{ DATA, 5 * S, DENIAL, 0, "second" },
	{ DATA, 5 * S, REMOVAL, 0, NULL },
	{ DENIAL, 5 * S, DATA, 0, "second" },
	{ DENIAL, 5 * S, DENIAL, 0, "second" },
	{ REMOVAL, 5 * S, DATA, 0, "second" },
	{ REMOVAL, 5 * S, DENIAL, 0, "second" },
	{ NOTHING, 0, DATA, 3600 * S, "second" },
	/* It was asked for before: it does not, however late it comes. */
	{ DENIAL, 0, DATA, 2 * S, "first" },
	{ DENIAL, 0, DATA, 3600 * S, "first" },
	{ REMOVAL, 0, DATA, 2 * S, NULL },
	{ REMOVAL, 0, DATA, 3600 * S, NULL },
	{ DATA, 0, DATA, 2 * S, "first" },
	{ DATA, 0, DENIAL, 2 * S, "first" },
	{ DATA, 0, REMOVAL, 2 * S, "first" },
	/* While the first was under way: a denial counts, data does not. */
	{ DATA, 5 * S, DENIAL, 2 * S, "second" },
	{ DATA, 5 * S, REMOVAL, 2 * S, NULL },
	{ DENIAL, 5 * S, DATA, 2 * S, "first" },
	{ REMOVAL, 5 * S, DATA, 2 * S, NULL },
	{ DATA, 5 * S, DATA, 2 * S, "first" },
	/* A fault is noted beside what was read, and only then. */
	{ DATA, 5 * S, NOTE, 0, "second" },
	{ DATA, 5 * S, NOTE, 2 * S, "first" },
	{ DENIAL, 5 * S, NOTE, 2 * S, "first" },
	{ REMOVAL, 5 * S, NOTE, 2 * S, NULL },
	{ NOTHING, 0, NOTE, 2 * S, "second" },
	/* And is no answer. */
	{ NOTE, 2 * S, DATA, 5 * S, "second" },
	{ NOTE, 2 * S, DENIAL, 5 * S, "second" },
	{ NOTE, 2 * S, REMOVAL, 5 * S, NULL },
};

static void
the_younger_stays(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		(void)teardown(NULL);
		assert_int_equal(setup(NULL), 0);
		if (rows[i].first != NOTHING)
			assert_int_equal(
			    keep(rows[i].first, "first", rows[i].first_age), 0);
		/* Another process. */
		dance_store_close(&store);
		assert_int_equal(dance_store_open(&config, &store, &fault), 0);
		/* A question that leaves now does so later than that. */
		usleep(1000);
		print_message("row %zu\n", i);
		assert_int_equal(
		    keep(rows[i].second, "second", rows[i].second_age), 0);
		kept(rows[i].want);
	}
}

/* A note leaves an answer as old as it is. */
static void
a_note_makes_nothing_younger(void **state)
{
	struct dance_store_head before, after;

	(void)state;
	assert_int_equal(keep(DATA, "first", 5 * S), 0);
	assert_int_equal(dance_store_head(&store, OWNER, &before), 0);
	usleep(1000);
	assert_int_equal(keep(NOTE, "noted", 0), 0);
	assert_int_equal(dance_store_head(&store, OWNER, &after), 0);
	assert_memory_equal(&before, &after, sizeof(after));
	kept("noted");
	/* A denial under way at that time still counts. */
	assert_int_equal(keep(DENIAL, "denied", 2 * S), 0);
	kept("denied");
}

/* The file that remembers is of one size, whatever is taken away. */
static void
what_was_flushed_does_not_come_back(void **state)
{
	struct dance_moment before;
	struct dance_keeping keeping = keeping_of("old", 60, true);
	struct stat st;
	char *path;

	(void)state;
	before = keeping.asked;
	assert_int_equal(dance_store_write(&store, OWNER, &keeping), 0);
	kept("old");
	usleep(1000);
	assert_int_equal(dance_store_forget(&store, OWNER), 0);
	kept(NULL);
	assert_int_equal(dance_store_write(&store, OWNER, &keeping), 0);
	kept(NULL);
	keeping = keeping_of("new", 60, true);
	assert_true(keeping.asked.real_ns > before.real_ns);
	assert_int_equal(dance_store_write(&store, OWNER, &keeping), 0);
	kept("new");
	path = tree_path(root, "/cache/.lock");
	assert_int_equal(stat(path, &st), 0);
	assert_in_range(st.st_size, MARK_S, 4096 * MARK_S);
	free(path);
}

/* Keep something whose question left ten seconds ago, by the clock then. */
static int
keep_after_step(enum what what, const char *text, int64_t step_ns)
{
	struct dance_keeping keeping = keeping_of(text, 60, what == DATA);

	keeping.is_denial = what == DENIAL;
	keeping.asked.real_ns -= 10 * S + step_ns;
	keeping.asked.boot_ns -= 10 * S;
	return dance_store_write(&store, OWNER, &keeping);
}

/* Meanwhile the clock was set: nobody knows which of two is the younger. */
static void
a_clock_that_was_set_keeps_no_data(void **state)
{
	static const int64_t steps[] = { 3600 * S, -3600 * S, 2 * S, -2 * S };
	size_t i;

	(void)state;
	for (i = 0; i < N(steps); i++) {
		assert_int_equal(keep(DATA, "old", 0), 0);
		assert_int_equal(
		    keep_after_step(DATA, "new", steps[i]), DANCE_ERR_CONFIG);
		kept(NULL);
		usleep(1000);
		assert_int_equal(keep(DATA, "old", 0), 0);
		assert_int_equal(keep_after_step(DENIAL, "none", steps[i]), 0);
		kept("none");
		usleep(1000);
	}
	/* One that is slewed was not set. */
	assert_int_equal(dance_store_forget(&store, "a.example"), 0);
	(void)teardown(NULL);
	assert_int_equal(setup(NULL), 0);
	assert_int_equal(keep_after_step(DATA, "new", 5 * MS), 0);
	kept("new");
}

/* A worker that says nothing of the time, or nonsense. */
static void
odd_times_keep_no_data(void **state)
{
	static const struct dance_moment odd[] = { { 0, 0 },
		{ INT64_MAX, INT64_MAX }, { INT64_MIN, INT64_MIN },
		{ INT64_MIN, INT64_MAX }, { INT64_MAX, INT64_MIN } };
	struct dance_keeping keeping = keeping_of("x", 60, true);
	size_t i;

	(void)state;
	for (i = 0; i < N(odd); i++) {
		keeping.asked = odd[i];
		assert_int_equal(dance_store_write(&store, OWNER, &keeping),
		    DANCE_ERR_CONFIG);
		kept(NULL);
	}
}

/* The head of the file says so, as if the clock had been set back since. */
static void
what_was_learnt_in_the_future_goes(void **state)
{
	struct dance_store_head head;
	char path[128];
	int fd;

	(void)state;
	assert_int_equal(keep(DENIAL, "first", 0), 0);
	assert_int_equal(dance_store_head(&store, OWNER, &head), 0);
	head.asked_ns += 3600 * S;
	head.learnt_ns += 3600 * S;
	head.sum = dance_store_head_sum(&head);
	snprintf(path, sizeof(path), "%s/cache/%s", root, OWNER);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd != -1);
	assert_int_equal(write(fd, &head, sizeof(head)), sizeof(head));
	close(fd);
	assert_int_equal(
	    dance_store_mark_removed(&store, OWNER, head.learnt_ns), 0);
	assert_int_equal(keep(DATA, "second", 0), 0);
	kept("second");
}

static uint64_t
place_of(const char *owner)
{
	return dance_index_sum(DANCE_INDEX_SUM_START, owner, strlen(owner)) %
	    4096;
}

/* A name whose mark has the place of another one's. */
static const char *
neighbour_of(const char *owner)
{
	static char name[32];
	unsigned i = 0;

	do
		snprintf(name, sizeof(name), "n%u.example", i++);
	while (place_of(name) != place_of(owner));
	return name;
}

/* A process that was stopped within its write, and then goes on. */
static void
one_that_was_stopped_brings_nothing_back(void **state)
{
	struct dance_moment now;

	(void)state;
	/* The question has left, and the name is denied before the write. */
	assert_int_equal(keep(DATA, "late", 5 * S), 0);
	dance_moment_now(&now);
	assert_int_equal(
	    dance_store_mark_removed(&store, OWNER, now.real_ns - 2 * S), 0);
	kept(NULL);
	/* Before the question, after the write, or another name: it counts. */
	assert_int_equal(
	    dance_store_mark_removed(&store, OWNER, now.real_ns - 7 * S), 0);
	kept("late");
	assert_int_equal(
	    dance_store_mark_removed(&store, OWNER, now.real_ns + 2 * S), 0);
	kept("late");
	assert_int_equal(dance_store_mark_removed(
			     &store, neighbour_of(OWNER), now.real_ns - 2 * S),
	    0);
	kept("late");
	/* A denial is what the mark is of. */
	assert_int_equal(keep(DENIAL, "denied", 0), 0);
	kept("denied");
}

/* It holds the guard of the name: denials do not wait for it for long. */
static void
one_that_is_stopped_stops_nobody(void **state)
{
	struct dance_store other;
	pid_t child;
	int ready[2], status;
	char octet;

	(void)state;
	assert_int_equal(keep(DATA, "first", 0), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	child = fork();
	assert_true(child != -1);
	if (child == 0) {
		if (dance_store_open(&config, &other, &fault) != 0 ||
		    !dance_store_guard(&other, OWNER))
			_exit(1);
		(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	usleep(1000);
	/* It may be about to write: what can't be kept is not kept. */
	assert_int_equal(keep(DATA, "second", 0), DANCE_ERR_CONFIG);
	kept(NULL);
	usleep(1000);
	assert_int_equal(keep(DENIAL, "denied", 0), 0);
	kept("denied");
	/* Nor is a fault noted. */
	usleep(1000);
	assert_int_equal(keep(NOTE, "noted", 0), 0);
	kept("denied");
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ready[0]);
	close(ready[1]);
	usleep(1000);
	assert_int_equal(keep(DATA, "third", 0), 0);
	kept("third");
}

/* Without the file that remembers no data is kept; denials take it away. */
static void
without_a_memory_nothing_is_kept(void **state)
{
	(void)state;
	assert_int_equal(keep(DATA, "first", 0), 0);
	dance_store_close(&store);
	tree_unlink(root, "/cache/.lock");
	tree_mkdir(root, "/cache/.lock");
	assert_int_equal(dance_store_open(&config, &store, &fault), 0);
	kept("first");
	assert_int_equal(keep(DATA, "second", 0), DANCE_ERR_CONFIG);
	kept(NULL);
	assert_int_equal(keep(DENIAL, "denied", 0), DANCE_ERR_CONFIG);
	kept(NULL);
	assert_int_equal(tree_count_files(root, "/cache"), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(the_younger_stays),
		TEST(a_note_makes_nothing_younger),
		TEST(what_was_flushed_does_not_come_back),
		TEST(a_clock_that_was_set_keeps_no_data),
		TEST(odd_times_keep_no_data),
		TEST(what_was_learnt_in_the_future_goes),
		TEST(one_that_was_stopped_brings_nothing_back),
		TEST(one_that_is_stopped_stops_nobody),
		TEST(without_a_memory_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
