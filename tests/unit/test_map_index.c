/* SPDX-License-Identifier: ISC */
/* An index counts only for the very files that it was made of. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiled.h"
#include "map.h"
#include "map_index.h"
#include "tree.h"

#define MAP   "a.b al\nc.d bo\n"
#define OTHER "a.b al\nc.d xy\n" /* of the same size */
#define MORE  DANCE_MAP_DIR "/10-more.accounts"

static char root[TREE_MAX], *map_path;

static int
setup(void **state)
{
	(void)state;
	compiled_tree(root);
	map_path = tree_path(root, COMPILED_MAP);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(map_path);
	tree_remove(root);
	return 0;
}

/* What a decision hears of the account. */
static bool
knows(const char *account)
{
	struct dance_fault fault = { "" };
	struct dance_map_word word;
	struct dance_map *map;

	if (dance_map_load(root, &map, &fault) != 0 ||
	    dance_map_ask(map, account, true, &word, &fault) != 0)
		fail_msg("%s", fault.text);
	dance_map_free(&map);
	return word.is_known;
}

static void
fresh(const char *map)
{
	compiled_make(root, map);
	assert_true(compiled_is_used(root));
	assert_true(knows("al"));
	assert_true(knows("bo"));
	assert_false(knows("xy"));
}

static void
a_map_that_was_written_anew(void **state)
{
	FILE *f;

	(void)state;
	fresh(MAP);
	tree_write(root, COMPILED_MAP, OTHER);
	assert_false(compiled_is_used(root));
	assert_true(knows("xy"));
	assert_false(knows("bo"));
	/* In place, the very same octets: nobody has compared them. */
	fresh(MAP);
	f = fopen(map_path, "r+e");
	assert_non_null(f);
	assert_true(fputs(MAP, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_false(compiled_is_used(root));
	assert_true(knows("bo"));
}

/* The size is the same, and so is the time that the file claims to have. */
static void
times_that_were_set_back(void **state)
{
	struct timespec times[2];
	struct stat st;

	(void)state;
	fresh(MAP);
	assert_int_equal(stat(map_path, &st), 0);
	tree_write(root, COMPILED_MAP, OTHER);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, map_path, times, 0), 0);
	assert_false(compiled_is_used(root));
	assert_true(knows("xy"));
}

static void
a_map_that_was_touched(void **state)
{
	(void)state;
	fresh(MAP);
	assert_int_equal(utimensat(AT_FDCWD, map_path, NULL, 0), 0);
	assert_false(compiled_is_used(root));
	assert_true(knows("bo"));
}

static void
a_map_that_was_renamed(void **state)
{
	char *other = tree_path(root, "/etc/dance/other");

	(void)state;
	tree_write(root, "/etc/dance/other", OTHER);
	fresh(MAP);
	assert_int_equal(rename(other, map_path), 0);
	assert_false(compiled_is_used(root));
	assert_true(knows("xy"));
	free(other);
	/* Away and back is another change time. */
	fresh(MAP);
	other = tree_path(root, "/etc/dance/away");
	assert_int_equal(rename(map_path, other), 0);
	assert_int_equal(rename(other, map_path), 0);
	assert_false(compiled_is_used(root));
	assert_true(knows("bo"));
	free(other);
}

/* An index by other rules for the lines is none of these files. */
static void
the_rules_are_a_source(void **state)
{
	const struct dance_map none = { .n = 0 };
	int64_t grammar = DANCE_MAP_GRAMMAR;

	(void)state;
	assert_int_equal(dance_map_sources(&none),
	    dance_index_sum(DANCE_INDEX_SUM_START, &grammar, sizeof(grammar)));
}

static void
files_that_come_and_go(void **state)
{
	char *more = tree_path(root, MORE), *moved;

	(void)state;
	fresh(MAP);
	tree_write(root, MORE, "!e.f xy\n");
	assert_false(compiled_is_used(root));
	assert_true(knows("xy"));
	compiled_make(root, MAP);
	assert_true(compiled_is_used(root));
	assert_true(knows("xy"));
	/* The order of the files is part of it. */
	moved = tree_path(root, DANCE_MAP_DIR "/20-more.accounts");
	assert_int_equal(rename(more, moved), 0);
	assert_false(compiled_is_used(root));
	compiled_make(root, MAP);
	assert_true(compiled_is_used(root));
	assert_int_equal(unlink(moved), 0);
	assert_false(compiled_is_used(root));
	assert_false(knows("xy"));
	/* One that is no part of the map is none of the index either. */
	fresh(MAP);
	tree_write(root, DANCE_MAP_DIR "/notes.txt", "broken");
	tree_write(root, DANCE_MAP_DIR "/.x.accounts", "broken");
	assert_true(compiled_is_used(root));
	free(moved);
	free(more);
}

