/* SPDX-License-Identifier: ISC */
/*
 * The whole way of a question: files of a tree, a worker behind its walls, and
 * a scripted resolver inside.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "ask.h"
#include "scripted_resolver.h"
#include "tree.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define ALICE "laptop._device.example.com"
#define ACCOUNTS                                     \
	ALICE " alice no-pty\nb.example.com alice\n" \
	      "broken.example.com bob\n"

static char root[TREE_MAX];
static struct offer_key key, other;
static unsigned fds;

static int
group_setup(void **state)
{
	(void)state;
	offer_key_init(&key, "ssh-ed25519", 0);
	offer_key_init(&other, "ssh-ed25519", 0);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	script_clear();
	offer_key_clear(&key);
	offer_key_clear(&other);
	return 0;
}

static int
setup(void **state)
{
	(void)state;
	script_clear();
	tree_make(root);
	tree_write(root, "/etc/passwd",
	    "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n");
	tree_write(root, "/usr/share/dns/root.key",
	    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683"
	    "457104237C7F8EC8D\n");
	tree_write(root, DANCE_MAP_FILE, ACCOUNTS);
	fds = tree_count_fds();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(tree_count_children(), 0);
	assert_int_equal(tree_count_fds(), fds);
	tree_remove(root);
	return 0;
}

typedef void reporter(const struct dance_policy *policy,
    const struct dance_decision *decision, void *arg);

static void
ask(const char *login, const struct dance_offer *offer, reporter *report,
    struct dance_result *result, char **line)
{
	struct dance_question question = { .login = login,
		.offer = *offer,
		.start_ms = dance_now_ms(),
		.report = report };
	struct dance_config *config = NULL;
	struct dance_fault fault = { "" };

	if (dance_config_load(root, &config, &fault) != 0)
		fail_msg("%s", fault.text);
	question.config = config;
	script_deadline = question.start_ms + config->timeout_ms;
	memset(result, 'x', sizeof(*result));
	dance_ask(&question, result, line);
	dance_config_free(&config);
}

static void
expect(const char *login, const struct dance_offer *offer, const char *reason)
{
	struct dance_result result;
	char *line;

	ask(login, offer, NULL, &result, &line);
	if (strcmp(dance_reason(result.verdict), reason) != 0)
		fail_msg(
		    "%s: %s", dance_reason(result.verdict), result.fault.text);
	assert_int_equal(line != NULL, result.verdict == 0);
	free(line);
}

static void
req_67_89_what_an_accepted_login_tells(void **state)
{
	struct dance_offer offer = offer_plain(&key);
	struct script_name *name = script_secure(ALICE, "3 1 2", &other);
	struct dance_result result;
	char *line, *want;

	(void)state;
	script_record(name, "3 1 0", &key);
	script_answer("b.example.com", DANCE_DNSSEC_BOGUS);
	ask("alice", &offer, NULL, &result, &line);
	assert_int_equal(result.verdict, 0);
	assert_string_equal(result.account, "alice");
	assert_string_equal(result.identity, ALICE);
	assert_string_equal(result.fingerprint, key.fingerprint);
	assert_string_equal(result.source, "dns");
	assert_string_equal(result.fault.text, "");
	assert_true(result.has_record);
	assert_int_equal(result.usage, 3);
	assert_int_equal(result.selector, 1);
	assert_int_equal(result.matching, 0);
	assert_true(asprintf(&want, "no-pty ssh-ed25519 %s", key.base64) > 0);
	assert_string_equal(line, want);
	free(want);
	free(line);
}

static void
req_89_what_a_refused_login_tells(void **state)
{
	struct dance_offer offer = offer_plain(&key);
	struct dance_result result;
	char *line;

	(void)state;
	script_answer("b.example.com", DANCE_DNSSEC_SECURE);
	script_secure(ALICE, "3 1 1", &key)->dnssec = DANCE_DNSSEC_BOGUS;
	ask("alice", &offer, NULL, &result, &line);
	assert_int_equal(result.verdict, DANCE_ERR_BOGUS);
	assert_null(line);
	/* A claim, of which nothing is known. */
	assert_string_equal(result.identity, ALICE);
	assert_string_equal(result.account, "alice");
	assert_string_equal(result.fingerprint, key.fingerprint);
	assert_false(result.has_record);
	assert_int_equal(strncmp(result.fault.text, ALICE, strlen(ALICE)), 0);
}

