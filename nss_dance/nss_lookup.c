/* SPDX-License-Identifier: ISC */
/*
 * Names are judged before any file is opened, and what has no chance of being
 * one of ours costs nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nss_lookup.h"
#include "nss_name.h"
#include "nss_register.h"

#define UID_NOBODY 65534

/* A uid or gid that is no account's own. */
static bool
number_is_nobody(uint32_t number)
{
	return number == UID_NOBODY || number == UINT32_MAX;
}

/* The accounts that the lines of an identity name. */
struct naming {
	struct dance_index *index;
	char account[NSS_ACCOUNT_MAX];
	unsigned n; /* different ones */
	bool is_literal;
	bool has_lines; /* refusing ones too: it is an identity's name */
};

static void
naming_add(struct naming *naming, const char *name, size_t len, bool is_literal)
{
	if (len == 0 || len >= sizeof(naming->account))
		return;
	if (naming->n > 0 && strlen(naming->account) == len &&
	    memcmp(naming->account, name, len) == 0) {
		naming->is_literal |= is_literal;
		return;
	}
	naming->n++;
	memcpy(naming->account, name, len);
	naming->account[len] = '\0';
	naming->is_literal = is_literal;
}

/* The lines of one pattern; self is what stands for "%u" in it, or "". */
static int
naming_pattern(struct naming *naming, const char *pattern, const char *self)
{
	char accounts[DANCE_INDEX_COLUMN_MAX], *name;
	struct dance_index_value value;
	struct dance_index_walk walk;
	struct dance_index_line line;
	size_t len;
	int r;

	r = dance_index_find(
	    naming->index, DANCE_INDEX_LINES, pattern, strlen(pattern), &walk);
	while (r == 0 && (r = dance_index_next(&walk, &value)) == 0) {
		if ((r = dance_index_read_line(
			 naming->index, &value, &line, accounts)) != 0)
			return r;
		naming->has_lines = true;
		if ((line.flags & DANCE_INDEX_LINE_REFUSES) != 0)
			continue;
		if (self[0] != '\0') {
			naming_add(naming, self, strlen(self), false);
			continue;
		}
		for (name = accounts; *name != '\0';
		     name += len + (name[len] != '\0' ? 1 : 0)) {
			len = strcspn(name, ",");
			naming_add(naming, name, len,
			    (line.flags & DANCE_INDEX_LINE_LITERAL) != 0);
		}
	}
	return r == ENOENT ? 0 : r;
}

static int
naming_run(struct naming *naming, const char *name)
{
	struct dance_index_shape shapes[DANCE_INDEX_SHAPES_MAX];
	char pattern[DANCE_IDENTITY_MAX + 1], self[DANCE_IDENTITY_MAX + 1];
	size_t i, n;
	int r;

	if ((r = naming_pattern(naming, name, "")) != 0 ||
	    (r = dance_index_shapes(naming->index, shapes, &n)) != 0)
		return r;
	for (i = 0; r == 0 && i < n; i++)
		if (dance_index_shape_fit(&shapes[i], name, pattern, self))
			r = naming_pattern(naming, pattern, self);
	return r;
}

/*
 * The one account of an identity, and its entry.  *ret_is_identity is true if
 * any line is about the name, even one that refuses: then it is no account of
 * its own.
 */
static __attribute__((noinline)) int
identity_find(struct dance_index *index, const char *name,
    bool *ret_is_identity, struct nss_found *ret)
{
	struct naming naming = { .index = index };
	struct nss_passwd passwd = { .name = name };
	struct nss_group group = { .name = name };
	int r;

	*ret_is_identity = true;
	if ((r = naming_run(&naming, name)) != 0)
		return r;
	*ret_is_identity = naming.has_lines;
	if (naming.n != 1)
		return ENOENT;
	passwd.account = naming.account;
	if ((r = nss_passwd_walk(&passwd)) != 0)
		return r;
	if ((r = nss_group_walk(&group)) != 0)
		return r;
	if (passwd.is_name_taken || group.is_name_taken ||
	    !passwd.entry.is_found || passwd.entry.uid == 0 ||
	    number_is_nobody(passwd.entry.uid) ||
	    number_is_nobody(passwd.entry.gid) ||
	    (!naming.is_literal &&
		(passwd.entry.uid < index->header.uid_min ||
		    passwd.entry.uid > index->header.uid_max)))
		return ENOENT;
	memcpy(ret->account, naming.account, sizeof(ret->account));
	ret->entry = passwd.entry;
	return 0;
}

