/* SPDX-License-Identifier: ISC */
/* The register: who came in first keeps the uid. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "compiled.h"
#include "register.h"
#include "tree.h"

#define CHILDREN 8
#define EACH	 12
#define DEADLINE (dance_now_ms() + 10000)

static char root[TREE_MAX], *path;

static int
setup(void **state)
{
	(void)state;
	compiled_tree(root);
	path = tree_path(root, DANCE_REGISTER_FILE);
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

static void
enters(const char *account, uint32_t uid)
{
	struct dance_fault fault = { "" };

	if (dance_register_add(root, account, uid, DEADLINE, &fault) != 0)
		fail_msg("%s", fault.text);
}

static void
refuses(const char *account, uint32_t uid, const char *cause)
{
	struct dance_fault fault = { "" };

	assert_int_equal(
	    dance_register_add(root, account, uid, DEADLINE, &fault),
	    DANCE_ERR_CONFIG);
	if (strstr(fault.text, cause) == NULL)
		fail_msg("%s", fault.text);
}

/* The value of a key: its length, or 0 for none. */
static size_t
value_read(enum dance_index_key letter, const char *text, void *ret)
{
	static struct dance_index index;
	struct dance_index_value value, more;
	struct dance_index_walk walk;
	int r;

	assert_int_equal(dance_index_open(path, &index), 0);
	assert_int_equal(
	    dance_index_find(&index, letter, text, strlen(text), &walk), 0);
	if ((r = dance_index_next(&walk, &value)) == 0) {
		assert_in_range(value.len, 1, 255);
		assert_int_equal(
		    dance_index_read(&index, &value, ret, value.len), 0);
		/* No key has two values. */
		assert_int_equal(dance_index_next(&walk, &more), ENOENT);
	} else
		assert_int_equal(r, ENOENT);
	dance_index_close(&index);
	return r == 0 ? value.len : 0;
}

static void
has(const char *account, uint32_t uid)
{
	char number[16], name[256] = "";
	uint32_t found = 0;

	snprintf(number, sizeof(number), "%u", uid);
	assert_int_equal(
	    value_read(DANCE_INDEX_NAME, account, &found), sizeof(found));
	assert_int_equal(found, uid);
	assert_int_equal(
	    value_read(DANCE_INDEX_UID, number, name), strlen(account));
	assert_string_equal(name, account);
}

static void
who_came_first_keeps_it(void **state)
{
	struct stat before, after;
	char name[256];

	(void)state;
	enters("al", 5000);
	has("al", 5000);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(before.st_mode & 07777, 0644);
	/* Who is in already makes no new file. */
	enters("al", 5000);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	refuses("bo", 5000, "account bo: its uid 5000 is that of al");
	refuses("al", 5001, "account al: its uid was 5000 and would be 5001");
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	enters("bo", 5001);
	enters("a.long-name_of+some@example.com", 4294967293U);
	has("al", 5000);
	has("bo", 5001);
	has("a.long-name_of+some@example.com", 4294967293U);
	/* Prefixes are other names, and other numbers. */
	assert_int_equal(value_read(DANCE_INDEX_NAME, "a", name), 0);
	assert_int_equal(value_read(DANCE_INDEX_UID, "500", name), 0);
	/* The lock and the register: no temporary file is left. */
	assert_int_equal(tree_count_files(root, DANCE_STATEDIR), 2);
}

