/* SPDX-License-Identifier: ISC */
/*
 * Trust anchors, read and checked before libunbound sees them: a file that it
 * does not understand, or that is empty, makes it call everything insecure or
 * fail only at the first query, and it takes keys of an RFC 5011 state file
 * that are not trusted yet.  It gets the records, never the files.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "anchor.h"
#include "auth_key.h"
#include "file.h"
#include "path.h"

#define BLANKS " \t\r"

#define DNSKEY_ZONE_KEY 0x0100 /* RFC 4034, section 2.1.1 */
#define DNSKEY_REVOKE	0x0080 /* RFC 5011, section 7 */
#define DNSKEY_PROTOCOL 3      /* RFC 4034, section 2.1.2 */

/* Where the reading of a file stands. */
struct cursor {
	const char *name; /* of the file */
	const char *text;
	int line;
	struct dance_fault *fault;
};

static int
cursor_fault(const struct cursor *at, const char *cause)
{
	dance_fault_set(at->fault, "%s:%d: %s", at->name, at->line, cause);
	return DANCE_ERR_CONFIG;
}

/* Where the next entry starts, and its line: ldns has read ahead of both. */
static const char *
cursor_next(struct cursor *at, long offset)
{
	const char *p, *start = at->text + (offset > 0 ? offset : 0);

	start += strspn(start, BLANKS "\n");
	while (*start == ';') {
		start += strcspn(start, "\n");
		start += strspn(start, BLANKS "\n");
	}
	at->line = 1;
	for (p = at->text; p < start; p++)
		if (*p == '\n')
			at->line++;
	return start;
}

static bool
word_is(const char *word, size_t len, const char *want)
{
	return len == strlen(want) && strncasecmp(word, want, len) == 0;
}

/*
 * True for an entry that is worth parsing: a directive, or a record of the
 * right type behind owner, TTL and class.  ldns 1.8 leaks memory in its
 * parsers for some of the other types.
 */
static bool
entry_is_anchor(const char *text, const char *entry)
{
	const char *p = entry;
	size_t len = strcspn(p, BLANKS "\n");

	if (len == 0 || word_is(p, len, "$TTL") || word_is(p, len, "$ORIGIN"))
		return true;
	if (entry == text || entry[-1] == '\n') { /* an owner */
		p += len;
		p += strspn(p, BLANKS);
		len = strcspn(p, BLANKS "\n");
	}
	while (
	    len > 0 && (strspn(p, "0123456789") > 0 || word_is(p, len, "IN"))) {
		p += len;
		p += strspn(p, BLANKS);
		len = strcspn(p, BLANKS "\n");
	}
	return word_is(p, len, "DS") || word_is(p, len, "DNSKEY");
}

/* What unbound, as a daemon, writes into the files that it keeps. */
static bool
text_is_state(struct cursor *at)
{
	static const char *const marks[] = { "; autotrust trust anchor file",
		";;id:", ";;state=" };
	const char *mark = NULL;
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]) && mark == NULL; i++)
		mark = strstr(at->text, marks[i]);
	for (i = 0; mark != NULL && at->text + i < mark; i++)
		if (at->text[i] == '\n')
			at->line++;
	return mark != NULL;
}

static const char *
algorithm_cause(const ldns_rdf *algorithm)
{
	if (algorithm == NULL || ldns_rdf_size(algorithm) != 1)
		return "the record is not complete";
	return dance_auth_algorithm_is_weak(ldns_rdf2native_int8(algorithm))
	    ? "the algorithm of the record is too weak or not supported: use "
	      "8, 10, 13, 14, 15 or 16"
	    : NULL;
}

