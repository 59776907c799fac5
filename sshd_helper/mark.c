/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache_store.h"
#include "mark.h"

#define MARKS	  64  /* calls that are remembered */
#define MARK_AGE  150 /* seconds: LoginGraceTime and some */
#define TYPE_SIZE 48

struct mark {
	int64_t time; /* 0: free */
	int32_t pid;  /* sshd's, of this connection */
	char type[TYPE_SIZE];
	struct dance_result result; /* what the log would say */
};

#define MARKS_SIZE ((ssize_t)(MARKS * sizeof(struct mark)))

/* Ours alone, or not used: the file in a folder that only we can write to. */
static int
mark_open(const char *cache)
{
	struct stat st;
	int dir, fd;

	if (dance_store_folder(cache, &dir, NULL) != 0)
		return -1;
	fd = openat(dir, DANCE_STORE_MARKS,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	close(dir);
	if (fd == -1)
		return -1;
	/* Not to be waited for: a line too many in the log is no harm. */
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool
mark_equal(const struct mark *a, const struct mark *b)
{
	return a->time > 0 && b->time >= a->time &&
	    b->time - a->time <= MARK_AGE && a->pid == b->pid &&
	    memcmp(a->type, b->type, sizeof(a->type)) == 0 &&
	    memcmp(&a->result, &b->result, sizeof(a->result)) == 0;
}

/* Take the mark out if it is there, else put it in the place of the oldest. */
static bool
mark_exchange(struct mark *marks, const struct mark *mark)
{
	size_t i, oldest = 0;

	for (i = 0; i < MARKS; i++) {
		if (mark_equal(&marks[i], mark)) {
			memset(&marks[i], 0, sizeof(marks[i]));
			return true;
		}
		if (marks[i].time < marks[oldest].time)
			oldest = i;
	}
	marks[oldest] = *mark;
	return false;
}

/* Look at the table in the file, and write it back. */
static bool
mark_update(int fd, const struct mark *mark)
{
	struct mark *marks;
	bool seen;

	if ((marks = calloc(MARKS, sizeof(*marks))) == NULL)
		return false;
	/* A file of another size is an old one's, or none. */
	if (pread(fd, marks, (size_t)MARKS_SIZE, 0) != MARKS_SIZE)
		memset(marks, 0, (size_t)MARKS_SIZE);
	seen = mark_exchange(marks, mark);
	if (pwrite(fd, marks, (size_t)MARKS_SIZE, 0) != MARKS_SIZE)
		seen = false;
	free(marks);
	return seen;
}

/* Octet by octet the same for the same words, whatever stands behind them. */
static void
mark_fill(
    struct mark *mark, const char *type, const struct dance_result *result)
{
	struct dance_result *copy = &mark->result;

	memset(mark, 0, sizeof(*mark));
	mark->time = (int64_t)time(NULL);
	mark->pid = (int32_t)getppid();
	snprintf(mark->type, sizeof(mark->type), "%s", type);
	copy->verdict = result->verdict;
	snprintf(copy->account, sizeof(copy->account), "%s", result->account);
	snprintf(
	    copy->identity, sizeof(copy->identity), "%s", result->identity);
	snprintf(copy->fingerprint, sizeof(copy->fingerprint), "%s",
	    result->fingerprint);
	copy->has_record = result->has_record;
	copy->usage = result->usage;
	copy->selector = result->selector;
	copy->matching = result->matching;
}

bool
helper_mark_seen(
    const char *cache, const char *type, const struct dance_result *result)
{
	struct mark mark;
	bool seen;
	int fd;

	if (result->fingerprint[0] == '\0' || (fd = mark_open(cache)) == -1)
		return false;
	mark_fill(&mark, type, result);
	seen = mark_update(fd, &mark);
	close(fd);
	return seen;
}