/* What the lines say of a name that they provision. */
struct provision {
	uint32_t fixed; /* uid=N; 0: none */
	bool is_named;
	bool is_literal; /* by a line without a sign, too */
};

/* EEXIST if they give it several uids. */
static int
provision_read(
    struct dance_index *index, const char *name, struct provision *provision)
{
	struct dance_index_provision said;
	struct dance_index_value value;
	struct dance_index_walk walk;
	int r;

	r = dance_index_find(
	    index, DANCE_INDEX_PROVISION, name, strlen(name), &walk);
	while (r == 0 && (r = dance_index_next(&walk, &value)) == 0) {
		r = dance_index_read(index, &value, &said, sizeof(said));
		if (r != 0)
			return r;
		/* What is fixed on one line holds for them all. */
		if (said.uid != 0 && provision->fixed != 0 &&
		    said.uid != provision->fixed)
			return EEXIST;
		if (said.uid != 0)
			provision->fixed = said.uid;
		provision->is_named = true;
		provision->is_literal |=
		    (said.flags & DANCE_INDEX_LINE_LITERAL) != 0;
	}
	return r == ENOENT ? 0 : r;
}

/*
 * The uid that a name has, or would have: of its line, of the register, or by
 * the name itself.  Where the site has no salt, only an administrator who has
 * written a literal line has seen to it that the name is not made for its uid.
 * ENOENT for none, EEXIST for several, or for one that the register gives to
 * another.  With *ret_of_all no line names it.
 */
static int
provision_uid(struct dance_index *index, const struct dance_salt *salt,
    const char *name, uint32_t *ret, bool *ret_of_all)
{
	const struct dance_index_header *header = &index->header;
	struct provision provision = { .fixed = 0 };
	uint32_t hashed = 0, uid;
	int r;

	if ((r = provision_read(index, name, &provision)) != 0)
		return r;
	if (!provision.is_named &&
	    ((header->flags & DANCE_INDEX_PROVISIONS_ALL) == 0 ||
		!nss_name_is_self(name, strlen(name))))
		return ENOENT;
	if (salt->len != 0 || provision.is_literal)
		hashed = dance_index_uid(salt, name, header->provision_first,
		    header->provision_last);
	r = nss_register_uid(name, provision.fixed, hashed, &uid);
	if (r == 0 && number_is_nobody(uid))
		r = ENOENT;
	if (r != 0)
		return r;
	*ret = uid;
	*ret_of_all = !provision.is_named;
	return 0;
}

/* EEXIST for names and numbers that the host has given to others already. */
static int
local_check(const char *name, uint32_t uid)
{
	struct nss_passwd passwd = {
		.name = name, .uid = uid, .has_uid = true
	};
	struct nss_group group = { .name = name, .gid = uid, .has_gid = true };
	int r;

	if ((r = nss_passwd_walk(&passwd)) != 0 ||
	    (r = nss_group_walk(&group)) != 0)
		return r;
	return passwd.is_name_taken || passwd.is_uid_taken ||
		group.is_name_taken || group.is_gid_taken
	    ? EEXIST
	    : 0;
}

static __attribute__((noinline)) int
provisioned_find(
    struct dance_index *index, const char *name, struct nss_found *ret)
{
	uint32_t uid;
	int r;

	if ((index->header.flags & DANCE_INDEX_PROVISIONS) == 0)
		return ENOENT;
	if ((r = dance_index_settings(index, &ret->settings)) != 0 ||
	    (r = provision_uid(index, &ret->settings.salt, name, &uid,
		 &ret->is_of_all)) != 0 ||
	    (r = local_check(name, uid)) != 0)
		return r;
	ret->account[0] = '\0';
	ret->uid = uid;
	return 0;
}

