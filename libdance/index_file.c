/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index_file.h"

/* dance.tmpfiles removes what has it and is left over; ".db.backup" has not. */
#define SUFFIX ".new.XXXXXX"

int
dance_index_file_open(
    const char *path, struct dance_index_file *ret, struct dance_fault *fault)
{
	ret->path = path;
	ret->fd = -1;
	if (asprintf(&ret->temporary, "%s" SUFFIX, path) == -1) {
		ret->temporary = NULL;
		return DANCE_ERR_INTERNAL;
	}
	if ((ret->fd = mkostemp(ret->temporary, O_CLOEXEC)) != -1)
		return 0;
	dance_fault_set(fault, "%s: %s", ret->temporary, strerror(errno));
	free(ret->temporary);
	ret->temporary = NULL;
	return DANCE_ERR_CONFIG;
}

int
dance_index_seal(int fd, struct dance_index_header *header)
{
	uint8_t value[sizeof(*header) + sizeof(uint64_t)];
	off_t size = lseek(fd, 0, SEEK_END);
	uint64_t sum;

	if (size == -1)
		return -1;
	memcpy(header->magic, DANCE_INDEX_MAGIC, sizeof(header->magic));
	header->version = DANCE_INDEX_VERSION;
	header->file_size = (uint64_t)size;
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
