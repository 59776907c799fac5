/* SPDX-License-Identifier: ISC */
/*
 * Programs of the host: what they are given, what is kept of what they say,
 * and that neither they nor what they start outlasts its time.
 */
#include <errno.h>
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../dancectl/program.h"
#include "resolver.h"
#include "tree.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define SHELL	"/bin/sh"
#define MAX	64
#define LONG_MS 20000 /* for what ends by itself */
#define LATE_MS 300

/* Run the shell with that script. */
static int
shell(const char *script, const char *user, const char *const *environment,
    int ms, struct program_answer *ret, struct dance_fault *fault)
{
	const char *const argv[] = { SHELL, "-c", script, NULL };
	const struct program program = { argv, user, environment, MAX, ms };

	return program_run(&program, ret, fault);
}

static void
test_answer(void **state)
{
	static const struct {
		const char *name, *script;
		int status;
		const char *out, *err, *line;
	} rows[] = {
		{ "nothing", ":", 0, "", "", "it says nothing more" },
		{ "both outputs", "echo a; echo b >&2; echo c; exit 7", 7,
		    "a\nc\n", "b\n", "b" },
		{ "the first line", "printf 'x\\r\\ny\\n' >&2; exit 255", 255,
		    "", "x\r\ny\n", "x" },
		{ "a signal", "echo a; kill -TERM $$", 128 + SIGTERM, "a\n", "",
		    "it says nothing more" },
		{ "SIGPIPE is not ignored", "kill -PIPE $$", 128 + SIGPIPE, "",
		    "", "it says nothing more" },
		{ "nor SIGUSR1 blocked", "kill -USR1 $$", 128 + SIGUSR1, "", "",
		    "it says nothing more" },
		{ "no input", "cat; read x || echo end", 0, "end\n", "",
		    "it says nothing more" },
		{ "in /", "pwd -P; umask", 0, "/\n0022\n", "",
		    "it says nothing more" },
		{ "no environment", "tr '\\0' '\\n' </proc/$$/environ; echo .",
		    0, ".\n", "", "it says nothing more" },
		{ "no descriptor of ours",
		    "test ! -e /proc/$$/fd/9 && test -e /proc/$$/fd/2", 0, "",
		    "", "it says nothing more" },
		{ "a group of its own",
		    "read a b c d g x </proc/$$/stat; test $g = $$", 0, "", "",
		    "it says nothing more" },
	};
	struct program_answer answer;
	struct dance_fault fault = { "" };
	sigset_t blocked, was;
	size_t i;

	(void)state;
	assert_int_equal(dup2(STDERR_FILENO, 9), 9);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &was);
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(
		    shell(rows[i].script, NULL, NULL, LONG_MS, &answer, &fault),
		    0);
		if (answer.status != rows[i].status)
			fail_msg("%s: %d", rows[i].name, answer.status);
		assert_false(answer.is_late || answer.is_long);
		assert_string_equal(answer.out, rows[i].out);
		assert_string_equal(answer.err, rows[i].err);
		assert_string_equal(program_answer_line(&answer), rows[i].line);
		program_answer_free(&answer);
		assert_null(answer.out);
	}
	sigprocmask(SIG_SETMASK, &was, NULL);
	close(9);
}

static void
test_environment(void **state)
{
	static const char *const environment[] = { "A=b c", NULL };
	struct program_answer answer;
	struct dance_fault fault = { "" };

	(void)state;
	assert_int_equal(shell("tr '\\0' '\\n' </proc/$$/environ", NULL,
			     environment, LONG_MS, &answer, &fault),
	    0);
	assert_string_equal(answer.out, "A=b c\n");
	program_answer_free(&answer);
}

