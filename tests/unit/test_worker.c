/* SPDX-License-Identifier: ISC */
/*
 * The worker: whatever the child does, an answer comes in time, no child and
 * no descriptor is left, and nothing but a sound message counts.
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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "resolver.h"
#include "tree.h"
#include "worker_wire.h"

static unsigned fds;

static int
setup(void **state)
{
	(void)state;
	fds = tree_count_fds();
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

static char *
line_copy(const char *text)
{
	char *line = strdup(text);

	if (line == NULL)
		_exit(77);
	return line;
}

static void
send_raw(const void *data, size_t len)
{
	if (write(DANCE_WORKER_FD, data, len) != (ssize_t)len)
		_exit(79);
}

/* arg: the line, or NULL. */
static void
job_accept(void *arg, struct dance_result *ret, char **ret_line)
{
	ret->verdict = 0;
	memcpy(ret->account, "alice", 6);
	memcpy(ret->source, "dns", 4);
	if (arg != NULL)
		*ret_line = line_copy(arg);
}

static void
job_refuse_with_line(void *arg, struct dance_result *ret, char **ret_line)
{
	ret->verdict = DANCE_ERR_MISMATCH;
	dance_fault_set(&ret->fault, "a.b");
	*ret_line = line_copy(arg);
}

static void
job_nothing(void *arg, struct dance_result *ret, char **ret_line)
{
	(void)arg;
	(void)ret;
	(void)ret_line;
}

static void
job_crash(void *arg, struct dance_result *ret, char **ret_line)
{
	(void)arg;
	(void)ret_line;
	ret->verdict = 0;
	raise(SIGKILL);
}

static void
job_exit(void *arg, struct dance_result *ret, char **ret_line)
{
	ret->verdict = 0;
	*ret_line = line_copy("accepted");
	_exit(arg == NULL ? 0 : 3);
}

static void
job_hang(void *arg, struct dance_result *ret, char **ret_line)
{
	(void)arg;
	ret->verdict = 0;
	*ret_line = line_copy("accepted");
	signal(SIGTERM, SIG_IGN);
	for (;;)
		pause();
}

static void
job_stop(void *arg, struct dance_result *ret, char **ret_line)
{
	(void)arg;
	(void)ret;
	(void)ret_line;
	raise(SIGSTOP);
}

/* A message of arg octets of a good one, then the end. */
static void
job_half(void *arg, struct dance_result *ret, char **ret_line)
{
	struct dance_message message;
	const size_t *len = arg;

	(void)ret;
	(void)ret_line;
	memset(&message, 0, sizeof(message));
	send_raw(&message, *len);
	_exit(0);
}

/* Half of it, and then nothing more, ever. */
static void
job_half_hang(void *arg, struct dance_result *ret, char **ret_line)
{
	struct dance_message message;

	memset(&message, 0, sizeof(message));
	send_raw(&message, sizeof(message) - 1);
	job_hang(arg, ret, ret_line);
}

/* A whole message as the test made it, without a line behind it. */
static void
job_raw(void *arg, struct dance_result *ret, char **ret_line)
{
	(void)ret;
	(void)ret_line;
	send_raw(arg, sizeof(struct dance_message));
	_exit(0);
}

static void
run_for(int ms, dance_job *job, struct dance_result *result, char **line)
{
	struct dance_work work = { .job = job,
		.deadline_ms = dance_now_ms() + ms };

	dance_worker_run(&work, result, line);
}

static void
run(dance_job *job, void *arg, struct dance_result *result, char **line)
{
	struct dance_work work = {
		.job = job, .arg = arg, .deadline_ms = dance_now_ms() + 10000
	};

	memset(result, 'x', sizeof(*result));
	*line = NULL;
	dance_worker_run(&work, result, line);
	assert_int_equal(tree_count_children(), 0);
}

static void
fails(dance_job *job, void *arg, const char *why)
{
	struct dance_result result;
	char *line;

	run(job, arg, &result, &line);
	assert_int_equal(result.verdict, DANCE_ERR_INTERNAL);
	assert_null(line);
	assert_string_equal(result.account, "");
	if (strstr(result.fault.text, why) == NULL)
		fail_msg("%s", result.fault.text);
}

static void
an_answer_comes_back(void **state)
{
	struct dance_result result;
	char *line, text[] = "restrict ssh-ed25519 AAAA";

	(void)state;
	run(job_accept, text, &result, &line);
	assert_int_equal(result.verdict, 0);
	assert_string_equal(result.account, "alice");
	assert_string_equal(result.source, "dns");
	assert_string_equal(result.fault.text, "");
	assert_string_equal(line, text);
	free(line);
	run(job_accept, NULL, &result, &line);
	assert_int_equal(result.verdict, 0);
	assert_null(line);
}

static void
a_refusal_has_no_line(void **state)
{
	struct dance_result result;
	char *line, text[] = "ssh-ed25519 AAAA";

	(void)state;
	run(job_refuse_with_line, text, &result, &line);
	assert_int_equal(result.verdict, DANCE_ERR_MISMATCH);
	assert_string_equal(result.fault.text, "a.b");
	assert_null(line);
}

static void
a_job_that_says_nothing_is_an_internal_fault(void **state)
{
	struct dance_result result;
	char *line;

	(void)state;
	run(job_nothing, NULL, &result, &line);
	assert_int_equal(result.verdict, DANCE_ERR_INTERNAL);
	assert_null(line);
}

static void
crashes_and_early_ends(void **state)
{
	int yes = 1;

	(void)state;
	fails(job_crash, NULL, "(signal 9)");
	fails(job_exit, NULL, "(status 0)");
	fails(job_exit, &yes, "(status 3)");
}

