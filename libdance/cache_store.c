/* SPDX-License-Identifier: ISC */
/*
 * Names of files are owner names, which the grammar of identity.h keeps apart
 * from everything else in the folder: they have a dot, and none in front.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache_store.h"
#include "file.h"
#include "identity.h"

#define TEMPORARY     ".new."
#define TEMPORARY_MAX 32
#define STRAY_S	      60	   /* a temporary file that somebody has left */
#define KEEP_MAX_S    (31 * 86400) /* more than any bound in dance.conf */

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
file_read(int fd, size_t size, uint8_t **ret)
{
	uint8_t *data = malloc(size);
	size_t done = 0;
	ssize_t n;

	if (data == NULL)
		return DANCE_ERR_INTERNAL;
	while (done < size) {
		n = pread(fd, data + done, size - done, (off_t)done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			free(data);
			return DANCE_ERR_FORMAT;
		}
		done += (size_t)n;
	}
	*ret = data;
	return 0;
}

int
dance_store_read(const struct dance_store *store, const char *owner, size_t max,
    uint8_t **ret, size_t *ret_len)
{
	struct stat st;
	int fd, r = DANCE_ERR_FORMAT;

	if (store->folder == -1 || !dance_store_name_is_valid(owner))
		return DANCE_ERR_FORMAT;
	fd = openat(store->folder, owner,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return DANCE_ERR_FORMAT;
	if (fstat(fd, &st) == 0 && file_is_ours(&st) && st.st_size > 0 &&
	    (uint64_t)st.st_size <= max &&
	    (r = file_read(fd, (size_t)st.st_size, ret)) == 0)
		*ret_len = (size_t)st.st_size;
	close(fd);
	return r;
}

static int
file_write(int fd, struct dance_bytes data)
{
	size_t done = 0;
	ssize_t n;

	while (done < data.len) {
		n = write(fd, data.data + done, data.len - done);
		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

/* The time of a file is when it is of no use any more. */
static void
file_set_end(int fd, unsigned keep_s)
{
	struct timespec times[2];

	times[0] = times[1] =
	    (struct timespec){ .tv_sec = time(NULL) + (time_t)keep_s };
	(void)futimens(fd, times);
}

static int
file_replace(const struct dance_store *store, const char *owner,
    struct dance_bytes data, unsigned keep_s)
{
	char name[TEMPORARY_MAX];
	int fd, r;

	(void)snprintf(name, sizeof(name), TEMPORARY "%d", (int)getpid());
	/* One of a process that had our number. */
	(void)unlinkat(store->folder, name, 0);
	fd = openat(store->folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return DANCE_ERR_CONFIG;
	r = file_write(fd, data);
	if (r == 0)
		r = renameat(store->folder, name, store->folder, owner);
	/* Not before: whoever is killed leaves one that is soon over. */
	if (r == 0)
		file_set_end(fd, keep_s);
	else
		(void)unlinkat(store->folder, name, 0);
	close(fd);
	return r == 0 ? 0 : DANCE_ERR_CONFIG;
}

static DIR *
folder_walk(const struct dance_store *store)
{
	int fd = openat(store->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);

	if (dir == NULL && fd != -1)
		close(fd);
	return dir;
}

static bool
file_is_over(const struct dance_store *store, const char *name, time_t now)
{
	struct stat st;

	if (strncmp(name, TEMPORARY, strlen(TEMPORARY)) == 0)
		now -= STRAY_S;
	else if (!dance_store_name_is_valid(name))
		return false;
	/* One that is far off is of a clock that was wrong, or a lie. */
	return fstatat(store->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.st_mtime < now || st.st_mtime > now + KEEP_MAX_S);
}

/* Take away what is of no use; how many names are left. */
static size_t
folder_tidy(const struct dance_store *store)
{
	const struct dirent *entry;
	time_t now = time(NULL);
	size_t n = 0;
	DIR *dir;

	/* If it can't be told, there is no room. */
	if ((dir = folder_walk(store)) == NULL)
		return DANCE_STORE_NAMES_MAX;
	while (n < DANCE_STORE_NAMES_MAX && (entry = readdir(dir)) != NULL) {
		if (file_is_over(store, entry->d_name, now))
			(void)unlinkat(store->folder, entry->d_name, 0);
		else if (dance_store_name_is_valid(entry->d_name))
			n++;
	}
	closedir(dir);
	return n;
}

/* They are counted once: many names may come at once. */
static bool
folder_has_room(struct dance_store *store, bool is_data)
{
	size_t room = DANCE_STORE_NAMES_MAX;

	if (!is_data)
		room /= 2;
	if (store->n_names == 0)
		store->n_names = folder_tidy(store);
	if (store->n_names >= room)
		return false;
	store->n_names++;
	return true;
}

int
dance_store_write(struct dance_store *store, const char *owner,
    struct dance_bytes data, unsigned keep_s, bool is_data)
{
	if (store->folder == -1 || !dance_store_name_is_valid(owner))
		return DANCE_ERR_CONFIG;
	if (data.len == 0)
		return unlinkat(store->folder, owner, 0) == 0 || errno == ENOENT
		    ? 0
		    : DANCE_ERR_CONFIG;
	/* A name that has a file takes no room. */
	if (!dance_store_has(store, owner) && !folder_has_room(store, is_data))
		return DANCE_ERR_CONFIG;
	return file_replace(store, owner, data, keep_s);
}

/* What has no business in the folder. */
static bool
name_is_foreign(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	    strcmp(name, DANCE_STORE_LOCK) != 0 &&
	    strcmp(name, DANCE_STORE_MARKS) != 0 &&
	    strncmp(name, TEMPORARY, strlen(TEMPORARY)) != 0 &&
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

	if ((dir = folder_walk(store)) == NULL)
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
