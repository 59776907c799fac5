/* SPDX-License-Identifier: ISC */
/*
 * What glibc calls.  Each function judges, looks up, sizes, and only then
 * writes; what failed has written nothing.  There is no state between calls but
 * where the two walks of setpwent() and setgrent() stand.
 */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <nss.h>
#include <pthread.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nss_lookup.h"
#include "nss_pack.h"

#define NSS_ENTRY __attribute__((visibility("default")))

/* glibc looks them up by name; nobody includes them. */
enum nss_status _nss_dance_getpwnam_r(const char *name, struct passwd *pwd,
    char *buffer, size_t len, int *errnop);
enum nss_status _nss_dance_getpwuid_r(
    uid_t uid, struct passwd *pwd, char *buffer, size_t len, int *errnop);
enum nss_status _nss_dance_getgrnam_r(
    const char *name, struct group *grp, char *buffer, size_t len, int *errnop);
enum nss_status _nss_dance_getgrgid_r(
    gid_t gid, struct group *grp, char *buffer, size_t len, int *errnop);
enum nss_status _nss_dance_initgroups_dyn(const char *user, gid_t group,
    long *start, long *size, gid_t **groupsp, long limit, int *errnop);
enum nss_status _nss_dance_setpwent(int stayopen);
enum nss_status _nss_dance_getpwent_r(
    struct passwd *pwd, char *buffer, size_t len, int *errnop);
enum nss_status _nss_dance_endpwent(void);
enum nss_status _nss_dance_setgrent(int stayopen);
enum nss_status _nss_dance_getgrent_r(
    struct group *grp, char *buffer, size_t len, int *errnop);
enum nss_status _nss_dance_endgrent(void);

/* What every call leaves as it was. */
struct guard {
	int saved_errno;
	int cancel;
	int cancel_type;
};

/*
 * A thread that is cancelled meanwhile must not leave a descriptor open.  The
 * type too: glibc 2.36 looks at that alone when an asynchronous cancellation
 * arrives that was sent a moment before, see fd.h.
 */
static void
guard_enter(struct guard *guard)
{
	guard->saved_errno = errno;
	(void)pthread_setcanceltype(
	    PTHREAD_CANCEL_DEFERRED, &guard->cancel_type);
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &guard->cancel);
}

/* The one table: from errors to what glibc wants to hear. */
static enum nss_status
guard_leave(const struct guard *guard, int error, int *errnop)
{
	(void)pthread_setcancelstate(guard->cancel, NULL);
	(void)pthread_setcanceltype(guard->cancel_type, NULL);
	errno = guard->saved_errno;
	if (error == 0)
		return NSS_STATUS_SUCCESS;
	/* What is another's is not found either. */
	if (error == EEXIST)
		error = ENOENT;
	*errnop = error;
	switch (error) {
	case ENOENT:
		return NSS_STATUS_NOTFOUND;
	case ERANGE:
	case EAGAIN:
		return NSS_STATUS_TRYAGAIN;
	default:
		return NSS_STATUS_UNAVAIL;
	}
}

NSS_ENTRY enum nss_status
_nss_dance_getpwnam_r(
    const char *name, struct passwd *pwd, char *buffer, size_t len, int *errnop)
{
	struct nss_found found;
	struct guard guard;
	int r;

	guard_enter(&guard);
	if ((r = nss_find_name(name, &found)) == 0)
		r = nss_pack_passwd(&found, pwd, buffer, len);
	return guard_leave(&guard, r, errnop);
}

NSS_ENTRY enum nss_status
_nss_dance_getpwuid_r(
    uid_t uid, struct passwd *pwd, char *buffer, size_t len, int *errnop)
{
	struct nss_found found;
	struct guard guard;
	int r;

	guard_enter(&guard);
	if ((r = nss_find_uid(uid, &found)) == 0)
		r = nss_pack_passwd(&found, pwd, buffer, len);
	return guard_leave(&guard, r, errnop);
}

NSS_ENTRY enum nss_status
_nss_dance_getgrnam_r(
    const char *name, struct group *grp, char *buffer, size_t len, int *errnop)
{
	struct nss_found found;
	struct guard guard;
	int r;

	guard_enter(&guard);
	if ((r = nss_find_group(name, &found)) == 0)
		r = nss_pack_group(&found, grp, buffer, len);
	return guard_leave(&guard, r, errnop);
}

NSS_ENTRY enum nss_status
_nss_dance_getgrgid_r(
    gid_t gid, struct group *grp, char *buffer, size_t len, int *errnop)
{
	struct nss_found found;
	struct guard guard;
	int r;

	guard_enter(&guard);
	if ((r = nss_find_uid(gid, &found)) == 0)
		r = nss_pack_group(&found, grp, buffer, len);
	return guard_leave(&guard, r, errnop);
}

/* The list that glibc hands from module to module. */
struct groups {
	gid_t skip;
	long *start;
	long *size;
	gid_t **list;
	long limit;
};

