/* SPDX-License-Identifier: ISC */
/*
 * What a module must leave as it was in the program that has loaded it.
 */
#ifndef HOST_H
#define HOST_H

#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>

#define HOST_FDS_MAX 4096

struct host {
	uid_t uids[3];
	gid_t gids[3];
	gid_t groups[64];
	int n_groups;
	mode_t umask;
	char cwd[256];
	char locale[64];
	uint64_t environment; /* a digest, as are the descriptors */
	uint64_t fds;
	unsigned n_fds;
	struct rlimit limits[RLIM_NLIMITS];
	struct sigaction actions[NSIG];
	sigset_t mask;
	sigset_t pending;
	struct itimerval timer;
	unsigned threads;
	unsigned children; /* 1: there are some */
};

void host_look(struct host *ret);

/* NULL if both are the same, else what is not. */
const char *host_compare(const struct host *before, const struct host *after);

int64_t host_now_ms(void);

/*
 * Run it in a child of this process: 0, or what it returns.  A test must not
 * assert there.  -1 if it has crashed.
 */
int host_in_child(int (*run)(void *arg), void *arg);
pid_t host_start_child(int (*run)(void *arg), void *arg);
int host_wait_child(pid_t pid);

#endif
