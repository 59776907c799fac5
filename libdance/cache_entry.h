/* SPDX-License-Identifier: ISC */
/*
 * What the cache keeps of one owner name, as the octets of a file, and what
 * may be done with it at a given time.  The RRset is as it was judged when it
 * came; beside it stand the signed answers themselves, by which it can be
 * judged again.
 *
 * A file, in the types of RFC 4251, section 5:
 *
 *	byte[8]	"DANCERR2"
 *	string	the owner name
 *	uint64	born, fresh_until, valid_until, signed_until, fault_until
 *	uint32	min_rsa
 *	string	why: the fault
 *	byte	flags
 *	string	canonical
 *	uint32	how many records; then each rdata as a string
 *	uint32	how many signed answers; then for each
 *		string	name, "." for the root, and a NUL
 *		uint32	type
 *		string	the packet
 *	uint64	a checksum over all that stands before
 */
#ifndef DANCE_CACHE_ENTRY_H
#define DANCE_CACHE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver.h"

#define DANCE_ENTRY_MAX 262144 /* octets of a file */

#define DANCE_DENIAL_MAX_S 60 /* RFC 2308, section 5; RFC 7929, section 5.1 */
#define DANCE_FAULT_S	   5  /* that nobody answered is remembered */

/* Times are seconds since 1970. */
struct dance_entry {
	int64_t born;		 /* when the answer came; 0: there is none */
	int64_t fresh_until;	 /* the first end of a TTL, capped */
	int64_t signed_until;	 /* the first end of a signature; 0: no proof */
	int64_t fault_until;	 /* until then nobody is asked; 0: no fault */
	uint32_t min_rsa;	 /* bits, of the zones' keys that proved it */
	char why[DANCE_WHY_MAX]; /* the fault; printable */
	struct dance_rrset rrset; /* secure, data or denial; if born */
	struct dance_proof_set proof;
};

/*
 * Write an entry.  *ret is malloced.  Returns 0, DANCE_ERR_FORMAT for one that
 * does not fit into DANCE_ENTRY_MAX, or DANCE_ERR_INTERNAL without memory.
 */
int dance_entry_write(const struct dance_entry *entry, const char *owner,
    uint8_t **ret, size_t *ret_len);

/*
 * Read an entry for this owner name; the proof borrows from data.  Returns 0,
 * DANCE_ERR_FORMAT for anything but a whole entry of this name, or
 * DANCE_ERR_INTERNAL without memory.  Free with dance_entry_clear().
 */
int dance_entry_read(
    struct dance_bytes data, const char *owner, struct dance_entry *ret);

void dance_entry_clear(struct dance_entry *entry);

/* When it is no longer fresh or provable (see below); 0: it never is. */
int64_t dance_entry_fresh_end(
    const struct dance_entry *entry, unsigned max_ttl);
int64_t dance_entry_provable_end(
    const struct dance_entry *entry, unsigned bound);

/*
 * Does the answer still hold as it is?  Not beyond max_ttl seconds, whatever
 * the file says, and not where the clock is behind its birth.
 */
bool dance_entry_is_fresh(
    const struct dance_entry *entry, int64_t now, unsigned max_ttl);

/* Is it too early to ask again after a fault? */
bool dance_entry_is_failing(const struct dance_entry *entry, int64_t now);

/*
 * May the answer be judged again from its proof where nobody answers?  Data
 * alone, up to bound seconds after its birth (0: never) and not past the first
 * end of a signature.
 */
bool dance_entry_is_provable(
    const struct dance_entry *entry, int64_t now, unsigned bound);

#endif
