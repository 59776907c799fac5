/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "helper.h"
#include "helper_limit.h"
#include "resolver.h"
#include "sandbox.h"

/* Beyond the timeout and the worker's own grace; the module waits longer. */
#define LAST_GRACE_MS 400

#define DESCRIPTORS 1024
#define STACK_SIZE  (8UL * 1024 * 1024)

/*
 * Limits that whoever runs su has set, and that must not decide what root's
 * helper does: without memory, say, nothing is asked of the DNS.  Where they
 * can't be raised the worker says which is too low.
 */
static const __rlimit_resource_t inherited[] = { RLIMIT_AS, RLIMIT_CPU,
	RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_MEMLOCK, RLIMIT_NOFILE, RLIMIT_NPROC,
	RLIMIT_RSS, RLIMIT_SIGPENDING, RLIMIT_STACK };

static void
limit_raise(__rlimit_resource_t resource)
{
	struct rlimit any = { RLIM_INFINITY, RLIM_INFINITY };

	/* These two count what is used, and are no larger than is useful. */
	if (resource == RLIMIT_NOFILE)
		any.rlim_cur = any.rlim_max = DESCRIPTORS;
	if (resource == RLIMIT_STACK)
		any.rlim_cur = STACK_SIZE;
	(void)setrlimit(resource, &any);
}

/*
 * The register must be written, or its half taken away; and nobody gets at
 * root's memory.
 */
static void
limits_reset(void)
{
	const struct rlimit none = { 0, 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	size_t i;

	sigaction(SIGXFSZ, &ignore, NULL);
	for (i = 0;
	     geteuid() == 0 && i < sizeof(inherited) / sizeof(inherited[0]);
	     i++)
		limit_raise(inherited[i]);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void
helper_shut_off(void)
{
	static char *none[] = { NULL };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int fd;

	limits_reset();
	environ = none;
	umask(077);
	sigaction(SIGPIPE, &ignore, NULL);
	/* The module has done it already; a person at a shell has not. */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

/* Without a result the module has none, and lets nobody in. */
static void
timer_end(int signal_number)
{
	(void)signal_number;
	_exit(HELPER_FAILED);
}

void
helper_set_timer(const struct helper *helper, unsigned timeout_ms)
{
	struct sigaction action = { .sa_handler = timer_end };
	int64_t left =
	    helper->start_ms + timeout_ms + LAST_GRACE_MS - dance_now_ms();
	struct itimerval timer = { .it_value = { 0, 1 } };

	if (left > 0)
		timer.it_value =
		    (struct timeval){ left / 1000, left % 1000 * 1000 };
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

void
helper_stop_timer(void)
{
	struct itimerval timer = { .it_value = { 0, 0 } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * No terminal's signals reach us, so the end of the program that asks has to.
 * Not before root is given up, which would undo it: so nothing ends a write to
 * the register halfway.
 */
static int
process_follow(pid_t parent, struct dance_fault *fault)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent)
		return 0;
	dance_fault_set(fault, "the program that asks is gone");
	return DANCE_ERR_INTERNAL;
}

int
helper_confine(struct helper *helper)
{
	struct dance_fault *fault = &helper->result.fault;
	int r = dance_sandbox_drop_root(fault);

	if (r == 0)
		r = helper_limit(helper->config->timeout_ms, fault);
	if (r == 0)
		r = process_follow(helper->parent, fault);
	return r == 0 ? 0 : helper_conclude(helper, r);
}
