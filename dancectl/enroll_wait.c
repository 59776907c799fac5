/* SPDX-License-Identifier: ISC */
/*
 * The wait until DNS vouches for the key.  Each question is a worker's, as for
 * a login; between them one line on the terminal says how it stands.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "enroll.h"
#include "resolver.h"

#define GRACE_MS       200   /* as in ask.c */
#define PAUSE_FIRST_MS 2000  /* grows by half each time, */
#define PAUSE_LAST_MS  30000 /* up to this */
#define TICK_MS	       1000
#define PROGRESS_MAX   512
#define CLEAR_LINE     "\r\033[K"

struct watch {
	struct enroll *enroll;
	int64_t start_ms;
	int64_t end_ms;
	unsigned columns; /* of the terminal; 0: there is none */
	int shown;	  /* verdict that stands in the log, 1 at first */
};

static unsigned
terminal_columns(void)
{
	struct winsize size;

	if (isatty(STDERR_FILENO) != 1)
		return 0;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
		return 80;
	return size.ws_col;
}

static void
span_format(int64_t ms, char ret[32])
{
	snprintf(ret, 32, "%lld:%02lld", (long long)ms / 60000,
	    (long long)ms / 1000 % 60);
}

/* On a terminal the one line, else one line for each change. */
static void
progress_show(struct watch *watch)
{
	const struct enroll *enroll = watch->enroll;
	const char *name = enroll->wish.identity.text;
	char text[PROGRESS_MAX], gone[32], whole[32];

	if (watch->columns == 0) {
		if (watch->shown != enroll->dns)
			ctl_say("%s: %s%s%s; waiting", name,
			    dance_reason(enroll->dns),
			    enroll->dns_fault.text[0] != '\0' ? ": " : "",
			    enroll->dns_fault.text);
		watch->shown = enroll->dns;
		return;
	}
	span_format(dance_now_ms() - watch->start_ms, gone);
	span_format(watch->end_ms - watch->start_ms, whole);
	snprintf(text, sizeof(text), "%s of %s: %s, asked %u time%s: %s", gone,
	    whole, dance_reason(enroll->dns), enroll->n_asked,
	    enroll->n_asked == 1 ? "" : "s", name);
	fputs(CLEAR_LINE, stderr);
	ctl_put_plain(stderr, text, strnlen(text, watch->columns - 1));
	fflush(stderr);
}

/* True if the person has had enough meanwhile. */
static bool
pause_make(struct watch *watch, int64_t until_ms)
{
	struct timespec tick;
	int64_t left_ms;
	sigset_t signals;
	int r;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	do {
		/* The person may make it narrower meanwhile. */
		if (watch->columns > 0)
			watch->columns = terminal_columns();
		progress_show(watch);
		left_ms = until_ms - dance_now_ms();
		if (left_ms < 0)
			left_ms = 0;
		if (left_ms > TICK_MS)
			left_ms = TICK_MS;
		tick.tv_sec = left_ms / 1000;
		tick.tv_nsec = left_ms % 1000 * 1000000;
		r = sigtimedwait(&signals, NULL, &tick);
	} while (r == -1 && dance_now_ms() < until_ms);
	return r != -1;
}

/* The line of the job, which a worker wrote: false if it is not one. */
static bool
line_read(struct enroll *enroll, const char *line)
{
	unsigned *u = enroll->matched;
	long long until;

	if (line == NULL ||
	    sscanf(line, "%1u %1u %1u %lld", &u[0], &u[1], &u[2], &until) != 4)
		return false;
	enroll->valid_until = (time_t)until;
	return true;
}

static void
question_ask(struct watch *watch)
{
	struct enroll *enroll = watch->enroll;
	struct dance_work work = { .job = enroll_look,
		.arg = enroll,
		.deadline_ms =
		    dance_now_ms() + DANCE_TIMEOUT_MAX_MS + GRACE_MS };
	struct dance_result result;
	char *line = NULL;

	dance_worker_run(&work, &result, &line);
	enroll->dns = result.verdict;
	enroll->dns_fault = result.fault;
	enroll->n_asked++;
	if (result.verdict == 0 && !line_read(enroll, line))
		enroll->dns = DANCE_ERR_INTERNAL;
	free(line);
}

/* Time heals neither a fault of this host nor one of the key. */
static bool
is_hopeless(int verdict)
{
	switch (verdict) {
	case DANCE_ERR_NO_TLSA:
	case DANCE_ERR_INSECURE:
	case DANCE_ERR_BOGUS:
	case DANCE_ERR_WEAK_DNSSEC:
	case DANCE_ERR_DNS_FAILURE:
	case DANCE_ERR_NO_USABLE_TLSA:
	case DANCE_ERR_MISMATCH:
	case DANCE_ERR_UNTRUSTED:
		return false;
	default:
		return true;
	}
}

static void
watch_run(struct watch *watch)
{
	struct enroll *enroll = watch->enroll;
	int64_t pause_ms = PAUSE_FIRST_MS, until_ms;
	bool has_enough = false;

	question_ask(watch);
	while (!has_enough && !is_hopeless(enroll->dns) &&
	    (until_ms = dance_now_ms()) < watch->end_ms) {
		until_ms += pause_ms;
		has_enough = pause_make(
		    watch, until_ms < watch->end_ms ? until_ms : watch->end_ms);
		if (!has_enough)
			question_ask(watch);
		pause_ms += pause_ms / 2;
		if (pause_ms > PAUSE_LAST_MS)
			pause_ms = PAUSE_LAST_MS;
	}
	if (watch->columns > 0)
		fputs(CLEAR_LINE, stderr);
	if (has_enough)
		ctl_say("stopped; the record can be waited for again with "
			"dancectl enroll --key");
}

/*
 * Resolvers remember for a while that there is no record, so it is better not
 * to ask before there is one: a person can say when.
 */
static void
person_wait(const struct enroll *enroll)
{
	int c;

	/* As JSON it is not printed before the end. */
	if (enroll->has_wait || enroll->ctl->is_json ||
	    isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1)
		return;
	fputs("Publish the record, then press Enter: ", stderr);
	while ((c = getchar()) != '\n' && c != EOF)
		;
	if (c == EOF)
		fputc('\n', stderr);
}

void
enroll_wait(struct enroll *enroll)
{
	struct watch watch = { .enroll = enroll, .shown = 1 };
	sigset_t signals, was;

	person_wait(enroll);
	watch.columns = terminal_columns();
	watch.start_ms = dance_now_ms();
	watch.end_ms = watch.start_ms + (int64_t)enroll->wait_ms;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &was);
	watch_run(&watch);
	sigprocmask(SIG_SETMASK, &was, NULL);
	enroll->waited_s = (unsigned)((dance_now_ms() - watch.start_ms) / 1000);
}
