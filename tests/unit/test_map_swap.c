/* SPDX-License-Identifier: ISC */
/*
 * The map is replaced while it is read: before each call that looks at a file,
 * in turn.  In every state that ever stands there a line refuses the identity,
 * so it is never let in.  The calls are the test's own.
 */
/* With it some of these calls are inline functions of the C library. */
#undef _FORTIFY_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <err.h>
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
#include <unistd.h>

#include <cmocka.h>

#include "compiled.h"
#include "map.h"
#include "tree.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define LETS_IN	  "a.b al\n"
#define REFUSES	  "!a.b *\n"
#define BIG	  (3 * 4096) /* more than one read */
#define STEPS_MAX 2000

/* A tree that swap() takes from one state to the other, and back. */
struct world {
	const char *name;
	void (*make)(void);
	void (*swap)(bool is_second);
};

static char root[TREE_MAX];
static const struct world *world;

/* Calls are counted; before those of these numbers the tree is swapped. */
static unsigned step, swap_first, swap_second, n_swaps;
static bool is_counting, swaps_always;

static void
swap_now(void)
{
	int error = errno;

	is_counting = false;
	world->swap(++n_swaps % 2 == 1);
	is_counting = true;
	errno = error;
}

static void
count_step(void)
{
	if (!is_counting)
		return;
	step++;
	if (swaps_always || step == swap_first || step == swap_second)
		swap_now();
}

static void *
real_of(const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	if (symbol == NULL)
		errx(1, "%s", name);
	return symbol;
}

__attribute__((visibility("default"))) struct dirent *
readdir(DIR *dir)
{
	struct dirent *(*real)(DIR *);
	void *symbol = real_of("readdir");

	memcpy(&real, &symbol, sizeof(real));
	count_step();
	return real(dir);
}

__attribute__((visibility("default"))) DIR *
opendir(const char *path)
{
	DIR *(*real)(const char *);
	void *symbol = real_of("opendir");

	memcpy(&real, &symbol, sizeof(real));
	count_step();
	return real(path);
}

__attribute__((visibility("default"))) int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = (flags & O_CREAT) == 0 ? 0 : va_arg(ap, mode_t);
	va_end(ap);
	count_step();
	return openat(AT_FDCWD, path, flags, mode);
}

__attribute__((visibility("default"))) ssize_t
read(int fd, void *data, size_t len)
{
	count_step();
	return (ssize_t)syscall(SYS_read, fd, data, len);
}

__attribute__((visibility("default"))) int
stat(const char *path, struct stat *st)
{
	count_step();
	return fstatat(AT_FDCWD, path, st, 0);
}

__attribute__((visibility("default"))) int
lstat(const char *path, struct stat *st)
{
	count_step();
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

__attribute__((visibility("default"))) int
fstat(int fd, struct stat *st)
{
	count_step();
	return fstatat(fd, "", st, AT_EMPTY_PATH);
}

__attribute__((visibility("default"))) ssize_t
readlink(const char *path, char *text, size_t size)
{
	count_step();
	return readlinkat(AT_FDCWD, path, text, size);
}

/* Put what stands at from, which is new, in the place of to. */
static void
put(const char *from, const char *to)
{
	char *old = tree_path(root, from), *new = tree_path(root, to);

	if (rename(old, new) != 0)
		err(1, "%s", new);
	free(old);
	free(new);
}

static void
put_text(const char *path, const char *text)
{
	tree_write(root, "/etc/new", text);
	put("/etc/new", path);
}

static void
put_link(const char *path, const char *target)
{
	tree_link(root, "/etc/new", target);
	put("/etc/new", path);
}

/* The folder is swapped for another with the same file, and removed. */
static void
folder_make(void)
{
	tree_write(root, DANCE_MAP_FILE, LETS_IN);
	tree_write(root, DANCE_MAP_DIR "/10-no.accounts", REFUSES);
}

static void
folder_swap(bool is_second)
{
	char *old = tree_path(root, DANCE_MAP_DIR);
	char *new = tree_path(root, "/etc/spare");

	(void)is_second;
	tree_write(root, "/etc/spare/10-no.accounts", REFUSES);
	if (renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_EXCHANGE) != 0)
		err(1, "%s", new);
	free(old);
	free(new);
	tree_unlink(root, "/etc/spare/10-no.accounts");
	tree_unlink(root, "/etc/spare");
}