static void
test_user(void **state)
{
	struct program_answer answer;
	struct dance_fault fault = { "" };

	(void)state;
	assert_int_equal(
	    shell(":", "nobody-at-all", NULL, LONG_MS, &answer, &fault),
	    DANCE_ERR_CONFIG);
	assert_string_equal(fault.text, "there is no user nobody-at-all");
	if (geteuid() != 0)
		skip();
	assert_int_equal(shell("id -u; id -ru; id -g; id -G", "nobody", NULL,
			     LONG_MS, &answer, &fault),
	    0);
	assert_string_equal(answer.out, "65534\n65534\n65534\n65534\n");
	program_answer_free(&answer);
	assert_int_equal(
	    shell("id -u", NULL, NULL, LONG_MS, &answer, &fault), 0);
	assert_string_equal(answer.out, "0\n");
	program_answer_free(&answer);
}

/* True when no process has that number, but one that nobody has reaped. */
static bool
is_gone(const char *text)
{
	int64_t end_ms = dance_now_ms() + LONG_MS;
	char path[64], line[256], *at;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%ld/stat", strtol(text, NULL, 10));
	while (dance_now_ms() < end_ms) {
		if ((in = fopen(path, "re")) == NULL)
			return true;
		at = fgets(line, sizeof(line), in);
		fclose(in);
		if (at == NULL || strstr(line, ") Z ") != NULL)
			return true;
		usleep(1000);
	}
	return false;
}

/* Each writes the number of a process that is to be gone. */
static void
test_late(void **state)
{
	static const char *const scripts[] = {
		"echo $$; exec sleep 1000",
		"echo $$; trap '' TERM HUP INT; while :; do sleep 1000; done",
		"echo $$; exec >&- 2>&- sleep 1000",
		"sleep 1000 & echo $!",
		"sleep 1000 & echo $!; wait",
	};
	struct program_answer answer;
	struct dance_fault fault = { "" };
	int64_t begin_ms;
	size_t i;

	(void)state;
	for (i = 0; i < N(scripts); i++) {
		begin_ms = dance_now_ms();
		assert_int_equal(
		    shell(scripts[i], NULL, NULL, LATE_MS, &answer, &fault), 0);
		assert_true(dance_now_ms() - begin_ms >= LATE_MS);
		assert_true(dance_now_ms() - begin_ms < LONG_MS);
		assert_true(answer.is_late);
		assert_false(answer.is_long);
		assert_int_equal(answer.status, -1);
		assert_string_equal(
		    program_answer_line(&answer), "no answer in time");
		assert_true(is_gone(answer.out));
		program_answer_free(&answer);
	}
}

/* What closes the outputs does not make it wait, and does not stay. */
static void
test_left_behind(void **state)
{
	struct program_answer answer;
	struct dance_fault fault = { "" };

	(void)state;
	assert_int_equal(shell("sleep 1000 >/dev/null 2>&1 & echo $!; exit 3",
			     NULL, NULL, LONG_MS, &answer, &fault),
	    0);
	assert_int_equal(answer.status, 3);
	assert_false(answer.is_late);
	assert_true(is_gone(answer.out));
	program_answer_free(&answer);
}

static void
test_long(void **state)
{
	static const struct {
		const char *script;
		bool is_long;
		size_t out, err;
	} rows[] = {
		{ "printf %064d 0", false, MAX, 0 },
		{ "printf %064d 0 >&2", false, 0, MAX },
		{ "printf %064d%064d 0 0 | tee /dev/stderr >/dev/null", true, 0,
		    MAX },
		{ "printf %065d 0", true, MAX, 0 },
		{ "printf %065d 0 >&2", true, 0, MAX },
		{ "while :; do echo yes; done", true, MAX, 0 },
		{ "while :; do echo yes; done >&2", true, 0, MAX },
	};
	struct program_answer answer;
	struct dance_fault fault = { "" };
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		assert_int_equal(
		    shell(rows[i].script, NULL, NULL, LONG_MS, &answer, &fault),
		    0);
		assert_int_equal(answer.is_long, rows[i].is_long);
		assert_int_equal(answer.status, rows[i].is_long ? -1 : 0);
		assert_false(answer.is_late);
		assert_int_equal(strlen(answer.out), rows[i].out);
		assert_int_equal(strlen(answer.err), rows[i].err);
		if (answer.is_long)
			assert_string_equal(
			    program_answer_line(&answer), "it says too much");
		program_answer_free(&answer);
	}
}

