/* SPDX-License-Identifier: ISC */
/* Making the index: what can't be indexed, and that the old one stays. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiled.h"
#include "map.h"
#include "tree.h"

#define GOOD "a.b al\n"

static char root[TREE_MAX], *path;

/*
 * Each look at the map begins with the clock.  CHANGED_ONCE: when the new index
 * is being written, whose uids need login.defs.
 */
static enum { QUIET, CHANGED_ONCE, CHANGED_ALWAYS } meddle;

/* How the files' times look, and the sleep that was asked for and left out. */
static enum { FINE, COARSE, TO_COME } times;
static int64_t slept;

int fstat(int fd, struct stat *st);
int clock_gettime(clockid_t id, struct timespec *now);
int nanosleep(const struct timespec *time, struct timespec *left);

__attribute__((visibility("default"))) int
clock_gettime(clockid_t id, struct timespec *now)
{
	int r = (int)syscall(SYS_clock_gettime, id, now);

	if (times != FINE) {
		now->tv_sec += slept / 1000000000;
		now->tv_nsec += slept % 1000000000;
	}
	if (meddle == CHANGED_ALWAYS)
		tree_write(root, COMPILED_MAP, GOOD);
	if (meddle == CHANGED_ONCE &&
	    tree_count_files(root, DANCE_STATEDIR) > 1) {
		tree_write(root, COMPILED_MAP, GOOD "# more\n");
		meddle = QUIET;
	}
	return r;
}

