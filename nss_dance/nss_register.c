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

int
nss_register_check(const char *name, uint32_t uid)
{
	char owner[NSS_ACCOUNT_MAX];
	struct dance_index reg;
	uint32_t known;
	size_t len;
	int r = nss_index_open(DANCE_REGISTER_FILE, &reg);

	/* Nobody has come in yet. */
	if (r != 0)
		return r == ENOENT ? 0 : r;
	if ((r = register_name(&reg, uid, owner)) != 0)
		goto out;
	if (owner[0] != '\0' && strcmp(owner, name) != 0) {
		r = EEXIST;
		goto out;
	}
	r = dance_index_get(
	    &reg, DANCE_INDEX_NAME, name, &known, sizeof(known), &len);
	if (r == ENOENT)
		r = 0;
	else if (r == 0 && len != sizeof(known))
		r = EIO;
	else if (r == 0 && known != uid)
		r = EEXIST;
out:
	dance_index_close(&reg);
	return r;
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
