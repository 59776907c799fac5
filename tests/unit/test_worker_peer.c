/* SPDX-License-Identifier: ISC */
/*
 * A worker that is given a descriptor, and one that asks for a person's time:
 * it gets no other descriptor, and no more time than once.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "resolver.h"
#include "sandbox.h"
#include "tree.h"
#include "worker_child.h"
#include "worker_wire.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define LATE_MS 1000

static unsigned fds;
static unsigned persons;

static int
setup(void **state)
{
	(void)state;
	fds = tree_count_fds();
	persons = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(tree_count_fds(), fds);
	assert_int_equal(tree_count_children(), 0);
	return 0;
}

static void
person(void *arg)
{
	assert_ptr_equal(arg, &persons);
	persons++;
}

/* What it finds open, in the line. */
static void
look_around(char **ret_line)
{
	char text[80] = "";
	int fd;

	for (fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFL) != -1)
			snprintf(text + strlen(text),
			    sizeof(text) - strlen(text), "%d ", fd);
	if ((*ret_line = strdup(text)) == NULL)
		_exit(77);
}

/* What comes by the peer goes back by it. */
static void
job_peer(void *arg, struct dance_result *ret, char **ret_line)
{
	char octet;

	(void)arg;
	look_around(ret_line);
	if (read(DANCE_WORKER_PEER_FD, &octet, 1) == 1 &&
	    write(DANCE_WORKER_PEER_FD, &octet, 1) == 1)
		ret->verdict = 0;
}

static void
job_look(void *arg, struct dance_result *ret, char **ret_line)
{
	(void)arg;
	ret->verdict = 0;
	look_around(ret_line);
}

/* The same behind the walls; arg says whether there is a peer. */
static void
job_walls(void *arg, struct dance_result *ret, char **ret_line)
{
	const bool *has_peer = arg;

	ret->verdict = dance_sandbox_enter(10, *has_peer, &ret->fault);
	look_around(ret_line);
}

/* Out of the way of the numbers that a test is about. */
static void
pair_make(int ends[2])
{
	int low[2], i;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, low), 0);
	for (i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 100);
		assert_true(ends[i] >= 100);
		close(low[i]);
	}
}

/* The peer has this number here; what was there is put back. */
static void
run_with_peer(int number, int peer, const struct dance_work *given,
    struct dance_result *result, char **line)
{
	struct dance_work work = *given;
	int saved = fcntl(number, F_DUPFD_CLOEXEC, 100);

	assert_int_equal(dup2(peer, number), number);
	work.has_peer = true;
	work.peer = number;
	work.deadline_ms = dance_now_ms() + 5000;
	dance_worker_run(&work, result, line);
	if (saved != -1) {
		dup2(saved, number);
		close(saved);
	} else
		close(number);
}

/* Whatever number it has here, those of the worker's own too. */
static void
the_peer_is_5_and_nothing_else_is_open(void **state)
{
	static const int numbers[] = { 0, 3, 4, 5, 6, 7, 60 };
	struct dance_work work = { .job = job_peer };
	struct dance_result result;
	char *line, octet;
	int ends[2];
	size_t i;

	(void)state;
	pair_make(ends);
	for (i = 0; i < N(numbers); i++) {
		assert_int_equal(write(ends[1], "x", 1), 1);
		run_with_peer(numbers[i], ends[0], &work, &result, &line);
		if (result.verdict != 0)
			fail_msg("%d: %s", numbers[i], result.fault.text);
		assert_string_equal(line, "0 1 2 3 4 5 ");
		assert_int_equal(read(ends[1], &octet, 1), 1);
		assert_int_equal(octet, 'x');
		free(line);
	}
	close(ends[0]);
	close(ends[1]);
}

/* A number alone gives nothing: who has no peer has no descriptor 5. */
static void
without_a_peer_it_is_closed(void **state)
{
	struct dance_work work = { .job = job_look };
	struct dance_result result;
	int ends[2];
	char *line;

	(void)state;
	pair_make(ends);
	work.peer = ends[0];
	work.deadline_ms = dance_now_ms() + 5000;
	dance_worker_run(&work, &result, &line);
	assert_int_equal(result.verdict, 0);
	assert_string_equal(line, "0 1 2 3 4 ");
	free(line);
	close(ends[0]);
	close(ends[1]);
}

static void
a_peer_that_is_none(void **state)
{
	struct dance_work work = { .job = job_look,
		.has_peer = true,
		.peer = 999,
		.deadline_ms = dance_now_ms() + 5000 };
	struct dance_result result;
	char *line;

	(void)state;
	dance_worker_run(&work, &result, &line);
	assert_int_equal(result.verdict, DANCE_ERR_INTERNAL);
	assert_null(line);
}