/* Only names that an identity can lie below; so no escapes in zone or line. */
static bool
zone_is_plain(const char *zone)
{
	return zone[0] != '\0' &&
	    zone[strspn(zone, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] ==
	    '\0';
}

/* A digest of another length matches no key, and all would be bogus. */
static const char *
ds_cause(const ldns_rr *rr)
{
	const ldns_rdf *type = ldns_rr_rdf(rr, 2);
	const ldns_rdf *digest = ldns_rr_rdf(rr, 3);
	const char *cause;
	size_t want;

	if (type == NULL || digest == NULL || ldns_rdf_size(type) != 1)
		return "the DS record is not complete";
	if ((cause = algorithm_cause(ldns_rr_rdf(rr, 1))) != NULL)
		return cause;
	if (ldns_rdf2native_int8(type) == LDNS_SHA1)
		return "the digest of the DS record is of SHA-1, which is too "
		       "weak: use SHA-256 (2)";
	if (dance_auth_digest_is_weak(ldns_rdf2native_int8(type)))
		return "the digest type of the DS record is not 2 or 4";
	want = ldns_rdf2native_int8(type) == LDNS_SHA256
	    ? LDNS_SHA256_DIGEST_LENGTH
	    : LDNS_SHA384_DIGEST_LENGTH;
	if (ldns_rdf_size(digest) != want)
		return "the digest of the DS record has the wrong length";
	return NULL;
}

static const char *
dnskey_flags_cause(const ldns_rr *rr)
{
	const ldns_rdf *flags = ldns_rr_dnskey_flags(rr);
	const ldns_rdf *protocol = ldns_rr_dnskey_protocol(rr);
	const ldns_rdf *key = ldns_rr_dnskey_key(rr);
	uint16_t bits;

	if (flags == NULL || protocol == NULL || key == NULL ||
	    ldns_rdf_size(flags) != 2 || ldns_rdf_size(protocol) != 1 ||
	    ldns_rdf_size(key) == 0)
		return "the DNSKEY record is not complete";
	bits = ldns_rdf2native_int16(flags);
	if ((bits & DNSKEY_ZONE_KEY) == 0)
		return "the DNSKEY record is not a zone key (flag 256)";
	if ((bits & DNSKEY_REVOKE) != 0)
		return "the key of the DNSKEY record is revoked (flag 128)";
	if (ldns_rdf2native_int8(protocol) != DNSKEY_PROTOCOL)
		return "the protocol of the DNSKEY record is not 3";
	return NULL;
}

static const char *
dnskey_cause(const ldns_rr *rr, unsigned min_rsa)
{
	struct dance_auth_key key = { .weak = NULL };
	const char *cause;

	if ((cause = dnskey_flags_cause(rr)) != NULL ||
	    (cause = algorithm_cause(ldns_rr_dnskey_algorithm(rr))) != NULL)
		return cause;
	if (dance_auth_key_read(rr, min_rsa, &key) != 0)
		return "the key of the DNSKEY record is malformed, or of RSA "
		       "above 4096 bits";
	return key.weak;
}

static const char *
record_cause(const ldns_rr *rr, unsigned min_rsa)
{
	if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
		return "a trust anchor must be of class IN";
	if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_DS)
		return ds_cause(rr);
	if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_DNSKEY)
		return dnskey_cause(rr, min_rsa);
	return "a trust anchor must be a DS or DNSKEY record";
}

/* ldns ends a name with a dot and a record with a newline. */
static void
text_cut_last(char *text, char last)
{
	size_t len = strlen(text);

	if (len > 1 && text[len - 1] == last)
		text[len - 1] = '\0';
}

static int
anchors_add(struct dance_anchors *anchors, ldns_rr *rr, const struct cursor *at)
{
	struct dance_anchor *anchor = &anchors->list[anchors->n];
	const char *cause = record_cause(rr, anchors->min_rsa);
	bool is_ds = ldns_rr_get_type(rr) == LDNS_RR_TYPE_DS;

	if (cause != NULL)
		return cursor_fault(at, cause);
	if (anchors->n == DANCE_ANCHOR_RECORDS_MAX)
		return cursor_fault(at, "there are too many trust anchors");
	ldns_dname2canonical(ldns_rr_owner(rr));
	anchor->zone = ldns_rdf2str(ldns_rr_owner(rr));
	anchor->record = ldns_rr2str_fmt(ldns_output_format_nocomments, rr);
	anchor->algorithm = ldns_rdf2native_int8(
	    is_ds ? ldns_rr_rdf(rr, 1) : ldns_rr_dnskey_algorithm(rr));
	anchors->n++;
	if (anchor->zone == NULL || anchor->record == NULL)
		return DANCE_ERR_INTERNAL;
	text_cut_last(anchor->zone, '.');
	text_cut_last(anchor->record, '\n');
	if (!zone_is_plain(anchor->zone))
		return cursor_fault(at, "the zone's name can't be used");
	return 0;
}

