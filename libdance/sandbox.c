/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox.h"
#include "worker.h"

/* gcc says so by a macro, clang by a feature. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* The map may be large and is read whole; libunbound adds stacks. */
#define DESCRIPTORS_MIN 220 /* of eight upstreams and 64 names: 187 and 26 */
#define DESCRIPTORS_MAX 256
#define MEMORY_MAX	(2UL * 1024 * 1024 * 1024)
#define STACK_SIZE	(8UL * 1024 * 1024) /* of libunbound's threads */
#define MIB		(1024UL * 1024)

/*
 * Without memory or descriptors libunbound asks nobody, and says that nobody
 * has answered.  A limit that the caller has set lower than this is a fault of
 * its own.
 */
static const struct {
	__rlimit_resource_t resource;
	const char *what;
	rlim_t min;
	rlim_t unit; /* of what is told */
} needs[] = {
	{ RLIMIT_AS, "kB of address space (ulimit -v)", 512 * MIB, 1024 },
	{ RLIMIT_DATA, "kB of data (ulimit -d)", 256 * MIB, 1024 },
	{ RLIMIT_STACK, "kB of stack (ulimit -s)", MIB, 1024 },
	{ RLIMIT_NOFILE, "open files (ulimit -n)", DESCRIPTORS_MIN, 1 },
};

/*
 * A call outside of the list fails with ENOSYS, which the C library knows how
 * to live with; the ones that start programs or touch other processes have no
 * business here at all and end the process.
 */
static const int allowed[] = {
	/* memory */
	SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(munmap),
	SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* threads and signals of our own */
	SCMP_SYS(futex), SCMP_SYS(futex_time64), SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(gettid),
	SCMP_SYS(getpid), SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(restart_syscall),
	/* time and chance */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64), SCMP_SYS(getrandom),
	/* descriptors */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(fstat64), SCMP_SYS(lseek),
	SCMP_SYS(_llseek), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(poll),
	SCMP_SYS(ppoll), SCMP_SYS(ppoll_time64), SCMP_SYS(select),
	SCMP_SYS(_newselect), SCMP_SYS(pselect6), SCMP_SYS(pselect6_time64),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2),
	/* sockets that exist */
	SCMP_SYS(bind), SCMP_SYS(connect), SCMP_SYS(sendto), SCMP_SYS(sendmsg),
	SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
	/* who and where am I */
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(getrlimit),
	SCMP_SYS(ugetrlimit), SCMP_SYS(sysinfo)
};

static const int deadly[] = { SCMP_SYS(execve), SCMP_SYS(execveat),
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(kill), SCMP_SYS(keyctl),
	SCMP_SYS(bpf), SCMP_SYS(mount), SCMP_SYS(unshare), SCMP_SYS(setns) };

/* Allow a call if this argument of it, seen through mask, is value. */
static int
sandbox_allow_if(scmp_filter_ctx filter, int call, unsigned arg,
    scmp_datum_t mask, scmp_datum_t value)
{
	struct scmp_arg_cmp compare = { .arg = arg,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = mask,
		.datum_b = value };

	return seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, call, 1, &compare);
}

/*
 * A pair of sockets for libunbound, of streams: one of datagrams could be sent
 * to any service of the host.
 */
static int
sandbox_allow_pair(scmp_filter_ctx filter)
{
	struct scmp_arg_cmp compare[] = {
		{ .arg = 0, .op = SCMP_CMP_EQ, .datum_a = AF_UNIX },
		{ .arg = 1,
		    .op = SCMP_CMP_MASKED_EQ,
		    .datum_a = 0xffffffff &
			~(scmp_datum_t)(SOCK_CLOEXEC | SOCK_NONBLOCK),
		    .datum_b = SOCK_STREAM },
	};

	return seccomp_rule_add_array(
	    filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 2, compare);
}

/* Internet sockets, a pair of its own for libunbound, and threads. */
static int
sandbox_add_guarded(scmp_filter_ctx filter)
{
	/* Not those by which another process could be sent a signal. */
	static const scmp_datum_t commands[] = { F_GETFD, F_SETFD, F_GETFL,
		F_SETFL };
	static const scmp_datum_t whole = 0xffffffff;
	size_t i;
	int r = 0;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		r |= sandbox_allow_if(
		    filter, SCMP_SYS(fcntl), 1, whole, commands[i]);
		r |= sandbox_allow_if(
		    filter, SCMP_SYS(fcntl64), 1, whole, commands[i]);
	}

	r |= sandbox_allow_if(filter, SCMP_SYS(socket), 0, whole, AF_INET);
	r |= sandbox_allow_if(filter, SCMP_SYS(socket), 0, whole, AF_INET6);
	r |= sandbox_allow_if(filter, SCMP_SYS(ioctl), 1, whole, FIONBIO);
	r |= sandbox_allow_pair(filter);
	/* clone3 hides its flags behind a pointer: not to be had, so clone. */
	r |= sandbox_allow_if(
	    filter, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD);
	/* Pid 0 is this process: a limit read, never another's. */
	r |= sandbox_allow_if(filter, SCMP_SYS(prlimit64), 0, whole, 0);
	r |= sandbox_allow_if(filter, SCMP_SYS(prctl), 0, whole, PR_SET_NAME);
	return r;
}

