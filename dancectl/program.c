/* SPDX-License-Identifier: ISC */
/*
 * Programs of the host: no shell, and nothing of ours but what they are given.
 * Their time and what they say are bounded, and they are gone then, with what
 * they have started.
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "resolver.h"

#define NOT_RUN 127
#define WAIT_MS 2

static void
signals_reset(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		(void)sigaction(i, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: as sshd would start it. */
static _Noreturn void
child_exec(const struct program *program, const struct passwd *user,
    const int outputs[2])
{
	static const char *const none[] = { NULL };
	const char *const *environment = program->environment;
	int null = open("/dev/null", O_RDWR);

	signals_reset();
	if (null == -1 || setpgid(0, 0) != 0 || dup2(null, 0) == -1 ||
	    dup2(outputs[0], 1) == -1 || dup2(outputs[1], 2) == -1 ||
	    close_range(3, ~0U, 0) != 0 || chdir("/") != 0)
		_exit(NOT_RUN);
	umask(022);
	if (user != NULL &&
	    (initgroups(user->pw_name, user->pw_gid) != 0 ||
		setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
		setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0))
		_exit(NOT_RUN);
	if (environment == NULL)
		environment = none;
	/* Neither is written to; execve() is older than const. */
	execve(program->argv[0], (char *const *)(uintptr_t)program->argv,
	    (char *const *)(uintptr_t)environment);
	_exit(NOT_RUN);
}

struct output {
	int fd; /* -1 at its end */
	char *text;
	size_t len;
};

/* False if there is more of it than there is room for. */
static bool
output_read(struct output *output, size_t max)
{
	bool is_full = output->len == max;
	char more;
	ssize_t n;

	n = is_full
	    ? read(output->fd, &more, 1)
	    : read(output->fd, output->text + output->len, max - output->len);
	if (n == -1 && errno == EINTR)
		return true;
	if (n <= 0) {
		close(output->fd);
		output->fd = -1;
		return true;
	}
	if (is_full)
		return false;
	output->len += (size_t)n;
	return true;
}

/* Until both are at their end; false if they are not to get there. */
static bool
outputs_read(struct output outputs[2], size_t max, int64_t end_ms,
    struct program_answer *ret)
{
	struct pollfd fds[2];
	int64_t left_ms;
	size_t i;

	while (outputs[0].fd != -1 || outputs[1].fd != -1) {
		left_ms = end_ms - dance_now_ms();
		if ((ret->is_late = left_ms <= 0))
			return false;
		for (i = 0; i < 2; i++)
			fds[i] = (struct pollfd){ .fd = outputs[i].fd,
				.events = POLLIN };
		if (poll(fds, 2, (int)left_ms) <= 0)
			continue;
		for (i = 0; i < 2 && !ret->is_long; i++)
			if (fds[i].revents != 0)
				ret->is_long = !output_read(&outputs[i], max);
		if (ret->is_long)
			return false;
	}
	return true;
}

/* False if it goes on; it is not reaped, so that its number stays its own. */
static bool
child_ends(pid_t pid, int64_t end_ms)
{
	siginfo_t info = { 0 };

	/* It may have closed its outputs and go on. */
	while (
	    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != pid) {
		if (dance_now_ms() >= end_ms)
			return false;
		(void)poll(NULL, 0, WAIT_MS);
	}
	return true;
}

static int
child_reap(pid_t pid)
{
	int status;

	/* The group is there only if it came so far as to make it. */
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
child_hear(pid_t pid, const struct program *program, int64_t end_ms,
    struct output outputs[2], struct program_answer *ret)
{
	int status;

	if (outputs_read(outputs, program->max, end_ms, ret))
		ret->is_late = !child_ends(pid, end_ms);
	status = child_reap(pid);
	ret->status = ret->is_late || ret->is_long ? -1 : status;
}

/* Both ends are ours alone. */
static int
pipes_make(int ours[2], int its[2], struct dance_fault *fault)
{
	int fds[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		if (pipe2(fds, O_CLOEXEC) != 0) {
			dance_fault_set(fault, "pipe: %s", strerror(errno));
			if (i > 0) {
				close(ours[0]);
				close(its[0]);
			}
			return DANCE_ERR_CONFIG;
		}
		ours[i] = fds[0];
		its[i] = fds[1];
	}
	return 0;
}

static int
child_run(const struct program *program, const struct passwd *user,
    struct output outputs[2], struct program_answer *ret,
    struct dance_fault *fault)
{
	int64_t end_ms = dance_now_ms() + program->ms;
	int ours[2], its[2], r = 0;
	pid_t pid;
	size_t i;

	if (pipes_make(ours, its, fault) != 0)
		return DANCE_ERR_CONFIG;
	if ((pid = fork()) == 0)
		child_exec(program, user, its);
	if (pid == -1) {
		dance_fault_set(fault, "fork: %s", strerror(errno));
		r = DANCE_ERR_CONFIG;
	}
	for (i = 0; i < 2; i++) {
		close(its[i]);
		outputs[i].fd = ours[i];
	}
	if (pid != -1)
		child_hear(pid, program, end_ms, outputs, ret);
	for (i = 0; i < 2; i++)
		if (outputs[i].fd != -1)
			close(outputs[i].fd);
	return r;
}

static int
user_find(
    const char *name, const struct passwd **ret, struct dance_fault *fault)
{
	*ret = NULL;
	if (name == NULL || (*ret = getpwnam(name)) != NULL)
		return 0;
	dance_fault_set(fault, "there is no user %s", name);
	return DANCE_ERR_CONFIG;
}

int
program_run(const struct program *program, struct program_answer *ret,
    struct dance_fault *fault)
{
	struct sigaction action = { .sa_handler = SIG_DFL }, was;
	struct program_answer answer = { .status = -1 };
	struct output outputs[2] = { 0 };
	const struct passwd *user;
	int r;

	if (dance_file_check_program(program->argv[0], fault) != 0 ||
	    user_find(program->user, &user, fault) != 0)
		return DANCE_ERR_CONFIG;
	answer.out = outputs[0].text = malloc(program->max + 1);
	answer.err = outputs[1].text = malloc(program->max + 1);
	if (answer.out == NULL || answer.err == NULL) {
		dance_fault_set(fault, "out of memory");
		program_answer_free(&answer);
		return DANCE_ERR_CONFIG;
	}
	/* Who has started us may ignore it; then nothing waits for us. */
	sigaction(SIGCHLD, &action, &was);
	r = child_run(program, user, outputs, &answer, fault);
	sigaction(SIGCHLD, &was, NULL);
	answer.out[outputs[0].len] = '\0';
	answer.err[outputs[1].len] = '\0';
	if (r == 0)
		*ret = answer;
	else
		program_answer_free(&answer);
	return r;
}

void
program_answer_free(struct program_answer *answer)
{
	free(answer->out);
	free(answer->err);
	answer->out = answer->err = NULL;
}

const char *
program_answer_line(struct program_answer *answer)
{
	if (answer->is_late)
		return "no answer in time";
	if (answer->is_long)
		return "it says too much";
	answer->err[strcspn(answer->err, "\r\n")] = '\0';
	return answer->err[0] != '\0' ? answer->err : "it says nothing more";
}
