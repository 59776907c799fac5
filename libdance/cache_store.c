/* SPDX-License-Identifier: ISC */
/*
 * Names of files are owner names, which the grammar of identity.h keeps apart
 * from everything else in the folder: they have a dot, and none in front.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache_store_internal.h"
#include "index.h"
#include "file.h"
#include "identity.h"

static int
folder_fail(struct dance_fault *fault, const char *path, const char *cause)
{
	dance_fault_set(fault, "%s: %s", path, cause);
	return DANCE_ERR_CONFIG;
}

int
dance_store_folder(const char *path, int *ret, struct dance_fault *fault)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return folder_fail(fault, path, strerror(errno));
	if (fstat(fd, &st) != 0 || st.st_uid != geteuid() ||
	    (st.st_mode & 077) != 0) {
		close(fd);
		return folder_fail(
		    fault, path, "not the folder of this user alone");
	}
	*ret = fd;
	return 0;
}

int
dance_store_open(const struct dance_config *config, struct dance_store *ret,
    struct dance_fault *fault)
{
	*ret = (struct dance_store){ .folder = -1, .lock = -1 };
	return config->cache_max_ttl == 0
	    ? 0
	    : dance_store_open_unused(config, ret, fault);
}

int
dance_store_open_unused(const struct dance_config *config,
    struct dance_store *ret, struct dance_fault *fault)
{
	char *path;
	int r;

	*ret = (struct dance_store){ .folder = -1, .lock = -1 };
	if (asprintf(&path, "%s%s", config->root, config->cache) == -1)
		return DANCE_ERR_INTERNAL;
	r = dance_store_folder(path, &ret->folder, fault);
	free(path);
	return r;
}

void
dance_store_close(struct dance_store *store)
{
	dance_store_unlock_all(store);
	dance_store_room_free(store);
	if (store->folder != -1)
		close(store->folder);
	store->folder = -1;
}

bool
dance_store_name_is_valid(const char *owner)
{
	size_t len = strnlen(owner, DANCE_NAME_MAX + 1);
	char name[DANCE_NAME_MAX + 1];

	return dance_owner_parse(owner, len, DANCE_NAME_PRESENTED, name) == 0 &&
	    strcmp(name, owner) == 0;
}

bool
dance_store_has(const struct dance_store *store, const char *owner)
{
	return store->folder != -1 && dance_store_name_is_valid(owner) &&
	    faccessat(store->folder, owner, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of this user alone, as the folder is. */
static bool
file_is_ours(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
	    (st->st_mode & 077) == 0 && st->st_nlink == 1;
}

static int
octets_read(int fd, off_t at, void *ret, size_t size)
{
	uint8_t *next = ret;
	ssize_t n;

	while (size > 0) {
		n = pread(fd, next, size, at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return DANCE_ERR_FORMAT;
		next += n;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

uint64_t
dance_store_head_sum(const struct dance_store_head *head)
{
	return dance_index_sum(DANCE_INDEX_SUM_START, head,
	    offsetof(struct dance_store_head, sum));
}

/* The head of a file of ours that has octets behind it. */
static int
head_read(int fd, struct dance_store_head *ret, struct stat *ret_st)
{
	if (fstat(fd, ret_st) != 0 || !file_is_ours(ret_st) ||
	    ret_st->st_size <= (off_t)sizeof(*ret) ||
	    octets_read(fd, 0, ret, sizeof(*ret)) != 0 ||
	    memcmp(ret->magic, DANCE_STORE_MAGIC, sizeof(ret->magic)) != 0 ||
	    ret->sum != dance_store_head_sum(ret))
		return DANCE_ERR_FORMAT;
	return 0;
}

static int
file_open(const struct dance_store *store, const char *owner)
{
	return openat(store->folder, owner,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

int
dance_store_head(const struct dance_store *store, const char *owner,
    struct dance_store_head *ret)
{
	struct dance_store_head head;
	struct stat st;
	int r, fd = file_open(store, owner);

	if (fd == -1)
		return DANCE_ERR_FORMAT;
	if ((r = head_read(fd, &head, &st)) == 0)
		*ret = head;
	close(fd);
	return r;
}

static int64_t
changed_ns(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * INT64_C(1000000000) +
	    st->st_ctim.tv_nsec;
}

/*
 * A process that was stopped within its write, perhaps for long, may have put
 * back an answer that was denied or taken away meanwhile.  The time of the
 * write is the file system's, which does not stop.
 */
static bool
file_came_late(struct dance_store *store, const char *owner,
    const struct dance_store_head *head, const struct stat *st)
{
	return head->is_denial == 0 &&
	    dance_store_was_removed(
		store, owner, head->asked_ns, changed_ns(st), true);
}

static int
file_read(struct dance_store *store, const char *owner, int fd, size_t max,
    uint8_t **ret, size_t *ret_len)
{
	struct dance_store_head head;
	uint8_t *data;
	struct stat st;
	size_t len;
	int r;

	if ((r = head_read(fd, &head, &st)) != 0)
		return r;
	len = (size_t)st.st_size - sizeof(head);
	if (len > max || file_came_late(store, owner, &head, &st))
		return DANCE_ERR_FORMAT;
	if ((data = malloc(len)) == NULL)
		return DANCE_ERR_INTERNAL;
	if ((r = octets_read(fd, sizeof(head), data, len)) != 0) {
		free(data);
		return r;
	}
	*ret = data;
	*ret_len = len;
	return 0;
}

int
dance_store_read(struct dance_store *store, const char *owner, size_t max,
    uint8_t **ret, size_t *ret_len)
{
	int fd, r;

	if (store->folder == -1 || !dance_store_name_is_valid(owner) ||
	    (fd = file_open(store, owner)) == -1)
		return DANCE_ERR_FORMAT;
	r = file_read(store, owner, fd, max, ret, ret_len);
	close(fd);
	return r;
}

DIR *
dance_store_walk(const struct dance_store *store)
{
	int fd = openat(store->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL && fd != -1)
		close(fd);
	return dir;
}

/* What has no business in the folder. */
static bool
name_is_foreign(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	    strcmp(name, DANCE_STORE_LOCK) != 0 &&
	    strcmp(name, DANCE_STORE_MARKS) != 0 &&
	    strncmp(name, DANCE_STORE_NEW, strlen(DANCE_STORE_NEW)) != 0 &&
	    !dance_store_name_is_valid(name);
}

static int
folder_list(const struct dance_store *store, bool (*wants)(const char *name),
    char ***ret, size_t *ret_n)
{
	const struct dirent *entry;
	char **names;
	size_t n = 0;
	DIR *dir;

	if ((dir = dance_store_walk(store)) == NULL)
		return DANCE_ERR_CONFIG;
	if ((names = calloc(DANCE_STORE_LIST_MAX, sizeof(*names))) == NULL) {
		closedir(dir);
		return DANCE_ERR_INTERNAL;
	}
	while (n < DANCE_STORE_LIST_MAX && (entry = readdir(dir)) != NULL) {
		if (!wants(entry->d_name))
			continue;
		if ((names[n] = strdup(entry->d_name)) == NULL)
			break;
		n++;
	}
	closedir(dir);
	*ret = names;
	*ret_n = n;
	return 0;
}

int
dance_store_list(const struct dance_store *store, char ***ret, size_t *ret_n)
{
	return folder_list(store, dance_store_name_is_valid, ret, ret_n);
}

int
dance_store_list_foreign(
    const struct dance_store *store, char ***ret, size_t *ret_n)
{
	return folder_list(store, name_is_foreign, ret, ret_n);
}