static int
sandbox_filter_calls(void)
{
	scmp_filter_ctx filter;
	size_t i;
	int r;

	if ((filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS))) == NULL)
		return DANCE_ERR_INTERNAL;
	r = sandbox_add_guarded(filter);
	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		r |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		r |= seccomp_rule_add(
		    filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r == 0 ? 0 : DANCE_ERR_INTERNAL;
}

/*
 * libunbound takes a lack of descriptors for bad answers; so there must be
 * enough, and none that a library left open outside of the walls.
 */
static int
sandbox_prepare_descriptors(unsigned first_other)
{
	struct rlimit limit;

	if (close_range(first_other, ~0U, 0) != 0 ||
	    getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return -1;
	limit.rlim_cur = limit.rlim_max =
	    limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

/* The soft limit is raised where the hard one lets it. */
static int
sandbox_check_limits(struct dance_fault *fault)
{
	struct rlimit limit;
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (getrlimit(needs[i].resource, &limit) != 0)
			return -1;
		if (limit.rlim_cur < needs[i].min) {
			limit.rlim_cur = limit.rlim_max;
			(void)setrlimit(needs[i].resource, &limit);
		}
		if (limit.rlim_cur >= needs[i].min)
			continue;
		dance_fault_set(fault, "limits: %lu %s, and %lu are needed",
		    (unsigned long)(limit.rlim_cur / needs[i].unit),
		    needs[i].what,
		    (unsigned long)(needs[i].min / needs[i].unit));
		return -1;
	}
	return 0;
}

/* Threads get this whatever the caller's limit for stacks is. */
static int
sandbox_set_stacks(void)
{
	pthread_attr_t attr;
	int r;

	if (pthread_attr_init(&attr) != 0)
		return -1;
	r = pthread_attr_setstacksize(&attr, STACK_SIZE) != 0 ||
		pthread_setattr_default_np(&attr) != 0
	    ? -1
	    : 0;
	pthread_attr_destroy(&attr);
	return r;
}

static int
sandbox_limit(__rlimit_resource_t resource, rlim_t max)
{
	struct rlimit limit = { max, max }, now;

	/* A limit that is lower already stays. */
	if (getrlimit(resource, &now) == 0 && now.rlim_max < max)
		limit.rlim_cur = limit.rlim_max = now.rlim_max;
	return setrlimit(resource, &limit);
}

int
dance_sandbox_enter(
    unsigned cpu_seconds, bool has_peer, struct dance_fault *fault)
{
	unsigned others =
	    has_peer ? DANCE_WORKER_PEER_FD : DANCE_WORKER_REPLY_FD;
	const char *what = "limits";
	int r;

	if (fault != NULL)
		fault->text[0] = '\0';
	r = sandbox_check_limits(fault) | sandbox_set_stacks() |
	    sandbox_limit(RLIMIT_CORE, 0) |
	    sandbox_prepare_descriptors(others + 1) |
	    sandbox_limit(RLIMIT_CPU, cpu_seconds);
#ifndef __SANITIZE_ADDRESS__
	r |= sandbox_limit(RLIMIT_AS, MEMORY_MAX);
#endif
	if (r == 0) {
		what = "no_new_privs";
		r = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) |
		    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	}
	if (r == 0) {
		what = "seccomp";
		r = sandbox_filter_calls();
	}
	if (r != 0) {
		/* Without a text of its own. */
		if (fault == NULL || fault->text[0] == '\0')
			dance_fault_set(
			    fault, "sandbox: %s: %s", what, strerror(errno));
		return DANCE_ERR_INTERNAL;
	}
	return 0;
}

int
dance_sandbox_become(uid_t uid, gid_t gid, struct dance_fault *fault)
{
	if (setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 &&
	    setresuid(uid, uid, uid) == 0 && setuid(0) != 0)
		return 0;
	dance_fault_set(fault, "can't give up root: %s", strerror(errno));
	return DANCE_ERR_CONFIG;
}

int
dance_sandbox_drop_root(struct dance_fault *fault)
{
	struct passwd *user;

	if (getuid() != 0 && geteuid() != 0)
		return 0;
	if ((user = getpwnam("_dance")) == NULL)
		user = getpwnam("nobody");
	if (user == NULL || user->pw_uid == 0) {
		dance_fault_set(
		    fault, "can't give up root: there is no user _dance");
		return DANCE_ERR_CONFIG;
	}
	return dance_sandbox_become(user->pw_uid, user->pw_gid, fault);
}
