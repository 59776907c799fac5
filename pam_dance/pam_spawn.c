/* SPDX-License-Identifier: ISC */
/*
 * The helper is a child of a program that may do anything with its children:
 * reap them all in a handler, ignore them, or wait in another thread.  So its
 * end tells nothing, and only its messages count.
 */
#include <errno.h>
#include <fcntl.h>
#include <security/pam_ext.h>
#include <security/pam_modutil.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "pam_spawn.h"

/* The socket as standard input, nothing else of the program's. */
static int
child_set_descriptors(pam_handle_t *pamh, int fd)
{
	int null;

	/* The pair lies above 2, so that dup2() takes the flag off. */
	if (dup2(fd, STDIN_FILENO) == -1 ||
	    (null = open("/dev/null", O_RDWR)) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1 || dup2(null, STDERR_FILENO) == -1)
		return -1;
	if (close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
		return 0;
	return pam_modutil_sanitize_helper_fds(pamh, PAM_MODUTIL_IGNORE_FD,
	    PAM_MODUTIL_NULL_FD, PAM_MODUTIL_NULL_FD);
}

/*
 * Whoever owns the helper could say yes in its place.  So under a program of
 * root's, which the caller does not own, it is root's altogether.  One that has
 * other rights than its user's has no helper; pam_helper.c has looked.
 */
static int
child_set_ids(void)
{
	uid_t real, effective, saved;
	gid_t gid = getgid();

	if (getresuid(&real, &effective, &saved) != 0)
		return -1;
	if (real != 0 && effective != 0 && saved != 0)
		return real == effective && effective == saved &&
			setresgid(gid, gid, gid) == 0
		    ? 0
		    : -1;
	/* Back to root first: it may be the saved one that is. */
	return setresuid(0, 0, 0) == 0 && setresgid(0, 0, 0) == 0 ? 0 : -1;
}

static void
child_set_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		(void)sigaction(i, &dfl, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
child_exec(pam_handle_t *pamh, const char *path, int fd)
{
	char name[] = "dance-pam-helper";
	char *const argv[] = { name, NULL };
	char *const environment[] = { NULL };

	child_set_signals();
	/*
	 * Out of the caller's session: neither does his terminal stop what may
	 * be root's, nor can a token's library type on it.
	 */
	if (setsid() != -1 && child_set_descriptors(pamh, fd) == 0 &&
	    child_set_ids() == 0 && chdir("/") == 0)
		(void)execve(path, argv, environment);
	_exit(127);
}

/* Out of the way of 0, 1 and 2, which the program may have closed. */
static int
pair_make(int ret[2])
{
	int fds[2], i;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return -1;
	for (i = 0; i < 2; i++) {
		ret[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(fds[i]);
	}
	if (ret[0] != -1 && ret[1] != -1)
		return 0;
	for (i = 0; i < 2; i++)
		if (ret[i] != -1)
			close(ret[i]);
	return -1;
}

/*
 * What was found is put back.  Where that was the default nothing is, since
 * another thread's call may have put back its own meanwhile; but a program that
 * blocks the signal must not find one that is ours.
 */
static void
sigchld_restore(const struct pam_child *child)
{
	struct sigaction now;
	sigset_t pending;

	if (child->has_sigchld)
		(void)sigaction(SIGCHLD, &child->sigchld, NULL);
	else if (sigpending(&pending) == 0 &&
	    sigismember(&pending, SIGCHLD) == 1 &&
	    sigaction(SIGCHLD, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		(void)sigaction(SIGCHLD, &child->sigchld, NULL);
}

int
pam_spawn(pam_handle_t *pamh, const char *path, struct pam_child *ret)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	int fds[2];

	if (pair_make(fds) != 0) {
		pam_syslog(pamh, LOG_CRIT, "socketpair: %s", strerror(errno));
		return PAM_BUF_ERR;
	}
	sigaction(SIGCHLD, &dfl, &ret->sigchld);
	ret->has_sigchld = ret->sigchld.sa_handler != SIG_DFL ||
	    (ret->sigchld.sa_flags & (SA_NOCLDWAIT | SA_NOCLDSTOP)) != 0;
	ret->pid = fork();
	if (ret->pid == 0)
		child_exec(pamh, path, fds[1]);
	close(fds[1]);
	if (ret->pid == -1) {
		pam_syslog(pamh, LOG_CRIT, "fork: %s", strerror(errno));
		close(fds[0]);
		sigchld_restore(ret);
		return PAM_BUF_ERR;
	}
	ret->socket = fds[0];
	ret->pidfd = pidfd_open(ret->pid, 0);
	ret->is_gone = ret->pidfd == -1 && errno == ESRCH;
	return PAM_SUCCESS;
}

void
pam_spawn_end(struct pam_child *child)
{
	int saved = errno;

	/* By its descriptor: another thread may have reaped the number. */
	if (!child->is_gone &&
	    (child->pidfd == -1 ||
		(pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0) != 0 &&
		    errno != ESRCH)))
		(void)kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, 0) == -1 && errno == EINTR)
		;
	if (child->pidfd != -1)
		close(child->pidfd);
	close(child->socket);
	sigchld_restore(child);
	errno = saved;
}
