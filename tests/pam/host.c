/* SPDX-License-Identifier: ISC */
/* See host.h. */
#include <dirent.h>
#include <err.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

/* The C library's own, which it sets with whatever is put back. */
#define RESTORER 0x04000000

static uint64_t
digest(uint64_t sum, const char *text)
{
	for (; *text != '\0'; text++)
		sum = (sum ^ (unsigned char)*text) * 1099511628211U;
	return sum * 31;
}

/* Numbers and what they lead to; without the one for the folder itself. */
static void
look_at_fds(struct host *host)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[512];
	ssize_t n;

	if (dir == NULL)
		err(1, "/proc/self/fd");
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    atoi(entry->d_name) == dirfd(dir))
			continue;
		n = readlinkat(
		    dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		/* In any order. */
		host->fds += digest(digest(7, entry->d_name), target);
		host->n_fds++;
	}
	closedir(dir);
}

static unsigned
count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned n = 0;

	if (dir == NULL)
		err(1, "/proc/self/task");
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

void
host_look(struct host *ret)
{
	siginfo_t info = { .si_pid = 0 };
	const char *locale = setlocale(LC_ALL, NULL);
	int i;

	memset(ret, 0, sizeof(*ret));
	if (getresuid(&ret->uids[0], &ret->uids[1], &ret->uids[2]) != 0 ||
	    getresgid(&ret->gids[0], &ret->gids[1], &ret->gids[2]) != 0 ||
	    (ret->n_groups = getgroups(64, ret->groups)) < 0 ||
	    getcwd(ret->cwd, sizeof(ret->cwd)) == NULL ||
	    getitimer(ITIMER_REAL, &ret->timer) != 0)
		err(1, "host_look");
	ret->umask = umask(0);
	umask(ret->umask);
	snprintf(ret->locale, sizeof(ret->locale), "%s", locale);
	for (i = 0; environ != NULL && environ[i] != NULL; i++)
		ret->environment = digest(ret->environment, environ[i]);
	for (i = 0; i < (int)RLIM_NLIMITS; i++)
		getrlimit((__rlimit_resource_t)i, &ret->limits[i]);
	for (i = 1; i < NSIG; i++)
		sigaction(i, NULL, &ret->actions[i]);
	sigprocmask(SIG_BLOCK, NULL, &ret->mask);
	sigpending(&ret->pending);
	ret->threads = count_threads();
	ret->children =
	    waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
	look_at_fds(ret);
}

static int
actions_differ(const struct host *a, const struct host *b)
{
	const struct sigaction *x, *y;
	int i, j;

	for (i = 1; i < NSIG; i++) {
		x = &a->actions[i];
		y = &b->actions[i];
		if (x->sa_handler != y->sa_handler ||
		    ((x->sa_flags ^ y->sa_flags) & ~RESTORER) != 0)
			return 1;
		/* The kernel fills a part of it only. */
		for (j = 1; j < NSIG; j++)
			if (sigismember(&x->sa_mask, j) !=
			    sigismember(&y->sa_mask, j))
				return 1;
	}
	return 0;
}

#define SAME(field) (memcmp(&a->field, &b->field, sizeof(a->field)) == 0)

const char *
host_compare(const struct host *a, const struct host *b)
{
	if (!SAME(uids) || !SAME(gids) || !SAME(groups) || !SAME(n_groups))
		return "ids";
	if (!SAME(umask))
		return "umask";
	if (!SAME(cwd))
		return "working folder";
	if (!SAME(locale))
		return "locale";
	if (!SAME(environment))
		return "environment";
	if (!SAME(limits))
		return "limits";
	if (actions_differ(a, b))
		return "signal handlers";
	if (!SAME(mask) || !SAME(pending))
		return "signal mask";
	if (!SAME(timer.it_interval))
		return "timer";
	if (!SAME(threads))
		return "threads";
	if (!SAME(children))
		return "children";
	if (!SAME(fds) || !SAME(n_fds))
		return "descriptors";
	return NULL;
}

int64_t
host_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

pid_t
host_start_child(int (*run)(void *arg), void *arg)
{
	pid_t pid;

	fflush(NULL);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		/* cmocka would go on with the tests here. */
		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		_exit(run(arg));
	}
	return pid;
}

int
host_wait_child(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int
host_in_child(int (*run)(void *arg), void *arg)
{
	return host_wait_child(host_start_child(run, arg));
}