static void
the_walls_leave_the_peer_alone(void **state)
{
	static const struct {
		bool has_peer;
		const char *want;
	} rows[] = { { true, "0 1 2 3 4 5 " }, { false, "0 1 2 3 4 " } };
	struct dance_work work = { .job = job_walls };
	struct dance_result result;
	int ends[2];
	bool has_peer;
	char *line;
	size_t i;

	(void)state;
	pair_make(ends);
	for (i = 0; i < N(rows); i++) {
		has_peer = rows[i].has_peer;
		work.arg = &has_peer;
		/* It is given one; the walls are told that there is none. */
		run_with_peer(60, ends[0], &work, &result, &line);
		if (result.verdict != 0)
			fail_msg("%s", result.fault.text);
		assert_string_equal(line, rows[i].want);
		free(line);
	}
	close(ends[0]);
	close(ends[1]);
}

/* How often a person is asked, for how long it works then, and for what. */
struct asking {
	unsigned times;
	unsigned sleep_ms;
	bool has_line;
};

static void
job_ask(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct asking *asking = arg;
	unsigned i;

	for (i = 0; i < asking->times; i++)
		if (dance_worker_ask_person() != 0)
			_exit(78);
	usleep(asking->sleep_ms * 1000);
	ret->verdict = 0;
	memcpy(ret->account, "alice", 6);
	if (asking->has_line && (*ret_line = strdup("a line")) == NULL)
		_exit(77);
}

static void
a_persons_time(void **state)
{
	static const struct {
		struct asking asking;
		bool has_person;
		const char *reason;
		unsigned persons;
	} rows[] = {
		{ { 0, 0, true }, true, "accept", 0 },
		{ { 0, 0, true }, false, "accept", 0 },
		{ { 0, 700, true }, true, "internal", 0 },
		{ { 1, 0, true }, true, "accept", 1 },
		{ { 1, 0, false }, true, "accept", 1 },
		{ { 1, 700, true }, true, "accept", 1 },
		{ { 1, 0, true }, false, "internal", 0 },
		{ { 1, 700, true }, false, "internal", 0 },
		{ { 2, 0, true }, true, "internal", 1 },
		{ { 2, 700, true }, true, "internal", 1 },
		{ { 2, 0, true }, false, "internal", 0 },
	};
	struct dance_work work = { .job = job_ask, .person_arg = &persons };
	struct asking asking;
	struct dance_result result;
	int64_t start;
	char *line;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		persons = 0;
		asking = rows[i].asking;
		start = dance_now_ms();
		work.arg = &asking;
		work.person = rows[i].has_person ? person : NULL;
		work.deadline_ms = start + 300;
		dance_worker_run(&work, &result, &line);
		if (strcmp(dance_reason(result.verdict), rows[i].reason) != 0 ||
		    persons != rows[i].persons)
			fail_msg("%zu: %s: %s: %u", i,
			    dance_reason(result.verdict), result.fault.text,
			    persons);
		assert_string_equal(
		    result.account, result.verdict == 0 ? "alice" : "");
		assert_int_equal(line != NULL,
		    result.verdict == 0 && rows[i].asking.has_line);
		assert_true(dance_now_ms() - start < 700 + LATE_MS);
		free(line);
	}
}

/* Asks *arg times, in the words of an answer that lets in. */
static void
job_ask_as_answer(void *arg, struct dance_result *ret, char **ret_line)
{
	const unsigned *times = arg;
	struct dance_message message;
	unsigned i;

	(void)ret;
	(void)ret_line;
	memset(&message, 0, sizeof(message));
	message.kind = DANCE_MESSAGE_PERSON;
	for (i = 0; i < *times; i++)
		if (write(DANCE_WORKER_FD, &message, sizeof(message)) !=
		    (ssize_t)sizeof(message))
			_exit(78);
	_exit(0);
}

static void
asking_is_no_answer(void **state)
{
	static const struct {
		unsigned times;
		bool has_person;
		unsigned persons;
	} rows[] = { { 1, false, 0 }, { 1, true, 1 }, { 2, true, 1 },
		{ 3, true, 1 } };
	struct dance_work work = { .job = job_ask_as_answer,
		.person_arg = &persons };
	struct dance_result result;
	unsigned times;
	char *line;
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		persons = 0;
		times = rows[i].times;
		work.arg = &times;
		work.person = rows[i].has_person ? person : NULL;
		work.deadline_ms = dance_now_ms() + 5000;
		dance_worker_run(&work, &result, &line);
		assert_int_equal(result.verdict, DANCE_ERR_INTERNAL);
		assert_int_equal(persons, rows[i].persons);
		assert_null(line);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(the_peer_is_5_and_nothing_else_is_open),
		TEST(without_a_peer_it_is_closed),
		TEST(a_peer_that_is_none),
		TEST(the_walls_leave_the_peer_alone),
		TEST(a_persons_time),
		TEST(asking_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
