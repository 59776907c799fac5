/* SPDX-License-Identifier: ISC */
/* Buffers of every size, at every place, with pages that can't be touched. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "module.h"
#include "register.h"

#define BUFFER_MAX 65536 /* N6: no entry of ours needs more */
#define BEYOND	   64

/* A room between two pages that end the program when they are touched. */
static char *room;
static size_t room_len;

static int
setup(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *pages;

	room_len = 4 * page;
	pages = mmap(NULL, room_len + 2 * page, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED ||
	    mprotect(pages + page, room_len, PROT_READ | PROT_WRITE) != 0)
		return -1;
	room = pages + page;
	if (module_setup(state) != 0)
		return -1;
	return dance_register_add(
	    module_root, "pat", uid_of("pat"), DANCE_FOR_EVER, NULL);
}

/* One question with a buffer of this place and size. */
struct call {
	const char *name; /* NULL: the number */
	bool is_group;
	struct passwd pwd;
	struct group grp;
	int error;
};

static enum nss_status
call_make(struct call *call, char *buffer, size_t len)
{
	memset(&call->pwd, 0x5a, sizeof(call->pwd));
	memset(&call->grp, 0x5a, sizeof(call->grp));
	call->error = 0;
	if (call->is_group)
		return call->name != NULL
		    ? module.getgrnam_r(
			  call->name, &call->grp, buffer, len, &call->error)
		    : module.getgrgid_r(
			  uid_of("pat"), &call->grp, buffer, len, &call->error);
	return call->name != NULL ? module.getpwnam_r(call->name, &call->pwd,
					buffer, len, &call->error)
				  : module.getpwuid_r(uid_of("pat"), &call->pwd,
					buffer, len, &call->error);
}

static void
text_is_inside(const char *text, const char *buffer, size_t len)
{
	assert_true(text >= buffer && text < buffer + len);
	assert_non_null(memchr(text, '\0', (size_t)(buffer + len - text)));
}

static void
inside_check(const struct call *call, const char *buffer, size_t len)
{
	const char *members;

	if (!call->is_group) {
		text_is_inside(call->pwd.pw_name, buffer, len);
		text_is_inside(call->pwd.pw_passwd, buffer, len);
		text_is_inside(call->pwd.pw_gecos, buffer, len);
		text_is_inside(call->pwd.pw_dir, buffer, len);
		text_is_inside(call->pwd.pw_shell, buffer, len);
		return;
	}
	members = (const char *)call->grp.gr_mem;
	text_is_inside(call->grp.gr_name, buffer, len);
	text_is_inside(call->grp.gr_passwd, buffer, len);
	assert_int_equal((uintptr_t)members % _Alignof(char *), 0);
	assert_true(
	    members >= buffer && members + sizeof(char *) <= buffer + len);
	assert_null(call->grp.gr_mem[0]);
}

/* True if it was large enough. */
static bool
fits(struct call *call, char *buffer, size_t len)
{
	static const struct call none = { .name = NULL };
	struct call before = none;
	size_t i, around = 32;
	enum nss_status status;

	memset(&before.pwd, 0x5a, sizeof(before.pwd));
	memset(&before.grp, 0x5a, sizeof(before.grp));
	memset(room, 0x33, room_len);
	status = call_make(call, buffer, len);
	for (i = 1; i <= around && buffer - i >= room; i++)
		assert_int_equal(buffer[-(ptrdiff_t)i], 0x33);
	for (i = 0; i < around && buffer + len + i < room + room_len; i++)
		assert_int_equal(buffer[len + i], 0x33);
	if (status == NSS_STATUS_SUCCESS) {
		inside_check(call, buffer, len);
		return true;
	}
	assert_int_equal(status, NSS_STATUS_TRYAGAIN);
	assert_int_equal(call->error, ERANGE);
	assert_memory_equal(&call->pwd, &before.pwd, sizeof(before.pwd));
	assert_memory_equal(&call->grp, &before.grp, sizeof(before.grp));
	/* N8: what does not fit has not even been begun. */
	for (i = 0; i < len; i++)
		assert_int_equal(buffer[i], 0x33);
	return false;
}

