/* SPDX-License-Identifier: ISC */
/* initgroups_dyn, and a host that has no memory left. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"
#include "register.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static bool is_memory_gone;
static unsigned n_allocated;

#ifdef __SANITIZE_ADDRESS__
#define CAN_FAIL 0
#else
#define CAN_FAIL 1

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

/* Of the whole program: the module has no allocator but its host's. */
#define ALLOCATOR(call)         \
	n_allocated++;          \
	if (is_memory_gone) {   \
		errno = ENOMEM; \
		return NULL;    \
	}                       \
	return call

__attribute__((visibility("default"))) void *
malloc(size_t size)
{
	ALLOCATOR(__libc_malloc(size));
}

__attribute__((visibility("default"))) void *
calloc(size_t n, size_t size)
{
	ALLOCATOR(__libc_calloc(n, size));
}

__attribute__((visibility("default"))) void *
realloc(void *old, size_t size)
{
	ALLOCATOR(__libc_realloc(old, size));
}
#endif

static int
reset(void **state)
{
	(void)state;
	module_reset();
	return 0;
}

static void
groups_are(const char *user, gid_t skip, const char *want)
{
	enum nss_status status;
	const char *groups = groups_of(user, skip, &status);

	assert_int_equal(status, NSS_STATUS_SUCCESS);
	assert_string_equal(groups, want);
}

static void
n15_of_whom(void **state)
{
	static const char *const none[] = { "al", "bo", "root", "pat", "fix",
		"nobody-at-all", "two.example.com", "root.example.com",
		"ghost.example.com", "only.example.com", "", "AL@example.com" };
	enum nss_status status;
	size_t i;

	(void)state;
	groups_are("al@example.com", (gid_t)-1, "4 27 ");
	groups_are("al@example.com", 1000, "4 27 ");
	groups_are("al@example.com", 4, "27 ");
	groups_are("al@example.com", 27, "4 ");
	groups_are("bo.example.com", 100, "4 ");
	groups_are("daemon.example.com", 1, "");
	/* No supplementary groups for others, and no status but these. */
	for (i = 0; i < N(none); i++) {
		assert_string_equal(groups_of(none[i], (gid_t)-1, &status), "");
		assert_int_equal(status, NSS_STATUS_NOTFOUND);
	}
}

static void
n15_hostile_groups(void **state)
{
	static char text[300000];
	size_t len, i;

	(void)state;
	tree_write(module_root, "/etc/group",
	    "\n:\n::::\nal\nal:\nal:x\nx:x:12\ny:x::al\nz:x:-1:al\n"
	    "v:x:4294967296:al\nw:x:1:al,\nw:x:2:,al\nw:x:3:,,al,,\n"
	    "w:x:4: al\nw:x:5:al \nw:x:6:AL\nw:x:7:xal,alx\nw:x:8:a,l\n"
	    "w:x:9:bo,al,bo\nw:x:9:al\nw:x:10:al:x\nw:x:11:al");
	groups_are("al@example.com", (gid_t)-1, "1 2 3 9 11 ");
	/* The account stands wherever a line is cut in two. */
	for (i = 2030; i < 2060; i++) {
		len = (size_t)snprintf(text, sizeof(text),
		    "w:x:7:%0*d,al,x\nv:x:8:al\n", (int)i, 0);
		tree_write_bytes(module_root, "/etc/group", text, len);
		groups_are("al@example.com", (gid_t)-1, "7 8 ");
		len = (size_t)snprintf(text, sizeof(text),
		    "w:x:7:%0*d,alx\nv:x:8:al\n", (int)i, 0);
		tree_write_bytes(module_root, "/etc/group", text, len);
		groups_are("al@example.com", (gid_t)-1, "8 ");
	}
	len = (size_t)snprintf(text, sizeof(text), "w:x:7:");
	for (i = 0; i < 50000; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "xal,");
	len += (size_t)snprintf(text + len, sizeof(text) - len, "al\n");
	tree_write_bytes(module_root, "/etc/group", text, len);
	groups_are("al@example.com", (gid_t)-1, "7 ");
	tree_write(module_root, "/etc/group", "");
	groups_are("al@example.com", (gid_t)-1, "");
}

