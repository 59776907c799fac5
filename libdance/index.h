/* SPDX-License-Identifier: ISC */
/*
 * The index of the accounts map, /var/lib/dance/accounts.db: a constant
 * database in the format of cdb (cr.yp.to/cdb/cdb.txt), made by "dancectl
 * compile" and replaced by rename alone.  This is its reader, for the engine
 * and for the NSS module: libc alone, no mapping, no memory, a few reads of
 * bounded size for each key.  What is read is copied, then checked.
 *
 * Keys are one letter and a text; a key may have many records:
 *
 *	H		the header; the first record of the file
 *	X		the shapes of the patterns
 *	C		what dance.conf says of provisioned accounts
 *	L PATTERN	a line with this first column
 *	A ACCOUNT	a line that lets a literal identity use the account
 *	S ACCOUNT	another line that names it: with "*", or refusing
 *	U		a line with "%u" that lets somebody in
 *	P ACCOUNT	how an account that a line names is provisioned
 *
 * A, S and U hold the offset of the record L.  Each value ends in a checksum
 * over key and value; an L has one more behind its head, which is all that the
 * NSS module reads of it.  The hash tables have checksums too, block by block,
 * behind them: a record that damage hides may be one that refuses.  Structures
 * stand as they are in memory: the file is read where it was made.
 */
#ifndef DANCE_INDEX_H
#define DANCE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "error.h"
#include "identity.h"
#include "salt.h"

#define DANCE_INDEX_FILE    DANCE_STATEDIR "/accounts.db"
#define DANCE_REGISTER_FILE DANCE_STATEDIR "/register.db"

#define DANCE_INDEX_VERSION    3
#define DANCE_REGISTER_VERSION 2    /* read too, of a register */
#define DANCE_INDEX_COLUMN_MAX 1024 /* octets with NUL, of the second column */
#define DANCE_INDEX_KEY_MAX    (1 + DANCE_IDENTITY_MAX)
#define DANCE_INDEX_SHAPES_MAX 32 /* forms of patterns in one map */
#define DANCE_INDEX_PATH_MAX   256
#define DANCE_INDEX_SAME_MAX   4096 /* records of one key; "A" has fewer */
#define DANCE_INDEX_A_MAX      1025 /* more are too many for a decision */

enum dance_index_key {
	DANCE_INDEX_HEADER = 'H',
	DANCE_INDEX_SHAPES = 'X',
	DANCE_INDEX_SETTINGS = 'C',
	DANCE_INDEX_LINES = 'L',
	DANCE_INDEX_ACCOUNT = 'A',
	DANCE_INDEX_STARS = 'S',
	DANCE_INDEX_SELF = 'U',
	DANCE_INDEX_PROVISION = 'P',
	DANCE_INDEX_NAME = 'n', /* of the register */
	DANCE_INDEX_UID = 'u',
};

/*
 * The form of patterns that are not literal: how many pieces (uid and labels)
 * they have, and where "*" and "%u" stand.
 */
struct dance_index_shape {
	uint8_t n_pieces; /* 0 ends the list */
	uint8_t is_user;  /* the first piece is a uid */
	uint8_t reserved[6];
	uint8_t stars[16];    /* bit i of octet i / 8: piece i is "*" */
	uint8_t accounts[16]; /* the same for "%u" */
};

#define DANCE_INDEX_HAS_LOGIN_NAMES 0x01 /* dance.conf: login-names */
#define DANCE_INDEX_PROVISIONS_ALL  0x02 /* a line "%u... %u provision" */
#define DANCE_INDEX_PROVISIONS	    0x04 /* any line with provision */
#define DANCE_INDEX_ENUMERATES	    0x08 /* dance.conf: provision-enumerate */

/*
 * The hash tables, and the pointers to them, are read and checked in blocks of
 * so many octets.
 */
#define DANCE_INDEX_BLOCK    256
#define DANCE_INDEX_POINTERS 8 /* blocks of pointers */

