/* SPDX-License-Identifier: ISC */
/* The reader of the index: what it accepts, what it finds, damaged files. */
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
#include <unistd.h>

#include <cmocka.h>

#include "compiled.h"
#include "tree.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const lines[] = { "a.b al", "a.b bo restrict",
	"*.b al,bo no-pty", "%u.b %u provision", "!a.b *", "!x.y.b al",
	"c@d.e al provision,uid=5000", "*@d.e cy" };

/* What a key leads to: the numbers of its lines, each of them a digit. */
static const struct {
	enum dance_index_key letter;
	const char *text;
	const char *want;
} keys[] = {
	{ DANCE_INDEX_LINES, "a.b", "125" },
	{ DANCE_INDEX_LINES, "*.b", "3" },
	{ DANCE_INDEX_LINES, "%u.b", "4" },
	{ DANCE_INDEX_LINES, "x.y.b", "6" },
	{ DANCE_INDEX_LINES, "c@d.e", "7" },
	{ DANCE_INDEX_LINES, "*@d.e", "8" },
	{ DANCE_INDEX_LINES, "b.b", "" },
	{ DANCE_INDEX_LINES, "", "" },
	{ DANCE_INDEX_ACCOUNT, "al", "17" },
	{ DANCE_INDEX_ACCOUNT, "bo", "2" },
	{ DANCE_INDEX_ACCOUNT, "cy", "" },
	{ DANCE_INDEX_STARS, "al", "36" },
	{ DANCE_INDEX_STARS, "bo", "3" },
	{ DANCE_INDEX_STARS, "cy", "8" },
	{ DANCE_INDEX_STARS, "*", "" },
	{ DANCE_INDEX_SELF, "", "4" },
};

static char root[TREE_MAX], *path;
static uint8_t *good; /* the octets of a sound file */
static size_t good_len;

static void
octets_write(const uint8_t *data, size_t len)
{
	tree_write_bytes(root, DANCE_INDEX_FILE, data, len);
}

static int
setup(void **state)
{
	char map[1024] = "";
	size_t i, used = 0;
	FILE *f;

	(void)state;
	compiled_tree(root);
	path = tree_path(root, DANCE_INDEX_FILE);
	for (i = 0; i < N(lines); i++)
		used += (size_t)snprintf(
		    map + used, sizeof(map) - used, "%s\n", lines[i]);
	tree_write(root, "/etc/login.defs", "UID_MIN 500\nUID_MAX 700\n");
	tree_write(root, COMPILED_CONF,
	    "login-names = yes\nprovision-uids = 7000-7999\n"
	    "provision-salt = 000102030405060708090A0b0c0d0e0f1011\n"
	    "provision-shell = /bin/x\nprovision-enumerate = yes\n");
	compiled_make(root, map);
	good = malloc(65536);
	f = fopen(path, "rbe");
	assert_non_null(good);
	assert_non_null(f);
	good_len = fread(good, 1, 65536, f);
	fclose(f);
	assert_in_range(good_len, 2816, 8192);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(good);
	free(path);
	tree_remove(root);
	return 0;
}

/* Find out which line a value is, and that nothing of it is wrong. */
static int
line_read(struct dance_index *index, const struct dance_index_value *value,
    unsigned *ret)
{
	char accounts[DANCE_INDEX_COLUMN_MAX];
	struct dance_index_line line;
	const char *text, *want;
	int r = dance_index_read_line(index, value, &line, accounts);

	if (r != 0)
		return r;
	assert_in_range(line.number, 1, N(lines));
	want = lines[line.number - 1];
	assert_int_equal(line.file, 0);
	assert_int_equal(
	    (line.flags & DANCE_INDEX_LINE_REFUSES) != 0, want[0] == '!');
	assert_int_equal((line.flags & DANCE_INDEX_LINE_LITERAL) != 0,
	    strpbrk(want, "*%") == NULL || want[0] == '!');
	want += strcspn(want, " ") + 1;
	assert_int_equal(strlen(accounts), strcspn(want, " "));
	assert_memory_equal(accounts, want, strlen(accounts));
	*ret = line.number;
	if (index->map == NULL)
		return 0;
	if ((text = dance_index_text(index, value, &line)) == NULL)
		return EIO;
	want = lines[line.number - 1];
	assert_int_equal(line.line_len, strlen(want));
	assert_memory_equal(text, want, line.line_len);
	return 0;
}

