/* SPDX-License-Identifier: ISC */
/*
 * A walk over the heads of ASN.1 values, with OpenSSL's own reader of them, up
 * to the algorithm of a key.
 */
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <string.h>

#include "error.h"
#include "x509_key.h"

#define BAD_HEAD	0x80 /* what ASN1_get_object() returns */
#define INDEFINITE_HEAD 0x01

struct oid {
	const char *octets;
	size_t len;
	bool needs_curve; /* an OID must follow as parameter */
};

#define OID(text, needs_curve)                      \
	{                                           \
		text, sizeof(text) - 1, needs_curve \
	}

static const struct oid oids[] = {
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", false), /* RSA */
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", false), /* RSASSA-PSS */
	OID("\x2a\x86\x48\xce\x38\x04\x01", false),	    /* DSA */
	OID("\x2b\x65\x70", false),			    /* Ed25519 */
	OID("\x2b\x65\x71", false),			    /* Ed448 */
	OID("\x2a\x86\x48\xce\x3d\x02\x01", true),	    /* id-ecPublicKey */
};

/* Cut the next value off in; ret is what stands inside it. */
static int
value_read(struct dance_bytes *in, int *ret_tag, struct dance_bytes *ret)
{
	const unsigned char *next = in->data;
	long len;
	int head, class;

	if (in->len == 0)
		return DANCE_ERR_FORMAT;
	head = ASN1_get_object(&next, &len, ret_tag, &class, (long)in->len);
	if ((head & (BAD_HEAD | INDEFINITE_HEAD)) != 0 || len < 0) {
		ERR_clear_error();
		return DANCE_ERR_FORMAT;
	}
	/* A context tag is none of the universal ones. */
	if (class != V_ASN1_UNIVERSAL)
		*ret_tag = -1;
	*ret = (struct dance_bytes){ next, (size_t)len };
	in->len -= (size_t)(next + len - in->data);
	in->data = next + len;
	return 0;
}

static int
sequence_read(struct dance_bytes *in, struct dance_bytes *ret)
{
	int tag;

	if (value_read(in, &tag, ret) != 0 || tag != V_ASN1_SEQUENCE)
		return DANCE_ERR_FORMAT;
	return 0;
}

static const struct oid *
oid_find(struct dance_bytes octets)
{
	size_t i;

	for (i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
		if (oids[i].len == octets.len &&
		    memcmp(oids[i].octets, octets.data, octets.len) == 0)
			return &oids[i];
	return NULL;
}

bool
dance_spki_is_known(struct dance_bytes der)
{
	struct dance_bytes spki, algorithm, value;
	const struct oid *oid;
	int tag;

	if (sequence_read(&der, &spki) != 0 ||
	    sequence_read(&spki, &algorithm) != 0 ||
	    value_read(&algorithm, &tag, &value) != 0 || tag != V_ASN1_OBJECT ||
	    (oid = oid_find(value)) == NULL)
		return false;
	if (!oid->needs_curve)
		return true;
	return value_read(&algorithm, &tag, &value) == 0 &&
	    tag == V_ASN1_OBJECT;
}

/* RFC 5280, 4.1: what stands before the key in a certificate. */
bool
dance_cert_key_is_known(struct dance_bytes der)
{
	struct dance_bytes cert, tbs, value;
	int tag, i, n;

	if (sequence_read(&der, &cert) != 0 || sequence_read(&cert, &tbs) != 0)
		return false;
	if (value_read(&tbs, &tag, &value) != 0)
		return false;
	/* With a version in front: serial, algorithm, issuer, dates, subject */
	n = tag == -1 ? 5 : 4;
	for (i = 0; i < n; i++)
		if (value_read(&tbs, &tag, &value) != 0)
			return false;
	return dance_spki_is_known(tbs);
}
