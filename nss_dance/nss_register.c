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
	struct dance_index_value value;
	struct dance_index_walk walk;
	char key[16];
	int r, n;

	ret[0] = '\0';
	n = snprintf(key, sizeof(key), "%u", uid);
	r = dance_index_find(reg, DANCE_INDEX_UID, key, (size_t)n, &walk);
	if (r == 0)
		r = dance_index_next(&walk, &value);
	if (r != 0)
		return r == ENOENT ? 0 : r;
	if (value.len == 0 || value.len >= NSS_ACCOUNT_MAX)
		return EIO;
	r = dance_index_read(reg, &value, ret, value.len);
	ret[r == 0 ? value.len : 0] = '\0';
	return r;
}

int
nss_register_check(const char *name, uint32_t uid)
{
	char owner[NSS_ACCOUNT_MAX];
	struct dance_index_value value;
	struct dance_index_walk walk;
	struct dance_index reg;
	uint32_t known;
	int r = nss_index_open(DANCE_REGISTER_FILE, &reg);

	/* Nobody has come in yet. */
	if (r != 0)
		return r == ENOENT ? 0 : r;
	if ((r = register_name(&reg, uid, owner)) != 0)
		goto out;
	if (owner[0] != '\0' && strcmp(owner, name) != 0) {
		r = ENOENT;
		goto out;
	}
	r = dance_index_find(&reg, DANCE_INDEX_NAME, name, strlen(name), &walk);
	if (r == 0)
		r = dance_index_next(&walk, &value);
	if (r == 0)
		r = dance_index_read(&reg, &value, &known, sizeof(known));
	else if (r == ENOENT) {
		r = 0;
		goto out;
	}
	if (r == 0 && known != uid)
		r = ENOENT;
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