/* Two trees; in the first one the file refuses, in the other the folder. */
static void
trees_make(const char *first, const char *second)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/accounts.d", first);
	tree_mkdir(root, path);
	(void)snprintf(path, sizeof(path), "%s/accounts", first);
	tree_write(root, path, REFUSES LETS_IN);
	(void)snprintf(path, sizeof(path), "%s/accounts", second);
	tree_write(root, path, LETS_IN);
	(void)snprintf(
	    path, sizeof(path), "%s/accounts.d/10-no.accounts", second);
	tree_write(root, path, REFUSES);
}

/* The whole of /etc/dance is a link. */
static void
whole_swap(bool is_second)
{
	put_link("/etc/dance", is_second ? "dance.2" : "dance.1");
}

static void
whole_make(void)
{
	trees_make("/etc/dance.1", "/etc/dance.2");
	whole_swap(false);
}

/* The file and the folder are links, which lead over one and the same. */
static void
links_swap(bool is_second)
{
	put_link("/srv/now", is_second ? "2" : "1");
}

static void
links_make(void)
{
	trees_make("/srv/1", "/srv/2");
	tree_mkdir(root, "/etc/dance");
	tree_link(root, DANCE_MAP_FILE, "../../srv/now/accounts");
	tree_link(root, DANCE_MAP_DIR, "../../srv/now/accounts.d");
	links_swap(false);
}

/* The folder itself is renamed. */
static void
rename_swap(bool is_second)
{
	put("/etc/dance", is_second ? "/etc/dance.1" : "/etc/dance.2");
	put(is_second ? "/etc/dance.2" : "/etc/dance.1", "/etc/dance");
}

static void
rename_make(void)
{
	trees_make("/etc/dance", "/etc/dance.2");
}

/* The line that refuses moves from one file to another. */
static void
line_make(void)
{
	tree_write(root, DANCE_MAP_FILE, REFUSES LETS_IN);
	tree_write(root, DANCE_MAP_DIR "/10-no.accounts", "");
}

static void
line_swap(bool is_second)
{
	if (!is_second)
		put_text(DANCE_MAP_FILE, REFUSES LETS_IN);
	put_text(DANCE_MAP_DIR "/10-no.accounts", is_second ? REFUSES : "");
	if (is_second)
		put_text(DANCE_MAP_FILE, LETS_IN);
}

/* The line moves from the file's start to its end, and the inode stays. */
static void
place_swap(bool is_second)
{
	char *path = tree_path(root, DANCE_MAP_FILE);
	static char text[BIG];
	size_t start = strlen(is_second ? LETS_IN : REFUSES);
	size_t end = strlen(is_second ? REFUSES : LETS_IN), i;
	int fd = openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC);

	memset(text, '#', sizeof(text));
	memcpy(text, is_second ? LETS_IN : REFUSES, start);
	for (i = 64; i < sizeof(text) - 64; i += 64)
		text[i] = '\n';
	text[sizeof(text) - end - 1] = '\n';
	memcpy(text + sizeof(text) - end, is_second ? REFUSES : LETS_IN, end);
	if (fd == -1 || pwrite(fd, text, sizeof(text), 0) != BIG)
		err(1, "%s", path);
	close(fd);
	free(path);
}

static void
place_make(void)
{
	tree_write(root, DANCE_MAP_FILE, "");
	place_swap(false);
}

static const struct world worlds[] = {
	{ "a folder that is removed", folder_make, folder_swap },
	{ "all of it is a link", whole_make, whole_swap },
	{ "links over a link", links_make, links_swap },
	{ "folders that are renamed", rename_make, rename_swap },
	{ "a line that moves to another file", line_make, line_swap },
	{ "a file written to in place", place_make, place_swap },
};

static void
world_make(const struct world *new)
{
	tree_make(root);
	tree_mkdir(root, "/etc");
	tree_mkdir(root, "/srv");
	tree_mkdir(root, DANCE_STATEDIR);
	tree_write(root, "/etc/passwd", "al:x:1000:1000::/srv/al:/bin/sh\n");
	new->make();
	world = new;
}

/* What the map says of the identity: true if it lets it in. */
static bool
lets_in(const struct dance_map *map)
{
	static struct dance_identity claim;
	struct dance_map_query query = { .account = "al",
		.is_ordinary = true,
		.claims = &claim,
		.n_claims = 1 };
	struct dance_map_matches matches;
	struct dance_fault fault = { "" };
	bool is_in;

	assert_int_equal(
	    dance_identity_parse("a.b", 3, DANCE_NAME_PRESENTED, &claim), 0);
	if (dance_map_find(map, &query, &matches, &fault) != 0)
		fail_msg("%s", fault.text);
	is_in = matches.n > matches.n_denied;
	assert_true(matches.n > 0);
	dance_map_matches_clear(&matches);
	return is_in;
}

