/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nss_register.h"

int
nss_index_open(const char *path, struct dance_index *ret)
{
	int r = dance_index_open(path, ret);

	switch (r) {
	case 0:
	case ENOENT:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return r;
	default:
		return EIO;
	}
}

/* Whom the register knows by a uid: a name, or "" for nobody. */
static int
register_name(struct dance_index *reg, uint32_t uid, char ret[NSS_ACCOUNT_MAX])
{
	char key[16];
	size_t len = 0;
	int r;

	snprintf(key, sizeof(key), "%u", uid);
	r = dance_index_get(
	    reg, DANCE_INDEX_UID, key, ret, NSS_ACCOUNT_MAX - 1, &len);
	if (r == 0 && len == 0)
		r = EIO;
	ret[r == 0 ? len : 0] = '\0';
	return r == ENOENT ? 0 : r;
}

/* The uid that the register has for a name: 0 if it does not know it. */
static int
register_uid(struct dance_index *reg, const char *name, uint32_t *ret)
{
	size_t len = 0;
	int r;

	r = dance_index_get(
	    reg, DANCE_INDEX_NAME, name, ret, sizeof(*ret), &len);
	if (r == 0 && (len != sizeof(*ret) || *ret == 0))
		r = EIO;
	if (r == ENOENT)
		*ret = 0;
	return r == ENOENT ? 0 : r;
}

static __attribute__((noinline)) int
register_settle(
    const char *name, uint32_t fixed, uint32_t hashed, uint32_t *ret)
{
	char owner[NSS_ACCOUNT_MAX] = "";
	struct dance_index reg;
	uint32_t known, uid = 0;
	int r = nss_index_open(DANCE_REGISTER_FILE, &reg);

	if (r != 0)
		return r;
	if ((r = register_uid(&reg, name, &known)) == 0) {
		uid = known != 0 ? known : fixed != 0 ? fixed : hashed;
		r = register_name(&reg, uid, owner);
	}
	dance_index_close(&reg);
	if (r != 0)
		return r;
	if ((fixed != 0 && uid != fixed) ||
	    (owner[0] != '\0' && strcmp(owner, name) != 0))
		return EEXIST;
	*ret = uid;
	return 0;
}

int
nss_register_uid(
    const char *name, uint32_t fixed, uint32_t hashed, uint32_t *ret)
{
	uint32_t uid = fixed != 0 ? fixed : hashed;
	int r = register_settle(name, fixed, hashed, &uid);

	/* Without a register nobody has come in yet. */
	if (r != 0 && r != ENOENT)
		return r;
	if (uid == 0)
		return ENOENT;
	*ret = uid;
	return 0;
}

int
nss_register_find(uid_t uid, char ret[NSS_ACCOUNT_MAX])
{
	struct dance_index reg;
	int r;

	/* Without a register nobody of ours has come in. */
	if ((r = nss_index_open(DANCE_REGISTER_FILE, &reg)) != 0)
		return r;
	r = register_name(&reg, uid, ret);
	dance_index_close(&reg);
	return r == 0 && ret[0] == '\0' ? ENOENT : r;
}

/* Names that no account can have here are passed over, as all other keys. */
static bool
record_names(const struct dance_index_record *record)
{
	size_t len = record->key_len - 1;

	return record->key[0] == DANCE_INDEX_NAME && len < NSS_ACCOUNT_MAX &&
	    memchr(record->key + 1, '\0', len) == NULL;
}

int
nss_register_next(uint32_t *at, char ret[NSS_ACCOUNT_MAX])
{
	struct dance_index_record record;
	struct dance_index reg;
	uint64_t next = *at;
	int r;

	if ((r = nss_index_open(DANCE_REGISTER_FILE, &reg)) != 0)
		return r == ENOENT && *at != 0 ? EIO : r;
	do {
		if ((r = dance_index_step(&reg, next, &record)) == 0)
			next = record.next;
	} while (r == 0 && !record_names(&record));
	dance_index_close(&reg);
	if (r != 0)
		return r;
	memcpy(ret, record.key + 1, record.key_len - 1);
	ret[record.key_len - 1] = '\0';
	*at = (uint32_t)next;
	return 0;
}