__attribute__((visibility("default"))) int
nanosleep(const struct timespec *time, struct timespec *left)
{
	int r = 0;

	if (times != FINE)
		slept += (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
	else if (meddle != CHANGED_ALWAYS)
		r = (int)syscall(SYS_nanosleep, time, left);
	return r;
}

__attribute__((visibility("default"))) int
fstat(int fd, struct stat *st)
{
	int r = fstatat(fd, "", st, AT_EMPTY_PATH);

	if (times == COARSE)
		st->st_ctim.tv_nsec = 0;
	if (times == TO_COME)
		st->st_ctim.tv_sec += 3600;
	return r;
}

/* Of folders; files are synced. */
static bool is_sync_broken;

int fsync(int fd);

__attribute__((visibility("default"))) int
fsync(int fd)
{
	struct stat st;

	if (is_sync_broken && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

static int
setup(void **state)
{
	(void)state;
	compiled_tree(root);
	path = tree_path(root, DANCE_INDEX_FILE);
	compiled_make(root, GOOD);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(path);
	tree_remove(root);
	return 0;
}

/* It fails for this reason, and the index is the very same file as before. */
static void
fails(const char *cause)
{
	struct dance_index_made made;
	struct dance_fault fault = { "" };
	struct stat before, after;

	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(compiled_try(root, &made, &fault), DANCE_ERR_CONFIG);
	if (strstr(fault.text, cause) == NULL)
		fail_msg("%s, not: %s", fault.text, cause);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(tree_count_files(root, DANCE_STATEDIR), 1);
}

static void
text_fails(const char *map, const char *cause)
{
	tree_write(root, COMPILED_MAP, map);
	fails(cause);
}

/* n lines, each by format from its number. */
static char *
lines_make(const char *format, unsigned n)
{
	static char text[1 << 20];
	size_t used = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, format, i);
#pragma GCC diagnostic pop
		assert_true(used < sizeof(text));
	}
	return text;
}

static unsigned
records_count(enum dance_index_key letter, const char *text)
{
	static struct dance_index index;
	struct dance_index_value value;
	struct dance_index_walk walk;
	unsigned n = 0;
	int r;

	assert_int_equal(dance_index_open(path, &index), 0);
	r = dance_index_find(&index, letter, text, strlen(text), &walk);
	while (r == 0 && (r = dance_index_next(&walk, &value)) == 0)
		n++;
	assert_int_equal(r, ENOENT);
	dance_index_close(&index);
	return n;
}

static void
what_is_made(void **state)
{
	struct dance_index_made made = { 0, 0 };
	struct dance_fault fault = { "" };
	struct stat st;
	unsigned fds = tree_count_fds();

	(void)state;
	tree_write(root, COMPILED_MAP, "# none\n\na.b al\n!c.d *\n");
	tree_write(root, DANCE_MAP_DIR "/x.accounts", "*.b bo");
	assert_int_equal(compiled_try(root, &made, &fault), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(made.n_lines, 3);
	assert_int_equal(made.size, st.st_size);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(tree_count_files(root, DANCE_STATEDIR), 1);
	assert_int_equal(tree_count_fds(), fds);
	/* An empty map is a map. */
	tree_unlink(root, DANCE_MAP_DIR "/x.accounts");
	tree_write(root, COMPILED_MAP, "");
	assert_int_equal(compiled_try(root, &made, &fault), 0);
	assert_int_equal(made.n_lines, 0);
	assert_true(compiled_is_used(root));
}

static void
maps_that_have_no_index(void **state)
{
	(void)state;
	text_fails("a.b al\nbroken\n", "accounts:2:1: not an identity");
	text_fails("a.b al nopty\n", "accounts:1:8: ");
	text_fails("a.b al\n!%u.b al\n", "accounts:2:");
	tree_write(root, COMPILED_MAP, GOOD);
	tree_write(root, DANCE_MAP_DIR "/z.accounts", "\na.b\n");
	fails("z.accounts:2:");
	tree_unlink(root, DANCE_MAP_DIR "/z.accounts");
	tree_chmod(root, COMPILED_MAP, 0666);
	fails("writable by group or others");
	tree_chmod(root, COMPILED_MAP, 0644);
	tree_chown(root, COMPILED_MAP, 1);
	fails("owned by uid 1");
	tree_unlink(root, COMPILED_MAP);
	fails(strerror(ENOENT));
	tree_write(root, COMPILED_MAP, GOOD);
	tree_write(root, "/etc/login.defs", "UID_MIN many\n");
	fails("UID_MIN is not a number");
	tree_unlink(root, "/etc/login.defs");
}

static void
a_folder_that_is_not_there(void **state)
{
	struct dance_index_made made;
	struct dance_fault fault = { "" };
	char gone[TREE_MAX];

	(void)state;
	tree_make(gone);
	tree_write(gone, COMPILED_MAP, GOOD);
	assert_int_equal(compiled_try(gone, &made, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "accounts.db.new."));
	assert_non_null(strstr(fault.text, strerror(ENOENT)));
	tree_remove(gone);
}

/* A change of the folder is not whole before it is on the disk as well. */
static void
a_folder_that_is_not_synced(void **state)
{
	struct dance_index_made made;
	struct dance_fault fault = { "" };

	(void)state;
	tree_write(root, COMPILED_MAP, GOOD);
	is_sync_broken = true;
	assert_int_equal(compiled_try(root, &made, &fault), DANCE_ERR_CONFIG);
	is_sync_broken = false;
	assert_non_null(strstr(fault.text, strerror(EIO)));
	assert_int_equal(tree_count_files(root, DANCE_STATEDIR), 1);
}

static void
a_map_that_changes_meanwhile(void **state)
{
	(void)state;
	tree_write(root, COMPILED_MAP, GOOD);
	tree_write(root, "/etc/login.defs", "UID_MIN 1000\n");
	meddle = CHANGED_ONCE;
	fails("changed meanwhile");
	tree_unlink(root, "/etc/login.defs");
	meddle = CHANGED_ALWAYS;
	fails("changes all the time");
	meddle = QUIET;
	compiled_make(root, GOOD);
}

/* Two changes within two seconds may have one time. */
static void
times_that_are_coarse(void **state)
{
	(void)state;
	times = COARSE;
	slept = 0;
	compiled_make(root, GOOD);
	assert_in_range(slept, 1000000000, 2500000000);
	times = FINE;
}

/* A time to come is not waited for: a change would set the time of now. */
static void
times_to_come(void **state)
{
	(void)state;
	times = TO_COME;
	slept = 0;
	compiled_make(root, GOOD);
	assert_in_range(slept, 0, 1000000000);
	meddle = CHANGED_ALWAYS;
	text_fails(GOOD, "changes all the time");
	meddle = QUIET;
	times = FINE;
}

/* Of the lines for one account there are as many as a decision asks for. */
static void
lines_of_one_account(void **state)
{
	(void)state;
	compiled_make(root, lines_make("l%u.b al\n", DANCE_INDEX_A_MAX - 1));
	assert_int_equal(
	    records_count(DANCE_INDEX_ACCOUNT, "al"), DANCE_INDEX_A_MAX - 1);
	compiled_make(root, lines_make("l%u.b al\n", DANCE_INDEX_A_MAX));
	assert_int_equal(
	    records_count(DANCE_INDEX_ACCOUNT, "al"), DANCE_INDEX_A_MAX);
	compiled_make(root, lines_make("l%u.b al,bo\n", 6000));
	assert_int_equal(
	    records_count(DANCE_INDEX_ACCOUNT, "al"), DANCE_INDEX_A_MAX);
	assert_int_equal(
	    records_count(DANCE_INDEX_ACCOUNT, "bo"), DANCE_INDEX_A_MAX);
	assert_int_equal(records_count(DANCE_INDEX_LINES, "l5999.b"), 1);
}

static void
names_that_are_repeated(void **state)
{
	(void)state;
	compiled_make(
	    root, "a.b al,bo,al,alb,al provision\n*.b cy,cy\n!c.d al,al\n");
	assert_int_equal(records_count(DANCE_INDEX_ACCOUNT, "al"), 1);
	assert_int_equal(records_count(DANCE_INDEX_ACCOUNT, "bo"), 1);
	assert_int_equal(records_count(DANCE_INDEX_ACCOUNT, "alb"), 1);
	assert_int_equal(records_count(DANCE_INDEX_PROVISION, "al"), 1);
	assert_int_equal(records_count(DANCE_INDEX_STARS, "al"), 1);
	assert_int_equal(records_count(DANCE_INDEX_STARS, "cy"), 1);
}

static void
too_many_lines_of_one_key(void **state)
{
	static const struct {
		const char *format;
		enum dance_index_key letter;
		const char *text;
		const char *cause;
	} rows[] = {
		{ "a.b u%u\n", DANCE_INDEX_LINES, "a.b",
		    "more than 4096 lines for a.b" },
		{ "%%u.l%u.b %%u\n", DANCE_INDEX_SELF, "",
		    "more than 4096 lines for %u" },
		{ "*.l%u.b bo\n", DANCE_INDEX_STARS, "bo",
		    "more than 4096 lines for bo" },
		{ "!l%u.b cy\n", DANCE_INDEX_STARS, "cy",
		    "more than 4096 lines for cy" },
		{ "l%u.b dy provision\n", DANCE_INDEX_PROVISION, "dy",
		    "more than 4096 lines for dy" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		compiled_make(
		    root, lines_make(rows[i].format, DANCE_INDEX_SAME_MAX));
		assert_int_equal(records_count(rows[i].letter, rows[i].text),
		    DANCE_INDEX_SAME_MAX);
		text_fails(lines_make(rows[i].format, DANCE_INDEX_SAME_MAX + 1),
		    rows[i].cause);
	}
}

/* Forms of patterns: bit i of a number says where a "*" stands. */
static void
too_many_shapes(void **state)
{
	char text[1024] = "";
	size_t used = 0;
	unsigned n, i;

	(void)state;
	for (n = 1; n <= DANCE_INDEX_SHAPES_MAX + 1; n++) {
		for (i = 0; i < 6; i++)
			used +=
			    (size_t)snprintf(text + used, sizeof(text) - used,
				(n & 1U << i) != 0 ? "*." : "a.");
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, "b al\n");
		if (n == DANCE_INDEX_SHAPES_MAX)
			compiled_make(root, text);
	}
	text_fails(text, "patterns of more than 32 forms");
}

static void
a_column_that_is_too_long(void **state)
{
	char text[DANCE_INDEX_COLUMN_MAX + 16];

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "a.b ", 4);
	text[4 + 200] = text[4 + 400] = text[4 + 600] = text[4 + 800] = ',';
	memcpy(text + 4 + DANCE_INDEX_COLUMN_MAX - 1, "\n", 2);
	compiled_make(root, text);
	memcpy(text + 4 + DANCE_INDEX_COLUMN_MAX - 1, "a\n", 3);
	text_fails(text,
	    "accounts:1: the second column has more than 1023 characters");
}

/* No line of dance.conf is so long, but the record has its bounds. */
static void
settings_that_are_too_long(void **state)
{
	struct dance_index_made made;
	struct dance_fault fault = { "" };
	struct dance_config *config;

	(void)state;
	tree_write(root, COMPILED_MAP, GOOD);
	assert_int_equal(dance_config_load(root, &config, &fault), 0);
	free(config->provision_home);
	config->provision_home = calloc(1, DANCE_INDEX_PATH_MAX + 1);
	assert_non_null(config->provision_home);
	memset(config->provision_home, '/', DANCE_INDEX_PATH_MAX - 1);
	assert_int_equal(dance_index_make(config, &made, &fault), 0);
	config->provision_home[DANCE_INDEX_PATH_MAX - 1] = '/';
	assert_int_equal(
	    dance_index_make(config, &made, &fault), DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, "longer than 255 characters"));
	dance_config_free(&config);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_made),
		cmocka_unit_test(maps_that_have_no_index),
		cmocka_unit_test(a_folder_that_is_not_there),
		cmocka_unit_test(a_folder_that_is_not_synced),
		cmocka_unit_test(a_map_that_changes_meanwhile),
		cmocka_unit_test(times_that_are_coarse),
		cmocka_unit_test(times_to_come),
		cmocka_unit_test(lines_of_one_account),
		cmocka_unit_test(names_that_are_repeated),
		cmocka_unit_test(too_many_lines_of_one_key),
		cmocka_unit_test(too_many_shapes),
		cmocka_unit_test(a_column_that_is_too_long),
		cmocka_unit_test(settings_that_are_too_long),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
