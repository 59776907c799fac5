/* SPDX-License-Identifier: ISC */
/*
 * What this process can send to, and what it takes for its own fault: with
 * servers that answer, are silent, or are not there; without a network; with
 * no right to sockets.  As root, for a network namespace.
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reach.h"
#include "resolverbench.h"

#define PATIENCE_MS 750 /* a quarter of the bench's timeout */

/* Look until the one server has that state, for a second at most. */
static enum dance_reach_state
state_of(struct dance_reach *reach, enum dance_reach_state want, int *error)
{
	int64_t until = dance_now_ms() + 1000;
	enum dance_reach_state state;

	do {
		dance_reach_look(reach);
		state = dance_reach_state(reach, 0, ALICE, error);
	} while (state != want && dance_now_ms() < until);
	return state;
}

static void
servers_by_what_they_do(void **state)
{
	static const struct {
		enum fakedns_manner manner;
		enum dance_reach_state want;
	} rows[] = {
		{ FAKEDNS_GOOD, DANCE_REACH_ANSWERED },
		{ FAKEDNS_SERVFAIL, DANCE_REACH_ANSWERED },
		{ FAKEDNS_SILENT, DANCE_REACH_SENT },
		{ FAKEDNS_GARBAGE, DANCE_REACH_SENT },
	};
	struct bench *bench = *state;
	struct dance_reach reach = { .n = 0 };
	size_t i;
	int error;

	for (i = 0; i < N(rows); i++) {
		bench->config->n_upstreams = 0;
		fakedns_stop(&bench->servers[0]);
		bench_add(bench, rows[i].manner);
		memset(&reach, 0, sizeof(reach));
		dance_reach_open(&reach, bench->config);
		assert_int_equal(reach.n, 1);
		assert_int_equal(
		    state_of(&reach, rows[i].want, &error), rows[i].want);
		assert_int_equal(error, 0);
		dance_reach_close(&reach);
		assert_int_equal(reach.list[0].fd, -1);
	}
}

/* The host of a server that is not there says so: that is an answer. */
static void
a_closed_port_has_answered(void **state)
{
	struct bench *bench = *state;
	struct dance_reach reach = { .n = 0 };
	int error;

	bench_add(bench, FAKEDNS_GOOD);
	fakedns_stop(&bench->servers[0]);
	dance_reach_open(&reach, bench->config);
	assert_int_equal(state_of(&reach, DANCE_REACH_ANSWERED, &error),
	    DANCE_REACH_ANSWERED);
	dance_reach_close(&reach);
}

static void
what_is_no_address(void **state)
{
	static const char *const rows[] = { "x", "127.0.0.1@0", "127.0.0.1@x",
		"1.2.3", "fe80::1%lo", "@53" };
	struct bench *bench = *state;
	struct dance_reach reach;
	size_t i;
	int error;

	bench->config->n_upstreams = 1;
	for (i = 0; i < N(rows); i++) {
		(void)snprintf(bench->config->upstreams[0].address,
		    DANCE_ADDRESS_MAX, "%s", rows[i]);
		memset(&reach, 0, sizeof(reach));
		dance_reach_open(&reach, bench->config);
		assert_int_equal(dance_reach_state(&reach, 0, ALICE, &error),
		    DANCE_REACH_FAILED);
		assert_int_equal(error, EAFNOSUPPORT);
	}
}

/* A name below a stub goes to the servers of that stub alone. */
static void
stubs_are_asked_for_their_names(void **state)
{
	static const struct {
		const char *name;
		enum dance_reach_state want;
	} rows[] = {
		{ "a.in.example", DANCE_REACH_FAILED },
		{ "in.example", DANCE_REACH_FAILED },
		{ "a.b.in.example", DANCE_REACH_SENT },
		{ "a.begin.example", DANCE_REACH_SENT },
		{ "example", DANCE_REACH_SENT },
	};
	struct bench *bench = *state;
	struct dance_stub *stubs = bench->config->stubs;
	struct dance_reach reach = { .n = 0 };
	size_t i;
	int error;

	bench_add(bench, FAKEDNS_SILENT);
	bench->config->n_stubs = 2;
	(void)snprintf(stubs[0].zone, sizeof(stubs[0].zone), "in.example");
	(void)snprintf(stubs[0].address, sizeof(stubs[0].address), "none");
	(void)snprintf(stubs[1].zone, sizeof(stubs[1].zone), "b.in.example");
	(void)snprintf(stubs[1].address, sizeof(stubs[1].address), "%s",
	    bench->config->upstreams[0].address);
	dance_reach_open(&reach, bench->config);
	assert_int_equal(reach.n, 3);
	for (i = 0; i < N(rows); i++)
		if (dance_reach_state(&reach, 0, rows[i].name, &error) !=
		    rows[i].want)
			fail_msg("%s", rows[i].name);
	dance_reach_close(&reach);
}

