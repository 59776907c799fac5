/* SPDX-License-Identifier: ISC */
/*
 * dancectl doctor: one authorized_keys file.  It belongs to a user, who may
 * have put anything there: so it is opened as that user, as sshd does, never
 * waited for, read up to a bound, and never parsed by root.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "doctor_ways.h"
#include "number.h"

#define BLANKS " \t\r"

/* As a place only: nothing hears of it, and a device stays as it is. */
static int
keys_open(const struct doctor *doctor, const char *path)
{
	/* A link of the tree leads to a place in the tree. */
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int root, fd;

	root = open(doctor->is_host ? "/" : doctor->root,
	    O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root == -1)
		return -1;
	fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	close(root);
	return fd;
}

static const char *
stat_fault(const struct stat *st, uid_t uid)
{
	if (st->st_uid != 0 && st->st_uid != uid)
		return "is another user's";
	return (st->st_mode & (S_IWGRP | S_IWOTH)) != 0
	    ? "can be written to by others"
	    : NULL;
}

/*
 * As StrictModes has it: the file and what is above it, up to the home, or to
 * the top of the tree, of top octets.
 */
static char *
modes_check(char *real, uid_t uid, const char *home, size_t top)
{
	const char *fault;
	struct stat st;
	char *slash;

	for (;;) {
		if (stat(real, &st) != 0)
			return doctor_format("%s: %s", real, strerror(errno));
		if ((fault = stat_fault(&st, uid)) != NULL)
			return doctor_format(
			    "sshd does not take it: %s %s", real, fault);
		if ((home != NULL && strcmp(real, home) == 0) ||
		    (slash = strrchr(real, '/')) == NULL || slash <= real + top)
			return NULL;
		*slash = '\0';
	}
}

/* Not those that sshd does not know any more, and no certificate. */
static bool
word_is_type(const char *word)
{
	size_t len = strcspn(word, BLANKS);

	if (memmem(word, len, "-cert-", 6) != NULL ||
	    strncmp(word, "ssh-dss", 7) == 0)
		return false;
	return strncmp(word, "ssh-", 4) == 0 ||
	    strncmp(word, "ecdsa-sha2-", 11) == 0 ||
	    strncmp(word, "sk-", 3) == 0;
}

/* Behind the options, which end at a blank outside of quotes. */
static const char *
options_skip(const char *line)
{
	bool is_quoted = false;

	for (; *line != '\0'; line++) {
		if (line[0] == '\\' && line[1] == '"')
			line++;
		else if (*line == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && strchr(BLANKS, *line) != NULL)
			break;
	}
	return line;
}

/* expiry-time="YYYYMMDD..." that is over; local time, which is near enough. */
static bool
options_expired(const char *options, size_t len)
{
	static const char key[] = "expiry-time=\"";
	const char *value = memmem(options, len, key, sizeof(key) - 1);
	time_t now = time(NULL);
	char today[16];

	if (value == NULL)
		return false;
	value += sizeof(key) - 1;
	(void)strftime(today, sizeof(today), "%Y%m%d", localtime(&now));
	return strspn(value, "0123456789") >= 8 && strncmp(value, today, 8) < 0;
}

/* NULL if the line holds a key that lets in to a shell; else why not. */
static const char *
line_check(const char *line)
{
	const char *options, *type, *end;

	line += strspn(line, BLANKS);
	if (*line == '\0' || *line == '#')
		return "there is no key in it";
	options = type = line;
	if (!word_is_type(type)) {
		end = options_skip(line);
		if (options_expired(options, (size_t)(end - options)))
			return "the key in it has expired";
		if (memmem(options, (size_t)(end - options), "command=", 8) !=
		    NULL)
			return "the key in it is for one command";
		type = end + strspn(end, BLANKS);
	}
	end = type + strcspn(type, BLANKS);
	/* Each begins with the length of a short word. */
	return word_is_type(type) &&
		strncmp(end + strspn(end, BLANKS), "AAAA", 4) == 0
	    ? NULL
	    : "there is no key in it";
}

const char *
doctor_keys_check(char *text)
{
	const char *why = "there is no key in it", *fault;
	bool is_cut = strlen(text) == DOCTOR_KEYS_MAX;
	char *next = text, *line;

	while ((line = strsep(&next, "\n")) != NULL) {
		if ((fault = line_check(line)) == NULL)
			return NULL;
		if (strstr(why, "no key") != NULL)
			why = fault;
	}
	return is_cut ? "there is no key in its first 256 kB" : why;
}

/* The first of what stands at the place; NULL and errno if it can't be had. */
static char *
place_read(int place)
{
	char *link = doctor_format("/proc/self/fd/%d", place), *text;
	int fd = open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	free(link);
	if (fd == -1)
		return NULL;
	text = doctor_read_fd(fd, DOCTOR_KEYS_MAX);
	close(fd);
	return text;
}

/* For good.  The groups count for a file that others own. */
bool
doctor_keys_become(const struct doctor *doctor, const struct admin *admin)
{
	unsigned long uid, gid;

	if (dance_strtou(admin->fields[ADMIN_UID], 0, UINT_MAX - 1, &uid) !=
		0 ||
	    dance_strtou(admin->fields[ADMIN_GID], 0, UINT_MAX - 1, &gid) != 0)
		return false;
	if (uid == 0)
		return true;
	if ((doctor->is_host ? initgroups(admin->fields[ADMIN_NAME], (gid_t)gid)
			     : setgroups(0, NULL)) != 0)
		return false;
	return setresgid((gid_t)gid, (gid_t)gid, (gid_t)gid) == 0 &&
	    setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid) == 0 &&
	    setuid(0) != 0;
}

/* The same of a file that is open. */
static char *
strict_check(const struct doctor *doctor, const struct admin *admin, int fd)
{
	char *link = doctor_format("/proc/self/fd/%d", fd);
	char *real = realpath(link, NULL), *home, *home_real, *why;
	const char *top = doctor_text(doctor, DOCTOR_REAL_ROOT);
	unsigned long uid = 0;

	(void)dance_strtou(admin->fields[ADMIN_UID], 0, UINT_MAX, &uid);
	home = doctor_join(doctor->root, admin->fields[ADMIN_HOME]);
	home_real = realpath(home, NULL);
	why = real == NULL ? doctor_format("%s", strerror(errno))
			   : modes_check(real, (uid_t)uid, home_real,
				 top == NULL ? 0 : strlen(top));
	free(home_real);
	free(home);
	free(real);
	free(link);
	return why;
}

char *
doctor_keys_read(const struct doctor *doctor, const struct admin *admin,
    const char *path, bool is_strict, char **ret_why)
{
	char *why = NULL, *text = NULL;
	struct stat st;
	int fd;

	if ((fd = keys_open(doctor, path)) == -1 || fstat(fd, &st) != 0)
		why = doctor_format("%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		why = doctor_format("not a regular file");
	else if (is_strict)
		why = strict_check(doctor, admin, fd);
	if (why == NULL && (text = place_read(fd)) == NULL)
		why = doctor_format("%s", strerror(errno));
	*ret_why = why;
	if (fd != -1)
		close(fd);
	return text;
}