static void
registers_that_are_refused(void **state)
{
	struct dance_index_header header = { .version =
						 DANCE_INDEX_VERSION + 1 };
	struct stat st;
	unsigned fds = tree_count_fds();

	(void)state;
	memcpy(header.magic, DANCE_INDEX_MAGIC, sizeof(header.magic));
	assert_int_equal(stat(path, &st), 0);
	tree_chmod(root, DANCE_REGISTER_FILE, 0664);
	refuses("cy", 5002, "not root's alone");
	tree_chmod(root, DANCE_REGISTER_FILE, 0644);
	tree_chown(root, DANCE_REGISTER_FILE, 1);
	refuses("cy", 5002, "not root's alone");
	tree_chown(root, DANCE_REGISTER_FILE, 0);
	/* A later version is not overwritten by this one. */
	compiled_set_header(path, &header);
	refuses("cy", 5002, "of another version");
	assert_int_equal(truncate(path, st.st_size - 1), 0);
	header.version--;
	header.file_size = (uint64_t)st.st_size;
	compiled_set_header(path, &header);
	refuses("cy", 5002, strerror(EIO));
	tree_unlink(root, DANCE_REGISTER_FILE);
	tree_mkdir(root, DANCE_REGISTER_FILE);
	refuses("cy", 5002, DANCE_REGISTER_FILE);
	tree_unlink(root, DANCE_REGISTER_FILE);
	assert_int_equal(tree_count_fds(), fds);
	enters("cy", 5002);
	has("cy", 5002);
	assert_int_equal(tree_count_files(root, DANCE_STATEDIR), 2);
}

/* Nobody is lost: a new register has all of the old one, or there is none. */
static void
damaged_registers(void **state)
{
	static uint8_t good[8192];
	static struct dance_index reg;
	size_t len, at, n_records = 0, n_refused = 0;
	uint8_t octet;
	FILE *f;

	(void)state;
	tree_unlink(root, DANCE_REGISTER_FILE);
	enters("al", 5000);
	enters("bo", 5001);
	enters("cy", 5002);
	assert_int_equal(dance_index_open(path, &reg), 0);
	dance_index_close(&reg);
	f = fopen(path, "re");
	assert_non_null(f);
	len = fread(good, 1, sizeof(good), f);
	fclose(f);
	assert_in_range(len, 2300, sizeof(good) - 1);
	for (at = 0; at < len; at += at < 8 || at > 2040 ? 1 : 8) {
		octet = good[at];
		good[at] ^= 0x11;
		tree_write_bytes(root, DANCE_REGISTER_FILE, good, len);
		good[at] = octet;
		if (at >= 2048 && at < reg.header.tables_at)
			n_records++;
		if (dance_register_add(
			root, "dy", 5003, DANCE_FOR_EVER, NULL) == 0) {
			has("al", 5000);
			has("bo", 5001);
			has("cy", 5002);
			has("dy", 5003);
		} else if (at >= 2048 && at < reg.header.tables_at)
			n_refused++;
	}
	assert_int_equal(n_refused, n_records);
	tree_write_bytes(root, DANCE_REGISTER_FILE, good, len);
	enters("dy", 5003);
}

static void
names_that_are_too_long(void **state)
{
	char name[DANCE_IDENTITY_MAX + 2];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	refuses(name, 6000, "can't be written");
	name[255] = '\0';
	enters(name, 6000);
	has(name, 6000);
	assert_int_equal(tree_count_files(root, DANCE_STATEDIR), 2);
}

static void
a_folder_that_is_not_there(void **state)
{
	char gone[TREE_MAX];
	struct dance_fault fault = { "" };

	(void)state;
	tree_make(gone);
	assert_int_equal(dance_register_add(gone, "al", 5000, DEADLINE, &fault),
	    DANCE_ERR_CONFIG);
	assert_non_null(strstr(fault.text, strerror(ENOENT)));
	tree_remove(gone);
}

/* All records, as those who list accounts find them. */
static unsigned
records_read(
    struct dance_index *reg, char names[][DANCE_INDEX_KEY_MAX], uint64_t *at)
{
	struct dance_index_record record;
	unsigned n = 0;
	uint64_t next = 0;
	int r;

