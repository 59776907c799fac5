/* SPDX-License-Identifier: ISC */
/* Files that only root can have written; real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"
#include "tree.h"

#define FILE_PATH "/etc/dance/accounts"
#define CONFIG	  DANCE_ERR_CONFIG

static char root[TREE_MAX];
static unsigned fds;

static int
setup(void **state)
{
	(void)state;
	tree_make(root);
	tree_write(root, FILE_PATH, "text\n");
	fds = tree_count_fds();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(tree_count_fds(), fds);
	tree_remove(root);
	return 0;
}

static void
reads(const char *path, const char *want)
{
	struct dance_fault fault = { "" };
	char *text = NULL;
	size_t len = 4711;

	if (dance_file_read(root, path, 100, &text, &len, &fault) != 0)
		fail_msg("%s: %s", path, fault.text);
	assert_int_equal(len, strlen(want));
	assert_string_equal(text, want);
	free(text);
}

/* The fault names the object and holds cause; nothing is handed out. */
static void
refuses(const char *path, const char *object, const char *cause)
{
	struct dance_fault fault = { "" };
	char *text = NULL;
	size_t len = 4711;

	assert_int_equal(
	    dance_file_read(root, path, 100, &text, &len, &fault), CONFIG);
	if (strstr(fault.text, object) == NULL ||
	    strstr(fault.text, cause) == NULL)
		fail_msg("%s", fault.text);
	assert_null(text);
	assert_int_equal(len, 4711);
}

static void
a_good_file_is_read_whole(void **state)
{
	(void)state;
	reads(FILE_PATH, "text\n");
	tree_chmod(root, FILE_PATH, 0400);
	reads(FILE_PATH, "text\n");
	tree_write(root, "/etc/dance/empty", "");
	reads("/etc/dance/empty", "");
	reads("//etc/./dance/../dance/accounts", "text\n");
}

static void
missing(void **state)
{
	(void)state;
	refuses("/etc/dance/nothing", "/etc/dance/nothing", "No such file");
	refuses("/nowhere/x", "/nowhere/x", "No such file");
	refuses(FILE_PATH "/x", FILE_PATH, "Not a directory");
}

static void
owner_and_mode_of_the_file(void **state)
{
	static const unsigned bad[] = { 0664, 0646, 0666, 0777, 0620, 0602,
		0020, 0002 };
	static const unsigned good[] = { 0644, 0600, 0444, 0000, 0755, 01644,
		04755 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tree_chmod(root, FILE_PATH, bad[i]);
		refuses(FILE_PATH, FILE_PATH, "writable by group or others");
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		tree_chmod(root, FILE_PATH, good[i]);
		reads(FILE_PATH, "text\n");
	}
	tree_chown(root, FILE_PATH, 65534);
	refuses(FILE_PATH, FILE_PATH, "owned by uid 65534");
}

/* "": the tree's own root, which counts too. */
static void
owner_and_mode_of_each_parent(void **state)
{
	static const char *const parents[] = { "/etc/dance", "/etc", "" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		tree_chmod(root, parents[i], 0775);
		refuses(FILE_PATH, parents[i], "writable by group or others");
		tree_chmod(root, parents[i], 0757);
		refuses(FILE_PATH, parents[i], "writable by group or others");
		tree_chmod(root, parents[i], 01777);
		refuses(FILE_PATH, parents[i], "mode 1777");
		tree_chmod(root, parents[i], 0755);
		tree_chown(root, parents[i], 1);
		refuses(FILE_PATH, parents[i], "owned by uid 1");
		tree_chown(root, parents[i], 0);
		reads(FILE_PATH, "text\n");
	}
}

static void
not_regular_files(void **state)
{
	char *path = tree_path(root, "/etc/dance/fifo");

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	free(path);
	refuses("/etc/dance/fifo", "fifo", "not a regular file");
	refuses("/etc/dance", "/etc/dance", "not a regular file");
	tree_mkdir(root, "/etc/dance/folder");
	refuses("/etc/dance/folder", "folder", "not a regular file");
}

