/* SPDX-License-Identifier: ISC */
/*
 * sshd's AuthorizedKeysCommand: prints the one line that lets the offered key
 * in, or nothing.  sshd runs it for whoever names a valid user, before the
 * client has proved anything; so it keeps no memory of who came by, and what
 * it prints is about the key in its arguments alone.
 *
 *	dance-authorized-keys %u %f %t %k
 *
 * This process reads files of root's and a checked message; everything foreign
 * is parsed in the worker that dance_ask() starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "ask.h"
#include "chain.h"
#include "log.h"
#include "mark.h"
#include "resolver.h"
#include "sandbox.h"
#include "sshd_line.h"

enum {
	EXIT_ANSWERED = 0, /* a line, or a plain no */
	EXIT_FAULT = 1,
};

/* Beyond the timeout and the worker's own grace. */
#define LAST_GRACE_MS 400

/*
 * What stands on standard output lets in, even root: no other process of
 * _dance's, such as a chain-command, may open it in /proc or trace this one.
 * The file's mode, which install sets, holds until here.
 */
static void
helper_hide(void)
{
	const struct rlimit none = { 0, 0 };

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
}

/* Nothing that came with this process but its arguments is used. */
static char **
helper_shut_off(void)
{
	static char *none[] = { NULL };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	char **environment = environ;
	int fd;

	helper_hide();
	environ = none;
	umask(077);
	/* sshd may close the pipe early; the log's marks may hit a limit. */
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	return environment;
}

/*
 * Whatever hangs, this process ends in time: with the status that holds at that
 * moment, since sshd drops a key for any other that has been printed.
 */
static volatile sig_atomic_t helper_status = EXIT_FAULT;

static void
helper_give_up(int signal_number)
{
	(void)signal_number;
	_exit(helper_status);
}

/* Once more for each step, counted from the start; 0 switches it off. */
static void
helper_set_timer(int64_t start_ms, unsigned timeout_ms)
{
	struct sigaction action = { .sa_handler = helper_give_up };
	int64_t left = start_ms + timeout_ms + LAST_GRACE_MS - dance_now_ms();
	struct itimerval timer = { .it_value = { 0, 1 } };

	if (left > 0)
		timer.it_value =
		    (struct timeval){ left / 1000, left % 1000 * 1000 };
	if (timeout_ms == 0)
		timer.it_value = (struct timeval){ 0, 0 };
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* One write of one buffer: sshd reads until the end anyway. */
static int
helper_print(char *line)
{
	size_t len = strlen(line), done = 0;
	ssize_t n;

	line[len++] = '\n';
	while (done < len) {
		n = write(STDOUT_FILENO, line + done, len - done);
		if (n == -1 && errno != EINTR)
			return DANCE_ERR_INTERNAL;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

/* Log it once, though sshd asks twice for the key that wins. */
static void
helper_log(const struct dance_question *q, const struct dance_result *result)
{
	long ms = (long)(dance_now_ms() - q->start_ms);

	if (q->config->log < DANCE_LOG_DEBUG &&
	    helper_mark_seen(q->config->cache, q->offer.type, result))
		return;
	dance_log_result(
	    result, q->login, q->offer.fingerprint, ms, q->config->log);
}

static int
helper_answer(const struct dance_question *question, char *const *environment)
{
	struct dance_result result;
	char *line = NULL;
	int status = EXIT_FAULT;
	bool is_silent = true;

	dance_ask(question, &result, &line);
	/* The worker is no more trusted than this. */
	if (result.verdict == 0 &&
	    (line == NULL ||
		!dance_sshd_line_fits(
		    line, question->offer.type, question->offer.base64))) {
		dance_fault_set(&result.fault, "the line is not the key's");
		result.verdict = DANCE_ERR_INTERNAL;
	}
	if (result.verdict == 0) {
		is_silent = false;
		if (helper_print(line) == 0)
			status = EXIT_ANSWERED;
		else {
			dance_fault_set(&result.fault, "sshd does not read");
			result.verdict = DANCE_ERR_INTERNAL;
		}
	} else if (!dance_is_fault(result.verdict))
		status = EXIT_ANSWERED;
	free(line);
	/* Only now: a log that hangs must not cost an answer. */
	helper_status = status;
	helper_log(question, &result);
	if (is_silent && question->config->chain[0] != NULL) {
		helper_set_timer(0, 0);
		return helper_chain(question, environment, status);
	}
	return status;
}

int
main(int argc, char *argv[])
{
	struct dance_question question = { .start_ms = dance_now_ms(),
		.is_called_by_sshd = true };
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };
	char **environment = helper_shut_off();
	int status;

	helper_set_timer(question.start_ms, DANCE_TIMEOUT_MAX_MS);
	dance_log_open("dance-authorized-keys");
	if (dance_sandbox_drop_root(&fault) != 0) {
		dance_log_fault("AuthorizedKeysCommandUser", &fault);
		return EXIT_FAULT;
	}
	if (argc != 5) {
		dance_fault_set(&fault,
		    "%d arguments instead of the 4 of "
		    "AuthorizedKeysCommand: %%u %%f %%t %%k",
		    argc - 1);
		dance_log_fault("AuthorizedKeysCommand", &fault);
		return EXIT_FAULT;
	}
	if (dance_config_load("", &config, &fault) != 0) {
		dance_log_fault("configuration", &fault);
		return EXIT_FAULT;
	}
	helper_set_timer(question.start_ms, config->timeout_ms);
	question.config = config;
	question.login = argv[1];
	question.offer.fingerprint = argv[2];
	question.offer.type = argv[3];
	question.offer.base64 = argv[4];
	status = helper_answer(&question, environment);
	dance_config_free(&config);
	return status;
}