/* Every size up to the need and beyond; it has to be enough then, always. */
static void
sizes_check(struct call *call, size_t want)
{
	size_t len, need = 0, place;
	bool is_enough;

	for (len = 0; need == 0 || len <= need + BEYOND; len++) {
		assert_true(len <= BUFFER_MAX && len < room_len);
		/* At the end of the room: starts of all alignments. */
		is_enough = fits(call, room + room_len - len, len);
		/* At its start, and a little behind it. */
		for (place = 0; place < 9; place++)
			if (len + place <= room_len &&
			    fits(call, room + place, len) != is_enough)
				assert_true(call->is_group && len < want + 8);
		if (need != 0 && len >= need + sizeof(char *))
			assert_true(is_enough);
		if (is_enough && need == 0)
			need = len;
	}
	assert_in_range(need, want, want + sizeof(char *));
}

static void
n6_n7_n8_passwd(void **state)
{
	static const struct {
		const char *name;
		size_t want;
	} rows[] = {
		{ NULL,
		    sizeof("pat") + 2 + 1 + sizeof("/srv/pat") +
			sizeof("/bin/bash") },
		{ "pat",
		    sizeof("pat") + 2 + 1 + sizeof("/srv/pat") +
			sizeof("/bin/bash") },
		/* Its line is read into the buffer, whole. */
		{ "al@example.com",
		    sizeof("al@example.com") + 2 + sizeof("/bin/sh") +
			sizeof("al:x:1000:1000:Al,,,:/srv/al:/bin/bash") },
		{ "bo.example.com",
		    sizeof("bo.example.com") + 2 + sizeof("/bin/sh") +
			sizeof("bo:x:1001:100::/srv/bo:") },
	};
	struct call call = { .is_group = false };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		call.name = rows[i].name;
		sizes_check(&call, rows[i].want);
	}
}

static void
n6_n7_n8_group(void **state)
{
	struct call call = { .is_group = true };

	(void)state;
	sizes_check(&call, sizeof("pat") + 2 + sizeof(char *));
	call.name = "pat";
	sizes_check(&call, sizeof("pat") + 2 + sizeof(char *));
}

/* A line that is longer than what the module keeps of it. */
static void
n7_long_line(void **state)
{
	static char line[2048];
	struct call call = { .name = "al@example.com" };
	size_t need, len;
	int n;

	(void)state;
	for (need = 505; need < 520; need++) {
		n = snprintf(line, sizeof(line),
		    "al:x:1000:1000:%0*d:/srv/al:", (int)need - 24, 0);
		tree_write(module_root, "/etc/passwd", line);
		len = sizeof("al@example.com") + 2 + sizeof("/bin/sh") +
		    (size_t)n + 1;
		assert_false(fits(&call, room + room_len - len + 1, len - 1));
		assert_true(fits(&call, room + room_len - len, len));
		assert_string_equal(call.pwd.pw_dir, "/srv/al");
		assert_string_equal(call.pwd.pw_shell, "/bin/sh");
	}
	module_reset();
}

/* The doubling of getpwnam() ends, and early. */
static void
n6_doubling_ends(void **state)
{
	static const char *const names[] = { "pat", "al@example.com",
		"x.stars.example" };
	static char buffer[BUFFER_MAX];
	struct passwd pwd;
	size_t i, len;
	int error;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (len = 1; module.getpwnam_r(names[i], &pwd, buffer, len,
				  &error) != NSS_STATUS_SUCCESS;
		     len *= 2) {
			assert_int_equal(error, ERANGE);
			assert_true(len < sizeof(buffer));
		}
		assert_in_range(len, 1, 256);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(n6_n7_n8_passwd),
		cmocka_unit_test(n6_n7_n8_group),
		cmocka_unit_test(n7_long_line),
		cmocka_unit_test(n6_doubling_ends),
	};

	return cmocka_run_group_tests(tests, setup, module_teardown);
}