static void
half_a_message(void **state)
{
	static const size_t lengths[] = { 0, 1, 4, sizeof(struct dance_result),
		sizeof(struct dance_message) - 1 };
	size_t i, len;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		len = lengths[i];
		fails(job_half, &len, "without an answer");
	}
}

static void
the_deadline_is_kept(void **state)
{
	static dance_job *const jobs[] = { job_hang, job_stop, job_half_hang };
	struct dance_result result;
	int64_t start, took;
	char *line;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		start = dance_now_ms();
		run_for(200, jobs[i], &result, &line);
		took = dance_now_ms() - start;
		assert_true(took >= 200 && took < 2000);
		assert_true(dance_is_fault(result.verdict));
		assert_null(line);
		assert_non_null(strstr(result.fault.text, "too long"));
		assert_int_equal(tree_count_children(), 0);
	}
	run_for(-1000, job_hang, &result, &line);
	assert_true(dance_is_fault(result.verdict));
	assert_null(line);
}

static void
req_91_lines_that_are_not_one_printable_line(void **state)
{
	static const char *const rows[] = { "ssh-ed25519 AAAA\nssh-rsa BBBB",
		"ssh-ed25519 AAAA\n", "\rssh-ed25519", "a\tb", "a\x7f",
		"a\x1b[0m", "m\xc3\xbc" };
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(text, rows[i], strlen(rows[i]) + 1);
		fails(job_accept, text, "without an answer");
	}
}

static void
the_length_of_the_line_is_bounded(void **state)
{
	struct dance_result result;
	char *text = malloc(DANCE_LINE_MAX + 2), *line;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', DANCE_LINE_MAX + 1);
	text[DANCE_LINE_MAX] = '\0';
	run(job_accept, text, &result, &line);
	assert_int_equal(result.verdict, 0);
	assert_non_null(line);
	assert_int_equal(strlen(line), DANCE_LINE_MAX);
	free(line);
	text[DANCE_LINE_MAX] = 'x';
	text[DANCE_LINE_MAX + 1] = '\0';
	fails(job_accept, text, "without an answer");
	free(text);
}

/* What the child sends is read like any other foreign bytes. */
static void
malformed_messages(void **state)
{
	static const uint32_t lengths[] = { 1, 100, DANCE_LINE_MAX,
		DANCE_LINE_MAX + 1, UINT32_MAX, UINT32_MAX / 2 };
	struct dance_message message;
	struct dance_result *r = &message.result;
	char *const texts[] = { r->account, r->identity, r->fingerprint,
		r->source, r->fault.text };
	const size_t sizes[] = { sizeof(r->account), sizeof(r->identity),
		sizeof(r->fingerprint), sizeof(r->source),
		sizeof(r->fault.text) };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		memset(&message, 0, sizeof(message));
		message.len = lengths[i];
		fails(job_raw, &message, "without an answer");
	}
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(&message, 0, sizeof(message));
		memset(texts[i], 'x', sizes[i]);
		fails(job_raw, &message, "without an answer");
	}
}

static void
no_descriptors_left(void **state)
{
	struct rlimit before, limit;
	struct dance_result result;
	char *line;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	run_for(10000, job_accept, &result, &line);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(result.verdict, DANCE_ERR_INTERNAL);
	assert_int_equal(strncmp(result.fault.text, "pipe: ", 6), 0);
	assert_null(line);
}

/* What it finds open, in the line; what it prints must go nowhere. */
static void
job_look_around(void *arg, struct dance_result *ret, char **ret_line)
{
	char text[80] = "";
	int fd;

	(void)arg;
	ret->verdict = 0;
	for (fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFL) != -1)
			snprintf(text + strlen(text),
			    sizeof(text) - strlen(text), "%d ", fd);
	if (write(STDOUT_FILENO, "evil\n", 5) != 5 ||
	    write(STDERR_FILENO, "evil\n", 5) != 5)
		_exit(80);
	*ret_line = line_copy(text);
}

static void
req_91_the_child_has_its_pipes_alone(void **state)
{
	struct dance_result result;
	int ends[2], out = dup(STDOUT_FILENO), error = dup(STDERR_FILENO);
	char *line, octet;

	(void)state;
	fflush(NULL);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	run_for(10000, job_look_around, &result, &line);
	dup2(out, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
	close(out);
	close(error);
	assert_int_equal(result.verdict, 0);
	assert_string_equal(line, "0 1 2 3 4 ");
	assert_int_equal(read(ends[0], &octet, 1), 0);
	close(ends[0]);
	free(line);
}

/* The worker hangs; its parent is killed, and so must it be. */
static void
the_child_dies_with_its_parent(void **state)
{
	struct dance_result result;
	int status, n;
	pid_t parent;
	char *line;

	(void)state;
	/* The orphan becomes a child of this process. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	if ((parent = fork()) == 0) {
		alarm(1);
		run_for(60000, job_hang, &result, &line);
		_exit(0);
	}
	alarm(20);
	for (n = 0; n < 2; n++) {
		pid_t pid = wait(&status);

		assert_true(pid > 0 && WIFSIGNALED(status));
		assert_int_equal(
		    WTERMSIG(status), pid == parent ? SIGALRM : SIGKILL);
	}
	alarm(0);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(an_answer_comes_back),
		TEST(a_refusal_has_no_line),
		TEST(a_job_that_says_nothing_is_an_internal_fault),
		TEST(crashes_and_early_ends),
		TEST(half_a_message),
		TEST(the_deadline_is_kept),
		TEST(req_91_lines_that_are_not_one_printable_line),
		TEST(the_length_of_the_line_is_bounded),
		TEST(malformed_messages),
		TEST(no_descriptors_left),
		TEST(req_91_the_child_has_its_pipes_alone),
		TEST(the_child_dies_with_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