/* It is read for each name, and so is short. */
struct dance_index_header {
	char magic[8]; /* DANCE_INDEX_MAGIC */
	uint32_t version;
	uint32_t flags;
	uint64_t file_size;
	uint64_t sources; /* fingerprint of what it was made of */
	uint32_t uid_min;
	uint32_t provision_first;
	uint32_t provision_last;
	uint32_t n_lines;
	uint32_t n_shapes;    /* in the value of X */
	uint32_t shapes_at;   /* where that value stands, */
	uint32_t settings_at; /* and that of C */
	uint32_t tables_at;   /* the hash tables; they end where */
	uint32_t sums_at;     /* the checksums of their blocks begin */
	uint32_t uid_max;
	uint64_t pointers[DANCE_INDEX_POINTERS]; /* checksums */
};

/* Of dance.conf; texts end in NUL. */
struct dance_index_settings {
	char home[DANCE_INDEX_PATH_MAX];  /* provision-home */
	char shell[DANCE_INDEX_PATH_MAX]; /* provision-shell */
	struct dance_salt salt;		  /* provision-salt */
	uint32_t reserved;
};

#define DANCE_INDEX_MAGIC "DANCEIDX"

/* Where the header stands: behind the tables, two lengths and its key. */
#define DANCE_INDEX_HEADER_AT 2057

/* The value of a P: what one line says of one account. */
struct dance_index_provision {
	uint32_t uid;	/* uid=N; 0: by the register, or the account's name */
	uint32_t flags; /* DANCE_INDEX_LINE_LITERAL, or 0 */
};

/* Flags of a line. */
#define DANCE_INDEX_LINE_REFUSES 0x01
#define DANCE_INDEX_LINE_LITERAL 0x02 /* the pattern is */

/*
 * The head of an L.  Behind it stand the second column of the line, and then
 * the whole line, as it is in the file, without its newline.
 */
struct dance_index_line {
	uint32_t flags;
	uint32_t file; /* its number, in map order */
	uint32_t number;
	uint32_t accounts_len;
	uint32_t line_len;
	uint32_t reserved;
	uint64_t sum; /* over key, the head with 0 here, and the column */
};

/*
 * The start of the file, with the pointers to the hash tables, the header, and
 * most often the shapes (up to six of them) and the settings, is read once; a
 * record with its lengths and key, once too.
 */
#define DANCE_INDEX_START  3048
#define DANCE_INDEX_WINDOW 384

struct dance_index {
	int fd;		    /* -1 when mapped */
	const uint8_t *map; /* NULL: read */
	uint64_t size;
	struct dance_index_header header;
	size_t start_len;
	uint64_t window_at;
	size_t window_len;
	uint8_t start[DANCE_INDEX_START];
	uint8_t window[DANCE_INDEX_WINDOW];
};

/*
 * Open the file and check owner (root), mode (not writable by others), kind,
 * size, version and the header's checksum.  Returns 0, or an errno value that
 * says why not: ENOENT, EPERM (owner or mode), EPROTO (another version), EIO
 * (damaged), or open()'s own.  Close with dance_index_close().
 */
int dance_index_open(const char *path, struct dance_index *ret);

/*
 * Map the file, whose descriptor is closed: for a process that is about to
 * lose all of them.  Returns 0 or an errno value.
 */
int dance_index_map(struct dance_index *index);

void dance_index_close(struct dance_index *index);

/* A walk over the records of one key. */
struct dance_index_walk {
	struct dance_index *index;
	uint32_t hash;
	uint64_t table; /* offset of the hash table */
	uint32_t n_slots;
	uint32_t n_seen;
	uint64_t block; /* the one in slots; UINT64_MAX: none yet */
	uint8_t slots[DANCE_INDEX_BLOCK];
	uint8_t key[DANCE_INDEX_KEY_MAX];
	uint32_t key_len;
};

/* Where a value stands in the file, and the key that it belongs to. */
struct dance_index_value {
	uint64_t at;
	uint32_t len; /* without its checksum */
	uint64_t sum; /* of the key */
};

/*
 * Begin; text is what stands behind the letter, len octets.  Returns 0, ENOENT
 * for a text that is too long for a key, or EIO.
 */
