/* SPDX-License-Identifier: ISC */
/*
 * Stands where dance-pam-helper would, and does what the script says, however
 * wrong.  It has neither arguments nor an environment, so that the script is
 * sought where its parent, the test program, works.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fake.h"

static struct fake_record record;
static struct fake_step steps[FAKE_STEPS_MAX];
static int folder = -1, record_fd = -1;
static off_t record_at;

static _Noreturn void
die(const char *what)
{
	(void)what; /* for a debugger: there is nowhere to print it */
	_exit(99);
}

static void
look_at_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	char target[256], part[600];
	struct dirent *entry;
	ssize_t n;

	if (dir == NULL)
		die("/proc/self/fd");
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    atoi(entry->d_name) == dirfd(dir))
			continue;
		n = readlinkat(
		    dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		target[strcspn(target, ":")] = '\0';
		snprintf(part, sizeof(part), "%s%s:%s",
		    record.fds[0] == '\0' ? "" : " ", entry->d_name, target);
		strncat(record.fds, part,
		    sizeof(record.fds) - strlen(record.fds) - 1);
	}
	closedir(dir);
}

static void
look_at_signals(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long long mask;
	char line[256];

	if (f == NULL)
		die("status");
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "SigBlk: %llx", &mask) == 1)
			record.blocked = mask;
		else if (sscanf(line, "SigIgn: %llx", &mask) == 1)
			record.ignored = mask;
		else if (sscanf(line, "SigCgt: %llx", &mask) == 1)
			record.caught = mask;
		else if (sscanf(line, "ShdPnd: %llx", &mask) == 1)
			record.pending = mask;
	}
	fclose(f);
}

static void
look_at_ids(void)
{
	uid_t u[3];
	gid_t g[3];
	int i;

	if (getresuid(&u[0], &u[1], &u[2]) != 0 ||
	    getresgid(&g[0], &g[1], &g[2]) != 0)
		die("ids");
	for (i = 0; i < 3; i++) {
		record.uids[i] = u[i];
		record.gids[i] = g[i];
	}
}

static void
look_around(int argc, char *argv[])
{
	ssize_t n;

	look_at_fds();
	look_at_signals();
	look_at_ids();
	record.pid = (uint32_t)getpid();
	record.argc = (uint32_t)argc;
	while (environ != NULL && environ[record.envc] != NULL)
		record.envc++;
	snprintf(record.argv0, sizeof(record.argv0), "%s", argv[0]);
	n = readlink("/proc/self/exe", record.exe, sizeof(record.exe) - 1);
	if (n < 0 || getcwd(record.cwd, sizeof(record.cwd)) == NULL)
		die("exe");
}

static void
record_write(void)
{
	if (pwrite(record_fd, &record, sizeof(record), record_at) !=
	    (ssize_t)sizeof(record))
		die("record");
}

static void
files_open(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/cwd", (long)getppid());
	if ((folder = open(path, O_PATH | O_DIRECTORY)) == -1 ||
	    (fd = openat(folder, "script", O_RDONLY)) == -1 ||
	    read(fd, steps, sizeof(steps)) < 0)
		die("script");
	close(fd);
	record_fd = openat(folder, "record", O_WRONLY | O_CREAT, 0644);
	if (record_fd == -1 ||
	    (record_at = lseek(record_fd, 0, SEEK_END)) == -1)
		die("record");
	record_write();
}

/* Less than asked for only at the end. */
static size_t
socket_read(void *data, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = recv(STDIN_FILENO, (char *)data + done, len - done, 0);
		if (n == 0 || (n == -1 && errno != EINTR))
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	return done;
}

static void
socket_write(const void *data, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = send(STDIN_FILENO, (const char *)data + done, len - done,
		    MSG_NOSIGNAL);
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

static void
read_request(void)
{
	struct dance_pam_request *request = &record.request;
	char c;

	if (socket_read(request, sizeof(*request)) != sizeof(*request))
		die("request");
	while (record.info_len < request->info_len && socket_read(&c, 1) == 1) {
		if (record.info_len < FAKE_INFO_MAX - 1)
			record.info[record.info_len] = c;
		record.info_len++;
		record.info_sum += (unsigned char)c;
	}
	record.has_request = 1;
	record_write();
}

static void
read_answer(void)
{
	if (socket_read(&record.answer, sizeof(record.answer)) !=
	    sizeof(record.answer))
		die("answer");
	record.has_answer = 1;
	record_write();
}

static void
wait_ms(uint32_t ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static void
drip(const struct fake_step *step)
{
	const char *data = (const char *)&step->message;
	size_t i;

	for (i = 0; i < sizeof(step->message); i++) {
		socket_write(data + i, 1);
		wait_ms(step->arg);
	}
}

static void
step_do(const struct fake_step *step)
{
	switch ((enum fake_op)step->op) {
	case FAKE_READ:
		read_request();
		break;
	case FAKE_SEND_IF_PIN:
		if (record.answer.has_pin == 1)
			socket_write(&step->message, step->arg);
		break;
	case FAKE_SEND:
		socket_write(&step->message, step->arg);
		break;
	case FAKE_DRIP:
		drip(step);
		break;
	case FAKE_FLOOD:
		for (;;)
			socket_write(&step->message, sizeof(step->message));
	case FAKE_ANSWER:
		read_answer();
		break;
	case FAKE_SLEEP:
		wait_ms(step->arg);
		break;
	case FAKE_RAISE:
		raise((int)step->arg);
		break;
	case FAKE_IGNORE:
		signal((int)step->arg, SIG_IGN);
		break;
	case FAKE_CLOSE:
		close(STDIN_FILENO);
		break;
	case FAKE_HANG:
		for (;;)
			pause();
	case FAKE_EXIT:
		_exit((int)step->arg);
	case FAKE_END:
		_exit(0);
	}
}

int
main(int argc, char *argv[])
{
	struct rlimit none = { 0, 0 };
	size_t i;

	alarm(60);
	setrlimit(RLIMIT_CORE, &none);
	look_around(argc, argv);
	files_open();
	for (i = 0; i < FAKE_STEPS_MAX; i++)
		step_do(&steps[i]);
	_exit(0);
}
