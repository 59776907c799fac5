/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "fd.h"
#include "nss_files.h"

/* The tests have others. */
#ifndef PASSWD
#define PASSWD "/etc/passwd"
#endif
#ifndef GROUP
#define GROUP "/etc/group"
#endif

#define CHUNK 2048

/* A file, line by line. */
struct reader {
	int fd;
	off_t at; /* of the chunk's first octet in the file */
	size_t used;
	size_t len;
	bool is_last; /* nothing is behind the chunk */
	bool is_amid; /* what comes next ends a line that was too long */
	char chunk[CHUNK];
};

/* A line without its newline, or the first CHUNK octets of a longer one. */
struct line {
	const char *text;
	size_t len;
	bool is_whole;
	off_t at;
};

static int
reader_open(struct reader *reader, const char *path)
{
	reader->at = 0;
	reader->used = reader->len = 0;
	reader->is_last = reader->is_amid = false;
	reader->fd = dance_fd_open(path, 0);
	if (reader->fd != -1)
		return 0;
	/* Missing is not the same as empty. */
	return errno == ENOENT ? ENODEV : errno;
}

/* Move what is not used to the front, and read more behind it. */
static int
reader_fill(struct reader *reader)
{
	size_t left = reader->len - reader->used, room;
	ssize_t n;

	memmove(reader->chunk, reader->chunk + reader->used, left);
	reader->at += (off_t)reader->used;
	reader->used = 0;
	reader->len = left;
	room = CHUNK - left;
	n = dance_fd_read(reader->fd, reader->chunk + left, room, -1);
	if (n == -1)
		return errno;
	reader->len += (size_t)n;
	/* Of a regular file there is no more then. */
	reader->is_last = (size_t)n < room;
	return 0;
}

/* Up to the next newline, or as much of it as there is. */
static int
reader_piece(struct reader *reader, struct line *ret)
{
	const char *start, *newline;
	size_t left;
	int r;

	for (;;) {
		start = reader->chunk + reader->used;
		left = reader->len - reader->used;
		newline = left == 0 ? NULL : memchr(start, '\n', left);
		if (newline != NULL || reader->is_last || left == CHUNK)
			break;
		if ((r = reader_fill(reader)) != 0)
			return r;
	}
	if (newline == NULL && left == 0)
		return ENOENT;
	ret->text = start;
	ret->len = newline != NULL ? (size_t)(newline - start) : left;
	ret->at = reader->at + (off_t)reader->used;
	ret->is_whole = newline != NULL || reader->is_last;
	reader->used += ret->len + (newline != NULL ? 1 : 0);
	return 0;
}

/* What is left of a line that was too long; its octets in *ret_len. */
static int
reader_skip(struct reader *reader, size_t *ret_len)
{
	struct line piece = { .is_whole = true };
	int r = 0;

	*ret_len = 0;
	while (reader->is_amid && (r = reader_piece(reader, &piece)) == 0) {
		*ret_len += piece.len;
		reader->is_amid = !piece.is_whole;
	}
	return r == ENOENT ? 0 : r;
}

static int
reader_line(struct reader *reader, struct line *ret)
{
	size_t skipped;
	int r;

	if ((reader->is_amid && (r = reader_skip(reader, &skipped)) != 0) ||
	    (r = reader_piece(reader, ret)) != 0)
		return r;
	reader->is_amid = !ret->is_whole;
	return 0;
}

/* len octets of a name, which are counted once for all lines. */
static bool
line_names(const struct line *line, const char *name, size_t len)
{
	return line->len > len && line->text[len] == ':' &&
	    memcmp(line->text, name, len) == 0;
}

/*
 * The number in a field, counted from 0, if it is one; *ret_next is where the
 * next field begins, or the end of a line that has none.
 */
static bool
line_number(
    const struct line *line, unsigned field, uint32_t *ret, size_t *ret_next)
{
	const char *text = line->text, *end = text + line->len, *colon;
	uint64_t value = 0;
	size_t n = 0;

	for (; field > 0; field--) {
		colon = memchr(text, ':', (size_t)(end - text));
		if (colon == NULL)
			return false;
		text = colon + 1;
	}
	for (; text < end && *text >= '0' && *text <= '9'; text++, n++)
		if ((value = value * 10 + (uint64_t)(*text - '0')) > UINT32_MAX)
			return false;
	if (n == 0 || (text == end ? !line->is_whole : *text != ':'))
		return false;
	*ret = (uint32_t)value;
	*ret_next = (size_t)(text - line->text) + (text == end ? 0 : 1);
	return true;
}

/* The entry of this line, which may be longer than what was read of it. */
static int
passwd_take(
    struct reader *reader, const struct line *line, struct nss_entry *ret)
{
	uint32_t uid, gid;
	size_t next, rest;
	int r;