/*
 * What a name is, for all questions alike: the name of an identity, if any line
 * is about it and login names are on, and else of a provisioned account.
 */
static int
name_find(struct dance_index *index, const char *name, size_t len,
    struct nss_found *ret)
{
	bool is_identity = false;
	int r = ENOENT;

	if ((index->header.flags & DANCE_INDEX_HAS_LOGIN_NAMES) != 0 &&
	    nss_name_is_identity(name, len))
		r = identity_find(index, name, &is_identity, ret);
	if (r == ENOENT && !is_identity && nss_name_is_account(name, len))
		r = provisioned_find(index, name, ret);
	if (r == 0)
		memcpy(ret->name, name, len + 1);
	return r;
}

int
nss_find_name(const char *name, struct nss_found *ret)
{
	size_t len = strnlen(name, sizeof(ret->name));
	struct dance_index index;
	int r;

	/* The first costs less, and most names pass it. */
	if (len >= sizeof(ret->name) ||
	    (!nss_name_is_account(name, len) &&
		!nss_name_is_identity(name, len)))
		return ENOENT;
	if ((r = nss_index_open(DANCE_INDEX_FILE, &index)) != 0)
		/* Missing is not the same as not known. */
		return r == ENOENT ? ENODEV : r;
	r = name_find(&index, name, len, ret);
	dance_index_close(&index);
	return r;
}

int
nss_find_provisioned(const char *name, struct nss_found *ret)
{
	int r = nss_find_name(name, ret);

	return r == 0 && ret->account[0] != '\0' ? ENOENT : r;
}

int
nss_find_group(const char *name, struct nss_found *ret)
{
	char known[NSS_ACCOUNT_MAX];
	int r;

	if ((r = nss_find_provisioned(name, ret)) != 0 || !ret->is_of_all)
		return r;
	if ((r = nss_register_find(ret->uid, known)) != 0)
		return r;
	return strcmp(known, name) == 0 ? 0 : ENOENT;
}

int
nss_find_account(const char *name, struct nss_found *ret)
{
	size_t len = strnlen(name, sizeof(ret->name));
	int r;

	/* Asked for every user who logs in: most names are no identity's. */
	if (len >= sizeof(ret->name) || !nss_name_is_identity(name, len))
		return ENOENT;
	r = nss_find_name(name, ret);
	return r == 0 && ret->account[0] == '\0' ? ENOENT : r;
}

int
nss_find_uid(uid_t uid, struct nss_found *ret)
{
	char name[NSS_ACCOUNT_MAX];
	int r;

	if (uid == 0 || number_is_nobody(uid))
		return ENOENT;
	if ((r = nss_register_find(uid, name)) != 0)
		return r;
	if ((r = nss_find_provisioned(name, ret)) != 0)
		return r;
	return ret->uid == uid ? 0 : ENOENT;
}

int
nss_find_next(uint32_t *at, struct nss_found *ret)
{
	const uint32_t wanted = DANCE_INDEX_ENUMERATES | DANCE_INDEX_PROVISIONS;
	struct dance_index index;
	char name[NSS_ACCOUNT_MAX];
	uint32_t next = *at;
	int r;

	if ((r = nss_index_open(DANCE_INDEX_FILE, &index)) != 0)
		return r == ENOENT ? ENODEV : r;
	if ((index.header.flags & wanted) != wanted)
		r = ENOENT;
	while (r == 0 && (r = nss_register_next(&next, name)) == 0) {
		r = name_find(&index, name, strlen(name), ret);
		if (r == 0 && ret->account[0] == '\0')
			break;
		/* Gone from the map, or another's by now. */
		if (r == ENOENT || r == EEXIST)
			r = 0;
	}
	dance_index_close(&index);
	if (r == 0)
		*at = next;
	return r;
}
