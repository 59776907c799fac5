/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index_file.h"

/* dance.tmpfiles removes what has it and is left over; ".db.backup" has not. */
#define MARK   ".new."
#define RANDOM "XXXXXX"

#define TRIES_MAX 8 /* to be faster than those who sweep */

/*
 * A temporary file is locked by its writer for as long as that lives, so that
 * one of the dead can be told from the others.  False if it was taken for one
 * before it was locked.
 */
static bool
temporary_lock(int fd)
{
	struct stat st;

	/* Where there are no locks, nobody takes it for one of the dead. */
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return false;
	return fstat(fd, &st) == 0 && st.st_nlink == 1;
}

static int
temporary_open(char *path)
{
	size_t end = strlen(path) - strlen(RANDOM);
	unsigned tries = 0;
	int fd;

	while ((fd = mkostemp(path, O_CLOEXEC)) != -1 && !temporary_lock(fd)) {
		(void)unlink(path);
		close(fd);
		if (++tries == TRIES_MAX) {
			errno = EAGAIN;
			return -1;
		}
		memcpy(path + end, RANDOM, strlen(RANDOM));
	}
	return fd;
}

int
dance_index_file_open(
    const char *path, struct dance_index_file *ret, struct dance_fault *fault)
{
	ret->path = path;
	ret->fd = -1;
	if (asprintf(&ret->temporary, "%s" MARK RANDOM, path) == -1) {
		ret->temporary = NULL;
		return DANCE_ERR_INTERNAL;
	}
	if ((ret->fd = temporary_open(ret->temporary)) != -1)
		return 0;
	dance_fault_set(fault, "%s: %s", ret->temporary, strerror(errno));
	free(ret->temporary);
	ret->temporary = NULL;
	return DANCE_ERR_CONFIG;
}

/* The checksums of a few blocks, from an offset on; -1, or how many. */
static ssize_t
blocks_sum(
    int fd, uint64_t at, uint64_t end, uint64_t sums[DANCE_INDEX_POINTERS])
{
	uint8_t data[DANCE_INDEX_POINTERS * DANCE_INDEX_BLOCK];
	size_t len =
	    end - at < sizeof(data) ? (size_t)(end - at) : sizeof(data);
	size_t used, n, i = 0;

	errno = EIO;
	if (pread(fd, data, len, (off_t)at) != (ssize_t)len)
		return -1;
	for (used = 0; used < len; used += n) {
		n = len - used < DANCE_INDEX_BLOCK ? len - used
						   : DANCE_INDEX_BLOCK;
		sums[i++] = dance_index_block_sum(at + used, data + used, n);
	}
	return (ssize_t)i;
}

/* Behind the tables, in their order; *ret_end is the end of the file then. */
static int
tables_seal(int fd, uint64_t at, uint64_t end, uint64_t *ret_end)
{
	uint64_t sums[DANCE_INDEX_POINTERS], next = end;
	ssize_t len, n;

	for (; at < end;
	     at += sizeof(sums) / sizeof(sums[0]) * DANCE_INDEX_BLOCK) {
		if ((n = blocks_sum(fd, at, end, sums)) == -1)
			return -1;
		len = n * (ssize_t)sizeof(sums[0]);
		if (pwrite(fd, sums, (size_t)len, (off_t)next) != len)
			return -1;
		next += (uint64_t)len;
	}
	*ret_end = next;
	return 0;
}

static int
header_seal(int fd, struct dance_index_header *header)
{
	uint8_t value[sizeof(*header) + sizeof(uint64_t)];
	uint64_t sum;

	memcpy(header->magic, DANCE_INDEX_MAGIC, sizeof(header->magic));
	header->version = DANCE_INDEX_VERSION;
	sum = dance_index_sum(DANCE_INDEX_SUM_START, "H", 1);
	sum = dance_index_sum(sum, header, sizeof(*header));
	memcpy(value, header, sizeof(*header));
	memcpy(value + sizeof(*header), &sum, sizeof(sum));
	errno = EIO;
	return pwrite(fd, value, sizeof(value), DANCE_INDEX_HEADER_AT) ==
		(ssize_t)sizeof(value)
	    ? 0
	    : -1;
}

int
dance_index_seal(int fd, struct dance_index_header *header)
{
	uint64_t pointers = sizeof(header->pointers) /
	    sizeof(header->pointers[0]) * DANCE_INDEX_BLOCK;
	off_t end = lseek(fd, 0, SEEK_END);

	if (end == -1 || blocks_sum(fd, 0, pointers, header->pointers) == -1 ||
	    tables_seal(
		fd, header->tables_at, (uint64_t)end, &header->file_size) != 0)
		return -1;
	if (header->file_size > UINT32_MAX) {
		errno = EFBIG;
		return -1;
	}
	header->sums_at = (uint32_t)end;
	return header_seal(fd, header);
}

/* Is it the name of a temporary file for the one that is called so? */
static bool
name_is_temporary(const char *name, const char *base)
{
	size_t len = strlen(base);

	return strncmp(name, base, len) == 0 &&
	    strncmp(name + len, MARK, strlen(MARK)) == 0 &&
	    strlen(name + len) == strlen(MARK) + strlen(RANDOM);
}

static bool
temporary_is_dead(int folder, const char *name)
{
	int fd = openat(
	    folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool is_dead;

	if (fd == -1)
		return false;
	is_dead = flock(fd, LOCK_EX | LOCK_NB) == 0;
	close(fd);
	return is_dead;
}

void
dance_index_file_sweep(const char *path, bool is_alone)
{
	const char *slash = strrchr(path, '/');
	const struct dirent *entry;
	char *folder;
	DIR *dir;

	if (slash == NULL ||
	    (folder = strndup(path, (size_t)(slash - path) + 1)) == NULL)
		return;
	dir = opendir(folder);
	free(folder);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (name_is_temporary(entry->d_name, slash + 1) &&
		    (is_alone || temporary_is_dead(dirfd(dir), entry->d_name)))
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

/* Without this, the old name may be back after the power has failed. */
static int
folder_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	int fd, r = -1;

	if (slash == NULL ||
	    (folder = strndup(path, (size_t)(slash - path) + 1)) == NULL)
		return -1;
	if ((fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) != -1) {
		r = fsync(fd);
		close(fd);
	}
	free(folder);
	return r;
}

int
dance_index_file_keep(struct dance_index_file *file, struct dance_fault *fault)
{
	errno = EINVAL;
	if (fchmod(file->fd, 0644) == 0 && fsync(file->fd) == 0 &&
	    rename(file->temporary, file->path) == 0) {
		free(file->temporary);
		file->temporary = NULL;
		if (folder_sync(file->path) == 0)
			return 0;
	}
	dance_fault_set(fault, "%s: %s", file->path, strerror(errno));
	return DANCE_ERR_CONFIG;
}

void
dance_index_file_close(struct dance_index_file *file)
{
	if (file->temporary != NULL)
		(void)unlink(file->temporary);
	if (file->fd != -1)
		close(file->fd);
	free(file->temporary);
	file->temporary = NULL;
	file->fd = -1;
}