/* start, size and limit of the list that glibc hands over. */
static void
n15_start_size_limit(void **state)
{
	static const struct {
		long start;
		long size;
		long limit;
		long want; /* groups in the list afterwards */
	} rows[] = {
		{ 0, 1, -1, 2 },
		{ 0, 1, 0, 2 },
		{ 0, 1, 1, 1 },
		{ 0, 1, 2, 2 },
		{ 0, 2, 2, 2 },
		{ 1, 1, 1, 1 },
		{ 1, 1, 2, 2 },
		{ 1, 1, 3, 3 },
		{ 1, 2, -1, 3 },
		{ 3, 3, 3, 3 },
		{ 3, 3, 4, 4 },
		{ 3, 3, -1, 5 },
		{ 3, 64, -1, 5 },
		{ 0, 64, 1, 1 },
	};
	long start, size, k;
	gid_t *groups;
	size_t i;
	int error;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		start = rows[i].start;
		size = rows[i].size;
		groups = calloc((size_t)size, sizeof(*groups));
		assert_non_null(groups);
		for (k = 0; k < start; k++)
			groups[k] = (gid_t)(900 + k);
		error = 0;
		assert_int_equal(
		    module.initgroups_dyn("al@example.com", 1000, &start, &size,
			&groups, rows[i].limit, &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(start, rows[i].want);
		assert_true(start <= size);
		assert_true(rows[i].limit <= 0 || size <= rows[i].limit ||
		    size == rows[i].size);
		for (k = 0; k < rows[i].start; k++)
			assert_int_equal(groups[k], 900 + k);
		if (start > rows[i].start)
			assert_int_equal(groups[rows[i].start], 4);
		free(groups);
	}
}

static void
n15_groups_that_are_there(void **state)
{
	long start = 1, size = 1;
	gid_t *groups = malloc(sizeof(*groups));
	int error;

	(void)state;
	assert_non_null(groups);
	groups[0] = 4;
	assert_int_equal(module.initgroups_dyn("al@example.com", 1000, &start,
			     &size, &groups, -1, &error),
	    NSS_STATUS_SUCCESS);
	assert_int_equal(start, 2);
	assert_int_equal(groups[1], 27);
	free(groups);
}

static void
n15_n24_realloc_fails(void **state)
{
	long start = 0, size = 1;
	gid_t *groups, *before;
	enum nss_status status;
	int error = 0;

	(void)state;
	if (!CAN_FAIL)
		skip();
	groups = before = malloc(sizeof(*groups));
	assert_non_null(groups);
	is_memory_gone = true;
	status = module.initgroups_dyn(
	    "al@example.com", 1000, &start, &size, &groups, -1, &error);
	is_memory_gone = false;
	assert_int_equal(status, NSS_STATUS_UNAVAIL);
	assert_int_equal(error, ENOMEM);
	assert_ptr_equal(groups, before);
	assert_int_equal(start, 1);
	assert_int_equal(size, 1);
	free(groups);
}

/* All other answers need no memory at all. */
static void
n24_no_memory(void **state)
{
	static struct answer answer;
	static const char *const names[] = { "pat", "al@example.com",
		"x.stars.example", "ghost", "fix" };
	size_t i;

	(void)state;
	if (!CAN_FAIL)
		skip();
	module_configure("provision-enumerate = yes\n");
	compiled_make(module_root, module_map);
	assert_int_equal(dance_register_add(module_root, "pat", uid_of("pat"),
			     DANCE_FOR_EVER, NULL),
	    0);
	(void)module.setpwent(0);
	(void)module.setgrent(0);
	n_allocated = 0;
	is_memory_gone = true;
	for (i = 0; i < N(names); i++)
		(void)ask_name(names[i], &answer);
	(void)ask_group("pat", &answer);
	(void)ask_gid(5000, &answer);
	(void)ask_uid(5000, &answer);
	(void)ask_next(&answer);
	(void)ask_next_group(&answer);
	is_memory_gone = false;
	assert_int_equal(answer.status, NSS_STATUS_SUCCESS);
	assert_int_equal(n_allocated, 0);
	found("pat", uid_of("pat"), uid_of("pat"), "", "/srv/pat", "/bin/bash");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(n15_of_whom, reset),
		cmocka_unit_test_setup(n15_hostile_groups, reset),
		cmocka_unit_test_setup(n15_start_size_limit, reset),
		cmocka_unit_test_setup(n15_groups_that_are_there, reset),
		cmocka_unit_test_setup(n15_n24_realloc_fails, reset),
		cmocka_unit_test_setup(n24_no_memory, reset),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