/* Twice the room, up to the limit; 0, or an errno value. */
static int
groups_grow(struct groups *groups)
{
	long size = *groups->size > 0 ? *groups->size : 8;
	gid_t *larger;

	if (size > LONG_MAX / 2 || (size_t)size > SIZE_MAX / 2 / sizeof(gid_t))
		return ENOMEM;
	size *= 2;
	if (groups->limit > 0 && size > groups->limit)
		size = groups->limit;
	larger = realloc(*groups->list, (size_t)size * sizeof(gid_t));
	if (larger == NULL)
		return ENOMEM;
	*groups->list = larger;
	*groups->size = size;
	return 0;
}

static int
groups_add(gid_t gid, void *arg)
{
	struct groups *groups = arg;
	long i;
	int r;

	if (gid == groups->skip)
		return 0;
	for (i = 0; i < *groups->start; i++)
		if ((*groups->list)[i] == gid)
			return 0;
	/* A full list is no error; the rest is left out, as elsewhere. */
	if (groups->limit > 0 && *groups->start >= groups->limit)
		return 0;
	if (*groups->start >= *groups->size && (r = groups_grow(groups)) != 0)
		return r;
	(*groups->list)[(*groups->start)++] = gid;
	return 0;
}

/* An identity has the groups of its account; others get none from us. */
NSS_ENTRY enum nss_status
_nss_dance_initgroups_dyn(const char *user, gid_t group, long *start,
    long *size, gid_t **groupsp, long limit, int *errnop)
{
	struct groups groups = { group, start, size, groupsp, limit };
	struct nss_found found;
	struct guard guard;
	int r;

	guard_enter(&guard);
	if ((r = nss_find_account(user, &found)) == 0)
		r = nss_groups_of(found.account, groups_add, &groups);
	return guard_leave(&guard, r, errnop);
}

/*
 * One walk for a process, as setpwent() and setgrent() have it, whose callers
 * hand over nothing that could tell where theirs stands.  It is an offset in
 * the register, and an offset stays good when the register is replaced
 * (register.h): no descriptor and no memory is kept, and a process that was
 * forked amid a walk goes on by itself.  A mutex would do harm here: a child of
 * fork() has it locked for ever if another thread held it.  glibc has a lock of
 * its own around these calls; threads that come without it share the walk, and
 * each entry goes to one of them.
 */
static _Atomic uint32_t passwd_walk, group_walk;

/*
 * The next entry.  Only what fits moves the walk on: whose buffer is too small
 * asks for the same entry again.
 */
static int
walk_step(_Atomic uint32_t *walk,
    int (*fits)(const struct nss_found *, const char *, size_t),
    const char *buffer, size_t len, struct nss_found *ret)
{
	uint32_t at, next;
	int r;

	do {
		at = next = atomic_load(walk);
		if ((r = nss_find_next(&next, ret)) != 0 ||
		    (r = fits(ret, buffer, len)) != 0)
			return r;
		/* Another thread may have taken it meanwhile. */
	} while (!atomic_compare_exchange_strong(walk, &at, next));
	return 0;
}

/*
 * The end is no error: getpwent() promises errno as it was, and glibc gives us
 * errno itself.
 */
static enum nss_status
walk_leave(const struct guard *guard, int error, int *errnop)
{
	int unused;

	return guard_leave(guard, error, error == ENOENT ? &unused : errnop);
}

NSS_ENTRY enum nss_status
_nss_dance_setpwent(int stayopen)
{
	(void)stayopen;
	atomic_store(&passwd_walk, 0);
	return NSS_STATUS_SUCCESS;
}

NSS_ENTRY enum nss_status
_nss_dance_endpwent(void)
{
	return _nss_dance_setpwent(0);
}

NSS_ENTRY enum nss_status
_nss_dance_getpwent_r(struct passwd *pwd, char *buffer, size_t len, int *errnop)
{
	struct nss_found found;
	struct guard guard;
	int r;

	guard_enter(&guard);
	r = walk_step(&passwd_walk, nss_passwd_fits, buffer, len, &found);
	if (r == 0)
		r = nss_pack_passwd(&found, pwd, buffer, len);
	return walk_leave(&guard, r, errnop);
}

NSS_ENTRY enum nss_status
_nss_dance_setgrent(int stayopen)
{
	(void)stayopen;
	atomic_store(&group_walk, 0);
	return NSS_STATUS_SUCCESS;
}

NSS_ENTRY enum nss_status
_nss_dance_endgrent(void)
{
	return _nss_dance_setgrent(0);
}

NSS_ENTRY enum nss_status
_nss_dance_getgrent_r(struct group *grp, char *buffer, size_t len, int *errnop)
{
	struct nss_found found;
	struct guard guard;
	int r;

	guard_enter(&guard);
	r = walk_step(&group_walk, nss_group_fits, buffer, len, &found);
	if (r == 0)
		r = nss_pack_group(&found, grp, buffer, len);
	return walk_leave(&guard, r, errnop);
}