/* A fault of the map is one although there is an index. */
static void
maps_that_are_refused(void **state)
{
	struct dance_fault fault = { "" };
	struct dance_map *map;

	(void)state;
	fresh(MAP);
	tree_chmod(root, COMPILED_MAP, 0664);
	assert_int_equal(dance_map_load(root, &map, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "writable by group"));
	fresh(MAP);
	tree_chown(root, COMPILED_MAP, 1);
	assert_int_equal(dance_map_load(root, &map, &fault), DANCE_ERR_CONFIG);
	tree_unlink(root, COMPILED_MAP);
	fresh(MAP);
	tree_unlink(root, COMPILED_MAP);
	assert_int_equal(dance_map_load(root, &map, &fault), DANCE_ERR_CONFIG);
	fresh(MAP);
	tree_chmod(root, "/etc/dance", 0777);
	assert_int_equal(dance_map_load(root, &map, &fault), DANCE_ERR_CONFIG);
	tree_chmod(root, "/etc/dance", 0755);
}

static void
indexes_that_are_not_used(void **state)
{
	char *path = tree_path(root, DANCE_INDEX_FILE);
	struct dance_index index;
	struct stat st;
	unsigned fds;

	(void)state;
	fresh(MAP);
	assert_int_equal(dance_index_open(path, &index), 0);
	dance_index_close(&index);
	fds = tree_count_fds();
	tree_chown(root, DANCE_INDEX_FILE, 1);
	assert_false(compiled_is_used(root));
	tree_chown(root, DANCE_INDEX_FILE, 0);
	tree_chmod(root, DANCE_INDEX_FILE, 0664);
	assert_false(compiled_is_used(root));
	tree_chmod(root, DANCE_INDEX_FILE, 0644);
	assert_true(compiled_is_used(root));
	index.header.version++;
	compiled_set_header(path, &index.header);
	assert_false(compiled_is_used(root));
	index.header.version--;
	index.header.sources ^= 1;
	compiled_set_header(path, &index.header);
	assert_false(compiled_is_used(root));
	index.header.sources ^= 1;
	compiled_set_header(path, &index.header);
	assert_true(compiled_is_used(root));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	assert_false(compiled_is_used(root));
	assert_true(knows("bo"));
	tree_unlink(root, DANCE_INDEX_FILE);
	assert_false(compiled_is_used(root));
	assert_true(knows("bo"));
	assert_int_equal(tree_count_fds(), fds);
	free(path);
}

/* Damage that shows only where it is read is a fault, not another answer. */
static void
damaged_records(void **state)
{
	struct dance_fault fault = { "" };
	struct dance_map_word word;
	struct dance_map *map;
	static char text[8192];
	char *path = tree_path(root, DANCE_INDEX_FILE), octet;
	const char *at;
	size_t len;
	FILE *f;

	(void)state;
	fresh("a.b al no-pty\nc.d bo\n");
	f = fopen(path, "r+e");
	assert_non_null(f);
	len = fread(text, 1, sizeof(text), f);
	at = memmem(text, len, "no-pty", 6);
	assert_non_null(at);
	octet = 'N';
	assert_int_equal(pwrite(fileno(f), &octet, 1, at - text), 1);
	fclose(f);
	assert_true(knows("bo"));
	assert_int_equal(dance_map_load(root, &map, &fault), 0);
	assert_int_equal(
	    dance_map_ask(map, "al", true, &word, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "damaged: run dancectl compile"));
	dance_map_free(&map);
	free(path);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_that_was_written_anew),
		cmocka_unit_test(times_that_were_set_back),
		cmocka_unit_test(a_map_that_was_touched),
		cmocka_unit_test(a_map_that_was_renamed),
		cmocka_unit_test(the_rules_are_a_source),
		cmocka_unit_test(files_that_come_and_go),
		cmocka_unit_test(maps_that_are_refused),
		cmocka_unit_test(indexes_that_are_not_used),
		cmocka_unit_test(damaged_records),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
