/* SPDX-License-Identifier: ISC */
/* See script.h. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "script.h"

static struct fake_step steps[FAKE_STEPS_MAX];
static size_t n_steps;

void
script_begin(void)
{
	memset(steps, 0, sizeof(steps));
	n_steps = 0;
	if (unlink("record") != 0 && errno != ENOENT)
		err(1, "record");
}

struct fake_step *
script_last(void)
{
	return &steps[n_steps - 1];
}

void
script_add(enum fake_op op, unsigned arg)
{
	if (n_steps == FAKE_STEPS_MAX)
		errx(1, "too many steps");
	steps[n_steps].op = op;
	steps[n_steps].arg = arg;
	n_steps++;
}

struct dance_pam_message *
script_send(enum dance_pam_kind kind)
{
	struct dance_pam_message *m;

	script_add(FAKE_SEND, sizeof(*m));
	m = &script_last()->message;
	m->version = DANCE_PAM_VERSION;
	m->kind = kind;
	m->priority = LOG_INFO;
	if (kind != DANCE_PAM_RESULT)
		return m;
	memcpy(m->identity, SCRIPT_IDENTITY, sizeof(SCRIPT_IDENTITY));
	memcpy(m->key, SCRIPT_KEY, sizeof(SCRIPT_KEY));
	return m;
}

/* A helper that ends without having read resets the talk. */
void
script_start(unsigned timeout_ms)
{
	size_t i;

	for (i = 0; i < n_steps && steps[i].op != FAKE_READ; i++)
		;
	if (i == n_steps)
		script_add(FAKE_READ, 0);
	script_send(DANCE_PAM_START)->timeout_ms = timeout_ms;
}

void
script_write(void)
{
	int fd =
	    open("script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR);

	if (fd == -1 ||
	    write(fd, steps, sizeof(steps)) != (ssize_t)sizeof(steps) ||
	    fchmod(fd, 0644) != 0)
		err(1, "script");
	close(fd);
}

void
script_result(int verdict, unsigned flags)
{
	struct dance_pam_message *m;

	script_begin();
	script_add(FAKE_READ, 0);
	script_start(3000);
	m = script_send(DANCE_PAM_RESULT);
	m->verdict = verdict;
	m->flags = flags;
	script_write();
}

unsigned
script_starts(void)
{
	struct stat st;

	if (stat("record", &st) != 0)
		return 0;
	return (unsigned)((size_t)st.st_size / sizeof(struct fake_record));
}

const struct fake_record *
script_record(void)
{
	static struct fake_record record;
	unsigned n = script_starts();
	int fd = open("record", O_RDONLY | O_CLOEXEC);

	if (n == 0 || fd == -1 ||
	    pread(fd, &record, sizeof(record),
		(off_t)((n - 1) * sizeof(record))) != (ssize_t)sizeof(record))
		errx(1, "the helper has recorded nothing");
	close(fd);
	return &record;
}