static int
key_read(struct dance_index *index, size_t i, char *numbers)
{
	struct dance_index_value value;
	struct dance_index_walk walk;
	unsigned number;
	uint32_t offset;
	size_t n = 0;
	int r;

	numbers[0] = '\0';
	r = dance_index_find(
	    index, keys[i].letter, keys[i].text, strlen(keys[i].text), &walk);
	while (r == 0 && (r = dance_index_next(&walk, &value)) == 0) {
		if (keys[i].letter != DANCE_INDEX_LINES &&
		    ((r = dance_index_read(
			  index, &value, &offset, sizeof(offset))) != 0 ||
			(r = dance_index_follow(index, offset, &value)) != 0))
			break;
		if ((r = line_read(index, &value, &number)) != 0)
			break;
		assert_true(n < N(lines));
		numbers[n++] = (char)('0' + number);
		numbers[n] = '\0';
	}
	return r;
}

static int
uid_read(struct dance_index *index, const char *account, uint32_t *ret)
{
	struct dance_index_provision said;
	struct dance_index_value value;
	struct dance_index_walk walk;
	int r;

	r = dance_index_find(
	    index, DANCE_INDEX_PROVISION, account, strlen(account), &walk);
	if (r == 0)
		r = dance_index_next(&walk, &value);
	if (r != 0 ||
	    (r = dance_index_read(index, &value, &said, sizeof(said))) != 0)
		return r;
	*ret = said.uid;
	return said.flags == DANCE_INDEX_LINE_LITERAL ? 0 : EIO;
}

/* What holds for a damaged file too: all that there is, or an error. */
static void
answers_check(struct dance_index *index, bool is_good)
{
	struct dance_index_shape shapes[DANCE_INDEX_SHAPES_MAX];
	struct dance_index_settings settings;
	char numbers[N(lines) + 1];
	uint32_t uid = 0;
	size_t i, n = 0;
	int r;

	for (i = 0; i < N(keys); i++) {
		r = key_read(index, i, numbers);
		assert_true(r == ENOENT || (r == EIO && !is_good));
		if (r == ENOENT)
			assert_string_equal(numbers, keys[i].want);
		for (n = 0; numbers[n] != '\0'; n++)
			assert_non_null(strchr(keys[i].want, numbers[n]));
	}
	r = uid_read(index, "al", &uid);
	assert_true(r == 0 ? uid == 5000 : r == EIO && !is_good);
	r = dance_index_shapes(index, shapes, &n);
	assert_true(r == 0 ? n == 3 && shapes[0].n_pieces == 2 : !is_good);
	r = dance_index_settings(index, &settings);
	assert_true(r == 0 || (r == EIO && !is_good));
	if (r == 0) {
		assert_string_equal(settings.home, "/home/%u");
		assert_string_equal(settings.shell, "/bin/x");
	}
}

static int
open_and_check(bool is_good)
{
	struct dance_index index;
	int r = dance_index_open(path, &index);

	assert_true(r == 0 || !is_good);
	if (r != 0)
		return r;
	answers_check(&index, is_good);
	assert_int_equal(dance_index_map(&index), 0);
	assert_int_equal(index.fd, -1);
	answers_check(&index, is_good);
	dance_index_close(&index);
	return 0;
}

static void
a_sound_file(void **state)
{
	const struct dance_index_header *header;
	struct dance_index_value value;
	struct dance_index_walk walk;
	static struct dance_index index;
	struct dance_index_settings settings;
	unsigned fds = tree_count_fds(), i;
	uint32_t uid;

	(void)state;
	octets_write(good, good_len);
	(void)open_and_check(true);
	assert_int_equal(dance_index_open(path, &index), 0);
	header = &index.header;
	assert_int_equal(header->version, DANCE_INDEX_VERSION);
	assert_int_equal(header->file_size, good_len);
	assert_int_equal(header->n_lines, N(lines));
	assert_int_equal(header->uid_min, 500);
	assert_int_equal(header->uid_max, 700);
	assert_int_equal(dance_index_settings(&index, &settings), 0);
	assert_int_equal(settings.salt.len, 18);
	for (i = 0; i < sizeof(settings.salt.octets); i++)
		assert_int_equal(settings.salt.octets[i], i < 18 ? i : 0);
	assert_int_equal(header->provision_first, 7000);
	assert_int_equal(header->provision_last, 7999);
	assert_int_equal(header->flags,
	    DANCE_INDEX_HAS_LOGIN_NAMES | DANCE_INDEX_PROVISIONS_ALL |
		DANCE_INDEX_PROVISIONS | DANCE_INDEX_ENUMERATES);
	assert_int_equal(uid_read(&index, "bo", &uid), ENOENT);
	assert_int_equal(uid_read(&index, "%u", &uid), ENOENT);
	/* One octet more than any key has, and no more than that is read. */
	assert_int_equal(dance_index_find(&index, DANCE_INDEX_LINES,
			     (const char *)good, DANCE_INDEX_KEY_MAX, &walk),
	    ENOENT);
	assert_int_equal(
	    dance_index_find(&index, DANCE_INDEX_LINES, (const char *)good,
		DANCE_INDEX_KEY_MAX - 1, &walk),
	    0);
	assert_int_equal(dance_index_next(&walk, &value), ENOENT);
	/* An offset that leads to a record of another kind, or to none. */
	assert_int_equal(dance_index_follow(&index, 2048, &value), EIO);
	assert_int_equal(dance_index_follow(&index, 0, &value), EIO);
	assert_int_equal(dance_index_follow(&index, UINT32_MAX, &value), EIO);
	dance_index_close(&index);
	assert_int_equal(tree_count_fds(), fds);
}

