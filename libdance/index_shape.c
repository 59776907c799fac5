/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "index.h"

static bool
bit_is_set(const uint8_t *bits, unsigned i)
{
	return (bits[i / 8] & (1U << i % 8)) != 0;
}

static bool
text_add(char *ret, size_t *used, const char *text, size_t len)
{
	if (len > DANCE_IDENTITY_MAX - *used)
		return false;
	memcpy(ret + *used, text, len);
	*used += len;
	ret[*used] = '\0';
	return true;
}

/* "%u" stands for one and the same name wherever it stands. */
static bool
account_take(char *account, const char *piece, size_t len)
{
	if (account[0] != '\0')
		return strlen(account) == len &&
		    memcmp(account, piece, len) == 0;
	memcpy(account, piece, len);
	account[len] = '\0';
	return true;
}

bool
dance_index_shape_fit(const struct dance_index_shape *shape,
    const char *identity, char *ret_pattern, char *ret_account)
{
	bool is_user = strchr(identity, '@') != NULL;
	size_t len, used = 0;
	unsigned i;

	ret_account[0] = '\0';
	ret_pattern[0] = '\0';
	if (is_user != (shape->is_user != 0) ||
	    strlen(identity) > DANCE_IDENTITY_MAX || shape->n_pieces > 128)
		return false;
	for (i = 0; i < shape->n_pieces; i++, identity += len + 1) {
		len = strcspn(identity, i == 0 && is_user ? "@" : ".");
		if (bit_is_set(shape->stars, i)) {
			if (!text_add(ret_pattern, &used, "*", 1))
				return false;
		} else if (bit_is_set(shape->accounts, i)) {
			if (!account_take(ret_account, identity, len) ||
			    !text_add(ret_pattern, &used, "%u", 2))
				return false;
		} else if (!text_add(ret_pattern, &used, identity, len))
			return false;
		if (identity[len] == '\0')
			return i + 1 == shape->n_pieces;
		if (!text_add(ret_pattern, &used, identity + len, 1))
			return false;
	}
	return false;
}

static struct dance_index_value
single_value(enum dance_index_key letter, uint32_t at, size_t len)
{
	uint8_t key = (uint8_t)letter;

	return (struct dance_index_value){ at, (uint32_t)len,
		dance_index_sum(DANCE_INDEX_SUM_START, &key, 1) };
}

int
dance_index_shapes(struct dance_index *index,
    struct dance_index_shape ret[DANCE_INDEX_SHAPES_MAX], size_t *ret_n)
{
	const struct dance_index_header *header = &index->header;
	struct dance_index_value value;

	if (header->n_shapes > DANCE_INDEX_SHAPES_MAX)
		return EIO;
	*ret_n = header->n_shapes;
	value = single_value(DANCE_INDEX_SHAPES, header->shapes_at,
	    header->n_shapes * sizeof(ret[0]));
	return dance_index_read(index, &value, ret, value.len);
}

int
dance_index_settings(
    struct dance_index *index, struct dance_index_settings *ret)
{
	struct dance_index_value value = single_value(
	    DANCE_INDEX_SETTINGS, index->header.settings_at, sizeof(*ret));
	int r;

	if ((r = dance_index_read(index, &value, ret, sizeof(*ret))) != 0)
		return r;
	return ret->home[sizeof(ret->home) - 1] == '\0' &&
		ret->shell[sizeof(ret->shell) - 1] == '\0' &&
		(ret->salt.len == 0 ||
		    (ret->salt.len >= DANCE_SALT_MIN &&
			ret->salt.len <= DANCE_SALT_MAX))
	    ? 0
	    : EIO;
}

/*
 * Without a salt, as all versions had it: the last step of MurmurHash3, since
 * FNV alone is weak in its low bits.
 */
static uint64_t
name_hash(const char *account)
{
	uint64_t sum =
	    dance_index_sum(DANCE_INDEX_SUM_START, account, strlen(account));

	sum ^= sum >> 33;
	sum *= 0xff51afd7ed558ccdULL;
	sum ^= sum >> 33;
	sum *= 0xc4ceb9fe1a85ec53ULL;
	return sum ^ sum >> 33;
}

uint32_t
dance_index_uid(const struct dance_salt *salt, const char *account,
    uint32_t first, uint32_t last)
{
	uint64_t hash = salt->len == 0
	    ? name_hash(account)
	    : dance_salt_hash(salt, account, strlen(account));

	return first + (uint32_t)(hash % ((uint64_t)last - first + 1));
}
