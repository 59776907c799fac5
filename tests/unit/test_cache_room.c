/* SPDX-License-Identifier: ISC */
/*
 * A folder that is full: whoever can make up names takes the room of their own
 * zone, and nobody else's.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cache_store_internal.h"
#include "storebench.h"

#define N(a)  (sizeof(a) / sizeof((a)[0]))
#define ALICE "alice._device.good.example"
#define BOB   "bob._device.good.example"
#define MAX   DANCE_STORE_NAMES_MAX

static void
name_write(const char *format, unsigned i, char ret[64])
{
	char *p = ret;

	for (; *format != '\0'; format++)
		if (*format == '#')
			p += snprintf(p, 16, "%u", i);
		else
			*p++ = *format;
	*p = '\0';
}

static void
keep(const char *owner, unsigned seconds, bool is_data)
{
	struct dance_keeping keeping = keeping_of("x", seconds, is_data);

	assert_int_equal(dance_store_write(&store, owner, &keeping), 0);
}

/* As many files as that were kept before, without the work of each write. */
static void
fill_mode(const char *format, unsigned from, unsigned to, unsigned mode)
{
	struct timespec times[2] = { { time(NULL), 0 }, { 0, 0 } };
	char name[64];
	unsigned i;
	int fd;

	for (i = from; i < to; i++) {
		/* A number in the place of each "#". */
		name_write(format, i, name);
		times[1].tv_sec = times[0].tv_sec + 1000 + i % 7;
		fd = openat(store.folder, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		assert_true(fd != -1);
		assert_int_equal(futimens(fd, times), 0);
		close(fd);
	}
	dance_store_room_free(&store);
}

/* New ones, each of which makes its room. */
static void
keep_many(const char *format, unsigned n, bool is_data)
{
	char name[64];
	unsigned i;

	for (i = 0; i < n; i++) {
		name_write(format, i, name);
		keep(name, 2000, is_data);
	}
}

static bool
is_kept(const char *owner)
{
	return dance_store_has(&store, owner);
}

static unsigned
n_kept(void)
{
	return tree_count_files(root, "/cache");
}

/* Another process, which knows no more than the folder shows. */
static void
process_next(void)
{
	dance_store_close(&store);
	assert_int_equal(dance_store_open(&config, &store, &fault), 0);
}

static unsigned
mode_of(const char *owner)
{
	struct stat st;

	assert_int_equal(
	    fstatat(store.folder, owner, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

/* One zone has filled it, in each manner. */
static void
one_zone_keeps_nobody_out(void **state)
{
	static const struct {
		const char *full;
		const char *more;
	} rows[] = {
		{ "n#.evil.example", "x#.evil.example" },
		{ "n#.m#.evil.example", "n#.x#.evil.example" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		(void)teardown(NULL);
		assert_int_equal(setup(NULL), 0);
		keep(BOB, 60, true);
		fill_mode(rows[i].full, 0, MAX - 1, 0600);
		assert_int_equal(n_kept(), MAX);
		keep(ALICE, 60, true);
		assert_true(is_kept(ALICE) && is_kept(BOB));
		/* It goes on: the room is its own. */
		process_next();
		keep_many(rows[i].more, 100, true);
		assert_true(is_kept(ALICE) && is_kept(BOB));
		assert_int_equal(n_kept(), MAX);
		/* A name that was denied before, or that a wildcard made. */
		process_next();
		keep("w.good.example", 60, false);
		assert_true(is_kept("w.good.example"));
		assert_true(is_kept(ALICE) && is_kept(BOB));
	}
}

/* Several zones that the map names each have as much as another one. */
static void
zones_share_it(void **state)
{
	char name[64];
	unsigned i;

	(void)state;
	fill_mode("n#.one.example", 0, MAX / 2 - 100, 0600);
	fill_mode("n#.two.example", 0, MAX / 2 - 100, 0600);
	fill_mode("n#._device.good.example", 0, 200, 0600);
	keep_many("n#.three.example", 300, true);
	for (i = 0; i < 200; i++) {
		name_write("n#._device.good.example", i, name);
		assert_true(is_kept(name));
	}
	for (i = 0; i < 300; i++) {
		name_write("n#.three.example", i, name);
		assert_true(is_kept(name));
	}
	assert_int_equal(n_kept(), MAX);
	/* The one that has most gives way: what ends first. */
	keep_many("m#.three.example", 1, true);
	keep("first.one.example", 10, true);
	keep("other.one.example", 2000, true);
	keep("other.two.example", 2000, true);
	keep("next.one.example", 2000, true);
	keep("next.two.example", 2000, true);
	assert_false(is_kept("first.one.example"));
	assert_true(is_kept("next.one.example"));
}

/* A stranger makes up names where a wildcard answers, or a denial. */
static void
made_up_names_have_half(void **state)
{
	(void)state;
	keep(ALICE, 60, true);
	keep(BOB, 500, false);
	fill_mode("n#._device.good.example", 0, MAX / 2 - 1, 0400);
	keep_many("m#._device.good.example", 50, false);
	assert_int_equal(n_kept(), MAX / 2 + 1);
	assert_true(is_kept(ALICE));
	/* Bob's ended first of those that have let nobody in. */
	assert_false(is_kept(BOB));
	process_next();
	keep(BOB, 500, false);
	assert_true(is_kept(BOB));
	dance_store_accept(&store, BOB);
	process_next();
	keep_many("o#._device.good.example", 50, false);
	assert_true(is_kept(ALICE) && is_kept(BOB));
	assert_int_equal(n_kept(), MAX / 2 + 1);
	/* Nor do names that there are push out one that has let in. */
	fill_mode("e#._device.good.example", 0, MAX / 2 - 1, 0600);
	keep_many("f#._device.good.example", 50, true);
	assert_true(is_kept(BOB));
	assert_int_equal(n_kept(), MAX);
}

/* All of them have let somebody in: the largest zone makes room still. */
static void
accepted_names_make_room_too(void **state)
{
	(void)state;
	fill_mode("n#.evil.example", 0, MAX, 0700);
	keep(ALICE, 60, true);
	assert_true(is_kept(ALICE));
	dance_store_accept(&store, ALICE);
	keep_many("m#.evil.example", 50, true);
	process_next();
	keep(BOB, 60, true);
	assert_true(is_kept(ALICE) && is_kept(BOB));
	assert_int_equal(n_kept(), MAX);
}

/* A name and those below it, and the zone of both. */
static void
a_name_above_others(void **state)
{
	(void)state;
	keep("evil.example", 60, true);
	fill_mode("n#.evil.example", 0, MAX - 2, 0600);
	keep("good.example", 60, true);
	process_next();
	keep(ALICE, 60, true);
	keep("x.evil.example", 60, true);
	assert_true(is_kept(ALICE) && is_kept("good.example"));
	assert_int_equal(n_kept(), MAX);
}

static void
the_mark_goes_with_a_denial(void **state)
{
	struct dance_keeping denial;

	(void)state;
	dance_store_accept(&store, ALICE);
	assert_false(is_kept(ALICE));
	keep(ALICE, 60, true);
	assert_int_equal(mode_of(ALICE), 0600);
	dance_store_accept(&store, "not an identity");
	dance_store_accept(&store, "");
	dance_store_accept(&store, BOB);
	assert_int_equal(mode_of(ALICE), 0600);
	dance_store_accept(&store, ALICE);
	assert_int_equal(mode_of(ALICE), 0700);
	usleep(1000);
	keep(ALICE, 60, true);
	assert_int_equal(mode_of(ALICE), 0700);
	usleep(1000);
	denial = keeping_of("x", 60, false);
	denial.is_denial = true;
	assert_int_equal(dance_store_write(&store, ALICE, &denial), 0);
	assert_int_equal(mode_of(ALICE), 0400);
	usleep(1000);
	keep(ALICE, 60, true);
	assert_int_equal(mode_of(ALICE), 0600);
	/* An identity of a user is of the name that has its records. */
	keep("_user.good.example", 60, true);
	dance_store_accept(&store, "alice@good.example");
	assert_int_equal(mode_of("_user.good.example"), 0700);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(one_zone_keeps_nobody_out),
		TEST(zones_share_it),
		TEST(made_up_names_have_half),
		TEST(accepted_names_make_room_too),
		TEST(a_name_above_others),
		TEST(the_mark_goes_with_a_denial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