/* A length that a damaged file states does not reach behind a buffer. */
static void
a_value_larger_than_the_buffer(void **state)
{
	struct dance_index_value value;
	struct dance_index_walk walk;
	static struct dance_index index;
	uint8_t *bad = malloc(good_len), data[16];
	uint32_t stated = 0x100;
	size_t len = 77;
	int r;

	(void)state;
	assert_non_null(bad);
	octets_write(good, good_len);
	assert_int_equal(dance_index_open(path, &index), 0);
	r = dance_index_find(&index, DANCE_INDEX_PROVISION, "al", 2, &walk);
	assert_int_equal(r, 0);
	assert_int_equal(dance_index_next(&walk, &value), 0);
	dance_index_close(&index);
	memcpy(bad, good, good_len);
	/* In front of "Pal" stand the lengths of key and value. */
	memcpy(bad + value.at - 3 - sizeof(stated), &stated, sizeof(stated));
	octets_write(bad, good_len);
	free(bad);
	assert_int_equal(dance_index_open(path, &index), 0);
	memset(data, 0x5a, sizeof(data));
	assert_int_equal(dance_index_get(&index, DANCE_INDEX_PROVISION, "al",
			     data, sizeof(struct dance_index_provision), &len),
	    EIO);
	assert_int_equal(len, 77);
	for (len = 0; len < sizeof(data); len++)
		assert_int_equal(data[len], 0x5a);
	dance_index_close(&index);
}

/* Steps to the end; an errno value, and the number of records. */
static int
steps_take(unsigned *ret_n)
{
	static struct dance_index_record record;
	static struct dance_index index;
	uint64_t at = 0;
	int r;

	*ret_n = 0;
	assert_int_equal(dance_index_open(path, &index), 0);
	while ((r = dance_index_step(&index, at, &record)) == 0) {
		assert_true(record.next > at);
		at = record.next;
		(*ret_n)++;
	}
	dance_index_close(&index);
	return r;
}

/* One who walks over all of them takes no value that is damaged. */
static void
each_record_of_a_walk(void **state)
{
	struct dance_index_header header;
	unsigned n, all, n_bad = 0;
	size_t at;
	int r;

	(void)state;
	memcpy(&header, good + DANCE_INDEX_HEADER_AT, sizeof(header));
	octets_write(good, good_len);
	assert_int_equal(steps_take(&all), ENOENT);
	assert_in_range(all, N(lines) + 3, 64);
	for (at = DANCE_INDEX_HEADER_AT + sizeof(header) + 8;
	     at < header.tables_at; at += 5) {
		good[at] ^= 0x10;
		octets_write(good, good_len);
		r = steps_take(&n);
		assert_int_equal(r, EIO);
		assert_true(n < all);
		good[at] ^= 0x10;
		n_bad++;
	}
	assert_in_range(n_bad, 100, 10000);
}

/* FNV-1a, octet by octet, as PROTOCOL.md has it. */
static uint64_t
sum_plainly(uint64_t sum, const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ data[i]) * 0x100000001b3ULL;
	return sum;
}

/* Zeros are gone over in larger steps, wherever they stand. */
static void
checksums(void **state)
{
	uint8_t data[64];
	size_t from, to, len;

	(void)state;
	assert_true(dance_index_sum(DANCE_INDEX_SUM_START, "H", 1) ==
	    0xaf64054c86023237ULL);
	assert_true(dance_index_sum(DANCE_INDEX_SUM_START, "alice", 5) ==
	    0x508b2abb65a03907ULL);
	for (from = 0; from < 32; from++)
		for (to = from; to <= 40; to++)
			for (len = 0; len <= 44; len++) {
				memset(data, 0x5a, sizeof(data));
				memset(data + from, 0, to - from);
				assert_true(dance_index_sum(7, data, len) ==
				    sum_plainly(7, data, len));
			}
}