/* Load it and see; the tree is swapped before the calls of these numbers. */
static int
load(unsigned first, unsigned second)
{
	struct dance_fault fault = { "" };
	struct dance_map *map = NULL;
	int r;

	step = 0;
	swap_first = first;
	swap_second = second;
	is_counting = true;
	r = dance_map_load(root, &map, &fault);
	is_counting = false;
	if (r == 0 && lets_in(map))
		fail_msg("%s: let in, swapped at %u and %u", world->name, first,
		    second);
	if (r != 0 && strstr(fault.text, "changes all the time") == NULL)
		fail_msg("%s: %s", world->name, fault.text);
	dance_map_free(&map);
	return r;
}

static void
one_swap_at_each_step(void **state)
{
	size_t i;
	unsigned at;

	(void)state;
	for (i = 0; i < N(worlds); i++) {
		world_make(&worlds[i]);
		n_swaps = 0;
		for (at = 1; at < STEPS_MAX; at++) {
			assert_int_equal(load(at, 0), 0);
			if (n_swaps % 2 == 1)
				world->swap(++n_swaps % 2 == 1);
			if (step < at)
				break;
		}
		assert_in_range(at, 20, STEPS_MAX - 1);
		tree_remove(root);
	}
}

/* And back: at the end it is what it was at the start. */
static void
away_and_back(void **state)
{
	static const unsigned gaps[] = { 1, 9 };
	unsigned at;
	size_t i, k;

	(void)state;
	for (i = 0; i < N(worlds); i++) {
		world_make(&worlds[i]);
		n_swaps = 0;
		for (at = 1, step = at; step >= at && at < STEPS_MAX; at += 3)
			for (k = 0; k < N(gaps); k++) {
				assert_int_equal(load(at, at + gaps[k]), 0);
				if (n_swaps % 2 == 1)
					world->swap(++n_swaps % 2 == 1);
			}
		tree_remove(root);
	}
}

/* In bounded time it is a fault, which says so. */
static void
a_swap_before_every_step(void **state)
{
	size_t i;

	(void)state;
	swaps_always = true;
	for (i = 0; i < N(worlds); i++) {
		world_make(&worlds[i]);
		n_swaps = 0;
		assert_int_equal(load(0, 0), DANCE_ERR_CONFIG);
		assert_in_range(n_swaps, 20, 100000);
		tree_remove(root);
	}
	swaps_always = false;
}

/* The control: what the map lets in, the same steps let in. */
static void
nothing_refuses(void **state)
{
	struct dance_fault fault = { "" };
	struct dance_map *map;

	(void)state;
	world_make(&worlds[0]);
	tree_write(root, DANCE_MAP_DIR "/10-no.accounts", "");
	assert_int_equal(dance_map_load(root, &map, &fault), 0);
	assert_true(lets_in(map));
	dance_map_free(&map);
	tree_remove(root);
}

static void
pad(const char *path)
{
	char *text = malloc(128 * 1024 + 1);
	size_t i;

	assert_non_null(text);
	memset(text, '#', 128 * 1024);
	for (i = 4095; i < 128 * 1024; i += 4096)
		text[i] = '\n';
	text[128 * 1024] = '\0';
	tree_write(root, path, text);
	free(text);
}

/* An index of no state that ever stood there must not count for one. */
static void
an_index_made_meanwhile(void **state)
{
	static const unsigned gaps[] = { 19, STEPS_MAX };
	struct dance_index_made made;
	struct dance_fault fault;
	unsigned at, n_made = 0;
	size_t k;
	int r = 0;

	(void)state;
	world_make(&worlds[2]);
	pad("/srv/1/accounts.d/zz-pad.accounts");
	pad("/srv/2/accounts.d/zz-pad.accounts");
	n_swaps = 0;
	for (at = 1, step = at; step >= at && at < STEPS_MAX; at += 3)
		for (k = 0; k < N(gaps); k++) {
			step = 0;
			swap_first = at;
			swap_second = at + gaps[k];
			is_counting = true;
			r = compiled_try(root, &made, &fault);
			is_counting = false;
			n_made += r == 0;
			if (r != 0 && strstr(fault.text, "changed") == NULL)
				fail_msg("%s", fault.text);
			assert_int_equal(load(0, 0), 0);
			world->swap(++n_swaps % 2 == 1);
			assert_int_equal(load(0, 0), 0);
		}
	assert_true(n_made > 0);
	tree_remove(root);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_refuses),
		cmocka_unit_test(one_swap_at_each_step),
		cmocka_unit_test(away_and_back),
		cmocka_unit_test(a_swap_before_every_step),
		cmocka_unit_test(an_index_made_meanwhile),
	};

	if (geteuid() != 0)
		errx(1, "run as root: a map must be root's");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
