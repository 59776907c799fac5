/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: the logs in which denials by the security modules of the
 * kernel stand, read as root and judged without.  Each log is read from its
 * end, up to a bound; what stands there others may have written.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "doctor_denials.h"

#define TAIL_MAX (1024 * 1024)

static const char *const files[] = { "/var/log/audit/audit.log",
	"/var/log/kern.log" };

/* Of the kernel and the audit system: what others log is not asked for. */
static const char *const journal[] = { "/usr/bin/journalctl", "-b", "-q",
	"--no-pager", "-ocat", "-n1000", "-g", "apparmor=.?DENIED|avc: +denied",
	"_TRANSPORT=kernel", "_TRANSPORT=audit", NULL };
static const char *const ring[] = { "/usr/bin/dmesg", NULL };
static const char *const audit[] = { "/usr/sbin/ausearch", "--raw", "-m",
	"AVC,USER_AVC", "-ts", "boot", NULL };

bool
denials_are_possible(void)
{
	static const char *const names[] = { "/sys/fs/selinux/enforce",
		"/sys/kernel/security/apparmor/profiles" };
	struct stat st;

	return stat(names[0], &st) == 0 || stat(names[1], &st) == 0;
}

/* A text for the judge; each log has its name. */
static void
log_put(struct doctor *doctor, const char *log, const char *text)
{
	char *name = doctor_join(DENIALS_TEXT, log);

	doctor_text_put(doctor, name, text);
	free(name);
}

/* The end of a file of root's; a log may be of any size. */
static void
file_collect(struct doctor *doctor, const char *path)
{
	struct stat st;
	char *text;
	int fd;

	doctor_looks_at(doctor, path);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return;
	}
	if (st.st_size > TAIL_MAX)
		(void)lseek(fd, -TAIL_MAX, SEEK_END);
	text = doctor_read_fd(fd, TAIL_MAX);
	close(fd);
	log_put(doctor, path, text);
	free(text);
}

/* True if it has answered; 1: it has found nothing, or says why it can't. */
static bool
program_collect(struct doctor *doctor, const char *const argv[])
{
	bool has_answer;
	char *text;
	int status;

	doctor_looks_at(doctor, argv[0]);
	status = doctor_ask(argv, &text);
	has_answer = text != NULL &&
	    (status == 0 ||
		(status == 1 &&
		    (text[0] == '\0' ||
			strncmp(text, "<no matches>", 12) == 0)));
	if (has_answer)
		log_put(doctor, argv[0], text);
	free(text);
	return has_answer;
}

void
doctor_collect_denials(struct doctor *doctor, const char *arg)
{
	(void)arg;
	if (!denials_are_possible())
		return;
	if (!program_collect(doctor, audit))
		file_collect(doctor, files[0]);
	(void)program_collect(doctor, journal);
	(void)program_collect(doctor, ring);
	file_collect(doctor, files[1]);
}