static void
sizes(void **state)
{
	char text[102];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[100] = '\0';
	tree_write(root, FILE_PATH, text);
	reads(FILE_PATH, text);
	text[100] = 'x';
	text[101] = '\0';
	tree_write(root, FILE_PATH, text);
	refuses(FILE_PATH, FILE_PATH, "too large");
}

static void
a_large_file_is_read_whole(void **state)
{
	struct dance_fault fault = { "" };
	size_t size = 100001, len = 0, i;
	char *data = malloc(size), *text = NULL;

	(void)state;
	assert_non_null(data);
	for (i = 0; i < size; i++)
		data[i] = (char)(i % 251);
	tree_write_bytes(root, FILE_PATH, data, size);
	assert_int_equal(
	    dance_file_read(root, FILE_PATH, size, &text, &len, &fault), 0);
	assert_int_equal(len, size);
	assert_memory_equal(text, data, size);
	assert_int_equal(text[size], '\0');
	free(text);
	free(data);
}

static void
links_inside_of_root(void **state)
{
	char *absolute = tree_path(root, FILE_PATH);

	(void)state;
	tree_link(root, "/etc/dance/relative", "accounts");
	tree_link(root, "/etc/dance/up", "../../etc/dance/accounts");
	tree_link(root, "/etc/dance/absolute", absolute);
	tree_link(root, "/link", "etc/dance");
	tree_link(root, "/etc/dance/twice", "../../link/relative");
	reads("/etc/dance/relative", "text\n");
	reads("/etc/dance/up", "text\n");
	reads("/etc/dance/absolute", "text\n");
	reads("/etc/dance/twice", "text\n");
	reads("/link/accounts", "text\n");
	free(absolute);
	tree_chmod(root, FILE_PATH, 0666);
	refuses("/etc/dance/relative", FILE_PATH, "writable");
}

static void
links_that_lead_out_or_nowhere(void **state)
{
	char sibling[TREE_MAX + 8];
	size_t len = strlen(root);

	(void)state;
	memcpy(sibling, root, len);
	memcpy(sibling + len, "x", 2);
	tree_write(sibling, "/accounts", "out\n");
	tree_link(root, "/etc/dance/out", "/etc/passwd");
	tree_link(root, "/etc/dance/dots", "../../../../../../etc/passwd");
	/* Its name begins with root's, but it is another folder. */
	memcpy(sibling + len, "x/accounts", 11);
	tree_link(root, "/etc/dance/sibling", sibling);
	tree_link(root, "/etc/dance/nowhere", "nothing");
	tree_link(root, "/etc/dance/loop", "loop");
	refuses("/etc/dance/out", "/etc/dance/out", "leads out of");
	refuses("/etc/dance/dots", "/etc/dance/dots", "leads out of");
	refuses("/etc/dance/sibling", "/etc/dance/sibling", "leads out of");
	refuses("/etc/dance/nowhere", "nowhere", "No such file");
	refuses("/etc/dance/loop", "loop", "Too many levels");
	refuses("/../etc/passwd", "etc/passwd", "");
	sibling[len + 1] = '\0';
	tree_remove(sibling);
}

/*
 * Who may write to a folder on the way may put a link there, to any file of
 * root's: what the link leads to is not enough to look at.
 */