	if (!line_number(line, 2, &uid, &next) ||
	    !line_number(line, 3, &gid, &next))
		return 0;
	if (line->len <= sizeof(ret->line))
		memcpy(ret->line, line->text, line->len);
	ret->at = line->at;
	ret->len = line->len;
	if ((r = reader_skip(reader, &rest)) != 0)
		return r;
	ret->len += rest;
	ret->uid = uid;
	ret->gid = gid;
	ret->is_found = true;
	return 0;
}

int
nss_passwd_walk(struct nss_passwd *walk)
{
	const char *account = walk->account == NULL ? "" : walk->account;
	size_t account_len = strlen(account), name_len = strlen(walk->name);
	struct reader reader;
	struct line line;
	uint32_t uid;
	size_t next;
	int r;

	if ((r = reader_open(&reader, PASSWD)) != 0)
		return r;
	while ((r = reader_line(&reader, &line)) == 0) {
		if (line_names(&line, walk->name, name_len))
			walk->is_name_taken = true;
		if (walk->has_uid && line_number(&line, 2, &uid, &next) &&
		    uid == walk->uid)
			walk->is_uid_taken = true;
		/* The first entry counts, as for the C library. */
		if (walk->account != NULL && !walk->entry.is_found &&
		    line_names(&line, account, account_len) &&
		    (r = passwd_take(&reader, &line, &walk->entry)) != 0)
			break;
	}
	dance_fd_close(reader.fd);
	return r == ENOENT ? 0 : r;
}

int
nss_group_walk(struct nss_group *walk)
{
	size_t name_len = strlen(walk->name);
	struct reader reader;
	struct line line;
	uint32_t gid;
	size_t next;
	int r;

	if ((r = reader_open(&reader, GROUP)) != 0)
		return r;
	while ((r = reader_line(&reader, &line)) == 0) {
		if (line_names(&line, walk->name, name_len))
			walk->is_name_taken = true;
		if (walk->has_gid && line_number(&line, 2, &gid, &next) &&
		    gid == walk->gid)
			walk->is_gid_taken = true;
	}
	dance_fd_close(reader.fd);
	return r == ENOENT ? 0 : r;
}

/* A list of members, however it comes in pieces. */
struct members {
	const char *account;
	size_t matched; /* octets of the account */
	bool fits;	/* so far */
	bool is_member;
};

static void
members_end(struct members *members)
{
	if (members->fits && members->matched > 0 &&
	    members->account[members->matched] == '\0')
		members->is_member = true;
	members->matched = 0;
	members->fits = true;
}

static void
members_take(struct members *members, const char *text, size_t len)
{
	for (; len > 0; len--, text++) {
		if (*text == ',')
			members_end(members);
		else if (members->fits &&
		    members->account[members->matched] == *text)
			members->matched++;
		else
			members->fits = false;
	}
}

/* The gid and the members of a line, and of what is left of it. */
static int
group_has(struct reader *reader, const struct line *line, const char *account,
    uint32_t *ret_gid, bool *ret)
{
	struct members members = { .account = account, .fits = true };
	struct line piece;
	size_t next;
	int r;

	*ret = false;
	if (!line_number(line, 2, ret_gid, &next))
		return 0;
	members_take(&members, line->text + next, line->len - next);
	while (reader->is_amid) {
		r = reader_piece(reader, &piece);
		if (r != 0)
			return r == ENOENT ? 0 : r;
		members_take(&members, piece.text, piece.len);
		reader->is_amid = !piece.is_whole;
	}
	members_end(&members);
	*ret = members.is_member;
	return 0;
}

int
nss_groups_of(const char *account, int (*add)(gid_t gid, void *arg), void *arg)
{
	struct reader reader;
	struct line line;
	bool is_member;
	uint32_t gid;
	int r;

	if ((r = reader_open(&reader, GROUP)) != 0)
		return r;
	while ((r = reader_line(&reader, &line)) == 0) {
		r = group_has(&reader, &line, account, &gid, &is_member);
		if (r == 0 && is_member)
			r = add(gid, arg);
		if (r != 0)
			break;
	}
	dance_fd_close(reader.fd);
	return r == ENOENT ? 0 : r;
}

int
nss_entry_read(const struct nss_entry *entry, char *line)
{
	size_t done = 0;
	ssize_t n;
	int fd, r = 0;

	if (entry->len <= sizeof(entry->line)) {
		memcpy(line, entry->line, entry->len);
		return 0;
	}
	if ((fd = dance_fd_open(PASSWD, 0)) == -1)
		return errno;
	while (done < entry->len) {
		n = dance_fd_read(fd, line + done, entry->len - done,
		    entry->at + (off_t)done);
		if (n <= 0) {
			r = n == 0 ? EIO : errno;
			break;
		}
		done += (size_t)n;
	}
	dance_fd_close(fd);
	return r;
}
