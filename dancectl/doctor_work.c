/* SPDX-License-Identifier: ISC */
/*
 * Looking at a host must end, though a file system, a name service or a program
 * of it does not answer.  So each step is taken in a child, which hands what it
 * finds back as records on a pipe; one that does not end is killed, said to
 * have not ended, and another child goes on behind it.  A process that the
 * kernel does not let go is left behind: it holds nothing of ours but the pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "doctor.h"
#include "worker.h"

#define RECORDS_MAX (32UL * 1024 * 1024) /* of one child, in all */
#define REAP_MS	    200
#define REAP_STEP   2
#define FIELDS	    3
#define FIELD_MAX   (4UL * 1024 * 1024)
#define SCREEN_MAX  400 /* octets of a text that a person is shown */

enum record_type {
	RECORD_STEP,	/* number: of the step that begins */
	RECORD_OBJECT,	/* it looks at this now */
	RECORD_FINDING, /* number: severity; id, object, what */
	RECORD_TEXT,	/* name, text */
	RECORD_FAIL,	/* it ends the program */
	RECORD_END,
};

struct record_head {
	uint32_t type;
	uint32_t number;
	uint32_t len[FIELDS];
};

/* What the parent has of one child. */
struct reading {
	struct doctor *doctor;
	const struct doctor_step *steps;
	size_t n_steps;
	size_t at; /* the step that it is in */
	bool is_done;
	int fd;
	int64_t end_ms;
	size_t left; /* octets that are still read */
};

/* In the child.  Who can't tell the parent has nobody to work for. */
static void
octets_write(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(CTL_FAULT);
		p += n;
		len -= (size_t)n;
	}
}

static void
record_write(const struct doctor *doctor, enum record_type type,
    unsigned number, const char *const fields[FIELDS])
{
	struct record_head head = { .type = type, .number = number };
	size_t i, len;

	for (i = 0; i < FIELDS && fields[i] != NULL; i++) {
		len = strlen(fields[i]);
		head.len[i] = (uint32_t)(len < FIELD_MAX ? len : FIELD_MAX);
	}
	octets_write(doctor->out, &head, sizeof(head));
	for (i = 0; i < FIELDS && fields[i] != NULL; i++)
		octets_write(doctor->out, fields[i], head.len[i]);
}

void
doctor_looks_at(const struct doctor *doctor, const char *object)
{
	if (doctor->is_worker)
		record_write(doctor, RECORD_OBJECT, 0,
		    (const char *const[FIELDS]){ object });
}

void
doctor_tell(const struct doctor *doctor, enum doctor_severity severity,
    const char *id, const char *object, const char *what)
{
	if (!doctor->is_silent)
		record_write(doctor, RECORD_FINDING, severity,
		    (const char *const[FIELDS]){
			id, object == NULL ? "" : object, what });
}

void
doctor_end(const struct doctor *doctor, const char *text)
{
	record_write(
	    doctor, RECORD_FAIL, 0, (const char *const[FIELDS]){ text });
	_exit(CTL_FAULT);
}

static void
text_add(struct doctor *doctor, const char *name, const char *text)
{
	struct doctor_text *added;

	doctor->texts =
	    doctor_grow(doctor->texts, doctor->n_texts, sizeof(*added));
	added = &doctor->texts[doctor->n_texts++];
	added->name = doctor_copy(name, strlen(name));
	added->text = doctor_copy(text, strlen(text));
}

void
doctor_text_put(struct doctor *doctor, const char *name, const char *text)
{
	if (doctor_text(doctor, name) != NULL)
		return;
	text_add(doctor, name, text);
	if (doctor->is_worker)
		record_write(doctor, RECORD_TEXT, 0,
		    (const char *const[FIELDS]){ name, text });
}

const char *
doctor_text(const struct doctor *doctor, const char *name)
{
	size_t i;

	for (i = 0; i < doctor->n_texts; i++)
		if (strcmp(doctor->texts[i].name, name) == 0)
			return doctor->texts[i].text;
	return NULL;
}

/*
 * Nothing of the caller's stays open: who waits for the end of what dancectl
 * prints must not wait for a child that has been left behind.  What it reads
 * comes into no core, and no process of a user that it becomes gets at it.
 */