static int
anchors_read(struct dance_anchors *anchors, FILE *fp, struct cursor *at)
{
	ldns_rdf *origin = NULL, *previous = NULL;
	ldns_rr *rr = NULL;
	uint32_t ttl = 0;
	ldns_status status;
	const char *entry;
	int r = 0;

	while (r == 0 && !feof(fp)) {
		entry = cursor_next(at, ftell(fp));
		if (!entry_is_anchor(at->text, entry)) {
			r = cursor_fault(at,
			    "neither $TTL, $ORIGIN nor a DS "
			    "or DNSKEY record of class IN");
			break;
		}
		status = ldns_rr_new_frm_fp_l(
		    &rr, fp, &ttl, &origin, &previous, NULL);
		switch (status) {
		case LDNS_STATUS_OK:
			r = anchors_add(anchors, rr, at);
			ldns_rr_free(rr);
			rr = NULL;
			break;
		case LDNS_STATUS_SYNTAX_EMPTY:
		case LDNS_STATUS_SYNTAX_TTL:
		case LDNS_STATUS_SYNTAX_ORIGIN:
			break;
		case LDNS_STATUS_MEM_ERR:
			r = DANCE_ERR_INTERNAL;
			break;
		default:
			r = cursor_fault(at, ldns_get_errorstr_by_id(status));
			break;
		}
	}
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(previous);
	return r;
}

int
dance_anchors_add_text(struct dance_anchors *anchors, char *text, size_t len,
    const char *name, struct dance_fault *fault)
{
	struct cursor at = { name, text, 1, fault };
	size_t before = anchors->n;
	FILE *fp;
	int r;

	if (memchr(text, '\0', len) != NULL)
		return cursor_fault(&at, "a NUL character in a text file");
	if (text_is_state(&at))
		return cursor_fault(&at,
		    "this is RFC 5011 state, in which keys stand that are not "
		    "trusted yet: use /usr/share/dns/root.key, or a file with "
		    "DS or DNSKEY records alone");
	if (len > 0) {
		if ((fp = fmemopen(text, len, "r")) == NULL)
			return DANCE_ERR_INTERNAL;
		r = anchors_read(anchors, fp, &at);
		(void)fclose(fp);
		if (r != 0)
			return r;
	}
	if (anchors->n == before) {
		dance_fault_set(fault, "%s: no trust anchor in it", name);
		return DANCE_ERR_CONFIG;
	}
	return 0;
}

static int
anchors_add_file(struct dance_anchors *anchors,
    const struct dance_config *config, const char *path,
    struct dance_fault *fault)
{
	char *text = NULL;
	size_t len;
	int r;

	r = dance_file_read_once(
	    config->root, path, DANCE_ANCHOR_FILE_MAX, &text, &len, fault);
	if (r == 0)
		r = dance_anchors_add_text(anchors, text, len, path, fault);
	free(text);
	return r;
}

/* The files of all anchors, as one state of them. */
struct anchors_load {
	const struct dance_config *config;
	struct dance_anchors *anchors;
};

static int
load_look(void *arg, struct dance_path_seen *seen, struct dance_fault *fault)
{
	const struct dance_config *config =
	    ((const struct anchors_load *)arg)->config;
	struct stat st;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < config->n_anchors; i++)
		r = dance_file_stat(
		    config->root, config->anchors[i], seen, &st, fault);
	return r;
}

static int
load_read(void *arg, struct dance_fault *fault)
{
	struct anchors_load *load = arg;
	const struct dance_config *config = load->config;
	size_t i;
	int r = 0;

	dance_anchors_free(&load->anchors);
	load->anchors = calloc(1, sizeof(*load->anchors));
	if (load->anchors == NULL)
		return DANCE_ERR_INTERNAL;
	load->anchors->min_rsa = config->min_dnssec_rsa;
	for (i = 0; r == 0 && i < config->n_anchors; i++)
		r = anchors_add_file(
		    load->anchors, config, config->anchors[i], fault);
	return r;
}

int
dance_anchors_load(const struct dance_config *config,
    struct dance_anchors **ret, struct dance_fault *fault)
{
	struct anchors_load load = { .config = config };
	const struct dance_file_set set = { "trust-anchor", load_look,
		load_read, &load };
	int r;

	if (config->n_anchors == 0) {
		dance_fault_set(fault, "trust-anchor: no file is named");
		return DANCE_ERR_CONFIG;
	}
	if ((r = dance_file_set_read(&set, fault)) != 0 ||
	    (r = dance_anchors_try(load.anchors, fault)) != 0)
		goto out;

	*ret = load.anchors;
	load.anchors = NULL;
	r = 0;
out:
	dance_anchors_free(&load.anchors);
	return r;
}

void
dance_anchors_free(struct dance_anchors **anchors)
{
	size_t i;

	if (*anchors == NULL)
		return;
	for (i = 0; i < (*anchors)->n; i++) {
		free((*anchors)->list[i].zone);
		free((*anchors)->list[i].record);
	}
	free(*anchors);
	*anchors = NULL;
}