/* The file as it must not be, and the errno value that says so. */
static void
errno_values(void **state)
{
	struct dance_index_header header;
	struct dance_index index;
	unsigned fds = tree_count_fds();

	(void)state;
	memcpy(&header, good + DANCE_INDEX_HEADER_AT, sizeof(header));
#define GIVES(error)                                             \
	assert_int_equal(dance_index_open(path, &index), error); \
	assert_int_equal(tree_count_fds(), fds)
	octets_write(good, good_len);
	tree_chown(root, DANCE_INDEX_FILE, 1);
	GIVES(EPERM);
	tree_chown(root, DANCE_INDEX_FILE, 0);
	assert_int_equal(dance_index_open(path, &index), 0);
	dance_index_close(&index);
	tree_chmod(root, DANCE_INDEX_FILE, 0664);
	assert_int_equal(dance_index_open(path, &index), EPERM);
	tree_chmod(root, DANCE_INDEX_FILE, 0646);
	GIVES(EPERM);
	octets_write(good, 0);
	GIVES(EIO);
	octets_write(good, 2047);
	GIVES(EIO);
	octets_write(good, 2048);
	GIVES(EIO);
	octets_write(good, good_len - 1);
	GIVES(EIO);
	octets_write(good, good_len);
	header.version = DANCE_INDEX_VERSION + 1;
	compiled_set_header(path, &header);
	GIVES(EPROTO);
	/* Of that version a register alone, which has no settings. */
	header.version = DANCE_REGISTER_VERSION;
	compiled_set_header(path, &header);
	GIVES(EPROTO);
	header.version = 0;
	compiled_set_header(path, &header);
	GIVES(EPROTO);
	header.version = DANCE_INDEX_VERSION;
	header.magic[7] = 'Y';
	compiled_set_header(path, &header);
	GIVES(EIO);
	header.magic[7] = 'X';
	header.file_size++;
	compiled_set_header(path, &header);
	GIVES(EIO);
	/* A checksum that is wrong by one bit. */
	good[DANCE_INDEX_HEADER_AT + sizeof(header)] ^= 1;
	octets_write(good, good_len);
	GIVES(EIO);
	good[DANCE_INDEX_HEADER_AT + sizeof(header)] ^= 1;
	tree_unlink(root, DANCE_INDEX_FILE);
	GIVES(ENOENT);
	tree_link(root, DANCE_INDEX_FILE, "/dev/null");
	GIVES(ELOOP);
	tree_unlink(root, DANCE_INDEX_FILE);
	tree_mkdir(root, DANCE_INDEX_FILE);
	GIVES(EPERM);
	tree_unlink(root, DANCE_INDEX_FILE);
	/* It does not wait for somebody to write. */
	assert_int_equal(mkfifo(path, 0644), 0);
	GIVES(EPERM);
	tree_unlink(root, DANCE_INDEX_FILE);
#undef GIVES
}

static void
cut_anywhere(void **state)
{
	struct dance_index_header header;
	size_t len;

	(void)state;
	memcpy(&header, good + DANCE_INDEX_HEADER_AT, sizeof(header));
	octets_write(good, good_len);
	for (len = good_len - 1; len > 0; len--) {
		assert_int_equal(truncate(path, (off_t)len), 0);
		assert_int_equal(open_and_check(false), EIO);
		if (len < DANCE_INDEX_HEADER_AT + sizeof(header) + 8)
			continue;
		/* Whoever has cut it has also made the header right. */
		header.file_size = len;
		compiled_set_header(path, &header);
		assert_int_equal(open_and_check(false), EIO);
	}
}

static void
one_octet_damaged(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	size_t at, i, n_opened = 0;
	uint8_t octet;
	int fd;

	(void)state;
	octets_write(good, good_len);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd != -1);
	for (at = 0; at < good_len; at++) {
		for (i = 0; i < N(flips); i++) {
			octet = good[at] ^ flips[i];
			assert_int_equal(pwrite(fd, &octet, 1, (off_t)at), 1);
			n_opened += open_and_check(false) == 0 ? 1 : 0;
		}
		assert_int_equal(pwrite(fd, good + at, 1, (off_t)at), 1);
	}
	close(fd);
	assert_in_range(n_opened, good_len, 3 * good_len);
	(void)open_and_check(true);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_file),
		cmocka_unit_test(a_value_larger_than_the_buffer),
		cmocka_unit_test(each_record_of_a_walk),
		cmocka_unit_test(checksums),
		cmocka_unit_test(errno_values),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(one_octet_damaged),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