static void
links_in_folders_of_others(void **state)
{
	(void)state;
	tree_write(root, "/usr/share/doc/example", "evil\n");
	tree_link(root, "/etc/dance/link", "../../usr/share/doc/example");
	reads("/etc/dance/link", "evil\n");
	tree_chmod(root, "/etc/dance", 0777);
	refuses("/etc/dance/link", "/etc/dance", "writable");
	tree_chmod(root, "/etc/dance", 0755);
	tree_chown(root, "/etc/dance", 1);
	refuses("/etc/dance/link", "/etc/dance", "owned by uid 1");
	tree_chown(root, "/etc/dance", 0);

	/* A link to a link: the folder of the second one counts as well. */
	tree_link(root, "/srv/open/link", "../../usr/share/doc/example");
	tree_link(root, "/etc/dance/chain", "../../srv/open/link");
	reads("/etc/dance/chain", "evil\n");
	tree_chmod(root, "/srv/open", 0777);
	refuses("/etc/dance/chain", "/srv/open", "writable");

	/* A folder that is a link, in the middle of the way. */
	tree_chmod(root, "/srv/open", 0755);
	tree_link(root, "/srv/open/folder", "../../usr/share/doc");
	reads("/srv/open/folder/example", "evil\n");
	tree_chmod(root, "/srv/open", 0777);
	refuses("/srv/open/folder/example", "/srv/open", "writable");
}

static void
of_the_host_itself(void **state)
{
	struct dance_fault fault = { "" };
	char *text = NULL, *path = tree_path(root, FILE_PATH);
	size_t len;

	(void)state;
	assert_int_equal(
	    dance_file_read("", "/etc/passwd", 1 << 20, &text, &len, &fault),
	    0);
	free(text);
	text = NULL;
	/* /tmp is everybody's. */
	assert_int_equal(
	    dance_file_read("", path, 100, &text, &len, &fault), CONFIG);
	assert_non_null(strstr(fault.text, "/tmp: writable by group"));
	assert_null(text);
	assert_int_equal(
	    dance_file_read("/nowhere", "/x", 100, &text, &len, &fault),
	    CONFIG);
	assert_int_equal(
	    dance_file_read(root, FILE_PATH, 100, &text, &len, NULL), 0);
	free(text);
	free(path);
}

static void
programs(void **state)
{
	struct dance_fault fault = { "" };
	char *path = tree_path(root, FILE_PATH);

	(void)state;
	assert_int_equal(dance_file_check_program("/bin/true", &fault), 0);
	assert_int_equal(dance_file_check_program("/bin", &fault), CONFIG);
	assert_non_null(strstr(fault.text, "not a regular file"));
	assert_int_equal(
	    dance_file_check_program("/etc/passwd", &fault), CONFIG);
	assert_non_null(strstr(fault.text, "Permission denied"));
	assert_int_equal(
	    dance_file_check_program("/bin/no-such", &fault), CONFIG);
	assert_int_equal(dance_file_check_program("/dev/null", &fault), CONFIG);
	tree_chmod(root, FILE_PATH, 0755);
	assert_int_equal(dance_file_check_program(path, &fault), CONFIG);
	assert_non_null(strstr(fault.text, "/tmp: writable"));
	free(path);
}

static void
exists(void **state)
{
	bool is;

	(void)state;
	assert_int_equal(dance_file_exists(root, FILE_PATH, &is), 0);
	assert_true(is);
	assert_int_equal(dance_file_exists(root, "/etc/nothing", &is), 0);
	assert_false(is);
	/* A link to nowhere is there: reading it has to fail, not pass over. */
	tree_link(root, "/etc/dance/nowhere", "nothing");
	assert_int_equal(dance_file_exists(root, "/etc/dance/nowhere", &is), 0);
	assert_true(is);
	assert_int_equal(dance_file_exists(root, FILE_PATH "/x", &is), 0);
	assert_true(is);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(a_good_file_is_read_whole),
		TEST(missing),
		TEST(owner_and_mode_of_the_file),
		TEST(owner_and_mode_of_each_parent),
		TEST(not_regular_files),
		TEST(sizes),
		TEST(a_large_file_is_read_whole),
		TEST(links_inside_of_root),
		TEST(links_that_lead_out_or_nowhere),
		TEST(links_in_folders_of_others),
		TEST(of_the_host_itself),
		TEST(programs),
		TEST(exists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