int dance_index_find(struct dance_index *index, enum dance_index_key letter,
    const char *text, size_t len, struct dance_index_walk *ret);

/* The next value: 0, ENOENT behind the last, or EIO for a damaged file. */
int dance_index_next(
    struct dance_index_walk *walk, struct dance_index_value *ret);

/*
 * Copy a value that has len octets, no more and no less, and check its
 * checksum.  Returns 0 or EIO.
 */
int dance_index_read(struct dance_index *index,
    const struct dance_index_value *value, void *data, size_t len);

/*
 * The first value of a key, of size octets at most.  Returns 0, ENOENT for
 * none, or EIO.
 */
int dance_index_get(struct dance_index *index, enum dance_index_key letter,
    const char *text, void *ret, size_t size, size_t *ret_len);

/*
 * The head of an L and the second column, which goes into accounts and ends in
 * NUL there.  Returns 0 or EIO.
 */
int dance_index_read_line(struct dance_index *index,
    const struct dance_index_value *value, struct dance_index_line *ret,
    char accounts[DANCE_INDEX_COLUMN_MAX]);

/*
 * The whole line behind a head that was read, borrowed from a mapped index;
 * NULL if the file is damaged.  line_len octets, no NUL.
 */
const char *dance_index_text(struct dance_index *index,
    const struct dance_index_value *value, const struct dance_index_line *line);

/*
 * The same for the L whose record stands at an offset, found by A, S or U, and
 * the value that it has.
 */
int dance_index_follow(
    struct dance_index *index, uint32_t offset, struct dance_index_value *ret);

/* A record, and the offset of the one behind it. */
struct dance_index_record {
	uint8_t key[DANCE_INDEX_KEY_MAX];
	uint32_t key_len;
	struct dance_index_value value;
	uint64_t next;
};

/*
 * All records, one after the other: that at an offset, with its checksum
 * checked, or the first one for 0.  Returns 0, ENOENT behind the last, or EIO,
 * as for an offset where none begins.  Walk on from ret->next, which is always
 * further on.
 */
int dance_index_step(
    struct dance_index *index, uint64_t at, struct dance_index_record *ret);

/*
 * The shapes, DANCE_INDEX_SHAPES_MAX at most, and the settings.  0 or EIO, as
 * from dance_index_next().
 */
int dance_index_shapes(struct dance_index *index,
    struct dance_index_shape ret[DANCE_INDEX_SHAPES_MAX], size_t *ret_n);
int dance_index_settings(
    struct dance_index *index, struct dance_index_settings *ret);

/*
 * For the reader's own files: len octets from an offset on, all inside the
 * file, by as few reads as can be; 0 or an errno value.  A number of cdb.
 */
int dance_index_copy(
    struct dance_index *index, uint64_t at, void *data, size_t len);
uint32_t dance_index_u32(const uint8_t *p);

/* The checksum over key and value; FNV-1a of 64 bits. */
uint64_t dance_index_sum(uint64_t sum, const void *data, size_t len);
#define DANCE_INDEX_SUM_START 0xcbf29ce484222325ULL

/*
 * That of a block of pointers or slots, which stands at this offset; len is a
 * multiple of 8.
 */
uint64_t dance_index_block_sum(uint64_t at, const void *data, size_t len);

/*
 * The pattern of this shape that would mean the identity: "*" in the place of
 * its pieces, "%u" where the shape has it; ret_account then gets what stands
 * there (both of DANCE_IDENTITY_MAX + 1 octets).  False if the identity has
 * another form, or if two "%u" would be different names.
 */
bool dance_index_shape_fit(const struct dance_index_shape *shape,
    const char *identity, char *ret_pattern, char *ret_account);

/*
 * The uid that a name gives a provisioned account: always the same for a salt,
 * a name and a range (first to last, which are not 0).  Without a salt anybody
 * can look for a name that has a wanted uid.
 */
uint32_t dance_index_uid(const struct dance_salt *salt, const char *account,
    uint32_t first, uint32_t last);

#endif
