/* SPDX-License-Identifier: ISC */
/*
 * Trust anchors: DS or DNSKEY records in zone-file form, of the root or of a
 * zone of one's own.
 */
#ifndef DANCE_ANCHOR_H
#define DANCE_ANCHOR_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "error.h"

#define DANCE_ANCHOR_FILE_MAX	 65536 /* octets */
#define DANCE_ANCHOR_RECORDS_MAX 64

/*
 * One record: its zone, lower case without trailing dot, "." for the root, and
 * its whole line.
 */
struct dance_anchor {
	char *zone;
	char *record;
	uint8_t algorithm;
};

struct dance_anchors {
	unsigned min_rsa; /* bits, of DNSKEY records to be added */
	struct dance_anchor list[DANCE_ANCHOR_RECORDS_MAX];
	size_t n;
};

/*
 * Read all files that the configuration names.  Returns 0, or DANCE_ERR_CONFIG
 * with a fault: no record at all in a file (libunbound would then call
 * everything insecure), a record that is neither DS nor DNSKEY or does not
 * parse, a key or digest that is too weak (auth_key.h) or that this libunbound
 * does not know, a file of RFC 5011 state (its "state" is a comment, and keys
 * that are not trusted yet would be), or what dance_file_read() finds.
 * Free with dance_anchors_free().
 */
int dance_anchors_load(const struct dance_config *config,
    struct dance_anchors **ret, struct dance_fault *fault);

/*
 * Add the records of one file's text, which ends in a NUL that len does not
 * count; name is what faults call the file.  Returns as above, and what was
 * added before a fault stays.
 */
int dance_anchors_add_text(struct dance_anchors *anchors, char *text,
    size_t len, const char *name, struct dance_fault *fault);

/*
 * Does libunbound know the algorithms of the anchors?  Where it does not, it
 * takes them, and calls all below them insecure.  Those that every build has
 * are not tried.  Returns 0, DANCE_ERR_CONFIG with a fault, or
 * DANCE_ERR_INTERNAL.
 */
int dance_anchors_try(
    const struct dance_anchors *anchors, struct dance_fault *fault);

/* Free and set to NULL; takes NULL. */
void dance_anchors_free(struct dance_anchors **anchors);

#endif
