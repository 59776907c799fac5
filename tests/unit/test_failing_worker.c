/* SPDX-License-Identifier: ISC */
/*
 * The worker, its walls and the cache between it and its parent, with every
 * call on either side failing once: the answer is the one that was to be, or a
 * fault; no child, no descriptor and no lock is left.
 */
#include "failing.h"

#include <grp.h>
#include <sys/wait.h>

#include "cache_store.h"
#include "clock.h"
#include "file.h"
#include "sandbox.h"
#include "worker_child.h"

#define CACHE "/var/cache/dance"
#define OWNER "a.example"
#define KEPT  "what was kept"

static char root[TREE_MAX];
static struct dance_config *config;

static int
setup(void **state)
{
	struct dance_fault fault = { "" };
	const char *text = "cache = " CACHE "\ncache-max-ttl = 1h\n";

	(void)state;
	tree_make(root);
	tree_mkdir(root, CACHE);
	tree_chmod(root, CACHE, 0700);
	return dance_config_parse(
	    text, strlen(text), "conf", root, &config, &fault);
}

static int
teardown(void **state)
{
	(void)state;
	dance_config_free(&config);
	tree_remove(root);
	return 0;
}

/* Behind the walls it reads what is kept, keeps the same again, and says so. */
static void
job(void *arg, struct dance_result *ret, char **ret_line)
{
	const struct dance_cache_link *link = dance_worker_cache(arg);
	struct dance_keeping keeping = { .seconds = 100, .is_data = true };
	uint8_t *data = NULL;
	bool is_busy;
	size_t len;

	if (dance_sandbox_enter(10, false, &ret->fault) != 0 ||
	    link->fetch(NULL, OWNER, true, &data, &len, &is_busy) != 0)
		return;
	keeping.data =
	    (struct dance_bytes){ (const uint8_t *)KEPT, strlen(KEPT) };
	if (link->settle(NULL, OWNER, &keeping) != 0 ||
	    link->settle(NULL, "b.example", NULL) != 0 ||
	    (*ret_line = strdup("a line")) == NULL)
		return;
	if (data == NULL ||
	    (len == strlen(KEPT) && memcmp(data, KEPT, len) == 0))
		ret->verdict = 0;
	free(data);
}

static int
worker_run(void *arg)
{
	struct dance_store store = { .folder = -1, .lock = -1 };
	struct dance_work work = { .job = job, .arg = &store, .store = &store };
	enum failing_how how = failing.how;
	struct dance_fault fault = { "" };
	struct dance_result result;
	char *line;

	(void)arg;
	failing.how = FAILING_NOT;
	assert_int_equal(dance_store_open(config, &store, &fault), 0);
	work.deadline_ms = dance_now_ms() + 60000;
	failing.how = how;
	dance_worker_run(&work, &result, &line);
	failing.how = FAILING_NOT;
	assert_int_equal(result.verdict == 0, line != NULL);
	if (line != NULL)
		assert_string_equal(line, "a line");
	if (result.verdict != 0)
		assert_int_equal(result.verdict, DANCE_ERR_INTERNAL);
	assert_int_equal(store.n_locked, 0);
	assert_int_equal(tree_count_children(), 0);
	dance_store_close(&store);
	free(line);
	return result.verdict;
}

static void
a_worker_with_a_cache(void **state)
{
	(void)state;
	failing_sweep(worker_run, NULL);
}

static int
store_run(void *arg)
{
	struct dance_keeping keeping = { .data = { (const uint8_t *)KEPT,
					     strlen(KEPT) },
		.seconds = 100,
		.is_data = true };
	struct dance_store store = { .folder = -1, .lock = -1 };
	struct dance_fault fault = { "" };
	char **names = NULL;
	size_t n = 0;
	int r = dance_store_open(config, &store, &fault);

	(void)arg;
	dance_moment_now(&keeping.asked);
	if (r == 0 && store.folder == -1)
		r = DANCE_ERR_CONFIG;
	if (r == 0)
		r = dance_store_write(&store, OWNER, &keeping);
	failing.how = FAILING_NOT;
	if (r == 0) {
		assert_int_equal(dance_store_list(&store, &names, &n), 0);
		/* What an earlier fault took away may be the younger. */
		assert_true(n == 0 || (n == 1 && strcmp(names[0], OWNER) == 0));
	}
	dance_file_names_free(&names, n);
	dance_store_close(&store);
	return r;
}

static void
a_store_keeps_it_or_says_so(void **state)
{
	(void)state;
	failing_sweep(store_run, NULL);
}

/* In a child, for it is for good; its status is what it was told. */
static int
child_run(int (*enter)(void))
{
	int status, code;
	pid_t pid;
	enum failing_how how = failing.how;

	failing.how = FAILING_NOT;
	if ((pid = fork()) == 0) {
		failing.how = how;
		code = -enter();
		failing.how = FAILING_NOT;
		_exit(code);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

/* Success means that a file can't be opened any more. */
static int
walls_enter(void)
{
	struct dance_fault fault = { "" };
	int r = dance_sandbox_enter(10, true, &fault);

	if (r == 0 && __real_open("/dev/null", O_RDONLY | O_CLOEXEC) != -1)
		return -99;
	return r == 0 || fault.text[0] != '\0' ? r : -98;
}

static int
walls_run(void *arg)
{
	(void)arg;
	return child_run(walls_enter);
}

/* Success means that root does not come back, nor any of its groups. */
static int
become_enter(void)
{
	struct dance_fault fault = { "" };
	int r = dance_sandbox_drop_root(&fault);

	if (r == 0 &&
	    (getuid() == 0 || geteuid() == 0 || getegid() == 0 ||
		getgroups(0, NULL) != 0 || setuid(0) == 0))
		return -99;
	return r == 0 || fault.text[0] != '\0' ? r : -98;
}

static int
become_run(void *arg)
{
	(void)arg;
	return child_run(become_enter);
}

static void
walls_stand_or_it_is_said(void **state)
{
	(void)state;
	failing_sweep(walls_run, NULL);
	if (getuid() == 0)
		failing_sweep(become_run, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_worker_with_a_cache),
		TEST(a_store_keeps_it_or_says_so),
		TEST(walls_stand_or_it_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