/* Recursion begins at the root, by the one version of IP or the other. */
static void
recursion_reaches_for_the_root(void **state)
{
	struct bench *bench = *state;
	struct dance_reach reach = { .n = 0 };
	int error;

	bench->config->n_upstreams = 2;
	if (unshare(CLONE_NEWNET) != 0)
		skip();
	dance_reach_open(&reach, bench->config);
	assert_int_equal(reach.n, 2);
	assert_int_equal(
	    dance_reach_state(&reach, 0, ALICE, &error), DANCE_REACH_FAILED);
	assert_int_equal(error, ENETUNREACH);
}

/* Run in a child that a setting of ours has shaped; true if it says so. */
static bool
in_a_child(bool (*shape)(void), bool (*says)(struct bench *), struct bench *b)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(shape() && says(b) ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool
shape_not(void)
{
	return true;
}

static bool
shape_no_network(void)
{
	return unshare(CLONE_NEWNET) == 0;
}

/* As RestrictAddressFamilies=AF_UNIX of a unit does. */
static bool
shape_no_families(void)
{
	const struct scmp_arg_cmp other = {
		.arg = 0, .op = SCMP_CMP_NE, .datum_a = AF_UNIX
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	return filter != NULL &&
	    seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT),
		SCMP_SYS(socket), 1, &other) == 0 &&
	    seccomp_load(filter) == 0;
}

/* As a firewall by uid does. */
static bool
shape_no_sending(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	return filter != NULL &&
	    seccomp_rule_add(
		filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(connect), 0) == 0 &&
	    seccomp_rule_add(
		filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(sendto), 0) == 0 &&
	    seccomp_load(filter) == 0;
}

static bool
has_failed(struct bench *bench, const char *why)
{
	struct dance_rrset rrset;

	(void)bench_ask(bench, ALICE, 2 * PATIENCE_MS + 500, &rrset);
	if (rrset.dnssec != DANCE_DNSSEC_UNKNOWN)
		_exit(2);
	if (why != NULL && strstr(rrset.why, why) == NULL)
		_exit(3);
	return rrset.has_failed;
}

static bool
says_failed(struct bench *bench)
{
	return has_failed(bench, NULL);
}

static bool
says_no_network(struct bench *bench)
{
	return !has_failed(
	    bench, "nothing can be sent from here: Network is unreachable");
}

static bool
says_no_families(struct bench *bench)
{
	return !has_failed(bench, "nothing can be sent from here: Address fam");
}

static bool
says_no_right(struct bench *bench)
{
	return !has_failed(bench, "nothing can be sent from here: Operation");
}

/* Silence is the server's word where this process could send, and no other. */
static void
want_of_a_network_is_no_failure(void **state)
{
	struct bench *bench = *state;

	bench_add(bench, FAKEDNS_SILENT);
	assert_true(in_a_child(shape_not, says_failed, bench));
	assert_true(in_a_child(shape_no_network, says_no_network, bench));
	assert_true(in_a_child(shape_no_families, says_no_families, bench));
	assert_true(in_a_child(shape_no_sending, says_no_right, bench));
}

/* A server that answers nothing of use at once, and one that is not there. */
static void
silence_wants_time(void **state)
{
	const char *name = ALICE;
	struct bench *bench = *state;
	struct dance_lookup lookup = {
		.owners = &name, .n = 1, .failure = DANCE_FAILURE_SILENCE
	};
	struct dance_rrset rrset;
	int64_t start;

	bench_add(bench, FAKEDNS_SERVFAIL);
	bench_open(bench);
	start = dance_now_ms();
	lookup.deadline_ms = start + PATIENCE_MS / 3;
	assert_int_equal(
	    dance_resolver_lookup(bench->resolver, &lookup, &rrset), 0);
	assert_int_equal(rrset.dnssec, DANCE_DNSSEC_UNKNOWN);
	assert_false(rrset.has_failed);
	dance_rrset_clear(&rrset);
	dance_resolver_free(&bench->resolver);
	bench_open(bench);
	start = dance_now_ms();
	lookup.deadline_ms = start + 10 * PATIENCE_MS;
	assert_int_equal(
	    dance_resolver_lookup(bench->resolver, &lookup, &rrset), 0);
	assert_true(rrset.has_failed);
	assert_true(dance_now_ms() - start >= PATIENCE_MS);
	dance_rrset_clear(&rrset);
	dance_resolver_free(&bench->resolver);
	/* For sshd's helper the answer is enough. */
	bench_open(bench);
	lookup.failure = DANCE_FAILURE_ANSWERED;
	lookup.deadline_ms = dance_now_ms() + 10 * PATIENCE_MS;
	assert_int_equal(
	    dance_resolver_lookup(bench->resolver, &lookup, &rrset), 0);
	assert_true(rrset.has_failed);
	dance_rrset_clear(&rrset);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(servers_by_what_they_do),
		TEST(a_closed_port_has_answered),
		TEST(what_is_no_address),
		TEST(stubs_are_asked_for_their_names),
		TEST(want_of_a_network_is_no_failure),
		TEST(silence_wants_time),
		TEST(recursion_reaches_for_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
