/* SPDX-License-Identifier: ISC */
/* Damaged files, and a file that is replaced while it is read. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
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

#include "module.h"
#include "register.h"

#define READERS 4

static struct answer answer;
static uint8_t good[65536];
static size_t good_len;

static size_t
file_read(const char *name, uint8_t *data)
{
	char *path = tree_path(module_root, name);
	FILE *f = fopen(path, "rbe");
	size_t n;

	assert_non_null(f);
	n = fread(data, 1, 65536, f);
	fclose(f);
	free(path);
	return n;
}

/* Right, or nothing: never another's entry. */
static void
answers_check(void)
{
	static const char *const names[] = { "pat", "fix", "al@example.com",
		"x.stars.example", "two.example.com", "root.example.com" };
	static const char *const homes[] = { "/srv/pat", "/srv/fix", "/srv/al",
		"/srv/al", NULL, NULL };
	uid_t uids[] = { uid_of("pat"), 5000, 1000, 1000, 0, 0 };
	enum nss_status status;
	const char *groups;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (ask_name(names[i], &answer) != NSS_STATUS_SUCCESS)
			continue;
		/* Of two lines one may be lost. */
		if (i == 4)
			continue;
		assert_non_null(homes[i]);
		assert_string_equal(answer.pwd.pw_dir, homes[i]);
		assert_int_equal(answer.pwd.pw_uid, uids[i]);
		assert_string_equal(answer.pwd.pw_name, names[i]);
	}
	if (ask_uid(uids[0], &answer) == NSS_STATUS_SUCCESS)
		assert_string_equal(answer.pwd.pw_name, "pat");
	(void)ask_gid(5000, &answer);
	groups = groups_of("al@example.com", 1000, &status);
	assert_true(groups[0] == '\0' || strcmp(groups, "4 27 ") == 0);
}

/* Each octet of a file, in two ways; then cut everywhere. */
static void
damage_check(const char *name)
{
	char *path = tree_path(module_root, name);
	uint8_t octet;
	size_t at;
	int fd;

	good_len = file_read(name, good);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd != -1);
	for (at = 0; at < good_len; at++) {
		octet = good[at] ^ (at % 2 == 0 ? 0x01 : 0xff);
		assert_int_equal(pwrite(fd, &octet, 1, (off_t)at), 1);
		answers_check();
		assert_int_equal(pwrite(fd, good + at, 1, (off_t)at), 1);
	}
	for (at = good_len; at-- > 0;) {
		assert_int_equal(ftruncate(fd, (off_t)at), 0);
		if (at % 7 == 0)
			answers_check();
	}
	close(fd);
	free(path);
}

static int
reset(void **state)
{
	(void)state;
	module_reset();
	return dance_register_add(
	    module_root, "pat", uid_of("pat"), DANCE_FOR_EVER, NULL);
}

static void
n29_damaged_index(void **state)
{
	(void)state;
	damage_check(DANCE_INDEX_FILE);
}

static void
n29_damaged_register(void **state)
{
	(void)state;
	damage_check(DANCE_REGISTER_FILE);
}

/* Random octets behind a header that is right. */
static void
n29_garbage(void **state)
{
	char *path = tree_path(module_root, DANCE_INDEX_FILE);
	struct dance_index_header header;
	uint64_t seed = 0x9e3779b97f4a7c15ULL;
	size_t i, k, at;

	(void)state;
	good_len = file_read(DANCE_INDEX_FILE, good);
	memcpy(&header, good + DANCE_INDEX_HEADER_AT, sizeof(header));
	for (i = 0; i < 1500; i++) {
		for (k = 0; k < 1 + i % 40; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			at = (size_t)(seed >> 8) % good_len;
			good[at] = (uint8_t)seed;
		}
		tree_write_bytes(module_root, DANCE_INDEX_FILE, good, good_len);
		compiled_set_header(path, &header);
		answers_check();
		if (i % 50 == 49) {
			module_reset();
			good_len = file_read(DANCE_INDEX_FILE, good);
			memcpy(&header, good + DANCE_INDEX_HEADER_AT,
			    sizeof(header));
		}
	}
	free(path);
}

struct reader {
	pthread_t thread;
	volatile bool *is_over;
	unsigned n;
	unsigned n_wrong;
};

static void *
read_all_the_time(void *arg)
{
	struct reader *reader = arg;
	struct passwd pwd;
	char buffer[256];
	int error;

	for (; !*reader->is_over; reader->n++)
		if (module.getpwnam_r("al@example.com", &pwd, buffer,
			sizeof(buffer), &error) != NSS_STATUS_SUCCESS ||
		    strcmp(pwd.pw_dir, "/srv/al") != 0)
			reader->n_wrong++;
	return NULL;
}

/* By rename, between a small and a large one: each reader has one of both. */
static void
n29_replaced_by_rename(void **state)
{
	static struct reader readers[READERS];
	static uint8_t large[65536];
	volatile bool is_over = false;
	char *path = tree_path(module_root, DANCE_INDEX_FILE);
	char *other = tree_path(module_root, DANCE_INDEX_FILE ".new");
	size_t large_len, i, n = 0;
	time_t end;

	(void)state;
	good_len = file_read(DANCE_INDEX_FILE, good);
	compiled_make(module_root,
	    "al@example.com al\nal@example.com al pty\n*.*.*.example.com bo\n");
	large_len = file_read(DANCE_INDEX_FILE, large);
	assert_true(large_len != good_len);
	for (i = 0; i < READERS; i++) {
		readers[i].is_over = &is_over;
		assert_int_equal(pthread_create(&readers[i].thread, NULL,
				     read_all_the_time, &readers[i]),
		    0);
	}
	for (end = time(NULL) + 2; time(NULL) < end; n++) {
		tree_write_bytes(module_root, DANCE_INDEX_FILE ".new",
		    n % 2 == 0 ? good : large,
		    n % 2 == 0 ? good_len : large_len);
		assert_int_equal(rename(other, path), 0);
	}
	is_over = true;
	for (i = 0; i < READERS; i++) {
		assert_int_equal(pthread_join(readers[i].thread, NULL), 0);
		assert_int_equal(readers[i].n_wrong, 0);
		assert_true(readers[i].n > 0);
	}
	assert_true(n > 10);
	free(path);
	free(other);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(n29_damaged_index, reset),
		cmocka_unit_test_setup(n29_damaged_register, reset),
		cmocka_unit_test_setup(n29_garbage, reset),
		cmocka_unit_test_setup(n29_replaced_by_rename, reset),
	};

	return cmocka_run_group_tests(tests, module_setup, module_teardown);
}