static void
test_child_ignored(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was, now;
	struct program_answer answer;
	struct dance_fault fault = { "" };

	(void)state;
	sigaction(SIGCHLD, &ignore, &was);
	assert_int_equal(
	    shell("exit 5", NULL, NULL, LONG_MS, &answer, &fault), 0);
	assert_int_equal(answer.status, 5);
	program_answer_free(&answer);
	sigaction(SIGCHLD, &was, &now);
	assert_true(now.sa_handler == SIG_IGN);
}

/* Not below /tmp, to which others can write. */
static void
test_refused(void **state)
{
	static const struct {
		const char *name;
		unsigned mode; /* 0: it is not there */
		const char *fault;
	} rows[] = {
		{ "missing", 0, "No such file" },
		{ "plain", 0644, "Permission denied" },
		{ "group", 0775, "writable" },
		{ "others", 0757, "writable" },
		{ "fine", 0755, NULL },
	};
	char folder[] = "/run/test_program-XXXXXX", path[64];
	const char *name;
	const char *const argv[] = { path, NULL };
	const struct program program = { argv, NULL, NULL, MAX, LONG_MS };
	struct program_answer answer = { 0 };
	struct dance_fault fault = { "" };
	size_t i;
	int r;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_non_null(mkdtemp(folder));
	for (i = 0; i < N(rows); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, rows[i].name);
		if (rows[i].mode != 0) {
			name = path + strlen(folder);
			tree_write(folder, name, "#!/bin/sh\nexit 9\n");
			tree_chmod(folder, name, rows[i].mode);
		}
		r = program_run(&program, &answer, &fault);
		(void)unlink(path);
		if (rows[i].fault == NULL) {
			assert_int_equal(r, 0);
			assert_int_equal(answer.status, 9);
			program_answer_free(&answer);
			continue;
		}
		assert_int_equal(r, DANCE_ERR_CONFIG);
		assert_null(answer.out);
		if (strstr(fault.text, path) == NULL ||
		    strstr(fault.text, rows[i].fault) == NULL)
			fail_msg("%s: %s", rows[i].name, fault.text);
	}
	assert_int_equal(rmdir(folder), 0);
	snprintf(path, sizeof(path), "sh");
	assert_int_equal(
	    program_run(&program, &answer, &fault), DANCE_ERR_CONFIG);
}

/* As many descriptors as are needed, or a fault; and none is left open. */
static void
test_descriptors(void **state)
{
	struct rlimit was, limit;
	struct program_answer answer;
	struct dance_fault fault;
	unsigned before = tree_count_fds();
	bool has_failed = false, has_run = false;
	rlim_t i;
	int r;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &was);
	for (i = 3; i < before + 40; i++) {
		limit = was;
		limit.rlim_cur = i;
		setrlimit(RLIMIT_NOFILE, &limit);
		fault.text[0] = '\0';
		r = shell("exit 0", NULL, NULL, LONG_MS, &answer, &fault);
		setrlimit(RLIMIT_NOFILE, &was);
		if (r == 0)
			program_answer_free(&answer);
		else
			assert_true(fault.text[0] != '\0');
		has_failed = has_failed || r != 0;
		has_run = has_run || r == 0;
		assert_int_equal(tree_count_fds(), before);
		assert_int_equal(tree_count_children(), 0);
	}
	assert_true(has_failed && has_run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_left_behind),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_child_ignored),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_descriptors),
	};
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	/* As they may be in whoever runs dancectl. */
	sigaction(SIGPIPE, &ignore, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