static void
req_90_answers_and_faults(void **state)
{
	struct dance_offer offer = offer_plain(&key), bad = offer;
	struct script_name *name = script_secure(ALICE, "3 1 1", &other);

	(void)state;
	script_answer("b.example.com", DANCE_DNSSEC_SECURE);
	expect("alice", &offer, "mismatch");
	name->dnssec = DANCE_DNSSEC_UNKNOWN;
	expect("alice", &offer, "dns-failure");
	expect("root", &offer, "not-mapped");
	expect("", &offer, "config");
	bad.base64 = "AAAA";
	expect("alice", &bad, "bad-credential");
	tree_write(root, DANCE_MAP_FILE, ACCOUNTS "broken\n");
	expect("alice", &offer, "config");
	tree_unlink(root, DANCE_MAP_FILE);
	expect("alice", &offer, "config");
	tree_write(root, DANCE_MAP_FILE, ACCOUNTS);
	tree_chmod(root, DANCE_MAP_FILE, 0666);
	expect("alice", &offer, "config");
	tree_chmod(root, DANCE_MAP_FILE, 0644);
	tree_write(root, "/usr/share/dns/root.key", "");
	expect("alice", &offer, "config");
}

/* A query for a name that is not scripted ends the worker. */
static void
a_worker_that_ends_is_a_fault(void **state)
{
	struct dance_offer offer = offer_plain(&key);

	(void)state;
	script_secure(ALICE, "3 1 1", &key);
	expect("alice", &offer, "internal");
}

/* Each of these runs in the worker; -1 is what it should get. */
static int
try_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int
try_create(void)
{
	return openat(
	    AT_FDCWD, "/tmp/evil", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
}

static int
try_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int
try_fork(void)
{
	return (int)syscall(SYS_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
}

static int
try_kill(void)
{
	return kill(getppid(), 0);
}

static int
try_exec(void)
{
	static char name[] = "/bin/true";
	char *args[] = { name, NULL };

	return execv(name, args);
}

static int (*tried)(void);

static void
report_try(const struct dance_policy *policy,
    const struct dance_decision *decision, void *arg)
{
	(void)policy;
	(void)decision;
	(void)arg;
	_exit(tried() == -1 ? 42 : 43);
}

/* Refused ("status 42"), or the end of the process (signal SIGSYS). */
static void
req_92_the_worker_is_shut_in(void **state)
{
	static const struct {
		int (*try)(void);
		const char *end;
	} rows[] = {
		{ try_open, "(status 42)" },
		{ try_create, "(status 42)" },
		{ try_unix_socket, "(status 42)" },
		{ try_fork, "(status 42)" },
		{ try_kill, "(signal 31)" },
		{ try_exec, "(signal 31)" },
	};
	struct dance_offer offer = offer_plain(&key);
	struct dance_result result;
	char *line;
	size_t i;

	(void)state;
	script_secure(ALICE, "3 1 1", &key);
	script_answer("b.example.com", DANCE_DNSSEC_SECURE);
	for (i = 0; i < N(rows); i++) {
		tried = rows[i].try;
		ask("alice", &offer, report_try, &result, &line);
		assert_int_equal(result.verdict, DANCE_ERR_INTERNAL);
		assert_null(line);
		if (strstr(result.fault.text, rows[i].end) == NULL)
			fail_msg("%zu: %s", i, result.fault.text);
	}
}

static void
report_hang(const struct dance_policy *policy,
    const struct dance_decision *decision, void *arg)
{
	(void)policy;
	(void)decision;
	(void)arg;
	for (;;)
		poll(NULL, 0, -1);
}

static void
req_79_the_timeout_holds_for_a_worker_too(void **state)
{
	struct dance_offer offer = offer_plain(&key);
	struct dance_result result;
	int64_t start = dance_now_ms();
	char *line;

	(void)state;
	tree_write(root, "/etc/dance/dance.conf", "timeout = 300ms\n");
	script_secure(ALICE, "3 1 1", &key);
	script_answer("b.example.com", DANCE_DNSSEC_SECURE);
	ask("alice", &offer, report_hang, &result, &line);
	assert_true(dance_now_ms() - start < 2000);
	assert_true(dance_is_fault(result.verdict));
	assert_null(line);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(req_67_89_what_an_accepted_login_tells),
		TEST(req_89_what_a_refused_login_tells),
		TEST(req_90_answers_and_faults),
		TEST(a_worker_that_ends_is_a_fault),
		TEST(req_92_the_worker_is_shut_in),
		TEST(req_79_the_timeout_holds_for_a_worker_too),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
