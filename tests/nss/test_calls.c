/* SPDX-License-Identifier: ISC */
/*
 * The module under a filter that kills for any system call but those that read
 * a file, and for an open that is not for reading or not close-on-exec.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"
#include "register.h"

/* The sanitizers have calls of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif

#define OPEN_MASK (O_ACCMODE | O_CREAT | O_TRUNC | O_CLOEXEC)

static void
filter_load(void)
{
	static const int allowed[] = { SCMP_SYS(fstat), SCMP_SYS(newfstatat),
		SCMP_SYS(close), SCMP_SYS(exit_group) };
	/* Never from what stands for stdin, stdout and stderr. */
	static const int reads[] = { SCMP_SYS(read), SCMP_SYS(pread64),
		SCMP_SYS(preadv) };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) !=
		    0)
			_exit(90);
	for (i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, reads[i], 1,
			SCMP_A0(SCMP_CMP_GT, STDERR_FILENO, 0)) != 0)
			_exit(90);
	if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
		SCMP_A1(SCMP_CMP_EQ, F_DUPFD_CLOEXEC, 0)) != 0)
		_exit(90);
	if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		SCMP_A2(SCMP_CMP_MASKED_EQ, OPEN_MASK, O_CLOEXEC)) != 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
		SCMP_A1(SCMP_CMP_MASKED_EQ, OPEN_MASK, O_CLOEXEC)) != 0 ||
	    seccomp_load(filter) != 0)
		_exit(91);
}

/* The child's status: how many questions had an answer. */
static unsigned
questions_ask(void)
{
	static const char *const names[] = { "pat", "fix", "al@example.com",
		"x.stars.example", "two.example.com", "nobody-at-all", "root",
		"Upper", "1000", "", "bo.example.com" };
	static struct answer answer;
	static gid_t room[64];
	gid_t *groups = room;
	unsigned n = 0;
	long start, size;
	size_t i;
	int error;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n += ask_name(names[i], &answer) == NSS_STATUS_SUCCESS;
		n += ask_group(names[i], &answer) == NSS_STATUS_SUCCESS;
		start = 0;
		size = 64;
		n += module.initgroups_dyn(names[i], 1, &start, &size, &groups,
			 64, &error) == NSS_STATUS_SUCCESS;
	}
	n += ask_uid(uid_of("pat"), &answer) == NSS_STATUS_SUCCESS;
	n += ask_gid(uid_of("pat"), &answer) == NSS_STATUS_SUCCESS;
	n += ask_uid(1000, &answer) == NSS_STATUS_SUCCESS;
	n += ask_uid(0, &answer) == NSS_STATUS_SUCCESS;
	(void)module.setpwent(0);
	while (ask_next(&answer) == NSS_STATUS_SUCCESS)
		n++;
	(void)module.setgrent(0);
	while (ask_next_group(&answer) == NSS_STATUS_SUCCESS)
		n++;
	return n;
}

static int
child_status(bool is_filtered, bool is_closed)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		/* What is done once for a process is done before. */
		(void)questions_ask();
		if (is_closed)
			(void)close_range(0, ~0U, 0);
		if (is_filtered)
			filter_load();
		_exit((int)questions_ask());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
n3_n22_n25_only_reads_files(void **state)
{
	int status, want;

	(void)state;
	if (IS_SANITIZED)
		skip();
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, module_map);
	assert_int_equal(dance_register_add(module_root, "pat", uid_of("pat"),
			     DANCE_FOR_EVER, NULL),
	    0);
	want = child_status(false, false);
	status = child_status(true, false);
	if (WIFSIGNALED(status))
		fail_msg("killed by signal %d", WTERMSIG(status));
	assert_int_equal(status, want);
	assert_int_equal(WEXITSTATUS(status), 14);
	/* The same where a descriptor that is opened would be one of those. */
	status = child_status(true, true);
	if (WIFSIGNALED(status))
		fail_msg("closed: killed by signal %d", WTERMSIG(status));
	assert_int_equal(status, want);
}

/* The same with nothing to read: no other way is tried. */
static void
n3_n27_nothing_is_there(void **state)
{
	int status;

	(void)state;
	if (IS_SANITIZED)
		skip();
	tree_unlink(module_root, DANCE_INDEX_FILE);
	tree_unlink(module_root, "/etc/passwd");
	tree_unlink(module_root, "/etc/group");
	status = child_status(true, false);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(n3_n22_n25_only_reads_files),
		cmocka_unit_test(n3_n27_nothing_is_there),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