static void
worker_shut(int fd)
{
	int null = open("/dev/null", O_RDWR), i;

	for (i = 0; i < DANCE_WORKER_FD; i++)
		if (null == -1 || dup2(null, i) == -1)
			_exit(CTL_FAULT);
	if ((fd != DANCE_WORKER_FD &&
		dup3(fd, DANCE_WORKER_FD, O_CLOEXEC) == -1) ||
	    close_range(DANCE_WORKER_FD + 1, ~0U, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		_exit(CTL_FAULT);
}

/* Those in front of from have been taken, or did not end. */
static _Noreturn void
worker_run(const struct reading *reading, size_t from, const bool *is_dead)
{
	static const char *const none[FIELDS] = { NULL };
	struct doctor *doctor = reading->doctor;
	const struct doctor_step *step;
	size_t i;

	doctor->is_worker = true;
	doctor->out = DANCE_WORKER_FD;
	for (i = 0; i < reading->n_steps; i++) {
		step = &reading->steps[i];
		doctor->is_silent = i < from;
		if (is_dead[i] ||
		    ((step->flags & DOCTOR_OF_HOST) != 0 && !doctor->is_host) ||
		    ((step->flags & DOCTOR_PREPARES) == 0 && doctor->is_silent))
			continue;
		if (!doctor->is_silent)
			record_write(doctor, RECORD_STEP, (unsigned)i, none);
		step->run(doctor, step->arg);
	}
	record_write(doctor, RECORD_END, 0, none);
	_exit(CTL_YES);
}

/* False at the deadline, and at the end of what it writes. */
static bool
octets_read(struct reading *reading, void *data, size_t len)
{
	struct pollfd fd = { .fd = reading->fd, .events = POLLIN };
	char *p = data;
	int64_t left_ms;
	ssize_t n;

	if (len > reading->left)
		return false;
	reading->left -= len;
	while (len > 0) {
		if ((left_ms = reading->end_ms - dance_now_ms()) <= 0)
			return false;
		if (poll(&fd, 1, (int)left_ms) <= 0)
			continue;
		n = read(reading->fd, p, len);
		if (n == 0 || (n == -1 && errno != EINTR))
			return false;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return true;
}

static void
record_take(struct reading *reading, const struct record_head *head,
    char *const fields[FIELDS])
{
	struct doctor *doctor = reading->doctor;

	switch (head->type) {
	case RECORD_STEP:
		if (head->number >= reading->n_steps)
			break;
		reading->at = head->number;
		reading->end_ms = dance_now_ms() +
		    1000 * (int64_t)reading->steps[reading->at].seconds;
		free(doctor->object);
		doctor->object = NULL;
		break;
	case RECORD_OBJECT:
		free(doctor->object);
		doctor->object = doctor_copy(fields[0], SCREEN_MAX);
		break;
	case RECORD_FINDING:
		if (head->number <= DOCTOR_INFO &&
		    doctor_kind_find(fields[0]) != NULL)
			doctor_find_as(doctor,
			    (enum doctor_severity)head->number, fields[0],
			    fields[1][0] == '\0' ? NULL : fields[1], "%s",
			    fields[2]);
		break;
	case RECORD_TEXT:
		doctor_text_put(doctor, fields[0], fields[1]);
		break;
	case RECORD_FAIL:
		ctl_fail("%s", fields[0]);
	case RECORD_END:
		reading->is_done = true;
		break;
	}
}

/* False if there is no further one. */
static bool
record_read(struct reading *reading)
{
	char *fields[FIELDS] = { NULL };
	struct record_head head;
	bool is_whole;
	size_t i;

	is_whole = octets_read(reading, &head, sizeof(head));
	for (i = 0; i < FIELDS && is_whole; i++) {
		is_whole = head.len[i] <= FIELD_MAX;
		if (!is_whole)
			break;
		fields[i] = doctor_grow(NULL, head.len[i], 1);
		is_whole = octets_read(reading, fields[i], head.len[i]);
		fields[i][head.len[i]] = '\0';
	}
	if (is_whole)
		record_take(reading, &head, fields);
	for (i = 0; i < FIELDS; i++)
		free(fields[i]);
	return is_whole && !reading->is_done;
}

/* Kill it; it may be one that the kernel does not let go. */
static void
worker_end(pid_t pid)
{
	int64_t end_ms = dance_now_ms() + REAP_MS;

	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, WNOHANG) == 0 && dance_now_ms() < end_ms)
		(void)poll(NULL, 0, REAP_STEP);
}

static void
step_unfinished(const struct reading *reading)
{
	struct doctor *doctor = reading->doctor;
	const struct doctor_step *step = &reading->steps[reading->at];
	const char *object = doctor->object;

	doctor_find_as(doctor,
	    (step->flags & DOCTOR_MINOR) != 0 ? DOCTOR_WARNING : DOCTOR_ERROR,
	    "unfinished", NULL,
	    dance_now_ms() >= reading->end_ms
		? "%s%s%s could not be looked at in %u seconds"
		: "%s%s%s could not be looked at: it ended before its time "
		  "(%u seconds)",
	    step->what, object == NULL ? "" : ": ",
	    object == NULL ? "" : object, step->seconds);
}

/* The number of the step that did not end, n_steps if there is none. */
static size_t
steps_run(struct reading *reading, size_t from, const bool *is_dead)
{
	int fds[2];
	pid_t pid;

	reading->at = from;
	reading->is_done = false;
	reading->left = RECORDS_MAX;
	reading->end_ms =
	    dance_now_ms() + 1000 * (int64_t)reading->steps[from].seconds;
	if (pipe2(fds, O_CLOEXEC) != 0 || (pid = fork()) == -1)
		ctl_fail("doctor: %s", strerror(errno));
	if (pid == 0) {
		worker_shut(fds[1]);
		worker_run(reading, from, is_dead);
	}
	close(fds[1]);
	reading->fd = fds[0];
	while (record_read(reading))
		;
	close(fds[0]);
	worker_end(pid);
	if (reading->is_done)
		return reading->n_steps;
	step_unfinished(reading);
	return reading->at;
}

bool
doctor_work(struct doctor *doctor, const struct doctor_step *steps, size_t n)
{
	struct reading reading = {
		.doctor = doctor, .steps = steps, .n_steps = n
	};
	bool *is_dead = calloc(n, sizeof(*is_dead)), is_whole = true;
	size_t from = 0, at;

	if (is_dead == NULL)
		ctl_fail("doctor: out of memory");
	while (from < n) {
		if (dance_now_ms() > doctor->end_ms) {
			doctor_find_as(doctor,
			    (steps[from].flags & DOCTOR_MINOR) != 0
				? DOCTOR_WARNING
				: DOCTOR_ERROR,
			    "unfinished", NULL,
			    "%s%s was not looked at: others took too long",
			    steps[from].what,
			    from + 1 < n ? ", and what comes behind it," : "");
			is_whole = false;
			break;
		}
		if ((at = steps_run(&reading, from, is_dead)) < n) {
			is_dead[at] = true;
			is_whole = false;
		}
		from = at + 1;
	}
	free(is_dead);
	return is_whole;
}