	while ((r = dance_index_step(reg, next, &record)) == 0) {
		assert_true(record.next > next);
		if (record.key[0] == DANCE_INDEX_NAME) {
			memcpy(names[n], record.key + 1, record.key_len - 1);
			names[n][record.key_len - 1] = '\0';
			at[n++] = next;
		}
		next = record.next;
	}
	assert_int_equal(r, ENOENT);
	/* The end stays one, and nothing is behind it. */
	assert_int_equal(dance_index_step(reg, next, &record), ENOENT);
	assert_int_equal(dance_index_step(reg, next + 8, &record), EIO);
	assert_int_equal(dance_index_step(reg, UINT64_MAX, &record), EIO);
	return n;
}

/* In a new register each record stands where it stood in the old one. */
static void
records_keep_their_places(void **state)
{
	static char before[32][DANCE_INDEX_KEY_MAX];
	static char after[32][DANCE_INDEX_KEY_MAX];
	uint64_t at[32], at_after[32];
	static struct dance_index reg;
	unsigned i, k, n = 0;
	char name[64];

	(void)state;
	tree_unlink(root, DANCE_REGISTER_FILE);
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%.*s%u", (int)i,
		    "a-name-of-any-length-", i);
		enters(name, 8000 + i);
		assert_int_equal(dance_index_open(path, &reg), 0);
		assert_int_equal(records_read(&reg, after, at_after), n + 1);
		dance_index_close(&reg);
		for (k = 0; k < n; k++) {
			assert_string_equal(before[k], after[k]);
			assert_int_equal(at[k], at_after[k]);
		}
		assert_string_equal(after[n], name);
		n++;
		memcpy(before, after, sizeof(before));
		memcpy(at, at_after, sizeof(at));
	}
}

/* An offset at which no record begins is told, wherever it is. */
static void
offsets_of_nothing(void **state)
{
	static uint64_t at[32];
	static char names[32][DANCE_INDEX_KEY_MAX];
	struct dance_index_record record;
	struct dance_index reg;
	uint64_t offset;
	unsigned n, n_found = 0;

	(void)state;
	assert_int_equal(dance_index_open(path, &reg), 0);
	n = records_read(&reg, names, at);
	for (offset = 1; offset < reg.header.tables_at; offset++)
		if (dance_index_step(&reg, offset, &record) == 0)
			n_found++;
	/* Names, uids and the header. */
	assert_int_equal(n_found, 2 * n + 1);
	dance_index_close(&reg);
}

/* All at once for the same uids: each goes to one, and none is lost. */
static void
of_many_at_once_one_is_first(void **state)
{
	char name[32], number[16], owner[256];
	unsigned child, i, n_entered = 0;
	uint32_t uid;
	int status;

	(void)state;
	for (child = 0; child < CHILDREN; child++) {
		if (fork() != 0)
			continue;
		for (i = 0; i < EACH; i++) {
			snprintf(name, sizeof(name), "c%u-%u", child, i);
			if (dance_register_add(root, name, 9000 + i,
				DANCE_FOR_EVER, NULL) == 0)
				n_entered++;
		}
		_exit((int)n_entered);
	}
	for (n_entered = 0, child = 0; child < CHILDREN; child++) {
		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		n_entered += (unsigned)WEXITSTATUS(status);
	}
	assert_int_equal(n_entered, EACH);
	for (i = 0; i < EACH; i++) {
		snprintf(number, sizeof(number), "%u", 9000 + i);
		memset(owner, 0, sizeof(owner));
		assert_true(value_read(DANCE_INDEX_UID, number, owner) > 0);
		assert_int_equal(
		    value_read(DANCE_INDEX_NAME, owner, &uid), sizeof(uid));
		assert_int_equal(uid, 9000 + i);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_came_first_keeps_it),
		cmocka_unit_test(registers_that_are_refused),
		cmocka_unit_test(damaged_registers),
		cmocka_unit_test(names_that_are_too_long),
		cmocka_unit_test(a_folder_that_is_not_there),
		cmocka_unit_test(records_keep_their_places),
		cmocka_unit_test(offsets_of_nothing),
		cmocka_unit_test(of_many_at_once_one_is_first),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
